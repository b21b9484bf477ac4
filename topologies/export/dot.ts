/** A document as DOT, Graphviz's language: an undirected graph in which parallel links stay apart, since it is not strict. */
import type { TopologyDocument } from '../document.ts';
import { type Attributes, toFlatGraph } from './flat-graph.ts';

export function formatDot(document: TopologyDocument): string {
  const { attributes, nodes, edges } = toFlatGraph(document);
  return [
    `graph ${quote(document.name)} {`,
    ...Object.entries(attributes).map(([key, value]) => `  ${formatKey(key)}=${quote(String(value))};`),
    ...nodes.map(({ key, attributes: own }) => `  ${quote(key)} [${list(own)}];`),
    ...edges.map(({ source, target, attributes: own }) => `  ${quote(source)} -- ${quote(target)} [${list(own)}];`),
    '}',
    '',
  ].join('\n');
}

function list(attributes: Attributes): string {
  return Object.entries(attributes)
    .map(([key, value]) => `${formatKey(key)}=${NUMERAL.test(String(value)) ? value : quote(String(value))}`)
    .join(', ');
}

const NUMERAL = /^-?\d+(\.\d+)?$/;
const KEYWORD = /^(graph|digraph|subgraph|node|edge|strict)$/i;

function formatKey(key: string): string {
  return KEYWORD.test(key) ? quote(key) : key;
}

/**
 * A quoted ID. The quote is the only character that is escaped in one, and Graphviz reads backslashes in pairs that stay two
 * characters: one that is alone before a quote or at the end cannot be said, and becomes a pair.
 */
function quote(text: string): string {
  return `"${text.replace(/\\+(?="|$)/g, (run) => (run.length % 2 === 0 ? run : `${run}\\`)).replaceAll('"', '\\"')}"`;
}
