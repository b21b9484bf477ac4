/** `sluice controller --openflow ssl:…`: our own switches over mutual TLS, those of another authority, and files that do not fit. */
import { spawnSync } from 'node:child_process';
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { BackgroundProgram } from '../background-program.ts';
import { Certificates, type TlsFiles } from '../certificates.ts';
import { findPeer } from '../interop/peer.ts';
import { ControllerProgram, ROOT, startSluice } from '../sluice-program.ts';

const RUN_MS = 90_000;
const SOON = { timeout: 30_000, interval: 100 };
const openssl = findPeer('openssl');

interface Told {
  readonly type: string;
  readonly params: Readonly<Record<string, string>>;
}

let pki: Certificates;
let ours: TlsFiles;
let controller: ControllerProgram | undefined;
const emulations: BackgroundProgram[] = [];

beforeAll(() => {
  if (openssl.isSkipped) return;
  pki = new Certificates();
  ours = pki.issue('controller');
});

afterAll(() => pki?.remove());

afterEach(async () => {
  for (const emulation of emulations.splice(0)) await emulation.stop('SIGKILL');
  await controller?.program.stop('SIGKILL');
  controller = undefined;
});

function emulate(target: string, { key, cert, ca }: TlsFiles): BackgroundProgram {
  const files = ['--key', key, '--cert', cert, '--ca', ca];
  const emulation = startSluice('emulate', 'linear,2', '--controller', target, ...files);
  emulations.push(emulation);
  return emulation;
}

const refusals = async (program: ControllerProgram) =>
  (await program.list<Told>('/api/v1/events')).filter(({ type }) => type === 'connection-refused');

describe.skipIf(openssl.isSkipped)('sluice controller over TLS', () => {
  it('drives switches whose certificate leads to its authority, and names others that it turns away', {
    timeout: RUN_MS,
  }, async () => {
    const program = await ControllerProgram.start({ host: '127.0.0.1', port: 0, tls: ours });
    controller = program;
    expect(program.openflow).toMatch(/^ssl:127\.0\.0\.1:\d+$/);
    emulate(program.openflow, pki.issue('switch'));
    await expect
      .poll(async () => [(await program.list('/api/v1/switches')).length, await program.isReady()], SOON)
      .toEqual([2, true]);
    expect(await refusals(program)).toEqual([]);

    const stranger = emulate(program.openflow, pki.issue('stranger', 'theirs', 'ours'));
    await stranger.untilPrinted(/refuses our certificate|hung up before its hello/, RUN_MS);
    await expect.poll(async () => (await refusals(program)).length, SOON).toBeGreaterThan(0);
    const [refusal] = await refusals(program);
    expect(refusal!.params).toMatchObject({
      connection: expect.stringMatching(/^ssl:127\.0\.0\.1:/),
      reason: expect.stringContaining('certificate of "stranger" is not accepted'),
    });

    const { port } = program;
    const plain = connect(port, '127.0.0.1', () => plain.write(Uint8Array.of(4, 0, 0, 8, 0, 0, 0, 1)));
    plain.on('error', () => undefined);
    await expect
      .poll(async () => (await refusals(program)).some(({ params }) => params.reason!.startsWith('no TLS')), SOON)
      .toBe(true);
    plain.destroy();
    expect(await program.list('/api/v1/switches')).toHaveLength(2);
    expect(await program.program.stop()).toBe(0);
  });

  it.each([
    ['ssl: without files', ['--openflow', 'ssl:127.0.0.1:0'], /TLS is mutual; give --key, --cert and --ca/],
    ['files without ssl:', ['--key', 'K', '--cert', 'C', '--ca', 'A'], /are for an ssl: address/],
  ])('refuses %s in one line', { timeout: RUN_MS }, (_title, words, reason) => {
    const files: Readonly<Record<string, string>> = { K: ours.key, C: ours.cert, A: ours.ca };
    const args = words.map((word) => files[word] ?? word);
    const { status, stderr } = spawnSync(process.execPath, [join(ROOT, 'cli/sluice.mjs'), 'controller', ...args], {
      cwd: ROOT,
      encoding: 'utf8',
      timeout: RUN_MS,
    });
    expect(status).toBe(2);
    expect(stderr).toMatch(reason);
  });
});
