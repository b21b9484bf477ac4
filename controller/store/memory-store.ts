/**
 * A store that ends with the process: for labs without a directory and for tests.
 *
 * It can be written to without waiting as well (`commit`), which is what a run under virtual time does: a promise would be kept at a moment that no
 * virtual clock knows.
 */
import { Keyspace } from './keyspace.ts';
import {
  CHANGES_MAX_DEFAULT,
  type Commit,
  type Comparison,
  type Entry,
  type Operation,
  type Range,
  type Store,
  type StoreOptions,
  type TxnResult,
} from './store.ts';
import { StoreError } from './store-error.ts';
import { WatchHub } from './watch-hub.ts';

export class MemoryStore implements Store {
  readonly #keyspace: Keyspace;
  readonly #watches: WatchHub;
  #isClosed = false;

  constructor({ changesMax = CHANGES_MAX_DEFAULT }: StoreOptions = {}) {
    this.#keyspace = new Keyspace(changesMax);
    this.#watches = new WatchHub(this.#keyspace);
  }

  commit(compare: readonly Comparison[], then: readonly Operation[], otherwise: readonly Operation[] = []): TxnResult {
    this.#checkOpen();
    const { succeeded, commit } = this.#keyspace.evaluate(compare, then, otherwise);
    if (commit) {
      this.#keyspace.apply(commit);
      this.#watches.wake();
    }
    return { succeeded, revision: this.#keyspace.revision };
  }

  async txn(
    compare: readonly Comparison[],
    then: readonly Operation[],
    otherwise?: readonly Operation[],
  ): Promise<TxnResult> {
    return this.commit(compare, then, otherwise);
  }

  async get(key: string): Promise<Entry | undefined> {
    this.#checkOpen();
    return this.#keyspace.get(key);
  }

  async range(prefix: string): Promise<Range> {
    this.#checkOpen();
    return this.#keyspace.range(prefix);
  }

  watch(prefix: string, fromRevision: number): AsyncIterableIterator<Commit> {
    this.#checkOpen();
    return this.#watches.open(prefix, fromRevision);
  }

  async compact(revision: number): Promise<void> {
    this.#checkOpen();
    this.#keyspace.compact(revision);
    this.#watches.wake();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#watches.close();
  }

  #checkOpen(): void {
    if (this.#isClosed) throw new StoreError('closed', 'the store is closed');
  }
}
