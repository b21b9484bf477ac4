/** Feeds a reader whole or in pieces: what it hands out, and the mistake that ends it. */
import { parseHex } from '../../../../protocol/wire/hex.ts';
import { WireError } from '../../../../protocol/wire/wire-error.ts';

interface Reader<R> {
  push(bytes: Uint8Array): R[];
  finish(): void;
}

export interface Outcome<R> {
  readonly records: readonly R[];
  /** The message, with code and place; undefined when the file is sound. */
  readonly fault: string | undefined;
}

export function feed<R>(reader: Reader<R>, bytes: Uint8Array, pieceBytes = bytes.length): Outcome<R> {
  const records: R[] = [];
  try {
    for (let at = 0; at < bytes.length; at += pieceBytes) {
      // A buffer of its own for each piece, spoiled afterwards: what was handed out may not depend on it.
      const piece = bytes.slice(at, at + pieceBytes);
      records.push(...reader.push(piece));
      piece.fill(0xa5);
    }
    reader.finish();
    return { records, fault: undefined };
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    return { records, fault: error.message };
  }
}

/** Hexadecimal with comments behind `;`, for files written by hand. */
export function hexFile(text: string): Uint8Array {
  const bytes = parseHex(text.replace(/;.*$/gm, ''));
  if (!bytes) throw new Error(`not hex: ${text}`);
  return bytes;
}

export function concat(...parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => Array.from(part)));
}
