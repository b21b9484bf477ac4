import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseHex } from '../../../../protocol/wire/hex.ts';
import { decodeLldp, encodeLldp, type LldpTlv, lldpBytes, lldpView } from '../../../../protocol/wire/packet/lldp.ts';
import { decodeUtf8 } from '../../../../protocol/wire/utf8.ts';
import { encodeToBytes, testCodec, viewOf } from './codec-suite.ts';

const LLDP = { decode: decodeLldp, encode: encodeLldp, bytes: lldpBytes };

const u8 = fc.nat(255);
const u16 = fc.nat(0xffff);
const id = fc.uint8Array({ minLength: 1, maxLength: 255 });
/** Any bytes as text, since that is what a neighbour may send. */
const text = fc.uint8Array({ maxLength: 255 }).map((bytes) => decodeUtf8(viewOf(bytes), 0, bytes.length));

const tlv: fc.Arbitrary<LldpTlv> = fc.oneof(
  fc.record({ type: fc.constantFrom('chassis-id' as const, 'port-id' as const), subtype: u8, id }),
  fc.record({ type: fc.constant('time-to-live' as const), seconds: u16 }),
  fc.record({
    type: fc.constantFrom('port-description' as const, 'system-name' as const, 'system-description' as const),
    text,
  }),
  fc.record({ type: fc.constant('capabilities' as const), supported: u16, enabled: u16 }),
  fc.record({
    type: fc.constant('management-address' as const),
    subtype: u8,
    address: fc.uint8Array({ minLength: 1, maxLength: 31 }),
    interfaceSubtype: u8,
    interfaceNumber: fc.nat(0xffff_ffff),
    objectId: fc.uint8Array({ maxLength: 128 }),
  }),
  fc.record({
    type: fc.constant('organization' as const),
    oui: fc.nat(0xff_ffff),
    subtype: u8,
    data: fc.uint8Array({ maxLength: 507 }),
  }),
  fc.record({
    type: fc.constant('unknown' as const),
    kind: fc.integer({ min: 9, max: 126 }),
    data: fc.uint8Array({ maxLength: 511 }),
  }),
);

describe('LLDP', () => {
  testCodec('lldp', LLDP);

  test('any list is read as it was written, with what follows its end', () => {
    fc.assert(
      fc.property(fc.array(tlv, { maxLength: 8 }), fc.uint8Array({ maxLength: 46 }), (tlvs, trailer) => {
        const value = { type: 'lldp', tlvs: [...tlvs, { type: 'end' }], trailer } as const;
        const written = encodeToBytes(LLDP, value);
        expect(decodeLldp(viewOf(written), 0, written.length)).toEqual(value);
      }),
    );
  });

  test('a name that is no UTF-8 is given back', () => {
    const bytes = parseHex('0a04 ff61e4ba 0000')!;
    expect(encodeToBytes(LLDP, decodeLldp(viewOf(bytes), 0, bytes.length))).toEqual(bytes);
  });

  test.each([
    ['half a head', '06', 'TRUNCATED at 0'],
    ['a TLV that leaves the frame', '060278', 'BAD_LENGTH at 0'],
    ['an end with a body', '000100', 'BAD_LENGTH at 0'],
    ['a chassis without an identifier', '020104', 'BAD_LENGTH at 0'],
    ['a time to live of three bytes', '0603000078', 'BAD_LENGTH at 0'],
    ['capabilities of two bytes', '0e020014', 'BAD_LENGTH at 0'],
    ['a management address of no bytes', '1009 00 01 02 00000003 0000', 'BAD_LENGTH at 2'],
    ['a management address that leaves its TLV', '1009 04 01 02 00000003 0000', 'BAD_LENGTH at 2'],
    ['an object identifier that leaves its TLV', '1009 02 01 0a 02 00000003 01', 'BAD_LENGTH at 10'],
    ['a byte behind the object identifier', '100a 02 01 0a 02 00000003 00 00', 'BAD_LENGTH at 10'],
    ['an organisation without a subtype', 'fe030080c2', 'BAD_LENGTH at 0'],
  ])('%s is refused', (_name, hex, fault) => {
    const bytes = parseHex(hex)!;
    expect(() => decodeLldp(viewOf(bytes), 0, bytes.length)).toThrow(fault);
  });

  test.each<[string, LldpTlv]>([
    ['a TLV of 512 bytes', { type: 'unknown', kind: 9, data: new Uint8Array(512) }],
    [
      'a management address of 255 bytes',
      {
        type: 'management-address',
        subtype: 1,
        address: new Uint8Array(255),
        interfaceSubtype: 1,
        interfaceNumber: 1,
        objectId: new Uint8Array(),
      },
    ],
  ])('%s cannot be written', (_name, large) => {
    expect(() => encodeToBytes(LLDP, { type: 'lldp', tlvs: [large] })).toThrow('TOO_LARGE');
  });

  test('TLVs are found one after the other without decoding them', () => {
    const bytes = parseHex('0202 0764 fe04 00120f01 0000')!;
    const view = viewOf(bytes);
    const kinds: number[] = [];
    for (let at = 0; at < bytes.length; at += 2 + lldpView.tlvBytes(view, at)) kinds.push(lldpView.tlvKind(view, at));
    expect(kinds).toEqual([1, 127, 0]);
  });
});
