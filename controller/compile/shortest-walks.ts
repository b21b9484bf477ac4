/**
 * The k least walks that keep constraints: Yen's method, as `k-shortest-paths.ts` has it, over the states of `constrained-path.ts` in place of switches.
 *
 * A walk that was found is left at each of its states in turn, and what is not to come again is the states before it; so no walk runs in a circle without having passed another waypoint.
 */
import type { Continuation, Walk, WalkSearch } from './constrained-path.ts';
import { comparePaths } from './k-shortest-paths.ts';
import type { PathGraph } from './path-graph.ts';
import type { Path } from './path-search.ts';

interface Candidate extends Path {
  /** How many arcs it shares with its model. */
  readonly shared: number;
}

const WALKS_MAX = 16;
/** The next walk takes as many searches as the last one has hops. */
const SEARCHES_MAX = 256;

/** How many walks as long as this one it is worthwhile to look at for one that has what the search does not know of. */
export function countWorthwhile(least: Walk): number {
  return Math.min(WALKS_MAX, Math.max(1, Math.floor(SEARCHES_MAX / least.arcs.length)));
}

/** In order, as many as there are. */
export function findShortestWalks(
  graph: PathGraph,
  search: WalkSearch,
  from: number,
  k: number,
  latencyNsMax = Number.POSITIVE_INFINITY,
): readonly Walk[] {
  const best = search.findFrom(from, latencyNsMax);
  if (!best) return [];
  const found: Candidate[] = [{ from, arcs: best, cost: best.length, shared: 0 }];
  const candidates: Candidate[] = [];
  while (found.length < k) {
    candidates.push(...leave(graph, search, found, latencyNsMax));
    const next = candidates.sort(comparePaths).shift();
    if (!next) break;
    found.push(next);
  }
  return found;
}

/** The candidates that the last walk found gives rise to. */
function leave(graph: PathGraph, search: WalkSearch, found: readonly Candidate[], latencyNsMax: number): Candidate[] {
  const model = found.at(-1)!;
  const candidates: Candidate[] = [];
  const passed = new Set<number>();
  let [slot, progress, budgetNs] = [model.from, search.advance(model.from, 0), latencyNsMax];
  for (const [shared, arc] of model.arcs.entries()) {
    if (shared >= model.shared) {
      const same = found.filter(({ arcs }) => model.arcs.every((one, i) => i >= shared || one === arcs[i]));
      const barredFirst = new Set(same.flatMap(({ arcs }) => arcs[shared] ?? []));
      const continuation: Continuation = { progress, passed, barredFirst };
      const rest = search.findFrom(slot, budgetNs, continuation);
      const arcs = rest && [...model.arcs.slice(0, shared), ...rest];
      if (arcs) candidates.push({ from: model.from, arcs, cost: arcs.length, shared });
    }
    passed.add(search.stateOf(slot, progress));
    budgetNs -= search.latencyOf(arc);
    slot = graph.to[arc]!;
    progress = search.advance(slot, progress);
  }
  return candidates;
}
