/**
 * Which format a file is in, by what it says: a name proves nothing, and only decides where the content could be anything, as that of a file that was cut
 * off after three characters.
 */
import { isMap, isSeq, type ParsedNode } from 'yaml';
import { textIn } from './native-tree.ts';

/** `json` is either of the two graphs in JSON. */
export const TOPOLOGY_FORMATS = [
  'yaml',
  'json',
  'graphml',
  'dot',
  'miniedit',
  'containerlab',
  'node-link',
  'graphology',
] as const;

export type TopologyFormat = (typeof TOPOLOGY_FORMATS)[number];

/** Formats that are one tree of mappings and lists. */
export type TreeFormat = Exclude<TopologyFormat, 'graphml' | 'dot' | 'json'>;

const BY_EXTENSION: readonly (readonly [RegExp, TopologyFormat])[] = [
  [/\.(graphml|xml)$/i, 'graphml'],
  [/\.(dot|gv)$/i, 'dot'],
  [/\.mn$/i, 'miniedit'],
  [/\.clab\.ya?ml$/i, 'containerlab'],
  [/\.json$/i, 'json'],
];

/** Comments and blanks may be long; what a graph starts with is within this. */
const HEAD_MAX = 1 << 16;

/** Undefined for what is a tree of YAML or JSON, or nothing that we know. */
export function sniffText(text: string, file: string): 'graphml' | 'dot' | undefined {
  if (/^\s*</.test(text)) return 'graphml';
  if (
    /^(strict\s{1,99})?(di)?graph\b\s{0,99}("[^"]{0,1000}"|[\p{L}\p{N}_.-]{1,1000})?\s{0,99}\{/iu.test(
      skipComments(text),
    )
  )
    return 'dot';
  // A tree begins with a bracket or a key; so few characters could be the beginning of either.
  const byName = formatOfName(file);
  const isTree = /^[ \t]{0,99}([{[]|---|%|["']?[\w-]{1,99}["']?[ \t]{0,99}:)/m.test(text.slice(0, HEAD_MAX));
  return !isTree && (byName === 'graphml' || byName === 'dot') ? byName : undefined;
}

/** Of a tree, by the keys of its root. */
export function sniffTree(root: ParsedNode, file: string): TreeFormat {
  const byName = formatOfName(file);
  const fields = new Map<string, ParsedNode | null>();
  if (isMap<ParsedNode, ParsedNode | null>(root)) {
    for (const { key, value } of root.items) fields.set(textIn(key) ?? '', value);
  }
  const isList = (key: string) => isSeq(fields.get(key));
  if (fields.has('apiVersion')) return 'yaml';
  if (isMap(fields.get('topology'))) return 'containerlab';
  if (isList('hosts') || isList('switches') || fields.has('application')) return 'miniedit';
  if (isList('nodes')) return sniffGraph(fields);
  if (byName === 'json') return 'node-link';
  return byName === 'miniedit' || byName === 'containerlab' ? byName : 'yaml';
}

/** graphology has attributes below its nodes, networkx beside them. */
export function sniffGraph(fields: ReadonlyMap<string, ParsedNode | null>): 'graphology' | 'node-link' {
  if (fields.has('attributes') || fields.has('options')) return 'graphology';
  if (['directed', 'multigraph', 'graph', 'links'].some((key) => fields.has(key))) return 'node-link';
  const nodes = fields.get('nodes');
  const first = isSeq<ParsedNode>(nodes) ? nodes.items[0] : undefined;
  const has = (key: string) =>
    isMap<ParsedNode, ParsedNode | null>(first) && first.items.some((pair) => textIn(pair.key) === key);
  return has('key') && !has('id') ? 'graphology' : 'node-link';
}

function formatOfName(file: string): TopologyFormat | undefined {
  return BY_EXTENSION.find(([pattern]) => pattern.test(file))?.[1];
}

/** Those of DOT. */
function skipComments(text: string): string {
  let rest = text.slice(0, HEAD_MAX).trimStart();
  for (;;) {
    const end = rest.startsWith('/*') ? rest.indexOf('*/') + 1 : /^(\/\/|#)/.test(rest) ? rest.indexOf('\n') : -1;
    if (end <= 0) return rest;
    rest = rest.slice(end + 1).trimStart();
  }
}
