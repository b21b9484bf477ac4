/**
 * Whatever is asked of guests, in whatever order and however soon after another: it is done or refused, the nodes' books fit who lives on them, and no frame is lost
 * without a cause.
 *
 * `SLUICE_GUESTS=N` draws N runs.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MILLISECOND, SECOND } from '../../sim/clock.ts';
import { startPing } from '../../sim/ping.ts';
import { GuestRig, refusalOf } from './guest-rig.ts';

const RUNS = Number(process.env.SLUICE_GUESTS ?? 12);
const MIB = 2 ** 20;

const NETWORK = `
defaults: { link: { delay: 100us } }
switches: { s1: }
nodes: { n1: { memory: 1GiB, host: hv-1 }, n2: { memory: 1GiB, host: hv-2 } }
hosts:
  client: { ip: 10.0.0.1/8 }
  hv-1: { ip: 10.0.1.1/8 }
  hv-2: { ip: 10.0.1.2/8 }
  a: { kind: vm, on: n1, memory: 16MiB, boot: 30ms }
  b: { kind: microvm, profile: firecracker, on: n2, memory: 32MiB, start: later, boot: 5ms }
links:
  - [client, s1]
  - [hv-1, s1]
  - [hv-2, s1]
  - { ends: [a, s1], node: n1, name: a-1 }
  - { ends: [a, s1], node: n2, name: a-2 }
  - { ends: [b, s1], node: n1, name: b-1 }
  - { ends: [b, s1], node: n2, name: b-2 }
`;

const VERBS = ['create', 'start', 'pause', 'resume', 'stop', 'delete'] as const;

const guest = fc.constantFrom('a', 'b');
const step = fc.oneof(
  fc.record({ do: fc.constantFrom(...VERBS), guest }),
  fc.record({ do: fc.constant('migrate' as const), guest, to: fc.constantFrom('n1', 'n2') }),
  fc.record({ do: fc.constant('wait' as const), ms: fc.constantFrom(0, 1, 7, 40, 130, 400, 900, 4000) }),
);

function requireBooks(rig: GuestRig): void {
  for (const node of rig.workloads.nodes.values()) {
    const here = [...rig.workloads.guests.values()].filter((one) => {
      const migration = rig.workloads.migrationOf(one.name)?.report;
      return one.node === node || (migration?.state === 'running' && migration.to === node.name);
    });
    expect(node.memoryTakenBytes, node.name).toBe(here.reduce((sum, one) => sum + one.spec.demand.memoryBytes, 0));
  }
  for (const { name, state, card, isMoving } of rig.workloads.guests.values()) {
    const mode = state === 'running' ? 'on' : state === 'paused' ? 'frozen' : 'off';
    expect(card.mode, `${name} is ${state}`).toBe(mode);
    if (rig.workloads.migrationOf(name)?.report.state === 'running') expect(isMoving).toBe(true);
  }
}

describe('guests', () => {
  it('keep the books, and the frames, whatever is asked of them', () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 5, maxLength: 40 }), (steps) => {
        const rig = new GuestRig(NETWORK);
        const ended = new Map<string, number>();
        let begun = 0;
        for (const to of ['a', 'b']) {
          startPing(
            rig.host('client'),
            rig.host(to).spec.ip!,
            { count: 400, intervalNs: 20 * MILLISECOND },
            () => undefined,
          );
        }
        for (const one of steps) {
          if (one.do === 'wait') rig.run(one.ms * MILLISECOND);
          else if (one.do === 'migrate') {
            const id = `${begun}`;
            const refused = refusalOf(() =>
              rig.workloads.migrate(one.guest, one.to, {}, () => ended.set(id, (ended.get(id) ?? 0) + 1)),
            );
            if (!refused) begun++;
          } else refusalOf(() => rig.workloads[one.do](one.guest));
          requireBooks(rig);
        }
        rig.run(60 * SECOND);
        requireBooks(rig);
        expect([...ended.values()]).toEqual(Array(begun).fill(1));
        for (const { isMoving } of rig.workloads.guests.values()) expect(isMoving).toBe(false);
        rig.network.assertConserved();
      }),
      { numRuns: RUNS },
    );
  });

  it('who is stopped, started and moved again before the network has heard of the last move, is moving', () => {
    const rig = new GuestRig(NETWORK);
    expect(rig.migrate('a', 'n2').state).toBe('completed');
    rig.workloads.stop('a');
    rig.workloads.start('a');
    rig.run(40 * MILLISECOND);
    const migration = rig.workloads.migrate('a', 'n1', { budgetBps: MIB });
    rig.run(SECOND);
    expect(migration.report.state).toBe('running');
    expect(rig.guest('a').isMoving).toBe(true);
    expect(refusalOf(() => rig.workloads.pause('a'))?.code).toBe('migrating');
  });
});
