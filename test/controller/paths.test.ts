import fc from 'fast-check';
import { MultiUndirectedGraph } from 'graphology';
import { describe, expect, it } from 'vitest';
import { toAdjacency, toNextPorts, toTreePorts } from '../../controller/compile/paths.ts';
import type { LinkAttributes, NetworkGraph, NodeAttributes } from '../../controller/network/network.ts';

/** Switches 0..n-1 and links between them; ports count up at each switch in the order of the list. */
function build(
  count: number,
  links: readonly (readonly [number, number])[],
  order = links.map((_, i) => i),
): NetworkGraph {
  const graph: NetworkGraph = new MultiUndirectedGraph<NodeAttributes, LinkAttributes>();
  const dpidOf = (i: number) => i.toString(16).padStart(16, '0');
  for (let i = 0; i < count; i++) graph.addNode(dpidOf(i), { kind: 'switch', ports: new Map() });
  const nextPort = new Array<number>(count).fill(1);
  const ends = links.map(([a, b]) => ({
    a: { dpid: dpidOf(a), portNo: nextPort[a]!++ },
    b: { dpid: dpidOf(b), portNo: nextPort[b]!++ },
  }));
  for (const i of order) graph.addEdge(ends[i]!.a.dpid, ends[i]!.b.dpid, { kind: 'link', ...ends[i]! });
  return graph;
}

const someGraph = fc.integer({ min: 2, max: 9 }).chain((count) =>
  fc.tuple(
    fc.constant(count),
    fc.array(
      fc.tuple(fc.nat(count - 1), fc.nat(count - 1)).filter(([a, b]) => a !== b),
      { maxLength: 20 },
    ),
  ),
);

/** Hop counts by Floyd and Warshall, which share nothing with a breadth-first search. */
function distances(count: number, links: readonly (readonly [number, number])[]): number[][] {
  const d = Array.from({ length: count }, (_, i) =>
    Array.from({ length: count }, (_, j) => (i === j ? 0 : Number.POSITIVE_INFINITY)),
  );
  for (const [a, b] of links) d[a]![b] = d[b]![a] = 1;
  for (let k = 0; k < count; k++) {
    for (let i = 0; i < count; i++)
      for (let j = 0; j < count; j++) d[i]![j] = Math.min(d[i]![j]!, d[i]![k]! + d[k]![j]!);
  }
  return d;
}

describe('shortest paths', () => {
  it('lead every switch that is connected to the destination in the fewest hops, and no other', () => {
    fc.assert(
      fc.property(someGraph, ([count, links]) => {
        const graph = build(count, links);
        const adjacency = toAdjacency(graph);
        const d = distances(count, links);
        const dpids = [...adjacency.keys()];
        for (let to = 0; to < count; to++) {
          const nextPorts = toNextPorts(adjacency, dpids[to]!);
          for (let from = 0; from < count; from++) {
            if (from === to) continue;
            let here = dpids[from]!;
            let hops = 0;
            while (here !== dpids[to] && hops <= count) {
              const port = nextPorts.get(here);
              if (port === undefined) break;
              here = adjacency.get(here)!.find(({ portNo }) => portNo === port)!.next.dpid;
              hops++;
            }
            expect(here === dpids[to] ? hops : Number.POSITIVE_INFINITY).toBe(d[from]![to]);
          }
        }
      }),
    );
  });

  it('are the same whatever order the links were found in', () => {
    fc.assert(
      fc.property(someGraph, fc.nat(), ([count, links], seed) => {
        const order = links.map((_, i) => i).sort((a, b) => ((a * 7919 + seed) % 97) - ((b * 7919 + seed) % 97));
        const one = toAdjacency(build(count, links));
        const other = toAdjacency(build(count, links, order));
        for (const dpid of one.keys()) expect(toNextPorts(other, dpid)).toEqual(toNextPorts(one, dpid));
        expect(toTreePorts(other)).toEqual(toTreePorts(one));
      }),
    );
  });
});

describe('the flooding tree', () => {
  it('connects exactly what the graph connects, with as few links as possible', () => {
    fc.assert(
      fc.property(someGraph, ([count, links]) => {
        const adjacency = toAdjacency(build(count, links));
        const ports = toTreePorts(adjacency);
        const dpids = [...adjacency.keys()];
        const d = distances(count, links);
        const parts = new Set(dpids.map((_, i) => d[i]!.findIndex((distance) => distance < Number.POSITIVE_INFINITY)))
          .size;
        // Two ports a link: a spanning forest has a link less than switches in every part.
        expect(ports.size).toBe(2 * (count - parts));
        const reached = new Set([dpids[0]!]);
        const queue = [dpids[0]!];
        for (let i = 0; i < queue.length; i++) {
          for (const { portNo, next } of adjacency.get(queue[i]!)!) {
            if (!ports.has(`${queue[i]}:${portNo}`) || reached.has(next.dpid)) continue;
            reached.add(next.dpid);
            queue.push(next.dpid);
          }
        }
        expect(reached.size).toBe(d[0]!.filter((distance) => distance < Number.POSITIVE_INFINITY).length);
      }),
    );
  });
});
