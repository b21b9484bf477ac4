/** The bytes of a file or a folder that a user named, or in words why there are none. The one place of this room that touches the file system. */
import { closeSync, openSync, readdirSync, readSync } from 'node:fs';
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

/** Of a folder, together: they are in memory as long as the network is. */
const FOLDER_BYTES_MAX = 64 << 20;
const FOLDER_FILES_MAX = 1000;

/** Files below a folder, by their paths from it (`/a/b.txt`) in the order of their names; or what is wrong with it. Links are not followed: they may lead anywhere. */
export function loadFolder(folder: string): ReadonlyMap<string, Uint8Array> | string {
  const files = new Map<string, Uint8Array>();
  let room = FOLDER_BYTES_MAX;
  const add = (path: string): string | undefined => {
    const entries = readdirSync(`${folder}${path}`, { withFileTypes: true });
    for (const entry of entries.sort((x, y) => (x.name < y.name ? -1 : 1))) {
      const here = `${path}/${entry.name}`;
      if (entry.isDirectory()) {
        const reason = add(here);
        if (reason !== undefined) return reason;
        continue;
      }
      if (!entry.isFile()) return `${here} in it is neither a file nor a folder; copy what is meant there`;
      if (files.size >= FOLDER_FILES_MAX) return `it has more than ${FOLDER_FILES_MAX} files; serve fewer`;
      const bytes = loadBytes(`${folder}${here}`, room, 'one');
      room -= bytes.length;
      if (room < 0) return `its files have more than ${FOLDER_BYTES_MAX >> 20} MiB; serve less`;
      files.set(here, bytes);
    }
    return undefined;
  };
  try {
    return add('') ?? files;
  } catch (error) {
    if (error instanceof TopologyError) return `${error.file}: ${error.reason}`;
    return explainFolder(error);
  }
}

function explainFolder(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ENOENT') return 'there is no such folder; make it, or remove this';
  if (code === 'ENOTDIR') return 'this is no folder; write the one that the file is in';
  return `this folder cannot be read (${error instanceof Error ? error.message : error}); try another`;
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
