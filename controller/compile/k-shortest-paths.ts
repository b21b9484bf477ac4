/**
 * The k shortest paths that pass no switch twice, by Yen's method (1971) with Lawler's saving (1972).
 *
 * Every path found is left at each of its switches in turn: up to there it stays, there it may not go on as any path with the same beginning did,
 * and the best of what remains is a candidate. A candidate that left its model at the i-th switch need not be left before it: that was done.
 *
 * Parallel links make different paths. The k are the least in the order of `path-search.ts`, so there is nothing to choose.
 */
import type { PathGraph } from './path-graph.ts';
import { type Barred, findPath, NOTHING_BARRED, type Path } from './path-search.ts';

interface Candidate extends Path {
  /** How many arcs it shares with its model. */
  readonly shared: number;
}

export function findShortestPaths(
  graph: PathGraph,
  from: number,
  to: number,
  k: number,
  barred: Barred = NOTHING_BARRED,
): readonly Path[] {
  const best = findPath(graph, from, to, barred);
  if (!best) return [];
  const found: Candidate[] = [{ ...best, shared: 0 }];
  const candidates: Candidate[] = [];
  while (found.length < k) {
    candidates.push(...leave(graph, found, to, barred));
    const next = candidates.sort(comparePaths).shift();
    if (!next) break;
    found.push(next);
  }
  return found;
}

/** The candidates that the last path found gives rise to. */
function leave(graph: PathGraph, found: readonly Candidate[], to: number, barred: Barred): Candidate[] {
  const model = found.at(-1)!;
  const candidates: Candidate[] = [];
  const slots = new Set(barred.slots);
  let at = model.from;
  let cost = 0;
  for (let shared = 0; shared < model.arcs.length; shared++) {
    if (shared >= model.shared) {
      const arcs = new Set(barred.arcs);
      for (const path of found) if (hasSameBeginning(path, model, shared)) arcs.add(path.arcs[shared]!);
      const rest = findPath(graph, at, to, { slots, arcs });
      const whole = rest && [...model.arcs.slice(0, shared), ...rest.arcs];
      if (whole) candidates.push({ from: model.from, arcs: whole, cost: cost + rest.cost, shared });
    }
    slots.add(at);
    cost += graph.weight[model.arcs[shared]!]!;
    at = graph.to[model.arcs[shared]!]!;
  }
  return candidates;
}

function hasSameBeginning(path: Path, model: Path, length: number): boolean {
  for (let i = 0; i < length; i++) if (path.arcs[i] !== model.arcs[i]) return false;
  return path.arcs.length > length;
}

/** Two paths that part at a switch are in the order of their arcs in its row. */
export function comparePaths(a: Path, b: Path): number {
  if (a.cost !== b.cost) return a.cost - b.cost;
  const parting = a.arcs.findIndex((arc, i) => arc !== b.arcs[i]);
  return parting < 0 ? 0 : a.arcs[parting]! - b.arcs[parting]!;
}
