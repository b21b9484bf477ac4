/**
 * What must be changed for a switch that has these rules to have those.
 *
 * Additions and changes come before deletions, so that traffic that both an old and a new rule would serve is served all the time. A rule whose
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

export function diffRules(
  installed: ReadonlyMap<string, Rule>,
  wanted: ReadonlyMap<string, Rule>,
): readonly RuleChange[] {
  const changes: RuleChange[] = [];
  for (const [key, rule] of wanted) {
    const before = installed.get(key);
    if (!before || !hasSameLife(before, rule)) changes.push({ key, rule, modification: toFlowMod(rule, 'add') });
    else if (!hasSameInstructions(before, rule))
      changes.push({ key, rule, modification: toFlowMod(rule, 'modifyStrict') });
  }
  for (const [key, rule] of installed) {
    if (!wanted.has(key)) changes.push({ key, rule: undefined, modification: toFlowMod(rule, 'deleteStrict') });
  }
  return changes;
}

/** The same to a switch, if they have the same key: life and instructions, whoever made the objects. */
export function isSameRule(a: Rule, b: Rule): boolean {
  return a === b || (hasSameLife(a, b) && hasSameInstructions(a, b));
}

/** The same in all that it says. */
export function isSameRuleList(a: readonly Rule[], b: readonly Rule[]): boolean {
  if (a === b) return true;
  return (
    a.length === b.length &&
    a.every((rule, i) => {
      const other = b[i]!;
      const hasSamePlace = rule.tableId === other.tableId && rule.priority === other.priority;
      return hasSamePlace && isSameValue(rule.match, other.match) && isSameRule(rule, other);
    })
  );
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
function isSameValue(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) || a instanceof Uint8Array) {
    if (!(Array.isArray(b) || b instanceof Uint8Array) || a.length !== b.length) return false;
    for (let i = 0; i < a.length; i++) if (!isSameValue(a[i], b[i])) return false;
    return true;
  }
  const before = a as Readonly<Record<string, unknown>>;
  const after = b as Readonly<Record<string, unknown>>;
  let names = 0;
  for (const name in before) {
    if (!isSameValue(before[name], after[name])) return false;
    names++;
  }
  for (const _ in after) names--;
  return names === 0;
}
