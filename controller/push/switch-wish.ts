/**
 * What a plan wants of one switch, part by part: only what differs from the plan before is touched.
 *
 * All that goes is taken away before anything comes, so that a rule may move from one part to another.
 */
import type { Nanos } from '../../protocol/wire/openflow/session.ts';
import type { SwitchPlan } from '../plan.ts';
import { keyOfRule } from '../rule.ts';
import type { Origin, SwitchState, WantedPart } from '../switch-state.ts';
import { toItemKey } from './item.ts';
import type { ProgramBook } from './program-book.ts';

const NONE: readonly string[] = [];

/** False when nothing is to be done for it. */
export function wantPlan(
  state: SwitchState,
  programs: ProgramBook<SwitchState>,
  plan: SwitchPlan,
  now: Nanos,
): boolean {
  if (state.plan === plan) return false;
  state.plan = plan;
  const gone: WantedPart[] = [];
  for (const wanted of state.parts.values()) if (plan.get(wanted.key) !== wanted.part) gone.push(wanted);
  for (const wanted of gone) retract(state, wanted);
  let isChanged = gone.length > 0;
  for (const [key, part] of plan) {
    if (state.parts.has(key)) continue;
    isChanged = true;
    const wanted: WantedPart = { key, part, isRefused: false };
    extend(state, wanted);
    if (part.program === undefined) continue;
    programs.begin(part.program, wanted, state.dpid);
    state.doubtful.add(wanted);
  }
  // Only now: a program of which a part was replaced must not be thought confirmed, or released, in between.
  for (const wanted of gone) endPart(state, programs, wanted, now);
  return isChanged;
}

/** A switch that has gone carries nothing out. */
export function endParts(state: SwitchState, programs: ProgramBook<SwitchState>, now: Nanos): void {
  for (const wanted of state.parts.values()) endPart(state, programs, wanted, now);
  state.parts.clear();
}

/** Why what is wanted under this key is: undefined for what users want. */
export function wantedOrigin(state: SwitchState, key: string): Origin | undefined {
  const fixture = state.wantedFixtures.get(key);
  if (fixture) {
    const parts = [...fixture.parts];
    return {
      item: fixture.fixture,
      partKeys: parts.map((wanted) => wanted.key),
      carries: distinct(parts.flatMap(({ part }) => part.program ?? [])),
      needs: distinct(parts.flatMap(({ part }) => part.needs)),
    };
  }
  const wanted = state.partOfRule.get(key);
  if (!wanted || state.userRules.has(key)) return undefined;
  const { needs, program } = wanted.part;
  const carries = program === undefined ? NONE : [program];
  return { item: state.systemRules.get(key)!, partKeys: [wanted.key], carries, needs };
}

/** The parts that want what stands under this key. */
export function partsOf(state: SwitchState, key: string): Iterable<WantedPart> {
  const fixture = state.wantedFixtures.get(key);
  if (fixture) return fixture.parts;
  const wanted = state.partOfRule.get(key);
  return wanted ? [wanted] : [];
}

function retract(state: SwitchState, wanted: WantedPart): void {
  state.parts.delete(wanted.key);
  state.doubtful.delete(wanted);
  for (const rule of wanted.part.rules) {
    const key = keyOfRule(rule);
    state.systemRules.delete(key);
    state.partOfRule.delete(key);
    state.unsettled.add(key);
  }
  for (const fixture of [...wanted.part.groups, ...wanted.part.meters]) {
    const key = toItemKey(fixture);
    const kept = state.wantedFixtures.get(key);
    kept?.parts.delete(wanted);
    if (kept?.parts.size === 0) state.wantedFixtures.delete(key);
    state.unsettled.add(key);
  }
}

function extend(state: SwitchState, wanted: WantedPart): void {
  state.parts.set(wanted.key, wanted);
  for (const rule of wanted.part.rules) {
    const key = keyOfRule(rule);
    state.systemRules.set(key, rule);
    state.partOfRule.set(key, wanted);
    state.unsettled.add(key);
  }
  for (const fixture of [...wanted.part.groups, ...wanted.part.meters]) {
    const key = toItemKey(fixture);
    const kept = state.wantedFixtures.get(key);
    if (kept) kept.parts.add(wanted);
    else state.wantedFixtures.set(key, { fixture, parts: new Set([wanted]) });
    state.unsettled.add(key);
  }
}

function endPart(state: SwitchState, programs: ProgramBook<SwitchState>, wanted: WantedPart, now: Nanos): void {
  state.doubtful.delete(wanted);
  if (wanted.part.program !== undefined) programs.end(wanted.part.program, wanted, now);
}

function distinct(keys: readonly string[]): readonly string[] {
  return keys.length > 1 ? [...new Set(keys)] : keys;
}
