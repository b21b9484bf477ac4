/**
 * A moment that moves on by bits at a rate, exactly: whole nanoseconds, and what is beyond them as a fraction of the rate.
 *
 * Bits rarely take whole nanoseconds, and a rate that is rounded with every frame is another rate after a million of them. So the
 * remainder is carried along; only who asks when the moment has come gets the next whole nanosecond.
 */
const SECOND_NS = 1_000_000_000;

export class Pace {
  readonly #bitsPerSecond: number;
  #ns = Number.NEGATIVE_INFINITY;
  /** Of a nanosecond: so many parts of `bitsPerSecond`. */
  #rest = 0;

  /** A whole number; bits times 10^9 and the rate have to be exact in a double. */
  constructor(bitsPerSecond: number) {
    this.#bitsPerSecond = bitsPerSecond;
  }

  /** The first whole nanosecond at which the moment has come. */
  get reachedAt(): number {
    return this.#rest > 0 ? this.#ns + 1 : this.#ns;
  }

  /** Time that was not used is lost. A moment that came within the nanosecond before `now` stays, or each frame would lose a part of one. */
  catchUp(now: number): void {
    if (this.reachedAt >= now) return;
    this.#ns = now;
    this.#rest = 0;
  }

  moveOn(bits: number): void {
    const parts = this.#rest + bits * SECOND_NS;
    this.#rest = parts % this.#bitsPerSecond;
    this.#ns += (parts - this.#rest) / this.#bitsPerSecond;
  }

  /** Where it would be after so many bits, rounded down. */
  after(bits: number): number {
    return this.#ns + Math.floor((this.#rest + bits * SECOND_NS) / this.#bitsPerSecond);
  }
}
