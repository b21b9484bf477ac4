/**
 * What stands in a switch under a key: a rule, a group or a meter.
 *
 * Rules have the key of `rule.ts`, which begins with a digit; groups and meters have their kind and number, so that all three can stand in one list.
 */
import type { Action } from '../../protocol/wire/openflow/action.ts';
import { GROUP_COMMAND } from '../../protocol/wire/openflow/group.ts';
import { METER_COMMAND, METER_FLAG, type MeterBand } from '../../protocol/wire/openflow/meter.ts';
import type { PlannedGroup, PlannedMeter } from '../plan.ts';
import { keyOfRule, type Rule, toFlowMod } from '../rule.ts';
import type { Modification } from '../southbound/channel.ts';
import { isSameRule, isSameValue, toRuleMod } from './rule-difference.ts';

/** What rules refer to. */
export type Fixture = PlannedGroup | PlannedMeter;

export type Item = Rule | Fixture;

const NOTHING: readonly string[] = [];

export function isRule(item: Item): item is Rule {
  return 'tableId' in item;
}

export function toItemKey(item: Item): string {
  if (isRule(item)) return keyOfRule(item);
  return 'groupId' in item ? toGroupKey(item.groupId) : toMeterKey(item.meterId);
}

/** Of an item key. */
export function isFixtureKey(key: string): boolean {
  return key.startsWith('g') || key.startsWith('m');
}

/** The same to a switch, if they have the same key. */
export function isSameItem(a: Item, b: Item): boolean {
  if (a === b) return true;
  if (isRule(a)) return isRule(b) && isSameRule(a, b);
  if ('meterId' in a && 'meterId' in b) return isSameMeter(a, b);
  return isSameValue(a, b);
}

/** Burst sizes count only if a flag says so (OpenFlow 1.3.5, A.3.4.5): without it a switch tells of what it chose. */
function isSameMeter(a: PlannedMeter, b: PlannedMeter): boolean {
  if ((a.flags & b.flags & METER_FLAG.burst) !== 0) return isSameValue(a, b);
  return isSameValue({ ...a, bands: a.bands.map(withoutBurst) }, { ...b, bands: b.bands.map(withoutBurst) });
}

function withoutBurst(band: MeterBand): MeterBand {
  return 'burstSize' in band ? { ...band, burstSize: 0 } : band;
}

/** The keys of the groups and meters without which the switch would refuse it. */
export function referencesOf(item: Item): readonly string[] {
  if (isRule(item)) return item.instructions.length > 0 ? referencesOfRule(item) : NOTHING;
  return 'groupId' in item ? referencesOfActions(item.buckets.flatMap(({ actions }) => actions)) : NOTHING;
}

export function toUpsert(before: Item | undefined, item: Item): Modification {
  if (isRule(item)) return toRuleMod(before && isRule(before) ? before : undefined, item);
  if ('groupId' in item) {
    return { type: 'groupMod', xid: 0, command: before ? GROUP_COMMAND.modify : GROUP_COMMAND.add, ...item };
  }
  return { type: 'meterMod', xid: 0, command: before ? METER_COMMAND.modify : METER_COMMAND.add, ...item };
}

export function toDeletion(item: Item): Modification {
  if (isRule(item)) return toFlowMod(item, 'deleteStrict');
  if ('groupId' in item) return { type: 'groupMod', xid: 0, command: GROUP_COMMAND.delete, ...item, buckets: [] };
  return { type: 'meterMod', xid: 0, command: METER_COMMAND.delete, ...item, bands: [] };
}

function toGroupKey(groupId: number): string {
  return `group ${groupId}`;
}

function toMeterKey(meterId: number): string {
  return `meter ${meterId}`;
}

function referencesOfRule({ instructions }: Rule): readonly string[] {
  let keys: readonly string[] = NOTHING;
  for (const instruction of instructions) {
    if (instruction.type === 'meter') keys = [...keys, toMeterKey(instruction.meterId)];
    else if (instruction.type === 'applyActions' || instruction.type === 'writeActions') {
      const found = referencesOfActions(instruction.actions);
      if (found.length > 0) keys = [...keys, ...found];
    }
  }
  return keys;
}

/** Nothing is made for what refers to nothing, which most rules do. */
function referencesOfActions(actions: readonly Action[]): readonly string[] {
  let keys: string[] | undefined;
  for (const action of actions) {
    if (action.type !== 'group') continue;
    keys ??= [];
    keys.push(toGroupKey(action.groupId));
  }
  return keys ?? NOTHING;
}
