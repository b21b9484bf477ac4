/**
 * Seeded randomness that is forked by name, so that each user of chance has a stream of its own.
 *
 * `random.fork('s1:2>s3:1')` depends on the seed and the name alone: a cable keeps its losses when others are added. The generator is sfc32
 * (Chris Doty-Humphrey's PractRand), 128 bits of state; names are hashed with FNV-1a in four lanes.
 */
export class Random {
  readonly #seed: string;
  #a: number;
  #b: number;
  #c: number;
  #d: number;

  constructor(seed: number | string) {
    this.#seed = String(seed);
    this.#a = hashText(this.#seed, 0x811c9dc5);
    this.#b = hashText(this.#seed, 0x01000193);
    this.#c = hashText(this.#seed, 0x9e3779b9);
    this.#d = 1;
    // The first outputs still look like the seed.
    for (let i = 0; i < 12; i++) this.nextUint32();
  }

  fork(name: string): Random {
    // The length makes the path of names unambiguous.
    return new Random(`${this.#seed}/${name.length}:${name}`);
  }

  nextUint32(): number {
    const sum = (this.#a + this.#b + this.#d) | 0;
    this.#d = (this.#d + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = ((this.#c << 21) | (this.#c >>> 11)) + sum;
    this.#c |= 0;
    return sum >>> 0;
  }

  /** Uniform in 0 ≤ x < 1. */
  nextFraction(): number {
    return this.nextUint32() / 0x1_0000_0000;
  }

  /** Uniform among 0, 1, … below - 1. */
  nextBelow(below: number): number {
    return Math.floor(this.nextFraction() * below);
  }
}

/** 32 bits, of which every text and basis has its own. */
export function hashText(text: string, basis: number): number {
  let state = basis;
  for (let i = 0; i < text.length; i++) state = Math.imul(state ^ text.charCodeAt(i), 0x01000193);
  // A last mix, because FNV-1a leaves the ends of short names in the low bits.
  state = Math.imul(state ^ (state >>> 16), 0x85ebca6b);
  state = Math.imul(state ^ (state >>> 13), 0xc2b2ae35);
  return state ^ (state >>> 16);
}
