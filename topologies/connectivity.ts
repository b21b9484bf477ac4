/** Which parts of a network reach each other: a part that nobody reaches is rarely meant, and always looks like a bug of ours later. */
import type { Finding } from './finding.ts';
import { networkOf, SHARED_CARDS } from './guest-profiles.ts';
import type { TopologyGraph } from './model.ts';

/** The names of the nodes of each part, parts and names in the order of the graph. */
export function listComponents(graph: TopologyGraph): string[][] {
  const components: string[][] = [];
  const seen = new Set<string>();
  for (const start of graph.nodes()) {
    if (seen.has(start)) continue;
    seen.add(start);
    const component = [start];
    // A for-of over an array sees what is pushed while it runs: the array is the queue of a breadth-first search.
    for (const node of component) {
      for (const neighbor of graph.neighbors(node)) {
        if (seen.has(neighbor)) continue;
        seen.add(neighbor);
        component.push(neighbor);
      }
    }
    components.push(component);
  }
  return components;
}

export function* checkConnectivity(graph: TopologyGraph): Generator<Finding> {
  const sectionOf = (node: string) => (graph.getNodeAttribute(node, 'type') === 'switch' ? 'switches' : 'hosts');
  const lonely = graph.filterNodes((node) => sectionOf(node) === 'hosts' && graph.degree(node) === 0);
  for (const name of lonely) {
    // Who shares the card of his node has none that could be linked.
    const node = graph.getNodeAttributes(name);
    if (node.type === 'host' && SHARED_CARDS.includes(networkOf(node))) continue;
    yield {
      path: ['hosts', name],
      isKey: true,
      isWarning: true,
      reason: `${name} has no link; add one, such as [${name}, s1]`,
    };
  }
  const alone = new Set(lonely);
  const [main, ...islands] = listComponents(graph).filter(([first]) => !alone.has(first!));
  for (const [first] of islands) {
    const reason = `no path leads from here to ${main![0]}; add a link if the network is not meant to be in ${islands.length + 1} parts`;
    yield { path: [sectionOf(first!), first!], isKey: true, isWarning: true, reason };
  }
}
