import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Routes } from '../../../controller/compile/routes.ts';
import { Network } from '../../../controller/network/network.ts';
import { PORT_STATE } from '../../../protocol/wire/openflow/port.ts';

const DPIDS = Array.from({ length: 6 }, (_, i) => (i + 1).toString(16).padStart(16, '0'));
const PORTS = 4;

function port(portNo: number, isUp: boolean) {
  const speeds = { current: 0, advertised: 0, supported: 0, peer: 0, currentSpeedKbps: 0, maxSpeedKbps: 0 };
  const state = isUp ? 0 : PORT_STATE.linkDown;
  return { portNo, hwAddr: portNo, name: `p${portNo}`, config: 0, state, ...speeds };
}

function tell(routes: Routes): string {
  const dpids = routes.graph.switches();
  const lines = dpids.flatMap((from) =>
    dpids.map((to) => `${from}>${to} ${routes.distance(from, to)} ${routes.equalPorts(from, to)}`),
  );
  return [...lines, [...routes.treePorts()].sort().join(' ')].join('\n');
}

describe('routes that follow a network', () => {
  it('are those of its graph, whatever happened to it', () => {
    const someSwitch = fc.nat(DPIDS.length - 1);
    const somePort = fc.integer({ min: 1, max: PORTS });
    const step = fc.record({
      kind: fc.constantFrom(
        'join',
        'leave',
        'probe',
        'probe',
        'probe',
        'probe',
        'up',
        'down',
        'delete',
        'host',
        'expire',
      ),
      one: someSwitch,
      other: someSwitch,
      portNo: somePort,
      otherPort: somePort,
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
        const routes = new Routes();
        const network = new Network((event) => routes.follow(event));
        const ports = Array.from({ length: PORTS }, (_, i) => port(i + 1, true));
        for (const dpid of DPIDS.slice(1)) network.joinSwitch(dpid, ports, 0);
        routes.prepare(DPIDS.slice(1, 3));
        for (const [i, { kind, one, other, portNo, otherPort }] of steps.entries()) {
          const now = i * 4_000_000_000;
          const [dpid, end] = [DPIDS[one]!, { dpid: DPIDS[one]!, portNo }];
          if (kind === 'join') network.joinSwitch(dpid, ports, now);
          else if (kind === 'leave') network.leaveSwitch(dpid);
          else if (kind === 'probe') network.seeProbe(end, { dpid: DPIDS[other]!, portNo: otherPort }, now);
          else if (kind === 'expire') network.expire(now);
          else if (kind === 'host' && network.hasSwitch(dpid)) network.seeHost(0x020000000000 + other, undefined, end);
          else network.changePort(dpid, port(portNo, kind === 'up'), kind === 'delete', now);
          expect(tell(routes)).toBe(tell(Routes.of(network.graph)));
        }
      }),
      { numRuns: 60 },
    );
  });
});
