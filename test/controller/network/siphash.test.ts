import { describe, expect, it } from 'vitest';
import { sipHash, toSipKey } from '../../../controller/network/siphash.ts';

/** The key and the messages of the paper's appendix A and of the authors' reference program: 0, 1, 2, … */
const KEY = toSipKey(0x000102030405060708090a0b0c0d0e0fn);
const bytes = new DataView(Uint8Array.from({ length: 64 }, (_, i) => i).buffer);

function hashOf(length: number, at = 0): bigint {
  const { high, low } = sipHash(KEY, bytes, at, at + length);
  return (BigInt(high) << 32n) | BigInt(low);
}

describe('SipHash-2-4', () => {
  it('gives what the paper gives for fifteen bytes', () => {
    expect(hashOf(15)).toBe(0xa129ca6149be45e5n);
  });

  it.each([
    [0, '310e0edd47db6f72'],
    [1, 'fd67dc93c539f874'],
    [2, '5a4fa9d909806c0d'],
    [3, '2d7efbd796666785'],
    [4, 'b7877127e09427cf'],
    [5, '8da699cd64557618'],
    [6, 'cee3fe586e46c9cb'],
    [7, '37d1018bf50002ab'],
    [8, '6224939a79f5f593'],
    [63, '724506eb4c328a95'],
  ])('gives what the reference program gives for %i bytes', (length, expected) => {
    const { high, low } = sipHash(KEY, bytes, 0, length);
    const given = new DataView(new ArrayBuffer(8));
    given.setUint32(0, low, true);
    given.setUint32(4, high, true);
    expect(Buffer.from(given.buffer).toString('hex')).toBe(expected);
  });

  it('is of the bytes that it is given, wherever they stand', () => {
    expect(hashOf(8, 3)).not.toBe(hashOf(8, 4));
    expect(hashOf(8, 3)).toBe(hashOf(8, 3));
  });
});
