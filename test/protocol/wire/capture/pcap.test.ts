import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  encodePcapHeader,
  encodePcapRecord,
  type PcapHeader,
  PcapReader,
  type PcapRecord,
} from '../../../../protocol/wire/capture/pcap.ts';
import { formatHex } from '../../../../protocol/wire/hex.ts';
import { concat, feed, hexFile } from './feed.ts';

const LITTLE_MICRO = hexFile(`
  d4c3b2a1 0200 0400 00000000 00000000 00000400 01000000   ; microseconds, 2.4, UTC, 262144 bytes, Ethernet
  00f15365 40e20100 03000000 3c000000 010203               ; 1700000000 s, 123456 us, 3 of 60 bytes
  01f15365 00000000 00000000 00000000                      ; a second later, nothing
`);

const BIG_NANO = hexFile(`
  a1b23c4d 0002 0004 00000000 00000000 0000ffff 04000093   ; nanoseconds, a frame check sequence of 2 words, link type 147
  6553f100 075bcd15 00000003 0000003c 010203               ; 1700000000 s, 123456789 ns
`);

const read = (bytes: Uint8Array, pieceBytes?: number) => feed(new PcapReader(), bytes, pieceBytes);
const withoutPlace = ({ at: _, ...record }: PcapRecord) => record;

describe('a pcap file', () => {
  test('in little-endian microseconds says what its bytes say', () => {
    const reader = new PcapReader();
    expect(feed(reader, LITTLE_MICRO)).toEqual({
      records: [
        { at: 24, timestampNs: 1_700_000_000_123_456_000n, originalBytes: 60, data: Uint8Array.of(1, 2, 3) },
        { at: 43, timestampNs: 1_700_000_001_000_000_000n, originalBytes: 0, data: new Uint8Array() },
      ],
      fault: undefined,
    });
    expect(reader.header).toEqual({
      endian: 'little',
      precision: 'micro',
      versionMajor: 2,
      versionMinor: 4,
      zoneSeconds: 0,
      accuracy: 0,
      snapBytes: 262144,
      linkType: 1,
      linkFlags: 0,
    });
  });

  test('in big-endian nanoseconds says what its bytes say', () => {
    const reader = new PcapReader();
    expect(feed(reader, BIG_NANO).records).toEqual([
      { at: 24, timestampNs: 1_700_000_000_123_456_789n, originalBytes: 60, data: Uint8Array.of(1, 2, 3) },
    ]);
    expect(reader.header).toMatchObject({ endian: 'big', precision: 'nano', linkType: 147, linkFlags: 0x0400 });
  });

  test.each([
    ['little-endian microseconds', LITTLE_MICRO],
    ['big-endian nanoseconds', BIG_NANO],
  ])('in %s is written as it was read', (_name, bytes) => {
    const reader = new PcapReader();
    const { records } = feed(reader, bytes);
    const header = reader.header!;
    const again = concat(encodePcapHeader(header), ...records.map((record) => encodePcapRecord(record, header)));
    expect(formatHex(again)).toBe(formatHex(bytes));
  });

  test('pushed a byte at a time, or in any pieces, gives the same records', () => {
    fc.assert(
      fc.property(fc.constantFrom(LITTLE_MICRO, BIG_NANO), fc.integer({ min: 1, max: 80 }), (bytes, pieceBytes) => {
        expect(read(bytes, pieceBytes)).toEqual(read(bytes));
      }),
    );
  });

  test('cut off anywhere but between records says in which packet and where', () => {
    const ends = [24, 43, LITTLE_MICRO.length];
    for (let length = 0; length < LITTLE_MICRO.length; length++) {
      const { records, fault } = read(LITTLE_MICRO.slice(0, length));
      const whole = ends.filter((end) => end <= length).length - 1;
      expect(records.length).toBe(Math.max(0, whole));
      if (ends.includes(length)) expect(fault).toBeUndefined();
      else if (length === 0) expect(fault).toBe('TRUNCATED at 0: the file is empty');
      else if (length < 24)
        expect(fault).toBe(`TRUNCATED at 0: the file header: the file ends after ${length} bytes of it`);
      else expect(fault).toMatch(`TRUNCATED at ${ends[whole]}: packet ${whole + 1}: the file ends after`);
    }
  });

  test.each([
    ['one captured byte more', 32, 4, 'TRUNCATED at 44: packet 2'],
    ['one captured byte less', 32, 2, 'TRUNCATED at 58: packet 3'],
    ['more captured than there was', 32, 61, 'BAD_LENGTH at 32: packet 1: 61 bytes captured of a packet of 60'],
    ['less there than was captured', 36, 2, 'BAD_LENGTH at 32: packet 1: 3 bytes captured of a packet of 2'],
  ])('that lies, %s, is refused', (_name, at, value, fault) => {
    const lying = LITTLE_MICRO.slice();
    lying[at] = value;
    expect(read(lying).fault).toMatch(fault);
  });

  test('with a length of four gigabytes is refused before those bytes could arrive, and nothing is allocated for them', () => {
    const lying = LITTLE_MICRO.slice(0, 40);
    lying.fill(0xff, 32, 40);
    expect(read(lying).fault).toBe('TOO_LARGE at 32: packet 1: 4294967295 captured bytes, 262144 are the limit');
  });

  test('is held to the limit that was asked for', () => {
    expect(feed(new PcapReader({ packetBytesMax: 2 }), LITTLE_MICRO).fault).toMatch('TOO_LARGE at 32: packet 1');
    expect(feed(new PcapReader({ packetBytesMax: 3 }), LITTLE_MICRO).fault).toBeUndefined();
  });

  test('with a mistake hands out all packets before it first, and then keeps saying so', () => {
    const lying = LITTLE_MICRO.slice();
    lying.fill(0xff, 51, 55);
    const reader = new PcapReader();
    expect(reader.push(lying).length).toBe(1);
    for (let i = 0; i < 2; i++) {
      expect(() => reader.push(new Uint8Array(1))).toThrow('TOO_LARGE at 51: packet 2');
      expect(() => reader.finish()).toThrow('TOO_LARGE at 51: packet 2');
    }
  });

  test.each([
    ['another magic', 0, 0, 'BAD_VALUE at 0: the file header: no pcap file'],
    ['version 3.4', 4, 3, 'BAD_VERSION at 4: the file header: pcap version 3.4'],
    ['version 2.3', 6, 3, 'BAD_VERSION at 4: the file header: pcap version 2.3'],
  ])('of %s is refused', (_name, at, value, fault) => {
    const wrong = LITTLE_MICRO.slice();
    wrong[at] = value;
    expect(read(wrong).fault).toMatch(fault);
  });

  test('of any records is read as it was written, in either order and unit', () => {
    const format = fc.record({ endian: fc.constantFrom('little', 'big'), precision: fc.constantFrom('micro', 'nano') });
    const record = fc.record({
      timestampNs: fc.bigInt({ min: 0n, max: 0xffff_ffffn * 1_000_000_000n }),
      data: fc.uint8Array({ maxLength: 100 }),
      missingBytes: fc.nat(1000),
    });
    fc.assert(
      fc.property(
        format as fc.Arbitrary<Pick<PcapHeader, 'endian' | 'precision'>>,
        fc.array(record, { maxLength: 6 }),
        fc.nat(0xffff),
        fc.integer({ min: 1, max: 50 }),
        (kind, list, linkType, pieceBytes) => {
          const records = list.map(({ timestampNs, data, missingBytes }) => ({
            timestampNs: kind.precision === 'nano' ? timestampNs : timestampNs - (timestampNs % 1000n),
            originalBytes: data.length + missingBytes,
            data,
          }));
          const header = encodePcapHeader({ ...kind, linkType });
          const file = concat(header, ...records.map((each) => encodePcapRecord(each, kind)));
          const reader = new PcapReader();
          const outcome = feed(reader, file, pieceBytes);
          expect(outcome.fault).toBeUndefined();
          expect(outcome.records.map(withoutPlace)).toEqual(records);
          expect(reader.header).toMatchObject({ ...kind, linkType });
        },
      ),
    );
  });

  test('of more than the backlog holds at once is read with every byte in its place', () => {
    const data = Uint8Array.from({ length: 9000 }, (_, i) => i);
    const records = Array.from({ length: 40 }, (_, i) => ({ timestampNs: BigInt(i), originalBytes: 9000, data }));
    const file = concat(encodePcapHeader({ linkType: 1 }), ...records.map((record) => encodePcapRecord(record)));
    for (const pieceBytes of [file.length, 65536, 1447]) {
      const outcome = read(file, pieceBytes);
      expect(outcome.fault).toBeUndefined();
      expect(outcome.records.map(({ at }) => at)).toEqual(records.map((_, i) => 24 + i * 9016));
      expect(outcome.records.every((record) => formatHex(record.data) === formatHex(data))).toBe(true);
    }
  });

  test.each([-1n, 0x1_0000_0000n * 1_000_000_000n])('cannot hold the time %d ns', (timestampNs) => {
    expect(() => encodePcapRecord({ timestampNs, originalBytes: 0, data: new Uint8Array() })).toThrow('BAD_VALUE');
  });
});
