/** What a file must be before anything of it is read: not too large, and UTF-8. */
import type { Report } from './report.ts';
import type { Place } from './topology-error.ts';

export interface TextLimit {
  /** Of text that is not ASCII, a text that is given without its bytes may have more. */
  readonly bytesMax: number;
  /** What to do about a larger one. */
  readonly remedy: string;
}

/** False if it is not, and then the report says so. */
export function isWithinLimit(length: number, { bytesMax, remedy }: TextLimit, report: Report): boolean {
  if (length <= bytesMax) return true;
  report.addError({ line: 1, column: 1 }, `this is larger than ${bytesMax >> 20} MiB; ${remedy}`);
  return false;
}

/** Undefined if the report says why. */
export function decodeText(bytes: Uint8Array, limit: TextLimit, report: Report): string | undefined {
  if (!isWithinLimit(bytes.length, limit, report)) return undefined;
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    report.addError(findReplacement(new TextDecoder().decode(bytes)), 'this is not UTF-8 text; save the file as UTF-8');
    return undefined;
  }
}

/** The lenient decoder replaces what it cannot read. */
function findReplacement(text: string): Place {
  const before = text.slice(0, Math.max(0, text.indexOf('\ufffd'))).split('\n');
  return { line: before.length, column: before.at(-1)!.length + 1 };
}
