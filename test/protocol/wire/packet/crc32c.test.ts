import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseHex } from '../../../../protocol/wire/hex.ts';
import { crc32c } from '../../../../protocol/wire/packet/crc32c.ts';
import { viewOf } from './codec-suite.ts';

/** The definition, bit by bit. */
function crcOf(bytes: Uint8Array): number {
  let crc = 0xffff_ffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0x82f6_3b78 : 0);
  }
  return ~crc >>> 0;
}

const ISCSI_READ = `01c00000 00000000 00000000 00000000 14000000 00000400
  00000014 00000018 28000000 00000000 02000000 00000000`;

/** The check value of the catalogues, and the examples of RFC 3720, appendix B.4. */
test.each([
  ['123456789', '313233343536373839', 0xe306_9283],
  ['32 zeros', '00'.repeat(32), 0x8a91_36aa],
  ['32 ones', 'ff'.repeat(32), 0x62a8_ab43],
  ['32 counting up', Array.from({ length: 32 }, (_, i) => i.toString(16).padStart(2, '0')).join(''), 0x46dd_794e],
  ['an iSCSI read', ISCSI_READ, 0xd996_3a56],
  ['nothing', '', 0],
])('the CRC32c of %s', (_name, hex, crc) => {
  const bytes = parseHex(hex)!;
  expect(crc32c(0, viewOf(bytes), 0, bytes.length)).toBe(crc);
});

test('the CRC32c of any bytes, in one go or in two, is that of the definition', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(300), (bytes, cut) => {
      const view = viewOf(bytes);
      const middle = Math.min(cut, bytes.length);
      expect(crc32c(0, view, 0, bytes.length)).toBe(crcOf(bytes));
      expect(crc32c(crc32c(0, view, 0, middle), view, middle, bytes.length)).toBe(crcOf(bytes));
    }),
  );
});
