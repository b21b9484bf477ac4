/**
 * OpenFlow 1.3.5, sections 5.12.1 and 7.2.5: pushing and popping VLAN tags, MPLS labels and PBB headers, and the times to live.
 *
 * New headers go to the outside of what is there and copy their fields from it. Pops that leave a frame shorter than Ethernet allows
 * pad it again, as long as it was not too short before. Each answers whether the packet lives on.
 */
import { updateChecksum16 } from '../protocol/wire/packet/checksum.ts';
import { ETH_TYPE_MIN, ETHERNET_BYTES, ITAG_BYTES, MACS_BYTES, MPLS_BYTES, VLAN_BYTES } from './frame-layout.ts';
import { hasIpv6, ipv4HeaderBytes } from './ip-parser.ts';
import type { Packet } from './packet.ts';

/** IEEE 802.3: 64 bytes, less four of frame check sequence, which is not ours to see. */
const FRAME_BYTES_MIN = 60;

const IPV4_TTL = 8;
const IPV4_CHECKSUM = 10;
const IPV6_HOP_LIMIT = 7;
const MPLS_TTL = 3;
const BOTTOM_OF_STACK = 0x100;

export function pushVlan(packet: Packet, tpid: number): boolean {
  packet.readLayout();
  const { vlanAt } = packet.layout;
  // Priority and id are fields and copied; the bit between them is none.
  const tci = vlanAt < 0 ? 0 : ((packet.bytes[vlanAt + 2]! & 0xef) << 8) | packet.bytes[vlanAt + 3]!;
  if (!packet.insert(MACS_BYTES, VLAN_BYTES)) return false;
  packet.view.setUint16(MACS_BYTES, tpid);
  packet.view.setUint16(MACS_BYTES + 2, tci);
  return true;
}

export function popVlan(packet: Packet): void {
  packet.readLayout();
  const { vlanAt } = packet.layout;
  if (vlanAt >= 0) packet.remove(vlanAt, VLAN_BYTES, FRAME_BYTES_MIN);
}

/**
 * Directly behind the Ethernet header's type, before any VLAN tag, as OpenFlow has it since 1.3: the type, or the tag's protocol
 * identifier, gives way to MPLS's. A frame with a length and no type has nothing that could say MPLS.
 */
export function pushMpls(packet: Packet, etherType: number): boolean {
  packet.readLayout();
  const { mplsAt, ipv4At, ipv6At, vlanAt, ethTypeAt, lengthAt } = packet.layout;
  const typeAt = vlanAt < 0 ? ethTypeAt : MACS_BYTES;
  if (typeAt < 0) return true;
  let label = 0;
  if (mplsAt >= 0) label = word(packet, mplsAt) & ~BOTTOM_OF_STACK;
  else if (ipv4At >= 0) label = packet.bytes[ipv4At + IPV4_TTL]!;
  else if (ipv6At >= 0) label = packet.bytes[ipv6At + IPV6_HOP_LIMIT]!;
  if (mplsAt !== typeAt + 2) label |= BOTTOM_OF_STACK;
  if (typeAt !== MACS_BYTES && !changeLength(packet, lengthAt, MPLS_BYTES)) return true;
  if (!packet.insert(typeAt + 2, MPLS_BYTES)) return false;
  packet.view.setUint16(typeAt, etherType);
  packet.view.setUint32(typeAt + 2, label);
  return true;
}

export function popMpls(packet: Packet, etherType: number): void {
  packet.readLayout();
  const { mplsAt, ethTypeAt, lengthAt } = packet.layout;
  if (mplsAt < 0 || !changeLength(packet, lengthAt, -MPLS_BYTES)) return;
  packet.edit();
  packet.view.setUint16(ethTypeAt, etherType);
  packet.remove(mplsAt, MPLS_BYTES, FRAME_BYTES_MIN);
}

/**
 * Of an 802.3 frame whose type is in SNAP, behind its length. False, and nothing happens, when it would be none any more: that of a
 * frame already as long as can be, or one that was a lie.
 */
function changeLength(packet: Packet, lengthAt: number, bytes: number): boolean {
  if (lengthAt < 0) return true;
  const length = packet.view.getUint16(lengthAt) + bytes;
  if (length < 0 || length >= ETH_TYPE_MIN) return false;
  packet.edit();
  packet.view.setUint16(lengthAt, length);
  return true;
}

/** The whole frame goes behind a new Ethernet header with the same addresses. */
export function pushPbb(packet: Packet, etherType: number): boolean {
  packet.readLayout();
  const { pbbAt, vlanAt } = packet.layout;
  const isid = pbbAt < 0 ? 0 : word(packet, pbbAt) & 0xffffff;
  const priority = vlanAt < 0 ? 0 : packet.bytes[vlanAt + 2]! >> 5;
  if (!packet.insert(0, ETHERNET_BYTES + ITAG_BYTES)) return false;
  packet.bytes.copyWithin(0, ETHERNET_BYTES + ITAG_BYTES, ETHERNET_BYTES + ITAG_BYTES + MACS_BYTES);
  packet.view.setUint16(MACS_BYTES, etherType);
  packet.view.setUint32(ETHERNET_BYTES, (priority << 29) | isid);
  return true;
}

/** The customer's addresses become the frame's. Backbone VLAN tags before the service tag are not part of it, and stay. */
export function popPbb(packet: Packet): void {
  packet.readLayout();
  const { pbbAt, ethTypeAt, lengthAt } = packet.layout;
  const customerAt = pbbAt + ITAG_BYTES;
  const customerTypeAt = customerAt + MACS_BYTES;
  const removed = customerTypeAt - ethTypeAt;
  if (pbbAt < 0 || customerTypeAt + 2 > packet.length || !changeLength(packet, lengthAt, -removed)) return;
  packet.edit();
  packet.bytes.copyWithin(0, customerAt, customerTypeAt);
  packet.remove(ethTypeAt, removed, FRAME_BYTES_MIN);
}

export function setMplsTtl(packet: Packet, ttl: number): void {
  packet.readLayout();
  if (packet.layout.mplsAt >= 0) putTtl(packet, packet.layout.mplsAt + MPLS_TTL, ttl);
}

/** False for a packet whose time is up. */
export function decMplsTtl(packet: Packet): boolean {
  packet.readLayout();
  const { mplsAt } = packet.layout;
  if (mplsAt < 0) return true;
  const ttl = packet.bytes[mplsAt + MPLS_TTL]!;
  if (ttl <= 1) return false;
  putTtl(packet, mplsAt + MPLS_TTL, ttl - 1);
  return true;
}

export function setNwTtl(packet: Packet, ttl: number): void {
  packet.readLayout();
  const { ipv4At, ipv6At } = packet.layout;
  if (ipv4At >= 0) putIpv4Ttl(packet, ipv4At, ttl);
  else if (ipv6At >= 0) putTtl(packet, ipv6At + IPV6_HOP_LIMIT, ttl);
}

/** False for a packet whose time is up. */
export function decNwTtl(packet: Packet): boolean {
  packet.readLayout();
  const { ipv4At, ipv6At } = packet.layout;
  if (ipv4At >= 0) {
    const ttl = packet.view.getUint8(ipv4At + IPV4_TTL);
    if (ttl <= 1) return false;
    putIpv4Ttl(packet, ipv4At, ttl - 1);
  } else if (ipv6At >= 0) {
    const ttl = packet.view.getUint8(ipv6At + IPV6_HOP_LIMIT);
    if (ttl <= 1) return false;
    putTtl(packet, ipv6At + IPV6_HOP_LIMIT, ttl - 1);
  }
  return true;
}

/** From the second header that has a time to live to the outermost one. */
export function copyTtlOut(packet: Packet): void {
  findTtls(packet);
  if (ttls.innerAt < 0) return;
  putTtlAt(packet, ttls.outerAt, ttls.outerIpv4At, packet.bytes[ttls.innerAt]!);
}

/** From the outermost header that has a time to live to the second one. */
export function copyTtlIn(packet: Packet): void {
  findTtls(packet);
  if (ttls.innerAt < 0) return;
  putTtlAt(packet, ttls.innerAt, ttls.innerIpv4At, packet.bytes[ttls.outerAt]!);
}

/** Where the two outermost times to live are, -1 for none, and the IPv4 headers whose checksums cover them. */
const ttls = { outerAt: -1, outerIpv4At: -1, innerAt: -1, innerIpv4At: -1 };

const PROTO_IPV4 = 4;
const PROTO_IPV6 = 41;

function findTtls(packet: Packet): void {
  packet.readLayout();
  const { mplsAt, ipv4At, ipv6At, ipProto, transportAt, transportEnd } = packet.layout;
  ttls.innerAt = -1;
  if (mplsAt >= 0) {
    const inner = mplsAt + MPLS_BYTES;
    ttls.outerAt = mplsAt + MPLS_TTL;
    ttls.outerIpv4At = -1;
    if ((word(packet, mplsAt) & BOTTOM_OF_STACK) !== 0) {
      findInnerIp(packet, inner, packet.length);
    } else if (inner + MPLS_BYTES <= packet.length) {
      ttls.innerAt = inner + MPLS_TTL;
      ttls.innerIpv4At = -1;
    }
    return;
  }
  if (ipv4At < 0 && ipv6At < 0) return;
  ttls.outerAt = ipv4At >= 0 ? ipv4At + IPV4_TTL : ipv6At + IPV6_HOP_LIMIT;
  ttls.outerIpv4At = ipv4At;
  if (transportAt >= 0 && (ipProto === PROTO_IPV4 || ipProto === PROTO_IPV6)) {
    findInnerIp(packet, transportAt, transportEnd);
  }
}

/** Below the bottom of a stack nothing says what follows, so that the header's own first bits decide (RFC 4928). */
function findInnerIp(packet: Packet, at: number, end: number): void {
  if (ipv4HeaderBytes(packet.view, at, end) > 0) {
    ttls.innerAt = at + IPV4_TTL;
    ttls.innerIpv4At = at;
  } else if (hasIpv6(packet.view, at, end)) {
    ttls.innerAt = at + IPV6_HOP_LIMIT;
    ttls.innerIpv4At = -1;
  }
}

function putTtlAt(packet: Packet, at: number, ipv4At: number, ttl: number): void {
  if (ipv4At >= 0) putIpv4Ttl(packet, ipv4At, ttl);
  else putTtl(packet, at, ttl);
}

/** No field shows it, so the key stays true. */
function putIpv4Ttl(packet: Packet, ipv4At: number, ttl: number): void {
  packet.edit();
  const { view } = packet;
  const before = view.getUint16(ipv4At + IPV4_TTL);
  const after = (ttl << 8) | (before & 0xff);
  view.setUint16(ipv4At + IPV4_TTL, after);
  view.setUint16(ipv4At + IPV4_CHECKSUM, updateChecksum16(view.getUint16(ipv4At + IPV4_CHECKSUM), before, after));
}

/** A time to live that no checksum covers, and no field shows. */
function putTtl(packet: Packet, at: number, ttl: number): void {
  packet.edit();
  packet.view.setUint8(at, ttl);
}

function word(packet: Packet, at: number): number {
  const { bytes } = packet;
  return (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!;
}
