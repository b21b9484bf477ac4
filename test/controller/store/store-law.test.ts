/** The law of stores: whichever it is, it answers what the naive one answers, whatever is asked in whatever order; closed and opened again, too. */
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LevelStore } from '../../../controller/store/level-store.ts';
import { MemoryStore } from '../../../controller/store/memory-store.ts';
import type { Commit, Comparison, Operation, Store } from '../../../controller/store/store.ts';
import { NaiveStore } from './naive-store.ts';
import { makeFolder } from './temporary-folder.ts';

const SEED = Number(process.env.SLUICE_SEED ?? 20_261_120);
const CASES = 60;

/** So few that most histories of the test are longer. */
const CHANGES_MAX = 15;

type Step =
  | {
      readonly type: 'txn';
      readonly compare: Comparison[];
      readonly effects: Operation[];
      readonly otherwise: Operation[];
    }
  | { readonly type: 'compact'; readonly back: number }
  | { readonly type: 'look'; readonly prefix: string; readonly key: string; readonly back: number }
  | { readonly type: 'reopen' };

const key = fc.constantFrom('a', 'a/1', 'a/2', 'a/2/3', 'a0', 'b', 'b/~', ' b');
const prefix = fc.constantFrom('', 'a', 'a/', 'a/2', 'b/', 'z');
const value = fc.constantFrom('', 'x', '字', '{"y":1}', '\0');
const sign = fc.constantFrom('=' as const, '!=' as const, '<' as const, '>' as const);

const comparison: fc.Arbitrary<Comparison> = fc.oneof(
  fc.record({
    key,
    target: fc.constantFrom('version' as const, 'createRevision' as const, 'modRevision' as const),
    is: sign,
    to: fc.nat(8),
  }),
  fc.record({
    key,
    target: fc.constant('value' as const),
    is: fc.constantFrom('=' as const, '!=' as const),
    to: value,
  }),
);

const operation: fc.Arbitrary<Operation> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ type: fc.constant('put' as const), key, value }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('delete' as const), key }) },
);

const operations = fc.uniqueArray(operation, { selector: (each) => each.key, maxLength: 4 });

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.record({
      type: fc.constant('txn' as const),
      compare: fc.array(comparison, { maxLength: 2 }),
      effects: operations,
      otherwise: operations,
    }),
  },
  { weight: 4, arbitrary: fc.record({ type: fc.constant('look' as const), prefix, key, back: fc.nat(20) }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('compact' as const), back: fc.nat(4) }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('reopen' as const) }) },
);

interface Subject {
  store: Store;
  reopen(): Promise<void>;
}

async function openSubjects(): Promise<Subject[]> {
  const directory = join(makeFolder(), 'store');
  const memory: Subject = { store: new MemoryStore({ changesMax: CHANGES_MAX }), reopen: async () => undefined };
  const level: Subject = {
    store: await LevelStore.open(directory, { changesMax: CHANGES_MAX }),
    reopen: async () => {
      await level.store.close();
      level.store = await LevelStore.open(directory, { changesMax: CHANGES_MAX });
    },
  };
  return [memory, level];
}

/** All that is there to be told now. */
async function readChanges(store: Store, from: number, under: string, count: number): Promise<Commit[] | 'compacted'> {
  const commits: Commit[] = [];
  try {
    const watch = store.watch(under, from);
    for (let i = 0; i < count; i++) commits.push((await watch.next()).value);
    await watch.return?.();
    return commits;
  } catch (error) {
    expect(error).toMatchObject({ code: 'compacted' });
    return 'compacted';
  }
}

async function perform(subject: Subject, asked: Step, naive: NaiveStore): Promise<unknown> {
  const { store } = subject;
  switch (asked.type) {
    case 'txn':
      return store.txn(asked.compare, asked.effects, asked.otherwise);
    case 'compact':
      return store.compact(Math.max(naive.revision - asked.back, 0));
    case 'reopen':
      return subject.reopen();
    case 'look': {
      const from = Math.max(naive.revision - asked.back, 0);
      const expected = naive.changesAfter(asked.prefix, from);
      const count = expected === 'compacted' ? 1 : expected.length;
      return {
        entry: await store.get(asked.key),
        range: await store.range(asked.prefix),
        changes: await readChanges(store, from, asked.prefix, count),
      };
    }
    default:
      return asked satisfies never;
  }
}

function answer(naive: NaiveStore, asked: Step): unknown {
  switch (asked.type) {
    case 'txn':
      return naive.txn(asked.compare, asked.effects, asked.otherwise);
    case 'compact':
      return naive.compact(Math.max(naive.revision - asked.back, 0));
    case 'reopen':
      return undefined;
    case 'look': {
      const { revision } = naive;
      return {
        entry: naive.get(asked.key),
        range: { revision, entries: naive.range(asked.prefix) },
        changes: naive.changesAfter(asked.prefix, Math.max(revision - asked.back, 0)),
      };
    }
    default:
      return asked satisfies never;
  }
}

describe(`every store (SLUICE_SEED=${SEED})`, () => {
  it('answers as the naive one does, in memory and on a disk that is left and come back to', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 60 }), async (steps) => {
        const naive = new NaiveStore(CHANGES_MAX);
        const subjects = await openSubjects();
        try {
          for (const asked of [...steps, { type: 'look', prefix: '', key: 'a', back: 20 } as const]) {
            const given = [];
            for (const subject of subjects) given.push(await perform(subject, asked, naive));
            const expected = answer(naive, asked);
            expect(given).toEqual(subjects.map(() => expected));
          }
        } finally {
          for (const { store } of subjects) await store.close();
        }
      }),
      { seed: SEED, numRuns: CASES },
    );
  });
});
