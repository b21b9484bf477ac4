/**
 * A rule as the controller thinks of it, and its identity: table, priority and match, as OpenFlow has it.
 *
 * Two rules with the same three are the same rule with other instructions, whatever the order of their fields. The id is a stable hash of
 * them, so that a link to a rule means the same after a restart. Who owns a rule is remembered beside it, never in its cookie.
 */
import { formatHex } from '../protocol/wire/hex.ts';
import { FLOW_COMMAND } from '../protocol/wire/openflow/flow.ts';
import { GROUP } from '../protocol/wire/openflow/group.ts';
import type { Instruction } from '../protocol/wire/openflow/instruction.ts';
import type { Match } from '../protocol/wire/openflow/match.ts';
import type { MessageOf } from '../protocol/wire/openflow/message.ts';
import type { Oxm } from '../protocol/wire/openflow/oxm.ts';
import { BUFFER_NONE } from '../protocol/wire/openflow/packet.ts';
import { PORT } from '../protocol/wire/openflow/port.ts';

export interface Rule {
  readonly tableId: number;
  readonly priority: number;
  readonly match: Match;
  readonly instructions: readonly Instruction[];
  readonly cookie: bigint;
  readonly idleTimeout: number;
  readonly hardTimeout: number;
  readonly flags: number;
}

/** Who wants a rule. `foreign` is what stands in a switch and nobody here wanted. */
export const RULE_OWNERS = ['system', 'user', 'foreign'] as const;

export type RuleOwner = (typeof RULE_OWNERS)[number];

/** Of a message, or of an entry of a switch's answer, what makes the rule. */
export function ruleOf({
  tableId,
  priority,
  match,
  instructions,
  cookie,
  idleTimeout,
  hardTimeout,
  flags,
}: Rule): Rule {
  return { tableId, priority, match, instructions, cookie, idleTimeout, hardTimeout, flags };
}

/** It may end by itself. */
export function isTimed({ idleTimeout, hardTimeout }: Rule): boolean {
  return idleTimeout > 0 || hardTimeout > 0;
}

/** The same for the same table, priority and match; a string, to be a key of maps. */
export function toRuleKey({ tableId, priority, match }: Pick<Rule, 'tableId' | 'priority' | 'match'>): string {
  return `${tableId} ${priority} ${match.map(formatField).sort().join(' ')}`;
}

const KEYS = new WeakMap<Rule, string>();

/** The key of a rule that is asked for again and again. */
export function keyOfRule(rule: Rule): string {
  let key = KEYS.get(rule);
  if (key === undefined) {
    key = toRuleKey(rule);
    KEYS.set(rule, key);
  }
  return key;
}

function formatField(oxm: Oxm): string {
  if (oxm.type === 'unknown') return `${oxm.header.toString(16)}:${formatHex(oxm.body)}`;
  return oxm.mask === undefined ? `${oxm.type}=${oxm.value}` : `${oxm.type}=${oxm.value}/${oxm.mask}`;
}

const FNV_OFFSET = 0xcbf29ce484222325n;
const FNV_PRIME = 0x100000001b3n;

/** Sixteen hex digits: FNV-1a, 64 bits, of the key. */
export function toRuleId(rule: Pick<Rule, 'tableId' | 'priority' | 'match'>): string {
  let hash = FNV_OFFSET;
  const key = toRuleKey(rule);
  for (let i = 0; i < key.length; i++) hash = BigInt.asUintN(64, (hash ^ BigInt(key.charCodeAt(i))) * FNV_PRIME);
  return hash.toString(16).padStart(16, '0');
}

export function toFlowMod(rule: Rule, command: 'add' | 'modifyStrict' | 'deleteStrict'): MessageOf<'flowMod'> {
  return {
    type: 'flowMod',
    xid: 0,
    ...rule,
    // Strict commands go by table, priority and match; a cookie mask would be one more condition.
    cookieMask: 0n,
    command: FLOW_COMMAND[command],
    bufferId: BUFFER_NONE,
    outPort: PORT.any,
    outGroup: GROUP.any,
    instructions: command === 'deleteStrict' ? [] : rule.instructions,
  };
}
