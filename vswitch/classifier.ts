/**
 * Finds the rule of highest priority that a packet's key matches: tuple space search (Srinivasan, Suri, Varghese 1999).
 *
 * Rules that share a mask share a subtable, and in a subtable a lookup is one hash and one comparison, however many rules it has. Real
 * tables have many rules and few masks, so what a lookup costs is the number of masks that it probes. That is kept small by order:
 * subtables stand by descending `priorityMax`, and the search stops at the first that cannot beat what has been found. It never
 * asks which rules overlap, so adding and removing cost the same whatever else is there. From a few masks on, answers are
 * remembered (`microflow-cache.ts`), and a packet like one before costs one probe again.
 *
 * `priorityMax` is an upper bound, never too low. Too high costs a probe; too low would hide a rule.
 *
 * Invariants: a rule is in the subtable of its mask, in the slot of its key, once; no two rules have the same mask, key and
 * priority; no subtable is empty. Laws: lookup is the linear scan of the rules by descending priority; with the cache it is what it is
 * without. Between rules of the same priority that both match, section 5.3 of OpenFlow 1.3.5 leaves the choice open: here the one wins whose
 * subtable stands first.
 */
import { assert } from '../protocol/wire/wire-error.ts';
import type { MatchKey } from './match-key.ts';
import type { MatchMask } from './match-shapes.ts';
import { MicroflowCache, UNKNOWN } from './microflow-cache.ts';
import { RULE_NONE, type RuleStore } from './rule-store.ts';
import { Subtable } from './subtable.ts';

/** Below that, probing all masks costs less than the cache does. */
const CACHED_MASKS_MIN = 3;

function areEqual(a: Uint32Array, b: Uint32Array): boolean {
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** Whether the mask has all bits of another. */
function covers(mask: Uint32Array, other: Uint32Array): boolean {
  for (let i = 0; i < mask.length; i++) if ((~mask[i]! & other[i]!) !== 0) return false;
  return true;
}

export class Classifier {
  readonly #store: RuleStore;
  readonly #subtables: Subtable[] = [];
  readonly #byMask = new Map<MatchMask, Subtable>();
  /** Made when it pays. */
  #cache: MicroflowCache | undefined;

  constructor(store: RuleStore) {
    this.#store = store;
  }

  /** The rule, or `RULE_NONE`. */
  lookup(key: Uint32Array): number {
    const cache = this.#cache;
    if (cache === undefined) return this.search(key);
    const known = cache.find(key);
    if (known !== UNKNOWN) return known;
    const found = this.search(key);
    cache.add(key, found);
    return found;
  }

  /** The same without the cache. */
  search(key: Uint32Array): number {
    const subtables = this.#subtables;
    const store = this.#store;
    let best = RULE_NONE;
    let priority = -1;
    for (let i = 0; i < subtables.length; i++) {
      const subtable = subtables[i]!;
      if (subtable.priorityMax <= priority) break;
      const found = subtable.find(key);
      if (found === RULE_NONE) continue;
      const foundPriority = store.priorityOf(found);
      if (foundPriority > priority) {
        best = found;
        priority = foundPriority;
      }
    }
    return best;
  }

  /** Takes the place of the rule with the same match and priority, and answers that one, or `RULE_NONE`. */
  add(rule: number, key: Uint32Array): number {
    const { mask } = this.#store.shapeOf(rule);
    const subtable = this.#byMask.get(mask) ?? this.#open(mask);
    const before = subtable.priorityMax;
    const replaced = subtable.add(rule, key);
    if (subtable.priorityMax !== before) this.#restore(subtable);
    this.#cache?.clear();
    return replaced;
  }

  remove(rule: number): void {
    const subtable = this.#subtableOf(rule);
    const before = subtable.priorityMax;
    subtable.remove(rule);
    if (subtable.isEmpty) this.#shut(subtable);
    else if (subtable.priorityMax !== before) this.#restore(subtable);
    this.#cache?.clear();
  }

  /** The words of a rule's key. */
  readKey(rule: number, key: Uint32Array): void {
    this.#subtableOf(rule).readKey(rule, key);
  }

  #subtableOf(rule: number): Subtable {
    const subtable = this.#byMask.get(this.#store.shapeOf(rule).mask);
    assert(subtable !== undefined, 'a rule is asked for in the table that it is in');
    return subtable;
  }

  /** The rule with exactly this match and priority, or `RULE_NONE`. */
  find(match: MatchKey, priority: number): number {
    const mask = this.#store.shapes.findMask(match.mask);
    const subtable = mask && this.#byMask.get(mask);
    if (!subtable) return RULE_NONE;
    let rule = subtable.find(match.key);
    while (rule !== RULE_NONE && this.#store.priorityOf(rule) > priority) rule = this.#store.nextOf(rule);
    return rule !== RULE_NONE && this.#store.priorityOf(rule) === priority ? rule : RULE_NONE;
  }

  /** Rules that match nothing that this match does not (section 6.4, non-strict commands). */
  findWithin(match: MatchKey): number[] {
    const found: number[] = [];
    for (const subtable of this.#subtables) {
      const { words } = subtable.mask;
      if (!covers(words, match.mask)) continue;
      if (areEqual(words, match.mask)) {
        for (let rule = subtable.find(match.key); rule !== RULE_NONE; rule = this.#store.nextOf(rule)) found.push(rule);
      } else {
        for (const rule of subtable.agreeing(match)) found.push(rule);
      }
    }
    return found;
  }

  /** Whether one packet could match this and another rule of the same priority (section 6.4, CHECK_OVERLAP). */
  hasOverlap(match: MatchKey, priority: number): boolean {
    for (const subtable of this.#subtables) {
      if (subtable.priorityMax < priority) continue;
      for (const rule of subtable.agreeing(match)) if (this.#store.priorityOf(rule) === priority) return true;
    }
    return false;
  }

  *rules(): Generator<number> {
    for (const subtable of this.#subtables) yield* subtable.rules();
  }

  #open(mask: MatchMask): Subtable {
    const subtable = new Subtable(mask, this.#store);
    this.#byMask.set(mask, subtable);
    this.#subtables.push(subtable);
    if (this.#cache) {
      this.#cache.cover(mask);
    } else if (this.#subtables.length >= CACHED_MASKS_MIN) {
      this.#cache = new MicroflowCache();
      for (const each of this.#subtables) this.#cache.cover(each.mask);
    }
    return subtable;
  }

  #shut(subtable: Subtable): void {
    this.#subtables.splice(this.#subtables.indexOf(subtable), 1);
    this.#byMask.delete(subtable.mask);
    // A cache that still looks at the bits of this mask is right, and only a little slower; one that nobody needs is dropped.
    if (this.#subtables.length < CACHED_MASKS_MIN) this.#cache = undefined;
  }

  /** Moves one subtable, whose bound has changed, to its place among the others. */
  #restore(subtable: Subtable): void {
    const subtables = this.#subtables;
    let at = subtables.indexOf(subtable);
    while (at > 0 && subtables[at - 1]!.priorityMax < subtable.priorityMax) {
      subtables[at] = subtables[at - 1]!;
      at--;
    }
    while (at + 1 < subtables.length && subtables[at + 1]!.priorityMax > subtable.priorityMax) {
      subtables[at] = subtables[at + 1]!;
      at++;
    }
    subtables[at] = subtable;
  }
}
