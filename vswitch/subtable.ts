/**
 * The rules of one mask: a hash table with the masked keys inline, open to linear probing.
 *
 * Only the words that the mask touches are kept, hashed and compared. Hashes stand inline too, zero for an empty slot, so that no rule is
 * touched (a cache miss each) but the one that is found. A slot belongs to a key; rules of that key, which differ in
 * priority alone, hang in a chain off it, the highest first. Removing the last rule of a slot closes the gap by moving back what had
 * been pushed on by it, so there are no tombstones and a table that is filled and emptied for years stays as fast as a new one.
 */
import type { FlowRule } from './flow-rule.ts';
import type { MatchKey } from './match-key.ts';

const CAPACITY_MIN = 4;

/** No hash is zero. */
const EMPTY = 0;
const NOT_EMPTY = 1;

export class Subtable {
  readonly mask: Uint32Array;
  readonly #indexes: Int32Array;
  readonly #masks: Int32Array;
  readonly #width: number;
  #capacity = CAPACITY_MIN;
  #hashes = new Int32Array(CAPACITY_MIN);
  #keys: Int32Array;
  #heads: (FlowRule | undefined)[];
  #slotCount = 0;
  /** No rule has a higher priority; it is lowered now and then only, as removals pay for the search. */
  priorityMax = -1;
  #removals = 0;

  constructor(mask: Uint32Array) {
    this.mask = mask.slice();
    this.#indexes = Int32Array.from([...mask.keys()].filter((index) => mask[index] !== 0));
    this.#masks = this.#indexes.map((index) => mask[index]!);
    this.#width = this.#indexes.length;
    this.#keys = new Int32Array(this.#capacity * this.#width);
    this.#heads = emptySlots(this.#capacity);
  }

  get isEmpty(): boolean {
    return this.#slotCount === 0;
  }

  /** The highest rule of the slot that the key falls into. */
  find(key: Uint32Array): FlowRule | undefined {
    const indexes = this.#indexes;
    const masks = this.#masks;
    const keys = this.#keys;
    const hashes = this.#hashes;
    const width = this.#width;
    let hash = HASH_SEED;
    for (let i = 0; i < width; i++) hash = mix(hash, key[indexes[i]!]! & masks[i]!);
    hash = finish(hash);
    const last = this.#capacity - 1;
    let slot = hash & last;
    for (;;) {
      const found = hashes[slot]!;
      if (found === hash) {
        let i = 0;
        const base = slot * width;
        while (i < width && keys[base + i] === (key[indexes[i]!]! & masks[i]!)) i++;
        if (i === width) return this.#heads[slot];
      } else if (found === EMPTY) {
        return undefined;
      }
      slot = (slot + 1) & last;
    }
  }

  /** Takes the place of a rule of the same key and priority, and answers that one. */
  add(rule: FlowRule, key: Uint32Array): FlowRule | undefined {
    if (2 * (this.#slotCount + 1) > this.#capacity) this.#resize(2 * this.#capacity);
    if (rule.priority > this.priorityMax) this.priorityMax = rule.priority;
    const width = this.#width;
    let hash = HASH_SEED;
    for (let i = 0; i < width; i++) hash = mix(hash, key[this.#indexes[i]!]! & this.#masks[i]!);
    rule.hash = finish(hash);
    const slot = this.#slotOf(rule.hash, key);
    const head = this.#heads[slot];
    if (head === undefined) {
      const base = slot * width;
      for (let i = 0; i < width; i++) this.#keys[base + i] = key[this.#indexes[i]!]! & this.#masks[i]!;
      this.#slotCount++;
      this.#hashes[slot] = rule.hash;
      rule.next = undefined;
      this.#heads[slot] = rule;
      return undefined;
    }
    let before: FlowRule | undefined;
    let here: FlowRule | undefined = head;
    while (here !== undefined && here.priority > rule.priority) {
      before = here;
      here = here.next;
    }
    const replaced = here?.priority === rule.priority ? here : undefined;
    rule.next = replaced ? replaced.next : here;
    if (before) before.next = rule;
    else this.#heads[slot] = rule;
    return replaced;
  }

  /** The slot of this key, or the empty one where it would go. */
  #slotOf(hash: number, key: Uint32Array): number {
    const last = this.#capacity - 1;
    let slot = hash & last;
    for (;;) {
      const found = this.#hashes[slot]!;
      if (found === EMPTY || (found === hash && this.#isKeyOf(slot, key))) return slot;
      slot = (slot + 1) & last;
    }
  }

  #isKeyOf(slot: number, key: Uint32Array): boolean {
    const base = slot * this.#width;
    for (let i = 0; i < this.#width; i++) {
      if (this.#keys[base + i] !== (key[this.#indexes[i]!]! & this.#masks[i]!)) return false;
    }
    return true;
  }

  /** A rule that is in this table. */
  remove(rule: FlowRule): void {
    const last = this.#capacity - 1;
    let slot = rule.hash & last;
    while (!this.#unlink(slot, rule)) slot = (slot + 1) & last;
    if (this.#heads[slot] === undefined) this.#close(slot);
    if (++this.#removals > this.#slotCount) this.#lowerPriorityMax();
    if (this.#capacity > CAPACITY_MIN && 8 * this.#slotCount < this.#capacity) this.#resize(this.#capacity / 2);
  }

  #unlink(slot: number, rule: FlowRule): boolean {
    const head = this.#heads[slot];
    if (head === rule) {
      this.#heads[slot] = rule.next;
      return true;
    }
    let here = head;
    while (here !== undefined && here.next !== rule) here = here.next;
    if (here === undefined) return false;
    here.next = rule.next;
    return true;
  }

  /** Moves back what stands behind an emptied slot and began its search at or before it. */
  #close(emptied: number): void {
    const last = this.#capacity - 1;
    const width = this.#width;
    let gap = emptied;
    let slot = gap;
    this.#slotCount--;
    for (;;) {
      slot = (slot + 1) & last;
      const hash = this.#hashes[slot]!;
      if (hash === EMPTY) break;
      const distance = (slot - (hash & last)) & last;
      if (distance < ((slot - gap) & last)) continue;
      this.#heads[gap] = this.#heads[slot];
      this.#hashes[gap] = hash;
      this.#keys.copyWithin(gap * width, slot * width, (slot + 1) * width);
      gap = slot;
    }
    this.#heads[gap] = undefined;
    this.#hashes[gap] = EMPTY;
  }

  #lowerPriorityMax(): void {
    this.#removals = 0;
    let priorityMax = -1;
    for (const head of this.#heads) if (head && head.priority > priorityMax) priorityMax = head.priority;
    this.priorityMax = priorityMax;
  }

  #resize(capacity: number): void {
    const heads = this.#heads;
    const keys = this.#keys;
    const width = this.#width;
    this.#capacity = capacity;
    this.#heads = emptySlots(capacity);
    this.#hashes = new Int32Array(capacity);
    this.#keys = new Int32Array(capacity * width);
    for (let from = 0; from < heads.length; from++) {
      const head = heads[from];
      if (head === undefined) continue;
      let slot = head.hash & (capacity - 1);
      while (this.#hashes[slot] !== EMPTY) slot = (slot + 1) & (capacity - 1);
      this.#heads[slot] = head;
      this.#hashes[slot] = head.hash;
      for (let i = 0; i < width; i++) this.#keys[slot * width + i] = keys[from * width + i]!;
    }
  }

  *rules(): Generator<FlowRule> {
    for (const head of this.#heads) {
      for (let rule = head; rule !== undefined; rule = rule.next) yield rule;
    }
  }

  /** Rules whose key agrees with this one in the bits that both masks have. */
  *agreeing({ key, mask }: MatchKey): Generator<FlowRule> {
    for (let slot = 0; slot < this.#capacity; slot++) {
      const head = this.#heads[slot];
      if (head === undefined) continue;
      const base = slot * this.#width;
      let i = 0;
      for (; i < this.#width; i++) {
        const index = this.#indexes[i]!;
        if (((this.#keys[base + i]! ^ key[index]!) & this.#masks[i]! & mask[index]!) !== 0) break;
      }
      if (i < this.#width) continue;
      for (let rule: FlowRule | undefined = head; rule !== undefined; rule = rule.next) yield rule;
    }
  }
}

function emptySlots(capacity: number): (FlowRule | undefined)[] {
  return Array<FlowRule | undefined>(capacity).fill(undefined);
}

const HASH_SEED = 0x1234567;

function mix(hash: number, word: number): number {
  const mixed = Math.imul(hash ^ word, 0x9e3779b1);
  return mixed ^ (mixed >>> 15);
}

function finish(hash: number): number {
  return hash ^ (hash >>> 13) || NOT_EMPTY;
}
