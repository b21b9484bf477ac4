/**
 * What the controller knows of one connected switch: its channel, what it should have, and what it confirmed to have.
 *
 * What differs between the two is asked for after every message that comes from anywhere, and changes rarely: it is kept until one of the
 * things it is made of changes.
 */
import type { MessageOf } from '../protocol/wire/openflow/message.ts';
import { diffRules, isSameRule, isSameRuleList, type RuleChange } from './push/rule-difference.ts';
import { type Rule, type RuleOwner, toRuleKey } from './rule.ts';
import type { Channel, Verdict } from './southbound/channel.ts';
import type { Link } from './southbound/switchboard.ts';
import type { UserRule } from './user-rule.ts';
import { VersionedMap } from './versioned-map.ts';

export interface RefusedRule {
  readonly rule: Rule;
  /** The OpenFlow error by name. */
  readonly error: string;
}

export interface SwitchState {
  readonly dpid: string;
  readonly link: Link;
  readonly channel: Channel;
  readonly features: MessageOf<'featuresReply'>;
  /** Confirmed by a barrier or read from the switch; ours only, by rule key. */
  readonly installed: VersionedMap<string, Rule>;
  /** What users want, by rule key; it outlives the connection. */
  readonly userRules: VersionedMap<string, UserRule>;
  /** As the compiler gave them; see `wantSystemRules`. */
  compiled: readonly Rule[];
  /** What the compiler wants now, by rule key. */
  systemRules: ReadonlyMap<string, Rule>;
  /** Rules that the switch refused; not tried again until they say something else. */
  readonly refused: VersionedMap<string, RefusedRule>;
  /** Ports and rules have been read: it can be worked with. */
  isReady: boolean;
  /** A transaction of system rules is under way; the next difference is taken when it is over. */
  isPushing: boolean;
  /** It has confirmed its rules once. */
  isConfirmed: boolean;
  /** See `outstandingChanges`. */
  outstanding: Outstanding | undefined;
}

interface Outstanding {
  readonly changes: readonly RuleChange[];
  readonly systemRules: ReadonlyMap<string, Rule>;
  /** Sums of the versions of the three maps; each only grows. */
  readonly version: number;
}

export function createSwitchState(
  dpid: string,
  link: Link,
  features: MessageOf<'featuresReply'>,
  userRules: SwitchState['userRules'],
): SwitchState {
  return {
    dpid,
    link,
    channel: link.channel,
    features,
    installed: new VersionedMap(),
    userRules,
    compiled: [],
    systemRules: new Map(),
    refused: new VersionedMap(),
    isReady: false,
    isPushing: false,
    isConfirmed: false,
    outstanding: undefined,
  };
}

/** False when these are what was wanted before, which in a large network is so for most switches each time: then nothing is to be done for it. */
export function wantSystemRules(state: SwitchState, rules: readonly Rule[]): boolean {
  if (isSameRuleList(state.compiled, rules)) return false;
  state.compiled = rules;
  state.systemRules = new Map(rules.map((rule) => [toRuleKey(rule), rule]));
  return true;
}

export function ownerOf(state: SwitchState, key: string): RuleOwner {
  if (state.userRules.has(key)) return 'user';
  return state.systemRules.has(key) || state.installed.has(key) ? 'system' : 'foreign';
}

/** What is to be done for the switch to have all that it should have, apart from what it refused. */
export function outstandingChanges(state: SwitchState): readonly RuleChange[] {
  const { installed, userRules, refused, systemRules } = state;
  const version = installed.version + userRules.version + refused.version;
  const kept = state.outstanding;
  if (kept?.version === version && kept.systemRules === systemRules) return kept.changes;
  const changes = diffRules(installed, wantedRules(state));
  state.outstanding = { changes, systemRules, version };
  return changes;
}

/** What the switch has said of a change; what it said nothing of stays as it is believed to be. */
export function bookVerdict({ installed, refused }: SwitchState, { key, rule }: RuleChange, verdict: Verdict): void {
  if (verdict.type === 'installed') {
    if (rule) installed.set(key, rule);
    else installed.delete(key);
  } else if (verdict.type === 'refused') {
    if (rule) refused.set(key, { rule, error: verdict.error });
    else installed.delete(key);
  }
}

/** Rules that the switch should have and refused. */
export function refusedRules(state: SwitchState): readonly RefusedRule[] {
  return [...state.refused.values()].filter(({ rule }) => {
    const wanted = wantedRule(state, toRuleKey(rule));
    return wanted !== undefined && isSameRule(wanted, rule);
  });
}

/** The switch has confirmed all that it should have. */
export function isComplete(state: SwitchState): boolean {
  return (
    state.isReady && !state.isPushing && outstandingChanges(state).length === 0 && refusedRules(state).length === 0
  );
}

function wantedRule({ userRules, systemRules }: SwitchState, key: string): Rule | undefined {
  const record = userRules.get(key);
  if (!record) return systemRules.get(key);
  return record.state === 'unwanted' ? undefined : record.rule;
}

function wantedRules(state: SwitchState): ReadonlyMap<string, Rule> {
  const wanted = new Map(state.systemRules);
  for (const [key, { state: wish, rule }] of state.userRules) {
    if (wish === 'unwanted') wanted.delete(key);
    else wanted.set(key, rule);
  }
  for (const { rule } of refusedRules(state)) wanted.delete(toRuleKey(rule));
  return wanted;
}
