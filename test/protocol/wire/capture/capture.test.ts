import { describe, expect, test } from 'vitest';
import { CaptureReader, readCapture } from '../../../../protocol/wire/capture/capture.ts';
import { formatLinkType } from '../../../../protocol/wire/capture/link-type.ts';
import { encodePcapHeader, encodePcapRecord } from '../../../../protocol/wire/capture/pcap.ts';
import { encodePcapngBlock, type WritableBlock } from '../../../../protocol/wire/capture/pcapng-block.ts';
import { concat, feed, hexFile } from './feed.ts';

const TIME = 1_700_000_000_123_456_789n;
const DATA = Uint8Array.of(1, 2, 3);

const PCAP = concat(
  encodePcapHeader({ linkType: 1, snapBytes: 1500 }),
  encodePcapRecord({ timestampNs: TIME, originalBytes: 60, data: DATA }),
  encodePcapRecord({ timestampNs: TIME + 1n, originalBytes: 3, data: DATA }),
);

const packet = { type: 'packet', originalBytes: 60, data: DATA } as const;
const SECTION: readonly WritableBlock[] = [
  { type: 'section', endian: 'little' },
  { type: 'interface', linkType: 1, snapBytes: 0, name: 's1-eth1', description: 'uplink', resolution: 9 },
  { type: 'interface', linkType: 60000, snapBytes: 99, offsetSeconds: 1_700_000_000n },
  { ...packet, interfaceId: 0, ticks: TIME, comments: ['first', 'ein zweiter'] },
  { type: 'statistics', interfaceId: 0, ticks: TIME },
  { ...packet, interfaceId: 1, ticks: 123_456n },
  { type: 'simple-packet', originalBytes: 3, data: DATA },
];
const PCAPNG = concat(...[...SECTION, ...SECTION].map((block) => encodePcapngBlock(block)));

const ONE_OF_BOTH = [
  ['pcap', PCAP],
  ['pcapng', PCAPNG],
] as const;

describe('a capture', () => {
  test('of pcap gives its packets with the one interface', () => {
    const only = { index: 0, name: undefined, description: undefined, linkType: 1, snapBytes: 1500 };
    const common = { interface: only, linkType: 1, capturedBytes: 3, data: DATA, comments: [] };
    expect(feed(new CaptureReader(), PCAP)).toEqual({
      records: [
        { ...common, number: 1, at: 24, timestampNs: TIME, originalBytes: 60 },
        { ...common, number: 2, at: 43, timestampNs: TIME + 1n, originalBytes: 3 },
      ],
      fault: undefined,
    });
  });

  test('of pcapng gives its packets with their interfaces, times in nanoseconds and comments', () => {
    const { records, fault } = feed(new CaptureReader(), PCAPNG);
    expect(fault).toBeUndefined();
    expect(
      records.map(({ number, linkType, timestampNs, comments }) => [number, linkType, timestampNs, comments]),
    ).toEqual([
      [1, 1, TIME, ['first', 'ein zweiter']],
      [2, 60000, 1_700_000_000_123_456_000n, []],
      [3, 1, undefined, []],
      [4, 1, TIME, ['first', 'ein zweiter']],
      [5, 60000, 1_700_000_000_123_456_000n, []],
      [6, 1, undefined, []],
    ]);
    expect(records[0]!.interface).toEqual({
      index: 0,
      name: 's1-eth1',
      description: 'uplink',
      linkType: 1,
      snapBytes: 0,
    });
    expect(records.map((record) => record.interface.index)).toEqual([0, 1, 0, 2, 3, 2]);
    expect(records[0]!.interface).toBe(records[2]!.interface);
    expect(PCAPNG.subarray(records[0]!.at, records[0]!.at + 4)).toEqual(Uint8Array.of(6, 0, 0, 0));
  });

  test.each(ONE_OF_BOTH)('of %s is the same in pieces of any size', (_format, bytes) => {
    const whole = feed(new CaptureReader(), bytes);
    for (let pieceBytes = 1; pieceBytes < bytes.length; pieceBytes++) {
      expect(feed(new CaptureReader(), bytes, pieceBytes)).toEqual(whole);
    }
  });

  test.each(ONE_OF_BOTH)('of %s is recognised by its first four bytes', (format, bytes) => {
    const reader = new CaptureReader();
    reader.push(bytes.subarray(0, 3));
    expect(reader.format).toBeUndefined();
    reader.push(bytes.subarray(3, 4));
    expect(reader.format).toBe(format);
  });

  test.each(ONE_OF_BOTH)('of %s hands out every whole packet of a file that is cut off', (_format, bytes) => {
    const whole = feed(new CaptureReader(), bytes).records;
    for (let length = 0; length < bytes.length; length++) {
      const { records, fault } = feed(new CaptureReader(), bytes.slice(0, length));
      expect(records).toEqual(whole.slice(0, records.length));
      if (fault) expect(fault).toMatch(/^TRUNCATED at \d+: /);
    }
  });

  test('is a generator for who has it all', () => {
    expect([...readCapture(PCAP)].map(({ number }) => number)).toEqual([1, 2]);
    const seen: number[] = [];
    expect(() => {
      for (const { number } of readCapture(PCAP.subarray(0, PCAP.length - 1))) seen.push(number);
    }).toThrow('TRUNCATED at 43: packet 2');
    expect(seen).toEqual([1]);
  });

  test.each([
    ['an empty file', '', 'TRUNCATED at 0: the file is empty'],
    ['three bytes', 'd4c3b2', 'TRUNCATED at 0: the file ends after 3 bytes'],
    ['a compressed file', '1f8b0800', 'UNSUPPORTED at 0: the file is gzip, decompress it first'],
    ['a modified pcap', '34cdb2a1', 'UNSUPPORTED at 0: the file is pcap with the records of Kuznetzov'],
    ['a text', '68656c6c6f', 'BAD_VALUE at 0: the file is no capture'],
  ])('that is %s is refused with the reason', (_name, hex, fault) => {
    expect(feed(new CaptureReader(), hexFile(hex)).fault).toMatch(fault);
    expect(feed(new CaptureReader(), hexFile(hex), 1).fault).toMatch(fault);
  });

  test('is held to the limits that were asked for', () => {
    expect(feed(new CaptureReader({ packetBytesMax: 2 }), PCAP).fault).toMatch('TOO_LARGE at 32: packet 1');
    expect(feed(new CaptureReader({ packetBytesMax: 2 }), PCAPNG).fault).toMatch('TOO_LARGE');
  });

  test.each([
    [1, 'ethernet'],
    [113, 'linuxCooked'],
    [60000, 'link type 60000'],
  ])('of link type %d is called %s', (linkType, name) => {
    expect(formatLinkType(linkType)).toBe(name);
  });
});
