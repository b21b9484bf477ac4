/**
 * OpenFlow 1.3.5, sections 5.2 to 5.5 and 6.4: one flow table, as commands see it and as packets do.
 */
import type { Match } from '../protocol/wire/openflow/match.ts';
import { Classifier } from './classifier.ts';
import { KEY_WORDS } from './flow-key.ts';
import type { MatchKey } from './match-key.ts';
import { RULE_NONE, type RuleStore } from './rule-store.ts';

/** A bound that protects the process, beyond what any table of a test will be. */
export const TABLE_ENTRIES_MAX = 1_048_576;

const scratchKey = new Uint32Array(KEY_WORDS);

export class FlowTable {
  readonly tableId: number;
  entriesMax: number;
  readonly #store: RuleStore;
  readonly #classifier: Classifier;
  #count = 0;
  lookupCount = 0;
  /** Counted instead of matches, which are far more. */
  #missCount = 0;

  constructor(tableId: number, entriesMax: number, store: RuleStore) {
    this.tableId = tableId;
    this.entriesMax = entriesMax;
    this.#store = store;
    this.#classifier = new Classifier(store);
  }

  get count(): number {
    return this.#count;
  }

  get isFull(): boolean {
    return this.#count >= this.entriesMax;
  }

  /** The rule for a packet of so many bytes that came now, or `RULE_NONE`: counted in the table and in the rule. */
  match(key: Uint32Array, bytes: number): number {
    this.lookupCount++;
    const rule = this.#classifier.lookup(key);
    if (rule === RULE_NONE) this.#missCount++;
    else this.#store.count(rule, bytes);
    return rule;
  }

  get matchedCount(): number {
    return this.lookupCount - this.#missCount;
  }

  /** Takes the place of the rule with the same match and priority, and answers that one, or `RULE_NONE`. */
  add(rule: number, match: MatchKey): number {
    const replaced = this.#classifier.add(rule, match.key);
    if (replaced === RULE_NONE) this.#count++;
    return replaced;
  }

  remove(rule: number): void {
    this.#classifier.remove(rule);
    this.#count--;
  }

  /** The rule with exactly this match and priority, or `RULE_NONE`. */
  find(match: MatchKey, priority: number): number {
    return this.#classifier.find(match, priority);
  }

  findWithin(match: MatchKey): readonly number[] {
    return this.#classifier.findWithin(match);
  }

  hasOverlap(match: MatchKey, priority: number): boolean {
    return this.#classifier.hasOverlap(match, priority);
  }

  /** The match of a rule as it was sent. */
  matchOf(rule: number): Match {
    this.#classifier.readKey(rule, scratchKey);
    return this.#store.shapeOf(rule).toMatch(scratchKey);
  }

  rules(): Iterable<number> {
    return this.#classifier.rules();
  }
}
