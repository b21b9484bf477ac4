/** OpenFlow 1.3.5, sections 7.3.5.9 and 7.3.5.12: how many rules and groups use each group or meter, counted in one pass over all. */
import type { GroupEntry } from './group-entry.ts';
import type { RuleProgram } from './rule-programs.ts';

export type UserCounts = ReadonlyMap<number, number>;

/** Of each group, the rules and groups that forward to it: each once, however often it does. */
export function countGroupUsers(programs: Iterable<RuleProgram>, groups: Iterable<GroupEntry>): UserCounts {
  const counts = new Map<number, number>();
  for (const program of programs) for (const groupId of program.groups) count(counts, groupId, program.ruleCount);
  for (const { next } of groups) for (const groupId of new Set(next)) count(counts, groupId, 1);
  return counts;
}

export function countMeterUsers(programs: Iterable<RuleProgram>): UserCounts {
  const counts = new Map<number, number>();
  for (const { meterId, ruleCount } of programs) if (meterId !== undefined) count(counts, meterId, ruleCount);
  return counts;
}

function count(counts: Map<number, number>, id: number, users: number): void {
  counts.set(id, (counts.get(id) ?? 0) + users);
}
