import { describe, expect, it } from 'vitest';
import { Lab } from '../../lab/lab.ts';
import { MILLISECOND, SECOND } from '../../sim/clock.ts';
import { startPing } from '../../sim/ping.ts';
import { loadTopology } from '../../topologies/loader.ts';

function listConnected({ controller }: Lab): string[] {
  return controller.switches().map(({ dpid }) => dpid.slice(-1));
}

function countLinks({ controller }: Lab): number {
  return controller.network.graph.filterEdges((_, { kind }) => kind === 'link').length;
}

describe('control channels of a lab', () => {
  it('break and come back as often as one likes; the switch goes on with its rules, and is known again at once', () => {
    const lab = new Lab(loadTopology('linear,3'));
    lab.clock.runUntil(SECOND);
    let received = 0;
    startPing(lab.network.hosts.get('h1')!, lab.network.hosts.get('h3')!.spec.ip!, { count: 1 }, (result) => {
      received = result.received;
    });
    lab.clock.runUntil(3 * SECOND);
    expect(received).toBe(1);
    for (let round = 0; round < 3; round++) {
      lab.disconnect('s2');
      expect(listConnected(lab)).toEqual(['1', '3']);
      // But for the first time, the end of the old stream is still on its way to the switch when it dials anew.
      if (round === 0) lab.clock.runUntil(lab.clock.now + SECOND);
      lab.connect('s2');
      lab.clock.runUntil(lab.clock.now + SECOND);
      expect(listConnected(lab)).toEqual(['1', '2', '3']);
      expect(countLinks(lab)).toBe(2);
      expect(lab.controller.isConverged).toBe(true);
    }
  });

  it('may take each a time of their own, that changes', () => {
    let delay = MILLISECOND;
    const lab = new Lab(loadTopology('linear,2'), { controlDelayNs: (name) => (name === 's2' ? delay : MILLISECOND) });
    const portsDown: number[] = [];
    lab.onEvent((event, now) => {
      if (event.type === 'port-down') portsDown.push(now - lostAt);
    });
    lab.clock.runUntil(SECOND);
    let lostAt = lab.clock.now;
    const cut = (isUp: boolean) => {
      lostAt = lab.clock.now;
      for (const cable of lab.network.cables.values()) if (cable.name.includes('s1:2')) cable.setUp(isUp);
      lab.clock.runUntil(lab.clock.now + SECOND);
    };
    cut(false);
    cut(true);
    delay = 30 * MILLISECOND;
    cut(false);
    expect(portsDown).toEqual([MILLISECOND, MILLISECOND, MILLISECOND, 30 * MILLISECOND]);
  });
});
