/**
 * Live migration, held against the pre-copy model in closed form (`workloads.md`, 3.7), the times at which QEMU announces a guest, and pings that cross the
 * same network.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ETHER_TYPE } from '../../protocol/wire/packet/ethernet.ts';
import { MILLISECOND, type Nanos, SECOND } from '../../sim/clock.ts';
import { planMigration } from '../../sim/migration-plan.ts';
import { type PingResult, startPing } from '../../sim/ping.ts';
import { GuestRig, refusalOf } from './guest-rig.ts';

const MIB = 2 ** 20;
const GOLDEN = {
  memoryBytes: 4096 * MIB,
  budgetBps: 128 * MIB,
  dirtyBps: 20 * MIB,
  downtimeLimitNs: 300 * MILLISECOND,
};
/** Of the profile, a model. */
const RESUME = 20 * MILLISECOND;

/** A guest with so much memory on n1, and the cables between the nodes and their switch as fast as that. */
function network(memory: string, nodeLink = 'bandwidth: 10Gbps, delay: 20us'): GuestRig {
  return new GuestRig(`
switches: { s1: }
nodes: { n1: { host: hv-1 }, n2: { host: hv-2, memory: 8GiB }, n3: { host: hv-3, memory: 100MiB }, n4: { memory: 8GiB } }
hosts: { client: , other: , hv-1: , hv-2: , hv-3: , g: { kind: vm, on: n1, memory: ${memory} } }
links:
  - { ends: [client, s1], bandwidth: 10Gbps, delay: 20us }
  - { ends: [other, s1], bandwidth: 10Gbps, delay: 20us }
  - { ends: [hv-1, s1], ${nodeLink}, name: n1-up }
  - { ends: [hv-2, s1], ${nodeLink}, name: n2-up }
  - { ends: [hv-3, s1] }
  - { ends: [g, s1], node: n1, name: at-1 }
  - { ends: [g, s1], node: n2, name: at-2 }
  - { ends: [g, s1], node: n3 }
  - { ends: [g, s1], node: n4 }
`);
}

function expectWithin(actual: number | undefined, expected: number, share: number): void {
  expect(Math.abs(actual! / expected - 1), `${actual} is not ${expected}`).toBeLessThan(share);
}

describe('the golden migration', () => {
  it('has its plan: three rounds, 4851.6 MiB, 37.903 s, and 122.1 ms of rest', () => {
    const plan = planMigration({ ...GOLDEN, resumeNs: 0 })!;
    expect(plan.rounds).toBe(3);
    expectWithin(plan.sentBytes, 4851.6 * MIB, 1e-4);
    expectWithin(plan.totalNs, 37.903 * SECOND, 1e-4);
    expectWithin(plan.downtimeNs, 122.1 * MILLISECOND, 1e-3);
  });

  it('takes that on the network, and as many pings are lost as it rests', () => {
    const rig = network('4GiB');
    const INTERVAL = 5 * MILLISECOND;
    let pings: PingResult | undefined;
    // From a second before the guest should rest to a second behind.
    rig.host('client').schedule(36_800 * MILLISECOND, () =>
      startPing(rig.host('client'), rig.host('g').spec.ip!, { count: 440, intervalNs: INTERVAL }, (result) => {
        pings = result;
      }),
    );
    const report = rig.migrate('g', 'n2');
    expect(report).toMatchObject({ state: 'completed', throttle: 0, figures: GOLDEN });
    expect(report.rounds).toHaveLength(3);
    expectWithin(report.totalNs! - RESUME, 37.903 * SECOND, 0.01);
    expectWithin(report.sentBytes, 4851.6 * MIB, 0.01);
    expectWithin(report.measuredDowntimeNs! - RESUME, 122.1 * MILLISECOND, 0.05);
    expectWithin(report.predictedDowntimeNs, report.measuredDowntimeNs!, 0.01);
    rig.run(5 * SECOND);
    const lost = pings!.sent - pings!.received;
    expect(Math.abs(lost - report.measuredDowntimeNs! / INTERVAL)).toBeLessThanOrEqual(1);
    rig.network.assertConserved();
  });
});

describe('on a link that is slower than the budget', () => {
  it('takes correspondingly longer', () => {
    // 512 Mbit/s, of which 1456 bytes of 1538 in each frame are payload.
    const rig = network('256MiB', 'bandwidth: 512Mbps, delay: 20us');
    const budgetBps = ((512e6 / 8) * 1456) / 1538;
    const plan = planMigration({ ...GOLDEN, memoryBytes: 256 * MIB, budgetBps, resumeNs: RESUME })!;
    const report = rig.migrate('g', 'n2');
    expect(report.rounds).toHaveLength(plan.rounds);
    expectWithin(report.totalNs, plan.totalNs, 0.02);
    expectWithin(report.measuredDowntimeNs, plan.downtimeNs, 0.05);
    expect(plan.totalNs).toBeGreaterThan(
      2 * planMigration({ ...GOLDEN, memoryBytes: 256 * MIB, resumeNs: RESUME })!.totalNs,
    );
  });

  it('or on one that others use', () => {
    const rig = network('256MiB', 'bandwidth: 1Gbps, delay: 20us');
    const alone = rig.migrate('g', 'n2').totalNs!;
    rig.run(2 * SECOND);
    // Six tenths of the way back.
    crowd(rig, 'other', 'hv-1', 0.6e9);
    const crowded = rig.migrate('g', 'n1');
    const budgetBps = ((0.4e9 / 8) * 1456) / 1538;
    expectWithin(crowded.totalNs, planMigration({ ...crowded.figures, budgetBps })!.totalNs, 0.05);
    expect(crowded.totalNs).toBeGreaterThan(2 * alone);
  });

  it('and loses frames in a short queue, and nothing of the guest', () => {
    const rig = network('64MiB', 'bandwidth: 200Mbps, delay: 5ms, queue: 8, loss: 0.1%');
    const report = rig.migrate('g', 'n2');
    const { dropped } = rig.network.cables.get('n1-up')!.counters.a;
    expect(dropped['queue-full'] + dropped.loss).toBeGreaterThan(0);
    expect(report.state).toBe('completed');
    expect(['n1', 'n2'].map((name) => rig.workloads.node(name).guests)).toEqual([[], ['g']]);
    expect(rig.ping('client', 'g').received).toBe(1);
    rig.network.assertConserved();
  });
});

it('every byte arrives, whatever the link loses and however short its queue', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 8 }),
      fc.integer({ min: 1, max: 100 }),
      fc.constantFrom('10Gbps', '100Mbps', '20Mbps'),
      fc.constantFrom('0us', '3ms', '60ms'),
      (loss, queue, bandwidth, delay) => {
        const rig = network('3MiB', `bandwidth: ${bandwidth}, delay: ${delay}, loss: ${loss}%, queue: ${queue}`);
        const report = rig.migrate('g', 'n2', { dirtyBps: 1024 });
        expect(report).toMatchObject({ state: 'completed', reason: undefined });
        expect(report.rounds[0]!.bytes).toBe(3 * MIB);
        rig.run(SECOND);
        rig.network.assertConserved();
      },
    ),
    { numRuns: Number(process.env.SLUICE_MIGRATION_RUNS ?? 30) },
  );
});

describe('a guest that dirties its memory faster than it is carried', () => {
  it('is slowed down until it moves', () => {
    const rig = network('64MiB');
    const report = rig.migrate('g', 'n2', { dirtyBps: 500 * MIB, downtimeLimitNs: 50 * MILLISECOND });
    expect(report).toMatchObject({ state: 'completed', plan: undefined });
    // 128 of 500 MiB/s are carried: 80 % must go, which is 20 and six times 10.
    expect(report.throttle).toBeCloseTo(0.8);
  });
});

it('a budget far below the link is kept, to the last byte', () => {
  const rig = network('1MiB');
  const report = rig.migrate('g', 'n2', { budgetBps: 100_000, dirtyBps: 1, downtimeLimitNs: SECOND });
  expectWithin(report.totalNs, (MIB / 100_000) * SECOND, 0.06);
  expect(report.sentBytes).toBe(MIB + 10);
  expect(rig.network.cables.get('n1-up')!.counters.a.sent).toBeLessThan(30);
});

describe('the network is told', () => {
  it('by five RARPs at the times of QEMU, from the new place, and the old port goes down after them', () => {
    const rig = network('64MiB');
    const told: { readonly at: Nanos; readonly frame: Uint8Array }[] = [];
    rig.host('client').tap = (frame) => {
      if (frame[12]! * 256 + frame[13]! === ETHER_TYPE.rarp) told.push({ at: rig.clock.now, frame });
    };
    rig.migrate('g', 'n2');
    const arrivedAt = rig.clock.now;
    const isUp = () => ['at-1', 'at-2'].map((name) => rig.network.cables.get(name)!.isUp);
    rig.run(799 * MILLISECOND);
    expect(isUp()).toEqual([true, true]);
    rig.run(SECOND);
    expect(isUp()).toEqual([false, true]);
    const path = told[0]!.at - arrivedAt;
    expect(path).toBeLessThan(MILLISECOND);
    expect(told.map(({ at }) => (at - arrivedAt - path) / MILLISECOND)).toEqual([0, 50, 200, 450, 800]);
    // dst ff, src, 8035 | Ethernet, IPv4, 6, 4, op 3 | sha, spa 0, tha, tpa 0 | padded to 60 bytes.
    const mac = '000000000006';
    const body = `${'ff'.repeat(6)}${mac}80350001080006040003${mac}00000000${mac}00000000`;
    for (const { frame } of told) expect(Buffer.from(frame).toString('hex')).toBe(body.padEnd(120, '0'));
  });
});

describe('a migration is refused', () => {
  it('with the reason, and nothing has changed', () => {
    const rig = network('256MiB');
    const reasonOf = (to: string, guest = 'g') => {
      const refusal = refusalOf(() => rig.workloads.migrate(guest, to));
      return `${refusal?.code}: ${refusal?.message}`;
    };
    expect(reasonOf('n9')).toMatch('unknown-node: there is no node n9');
    expect(reasonOf('n1')).toBe('wrong-state: g lives on n1 already');
    expect(reasonOf('n3')).toBe('no-room: n3 has 0.1 GiB left, too little for g');
    expect(reasonOf('n4')).toBe('no-path: n4 is not on the network; give it a host (nodes: { n4: { host: … } })');
    expect(rig.workloads.node('n4').guests).toEqual([]);
    rig.workloads.stop('g');
    expect(reasonOf('n2')).toBe('wrong-state: g is created; only what runs, or is paused, moves');
    expect(rig.workloads.node('n2').guests).toEqual([]);
    rig.workloads.start('g');
    rig.run(11 * SECOND);
    rig.workloads.migrate('g', 'n2');
    expect(reasonOf('n2')).toBe('migrating: g is moving already');
    expect(refusalOf(() => rig.workloads.pause('g'))?.code).toBe('migrating');
  });
});

describe('a migration that does not arrive leaves the guest where it was, and its place free', () => {
  const expectHome = (rig: GuestRig) => {
    expect([rig.guest('g').node?.name, rig.guest('g').state]).toEqual(['n1', 'running']);
    expect(rig.workloads.node('n2').guests).toEqual([]);
    expect(rig.network.cables.get('at-2')!.isUp).toBe(false);
    expect(rig.ping('client', 'g').received).toBe(1);
  };

  it('when the nodes never reach each other', () => {
    const rig = network('256MiB');
    rig.network.cables.get('n2-up')!.setUp(false);
    expect(rig.migrate('g', 'n2')).toMatchObject({
      state: 'failed',
      reason: 'nothing has arrived at hv-2 for 15 s',
      sentBytes: 0,
    });
    expectHome(rig);
  });

  it('when the link breaks under way, and also while the guest rests', () => {
    for (const breakAt of [SECOND, 2 * SECOND + 150 * MILLISECOND]) {
      const rig = network('256MiB');
      rig.workloads.migrate('g', 'n2', { downtimeLimitNs: 400 * MILLISECOND });
      rig.run(breakAt);
      expect(rig.guest('g').state).toBe(breakAt === SECOND ? 'running' : 'paused');
      rig.network.cables.get('n1-up')!.setUp(false);
      rig.run(60 * SECOND);
      expect(rig.workloads.migrationOf('g')!.report).toMatchObject({ state: 'failed' });
      expectHome(rig);
    }
  });

  it('when it is cancelled; and the next one goes', () => {
    const rig = network('256MiB');
    const migration = rig.workloads.migrate('g', 'n2');
    rig.run(SECOND);
    migration.cancel();
    expect(migration.report).toMatchObject({ state: 'failed', reason: 'cancelled' });
    expectHome(rig);
    expect(rig.migrate('g', 'n2').state).toBe('completed');
  });

  it('when the guest is stopped meanwhile', () => {
    const rig = network('256MiB');
    const migration = rig.workloads.migrate('g', 'n2');
    rig.run(SECOND);
    rig.workloads.stop('g');
    expect(migration.report.reason).toBe('cancelled');
    expect(rig.guest('g').state).toBe('created');
    expect(rig.workloads.node('n2').guests).toEqual([]);
  });
});

describe('a paused guest', () => {
  it('moves in one round, and is paused where it arrives', () => {
    const rig = network('256MiB');
    rig.workloads.pause('g');
    const report = rig.migrate('g', 'n2');
    expect(report.rounds).toHaveLength(1);
    expect([rig.guest('g').node?.name, rig.guest('g').state]).toEqual(['n2', 'paused']);
    rig.run(SECOND);
    rig.workloads.resume('g');
    expect(rig.ping('client', 'g').received).toBe(1);
  });
});

describe('two at once', () => {
  it('share what there is', () => {
    const text = `
switches: { s1: }
nodes: { n1: { host: hv-1 }, n2: { host: hv-2 } }
hosts: { hv-1: , hv-2: , a: { kind: vm, on: n1, memory: 256MiB }, b: { kind: vm, on: n1, memory: 256MiB } }
links:
  - { ends: [hv-1, s1], bandwidth: 1Gbps }
  - { ends: [hv-2, s1], bandwidth: 1Gbps }
  - [a, s1]
  - [b, s1]
`;
    const alone = new GuestRig(text).migrate('a', 'n2').totalNs!;
    const rig = new GuestRig(text);
    rig.workloads.migrate('b', 'n2', { dirtyBps: 1 });
    const together = rig.migrate('a', 'n2').totalNs!;
    rig.run(60 * SECOND);
    expect(rig.workloads.migrationOf('b')!.report.state).toBe('completed');
    expect(together / alone).toBeGreaterThan(1.5);
    expect(together / alone).toBeLessThan(2.5);
  });
});

/** Large frames at that rate on the wire, for ever. */
function crowd(rig: GuestRig, from: string, to: string, bps: number): void {
  const FRAME_BYTES = 60_000;
  const host = rig.host(from);
  const frame = new Uint8Array(FRAME_BYTES);
  const view = new DataView(frame.buffer);
  view.setUint32(2, rig.host(to).spec.mac);
  view.setUint32(8, host.spec.mac);
  view.setUint16(12, 0x88b5);
  const every = Math.round(((FRAME_BYTES + 24) * 8 * SECOND) / bps);
  const send = () => {
    host.sendFrame(frame);
    host.schedule(host.now + every, send);
  };
  send();
}
