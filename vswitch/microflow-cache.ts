/**
 * What the classifier answered lately, by the words that it looked at: a set-associative cache of two ways.
 *
 * A lookup among many masks costs a probe for each of them; an answer depends only on the bits that some mask has. So the cache's key is the packet's
 * key under the union of all masks, in the words where that is not zero: packets that no rule can tell apart share an
 * entry, and the key is as short as the rules allow. Whoever changes the rules says so (`clear`): a generation number drops all
 * entries at once, in constant time. Law: cache on is cache off.
 *
 * A set has two neighbouring entries; a new one takes the place of one that is not valid, or else of one by turns. The cache begins
 * small and doubles while misses keep filling it, up to a bound, so that a thousand idle switches pay for none.
 */
import { KEY_WORDS } from './flow-key.ts';
import type { MatchMask } from './match-shapes.ts';
import { ENTRY, makeProbe, type Probe } from './microflow-probe.ts';

const ENTRIES_MIN = 256;

/** One megabyte: some thirty thousand flows of a table that looks at addresses and ports. */
const WORDS_MAX = 1 << 18;

/** Not in the cache. */
export const UNKNOWN = -2;

export class MicroflowCache {
  readonly #union = new Uint32Array(KEY_WORDS);
  #isUnionNew = false;
  #indexes = new Int32Array(0);
  #masks = new Int32Array(0);
  #width = 0;
  #stride = 0;
  #entries = new Int32Array(0);
  #probe: Probe = () => UNKNOWN;
  /** Index of the last set. */
  #lastSet = 0;
  #generation = 1;
  #added = 0;
  /** Where the key that was looked for last belongs. */
  #home = 0;

  /** Forgets everything. */
  clear(): void {
    this.#added = 0;
    if (++this.#generation < GENERATION_MAX) return;
    this.#generation = 1;
    this.#entries.fill(0);
  }

  /** From now on rules may look at these bits, too; the cache is to be cleared. */
  cover({ words }: MatchMask): void {
    const union = this.#union;
    for (let i = 0; i < union.length; i++) {
      if ((words[i]! & ~union[i]!) === 0) continue;
      union[i]! |= words[i]!;
      this.#isUnionNew = true;
    }
  }

  #rebuild(): void {
    const union = this.#union;
    this.#isUnionNew = false;
    this.#indexes = Int32Array.from([...union.keys()].filter((index) => union[index] !== 0));
    this.#masks = this.#indexes.map((index) => union[index]!);
    this.#width = this.#indexes.length;
    this.#stride = ENTRY.key + this.#width;
    this.#probe = makeProbe(this.#indexes, this.#masks);
    this.#allocate(ENTRIES_MIN);
  }

  #allocate(entries: number): void {
    this.#entries = new Int32Array(entries * this.#stride);
    this.#lastSet = entries / 2 - 1;
    this.#generation = 1;
    this.#added = 0;
  }

  /** What was answered for such a key, or `UNKNOWN`. */
  find(key: Uint32Array): number {
    if (this.#isUnionNew) this.#rebuild();
    const at = this.#probe(this.#entries, this.#lastSet, this.#generation, key);
    if (at >= 0) return this.#entries[at + ENTRY.answer]!;
    this.#home = ~at;
    return UNKNOWN;
  }

  /** The answer for the key that has just been looked for in vain. */
  add(key: Uint32Array, answer: number): void {
    const entries = this.#entries;
    let at = this.#home;
    if (entries[at + ENTRY.generation] === this.#generation) {
      const second = at + this.#stride;
      if (entries[second + ENTRY.generation] !== this.#generation || (this.#added & 1) === 1) at = second;
    }
    entries[at + ENTRY.generation] = this.#generation;
    entries[at + ENTRY.answer] = answer;
    for (let i = 0; i < this.#width; i++) entries[at + ENTRY.key + i] = key[this.#indexes[i]!]! & this.#masks[i]!;
    const size = 2 * (this.#lastSet + 1);
    if (++this.#added >= size && 2 * size * this.#stride <= WORDS_MAX) this.#allocate(2 * size);
  }
}

/** Entries have 31 bits for it. */
const GENERATION_MAX = 0x7fffffff;
