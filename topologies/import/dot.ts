/**
 * DOT, the language of Graphviz, as the graph that it means.
 *
 * Its rules are those of a program that runs from top to bottom: a node has the defaults that were in force where it was first named, an edge
 * between two subgraphs is one between each node of the one and each of the other, and in a strict graph an edge that is there already gets what is
 * said of it later. Small files can so stand for large graphs, and how large is bounded.
 */
import { WireError } from '../../protocol/wire/wire-error.ts';
import { DotTokens } from './dot-tokens.ts';
import { isOfDrawing } from './drawing-attributes.ts';
import type { Attributes, ForeignEdge, ForeignEnd, ForeignGraph, ForeignNode } from './foreign-graph.ts';
import type { ImportNotes } from './import-notes.ts';
import { type Span, textIn, textNode } from './native-tree.ts';

/** What a file may stand for: nodes and edges with their attributes. More than the largest file says by itself. */
const WORK_MAX = 500_000;

const DEPTH_MAX = 64;

const COMPASS = new Set(['n', 'ne', 'e', 'se', 's', 'sw', 'w', 'nw', 'c', '_']);

interface Scope {
  readonly node: Attributes;
  readonly edge: Attributes;
  readonly depth: number;
  /** The nodes that are named in it, and in what it holds. */
  readonly members: Map<string, ForeignEnd>;
}

/** Throws a `WireError` whose place is the index in the text, from 1. */
export function readDot(text: string, notes: ImportNotes): ForeignGraph {
  return new DotReader(text, notes).read();
}

class DotReader {
  readonly #tokens: DotTokens;
  readonly #notes: ImportNotes;
  readonly #attributes: Attributes = new Map();
  readonly #nodes = new Map<string, ForeignNode>();
  readonly #edges: ForeignEdge[] = [];
  readonly #strictEdges = new Map<string, ForeignEdge>();
  #isStrict = false;
  #isDirected = false;
  #work = 0;

  constructor(text: string, notes: ImportNotes) {
    this.#tokens = new DotTokens(text);
    this.#notes = notes;
  }

  read(): ForeignGraph {
    const { span } = this.#tokens.peek();
    this.#isStrict = this.#tokens.takeIf('strict');
    this.#isDirected = this.#tokens.takeIf('digraph');
    if (!this.#isDirected && !this.#tokens.takeIf('graph')) {
      throw this.#tokens.fail(this.#tokens.peek(), 'a graph starts with graph { or digraph {');
    }
    if (this.#tokens.peek().type === 'id') {
      const name = this.#tokens.take();
      this.#attributes.set('name', textNode(name.text, name.span));
    }
    this.#readBlock({ node: new Map(), edge: new Map(), depth: 0, members: new Map() });
    const rest = this.#tokens.peek();
    if (rest.type !== 'end') throw this.#tokens.fail(rest, 'a file has one graph');
    const nodes = [...this.#nodes.values()];
    return { span, isDirected: this.#isDirected, attributes: this.#attributes, nodes, edges: this.#edges };
  }

  #readBlock(scope: Scope): void {
    const open = this.#tokens.peek();
    if (scope.depth > DEPTH_MAX) throw this.#tokens.fail(open, `subgraphs are nested deeper than ${DEPTH_MAX}`);
    if (!this.#tokens.takeIf('{')) throw this.#tokens.fail(open, 'a graph is in braces');
    while (!this.#tokens.takeIf('}')) {
      this.#readStatement(scope);
      this.#tokens.takeIf(';');
    }
  }

  #readStatement(scope: Scope): void {
    const first = this.#tokens.peek();
    if (first.type === 'keyword' && first.text !== 'subgraph') {
      this.#readDefaults(scope);
      return;
    }
    if (first.type !== 'id' && first.text !== 'subgraph' && first.text !== '{') {
      throw this.#tokens.fail(
        first,
        'a node, an edge, a subgraph or an attribute is expected, and a graph ends with }',
      );
    }
    const isNode = first.type === 'id';
    if (isNode) {
      const id = this.#tokens.take();
      if (this.#tokens.takeIf('=')) {
        const value = this.#takeId('an attribute has a value');
        this.#setGraphAttribute(scope, id.text, textNode(value.text, value.span));
        return;
      }
      this.#readEdges(scope, first.span, [this.#readEnd(scope, id.text, id.span)], isNode);
    } else this.#readEdges(scope, first.span, this.#readSubgraph(scope), isNode);
  }

  /** What stands on the left is read already; a node or a subgraph alone is none. */
  #readEdges(scope: Scope, span: Span, first: readonly ForeignEnd[], isNode: boolean): void {
    const chain = [first];
    for (;;) {
      const sign = this.#tokens.peek();
      if (sign.type !== 'sign' || (sign.text !== '--' && sign.text !== '->')) break;
      if ((sign.text === '->') !== this.#isDirected) {
        throw this.#tokens.fail(sign, `edges of a ${this.#isDirected ? 'digraph are ->' : 'graph are --'}`);
      }
      this.#tokens.take();
      const next = this.#tokens.peek();
      if (next.type === 'id') {
        const id = this.#tokens.take();
        chain.push([this.#readEnd(scope, id.text, id.span)]);
      } else if (next.text === '{' || next.text === 'subgraph') chain.push(this.#readSubgraph(scope));
      else throw this.#tokens.fail(next, 'an edge leads to a node or a subgraph');
    }
    const attributes = this.#readAttributes();
    if (chain.length === 1) {
      if (isNode) for (const [key, value] of attributes) this.#nodes.get(first[0]!.node)!.attributes.set(key, value);
      return;
    }
    for (const [i, right] of chain.slice(1).entries()) {
      this.#spend(span, chain[i]!.length * right.length * (1 + scope.edge.size + attributes.size));
      for (const a of chain[i]!) for (const b of right) this.#addEdge(scope, span, a, b, attributes);
    }
  }

  #addEdge(scope: Scope, span: Span, a: ForeignEnd, b: ForeignEnd, own: Attributes): void {
    const key = this.#isDirected || a.node < b.node ? `${a.node}\n${b.node}` : `${b.node}\n${a.node}`;
    const known = this.#isStrict ? this.#strictEdges.get(key) : undefined;
    if (known) {
      for (const [name, value] of own) known.attributes.set(name, value);
      return;
    }
    const edge: ForeignEdge = { span, ends: [a, b], attributes: new Map([...scope.edge, ...own]) };
    this.#edges.push(edge);
    if (this.#isStrict) this.#strictEdges.set(key, edge);
  }

  #readEnd(scope: Scope, id: string, span: Span): ForeignEnd {
    if (!this.#nodes.has(id)) {
      this.#spend(span, 1 + scope.node.size);
      this.#nodes.set(id, { id, span, attributes: new Map(scope.node) });
    }
    const end = { node: id, span };
    scope.members.set(id, end);
    let port: ForeignEnd['port'];
    while (this.#tokens.takeIf(':')) {
      const word = this.#takeId('a port has a name');
      const digits = /^(?:port|eth|p)?(\d{1,10})$/i.exec(word.text)?.[1];
      if (digits !== undefined && !port) port = textNode(digits, word.span);
      else if (!COMPASS.has(word.text)) {
        this.#notes.tally('ports that are not numbers are numbered anew', word.span, `${id}:${word.text}`);
      }
    }
    return port ? { ...end, port } : end;
  }

  #readSubgraph(scope: Scope): readonly ForeignEnd[] {
    const { span } = this.#tokens.peek();
    if (this.#tokens.takeIf('subgraph') && this.#tokens.peek().type === 'id') this.#tokens.take();
    this.#spend(span, 1 + scope.node.size + scope.edge.size);
    const inner: Scope = {
      node: new Map(scope.node),
      edge: new Map(scope.edge),
      depth: scope.depth + 1,
      members: new Map(),
    };
    this.#readBlock(inner);
    this.#spend(span, inner.members.size);
    for (const [id, end] of inner.members) scope.members.set(id, end);
    return [...inner.members.values()];
  }

  #readDefaults(scope: Scope): void {
    const keyword = this.#tokens.take();
    if (keyword.text !== 'node' && keyword.text !== 'edge' && keyword.text !== 'graph') {
      throw this.#tokens.fail(keyword, 'a graph within a graph is a subgraph');
    }
    const next = this.#tokens.peek();
    if (next.text !== '[' || next.type !== 'sign')
      throw this.#tokens.fail(next, `${keyword.text} has attributes in brackets`);
    for (const [key, value] of this.#readAttributes()) {
      if (keyword.text === 'graph') this.#setGraphAttribute(scope, key, value);
      else scope[keyword.text].set(key, value);
    }
  }

  #setGraphAttribute({ depth }: Scope, key: string, value: ReturnType<typeof textNode>): void {
    if (depth === 0) this.#attributes.set(key, value);
    else if (key === 'label' || !isOfDrawing(key)) {
      const { range } = value;
      const sentence = 'attributes of subgraphs are left out';
      this.#notes.tally(sentence, { start: range[0], end: range[1] }, `${key} ${textIn(value)}`);
    }
  }

  #readAttributes(): Map<string, ReturnType<typeof textNode>> {
    const attributes = new Map<string, ReturnType<typeof textNode>>();
    while (this.#tokens.takeIf('[')) {
      while (!this.#tokens.takeIf(']')) {
        const key = this.#takeId('an attribute has a name, and a list of them ends with ]');
        // A name alone is true.
        const value = this.#tokens.takeIf('=')
          ? this.#takeId('an attribute has a value')
          : { text: 'true', span: key.span };
        if (value.text === '') attributes.delete(key.text);
        else attributes.set(key.text, textNode(value.text, value.span));
        if (!this.#tokens.takeIf(',')) this.#tokens.takeIf(';');
      }
    }
    return attributes;
  }

  #takeId(expected: string): { readonly text: string; readonly span: Span } {
    const token = this.#tokens.peek();
    if (token.type !== 'id') throw this.#tokens.fail(token, expected);
    return this.#tokens.take();
  }

  #spend({ start }: Span, count: number): void {
    this.#work += count;
    if (this.#work <= WORK_MAX) return;
    throw new WireError(
      'SYNTAX',
      start + 1,
      'this graph stands for far more than it says; write less by subgraphs and defaults',
    );
  }
}
