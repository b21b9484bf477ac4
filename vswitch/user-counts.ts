/** OpenFlow 1.3.5, sections 7.3.5.9 and 7.3.5.12: how many rules and groups use each group or meter, counted in one pass over all. */
import type { FlowRule } from './flow-rule.ts';
import type { GroupEntry } from './group-entry.ts';

export type UserCounts = ReadonlyMap<number, number>;

/** Of each group, the rules and groups that forward to it: each once, however often it does. */
export function countGroupUsers(rules: Iterable<FlowRule>, groups: Iterable<GroupEntry>): UserCounts {
  const counts = new Map<number, number>();
  for (const { instructions } of rules) {
    const used = instructions.flatMap((instruction) =>
      instruction.type === 'applyActions' || instruction.type === 'writeActions'
        ? instruction.actions.flatMap((action) => (action.type === 'group' ? [action.groupId] : []))
        : [],
    );
    for (const groupId of new Set(used)) countOne(counts, groupId);
  }
  for (const { next } of groups) for (const groupId of new Set(next)) countOne(counts, groupId);
  return counts;
}

export function countMeterUsers(rules: Iterable<FlowRule>): UserCounts {
  const counts = new Map<number, number>();
  for (const { instructions } of rules) {
    const meter = instructions.find((instruction) => instruction.type === 'meter');
    if (meter) countOne(counts, meter.meterId);
  }
  return counts;
}

function countOne(counts: Map<number, number>, id: number): void {
  counts.set(id, (counts.get(id) ?? 0) + 1);
}
