/**
 * Shortest paths over the switches of a network, with ties broken so that the same topology always gives the same paths.
 *
 * A breadth-first search from the destination gives every switch its next port towards it. Neighbours are visited in the order of
 * (switch, port), which is a property of the topology and not of who was found first; so the chosen tree is canonical.
 */
import { type NetworkGraph, type PortRef, toPortKey } from '../network/network.ts';

export interface Hop {
  /** The port on this switch that leads on. */
  readonly portNo: number;
  readonly next: PortRef;
}

/** Links of each switch, in canonical order. */
export type Adjacency = ReadonlyMap<string, readonly Hop[]>;

export function toAdjacency(graph: NetworkGraph): Adjacency {
  const hops = new Map<string, Hop[]>();
  for (const dpid of graph.filterNodes((_, { kind }) => kind === 'switch').sort()) hops.set(dpid, []);
  graph.forEachEdge((_, { kind, a, b }) => {
    if (kind !== 'link' || !b) return;
    hops.get(a.dpid)!.push({ portNo: a.portNo, next: b });
    hops.get(b.dpid)!.push({ portNo: b.portNo, next: a });
  });
  for (const list of hops.values()) list.sort((x, y) => compare(x.next.dpid, y.next.dpid) || x.portNo - y.portNo);
  return hops;
}

/** For every switch that reaches `destination`, the port to take; the destination itself is not in it. */
export function toNextPorts(adjacency: Adjacency, destination: string): ReadonlyMap<string, number> {
  const nextPorts = new Map<string, number>();
  const queue = [destination];
  for (let i = 0; i < queue.length; i++) {
    for (const { next } of adjacency.get(queue[i]!) ?? []) {
      if (next.dpid === destination || nextPorts.has(next.dpid)) continue;
      nextPorts.set(next.dpid, next.portNo);
      queue.push(next.dpid);
    }
  }
  return nextPorts;
}

/** The ports, both ends, of a spanning tree of every connected part, rooted at its lowest switch. */
export function toTreePorts(adjacency: Adjacency): ReadonlySet<string> {
  const ports = new Set<string>();
  const reached = new Set<string>();
  for (const root of adjacency.keys()) {
    if (reached.has(root)) continue;
    reached.add(root);
    const queue = [root];
    for (let i = 0; i < queue.length; i++) {
      for (const { portNo, next } of adjacency.get(queue[i]!)!) {
        if (reached.has(next.dpid)) continue;
        reached.add(next.dpid);
        ports.add(toPortKey({ dpid: queue[i]!, portNo }));
        ports.add(toPortKey(next));
        queue.push(next.dpid);
      }
    }
  }
  return ports;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
