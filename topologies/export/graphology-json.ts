/** A document in graphology's serialization, for `graph.import`, sigma.js and whoever reads JSON. */
import type { TopologyDocument } from '../document.ts';
import { toFlatGraph } from './flat-graph.ts';

export function formatGraphologyJson(document: TopologyDocument): string {
  const { attributes, nodes, edges } = toFlatGraph(document);
  const options = { type: 'undirected', multi: true, allowSelfLoops: false };
  const rows = (name: string, items: readonly object[]) => {
    const lines = items.map((item) => `    ${JSON.stringify(item)}`);
    return `  ${JSON.stringify(name)}: [${lines.length > 0 ? `\n${lines.join(',\n')}\n  ` : ''}]`;
  };
  const parts = [
    `  "attributes": ${JSON.stringify(attributes)}`,
    `  "options": ${JSON.stringify(options)}`,
    rows('nodes', nodes),
    rows(
      'edges',
      edges.map(({ key, source, target, attributes: own }) => ({
        key,
        source,
        target,
        attributes: own,
        undirected: true,
      })),
    ),
  ];
  return `{\n${parts.join(',\n')}\n}\n`;
}
