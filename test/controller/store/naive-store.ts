/** What a store should answer, said as plainly as can be: a log of all that ever happened, from which everything is worked out anew each time. */
import type { Change, Commit, Comparison, Entry, Operation } from '../../../controller/store/store.ts';

export class NaiveStore {
  readonly #log: Commit[] = [];
  readonly #changesMax: number;
  #compacted = 0;

  constructor(changesMax: number) {
    this.#changesMax = changesMax;
  }

  get revision(): number {
    return this.#log.length;
  }

  get compacted(): number {
    return this.#compacted;
  }

  range(prefix: string): Entry[] {
    const now: Record<string, Entry> = {};
    for (const { changes } of this.#log) {
      for (const change of changes) {
        if (change.type === 'put') now[change.entry.key] = change.entry;
        else delete now[change.key];
      }
    }
    return Object.keys(now)
      .filter((key) => key.startsWith(prefix))
      .sort()
      .map((key) => now[key]!);
  }

  get(key: string): Entry | undefined {
    return this.range('').find((entry) => entry.key === key);
  }

  txn(compare: readonly Comparison[], then: readonly Operation[], otherwise: readonly Operation[]) {
    const succeeded = compare.every((comparison) => this.#isTrue(comparison));
    const revision = this.revision + 1;
    const changes: Change[] = [];
    for (const operation of succeeded ? then : otherwise) {
      const { key } = operation;
      const before = this.get(key);
      if (operation.type === 'put') {
        const createRevision = before ? before.createRevision : revision;
        const version = before ? before.version + 1 : 1;
        const { value } = operation;
        changes.push({ type: 'put', entry: { key, value, createRevision, modRevision: revision, version } });
      } else if (before) changes.push({ type: 'delete', key });
    }
    if (changes.length > 0) this.#remember({ revision, changes });
    return { succeeded, revision: this.revision };
  }

  compact(revision: number): void {
    this.#compacted = Math.max(this.#compacted, revision);
  }

  /** Everything that somebody who watches from there is told. */
  changesAfter(prefix: string, revision: number): Commit[] | 'compacted' {
    if (revision < this.compacted) return 'compacted';
    return this.#log
      .filter((commit) => commit.revision > revision)
      .map((commit) => ({
        revision: commit.revision,
        changes: commit.changes.filter((change) =>
          (change.type === 'put' ? change.entry.key : change.key).startsWith(prefix),
        ),
      }))
      .filter(({ changes }) => changes.length > 0);
  }

  #remember(commit: Commit): void {
    this.#log.push(commit);
    const isTooMuch = () =>
      this.#log.slice(this.#compacted).flatMap(({ changes }) => changes).length > this.#changesMax;
    while (isTooMuch() && this.#compacted < this.#log.length - 1) this.#compacted++;
  }

  #isTrue(comparison: Comparison): boolean {
    const entry = this.get(comparison.key);
    if (comparison.target === 'value') {
      if (!entry) return false;
      return comparison.is === '=' ? entry.value === comparison.to : entry.value !== comparison.to;
    }
    const actual = entry ? entry[comparison.target] : 0;
    const truths = {
      '=': actual === comparison.to,
      '!=': actual !== comparison.to,
      '<': actual < comparison.to,
      '>': actual > comparison.to,
    };
    return truths[comparison.is];
  }
}
