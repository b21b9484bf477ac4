/** The words of DOT (graphviz.org, "DOT Language"): ids in their four forms, and signs. Comments, and lines that start with #, are passed over. */
import { WireError } from '../../protocol/wire/wire-error.ts';
import { clip, show } from '../text-form.ts';
import type { Span } from './native-tree.ts';

export interface DotToken {
  /** A sign is its own type; a keyword is one only if it is not in quotes. */
  readonly type: 'id' | 'keyword' | 'sign' | 'end';
  /** Keywords in lower case. */
  readonly text: string;
  readonly span: Span;
}

const KEYWORDS = new Set(['strict', 'graph', 'digraph', 'node', 'edge', 'subgraph']);
const SPACE = /\s+/y;
const WORD = /[\p{L}_][\p{L}\p{M}\p{N}_]*|-?(?:\.\d+|\d+(?:\.\d*)?)/uy;
const SIGN = /--|->|[{}[\];,=:+]/y;

export class DotTokens {
  readonly #text: string;
  #at = 0;
  #next: DotToken;

  constructor(text: string) {
    this.#text = text;
    this.#next = this.#read();
  }

  peek(): DotToken {
    return this.#next;
  }

  take(): DotToken {
    const token = this.#next;
    this.#next = this.#read();
    // Pieces in quotes may be put together with +.
    if (token.type !== 'id') return token;
    let { text, span } = token;
    while (this.#next.type === 'sign' && this.#next.text === '+') {
      this.#next = this.#read();
      if (this.#next.type !== 'id') throw this.fail(this.#next, 'what + puts together is in quotes');
      text += this.#next.text;
      span = { start: span.start, end: this.#next.span.end };
      this.#next = this.#read();
    }
    return { type: 'id', text, span };
  }

  /** Whether this is what comes next; if so, it is taken. */
  takeIf(text: string): boolean {
    if (this.#next.type === 'id' || this.#next.text !== text) return false;
    this.#next = this.#read();
    return true;
  }

  fail(token: DotToken, expected: string): WireError {
    const found =
      token.type === 'end' ? 'the file ends here and may have been cut off' : `${show(token.text)} stands here`;
    return fail(token.span.start, `${expected}; ${found}`);
  }

  #read(): DotToken {
    this.#skipBlanks();
    const start = this.#at;
    if (start >= this.#text.length) return { type: 'end', text: '', span: { start, end: start } };
    const first = this.#text[start];
    if (first === '"') return this.#readQuoted(start);
    if (first === '<') return this.#readHtml(start);
    const sign = this.#match(SIGN)?.[0];
    if (sign !== undefined) return this.#token('sign', sign, start);
    const word = this.#match(WORD)?.[0];
    if (word === undefined)
      throw fail(start, `${show(first ?? '')} means nothing here; put names that have it in quotes`);
    const isKeyword = KEYWORDS.has(word.toLowerCase());
    return this.#token(isKeyword ? 'keyword' : 'id', isKeyword ? word.toLowerCase() : word, start);
  }

  /** In loops rather than one pattern each: a pattern that repeats a choice needs stack for every character of a large file. */
  #skipBlanks(): void {
    for (;;) {
      this.#match(SPACE);
      const at = this.#at;
      const isLineStart = at === 0 || this.#text[at - 1] === '\n';
      if (this.#text.startsWith('//', at) || (this.#text[at] === '#' && isLineStart)) {
        const end = this.#text.indexOf('\n', at);
        this.#at = end < 0 ? this.#text.length : end;
      } else if (this.#text.startsWith('/*', at)) {
        const end = this.#text.indexOf('*/', at + 2);
        if (end < 0) throw fail(at, 'this comment is not closed; end it with */');
        this.#at = end + 2;
      } else return;
    }
  }

  #readQuoted(start: number): DotToken {
    let end = start + 1;
    while (end < this.#text.length && this.#text[end] !== '"') end += this.#text[end] === '\\' ? 2 : 1;
    if (end >= this.#text.length) throw fail(start, 'this quote is not closed; the file may have been cut off');
    this.#at = end + 1;
    const raw = this.#text.slice(start + 1, end);
    // Only quotes and line ends are escaped: all other backslashes are for whoever draws the label.
    const text = raw.replace(/\\(?:(")|(\r?\n)|[\s\S])/g, (whole, quote, line) => quote ?? (line ? '' : whole));
    return this.#token('id', text, start);
  }

  /** Angle brackets that balance. */
  #readHtml(start: number): DotToken {
    let depth = 0;
    for (let at = start; at < this.#text.length; at++) {
      if (this.#text[at] === '<') depth++;
      else if (this.#text[at] === '>') depth--;
      if (depth > 0) continue;
      this.#at = at + 1;
      return this.#token('id', this.#text.slice(start + 1, at), start);
    }
    throw fail(start, `this < is not closed: ${clip(this.#text.slice(start))}`);
  }

  #token(type: DotToken['type'], text: string, start: number): DotToken {
    return { type, text, span: { start, end: this.#at } };
  }

  #match(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.#at;
    const match = pattern.exec(this.#text);
    if (match) this.#at += match[0].length;
    return match;
  }
}

function fail(at: number, reason: string): WireError {
  return new WireError('SYNTAX', at + 1, `this is not DOT that we read: ${reason}`);
}
