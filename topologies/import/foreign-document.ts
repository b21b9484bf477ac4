/**
 * A graph that somebody else wrote, as a native file: what it says in words of ours is taken, what can be kept is kept as a label, and what is
 * guessed, changed or left out is told.
 *
 * - Nodes: `type` says what a node is. Without it, who has a datapath id is a switch, who has an address is a host, `h1` is a host as in
 *   Mininet, and everything else is a switch, because graphs of networks are mostly graphs of those.
 * - Edges are cables, which carry both directions: in a directed graph an edge and its way back are one cable. Parallel edges stay apart, an edge
 *   from a node to itself is left out.
 * - Ids and keys of edges are not read: they tell edges of a file apart, and nothing of the network.
 * - `bw` is a bandwidth in Mbit/s, as in Mininet.
 */
import { isScalar, type ParsedNode } from 'yaml';
import { suggest } from '../../protocol/wire/openflow/text/suggestion.ts';
import { toNativeValue } from './attribute-value.ts';
import { isOfDrawing } from './drawing-attributes.ts';
import type { Attributes, ForeignEdge, ForeignEnd, ForeignGraph, ForeignNode } from './foreign-graph.ts';
import { ForeignNames, isName, toName } from './foreign-names.ts';
import type { ImportNotes } from './import-notes.ts';
import { addLabels, type Labels } from './label-entries.ts';
import { endNode } from './native-graph.ts';
import { GRAPH_KEYS, HOST_KEYS, type KeyShapes, LINK_KEYS, SERVER_KEYS, SWITCH_KEYS } from './native-keys.ts';
import {
  type Entry,
  listNode,
  mapNode,
  mapOfPairs,
  pairOf,
  type Span,
  spanOf,
  textIn,
  textNode,
} from './native-tree.ts';
import { readPlacement } from './placement-attributes.ts';

type NodeType = 'switch' | 'host' | 'server';

const KEYS: Readonly<Record<NodeType | 'link', KeyShapes>> = {
  switch: SWITCH_KEYS,
  host: HOST_KEYS,
  server: SERVER_KEYS,
  link: LINK_KEYS,
};
export const RENAMED = 'renamed, because a name has letters, digits, "-", "_" and "." only, and nobody else has it';

const HOST_KINDS = ['host', 'container', 'vm', 'port'];

/** Whoever has more attributes than that means none of ours. */
const HINTS_MAX = 1000;

/** Which key of ours somebody may have meant, looked for once for each attribute: there is one for every node. */
class Hints {
  readonly #known = new Map<string, string>();

  of(key: string, owner: NodeType | 'link'): string {
    const question = `${owner} ${key}`;
    const known = this.#known.get(question);
    if (known !== undefined || this.#known.size === HINTS_MAX) return known ?? '';
    const hint = suggest(key, KEYS[owner].keys());
    this.#known.set(question, hint);
    return hint;
  }
}

export function adaptForeign(graph: ForeignGraph, fallbackName: string, notes: ImportNotes): ParsedNode {
  const names = nameNodes(graph.nodes, notes);
  const hints = new Hints();
  const sections: Record<NodeType, [ParsedNode, ParsedNode][]> = { switch: [], host: [], server: [] };
  for (const node of graph.nodes) {
    const name = names.get(node.id)!;
    const type = typeOf(node, name, notes);
    sections[type].push([textNode(name, node.span), adaptNode(node, name, type, hints, notes)]);
  }
  const links = listCables(graph, notes).map((edge) => adaptEdge(edge, names, hints, notes));
  const sectionNode = (type: NodeType) =>
    mapOfPairs(
      sections[type].map(([key, value]) => pairOf(key, value)),
      graph.span,
    );
  return mapNode(
    [
      ...adaptGraph(graph, fallbackName, notes),
      ['switches', sectionNode('switch')],
      ['nodes', sectionNode('server')],
      ['hosts', sectionNode('host')],
      ['links', listNode(links, graph.span)],
    ],
    graph.span,
  );
}

/** A second node of the same id gets the same name, so that the native reader sees it. */
function nameNodes(nodes: readonly ForeignNode[], notes: ImportNotes): Map<string, string> {
  const names = new ForeignNames();
  const byId = new Map<string, string>();
  const titleOf = ({ id, title }: ForeignNode) => (title !== undefined && toName(title) !== undefined ? title : id);
  for (const node of nodes) if (!byId.has(node.id) && names.take(titleOf(node))) byId.set(node.id, titleOf(node));
  for (const node of nodes) {
    if (byId.has(node.id)) continue;
    const name = names.invent(titleOf(node));
    byId.set(node.id, name);
    notes.tally(RENAMED, node.span, `${titleOf(node)} is ${name}`);
  }
  return byId;
}

function adaptGraph({ span, attributes }: ForeignGraph, fallbackName: string, notes: ImportNotes): Entry[] {
  const entries: Entry[] = [
    ['apiVersion', textNode('sluice/v1', span)],
    ['kind', textNode('Topology', span)],
    ['name', nameNetwork(attributes.get('name'), fallbackName, span, notes)],
  ];
  for (const [key, value] of attributes) {
    const shape = GRAPH_KEYS.get(key);
    if (key === 'name') continue;
    if (shape && key !== 'apiVersion' && key !== 'kind') entries.push([key, toNativeValue(shape, value, notes)]);
    else notes.tally('attributes of the graph that a topology has no place for are left out', spanOf(value), key);
  }
  return entries;
}

/** What a network is called in its file, as a name of ours, or else the name of the file. */
export function nameNetwork(
  given: ParsedNode | undefined,
  fallbackName: string,
  otherwise: Span,
  notes: ImportNotes,
): ParsedNode {
  const text = textIn(given);
  if (!given || text === undefined) return textNode(fallbackName, otherwise);
  const name = toName(text) ?? fallbackName;
  if (name !== text) notes.tally(RENAMED, spanOf(given), `${text} is ${name}`);
  return textNode(name, spanOf(given));
}

function typeOf({ attributes, span }: ForeignNode, name: string, notes: ImportNotes): NodeType {
  const given = textIn(attributes.get('type'));
  if (given === 'switch' || given === 'host' || given === 'server') return given;
  for (const key of attributes.keys()) {
    if (!HOST_KEYS.has(key) && SWITCH_KEYS.has(key)) return 'switch';
    if (HOST_KEYS.has(key) && !SWITCH_KEYS.has(key) && !SERVER_KEYS.has(key) && isKindOfOurs(key, attributes))
      return 'host';
  }
  const type = /^h\d/.test(name) ? 'host' : 'switch';
  notes.tally(`no type (switch, host or server) is given, so this is taken for a ${type}`, span, name);
  return type;
}

/** The word is a common one, and the kinds of others are not ours. */
function isKindOfOurs(key: string, attributes: Attributes): boolean {
  return key !== 'kind' || HOST_KINDS.includes(textIn(attributes.get('kind')) ?? '');
}

function adaptNode(
  { attributes, span }: ForeignNode,
  name: string,
  type: NodeType,
  hints: Hints,
  notes: ImportNotes,
): ParsedNode {
  const entries: Entry[] = [];
  const placement = readPlacement(attributes);
  const labels: Labels = new Map();
  for (const [key, value] of attributes) {
    const shape = KEYS[type].get(key);
    if (placement.used.has(key) || (key === 'type' && textIn(value) === type)) continue;
    if (key === 'label' && (textIn(value) === name || textIn(value) === '\\N')) continue;
    if (shape && isKindOfOurs(key, attributes)) entries.push([key, toNativeValue(shape, value, notes)]);
    else if (key === 'label' || !isOfDrawing(key)) labels.set(key, value);
    else notes.tally(`attribute ${key} says how to draw a node and is left out`, spanOf(value), name);
  }
  for (const [key, value] of placement.entries) if (!attributes.has(key)) entries.push([key, value]);
  for (const [key, value] of labels) {
    const hint = key === 'label' ? '' : hints.of(key, type);
    if (hint) notes.tally(`attribute ${key} is no key of a ${type} and kept as a label${hint}`, spanOf(value), name);
  }
  return mapNode(addLabels(entries, labels, span, name, notes), span);
}

function listCables({ isDirected, edges }: ForeignGraph, notes: ImportNotes): ForeignEdge[] {
  const cables: ForeignEdge[] = [];
  const unanswered = new Map<string, number>();
  for (const edge of edges) {
    const [a, b] = edge.ends;
    if (a.node === b.node) {
      notes.tally('a cable has two ends: edges from a node to itself are left out', edge.span, a.node);
      continue;
    }
    const back = `${b.node}\n${a.node}`;
    const count = isDirected ? (unanswered.get(back) ?? 0) : 0;
    if (count > 0) {
      unanswered.set(back, count - 1);
      const sentence = 'a cable carries both directions: these are one with the edge back, whose attributes hold';
      notes.tally(sentence, edge.span, `${a.node} to ${b.node}`);
      continue;
    }
    const there = `${a.node}\n${b.node}`;
    unanswered.set(there, (unanswered.get(there) ?? 0) + 1);
    cables.push(edge);
  }
  return cables;
}

function adaptEdge(
  edge: ForeignEdge,
  names: ReadonlyMap<string, string>,
  hints: Hints,
  notes: ImportNotes,
): ParsedNode {
  const { span, ends, attributes } = edge;
  const nameOf = ({ node }: ForeignEnd) => names.get(node) ?? toName(node) ?? node;
  const [a, b] = ends;
  const described = `${nameOf(a)} to ${nameOf(b)}`;
  const endNodes = [endNode(a, attributes.get('aPort'), nameOf(a)), endNode(b, attributes.get('bPort'), nameOf(b))];
  const entries: Entry[] = [['ends', listNode(endNodes, span)]];
  for (const [key, value] of attributes) {
    if (key === 'aPort' || key === 'bPort') continue;
    const shape = LINK_KEYS.get(key);
    if (key === 'bw' && !attributes.has('bandwidth')) entries.push(['bandwidth', readMininetBandwidth(value)]);
    else if (key === 'name' && !isName(textIn(value) ?? '')) {
      notes.tally('what is no name here is left out', spanOf(value), `${textIn(value)} of ${described}`);
    } else if (shape && key !== 'ends') entries.push([key, toNativeValue(shape, value, notes)]);
    else {
      const hint = isOfDrawing(key) ? '' : hints.of(key, 'link');
      notes.tally(`attribute ${key} means nothing on a link and is left out${hint}`, spanOf(value), described);
    }
  }
  return mapNode(entries, span);
}

/** A plain number is in Mbit/s. */
export function readMininetBandwidth(value: ParsedNode): ParsedNode {
  const text = textIn(value);
  const isPlain = isScalar(value) && text !== undefined && /^\d+(\.\d+)?$/.test(text);
  return isPlain ? textNode(`${text}Mbps`, spanOf(value)) : value;
}
