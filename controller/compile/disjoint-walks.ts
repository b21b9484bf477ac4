/**
 * A second walk for when a link of the first is lost: it keeps the same constraints and shares no link with it, and no switch where that can be.
 *
 * A pair of paths exists or not, and `disjoint-paths.ts` knows. For two that each keep a limit on latency or pass several waypoints no quick way is known to tell, so then a bounded
 * number of the least walks are tried as the first: the answer may be one walk where a pair exists, never a pair that does not keep the constraints.
 */
import { findConstrainedWalk, hasRoomAgain, type Walk, type WalkConstraints, WalkSearch } from './constrained-path.ts';
import { type Disjointness, findDisjointPaths } from './disjoint-paths.ts';
import type { PathGraph } from './path-graph.ts';
import { twinOf } from './path-search.ts';
import { countWorthwhile, findShortestWalks } from './shortest-walks.ts';

/** The least of those that share least with `primary`: no switch but the ends; waypoints for which there is no other; any waypoints; any switches. */
export function findProtectingWalk(
  graph: PathGraph,
  from: number,
  to: number,
  constraints: WalkConstraints,
  primary: Walk,
): Walk | undefined {
  const barredArcs = new Set(constraints.barredArcs);
  for (const arc of primary.arcs) barredArcs.add(arc).add(twinOf(graph, arc));
  const inner = new Set(primary.arcs.map((arc) => graph.to[arc]!));
  inner.delete(from);
  inner.delete(to);
  for (const shared of toShareable(inner, constraints)) {
    const barredSlots = new Set(constraints.barredSlots);
    for (const slot of inner) if (!shared.has(slot)) barredSlots.add(slot);
    const walk = findConstrainedWalk(graph, from, to, { ...constraints, barredSlots, barredArcs });
    if (walk) return walk;
  }
  return undefined;
}

/** Sets of the first walk's switches that the second may pass, from none to all. */
function toShareable(
  inner: ReadonlySet<number>,
  { via, barredSlots }: WalkConstraints,
): readonly ReadonlySet<number>[] {
  const isOther = (slot: number) => !inner.has(slot) && !barredSlots.has(slot);
  if (via.length === 0) return [new Set(), inner];
  const alone = via.filter((slots) => ![...slots].some(isOther));
  return [new Set(), unite(alone), unite(via), inner];
}

function unite(sets: readonly ReadonlySet<number>[]): Set<number> {
  return new Set(sets.flatMap((slots) => [...slots]));
}

/** Two that share no link, the shorter first, and no switch between their ends if there are such; the least walk alone if no pair is found; nothing if there is no walk. */
export function findDisjointWalks(
  graph: PathGraph,
  from: number,
  to: number,
  constraints: WalkConstraints,
): readonly Walk[] {
  const first = findConstrainedWalk(graph, from, to, constraints);
  if (!first || first.arcs.length === 0) return first ? [first] : [];
  const pairs = from === to ? [] : findPairsOfPaths(graph, from, to, constraints);
  // Two walks apart from each other hold two paths that are.
  if (from !== to && pairs.length === 0) return [first];
  const isPlain = constraints.via.length === 0 && constraints.latencyNsMax === undefined;
  const pair = isPlain ? pairs[0] : tryFirstWalks(graph, from, to, constraints, first);
  return pair ?? pairs.find((paths) => paths.every((path) => isKept(graph, path, to, constraints))) ?? [first];
}

function tryFirstWalks(
  graph: PathGraph,
  from: number,
  to: number,
  constraints: WalkConstraints,
  least: Walk,
): readonly Walk[] | undefined {
  const pairWith = (first: Walk): readonly Walk[] | undefined => {
    const second = findProtectingWalk(graph, from, to, constraints, first);
    return second && (second.arcs.length < first.arcs.length ? [second, first] : [first, second]);
  };
  const pair = pairWith(least);
  if (pair) return pair;
  const search = new WalkSearch(graph, to, constraints);
  for (const first of findShortestWalks(graph, search, from, countWorthwhile(least), constraints.latencyNsMax)) {
    const other = hasRoomAgain(graph, first, constraints) && pairWith(first);
    if (other) return other;
  }
  return undefined;
}

/** The lightest pairs, without switches in common and without links, where there are such. Neither waypoints nor latency count here. */
function findPairsOfPaths(
  graph: PathGraph,
  from: number,
  to: number,
  constraints: WalkConstraints,
): readonly (readonly Walk[])[] {
  const barred = { slots: constraints.barredSlots, arcs: toUnusable(graph, constraints) };
  const kinds: readonly Disjointness[] = ['switches', 'links'];
  return kinds.map((kind) => findDisjointPaths(graph, from, to, kind, barred)).filter((paths) => paths.length === 2);
}

function toUnusable(graph: PathGraph, { barredArcs, hasRoom }: WalkConstraints): ReadonlySet<number> {
  const unusable = new Set(barredArcs);
  for (let slot = 0; slot < graph.size; slot++) {
    const end = graph.start[slot]! + graph.degree[slot]!;
    for (let arc = graph.start[slot]!; arc < end; arc++) if (!hasRoom(arc, 1)) unusable.add(arc);
  }
  return unusable;
}

function isKept(graph: PathGraph, path: Walk, to: number, constraints: WalkConstraints): boolean {
  const search = new WalkSearch(graph, to, constraints);
  let progress = search.advance(path.from, 0);
  let latencyNs = 0;
  for (const arc of path.arcs) {
    progress = search.advance(graph.to[arc]!, progress);
    latencyNs += search.latencyOf(arc);
  }
  return progress === constraints.via.length && latencyNs <= (constraints.latencyNsMax ?? Number.POSITIVE_INFINITY);
}
