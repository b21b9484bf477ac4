/**
 * Events per second of the clock with many pending, beside a heap of objects in the same run.
 *
 * The hold model: every event that runs schedules its actor's next, so that the number pending stays. Delays come from four distributions,
 * for queues of this kind fall apart on some of them (a calendar queue does on fixed delays); and once more with delays in whole microseconds
 * of eight kinds, so that thousands share a moment and must be ranked. Ours runs on alarms, as whoever is in a hurry does, and on
 * one-shot timers, too. Both run the same events in the same order: that is checked. Seconds are those of the processor, for others use the machine,
 * too.
 */
import { type Alarm, Clock } from '../sim/clock.ts';
import { Random } from '../sim/random.ts';
import { HeapClock } from './heap-clock.ts';
import type { Comparison } from './measure.ts';

const ACTORS = 1000;
/** Delays are drawn beforehand; a power of two. */
const DELAYS = 65_536;
const MEAN_NS = 100_000;
const FAR_NS = 10_000_000_000;

const DISTRIBUTIONS = {
  fixed: () => MEAN_NS,
  uniform: (random) => 1 + random.nextBelow(2 * MEAN_NS),
  exponential: (random) => 1 + Math.round(-Math.log(1 - random.nextFraction()) * MEAN_NS),
  'bimodal with far timers': (random) =>
    random.nextBelow(10) === 0 ? FAR_NS + random.nextBelow(FAR_NS) : 1 + random.nextBelow(MEAN_NS),
  'in step': (random) => 1000 * (1 + random.nextBelow(8)),
} as const satisfies Record<string, (random: Random) => number>;

type DistributionName = keyof typeof DISTRIBUTIONS;

/** A queue with its events scheduled. */
interface Contender {
  readonly step: () => void;
  /** What has run, so that two can be compared. */
  readonly seen: { sum: number };
}

type Build = (pending: number, delays: Float64Array) => Contender;

/** What an event does beside scheduling the next: it leaves a trace of who and when. */
function createTrace(delays: Float64Array): { readonly seen: { sum: number }; next(who: number, now: number): number } {
  const seen = { sum: 0 };
  let drawn = 0;
  return {
    seen,
    next: (who, now) => {
      seen.sum = (Math.imul(seen.sum, 31) + who + now) | 0;
      return now + delays[drawn++ & (DELAYS - 1)]!;
    },
  };
}

/** They begin one after the other. */
function toPhase(index: number, pending: number): number {
  return Math.round((index / pending) * MEAN_NS);
}

/** Far apart in the order of names, as those are whose names are made of words. */
function toActorName(index: number): string {
  return `cable s${(index * 7919) % ACTORS}:1>s${index}:2`;
}

const onAlarms: Build = (pending, delays) => {
  const clock = new Clock();
  const { seen, next } = createTrace(delays);
  const owners = Array.from({ length: ACTORS }, (_, i) => ({
    actor: clock.createActor(toActorName(i)),
    run: (alarm: Alarm) => alarm.set(next(i, clock.now)),
  }));
  for (let i = 0; i < pending; i++) {
    const { actor, run } = owners[i % ACTORS]!;
    clock.createAlarm(actor, run).set(next(i, toPhase(i, pending)));
  }
  return { step: () => void clock.step(), seen };
};

const onOneShots: Build = (pending, delays) => {
  const clock = new Clock();
  const { seen, next } = createTrace(delays);
  const owners = Array.from({ length: ACTORS }, (_, i) => {
    const actor = clock.createActor(toActorName(i));
    const run = (): void => void clock.schedule(actor, next(i, clock.now), run);
    return { actor, run };
  });
  for (let i = 0; i < pending; i++) {
    const { actor, run } = owners[i % ACTORS]!;
    clock.schedule(actor, next(i, toPhase(i, pending)), run);
  }
  return { step: () => void clock.step(), seen };
};

const onHeap: Build = (pending, delays) => {
  const clock = new HeapClock();
  const { seen, next } = createTrace(delays);
  const owners = Array.from({ length: ACTORS }, (_, i) => {
    const actor = clock.createActor(toActorName(i));
    const run = (): void => void clock.schedule(actor, next(i, clock.now), run);
    return { actor, run };
  });
  for (let i = 0; i < pending; i++) {
    const { actor, run } = owners[i % ACTORS]!;
    clock.schedule(actor, next(i, toPhase(i, pending)), run);
  }
  return { step: () => void clock.step(), seen };
};

interface Figure {
  readonly perSecond: number;
  readonly sum: number;
}

function measureHold(build: Build, pending: number, count: number, delays: Float64Array): Figure {
  const { step, seen } = build(pending, delays);
  // Until no event is left that was placed at the beginning, and the compiler has seen enough.
  for (let i = 0; i < pending + count; i++) step();
  globalThis.gc?.();
  const start = process.cpuUsage();
  for (let i = 0; i < count; i++) step();
  const { user, system } = process.cpuUsage(start);
  return { perSecond: count / ((user + system) / 1e6), sum: seen.sum };
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1]!;
}

export interface EventCoreOptions {
  readonly rounds: number;
  readonly pending: number;
  /** Events in a round. */
  readonly count: number;
}

export function benchEventCore({ rounds, pending, count }: EventCoreOptions): readonly Comparison[] {
  const comparisons: Comparison[] = [];
  for (const name of Object.keys(DISTRIBUTIONS) as DistributionName[]) {
    const random = new Random(name);
    const delays = Float64Array.from({ length: DELAYS }, () => DISTRIBUTIONS[name](random));
    const rates = { alarms: [] as number[], 'one-shot timers': [] as number[], heap: [] as number[] };
    // In turn, for on a machine that others use, too, a figure holds for a minute.
    for (let round = 0; round < rounds; round++) {
      const heap = measureHold(onHeap, pending, count, delays);
      rates.heap.push(heap.perSecond);
      for (const [kind, build] of [
        ['alarms', onAlarms],
        ['one-shot timers', onOneShots],
      ] as const) {
        const ours = measureHold(build, pending, count, delays);
        if (ours.sum !== heap.sum) throw new Error(`${name}: ${kind} ran other events than the heap`);
        rates[kind].push(ours.perSecond);
      }
    }
    for (const kind of ['alarms', 'one-shot timers'] as const) {
      comparisons.push({
        name: `event core, ${pending} pending, ${name}, ${kind}`,
        unit: 'events/s',
        ours: median(rates[kind]),
        peer: 'heap of objects',
        theirs: median(rates.heap),
      });
    }
  }
  return comparisons;
}
