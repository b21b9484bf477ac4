/**
 * What the controller knows of one connected switch: its channel, what it should have, and what it confirmed to have.
 *
 * What differs between the two is never searched for: whatever touches a wish or a belief puts its key on the list `unsettled`, and a key leaves the list when both
 * agree, or when the switch has refused.
 */
import type { MessageOf } from '../protocol/wire/openflow/message.ts';
import type { Nanos } from '../protocol/wire/openflow/session.ts';
import type { PlanPart, SwitchPlan } from './plan.ts';
import { type Fixture, type Item, isFixtureKey, isSameItem } from './push/item.ts';
import type { Rule, RuleOwner } from './rule.ts';
import type { Channel } from './southbound/channel.ts';
import type { Link } from './southbound/switchboard.ts';
import type { UserRule } from './user-rule.ts';
import { WatchedMap } from './watched-map.ts';

export interface RefusedRule {
  readonly rule: Rule;
  /** The OpenFlow error by name, or what it lacks in words. */
  readonly error: string;
}

export interface Refusal {
  readonly item: Item;
  readonly error: string;
  /** The key of what was refused first, and without which it was not sent. */
  readonly awaits: string | undefined;
}

/** A part of the plan at this switch; the object stands for it in the book of programs. */
export interface WantedPart {
  readonly key: string;
  readonly part: PlanPart;
  /** The switch has refused something of it, and who waits for it may wait for ever. */
  isRefused: boolean;
}

/** Why something is in the switch: of which part it came. */
export interface Origin {
  readonly item: Item;
  readonly partKeys: readonly string[];
  readonly carries: readonly string[];
  readonly needs: readonly string[];
}

export interface WantedFixture {
  readonly fixture: Fixture;
  readonly parts: Set<WantedPart>;
}

/** When what failed is tried again. */
export interface Patience {
  retryAt: Nanos;
}

export interface SwitchState {
  readonly dpid: string;
  readonly link: Link;
  readonly channel: Channel;
  readonly features: MessageOf<'featuresReply'>;
  readonly joinedAt: Nanos;
  /** Confirmed by a barrier or read from the switch; ours only, by rule key. */
  readonly installed: WatchedMap<string, Rule>;
  /** Groups and meters likewise, by item key. */
  readonly fixtures: WatchedMap<string, Fixture>;
  /** What users want, by rule key; it outlives the connection. */
  readonly userRules: WatchedMap<string, UserRule>;
  /** As it was given last. */
  plan: SwitchPlan;
  readonly parts: Map<string, WantedPart>;
  /** What the plan wants now, by rule key. */
  readonly systemRules: Map<string, Rule>;
  readonly partOfRule: Map<string, WantedPart>;
  readonly wantedFixtures: Map<string, WantedFixture>;
  /** By item key, of what came from the plan: one, or while the switch has not answered, all that it may be. */
  readonly origins: Map<string, readonly Origin[]>;
  /** What the switch refused, by item key; not tried again until it is to be something else, unless the error can pass. */
  readonly refused: WatchedMap<string, Refusal>;
  readonly unsettled: Set<string>;
  /** Parts that carry a program out and of which something changed. */
  readonly doubtful: Set<WantedPart>;
  /** Groups that rules of others refer to, as they were read last. */
  foreignReferences: ReadonlySet<string>;
  /** Keys of the groups and meters that it may have had of us when it was connected last. */
  formerFixtures: ReadonlySet<string>;
  /** Groups and meters that were read and nobody here wanted; ours as soon as somebody does. */
  strayFixtures: Map<string, Fixture>;
  /** Rules of others, as they were read last, by rule key. */
  foreign: ReadonlyMap<string, Rule>;
  /** Drift that was told and is let be, by item key: what stands there; undefined for nothing. */
  readonly alerted: Map<string, Item | undefined>;
  /** When its tables are read the next time. */
  readAgainAt: Nanos;
  /** Ports and rules have been read: it can be worked with. */
  isReady: boolean;
  /** A transaction is under way; the next is made when it is over. */
  isPushing: boolean;
  /** It has been given all that could be given, once. */
  isConfirmed: boolean;
  /** How much was missing when that was looked at last, apart from what was refused. */
  outstanding: number;
  /** How much of that waits for what other switches have refused. */
  stuck: number;
  /** It did not answer: what it has is not known until it is read again. */
  silence: Patience | undefined;
  /** How long the next time is waited at least; nothing as long as it answers. */
  silenceDelayNs: Nanos;
  /** When the delivery will come back to it. */
  lookAt: Nanos;
  /** It refused for a reason that can pass. */
  refusal: (Patience & { readonly delayNs: Nanos }) | undefined;
  /** What is tried again although it was refused. */
  readonly retrying: Set<string>;
  /** Counts what touches a belief: an answer that was asked for before is not compared with what is believed after. */
  version: number;
}

export function createSwitchState(
  dpid: string,
  link: Link,
  features: MessageOf<'featuresReply'>,
  userRules: SwitchState['userRules'],
  joinedAt: Nanos,
): SwitchState {
  const state: SwitchState = {
    dpid,
    link,
    channel: link.channel,
    features,
    joinedAt,
    installed: new WatchedMap(),
    fixtures: new WatchedMap(),
    userRules,
    plan: new Map(),
    parts: new Map(),
    systemRules: new Map(),
    partOfRule: new Map(),
    wantedFixtures: new Map(),
    origins: new Map(),
    refused: new WatchedMap(),
    unsettled: new Set(userRules.keys()),
    doubtful: new Set(),
    foreignReferences: new Set(),
    formerFixtures: new Set(),
    strayFixtures: new Map(),
    foreign: new Map(),
    alerted: new Map(),
    readAgainAt: Number.POSITIVE_INFINITY,
    isReady: false,
    isPushing: false,
    isConfirmed: false,
    outstanding: 0,
    stuck: 0,
    silence: undefined,
    silenceDelayNs: 0,
    lookAt: Number.POSITIVE_INFINITY,
    refusal: undefined,
    retrying: new Set(),
    version: 0,
  };
  const touched = (key: string) => {
    state.version++;
    state.unsettled.add(key);
  };
  for (const map of [state.installed, state.fixtures, userRules, state.refused]) map.watch(touched);
  return state;
}

export function ownerOf(state: SwitchState, key: string): RuleOwner {
  if (state.userRules.has(key)) return 'user';
  return state.systemRules.has(key) || state.installed.has(key) ? 'system' : 'foreign';
}

/** What the switch should have under a key. */
export function wantedItem(state: SwitchState, key: string): Item | undefined {
  if (isFixtureKey(key)) return state.wantedFixtures.get(key)?.fixture;
  const record = state.userRules.get(key);
  if (!record) return state.systemRules.get(key);
  return record.state === 'unwanted' ? undefined : record.rule;
}

/** What the switch has under a key, as far as it is ours. */
export function presentItem(state: SwitchState, key: string): Item | undefined {
  return isFixtureKey(key) ? state.fixtures.get(key) : state.installed.get(key);
}

export function setPresent(state: SwitchState, key: string, item: Item | undefined): void {
  const map: WatchedMap<string, Item> = isFixtureKey(key) ? state.fixtures : state.installed;
  if (item) map.set(key, item);
  else map.delete(key);
}

/** The switch has said no to what it should have under this key. */
export function refusalOf(state: SwitchState, key: string): Refusal | undefined {
  const refusal = state.refused.get(key);
  if (!refusal) return undefined;
  const wanted = wantedItem(state, key);
  return wanted && isSameItem(wanted, refusal.item) ? refusal : undefined;
}

/** Rules that the switch should have and refused. */
export function refusedRules(state: SwitchState): readonly RefusedRule[] {
  const refused: RefusedRule[] = [];
  for (const [key, { item, error }] of state.refused) {
    if ('tableId' in item && refusalOf(state, key)) refused.push({ rule: item, error });
  }
  return refused;
}

/** Nothing is under way, and nothing will be before something else happens. */
export function isAtRest({ isReady, isPushing, silence, outstanding, stuck }: SwitchState): boolean {
  return isReady && !isPushing && !silence && outstanding === stuck;
}

/** The switch has confirmed all that it should have. */
export function isComplete(state: SwitchState): boolean {
  if (!isAtRest(state) || state.outstanding > 0) return false;
  for (const key of state.refused.keys()) if (refusalOf(state, key)) return false;
  return true;
}
