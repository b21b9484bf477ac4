/**
 * Two trees of arcs towards a switch that leave every other switch by different links, wherever the topology has two: whatever link a switch loses, one of the trees leads on without it.
 *
 * They come from an ear decomposition. All first tight arcs together are a tree of shortest paths, and every other link, a chord, closes a cycle with it. A chord
 * *covers* the tree's links on its cycle; what nothing covers is a bridge. Chords are taken in the order of how near their cycle gets to the root. Then what a
 * chord covers anew is, on both sides, an unbroken run from the chord upwards (Maon, Schieber and Vishkin, 1986): the ear u–x1…xk–v, whose ends u and v were covered before. One tree
 * follows it to v, the other to u. No search is needed, and no ear is longer than two shortest paths and a link.
 *
 * Invariants: each tree leads from everywhere to the root, since an ear leads to older ears. Both use every link of an ear, in opposite directions, so they share no arc; across a bridge both go up.
 * At every switch one of the two takes the first tight arc, as shortest paths do. A switch that lost a link and sends on along the tree that does not leave by it never
 * sees the frame again, the tree having no circle; so the frame never meets that link. The trees are the topology's own: the same for whatever order its parts came in.
 */
import { assert } from '../../protocol/wire/wire-error.ts';
import { type PathGraph, UNREACHED } from './path-graph.ts';
import { measureDistances, NOTHING_BARRED } from './path-search.ts';

export interface DetourTrees {
  readonly destination: number;
  /** By slot, the arc that each tree takes from there; NO_ARC at the destination, and where no way leads to it. The same in both: a bridge. */
  readonly next: readonly [Int32Array, Int32Array];
}

export const NO_ARC = -1;

/** The first tight arcs, up and down. Columns are by slot. */
interface ShortestTree {
  /** The switches that reach the root, each behind the one above it. */
  readonly order: readonly number[];
  readonly up: Int32Array;
  /** The arc by which the switch above leads to this one. */
  readonly down: Int32Array;
  readonly depth: Int32Array;
}

/** Links outside the tree, from their ends that are first in the order. */
interface Chords {
  readonly count: number;
  readonly from: Int32Array;
  readonly arc: Int32Array;
  /** The switches where their cycles are nearest to the root. */
  readonly top: Int32Array;
}

export function computeDetourTrees(graph: PathGraph, destinationSlot: number): DetourTrees {
  const tree = growTree(graph, destinationSlot);
  const next = [tree.up.slice(), tree.up.slice()] as const;
  const isCovered = new Uint8Array(graph.size);

  // What is new between a switch and the top turns towards the chord in one of the trees.
  const cover = (bottom: number, top: number, chordArc: number, turned: Int32Array) => {
    let towardsChord = chordArc;
    for (let slot = bottom; slot !== top && isCovered[slot] === 0; slot = graph.to[tree.up[slot]!]!) {
      isCovered[slot] = 1;
      turned[slot] = towardsChord;
      towardsChord = tree.down[slot]!;
    }
  };
  const chords = findChords(graph, tree);
  for (const i of toCoveringOrder(chords, tree, graph)) {
    const from = chords.from[i]!;
    const arc = chords.arc[i]!;
    const top = chords.top[i]!;
    const to = graph.to[arc]!;
    if (isCovered[from] !== 0 && isCovered[to] !== 0) continue;
    const back = graph.arcAt(to, graph.farPort[arc]!);
    assert(back !== undefined, 'a link has an arc at both ends');
    cover(from, top, arc, next[1]);
    cover(to, top, back, next[0]);
  }
  return { destination: destinationSlot, next };
}

function growTree(graph: PathGraph, root: number): ShortestTree {
  const up = toTightArcs(graph, root);
  const down = new Int32Array(graph.size).fill(NO_ARC);
  const depth = new Int32Array(graph.size);
  const order = [root];
  for (let i = 0; i < order.length; i++) {
    const slot = order[i]!;
    const end = graph.start[slot]! + graph.degree[slot]!;
    for (let arc = graph.start[slot]!; arc < end; arc++) {
      const below = graph.to[arc]!;
      if (!isTheLinkOf(graph, arc, up[below]!)) continue;
      down[below] = arc;
      depth[below] = depth[slot]! + 1;
      order.push(below);
    }
  }
  return { order, up, down, depth };
}

/** Whether an arc is the other way over the link of one that begins where it ends: a port has one link. */
function isTheLinkOf(graph: PathGraph, arc: number, arcBack: number): boolean {
  return arcBack !== NO_ARC && graph.farPort[arc] === graph.port[arcBack];
}

function toTightArcs(graph: PathGraph, root: number): Int32Array {
  const distances = graph.isUnweighted ? countHops(graph, root) : measureDistances(graph, root, NOTHING_BARRED);
  const up = new Int32Array(graph.size).fill(NO_ARC);
  for (let slot = 0; slot < graph.size; slot++) {
    if (slot === root || distances[slot] === UNREACHED) continue;
    let arc = graph.start[slot]!;
    while (distances[graph.to[arc]!]! + graph.weight[arc]! !== distances[slot]) arc++;
    up[slot] = arc;
  }
  return up;
}

/** As `measureDistances` where a link is a hop, without a heap: there are trees to as many switches as have hosts. */
function countHops(graph: PathGraph, root: number): Float64Array {
  const hops = new Float64Array(graph.size).fill(UNREACHED);
  const queue = new Int32Array(graph.size);
  let queued = 1;
  queue[0] = root;
  hops[root] = 0;
  for (let i = 0; i < queued; i++) {
    const slot = queue[i]!;
    const end = graph.start[slot]! + graph.degree[slot]!;
    for (let arc = graph.start[slot]!; arc < end; arc++) {
      const behind = graph.to[arc]!;
      if (hops[behind] !== UNREACHED) continue;
      hops[behind] = hops[slot]! + 1;
      queue[queued++] = behind;
    }
  }
  return hops;
}

/** In the order of switches and their rows. */
function findChords(graph: PathGraph, tree: ShortestTree): Chords {
  const { order, up, down } = tree;
  const findTop = createTopFinder(graph, tree);
  const rank = new Int32Array(graph.size);
  let arcs = 0;
  for (const [i, slot] of order.entries()) {
    rank[slot] = i;
    arcs += graph.degree[slot]!;
  }
  const chords = { from: new Int32Array(arcs / 2), arc: new Int32Array(arcs / 2), top: new Int32Array(arcs / 2) };
  let count = 0;
  for (const from of order) {
    const end = graph.start[from]! + graph.degree[from]!;
    for (let arc = graph.start[from]!; arc < end; arc++) {
      const to = graph.to[arc]!;
      if (rank[to]! <= rank[from]! || down[to] === arc || up[from] === arc) continue;
      chords.from[count] = from;
      chords.arc[count] = arc;
      chords.top[count] = findTop(from, to);
      count++;
    }
  }
  return { ...chords, count };
}

/** By the depth of the top, as covering needs it; among equals the shorter cycle, which makes the shorter detour; then as they are. */
function toCoveringOrder(
  { count, from, arc, top }: Chords,
  { depth, order }: ShortestTree,
  graph: PathGraph,
): Int32Array {
  const lengths = new Int32Array(count);
  const tops = new Int32Array(count);
  const asTheyAre = new Int32Array(count);
  for (let i = 0; i < count; i++) {
    lengths[i] = depth[from[i]!]! + depth[graph.to[arc[i]!]!]!;
    tops[i] = depth[top[i]!]!;
    asTheyAre[i] = i;
  }
  return sortStably(sortStably(asTheyAre, lengths, 2 * order.length), tops, order.length);
}

/** By counting, which takes no longer per item where there are many. Keys, by item, are below a bound. */
function sortStably(items: Int32Array, keys: Int32Array, bound: number): Int32Array {
  const places = new Int32Array(bound + 1);
  for (const item of items) places[keys[item]! + 1]!++;
  for (let key = 0; key < bound; key++) places[key + 1]! += places[key]!;
  const sorted = new Int32Array(items.length);
  for (const item of items) sorted[places[keys[item]!]!++] = item;
  return sorted;
}

/** Finds the lowest switch above two. Chains of largest subtrees: a way up changes chains a logarithmic number of times, however deep the tree. */
function createTopFinder(graph: PathGraph, { order, up, depth }: ShortestTree): (a: number, b: number) => number {
  const sizes = new Int32Array(graph.size).fill(1);
  const heaviest = new Int32Array(graph.size).fill(-1);
  const above = (slot: number) => graph.to[up[slot]!]!;
  for (let i = order.length - 1; i > 0; i--) {
    const slot = order[i]!;
    const parent = above(slot);
    sizes[parent]! += sizes[slot]!;
    const other = heaviest[parent]!;
    if (other < 0 || sizes[other]! < sizes[slot]!) heaviest[parent] = slot;
  }
  const chain = new Int32Array(graph.size);
  chain[order[0]!] = order[0]!;
  for (let i = 1; i < order.length; i++) {
    const slot = order[i]!;
    chain[slot] = heaviest[above(slot)] === slot ? chain[above(slot)]! : slot;
  }
  return (a, b) => {
    let one = a;
    let other = b;
    while (chain[one] !== chain[other]) {
      if (depth[chain[one]!]! >= depth[chain[other]!]!) one = above(chain[one]!);
      else other = above(chain[other]!);
    }
    return depth[one]! < depth[other]! ? one : other;
  };
}
