/**
 * Text cut into names and values, every piece with the column where it stands: the reader under all forms of `ovs-ofctl`.
 *
 * ovs-ofctl(8) writes everything as `name`, `name=value`, `name:value` or `name(value)`, separated by commas or white space, and
 * lets parentheses hold more of the same. So there is no grammar to compile: a cursor hands out a name, then on demand its value,
 * and whoever knows what the name means decides whether the value is a number or text to scan again. Columns count UTF-16 units
 * from 1 in the whole text, also within parentheses, and a mistake is told at the column of the piece that is wrong.
 */
import { WireError } from '../../wire-error.ts';

export interface Token {
  readonly text: string;
  /** The column of its first character. */
  readonly at: number;
}

export function toToken(text: string): Token {
  return { text, at: 1 };
}

/** What a user's text is refused with; `reason` says how to mend it. */
export function fail(at: number, reason: string): never {
  throw new WireError('SYNTAX', at, reason);
}

const EXCERPT_LENGTH_MAX = 40;

/** A piece of the user's text to show in a reason, cut where it would drown it. */
export function excerpt(text: string): string {
  if (text === '') return 'empty';
  return text.length > EXCERPT_LENGTH_MAX ? `${text.slice(0, EXCERPT_LENGTH_MAX)}…` : text;
}

/** Nothing that ovs-ofctl writes nests deeper than three; whoever goes deeper is not writing a rule. */
const NESTING_MAX = 16;

const SEPARATORS = ', \t\r\n';
const NAME_ENDS = `${SEPARATORS}:=()`;

export class Scanner {
  readonly #text: string;
  readonly #firstColumn: number;
  #index = 0;

  constructor(source: Token) {
    this.#text = source.text;
    this.#firstColumn = source.at;
  }

  /** The column of what comes next. */
  get at(): number {
    return this.#firstColumn + this.#index;
  }

  /** Passes over separators and tells whether anything follows. */
  hasMore(): boolean {
    this.#skip(SEPARATORS);
    return this.#index < this.#text.length;
  }

  /** Call after `hasMore`. */
  readName(): Token {
    const { at } = this;
    const start = this.#index;
    while (this.#index < this.#text.length && !NAME_ENDS.includes(this.#text[this.#index]!)) this.#index++;
    if (this.#index > start) return { text: this.#text.slice(start, this.#index), at };
    if (this.#text[start] === ')') fail(at, 'no parenthesis is open that this one could close');
    fail(at, `a name must stand right before ${this.#text[start]}`);
  }

  /** The value of the name just read, without its `=`, `:` or parentheses; undefined when the name stands alone. */
  readValue(): Token | undefined {
    const opener = this.#text[this.#index];
    if (opener === undefined || SEPARATORS.includes(opener)) return undefined;
    if (opener === ')') fail(this.at, 'no parenthesis is open that this one could close');
    return opener === '(' ? this.#readCall() : this.#readAssigned();
  }

  /** All that is left after `=`, for a name whose value is the rest of the line; white space may stand before it. */
  readRest(name: Token): Token {
    this.#skip(' \t\r\n');
    if (this.#text[this.#index] !== '=') fail(this.at, `${name.text} needs a value, ${name.text}=…`);
    this.#index++;
    const rest = { text: this.#text.slice(this.#index), at: this.at };
    this.#index = this.#text.length;
    return rest;
  }

  /** Passes over the `=` or `:` after a name whose value is more of what is being scanned, as in `bucket=actions=output:1`. */
  skipAssignment(): void {
    if (this.#text[this.#index] === '=' || this.#text[this.#index] === ':') this.#index++;
  }

  #skip(characters: string): void {
    while (this.#index < this.#text.length && characters.includes(this.#text[this.#index]!)) this.#index++;
  }

  #readAssigned(): Token {
    this.#index++;
    const { at } = this;
    const start = this.#index;
    while (this.#index < this.#text.length && !SEPARATORS.includes(this.#text[this.#index]!)) {
      if (this.#text[this.#index] === ')') fail(this.at, 'no parenthesis is open that this one could close');
      if (this.#text[this.#index] === '(') this.#skipParentheses();
      else this.#index++;
    }
    return { text: this.#text.slice(start, this.#index), at };
  }

  #readCall(): Token {
    const start = this.#index;
    const { at } = this;
    this.#skipParentheses();
    const next = this.#text[this.#index];
    if (next !== undefined && !SEPARATORS.includes(next)) fail(this.at, 'a comma is missing after the parenthesis');
    return { text: this.#text.slice(start + 1, this.#index - 1), at: at + 1 };
  }

  #skipParentheses(): void {
    const { at } = this;
    let depth = 0;
    do {
      const character = this.#text[this.#index];
      if (character === undefined) fail(at, 'this parenthesis is never closed');
      if (character === '(' && ++depth > NESTING_MAX) fail(this.at, `parentheses nest deeper than ${NESTING_MAX}`);
      if (character === ')') depth--;
      this.#index++;
    } while (depth > 0);
  }
}
