import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DROP_CAUSES } from '../../sim/cable-direction.ts';
import type { CableFigures } from '../../sim/cable-figures.ts';
import { MILLISECOND, SECOND } from '../../sim/clock.ts';
import { exceedsMtu } from '../../sim/frame-mtu.ts';
import { numberedFrame, numberOf, rigCable, sendMany } from './cable-rig.ts';

/** What Ethernet adds to a frame on the medium. */
const FRAMING = 24;

describe('the rate of a cable', () => {
  // D/D/1 from an empty start: the n-th of n frames that come at once is done when n serialisations have passed.
  it.each([
    { bandwidthBps: 3, bytes: 64 },
    { bandwidthBps: 7_000_001, bytes: 1518 },
    { bandwidthBps: 999_999_999, bytes: 65 },
    { bandwidthBps: 10_000_000_000_000, bytes: 64 },
    { bandwidthBps: 10_000_000_000_000, bytes: 1518 },
    { bandwidthBps: 1_000_000_000_000_000, bytes: 9018 },
  ])('is exact in the long run at $bandwidthBps bit/s, to the nanosecond', ({ bandwidthBps, bytes }) => {
    const frames = bandwidthBps < 1000 ? 50 : 5000;
    const rig = rigCable({ bandwidthBps });
    for (let i = 0; i < frames; i++) rig.cable.send('a', new Uint8Array(bytes));
    for (let next = rig.clock.nextAt(); next !== undefined; next = rig.clock.nextAt()) rig.clock.runUntil(next);
    const wanted = rig.atB.map((_, i) =>
      Number((BigInt(i + 1) * BigInt((bytes + FRAMING) * 8) * 1_000_000_000n) / BigInt(bandwidthBps)),
    );
    expect(rig.atB).toHaveLength(frames);
    expect(rig.atB.map(({ at }) => at)).toEqual(wanted);
  });

  it('begins anew when the cable has been idle', () => {
    const rig = rigCable({ bandwidthBps: 3_000_000 });
    // 88 bytes with framing: 234,666.67 ns.
    sendMany(rig, 3, MILLISECOND);
    expect(rig.atB.map(({ at }) => at)).toEqual([234_666, MILLISECOND + 234_666, 2 * MILLISECOND + 234_666]);
  });
});

describe('the queue of a cable', () => {
  // D/D/1/K with arrivals twice as fast as departures.
  it('makes the n-th frame wait for those before it, and drops who comes when it is full', () => {
    const rig = rigCable({ bandwidthBps: 8_000_000, queueFramesMax: 10 });
    // 76 + 24 bytes: 100 µs each; one comes every 50 µs.
    sendMany(rig, 100, 50_000, 76);
    const { dropped } = rig.cable.counters.a;
    const wanted: number[] = [];
    let freeAt = 0;
    let lost = 0;
    for (let i = 0; i < 100; i++) {
      const now = i * 50_000;
      const inSystem = Math.ceil(Math.max(0, freeAt - now) / 100_000);
      if (inSystem > 10) {
        lost++;
        continue;
      }
      freeAt = Math.max(freeAt, now) + 100_000;
      wanted.push(freeAt);
    }
    expect(rig.atB.map(({ at }) => at)).toEqual(wanted);
    expect(lost).toBeGreaterThan(30);
    expect(dropped).toEqual({ cut: 0, 'queue-full': lost, loss: 0, mtu: 0 });
  });

  it('can be bounded in bytes, which the frame that is being sent does not take', () => {
    const rig = rigCable({ bandwidthBps: 1_000_000, queueBytesMax: 1000 });
    const sizes = [1500, 600, 500, 400, 1];
    for (const bytes of sizes) rig.cable.send('a', new Uint8Array(bytes));
    rig.clock.runUntil(SECOND);
    expect(rig.atB.map(({ frame }) => frame.length)).toEqual([1500, 600, 400]);
    expect(rig.cable.counters.a.dropped['queue-full']).toBe(2);
  });

  it('holds lost frames, too, until they would have been sent', () => {
    const rig = rigCable({ bandwidthBps: 1_000_000, queueFramesMax: 3, lossProbability: 1 });
    for (let i = 0; i < 10; i++) rig.cable.send('a', new Uint8Array(100));
    expect(rig.cable.counters.a.dropped).toEqual({ cut: 0, 'queue-full': 6, loss: 4, mtu: 0 });
  });
});

describe('directions', () => {
  it('have figures of their own, which change one by one', () => {
    const rig = rigCable({ delayNs: 5, from: { b: { delayNs: 7, bandwidthBps: 704_000_000_000 } } });
    const roundTrip = () => {
      const now = rig.clock.now;
      rig.cable.send('a', new Uint8Array(64));
      rig.cable.send('b', new Uint8Array(64));
      rig.clock.runUntil(now + MILLISECOND);
      return [rig.atB.at(-1)!.at - now, rig.atA.at(-1)!.at - now];
    };
    expect(roundTrip()).toEqual([5, 8]);
    rig.cable.shape({ delayNs: 20 }, 'b');
    expect(roundTrip()).toEqual([5, 21]);
    rig.cable.shape({ delayNs: 1 });
    expect(roundTrip()).toEqual([1, 2]);
  });

  it('keep the order of frames when the delay becomes shorter', () => {
    const rig = rigCable({ delayNs: MILLISECOND });
    rig.cable.send('a', numberedFrame(1));
    rig.cable.shape({ delayNs: 10 });
    rig.cable.send('a', numberedFrame(2));
    rig.clock.runUntil(SECOND);
    expect(rig.atB.map(({ at, frame }) => [at, numberOf(frame)])).toEqual([
      [MILLISECOND, 1],
      [MILLISECOND, 2],
    ]);
  });
});

describe('the MTU of a cable', () => {
  const tagged = (bytes: number, ...etherTypes: readonly number[]) => {
    const frame = new Uint8Array(bytes);
    etherTypes.forEach((etherType, i) => {
      new DataView(frame.buffer).setUint16(12 + 4 * i, etherType);
    });
    return frame;
  };

  it.each([
    ['an IP packet of the MTU', tagged(1514, 0x0800), false],
    ['one of a byte more', tagged(1515, 0x0800), true],
    ['a tagged one of the MTU', tagged(1518, 0x8100, 0x0800), false],
    ['a tagged one of a byte more', tagged(1519, 0x8100, 0x0800), true],
    ['one in two tags', tagged(1522, 0x88a8, 0x8100, 0x0800), false],
    ['tags to the end', tagged(2000, ...new Array(497).fill(0x8100)), true],
    ['nothing', new Uint8Array(0), false],
  ])('%s', (_title, frame, isTooLarge) => {
    expect(exceedsMtu(frame, 1500)).toBe(isTooLarge);
  });

  it('drops what is larger, with that as the cause', () => {
    const rig = rigCable({ mtuBytes: 1500, bandwidthBps: 1_000_000 });
    rig.cable.send('a', tagged(1515, 0x0800));
    rig.cable.send('a', tagged(1514, 0x0800));
    rig.clock.runUntil(SECOND);
    expect(rig.atB).toHaveLength(1);
    expect(rig.cable.counters.a.dropped).toEqual({ cut: 0, 'queue-full': 0, loss: 0, mtu: 1 });
  });
});

describe('chance on a cable', () => {
  const arrivalsOf = (change: Partial<CableFigures>, seed = 5) => {
    const rig = rigCable({ delayNs: MILLISECOND, ...change }, seed);
    sendMany(rig, 2000, 10_000);
    return rig;
  };

  it('turns exactly one bit of a corrupted frame, of a copy', () => {
    const rig = rigCable({ corruptProbability: 1 });
    const places = new Set<number>();
    for (let i = 0; i < 2000; i++) {
      const frame = new Uint8Array(8).fill(0xa5);
      rig.cable.send('a', frame);
      rig.clock.runUntil(i + 1);
      expect([...frame]).toEqual(new Array(8).fill(0xa5));
      const turned = [...rig.atB[i]!.frame].flatMap((byte, at) =>
        [...Array(8).keys()].filter((bit) => (byte ^ 0xa5) & (0x80 >> bit)).map((bit) => at * 8 + bit),
      );
      expect(turned).toHaveLength(1);
      places.add(turned[0]!);
    }
    expect(places.size).toBe(64);
    expect(rig.cable.counters.a).toMatchObject({ corrupted: 2000, delivered: 2000 });
  });

  it('lets the copy of a doubled frame follow it at once, through the queue', () => {
    const rig = rigCable({ duplicateProbability: 1, bandwidthBps: 8_000_000, queueFramesMax: 2 });
    for (let i = 0; i < 3; i++) rig.cable.send('a', numberedFrame(i, 76));
    rig.clock.runUntil(SECOND);
    expect(rig.atB.map(({ at, frame }) => [at, numberOf(frame)])).toEqual([
      [100_000, 0],
      [200_000, 0],
      [300_000, 1],
    ]);
    expect(rig.cable.counters.a).toMatchObject({ sent: 3, duplicated: 3, delivered: 3, dropped: { 'queue-full': 3 } });
  });

  it('lets frames keep their order, with whatever jitter', () => {
    for (const distribution of ['uniform', 'normal', 'pareto'] as const) {
      const numbers = arrivalsOf({ jitter: { byNs: MILLISECOND, distribution } }).atB.map(({ frame }) =>
        numberOf(frame),
      );
      expect(numbers).toEqual([...Array(2000).keys()]);
    }
  });

  it('lets those overtake that were asked to, and the others keep their order', () => {
    const rig = arrivalsOf({ reorderProbability: 0.05, jitter: { byNs: 100_000, distribution: 'normal' } });
    const overtakers = rig.atB.filter(({ at, frame }) => at === numberOf(frame) * 10_000);
    const others = rig.atB.filter((arrival) => !overtakers.includes(arrival)).map(({ frame }) => numberOf(frame));
    expect(overtakers.length).toBeGreaterThan(60);
    expect(overtakers.length).toBeLessThan(140);
    expect(others).toEqual(others.toSorted((x, y) => x - y));
  });

  it('has a stream for each kind: what one draws does not depend on the others', () => {
    const numbers = ({ atB }: ReturnType<typeof rigCable>) => atB.map(({ frame }) => numberOf(frame));
    const plain = numbers(arrivalsOf({ lossProbability: 0.2 }));
    const more = arrivalsOf({
      lossProbability: 0.2,
      corruptProbability: 0.5,
      jitter: { byNs: 1000, distribution: 'pareto' },
      reorderProbability: 0.1,
    });
    // A turned bit may be one of the number; those that were lost are told by the arrivals of the others.
    expect(more.cable.counters.a.dropped.loss).toBe(2000 - plain.length);
    expect(numbers(arrivalsOf({ lossProbability: 0.2, jitter: { byNs: 1, distribution: 'normal' } }))).toEqual(plain);
    expect(numbers(arrivalsOf({ lossProbability: 0.2 }, 6))).not.toEqual(plain);
  });

  it('conserves frames at every moment, whatever the figures', () => {
    const share = fc.constantFrom(undefined, 0.3, 1);
    const figures = fc.record({
      bandwidthBps: fc.constantFrom(undefined, 1_000_000, 1e13),
      delayNs: fc.constantFrom(0, MILLISECOND),
      jitter: fc.constantFrom(undefined, { byNs: MILLISECOND, distribution: 'pareto' } as const),
      lossProbability: fc.constantFrom(0, 0.3),
      burstLoss: fc.constantFrom(undefined, { good: 0, bad: 1, toBad: 0.2, toGood: 0.3 }),
      duplicateProbability: share,
      reorderProbability: share,
      corruptProbability: share,
      mtuBytes: fc.constantFrom(undefined, 500),
      queueFramesMax: fc.integer({ min: 1, max: 4 }),
      queueBytesMax: fc.constantFrom(undefined, 1000),
    });
    const step = fc.oneof(
      fc.record({
        type: fc.constant('send' as const),
        side: fc.constantFrom('a' as const, 'b' as const),
        bytes: fc.integer({ min: 0, max: 1000 }),
      }),
      fc.record({ type: fc.constant('wait' as const), ns: fc.nat(2 * MILLISECOND) }),
      fc.record({ type: fc.constant('link' as const), isUp: fc.boolean() }),
      fc.record({
        type: fc.constant('shape' as const),
        figures,
        side: fc.constantFrom('a' as const, 'b' as const, undefined),
      }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), fc.nat(), (steps, seed) => {
        const rig = rigCable({ queueFramesMax: 3 }, seed);
        const seen = { sent: 0, delivered: 0, dropped: 0 };
        rig.cable.addTap({
          sent: (_, __, refusal) => {
            seen.sent++;
            if (refusal) seen.dropped++;
          },
          delivered: () => seen.delivered++,
          dropped: () => seen.dropped++,
        });
        for (const given of steps) {
          if (given.type === 'send') rig.cable.send(given.side, new Uint8Array(given.bytes));
          else if (given.type === 'wait') rig.clock.runUntil(rig.clock.now + given.ns);
          else if (given.type === 'link') rig.cable.setUp(given.isUp);
          else rig.cable.shape(given.figures, given.side);
          rig.cable.assertConserved();
        }
        // A frame may be late by some seconds: Pareto's tail.
        rig.clock.runUntil(rig.clock.now + 1000 * SECOND);
        const { a, b } = rig.cable.counters;
        expect(a.inFlight + b.inFlight).toBe(0);
        const drops = (counters: typeof a) => DROP_CAUSES.reduce((sum, cause) => sum + counters.dropped[cause], 0);
        expect(seen).toEqual({
          sent: a.sent + b.sent,
          delivered: rig.atA.length + rig.atB.length,
          dropped: drops(a) + drops(b),
        });
      }),
      { numRuns: 150 },
    );
  });
});

describe('a schedule', () => {
  it('changes figures and states at its moments, and what is on the way when the cable goes is lost', () => {
    const rig = rigCable({
      delayNs: MILLISECOND,
      schedule: [
        { atNs: 10 * MILLISECOND, figures: { delayNs: 3 * MILLISECOND } },
        { atNs: 20 * MILLISECOND, isUp: false },
        { atNs: 30 * MILLISECOND, isUp: true, from: { a: { delayNs: 2 * MILLISECOND } } },
      ],
    });
    for (let ms = 0; ms < 40; ms += 4) {
      rig.clock.runUntil(ms * MILLISECOND);
      rig.cable.send('a', numberedFrame(ms));
      rig.cable.send('b', numberedFrame(ms));
    }
    rig.clock.runUntil(SECOND);
    const table = (arrivals: typeof rig.atA) => arrivals.map(({ at, frame }) => [numberOf(frame), at / MILLISECOND]);
    expect(table(rig.atB)).toEqual([
      [0, 1],
      [4, 5],
      [8, 9],
      [12, 15],
      [16, 19],
      [32, 34],
      [36, 38],
    ]);
    expect(table(rig.atA)).toEqual([
      [0, 1],
      [4, 5],
      [8, 9],
      [12, 15],
      [16, 19],
      [32, 35],
      [36, 39],
    ]);
    expect(rig.links).toEqual(['20000000 s1:1 down', '20000000 s2:1 down', '30000000 s1:1 up', '30000000 s2:1 up']);
    // The one sent at 20 ms comes after the change of that moment.
    expect(rig.cable.counters.a.dropped.cut).toBe(3);
  });
});
