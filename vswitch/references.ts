/**
 * Which groups and meters rules refer to: for those who ask of many groups at once, and would otherwise search all rules for each.
 */
import type { Instruction } from '../protocol/wire/openflow/instruction.ts';
import type { Datapath } from './datapath.ts';

/** Each once, however often the instructions name it. */
function groupsOf(instructions: readonly Instruction[]): ReadonlySet<number> {
  const groupIds = new Set<number>();
  for (const instruction of instructions) {
    if (instruction.type !== 'applyActions' && instruction.type !== 'writeActions') continue;
    for (const action of instruction.actions) if (action.type === 'group') groupIds.add(action.groupId);
  }
  return groupIds;
}

export function hasGroupOf(instructions: readonly Instruction[], groupIds: ReadonlySet<number>): boolean {
  for (const groupId of groupsOf(instructions)) if (groupIds.has(groupId)) return true;
  return false;
}

/** Rules and groups that hand packets on to a group, by group. */
export function countGroupUsers({ tables, groups }: Datapath): ReadonlyMap<number, number> {
  const users = new Map<number, number>();
  for (const { instructions } of tables.rules()) for (const id of groupsOf(instructions)) raise(users, id);
  for (const group of groups.all()) for (const id of new Set(group.next)) raise(users, id);
  return users;
}

/** Rules that pass a meter, by meter. */
export function countMeterUsers({ tables }: Datapath): ReadonlyMap<number, number> {
  const users = new Map<number, number>();
  for (const { instructions } of tables.rules()) {
    for (const instruction of instructions) if (instruction.type === 'meter') raise(users, instruction.meterId);
  }
  return users;
}

function raise(counts: Map<number, number>, key: number): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
