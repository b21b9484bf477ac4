import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseHex } from '../../../../protocol/wire/hex.ts';
import {
  DHCP_MESSAGE,
  type Dhcp,
  decodeDhcp,
  dhcpBytes,
  dhcpView,
  encodeDhcp,
} from '../../../../protocol/wire/packet/dhcp.ts';
import { type DhcpOption, dhcpOptionsBytes } from '../../../../protocol/wire/packet/dhcp-option.ts';
import { decodeUtf8 } from '../../../../protocol/wire/utf8.ts';
import { encodeToBytes, expectTruncationsRefused, testCodec, viewOf } from './codec-suite.ts';

const DHCP = { decode: decodeDhcp, encode: encodeDhcp, bytes: dhcpBytes };
const DISCOVER: Dhcp = { type: 'dhcp', operation: 1, transactionId: 7, clientMac: 0x0200_0000_0001, options: [] };

const u8 = fc.nat(255);
const u16 = fc.nat(0xffff);
const u32 = fc.nat(0xffff_ffff);
const text = (maxLength: number) =>
  fc.uint8Array({ maxLength }).map((bytes) => decodeUtf8(viewOf(bytes), 0, bytes.length));
const label = fc.stringMatching(/^[a-z0-9-]{1,20}$/);
const name = fc.array(label, { minLength: 1, maxLength: 4 }).map((labels) => labels.join('.'));

const route = fc.tuple(fc.nat(32), u32, u32).map(([prefixBits, address, router]) => {
  const mask = prefixBits === 0 ? 0 : (0xffff_ffff << (32 - prefixBits)) >>> 0;
  return { prefixBits, destination: (address & mask) >>> 0, router };
});

const option: fc.Arbitrary<DhcpOption> = fc.oneof(
  fc.record({ type: fc.constantFrom('requested-address' as const, 'server-id' as const), address: u32 }),
  fc.record({ type: fc.constant('subnet-mask' as const), address: u32 }),
  fc.record({
    type: fc.constantFrom('routers' as const, 'name-servers' as const),
    addresses: fc.array(u32, { minLength: 1, maxLength: 70 }),
  }),
  fc.record({
    type: fc.constantFrom(
      'host-name' as const,
      'domain-name' as const,
      'vendor-class' as const,
      'boot-server' as const,
      'boot-file' as const,
    ),
    text: text(600),
  }),
  fc.record({
    type: fc.constantFrom('lease-time' as const, 'renewal-time' as const, 'rebinding-time' as const),
    seconds: u32,
  }),
  fc.record({ type: fc.constant('message-type' as const), value: u8 }),
  fc.record({ type: fc.constant('parameter-list' as const), codes: fc.array(u8, { maxLength: 300 }) }),
  fc.record({ type: fc.constant('message-bytes-max' as const), bytes: u16 }),
  fc.record({
    type: fc.constant('client-id' as const),
    hardwareType: u8,
    id: fc.uint8Array({ minLength: 1, maxLength: 20 }),
  }),
  fc.record({
    type: fc.constant('relay-agent' as const),
    suboptions: fc.array(fc.record({ code: u8, data: fc.uint8Array({ maxLength: 60 }) }), { maxLength: 4 }),
  }),
  fc.record({ type: fc.constant('domain-search' as const), names: fc.array(name, { minLength: 1, maxLength: 8 }) }),
  fc.record({ type: fc.constant('classless-routes' as const), routes: fc.array(route, { maxLength: 40 }) }),
  fc.record({ type: fc.constant('unknown' as const), code: fc.integer({ min: 200, max: 254 }), data: fc.uint8Array() }),
) as fc.Arbitrary<DhcpOption>;

/** No two of a code side by side: those may be one long option. */
const options = fc.uniqueArray(option, {
  maxLength: 6,
  selector: (each) => (each.type === 'unknown' ? each.code : each.type),
});

describe('DHCP', () => {
  testCodec('dhcp', DHCP);

  test('what is not said is Ethernet and zeros', () => {
    const written = encodeToBytes(DHCP, DISCOVER);
    expect(written.length).toBe(240);
    expect(Array.from(written.subarray(0, 4))).toEqual([1, 1, 6, 0]);
    expect(Array.from(written.subarray(28, 34))).toEqual([2, 0, 0, 0, 0, 1]);
    expect(written.subarray(34, 236).every((byte) => byte === 0)).toBe(true);
  });

  test('any message is read as it was written, options longer than a length byte can say included', () => {
    const message: fc.Arbitrary<Dhcp> = fc.record({
      type: fc.constant('dhcp' as const),
      operation: u8,
      hardwareType: u8,
      hardwareBytes: u8,
      hops: u8,
      transactionId: u32,
      seconds: u16,
      flags: u16,
      clientAddress: u32,
      yourAddress: u32,
      serverAddress: u32,
      relayAddress: u32,
      clientMac: fc.nat(0xffff_ffff_ffff),
      serverName: text(64).filter((each) => !each.endsWith('\0')),
      bootFile: text(128).filter((each) => !each.endsWith('\0')),
      options: options.map((list) => [...list, { type: 'end', padding: new Uint8Array(2) }]),
    });
    fc.assert(
      fc.property(message, (value) => {
        const written = encodeToBytes(DHCP, value);
        expect(decodeDhcp(viewOf(written), 0, written.length)).toEqual(value);
      }),
    );
  });

  test('a fixed part cut off anywhere is refused', () => {
    expectTruncationsRefused(encodeToBytes(DHCP, DISCOVER), (cut) => decodeDhcp(viewOf(cut), 0, cut.length));
  });

  test('BOOTP without the magic cookie is no DHCP', () => {
    expect(() => decodeDhcp(new DataView(new ArrayBuffer(300)), 0, 300)).toThrow('BAD_VALUE at 236');
  });

  test.each([
    ['an option without a length', '35', 'TRUNCATED at 240'],
    ['an option that leaves the message', '350201', 'BAD_LENGTH at 241'],
    ['an overload whose field has an option that leaves it', '340102', 'BAD_LENGTH at 45'],
  ])('%s is refused', (_case, hex, fault) => {
    const head = encodeToBytes(DHCP, { ...DISCOVER, serverName: '\x0c\x3f' });
    const bytes = Uint8Array.from([...head, ...parseHex(hex)!]);
    expect(() => decodeDhcp(viewOf(bytes), 0, bytes.length)).toThrow(fault);
  });

  /** RFC 3396: the pieces are put together before they are read. */
  test('a domain search list told in two options is one list', () => {
    const names = Array.from({ length: 20 }, (_, i) => `department-${i}.example.com`);
    const written = encodeToBytes(DHCP, { ...DISCOVER, options: [{ type: 'domain-search', names }, { type: 'end' }] });
    expect([written[240], written[241]]).toEqual([119, 255]);
    expect(written[240 + 257]).toBe(119);
    expect(decodeDhcp(viewOf(written), 0, written.length).options[0]).toEqual({ type: 'domain-search', names });
  });

  test('a long option whose second piece leaves the message is refused', () => {
    const long: DhcpOption = { type: 'unknown', code: 200, data: new Uint8Array(300) };
    const written = encodeToBytes(DHCP, { ...DISCOVER, options: [long] });
    expect(() => decodeDhcp(viewOf(written), 0, written.length - 1)).toThrow('BAD_LENGTH');
    expect(dhcpOptionsBytes([long])).toBe(304);
  });

  test('two small options of one code stay two', () => {
    const two: DhcpOption[] = [
      { type: 'unknown', code: 200, data: Uint8Array.of(1) },
      { type: 'unknown', code: 200, data: Uint8Array.of(2) },
    ];
    const written = encodeToBytes(DHCP, { ...DISCOVER, options: two });
    expect(decodeDhcp(viewOf(written), 0, written.length).options).toEqual(two);
  });

  test.each<[string, Partial<Dhcp>]>([
    ['a server name of 65 bytes', { serverName: 'x'.repeat(65) }],
    ['a boot file of 129 bytes', { bootFile: 'x'.repeat(129) }],
    ['options too many for the server name', { serverName: [{ type: 'host-name', text: 'x'.repeat(63) }] }],
    ['eleven bytes behind the MAC', { clientPadding: new Uint8Array(11) }],
  ])('%s cannot be written', (_case, part) => {
    expect(() => encodeToBytes(DHCP, { ...DISCOVER, ...part })).toThrow('TOO_LARGE');
  });

  test('a field set in place is the field that is read', () => {
    const written = encodeToBytes(DHCP, {
      ...DISCOVER,
      options: [{ type: 'message-type', value: DHCP_MESSAGE.discover }],
    });
    const view = viewOf(written);
    dhcpView.setHops(view, 0, 1);
    dhcpView.setTransactionId(view, 0, 0xfffffffe);
    dhcpView.setFlags(view, 0, 0x8000);
    dhcpView.setRelayAddress(view, 0, 0x0a000001);
    expect(decodeDhcp(view, 0, written.length)).toMatchObject({
      hops: 1,
      transactionId: 0xfffffffe,
      flags: 0x8000,
      relayAddress: 0x0a000001,
      clientMac: dhcpView.clientMac(view, 0),
    });
  });
});
