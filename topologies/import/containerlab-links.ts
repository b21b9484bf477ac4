/**
 * The links of a containerlab file: short (`endpoints: ["a:eth1", "b:eth1"]`) and extended (`type: veth`, and those that lead outside).
 *
 * The number at the end of an interface's name is its port (`eth1`, `e1-1`, `ethernet-1/1`), unless that is taken or none. What leads to the
 * machine itself, to another network or through a tunnel ends at a bare port here: the link is up, and nothing answers.
 */
import { isMap, isSeq, type ParsedNode } from 'yaml';
import { toNativeValue } from './attribute-value.ts';
import type { ForeignNames } from './foreign-names.ts';
import { type Fields, type ForeignTree, isNothing } from './foreign-tree.ts';
import type { ImportNotes } from './import-notes.ts';
import { LINK_KEYS } from './native-keys.ts';
import { type Entry, listNode, mapNode, type Span, spanOf, textIn, textNode } from './native-tree.ts';

/** Names before the colon that are no nodes of the file. */
const PSEUDO_NODES = ['host', 'mgmt-net', 'macvlan', 'vxlan', 'vxlan-stitch', 'dummy'];

const LINK_FIELDS = ['type', 'endpoints', 'endpoint', 'vars', 'labels', 'mtu', 'ipv4', 'ipv6'];
const ENDPOINT_FIELDS = ['node', 'interface', 'mac', 'ipv4', 'ipv6', 'vars'];

interface Named {
  readonly name: string;
  readonly isSwitch: boolean;
}

interface Endpoint {
  readonly node: string;
  readonly interface: string;
  readonly span: Span;
}

export class CableReader {
  readonly #nodes: ReadonlyMap<string, Named>;
  readonly #names: ForeignNames;
  readonly #tree: ForeignTree;
  readonly #notes: ImportNotes;
  readonly #interfaces = new Set<string>();
  readonly #ports = new Set<string>();
  readonly #entries = new Map<string, Entry[]>();
  /** The bare ports at which links to the outside end. */
  readonly outside: Entry[] = [];

  constructor(nodes: ReadonlyMap<string, Named>, names: ForeignNames, tree: ForeignTree, notes: ImportNotes) {
    this.#nodes = nodes;
    this.#names = names;
    this.#tree = tree;
    this.#notes = notes;
  }

  /** What links say of a node: its addresses. */
  entriesOf(node: string): readonly Entry[] {
    return this.#entries.get(node) ?? [];
  }

  readLink(item: ParsedNode): ParsedNode[] {
    const fields = this.#tree.fieldsOf(item, 'a link');
    const span = spanOf(item);
    const endpoints = this.#readEndpoints(fields, span);
    if (!endpoints) return [];
    const described = endpoints.map((end) => `${end.node}:${end.interface}`).join(' to ');
    const inside = endpoints.filter(({ node }) => !this.#isOutside(node));
    const [first, second] = inside;
    if (!first) {
      this.#notes.tally('links without a node of this file are left out', span, described);
      return [];
    }
    this.#readAddresses(fields, endpoints);
    const ends = [this.#endOf(first), second ? this.#endOf(second) : this.#addOutside(first, described)];
    const entries: Entry[] = [['ends', listNode(ends, span)]];
    for (const key of ['labels', 'vars']) {
      for (const [name, value] of this.#tree.fieldsOf(fields.get(key), key)) {
        const shape = name === 'ends' ? undefined : LINK_KEYS.get(name);
        if (!shape) this.#notes.tally(`${key} of links that are no keys of ours are left out`, spanOf(value), name);
        else if (!entries.some(([other]) => other === name))
          entries.push([name, toNativeValue(shape, value, this.#notes)]);
        else this.#notes.tally('said twice: labels count before vars', spanOf(value), `${name} of ${described}`);
      }
    }
    this.#readOthers(fields, described, entries);
    return [mapNode(entries, span)];
  }

  #readOthers(fields: Fields, described: string, entries: Entry[]): void {
    const mtu = fields.get('mtu');
    const shape = LINK_KEYS.get('mtu');
    if (mtu && shape) entries.push(['mtu', toNativeValue(shape, mtu, this.#notes)]);
    for (const [key, value] of fields) {
      if (isNothing(value) || (LINK_FIELDS.includes(key) && (key !== 'mtu' || shape))) continue;
      this.#notes.tally(`${key} of a link means nothing here and is left out`, spanOf(value), described);
    }
  }

  #readEndpoints(fields: Fields, span: Span): readonly Endpoint[] | undefined {
    const type = textIn(fields.get('type')) ?? 'veth';
    const one = fields.get('endpoint');
    const nodes = one ? [one] : this.#tree.itemsOf(fields.get('endpoints'), 'endpoints');
    const endpoints = nodes.map((node) => this.#readEndpoint(node));
    const [a, b] = endpoints;
    if (a && b && endpoints.length === 2) return [a, b];
    const isOne = type !== 'veth' && type !== 'veth-stitch' && endpoints.length === 1;
    if (a && isOne)
      return [
        a,
        {
          node: PSEUDO_NODES.includes(type) ? type : 'host',
          interface: textIn(fields.get('host-interface')) ?? type,
          span,
        },
      ];
    if (!endpoints.includes(undefined)) {
      this.#notes.fail(
        span,
        `a link of type ${type} needs endpoints such as ["n1:eth1", "n2:eth1"]; there are ${endpoints.length} here`,
      );
    }
    return undefined;
  }

  #readEndpoint(node: ParsedNode): Endpoint | undefined {
    const span = spanOf(node);
    if (isMap(node)) {
      const fields = this.#tree.fieldsOf(node, 'an endpoint');
      const name = this.#tree.textOf(fields.get('node'), 'node');
      if (name === undefined) {
        this.#notes.fail(span, 'this endpoint has no node; add "node: n1", say');
        return undefined;
      }
      for (const key of ['mac', 'ipv4', 'ipv6'] as const) this.#addAddress(name, key, fields.get(key));
      for (const [key, value] of fields) {
        if (!ENDPOINT_FIELDS.includes(key) || key === 'vars') {
          this.#notes.tally(`${key} of an endpoint means nothing here and is left out`, spanOf(value), name);
        }
      }
      const at = fields.get('interface') ?? fields.get('node')!;
      return { node: name, interface: this.#tree.textOf(fields.get('interface'), 'interface') ?? '', span: spanOf(at) };
    }
    const [, name, port] = /^([^:]+):(.+)$/.exec(textIn(node) ?? '') ?? [];
    if (name !== undefined) return { node: name, interface: port!, span };
    this.#notes.fail(span, 'an endpoint is a node and its interface, such as "n1:eth1"');
    return undefined;
  }

  /** In the order of the endpoints. */
  #readAddresses(fields: Fields, endpoints: readonly Endpoint[]): void {
    for (const key of ['ipv4', 'ipv6'] as const) {
      const list = fields.get(key);
      const items = list && isSeq(list) ? this.#tree.itemsOf(list, key) : [];
      if (list && !isSeq(list))
        this.#notes.fail(spanOf(list), `${key} of a link is a list of addresses, one for each endpoint`);
      for (const [i, item] of items.entries()) {
        const end = endpoints[i];
        if (end && !this.#isOutside(end.node)) this.#addAddress(end.node, key, item);
        else if (textIn(item)) this.#notes.tally('addresses of nobody are left out', spanOf(item), textIn(item)!);
      }
    }
  }

  #addAddress(node: string, key: 'mac' | 'ipv4' | 'ipv6', value: ParsedNode | undefined): void {
    const text = this.#tree.textOf(value, key);
    if (!value || text === undefined || text === '') return;
    if (key === 'ipv6') {
      this.#notes.tally('IPv6 addresses of links are left out', spanOf(value), `${text} of ${node}`);
      return;
    }
    const entry: Entry = [key === 'mac' ? 'mac' : 'ip', textNode(text, spanOf(value))];
    const known = this.#entries.get(node);
    if (known) known.push(entry);
    else this.#entries.set(node, [entry]);
  }

  #endOf({ node, interface: name, span }: Endpoint): ParsedNode {
    const known = this.#nodes.get(node);
    const own = known?.name ?? node;
    const key = `${node}:${name}`;
    if (name !== '' && this.#interfaces.has(key))
      this.#notes.fail(span, `${key} has a link already; take another interface`);
    this.#interfaces.add(key);
    const digits = /(\d{1,9})$/.exec(name)?.[1];
    const port = digits === undefined ? undefined : Number(digits);
    const isFree = port !== undefined && !(known?.isSwitch && port === 0) && !this.#ports.has(`${own}:${port}`);
    if (isFree) {
      this.#ports.add(`${own}:${port}`);
      return textNode(`${own}:${port}`, span);
    }
    this.#notes.tally('no number of their own at the end of their names, so numbered anew', span, key);
    return textNode(own, span);
  }

  #addOutside({ node, interface: name, span }: Endpoint, described: string): ParsedNode {
    const port = this.#names.invent(`${node}-${name}`);
    this.#notes.tally('links to the outside of the lab end at a bare port', span, described);
    this.outside.push([port, mapNode([['kind', textNode('port', span)]], span)]);
    return textNode(port, span);
  }

  #isOutside(node: string): boolean {
    return PSEUDO_NODES.includes(node) && !this.#nodes.has(node);
  }
}
