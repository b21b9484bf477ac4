/**
 * Graphs in JSON: node-link as networkx writes it, and graphology's own format. Both are nodes and edges with attributes beside or below
 * what identifies them.
 *
 * networkx: edges are called `edges` or, by older releases, `links`; ids may be numbers or lists (tuples), and nodes without one are counted
 * from 0, as networkx does on reading.
 */
import { isScalar, isSeq, type ParsedNode } from 'yaml';
import type { Attributes, ForeignEdge, ForeignEnd, ForeignGraph, ForeignNode } from './foreign-graph.ts';
import { type Fields, type ForeignTree, isNothing } from './foreign-tree.ts';
import type { ImportNotes } from './import-notes.ts';
import { type Span, spanOf, textIn } from './native-tree.ts';

const NODE_LINK_KEYS = ['directed', 'multigraph', 'graph', 'nodes', 'edges', 'links'];
const GRAPHOLOGY_KEYS = ['attributes', 'options', 'nodes', 'edges'];

export function readNodeLink(tree: ForeignTree, notes: ImportNotes): ForeignGraph {
  const top = tree.fieldsOf(tree.root, 'this file');
  tellOthers(top, NODE_LINK_KEYS, 'a node-link graph', notes);
  requireList(top, 'nodes', tree, notes);
  const nodes = tree.itemsOf(top.get('nodes'), 'nodes').map((item, i) => {
    const fields = tree.fieldsOf(item, 'a node');
    const id = idOf(fields.get('id')) ?? String(i);
    fields.delete('id');
    return nodeOf(id, fields, spanOf(item));
  });
  const edges = ['edges', 'links'].flatMap((key) =>
    tree.itemsOf(top.get(key), key).flatMap((item) => {
      const fields = tree.fieldsOf(item, 'an edge');
      fields.delete('key');
      return edgeOf(fields, spanOf(item), fields, notes);
    }),
  );
  return {
    span: spanOf(tree.root),
    isDirected: textIn(top.get('directed')) === 'true',
    attributes: present(
      isPairs(top.get('graph')) ? pairsOf(top.get('graph')!, tree) : tree.fieldsOf(top.get('graph'), 'graph'),
    ),
    nodes,
    edges,
  };
}

export function readGraphology(tree: ForeignTree, notes: ImportNotes): ForeignGraph {
  const top = tree.fieldsOf(tree.root, 'this file');
  tellOthers(top, GRAPHOLOGY_KEYS, 'a graphology graph', notes);
  requireList(top, 'nodes', tree, notes);
  const nodes = tree.itemsOf(top.get('nodes'), 'nodes').flatMap((item) => {
    const fields = tree.fieldsOf(item, 'a node');
    tellOthers(fields, ['key', 'attributes'], 'a node of graphology', notes);
    const id = idOf(fields.get('key'));
    if (id !== undefined) return [nodeOf(id, tree.fieldsOf(fields.get('attributes'), 'attributes'), spanOf(item))];
    notes.fail(spanOf(item), 'this node has no key; add "key": "s1", say');
    return [];
  });
  const edges = tree.itemsOf(top.get('edges'), 'edges').flatMap((item) => {
    const fields = tree.fieldsOf(item, 'an edge');
    tellOthers(fields, ['key', 'source', 'target', 'attributes', 'undirected'], 'an edge of graphology', notes);
    return edgeOf(fields, spanOf(item), tree.fieldsOf(fields.get('attributes'), 'attributes'), notes);
  });
  const options = tree.fieldsOf(top.get('options'), 'options');
  const attributes = present(tree.fieldsOf(top.get('attributes'), 'attributes'));
  return { span: spanOf(tree.root), isDirected: textIn(options.get('type')) === 'directed', attributes, nodes, edges };
}

function nodeOf(id: string, fields: Fields, span: Span): ForeignNode {
  const attributes = present(fields);
  const title = /^\d+$/.test(id) ? textIn(attributes.get('label')) : undefined;
  return { id, span, attributes, ...(title !== undefined && { title }) };
}

function edgeOf(fields: Fields, span: Span, attributes: Fields, notes: ImportNotes): ForeignEdge[] {
  const source = endOf(fields, 'source', span, notes);
  const target = endOf(fields, 'target', span, notes);
  if (!source || !target) return [];
  const own = present(attributes);
  own.delete('source');
  own.delete('target');
  return [{ span, ends: [source, target], attributes: own }];
}

function endOf(fields: Fields, key: string, span: Span, notes: ImportNotes): ForeignEnd | undefined {
  const node = fields.get(key);
  const id = idOf(node);
  if (id !== undefined) return { node: id, span: spanOf(node!) };
  notes.fail(span, `this edge has no ${key}; add "${key}" with the id of a node`);
  return undefined;
}

/** Lists are networkx's tuples. */
function idOf(node: ParsedNode | undefined): string | undefined {
  if (!isSeq<ParsedNode>(node)) return node && isScalar(node) && !isNothing(node) ? textIn(node) : undefined;
  const parts = node.items.slice(0, 8).map((item) => textIn(item));
  return parts.length > 0 && parts.every((part) => part !== undefined) ? parts.join('-') : undefined;
}

/** Old networkx wrote the attributes of a graph as a list of pairs. */
function isPairs(node: ParsedNode | undefined): boolean {
  return isSeq(node);
}

function pairsOf(node: ParsedNode, tree: ForeignTree): Fields {
  const fields: Fields = new Map();
  for (const item of tree.itemsOf(node, 'graph')) {
    const [key, value] = tree.itemsOf(item, 'an attribute of the graph');
    const name = textIn(key);
    if (name !== undefined && value) fields.set(name, value);
  }
  return fields;
}

/** An attribute without a value says nothing. */
function present(fields: Fields): Attributes {
  return new Map([...fields].filter(([, node]) => !isNothing(node)));
}

function requireList(top: Fields, key: string, tree: ForeignTree, notes: ImportNotes): void {
  if (!top.has(key)) notes.fail(spanOf(tree.root), `this graph has no ${key}; add "${key}": []`);
}

function tellOthers(fields: Fields, known: readonly string[], owner: string, notes: ImportNotes): void {
  for (const [key, value] of fields) {
    if (!known.includes(key)) notes.tally(`keys that ${owner} does not have are left out`, spanOf(value), key);
  }
}
