/**
 * The rules of one mask: a hash table with the masked keys inline, open to linear probing.
 *
 * Only the words that the mask touches are kept, hashed and compared. A slot is a few words side by side, mostly within one cache line:
 * the hash (zero for an empty slot), the highest rule, and the key; so of all rules none is touched (a cache miss each) but the one
 * that is found. A slot belongs to a key; rules of that key, which differ in priority alone, hang in a chain off it, the
 * highest first. Removing the last rule of a slot closes the gap by moving back what had been pushed on by it, so there are no
 * tombstones and a table that is filled and emptied for years stays as fast as a new one.
 *
 * Each rule knows its slot, from which its key can be read back.
 */

import type { MatchKey } from './match-key.ts';
import type { MatchMask } from './match-shapes.ts';
import { RULE_NONE, type RuleStore } from './rule-store.ts';

const CAPACITY_MIN = 4;

/** Words of a slot. */
const HASH = 0;
const HEAD = 1;
const KEY_AT = 2;

/** No hash is zero. */
const EMPTY = 0;
const NOT_EMPTY = 1;

export class Subtable {
  readonly mask: MatchMask;
  readonly #store: RuleStore;
  readonly #indexes: Int32Array;
  readonly #masks: Int32Array;
  readonly #width: number;
  readonly #stride: number;
  #last = CAPACITY_MIN - 1;
  #slots: Int32Array;
  #slotCount = 0;
  /** No rule has a higher priority; it is lowered now and then only, as removals pay for the search. */
  priorityMax = -1;
  #removals = 0;

  constructor(mask: MatchMask, store: RuleStore) {
    this.mask = mask;
    this.#store = store;
    const { words } = mask;
    this.#indexes = Int32Array.from([...words.keys()].filter((index) => words[index] !== 0));
    this.#masks = this.#indexes.map((index) => words[index]!);
    this.#width = this.#indexes.length;
    this.#stride = KEY_AT + this.#width;
    this.#slots = new Int32Array(CAPACITY_MIN * this.#stride);
  }

  get isEmpty(): boolean {
    return this.#slotCount === 0;
  }

  /** The highest rule of the slot that the key falls into. */
  find(key: Uint32Array): number {
    const indexes = this.#indexes;
    const masks = this.#masks;
    const slots = this.#slots;
    const stride = this.#stride;
    const width = this.#width;
    let hash = HASH_SEED;
    for (let i = 0; i < width; i++) hash = mix(hash, key[indexes[i]!]! & masks[i]!);
    hash = finish(hash);
    const last = this.#last;
    let slot = hash & last;
    for (;;) {
      const base = slot * stride;
      const found = slots[base + HASH]!;
      if (found === hash) {
        let i = 0;
        while (i < width && slots[base + KEY_AT + i] === (key[indexes[i]!]! & masks[i]!)) i++;
        if (i === width) return slots[base + HEAD]!;
      } else if (found === EMPTY) {
        return RULE_NONE;
      }
      slot = (slot + 1) & last;
    }
  }

  /** Takes the place of a rule of the same key and priority, and answers that one. */
  add(rule: number, key: Uint32Array): number {
    if (2 * (this.#slotCount + 1) > this.#last + 1) this.#resize(2 * (this.#last + 1));
    const store = this.#store;
    const priority = store.priorityOf(rule);
    if (priority > this.priorityMax) this.priorityMax = priority;
    const hash = this.#hashOf(key);
    const slot = this.#slotOf(hash, key);
    const base = slot * this.#stride;
    store.setSlot(rule, slot);
    if (this.#slots[base + HASH] === EMPTY) {
      for (let i = 0; i < this.#width; i++) this.#slots[base + KEY_AT + i] = key[this.#indexes[i]!]! & this.#masks[i]!;
      this.#slotCount++;
      this.#slots[base + HASH] = hash;
      this.#slots[base + HEAD] = rule;
      store.setNext(rule, RULE_NONE);
      return RULE_NONE;
    }
    let before = RULE_NONE;
    let here = this.#slots[base + HEAD]!;
    while (here !== RULE_NONE && store.priorityOf(here) > priority) {
      before = here;
      here = store.nextOf(here);
    }
    const replaced = here !== RULE_NONE && store.priorityOf(here) === priority ? here : RULE_NONE;
    store.setNext(rule, replaced === RULE_NONE ? here : store.nextOf(replaced));
    if (before === RULE_NONE) this.#slots[base + HEAD] = rule;
    else store.setNext(before, rule);
    return replaced;
  }

  #hashOf(key: Uint32Array): number {
    let hash = HASH_SEED;
    for (let i = 0; i < this.#width; i++) hash = mix(hash, key[this.#indexes[i]!]! & this.#masks[i]!);
    return finish(hash);
  }

  /** The slot of this key, or the empty one where it would go. */
  #slotOf(hash: number, key: Uint32Array): number {
    let slot = hash & this.#last;
    for (;;) {
      const found = this.#slots[slot * this.#stride + HASH]!;
      if (found === EMPTY || (found === hash && this.#isKeyOf(slot, key))) return slot;
      slot = (slot + 1) & this.#last;
    }
  }

  #isKeyOf(slot: number, key: Uint32Array): boolean {
    const base = slot * this.#stride + KEY_AT;
    for (let i = 0; i < this.#width; i++) {
      if (this.#slots[base + i] !== (key[this.#indexes[i]!]! & this.#masks[i]!)) return false;
    }
    return true;
  }

  /** A rule that is in this table. */
  remove(rule: number): void {
    const slot = this.#store.slotOf(rule);
    this.#unlink(slot * this.#stride + HEAD, rule);
    if (this.#slots[slot * this.#stride + HEAD] === RULE_NONE) this.#close(slot);
    if (++this.#removals > this.#slotCount) this.#lowerPriorityMax();
    const capacity = this.#last + 1;
    if (capacity > CAPACITY_MIN && 8 * this.#slotCount < capacity) this.#resize(capacity / 2);
  }

  #unlink(headAt: number, rule: number): void {
    const store = this.#store;
    let here = this.#slots[headAt]!;
    if (here === rule) {
      this.#slots[headAt] = store.nextOf(rule);
      return;
    }
    while (store.nextOf(here) !== rule) here = store.nextOf(here);
    store.setNext(here, store.nextOf(rule));
  }

  /** Moves back what stands behind an emptied slot and began its search at or before it. */
  #close(emptied: number): void {
    const last = this.#last;
    const slots = this.#slots;
    const stride = this.#stride;
    let gap = emptied;
    let slot = gap;
    this.#slotCount--;
    for (;;) {
      slot = (slot + 1) & last;
      const hash = slots[slot * stride + HASH]!;
      if (hash === EMPTY) break;
      const distance = (slot - (hash & last)) & last;
      if (distance < ((slot - gap) & last)) continue;
      slots.copyWithin(gap * stride, slot * stride, (slot + 1) * stride);
      this.#settle(gap);
      gap = slot;
    }
    slots[gap * stride + HASH] = EMPTY;
  }

  /** The rules of a slot that was moved are told where they are now. */
  #settle(slot: number): void {
    const store = this.#store;
    for (let rule = this.#slots[slot * this.#stride + HEAD]!; rule !== RULE_NONE; rule = store.nextOf(rule)) {
      store.setSlot(rule, slot);
    }
  }

  #lowerPriorityMax(): void {
    this.#removals = 0;
    let priorityMax = -1;
    for (let base = 0; base < this.#slots.length; base += this.#stride) {
      if (this.#slots[base + HASH] === EMPTY) continue;
      priorityMax = Math.max(priorityMax, this.#store.priorityOf(this.#slots[base + HEAD]!));
    }
    this.priorityMax = priorityMax;
  }

  #resize(capacity: number): void {
    const before = this.#slots;
    const stride = this.#stride;
    const slots = new Int32Array(capacity * stride);
    this.#slots = slots;
    this.#last = capacity - 1;
    for (let from = 0; from < before.length; from += stride) {
      const hash = before[from + HASH]!;
      if (hash === EMPTY) continue;
      let slot = hash & this.#last;
      while (slots[slot * stride + HASH] !== EMPTY) slot = (slot + 1) & this.#last;
      for (let i = 0; i < stride; i++) slots[slot * stride + i] = before[from + i]!;
      this.#settle(slot);
    }
  }

  /** The key of a rule that is in this table, into a key's words. */
  readKey(rule: number, key: Uint32Array): void {
    key.fill(0);
    const base = this.#store.slotOf(rule) * this.#stride + KEY_AT;
    for (let i = 0; i < this.#width; i++) key[this.#indexes[i]!] = this.#slots[base + i]!;
  }

  *rules(): Generator<number> {
    const store = this.#store;
    for (let base = 0; base < this.#slots.length; base += this.#stride) {
      if (this.#slots[base + HASH] === EMPTY) continue;
      for (let rule = this.#slots[base + HEAD]!; rule !== RULE_NONE; rule = store.nextOf(rule)) yield rule;
    }
  }

  /** Rules whose key agrees with this one in the bits that both masks have. */
  *agreeing({ key, mask }: MatchKey): Generator<number> {
    const store = this.#store;
    for (let base = 0; base < this.#slots.length; base += this.#stride) {
      if (this.#slots[base + HASH] === EMPTY || !this.#agrees(base + KEY_AT, key, mask)) continue;
      for (let rule = this.#slots[base + HEAD]!; rule !== RULE_NONE; rule = store.nextOf(rule)) yield rule;
    }
  }

  #agrees(keyAt: number, key: Uint32Array, mask: Uint32Array): boolean {
    for (let i = 0; i < this.#width; i++) {
      const index = this.#indexes[i]!;
      if (((this.#slots[keyAt + i]! ^ key[index]!) & this.#masks[i]! & mask[index]!) !== 0) return false;
    }
    return true;
  }
}

const HASH_SEED = 0x1234567;

function mix(hash: number, word: number): number {
  const mixed = Math.imul(hash ^ word, 0x9e3779b1);
  return mixed ^ (mixed >>> 15);
}

/** The mixing before brings high bits down only; without this, prefixes of a few bits would fall into a few slots. */
function finish(hash: number): number {
  const mixed = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  return mixed ^ (mixed >>> 13) || NOT_EMPTY;
}
