/** So much a second and so much at once: whether one more is within that. Time is an argument, so it is the same under virtual and under wall time. */
import type { Nanos } from '../../protocol/wire/openflow/session.ts';

const SECOND: Nanos = 1_000_000_000;

export interface TokenRate {
  /** Infinity for no bound at all. */
  readonly perSecond: number;
  /** As many may come at once. */
  readonly burst: number;
}

/** What one switch may have the controller look at. More than hosts that come and go cause, and a hundredth of what a core gets through. */
export const PACKET_IN_RATE: TokenRate = { perSecond: 1000, burst: 1000 };

export class TokenBucket {
  readonly #rate: TokenRate;
  #tokens: number;
  #filledAt: Nanos;

  /** Full. */
  constructor(rate: TokenRate, now: Nanos) {
    this.#rate = rate;
    this.#tokens = rate.burst;
    this.#filledAt = now;
  }

  take(now: Nanos): boolean {
    const { perSecond, burst } = this.#rate;
    if (perSecond === Number.POSITIVE_INFINITY) return true;
    this.#tokens = Math.min(burst, this.#tokens + ((now - this.#filledAt) * perSecond) / SECOND);
    this.#filledAt = now;
    if (this.#tokens < 1) return false;
    this.#tokens--;
    return true;
  }
}
