/**
 * RFC 791, section 3.2 and RFC 8200, section 4.5: what a fragment says: of which datagram it is a part, and which part.
 *
 * Fragments belong together if addresses and identification (in IPv4 the protocol too) are the same, as well as what they came by: the port, and
 * the tags between Ethernet's addresses and IP. What a switch keeps apart it must not join.
 */
import { updateChecksum16 } from '../protocol/wire/packet/checksum.ts';
import { ETH_TYPE_MIN, type FrameLayout, IPV4_BYTES_MIN, IPV6_BYTES, MACS_BYTES } from './frame-layout.ts';
import { EXTENSION, extensionBytes, ipv4HeaderBytes } from './ip-parser.ts';

export interface IpFragment {
  readonly frame: Uint8Array;
  readonly key: string;
  /** An 802.3 length, which counts all that follows; -1 if there is none. */
  readonly lengthAt: number;
  readonly ipAt: number;
  /** Where the headers end that each fragment has: before IPv4's payload, or before the fragment header. */
  readonly headersEnd: number;
  /** In IPv6, the field that says that a fragment header comes; -1 in IPv4. */
  readonly nextHeaderAt: number;
  /** What is here of the datagram's payload, in the frame. */
  readonly payloadAt: number;
  /** The same in the datagram: from byte to byte. */
  readonly from: number;
  readonly to: number;
  readonly hasMore: boolean;
}

const DATAGRAM_BYTES_MAX = 0xffff;
const FRAGMENT_HEADER_BYTES = 8;
const UNIT_BYTES = 8;
const MORE_FRAGMENTS = 0x2000;
const FRAGMENT_OFFSET = 0x1fff;

/** Undefined for one that no datagram can be made of: cut off, empty, with an odd end in the middle, or reaching too far. */
export function readFragment(frame: Uint8Array, inPort: number, layout: FrameLayout): IpFragment | undefined {
  const fragment = layout.ipv4At >= 0 ? readIpv4(frame, inPort, layout) : readIpv6(frame, inPort, layout);
  if (fragment === undefined) return undefined;
  const { from, to, hasMore } = fragment;
  const isSound = to > from && to <= DATAGRAM_BYTES_MAX && (!hasMore || (to - from) % UNIT_BYTES === 0);
  return isSound ? fragment : undefined;
}

function readIpv4(frame: Uint8Array, inPort: number, layout: FrameLayout): IpFragment | undefined {
  const ipAt = layout.ipv4At;
  const view = toView(frame);
  const headerBytes = ipv4HeaderBytes(view, ipAt, frame.length);
  const end = ipAt + view.getUint16(ipAt + 2);
  if (end > frame.length) return undefined;
  const place = view.getUint16(ipAt + 6);
  const payloadAt = ipAt + headerBytes;
  const from = (place & FRAGMENT_OFFSET) * UNIT_BYTES;
  const identity = [
    ...frame.subarray(ipAt + 4, ipAt + 6),
    frame[ipAt + 9]!,
    ...frame.subarray(ipAt + 12, ipAt + IPV4_BYTES_MIN),
  ];
  return {
    frame,
    key: toKey(frame, inPort, layout, ipAt, identity),
    lengthAt: layout.lengthAt,
    ipAt,
    headersEnd: payloadAt,
    nextHeaderAt: -1,
    payloadAt,
    from,
    to: from + end - payloadAt,
    hasMore: (place & MORE_FRAGMENTS) !== 0,
  };
}

function readIpv6(frame: Uint8Array, inPort: number, layout: FrameLayout): IpFragment | undefined {
  const ipAt = layout.ipv6At;
  const view = toView(frame);
  const end = ipAt + IPV6_BYTES + view.getUint16(ipAt + 4);
  if (end > frame.length) return undefined;
  let nextHeaderAt = ipAt + 6;
  let here = ipAt + IPV6_BYTES;
  // The parser has been here: what is in between are headers that it sees through.
  while (frame[nextHeaderAt] !== EXTENSION.fragment) {
    const next = here + extensionBytes(view, frame[nextHeaderAt]!, here);
    nextHeaderAt = here;
    here = next;
    if (here + FRAGMENT_HEADER_BYTES > end) return undefined;
  }
  const place = view.getUint16(here + 2);
  const payloadAt = here + FRAGMENT_HEADER_BYTES;
  const from = place & 0xfff8;
  const identity = [...frame.subarray(here + 4, payloadAt), ...frame.subarray(ipAt + 8, ipAt + IPV6_BYTES)];
  return {
    frame,
    key: toKey(frame, inPort, layout, ipAt, identity),
    lengthAt: layout.lengthAt,
    ipAt,
    headersEnd: here,
    nextHeaderAt,
    payloadAt,
    from,
    to: from + end - payloadAt,
    hasMore: (place & 1) !== 0,
  };
}

function toView({ buffer, byteOffset, byteLength }: Uint8Array): DataView {
  return new DataView(buffer, byteOffset, byteLength);
}

/** A length field, as 802.3 has it, is each frame's own. */
function toKey(
  frame: Uint8Array,
  inPort: number,
  { lengthAt }: FrameLayout,
  ipAt: number,
  identity: readonly number[],
): string {
  const tags = lengthAt < 0 ? frame.subarray(MACS_BYTES, ipAt) : frame.subarray(MACS_BYTES, lengthAt);
  const snap = lengthAt < 0 ? '' : frame.subarray(lengthAt + 2, ipAt).join();
  return `${inPort} ${tags.join()} ${snap} ${identity.join()}`;
}

/** A datagram whose fragments are all here, in order, as one frame; undefined when it has no room in one. */
export function joinFragments(fragments: readonly IpFragment[], frameBytesMax: number): Uint8Array | undefined {
  const [first] = fragments;
  const { frame, lengthAt, ipAt, headersEnd, nextHeaderAt } = first!;
  const payloadBytes = fragments.at(-1)!.to;
  const ipBytes = headersEnd - ipAt + payloadBytes;
  const claimed = nextHeaderAt < 0 ? ipBytes : ipBytes - IPV6_BYTES;
  const frameBytes = headersEnd + payloadBytes;
  if (claimed > DATAGRAM_BYTES_MAX || frameBytes > frameBytesMax) return undefined;
  if (lengthAt >= 0 && frameBytes - lengthAt - 2 >= ETH_TYPE_MIN) return undefined;
  const whole = new Uint8Array(frameBytes);
  whole.set(frame.subarray(0, headersEnd));
  for (const { frame: bytes, payloadAt, from, to } of fragments) {
    whole.set(bytes.subarray(payloadAt, payloadAt + to - from), headersEnd + from);
  }
  const view = new DataView(whole.buffer);
  if (lengthAt >= 0) view.setUint16(lengthAt, frameBytes - lengthAt - 2);
  if (nextHeaderAt < 0) {
    mendIpv4(view, ipAt, claimed);
  } else {
    view.setUint16(ipAt + 4, claimed);
    whole[nextHeaderAt] = frame[headersEnd]!;
  }
  return whole;
}

/** The checksum is updated, not computed: a header that came damaged does not become a sound one. */
function mendIpv4(view: DataView, at: number, totalBytes: number): void {
  const checksum = view.getUint16(at + 10);
  const place = view.getUint16(at + 6);
  const whole = place & ~(MORE_FRAGMENTS | FRAGMENT_OFFSET);
  const mended = updateChecksum16(checksum, view.getUint16(at + 2), totalBytes);
  view.setUint16(at + 10, updateChecksum16(mended, place, whole));
  view.setUint16(at + 2, totalBytes);
  view.setUint16(at + 6, whole);
}
