/** What a reader says of a mistake, for tables of mistakes. */
import { expect } from 'vitest';
import { WireError } from '../../../../../protocol/wire/wire-error.ts';

/** A text, the column of what is wrong in it, and words that tell how to mend it. */
export type Mistake = readonly [text: string, column: number, reason: RegExp];

export function expectMistake(parse: (text: string) => unknown, [text, column, reason]: Mistake): void {
  let refusal: unknown;
  try {
    parse(text);
  } catch (error) {
    refusal = error;
  }
  expect(refusal, `${text} is a mistake`).toBeInstanceOf(WireError);
  const { error, at, reason: given } = refusal as WireError;
  expect({ error, at, reason: given }).toEqual({ error: 'SYNTAX', at: column, reason: expect.stringMatching(reason) });
}
