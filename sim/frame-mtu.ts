/**
 * Whether a frame is too large for a cable: what is counted is what it carries behind its Ethernet header, as everywhere an MTU is written
 * down. VLAN tags (IEEE 802.1Q, 9.5) do not count either: the fabric carries its labels in one, and a host's full frame must still fit.
 */

const ETHER_TYPE_AT = 12;
const HEADER_BYTES = 14;
const TAG_BYTES = 4;
const TAG_CUSTOMER = 0x8100;
const TAG_SERVICE = 0x88a8;
/** A customer's, a service's, and the fabric's; what has more carries tags. */
const TAGS_MAX = 3;

export function exceedsMtu(frame: Uint8Array, mtuBytes: number): boolean {
  let carriedBytes = frame.length - HEADER_BYTES;
  if (carriedBytes <= mtuBytes) return false;
  for (let tag = 0; tag < TAGS_MAX && carriedBytes > mtuBytes; tag++) {
    const at = ETHER_TYPE_AT + tag * TAG_BYTES;
    const etherType = (frame[at]! << 8) | frame[at + 1]!;
    if (etherType !== TAG_CUSTOMER && etherType !== TAG_SERVICE) return true;
    carriedBytes -= TAG_BYTES;
  }
  return carriedBytes > mtuBytes;
}
