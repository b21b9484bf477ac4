/**
 * Two paths that share no link, or no switch between their ends, and together weigh the least (Suurballe, 1974).
 *
 * The shortest path alone may be in the way of any second. So the second search may go along the first path backwards, which gives its links
 * back: what both use in opposite directions drops out, and the rest makes two paths. Weights are reduced by how near each arc gets to the end, so that none
 * is negative: going back costs nothing then.
 *
 * Where no switch may be shared, a switch on the first path has two sides. One arrives at the *in* side and may only give back the link by which the first path
 * arrived; only who comes back along the first path stands at the *out* side, and may leave it as he likes.
 */
import { assert } from '../../protocol/wire/wire-error.ts';
import { comparePaths } from './k-shortest-paths.ts';
import { type PathGraph, UNREACHED } from './path-graph.ts';
import { type Barred, findPath, measureDistances, NOTHING_BARRED, type Path, twinOf } from './path-search.ts';
import { SlotHeap } from './slot-heap.ts';

/** What the two must not share. */
export type Disjointness = 'links' | 'switches';

/** The shorter first; the shortest path alone when there is no pair, nothing when there is no path. */
export function findDisjointPaths(
  graph: PathGraph,
  from: number,
  to: number,
  disjointness: Disjointness,
  barred: Barred = NOTHING_BARRED,
): readonly Path[] {
  const first = findPath(graph, from, to, barred);
  if (!first || from === to) return first ? [first] : [];
  const second = new Residual(graph, first, disjointness, barred).findPath(to);
  if (!second) return [first];
  const arcs = new Set(first.arcs);
  for (const arc of second) if (!arcs.delete(twinOf(graph, arc))) arcs.add(arc);
  const pair = [walk(graph, from, to, arcs), walk(graph, from, to, arcs)];
  assert(arcs.size === 0, 'what the searches used is two paths');
  return pair.sort(comparePaths);
}

/** Takes a path out of the arcs, the first in the row where there are two. */
function walk(graph: PathGraph, from: number, to: number, arcs: Set<number>): Path {
  const path: number[] = [];
  let cost = 0;
  for (let at = from; at !== to; ) {
    let arc = graph.start[at]!;
    while (!arcs.has(arc)) arc++;
    arcs.delete(arc);
    path.push(arc);
    cost += graph.weight[arc]!;
    at = graph.to[arc]!;
  }
  return { from, arcs: path, cost };
}

/** The graph as the second search sees it: states are slots, and for the out sides of switches on the first path, slots above all others. */
class Residual {
  readonly #graph: PathGraph;
  readonly #barred: Barred;
  readonly #from: number;
  /** To the end, by slot. */
  readonly #heights: Float64Array;
  readonly #firstArcs: ReadonlySet<number>;
  /** By a switch on the first path, the arc that goes back along it. */
  readonly #backArcs = new Map<number, number>();
  readonly #isSplit: boolean;
  readonly #costs: Float64Array;
  readonly #cameBy: Int32Array;
  readonly #cameFrom: Int32Array;
  readonly #heap = new SlotHeap();

  constructor(graph: PathGraph, first: Path, disjointness: Disjointness, barred: Barred) {
    this.#graph = graph;
    this.#barred = barred;
    this.#from = first.from;
    this.#isSplit = disjointness === 'switches';
    this.#firstArcs = new Set(first.arcs);
    for (const arc of first.arcs) this.#backArcs.set(graph.to[arc]!, twinOf(graph, arc));
    this.#heights = measureDistances(graph, graph.to[first.arcs.at(-1)!]!, barred);
    this.#costs = new Float64Array(2 * graph.size).fill(Number.POSITIVE_INFINITY);
    this.#cameBy = new Int32Array(2 * graph.size).fill(-1);
    this.#cameFrom = new Int32Array(2 * graph.size).fill(-1);
  }

  /** The arcs, those of the first path backwards where it is given back. */
  findPath(to: number): readonly number[] | undefined {
    const heap = this.#heap;
    this.#costs[this.#from] = 0;
    heap.push(0, this.#from);
    while (!heap.isEmpty) {
      const cost = heap.key;
      const state = heap.pop();
      if (cost > this.#costs[state]!) continue;
      if (state === to) return this.#arcsTo(to);
      this.#expand(state);
    }
    return undefined;
  }

  #expand(state: number): void {
    const graph = this.#graph;
    const isOut = state >= graph.size;
    const slot = isOut ? state - graph.size : state;
    const back = this.#backArcs.get(slot);
    const mayOnlyGoBack = this.#isSplit && back !== undefined && !isOut;
    const end = graph.start[slot]! + graph.degree[slot]!;
    for (let arc = graph.start[slot]!; arc < end; arc++) {
      if (arc === back) this.#reach(state, arc, 0, this.#backState(graph.to[arc]!));
      else if (!mayOnlyGoBack && !this.#isBarred(arc))
        this.#reach(state, arc, this.#reducedWeight(arc, slot), graph.to[arc]!);
    }
  }

  /** Where one stands who came back to a switch along the first path. */
  #backState(slot: number): number {
    return this.#isSplit && slot !== this.#from ? slot + this.#graph.size : slot;
  }

  #isBarred(arc: number): boolean {
    const next = this.#graph.to[arc]!;
    return this.#firstArcs.has(arc) || this.#barred.arcs.has(arc) || this.#heights[next] === UNREACHED;
  }

  #reducedWeight(arc: number, slot: number): number {
    return this.#graph.weight[arc]! + this.#heights[this.#graph.to[arc]!]! - this.#heights[slot]!;
  }

  #reach(from: number, arc: number, weight: number, state: number): void {
    const cost = this.#costs[from]! + weight;
    if (cost >= this.#costs[state]!) return;
    this.#costs[state] = cost;
    this.#cameBy[state] = arc;
    this.#cameFrom[state] = from;
    this.#heap.push(cost, state);
  }

  #arcsTo(to: number): readonly number[] {
    const arcs: number[] = [];
    for (let state = to; this.#cameBy[state] !== -1; state = this.#cameFrom[state]!) arcs.push(this.#cameBy[state]!);
    return arcs.reverse();
  }
}
