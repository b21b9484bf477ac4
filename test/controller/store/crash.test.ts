/**
 * A process that writes is killed at any moment, again and again over the same directory: all that it was told is kept is there, and of what it was not told
 * either the whole transaction or nothing. `SLUICE_KILLS=200` for the long run.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { beforeAll, describe, expect, it } from 'vitest';
import { LevelStore } from '../../../controller/store/level-store.ts';
import { buildSluice } from '../../sluice-program.ts';
import { makeFolder } from './temporary-folder.ts';

const KILLS = Number(process.env.SLUICE_KILLS ?? 20);
const SEED = Number(process.env.SLUICE_SEED ?? 20_261_120);
const WAIT_MS_MAX = 60;

/** So few that old ones are forgotten all the time. */
const CHANGES_MAX = 50;

/** Every transaction n moves one token: it deletes `even` or `odd`, writes the other, and writes two keys that say n. What is printed was acknowledged. */
const WRITER = `
  import { LevelStore } from '${new URL('../../../dist/controller/store/level-store.js', import.meta.url)}';
  import { writeSync } from 'node:fs';
  const store = await LevelStore.open(process.argv[1], { changesMax: ${CHANGES_MAX} });
  const { revision } = await store.range('');
  writeSync(1, 'open\\n');
  for (let n = revision + 1; ; n++) {
    const [to, from] = n % 2 ? ['odd', 'even'] : ['even', 'odd'];
    const text = String(n);
    await store.txn([], [
      { type: 'put', key: 'left', value: text },
      { type: 'delete', key: from },
      { type: 'put', key: to, value: text },
      { type: 'put', key: 'many/' + (n % 97), value: text.repeat(n % 300) },
      { type: 'put', key: 'right', value: text },
    ]);
    writeSync(1, text + '\\n');
  }`;

/** Gives the last revision that it was told is kept. */
async function writeUntilKilled(directory: string, afterMs: number): Promise<number> {
  const child = spawn(process.execPath, ['--input-type=module', '-e', WRITER, directory], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  child.stdout.setEncoding('utf8');
  let output = '';
  // Once it has opened the store, it is not left to live.
  child.stdout.once('data', () => setTimeout(() => child.kill('SIGKILL'), afterMs));
  child.stdout.on('data', (text: string) => {
    output += text;
  });
  const [, signal] = await once(child, 'close');
  expect(signal, 'it was killed in the midst of its work').toBe('SIGKILL');
  const acknowledged = output.split('\n').slice(1, -1);
  return Number(acknowledged.at(-1) ?? 0);
}

/** What must hold after each transaction, and would not within one. */
async function checkWhole(store: LevelStore): Promise<number> {
  const { revision, entries } = await store.range('');
  if (revision === 0) return 0;
  const values = new Map(entries.map(({ key, value }) => [key, value]));
  const text = String(revision);
  expect({ left: values.get('left'), right: values.get('right') }).toEqual({ left: text, right: text });
  const parity = revision % 2 ? ['odd', 'even'] : ['even', 'odd'];
  expect(values.get(parity[0]!)).toBe(text);
  expect(values.has(parity[1]!)).toBe(false);
  expect(values.get(`many/${revision % 97}`)).toBe(text.repeat(revision % 300));
  expect(entries.find(({ key }) => key === 'left')).toMatchObject({ version: revision, modRevision: revision });
  const last = await store.watch('', revision - 1).next();
  expect(last.value).toMatchObject({ revision });
  return revision;
}

beforeAll(buildSluice, 120_000);

describe(`a store whose process is killed ${KILLS} times (SLUICE_KILLS, SLUICE_SEED=${SEED})`, () => {
  it('has all that was acknowledged, and nothing by halves', { timeout: 60_000 + KILLS * 3_000 }, async () => {
    const directory = makeFolder();
    let state = SEED;
    let last = 0;
    let gained = 0;
    for (let kill = 0; kill < KILLS; kill++) {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      const acknowledged = await writeUntilKilled(directory, (state / 2 ** 32) * WAIT_MS_MAX);
      const store = await LevelStore.open(directory, { changesMax: CHANGES_MAX });
      try {
        const revision = await checkWhole(store);
        expect(revision).toBeGreaterThanOrEqual(Math.max(acknowledged, last));
        gained += revision - last;
        last = revision;
      } finally {
        await store.close();
      }
    }
    expect(gained, 'it did write').toBeGreaterThan(KILLS);
    console.log(`killed ${KILLS} times within ${gained} transactions, none acknowledged was lost`);
  });
});
