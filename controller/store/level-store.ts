/**
 * A store in a directory, on LevelDB.
 *
 * Everything is in memory too, as a keyspace: what a controller keeps it needs at hand anyway, and so a transaction means the same as in the memory store,
 * by the same code. The disk has the same contents as one atomic batch per transaction, synced before anybody hears of it: first the batch, then the
 * keyspace, then the answer and the watchers. Writes wait for one another, since each is evaluated against what the one before has left.
 *
 * A batch that fails may be on the disk or not. Nobody can tell before the store is opened again, so nothing is written after it.
 */
import { ClassicLevel } from 'classic-level';
import { Keyspace, type KeyspaceContents } from './keyspace.ts';
import {
  COMMIT_RANGE,
  ENTRY_RANGE,
  type LevelOperation,
  META_KEY,
  readContents,
  toCommitBatch,
  toCompactionBatch,
} from './level-record.ts';
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
import { leaveNote, readOwner, takeNote } from './store-owner.ts';
import { WatchHub } from './watch-hub.ts';

type Database = ClassicLevel<string, string>;

export class LevelStore implements Store {
  readonly #directory: string;
  readonly #database: Database;
  readonly #keyspace: Keyspace;
  readonly #watches: WatchHub;
  /** The end of the last write that waits; never rejects. */
  #lastWrite: Promise<unknown> = Promise.resolve();
  #failure: StoreError | undefined;
  #isClosed = false;

  private constructor(directory: string, database: Database, keyspace: Keyspace) {
    this.#directory = directory;
    this.#database = database;
    this.#keyspace = keyspace;
    this.#watches = new WatchHub(keyspace);
  }

  /** Makes the directory when it is not there. Rejects with a `StoreError` that names it. */
  static async open(directory: string, { changesMax = CHANGES_MAX_DEFAULT }: StoreOptions = {}): Promise<LevelStore> {
    const database: Database = new ClassicLevel(`${directory}/state`);
    try {
      await database.open();
    } catch (error) {
      throw await explainOpenFailure(directory, error);
    }
    try {
      const contents = await readAll(directory, database);
      await leaveNote(directory);
      return new LevelStore(directory, database, new Keyspace(changesMax, contents));
    } catch (error) {
      await database.close();
      throw error instanceof StoreError ? error : unreadable(directory, error);
    }
  }

  async txn(
    compare: readonly Comparison[],
    then: readonly Operation[],
    otherwise: readonly Operation[] = [],
  ): Promise<TxnResult> {
    return this.#inTurn(async () => {
      const keyspace = this.#keyspace;
      const { succeeded, commit } = keyspace.evaluate(compare, then, otherwise);
      if (commit) {
        await this.#write(toCommitBatch(commit, keyspace.compacted, keyspace.compactedAfter(commit)));
        keyspace.apply(commit);
        this.#watches.wake();
      }
      return { succeeded, revision: keyspace.revision };
    });
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
    return this.#inTurn(async () => {
      const keyspace = this.#keyspace;
      if (!keyspace.checkCompaction(revision)) return;
      await this.#write(toCompactionBatch(keyspace.revision, keyspace.compacted, revision));
      keyspace.compact(revision);
      this.#watches.wake();
    });
  }

  /** What has been asked for before is done first. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    await this.#lastWrite;
    this.#watches.close();
    // The note goes first: behind the lock it could be the next one's.
    await takeNote(this.#directory).catch(() => undefined);
    await this.#database.close();
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    this.#checkOpen();
    const done = this.#lastWrite.then(work);
    this.#lastWrite = done.catch(() => undefined);
    return done;
  }

  async #write(batch: LevelOperation[]): Promise<void> {
    if (this.#failure) throw this.#failure;
    try {
      await this.#database.batch(batch, { sync: true });
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.#failure = new StoreError('write-failed', `${this.#directory}: the disk did not take it: ${reason}`, error);
      throw this.#failure;
    }
  }

  #checkOpen(): void {
    if (this.#isClosed) throw new StoreError('closed', `${this.#directory}: the store is closed`);
  }
}

async function readAll(directory: string, database: Database): Promise<KeyspaceContents> {
  const meta = await database.get(META_KEY);
  const entries = await database.values(ENTRY_RANGE).all();
  const commits = await database.values(COMMIT_RANGE).all();
  try {
    return readContents({ meta, entries, commits });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new StoreError('corrupt', `${directory} is no store of ours, ${reason}; move it away to begin anew`, error);
  }
}

async function explainOpenFailure(directory: string, error: unknown): Promise<StoreError> {
  const cause = error instanceof Error ? error.cause : undefined;
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  if (code === 'LEVEL_LOCKED') {
    const owner = await readOwner(directory);
    return new StoreError('locked', `the store ${directory} is in use by ${owner}; choose another with --store`, error);
  }
  if (code === 'LEVEL_CORRUPTION') {
    const reason = (cause as Error).message;
    return new StoreError('corrupt', `the store ${directory} is damaged: ${reason}; move it away to begin anew`, error);
  }
  return unreadable(directory, cause ?? error);
}

function unreadable(directory: string, error: unknown): StoreError {
  const reason = error instanceof Error ? error.message : String(error);
  return new StoreError('unreadable', `the store ${directory} cannot be opened: ${reason}`, error);
}
