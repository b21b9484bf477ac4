/**
 * The chance of generators: a seeded stream of fractions, which is part of what a shorthand means and so never changes.
 *
 * Mulberry32, 32 bits of state: ample for drawing a graph. The world's own randomness is the simulator's, which this room does not know.
 */
export class Chance {
  #state: number;

  constructor(seed: number) {
    // Seeds are whole numbers of up to 15 digits: both halves count, and neighbours must not look alike.
    this.#state = Math.imul((seed >>> 0) ^ Math.imul(Math.floor(seed / 2 ** 32), 0x85ebca6b), 0x9e3779b1) >>> 0;
  }

  /** Uniform in 0 ≤ x < 1. */
  nextFraction(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  /** Uniform among 0, 1, … below - 1. */
  nextBelow(below: number): number {
    return Math.floor(this.nextFraction() * below);
  }
}
