/**
 * A document as a graph of flat attributes: what GraphML, DOT and graphology's JSON hold, before any of their syntax.
 *
 * Attributes have the keys of the native file and its texts with units; what is nested there is compact JSON text here. A node says what
 * it is by `type`, a bare port being a host of that kind; an edge has the ports of its source as `aPort`, of its target as
 * `bPort`. Servers are nodes without edges. All numbers are written in (`filled-document.ts` says why), and what holds for a link stands at its edge.
 */
import type { TopologyDocument } from '../document.ts';
import { fillDocument } from './filled-document.ts';
import {
  isNativeList,
  isNativeMap,
  isNativeRecord,
  type Native,
  type NativeRecord,
  toNativeTree,
} from './native-tree.ts';

export type Scalar = string | number | boolean;

export interface FlatGraph {
  readonly attributes: Attributes;
  readonly nodes: readonly FlatNode[];
  readonly edges: readonly FlatEdge[];
}

/** Keys are those of the format, so their order in a record is the one they were put in. */
export type Attributes = Readonly<Record<string, Scalar>>;

export interface FlatNode {
  readonly key: string;
  readonly attributes: Attributes;
}

export interface FlatEdge {
  /** As the model calls the link. */
  readonly key: string;
  readonly source: string;
  readonly target: string;
  readonly attributes: Attributes;
}

/** By the section of the file that a node is from. */
const TYPES = { switches: 'switch', hosts: 'host', nodes: 'server' } as const;

/** By which a file says what it is; a graph says it by `format`. */
const HEAD = new Set(['apiVersion', 'kind', 'switches', 'hosts', 'nodes', 'links']);

export function toFlatGraph(document: TopologyDocument): FlatGraph {
  const filled = fillDocument(document);
  const tree = toNativeTree(filled);
  const graph = Object.entries(tree).filter(([key]) => !HEAD.has(key));
  const nodes = Object.entries(TYPES).flatMap(([section, type]) => {
    const entries = tree[section];
    if (!isNativeMap(entries)) return [];
    return [...entries].map(([key, entry]) => ({ key, attributes: { type, ...flatten(entry) } }));
  });
  const links = tree.links;
  return {
    attributes: { format: filled.apiVersion, ...flatten(Object.fromEntries(graph)) },
    nodes,
    edges: isNativeList(links) ? links.map((link, i) => toEdge(filled, i, link)) : [],
  };
}

function toEdge({ links }: TopologyDocument, i: number, link: Native): FlatEdge {
  const { ends, name } = links[i]!;
  const [a, b] = ends;
  const { ends: _, ...properties } = isNativeRecord(link) ? link : { ends: link };
  return {
    key: name ?? `${a.node}:${a.port}-${b.node}:${b.port}`,
    source: a.node,
    target: b.node,
    attributes: { aPort: a.port!, bPort: b.port!, ...flatten(properties) },
  };
}

function flatten(record: Native): Attributes {
  if (!isNativeRecord(record)) return {};
  const pairs = Object.entries(record as NativeRecord);
  return Object.fromEntries(
    pairs.map(([key, value]) => [key, typeof value === 'object' ? formatCompact(value) : value]),
  );
}

/**
 * JSON that any of the formats can hold: quotes and backslashes within texts are \u escapes, because DOT cannot say a backslash before a
 * quote, and so is what XML has no characters for.
 */
function formatCompact(value: Native): string {
  if (typeof value === 'string') return formatString(value);
  if (typeof value !== 'object') return String(value);
  if (isNativeList(value)) return `[${value.map(formatCompact).join(',')}]`;
  const entries: readonly (readonly [string, Native])[] = isNativeMap(value) ? [...value] : Object.entries(value);
  return `{${entries.map(([key, item]) => `${formatString(key)}:${formatCompact(item)}`).join(',')}}`;
}

function formatString(text: string): string {
  return `"${text.replace(/["\\\p{Cc}\p{Cs}\p{Zl}\p{Zp}\ufeff\ufffe\uffff]/gu, toEscape)}"`;
}

function toEscape(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
