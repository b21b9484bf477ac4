/**
 * Who has a store open, for the one who finds it locked.
 *
 * The lock itself is the database's, and ends with the process that holds it, however that ends; it does not tell whose it is. So the holder leaves a
 * note beside it. The note is only for reading: what it says may be of one who is gone, and nobody decides by it.
 */
import { readFile, rm, writeFile } from 'node:fs/promises';

export async function leaveNote(directory: string): Promise<void> {
  await writeFile(pathOf(directory), `${process.pid}\n`);
}

export async function takeNote(directory: string): Promise<void> {
  await rm(pathOf(directory), { force: true });
}

/** In words: `process 4711`. */
export async function readOwner(directory: string): Promise<string> {
  const note = await readFile(pathOf(directory), 'utf8').catch(() => '');
  const pid = /^\d{1,10}(?=\n)/.exec(note)?.[0];
  if (pid === undefined) return 'another process';
  return Number(pid) === process.pid ? 'this process' : `process ${pid}`;
}

function pathOf(directory: string): string {
  return `${directory}/owner.pid`;
}
