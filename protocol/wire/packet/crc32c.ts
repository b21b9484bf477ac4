/**
 * CRC32c, the Castagnoli checksum, as RFC 9260, appendix A uses it for SCTP.
 *
 * One table of 256 words, a byte at a time: SCTP passes through the emulated network in small numbers, and the larger
 * tables that go four or eight bytes at a time cost more cache than they give back here. Reflected: the polynomial
 * 0x1edc6f41 is 0x82f63b78 with its bits turned round.
 */

const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f6_3b78 : crc >>> 1;
  return crc;
});

/** Goes on from the CRC of what came before; 0 is the CRC of nothing. */
export function crc32c(crc: number, view: DataView, at: number, end: number): number {
  let state = ~crc;
  for (let i = at; i < end; i++) state = TABLE[(state ^ view.getUint8(i)) & 0xff]! ^ (state >>> 8);
  return ~state >>> 0;
}
