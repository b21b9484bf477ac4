/** What the controller knows of one connected switch: its channel, what it should have, and what it confirmed to have. */
import type { MessageOf } from '../protocol/wire/openflow/message.ts';
import type { Rule, RuleOwner } from './rule.ts';
import type { Channel } from './southbound/channel.ts';

export interface RefusedRule {
  readonly rule: Rule;
  /** The OpenFlow error by name. */
  readonly error: string;
}

export interface SwitchState {
  readonly dpid: string;
  readonly channel: Channel;
  readonly features: MessageOf<'featuresReply'>;
  /** Confirmed by a barrier or read from the switch; ours only, by rule key. */
  readonly installed: Map<string, Rule>;
  /** What users asked for and the switch accepted, by rule key. */
  readonly userRules: Map<string, Rule>;
  /** What the compiler wants now, by rule key. */
  systemRules: ReadonlyMap<string, Rule>;
  /** System rules that the switch refused; not tried again until they change. */
  readonly refused: Map<string, RefusedRule>;
  /** Ports and rules have been read: it can be worked with. */
  isReady: boolean;
  /** A transaction of system rules is under way; the next difference is taken when it is over. */
  isPushing: boolean;
}

export function createSwitchState(dpid: string, channel: Channel, features: MessageOf<'featuresReply'>): SwitchState {
  return {
    dpid,
    channel,
    features,
    installed: new Map(),
    userRules: new Map(),
    systemRules: new Map(),
    refused: new Map(),
    isReady: false,
    isPushing: false,
  };
}

export function ownerOf(state: SwitchState, key: string): RuleOwner {
  if (state.userRules.has(key)) return 'user';
  return state.systemRules.has(key) || state.installed.has(key) ? 'system' : 'foreign';
}

/** All that the switch should have, apart from what it refused. */
export function wantedRules(state: SwitchState): ReadonlyMap<string, Rule> {
  const wanted = new Map(state.systemRules);
  for (const [key, { rule }] of state.refused) if (wanted.get(key) === rule) wanted.delete(key);
  for (const [key, rule] of state.userRules) wanted.set(key, rule);
  return wanted;
}
