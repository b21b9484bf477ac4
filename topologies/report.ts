/**
 * The mistakes found in one file so far.
 *
 * Bounded: whoever fed a novel to the reader needs to hear that once, not once a line.
 */
import { assert } from '../protocol/wire/wire-error.ts';
import { escapeControls, type Mistake, type Place, TopologyError } from './topology-error.ts';

/** More than fit on a screen; a file with more than that is another kind of file. */
export const MISTAKES_MAX = 50;

export class Report {
  readonly file: string;
  readonly #errors: Mistake[] = [];
  readonly #warnings: Mistake[] = [];
  #isFull = false;
  #hasMoreWarnings = false;

  constructor(file: string) {
    this.file = file;
  }

  addError({ line, column }: Place, reason: string): void {
    this.#isFull ||= this.#errors.length === MISTAKES_MAX;
    if (!this.#isFull) this.#errors.push({ file: this.file, line, column, reason: escapeControls(reason) });
  }

  addWarning({ line, column }: Place, reason: string): void {
    if (this.takesWarnings) this.#warnings.push({ file: this.file, line, column, reason: escapeControls(reason) });
    else this.#hasMoreWarnings = true;
  }

  get hasErrors(): boolean {
    return this.#errors.length > 0;
  }

  /** There were more errors than are kept: readers stop looking. */
  get isFull(): boolean {
    return this.#isFull;
  }

  get takesWarnings(): boolean {
    return this.#warnings.length < MISTAKES_MAX;
  }

  /** A warning whose place need not even be looked up. */
  skipWarning(): void {
    this.#hasMoreWarnings = true;
  }

  get warnings(): readonly Mistake[] {
    const warnings = this.#warnings.toSorted(comparePlaces);
    return this.#hasMoreWarnings ? tellOfMore(warnings) : warnings;
  }

  /** The first of the errors with the others; there must be one. */
  toError(): TopologyError {
    const [first, ...others] = this.#errors.toSorted(comparePlaces);
    assert(first !== undefined, 'a report without errors is not thrown');
    const shown = this.#isFull ? tellOfMore(others) : others;
    return new TopologyError(
      first,
      shown.map((mistake) => new TopologyError(mistake)),
    );
  }
}

function tellOfMore(mistakes: readonly Mistake[]): Mistake[] {
  const last = mistakes.at(-1)!;
  return mistakes.with(-1, { ...last, reason: `${last.reason} (there is more; the first ${MISTAKES_MAX} are shown)` });
}

function comparePlaces(a: Mistake, b: Mistake): number {
  return a.line - b.line || a.column - b.column;
}
