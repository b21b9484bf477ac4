import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Cable, type CableEnd } from '../../sim/cable.ts';
import type { CableSpec } from '../../sim/cable-figures.ts';
import { Clock, MILLISECOND } from '../../sim/clock.ts';
import { Random } from '../../sim/random.ts';
import { serialisationNs } from '../../sim/transmitter.ts';

const SPEC: CableSpec = { name: 'c', delayNs: MILLISECOND, queueFramesMax: 8, lossProbability: 0 };

function build(change: Partial<CableSpec> = {}, seed = 1, names: readonly [string, string] = ['s1:1', 's2:1']) {
  const clock = new Clock();
  const arrivals: { readonly at: number; readonly end: string; readonly frame: Uint8Array }[] = [];
  const links: string[] = [];
  const end = (name: string): CableEnd => ({
    name,
    receiveFrame: (frame) => arrivals.push({ at: clock.now, end: name, frame }),
    linkChanged: (isUp) => links.push(`${name} ${isUp ? 'up' : 'down'}`),
  });
  const cable = new Cable(clock, new Random(seed), { ...SPEC, ...change }, end(names[0]), end(names[1]));
  return { clock, cable, arrivals, links };
}

describe('a cable', () => {
  it('delivers at the other end after serialisation and delay', () => {
    const { clock, cable, arrivals } = build({ bandwidthBps: 100_000_000 });
    cable.send('a', new Uint8Array(976));
    clock.runUntil(10 * MILLISECOND);
    // 976 bytes and 24 of framing at 100 Mbit/s: 80 µs.
    expect(arrivals.map(({ at, end }) => [at, end])).toEqual([[80_000 + MILLISECOND, 's2:1']]);
  });

  it('sends one frame after the other, each direction for itself', () => {
    const { clock, cable, arrivals } = build({ bandwidthBps: 8_000_000, delayNs: 0 });
    for (let i = 0; i < 2; i++) cable.send('a', new Uint8Array(76));
    cable.send('b', new Uint8Array(76));
    clock.runUntil(MILLISECOND);
    expect(arrivals.map(({ at, end }) => [at, end])).toEqual([
      [100_000, 's2:1'],
      [100_000, 's1:1'],
      [200_000, 's2:1'],
    ]);
  });

  it('drops what comes to a full queue', () => {
    const { clock, cable, arrivals } = build({ bandwidthBps: 1_000_000, queueFramesMax: 2 });
    for (let i = 0; i < 10; i++) cable.send('a', new Uint8Array(100));
    clock.runUntil(1_000 * MILLISECOND);
    expect(arrivals).toHaveLength(3);
    expect(cable.counters.a.dropped).toEqual({ cut: 0, 'queue-full': 7, loss: 0, mtu: 0 });
  });

  it('shows a tap every frame when it is sent, and those that arrive before their end has them', () => {
    const { clock, cable, arrivals } = build();
    const seen: string[] = [];
    const untap = cable.addTap({
      sent: (from, frame) => seen.push(`${clock.now} ${from} sent ${frame.length}`),
      delivered: (from, frame) =>
        seen.push(`${clock.now} ${from} delivered ${frame.length}, ${arrivals.length} arrived`),
    });
    cable.send('a', new Uint8Array(60));
    clock.runUntil(2 * MILLISECOND);
    cable.send('b', new Uint8Array(61));
    cable.setUp(false);
    untap();
    cable.send('a', new Uint8Array(62));
    clock.runUntil(5 * MILLISECOND);
    expect(seen).toEqual(['0 a sent 60', '1000000 a delivered 60, 0 arrived', '2000000 b sent 61']);
  });

  it('loses what is on the way when it is cut, tells both ends, and carries nothing until it is mended', () => {
    const { clock, cable, arrivals, links } = build();
    cable.send('a', new Uint8Array(60));
    clock.runUntil(MILLISECOND / 2);
    cable.setUp(false);
    cable.send('b', new Uint8Array(60));
    clock.runUntil(5 * MILLISECOND);
    expect(arrivals).toEqual([]);
    expect(links).toEqual(['s1:1 down', 's2:1 down']);
    cable.setUp(true);
    cable.send('b', new Uint8Array(60));
    clock.runUntil(10 * MILLISECOND);
    expect(arrivals).toHaveLength(1);
    cable.assertConserved();
  });

  it('keeps its losses when other cables are added', () => {
    const lossesOf = (others: number) => {
      const clock = new Clock();
      const random = new Random(42);
      const got: number[] = [];
      const end = (name: string, receiveFrame: CableEnd['receiveFrame'] = () => {}): CableEnd => ({
        name,
        receiveFrame,
        linkChanged: () => {},
      });
      const spec = { ...SPEC, lossProbability: 0.3, queueFramesMax: 1_000 };
      const more = Array.from(
        { length: others },
        (_, i) => new Cable(clock, random, { ...spec, name: `x${i}` }, end(`x${i}:1`), end(`x${i}:2`)),
      );
      const cable = new Cable(
        clock,
        random,
        spec,
        end('s1:1'),
        end('s2:1', (frame) => got.push(frame[0]!)),
      );
      for (let i = 0; i < 200; i++) {
        for (const other of more) other.send('a', Uint8Array.of(i));
        cable.send('a', Uint8Array.of(i));
      }
      clock.runUntil(10 * MILLISECOND);
      return got;
    };
    expect(lossesOf(3)).toEqual(lossesOf(0));
    expect(lossesOf(0).length).toBeGreaterThan(100);
    expect(lossesOf(0).length).toBeLessThan(180);
  });

  it('conserves frames at every moment, whatever happens', () => {
    const step = fc.oneof(
      fc.record({
        type: fc.constant('send' as const),
        side: fc.constantFrom('a' as const, 'b' as const),
        bytes: fc.integer({ min: 1, max: 1_500 }),
      }),
      fc.record({ type: fc.constant('wait' as const), ns: fc.nat(2 * MILLISECOND) }),
      fc.record({ type: fc.constant('link' as const), isUp: fc.boolean() }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), fc.nat(), (steps, seed) => {
        const { clock, cable, arrivals } = build(
          { bandwidthBps: 10_000_000, lossProbability: 0.2, queueFramesMax: 4 },
          seed,
        );
        for (const given of steps) {
          if (given.type === 'send') cable.send(given.side, new Uint8Array(given.bytes));
          else if (given.type === 'wait') clock.runUntil(clock.now + given.ns);
          else cable.setUp(given.isUp);
          cable.assertConserved();
        }
        clock.runUntil(clock.now + 1_000 * MILLISECOND);
        const { a, b } = cable.counters;
        expect(a.inFlight + b.inFlight).toBe(0);
        expect(a.delivered + b.delivered).toBe(arrivals.length);
      }),
    );
  });

  it('takes no time to serialise when no bandwidth is given', () => {
    expect(serialisationNs(1_500, undefined)).toBe(0);
  });
});
