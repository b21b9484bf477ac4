/**
 * The rim between the synchronous controller, which says what is to be kept, and a store, which takes its time.
 *
 * While the store is at work, what comes meanwhile gathers, and goes into one transaction: a disk syncs a hundred changes as fast as one. The order is
 * kept, and of two changes of one key the later holds. Each number is answered once, never within the call that asked.
 */
import { checkOperations } from './operation-check.ts';
import type { Operation, Store } from './store.ts';

interface Waiting {
  readonly id: number;
  readonly operations: readonly Operation[];
}

/** Rules of some hundred bytes each: a batch of a megabyte or so. */
const GATHERED_MAX = 1000;

export class StoreWriter {
  readonly #store: Store;
  readonly #answered: (id: number, failure: string | undefined) => void;
  readonly #waiting: Waiting[] = [];
  #work: Promise<void> | undefined;

  constructor(store: Store, answered: (id: number, failure: string | undefined) => void) {
    this.#store = store;
    this.#answered = answered;
  }

  persist(id: number, operations: readonly Operation[]): void {
    this.#waiting.push({ id, operations });
    this.#work ??= this.#write().finally(() => {
      this.#work = undefined;
    });
  }

  /** All that was asked for is answered, and the store is closed. */
  async close(): Promise<void> {
    while (this.#work) await this.#work;
    await this.#store.close();
  }

  async #write(): Promise<void> {
    // Gives whoever asks for much in one go the time to say it all.
    await Promise.resolve();
    for (let gathered = this.#take(); gathered.length > 0; gathered = this.#take()) {
      const last = new Map(gathered.flatMap(({ operations }) => operations.map((each) => [each.key, each])));
      const failure = await this.#keep([...last.values()]);
      for (const { id } of gathered) this.#answered(id, failure);
    }
  }

  /** What the store would refuse is answered here, so that it takes nobody else with it. */
  #take(): readonly Waiting[] {
    return this.#waiting.splice(0, GATHERED_MAX).filter(({ id, operations }) => {
      const failure = findFault(operations);
      if (failure !== undefined) this.#answered(id, failure);
      return failure === undefined;
    });
  }

  async #keep(operations: readonly Operation[]): Promise<string | undefined> {
    try {
      await this.#store.txn([], operations);
      return undefined;
    } catch (error) {
      return wordsOf(error);
    }
  }
}

function findFault(operations: readonly Operation[]): string | undefined {
  try {
    checkOperations(operations);
    return undefined;
  } catch (error) {
    return wordsOf(error);
  }
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
