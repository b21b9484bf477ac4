/**
 * Numbers as ovs-ofctl(8) writes them: decimal, or hexadecimal after `0x`.
 *
 * C's third form is refused: ovs-ofctl takes `010` for eight in most places and for ten in some, and a rule that means two
 * things is worse than one that is sent back.
 */
import { excerpt, fail, type Token } from './scanner.ts';

/** 2^128 has 39 digits. */
const DIGITS_MAX = 40;

/** Undefined when the text is not a number. */
export function parseInteger(text: string): bigint | undefined {
  const isNumber = /^(0|[1-9]\d*|0[xX][\da-fA-F]+)$/.test(text);
  return isNumber && text.length <= DIGITS_MAX ? BigInt(text) : undefined;
}

/** Reads an unsigned number of at most 48 bits; `what` names it in the reason. */
export function readUint(token: Token, what: string, max: number): number {
  const number = parseInteger(token.text);
  if (number === undefined) fail(token.at, explainNumber(token.text, what));
  if (number > BigInt(max)) fail(token.at, `${what} is at most ${max}, not ${excerpt(token.text)}`);
  return Number(number);
}

export function readUint64(token: Token, what: string): bigint {
  const number = parseInteger(token.text);
  if (number === undefined) fail(token.at, explainNumber(token.text, what));
  if (number >> 64n !== 0n) fail(token.at, `${what} has at most 64 bits`);
  return number;
}

/** `-1` is how ovs-ofctl(8) writes a mask of ones. */
export function readMask64(token: Token, what: string): bigint {
  return token.text === '-1' ? 0xffff_ffff_ffff_ffffn : readUint64(token, what);
}

export function explainNumber(text: string, what: string): string {
  if (text === '') return `${what} needs a number`;
  if (/^0\d+$/.test(text)) return `${what} begins with 0, which is octal to some: write it without, or after 0x`;
  return `${what} is a number such as 10 or 0xa, not ${excerpt(text)}`;
}

/** As C's `%#x`: zero has no prefix. */
export function formatHexNumber(value: number | bigint): string {
  return Number(value) === 0 ? '0' : `0x${value.toString(16)}`;
}

/** As C's `0x%0*x`. */
export function formatPaddedHex(value: number | bigint, digits: number): string {
  return `0x${value.toString(16).padStart(digits, '0')}`;
}

/** Splits `value/mask`; a slash without a mask leaves it empty, for the reader of the mask to complain about. */
export function splitMask(token: Token): { readonly value: Token; readonly mask: Token | undefined } {
  const slash = token.text.indexOf('/');
  if (slash < 0) return { value: token, mask: undefined };
  return {
    value: { text: token.text.slice(0, slash), at: token.at },
    mask: { text: token.text.slice(slash + 1), at: token.at + slash + 1 },
  };
}
