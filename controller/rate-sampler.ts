/**
 * Rates from counters that only grow: what was added over the last second, divided by the time it took.
 *
 * A window instead of a smoothed mean: a link that falls silent shows 0 a second later, not a decaying untruth. While time stands still, the
 * last known rates stand too.
 */
import type { EmulatedLink } from '../protocol/api/emulation.ts';
import type { Nanos } from '../protocol/wire/openflow/session.ts';

export interface Rate {
  readonly framesPerSecond: number;
  readonly bytesPerSecond: number;
}

export type Rates = ReadonlyMap<string, Rate>;

type Counters = Pick<EmulatedLink, 'name' | 'frames' | 'bytes'>;

interface Sample {
  readonly at: Nanos;
  readonly counters: ReadonlyMap<string, Counters>;
}

const SECOND: Nanos = 1_000_000_000;

/** As many as a window holds at the pace of the feed, and a few more. */
const SAMPLES_MAX = 16;

const NOTHING: Rate = { framesPerSecond: 0, bytesPerSecond: 0 };

export class RateSampler {
  #samples: Sample[] = [];
  #rates: Rates = new Map();

  get rates(): Rates {
    return this.#rates;
  }

  sample(links: readonly Counters[], now: Nanos): void {
    const latest = this.#samples.at(-1);
    if (latest && now <= latest.at) return;
    const counters = new Map(links.map((link) => [link.name, link]));
    this.#samples.push({ at: now, counters });
    // The oldest kept is the last that is a whole window old, so that a rate always spans at least that.
    while (this.#samples.length > 2 && this.#samples[1]!.at <= now - SECOND) this.#samples.shift();
    if (this.#samples.length > SAMPLES_MAX) this.#samples.splice(1, 1);
    const oldest = this.#samples[0]!;
    this.#rates = new Map(links.map((link) => [link.name, rateBetween(oldest, link, now)]));
  }
}

function rateBetween({ at, counters }: Sample, link: Counters, now: Nanos): Rate {
  const before = counters.get(link.name);
  if (!before || now === at) return NOTHING;
  const seconds = (now - at) / SECOND;
  return {
    framesPerSecond: round((link.frames - before.frames) / seconds),
    bytesPerSecond: round((link.bytes - before.bytes) / seconds),
  };
}

/** A tenth is more than anybody reads, and unchanged rates stay equal. */
function round(value: number): number {
  return Math.round(value * 10) / 10;
}
