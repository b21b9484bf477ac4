/**
 * What must be changed for a switch that has this rule to have that one.
 *
 * A rule whose
 * instructions differ is modified in place, which keeps its counters; one whose cookie, timeouts or flags differ is added anew, since a
 * modification does not touch those.
 */

import { type Rule, toFlowMod } from '../rule.ts';
import type { Modification } from '../southbound/channel.ts';

export interface RuleChange {
  readonly key: string;
  /** Absent: the rule is deleted. */
  readonly rule: Rule | undefined;
  readonly modification: Modification;
}

/** What makes a switch that has the rule `before` under this key, or none, have this one. */
export function toRuleMod(before: Rule | undefined, rule: Rule): Modification {
  return toFlowMod(rule, before && hasSameLife(before, rule) ? 'modifyStrict' : 'add');
}

/** The same to a switch, if they have the same key: life and instructions, whoever made the objects. */
export function isSameRule(a: Rule, b: Rule): boolean {
  return a === b || (hasSameLife(a, b) && hasSameInstructions(a, b));
}

function hasSameLife(a: Rule, b: Rule): boolean {
  return (
    a.cookie === b.cookie && a.idleTimeout === b.idleTimeout && a.hardTimeout === b.hardTimeout && a.flags === b.flags
  );
}

function hasSameInstructions(a: Rule, b: Rule): boolean {
  return isSameValue(a.instructions, b.instructions);
}

/** Of the values that messages are made of: numbers, strings, bytes, lists and plain objects. */
export function isSameValue(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) || a instanceof Uint8Array) {
    if (!(Array.isArray(b) || b instanceof Uint8Array) || a.length !== b.length) return false;
    for (let i = 0; i < a.length; i++) if (!isSameValue(a[i], b[i])) return false;
    return true;
  }
  const before = a as Readonly<Record<string, unknown>>;
  const after = b as Readonly<Record<string, unknown>>;
  for (const name in before) if (!isSameValue(before[name], after[name])) return false;
  // What is undefined is as good as absent: a field that was read has a mask that is undefined, one that was made may have none.
  for (const name in after) if (before[name] === undefined && after[name] !== undefined) return false;
  return true;
}
