/** Rules between the words of REST and those of the controller. */
import type { FlowDraft, FlowRequest, FlowResource } from '../../protocol/api/flow-resource.ts';
import { FLOW_FLAG, type FlowStats, PRIORITY_DEFAULT } from '../../protocol/wire/openflow/flow.ts';
import { formatInstructions, parseInstructions } from '../../protocol/wire/openflow/text/instruction-text.ts';
import { formatMatch, parseMatch } from '../../protocol/wire/openflow/text/match-text.ts';
import { toPacketState } from '../../protocol/wire/openflow/text/packet-state.ts';
import { WireError } from '../../protocol/wire/wire-error.ts';
import { type Rule, toRuleId, toRuleKey } from '../rule.ts';
import { ownerOf, type SwitchState } from '../switch-state.ts';
import { ProblemError } from './problem-reply.ts';

const COOKIE_MAX = 0xffff_ffff_ffff_ffffn;

/** A rule that may expire says so when it does: what the controller believes installed is then no longer. */
export function toRule(tableId: number, request: FlowRequest): Rule {
  const match = read('/match', () => parseMatch(request.match ?? ''));
  const instructions = read('/actions', () => parseInstructions(request.actions, toPacketState(match)));
  const cookie = BigInt(request.cookie ?? 0);
  if (cookie > COOKIE_MAX) {
    throw new ProblemError('invalid-request', {}, [{ pointer: '/cookie', code: 'cookie-too-large', params: {} }]);
  }
  const { priority = PRIORITY_DEFAULT, idleTimeout = 0, hardTimeout = 0 } = request;
  const flags = idleTimeout > 0 || hardTimeout > 0 ? FLOW_FLAG.sendFlowRem : 0;
  return { tableId, priority, match, instructions, cookie, idleTimeout, hardTimeout, flags };
}

function read<T>(pointer: '/match' | '/actions', parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    const { at: column, reason } = error;
    const params = { field: pointer.slice(1), column, reason };
    throw new ProblemError('invalid-rule', params, [{ pointer, code: 'syntax', params: { column, reason } }]);
  }
}

export function describeRule(rule: Rule): FlowDraft['rule'] {
  const { tableId, priority, match, instructions, cookie, idleTimeout, hardTimeout } = rule;
  return {
    tableId,
    priority,
    match: formatMatch(match),
    actions: formatInstructions(instructions),
    cookie: String(cookie),
    idleTimeout,
    hardTimeout,
  };
}

export function describeFlow(state: SwitchState, entry: FlowStats): FlowResource {
  return {
    id: toRuleId(entry),
    owner: ownerOf(state, toRuleKey(entry)),
    ...describeRule(entry),
    durationSeconds: entry.durationSec + entry.durationNsec / 1e9,
    packetCount: String(entry.packetCount),
    byteCount: String(entry.byteCount),
  };
}

/** Which part of a request an OpenFlow error is about. */
export function pointerOfError(error: string): string {
  if (error.startsWith('BAD_MATCH/')) return '/match';
  return error.startsWith('BAD_ACTION/') || error.startsWith('BAD_INSTRUCTION/') ? '/actions' : '';
}
