import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findDisjointPaths } from '../../../controller/compile/disjoint-paths.ts';
import { findShortestPaths } from '../../../controller/compile/k-shortest-paths.ts';
import type { PathGraph } from '../../../controller/compile/path-graph.ts';
import type { Barred, Path } from '../../../controller/compile/path-search.ts';
import { findPathVia } from '../../../controller/compile/waypoint-path.ts';
import {
  costOf,
  type DrawnNetwork,
  drawNetwork,
  enumeratePaths,
  measure,
  type Step,
  shuffled,
  toRoutes,
} from './drawn-network.ts';

const tell = (path: readonly Step[]) =>
  path.map(({ from, to }) => `${from.dpid}:${from.portNo}>${to.dpid}:${to.portNo}`).join(' ');

function tellPath(graph: PathGraph, { from, arcs, cost }: Path): string {
  let at = from;
  let sum = 0;
  const steps = arcs.map((arc) => {
    const step = `${graph.dpidOf(at)}:${graph.port[arc]}>${graph.dpidOf(graph.to[arc]!)}:${graph.farPort[arc]}`;
    sum += graph.weight[arc]!;
    at = graph.to[arc]!;
    return step;
  });
  expect(sum).toBe(cost);
  return steps.join(' ');
}

const small = drawNetwork(7, 12, 3);

describe('the k shortest paths', () => {
  it('are the first k of all that pass no switch twice, by cost and then in canonical order', () => {
    fc.assert(
      fc.property(small, fc.integer({ min: 1, max: 12 }), (network, k) => {
        const { graph } = toRoutes(network);
        const [from, to] = [network.dpids[0]!, network.dpids[1]!];
        const found = findShortestPaths(graph, graph.slotOf(from)!, graph.slotOf(to)!, k);
        expect(found.map((path) => tellPath(graph, path))).toEqual(
          enumeratePaths(network, from, to).slice(0, k).map(tell),
        );
      }),
      { numRuns: 400 },
    );
  });

  it('keep off what is barred', () => {
    fc.assert(
      fc.property(small, fc.nat(), fc.nat(), (network, whichSwitch, whichLink) => {
        const { graph } = toRoutes(network);
        const [from, to, ...others] = network.dpids as [string, string, ...string[]];
        const avoided = others[whichSwitch % Math.max(1, others.length)];
        const link = network.links[whichLink % Math.max(1, network.links.length)];
        const left: DrawnNetwork = {
          dpids: network.dpids,
          links: network.links.filter(
            (other) => other !== link && other.a.dpid !== avoided && other.b.dpid !== avoided,
          ),
        };
        const found = findShortestPaths(graph, graph.slotOf(from)!, graph.slotOf(to)!, 5, bar(graph, avoided, link));
        expect(found.map((path) => tellPath(graph, path))).toEqual(
          enumeratePaths(left, from, to).slice(0, 5).map(tell),
        );
      }),
    );
  });
});

function bar(graph: PathGraph, dpid: string | undefined, link: DrawnNetwork['links'][number] | undefined): Barred {
  const ends = link ? [link.a, link.b] : [];
  return {
    slots: new Set(dpid === undefined ? [] : [graph.slotOf(dpid)!]),
    arcs: new Set(ends.map((end) => graph.arcAt(graph.slotOf(end.dpid)!, end.portNo)!)),
  };
}

describe('a disjoint pair', () => {
  const isApart = {
    links: (one: readonly Step[], other: readonly Step[]) => {
      const ends = new Set(one.flatMap(({ from, to }) => [`${from.dpid}:${from.portNo}`, `${to.dpid}:${to.portNo}`]));
      return other.every(({ from }) => !ends.has(`${from.dpid}:${from.portNo}`));
    },
    switches: (one: readonly Step[], other: readonly Step[]) => {
      const inner = new Set(one.slice(0, -1).map(({ to }) => to.dpid));
      return other.slice(0, -1).every(({ to }) => !inner.has(to.dpid)) && isApart.links(one, other);
    },
  };

  it.each(['links', 'switches'] as const)(
    'shares no %s and is the lightest there is, or there is none',
    (disjointness) => {
      let pairs = 0;
      fc.assert(
        fc.property(drawNetwork(7, 13, 3), (network) => {
          const { graph } = toRoutes(network);
          const [from, to] = [network.dpids[0]!, network.dpids[1]!];
          const all = enumeratePaths(network, from, to);
          let best = Number.POSITIVE_INFINITY;
          for (const [i, one] of all.entries())
            for (const other of all.slice(i + 1))
              if (isApart[disjointness](one, other)) best = Math.min(best, costOf(one) + costOf(other));
          const found = findDisjointPaths(graph, graph.slotOf(from)!, graph.slotOf(to)!, disjointness);
          const told = found.map((path) => tellPath(graph, path));
          if (best === Number.POSITIVE_INFINITY) {
            expect(told).toEqual(all.slice(0, 1).map(tell));
            return;
          }
          pairs++;
          expect(found[0]!.cost + found[1]!.cost).toBe(best);
          const [one, other] = told.map((text) => all.find((path) => tell(path) === text));
          expect(isApart[disjointness](one!, other!)).toBe(true);
          expect(found[0]!.cost).toBeLessThanOrEqual(found[1]!.cost);
        }),
        { numRuns: 600 },
      );
      expect(pairs).toBeGreaterThan(50);
    },
  );

  it('is the same whatever order switches and links came in', () => {
    fc.assert(
      fc.property(drawNetwork(9, 18, 2), fc.integer({ min: 1 }), (network, seed) => {
        const pairs = [network, shuffled(network, seed)].map((drawn) => {
          const { graph } = toRoutes(drawn);
          const [from, to] = [graph.slotOf(network.dpids[0]!)!, graph.slotOf(network.dpids[1]!)!];
          return (['links', 'switches'] as const).map((disjointness) =>
            findDisjointPaths(graph, from, to, disjointness).map((path) => tellPath(graph, path)),
          );
        });
        expect(pairs[1]).toEqual(pairs[0]);
      }),
    );
  });
});

describe('a path via waypoints', () => {
  it('costs what its legs cost at least', () => {
    fc.assert(
      fc.property(drawNetwork(7, 14, 3), fc.array(fc.nat(6), { maxLength: 3 }), (network, drawn) => {
        const { graph } = toRoutes(network);
        const via = drawn.map((i) => network.dpids[i % network.dpids.length]!);
        const stops = [network.dpids[0]!, ...via, network.dpids[1]!];
        const slots = stops.map((dpid) => graph.slotOf(dpid)!) as [number, ...number[]];
        const distance = measure(network);
        const least = stops.slice(1).reduce((sum, stop, i) => sum + distance(stops[i]!, stop), 0);
        const found = findPathVia(graph, slots);
        expect(found?.cost ?? Number.POSITIVE_INFINITY).toBe(least);
        if (!found) return;
        tellPath(graph, found);
        const passed = [stops[0]!, ...found.arcs.map((arc) => graph.dpidOf(graph.to[arc]!))];
        let at = 0;
        for (const stop of stops) {
          while (at < passed.length && passed[at] !== stop) at++;
          expect(passed[at]).toBe(stop);
        }
      }),
    );
  });
});
