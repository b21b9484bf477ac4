/**
 * The internet checksum (RFC 1071), its pseudo-headers, and its update in place (RFC 1624).
 *
 * A running sum is a plain number: words of 16 bits add up exactly in a double for far longer than any packet, so carries are
 * folded once at the end instead of once a word. That makes sums composable: start from 0 or from a pseudo-header's sum, add
 * ranges, then close. Only the last range may have an odd number of bytes (its missing byte counts as zero).
 *
 * An update never reads the packet: it takes the old checksum and the changed field before and after. It agrees with a full
 * computation wherever the summed bytes are not all zero, and no IP header, pseudo-header or ICMP message is all zero.
 */

/** Adds the bytes from `at` up to `end` to a running sum. Words are read in pairs, which takes a quarter off a full-sized packet. */
export function addRange(sum: number, view: DataView, at: number, end: number): number {
  let total = 0;
  let here = at;
  for (; end - here >= 4; here += 4) {
    const pair = view.getUint32(here);
    total += (pair >>> 16) + (pair & 0xffff);
  }
  if (end - here >= 2) {
    total += view.getUint16(here);
    here += 2;
  }
  if (here < end) total += view.getUint8(here) << 8;
  return sum + total;
}

/** The ones' complement of a running sum: what goes into a checksum field. */
export function closeSum(sum: number): number {
  return ~foldSum(sum) & 0xffff;
}

/** A message that carries no pseudo-header: IPv4 header, ICMP, IGMP. Over a message with its checksum in place, 0 means sound. */
export function checksumOf(view: DataView, at: number, end: number): number {
  return closeSum(addRange(0, view, at, end));
}

/** RFC 9293, section 3.1 and RFC 768: addresses, protocol and the length of the segment as a running sum. */
export function pseudoHeaderV4(source: number, destination: number, protocol: number, segmentBytes: number): number {
  return sum32(source) + sum32(destination) + protocol + segmentBytes;
}

/** RFC 8200, section 8.1. With a routing header, `destination` is the last one of the route. */
export function pseudoHeaderV6(source: bigint, destination: bigint, nextHeader: number, segmentBytes: number): number {
  return sum128(source) + sum128(destination) + nextHeader + sum32(segmentBytes);
}

/** The same from the packet itself, without a bigint: `addressesAt` is where the source address starts, the destination follows. */
export function pseudoHeaderV6At(
  view: DataView,
  addressesAt: number,
  nextHeader: number,
  segmentBytes: number,
): number {
  return addRange(nextHeader + sum32(segmentBytes), view, addressesAt, addressesAt + 32);
}

/** RFC 768: zero in the field means "no checksum", so a computed zero travels as its other form. A field of 0 stays 0 on edits. */
export function toUdpChecksum(checksum: number): number {
  return checksum === 0 ? 0xffff : checksum;
}

/** RFC 1624, equation 3. The field must lie at an even offset from the start of what is summed; so for the two below. */
export function updateChecksum16(checksum: number, before: number, after: number): number {
  let sum = (~checksum & 0xffff) + (~before & 0xffff) + after;
  sum = (sum & 0xffff) + (sum >>> 16);
  return ~(sum + (sum >>> 16)) & 0xffff;
}

export function updateChecksum32(checksum: number, before: number, after: number): number {
  return closeSum((~checksum & 0xffff) + sum32(~before >>> 0) + sum32(after));
}

export function updateChecksum128(checksum: number, before: bigint, after: bigint): number {
  return closeSum((~checksum & 0xffff) + sum128(BigInt.asUintN(128, ~before)) + sum128(after));
}

function foldSum(sum: number): number {
  let folded = sum;
  // A division, since a shift would cut a sum of more than 32 bits; `&` takes the low bits of any exact integer.
  while (folded > 0xffff) folded = Math.floor(folded / 0x1_0000) + (folded & 0xffff);
  return folded;
}

function sum32(value: number): number {
  return (value >>> 16) + (value & 0xffff);
}

function sum128(value: bigint): number {
  let sum = 0;
  for (let rest = value; rest > 0n; rest >>= 32n) sum += sum32(Number(rest & 0xffff_ffffn));
  return sum;
}
