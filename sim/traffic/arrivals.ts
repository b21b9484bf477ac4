/**
 * When a source sends its next packet: at equal distances, as a Poisson process, or in bursts.
 *
 * A burst lasts and a silence lasts an exponential time of the given mean, and within a burst the distances are equal: the usual model of a source
 * that speaks and pauses. A distance that a silence cuts goes on behind it, so that the mean rate is exact however short the bursts are. All chance comes from the stream that is given.
 */
import { type Nanos, SECOND } from '../clock.ts';
import type { Random } from '../random.ts';

export type ArrivalPattern =
  | { readonly type: 'constant'; readonly perSecond: number }
  | { readonly type: 'poisson'; readonly perSecond: number }
  /** `perSecond` is that within a burst. */
  | { readonly type: 'on-off'; readonly perSecond: number; readonly onNs: Nanos; readonly offNs: Nanos };

export class Arrivals {
  readonly #pattern: ArrivalPattern;
  readonly #random: Random;
  readonly #startAt: Nanos;
  #count = 0;
  /** A fraction of a nanosecond counts. */
  #dueNs: number;
  #burstEndsAt: number;

  constructor(pattern: ArrivalPattern, random: Random, startAt: Nanos) {
    this.#pattern = pattern;
    this.#random = random;
    this.#startAt = startAt;
    this.#dueNs = startAt;
    this.#burstEndsAt = pattern.type === 'on-off' ? startAt + this.#exponential(pattern.onNs) : 0;
  }

  /** Never before the one that was told before. */
  next(): Nanos {
    const pattern = this.#pattern;
    const distanceNs = SECOND / pattern.perSecond;
    switch (pattern.type) {
      case 'constant':
        // Not a sum of distances, whose rounding would add up.
        this.#dueNs = this.#startAt + (++this.#count * SECOND) / pattern.perSecond;
        break;
      case 'poisson':
        this.#dueNs += this.#exponential(distanceNs);
        break;
      case 'on-off':
        this.#dueNs += distanceNs;
        while (this.#dueNs > this.#burstEndsAt) {
          const silenceNs = this.#exponential(pattern.offNs);
          this.#dueNs += silenceNs;
          this.#burstEndsAt += silenceNs + this.#exponential(pattern.onNs);
        }
        break;
    }
    return Math.round(this.#dueNs);
  }

  #exponential(meanNs: number): number {
    // 1 - x is never 0.
    return -meanNs * Math.log(1 - this.#random.nextFraction());
  }
}

/** Of packets, for as long as it lasts. */
export function meanRate(pattern: ArrivalPattern): number {
  if (pattern.type !== 'on-off') return pattern.perSecond;
  return (pattern.perSecond * pattern.onNs) / (pattern.onNs + pattern.offNs);
}
