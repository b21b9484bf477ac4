import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseHex } from '../../../../protocol/wire/hex.ts';
import {
  decodeIgmp,
  encodeIgmp,
  type IgmpMessage,
  igmpBytes,
  igmpCodeValue,
  igmpView,
} from '../../../../protocol/wire/packet/igmp.ts';
import { readVectors } from '../../../vector.ts';
import { encodeToBytes, testCodec, viewOf } from './codec-suite.ts';

const IGMP = { decode: decodeIgmp, encode: encodeIgmp, bytes: igmpBytes };

const u8 = fc.nat(255);
const u16 = fc.nat(0xffff);
const u32 = fc.nat(0xffff_ffff);
const sources = fc.array(u32, { maxLength: 5 });
const words = fc.array(u32, { maxLength: 3 }).map((list) => new Uint8Array(Uint32Array.from(list).buffer));

const message: fc.Arbitrary<IgmpMessage> = fc.oneof(
  fc.record({ type: fc.constant('query' as const), maxResponseTenths: u8, group: u32 }),
  fc.record({
    type: fc.constant('query-v3' as const),
    maxResponseCode: u8,
    group: u32,
    flags: u8,
    intervalCode: u8,
    sources,
  }),
  fc.record({
    type: fc.constantFrom('report-v1' as const, 'report-v2' as const, 'leave' as const),
    code: u8,
    group: u32,
  }),
  fc.record({
    type: fc.constant('report-v3' as const),
    code: u8,
    reserved: u16,
    records: fc.array(fc.record({ kind: u8, group: u32, sources, auxiliary: words }), { maxLength: 4 }),
  }),
);

describe('IGMP', () => {
  testCodec('igmp', IGMP);

  const vectors = readVectors(new URL('vectors/igmp.txt', import.meta.url));

  test.each(vectors)('the checksum is computed: $name', ({ bytes }) => {
    const { checksum: _, ...unsealed } = decodeIgmp(viewOf(bytes), 0, bytes.length);
    expect(encodeToBytes(IGMP, unsealed)).toEqual(bytes);
  });

  test('any message is read as it was written', () => {
    fc.assert(
      fc.property(message, u16, words, (value, checksum, tail) => {
        const trailer = value.type === 'query' ? new Uint8Array() : tail;
        const written = encodeToBytes(IGMP, { type: 'igmp', message: value, checksum, trailer });
        expect(decodeIgmp(viewOf(written), 0, written.length)).toEqual({
          type: 'igmp',
          message: value,
          checksum,
          trailer,
        });
      }),
    );
  });

  test.each([
    ['a message cut off in its group', '1600fa04efffff', 'TRUNCATED'],
    ['a query between the versions', '1164ee9b00000000000000', 'BAD_LENGTH'],
    ['a query that counts a source too many', '118ae6f0e80101010a7d0002 0a000001', 'TRUNCATED'],
    ['a report that counts a record too many', '2200807b00000001', 'TRUNCATED'],
    ['a record that counts a source too many', '2200807b00000001 04000001ef010101', 'TRUNCATED'],
    ['a record that counts a word too many', '2200807b00000001 04010000ef010101', 'TRUNCATED'],
  ])('%s is refused', (_name, hex, fault) => {
    const bytes = parseHex(hex)!;
    expect(() => decodeIgmp(viewOf(bytes), 0, bytes.length)).toThrow(fault);
  });

  test('auxiliary data that are no whole words are refused', () => {
    const records = [{ kind: 1, group: 2, sources: [], auxiliary: new Uint8Array(3) }];
    expect(() => encodeToBytes(IGMP, { type: 'igmp', message: { type: 'report-v3', records } })).toThrow('BAD_LENGTH');
  });

  /** RFC 3376, section 4.1.1: mant = code & 15, exp = code >> 4 & 7, (mant | 16) << (exp + 3). */
  test.each([
    [0, 0],
    [127, 127],
    [128, 128],
    [0x8a, 208],
    [0xff, 31744],
  ])('code %d stands for %d', (code, value) => {
    expect(igmpCodeValue(code)).toBe(value);
  });

  test('a field set in place is the field that is read', () => {
    const view = new DataView(new ArrayBuffer(8));
    view.setUint8(0, 0x16);
    igmpView.setCode(view, 0, 1);
    igmpView.setChecksum(view, 0, 2);
    igmpView.setGroup(view, 0, 0xe0000001);
    expect(decodeIgmp(view, 0, 8)).toMatchObject({ checksum: 2, message: { code: 1, group: 0xe0000001 } });
  });
});
