/** Rules, groups and parts for the tests of the delivery. */
import { SYSTEM_COOKIE } from '../../../controller/compile/layout.ts';
import type { PlanPart } from '../../../controller/plan.ts';
import { type Rule, ruleOf } from '../../../controller/rule.ts';
import type { Action } from '../../../protocol/wire/openflow/action.ts';
import type { GroupDesc } from '../../../protocol/wire/openflow/group.ts';
import { GROUP } from '../../../protocol/wire/openflow/group.ts';
import type { Instruction } from '../../../protocol/wire/openflow/instruction.ts';
import type { Match } from '../../../protocol/wire/openflow/match.ts';
import { PORT } from '../../../protocol/wire/openflow/port.ts';

export function toRule(
  tableId: number,
  priority: number,
  match: Match,
  actions: readonly Action[],
  meterId?: number,
): Rule {
  const instructions: Instruction[] = [{ type: 'applyActions', actions }];
  if (meterId !== undefined) instructions.unshift({ type: 'meter', meterId });
  const life = { cookie: SYSTEM_COOKIE, idleTimeout: 0, hardTimeout: 0, flags: 0 };
  return ruleOf({ tableId, priority, match, instructions, ...life });
}

export function output(port: number): Action {
  return { type: 'output', port, maxLen: 0 };
}

export function toGroup(groupId: number, ...actions: Action[]): GroupDesc {
  return { groupType: 0, groupId, buckets: [{ weight: 0, watchPort: PORT.any, watchGroup: GROUP.any, actions }] };
}

export function toPart(rules: readonly Rule[], rest: Partial<PlanPart> = {}): PlanPart {
  return { rules, groups: [], meters: [], program: undefined, needs: [], ...rest };
}
