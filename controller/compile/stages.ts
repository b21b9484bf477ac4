/**
 * A walk as entries that switches can carry out: what each does with a frame of the walk's label, by the *stage* that the label is in.
 *
 * A walk may pass a switch more than once, and a frame looks the same each time. So the stage tells the times apart: no two places of a walk at the same switch have the same
 * stage. It changes only where it must, at most to the lowest that is free there; so there are as many as the most places that one switch has.
 *
 * With a second walk that shares no link with the first, no single link lost stops a frame, without anybody being asked. Where the link behind a place of the first walk is down, the switch turns the frame
 * back: out of the port it came in by, into the stages of the *return*, which leads over the first walk's links, all of them alive, to its first switch, and from there the frame takes the second walk
 * from its beginning. So whatever the second walk keeps (waypoints, switches to keep off), the frame has had in full.
 *
 * Invariant: a frame is never in the same (switch, stage) twice. The places of the first walk, of the return and of the second have no stage of a switch in common, and lead only on, the first to the
 * return, the return to the second.
 */
import { assert } from '../../protocol/wire/wire-error.ts';
import type { Walk } from './constrained-path.ts';
import type { PathGraph } from './path-graph.ts';
import { twinOf } from './path-search.ts';

/** The priority of a VLAN tag has three bits. */
export const STAGES_MAX = 8;

export interface StageSend {
  /** A switch sends nothing back by the port it came in by unless it is told so in these words. */
  readonly port: number | 'in-port';
  /** The port that this means. */
  readonly watchPort: number;
  readonly toStage: number;
}

export interface StageEntry {
  readonly slot: number;
  readonly stage: number;
  /** The only port that frames come by in this stage; undefined where they enter. (slot, stage) tells entries apart without it. */
  readonly inPort: number | undefined;
  readonly action: StageSend;
  /** When the port that the action means is down. */
  readonly backup?: StageSend;
}

/** Where frames leave the walk. */
export interface StageArrival {
  readonly slot: number;
  readonly stage: number;
  readonly inPort: number;
}

export interface StagedWalk {
  readonly type: 'staged';
  /** At the first switch: the stage that frames enter in, and what becomes of them. One of the entries. */
  readonly entry: StageEntry;
  readonly entries: readonly StageEntry[];
  readonly arrivals: readonly StageArrival[];
}

export type Staging = StagedWalk | { readonly type: 'refused'; readonly reason: 'too-many-stages' };

/** A moment of a walk: the switch, the stage, and the port by which one got there. */
interface Place {
  readonly slot: number;
  readonly stage: number;
  readonly inPort: number | undefined;
}

/** Gives every place at a switch a stage of its own. */
class StageBook {
  readonly #taken = new Map<number, Set<number>>();
  /** The last one given. */
  #stage = 0;
  stages = 1;

  take(slot: number): number {
    const taken = this.#taken.get(slot) ?? new Set();
    if (taken.has(this.#stage)) this.#stage = 0;
    while (taken.has(this.#stage)) this.#stage++;
    this.#taken.set(slot, taken.add(this.#stage));
    this.stages = Math.max(this.stages, this.#stage + 1);
    return this.#stage;
  }
}

/** Both from the same switch to the same switch, without a link in common. */
export function toStages(graph: PathGraph, primary: Walk, second?: Walk): Staging {
  assert(primary.arcs.length > 0, 'a frame that stays where it is needs no label');
  const book = new StageBook();
  const places = toPlaces(graph, primary, book);
  const returns = second ? toReturnPlaces(graph, primary, book) : [];
  const seconds = second ? toPlaces(graph, second, book, returns[0] ?? places[0]) : [];
  if (book.stages > STAGES_MAX) return { type: 'refused', reason: 'too-many-stages' };
  if (second) assertDisjoint(graph, primary, second);

  const entries: StageEntry[] = [];
  for (const [i, arc] of primary.arcs.entries()) {
    const action = toSend(graph, places[i]!, arc, places[i + 1]!);
    const backup = second && toBackup(graph, i, { places, returns, seconds, primary, second });
    // What just came in over a link cannot find it down.
    const isGuarded = backup && action.port !== 'in-port';
    entries.push(isGuarded ? { ...places[i]!, action, backup } : { ...places[i]!, action });
  }
  const entry = entries[0]!;
  for (const [i, place] of returns.entries()) {
    const back = i === 0 ? second!.arcs[0]! : twinOf(graph, primary.arcs[i - 1]!);
    entries.push({ ...place, action: toSend(graph, place, back, i === 0 ? seconds[1]! : returns[i - 1]!) });
  }
  for (let i = 1; i < seconds.length - 1; i++)
    entries.push({ ...seconds[i]!, action: toSend(graph, seconds[i]!, second!.arcs[i]!, seconds[i + 1]!) });
  const arrivals = [places, seconds].flatMap((walk) => walk.slice(-1).map(toArrival));
  return { type: 'staged', entry, entries, arrivals };
}

/** The places of a walk, its ends among them; the first may be one that frames are in already. */
function toPlaces(graph: PathGraph, walk: Walk, book: StageBook, first?: Place): Place[] {
  const places = [first ?? { slot: walk.from, stage: book.take(walk.from), inPort: undefined }];
  for (const arc of walk.arcs) {
    const slot = graph.to[arc]!;
    places.push({ slot, stage: book.take(slot), inPort: graph.farPort[arc]! });
  }
  return places;
}

/** Where frames are that were turned back, by the place of the walk: not at its end, nor at the place before, which is the last to turn frames back. */
function toReturnPlaces(graph: PathGraph, { from, arcs }: Walk, book: StageBook): Place[] {
  const places: Place[] = [];
  for (let i = arcs.length - 2; i >= 0; i--) {
    const slot = i === 0 ? from : graph.to[arcs[i - 1]!]!;
    places.unshift({ slot, stage: book.take(slot), inPort: graph.port[arcs[i]!]! });
  }
  return places;
}

interface Both {
  readonly places: readonly Place[];
  readonly returns: readonly Place[];
  readonly seconds: readonly Place[];
  readonly primary: Walk;
  readonly second: Walk;
}

/** What a switch does at a place of the first walk whose link is down. */
function toBackup(graph: PathGraph, i: number, { places, returns, seconds, primary, second }: Both): StageSend {
  if (i === 0) return toSend(graph, places[0]!, second.arcs[0]!, seconds[1]!);
  return toSend(graph, places[i]!, twinOf(graph, primary.arcs[i - 1]!), returns[i - 1]!);
}

function toSend(graph: PathGraph, place: Place, arc: number, next: Place): StageSend {
  const watchPort = graph.port[arc]!;
  return { port: watchPort === place.inPort ? 'in-port' : watchPort, watchPort, toStage: next.stage };
}

function toArrival({ slot, stage, inPort }: Place): StageArrival {
  assert(inPort !== undefined, 'frames arrive over a link');
  return { slot, stage, inPort };
}

function assertDisjoint(graph: PathGraph, primary: Walk, second: Walk): void {
  const links = new Set(primary.arcs.flatMap((arc) => [arc, twinOf(graph, arc)]));
  assert(second.arcs.length > 0 && !second.arcs.some((arc) => links.has(arc)), 'a second walk shares no link');
}
