/**
 * XML 1.0 without document types, as a tree whose elements, attributes and texts know their places.
 *
 * Strict, because what is well-formed is easily said and what was meant by the rest is not; and small, because graphs need no more:
 * a document type is refused (with it go entities that multiply, and files that are fetched), names keep their prefixes, and comments and
 * processing instructions are passed over. It reads with a loop and a stack of its own, so depth costs memory only, and that is bounded, too.
 */
import { WireError } from '../../protocol/wire/wire-error.ts';
import { clip, show } from '../text-form.ts';
import type { Span } from './native-tree.ts';

export interface XmlElement {
  readonly name: string;
  readonly attributes: ReadonlyMap<string, XmlText>;
  readonly children: readonly XmlElement[];
  /** All of its own text, that of its children left out. */
  readonly text: XmlText;
  /** The start tag. */
  readonly span: Span;
}

export interface XmlText {
  readonly value: string;
  readonly span: Span;
}

/** Graphs within graphs within graphs. */
const DEPTH_MAX = 64;

const NAME = /[\p{L}_:][\p{L}\p{M}\p{N}._:\-·]*/uy;
const SPACE = /[ \t\r\n]*/y;
const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

interface OpenElement {
  readonly name: string;
  readonly attributes: ReadonlyMap<string, XmlText>;
  readonly children: XmlElement[];
  readonly span: Span;
  text: string;
  textSpan: Span | undefined;
}

/** The root. Throws a `WireError` whose place is the index in the text, from 1. */
export function parseXml(text: string): XmlElement {
  return new XmlReader(text).read();
}

class XmlReader {
  readonly #text: string;
  readonly #open: OpenElement[] = [];
  #at = 0;
  #root: XmlElement | undefined;

  constructor(text: string) {
    this.#text = text;
  }

  read(): XmlElement {
    while (this.#at < this.#text.length) {
      if (this.#text[this.#at] === '<') this.#readMarkup();
      else this.#readText();
    }
    const unclosed = this.#open.at(-1);
    if (unclosed)
      throw this.#fail(`<${clip(unclosed.name)}> is not closed; the file may have been cut off`, unclosed.span.start);
    if (!this.#root) throw this.#fail('there is no element here; a graph starts with <graphml>', 0);
    return this.#root;
  }

  #readMarkup(): void {
    const start = this.#at;
    const is = (prefix: string) => this.#text.startsWith(prefix, start);
    if (is('<!--')) this.#at = this.#find('-->', start + 4, 'this comment is not closed; end it with -->') + 3;
    else if (is('<![CDATA[')) this.#readCdata();
    else if (is('<?')) this.#at = this.#find('?>', start + 2, 'this instruction is not closed; end it with ?>') + 2;
    else if (is('<!'))
      throw this.#fail('document types are not read, for what they could make of a file; remove this', start);
    else if (is('</')) this.#readEndTag();
    else this.#readStartTag();
  }

  #readStartTag(): void {
    const start = this.#at;
    if (this.#root) throw this.#fail('a second element stands behind the root; a file has one', start);
    if (this.#open.length === DEPTH_MAX)
      throw this.#fail(`elements are nested deeper than ${DEPTH_MAX}; flatten them`, start);
    this.#at++;
    const name = this.#readName('the name of an element');
    const attributes = this.#readAttributes(start);
    const isEmpty = this.#text[this.#at] === '/';
    if (isEmpty) this.#at++;
    if (this.#text[this.#at] !== '>') throw this.#fail('a tag ends with > or />', this.#at);
    this.#at++;
    const span = { start, end: this.#at };
    this.#open.push({ name, attributes, children: [], span, text: '', textSpan: undefined });
    if (isEmpty) this.#close();
  }

  #readAttributes(tag: number): Map<string, XmlText> {
    const attributes = new Map<string, XmlText>();
    for (;;) {
      const hasSpace = this.#skipSpace();
      const next = this.#text[this.#at];
      if (next === '>' || next === '/') return attributes;
      if (next === undefined) throw this.#fail('this tag is not closed; the file may have been cut off', tag);
      if (!hasSpace) throw this.#fail('attributes are separated by spaces', this.#at);
      const start = this.#at;
      const name = this.#readName('the name of an attribute');
      if (attributes.has(name)) throw this.#fail(`attribute ${clip(name)} is here a second time; remove one`, start);
      this.#skipSpace();
      if (this.#text[this.#at] !== '=')
        throw this.#fail(`${clip(name)} has no value; write ${clip(name)}="…"`, this.#at);
      this.#at++;
      this.#skipSpace();
      attributes.set(name, this.#readQuoted());
    }
  }

  #readQuoted(): XmlText {
    const quote = this.#text[this.#at];
    if (quote !== '"' && quote !== "'") throw this.#fail('the value of an attribute is in quotes', this.#at);
    const start = this.#at + 1;
    const end = this.#find(quote, start, 'this quote is not closed');
    const bad = this.#text.slice(start, end).indexOf('<');
    if (bad >= 0)
      throw this.#fail('a < in the value of an attribute is written &lt;, or a quote is missing', start + bad);
    this.#at = end + 1;
    return { value: this.#unescape(start, end), span: { start, end } };
  }

  #readEndTag(): void {
    const start = this.#at;
    this.#at += 2;
    const name = this.#readName('the name of an element');
    this.#skipSpace();
    if (this.#text[this.#at] !== '>') throw this.#fail('a tag ends with >', this.#at);
    this.#at++;
    const open = this.#open.at(-1);
    if (!open) throw this.#fail(`</${clip(name)}> closes nothing; remove it`, start);
    if (open.name !== name) throw this.#fail(`</${clip(name)}> stands where </${clip(open.name)}> should`, start);
    this.#close();
  }

  #close(): void {
    const { name, attributes, children, span, text, textSpan } = this.#open.pop()!;
    const element: XmlElement = {
      name,
      attributes,
      children,
      span,
      text: { value: text, span: textSpan ?? span },
    };
    const parent = this.#open.at(-1);
    if (parent) parent.children.push(element);
    else this.#root = element;
  }

  #readCdata(): void {
    const start = this.#at + 9;
    const end = this.#find(']]>', start, 'this CDATA section is not closed; end it with ]]>');
    this.#addText(this.#text.slice(start, end), { start, end });
    this.#at = end + 3;
  }

  #readText(): void {
    const start = this.#at;
    const next = this.#text.indexOf('<', start);
    const end = next < 0 ? this.#text.length : next;
    this.#addText(this.#unescape(start, end), { start, end });
    this.#at = end;
  }

  #addText(value: string, span: Span): void {
    const open = this.#open.at(-1);
    const first = value.search(/[^ \t\r\n]/);
    if (open) {
      open.text += value;
      if (first >= 0) open.textSpan ??= { start: span.start + first, end: span.end };
    } else if (first >= 0) throw this.#fail('text stands outside of any element; remove it', span.start + first);
  }

  #unescape(start: number, end: number): string {
    const raw = this.#text.slice(start, end);
    if (!raw.includes('&')) return raw;
    return raw.replace(/&([^;&\s]{0,12};)?/g, (_whole, body: string | undefined, index: number) => {
      const character = body === undefined ? undefined : resolveEntity(body.slice(0, -1));
      if (character !== undefined) return character;
      const reason =
        body === undefined
          ? 'an & is written &amp;'
          : `there is no entity ${show(`&${body}`)}; there are ${Object.keys(ENTITIES).join(', ')}`;
      throw this.#fail(reason, start + index);
    });
  }

  #readName(what: string): string {
    NAME.lastIndex = this.#at;
    const name = NAME.exec(this.#text)?.[0];
    if (name === undefined) throw this.#fail(`${what} is missing here; a < of text is written &lt;`, this.#at);
    this.#at += name.length;
    return name;
  }

  #skipSpace(): boolean {
    SPACE.lastIndex = this.#at;
    const length = SPACE.exec(this.#text)![0].length;
    this.#at += length;
    return length > 0;
  }

  #find(what: string, from: number, otherwise: string): number {
    const at = this.#text.indexOf(what, from);
    if (at < 0) throw this.#fail(otherwise, this.#at);
    return at;
  }

  #fail(reason: string, at: number): WireError {
    return new WireError('SYNTAX', Math.min(at, this.#text.length) + 1, `this is not XML that we read: ${reason}`);
  }
}

/** XML 1.0, section 4.1, and the characters of section 2.2. */
function resolveEntity(name: string): string | undefined {
  if (Object.hasOwn(ENTITIES, name)) return ENTITIES[name];
  const [, hex, decimal] = /^#(?:x([0-9a-fA-F]{1,6})|([0-9]{1,7}))$/.exec(name) ?? [];
  if (hex === undefined && decimal === undefined) return undefined;
  const code = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16);
  const isCharacter =
    code === 9 ||
    code === 10 ||
    code === 13 ||
    (code >= 0x20 && code <= 0xd7ff) ||
    (code >= 0xe000 && code <= 0x10ffff);
  return isCharacter && code !== 0xfffe && code !== 0xffff ? String.fromCodePoint(code) : undefined;
}
