/**
 * Those who watch a keyspace. Each has a place in its history, not a queue of its own: one that reads slowly costs nothing, and is told so when
 * the history no longer reaches back to where it is.
 */
import { assert } from '../../protocol/wire/wire-error.ts';
import type { Keyspace } from './keyspace.ts';
import type { Commit } from './store.ts';
import { StoreError } from './store-error.ts';

export class WatchHub {
  readonly #keyspace: Keyspace;
  readonly #watches = new Set<Watch>();

  constructor(keyspace: Keyspace) {
    this.#keyspace = keyspace;
  }

  open(prefix: string, fromRevision: number): AsyncIterableIterator<Commit> {
    const watch = new Watch(this.#keyspace, prefix, fromRevision, () => this.#watches.delete(watch));
    this.#watches.add(watch);
    return watch;
  }

  /** The keyspace has changed. */
  wake(): void {
    for (const watch of [...this.#watches]) watch.wake();
  }

  close(): void {
    for (const watch of [...this.#watches]) watch.end();
  }
}

interface Waiter {
  readonly resolve: (result: IteratorResult<Commit, undefined>) => void;
  readonly reject: (error: unknown) => void;
}

/** By hand, since a generator that waits cannot be left before what it waits for has come. */
class Watch implements AsyncIterableIterator<Commit, undefined> {
  readonly #keyspace: Keyspace;
  readonly #prefix: string;
  readonly #ended: () => void;
  #seen: number;
  #waiter: Waiter | undefined;
  #isEnded = false;

  constructor(keyspace: Keyspace, prefix: string, fromRevision: number, ended: () => void) {
    this.#keyspace = keyspace;
    this.#prefix = prefix;
    this.#seen = fromRevision;
    this.#ended = ended;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<IteratorResult<Commit, undefined>> {
    assert(this.#waiter === undefined, 'a watch is asked for one commit at a time');
    const value = this.#take();
    if (value) return { done: false, value };
    if (this.#isEnded) return { done: true, value: undefined };
    return new Promise((resolve, reject) => {
      this.#waiter = { resolve, reject };
    });
  }

  async return(): Promise<IteratorResult<Commit, undefined>> {
    this.end();
    return { done: true, value: undefined };
  }

  wake(): void {
    const waiter = this.#waiter;
    if (!waiter) return;
    this.#waiter = undefined;
    try {
      const value = this.#take();
      if (value) waiter.resolve({ done: false, value });
      else this.#waiter = waiter;
    } catch (error) {
      waiter.reject(error);
    }
  }

  end(): void {
    this.#isEnded = true;
    this.#ended();
    this.#waiter?.resolve({ done: true, value: undefined });
    this.#waiter = undefined;
  }

  /** The next commit that has something under the prefix, and of it that. */
  #take(): Commit | undefined {
    if (this.#isEnded) return undefined;
    try {
      for (let commit = this.#next(); commit; commit = this.#next()) {
        this.#seen = commit.revision;
        const changes = commit.changes.filter((change) => keyOf(change).startsWith(this.#prefix));
        if (changes.length > 0) return { revision: commit.revision, changes };
      }
      return undefined;
    } catch (error) {
      if (error instanceof StoreError) this.end();
      throw error;
    }
  }

  #next(): Commit | undefined {
    return this.#keyspace.commitAfter(this.#seen);
  }
}

function keyOf(change: Commit['changes'][number]): string {
  return change.type === 'put' ? change.entry.key : change.key;
}
