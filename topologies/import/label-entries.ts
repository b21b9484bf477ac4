/** What a foreign file says of a thing and we have no key for, kept as labels of it, where it is one line of text under a name. */
import { isMap, type ParsedNode } from 'yaml';
import { WireError } from '../../protocol/wire/wire-error.ts';
import { LINE } from '../text-form.ts';
import { toName } from './foreign-names.ts';
import type { ImportNotes } from './import-notes.ts';
import { type Entry, mapOfPairs, pairOf, type Span, spanOf, textIn, textNode } from './native-tree.ts';

export type Labels = Map<string, ParsedNode>;

/** The entries with those labels added that are not among them; what cannot be a label is told. */
export function addLabels(
  entries: readonly Entry[],
  labels: Labels,
  span: Span,
  owner: string,
  notes: ImportNotes,
): Entry[] {
  if (labels.size === 0) return [...entries];
  const own = entries.find(([key]) => key === 'labels')?.[1];
  // What is no mapping is for the native reader to refuse.
  if (own && !isMap(own)) return [...entries];
  const pairs = isMap<ParsedNode, ParsedNode | null>(own) ? [...own.items] : [];
  const known = new Set(pairs.map(({ key }) => textIn(key)));
  for (const [key, value] of labels) {
    const text = textIn(value);
    const name = toName(key);
    if (text === undefined || name === undefined || known.has(name) || !isLine(text)) {
      notes.tally(`attribute ${key} is no line of text that could be a label, and is left out`, spanOf(value), owner);
      continue;
    }
    known.add(name);
    pairs.push(pairOf(textNode(name, spanOf(value)), textNode(text, spanOf(value))));
  }
  const others = entries.filter(([key]) => key !== 'labels');
  return pairs.length === 0 ? [...entries] : [...others, ['labels', mapOfPairs(pairs, own ? spanOf(own) : span)]];
}

function isLine(text: string): boolean {
  try {
    LINE.parse(text);
    return true;
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    return false;
  }
}
