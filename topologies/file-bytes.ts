/** The bytes of a file that a user named, or in words why there are none. The one place of this room that touches the file system. */
import { closeSync, openSync, readSync } from 'node:fs';
import { TopologyError } from './topology-error.ts';

const CHUNK_BYTES = 1 << 16;

/**
 * At most one byte more than `bytesMax`, by which the caller sees that there are too many: the size of a pipe or a device is known only by
 * reading it. The hint says what to give the path of where there is no such file. Throws a `TopologyError`.
 */
export function loadBytes(path: string, bytesMax: number, hint: string): Uint8Array {
  const chunks: Uint8Array[] = [];
  let file: number | undefined;
  try {
    file = openSync(path, 'r');
    for (let total = 0; total <= bytesMax; ) {
      const chunk = new Uint8Array(Math.min(CHUNK_BYTES, bytesMax + 1 - total));
      const count = readSync(file, chunk);
      if (count === 0) break;
      chunks.push(chunk.subarray(0, count));
      total += count;
    }
  } catch (error) {
    throw new TopologyError({ file: path, line: 1, column: 1, reason: explain(error, hint) });
  } finally {
    if (file !== undefined) closeSync(file);
  }
  return Buffer.concat(chunks);
}

function explain(error: unknown, hint: string): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  switch (code) {
    case 'ENOENT':
      return `there is no such file; give the path of ${hint}`;
    case 'EISDIR':
      return 'this is a folder; give the path of a file in it';
    case 'EACCES':
    case 'EPERM':
      return 'this file may not be read by you; change its permissions';
    default:
      return `this file cannot be read (${error instanceof Error ? error.message : error}); try another copy`;
  }
}
