import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checksumOf } from '../../../../protocol/wire/packet/checksum.ts';
import {
  decodeIcmp,
  encodeIcmp,
  type Icmp,
  type IcmpBody,
  icmpBytes,
  icmpView,
} from '../../../../protocol/wire/packet/icmp.ts';
import {
  bytesOf,
  encoded,
  expectFaultInEveryCut,
  expectLossless,
  expectRoundTrip,
  type HeaderCodec,
  viewOf,
} from './header-law.ts';

const codec: HeaderCodec<Icmp> = { decode: decodeIcmp, encode: encodeIcmp, bytes: icmpBytes };

const u16 = fc.nat(0xffff);
const u32 = fc.integer({ min: 0, max: 0xffff_ffff });
const data = fc.uint8Array({ maxLength: 40 });

const body: fc.Arbitrary<IcmpBody> = fc.oneof(
  fc.record({
    type: fc.constantFrom('echo-request' as const, 'echo-reply' as const),
    identifier: u16,
    sequence: u16,
    data,
  }),
  fc.record({ type: fc.constant('unreachable' as const), unused: u16, nextHopMtu: u16, quote: data }),
  fc.record({ type: fc.constant('time-exceeded' as const), unused: u32, quote: data }),
  fc.record({ type: fc.constant('redirect' as const), gateway: u32, quote: data }),
  fc.record({
    type: fc.constant('parameter-problem' as const),
    pointer: fc.nat(255),
    unused: fc.nat(0xff_ffff),
    quote: data,
  }),
  fc.record({
    type: fc.constantFrom('timestamp-request' as const, 'timestamp-reply' as const),
    identifier: u16,
    sequence: u16,
    originateMs: u32,
    receiveMs: u32,
    transmitMs: u32,
    rest: data,
  }),
  fc.record({ type: fc.constant('unknown' as const), kind: fc.constantFrom(1, 4, 9, 10, 17, 42, 255), data }),
);

describe('an ICMP message', () => {
  test('of each kind comes back, checksum and all', () => {
    fc.assert(
      fc.property(body, fc.nat(255), u16, (each, code, checksum) => {
        expectRoundTrip(codec, { type: 'icmp', code, checksum, body: each });
      }),
    );
  });

  test('is lossless for any bytes it can read', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(0, 3, 5, 8, 11, 12, 13, 14, 99),
        fc.uint8Array({ minLength: 19, maxLength: 60 }),
        (kind, rest) => {
          expectLossless(codec, new Uint8Array([kind, ...rest]));
        },
      ),
    );
  });

  test('computes its checksum when it is left to it', () => {
    fc.assert(
      fc.property(body, fc.nat(255), (each, code) => {
        const bytes = encoded(codec, { type: 'icmp', code, body: each });
        expect(checksumOf(viewOf(bytes), 0, bytes.length)).toBe(0);
      }),
    );
  });

  test('too short for its kind is malformed', () => {
    for (const hex of [
      '0800f7ff 00000000',
      '0304 0000 00000500',
      '0b000000 00000000',
      '05010000 0a000009',
      '0c000000 14000000',
    ]) {
      expectFaultInEveryCut(decodeIcmp, bytesOf(hex));
    }
    expectFaultInEveryCut(decodeIcmp, bytesOf(`0d000000 ${'00'.repeat(16)}`));
    expectFaultInEveryCut(decodeIcmp, bytesOf('0a000000'));
  });

  test('that needed fragmentation tells the next-hop MTU', () => {
    expect(decodeIcmp(viewOf(bytesOf('0304 fafb 0000 0500 4500')), 0, 10)).toEqual({
      type: 'icmp',
      code: 4,
      checksum: 0xfafb,
      body: { type: 'unreachable', unused: 0, nextHopMtu: 1280, quote: bytesOf('4500') },
    });
  });

  test('is edited in place', () => {
    const view = viewOf(bytesOf('0800 1234 0001 0002'));
    icmpView.setKind(view, 0, 0);
    icmpView.setCode(view, 0, 9);
    icmpView.setChecksum(view, 0, 0xabcd);
    icmpView.setIdentifier(view, 0, 0x7777);
    expect(decodeIcmp(view, 0, 8)).toMatchObject({
      code: 9,
      checksum: 0xabcd,
      body: { type: 'echo-reply', identifier: 0x7777, sequence: 2 },
    });
    expect(icmpView.kind(view, 0)).toBe(0);
  });
});
