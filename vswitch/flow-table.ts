/**
 * OpenFlow 1.3.5, sections 5.2 to 5.5 and 6.4: one flow table, as commands see it and as packets do.
 */
import { Classifier } from './classifier.ts';
import type { FlowRule } from './flow-rule.ts';
import type { MatchKey } from './match-key.ts';

/** A bound that protects the process, beyond what any table of a test will be. */
export const TABLE_ENTRIES_MAX = 1_048_576;

export class FlowTable {
  readonly tableId: number;
  entriesMax: number;
  readonly #classifier = new Classifier();
  #count = 0;
  lookupCount = 0;
  matchedCount = 0;

  constructor(tableId: number, entriesMax: number) {
    this.tableId = tableId;
    this.entriesMax = entriesMax;
  }

  get count(): number {
    return this.#count;
  }

  get isFull(): boolean {
    return this.#count >= this.entriesMax;
  }

  /** For a packet of so many bytes that came now: counts it in the table and in the rule that it matches. */
  match(key: Uint32Array, bytes: number, now: number): FlowRule | undefined {
    this.lookupCount++;
    const rule = this.#classifier.lookup(key);
    if (rule === undefined) return undefined;
    this.matchedCount++;
    rule.count(bytes, now);
    return rule;
  }

  /** Takes the place of the rule with the same match and priority, and answers that one. */
  add(rule: FlowRule, match: MatchKey): FlowRule | undefined {
    const replaced = this.#classifier.add(rule, match);
    if (replaced === undefined) this.#count++;
    return replaced;
  }

  remove(rule: FlowRule): void {
    this.#classifier.remove(rule);
    this.#count--;
  }

  find(match: MatchKey, priority: number): FlowRule | undefined {
    return this.#classifier.find(match, priority);
  }

  findWithin(match: MatchKey): FlowRule[] {
    return this.#classifier.findWithin(match);
  }

  hasOverlap(match: MatchKey, priority: number): boolean {
    return this.#classifier.hasOverlap(match, priority);
  }

  rules(): Iterable<FlowRule> {
    return this.#classifier.rules();
  }
}
