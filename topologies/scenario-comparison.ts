/**
 * What a scenario expects of a number: `0%`, `< 50ms`, `">= 1"`. Without a sign the number is meant exactly.
 *
 * YAML takes a `>` at the beginning of a text for something of its own, so those two have to be quoted, and the parser says so before we
 * could.
 */
import { WireError } from '../protocol/wire/wire-error.ts';
import { type Dimension, parseQuantity, toPattern } from './quantity.ts';
import { show, type TextForm } from './text-form.ts';

const COUNT_MAX = 999_999_999;

export interface Comparison {
  readonly operator: '<' | '<=' | '=' | '>=' | '>';
  readonly value: number;
  /** As people read it, in the units in which it was written. */
  readonly text: string;
}

export function holds({ operator, value }: Comparison, measured: number): boolean {
  switch (operator) {
    case '<':
      return measured < value;
    case '<=':
      return measured <= value;
    case '=':
      return measured === value;
    case '>=':
      return measured >= value;
    case '>':
      return measured > value;
  }
}

/** Of a number with a unit. */
export function comparisonOf(dimension: Dimension): TextForm<Comparison> {
  return {
    what: `${dimension.what}, with <, <=, > or >= before it if not exactly that`,
    example: `"< ${dimension.example}"`,
    pattern: `^(<=?|>=?)? *${toPattern(dimension)}$`,
    readsNumbers: true,
    parse: (text) => parseComparison(text, (operand) => parseQuantity(operand, dimension)),
  };
}

/** Of a number of things. */
export const COUNT: TextForm<Comparison> = {
  what: 'a whole number, with <, <=, > or >= before it if not exactly that',
  example: '">= 1"',
  pattern: '^(<=?|>=?)? *[0-9]{1,9}$',
  readsNumbers: true,
  integers: { min: 0, max: COUNT_MAX },
  parse: (text) => parseComparison(text, parseCount),
};

function parseCount(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new WireError(
    'SYNTAX',
    1,
    `${show(text)} is not a whole number from 0 to ${COUNT_MAX}; write 3 or ">= 1", say`,
  );
}

function parseComparison(text: string, parseOperand: (text: string) => number): Comparison {
  const [sign = ''] = /^(<=?|>=?)? */.exec(text)!;
  const operand = text.slice(sign.length);
  const operator = (sign.trim() || '=') as Comparison['operator'];
  const value = parseWithin(operand, sign.length, parseOperand);
  return { operator, value, text: operator === '=' ? operand : `${operator} ${operand}` };
}

/** Of a text that stands behind something: the column of the error counts from the beginning of the whole. */
export function parseWithin<T>(text: string, before: number, parse: (text: string) => T): T {
  try {
    return parse(text);
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    throw new WireError(error.error, before + error.at, error.reason);
  }
}
