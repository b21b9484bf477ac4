/**
 * What a user wants of one rule, and how the store keeps it.
 *
 * The record is written before the switch hears of it, so it can say three things: `wanted`, `installed`, or `unwanted` (until the switch confirmed that the
 * rule is gone); the first and the last with what was confirmed before, to go back to when the switch refuses. Rules lie in it as the bytes of the message
 * that adds them: that is what they mean, whatever becomes of our types, and `sluice decode` reads it.
 *
 * The key is `rules/DPID/` and the rule's own key. It says which rule and which switch without a value, and whose it is by being there.
 */
import { formatHex, parseHex } from '../protocol/wire/hex.ts';
import { fromBytes, toBytes } from '../protocol/wire/openflow/message.ts';
import { WireError } from '../protocol/wire/wire-error.ts';
import { type Rule, ruleOf, toFlowMod, toRuleKey } from './rule.ts';
import type { Entry, Operation } from './store/store.ts';
import { StoreError } from './store/store-error.ts';

export type UserRule =
  | {
      readonly state: 'wanted' | 'unwanted';
      readonly rule: Rule;
      /** What users had there before, as the switch confirmed it; undefined for nothing, and for a rule that is foreign. */
      readonly previous: Rule | undefined;
    }
  | { readonly state: 'installed'; readonly rule: Rule };

export interface StoredUserRule {
  readonly dpid: string;
  readonly record: UserRule;
}

export const USER_RULES_PREFIX = 'rules/';

const DPID = /^[0-9a-f]{16}$/;

const STATES: readonly string[] = ['wanted', 'installed', 'unwanted'] satisfies UserRule['state'][];

interface RecordText {
  readonly state: UserRule['state'];
  readonly flowMod: string;
  readonly previous?: string;
}

/** What the switch has confirmed of it. */
export function confirmedRule(record: UserRule | undefined): Rule | undefined {
  return record?.state === 'installed' ? record.rule : record?.previous;
}

/** What makes the store say so; without a record, that there is none. */
export function toOperation(dpid: string, ruleKey: string, record: UserRule | undefined): Operation {
  const key = `${USER_RULES_PREFIX}${dpid}/${ruleKey}`;
  return record ? { type: 'put', key, value: formatRecord(record) } : { type: 'delete', key };
}

function formatRecord(record: UserRule): string {
  const { state, rule } = record;
  const text: RecordText = { state, flowMod: formatRule(rule) };
  const previous = confirmedRule(record);
  return JSON.stringify(state !== 'installed' && previous ? { ...text, previous: formatRule(previous) } : text);
}

/** Throws a `StoreError` that names the key. */
export function parseUserRule({ key, value }: Entry): StoredUserRule {
  const dpid = key.slice(USER_RULES_PREFIX.length, USER_RULES_PREFIX.length + 16);
  try {
    const record = parseRecord(JSON.parse(value) as Partial<RecordText>);
    if (!DPID.test(dpid) || toOperation(dpid, toRuleKey(record.rule), record).key !== key) {
      throw new SyntaxError('it is of another rule');
    }
    return { dpid, record };
  } catch (error) {
    if (!(error instanceof SyntaxError || error instanceof WireError)) throw error;
    throw new StoreError('corrupt', `the store has a rule that cannot be read: ${key}: ${error.message}`, error);
  }
}

function parseRecord({ state, flowMod, previous }: Partial<RecordText>): UserRule {
  if (state === undefined || !STATES.includes(state)) throw new SyntaxError(`there is no state ${state}`);
  const rule = parseRule(flowMod);
  return state === 'installed'
    ? { state, rule }
    : { state, rule, previous: previous === undefined ? undefined : parseRule(previous) };
}

function formatRule(rule: Rule): string {
  return formatHex(toBytes(toFlowMod(rule, 'add')));
}

function parseRule(hex: string | undefined): Rule {
  const bytes = parseHex(hex ?? '');
  const message = bytes && fromBytes(bytes);
  if (message?.type !== 'flowMod') throw new SyntaxError('it is no flow_mod');
  return ruleOf(message);
}
