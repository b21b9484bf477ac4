/**
 * A graph that we wrote ourselves (`format: sluice/v1`), as the native file that it was: attributes have the keys of that file and nothing is guessed.
 *
 * What is no key of ours goes to the native reader all the same, which knows how to speak of unknown keys; only what a drawing needs, and our
 * exporters write for it, is left aside.
 */
import type { ParsedNode } from 'yaml';
import { toNativeValue } from './attribute-value.ts';
import { isOfDrawing } from './drawing-attributes.ts';
import type { Attributes, ForeignEdge, ForeignEnd, ForeignGraph, ForeignNode } from './foreign-graph.ts';
import type { ImportNotes } from './import-notes.ts';
import { GRAPH_KEYS, HOST_KEYS, type KeyShapes, LINK_KEYS, SERVER_KEYS, SWITCH_KEYS } from './native-keys.ts';
import { type Entry, listNode, mapNode, mapOfPairs, pairOf, spanOf, textIn, textNode } from './native-tree.ts';

/** The graph attribute that says so, and which version of the format the keys are of. */
const FORMAT = 'format';

/** Which section of the file a node belongs to. */
const SECTIONS: Readonly<Record<string, readonly [section: string, keys: KeyShapes]>> = {
  switch: ['switches', SWITCH_KEYS],
  host: ['hosts', HOST_KEYS],
  server: ['nodes', SERVER_KEYS],
};

const NOT_OF_NODES: ReadonlySet<string> = new Set(['type']);
const NOT_OF_LINKS: ReadonlySet<string> = new Set(['aPort', 'bPort']);
const NOT_OF_GRAPHS: ReadonlySet<string> = new Set([FORMAT]);

export function isOurs({ attributes }: ForeignGraph): boolean {
  return /^sluice\//.test(textIn(attributes.get(FORMAT)) ?? '');
}

export function restoreNative(graph: ForeignGraph, notes: ImportNotes): ParsedNode {
  const sections = new Map<string, [ParsedNode, ParsedNode][]>();
  for (const node of graph.nodes) {
    const [section, keys] = sectionOf(node, notes);
    const entries = nativeEntries(node.attributes, keys, NOT_OF_NODES, notes);
    const pair: [ParsedNode, ParsedNode] = [textNode(node.id, node.span), mapNode(entries, node.span)];
    const pairs = sections.get(section);
    if (pairs) pairs.push(pair);
    else sections.set(section, [pair]);
  }
  return mapNode(
    [
      ['apiVersion', graph.attributes.get(FORMAT)],
      ['kind', textNode('Topology', graph.span)],
      ...nativeEntries(graph.attributes, GRAPH_KEYS, NOT_OF_GRAPHS, notes),
      ...[...sections].map(([section, pairs]): Entry => {
        return [
          section,
          mapOfPairs(
            pairs.map(([key, value]) => pairOf(key, value)),
            graph.span,
          ),
        ];
      }),
      [
        'links',
        listNode(
          graph.edges.map((edge) => restoreLink(edge, notes)),
          graph.span,
        ),
      ],
    ],
    graph.span,
  );
}

function sectionOf(node: ForeignNode, notes: ImportNotes): readonly [string, KeyShapes] {
  const type = node.attributes.get('type');
  const section = Object.hasOwn(SECTIONS, textIn(type) ?? '') ? SECTIONS[textIn(type)!] : undefined;
  if (!section) notes.fail(type ? spanOf(type) : node.span, `the type of ${node.id} must be switch, host or server`);
  return section ?? SECTIONS.switch!;
}

function restoreLink({ span, ends: [a, b], attributes }: ForeignEdge, notes: ImportNotes): ParsedNode {
  const ends = listNode([endNode(a, attributes.get('aPort')), endNode(b, attributes.get('bPort'))], span);
  return mapNode([['ends', ends], ...nativeEntries(attributes, LINK_KEYS, NOT_OF_LINKS, notes)], span);
}

/** As a native file has it: the name of the node, and the port behind it. */
export function endNode({ node, span, port: own }: ForeignEnd, given: ParsedNode | undefined, name = node): ParsedNode {
  const port = given ?? own;
  const digits = textIn(port);
  return digits === undefined ? textNode(name, span) : textNode(`${name}:${digits}`, spanOf(port!));
}

export function nativeEntries(
  attributes: Attributes,
  keys: KeyShapes,
  besides: ReadonlySet<string>,
  notes: ImportNotes,
): Entry[] {
  const entries: Entry[] = [];
  for (const [key, value] of attributes) {
    if (besides.has(key)) continue;
    const shape = keys.get(key);
    if (shape) entries.push([key, toNativeValue(shape, value, notes)]);
    else if (!isOfDrawing(key)) entries.push([key, value]);
  }
  return entries;
}
