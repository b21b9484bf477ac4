/**
 * What one switch is to be told next.
 *
 *   groups and meters that come or change | barrier | rules that come or change | barrier | rules that go | barrier | groups and meters that go
 *
 * A switch may do what lies between two barriers in any order, so nothing of a step is sent before the step before it is confirmed; an empty step costs nothing. What
 * cannot be sent yet is held back, and what it would replace stays:
 * - what needs a program, until that is confirmed wherever what it sends can pass;
 * - what refers to a group or meter, until that is there;
 * - what is of a program, or was read from the switch and is wanted by nobody, until what was under way has arrived.
 */
import type { Nanos } from '../../protocol/wire/openflow/session.ts';
import type { Rule } from '../rule.ts';
import type { Modification } from '../southbound/channel.ts';
import {
  type Origin,
  presentItem,
  type Refusal,
  refusalOf,
  type SwitchState,
  type WantedPart,
  wantedItem,
} from '../switch-state.ts';
import { type Item, isFixtureKey, isSameItem, referencesOf, toDeletion, toItemKey, toUpsert } from './item.ts';
import { dropNeeds, resolveOrigin, setOrigin } from './origins.ts';
import { DRAIN, type ProgramBook } from './program-book.ts';
import { partsOf, wantedOrigin } from './switch-wish.ts';

export interface Change {
  readonly key: string;
  /** Absent: it goes. */
  readonly item: Item | undefined;
  readonly modification: Modification;
  readonly origin: Origin | undefined;
}

export interface Step {
  readonly changes: readonly Change[];
  /** What is not sent, since what it refers to was refused. */
  readonly refusals: ReadonlyMap<string, Refusal>;
  /** How much is missing, what only waits until frames under way have arrived apart. */
  readonly outstanding: number;
  /** How much of that waits for what other switches have refused. */
  readonly stuck: number;
  /** When something that waits may go. */
  readonly lookAgainAt: Nanos | undefined;
}

type Programs = ProgramBook<SwitchState>;

interface Sorted {
  readonly fixtures: string[];
  readonly rules: string[];
  readonly unwanted: string[];
  readonly refusals: Map<string, Refusal>;
  held: number;
  stuck: number;
}

/** Settles what needs no message, and gives what can be sent of the first step that has something. */
export function nextStep(state: SwitchState, programs: Programs, now: Nanos): Step {
  let sorted = sortUnsettled(state, programs, now);
  // What waits here for what is carried out here.
  if (confirmParts(state, programs, sorted.unwanted, now)) sorted = sortUnsettled(state, programs, now);
  const { fixtures, rules, refusals, stuck } = sorted;
  const waiting = fixtures.length + rules.length + sorted.held;
  const coming = fixtures.length > 0 ? fixtures : rules;
  if (coming.length > 0) {
    const changes = coming.map((key) => toComing(state, key));
    return { changes, refusals, outstanding: waiting, stuck, lookAgainAt: undefined };
  }
  const { keys, lookAgainAt, leftovers } = listDeletable(state, programs, sorted.unwanted, now);
  const changes = keys.map((key): Change => {
    const modification = toDeletion(presentItem(state, key)!);
    return { key, item: undefined, modification, origin: undefined };
  });
  return { changes, refusals, outstanding: waiting + changes.length + leftovers, stuck, lookAgainAt };
}

function toComing(state: SwitchState, key: string): Change {
  const item = wantedItem(state, key)!;
  return { key, item, modification: toUpsert(presentItem(state, key), item), origin: wantedOrigin(state, key) };
}

function sortUnsettled(state: SwitchState, programs: Programs, now: Nanos): Sorted {
  const sorted: Sorted = { fixtures: [], rules: [], unwanted: [], refusals: new Map(), held: 0, stuck: 0 };
  for (const key of state.unsettled) {
    const wanted = wantedItem(state, key);
    const present = presentItem(state, key) ?? (wanted && claimStray(state, key));
    for (const part of partsOf(state, key)) if (part.part.program !== undefined) state.doubtful.add(part);
    if (wanted && present && isSameItem(wanted, present)) {
      setOrigin(state, programs, key, wantedOrigin(state, key), now);
      settle(state, key);
    } else if (wanted) {
      sortWanted(state, programs, sorted, key, wanted, present);
    } else if (present) {
      state.refused.delete(key);
      if (isFixtureKey(key)) dropNeeds(state, programs, key, now);
      sorted.unwanted.push(key);
    } else {
      resolveOrigin(state, programs, key, undefined, now);
      settle(state, key);
    }
  }
  return sorted;
}

/** A group or meter that stood there before it was wanted. */
function claimStray(state: SwitchState, key: string): Item | undefined {
  const stray = state.strayFixtures.get(key);
  if (!stray) return undefined;
  state.strayFixtures.delete(key);
  state.fixtures.set(key, stray);
  return stray;
}

/** Nothing is to be done for it, whatever was refused before. */
function settle(state: SwitchState, key: string): void {
  state.refused.delete(key);
  state.retrying.delete(key);
  state.unsettled.delete(key);
}

function sortWanted(
  state: SwitchState,
  programs: Programs,
  sorted: Sorted,
  key: string,
  wanted: Item,
  present: Item | undefined,
): void {
  if (refusalOf(state, key) && !state.retrying.has(key)) {
    state.unsettled.delete(key);
    return;
  }
  const isFixture = isFixtureKey(key);
  // A group that nothing refers to yet harms nobody; one that changes under what refers to it does.
  const hold = !isFixture || present !== undefined ? holdOf(state, programs, key) : undefined;
  if (hold) {
    sorted.held++;
    if (hold === 'for-ever') sorted.stuck++;
    return;
  }
  const lacking = referencesOf(wanted).find((reference) => !isInPlace(state, reference));
  if (lacking === undefined) (isFixture ? sorted.fixtures : sorted.rules).push(key);
  else {
    const refusal = refusalOf(state, lacking);
    sorted.held++;
    if (!refusal || state.retrying.has(lacking)) return;
    sorted.refusals.set(key, { item: wanted, error: `${lacking} was refused: ${refusal.error}`, awaits: lacking });
  }
}

/** Of what the plan does not have, such as a group of a user's, the switch may judge. */
function isInPlace(state: SwitchState, key: string): boolean {
  const wanted = wantedItem(state, key);
  const present = presentItem(state, key);
  return !wanted || (present !== undefined && isSameItem(wanted, present));
}

/** Until something is confirmed; for ever where it was refused, unless that changes. */
type Hold = 'yet' | 'for-ever';

function holdOf(state: SwitchState, programs: Programs, key: string): Hold | undefined {
  if (state.userRules.has(key)) return undefined;
  let hold: Hold | undefined;
  for (const wanted of partsOf(state, key)) {
    const found = holdOfPart(state, programs, wanted);
    if (hold !== 'for-ever') hold = found ?? hold;
  }
  return hold;
}

function holdOfPart(state: SwitchState, programs: Programs, { part }: WantedPart): Hold | undefined {
  const { needs, canPass } = part;
  for (const program of needs) {
    const missing = programs.missingOf(program, canPass && ((dpid) => canPass(program, dpid)));
    if (!missing) continue;
    programs.await(program, state, missing);
    return 'isRefused' in missing && missing.isRefused === true ? 'for-ever' : 'yet';
  }
  return undefined;
}

/** True if by that a program may be sent under by somebody who could not. */
function confirmParts(state: SwitchState, programs: Programs, unwanted: readonly string[], now: Nanos): boolean {
  if (state.doubtful.size === 0) return false;
  let isAny = false;
  const strayLabels = listStrayLabels(state, unwanted);
  const parts = [...state.doubtful];
  state.doubtful.clear();
  for (const wanted of parts) {
    const { part } = wanted;
    const isMixed = strayLabels.size > 0 && part.rules.some((rule) => strayLabels.has(labelOf(rule)));
    if (isMixed) state.doubtful.add(wanted);
    const isWhole =
      !isMixed &&
      part.rules.every((rule) => isInPlaceOrUsers(state, toItemKey(rule))) &&
      part.groups.every((group) => isInPlace(state, toItemKey(group))) &&
      part.meters.every((meter) => isInPlace(state, toItemKey(meter)));
    if (isWhole) wanted.isRefused = false;
    if (!isWhole) programs.doubt(part.program!, wanted);
    else if (programs.confirm(part.program!, wanted, now)) isAny = true;
  }
  return isAny;
}

/**
 * Of a program that a switch kept while it was away nobody knows which it was, and its label may mean something else by now. Until what is left of it is gone,
 * the switch would do both.
 */
function listStrayLabels(state: SwitchState, unwanted: readonly string[]): ReadonlySet<number | undefined> {
  const labels = new Set<number | undefined>();
  for (const key of unwanted) {
    if (isFixtureKey(key) || state.origins.has(key)) continue;
    const label = labelOf(state.installed.get(key)!);
    if (label !== undefined) labels.add(label);
  }
  return labels;
}

/** Under which it takes frames on. */
function labelOf({ match }: Rule): number | undefined {
  const vid = match.find((oxm) => oxm.type === 'vlanVid')?.value;
  return typeof vid === 'number' ? vid : undefined;
}

/** Where a user has put a rule, the plan has none. */
function isInPlaceOrUsers(state: SwitchState, key: string): boolean {
  return state.userRules.has(key) || isInPlace(state, key);
}

function listDeletable(
  state: SwitchState,
  programs: Programs,
  unwanted: readonly string[],
  now: Nanos,
): {
  keys: readonly string[];
  lookAgainAt: Nanos | undefined;
  /** Of nobody's making that we know: they may take frames that others are for. */
  leftovers: number;
} {
  let lookAgainAt: Nanos | undefined;
  let leftovers = 0;
  const rules: string[] = [];
  const fixtures: string[] = [];
  for (const key of unwanted) {
    if (isFixtureKey(key)) {
      fixtures.push(key);
      continue;
    }
    const at = deletableAt(state, programs, key);
    if (at === undefined) continue;
    if (at <= now) rules.push(key);
    else {
      lookAgainAt = Math.min(at, lookAgainAt ?? at);
      if (!state.origins.has(key)) leftovers++;
    }
  }
  if (rules.length > 0 || fixtures.length === 0) return { keys: rules, lookAgainAt, leftovers };
  const referred = listReferred(state);
  return { keys: fixtures.filter((key) => !referred.has(key)), lookAgainAt, leftovers };
}

/** Undefined: nobody knows yet; it will be looked at again. */
function deletableAt(state: SwitchState, programs: Programs, key: string): Nanos | undefined {
  if (state.userRules.has(key)) return Number.NEGATIVE_INFINITY;
  const origins = state.origins.get(key);
  if (!origins) return state.joinedAt + DRAIN;
  let at = Number.NEGATIVE_INFINITY;
  for (const { partKeys, carries } of origins) {
    for (const partKey of partKeys) {
      const successor = state.parts.get(partKey);
      if (successor && holdOfPart(state, programs, successor)) return undefined;
    }
    for (const program of carries) {
      const idleUntil = programs.idleUntil(program);
      if (idleUntil === undefined) {
        programs.await(program, state);
        return undefined;
      }
      at = Math.max(at, idleUntil);
    }
  }
  return at;
}

/** What stands there refers to these: with them, the switch would delete it. */
function listReferred(state: SwitchState): ReadonlySet<string> {
  const referred = new Set(state.foreignReferences);
  for (const rule of state.installed.values()) for (const key of referencesOf(rule)) referred.add(key);
  for (const fixture of state.fixtures.values()) for (const key of referencesOf(fixture)) referred.add(key);
  return referred;
}
