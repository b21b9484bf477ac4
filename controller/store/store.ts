/**
 * What the controller asks of the place where its state is kept: keys with revisions, transactions, and changes in order.
 *
 * The shape is etcd's, so that etcd can stand behind it: the store has one revision, which grows by one with each transaction that changes something; a
 * key remembers the revision that made it, the one that changed it last, and how often it was written. All is asynchronous, and a write is answered
 * when it is as safe as the store can make it. Keys are printable ASCII, in whose order all stores agree; values are text.
 */

export interface Entry {
  readonly key: string;
  readonly value: string;
  readonly createRevision: number;
  readonly modRevision: number;
  /** Writes since the key was made: 1 for the first. */
  readonly version: number;
}

/** A key that is not there has version and revisions 0, and a comparison with its value fails either way. */
export type Comparison =
  | {
      readonly key: string;
      readonly target: 'version' | 'createRevision' | 'modRevision';
      readonly is: '=' | '!=' | '<' | '>';
      readonly to: number;
    }
  | { readonly key: string; readonly target: 'value'; readonly is: '=' | '!='; readonly to: string };

/** Of one transaction, no two may have the same key. To delete what is not there changes nothing. */
export type Operation =
  | { readonly type: 'put'; readonly key: string; readonly value: string }
  | { readonly type: 'delete'; readonly key: string };

export type Change =
  | { readonly type: 'put'; readonly entry: Entry }
  | { readonly type: 'delete'; readonly key: string };

/** What one transaction did. */
export interface Commit {
  readonly revision: number;
  readonly changes: readonly Change[];
}

export interface TxnResult {
  /** All comparisons held, and `then` was done; else `otherwise` was. */
  readonly succeeded: boolean;
  /** After it; that of before when nothing changed. */
  readonly revision: number;
}

export interface Range {
  /** Which the entries are of. */
  readonly revision: number;
  /** By key. */
  readonly entries: readonly Entry[];
}

export interface Store {
  get(key: string): Promise<Entry | undefined>;
  /** All keys that begin so; with an empty prefix, all. */
  range(prefix: string): Promise<Range>;
  /** Atomic, and answered when it is kept. */
  txn(compare: readonly Comparison[], then: readonly Operation[], otherwise?: readonly Operation[]): Promise<TxnResult>;
  /**
   * Every change under the prefix after that revision, a commit at a time and in order, until it is left or the store is closed. Who asks for what is
   * no longer known, or falls so far behind, is told by a `StoreError` 'compacted', and reads the whole again.
   */
  watch(prefix: string, fromRevision: number): AsyncIterableIterator<Commit>;
  /** Forgets what changed up to that revision; what is there now stays. */
  compact(revision: number): Promise<void>;
  close(): Promise<void>;
}

export interface StoreOptions {
  /** How many changes are remembered for those who watch, by whole commits; beyond, the oldest are forgotten. The last commit never is. */
  readonly changesMax?: number;
}

/** A watcher that was away for as many changes reads everything anew, which takes no longer. */
export const CHANGES_MAX_DEFAULT = 10_000;
