/** Which version two hellos agree on: a table of pairs, and hellos that are odd but still hellos. */
import { describe, expect, test } from 'vitest';
import { parseHex } from '../../../../protocol/wire/hex.ts';
import { fromBytes, toBytes } from '../../../../protocol/wire/openflow/message.ts';
import {
  explainRefusal,
  negotiateVersion,
  OUR_VERSIONS,
  readHello,
  toHello,
  toHelloVersions,
} from '../../../../protocol/wire/openflow/version.ts';

/** Their version, their bitmap's words if any, and what sluice agrees to. */
const PAIRS: readonly (readonly [string, number, readonly number[] | undefined, number | undefined])[] = [
  ['1.3 without a bitmap', 4, undefined, 4],
  ['1.3 with the bitmap of 1.3', 4, [0x10], 4],
  ['1.0 to 1.3, as Open vSwitch says it', 4, [0x12], 4],
  ['1.0 to 1.5 by bitmap', 6, [0x7e], 4],
  ['1.5 without a bitmap: the smaller header counts, and 1.5 speaks 1.3 or says that it does not', 6, undefined, 4],
  ['a version yet to come, without a bitmap', 0xff, undefined, 4],
  ['1.4 and 1.5 only, by bitmap', 6, [0x60], undefined],
  ['1.0 and 1.5 but nothing between', 6, [0x42], undefined],
  ['1.0 without a bitmap', 1, undefined, undefined],
  ['1.2 without a bitmap', 3, undefined, undefined],
  ['1.0 by header and 1.3 by bitmap: the bitmap counts', 1, [0x12], 4],
  ['1.3 by header and 1.0 by bitmap: the bitmap counts', 4, [0x02], undefined],
  ['a bitmap of two words', 40, [0x10, 0x100], 4],
  ['a bitmap whose second word alone has bits', 40, [0, 0x100], undefined],
  ['a bitmap without a bit', 4, [0], undefined],
  ['version 0', 0, undefined, undefined],
];

describe('sluice, which speaks 1.3,', () => {
  test.each(PAIRS)('and a peer with %s', (_name, version, bitmap, expected) => {
    expect(negotiateVersion(OUR_VERSIONS, { version, bitmap })).toBe(expected);
  });

  test('says so in its header and in a bitmap', () => {
    expect(toBytes(toHello(9))).toEqual(parseHex('04 00 0010 00000009 0001 0008 00000010'));
  });
});

test('two peers that speak more than one version agree on the highest of both', () => {
  expect(negotiateVersion({ version: 6, bitmap: [0x7e] }, { version: 5, bitmap: [0x32] })).toBe(5);
  expect(negotiateVersion({ version: 40, bitmap: [0x10, 0x180] }, { version: 39, bitmap: [0x10, 0x80] })).toBe(39);
  expect(negotiateVersion({ version: 31, bitmap: [0x8000_0000] }, { version: 31, bitmap: [0x8000_0010 | 0] })).toBe(31);
});

/** Hellos as bytes after the header of `version`, and the versions that are read from them. */
const HELLOS: readonly (readonly [string, number, string, readonly number[] | undefined])[] = [
  ['nothing more', 4, '', undefined],
  ['a bitmap', 4, '0001 0008 00000012', [0x12]],
  ['a bitmap, though the header is of 1.5', 6, '0001 0008 00000072', [0x72]],
  ['a bitmap, though the header is of 1.0', 1, '0001 0008 00000012', [0x12]],
  ['a bitmap of two words and its padding', 4, '0001 000c 00000012 00000001 00000000', [0x12, 1]],
  ['a bitmap of two words without its padding', 4, '0001 000c 00000012 00000001', [0x12, 1]],
  ['an unknown element before the bitmap', 4, '7777 0006 abcd 0000 0001 0008 00000012', [0x12]],
  ['an element with a length of 0', 4, '0001 0000 00000012', undefined],
  ['an element longer than the hello', 4, '0001 0010 00000012', undefined],
  ['a bitmap that is not of whole words', 4, '0001 0006 0000 0000', undefined],
  ['a bitmap of no words', 4, '0001 0004 00000000', undefined],
  ['a bitmap, and then a broken element', 4, '0001 0008 00000012 0001 ffff', [0x12]],
  ['three bytes of noise', 4, 'ffffff', undefined],
  ['text, as 1.0 allowed', 1, '68656c6c6f2c20776f726c6421', undefined],
];

describe('a hello with', () => {
  test.each(HELLOS)('%s', (_name, version, elements, bitmap) => {
    const body = parseHex(elements)!;
    const bytes = Uint8Array.of(0xee, version, 0, 0, 8 + body.length, 0, 0, 0, 5, ...body, 0xee);
    const hello = readHello(new DataView(bytes.buffer), 1, bytes.length - 1);
    expect(hello).toMatchObject({ type: 'hello', version, xid: 5 });
    expect(toHelloVersions(hello)).toEqual({ version, bitmap });
  });
});

test('our own hello is read as it was written', () => {
  const bytes = toBytes(toHello(3));
  expect(readHello(new DataView(bytes.buffer), 0, bytes.length)).toEqual(fromBytes(bytes));
});

test('a refusal is explained in plain ASCII', () => {
  for (const versions of [{ version: 1 }, { version: 6, bitmap: [0x60, -1] }]) {
    const text = String.fromCharCode(...explainRefusal(versions));
    expect(text).toMatch(/^[\x20-\x7e]+$/);
    expect(text).toContain('1.3');
    expect(text).toContain(`version ${versions.version}`);
  }
});
