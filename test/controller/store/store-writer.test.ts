import { describe, expect, it } from 'vitest';
import { MemoryStore } from '../../../controller/store/memory-store.ts';
import type { Commit, Operation } from '../../../controller/store/store.ts';
import { StoreWriter } from '../../../controller/store/store-writer.ts';

const put = (key: string, value = ''): Operation => ({ type: 'put', key, value });

function open() {
  const store = new MemoryStore();
  const answers: (readonly [number, string | undefined])[] = [];
  const writer = new StoreWriter(store, (id, failure) => answers.push([id, failure]));
  return { store, answers, writer };
}

/** What was committed, from the beginning. */
async function readCommits(store: MemoryStore, count: number): Promise<readonly Commit[]> {
  const watch = store.watch('', 0);
  const commits: Commit[] = [];
  for (let i = 0; i < count; i++) commits.push((await watch.next()).value);
  return commits;
}

describe('what a controller wants kept', () => {
  it('is kept in one transaction when it comes at once, the later change of a key holding', async () => {
    const { store, answers, writer } = open();
    writer.persist(1, [put('a', 'early')]);
    writer.persist(2, [put('b')]);
    writer.persist(3, [put('a', 'late')]);
    expect(answers, 'nobody is answered within the call').toEqual([]);
    const [commit] = await readCommits(store, 1);
    expect(commit!.changes.map((change) => change.type === 'put' && [change.entry.key, change.entry.value])).toEqual([
      ['a', 'late'],
      ['b', ''],
    ]);
    await writer.close();
    expect(answers).toEqual([
      [1, undefined],
      [2, undefined],
      [3, undefined],
    ]);
  });

  it('is answered before the store is closed, also what an answer leads to', async () => {
    const store = new MemoryStore();
    const answered: number[] = [];
    const writer: StoreWriter = new StoreWriter(store, (id) => {
      answered.push(id);
      if (id < 5) writer.persist(id + 1, [put(`k${id}`)]);
    });
    writer.persist(1, [put('a')]);
    await writer.close();
    expect(answered).toEqual([1, 2, 3, 4, 5]);
    await expect(store.get('a')).rejects.toMatchObject({ code: 'closed' });
  });

  it('takes nobody else with it when the store would refuse it', async () => {
    const { store, answers, writer } = open();
    writer.persist(1, [put('a')]);
    writer.persist(2, [put('名')]);
    await readCommits(store, 1);
    await writer.close();
    expect(new Map(answers)).toEqual(
      new Map([
        [1, undefined],
        [2, expect.stringContaining('printable ASCII')],
      ]),
    );
  });

  it('is answered with the reason when the store fails', async () => {
    const { store, answers, writer } = open();
    await store.close();
    writer.persist(1, [put('a')]);
    await writer.close();
    expect(answers).toEqual([[1, 'the store is closed']]);
  });
});
