/** Many rules of a user's, as they come in practice (TCP 5-tuples with cookies of their own), and what becomes of some of them when nobody looks. */

import { type Rule, toFlowMod, toRuleKey } from '../controller/rule.ts';
import type { StoredUserRule } from '../controller/user-rule.ts';
import type { Match } from '../protocol/wire/openflow/match.ts';
import type { MessageOf } from '../protocol/wire/openflow/message.ts';
import { formatRule } from '../protocol/wire/openflow/text/flow-text.ts';

/** Ports of the switch that they are for. */
export const RULE_PORTS = 4;

const PRIORITY = 4000;

/** Prime, so that those that drift lie anywhere in the table. */
const DRIFT_STEP = 7919;

/** TCP from somewhere to somewhere: another for each number, below some millions. */
export function toFiveTuple(i: number): Match {
  return [
    { type: 'ethType', value: 0x0800 },
    { type: 'ipProto', value: 6 },
    { type: 'ipv4Src', value: 0x0a000000 + (i % 5003) },
    { type: 'ipv4Dst', value: 0x0a800000 + Math.floor(i / 256) },
    { type: 'tcpSrc', value: 1024 + (i % 60_000) },
    { type: 'tcpDst', value: 1 + (i & 0xff) },
  ];
}

export function toManyRules(count: number): readonly Rule[] {
  return Array.from({ length: count }, (_, i) => ({
    tableId: 0,
    priority: PRIORITY,
    match: toFiveTuple(i),
    instructions: [{ type: 'applyActions', actions: [{ type: 'output', port: 1 + (i % RULE_PORTS), maxLen: 0 }] }],
    cookie: 0x5511ce0000000000n + BigInt(i),
    idleTimeout: 0,
    hardTimeout: 0,
    flags: 0,
  }));
}

/** As the store of a controller has them that had them confirmed. */
export function toStored(dpid: string, rules: readonly Rule[]): readonly StoredUserRule[] {
  return rules.map((rule) => ({ dpid, record: { state: 'installed', rule } }));
}

export interface Drift {
  /** What somebody does to the switch. */
  readonly flowMods: readonly MessageOf<'flowMod'>[];
  /** The rules that are not as they were, sorted. */
  readonly keys: readonly string[];
}

/** Of the rules given, so many: each other one gone, the rest with another action. */
export function toDrift(rules: readonly Rule[], count: number): Drift {
  const drifted = Array.from({ length: count }, (_, i) => rules[(i * DRIFT_STEP) % rules.length]!);
  return {
    flowMods: drifted.map((rule, i) =>
      i % 2 === 0 ? toFlowMod(rule, 'deleteStrict') : toFlowMod({ ...rule, instructions: [] }, 'modifyStrict'),
    ),
    keys: drifted.map(toRuleKey).sort(),
  };
}

/** A line of each for ovs-ofctl. */
export function formatForOfctl(rules: readonly Rule[]): string {
  return rules.map((rule) => `${formatRule(rule)}\n`).join('');
}
