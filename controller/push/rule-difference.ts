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

/** The same to a switch, whoever made the objects. */
export function isSameRule(a: Rule, b: Rule): boolean {
  return a === b || (hasSameLife(a, b) && hasSameInstructions(a, b));
}

function hasSameLife(a: Rule, b: Rule): boolean {
  return (
    a.cookie === b.cookie && a.idleTimeout === b.idleTimeout && a.hardTimeout === b.hardTimeout && a.flags === b.flags
  );
}

function hasSameInstructions(a: Rule, b: Rule): boolean {
  return a.instructions === b.instructions || toText(a.instructions) === toText(b.instructions);
}

function toText(value: unknown): string {
  return JSON.stringify(value, (_, part) => {
    if (typeof part === 'bigint') return `${part}n`;
    return part instanceof Uint8Array ? [...part] : part;
  });
}
