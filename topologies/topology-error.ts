/**
 * What is wrong with a topology that a user wrote, and where: `file:line:column: what, and how to mend it`.
 *
 * A file is read to its end, so that one look shows all of its mistakes: the error that is thrown is the first of them, and has the
 * others with it. Warnings are the same thing without being thrown. Lines and columns count from 1, columns in UTF-16 units, as
 * editors do; the file of a shorthand is the shorthand itself.
 */

export interface Place {
  readonly line: number;
  readonly column: number;
}

export interface Mistake extends Place {
  readonly file: string;
  /** What, and how to mend it. */
  readonly reason: string;
}

export function formatMistake({ file, line, column, reason }: Mistake): string {
  return `${file}:${line}:${column}: ${reason}`;
}

/** A mistake is one line of a terminal, whatever the text that it quotes would do to one. */
export function escapeControls(text: string): string {
  return text.replace(/[\p{Cc}\p{Zl}\p{Zp}]/gu, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}

export class TopologyError extends Error implements Mistake {
  override readonly name = 'TopologyError';
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly reason: string;
  /** The other mistakes of the same file, in the order of their places. */
  readonly others: readonly TopologyError[];

  constructor(mistake: Mistake, others: readonly TopologyError[] = []) {
    super(formatMistake(mistake));
    this.file = mistake.file;
    this.line = mistake.line;
    this.column = mistake.column;
    this.reason = mistake.reason;
    this.others = others;
  }
}
