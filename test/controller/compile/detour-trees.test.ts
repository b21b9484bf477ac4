import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { computeDetourTrees, NO_ARC } from '../../../controller/compile/detour-trees.ts';
import type { PathGraph } from '../../../controller/compile/path-graph.ts';
import { type DrawnLink, type DrawnNetwork, drawNetwork, shuffled, stepsFrom, toRoutes } from './drawn-network.ts';

/** Whom one gets to without a link. */
function reach({ dpids, links }: DrawnNetwork, from: string, lost?: DrawnLink): ReadonlySet<string> {
  const left = { dpids, links: links.filter((link) => link !== lost) };
  const reached = new Set([from]);
  for (const dpid of reached) for (const { to } of stepsFrom(left, dpid)) reached.add(to.dpid);
  return reached;
}

function isBridge(network: DrawnNetwork, link: DrawnLink): boolean {
  return !reach(network, link.a.dpid, link).has(link.b.dpid);
}

const linkAt = ({ links }: DrawnNetwork, dpid: string, portNo: number) =>
  links.find(({ a, b }) => [a, b].some((end) => end.dpid === dpid && end.portNo === portNo))!;

/** The links that a tree passes from a switch to its destination. */
function follow(network: DrawnNetwork, graph: PathGraph, next: Int32Array, from: number, to: number): DrawnLink[] {
  const links: DrawnLink[] = [];
  for (let at = from; at !== to; at = graph.to[next[at]!]!) {
    links.push(linkAt(network, graph.dpidOf(at), graph.port[next[at]!]!));
    expect(links.length).toBeLessThan(network.dpids.length);
  }
  return links;
}

const forEveryDestination = (network: DrawnNetwork, check: (graph: PathGraph, to: string) => void) => {
  const { graph } = toRoutes(network);
  for (const to of network.dpids) check(graph, to);
};

const small = drawNetwork(7, 12, 1);
const wide = drawNetwork(24, 40, 1);
const weighted = drawNetwork(12, 20, 3);

describe.each([
  ['small', small, 100],
  ['wide', wide, 12],
  ['weighted', weighted, 25],
] as const)('detour trees of %s networks', (_, drawn, numRuns) => {
  it('both lead to the destination from every switch that reaches it, and from no other', () => {
    fc.assert(
      fc.property(drawn, (network) =>
        forEveryDestination(network, (graph, to) => {
          const reached = reach(network, to);
          const slotTo = graph.slotOf(to)!;
          for (const next of computeDetourTrees(graph, slotTo).next)
            for (const from of network.dpids) {
              const slot = graph.slotOf(from)!;
              if (from === to || !reached.has(from)) expect(next[slot]).toBe(NO_ARC);
              else follow(network, graph, next, slot, slotTo);
            }
        }),
      ),
      { numRuns },
    );
  });

  it('leave a switch by different links, unless the only one is a bridge', () => {
    fc.assert(
      fc.property(drawn, (network) =>
        forEveryDestination(network, (graph, to) => {
          const [one, other] = computeDetourTrees(graph, graph.slotOf(to)!).next;
          for (const from of reach(network, to)) {
            if (from === to) continue;
            const slot = graph.slotOf(from)!;
            const [linkOne, linkOther] = [one[slot]!, other[slot]!].map((arc) =>
              linkAt(network, from, graph.port[arc]!),
            );
            expect(linkOne === linkOther).toBe(isBridge(network, linkOne!));
            expect(linkOne === linkOther).toBe(isBridge(network, linkOther!));
          }
        }),
      ),
      { numRuns },
    );
  });

  it('never meet a link again that a switch lost, along the tree that does not leave by it', () => {
    let detours = 0;
    fc.assert(
      fc.property(drawn, (network) => {
        const bridges = new Set(network.links.filter((link) => isBridge(network, link)));
        forEveryDestination(network, (graph, to) => {
          const { next } = computeDetourTrees(graph, graph.slotOf(to)!);
          for (const from of reach(network, to)) {
            for (const step of from === to ? [] : stepsFrom(network, from)) {
              const lost = linkAt(network, from, step.from.portNo);
              if (bridges.has(lost)) continue;
              const slot = graph.slotOf(from)!;
              const others = next.filter((tree) => graph.port[tree[slot]!] !== step.from.portNo);
              expect(others.length).toBeGreaterThan(0);
              for (const tree of others)
                expect(follow(network, graph, tree, slot, graph.slotOf(to)!)).not.toContain(lost);
              detours++;
            }
          }
        });
      }),
      { numRuns },
    );
    expect(detours).toBeGreaterThan(100);
  });

  it('take the shortest way at every switch in one of the two', () => {
    fc.assert(
      fc.property(drawn, (network) => {
        const routes = toRoutes(network);
        for (const to of network.dpids) {
          const { next } = computeDetourTrees(routes.graph, routes.graph.slotOf(to)!);
          routes.forEachPort(to, (from, portNo) => {
            const slot = routes.graph.slotOf(from)!;
            expect(next.map((tree) => routes.graph.port[tree[slot]!])).toContain(portNo);
          });
        }
      }),
      { numRuns },
    );
  });

  it('are the same whatever was plugged in first', () => {
    fc.assert(
      fc.property(drawn, fc.nat(), (network, seed) => {
        const [one, other] = [network, shuffled(network, seed)].map((same) => {
          const { graph } = toRoutes(same);
          return network.dpids.map((to) => {
            const { next } = computeDetourTrees(graph, graph.slotOf(to)!);
            return next.map((tree) =>
              network.dpids.map((from) => {
                const arc = tree[graph.slotOf(from)!]!;
                return arc === NO_ARC ? NO_ARC : graph.port[arc];
              }),
            );
          });
        });
        expect(other).toEqual(one);
      }),
      { numRuns },
    );
  });
});
