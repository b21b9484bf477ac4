/**
 * OpenFlow 1.3.5, section 5.5: which rules end next: a binary heap of rules by deadline.
 *
 * A rule that is used moves its idle end with every packet, and must not pay for that: its place in the heap is where its end was when it
 * was last looked at. When that time comes it is looked at again, and goes back if it has been used since. So a packet costs
 * nothing here, and a rule a logarithm now and then. Rules of equal deadline end in the order in which they were added.
 *
 * The heap is three arrays side by side; each rule knows its index in them.
 */
import { RULE_NONE, type RuleStore } from './rule-store.ts';

const PLACES_MIN = 16;

export class Timeouts {
  readonly #store: RuleStore;
  #deadlines = new Float64Array(0);
  /** Of all that were ever added, to break ties. */
  #ranks = new Float64Array(0);
  #rules = new Int32Array(0);
  #count = 0;
  #added = 0;

  constructor(store: RuleStore) {
    this.#store = store;
  }

  /** No rule ends before. */
  get nextAt(): number | undefined {
    return this.#count === 0 ? undefined : this.#deadlines[0]!;
  }

  /** Whether a rule may have ended by now. */
  get isDue(): boolean {
    return this.#count > 0 && this.#deadlines[0]! <= this.#store.clock.now;
  }

  /** Rules without timeouts never end, and are not kept. */
  add(rule: number): void {
    if (!this.#store.hasTimeout(rule)) return;
    if (this.#count === this.#rules.length) this.#grow();
    this.#rise(this.#count++, this.#store.endOf(rule), this.#added++, rule);
  }

  #grow(): void {
    const places = Math.max(PLACES_MIN, Math.ceil(this.#count * 1.25));
    const deadlines = new Float64Array(places);
    deadlines.set(this.#deadlines);
    this.#deadlines = deadlines;
    const ranks = new Float64Array(places);
    ranks.set(this.#ranks);
    this.#ranks = ranks;
    const rules = new Int32Array(places);
    rules.set(this.#rules);
    this.#rules = rules;
  }

  remove(rule: number): void {
    const index = this.#store.deadlineIndexOf(rule);
    if (index < 0) return;
    this.#store.setDeadlineIndex(rule, -1);
    const last = --this.#count;
    if (index === last) return;
    const moved = this.#rules[last]!;
    this.#rise(index, this.#deadlines[last]!, this.#ranks[last]!, moved);
    const at = this.#store.deadlineIndexOf(moved);
    this.#sink(at, this.#deadlines[at]!, this.#ranks[at]!, moved);
  }

  /** Takes out and answers a rule whose time is up; `RULE_NONE` when there is none (any more). */
  takeEnded(): number {
    const { now } = this.#store.clock;
    while (this.#count > 0 && this.#deadlines[0]! <= now) {
      const rule = this.#rules[0]!;
      const end = this.#store.endOf(rule);
      if (end <= now) {
        this.remove(rule);
        return rule;
      }
      this.#sink(0, end, this.#ranks[0]!, rule);
    }
    return RULE_NONE;
  }

  #put(index: number, deadline: number, rank: number, rule: number): void {
    this.#deadlines[index] = deadline;
    this.#ranks[index] = rank;
    this.#rules[index] = rule;
    this.#store.setDeadlineIndex(rule, index);
  }

  /** From a place that is free, towards the root. */
  #rise(from: number, deadline: number, rank: number, rule: number): void {
    let index = from;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!this.#isAfter(parent, deadline, rank)) break;
      this.#put(index, this.#deadlines[parent]!, this.#ranks[parent]!, this.#rules[parent]!);
      index = parent;
    }
    this.#put(index, deadline, rank, rule);
  }

  /** From a place that is free, away from the root. */
  #sink(from: number, deadline: number, rank: number, rule: number): void {
    let index = from;
    for (;;) {
      let child = 2 * index + 1;
      if (child >= this.#count) break;
      const right = child + 1;
      if (right < this.#count && this.#isAfter(child, this.#deadlines[right]!, this.#ranks[right]!)) child = right;
      if (this.#isAfter(child, deadline, rank)) break;
      this.#put(index, this.#deadlines[child]!, this.#ranks[child]!, this.#rules[child]!);
      index = child;
    }
    this.#put(index, deadline, rank, rule);
  }

  /** Whether what stands at this index ends after that. */
  #isAfter(index: number, deadline: number, rank: number): boolean {
    const other = this.#deadlines[index]!;
    return other !== deadline ? other > deadline : this.#ranks[index]! > rank;
  }
}
