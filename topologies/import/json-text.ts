/**
 * JSON (RFC 8259) as the tree that the YAML reader reads, every node with its place.
 *
 * JSON is YAML, and the parser of YAML would do, but needs ten times as long, and graphs in JSON are written by programs, which write large
 * ones. `NaN` and the infinities, which Python writes, are taken for words.
 */
import type { Pair, ParsedNode } from 'yaml';
import { WireError } from '../../protocol/wire/wire-error.ts';
import { show } from '../text-form.ts';
import { listNode, mapOfPairs, numberNode, pairOf, place, type Span, textNode } from './native-tree.ts';

/** Deeper than any format, and far from where our stack ends. */
const DEPTH_MAX = 100;

const SPACE = /[ \t\r\n]*/y;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const WORD = /-?[A-Za-z]+/y;
const WORDS: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  ['true', true],
  ['false', false],
  ['null', null],
  ['NaN', 'NaN'],
  ['Infinity', 'Infinity'],
  ['-Infinity', '-Infinity'],
]);

/** Throws a `WireError` whose place is the index in the text, from 1. */
export function parseJson(text: string): ParsedNode {
  return new JsonReader(text).read();
}

class JsonReader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  read(): ParsedNode {
    const root = this.#readValue(0);
    this.#skipSpace();
    if (this.#at < this.#text.length) throw this.#fail('something stands behind the end; remove it');
    return root;
  }

  #readValue(depth: number): ParsedNode {
    this.#skipSpace();
    const start = this.#at;
    if (depth > DEPTH_MAX) throw this.#fail('brackets are nested too deeply here; no format that we read is so deep');
    switch (this.#text[start]) {
      case '{':
        return this.#readObject(depth);
      case '[':
        return this.#readArray(depth);
      case '"':
        return this.#readString();
      case undefined:
        throw this.#fail('the file ends here, and may have been cut off');
    }
    const digits = this.#match(NUMBER);
    if (digits !== '') return numberNode(digits, this.#spanFrom(start));
    const word = this.#match(WORD);
    if (WORDS.has(word)) return place(WORDS.get(word), this.#spanFrom(start), word);
    this.#at = start;
    throw this.#fail('a value is expected; texts are in double quotes');
  }

  #readObject(depth: number): ParsedNode {
    const start = this.#at;
    const pairs: Pair<ParsedNode, ParsedNode | null>[] = [];
    this.#at++;
    while (!this.#isClosed('}', pairs.length > 0)) {
      if (this.#text[this.#at] !== '"') throw this.#fail('a key in double quotes is expected');
      const key = this.#readString();
      this.#skipSpace();
      if (this.#text[this.#at] !== ':') throw this.#fail('a colon is expected behind a key');
      this.#at++;
      pairs.push(pairOf(key, this.#readValue(depth + 1)));
    }
    return mapOfPairs(pairs, this.#spanFrom(start));
  }

  #readArray(depth: number): ParsedNode {
    const start = this.#at;
    const items: ParsedNode[] = [];
    this.#at++;
    while (!this.#isClosed(']', items.length > 0)) items.push(this.#readValue(depth + 1));
    return listNode(items, this.#spanFrom(start));
  }

  /** Stands before the next item otherwise, behind the comma that must be there. */
  #isClosed(bracket: string, hasItems: boolean): boolean {
    this.#skipSpace();
    if (this.#text[this.#at] === bracket) {
      this.#at++;
      return true;
    }
    if (hasItems) {
      if (this.#text[this.#at] !== ',') throw this.#fail(`a comma or ${bracket} is expected`);
      this.#at++;
      this.#skipSpace();
    }
    return false;
  }

  #readString(): ParsedNode {
    const start = this.#at;
    let end = start + 1;
    while (end < this.#text.length && this.#text[end] !== '"') end += this.#text[end] === '\\' ? 2 : 1;
    if (end >= this.#text.length) throw this.#fail('this quote is not closed; the file may have been cut off');
    const raw = this.#text.slice(start + 1, end);
    const bad = findControl(raw);
    this.#at = start + 1 + Math.max(0, bad);
    if (bad >= 0) throw this.#fail('a text stands on one line; a quote may be missing');
    const text = raw.includes('\\') ? this.#unescape(raw) : raw;
    this.#at = end + 1;
    return textNode(text, this.#spanFrom(start));
  }

  #unescape(raw: string): string {
    const start = this.#at;
    return raw.replace(/\\(?:u([0-9a-fA-F]{4})|(["\\/bfnrt])|[\s\S])/g, (whole, hex, letter, index: number) => {
      if (hex !== undefined) return String.fromCharCode(Number.parseInt(hex, 16));
      if (letter !== undefined) return JSON.parse(`"${whole}"`);
      this.#at = start + index;
      throw this.#fail(`there is no escape ${show(whole)}; a backslash is written \\\\`);
    });
  }

  #skipSpace(): void {
    this.#match(SPACE);
  }

  #match(pattern: RegExp): string {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0] ?? '';
    this.#at += found.length;
    return found;
  }

  #spanFrom(start: number): Span {
    return { start, end: this.#at };
  }

  #fail(reason: string): WireError {
    return new WireError('SYNTAX', Math.min(this.#at, this.#text.length) + 1, `this is not JSON: ${reason}`);
  }
}

/** The characters that a text in JSON cannot have (section 7); below 0 if there are none. */
function findControl(text: string): number {
  for (let at = 0; at < text.length; at++) if (text.charCodeAt(at) < 0x20) return at;
  return -1;
}
