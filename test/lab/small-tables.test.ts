import { describe, expect, it } from 'vitest';
import { LAYOUT } from '../../controller/compile/layout.ts';
import type { ControllerEvent } from '../../controller/controller-event.ts';
import { parsePolicyJson } from '../../controller/policy/policy-entry.ts';
import { Lab } from '../../lab/lab.ts';
import { SECOND } from '../../sim/clock.ts';
import { startPing } from '../../sim/ping.ts';
import { parseTopology } from '../../topologies/topology-file.ts';
import { changePolicy } from '../controller/lab-policies.ts';

const HOSTS = Array.from({ length: 12 }, (_, i) => `h${i + 1}`);
const MAX_ENTRIES = 100;

function crowd(maxEntries: number): Lab {
  const hosts = HOSTS.map((name) => `  ${name}: {}\n`).join('');
  const links = HOSTS.map((name) => `  - [${name}, s1]\n`).join('');
  const text = `apiVersion: sluice/v1\nkind: Topology\nname: crowd\nswitches:\n  s1: { maxEntries: ${maxEntries} }\nhosts:\n${hosts}links:\n${links}`;
  return new Lab(parseTopology(text, 'crowd.yaml'));
}

function pings(lab: Lab, from: string, to: string): boolean {
  let received: number | undefined;
  startPing(lab.network.hosts.get(from)!, lab.network.hosts.get(to)!.spec.ip!, { count: 1 }, (result) => {
    received = result.received;
  });
  lab.runUntil(() => received !== undefined, lab.clock.now + 10 * SECOND);
  return received === 1;
}

/** All know each other, and the policy has been dealt with. */
function settled(maxEntries: number): { readonly lab: Lab; readonly events: readonly ControllerEvent[] } {
  const events: ControllerEvent[] = [];
  const lab = crowd(maxEntries);
  lab.onEvent((event) => events.push(event));
  lab.clock.runUntil(SECOND);
  for (const [i, name] of HOSTS.entries()) expect(pings(lab, name, HOSTS[(i + 1) % HOSTS.length]!)).toBe(true);
  const reading = parsePolicyJson({
    id: 'no-web',
    deny: { from: { all: true }, to: { all: true }, services: ['tcp/80'] },
  });
  if (reading.type === 'refused') throw new Error(reading.mistakes[0]!.reason);
  changePolicy(lab, { type: 'put', policy: reading.value });
  lab.clock.runUntil(lab.clock.now + 10 * SECOND);
  return { lab, events };
}

describe('a switch with small tables', () => {
  it('holds whole senders under a policy that needs more rules than there is room for, and who has none is said and let nothing through', () => {
    const { lab, events } = settled(MAX_ENTRIES);
    const [state] = lab.controller.policies.list();
    expect(state).toMatchObject({
      state: 'degraded',
      reason: expect.stringMatching(/has room for \d+ rules between hosts: nothing that h\d+ and \d+ more sends/),
    });
    const dpid = lab.controller.switches()[0]!.dpid;
    const { planned, room } = lab.controller.tableCount(dpid, LAYOUT.policy.id);
    expect(room).toBe(MAX_ENTRIES);
    expect(planned).toBeLessThanOrEqual(MAX_ENTRIES);
    expect(lab.controller.isConverged).toBe(true);
    expect(events).toContainEqual(
      expect.objectContaining({ type: 'table-short', dpid, tableId: LAYOUT.policy.id, room }),
    );
    expect(pings(lab, 'h1', 'h2')).toBe(true);
    expect(pings(lab, 'h12', 'h11')).toBe(false);
  });

  it('is not asked how small they are where all has room', () => {
    const { lab, events } = settled(100_000);
    expect(lab.controller.policies.list()[0]).toMatchObject({ state: 'installed' });
    expect(lab.controller.tableCount(lab.controller.switches()[0]!.dpid, LAYOUT.policy.id)).toMatchObject({
      room: undefined,
    });
    expect(events.filter(({ type }) => type === 'table-short')).toEqual([]);
    expect(pings(lab, 'h12', 'h11')).toBe(true);
  });
});
