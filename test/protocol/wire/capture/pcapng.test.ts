import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { PcapngReader } from '../../../../protocol/wire/capture/pcapng.ts';
import {
  encodePcapngBlock,
  type PcapngBlock,
  type WritableBlock,
} from '../../../../protocol/wire/capture/pcapng-block.ts';
import { formatHex } from '../../../../protocol/wire/hex.ts';
import { concat, feed, hexFile } from './feed.ts';

/** Section 4 of the draft, block by block, by hand. */
const LITTLE = hexFile(`
  0a0d0d0a 2c000000 4d3c2b1a 0100 0000 ffffffffffffffff    ; section, little-endian, 1.0, length not known
    0400 0600 736c75696365 0000                            ;   application "sluice"
    0000 0000 2c000000
  01000000 40000000 0100 0000 00000400                     ; interface 0: Ethernet, 262144 bytes
    0200 0700 73312d65746831 00                            ;   name "s1-eth1"
    0900 0100 09 000000                                    ;   nanoseconds
    0600 0600 020000000001 0000                            ;   its MAC
    f000 0200 beef 0000                                    ;   an option that nobody knows
    0000 0000 40000000
  06000000 4c000000 00000000 fe9c9717 15cd5b07 03000000 3c000000   ; packet of interface 0: 3 of 60 bytes
    010203 00
    0100 0400 e4b8ad21                                     ;   comment
    0100 0100 32 000000                                    ;   another
    0200 0400 01000000                                     ;   inbound
    0400 0800 0700000000000000                             ;   seven dropped
    0000 0000 4c000000
`);

const BIG = hexFile(`
  0a0d0d0a 0000001c 1a2b3c4d 0001 0000 ffffffffffffffff 0000001c
  00000001 00000014 0093 0000 00000002 00000014            ; interface 0: link type 147, 2 bytes
  00000003 00000014 0000003c 0102 0000 00000014            ; simple packet: 2 of 60 bytes
  00000002 00000024 0000 0005 00000001 00000002            ; old packet: interface 0, five dropped
    00000003 00000004 010203 00 00000024
  00000004 00000038                                        ; names
    0001 000d 0a000001 6831 00 68312e6578 00 000000        ;   10.0.0.1 is h1 and h1.ex
    0007 0001 ff 000000                                    ;   a record that nobody knows
    0000 0000
    0002 0002 6e73 0000                                    ;   the server "ns"
    0000 0000 00000038
  00000005 00000034 00000000 00000001 00000002             ; statistics of interface 0
    0002 0008 00000003 00000004                            ;   start
    0004 0008 0000000000000005                             ;   received
    0000 0000 00000034
  00000bad 00000014 00007ed9 deadbeef 00000014             ; custom, of the example enterprise
  40000bad 00000014 00007ed9 cafef00d 00000014             ; custom, not to be copied
  0000000a 00000010 53534c4b 00000010                      ; decryption secrets: not known here
`);

const read = (bytes: Uint8Array, pieceBytes?: number) => feed(new PcapngReader(), bytes, pieceBytes);
const blocksOf = (bytes: Uint8Array): PcapngBlock[] => read(bytes).records.map(({ block }) => block);

/** A file of one section and one Ethernet interface, and then these blocks. */
function fileWith(...blocks: readonly Uint8Array[]): Uint8Array {
  return concat(
    encodePcapngBlock({ type: 'section', endian: 'little' }),
    encodePcapngBlock({ type: 'interface', linkType: 1, snapBytes: 0 }),
    ...blocks,
  );
}
const FILE_BYTES = 28 + 20;

describe('a pcapng file', () => {
  test('in little-endian says what its bytes say', () => {
    const { records, fault } = read(LITTLE);
    expect(fault).toBeUndefined();
    const interface0 = {
      type: 'interface',
      linkType: 1,
      snapBytes: 262144,
      name: 's1-eth1',
      resolution: 9,
      mac: 0x0200_0000_0001,
      otherOptions: [{ code: 0xf0, data: Uint8Array.of(0xbe, 0xef) }],
    };
    expect(records).toEqual([
      {
        at: 0,
        section: 1,
        block: { type: 'section', endian: 'little', versionMajor: 1, versionMinor: 0, application: 'sluice' },
        interface: undefined,
      },
      { at: 44, section: 1, block: interface0, interface: undefined },
      {
        at: 108,
        section: 1,
        block: {
          type: 'packet',
          interfaceId: 0,
          ticks: (0x17979cfen << 32n) | 0x075bcd15n,
          originalBytes: 60,
          data: Uint8Array.of(1, 2, 3),
          comments: ['中!', '2'],
          flags: 1,
          dropCount: 7n,
        },
        interface: interface0,
      },
    ]);
  });

  test('in big-endian says what its bytes say', () => {
    const { records, fault } = read(BIG);
    expect(fault).toBeUndefined();
    expect(records.map(({ block }) => block)).toEqual([
      { type: 'section', endian: 'big', versionMajor: 1, versionMinor: 0 },
      { type: 'interface', linkType: 147, snapBytes: 2 },
      { type: 'simple-packet', originalBytes: 60, data: Uint8Array.of(1, 2) },
      {
        type: 'old-packet',
        interfaceId: 0,
        ticks: 0x1_0000_0002n,
        originalBytes: 4,
        data: Uint8Array.of(1, 2, 3),
        drops: 5,
      },
      {
        type: 'names',
        records: [
          { type: 'ipv4', address: 0x0a000001, names: ['h1', 'h1.ex'] },
          { type: 'unknown', kind: 7, data: Uint8Array.of(0xff) },
        ],
        serverName: 'ns',
      },
      {
        type: 'statistics',
        interfaceId: 0,
        ticks: 0x1_0000_0002n,
        startTicks: 0x3_0000_0004n,
        received: 5n,
      },
      { type: 'custom', isCopyable: true, enterprise: 32473, data: Uint8Array.of(0xde, 0xad, 0xbe, 0xef) },
      { type: 'custom', isCopyable: false, enterprise: 32473, data: Uint8Array.of(0xca, 0xfe, 0xf0, 0x0d) },
      { type: 'unknown', kind: 10, data: Uint8Array.of(0x53, 0x53, 0x4c, 0x4b) },
    ]);
  });

  test.each([
    ['big-endian', BIG, 'big'],
    ['big-endian, after a little-endian section', concat(LITTLE, BIG), 'little'],
  ] as const)('in %s is written as it was read, block by block', (_name, bytes, first) => {
    let endian: 'little' | 'big' = first;
    const { records } = read(bytes);
    records.forEach(({ at, block }, i) => {
      if (block.type === 'section') endian = block.endian;
      // Options are written in the order of the table, known before unknown: the one interface here has them in another.
      if (block.type === 'old-packet' || (block.type === 'interface' && block.otherOptions)) return;
      const blockEnd = records[i + 1]?.at ?? bytes.length;
      expect(formatHex(encodePcapngBlock(block, endian))).toBe(formatHex(bytes.subarray(at, blockEnd)));
    });
  });

  test('of several sections has the byte order and the interfaces of each', () => {
    const { records, fault } = read(concat(LITTLE, BIG, LITTLE));
    expect(fault).toBeUndefined();
    const packets = records.filter(({ block }) => block.type === 'packet' || block.type === 'simple-packet');
    expect(packets.map(({ section, interface: from }) => [section, from?.linkType])).toEqual([
      [1, 1],
      [2, 147],
      [3, 1],
    ]);
  });

  test('pushed a byte at a time, or in any pieces, gives the same blocks', () => {
    const file = concat(LITTLE, BIG);
    fc.assert(
      fc.property(fc.integer({ min: 1, max: file.length }), (pieceBytes) => {
        expect(read(file, pieceBytes)).toEqual(read(file));
      }),
    );
  });

  test('cut off anywhere but between blocks says before which packet and where', () => {
    const file = concat(LITTLE, BIG);
    const ends = [...read(file).records.map(({ at }) => at), file.length];
    for (let length = 1; length < file.length; length++) {
      const { records, fault } = read(file.slice(0, length));
      const whole = ends.filter((end) => end <= length).length - 1;
      expect(records.length).toBe(whole);
      if (ends.includes(length)) expect(fault).toBeUndefined();
      else expect(fault).toMatch(`TRUNCATED at ${ends[whole]}: `);
    }
    expect(read(file.slice(0, 150)).fault).toMatch('packet 1 or a block before it: the file ends after 42 bytes of it');
    expect(read(new Uint8Array()).fault).toBe('TRUNCATED at 0: the file is empty');
  });

  test('with any word of a block one more or one less is read to another end or refused, never worse', () => {
    for (const file of [LITTLE, BIG]) {
      const isLittle = file === LITTLE;
      for (let at = 0; at + 4 <= file.length; at += 2) {
        for (const delta of [-1, 1]) {
          const lying = file.slice();
          const view = new DataView(lying.buffer);
          view.setUint32(at, view.getUint32(at, isLittle) + delta, isLittle);
          const { fault, records } = read(lying);
          expect(fault === undefined || /^[A-Z_]+ at \d+: /.test(fault), `${at}: ${fault}`).toBe(true);
          expect(records.length).toBeLessThanOrEqual(9);
        }
      }
    }
  });

  const packetBlock = encodePcapngBlock({
    type: 'packet',
    interfaceId: 0,
    ticks: 0n,
    originalBytes: 6,
    data: Uint8Array.of(1, 2, 3, 4, 5, 6),
    flags: 1,
  });

  test.each<[string, number, number, string]>([
    ['a length of zero', 4, 0, 'BAD_LENGTH at 52: packet 1 or a block before it'],
    ['a length below a block', 4, 8, 'BAD_LENGTH at 52'],
    ['a length that is no whole word', 4, 50, 'BAD_LENGTH at 52'],
    ['a word more', 4, 56, 'TRUNCATED at 48'],
    ['a word less', 4, 48, 'BAD_LENGTH at 92'],
    ['a length of four gigabytes', 4, 0xffff_fffc, 'TOO_LARGE at 52'],
    ['another length at the end', 48, 48, 'BAD_LENGTH at 96'],
    ['an interface that was not described', 8, 1, 'BAD_VALUE at 56'],
    ['more captured than there was', 20, 7, 'BAD_LENGTH at 68'],
    ['more captured than the block has', 20, 29, 'BAD_LENGTH at 68'],
    ['a packet of four gigabytes', 20, 0xffff_ffff, 'TOO_LARGE at 68'],
    ['an option that leaves the block', 36, 0x0100_0002, 'BAD_LENGTH at 86'],
    ['an option of another length than its code has', 36, 0x0003_0002, 'BAD_LENGTH at 86'],
  ])('with %s in a packet block is refused at its place', (_name, at, value, fault) => {
    const lying = packetBlock.slice();
    new DataView(lying.buffer).setUint32(at, value, true);
    expect(read(fileWith(lying)).fault).toMatch(fault);
  });

  test.each([
    ['an interface block of no body', '01000000 0c000000 0c000000', `BAD_LENGTH at ${FILE_BYTES + 4}`],
    ['a packet block of no body', '06000000 0c000000 0c000000', `BAD_LENGTH at ${FILE_BYTES + 4}`],
    ['an old packet block of no body', '02000000 0c000000 0c000000', `BAD_LENGTH at ${FILE_BYTES + 4}`],
    ['a simple packet block of no body', '03000000 0c000000 0c000000', `BAD_LENGTH at ${FILE_BYTES + 4}`],
    ['a statistics block of no body', '05000000 0c000000 0c000000', `BAD_LENGTH at ${FILE_BYTES + 4}`],
    ['a custom block of no body', 'ad0b0000 0c000000 0c000000', `BAD_LENGTH at ${FILE_BYTES + 4}`],
    ['a simple packet that is too long', '03000000 10000000 01000000 10000000', `BAD_LENGTH at ${FILE_BYTES + 8}`],
    [
      'a simple packet that is too short',
      '03000000 18000000 01000000 00000000 00000000 18000000',
      `BAD_LENGTH at ${FILE_BYTES + 8}`,
    ],
    [
      'a name without an end',
      '04000000 18000000 0100 0800 0a000001 68313233 18000000',
      `BAD_LENGTH at ${FILE_BYTES + 10}`,
    ],
    [
      'a name record that leaves its block',
      '04000000 18000000 0100 0900 0a000001 68313233 18000000',
      `BAD_LENGTH at ${FILE_BYTES + 10}`,
    ],
    [
      'a section of another version',
      '0a0d0d0a 1c000000 4d3c2b1a 0200 0000 ffffffffffffffff 1c000000',
      `BAD_VERSION at ${FILE_BYTES + 12}`,
    ],
    [
      'a section of no byte order',
      '0a0d0d0a 1c000000 4d3c2b1b 0100 0000 ffffffffffffffff 1c000000',
      `BAD_VALUE at ${FILE_BYTES + 8}`,
    ],
    ['a section of no body', '0a0d0d0a 10000000 4d3c2b1a 10000000', `BAD_LENGTH at ${FILE_BYTES + 4}`],
  ])('with %s is refused at its place', (_name, hex, fault) => {
    expect(read(fileWith(hexFile(hex))).fault).toMatch(fault);
  });

  test('that does not begin with a section is refused', () => {
    expect(read(packetBlock).fault).toMatch('BAD_VALUE at 0: the section header: no pcapng file');
  });

  test('with a simple packet before any interface is refused', () => {
    const section = encodePcapngBlock({ type: 'section', endian: 'little' });
    const simple = encodePcapngBlock({ type: 'simple-packet', originalBytes: 0, data: new Uint8Array() });
    expect(read(concat(section, simple)).fault).toMatch('BAD_VALUE at 36');
  });

  test('is held to the limits that were asked for', () => {
    const file = fileWith(packetBlock);
    const read = (limits: ConstructorParameters<typeof PcapngReader>[0]) => feed(new PcapngReader(limits), file).fault;
    expect(read({ packetBytesMax: 5 })).toMatch('TOO_LARGE at 68');
    expect(read({ packetBytesMax: 6 })).toBeUndefined();
    expect(read({ blockBytesMax: 48 })).toMatch('TOO_LARGE at 52');
    expect(read({ blockBytesMax: 52 })).toBeUndefined();
  });

  test('with an option given twice that may stand once keeps the second', () => {
    const named = encodePcapngBlock({
      type: 'interface',
      linkType: 1,
      snapBytes: 0,
      name: 'one',
      otherOptions: [{ code: 2, data: Uint8Array.of(0x32) }],
    });
    expect(blocksOf(fileWith(named))[2]).toEqual({
      type: 'interface',
      linkType: 1,
      snapBytes: 0,
      name: 'one',
      otherOptions: [{ code: 2, data: Uint8Array.of(0x32) }],
    });
  });

  test('without an end of its options is read', () => {
    const block = hexFile('01000000 1c000000 0100 0000 00000000 0200 0200 6100 0000 1c000000');
    expect(blocksOf(fileWith(block))[2]).toMatchObject({ name: 'a\0' });
  });

  test('of any blocks is read as it was written, in either order', () => {
    const u16 = fc.nat(0xffff);
    const u32 = fc.nat(0xffff_ffff);
    const u64 = fc.bigInt({ min: 0n, max: (1n << 64n) - 1n });
    const u128 = fc.bigInt({ min: 0n, max: (1n << 128n) - 1n });
    const text = fc.string({ unit: 'grapheme', maxLength: 12 }).filter((each) => !/[\ud800-\udfff]/.test(each));
    const bytes = fc.uint8Array({ maxLength: 20 });
    const comments = fc.array(text, { minLength: 1, maxLength: 3 });
    const otherOptions = fc.array(fc.record({ code: fc.integer({ min: 100, max: 65535 }), data: bytes }), {
      minLength: 1,
    });
    const name = text.filter((each) => !each.includes('\0'));
    const names = fc.array(name, { minLength: 1, maxLength: 3 });
    const any: fc.Arbitrary<WritableBlock> = fc.oneof(
      fc.record(
        {
          type: fc.constant('interface' as const),
          linkType: u16,
          snapBytes: fc.constant(0),
          comments,
          name: text,
          description: text,
          ipv4Networks: fc.array(fc.record({ address: u32, mask: u32 }), { minLength: 1, maxLength: 2 }),
          ipv6Networks: fc.array(fc.record({ address: u128, prefixBits: fc.nat(128) }), { minLength: 1, maxLength: 2 }),
          mac: fc.nat(0xffff_ffff_ffff),
          eui64: u64,
          speedBitsPerSecond: u64,
          resolution: fc.nat(255),
          zone: u32,
          filter: bytes,
          os: text,
          frameCheckBytes: fc.nat(255),
          offsetSeconds: fc.bigInt({ min: -(1n << 63n), max: (1n << 63n) - 1n }),
          hardware: text,
          sendBitsPerSecond: u64,
          receiveBitsPerSecond: u64,
          otherOptions,
        },
        { requiredKeys: ['type', 'linkType', 'snapBytes'] },
      ),
      fc.record(
        {
          type: fc.constant('packet' as const),
          interfaceId: fc.constant(0),
          ticks: u64,
          originalBytes: fc.integer({ min: 20, max: 0xffff_ffff }),
          data: bytes,
          comments,
          flags: u32,
          hashes: fc.array(bytes, { minLength: 1, maxLength: 2 }),
          dropCount: u64,
          packetId: u64,
          queue: u32,
          verdicts: fc.array(bytes, { minLength: 1, maxLength: 2 }),
          otherOptions,
        },
        { requiredKeys: ['type', 'interfaceId', 'ticks', 'originalBytes', 'data'] },
      ),
      bytes.map((data) => ({ type: 'simple-packet' as const, originalBytes: data.length, data })),
      fc.record(
        {
          type: fc.constant('names' as const),
          records: fc.array(
            fc.oneof(
              fc.record({ type: fc.constant('ipv4' as const), address: u32, names }),
              fc.record({ type: fc.constant('ipv6' as const), address: u128, names }),
              fc.record({
                type: fc.constant('unknown' as const),
                kind: fc.integer({ min: 3, max: 65535 }),
                data: bytes,
              }),
            ),
            { maxLength: 4 },
          ),
          comments,
          serverName: text,
          serverIpv4: u32,
          serverIpv6: u128,
        },
        { requiredKeys: ['type', 'records'] },
      ),
      fc.record(
        {
          type: fc.constant('statistics' as const),
          interfaceId: fc.constant(0),
          ticks: u64,
          comments,
          startTicks: u64,
          endTicks: u64,
          received: u64,
          dropped: u64,
          accepted: u64,
          droppedBySystem: u64,
          delivered: u64,
        },
        { requiredKeys: ['type', 'interfaceId', 'ticks'] },
      ),
      fc.record({
        type: fc.constant('custom' as const),
        isCopyable: fc.boolean(),
        enterprise: u32,
        data: bytes.map((each) => each.subarray(0, each.length & ~3)),
      }),
      fc.record({
        type: fc.constant('unknown' as const),
        kind: fc.integer({ min: 7, max: 2000 }),
        data: bytes.map((each) => each.subarray(0, each.length & ~3)),
      }),
    ) as fc.Arbitrary<WritableBlock>;
    fc.assert(
      fc.property(
        fc.array(any, { maxLength: 6 }),
        fc.constantFrom('little' as const, 'big' as const),
        (blocks, endian) => {
          const file: WritableBlock[] = [
            { type: 'section', endian, versionMajor: 1, versionMinor: 0, sectionBytes: 1n, hardware: 'h', os: 'o' },
            { type: 'interface', linkType: 1, snapBytes: 0 },
            ...blocks,
          ];
          const { records, fault } = read(concat(...file.map((block) => encodePcapngBlock(block, endian))));
          expect(fault).toBeUndefined();
          expect(records.map(({ block }) => block)).toEqual(file);
        },
      ),
    );
  });

  test('cannot hold an option or a name of more than 65535 bytes', () => {
    const comments = ['x'.repeat(65536)];
    expect(() => encodePcapngBlock({ type: 'section', endian: 'big', comments })).toThrow('TOO_LARGE');
    const records = [{ type: 'ipv4' as const, address: 1, names: comments }];
    expect(() => encodePcapngBlock({ type: 'names', records })).toThrow('TOO_LARGE');
  });
});
