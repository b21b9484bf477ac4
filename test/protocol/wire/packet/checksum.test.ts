import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseHex } from '../../../../protocol/wire/hex.ts';
import {
  addRange,
  checksumOf,
  closeSum,
  pseudoHeaderV4,
  pseudoHeaderV6,
  pseudoHeaderV6At,
  toUdpChecksum,
  updateChecksum16,
  updateChecksum32,
  updateChecksum128,
} from '../../../../protocol/wire/packet/checksum.ts';

/** RFC 1071, section 1, taken literally: one word at a time, the carry brought around at once. */
function naiveChecksum(bytes: Uint8Array): number {
  let sum = 0;
  for (let i = 0; i < bytes.length; i += 2) {
    sum += bytes[i]! * 256 + (bytes[i + 1] ?? 0);
    if (sum > 0xffff) sum -= 0xffff;
  }
  return 0xffff - sum;
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}

const bytes = (hex: string): Uint8Array => parseHex(hex)!;
const ipv6 = fc.bigInt({ min: 0n, max: (1n << 128n) - 1n });
const u32 = fc.integer({ min: 0, max: 0xffff_ffff });
const u16 = fc.integer({ min: 0, max: 0xffff });

describe('the internet checksum', () => {
  test('of the example in RFC 1071, section 3, is the complement of ddf2', () => {
    const example = bytes('0001 f203 f4f5 f6f7');
    expect(checksumOf(viewOf(example), 0, 8)).toBe(0x220d);
  });

  test('of an IPv4 header with its checksum in place is zero', () => {
    const header = bytes('4500 0073 0000 4000 4011 b861 c0a8 0001 c0a8 00c7');
    expect(checksumOf(viewOf(header), 0, 20)).toBe(0);
    header.fill(0, 10, 12);
    expect(checksumOf(viewOf(header), 0, 20)).toBe(0xb861);
  });

  test('is the naive one for every range of odd or even length at any offset', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(20), (data, at) => {
        const from = Math.min(at, data.length);
        expect(checksumOf(viewOf(data), from, data.length)).toBe(naiveChecksum(data.slice(from)));
      }),
    );
  });

  test('does not lose carries in a megabyte of ones', () => {
    const data = new Uint8Array(1 << 20).fill(0xff);
    expect(checksumOf(viewOf(data), 0, data.length)).toBe(0);
    data[0] = 0;
    expect(checksumOf(viewOf(data), 0, data.length)).toBe(naiveChecksum(data));
  });

  test('of several ranges is that of their bytes in a row', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), fc.uint8Array({ maxLength: 63 }), (first, second) => {
        const even = first.slice(0, first.length & ~1);
        const sum = addRange(addRange(0, viewOf(even), 0, even.length), viewOf(second), 0, second.length);
        expect(closeSum(sum)).toBe(naiveChecksum(new Uint8Array([...even, ...second])));
      }),
    );
  });
});

describe('pseudo-headers', () => {
  test('of IPv4 sum up like the twelve bytes that RFC 768 draws', () => {
    fc.assert(
      fc.property(u32, u32, fc.nat(255), u16, (src, dst, protocol, length) => {
        const drawn = new DataView(new ArrayBuffer(12));
        drawn.setUint32(0, src);
        drawn.setUint32(4, dst);
        drawn.setUint8(9, protocol);
        drawn.setUint16(10, length);
        expect(closeSum(pseudoHeaderV4(src, dst, protocol, length))).toBe(naiveChecksum(new Uint8Array(drawn.buffer)));
      }),
    );
  });

  test('of IPv6 sum up like the forty bytes that RFC 8200 draws, from values or from the packet', () => {
    fc.assert(
      fc.property(ipv6, ipv6, fc.nat(255), u32, (src, dst, nextHeader, length) => {
        const drawn = new DataView(new ArrayBuffer(40));
        drawn.setBigUint64(0, src >> 64n);
        drawn.setBigUint64(8, src & 0xffff_ffff_ffff_ffffn);
        drawn.setBigUint64(16, dst >> 64n);
        drawn.setBigUint64(24, dst & 0xffff_ffff_ffff_ffffn);
        drawn.setUint32(32, length);
        drawn.setUint32(36, nextHeader);
        const expected = naiveChecksum(new Uint8Array(drawn.buffer));
        expect(closeSum(pseudoHeaderV6(src, dst, nextHeader, length))).toBe(expected);
        expect(closeSum(pseudoHeaderV6At(drawn, 0, nextHeader, length))).toBe(expected);
      }),
    );
  });
});

describe('an incremental update', () => {
  test('gives the zero of the example in RFC 1624, section 4', () => {
    expect(updateChecksum16(0xdd2f, 0x5555, 0x3285)).toBe(0x0000);
  });

  // An IP header is never all zeros; a first byte of 0x45 keeps the samples from being so.
  const packet = fc.uint8Array({ minLength: 39, maxLength: 79 }).map((rest) => new Uint8Array([0x45, ...rest]));

  test('of 16 bits is the full computation', () => {
    fc.assert(
      fc.property(packet, fc.nat(18), u16, (data, word, after) => {
        const view = viewOf(data);
        const checksum = naiveChecksum(data);
        const before = view.getUint16(2 + 2 * word);
        view.setUint16(2 + 2 * word, after);
        expect(updateChecksum16(checksum, before, after)).toBe(naiveChecksum(data));
      }),
    );
  });

  test('of 32 bits is the full computation', () => {
    fc.assert(
      fc.property(packet, fc.nat(17), u32, (data, word, after) => {
        const view = viewOf(data);
        const checksum = naiveChecksum(data);
        const before = view.getUint32(2 + 2 * word);
        view.setUint32(2 + 2 * word, after);
        expect(updateChecksum32(checksum, before, after)).toBe(naiveChecksum(data));
      }),
    );
  });

  test('of 128 bits is the full computation', () => {
    fc.assert(
      fc.property(packet, fc.nat(11), ipv6, (data, word, after) => {
        const view = viewOf(data);
        const checksum = naiveChecksum(data);
        const at = 2 + 2 * word;
        const before = (view.getBigUint64(at) << 64n) | view.getBigUint64(at + 8);
        view.setBigUint64(at, after >> 64n);
        view.setBigUint64(at + 8, BigInt.asUintN(64, after));
        expect(updateChecksum128(checksum, before, after)).toBe(naiveChecksum(data));
      }),
    );
  });

  test('that changes nothing changes nothing', () => {
    fc.assert(
      fc.property(packet, u16, (data, word) => {
        const checksum = naiveChecksum(data);
        expect(updateChecksum16(checksum, word, word)).toBe(checksum);
      }),
    );
  });
});

test('a UDP checksum that comes out as zero travels as ffff, all others as they are', () => {
  expect(toUdpChecksum(0)).toBe(0xffff);
  expect(toUdpChecksum(0xffff)).toBe(0xffff);
  expect(toUdpChecksum(0x1234)).toBe(0x1234);
});
