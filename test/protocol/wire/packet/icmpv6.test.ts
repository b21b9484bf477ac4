import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseIpv6, parseMac } from '../../../../protocol/wire/address.ts';
import {
  decodeIcmpv6,
  encodeIcmpv6,
  type Icmpv6,
  type Icmpv6Body,
  icmpv6Bytes,
} from '../../../../protocol/wire/packet/icmpv6.ts';
import { mldView } from '../../../../protocol/wire/packet/mld.ts';
import { neighborView } from '../../../../protocol/wire/packet/neighbor-discovery.ts';
import type { NeighborOption } from '../../../../protocol/wire/packet/neighbor-discovery-option.ts';
import {
  bytesOf,
  encoded,
  expectFaultInEveryCut,
  expectLossless,
  expectRoundTrip,
  faultOf,
  type HeaderCodec,
  viewOf,
} from './header-law.ts';

const codec: HeaderCodec<Icmpv6> = { decode: decodeIcmpv6, encode: encodeIcmpv6, bytes: icmpv6Bytes };

const u8 = fc.nat(0xff);
const u16 = fc.nat(0xffff);
const u32 = fc.integer({ min: 0, max: 0xffff_ffff });
const mac = fc.integer({ min: 0, max: 2 ** 48 - 1 });
const address = fc.bigInt({ min: 0n, max: (1n << 128n) - 1n });
const addresses = fc.array(address, { maxLength: 3 });
const data = fc.uint8Array({ maxLength: 40 });
const bool = fc.boolean();

const option: fc.Arbitrary<NeighborOption> = fc.oneof(
  fc.record({ type: fc.constantFrom('source-link-address' as const, 'target-link-address' as const), address: mac }),
  fc.record({
    type: fc.constant('prefix' as const),
    prefix: address,
    prefixBits: u8,
    onLink: bool,
    autonomous: bool,
    validSeconds: u32,
    preferredSeconds: u32,
    reservedBits: fc.nat(63),
    reserved: u32,
  }),
  fc.record({
    type: fc.constant('redirected-header' as const),
    quote: fc.nat(6).map((units) => new Uint8Array(units * 8).fill(units)),
    reserved: mac,
  }),
  fc.record({ type: fc.constant('mtu' as const), mtu: u32, reserved: u16 }),
  fc.record({ type: fc.constant('dns-servers' as const), lifetimeSeconds: u32, servers: addresses, reserved: u16 }),
  fc.record({
    type: fc.constant('unknown' as const),
    kind: fc.constantFrom(6, 14, 24, 31, 200),
    data: fc.nat(4).map((units) => new Uint8Array(6 + units * 8).fill(units)),
  }),
);
const options = fc.array(option, { maxLength: 4 });

const body: fc.Arbitrary<Icmpv6Body> = fc.oneof(
  fc.record({
    type: fc.constantFrom('echo-request' as const, 'echo-reply' as const),
    identifier: u16,
    sequence: u16,
    data,
  }),
  fc.record({
    type: fc.constantFrom('unreachable', 'packet-too-big', 'time-exceeded', 'parameter-problem') as fc.Arbitrary<
      'unreachable' | 'packet-too-big' | 'time-exceeded' | 'parameter-problem'
    >,
    value: u32,
    quote: data,
  }),
  fc.record({ type: fc.constant('router-solicitation' as const), reserved: u32, options }),
  fc.record({
    type: fc.constant('router-advertisement' as const),
    hopLimit: u8,
    managed: bool,
    otherConfiguration: bool,
    reservedBits: fc.nat(63),
    lifetimeSeconds: u16,
    reachableMs: u32,
    retransmitMs: u32,
    options,
  }),
  fc.record({ type: fc.constant('neighbor-solicitation' as const), reserved: u32, target: address, options }),
  fc.record({
    type: fc.constant('neighbor-advertisement' as const),
    router: bool,
    solicited: bool,
    override: bool,
    reserved: fc.nat(0x1fff_ffff),
    target: address,
    options,
  }),
  fc.record({ type: fc.constant('redirect' as const), reserved: u32, target: address, destination: address, options }),
  fc.record({
    type: fc.constantFrom('mld1-query' as const, 'mld1-report' as const, 'mld1-done' as const),
    maxResponseMs: u16,
    reserved: u16,
    group: address,
    rest: fc.constant(new Uint8Array(0)),
  }),
  fc.record({
    type: fc.constant('mld2-query' as const),
    maxResponseCode: u16,
    reserved: u16,
    group: address,
    reservedBits: fc.nat(15),
    suppressRouterSide: bool,
    robustness: fc.nat(7),
    queryIntervalCode: u8,
    sources: addresses,
    rest: data,
  }),
  fc.record({
    type: fc.constant('mld2-report' as const),
    reserved: u16,
    records: fc.array(
      fc.record({
        kind: u8,
        group: address,
        sources: addresses,
        auxiliary: fc.nat(3).map((words) => new Uint8Array(words * 4).fill(words)),
      }),
      { maxLength: 3 },
    ),
    rest: data,
  }),
  fc.record({ type: fc.constant('unknown' as const), kind: fc.constantFrom(100, 127, 138, 151, 255), data }),
);

const ip = (text: string): bigint => parseIpv6(text)!;

describe('an ICMPv6 message', () => {
  test('of each kind comes back, checksum and all', () => {
    fc.assert(
      fc.property(body, u8, u16, (each, code, checksum) => {
        expectRoundTrip(codec, { type: 'icmpv6', code, checksum, body: each });
      }),
      { numRuns: 500 },
    );
  });

  test('leaves its checksum zero for the frame to fill in', () => {
    const value: Icmpv6 = { type: 'icmpv6', body: { type: 'packet-too-big', value: 1280, quote: new Uint8Array(2) } };
    expect(encoded(codec, value)).toEqual(bytesOf('0200 0000 00000500 0000'));
  });

  test('shorter than the fixed part of its kind is malformed', () => {
    const sizes = {
      1: 8,
      2: 8,
      3: 8,
      4: 8,
      128: 8,
      130: 24,
      131: 24,
      132: 24,
      133: 8,
      134: 16,
      135: 24,
      136: 24,
      137: 40,
      143: 8,
    };
    for (const [kind, bytes] of Object.entries(sizes)) {
      expectFaultInEveryCut(decodeIcmpv6, new Uint8Array([Number(kind), ...new Uint8Array(bytes - 1)]));
    }
  });
});

describe('neighbor discovery', () => {
  const advertisement = bytesOf(
    `88 00 0000 e0000000 20010db8000000000000000000000002 0201 020000000002 0e01 010203040506`,
  );

  test('answers with flags, the address asked for and options, unknown ones kept', () => {
    expect(expectLossless(codec, advertisement).body).toEqual({
      type: 'neighbor-advertisement',
      router: true,
      solicited: true,
      override: true,
      reserved: 0,
      target: ip('2001:db8::2'),
      options: [
        { type: 'target-link-address', address: parseMac('02:00:00:00:00:02') },
        { type: 'unknown', kind: 14, data: bytesOf('010203040506') },
      ],
    });
    expect(neighborView.target(viewOf(advertisement), 0)).toBe(ip('2001:db8::2'));
    expect(neighborView.targetWord(viewOf(advertisement), 0, 3)).toBe(2);
    expect(neighborView.optionsAt(viewOf(advertisement), 0)).toBe(24);
  });

  test('cut off within an option is malformed', () => {
    for (const length of [25, 31, 33, 39]) {
      expect(faultOf(decodeIcmpv6, advertisement.slice(0, length)).error).toBe('TRUNCATED');
    }
  });

  test('with an option of no length, or of one that leaves the message, is malformed there', () => {
    const lie = (bytes: number): Uint8Array => {
      const wrong = advertisement.slice();
      wrong[25] = bytes;
      return wrong;
    };
    expect(faultOf(decodeIcmpv6, lie(0))).toEqual({ error: 'BAD_LENGTH', at: 25 });
    expect(faultOf(decodeIcmpv6, lie(3))).toEqual({ error: 'BAD_LENGTH', at: 25 });
    expect(expectLossless(codec, lie(2)).body).toMatchObject({ options: [{ type: 'unknown', kind: 2 }] });
  });

  test('keeps an address option of another link as bytes', () => {
    const infiniband = bytesOf(`8500 0000 00000000 0103 ${'0102030405060708090a0b'.repeat(2)}`);
    expect(expectLossless(codec, infiniband).body).toMatchObject({ options: [{ type: 'unknown', kind: 1 }] });
  });

  test('fills a quote up to whole units', () => {
    const value: Icmpv6 = {
      type: 'icmpv6',
      body: {
        type: 'redirect',
        target: 1n,
        destination: 2n,
        options: [{ type: 'redirected-header', quote: new Uint8Array(3).fill(7) }],
      },
    };
    expect(encoded(codec, value).slice(40)).toEqual(bytesOf('0402 000000000000 0707070000000000'));
  });
});

describe('multicast listener discovery', () => {
  const query = bytesOf(`82 00 0000 03e8 0000 ff150000000000000000000000001234 0a 7d 0001 ${'11'.repeat(16)}`);

  test('tells the versions of a query by its length alone', () => {
    expect(decodeIcmpv6(viewOf(query), 0, 24).body.type).toBe('mld1-query');
    expect(decodeIcmpv6(viewOf(query), 0, query.length).body).toMatchObject({
      type: 'mld2-query',
      maxResponseCode: 1000,
      group: ip('ff15::1234'),
      suppressRouterSide: true,
      robustness: 2,
      queryIntervalCode: 125,
      sources: [BigInt(`0x${'11'.repeat(16)}`)],
    });
    expect(mldView.group(viewOf(query), 0)).toBe(ip('ff15::1234'));
    expect(mldView.groupWord(viewOf(query), 0, 3)).toBe(0x1234);
  });

  test('does not believe counts beyond the bytes that are there', () => {
    const lie = query.slice();
    lie[26] = 0xff;
    expect(faultOf(decodeIcmpv6, lie)).toEqual({ error: 'TRUNCATED', at: 28 });
    const report = bytesOf(`8f 00 0000 0000 ffff 04000000 ${'11'.repeat(16)}`);
    expect(faultOf(decodeIcmpv6, report)).toEqual({ error: 'TRUNCATED', at: 28 });
    const auxiliary = bytesOf(`8f 00 0000 0000 0001 04010000 ${'11'.repeat(16)}`);
    expect(faultOf(decodeIcmpv6, auxiliary)).toEqual({ error: 'TRUNCATED', at: 28 });
  });

  test('keeps what is behind its records', () => {
    const report = bytesOf(`8f 00 0000 0000 0001 04000000 ${'11'.repeat(16)} abcdef`);
    expect(expectLossless(codec, report).body).toMatchObject({ rest: bytesOf('abcdef') });
  });
});
