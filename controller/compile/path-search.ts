/**
 * Single paths that keep off some switches and links: the shortest, and among equals the one that is first in the order of rows.
 *
 * The search begins at the end of the path and stops when it gets to its start; then the path is walked, at each switch by the first tight arc. So it is the least in
 * (cost, then arc by arc the place in the row), a total order of paths that belongs to the topology: on it rests that the k shortest
 * are the same k, in the same order, whatever was plugged in first.
 */
import { type PathGraph, UNREACHED } from './path-graph.ts';
import { SlotHeap } from './slot-heap.ts';

export interface Path {
  /** The slot it begins at. */
  readonly from: number;
  /** From switch to switch; empty when it ends where it begins. */
  readonly arcs: readonly number[];
  readonly cost: number;
}

/** What a path must not touch: slots, and arcs, a link being two. */
export interface Barred {
  readonly slots: ReadonlySet<number>;
  readonly arcs: ReadonlySet<number>;
}

export const NOTHING_BARRED: Barred = { slots: new Set(), arcs: new Set() };

/** The arc of the same link the other way. */
export function twinOf(graph: PathGraph, arc: number): number {
  return graph.arcAt(graph.to[arc]!, graph.farPort[arc]!)!;
}

/** Undefined when there is none. */
export function findPath(graph: PathGraph, from: number, to: number, barred = NOTHING_BARRED): Path | undefined {
  if (barred.slots.has(from) || barred.slots.has(to)) return undefined;
  const distances = measureDistances(graph, to, barred, from);
  const cost = distances[from]!;
  if (cost === UNREACHED) return undefined;
  const arcs: number[] = [];
  for (let at = from; at !== to; at = graph.to[arcs.at(-1)!]!) arcs.push(firstTightArc(graph, distances, at, barred));
  return { from, arcs, cost };
}

/** From every slot to `to`; when only `from` matters, what is further away than that is not final. */
export function measureDistances(graph: PathGraph, to: number, barred: Barred, from?: number): Float64Array {
  const distances = new Float64Array(graph.size).fill(UNREACHED);
  const heap = new SlotHeap();
  distances[to] = 0;
  heap.push(0, to);
  while (!heap.isEmpty) {
    const distance = heap.key;
    const slot = heap.pop();
    if (slot === from) break;
    if (distance > distances[slot]!) continue;
    const end = graph.start[slot]! + graph.degree[slot]!;
    for (let arc = graph.start[slot]!; arc < end; arc++) {
      const behind = graph.to[arc]!;
      const offered = distance + graph.weight[arc]!;
      if (offered >= distances[behind]! || barred.slots.has(behind)) continue;
      if (barred.arcs.size > 0 && barred.arcs.has(twinOf(graph, arc))) continue;
      distances[behind] = offered;
      heap.push(offered, behind);
    }
  }
  return distances;
}

function firstTightArc(graph: PathGraph, distances: Float64Array, slot: number, barred: Barred): number {
  let arc = graph.start[slot]!;
  while (distances[graph.to[arc]!]! + graph.weight[arc]! !== distances[slot] || barred.arcs.has(arc)) arc++;
  return arc;
}
