/**
 * A switch's own tables, taken for what is there.
 *
 * Rules are ours by their cookie, by a user's record, or because we put them there. Groups and meters carry no mark: ours are those that are wanted, those that we have
 * sent on this connection or the one before, and those that rules of ours refer to. What else there is belongs to others.
 */
import type { Nanos } from '../../protocol/wire/openflow/session.ts';
import { SYSTEM_COOKIE } from '../compile/layout.ts';
import { type Rule, ruleOf, toRuleKey } from '../rule.ts';
import type { TableReading } from '../southbound/switch-reading.ts';
import { presentItem, type SwitchState, setPresent } from '../switch-state.ts';
import { type Fixture, type Item, isSameItem, referencesOf, toItemKey } from './item.ts';
import { resolveOrigin } from './origins.ts';
import type { ProgramBook } from './program-book.ts';

export interface SortedReading {
  /** By item key. */
  readonly ours: ReadonlyMap<string, Item>;
  /** By rule key. */
  readonly foreign: ReadonlyMap<string, Rule>;
  /** Groups and meters of whoever, by item key. */
  readonly strayFixtures: Map<string, Fixture>;
  readonly foreignReferences: ReadonlySet<string>;
}

export function sortReading(state: SwitchState, { rules, groups, meters }: TableReading): SortedReading {
  const ours = new Map<string, Item>();
  const foreign = new Map<string, Rule>();
  const strayFixtures = new Map<string, Fixture>();
  const ourReferences = new Set<string>();
  const foreignReferences = new Set<string>();
  for (const entry of rules) {
    const key = toRuleKey(entry);
    const isOurs = entry.cookie === SYSTEM_COOKIE || state.userRules.has(key) || state.installed.has(key);
    const rule = ruleOf(entry);
    (isOurs ? ours : foreign).set(key, rule);
    for (const reference of referencesOf(rule)) (isOurs ? ourReferences : foreignReferences).add(reference);
  }
  for (const fixture of [...groups, ...meters] satisfies Fixture[]) {
    const key = toItemKey(fixture);
    const isKnown = state.wantedFixtures.has(key) || state.fixtures.has(key) || state.origins.has(key);
    if (isKnown || state.formerFixtures.has(key) || ourReferences.has(key)) ours.set(key, fixture);
    else strayFixtures.set(key, fixture);
  }
  return { ours, foreign, strayFixtures, foreignReferences };
}

/** What the switch has is what it says. */
export function absorbReading(
  state: SwitchState,
  programs: ProgramBook<SwitchState>,
  reading: TableReading,
  now: Nanos,
): SortedReading {
  const sorted = sortReading(state, reading);
  const { ours } = sorted;
  state.foreignReferences = sorted.foreignReferences;
  state.strayFixtures = sorted.strayFixtures;
  const keys = new Set([...state.installed.keys(), ...state.fixtures.keys(), ...state.origins.keys(), ...ours.keys()]);
  for (const key of keys) absorbItem(state, programs, key, ours.get(key), now);
  return sorted;
}

export function absorbItem(
  state: SwitchState,
  programs: ProgramBook<SwitchState>,
  key: string,
  found: Item | undefined,
  now: Nanos,
): void {
  const believed = presentItem(state, key);
  if (!(believed && found && isSameItem(believed, found))) {
    if (believed || found) setPresent(state, key, found);
  }
  resolveOrigin(state, programs, key, found, now);
}
