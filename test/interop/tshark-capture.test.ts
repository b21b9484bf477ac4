/**
 * Captures that we write, read by Wireshark's programs, and captures that they write, read by us.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type CapturedPacket, readCapture } from '../../protocol/wire/capture/capture.ts';
import { encodePcapHeader, encodePcapRecord } from '../../protocol/wire/capture/pcap.ts';
import { encodePcapngBlock, type WritableBlock } from '../../protocol/wire/capture/pcapng-block.ts';
import { nsToTicks } from '../../protocol/wire/capture/pcapng-time.ts';
import { formatHex, parseHex } from '../../protocol/wire/hex.ts';
import { findPeer, type Peer, runPeer } from './peer.ts';

const tshark = findPeer('tshark');
const editcap = findPeer('editcap');
const capinfos = findPeer('capinfos');

/** An Ethernet frame of a local experimental type (IEEE 802, 9.2.3), so that its payload is data to everyone. */
const FRAME = parseHex(`020000000002 020000000001 88b5 ${'a0b1c2d3e4f5'.repeat(8)}`)!;
const TIME = 1_700_000_000_123_456_789n;
const ENDIANS = ['little', 'big'] as const;

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-capture-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function save(name: string, ...parts: readonly Uint8Array[]): string {
  const file = join(folder, name);
  writeFileSync(file, Buffer.concat(parts));
  return file;
}

async function run(peer: Peer, ...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await runPeer(peer, args);
  expect(code, `${peer.name} ${args.join(' ')}: ${stderr}`).toBe(0);
  // A warning about the file, and not the one about who runs the program.
  expect(stderr.replace(/^Running as user.*\n?/m, ''), peer.name).toBe('');
  return stdout;
}

const FIELDS = [
  'section_number',
  'time_epoch',
  'len',
  'cap_len',
  'interface_id',
  'interface_name',
  'interface_description',
  'comment',
];

/** What tshark says of each packet, by field. */
async function dissect(file: string): Promise<Record<string, string>[]> {
  const fields = [...FIELDS.map((name) => `frame.${name}`), 'data.data'].flatMap((name) => ['-e', name]);
  const table = await run(tshark, '-r', file, '-T', 'fields', '-E', 'separator=|', '-E', 'aggregator=;', ...fields);
  return table
    .split('\n')
    .slice(0, -1)
    .map((line) => Object.fromEntries(line.split('|').map((value, i) => [FIELDS[i] ?? 'data', value])));
}

function epochOf(timestampNs: bigint): string {
  return `${timestampNs / 1_000_000_000n}.${String(timestampNs % 1_000_000_000n).padStart(9, '0')}`;
}

const summaryOf = ({ timestampNs, originalBytes, linkType, data }: CapturedPacket) => ({
  timestampNs,
  originalBytes,
  linkType,
  data: formatHex(data),
});

const PACKETS = [
  { timestampNs: TIME, originalBytes: FRAME.length, data: FRAME },
  { timestampNs: TIME + 1n, originalBytes: 1500, data: FRAME.subarray(0, 30) },
  { timestampNs: 0xffff_ffffn * 1_000_000_000n + 999_999_999n, originalBytes: FRAME.length, data: FRAME },
];

describe.skipIf(tshark.isSkipped)('Wireshark reads what we write', () => {
  test.each(
    ENDIANS.flatMap((endian) => [{ endian, precision: 'micro' } as const, { endian, precision: 'nano' } as const]),
  )('in pcap, $endian-endian, $precision', async (format) => {
    const name = `${format.endian}-${format.precision}.pcap`;
    const file = save(
      name,
      encodePcapHeader({ ...format, linkType: 1 }),
      ...PACKETS.map((packet) => encodePcapRecord(packet, format)),
    );
    const unit = format.precision === 'nano' ? 1n : 1000n;
    const seen = await dissect(file);
    expect(seen.map(({ time_epoch }) => time_epoch)).toEqual(
      PACKETS.map(({ timestampNs }) => epochOf(timestampNs - (timestampNs % unit))),
    );
    expect(seen.map(({ len }) => Number(len))).toEqual(PACKETS.map(({ originalBytes }) => originalBytes));
    expect(seen.map(({ cap_len }) => Number(cap_len))).toEqual(PACKETS.map(({ data }) => data.length));
    expect(seen.map(({ data }) => data)).toEqual(PACKETS.map(({ data }) => formatHex(data.subarray(14))));
  });

  test.each(ENDIANS)(
    'in pcapng, %s-endian: names, comments, times of several units, every kind of block',
    async (endian) => {
      const packet = { type: 'packet', originalBytes: FRAME.length, data: FRAME } as const;
      const coarse = { resolution: 3, offsetSeconds: 1_699_999_999n };
      const binary = { resolution: 0x80 | 30 };
      const blocks: readonly WritableBlock[] = [
        { type: 'section', endian, hardware: 'none', os: 'virtual', application: 'sluice', comments: ['a run'] },
        {
          type: 'interface',
          linkType: 1,
          snapBytes: 0,
          resolution: 9,
          name: 's1-eth1',
          description: '交换机 1',
          speedBitsPerSecond: 10_000_000_000n,
          mac: 0x0200_0000_0001,
          ipv4Networks: [{ address: 0x0a000001, mask: 0xffffff00 }],
          ipv6Networks: [{ address: 1n, prefixBits: 64 }],
          filter: Uint8Array.of(0, 0x74, 0x63, 0x70),
          hardware: 'virtual',
        },
        { type: 'interface', linkType: 1, snapBytes: 30, name: 's2-eth1', ...coarse },
        { type: 'interface', linkType: 1, snapBytes: 0, name: 's3-eth1', ...binary },
        {
          type: 'names',
          records: [
            { type: 'ipv4', address: 0x0a000001, names: ['h1', 'h1.lab'] },
            { type: 'ipv6', address: 1n, names: ['h1'] },
          ],
          serverName: 'sluice',
        },
        {
          ...packet,
          interfaceId: 0,
          ticks: TIME,
          comments: ['first', 'zweiter'],
          flags: 2,
          dropCount: 3n,
          packetId: 4n,
        },
        { ...packet, interfaceId: 1, ticks: nsToTicks(TIME, coarse), hashes: [Uint8Array.of(2, 1, 2, 3, 4)] },
        { ...packet, interfaceId: 2, ticks: nsToTicks(TIME, binary), queue: 1 },
        { type: 'unknown', kind: 0x0bad_0bad, data: new Uint8Array(8) },
        {
          type: 'statistics',
          interfaceId: 0,
          ticks: TIME,
          received: 3n,
          dropped: 0n,
          startTicks: TIME,
          endTicks: TIME,
        },
      ];
      const file = save(`${endian}.pcapng`, ...blocks.map((block) => encodePcapngBlock(block, endian)));
      const seen = await dissect(file);
      const common = {
        section_number: '1',
        len: String(FRAME.length),
        cap_len: String(FRAME.length),
        data: formatHex(FRAME.subarray(14)),
      };
      expect(seen).toEqual([
        {
          ...common,
          time_epoch: epochOf(TIME),
          interface_id: '0',
          interface_name: 's1-eth1',
          interface_description: '交换机 1',
          comment: 'first;zweiter',
        },
        {
          ...common,
          time_epoch: '1700000000.123000000',
          interface_id: '1',
          interface_name: 's2-eth1',
          interface_description: '',
          comment: '',
        },
        {
          ...common,
          time_epoch: epochOf(TIME),
          interface_id: '2',
          interface_name: 's3-eth1',
          interface_description: '',
          comment: '',
        },
      ]);
    },
  );

  test('in pcapng of two sections in opposite orders, with simple packets', async () => {
    const section = (endian: 'little' | 'big', name: string): Uint8Array[] => {
      const blocks: readonly WritableBlock[] = [
        { type: 'section', endian },
        { type: 'interface', linkType: 1, snapBytes: 40, resolution: 9, name },
        { type: 'simple-packet', originalBytes: FRAME.length, data: FRAME.subarray(0, 40) },
        { type: 'packet', interfaceId: 0, ticks: TIME, originalBytes: 14, data: FRAME.subarray(0, 14) },
      ];
      return blocks.map((block) => encodePcapngBlock(block, endian));
    };
    const seen = await dissect(save('sections.pcapng', ...section('little', 'one'), ...section('big', 'two')));
    expect(seen.map(({ section_number, cap_len, len }) => [section_number, cap_len, len])).toEqual([
      ['1', '40', '62'],
      ['1', '14', '14'],
      ['2', '40', '62'],
      ['2', '14', '14'],
    ]);
  });
});

describe.skipIf(capinfos.isSkipped)('capinfos sums up what we write', () => {
  test('a pcapng file with its interfaces', async () => {
    const blocks: readonly WritableBlock[] = [
      { type: 'section', endian: 'little', application: 'sluice', comments: ['a run'] },
      { type: 'interface', linkType: 1, snapBytes: 0, resolution: 9, name: 's1-eth1', speedBitsPerSecond: 1000n },
      ...PACKETS.slice(0, 2).map(
        ({ timestampNs, ...packet }) => ({ type: 'packet', interfaceId: 0, ticks: timestampNs, ...packet }) as const,
      ),
      { type: 'statistics', interfaceId: 0, ticks: TIME, received: 2n },
    ];
    const report = await run(capinfos, save('info.pcapng', ...blocks.map((block) => encodePcapngBlock(block))));
    const lines = Object.fromEntries(report.split('\n').map((line) => line.trim().split(/\s*[:=]\s+/)));
    expect(lines).toMatchObject({
      'File type': 'Wireshark/... - pcapng',
      'File encapsulation': 'Ethernet',
      'File timestamp precision': 'nanoseconds (9)',
      'Capture application': 'sluice',
      'Capture comment': 'a run',
      'Number of interfaces in file': '1',
      Name: 's1-eth1',
      Speed: '1000',
      'Time precision': 'nanoseconds (9)',
      'Number of stat entries': '1',
      'Number of packets': '2',
    });
  });
});

describe.skipIf(editcap.isSkipped)('we read what Wireshark writes', () => {
  test.each([
    ['nsecpcap', 1n],
    ['pcap', 1000n],
    ['pcapng', 1n],
  ])('as %s', async (format, unit) => {
    const source = save(
      'source.pcap',
      encodePcapHeader({ linkType: 1 }),
      ...PACKETS.map((each) => encodePcapRecord(each)),
    );
    const copy = join(folder, `copy.${format}`);
    await run(editcap, '-F', format, source, copy);
    const packets = [...readCapture(readFileSync(copy))];
    expect(packets.map(summaryOf)).toEqual(
      PACKETS.map(({ timestampNs, originalBytes, data }) => ({
        timestampNs: timestampNs - (timestampNs % unit),
        originalBytes,
        linkType: 1,
        data: formatHex(data),
      })),
    );
  });

  test('a comment that editcap adds, and packets that it cuts short', async () => {
    const source = save(
      'plain.pcap',
      encodePcapHeader({ linkType: 1 }),
      ...PACKETS.map((each) => encodePcapRecord(each)),
    );
    const copy = join(folder, 'commented.pcapng');
    await run(editcap, '-F', 'pcapng', '-a', '2:说明', '-s', '20', source, copy);
    const packets = [...readCapture(readFileSync(copy))];
    expect(packets.map(({ comments }) => comments)).toEqual([[], ['说明'], []]);
    expect(packets.map(({ capturedBytes }) => capturedBytes)).toEqual([20, 20, 20]);
    expect(packets.map(({ originalBytes }) => originalBytes)).toEqual(
      PACKETS.map(({ originalBytes }) => originalBytes),
    );
  });

  test('a file of another link type', async () => {
    const source = save(
      'raw.pcap',
      encodePcapHeader({ linkType: 147 }),
      ...PACKETS.map((each) => encodePcapRecord(each)),
    );
    const copy = join(folder, 'raw.pcapng');
    await run(editcap, '-F', 'pcapng', source, copy);
    expect([...readCapture(readFileSync(copy))].map(({ linkType }) => linkType)).toEqual([147, 147, 147]);
  });
});
