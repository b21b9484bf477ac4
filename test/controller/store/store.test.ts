import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { LevelStore } from '../../../controller/store/level-store.ts';
import { MemoryStore } from '../../../controller/store/memory-store.ts';
import { KEY_LENGTH_MAX, VALUE_LENGTH_MAX } from '../../../controller/store/operation-check.ts';
import type { Operation, Store, StoreOptions } from '../../../controller/store/store.ts';
import { makeFolder } from './temporary-folder.ts';

const KINDS: readonly (readonly [string, (options?: StoreOptions) => Promise<Store>])[] = [
  ['in memory', async (options) => new MemoryStore(options)],
  ['on a disk', async (options) => LevelStore.open(join(makeFolder(), 'store'), options)],
];

const put = (key: string, value = ''): Operation => ({ type: 'put', key, value });

async function withStore(
  [, open]: (typeof KINDS)[number],
  use: (store: Store) => Promise<void>,
  options?: StoreOptions,
): Promise<void> {
  const store = await open(options);
  try {
    await use(store);
  } finally {
    await store.close();
  }
}

describe.each(KINDS)('a store %s', (...kind) => {
  it.each<[string, Operation[], string]>([
    ['an empty key', [put('')], 'invalid-key'],
    ['a key in other letters', [put('名')], 'invalid-key'],
    ['a key without end', [put('k'.repeat(KEY_LENGTH_MAX + 1))], 'invalid-key'],
    ['a value without end', [put('k', 'v'.repeat(VALUE_LENGTH_MAX + 1))], 'invalid-value'],
    ['half a character', [put('k', '\ud800')], 'invalid-value'],
    ['two changes of one key', [put('k'), { type: 'delete', key: 'k' }], 'duplicate-key'],
  ])('refuses %s and stays as it was', async (_title, operations, code) => {
    await withStore(kind, async (store) => {
      await expect(store.txn([], [put('a'), ...operations])).rejects.toMatchObject({ name: 'StoreError', code });
      await expect(store.txn([], [], operations), 'though it would not be done').rejects.toMatchObject({ code });
      expect(await store.range('')).toEqual({ revision: 0, entries: [] });
    });
  });

  it('has one revision per transaction, of however many writes at once', async () => {
    await withStore(kind, async (store) => {
      const results = await Promise.all(Array.from({ length: 20 }, (_, i) => store.txn([], [put('a'), put(`b${i}`)])));
      expect(results.map(({ revision }) => revision)).toEqual(Array.from({ length: 20 }, (_, i) => i + 1));
      expect(await store.get('a')).toMatchObject({ createRevision: 1, modRevision: 20, version: 20 });
    });
  });

  it('lets one of two who compared the same win', async () => {
    await withStore(kind, async (store) => {
      const claim = (value: string) =>
        store.txn([{ key: 'lock', target: 'version', is: '=', to: 0 }], [put('lock', value)]);
      const [one, other] = await Promise.all([claim('one'), claim('other')]);
      expect([one!.succeeded, other!.succeeded]).toEqual([true, false]);
      expect(await store.get('lock')).toMatchObject({ value: 'one' });
    });
  });

  it('tells a watcher that waits, and leaves it when asked to', async () => {
    await withStore(kind, async (store) => {
      const watch = store.watch('a/', 0);
      const first = watch.next();
      await store.txn([], [put('b')]);
      await store.txn([], [put('a/1', 'x'), put('b')]);
      expect((await first).value).toMatchObject({ revision: 2, changes: [{ entry: { key: 'a/1', value: 'x' } }] });
      const second = watch.next();
      await watch.return!();
      expect(await second).toEqual({ done: true, value: undefined });
    });
  });

  it('tells a watcher that is too slow that it missed something, and makes no other wait for it', async () => {
    await withStore(
      kind,
      async (store) => {
        const [slow, quick] = [store.watch('', 0), store.watch('', 0)];
        for (let i = 1; i <= 5; i++) {
          await store.txn([], [put('a', String(i))]);
          expect((await quick.next()).value).toMatchObject({ revision: i });
        }
        await expect(slow.next()).rejects.toMatchObject({ code: 'compacted' });
        expect(await slow.next()).toEqual({ done: true, value: undefined });
      },
      { changesMax: 3 },
    );
  });

  it('forgets nothing that is there, and cannot forget what is to come', async () => {
    await withStore(kind, async (store) => {
      await store.txn([], [put('a', 'x')]);
      await expect(store.compact(2)).rejects.toMatchObject({ code: 'future-revision' });
      await store.compact(1);
      expect(await store.get('a')).toMatchObject({ value: 'x', modRevision: 1 });
      expect(await store.txn([], [put('b')])).toMatchObject({ revision: 2 });
    });
  });

  it('is of no use once it is closed, and says so to those who watch', async () => {
    const store = await kind[1]();
    const waiting = store.watch('', 0).next();
    await store.close();
    expect(await waiting).toEqual({ done: true, value: undefined });
    await expect(store.get('a')).rejects.toMatchObject({ code: 'closed' });
    await expect(store.txn([], [put('a')])).rejects.toMatchObject({ code: 'closed' });
    await store.close();
  });
});
