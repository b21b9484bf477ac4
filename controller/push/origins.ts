/**
 * Where what stands in a switch came from, and so which programs it needs and is of.
 *
 * While a change is under way there are two answers, and both count. An answer of the switch, or a reading of its tables, leaves one, or none.
 */
import type { Nanos } from '../../protocol/wire/openflow/session.ts';
import type { Origin, SwitchState } from '../switch-state.ts';
import { type Item, isSameItem } from './item.ts';
import type { ProgramBook } from './program-book.ts';

type Programs = ProgramBook<SwitchState>;

/** It may be there from now on. */
export function addOrigin(state: SwitchState, programs: Programs, key: string, origin: Origin): void {
  count(programs, origin);
  state.origins.set(key, [...(state.origins.get(key) ?? []), origin]);
}

/** What is there is of this origin, and no other; undefined: of none that we know, or nothing is there. */
export function setOrigin(
  state: SwitchState,
  programs: Programs,
  key: string,
  origin: Origin | undefined,
  now: Nanos,
): void {
  const before = state.origins.get(key) ?? [];
  if (before.length === 1 && origin && isEqual(before[0]!, origin)) return;
  if (before.length === 0 && !origin) return;
  if (origin) count(programs, origin);
  if (origin) state.origins.set(key, [origin]);
  else state.origins.delete(key);
  for (const gone of before) discount(programs, gone, now);
}

/** The switch has told what is there. */
export function resolveOrigin(
  state: SwitchState,
  programs: Programs,
  key: string,
  found: Item | undefined,
  now: Nanos,
): void {
  const origins = state.origins.get(key);
  if (!origins) return;
  setOrigin(state, programs, key, found && origins.findLast(({ item }) => isSameItem(item, found)), now);
}

/**
 * A group or meter that nobody wants any more sends nothing by itself: the rules that still refer to it say what they need. Without this, a program and a group of it by which
 * it was entered, too, would wait for each other.
 */
export function dropNeeds(state: SwitchState, programs: Programs, key: string, now: Nanos): void {
  const before = state.origins.get(key) ?? [];
  if (before.every(({ needs }) => needs.length === 0)) return;
  state.origins.set(
    key,
    before.map((origin) => ({ ...origin, needs: [] })),
  );
  for (const { needs } of before) for (const program of needs) programs.unuse(program, now);
}

/** The switch has refused: it is not there. */
export function dropOrigin(state: SwitchState, programs: Programs, key: string, origin: Origin, now: Nanos): void {
  const origins = state.origins.get(key) ?? [];
  const kept = origins.filter((candidate) => candidate !== origin);
  if (kept.length > 0) state.origins.set(key, kept);
  else state.origins.delete(key);
  if (kept.length < origins.length) discount(programs, origin, now);
}

/** The switch has gone, and with it all that is known of it. */
export function dropOrigins(state: SwitchState, programs: Programs, now: Nanos): void {
  for (const origins of state.origins.values()) for (const origin of origins) discount(programs, origin, now);
  state.origins.clear();
}

function count(programs: Programs, { needs, carries }: Origin): void {
  for (const key of needs) programs.use(key);
  for (const key of carries) programs.carry(key);
}

function discount(programs: Programs, { needs, carries }: Origin, now: Nanos): void {
  for (const key of needs) programs.unuse(key, now);
  for (const key of carries) programs.uncarry(key);
}

function isEqual(a: Origin, b: Origin): boolean {
  return (
    a.item === b.item &&
    isSameList(a.partKeys, b.partKeys) &&
    isSameList(a.needs, b.needs) &&
    isSameList(a.carries, b.carries)
  );
}

function isSameList(a: readonly string[], b: readonly string[]): boolean {
  return a === b || (a.length === b.length && a.every((value, i) => value === b[i]));
}
