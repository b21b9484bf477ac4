/** What our TCP says on the wire, read by Wireshark: nothing malformed, no wrong checksum, nothing odd where nothing is lost, and the bytes that were written. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { MILLISECOND, SECOND } from '../../sim/clock.ts';
import { ScriptUser } from '../sim/stack/tcp/script-user.ts';
import { buildRig, type RigOptions } from '../sim/stack/tcp/wire-rig.ts';
import { findPeer, runPeer } from './peer.ts';

const tshark = findPeer('tshark');

const PORT = 5555;
/** The data is data, whatever it looks like. */
const PLAIN = ['-d', `tcp.port==${PORT},data`];

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-tcp-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const CHECKED = ['tcp.check_checksum', 'ip.check_checksum', 'tcp.analyze_sequence_numbers'].flatMap((preference) => [
  '-o',
  `${preference}:TRUE`,
]);

async function read(file: string, ...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await runPeer(tshark, ['-r', file, ...CHECKED, ...PLAIN, ...args]);
  expect(code, stderr).toBe(0);
  return stdout;
}

const linesOf = (text: string) => text.split('\n').slice(0, -1);

/** A conversation both ways, and all of its frames as a file. */
function converse(
  name: string,
  options: RigOptions,
  change?: (client: ScriptUser, server: ScriptUser) => void,
): string {
  const rig = buildRig({ ...options, isCaptured: true });
  const [client, server] = [new ScriptUser(1, 2), new ScriptUser(2, 1)];
  rig.server.tcp.listen(PORT, (stream) => {
    server.stream = stream;
    return server;
  });
  rig.client.tcp.connect({ address: rig.server.address, port: PORT }, (stream) => {
    client.stream = stream;
    return client;
  });
  client.write(200_000);
  rig.run(SECOND);
  server.write(50_000);
  change?.(client, server);
  rig.run(SECOND);
  client.end();
  server.end();
  server.stream!.setPaused(false);
  rig.run();
  const file = join(folder, `${name}.pcap`);
  writeFileSync(file, rig.pcap());
  return file;
}

const PATH = { bandwidthBps: 20e6, delayNs: 10 * MILLISECOND, queueFramesMax: 1000 };

describe.skipIf(tshark.isSkipped)('Wireshark reads our TCP', () => {
  test('and finds nothing to remark on a clean wire', async () => {
    const file = converse('clean', { cable: PATH });
    const fields = [
      'tcp.checksum.status',
      'ip.checksum.status',
      'tcp.analysis.flags',
      '_ws.malformed',
      '_ws.expert.message',
    ];
    const lines = linesOf(await read(file, '-T', 'fields', ...fields.flatMap((field) => ['-e', field])));
    expect(lines.length).toBeGreaterThan(200);
    const remarks = new Map<string, number>();
    for (const line of lines) remarks.set(line, (remarks.get(line) ?? 0) + 1);
    // 1 is good. That a connection begins and ends is all that is said.
    expect([...remarks.keys()].sort()).toEqual([
      '1\t1\t\t\t',
      `1\t1\t\t\tConnection establish acknowledge (SYN+ACK): server port ${PORT}`,
      `1\t1\t\t\tConnection establish request (SYN): server port ${PORT}`,
      '1\t1\t\t\tConnection finish (FIN),This frame initiates the connection closing',
      '1\t1\t\t\tConnection finish (FIN),This frame undergoes the connection closing',
    ]);
  });

  const hard: readonly (readonly [string, RigOptions])[] = [
    ['loss and SACK', { cable: { ...PATH, lossProbability: 0.03 } }],
    ['loss without SACK', { cable: { ...PATH, lossProbability: 0.03 }, model: { hasSack: false } }],
    ['loss without timestamps', { cable: { ...PATH, lossProbability: 0.03 }, model: { hasTimestamps: false } }],
    ['small buffers', { cable: PATH, model: { receiveBufferBytesMax: 5000, sendBufferBytesMax: 9000 } }],
    ['another order', { unruly: { loss: 0.01, duplication: 0.02, jitterNs: 5 * MILLISECOND } }],
  ];
  test.each(hard)('and finds nothing malformed and no wrong checksum with %s', async (name, options) => {
    const file = converse(name.replaceAll(' ', '-'), options);
    const all = linesOf(await read(file, '-T', 'fields', '-e', 'tcp.checksum.status', '-e', 'ip.checksum.status'));
    expect(all.length).toBeGreaterThan(200);
    expect(new Set(all)).toEqual(new Set(['1\t1']));
    expect(await read(file, '-Y', '_ws.malformed || _ws.expert.severity == "Error"')).toBe('');
  });

  test('and puts together what was written, both ways', async () => {
    const file = converse('bytes', { cable: { ...PATH, lossProbability: 0.02 } });
    const shown = linesOf(await read(file, '-q', '-z', 'follow,tcp,raw,0')).filter((line) =>
      /^\t?[0-9a-f]+$/.test(line),
    );
    const bytesOf = (lines: readonly string[]) => Buffer.from(lines.map((line) => line.trim()).join(''), 'hex');
    for (const [lines, salt, length] of [
      [shown.filter((line) => !line.startsWith('\t')), 1, 200_000],
      [shown.filter((line) => line.startsWith('\t')), 2, 50_000],
    ] as const) {
      const judge = new ScriptUser(0, salt);
      judge.received(bytesOf(lines));
      expect([judge.receivedBytes, judge.wrongAt]).toEqual([length, undefined]);
    }
  });

  test('and sees a window that is shut, probed and opened', async () => {
    const model = { receiveBufferBytesMax: 20_000 };
    const file = converse('shut', { cable: PATH, serverModel: model }, (client, server) => {
      server.stream!.setPaused(true);
      client.write(100_000);
    });
    expect(linesOf(await read(file, '-Y', 'tcp.analysis.zero_window_probe')).length).toBeGreaterThan(0);
    expect(await read(file, '-Y', '_ws.malformed || tcp.checksum.status == "Bad"')).toBe('');
  });
});
