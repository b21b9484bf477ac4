/**
 * Queues of ports (OpenFlow 1.3.5, sections 5.12, 7.2.2, 7.3.5.8 and 7.3.6): what leaves when, held against the bounds that the rates mean.
 *
 * The bounds are checked on the departures alone, over every window, in whole numbers: bits times 10^9 against bits per second times nanoseconds.
 */
import { describe, expect, it } from 'vitest';
import type { Action } from '../../protocol/wire/openflow/action.ts';
import { PORT_CONFIG } from '../../protocol/wire/openflow/port.ts';
import { QUEUE_ALL } from '../../protocol/wire/openflow/queue.ts';
import { BURST_BITS, type QueueOptions, toBits } from '../../vswitch/port-queue.ts';
import { OUT, portsWith, SPEED_KBPS, toQueue } from './queue-bench.ts';
import { Chance, SEED } from './random-case.ts';
import { flowMod, SECOND, SwitchBench, start, TestController, udpFrame } from './test-controller.ts';

const MILLISECOND = 1_000_000;

/** A switch in which a datagram's port number is the number of the queue that it goes to; to port 0 it goes by no queue. */
function startQueues(queues: readonly QueueOptions[], speedKbps = SPEED_KBPS) {
  const bench = new SwitchBench({ ports: portsWith(queues, speedKbps) });
  const controller = new TestController(bench);
  for (const { queueId } of queues) {
    controller.send(
      flowMod({ match: toUdpMatch(queueId), instructions: [{ type: 'applyActions', actions: toQueue(queueId) }] }),
    );
  }
  controller.send(
    flowMod({
      priority: 1,
      instructions: [{ type: 'applyActions', actions: [{ type: 'output', port: OUT, maxLen: 0 }] }],
    }),
  );
  return { bench, controller };
}

function toUdpMatch(port: number) {
  return [
    { type: 'ethType', value: 0x0800 },
    { type: 'ipProto', value: 17 },
    { type: 'udpDst', value: port },
  ] as const;
}

function queueOf(frame: Uint8Array): number {
  return (frame[36]! << 8) | frame[37]!;
}

interface Departure {
  readonly at: number;
  readonly bits: number;
  readonly queue: number;
  readonly mark: number;
}

/** A frame's number is its source address, which nobody looks at. */
function marked(mark: number, queue: number, bytes: number): Uint8Array {
  return udpFrame({ src: mark, dstPort: queue, bytes });
}

function departuresOf({ sent }: SwitchBench): Departure[] {
  return sent.map(({ at, frame }) => ({
    at,
    bits: toBits(frame),
    queue: queueOf(frame),
    mark: new DataView(frame.buffer, frame.byteOffset).getUint32(8),
  }));
}

function sumOf(departures: readonly Departure[]): number {
  return departures.reduce((sum, { bits }) => sum + bits, 0);
}

/** Keeps each of the queues supplied for so long, and answers the share of the port that each got, in tenths of a percent. */
function shareOut(
  queues: readonly QueueOptions[],
  busy: readonly number[],
  ns: number,
  bytes = 1000,
): Map<number, number> {
  const { bench } = startQueues(queues);
  const startAt = bench.now;
  for (let step = 0; step < 100; step++) {
    for (const queue of busy) for (let i = 0; i < 400; i++) bench.receive(1, marked(i, queue, bytes));
    bench.pass(ns / 100);
  }
  const departures = departuresOf(bench).filter(({ at }) => at < startAt + ns);
  return new Map(
    busy.map((queue) => {
      const bits = sumOf(departures.filter((each) => each.queue === queue));
      return [queue, (bits * 1e9 * 1000) / (SPEED_KBPS * 1000 * ns)];
    }),
  );
}

describe('a port with queues', () => {
  it('sends no faster than it says, and exactly so fast, to the fraction of a nanosecond', () => {
    // 100 bytes and 24 of framing at 7 Mbit/s are 141 714 and two sevenths of a nanosecond.
    const { bench } = startQueues([{ queueId: 7 }], 7_000);
    for (let i = 0; i < 701; i++) bench.receive(1, marked(i, 7, 100));
    bench.pass(SECOND);
    const departures = departuresOf(bench);
    expect(departures).toHaveLength(701);
    expect(departures.map(({ at }) => at - SECOND)).toEqual(
      Array.from({ length: 701 }, (_, i) => Math.ceil((i * 124 * 8 * 1e9) / 7_000_000)),
    );
  });

  it('sends at once what finds it free', () => {
    const { bench } = startQueues([{ queueId: 7 }]);
    bench.receive(1, udpFrame({ dstPort: 7 }));
    expect(bench.takePorts()).toEqual([OUT]);
    expect(bench.device.pollAt()).not.toBe(bench.now);
  });

  it('holds a queue to its maximum and lets it wait while the port is idle', () => {
    const shares = shareOut([{ queueId: 1, maxRate: 100 }], [1], SECOND);
    expect(shares.get(1)).toBeCloseTo(100, 0);
  });

  it('keeps what it promised, and shares the rest evenly among those that are below their maximum', () => {
    const queues = [{ queueId: 1, minRate: 300 }, { queueId: 2, maxRate: 200 }, { queueId: 3 }];
    const shares = shareOut(queues, [1, 2, 3], SECOND);
    // Of 70 % a third would be 23.3; queue 2 takes 20, and half of what is then left are 25.
    expect(shares.get(1)).toBeCloseTo(550, -1);
    expect(shares.get(2)).toBeCloseTo(200, -1);
    expect(shares.get(3)).toBeCloseTo(250, -1);
    expect([...shares.values()].reduce((a, b) => a + b)).toBeCloseTo(1000, -0.5);
  });

  it('gives everything to who is promised everything, and leftovers to the others', () => {
    const queues = [{ queueId: 1, minRate: 600 }, { queueId: 2, minRate: 400 }, { queueId: 3 }];
    const busy = shareOut(queues, [1, 2, 3], SECOND);
    expect([...busy.values()].map(Math.round)).toEqual([600, 400, 0]);
    const quiet = shareOut(queues, [2, 3], SECOND);
    expect(quiet.get(2)).toBeCloseTo(700, -1);
    expect(quiet.get(3)).toBeCloseTo(300, -1);
  });

  it('keeps a promise that is also the maximum', () => {
    const shares = shareOut([{ queueId: 1, minRate: 500, maxRate: 500 }, { queueId: 2 }], [1, 2], SECOND, 1514);
    expect(shares.get(1)).toBeCloseTo(500, -1);
  });

  it('keeps the promise to one queue to within some frames while fifty others are owed something too', () => {
    const others = Array.from({ length: 50 }, (_, i) => i + 2);
    const { bench } = startQueues([
      { queueId: 1, minRate: 500 },
      ...others.map((queueId) => ({ queueId, minRate: 10 })),
    ]);
    const startAt = bench.now;
    for (const queue of [...others, 1]) for (let i = 0; i < 100; i++) bench.receive(1, marked(i, queue, 1000));
    bench.pass(5 * MILLISECOND);
    const frameBits = toBits(new Uint8Array(1000));
    let bits = 0;
    for (const departure of departuresOf(bench)) {
      const owed = ((SPEED_KBPS / 1e6) * (departure.at - startAt)) / 2;
      expect(bits).toBeGreaterThanOrEqual(owed - 3 * frameBits);
      if (departure.queue === 1) bits += departure.bits;
    }
    expect(bits).toBeGreaterThan(200_000);
  });

  it('sends by queue 0, if there is one, what asks for none', () => {
    const { bench, controller } = startQueues([{ queueId: 0, maxRate: 10 }, { queueId: 5 }]);
    for (let i = 0; i < 10; i++) bench.receive(1, marked(i, 9, 1000));
    bench.pass(SECOND);
    expect(bench.takePorts()).toHaveLength(10);
    const entries = controller.multipart({ type: 'queue', portNo: OUT, queueId: 0 }).flatMap((part) => part.entries);
    expect(entries).toMatchObject([{ txPackets: 10n, txBytes: 10_000n }]);
  });

  it('drops what comes to a full queue, and counts it there and at the port', () => {
    const { bench, controller } = startQueues([{ queueId: 1 }, { queueId: 2 }]);
    for (let i = 0; i < 1200; i++) bench.receive(1, marked(i, 1, 60));
    bench.receive(1, marked(0, 2, 60));
    const stats = () =>
      controller.multipart({ type: 'queue', portNo: OUT, queueId: QUEUE_ALL }).flatMap((part) => part.entries);
    expect(stats()[0]).toMatchObject({ queueId: 1, txPackets: 1n, txErrors: 199n });
    bench.pass(SECOND);
    expect(stats()).toMatchObject([
      { portNo: OUT, queueId: 1, txPackets: 1001n, txBytes: 60_060n, txErrors: 199n, durationSec: 1 },
      { portNo: OUT, queueId: 2, txPackets: 1n, txErrors: 0n },
    ]);
    const port = controller.multipart({ type: 'portStats', portNo: OUT })[0]!.entries[0];
    expect(port).toMatchObject({ txPackets: 1002n, txDropped: 199n });
  });

  it('bounds a queue of long frames by their bytes', () => {
    const { bench } = startQueues([{ queueId: 1 }], 1);
    for (let i = 0; i < 100; i++) bench.receive(1, marked(i, 1, 60_000));
    bench.now += 10_000 * SECOND;
    bench.pass(10_000 * SECOND);
    expect(bench.sent).toHaveLength(1 + Math.floor(2 ** 20 / 60_000));
  });

  it('loses what waits when its cable is pulled or it is shut down, and starts anew', () => {
    const { bench, controller } = startQueues([{ queueId: 1 }]);
    for (let i = 0; i < 5; i++) bench.receive(1, marked(i, 1, 1500));
    bench.device.setLinkUp(OUT, false, bench.now);
    bench.device.setLinkUp(OUT, true, bench.now);
    bench.receive(1, marked(5, 1, 1500));
    bench.receive(1, marked(6, 1, 1500));
    const down = { type: 'portMod', xid: 1, portNo: OUT, hwAddr: 0x0200_0000_0002, advertise: 0 } as const;
    controller.send({ ...down, config: PORT_CONFIG.portDown, mask: PORT_CONFIG.portDown });
    bench.pass(SECOND);
    expect(bench.takePorts()).toHaveLength(1);
    const port = controller.multipart({ type: 'portStats', portNo: OUT })[0]!.entries[0];
    expect(port).toMatchObject({ txPackets: 1n, txDropped: 6n });
    expect(bench.device.pollAt() ?? Number.POSITIVE_INFINITY).toBeGreaterThan(bench.now);
  });

  it('keeps frames as they were when they were sent to it', () => {
    const { bench, controller } = start({ ports: portsWith([{ queueId: 1, maxRate: 1 }]) });
    const setTtl = (ttl: number): Action => ({ type: 'setNwTtl', ttl });
    controller.send(
      flowMod({
        match: [{ type: 'ethType', value: 0x0800 }],
        instructions: [
          {
            type: 'applyActions',
            actions: [setTtl(1), ...toQueue(1), setTtl(2), ...toQueue(1), setTtl(3), ...toQueue(1)],
          },
        ],
      }),
    );
    for (let i = 0; i < 20; i++) bench.receive(1, udpFrame());
    bench.pass(10 * SECOND);
    expect(bench.sent.map(({ frame }) => frame[22])).toEqual(Array.from({ length: 60 }, (_, i) => 1 + (i % 3)));
  });
});

describe('departures from a port with queues', () => {
  const CASES = 60;

  function randomQueues(chance: Chance): QueueOptions[] {
    let left = 1000;
    return Array.from({ length: 1 + chance.below(4) }, (_, i) => {
      const minRate = chance.oneIn(2) ? chance.below(left + 1) : undefined;
      left -= minRate ?? 0;
      const least = Math.max(1, minRate ?? 0);
      const maxRate = chance.oneIn(2) ? least + chance.below(1001 - least) : undefined;
      return { queueId: 1 + i, ...(minRate !== undefined && { minRate }), ...(maxRate !== undefined && { maxRate }) };
    });
  }

  /** Bursts of frames of any length for any queue, over some milliseconds. */
  function randomArrivals(chance: Chance, queues: readonly QueueOptions[]) {
    let at = 0;
    return Array.from({ length: 300 }, (_, mark) => {
      if (chance.oneIn(3)) at += chance.below(chance.pick([1000, 100_000, 1_000_000]));
      const bytes = chance.oneIn(2) ? 60 : 60 + chance.below(1455);
      return { at, mark, bytes, queue: chance.below(queues.length + 1) };
    });
  }

  function run(chance: Chance) {
    const queues = randomQueues(chance);
    const arrivals = randomArrivals(chance, queues);
    const { bench } = startQueues(queues);
    const startAt = bench.now;
    for (const { at, mark, bytes, queue } of arrivals) {
      bench.pass(startAt + at - bench.now);
      bench.receive(1, marked(mark, queue, bytes));
    }
    bench.pass(1000 * SECOND);
    const departures = departuresOf(bench).map((each) => ({ ...each, at: each.at - startAt }));
    return { queues, arrivals, departures };
  }

  it(`conserve frames, keep their order within a queue, and are within every bound in any window (SLUICE_SEED=${SEED})`, () => {
    for (let i = 0; i < CASES; i++) {
      const { queues, arrivals, departures } = run(new Chance(SEED + i));
      const name = `case ${i}, SLUICE_SEED=${SEED}, ${JSON.stringify(queues)}`;
      for (const queue of new Set(arrivals.map((each) => each.queue))) {
        const came = arrivals.filter((each) => each.queue === queue).map(({ mark }) => mark);
        const left = departures.filter((each) => each.queue === queue).map(({ mark }) => mark);
        expect(left, name).toEqual(came);
      }
      checkSpeed(departures, name);
      for (const queue of queues) checkMaximum(queue, departures, name);
      for (const queue of queues) checkMinimum(queue, arrivals, departures, name);
      checkWork(queues, arrivals, departures, name);
    }
  });

  /** An assertion of its own for each window would take longer than all else. */
  function demand(isKept: boolean, name: string): void {
    if (!isKept) expect.fail(name);
  }

  const SPEED = SPEED_KBPS * 1000;
  const LONGEST = toBits(new Uint8Array(1514));

  /** One frame after the other: from one to a later one all between them have been sent, but for the nanosecond that was rounded up. */
  function checkSpeed(departures: readonly Departure[], name: string): void {
    for (let i = 0; i < departures.length; i++) {
      let bits = 0;
      for (let k = i + 1; k < departures.length; k++) {
        bits += departures[k - 1]!.bits;
        demand(bits * 1e9 <= SPEED * (departures[k]!.at - departures[i]!.at + 1), `${name}: speed`);
      }
    }
  }

  function checkMaximum(
    { queueId, minRate, maxRate }: QueueOptions,
    departures: readonly Departure[],
    name: string,
  ): void {
    if (maxRate === undefined) return;
    const own = departures.filter(({ queue }) => queue === queueId);
    const slack = BURST_BITS + (minRate ? 4 : 1) * LONGEST;
    for (let i = 0; i < own.length; i++) {
      let bits = 0;
      for (let k = i; k < own.length; k++) {
        bits += own[k]!.bits;
        const ns = own[k]!.at - own[i]!.at;
        demand((bits - slack) * 1e9 <= (SPEED / 1000) * maxRate * ns, `${name}: maximum of ${queueId}`);
      }
    }
  }

  /** From the moment that a queue has something waiting, for as long as it has. */
  function checkMinimum(
    { queueId, minRate = 0 }: QueueOptions,
    arrivals: Arrivals,
    departures: readonly Departure[],
    name: string,
  ): void {
    for (const { from, to } of busyTimes(queueId, arrivals, departures)) {
      let bits = 0;
      for (const departure of departures.filter(({ at }) => at >= from && at <= to)) {
        const owed = ((SPEED / 1000) * minRate * (departure.at - from)) / 1e9;
        demand(bits >= owed - 3 * LONGEST, `${name}: minimum of ${queueId}, ${bits} of ${owed}`);
        if (departure.queue === queueId) bits += departure.bits;
      }
    }
  }

  /** While a queue without a maximum waits, the port is never idle. */
  function checkWork(
    queues: readonly QueueOptions[],
    arrivals: Arrivals,
    departures: readonly Departure[],
    name: string,
  ): void {
    const free = new Set([0, ...queues.filter(({ maxRate }) => maxRate === undefined).map(({ queueId }) => queueId)]);
    for (const queueId of free) {
      for (const { from, to } of busyTimes(queueId, arrivals, departures)) {
        const within = departures.filter(({ at }) => at >= from && at < to);
        const [first] = within;
        if (first === undefined) continue;
        demand((first.at - from) * SPEED <= LONGEST * 1e9 + SPEED, `${name}: work`);
        demand((to - first.at) * SPEED <= sumOf(within) * 1e9 + SPEED, `${name}: work`);
      }
    }
  }

  type Arrivals = ReturnType<typeof randomArrivals>;

  function busyTimes(queueId: number, arrivals: Arrivals, departures: readonly Departure[]) {
    const leftAt = new Map(departures.map(({ mark, at }) => [mark, at]));
    const times: { from: number; to: number }[] = [];
    for (const { at, mark } of arrivals.filter(({ queue }) => queue === queueId)) {
      const to = leftAt.get(mark)!;
      const last = times.at(-1);
      if (last && at <= last.to) last.to = Math.max(last.to, to);
      else times.push({ from: at, to });
    }
    return times;
  }

  it('are the same however late the switch is polled', () => {
    const order = (stepNs: number) => {
      const { bench } = startQueues([
        { queueId: 1, minRate: 400 },
        { queueId: 2, maxRate: 300 },
      ]);
      for (let i = 0; i < 300; i++) bench.receive(1, marked(i, i % 3, 60 + ((i * 37) % 1400)));
      for (let at = 0; at < 100 * MILLISECOND; at += stepNs) {
        bench.now += stepNs;
        bench.device.poll(bench.now);
      }
      return departuresOf(bench).map(({ mark }) => mark);
    };
    expect(order(100 * MILLISECOND)).toEqual(order(10_000));
    expect(order(10_000)).toHaveLength(300);
  });
});
