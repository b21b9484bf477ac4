/** The shortest way that passes given switches in a given order: leg by leg, since what is shortest in all is shortest in each. */
import type { PathGraph } from './path-graph.ts';
import { type Barred, findPath, NOTHING_BARRED, type Path } from './path-search.ts';

/** It may pass a switch twice: there may be no other way to a waypoint and back. Undefined when a leg is impossible. */
export function findPathVia(
  graph: PathGraph,
  stops: readonly [number, ...number[]],
  barred: Barred = NOTHING_BARRED,
): Path | undefined {
  const arcs: number[] = [];
  let cost = 0;
  for (let i = 1; i < stops.length; i++) {
    const leg = findPath(graph, stops[i - 1]!, stops[i]!, barred);
    if (!leg) return undefined;
    arcs.push(...leg.arcs);
    cost += leg.cost;
  }
  return { from: stops[0], arcs, cost };
}
