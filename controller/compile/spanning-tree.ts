/**
 * The tree that broadcasts follow: of every connected part, breadth first from its lowest switch, each row in its order.
 *
 * Rows and the order of switches are properties of the topology, so the tree is canonical.
 */
import { toPortKey } from '../network/network.ts';
import type { PathGraph } from './path-graph.ts';

/** The ports of the tree's links, both ends. */
export function toTreePorts(graph: PathGraph): ReadonlySet<string> {
  const ports = new Set<string>();
  const isReached = new Uint8Array(graph.size);
  for (const root of graph.switches()) {
    const slot = graph.slotOf(root)!;
    if (isReached[slot] === 1) continue;
    isReached[slot] = 1;
    const queue = [slot];
    for (let i = 0; i < queue.length; i++) {
      const at = queue[i]!;
      const begin = graph.start[at]!;
      const end = begin + graph.degree[at]!;
      for (let arc = begin; arc < end; arc++) {
        const next = graph.to[arc]!;
        if (isReached[next] === 1) continue;
        isReached[next] = 1;
        ports.add(toPortKey({ dpid: graph.dpidOf(at), portNo: graph.port[arc]! }));
        ports.add(toPortKey({ dpid: graph.dpidOf(next), portNo: graph.farPort[arc]! }));
        queue.push(next);
      }
    }
  }
  return ports;
}
