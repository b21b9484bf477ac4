/**
 * OpenFlow 1.3.5, section 7.2.5: set_field on the bytes of a packet, with every checksum that covers the field.
 *
 * Checksums are updated from the change alone (RFC 1624), never recomputed: a packet that came damaged leaves as damaged as it came,
 * padding behind the datagram never gets in, and fragments and long packets cost no more. SCTP alone has a CRC, whose change takes
 * the whole packet to tell. What is covered follows from where the field lies: an address also covers the transport's pseudo-header.
 *
 * A field that the packet does not have is not set: validation holds actions to matches, but what a packet turns out to be is the packet's.
 */
import { OXM } from '../protocol/wire/openflow/oxm.ts';
import { toUdpChecksum, updateChecksum16 } from '../protocol/wire/packet/checksum.ts';
import { crc32c } from '../protocol/wire/packet/crc32c.ts';
import { KEY } from './flow-key.ts';
import { type FrameLayout, IP_PROTO } from './frame-layout.ts';
import type { Packet } from './packet.ts';
import { type Program, SET_FIELD_VALUE } from './program.ts';

const ETH_DST = 0;
const ETH_SRC = 6;
const IPV4_CHECKSUM = 10;
const IPV4_SRC = 12;
const IPV4_DST = 16;
const IPV6_SRC = 8;
const IPV6_DST = 24;
const TCP_CHECKSUM = 16;
const TCP_FLAGS = 12;
const UDP_CHECKSUM = 6;
const ICMP_CHECKSUM = 2;
const SCTP_CRC = 8;

/** Headers shorter than these are not there. */
const TCP_BYTES_MIN = 20;
const UDP_BYTES = 8;
const ICMP_BYTES = 8;
const SCTP_BYTES = 12;

/** Executes the set_field at `at` of a program. */
export function setField(packet: Packet, program: Program, at: number): void {
  const field = program[at + 1]!;
  const valueAt = at + SET_FIELD_VALUE;
  const value = program[valueAt + 3]!;
  const high = program[valueAt + 2]!;
  packet.readLayout();
  const { layout, view } = packet;
  switch (field) {
    case OXM.tunnelId.id:
      packet.key[KEY.tunnel] = high;
      packet.key[KEY.tunnel + 1] = value;
      return;
    case OXM.ethDst.id:
      setMac(packet, ETH_DST, high, value);
      return;
    case OXM.ethSrc.id:
      setMac(packet, ETH_SRC, high, value);
      return;
    case OXM.ethType.id:
      if (layout.ethTypeAt < 0) return;
      packet.edit();
      view.setUint16(layout.ethTypeAt, value);
      packet.changeLayout();
      return;
    case OXM.vlanVid.id:
      setBits(packet, layout.vlanAt, 2, 0x0fff, value);
      return;
    case OXM.vlanPcp.id:
      setBits(packet, layout.vlanAt, 2, 0xe000, value << 13);
      return;
    case OXM.mplsLabel.id:
      setLabel(packet, 0xffff_f000, value << 12);
      return;
    case OXM.mplsTc.id:
      setLabel(packet, 0x0e00, value << 9);
      return;
    case OXM.mplsBos.id:
      setLabel(packet, 0x0100, value << 8);
      return;
    case OXM.pbbIsid.id:
      if (layout.pbbAt < 0) return;
      packet.edit();
      view.setUint32(layout.pbbAt, (view.getUint32(layout.pbbAt) & 0xff00_0000) | value);
      packet.changeKey();
      return;
    case OXM.arpOp.id:
      setBits(packet, layout.arpAt, 6, 0xffff, value);
      return;
    case OXM.arpSha.id:
      if (layout.arpAt >= 0) setMac(packet, layout.arpAt + 8, high, value);
      return;
    case OXM.arpTha.id:
      if (layout.arpAt >= 0) setMac(packet, layout.arpAt + 18, high, value);
      return;
    case OXM.arpSpa.id:
      setWord(packet, layout.arpAt, 14, value);
      return;
    case OXM.arpTpa.id:
      setWord(packet, layout.arpAt, 24, value);
      return;
    case OXM.ipDscp.id:
      setDscp(packet, value);
      return;
    case OXM.ipEcn.id:
      setTrafficClass(packet, 0x03, value);
      return;
    case OXM.ipProto.id:
      setProtocol(packet, value);
      return;
    case OXM.ipv4Src.id:
      if (layout.ipv4At >= 0) setIpv4(packet, layout.ipv4At + IPV4_SRC, value, transportSumAt(packet, true));
      return;
    case OXM.ipv4Dst.id: {
      if (layout.ipv4At < 0) return;
      const sumAt = layout.isDestinationFinal ? transportSumAt(packet, true) : -1;
      setIpv4(packet, layout.ipv4At + IPV4_DST, value, sumAt);
      return;
    }
    case OXM.ipv6Src.id:
      if (layout.ipv6At >= 0) setIpv6(packet, layout.ipv6At + IPV6_SRC, program, valueAt, transportSumAt(packet, true));
      return;
    case OXM.ipv6Dst.id: {
      if (layout.ipv6At < 0) return;
      const sumAt = layout.isDestinationFinal ? transportSumAt(packet, true) : -1;
      setIpv6(packet, layout.ipv6At + IPV6_DST, program, valueAt, sumAt);
      return;
    }
    case OXM.ipv6Flabel.id:
      if (layout.ipv6At < 0) return;
      packet.edit();
      view.setUint32(layout.ipv6At, (view.getUint32(layout.ipv6At) & 0xfff0_0000) | value);
      packet.changeKey();
      return;
    case OXM.tcpSrc.id:
      setTransport(packet, IP_PROTO.tcp, TCP_BYTES_MIN, 0, 0xffff, value);
      return;
    case OXM.tcpDst.id:
      setTransport(packet, IP_PROTO.tcp, TCP_BYTES_MIN, 2, 0xffff, value);
      return;
    case OXM.tcpFlags.id:
      setTransport(packet, IP_PROTO.tcp, TCP_BYTES_MIN, TCP_FLAGS, 0x0fff, value);
      return;
    case OXM.udpSrc.id:
      setTransport(packet, IP_PROTO.udp, UDP_BYTES, 0, 0xffff, value);
      return;
    case OXM.udpDst.id:
      setTransport(packet, IP_PROTO.udp, UDP_BYTES, 2, 0xffff, value);
      return;
    case OXM.sctpSrc.id:
      setSctpPort(packet, 0, value);
      return;
    case OXM.sctpDst.id:
      setSctpPort(packet, 2, value);
      return;
    case OXM.icmpv4Type.id:
      if (layout.ipv4At >= 0) setTransport(packet, IP_PROTO.icmp, ICMP_BYTES, 0, 0xff00, value << 8);
      return;
    case OXM.icmpv4Code.id:
      if (layout.ipv4At >= 0) setTransport(packet, IP_PROTO.icmp, ICMP_BYTES, 0, 0x00ff, value);
      return;
    case OXM.icmpv6Type.id:
      if (layout.ipv6At < 0) return;
      setTransport(packet, IP_PROTO.icmpv6, ICMP_BYTES, 0, 0xff00, value << 8);
      // What follows the type depends on it.
      packet.changeLayout();
      return;
    case OXM.icmpv6Code.id:
      if (layout.ipv6At < 0) return;
      setTransport(packet, IP_PROTO.icmpv6, ICMP_BYTES, 0, 0x00ff, value);
      packet.changeLayout();
      return;
    case OXM.ipv6NdTarget.id:
      if (layout.ndTargetAt >= 0) {
        setIpv6(packet, layout.ndTargetAt, program, valueAt, layout.transportAt + ICMP_CHECKSUM);
      }
      return;
    case OXM.ipv6NdSll.id:
      setLinkLayer(packet, ND_SOLICITATION, high, value);
      return;
    case OXM.ipv6NdTll.id:
      setLinkLayer(packet, ND_ADVERTISEMENT, high, value);
      return;
    default:
  }
}

const ND_SOLICITATION = 135;
const ND_ADVERTISEMENT = 136;

function setMac(packet: Packet, at: number, high: number, low: number): void {
  if (at + 6 > packet.length) return;
  packet.edit();
  packet.view.setUint16(at, high);
  packet.view.setUint32(at + 2, low);
  packet.changeKey();
}

/** Bits of the 16-bit word at an offset from a header without a checksum. */
function setBits(packet: Packet, headerAt: number, offset: number, mask: number, bits: number): void {
  if (headerAt < 0) return;
  packet.edit();
  const at = headerAt + offset;
  packet.view.setUint16(at, (packet.view.getUint16(at) & ~mask) | (bits & mask));
  packet.changeKey();
}

function setWord(packet: Packet, headerAt: number, offset: number, value: number): void {
  if (headerAt < 0) return;
  packet.edit();
  packet.view.setUint32(headerAt + offset, value);
  packet.changeKey();
}

function setLabel(packet: Packet, mask: number, bits: number): void {
  const at = packet.layout.mplsAt;
  if (at < 0) return;
  packet.edit();
  packet.view.setUint32(at, (packet.view.getUint32(at) & ~mask) | (bits & mask));
  packet.changeKey();
}

/** The layout is true. */
export function setDscp(packet: Packet, dscp: number): void {
  setTrafficClass(packet, 0xfc, dscp << 2);
}

function setTrafficClass(packet: Packet, mask: number, bits: number): void {
  const { ipv4At, ipv6At } = packet.layout;
  if (ipv4At >= 0) {
    const before = packet.bytes[ipv4At + 1]!;
    setSummed(packet, ipv4At, 0x00ff, (before & ~mask) | bits, ipv4At + IPV4_CHECKSUM, false);
  } else if (ipv6At >= 0) {
    packet.edit();
    const before = packet.view.getUint16(ipv6At);
    packet.view.setUint16(ipv6At, (before & ~(mask << 4)) | (bits << 4));
    packet.changeKey();
  }
}

/**
 * Another number for the same bytes behind it. The transport that was there keeps a checksum that is right for its new
 * pseudo-header; what it is called now is not ours to repair.
 */
function setProtocol(packet: Packet, proto: number): void {
  const { layout, view } = packet;
  if (layout.ipProtoAt < 0) return;
  packet.edit();
  const before = layout.ipProto;
  if (layout.ipv4At >= 0) {
    setSummed(packet, layout.ipv4At + 8, 0x00ff, proto, layout.ipv4At + IPV4_CHECKSUM, false);
  } else {
    view.setUint8(layout.ipProtoAt, proto);
  }
  const sumAt = transportSumAt(packet, true);
  if (sumAt >= 0) updateSum(packet, sumAt, before, proto, layout.ipProto === IP_PROTO.udp);
  packet.changeLayout();
}

function setIpv4(packet: Packet, at: number, value: number, sumAt: number): void {
  const { layout } = packet;
  const isUdp = layout.ipProto === IP_PROTO.udp;
  for (let i = 0; i < 2; i++) {
    const after = i === 0 ? value >>> 16 : value & 0xffff;
    const before = setSummed(packet, at + 2 * i, 0xffff, after, layout.ipv4At + IPV4_CHECKSUM, false);
    if (sumAt >= 0) updateSum(packet, sumAt, before, after, isUdp);
  }
}

/** Sixteen bytes that a transport's checksum covers, if there is one. */
function setIpv6(packet: Packet, at: number, program: Program, valueAt: number, sumAt: number): void {
  packet.edit();
  const { view, layout } = packet;
  const isUdp = layout.ipProto === IP_PROTO.udp;
  for (let i = 0; i < 8; i++) {
    const word = program[valueAt + (i >> 1)]!;
    const after = (i & 1) === 0 ? word >>> 16 : word & 0xffff;
    const before = view.getUint16(at + 2 * i);
    view.setUint16(at + 2 * i, after);
    if (sumAt >= 0) updateSum(packet, sumAt, before, after, isUdp);
  }
  packet.changeKey();
}

function setLinkLayer(packet: Packet, type: number, high: number, low: number): void {
  const { layout } = packet;
  const at = layout.ndLinkLayerAt;
  if (at < 0 || packet.bytes[layout.transportAt] !== type) return;
  const sumAt = layout.transportAt + ICMP_CHECKSUM;
  setSummed(packet, at, 0xffff, high, sumAt, false);
  setSummed(packet, at + 2, 0xffff, low >>> 16, sumAt, false);
  setSummed(packet, at + 4, 0xffff, low & 0xffff, sumAt, false);
}

/** Bits of a word in the transport header, of a packet that has this protocol and enough of it. */
function setTransport(
  packet: Packet,
  proto: number,
  bytesMin: number,
  offset: number,
  mask: number,
  bits: number,
): void {
  const { layout } = packet;
  if (!hasTransport(layout, proto, bytesMin)) return;
  packet.edit();
  const sumAt = proto === IP_PROTO.icmp ? layout.transportAt + ICMP_CHECKSUM : transportSumAt(packet, false);
  setSummed(packet, layout.transportAt + offset, mask, bits, sumAt, proto === IP_PROTO.udp);
}

function hasTransport(layout: FrameLayout, proto: number, bytesMin: number): boolean {
  return layout.ipProto === proto && layout.transportAt >= 0 && layout.transportEnd - layout.transportAt >= bytesMin;
}

/** RFC 9260, section 6.8: over the whole packet, so that of a piece of it nothing can be said. */
function setSctpPort(packet: Packet, offset: number, port: number): void {
  const { layout, view } = packet;
  if (!hasTransport(layout, IP_PROTO.sctp, SCTP_BYTES)) return;
  packet.edit();
  const at = layout.transportAt;
  const before = layout.isWhole ? crc32c(0, view, at, layout.transportEnd) : 0;
  view.setUint16(at + offset, port);
  packet.changeKey();
  if (!layout.isWhole) return;
  // A CRC is linear: what the change does to the sum of these bytes, it does to any. Its least significant byte travels first.
  const change = before ^ crc32c(0, view, at, layout.transportEnd);
  view.setUint32(at + SCTP_CRC, view.getUint32(at + SCTP_CRC, true) ^ change, true);
}

/**
 * Where the checksum of the transport header stands, or -1: nothing there has one, or (UDP) it is switched off. `isForAddress`:
 * as far as it covers a pseudo-header, which an ICMPv4 checksum does not.
 */
function transportSumAt(packet: Packet, isForAddress: boolean): number {
  const { layout, bytes } = packet;
  const at = layout.transportAt;
  if (at < 0) return -1;
  const left = layout.transportEnd - at;
  switch (layout.ipProto) {
    case IP_PROTO.tcp:
      return left >= TCP_BYTES_MIN ? at + TCP_CHECKSUM : -1;
    case IP_PROTO.udp:
      if (left < UDP_BYTES) return -1;
      return bytes[at + UDP_CHECKSUM] === 0 && bytes[at + UDP_CHECKSUM + 1] === 0 ? -1 : at + UDP_CHECKSUM;
    case IP_PROTO.icmpv6:
      if (left < ICMP_BYTES || (isForAddress && layout.ipv6At < 0)) return -1;
      return at + ICMP_CHECKSUM;
    default:
      return -1;
  }
}

/** Puts bits into a 16-bit word that a checksum covers (-1: none); tells the word before. */
function setSummed(packet: Packet, at: number, mask: number, bits: number, sumAt: number, isUdp: boolean): number {
  packet.edit();
  const { view } = packet;
  const before = view.getUint16(at);
  const after = (before & ~mask) | (bits & mask);
  view.setUint16(at, after);
  if (sumAt >= 0) updateSum(packet, sumAt, before, after, isUdp);
  packet.changeKey();
  return before;
}

function updateSum(packet: Packet, at: number, before: number, after: number, isUdp: boolean): void {
  const sum = updateChecksum16(packet.view.getUint16(at), before, after);
  packet.view.setUint16(at, isUdp ? toUdpChecksum(sum) : sum);
}
