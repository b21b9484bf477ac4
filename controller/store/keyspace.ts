/**
 * The one meaning of a transaction, for stores that hold their keys themselves: keys as they are now, and the last commits.
 *
 * Synchronous, and in two steps: `evaluate` says what a transaction would do, `apply` does it, so that a store can put the commit on a disk in between,
 * and nobody sees what is not safe. Each revision has exactly one commit, so the commits from `compacted` on are an array without gaps.
 */
import { assert } from '../../protocol/wire/wire-error.ts';
import { checkComparisons, checkOperations } from './operation-check.ts';
import type { Change, Commit, Comparison, Entry, Operation, Range } from './store.ts';
import { StoreError } from './store-error.ts';

export interface KeyspaceContents {
  readonly entries: readonly Entry[];
  /** Those after `compacted`, without gaps. */
  readonly commits: readonly Commit[];
  readonly compacted: number;
}

export interface Evaluation {
  readonly succeeded: boolean;
  /** Absent when nothing changes. */
  readonly commit: Commit | undefined;
}

const NOTHING: KeyspaceContents = { entries: [], commits: [], compacted: 0 };

export class Keyspace {
  readonly #entries: Map<string, Entry>;
  readonly #changesMax: number;
  #commits: Commit[];
  /** In all of them. */
  #changes: number;
  #compacted: number;

  constructor(changesMax: number, { entries, commits, compacted }: KeyspaceContents = NOTHING) {
    this.#changesMax = changesMax;
    this.#entries = new Map(entries.map((entry) => [entry.key, entry]));
    this.#commits = [...commits];
    this.#changes = countChanges(commits);
    this.#compacted = compacted;
  }

  get revision(): number {
    return this.#compacted + this.#commits.length;
  }

  /** What happened up to there is forgotten. */
  get compacted(): number {
    return this.#compacted;
  }

  get(key: string): Entry | undefined {
    return this.#entries.get(key);
  }

  range(prefix: string): Range {
    const entries = [...this.#entries.values()].filter(({ key }) => key.startsWith(prefix));
    return { revision: this.revision, entries: entries.sort((a, b) => (a.key < b.key ? -1 : 1)) };
  }

  evaluate(
    compare: readonly Comparison[],
    then: readonly Operation[],
    otherwise: readonly Operation[] = [],
  ): Evaluation {
    checkComparisons(compare);
    checkOperations(then);
    checkOperations(otherwise);
    const succeeded = compare.every((comparison) => holds(comparison, this.#entries.get(comparison.key)));
    const revision = this.revision + 1;
    const changes = (succeeded ? then : otherwise).flatMap((operation) => this.#toChange(operation, revision));
    return { succeeded, commit: changes.length > 0 ? { revision, changes } : undefined };
  }

  /** Up to where the past has to be forgotten once this commit is applied. */
  compactedAfter(next: Commit): number {
    let changes = this.#changes + next.changes.length;
    let forgotten = 0;
    for (; changes > this.#changesMax && forgotten < this.#commits.length; forgotten++) {
      changes -= this.#commits[forgotten]!.changes.length;
    }
    return this.#compacted + forgotten;
  }

  apply(commit: Commit): void {
    assert(commit.revision === this.revision + 1, 'revisions follow one another');
    const compacted = this.compactedAfter(commit);
    for (const change of commit.changes) {
      if (change.type === 'put') this.#entries.set(change.entry.key, change.entry);
      else this.#entries.delete(change.key);
    }
    this.#commits.push(commit);
    this.#changes += commit.changes.length;
    this.compact(compacted);
  }

  /** The first commit after that revision; undefined as long as there is none. */
  commitAfter(revision: number): Commit | undefined {
    if (revision < this.#compacted) {
      throw new StoreError('compacted', `what changed up to revision ${this.#compacted} is forgotten`);
    }
    return this.#commits[revision - this.#compacted];
  }

  /** False when there is nothing to forget. */
  checkCompaction(revision: number): boolean {
    if (revision > this.revision) {
      throw new StoreError('future-revision', `the revision is ${this.revision}, and ${revision} is to come`);
    }
    return revision > this.#compacted;
  }

  compact(revision: number): void {
    if (!this.checkCompaction(revision)) return;
    this.#changes -= countChanges(this.#commits.splice(0, revision - this.#compacted));
    this.#compacted = revision;
  }

  #toChange(operation: Operation, revision: number): Change[] {
    const { key } = operation;
    const before = this.#entries.get(key);
    if (operation.type === 'delete') return before ? [{ type: 'delete', key }] : [];
    const { createRevision = revision, version = 0 } = before ?? {};
    const entry = { key, value: operation.value, createRevision, modRevision: revision, version: version + 1 };
    return [{ type: 'put', entry }];
  }
}

function countChanges(commits: readonly Commit[]): number {
  return commits.reduce((sum, { changes }) => sum + changes.length, 0);
}

function holds(comparison: Comparison, entry: Entry | undefined): boolean {
  if (comparison.target === 'value') {
    return entry !== undefined && (entry.value === comparison.to) === (comparison.is === '=');
  }
  const actual = entry?.[comparison.target] ?? 0;
  switch (comparison.is) {
    case '=':
      return actual === comparison.to;
    case '!=':
      return actual !== comparison.to;
    case '<':
      return actual < comparison.to;
    case '>':
      return actual > comparison.to;
    default:
      return comparison satisfies never;
  }
}
