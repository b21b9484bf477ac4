import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import type { BackgroundProgram } from '../background-program.ts';
import { ROOT, startSluice } from '../sluice-program.ts';

const RUN_MS = 90_000;

/** The one in the working directory may be somebody's. */
const STORE = mkdtempSync(join(tmpdir(), 'sluice-store-'));

afterAll(() => rmSync(STORE, { recursive: true, force: true }));

let running: BackgroundProgram | undefined;

afterEach(async () => {
  await running?.stop('SIGKILL');
});

function sluice(...args: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(ROOT, 'cli/sluice.mjs'), ...args], {
    cwd: ROOT,
    encoding: 'utf8',
    timeout: RUN_MS,
  });
  return { status, stdout, lines: stderr.split('\n').filter((line) => line !== '' && !line.startsWith('sluice: ')) };
}

describe('an address that cannot be listened on', () => {
  it.each([
    ['an HTTP address that others reach', ['lab', 'linear,2', '--http', '0.0.0.0:18450'], /not an address of this/],
    ['an HTTP name that there is not', ['controller', '--http', 'nohost.invalid:18450'], /nohost.invalid is not an/],
    [
      'a foreign OpenFlow address',
      ['controller', '--openflow', 'tcp:203.0.113.9:6653', '--store', STORE],
      /EADDRNOTAVAIL.*; take an/,
    ],
  ])('is refused in one line and with 2: %s', { timeout: RUN_MS }, (_title, args, words) => {
    const { status, stdout, lines } = sluice(...args);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(lines).toEqual([expect.stringMatching(words)]);
  });

  it('ends a lab with 75 when it is the last port and busy', { timeout: RUN_MS }, async () => {
    const server = createServer().listen(65_535, '127.0.0.1');
    try {
      await new Promise((resolve) => {
        server.once('listening', resolve);
        server.once('error', resolve);
      });
      running = startSluice('lab', 'linear,2', '--http', '127.0.0.1:65535');
      expect(await running.untilEnded()).toBe(75);
      expect(running.output).toContain('choose another port');
    } finally {
      server.close();
    }
  });
});

describe('a lab on any port that is free', () => {
  it('calls none busy, and ends with 0 when it is asked to stop', { timeout: RUN_MS }, async () => {
    running = startSluice('lab', 'linear,2', '--http', '127.0.0.1:0');
    await running.untilPrinted(/linear-2-1: http:\S+\n/, RUN_MS);
    expect(running.output).not.toContain('busy');
    expect(await running.stop()).toBe(0);
  });
});

describe('sluice --version', () => {
  it('is that of the package', () => {
    const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
    expect(sluice('--version')).toEqual({ status: 0, stdout: `${version}\n`, lines: [] });
  });
});
