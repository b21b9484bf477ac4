/**
 * Sequence numbers: 32 bits that wrap on the wire, offsets from the SYN that do not inside (RFC 9293, section 3.4).
 *
 * The SYN has offset 0, the first byte 1, and the FIN the one behind the last byte; so a comparison inside is a plain comparison. What comes
 * in is taken for the offset nearest to where the stream is, which is right within 2 GiB of it, and windows are at most 1 GiB.
 */

/** How far `to` lies ahead of `from`, in −2³¹ … 2³¹ − 1. */
export function sequenceDistance(from: number, to: number): number {
  return (to - from) | 0;
}

export function toSequence(initial: number, offset: number): number {
  return (initial + offset) >>> 0;
}

/** The offset nearest to `near` that has this number. */
export function toOffset(initial: number, sequence: number, near: number): number {
  return near + sequenceDistance(initial + near, sequence);
}
