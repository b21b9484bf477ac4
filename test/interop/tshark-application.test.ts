/** Wireshark reads what we write: every value of every message, with checksums sound and nothing malformed. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { encodePcapHeader, encodePcapRecord } from '../../protocol/wire/capture/pcap.ts';
import { APPLICATION_FRAMES } from './application-frames.ts';
import { findPeer, runPeer } from './peer.ts';

const tshark = findPeer('tshark');

/** Each message for itself: nothing is put together from several, and checksums are looked at. */
const PREFERENCES = [
  'ip.check_checksum:TRUE',
  'tcp.check_checksum:TRUE',
  'sctp.checksum:CRC 32c',
  'tcp.desegment_tcp_streams:FALSE',
  'tcp.analyze_sequence_numbers:FALSE',
].flatMap((preference) => ['-o', preference]);

/** Characters that are in no value here. */
const SEPARATOR = '|';
const AGGREGATOR = ';';

const FIELDS = [
  ...new Set([
    '_ws.malformed',
    '_ws.expert.message',
    'ip.checksum.status',
    ...APPLICATION_FRAMES.flatMap(({ fields }) => Object.keys(fields)),
  ]),
];

/** Remarks on what is rare or stands alone, and right. */
const HARMLESS = /^(Connection establish request|TCP SYN with TFO Cookie|.* option overloaded by DHCP)/;

describe.skipIf(tshark.isSkipped)('Wireshark reads', () => {
  const rows: Map<string, string[]>[] = [];

  beforeAll(async () => {
    const folder = mkdtempSync(join(tmpdir(), 'sluice-application-'));
    try {
      const file = join(folder, 'frames.pcap');
      const records = APPLICATION_FRAMES.map(({ bytes }, i) =>
        encodePcapRecord({ timestampNs: BigInt(i), originalBytes: bytes.length, data: bytes }),
      );
      writeFileSync(file, Buffer.concat([encodePcapHeader({ linkType: 1 }), ...records]));
      const output = ['-T', 'fields', '-E', `separator=${SEPARATOR}`, '-E', `aggregator=${AGGREGATOR}`];
      const names = FIELDS.flatMap((name) => ['-e', name]);
      const { code, stdout, stderr } = await runPeer(tshark, ['-n', '-r', file, ...PREFERENCES, ...output, ...names]);
      expect(code, stderr).toBe(0);
      for (const line of stdout.split('\n').slice(0, -1)) {
        const values = line.split(SEPARATOR).map((value) => (value === '' ? [] : value.split(AGGREGATOR)));
        rows.push(new Map(FIELDS.map((name, i) => [name, values[i] ?? []])));
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test.each(APPLICATION_FRAMES.map((frame, i) => ({ ...frame, i })))('$name', ({ fields, i }) => {
    const row = rows[i]!;
    expect(row.get('_ws.malformed')).toEqual([]);
    expect(row.get('_ws.expert.message')!.filter((message) => !HARMLESS.test(message))).toEqual([]);
    for (const status of row.get('ip.checksum.status')!) expect(status).toBe('1');
    for (const [name, values] of Object.entries(fields)) expect(row.get(name), name).toEqual(values.map(String));
  });
});
