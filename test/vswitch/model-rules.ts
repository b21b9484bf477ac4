/**
 * OpenFlow 1.3.5, sections 5.5 and 6.4, by linear scans: what the commands of a flow_mod do to a list of rules, and which rules end.
 *
 * Matches are compared field by field, a field being a value and a mask: a mask of zeros is no field, one of all ones no mask
 * (section 7.2.3.5).
 */
import { FLOW_COMMAND, FLOW_FLAG, FLOW_REMOVED_REASON, type FlowMod } from '../../protocol/wire/openflow/flow.ts';
import { GROUP } from '../../protocol/wire/openflow/group.ts';
import type { Match } from '../../protocol/wire/openflow/match.ts';
import { oxmBits } from '../../protocol/wire/openflow/oxm.ts';
import { PORT } from '../../protocol/wire/openflow/port.ts';
import { TABLE } from '../../protocol/wire/openflow/table.ts';
import type { ModelRule, ModelState } from './model-state.ts';

const SECOND = 1_000_000_000;

interface Field {
  readonly value: bigint;
  readonly mask: bigint;
}

function toFields(match: Match): ReadonlyMap<string, Field> {
  const fields = new Map<string, Field>();
  for (const oxm of match) {
    if (oxm.type === 'unknown') continue;
    const ones = (1n << BigInt(oxmBits(oxm.type))) - 1n;
    const mask = oxm.mask === undefined ? ones : BigInt(oxm.mask) & ones;
    if (mask !== 0n) fields.set(oxm.type, { value: BigInt(oxm.value) & mask, mask });
  }
  return fields;
}

/** Everything that the narrow one matches the wide one matches too. */
function isWithin(narrow: Match, wide: Match): boolean {
  const has = toFields(narrow);
  for (const [type, { value, mask }] of toFields(wide)) {
    const own = has.get(type);
    if (!own || (own.mask & mask) !== mask || (own.value & mask) !== value) return false;
  }
  return true;
}

function isSame(a: Match, b: Match): boolean {
  return isWithin(a, b) && isWithin(b, a);
}

/** Some packet matches both. What one needs and the other excludes is in both, as prerequisites are part of a match. */
function areOverlapping(a: Match, b: Match): boolean {
  const fields = toFields(b);
  for (const [type, { value, mask }] of toFields(a)) {
    const other = fields.get(type);
    if (other && ((value ^ other.value) & mask & other.mask) !== 0n) return false;
  }
  return true;
}

/** Whether some list of actions has an output to the port, or a group action for the group. */
export function isSendingTo({ instructions }: ModelRule, type: 'port' | 'group', number: number): boolean {
  return instructions.some(
    (instruction) =>
      (instruction.type === 'applyActions' || instruction.type === 'writeActions') &&
      instruction.actions.some(
        (action) =>
          (type === 'port' && action.type === 'output' && action.port === number) ||
          (type === 'group' && action.type === 'group' && action.groupId === number),
      ),
  );
}

export type RuleFilter = Pick<FlowMod, 'tableId' | 'match' | 'cookie' | 'cookieMask' | 'outPort' | 'outGroup'>;

/** What statistics are asked of, and a deletion that is not strict. */
export function isMeant(rule: ModelRule, filter: RuleFilter): boolean {
  return (
    (filter.tableId === TABLE.all || filter.tableId === rule.tableId) &&
    isWithin(rule.match, filter.match) &&
    hasCookie(rule, filter) &&
    (filter.outPort === PORT.any || isSendingTo(rule, 'port', filter.outPort)) &&
    (filter.outGroup === GROUP.any || isSendingTo(rule, 'group', filter.outGroup))
  );
}

function hasCookie({ cookie }: ModelRule, asked: Pick<RuleFilter, 'cookie' | 'cookieMask'>): boolean {
  return (cookie & asked.cookieMask) === (asked.cookie & asked.cookieMask);
}

function isTwin(rule: ModelRule, { tableId, priority, match }: FlowMod): boolean {
  const isInTable = tableId === TABLE.all || rule.tableId === tableId;
  return isInTable && rule.priority === priority && isSame(rule.match, match);
}

export function isOverlapping({ rules }: ModelState, mod: FlowMod): boolean {
  return rules.some(
    (rule) => rule.tableId === mod.tableId && rule.priority === mod.priority && areOverlapping(rule.match, mod.match),
  );
}

export type Removed = (rule: ModelRule, reason: number) => void;

/** A flow_mod that nothing speaks against. */
export function applyFlowMod(state: ModelState, mod: FlowMod, onRemoved: Removed): void {
  switch (mod.command) {
    case FLOW_COMMAND.add:
      add(state, mod);
      return;
    case FLOW_COMMAND.modify:
      modify(mod, (rule) => rule.tableId === mod.tableId && isWithin(rule.match, mod.match), state);
      return;
    case FLOW_COMMAND.modifyStrict:
      modify(mod, (rule) => isTwin(rule, mod), state);
      return;
    case FLOW_COMMAND.delete:
      removeWhere(state, (rule) => isMeant(rule, mod), FLOW_REMOVED_REASON.delete, onRemoved);
      return;
    default:
      removeWhere(state, (rule) => isMeant(rule, mod) && isTwin(rule, mod), FLOW_REMOVED_REASON.delete, onRemoved);
  }
}

function add(state: ModelState, mod: FlowMod): void {
  const { tableId, priority, match, instructions, cookie, flags, idleTimeout, hardTimeout } = mod;
  const replaced = state.rules.find((rule) => isTwin(rule, mod));
  const isKeeping = replaced !== undefined && (flags & FLOW_FLAG.resetCounts) === 0;
  const rule: ModelRule = {
    ...{ tableId, priority, match, instructions, cookie, flags, idleTimeout, hardTimeout },
    createdAt: state.now,
    usedAt: state.now,
    packets: isKeeping ? replaced.packets : 0,
    bytes: isKeeping ? replaced.bytes : 0,
  };
  state.rules = [...state.rules.filter((other) => other !== replaced), rule];
}

function modify(mod: FlowMod, isMatching: (rule: ModelRule) => boolean, { rules }: ModelState): void {
  for (const rule of rules) {
    if (!isMatching(rule) || !hasCookie(rule, mod)) continue;
    rule.instructions = mod.instructions;
    if ((mod.flags & FLOW_FLAG.resetCounts) !== 0) {
      rule.packets = 0;
      rule.bytes = 0;
    }
  }
}

export function removeWhere(
  state: ModelState,
  isUnwanted: (rule: ModelRule) => boolean,
  reason: number,
  onRemoved: Removed,
): void {
  for (const rule of state.rules) if (isUnwanted(rule)) onRemoved(rule, reason);
  state.rules = state.rules.filter((rule) => !isUnwanted(rule));
}

/** Section 5.5: of the two timeouts the one that comes first. */
export function expire(state: ModelState, onRemoved: Removed): void {
  const ends = (seconds: number, since: number) =>
    seconds === 0 ? Number.POSITIVE_INFINITY : since + seconds * SECOND;
  const idleEnd = (rule: ModelRule) => ends(rule.idleTimeout, rule.usedAt);
  const hardEnd = (rule: ModelRule) => ends(rule.hardTimeout, rule.createdAt);
  const isIdle = (rule: ModelRule) => idleEnd(rule) <= state.now && idleEnd(rule) < hardEnd(rule);
  const isOld = (rule: ModelRule) => hardEnd(rule) <= state.now && hardEnd(rule) <= idleEnd(rule);
  removeWhere(state, isIdle, FLOW_REMOVED_REASON.idleTimeout, onRemoved);
  removeWhere(state, isOld, FLOW_REMOVED_REASON.hardTimeout, onRemoved);
}
