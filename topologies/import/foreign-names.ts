/**
 * Names of our own for things that are called something that cannot be a name here: `New York` becomes `New-York`, and the second of
 * that name `New-York-2`.
 *
 * What can be a name stays one, wherever it stands in the file: it is given out before those that are made up.
 */
import { WireError } from '../../protocol/wire/wire-error.ts';
import { NAME } from '../text-form.ts';

/** Of 63 that a name may have; the rest is for a number behind it. */
const BASE_MAX = 56;

/** Of a text that may be as long as its file. */
const READ_MAX = 256;

export class ForeignNames {
  readonly #taken = new Set<string>();
  readonly #counts = new Map<string, number>();

  /** Whether it can be a name and nobody has it; then it is taken. */
  take(name: string): boolean {
    if (!isName(name) || this.#taken.has(name)) return false;
    this.#taken.add(name);
    return true;
  }

  /** The nearest name that nobody has. */
  invent(text: string, otherwise = 'node'): string {
    const base = toName(text) ?? otherwise;
    if (this.take(base)) return base;
    for (let count = (this.#counts.get(base) ?? 1) + 1; ; count++) {
      const name = `${base}-${count}`;
      if (!this.take(name)) continue;
      this.#counts.set(base, count);
      return name;
    }
  }
}

export function isName(text: string): boolean {
  try {
    NAME.parse(text);
    return true;
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    return false;
  }
}

/** Undefined for what has no letter or digit. */
export function toName(text: string): string | undefined {
  if (isName(text)) return text;
  const dashed = text
    .slice(0, READ_MAX)
    .replace(/[^\p{L}\p{M}\p{N}._-]+/gu, '-')
    .replace(/^[^\p{L}\p{N}]+|-+$/gu, '');
  const name = [...dashed].slice(0, BASE_MAX).join('');
  if (isName(name)) return name;
  // The words that no name may be.
  return isName(`${name}-1`) ? `${name}-1` : undefined;
}
