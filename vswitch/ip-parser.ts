/**
 * RFC 791, RFC 8200 and OpenFlow 1.3.5, section 7.2.3.9: reads IP and the transport headers with match fields into a key and a layout.
 *
 * Lengths are IP's own, so the padding of a short frame belongs to nothing. A transport header is there in whole packets and first
 * fragments only: what stands at its place in later ones is payload.
 */
import { KEY, PRESENT } from './flow-key.ts';
import { type FrameLayout, IP_PROTO, IPV4_BYTES_MIN, IPV6_BYTES } from './frame-layout.ts';

const MORE_FRAGMENTS_AND_OFFSET = 0x3fff;
const FRAGMENT_OFFSET = 0x1fff;

export function parseIpv4(view: DataView, at: number, end: number, key: Uint32Array, layout: FrameLayout): void {
  const headerBytes = ipv4HeaderBytes(view, at, end);
  if (headerBytes === 0) return;
  const first = view.getInt32(at);
  const proto = view.getUint8(at + 9);
  const fragment = view.getUint16(at + 6) & MORE_FRAGMENTS_AND_OFFSET;
  const claimedEnd = at + (first & 0xffff);
  layout.ipv4At = at;
  layout.ipProtoAt = at + 9;
  layout.ipProto = proto;
  layout.isFragment = fragment !== 0;
  layout.isWhole = fragment === 0 && claimedEnd <= end;
  key[KEY.network] = PRESENT.ipv4 | PRESENT.ip | (proto << 8) | ((first >>> 16) & 0xff);
  key[KEY.source] = view.getInt32(at + 12);
  key[KEY.destination] = view.getInt32(at + 16);
  if (headerBytes > IPV4_BYTES_MIN && isSourceRouted(view, at + IPV4_BYTES_MIN, at + headerBytes)) {
    layout.isRare = true;
    layout.isDestinationFinal = false;
  }
  if ((fragment & FRAGMENT_OFFSET) !== 0) return;
  layout.transportAt = at + headerBytes;
  layout.transportEnd = claimedEnd < end ? claimedEnd : end;
  if (proto === IP_PROTO.icmp) parseIcmp(view, key, layout, PRESENT.icmp);
  else parsePorts(view, proto, key, layout);
}

/** Of the header with its options; 0 when there is none that holds together. */
export function ipv4HeaderBytes(view: DataView, at: number, end: number): number {
  if (at + IPV4_BYTES_MIN > end) return 0;
  // Version, header length in words, type of service, total length.
  const first = view.getInt32(at);
  const headerBytes = (first >>> 22) & 0x3c;
  const isSound =
    first >>> 28 === 4 && headerBytes >= IPV4_BYTES_MIN && headerBytes <= (first & 0xffff) && at + headerBytes <= end;
  return isSound ? headerBytes : 0;
}

export function hasIpv6(view: DataView, at: number, end: number): boolean {
  return at + IPV6_BYTES <= end && view.getUint8(at) >> 4 === 6;
}

/** Options of RFC 791, section 3.1. */
const OPTION = { end: 0, nop: 1, looseRoute: 131, strictRoute: 137 } as const;

/** Whether there is a source route with an address still to go to. */
function isSourceRouted(view: DataView, at: number, end: number): boolean {
  let here = at;
  while (here + 1 < end) {
    const option = view.getUint8(here);
    if (option === OPTION.end) return false;
    if (option === OPTION.nop) {
      here++;
      continue;
    }
    const length = view.getUint8(here + 1);
    if (length < 2 || here + length > end) return false;
    // Three bytes before whole addresses; with another length it is an option that nobody knows.
    const isRoute = (option === OPTION.looseRoute || option === OPTION.strictRoute) && length % 4 === 3;
    if (isRoute) return length >= 7 && view.getUint8(here + 2) <= length;
    here += length;
  }
  return false;
}

/** Values of IPv6 next-header fields that lead on. */
export const EXTENSION = {
  hopByHop: 0,
  routing: 43,
  fragment: 44,
  esp: 50,
  ah: 51,
  none: 59,
  destination: 60,
} as const;

/** Bits of `ipv6_exthdr` (section 7.2.3.9). */
const EXTHDR = {
  none: 1 << 0,
  esp: 1 << 1,
  auth: 1 << 2,
  destination: 1 << 3,
  fragment: 1 << 4,
  router: 1 << 5,
  hopByHop: 1 << 6,
  unrep: 1 << 7,
  unseq: 1 << 8,
} as const;

export function parseIpv6(view: DataView, at: number, end: number, key: Uint32Array, layout: FrameLayout): void {
  if (!hasIpv6(view, at, end)) return;
  const first = view.getInt32(at);
  layout.ipv6At = at;
  layout.isRare = true;
  for (let i = 0; i < 4; i++) {
    key[KEY.source + i] = view.getInt32(at + 8 + 4 * i);
    key[KEY.destination + i] = view.getInt32(at + 24 + 4 * i);
  }
  const payloadBytes = view.getUint16(at + 4);
  // RFC 2675: a jumbogram has its length in a hop-by-hop option, and is taken to fill the frame.
  const isJumbo = payloadBytes === 0 && view.getUint8(at + 6) === EXTENSION.hopByHop;
  const claimedEnd = isJumbo ? end : at + IPV6_BYTES + payloadBytes;
  const payloadEnd = Math.min(end, claimedEnd);
  layout.isWhole = claimedEnd <= end;
  const extensions = walkExtensions(view, at, payloadEnd, layout);
  key[KEY.network] = PRESENT.ipv6 | PRESENT.ip | (layout.ipProto << 8) | ((first >>> 20) & 0xff);
  key[KEY.ipv6] = (extensions << 20) | (first & 0xfffff);
  if (layout.transportAt < 0) return;
  if (layout.ipProto === IP_PROTO.icmpv6) {
    parseIcmp(view, key, layout, PRESENT.icmpv6);
    parseNeighborDiscovery(view, key, layout);
  } else {
    parsePorts(view, layout.ipProto, key, layout);
  }
}

/**
 * Finds the transport protocol behind the extension headers, and tells which there were. A header that cannot be seen through or
 * is cut off ends the walk: its own number is then the protocol, and there is no transport.
 *
 * Headers are in order if they are what is left of the order that RFC 8200, section 4.1 recommends after striking some out, and repeated
 * if one comes more often than it stands there. Destination options have two places in it.
 */
function walkExtensions(view: DataView, at: number, end: number, layout: FrameLayout): number {
  let protoAt = at + 6;
  let here = at + IPV6_BYTES;
  let found = 0;
  let counted = 0;
  let destinations = 0;
  let position = -1;
  for (;;) {
    const proto = view.getUint8(protoAt);
    layout.ipProtoAt = protoAt;
    layout.ipProto = proto;
    const bit = extensionBit(proto);
    if (bit === 0) {
      layout.transportAt = here;
      layout.transportEnd = end;
      return found;
    }
    // Hop-by-hop options anywhere else than first are none to a router, they are only out of order.
    if (proto !== EXTENSION.hopByHop || counted === 0) found |= bit;
    if (proto === EXTENSION.destination ? destinations++ >= 2 : (counted & bit) !== 0) {
      found |= EXTHDR.unrep;
    } else {
      const next = extensionPosition(proto, position);
      if (next <= position) found |= EXTHDR.unseq;
      else position = next;
    }
    counted |= bit;
    if (proto === EXTENSION.esp || proto === EXTENSION.none || here + 8 > end) return found;
    const next = here + extensionBytes(view, proto, here);
    if (next > end) return found;
    if (proto === EXTENSION.routing && isRouted(view, here, next)) layout.isDestinationFinal = false;
    protoAt = here;
    if (proto === EXTENSION.fragment) {
      const fragment = view.getUint16(here + 2);
      if ((fragment & 0xfff9) !== 0) {
        layout.isFragment = true;
        layout.isWhole = false;
      }
      if ((fragment & 0xfff8) !== 0) {
        layout.ipProtoAt = here;
        layout.ipProto = view.getUint8(here);
        return found;
      }
    }
    here = next;
  }
}

/** Routing headers whose last address is where the packet goes: RFC 2460, 6275 and (first in the list) 8754. */
function isRouted(view: DataView, at: number, end: number): boolean {
  const type = view.getUint8(at + 2);
  return view.getUint8(at + 3) !== 0 && end - at >= 24 && (type === 0 || type === 2 || type === 4);
}

function extensionBit(proto: number): number {
  switch (proto) {
    case EXTENSION.hopByHop:
      return EXTHDR.hopByHop;
    case EXTENSION.routing:
      return EXTHDR.router;
    case EXTENSION.fragment:
      return EXTHDR.fragment;
    case EXTENSION.esp:
      return EXTHDR.esp;
    case EXTENSION.ah:
      return EXTHDR.auth;
    case EXTENSION.none:
      return EXTHDR.none;
    case EXTENSION.destination:
      return EXTHDR.destination;
    default:
      return 0;
  }
}

/** In the recommended order, the first place behind `position` if there are two. */
function extensionPosition(proto: number, position: number): number {
  switch (proto) {
    case EXTENSION.hopByHop:
      return 0;
    case EXTENSION.destination:
      return position < 1 ? 1 : 6;
    case EXTENSION.routing:
      return 2;
    case EXTENSION.fragment:
      return 3;
    case EXTENSION.ah:
      return 4;
    case EXTENSION.esp:
      return 5;
    default:
      return 7;
  }
}

export function extensionBytes(view: DataView, proto: number, at: number): number {
  if (proto === EXTENSION.fragment) return 8;
  if (proto === EXTENSION.ah) return (view.getUint8(at + 1) + 2) * 4;
  return (view.getUint8(at + 1) + 1) * 8;
}

const TCP_BYTES_MIN = 20;
const UDP_BYTES = 8;
const SCTP_BYTES = 12;
const ICMP_BYTES = 8;
const TCP_FLAGS_AT = 12;

function parsePorts(view: DataView, proto: number, key: Uint32Array, layout: FrameLayout): void {
  const at = layout.transportAt;
  const left = layout.transportEnd - at;
  let present = 0;
  if (proto === IP_PROTO.tcp && left >= TCP_BYTES_MIN) {
    present = PRESENT.tcp;
    key[KEY.tcpFlags] = view.getUint16(at + TCP_FLAGS_AT) & 0xfff;
  } else if (proto === IP_PROTO.udp && left >= UDP_BYTES) {
    present = PRESENT.udp;
  } else if (proto === IP_PROTO.sctp && left >= SCTP_BYTES) {
    present = PRESENT.sctp;
  } else {
    return;
  }
  key[KEY.network]! |= present;
  key[KEY.transport] = view.getInt32(at);
}

function parseIcmp(view: DataView, key: Uint32Array, layout: FrameLayout, present: number): void {
  const at = layout.transportAt;
  if (layout.transportEnd - at < ICMP_BYTES) return;
  key[KEY.network]! |= present;
  key[KEY.transport] = view.getUint16(at) << 16;
}

/** Types of RFC 4861, section 4, and of its options. */
const ND_SOLICITATION = 135;
const ND_ADVERTISEMENT = 136;
const ND_BYTES = 24;
const ND_SOURCE_OPTION = 1;
const ND_TARGET_OPTION = 2;
/** An option with an Ethernet address is one unit of eight bytes. */
const ND_LINK_LAYER_UNITS = 1;

function parseNeighborDiscovery(view: DataView, key: Uint32Array, layout: FrameLayout): void {
  const at = layout.transportAt;
  const end = layout.transportEnd;
  if (end - at < ND_BYTES || (key[KEY.network]! & PRESENT.icmpv6) === 0) return;
  const type = view.getUint8(at);
  if ((type !== ND_SOLICITATION && type !== ND_ADVERTISEMENT) || view.getUint8(at + 1) !== 0) return;
  layout.ndTargetAt = at + 8;
  key[KEY.network]! |= PRESENT.ndTarget;
  for (let i = 0; i < 4; i++) key[KEY.ndTarget + i] = view.getInt32(at + 8 + 4 * i);
  const wanted = type === ND_SOLICITATION ? ND_SOURCE_OPTION : ND_TARGET_OPTION;
  let here = at + ND_BYTES;
  while (here + 8 <= end) {
    const units = view.getUint8(here + 1);
    if (units === 0) return;
    if (view.getUint8(here) === wanted && units === ND_LINK_LAYER_UNITS) {
      layout.ndLinkLayerAt = here + 2;
      key[KEY.network]! |= type === ND_SOLICITATION ? PRESENT.ndSource : PRESENT.ndTargetLink;
      key[KEY.ndLinkLayer] = view.getUint16(here + 2);
      key[KEY.ndLinkLayer + 1] = view.getInt32(here + 4);
      return;
    }
    here += 8 * units;
  }
}
