import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatHex, parseHex } from '../../../../protocol/wire/hex.ts';
import { type Dns, decodeDns, dnsBytes, dnsView, encodeDns } from '../../../../protocol/wire/packet/dns.ts';
import { decodeDnsName, encodeDnsName } from '../../../../protocol/wire/packet/dns-name.ts';
import type { DnsRecord } from '../../../../protocol/wire/packet/dns-record.ts';
import { decodeUtf8 } from '../../../../protocol/wire/utf8.ts';
import { encodeToBytes, testCodec, viewOf } from './codec-suite.ts';

const DNS = { decode: decodeDns, encode: encodeDns, bytes: dnsBytes, isLossless: false };
const QUERY: Dns = {
  type: 'dns',
  id: 1,
  flags: 0,
  operation: 0,
  responseCode: 0,
  questions: [],
  answers: [],
  authorities: [],
  additionals: [],
};

const u8 = fc.nat(255);
const u16 = fc.nat(0xffff);
const u32 = fc.nat(0xffff_ffff);
const bytes = fc.uint8Array({ maxLength: 40 });

/** Few labels, so that names share their ends, and some of any bytes. */
const label = fc.oneof(
  { arbitrary: fc.constantFrom('www', 'example', 'com', 'COM', 'a'), weight: 6 },
  { arbitrary: fc.uint8Array({ minLength: 1, maxLength: 12 }).map(escapeLabel), weight: 1 },
);
const name = fc.array(label, { maxLength: 5 }).map((labels) => labels.join('.') || '.');

function escapeLabel(label: Uint8Array): string {
  return Array.from(label, (byte) => {
    const character = String.fromCharCode(byte);
    if (/[.\\]/.test(character)) return `\\${character}`;
    return byte > 0x20 && byte < 0x7f ? character : `\\${String(byte).padStart(3, '0')}`;
  }).join('');
}

const owner = { name, class: fc.constant(1), ttlSeconds: u32 };
const record: fc.Arbitrary<DnsRecord> = fc.oneof(
  fc.record({ type: fc.constant('a' as const), ...owner, address: u32 }),
  fc.record({ type: fc.constant('aaaa' as const), ...owner, address: fc.bigInt({ min: 0n, max: (1n << 128n) - 1n }) }),
  fc.record({ type: fc.constantFrom('cname' as const, 'ns' as const, 'ptr' as const), ...owner, target: name }),
  fc.record({ type: fc.constant('mx' as const), ...owner, preference: u16, exchange: name }),
  fc.record({
    type: fc.constant('txt' as const),
    ...owner,
    strings: fc.array(
      fc.uint8Array({ maxLength: 255 }).map((each) => decodeUtf8(viewOf(each), 0, each.length)),
      { maxLength: 3 },
    ),
  }),
  fc.record({ type: fc.constant('srv' as const), ...owner, priority: u16, weight: u16, port: u16, target: name }),
  fc.record({
    type: fc.constant('soa' as const),
    ...owner,
    primary: name,
    mailbox: name,
    serial: u32,
    refreshSeconds: u32,
    retrySeconds: u32,
    expireSeconds: u32,
    minimumSeconds: u32,
  }),
  fc.record({
    type: fc.constant('opt' as const),
    name,
    udpBytesMax: u16,
    extendedCode: u8,
    version: u8,
    flags: u16,
    options: fc.array(fc.record({ code: u16, data: bytes }), { maxLength: 3 }),
  }),
  fc.record({
    type: fc.constant('unknown' as const),
    ...owner,
    kind: fc.integer({ min: 64, max: 65535 }),
    data: bytes,
  }),
  fc.record({
    type: fc.constant('unknown' as const),
    ...owner,
    class: fc.integer({ min: 2, max: 65535 }),
    kind: u8,
    data: bytes,
  }),
) as fc.Arbitrary<DnsRecord>;
const records = fc.array(
  record.filter((each) => each.type !== 'unknown' || each.kind !== 41),
  { maxLength: 4 },
);

const message: fc.Arbitrary<Dns> = fc.record({
  type: fc.constant('dns' as const),
  id: u16,
  flags: u16.map((flags) => flags & 0x87f0),
  operation: fc.nat(15),
  responseCode: fc.nat(15),
  questions: fc.array(fc.record({ name, kind: u16, class: u16 }), { maxLength: 3 }),
  answers: records,
  authorities: records,
  additionals: records,
});

describe('DNS', () => {
  testCodec('dns', DNS);

  test('any message is read as it was written, compressed or in full', () => {
    fc.assert(
      fc.property(message, fc.constantFrom('compressed' as const, 'full' as const), fc.nat(3), (value, form, at) => {
        const size = dnsBytes(value, form);
        const written = new Uint8Array(at + size);
        expect(encodeDns(value, viewOf(written), at, form)).toBe(at + size);
        expect(decodeDns(viewOf(written), at, at + size)).toEqual(value);
        expect(size).toBeLessThanOrEqual(dnsBytes(value, 'full'));
      }),
    );
  });

  test('a message cut off anywhere is refused', () => {
    fc.assert(
      fc.property(message, fc.nat(), (value, cut) => {
        const written = encodeToBytes(DNS, value);
        expect(() => decodeDns(viewOf(written), 0, cut % written.length)).toThrow('TRUNCATED');
      }),
    );
  });

  test('bytes behind the message are refused at their place', () => {
    expect(() => decodeDns(new DataView(new ArrayBuffer(14)), 0, 14)).toThrow('BAD_LENGTH at 12');
  });

  test.each([
    ['a name that is its own target', 'c00c', 'BAD_VALUE at 12'],
    ['a name that points forward', 'c00e 00', 'BAD_VALUE at 12'],
    ['a loop of two', '01 61 c00c', 'BAD_VALUE at 14'],
    ['a label of a kind that nobody defined', '4001', 'UNSUPPORTED at 12'],
    ['a label that leaves the message', '05 616263', 'TRUNCATED at 12'],
    ['half a pointer', 'c0', 'TRUNCATED at 12'],
    ['a name without an end', '01 61', 'TRUNCATED at 14'],
  ])('%s is refused', (_name, hex, fault) => {
    const bytes = parseHex(`0001 0000 0001 0000 0000 0000 ${hex}`)!;
    expect(() => decodeDns(viewOf(bytes), 0, bytes.length)).toThrow(fault);
  });

  test('a chain of more pointers than a name has labels is refused, however far back it leads', () => {
    const chain = new DataView(new ArrayBuffer(2 + 2 * 200));
    for (let i = 1; i <= 200; i++) chain.setUint16(2 * i, 0xc000 | (2 * (i - 1)));
    const end = chain.byteLength;
    expect(decodeDnsName(chain, 2 * 127, end, 0)).toEqual({ text: '.', after: 2 * 128 });
    expect(() => decodeDnsName(chain, 2 * 128, end, 0)).toThrow('BAD_VALUE');
  });

  test('a name of 255 bytes is read, one that compression makes longer is refused', () => {
    const labels = `${'3f'}${'61'.repeat(63)}`.repeat(3);
    const longest = parseHex(`${labels}3d${'61'.repeat(61)}00`)!;
    expect(longest.length).toBe(255);
    const { text, after } = decodeDnsName(viewOf(longest), 0, 255, 0);
    expect(after).toBe(255);
    const again = new Uint8Array(255);
    encodeDnsName(text, viewOf(again), 0, 0);
    expect(formatHex(again)).toBe(formatHex(longest));
    const longer = parseHex(`${formatHex(longest)}0161c000`)!;
    expect(() => decodeDnsName(viewOf(longer), 255, longer.length, 0)).toThrow('TOO_LARGE');
  });

  test.each([
    ['an address of three bytes', '00 0001 0001 00000000 0003 0a0000', 'BAD_LENGTH'],
    ['an IPv6 address of four bytes', '00 001c 0001 00000000 0004 0a000001', 'BAD_LENGTH'],
    ['a name with a byte behind it', '00 0005 0001 00000000 0002 0000', 'BAD_LENGTH'],
    ['an SOA that ends early', '00 0006 0001 00000000 0006 00 00 00000001', 'BAD_LENGTH'],
    ['an SRV without a target', '00 0021 0001 00000000 0006 000100020003', 'TRUNCATED'],
    ['a text that leaves its record', '00 0010 0001 00000000 0002 0261', 'BAD_LENGTH'],
    ['an EDNS option that leaves its record', '00 0029 04d0 00000000 0005 000a 0002 00', 'BAD_LENGTH'],
    ['data that leave the message', '00 0001 0001 00000000 0005 0a000001', 'TRUNCATED'],
  ])('%s is refused', (_name, hex, fault) => {
    const bytes = parseHex(`0001 8000 0000 0001 0000 0000 ${hex}`)!;
    expect(() => decodeDns(viewOf(bytes), 0, bytes.length)).toThrow(fault);
  });

  test.each([
    ['an empty label', 'a..b', 'BAD_VALUE'],
    ['no label at all', '', 'BAD_VALUE'],
    ['a label of 64 bytes', 'a'.repeat(64), 'TOO_LARGE'],
    ['256 bytes', `${'a.'.repeat(127)}a`, 'TOO_LARGE'],
    ['a letter that is no byte', 'bücher.example', 'BAD_VALUE'],
    ['an escape beyond a byte', 'a\\256', 'BAD_VALUE'],
    ['an escape of nothing', 'a\\', 'BAD_VALUE'],
  ])('a name with %s cannot be written', (_name, text, fault) => {
    const value: Dns = { ...QUERY, questions: [{ name: text, kind: 1 }] };
    expect(() => encodeDns(value, new DataView(new ArrayBuffer(1000)), 0)).toThrow(fault);
  });

  test('names beyond the reach of a pointer are written in full', () => {
    const padding: DnsRecord = {
      type: 'unknown',
      name: '.',
      ttlSeconds: 0,
      class: 1,
      kind: 999,
      data: new Uint8Array(16384),
    };
    const twice: DnsRecord[] = ['x.far', 'x.far'].map((each) => ({
      type: 'a',
      name: each,
      class: 1,
      ttlSeconds: 0,
      address: 1,
    }));
    const value: Dns = { ...QUERY, answers: [padding, ...twice] };
    const written = encodeToBytes(DNS, value);
    expect(written.length).toBe(12 + 11 + 16384 + 2 * (7 + 14));
    expect(decodeDns(viewOf(written), 0, written.length)).toEqual(value);
  });

  test('a field set in place is the field that is read', () => {
    const written = encodeToBytes(DNS, {
      ...QUERY,
      flags: 0x8000,
      responseCode: 3,
      questions: [{ name: 'a', kind: 1 }],
    });
    dnsView.setId(viewOf(written), 0, 0xfffe);
    expect(decodeDns(viewOf(written), 0, written.length).id).toBe(0xfffe);
    expect(dnsView.isResponse(viewOf(written), 0)).toBe(true);
    expect(dnsView.responseCode(viewOf(written), 0)).toBe(3);
    expect(dnsView.questionCount(viewOf(written), 0)).toBe(1);
    expect(dnsView.answerCount(viewOf(written), 0)).toBe(0);
  });
});
