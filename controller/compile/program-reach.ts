/**
 * Which switches the frames of a program can pass, by where they enter it, detours included.
 *
 * A tree is carried out by all switches, and most of its frames pass few of them: whoever enters it need not wait for the others. It is asked only when a switch keeps the rest
 * waiting, and so is computed then, from that switch back against the way of the frames.
 */
import type { Hop, Program } from './program.ts';

interface Reach {
  /** By the switch and stage that a frame comes to, from which it can have come. */
  readonly before: ReadonlyMap<string, readonly string[]>;
  /** By dpid, where frames can have entered that pass there. */
  readonly entrances: Map<string, ReadonlySet<string>>;
}

const reaches = new WeakMap<Program, Reach>();

/** Whether a frame that enters at `from` can come to the switch `at`; where it enters, it is. */
export function canPass(program: Program, from: string, at: string): boolean {
  if (from === at) return true;
  let reach = reaches.get(program);
  if (!reach) {
    reach = { before: listBefore(program), entrances: new Map() };
    reaches.set(program, reach);
  }
  let entrances = reach.entrances.get(at);
  if (!entrances) {
    entrances = findEntrances(program, reach.before, at);
    reach.entrances.set(at, entrances);
  }
  return entrances.has(from);
}

function findEntrances(program: Program, before: Reach['before'], at: string): ReadonlySet<string> {
  const reaching = new Set([...before.keys()].filter((place) => place.startsWith(`${at} `)));
  for (const place of reaching) for (const previous of before.get(place) ?? []) reaching.add(previous);
  const enters = [...program.enters].filter(([, hop]) => listNext(hop).some((place) => reaching.has(place)));
  return new Set(enters.map(([dpid]) => dpid));
}

function listBefore(program: Program): Reach['before'] {
  const before = new Map<string, string[]>();
  const add = (place: string, previous?: string) => {
    const known = before.get(place) ?? [];
    if (previous !== undefined) known.push(previous);
    before.set(place, known);
  };
  for (const { dpid, stage, fate } of program.entries) {
    add(toPlace(dpid, stage));
    if (fate.type !== 'pass') continue;
    for (const place of listNext(fate.hop)) add(place, toPlace(dpid, stage));
  }
  return before;
}

function listNext({ ways }: Hop): readonly string[] {
  return ways.map(({ to, stage }) => toPlace(to, stage));
}

function toPlace(dpid: string, stage: number): string {
  return `${dpid} ${stage}`;
}
