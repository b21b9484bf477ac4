/**
 * Pieces of a native topology file, made of what stands in a foreign one: nodes of a YAML tree that have the keys of the native format and
 * the places of the foreign text.
 *
 * So one reader, one set of checks and one way to say what is wrong serve all formats, and a key that the native format learns is learnt
 * by all of them.
 */
import { isScalar, Pair, type ParsedNode, Scalar, YAMLMap, YAMLSeq } from 'yaml';

/** Where something stands in the text of a file. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

export type Entry = readonly [key: string, value: ParsedNode | undefined];

export function spanOf({ range: [start, end] }: ParsedNode): Span {
  return { start, end };
}

export function textNode(text: string, span: Span): Scalar.Parsed {
  return place(text, span, text);
}

/** A number as it is written. */
export function numberNode(source: string, span: Span): Scalar.Parsed {
  return place(Number(source), span, source);
}

export function listNode(items: readonly ParsedNode[], span: Span): YAMLSeq.Parsed {
  const list = new YAMLSeq<ParsedNode>();
  list.items = [...items];
  return Object.assign(list, { range: toRange(span) }) as YAMLSeq.Parsed;
}

/** Keys stand where their values stand, unless something better is known of them; those without a value are left out. */
export function mapNode(entries: Iterable<Entry>, span: Span): YAMLMap.Parsed {
  const pairs: Pair<ParsedNode, ParsedNode | null>[] = [];
  for (const [key, value] of entries) if (value) pairs.push(pairOf(textNode(key, spanOf(value)), value));
  return mapOfPairs(pairs, span);
}

export function pairOf(key: ParsedNode, value: ParsedNode): Pair<ParsedNode, ParsedNode | null> {
  return new Pair<ParsedNode, ParsedNode | null>(key, value);
}

export function mapOfPairs(pairs: readonly Pair<ParsedNode, ParsedNode | null>[], span: Span): YAMLMap.Parsed {
  const map = new YAMLMap<ParsedNode, ParsedNode | null>();
  map.items = [...pairs];
  return Object.assign(map, { range: toRange(span) }) as YAMLMap.Parsed;
}

/** The text of a scalar, as it is written if it is not one; undefined for lists and mappings, and for nothing. */
export function textIn(node: ParsedNode | undefined): string | undefined {
  if (!node || !isScalar(node) || node.value === null) return undefined;
  return typeof node.value === 'string' ? node.value : node.source;
}

/** A scalar of any other kind. */
export function place(value: unknown, span: Span, source: string): Scalar.Parsed {
  return Object.assign(new Scalar(value), { range: toRange(span), source }) as Scalar.Parsed;
}

function toRange({ start, end }: Span): [number, number, number] {
  return [start, end, end];
}
