/** Times that packets took, all of them kept, so that every percentile is exact and none is an estimate. */
import type { Nanos } from '../clock.ts';

export interface LatencySummary {
  readonly min: Nanos;
  readonly mean: Nanos;
  readonly p50: Nanos;
  readonly p90: Nanos;
  readonly p99: Nanos;
  readonly max: Nanos;
}

const ROOM_AT_FIRST = 256;

export class LatencyRecord {
  #times = new Float64Array(ROOM_AT_FIRST);
  #count = 0;

  add(time: Nanos): void {
    if (this.#count === this.#times.length) {
      const larger = new Float64Array(2 * this.#count);
      larger.set(this.#times);
      this.#times = larger;
    }
    this.#times[this.#count++] = time;
  }

  /** Undefined when nothing has arrived. A percentile is a time that was measured: the smallest that so many are not above. */
  summarise(): LatencySummary | undefined {
    if (this.#count === 0) return undefined;
    const sorted = this.#times.slice(0, this.#count).sort();
    const percentile = (share: number) => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)]!;
    return {
      min: sorted[0]!,
      mean: sorted.reduce((sum, time) => sum + time, 0) / sorted.length,
      p50: percentile(0.5),
      p90: percentile(0.9),
      p99: percentile(0.99),
      max: sorted.at(-1)!,
    };
  }
}
