/**
 * How a store lies in a sorted database: the form of its keys and values, and what must hold between them.
 *
 *   k KEY        the entry as it is now
 *   c REVISION   the commit of that revision, in sixteen digits so that they sort as numbers
 *   meta         the form's number, the last revision, and up to where commits are forgotten
 *
 * All three change in one batch, so what is read is the state after one transaction, or it is not ours.
 */
import type { KeyspaceContents } from './keyspace.ts';
import type { Commit, Entry } from './store.ts';

export type LevelOperation =
  | { readonly type: 'put'; readonly key: string; readonly value: string }
  | { readonly type: 'del'; readonly key: string };

export interface StoredText {
  readonly meta: string | undefined;
  readonly entries: readonly string[];
  readonly commits: readonly string[];
}

interface Meta {
  readonly form: number;
  readonly revision: number;
  readonly compacted: number;
}

/** Whoever changes what is stored in such a way that older programs misread it counts it up. */
const FORM = 1;

export const META_KEY = 'meta';

export const ENTRY_RANGE = { gte: 'k', lt: 'l' } as const;
export const COMMIT_RANGE = { gte: 'c', lt: 'd' } as const;

function commitKey(revision: number): string {
  return `c${String(revision).padStart(16, '0')}`;
}

function putMeta(revision: number, compacted: number): LevelOperation {
  const meta: Meta = { form: FORM, revision, compacted };
  return { type: 'put', key: META_KEY, value: JSON.stringify(meta) };
}

export function toCommitBatch(commit: Commit, before: number, compacted: number): LevelOperation[] {
  const { revision } = commit;
  const changes = commit.changes.map((change): LevelOperation => {
    if (change.type === 'delete') return { type: 'del', key: `k${change.key}` };
    return { type: 'put', key: `k${change.entry.key}`, value: JSON.stringify(change.entry) };
  });
  const kept: LevelOperation = { type: 'put', key: commitKey(revision), value: JSON.stringify(commit) };
  return [...changes, kept, ...forget(before, compacted), putMeta(revision, compacted)];
}

export function toCompactionBatch(revision: number, before: number, compacted: number): LevelOperation[] {
  return [...forget(before, compacted), putMeta(revision, compacted)];
}

function forget(before: number, compacted: number): LevelOperation[] {
  return Array.from({ length: compacted - before }, (_, i) => ({ type: 'del', key: commitKey(before + 1 + i) }));
}

/** Throws, in words, when it is not what was written here. */
export function readContents({ meta, entries, commits }: StoredText): KeyspaceContents {
  if (meta === undefined) {
    if (entries.length > 0 || commits.length > 0) throw new Error('it has entries and no head');
    return { entries: [], commits: [], compacted: 0 };
  }
  const { form, revision, compacted } = JSON.parse(meta) as Meta;
  if (form !== FORM) throw new Error(`it is of form ${form}, and this program knows form ${FORM}`);
  const contents = {
    entries: entries.map((text) => JSON.parse(text) as Entry),
    commits: commits.map((text) => JSON.parse(text) as Commit),
    compacted,
  };
  const isWhole = contents.commits.every((commit, i) => commit.revision === compacted + 1 + i);
  if (!isWhole || contents.commits.length !== revision - compacted) {
    throw new Error(`its head says revisions ${compacted} to ${revision}, and its commits are others`);
  }
  if (contents.entries.some(({ modRevision }) => modRevision > revision)) {
    throw new Error(`an entry is newer than its last revision, ${revision}`);
  }
  return contents;
}
