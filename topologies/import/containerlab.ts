/**
 * containerlab's `.clab.yml`: containers, the bridges between them, and the cables that join their interfaces.
 *
 * A bridge is a switch, everything else a host, whatever network system would run in it: what it would forward, ours does not. Properties are
 * inherited from the group, the kind and the defaults, as containerlab does; what it takes to start a container is left out.
 * containerlab has no words for what a link does to frames, so they are taken from its `vars` and `labels` by our keys
 * (`vars: { delay: 5ms }`), and those of a node from labels that begin with `sluice-` (`sluice-tier: edge`): the file stays valid there.
 */
import type { ParsedNode } from 'yaml';
import { toNativeValue } from './attribute-value.ts';
import { CableReader } from './containerlab-links.ts';
import { nameNetwork, RENAMED } from './foreign-document.ts';
import { ForeignNames, toName } from './foreign-names.ts';
import { type Fields, type ForeignTree, isNothing } from './foreign-tree.ts';
import type { ImportNotes } from './import-notes.ts';
import { addLabels, type Labels } from './label-entries.ts';
import { HOST_KEYS, SWITCH_KEYS } from './native-keys.ts';
import {
  type Entry,
  listNode,
  mapNode,
  mapOfPairs,
  numberNode,
  pairOf,
  type Span,
  spanOf,
  textIn,
  textNode,
} from './native-tree.ts';

const SWITCH_KINDS = ['bridge', 'ovs-bridge'];

/** Before our keys in labels of nodes. */
const PREFIX = 'sluice-';

/** Said of a guest in words that we have no keys for, and worth keeping. */
const KEPT = ['kind', 'type', 'group', 'image'];

interface Node {
  readonly id: string;
  readonly name: string;
  readonly span: Span;
  readonly isSwitch: boolean;
  /** By key, from the node and what it inherits from. */
  readonly fields: Fields;
  readonly labels: Fields;
}

export function readContainerlab(tree: ForeignTree, fallbackName: string, notes: ImportNotes): ParsedNode {
  const span = spanOf(tree.root);
  const top = tree.fieldsOf(tree.root, 'this file');
  const topology = tree.fieldsOf(top.get('topology'), 'topology');
  tellOthers(top, ['name', 'topology'], notes);
  tellOthers(topology, ['nodes', 'kinds', 'groups', 'defaults', 'links'], notes);
  const nodes = listNodes(topology, tree, notes);
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const names = new ForeignNames();
  for (const { name } of nodes) names.take(name);
  const cables = new CableReader(byId, names, tree, notes);
  const links = tree.itemsOf(topology.get('links'), 'links').flatMap((item) => cables.readLink(item));
  const section = (entries: readonly Entry[]) => {
    return mapOfPairs(
      entries.map(([key, value]) => pairOf(textNode(key, spanOf(value!)), value!)),
      span,
    );
  };
  const read = (node: Node): Entry => [node.name, readNode(node, cables.entriesOf(node.id), notes)];
  return mapNode(
    [
      ['apiVersion', textNode('sluice/v1', span)],
      ['kind', textNode('Topology', span)],
      ['name', nameNetwork(top.get('name'), fallbackName, span, notes)],
      ['switches', section(nodes.filter(({ isSwitch }) => isSwitch).map(read))],
      ['hosts', section([...nodes.filter(({ isSwitch }) => !isSwitch).map(read), ...cables.outside])],
      ['links', listNode(links, span)],
    ],
    span,
  );
}

function listNodes(topology: Fields, tree: ForeignTree, notes: ImportNotes): Node[] {
  const defaults = tree.fieldsOf(topology.get('defaults'), 'defaults');
  const layersOf = (key: string) => {
    const fields = tree.fieldsOf(topology.get(key), key);
    return new Map([...fields].map(([name, node]) => [name, tree.fieldsOf(node, `${key} ${name}`)]));
  };
  const kinds = layersOf('kinds');
  const groups = layersOf('groups');
  const names = new ForeignNames();
  const found = [...tree.fieldsOf(topology.get('nodes'), 'nodes')];
  const exact = new Set(found.map(([id]) => id).filter((id) => names.take(id)));
  return found.map(([id, node]) => {
    const own = tree.fieldsOf(node, `node ${id}`);
    const textOf = (key: string, ...layers: readonly (Fields | undefined)[]) => {
      const layer = layers.find((candidate) => candidate && textIn(candidate.get(key)) !== undefined);
      return textIn(layer?.get(key));
    };
    const group = groups.get(textOf('group', own, defaults) ?? '');
    const kind = textOf('kind', own, group, defaults) ?? '';
    const layers = [defaults, kinds.get(kind), group, own].filter((layer) => layer !== undefined);
    const span = spanOf(node);
    const fields = mergeLayers(layers, tree, span);
    const labels = mergeLayers(
      layers.map((layer) => tree.fieldsOf(layer.get('labels'), 'labels')),
      tree,
      span,
    );
    const type = textIn(labels.get(`${PREFIX}type`));
    const name = exact.has(id) ? id : names.invent(id);
    if (name !== id) notes.tally(RENAMED, span, `${id} is ${name}`);
    return {
      id,
      name,
      span,
      isSwitch: type === undefined ? SWITCH_KINDS.includes(kind) : type === 'switch',
      fields,
      labels,
    };
  });
}

/** What a later layer says counts. */
function mergeLayers(layers: readonly Fields[], tree: ForeignTree, span: Span): Fields {
  const merged: Fields = new Map();
  for (const layer of layers) {
    if (!tree.spend(layer.size, span)) break;
    for (const [key, value] of layer) if (!isNothing(value)) merged.set(key, value);
  }
  return merged;
}

function readNode(
  { name, span, isSwitch, fields, labels }: Node,
  ofLinks: readonly Entry[],
  notes: ImportNotes,
): ParsedNode {
  const keys = isSwitch ? SWITCH_KEYS : HOST_KEYS;
  const entries: Entry[] = isSwitch ? [] : [['kind', textNode('container', span)]];
  const kept: Labels = new Map();
  for (const [key, value] of labels) {
    const own = key.startsWith(PREFIX) ? key.slice(PREFIX.length) : undefined;
    const shape = own === undefined ? undefined : keys.get(own);
    if (own === 'type') continue;
    if (shape) setEntry(entries, own!, toNativeValue(shape, value, notes));
    else kept.set(key, value);
  }
  for (const [key, value] of fields) {
    if (key === 'labels') continue;
    if (KEPT.includes(key) && !kept.has(key)) kept.set(key, value);
    else if (key === 'cpu' && !isSwitch) setEntry(entries, 'cpus', numberOf(value));
    else if (key === 'memory' && !isSwitch) setEntry(entries, 'memory', memoryOf(value));
    else notes.tally(`${toName(key) ?? 'a key'} is for starting containers, and is left out`, spanOf(value), name);
  }
  for (const [key, value] of ofLinks) {
    if (entries.some(([other]) => other === key))
      notes.tally('more than one address: the first is taken', spanOf(value!), name);
    else if (keys.has(key)) entries.push([key, value]);
    else notes.tally('addresses of switches are left out', spanOf(value!), name);
  }
  return mapNode(addLabels(entries, kept, span, name, notes), span);
}

function setEntry(entries: Entry[], key: string, value: ParsedNode | undefined): void {
  const at = entries.findIndex(([other]) => other === key);
  if (at < 0) entries.push([key, value]);
  else entries[at] = [key, value];
}

function numberOf(node: ParsedNode): ParsedNode {
  const text = textIn(node);
  return text !== undefined && /^\d+(\.\d+)?$/.test(text) ? numberNode(text, spanOf(node)) : node;
}

/** Docker's units are binary, whatever they are called. */
function memoryOf(node: ParsedNode): ParsedNode {
  const [, digits, prefix = ''] = /^(\d+(?:\.\d+)?) ?([kmgt]?)(?:i?b)?$/i.exec(textIn(node) ?? '') ?? [];
  if (digits === undefined) return node;
  return textNode(`${digits}${prefix === '' ? 'B' : `${prefix.toUpperCase()}iB`}`, spanOf(node));
}

function tellOthers(fields: Fields, known: readonly string[], notes: ImportNotes): void {
  for (const [key, value] of fields) {
    if (!known.includes(key)) notes.tally('what is for containerlab itself is left out', spanOf(value), key);
  }
}
