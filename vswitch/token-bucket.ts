/**
 * A bucket that fills at a rate up to a depth, exactly, for any rate and depth that the wire can say.
 *
 * Tokens in the bucket would be a fraction of the rate, and their products with a long burst leave what a double counts exactly. So what is kept
 * is the moment at which the bucket will be full if nobody takes any more: whole nanoseconds, and a rest in parts of the rate. Who takes
 * tokens moves it on by the time that they need to come again, and there are enough of them if it is then no further
 * away than the time in which an empty bucket fills.
 */
const SECOND_NS = 1_000_000_000;

/** A moment, or a span: nanoseconds and parts of one. */
interface Span {
  readonly ns: number;
  readonly rest: number;
}

export class TokenBucket {
  readonly #perSecond: number;
  readonly #depth: Span;
  #fullNs = 0;
  #fullRest = 0;

  /** It starts full. `depth` over `per` tokens: a fraction, since a share of a rate may be one. */
  constructor(perSecond: number, depth: number, per = 1) {
    this.#perSecond = perSecond;
    this.#depth = toSpan(BigInt(depth) * BigInt(SECOND_NS), BigInt(per), BigInt(perSecond));
  }

  /** False, and nothing is taken, when there are too few. `now` never goes back. */
  take(tokens: number, now: number): boolean {
    if (this.#fullNs < now) {
      this.#fullNs = now;
      this.#fullRest = 0;
    }
    const parts = this.#fullRest + tokens * SECOND_NS;
    const rest = parts % this.#perSecond;
    const ns = this.#fullNs + (parts - rest) / this.#perSecond;
    const missing = ns - now;
    if (missing > this.#depth.ns || (missing === this.#depth.ns && rest > this.#depth.rest)) return false;
    this.#fullNs = ns;
    this.#fullRest = rest;
    return true;
  }
}

/** Rounded down to what moments can be: they are whole parts of the rate too. A bucket that takes a hundred days to fill has no bottom. */
function toSpan(parts: bigint, per: bigint, perSecond: bigint): Span {
  const whole = parts / per;
  const ns = whole / perSecond;
  if (ns > BigInt(Number.MAX_SAFE_INTEGER)) return { ns: Number.POSITIVE_INFINITY, rest: 0 };
  return { ns: Number(ns), rest: Number(whole % perSecond) };
}
