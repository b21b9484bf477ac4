import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseIpv6 } from '../../../../protocol/wire/address.ts';
import { decodeIpv6, encodeIpv6, type Ipv6, ipv6Bytes, ipv6View } from '../../../../protocol/wire/packet/ipv6.ts';
import {
  type AuthenticationHeader,
  type DestinationOptions,
  decodeAuthentication,
  decodeEsp,
  decodeFragment,
  decodeIpv6OptionsHeader,
  decodeRouting,
  type Esp,
  encodeIpv6Extension,
  finalIpv6Destination,
  type HopByHop,
  type Ipv6Fragment,
  type Ipv6Routing,
  ipv6ExtensionBytes,
  isIpv6Fragment,
} from '../../../../protocol/wire/packet/ipv6-extension.ts';
import type { Ipv6Option } from '../../../../protocol/wire/packet/ipv6-option.ts';
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

const u8 = fc.nat(0xff);
const u16 = fc.nat(0xffff);
const u32 = fc.integer({ min: 0, max: 0xffff_ffff });
const address = fc.bigInt({ min: 0n, max: (1n << 128n) - 1n });

describe('an IPv6 header', () => {
  const codec: HeaderCodec<Ipv6> = { decode: decodeIpv6, encode: encodeIpv6, bytes: ipv6Bytes };
  const bytes = bytesOf('6b900123 0018 3a ff fe800000000000000200 00fffe000001 ff020000000000000000 000000000016');
  const header: fc.Arbitrary<Ipv6> = fc.record({
    type: fc.constant('ipv6' as const),
    dscp: fc.nat(63),
    ecn: fc.nat(3),
    flowLabel: fc.nat(0xf_ffff),
    payloadBytes: u16,
    nextHeader: u8,
    hopLimit: u8,
    src: address,
    dst: address,
  });

  test('is read field by field', () => {
    expect(expectLossless(codec, bytes)).toEqual({
      type: 'ipv6',
      dscp: 46,
      ecn: 1,
      flowLabel: 0x123,
      payloadBytes: 24,
      nextHeader: 58,
      hopLimit: 255,
      src: parseIpv6('fe80::200:ff:fe00:1'),
      dst: parseIpv6('ff02::16'),
    });
    expectFaultInEveryCut(decodeIpv6, bytes);
    expect(faultOf(decodeIpv6, new Uint8Array(40).fill(0x45))).toEqual({ error: 'BAD_VERSION', at: 0 });
  });

  test('comes back whatever its fields, and is edited in place', () => {
    fc.assert(
      fc.property(header, header, (value, other) => {
        expectRoundTrip(codec, value);
        const written = encoded(codec, value);
        expectSetter(decodeIpv6, written, 'dscp', other.dscp!, ipv6View.setDscp);
        expectSetter(decodeIpv6, written, 'ecn', other.ecn!, ipv6View.setEcn);
        expectSetter(decodeIpv6, written, 'flowLabel', other.flowLabel!, ipv6View.setFlowLabel);
        expectSetter(decodeIpv6, written, 'payloadBytes', other.payloadBytes!, ipv6View.setPayloadBytes);
        expectSetter(decodeIpv6, written, 'hopLimit', other.hopLimit, ipv6View.setHopLimit);
        expectSetter(decodeIpv6, written, 'src', other.src, ipv6View.setSrc);
        expectSetter(decodeIpv6, written, 'dst', other.dst, ipv6View.setDst);
      }),
    );
  });

  test('gives its addresses as words of 32 bits too, first word highest', () => {
    const view = viewOf(bytes.slice());
    expect([0, 1, 2, 3].map((i) => ipv6View.srcWord(view, 0, i))).toEqual([0xfe80_0000, 0, 0x0200_00ff, 0xfe00_0001]);
    for (const i of [0, 1, 2, 3]) {
      ipv6View.setSrcWord(view, 0, i, 0x1000_0000 + i);
      ipv6View.setDstWord(view, 0, i, 0x2000_0000 + i);
    }
    expect(ipv6View.src(view, 0)).toBe(0x1000_0000_1000_0001_1000_0002_1000_0003n);
    expect(ipv6View.dst(view, 0)).toBe(0x2000_0000_2000_0001_2000_0002_2000_0003n);
    expect(ipv6View.dstWord(view, 0, 3)).toBe(0x2000_0003);
  });
});

function codecOf<T extends HopByHop | DestinationOptions | Ipv6Routing | Ipv6Fragment | AuthenticationHeader | Esp>(
  decode: (view: DataView, at: number, end: number) => T,
): HeaderCodec<T> {
  return { decode, encode: encodeIpv6Extension, bytes: ipv6ExtensionBytes };
}

describe('hop-by-hop and destination options', () => {
  const decode = (view: DataView, at: number, end: number): HopByHop | DestinationOptions =>
    decodeIpv6OptionsHeader('hop-by-hop', view, at, end);
  const codec = codecOf(decode);

  test('are a list that keeps its fillers', () => {
    const bytes = bytesOf('3a01 05020000 00 c20400010000 1e01ff');
    const value = expectLossless(codec, bytes.length % 8 === 0 ? bytes : new Uint8Array([...bytes, 0]));
    expect(value.options).toEqual([
      { type: 'router-alert', value: 0 },
      { type: 'pad-1' },
      { type: 'jumbo-payload', payloadBytes: 0x1_0000 },
      { type: 'unknown', kind: 0x1e, data: new Uint8Array([0xff]) },
    ]);
    expectFaultInEveryCut(decode, bytes);
  });

  test('are filled up to eight bytes as RFC 8200 asks: one byte by Pad1, more by PadN', () => {
    const padded = (options: readonly Ipv6Option[]): Uint8Array =>
      encoded(codec, { type: 'hop-by-hop', nextHeader: 58, options });
    expect(padded([{ type: 'router-alert', value: 0 }])).toEqual(bytesOf('3a00 05020000 0100'));
    expect(padded([{ type: 'unknown', kind: 7, data: new Uint8Array(3) }])).toEqual(bytesOf('3a00 0703000000 00'));
    expect(padded([])).toEqual(bytesOf('3a00 010400000000'));
  });

  test('come back, any list of them that fills its header', () => {
    const option: fc.Arbitrary<Ipv6Option> = fc.oneof(
      fc.constant({ type: 'pad-1' } as const),
      fc.record({ type: fc.constant('pad-n' as const), data: fc.uint8Array({ maxLength: 5 }) }),
      fc.record({ type: fc.constant('router-alert' as const), value: u16 }),
      fc.record({ type: fc.constant('jumbo-payload' as const), payloadBytes: u32 }),
      fc.record({
        type: fc.constant('unknown' as const),
        kind: fc.nat(255).filter((k) => ![0, 1, 5, 0xc2].includes(k)),
        data: fc.uint8Array({ maxLength: 40 }),
      }),
    );
    fc.assert(
      fc.property(fc.array(option, { maxLength: 8 }), u8, (list, nextHeader) => {
        const filled = encoded(codec, { type: 'hop-by-hop', nextHeader, options: list });
        const filler = decode(viewOf(filled), 0, filled.length).options.slice(list.length);
        expectRoundTrip(codec, { type: 'hop-by-hop', nextHeader, options: [...list, ...filler] });
      }),
    );
  });

  test('that leave the header are malformed where their length stands', () => {
    expect(faultOf(decode, bytesOf('3a00 0505 00000000'))).toEqual({ error: 'BAD_LENGTH', at: 3 });
    expect(faultOf(decode, bytesOf('3a00 0000000000 05'))).toEqual({ error: 'TRUNCATED', at: 7 });
  });
});

describe('a routing header', () => {
  const codec = codecOf(decodeRouting);
  const segments = bytesOf(`1104 0401 01000000 ${'aa'.repeat(16)} ${'bb'.repeat(16)}`);

  test('keeps what its type gives a meaning', () => {
    const value = expectLossless(codec, segments);
    expect(value).toMatchObject({ nextHeader: 17, routingType: 4, segmentsLeft: 1, data: { length: 36 } });
    expectFaultInEveryCut(decodeRouting, segments);
  });

  test('says where the packet goes in the end: first of a segment list, last of the old kind, nowhere new when travelled', () => {
    const value = decodeRouting(viewOf(segments), 0, segments.length);
    const aa = BigInt(`0x${'aa'.repeat(16)}`);
    const bb = BigInt(`0x${'bb'.repeat(16)}`);
    expect(finalIpv6Destination(value)).toBe(aa);
    expect(finalIpv6Destination({ ...value, routingType: 0 })).toBe(bb);
    expect(finalIpv6Destination({ ...value, segmentsLeft: 0 })).toBeUndefined();
    expect(finalIpv6Destination({ ...value, routingType: 3 })).toBeUndefined();
    expect(finalIpv6Destination({ ...value, data: new Uint8Array(4) })).toBeUndefined();
  });
});

describe('a fragment header', () => {
  const codec = codecOf(decodeFragment);

  test('is lossless for any eight bytes', () => {
    fc.assert(fc.property(fc.uint8Array({ minLength: 8, maxLength: 8 }), (bytes) => void expectLossless(codec, bytes)));
    expectFaultInEveryCut(decodeFragment, new Uint8Array(8));
  });

  test('counts its offset in bytes, and is a piece unless it says that it is all', () => {
    const middle = decodeFragment(viewOf(bytesOf('1100 05a9 0000abcd')), 0, 8);
    expect(middle).toMatchObject({ nextHeader: 17, offsetBytes: 0x5a8, moreFragments: true, identification: 0xabcd });
    expect(isIpv6Fragment(middle)).toBe(true);
    expect(isIpv6Fragment({ ...middle, moreFragments: false })).toBe(true);
    expect(isIpv6Fragment({ ...middle, moreFragments: false, offsetBytes: 0 })).toBe(false);
  });
});

describe('IPsec headers', () => {
  test('of authentication are as long as their word says, counted from minus two', () => {
    const codec = codecOf(decodeAuthentication);
    const bytes = bytesOf('0604 0000 00000100 00000007 0102030405060708090a0b0c');
    const value = expectLossless(codec, bytes);
    expect(value).toMatchObject({ nextHeader: 6, spi: 0x100, sequence: 7, icv: { length: 12 } });
    expectFaultInEveryCut(decodeAuthentication, bytes);
    const tooShort = bytes.slice();
    tooShort[1] = 0;
    expect(faultOf(decodeAuthentication, tooShort)).toEqual({ error: 'BAD_LENGTH', at: 1 });
  });

  test('of encryption are two numbers', () => {
    const codec = codecOf(decodeEsp);
    expect(expectLossless(codec, bytesOf('00000200 00000009'))).toEqual({ type: 'esp', spi: 512, sequence: 9 });
    expectFaultInEveryCut(decodeEsp, new Uint8Array(8));
  });
});
