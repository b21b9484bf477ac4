import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  decodeIpv4,
  encodeIpv4,
  finalIpv4Destination,
  type Ipv4,
  ipv4Bytes,
  ipv4View,
  isIpv4Fragment,
} from '../../../../protocol/wire/packet/ipv4.ts';
import type { Ipv4Option } from '../../../../protocol/wire/packet/ipv4-option.ts';
import {
  bytesOf,
  encoded,
  expectFaultInEveryCut,
  expectLossless,
  expectRoundTrip,
  expectSetter,
  faultOf,
  type HeaderCodec,
  viewOf,
} from './header-law.ts';

const codec: HeaderCodec<Ipv4> = { decode: decodeIpv4, encode: encodeIpv4, bytes: ipv4Bytes };

const u8 = fc.nat(0xff);
const u16 = fc.nat(0xffff);
const u32 = fc.integer({ min: 0, max: 0xffff_ffff });
const some = (maxLength: number): fc.Arbitrary<Uint8Array> => fc.uint8Array({ maxLength });

const option: fc.Arbitrary<Ipv4Option> = fc.oneof(
  fc.constant({ type: 'no-op' } as const),
  fc.record({ type: fc.constant('router-alert' as const), value: u16 }),
  fc.record({
    type: fc.constantFrom('record-route' as const, 'loose-route' as const, 'strict-route' as const),
    pointer: u8,
    addresses: fc.array(u32, { maxLength: 2 }),
  }),
  fc.record({ type: fc.constant('unknown' as const), kind: fc.constantFrom(68, 130, 94), data: some(6) }),
);

/** Lists that fill whole words, as every header on the wire does: an end with its padding makes up the rest. */
const options: fc.Arbitrary<Ipv4Option[]> = fc.array(option, { maxLength: 3 }).map((list) => {
  const bytes = ipv4Bytes({ type: 'ipv4', ttl: 0, protocol: 0, src: 0, dst: 0, options: list }) - 20;
  const exact = list.reduce((sum, each) => sum + sizeOf(each), 0);
  return exact === bytes ? list : [...list, { type: 'end', padding: new Uint8Array(bytes - exact - 1) }];
});

function sizeOf(each: Ipv4Option): number {
  if (each.type === 'no-op') return 1;
  if (each.type === 'router-alert') return 4;
  if (each.type === 'unknown') return 2 + each.data.length;
  return each.type === 'end' ? 0 : 3 + 4 * each.addresses.length;
}

const header: fc.Arbitrary<Ipv4> = fc
  .record({
    type: fc.constant('ipv4' as const),
    dscp: fc.nat(63),
    ecn: fc.nat(3),
    totalBytes: fc.integer({ min: 60, max: 0xffff }),
    identification: u16,
    reserved: fc.boolean(),
    dontFragment: fc.boolean(),
    moreFragments: fc.boolean(),
    fragmentOffsetBytes: fc.nat(0x1fff).map((units) => units * 8),
    ttl: u8,
    protocol: u8,
    checksum: u16,
    src: u32,
    dst: u32,
    options,
  })
  .filter((value) => ipv4Bytes(value) <= 60);

const EXAMPLE = '4500 0073 0000 4000 4011 b861 c0a8 0001 c0a8 00c7';

describe('an IPv4 header', () => {
  test('is read field by field', () => {
    expect(expectLossless(codec, bytesOf(EXAMPLE))).toEqual({
      type: 'ipv4',
      dscp: 0,
      ecn: 0,
      totalBytes: 115,
      identification: 0,
      reserved: false,
      dontFragment: true,
      moreFragments: false,
      fragmentOffsetBytes: 0,
      ttl: 64,
      protocol: 17,
      checksum: 0xb861,
      src: 0xc0a8_0001,
      dst: 0xc0a8_00c7,
      options: [],
    });
    expectFaultInEveryCut(decodeIpv4, bytesOf(EXAMPLE));
  });

  test('gets its length and checksum when they are left to it', () => {
    const buffer = new Uint8Array(115).fill(0xa5);
    const value: Ipv4 = { type: 'ipv4', dontFragment: true, ttl: 64, protocol: 17, src: 0xc0a8_0001, dst: 0xc0a8_00c7 };
    encodeIpv4(value, viewOf(buffer), 0, 115);
    expect(buffer.slice(0, 20)).toEqual(bytesOf(EXAMPLE));
  });

  test('comes back whatever its fields', () => {
    fc.assert(fc.property(header, (value) => expectRoundTrip(codec, value)));
  });

  test('is edited in place', () => {
    fc.assert(
      fc.property(header, fc.nat(63), fc.nat(3), u32, u16, (value, dscp, ecn, address, word) => {
        const bytes = encoded(codec, value);
        expectSetter(decodeIpv4, bytes, 'dscp', dscp, ipv4View.setDscp);
        expectSetter(decodeIpv4, bytes, 'ecn', ecn, ipv4View.setEcn);
        expectSetter(decodeIpv4, bytes, 'ttl', word & 0xff, ipv4View.setTtl);
        expectSetter(decodeIpv4, bytes, 'checksum', word, ipv4View.setChecksum);
        expectSetter(decodeIpv4, bytes, 'totalBytes', Math.max(word, 60), ipv4View.setTotalBytes);
        expectSetter(decodeIpv4, bytes, 'src', address, ipv4View.setSrc);
        expectSetter(decodeIpv4, bytes, 'dst', address, ipv4View.setDst);
      }),
    );
  });

  test('of another version, shorter than itself or with a total length below that is malformed there', () => {
    const wrong = (at: number, byte: number): Uint8Array => {
      const bytes = bytesOf(EXAMPLE);
      bytes[at] = byte;
      return bytes;
    };
    expect(faultOf(decodeIpv4, wrong(0, 0x65))).toEqual({ error: 'BAD_VERSION', at: 0 });
    expect(faultOf(decodeIpv4, wrong(0, 0x44))).toEqual({ error: 'BAD_LENGTH', at: 0 });
    expect(faultOf(decodeIpv4, wrong(0, 0x46))).toEqual({ error: 'TRUNCATED', at: 0 });
    expect(faultOf(decodeIpv4, wrong(3, 19))).toEqual({ error: 'BAD_LENGTH', at: 2 });
  });

  test('that claims more than was captured is read all the same', () => {
    expect(decodeIpv4(viewOf(bytesOf(EXAMPLE)), 0, 20).totalBytes).toBe(115);
  });

  test('knows whether it heads a piece of a datagram', () => {
    const whole: Ipv4 = { type: 'ipv4', ttl: 1, protocol: 17, src: 1, dst: 2 };
    expect(isIpv4Fragment(whole)).toBe(false);
    expect(isIpv4Fragment({ ...whole, moreFragments: true })).toBe(true);
    expect(isIpv4Fragment({ ...whole, fragmentOffsetBytes: 8 })).toBe(true);
  });
});

describe('IPv4 options', () => {
  const withOptions = (hex: string): Uint8Array => {
    const list = bytesOf(hex);
    const bytes = new Uint8Array([...bytesOf(EXAMPLE), ...list]);
    bytes[0] = 0x45 + list.length / 4;
    return bytes;
  };

  test('are a list in the order of the header, fillers and what is behind the end included', () => {
    const bytes = withOptions('01 94040000 83070408080808 5e03ff 00 ab cd 00'.replaceAll(' ', '').padEnd(40, '0'));
    const value = expectLossless(codec, bytes);
    expect(value.options).toEqual([
      { type: 'no-op' },
      { type: 'router-alert', value: 0 },
      { type: 'loose-route', pointer: 4, addresses: [0x0808_0808] },
      { type: 'unknown', kind: 0x5e, data: new Uint8Array([0xff]) },
      { type: 'end', padding: bytesOf('abcd0000') },
    ]);
    expectFaultInEveryCut(decodeIpv4, bytes);
  });

  test('of a known kind with a strange length are carried as unknown', () => {
    const { options: list } = expectLossless(
      codec,
      withOptions('9403aa 0706040000 00 000000'.replaceAll(' ', '').padEnd(24, '0')),
    );
    expect(list).toMatchObject([{ type: 'unknown', kind: 148 }, { type: 'unknown', kind: 7 }, { type: 'end' }]);
  });

  test('that would leave the header or never end are malformed where their length stands', () => {
    expect(faultOf(decodeIpv4, withOptions('07050400'))).toEqual({ error: 'BAD_LENGTH', at: 21 });
    expect(faultOf(decodeIpv4, withOptions('01070004'))).toEqual({ error: 'BAD_LENGTH', at: 22 });
    expect(faultOf(decodeIpv4, withOptions('01010107'))).toEqual({ error: 'TRUNCATED', at: 23 });
    const bytes = withOptions('01010100');
    bytes[3] = 23;
    expect(faultOf(decodeIpv4, bytes)).toEqual({ error: 'BAD_LENGTH', at: 2 });
  });

  test('that do not fill whole words are filled with ends', () => {
    const value: Ipv4 = { type: 'ipv4', ttl: 1, protocol: 17, src: 1, dst: 2, options: [{ type: 'no-op' }] };
    expect(encoded(codec, value).slice(20)).toEqual(bytesOf('01000000'));
  });

  test('of a source route not yet travelled say where the packet goes in the end', () => {
    const base: Ipv4 = { type: 'ipv4', ttl: 1, protocol: 17, src: 1, dst: 2 };
    const via = (pointer: number): Ipv4 => ({
      ...base,
      options: [{ type: 'strict-route', pointer, addresses: [3, 4] }],
    });
    expect(finalIpv4Destination(base)).toBe(2);
    expect(finalIpv4Destination(via(4))).toBe(4);
    expect(finalIpv4Destination(via(8))).toBe(4);
    expect(finalIpv4Destination(via(11))).toBe(4);
    expect(finalIpv4Destination(via(12))).toBe(2);
  });
});
