/**
 * What a check finds in a document: it knows the path to the culprit, not its place, because a document need not come from a file.
 */
export interface Finding {
  /** Of keys and indices as the file has them. */
  readonly path: readonly (string | number)[];
  /** Whether the name of a thing is meant, rather than the thing. */
  readonly isKey?: boolean;
  /** The index of the culprit within a text. */
  readonly within?: number;
  /** Findings are errors, unless they are not. */
  readonly isWarning?: boolean;
  readonly reason: string;
}
