/**
 * Finds the rule of highest priority that a packet's key matches: tuple space search (Srinivasan, Suri, Varghese 1999).
 *
 * Rules that share a mask share a subtable, and in a subtable a lookup is one hash and one comparison, however many rules it has. Real
 * tables have many rules and few masks, so what a lookup costs is the number of masks that it probes. That is kept small by order:
 * subtables stand by descending `priorityMax`, and the search stops at the first that cannot beat what has been found. It never
 * asks which rules overlap, so adding and removing cost the same whatever else is there.
 *
 * `priorityMax` is an upper bound, never too low. Too high costs a probe; too low would hide a rule.
 *
 * Invariants: a rule is in the subtable of its mask, in the slot of its key, once; no two rules have the same mask, key and
 * priority; no subtable is empty. Law: lookup is the linear scan of the rules by descending priority. Between rules of the same priority
 * that both match, section 5.3 of OpenFlow 1.3.5 leaves the choice open: here the one wins whose subtable stands first.
 */
import { assert } from '../protocol/wire/wire-error.ts';
import type { FlowRule } from './flow-rule.ts';
import type { MatchKey } from './match-key.ts';
import { Subtable } from './subtable.ts';

/** Spares the masks of the usual rules a comparison with every other one. */
function hashOf(mask: Uint32Array): number {
  let hash = 0;
  for (let i = 0; i < mask.length; i++) hash = Math.imul(hash ^ mask[i]!, 0x01000193) ^ (hash >>> 17);
  return hash;
}

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
  readonly #subtables: Subtable[] = [];
  readonly #byMask = new Map<number, Subtable[]>();

  lookup(key: Uint32Array): FlowRule | undefined {
    const subtables = this.#subtables;
    let best: FlowRule | undefined;
    let priority = -1;
    for (let i = 0; i < subtables.length; i++) {
      const subtable = subtables[i]!;
      if (subtable.priorityMax <= priority) break;
      const found = subtable.find(key);
      if (found !== undefined && found.priority > priority) {
        best = found;
        priority = found.priority;
      }
    }
    return best;
  }

  /** Takes the place of the rule with the same match and priority, and answers that one. */
  add(rule: FlowRule, { key, mask }: MatchKey): FlowRule | undefined {
    const subtable = this.#subtableOf(mask) ?? this.#open(mask);
    const before = subtable.priorityMax;
    const replaced = subtable.add(rule, key);
    rule.subtable = subtable;
    if (subtable.priorityMax !== before) this.#restore(subtable);
    return replaced;
  }

  remove(rule: FlowRule): void {
    const { subtable } = rule;
    assert(subtable !== undefined, 'a rule that is removed is in the table');
    const before = subtable.priorityMax;
    subtable.remove(rule);
    rule.subtable = undefined;
    if (subtable.isEmpty) this.#shut(subtable);
    else if (subtable.priorityMax !== before) this.#restore(subtable);
  }

  /** The rule with exactly this match and priority. */
  find({ key, mask }: MatchKey, priority: number): FlowRule | undefined {
    let rule = this.#subtableOf(mask)?.find(key);
    while (rule !== undefined && rule.priority > priority) rule = rule.next;
    return rule?.priority === priority ? rule : undefined;
  }

  /** Rules that match nothing that this match does not (section 6.4, non-strict commands). */
  findWithin(match: MatchKey): FlowRule[] {
    const found: FlowRule[] = [];
    for (const subtable of this.#subtables) {
      if (!covers(subtable.mask, match.mask)) continue;
      if (areEqual(subtable.mask, match.mask)) {
        for (let rule = subtable.find(match.key); rule !== undefined; rule = rule.next) found.push(rule);
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
      for (const rule of subtable.agreeing(match)) if (rule.priority === priority) return true;
    }
    return false;
  }

  *rules(): Generator<FlowRule> {
    for (const subtable of this.#subtables) yield* subtable.rules();
  }

  #subtableOf(mask: Uint32Array): Subtable | undefined {
    return this.#byMask.get(hashOf(mask))?.find((subtable) => areEqual(subtable.mask, mask));
  }

  #open(mask: Uint32Array): Subtable {
    const subtable = new Subtable(mask);
    const hash = hashOf(mask);
    const alike = this.#byMask.get(hash);
    if (alike) alike.push(subtable);
    else this.#byMask.set(hash, [subtable]);
    this.#subtables.push(subtable);
    return subtable;
  }

  #shut(subtable: Subtable): void {
    this.#subtables.splice(this.#subtables.indexOf(subtable), 1);
    const hash = hashOf(subtable.mask);
    const alike = this.#byMask.get(hash)!;
    if (alike.length === 1) this.#byMask.delete(hash);
    else alike.splice(alike.indexOf(subtable), 1);
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
