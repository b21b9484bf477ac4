/** OpenFlow 1.3.5, section 7.4.1: what is read of a packet-in where it lies, to judge whether it is to be read at all. */

/** Of the match, after header, buffer id, length, reason, table and cookie. */
const MATCH_AT = 24;

/** Between the match, which is padded to eight bytes, and the frame. */
const PAD_BYTES = 2;

const ETHER_TYPE_AT = 12;

/** The type of the frame in it; undefined when it is cut off before. */
export function packetInEtherType(view: DataView, at: number, end: number): number | undefined {
  if (at + MATCH_AT + 4 > end) return undefined;
  const matchBytes = (view.getUint16(at + MATCH_AT + 2) + 7) & ~7;
  const typeAt = at + MATCH_AT + matchBytes + PAD_BYTES + ETHER_TYPE_AT;
  return typeAt + 2 > end ? undefined : view.getUint16(typeAt);
}
