/** A cable between two ends that write down what arrives, on a clock of its own. */
import { Cable, type CableEnd } from '../../sim/cable.ts';
import type { CableSpec } from '../../sim/cable-figures.ts';
import { Clock, type Nanos } from '../../sim/clock.ts';
import { Random } from '../../sim/random.ts';

export interface Arrival {
  readonly at: Nanos;
  readonly frame: Uint8Array;
}

export interface CableRig {
  readonly clock: Clock;
  readonly cable: Cable;
  /** At side b and at side a. */
  readonly atB: Arrival[];
  readonly atA: Arrival[];
  /** What the ends were told of their link. */
  readonly links: string[];
}

export function rigCable(change: Partial<CableSpec> = {}, seed = 1): CableRig {
  const clock = new Clock();
  const atA: Arrival[] = [];
  const atB: Arrival[] = [];
  const links: string[] = [];
  const endOf = (name: string, arrivals: Arrival[]): CableEnd => ({
    name,
    receiveFrame: (frame) => arrivals.push({ at: clock.now, frame }),
    linkChanged: (isUp) => links.push(`${clock.now} ${name} ${isUp ? 'up' : 'down'}`),
  });
  const spec = { name: 'c', delayNs: 0, queueFramesMax: 1_000_000, lossProbability: 0, ...change };
  const cable = new Cable(clock, new Random(seed), spec, endOf('s1:1', atA), endOf('s2:1', atB));
  return { clock, cable, atA, atB, links };
}

/** A frame of at least four bytes that says its number. */
export function numberedFrame(number: number, bytes = 64): Uint8Array {
  const frame = new Uint8Array(bytes);
  new DataView(frame.buffer).setUint32(0, number);
  return frame;
}

export function numberOf(frame: Uint8Array): number {
  return new DataView(frame.buffer, frame.byteOffset).getUint32(0);
}

/** So many numbered frames from side a, so far apart; then all of them have arrived. */
export function sendMany({ clock, cable }: CableRig, count: number, apartNs: Nanos, bytes = 64): void {
  for (let i = 0; i < count; i++) {
    clock.runUntil(i * apartNs);
    cable.send('a', numberedFrame(i, bytes));
  }
  for (let next = clock.nextAt(); next !== undefined; next = clock.nextAt()) clock.runUntil(next);
  cable.assertConserved();
}
