/**
 * A mistake in a message, as the validators find it: which error it is, where, and why.
 *
 * Validators answer with the first fault or undefined, and put their own part of the path before a fault that comes from deeper
 * down: a message without fault costs no allocation, and no exception decides anything. `validate` makes the exception, once.
 */
import type { ErrorName } from './error.ts';
import type { Path } from './place.ts';

export interface Fault {
  readonly error: ErrorName;
  /** From what the validator was given to what is wrong in it. */
  readonly path: Path;
  readonly reason: string;
}

export function fault(error: ErrorName, path: Path, reason: string): Fault {
  return { error, path, reason };
}

/** The same fault, seen from further out. */
export function within(inner: Fault, ...path: (string | number)[]): Fault {
  return { ...inner, path: [...path, ...inner.path] };
}

/** What the owner of a session knows beyond the specification. */
export interface ValidationOptions {
  /** Experimenters whose actions, instructions, bands and messages pass unread; all others are refused. */
  readonly experimenters?: ReadonlySet<number>;
}
