/**
 * OpenFlow 1.3.5, section 5.5: which rules end next: a binary heap of rules by deadline.
 *
 * A rule that is used moves its idle end with every packet, and must not pay for that: its place in the heap is where its end was when it
 * was last looked at. When that time comes it is looked at again, and goes back if it has been used since. So a packet costs
 * nothing here, and a rule a logarithm now and then. Rules of equal deadline end in the order in which they were added.
 */
import type { FlowRule } from './flow-rule.ts';

export class Timeouts {
  readonly #heap: FlowRule[] = [];
  /** Of all that were ever added, to break ties. */
  #added = 0;

  /** No rule ends before. */
  get nextAt(): number | undefined {
    return this.#heap[0]?.deadline;
  }

  /** Rules without timeouts never end, and are not kept. */
  add(rule: FlowRule): void {
    const deadline = Math.min(rule.idleEndsAt, rule.hardEndsAt);
    if (deadline === Number.POSITIVE_INFINITY) return;
    rule.deadlineRank = this.#added++;
    rule.deadline = deadline;
    rule.deadlineIndex = this.#heap.length;
    this.#heap.push(rule);
    this.#rise(rule);
  }

  remove(rule: FlowRule): void {
    const index = rule.deadlineIndex;
    if (index < 0) return;
    const last = this.#heap.pop()!;
    rule.deadlineIndex = -1;
    if (last === rule) return;
    this.#place(last, index);
    this.#rise(last);
    this.#sink(last);
  }

  /** Takes out and answers a rule whose time is up; undefined when there is none (any more). */
  takeEnded(now: number): FlowRule | undefined {
    for (;;) {
      const rule = this.#heap[0];
      if (rule === undefined || rule.deadline > now) return undefined;
      const deadline = Math.min(rule.idleEndsAt, rule.hardEndsAt);
      if (deadline <= now) {
        this.remove(rule);
        return rule;
      }
      rule.deadline = deadline;
      this.#sink(rule);
    }
  }

  #place(rule: FlowRule, index: number): void {
    this.#heap[index] = rule;
    rule.deadlineIndex = index;
  }

  #rise(rule: FlowRule): void {
    let index = rule.deadlineIndex;
    while (index > 0) {
      const parent = this.#heap[(index - 1) >> 1]!;
      if (!isBefore(rule, parent)) break;
      this.#place(parent, index);
      index = (index - 1) >> 1;
    }
    this.#place(rule, index);
  }

  #sink(rule: FlowRule): void {
    let index = rule.deadlineIndex;
    for (;;) {
      let child = 2 * index + 1;
      const left = this.#heap[child];
      if (left === undefined) break;
      const right = this.#heap[child + 1];
      if (right !== undefined && isBefore(right, left)) child++;
      const first = this.#heap[child]!;
      if (!isBefore(first, rule)) break;
      this.#place(first, index);
      index = child;
    }
    this.#place(rule, index);
  }
}

function isBefore(a: FlowRule, b: FlowRule): boolean {
  return a.deadline !== b.deadline ? a.deadline < b.deadline : a.deadlineRank < b.deadlineRank;
}
