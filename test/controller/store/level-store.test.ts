import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ClassicLevel } from 'classic-level';
import { beforeAll, describe, expect, it } from 'vitest';
import { LevelStore } from '../../../controller/store/level-store.ts';
import { buildSluice } from '../../sluice-program.ts';
import { makeFolder } from './temporary-folder.ts';

beforeAll(buildSluice, 120_000);

/** Has it for as long as the work takes. */
async function withStore<T>(directory: string, use: (store: LevelStore) => Promise<T>): Promise<T> {
  const store = await LevelStore.open(directory);
  try {
    return await use(store);
  } finally {
    await store.close();
  }
}

async function writeThree(directory: string): Promise<void> {
  await withStore(directory, async (store) => {
    for (const key of ['a', 'b', 'c']) await store.txn([], [{ type: 'put', key, value: key }]);
  });
}

describe('a store on a disk', () => {
  it('makes its directory, and goes on where it ended, watchers included', async () => {
    const directory = join(makeFolder(), 'not', 'there');
    await writeThree(directory);
    await withStore(directory, async (store) => {
      const watch = store.watch('', 1);
      expect((await watch.next()).value).toMatchObject({ revision: 2, changes: [{ entry: { key: 'b' } }] });
      expect(await store.txn([], [{ type: 'put', key: 'd', value: '' }])).toEqual({ succeeded: true, revision: 4 });
    });
  });

  it('is for one at a time, and names who has it', async () => {
    const directory = makeFolder();
    await withStore(directory, async (store) => {
      await expect(LevelStore.open(directory)).rejects.toMatchObject({
        code: 'locked',
        message: expect.stringMatching(`${directory} is in use by this process`),
      });
      await store.txn([], [{ type: 'put', key: 'a', value: '' }]);
    });
    await withStore(directory, async (store) => expect(await store.get('a')).toBeDefined());
    expect(readdirSync(directory), 'no note is left behind').toEqual(['state']);
  });

  it('is opened again when who had it died, whatever its note says', async () => {
    const directory = makeFolder();
    await writeThree(directory);
    writeFileSync(join(directory, 'owner.pid'), '1\n');
    await withStore(directory, async (store) => expect((await store.range('')).revision).toBe(3));
  });

  it('is not made where it cannot be', async () => {
    const file = join(makeFolder(), 'file');
    writeFileSync(file, '');
    await expect(LevelStore.open(file)).rejects.toMatchObject({
      code: 'unreadable',
      message: expect.stringContaining(file),
    });
  });

  it.each<[string, Record<string, string | undefined>, RegExp]>([
    ['of a later program', { meta: '{"form":2,"revision":3,"compacted":0}' }, /of form 2/],
    ['with a head that is torn', { meta: '{"form":1,"rev' }, /no store of ours/],
    ['without its head', { meta: undefined }, /entries and no head/],
    ['that lost a commit', { c0000000000000002: undefined }, /revisions 0 to 3/],
    ['with an entry of the future', { kz: '{"key":"z","value":"","modRevision":9}' }, /newer than its last/],
  ])('is not taken for ours: %s', async (_title, changes, words) => {
    const directory = makeFolder();
    await writeThree(directory);
    const database = new ClassicLevel(join(directory, 'state'));
    for (const [key, value] of Object.entries(changes)) {
      if (value === undefined) await database.del(key);
      else await database.put(key, value);
    }
    await database.close();
    await expect(LevelStore.open(directory)).rejects.toMatchObject({
      code: 'corrupt',
      message: expect.stringMatching(words),
    });
    await expect(LevelStore.open(directory), 'it is let go again').rejects.toMatchObject({ code: 'corrupt' });
  });

  it('says that it is damaged when its files are', async () => {
    const directory = makeFolder();
    await writeThree(directory);
    const state = join(directory, 'state');
    for (const name of readdirSync(state))
      if (name.startsWith('MANIFEST')) writeFileSync(join(state, name), 'garbage!');
    await expect(LevelStore.open(directory)).rejects.toMatchObject({
      code: 'corrupt',
      message: expect.stringContaining(directory),
    });
  });

  it('writes nothing any more once a write has failed, and loses nothing of before', async () => {
    const directory = makeFolder();
    const script = `
      import { LevelStore } from '${new URL('../../../dist/controller/store/level-store.js', import.meta.url)}';
      const store = await LevelStore.open(process.argv[1]);
      let kept = 0;
      for (let i = 1; i <= 200; i++) {
        try {
          await store.txn([], [{ type: 'put', key: 'k' + i, value: 'x'.repeat(4096) }]);
          kept = i;
        } catch (error) {
          console.log(JSON.stringify({ code: error.code, kept, revision: (await store.range('')).revision }));
          const again = await store.txn([], [{ type: 'put', key: 'late', value: '' }]).catch(({ code }) => code);
          console.log(JSON.stringify(again));
          break;
        }
      }
      process.exit();`;
    // A file may have 256 KiB: the log is full after some dozens of writes.
    const { stdout, stderr } = spawnSync(
      'bash',
      ['-c', 'ulimit -f 256; exec "$0" --input-type=module -e "$1" "$2"', process.execPath, script, directory],
      { encoding: 'utf8' },
    );
    const [failure, again] = stdout.split('\n');
    expect(stderr).toBe('');
    const { code, kept, revision } = JSON.parse(failure!);
    expect({ code, again }).toEqual({ code: 'write-failed', again: '"write-failed"' });
    expect(kept).toBeGreaterThan(10);
    expect(revision).toBe(kept);
    await withStore(directory, async (store) => {
      const range = await store.range('');
      // The one that failed may be there: nobody was told either way.
      expect([kept, kept + 1]).toContain(range.revision);
      expect(range.entries).toHaveLength(range.revision);
    });
  });

  it('keeps what it wrote as text that other tools read', async () => {
    const directory = makeFolder();
    await writeThree(directory);
    const log = readdirSync(join(directory, 'state')).find((name) => name.endsWith('.log'));
    expect(readFileSync(join(directory, 'state', log!), 'latin1')).toContain('{"key":"a","value":"a"');
  });
});
