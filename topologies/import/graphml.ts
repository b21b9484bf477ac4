/**
 * GraphML: plain (http://graphml.graphdrawing.org), and as yEd writes it, with labels and places within its drawing.
 *
 * Data refer to keys by ids that mean nothing (`d32`, another in each file): attributes go by the name that the key declares. Nodes of graphs
 * within nodes are nodes as any; a hyperedge becomes a switch, to which its ends are linked.
 */
import { WireError } from '../../protocol/wire/wire-error.ts';
import type { Attributes, ForeignEdge, ForeignEnd, ForeignGraph, ForeignNode } from './foreign-graph.ts';
import type { ImportNotes } from './import-notes.ts';
import { type Span, textIn, textNode } from './native-tree.ts';
import type { XmlElement, XmlText } from './xml.ts';

/** Attributes that elements have by defaults of their keys: small files must not stand for large ones. */
const WORK_MAX = 300_000;

/** Of nodes and edges, besides data. */
const PARTS = ['graph', 'port', 'endpoint'];

export interface GraphmlFile {
  readonly graph: ForeignGraph;
  /** The names of all attributes that the file declares. */
  readonly declared: ReadonlySet<string>;
}

interface DataKey {
  readonly name: string;
  readonly isDrawing: boolean;
  readonly domain: string;
  readonly otherwise: XmlText | undefined;
}

interface Parts {
  readonly nodes: ForeignNode[];
  readonly edges: ForeignEdge[];
}

/** Undefined if the notes say why; may throw a `WireError` whose place is the index in the text, from 1. */
export function readGraphml(root: XmlElement, notes: ImportNotes): GraphmlFile | undefined {
  if (localName(root) !== 'graphml') {
    notes.fail(root.span, `this is <${root.name}>, not GraphML; a graph starts with <graphml>`);
    return undefined;
  }
  const [element, ...others] = root.children.filter((child) => localName(child) === 'graph');
  if (!element) {
    notes.fail(root.span, 'there is no <graph> in this file; the file may have been cut off');
    return undefined;
  }
  for (const other of others)
    notes.warn(other.span, 'only the first graph of a file is read; put this one into a file of its own');
  const reader = new GraphmlReader(readKeys(root, notes), notes);
  const parts: Parts = { nodes: [], edges: [] };
  reader.readGraph(element, parts);
  const attributes = reader.readData(element, 'graph');
  const isDirected = element.attributes.get('edgedefault')?.value === 'directed';
  const graph = { span: element.span, isDirected, attributes, ...parts };
  return { graph, declared: new Set([...reader.keys.values()].map(({ name }) => name)) };
}

function readKeys(root: XmlElement, notes: ImportNotes): Map<string, DataKey> {
  const keys = new Map<string, DataKey>();
  for (const element of root.children) {
    if (localName(element) !== 'key') continue;
    const id = element.attributes.get('id')?.value;
    if (id === undefined || keys.has(id)) {
      notes.fail(
        element.span,
        id === undefined ? 'this key has no id; add id="d0", say' : `key ${id} is here a second time; remove one`,
      );
      continue;
    }
    if (element.attributes.has('yfiles.type')) {
      const what = element.attributes.get('yfiles.type')!.value;
      notes.tally('of drawings by yEd only labels and the places of nodes are read', element.span, what);
    }
    keys.set(id, {
      name: element.attributes.get('attr.name')?.value ?? id,
      isDrawing: element.attributes.has('yfiles.type'),
      domain: element.attributes.get('for')?.value ?? 'all',
      otherwise: element.children.find((child) => localName(child) === 'default')?.text,
    });
  }
  return keys;
}

class GraphmlReader {
  readonly keys: ReadonlyMap<string, DataKey>;
  readonly #defaults: readonly DataKey[];
  readonly #notes: ImportNotes;
  #work = 0;

  constructor(keys: ReadonlyMap<string, DataKey>, notes: ImportNotes) {
    this.keys = keys;
    this.#defaults = [...keys.values()].filter(({ otherwise, isDrawing }) => otherwise && !isDrawing);
    this.#notes = notes;
  }

  readGraph(element: XmlElement, parts: Parts): void {
    for (const child of element.children) {
      switch (localName(child)) {
        case 'node':
          this.#readNode(child, parts);
          break;
        case 'edge':
          this.#readEdge(child, parts);
          break;
        case 'hyperedge':
          this.#readHyperedge(child, parts);
          break;
        case 'data':
          break;
        default:
          this.#notes.tally('elements that a topology has no place for are left out', child.span, `<${child.name}>`);
      }
    }
  }

  #readNode(element: XmlElement, parts: Parts): void {
    const id = element.attributes.get('id');
    if (!id) {
      this.#notes.fail(element.span, 'this node has no id; add id="s1", say');
      return;
    }
    const inner = element.children.find((child) => localName(child) === 'graph');
    if (inner) {
      const sentence = 'groups are no part of a topology: their nodes are there, these are left out';
      this.#notes.tally(sentence, element.span, id.value);
      this.readGraph(inner, parts);
      return;
    }
    const attributes = this.readData(element, 'node');
    const title =
      this.#readDrawing(element, attributes) ??
      (/^n?\d+$/.test(id.value) ? textIn(attributes.get('label')) : undefined);
    parts.nodes.push({ id: id.value, span: id.span, attributes, ...(title !== undefined && { title }) });
  }

  #readEdge(element: XmlElement, parts: Parts): void {
    const ends = (['source', 'target'] as const).map((key) => this.#readEnd(element, key, `${key}port`));
    const [a, b] = ends;
    if (!a || !b) return;
    const attributes = this.readData(element, 'edge');
    this.#readDrawing(element, attributes);
    parts.edges.push({ span: element.span, ends: [a, b], attributes });
  }

  #readEnd(element: XmlElement, key: string, portKey: string): ForeignEnd | undefined {
    const node = element.attributes.get(key);
    if (!node) {
      this.#notes.fail(element.span, `this <${element.name}> has no ${key}; add ${key}="…" with the id of a node`);
      return undefined;
    }
    const port = element.attributes.get(portKey);
    if (!port) return { node: node.value, span: node.span };
    if (/^\d+$/.test(port.value)) return { node: node.value, span: node.span, port: textNode(port.value, port.span) };
    this.#notes.tally('ports that are not numbers are numbered anew', port.span, `${node.value}:${port.value}`);
    return { node: node.value, span: node.span };
  }

  #readHyperedge(element: XmlElement, parts: Parts): void {
    const id = element.attributes.get('id')?.value ?? `hub-${parts.nodes.length + 1}`;
    const attributes: Attributes = new Map([['type', textNode('switch', element.span)]]);
    this.#notes.tally('edges of more than two ends are switches, to which the ends are linked', element.span, id);
    parts.nodes.push({ id, span: element.span, attributes });
    for (const child of element.children) {
      if (localName(child) !== 'endpoint') continue;
      const end = this.#readEnd(child, 'node', 'port');
      const hub: ForeignEnd = { node: id, span: element.span };
      if (end)
        parts.edges.push({ span: child.span, ends: [end, hub], attributes: this.readData(element, 'hyperedge') });
    }
  }

  /** What the element says, and what its keys say of all elements that do not. */
  readData(element: XmlElement, domain: string): Attributes {
    const attributes: Attributes = new Map();
    const add = (name: string, value: string, span: Span) => {
      if (value !== '') attributes.set(name, textNode(value, span));
    };
    if (element.text.value.trim() !== '') {
      this.#notes.tally('text between elements is left out', element.text.span, element.text.value.trim());
    }
    for (const child of element.children) {
      if (localName(child) !== 'data') {
        if (domain !== 'graph' && !PARTS.includes(localName(child))) {
          this.#notes.tally('elements that a topology has no place for are left out', child.span, `<${child.name}>`);
        }
        continue;
      }
      const reference = child.attributes.get('key');
      const key = this.keys.get(reference?.value ?? '');
      if (!key) {
        const what = reference
          ? `there is no key ${reference.value}; declare it with <key>`
          : 'this has no key; add key="…"';
        this.#notes.fail(reference?.span ?? child.span, what);
      } else if (attributes.has(key.name)) {
        this.#notes.fail(child.span, `${key.name} is here a second time; remove one`);
      } else if (!key.isDrawing) {
        const { value, span } = child.text;
        add(key.name, value.trim(), span);
        for (const inner of child.children) {
          this.#notes.tally('elements within data are left out', inner.span, `<${inner.name}> of ${key.name}`);
        }
      }
    }
    this.#spend(this.#defaults.length, element.span);
    for (const { name, domain: own, otherwise } of this.#defaults) {
      const isOfThis = own === 'all' || own === domain;
      if (otherwise && isOfThis && !attributes.has(name)) add(name, otherwise.value.trim(), otherwise.span);
    }
    return attributes;
  }

  #spend(count: number, { start }: Span): void {
    this.#work += count;
    if (this.#work <= WORK_MAX) return;
    throw new WireError(
      'SYNTAX',
      start + 1,
      'the defaults of this file stand for far more than it says; write fewer of them',
    );
  }

  /** yEd's drawing: where a node is, and the text of a label. */
  #readDrawing(element: XmlElement, attributes: Attributes): string | undefined {
    const drawings = element.children.filter((child) => {
      return localName(child) === 'data' && this.keys.get(child.attributes.get('key')?.value ?? '')?.isDrawing;
    });
    let title: string | undefined;
    for (const part of drawings.flatMap(listDescendants)) {
      if (/^(Node|Edge)Label$/.test(localName(part)) && title === undefined && part.text.value.trim() !== '') {
        title = part.text.value.trim().replace(/\s+/g, ' ');
        if (!attributes.has('label')) attributes.set('label', textNode(title, part.text.span));
      } else if (localName(part) === 'Geometry' && localName(element) === 'node') {
        for (const axis of ['x', 'y']) {
          const value = part.attributes.get(axis);
          if (value && !attributes.has(axis)) attributes.set(axis, textNode(value.value, value.span));
        }
      }
    }
    return title;
  }
}

function listDescendants(element: XmlElement): XmlElement[] {
  const found = [element];
  // What is pushed while it runs is visited, too.
  for (const { children } of found) found.push(...children);
  return found;
}

function localName({ name }: XmlElement): string {
  return name.slice(name.indexOf(':') + 1);
}
