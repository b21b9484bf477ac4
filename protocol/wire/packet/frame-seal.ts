/**
 * The checksums that cover other layers: TCP, UDP and ICMPv6 with their pseudo-headers, and UDP's length with its.
 *
 * A checksum that was given is left alone. One that is to be computed needs the whole datagram and the addresses: in a fragment,
 * or without an IP layer around, it cannot be told, and writing any number would be a lie, so that is an error of the caller's.
 */
import { type PacketFault, WireError } from '../wire-error.ts';
import { addRange, closeSum, pseudoHeaderV4, pseudoHeaderV6, toUdpChecksum } from './checksum.ts';
import { LENGTH_MAX } from './ethernet.ts';
import { icmpv6View } from './icmpv6.ts';
import { finalIpv4Destination, IP_PROTOCOL, type Ipv4, isIpv4Fragment } from './ipv4.ts';
import type { Ipv6 } from './ipv6.ts';
import { finalIpv6Destination, isIpv6Fragment } from './ipv6-extension.ts';
import type { Frame, Layer } from './layer.ts';
import { tcpView } from './tcp.ts';
import { type Udp, udpView } from './udp.ts';

/** Closes layer `index`, which starts at `at` and carries bytes up to `end`; all within it must be closed already. */
export function sealLayer(layers: Frame, index: number, view: DataView, at: number, end: number): void {
  const layer = layers[index]!;
  switch (layer.type) {
    case 'udp':
      sealUdp(layer, layers, index, view, at, end);
      return;
    case 'tcp':
      if (layer.checksum !== undefined) return;
      requireWhole(layers, index, at);
      tcpView.setChecksum(view, at, 0);
      tcpView.setChecksum(view, at, segmentChecksum(layers, index, IP_PROTOCOL.tcp, end - at, view, at, end));
      return;
    case 'icmpv6':
      if (layer.checksum !== undefined) return;
      requireWhole(layers, index, at);
      icmpv6View.setChecksum(view, at, 0);
      icmpv6View.setChecksum(view, at, segmentChecksum(layers, index, IP_PROTOCOL.icmpv6, end - at, view, at, end));
      return;
    case 'icmp':
    case 'igmp':
    case 'sctp':
      // Their encoders have done it already, over the bytes that there are.
      if (layer.checksum === undefined) requireWhole(layers, index, at);
      return;
  }
}

function sealUdp(udp: Udp, layers: Frame, index: number, view: DataView, at: number, end: number): void {
  if (udp.length === undefined) {
    requireWhole(layers, index, at);
    if (end - at > 0xffff) throw new WireError<PacketFault>('TOO_LARGE', at + 4, `a UDP datagram of ${end - at} bytes`);
    udpView.setLength(view, at, end - at);
  }
  if (udp.checksum !== undefined) return;
  requireWhole(layers, index, at);
  // A length of zero is a jumbogram's (RFC 2675); any other counts, true or not, as that is what a receiver goes by.
  const bytes = udp.length === undefined || udp.length === 0 ? end - at : udp.length;
  udpView.setChecksum(view, at, 0);
  const checksum = segmentChecksum(layers, index, IP_PROTOCOL.udp, bytes, view, at, Math.min(at + bytes, end));
  udpView.setChecksum(view, at, toUdpChecksum(checksum));
}

function segmentChecksum(
  layers: Frame,
  index: number,
  protocol: number,
  bytes: number,
  view: DataView,
  at: number,
  end: number,
): number {
  const ip = layers[networkIndex(layers, index)];
  if (ip?.type === 'ipv4') {
    return closeSum(addRange(pseudoHeaderV4(ip.src, finalIpv4Destination(ip), protocol, bytes), view, at, end));
  }
  if (ip?.type === 'ipv6') {
    return closeSum(
      addRange(pseudoHeaderV6(ip.src, finalDestination(ip, layers, index), protocol, bytes), view, at, end),
    );
  }
  throw new WireError<PacketFault>('BAD_VALUE', at, 'a checksum needs an IP layer around it to be computed');
}

function finalDestination(ip: Ipv6, layers: Frame, index: number): bigint {
  for (let i = index - 1; layers[i] !== ip; i--) {
    const layer = layers[i]!;
    if (layer.type === 'routing') return finalIpv6Destination(layer) ?? ip.dst;
  }
  return ip.dst;
}

function requireWhole(layers: Frame, index: number, at: number): void {
  if (!layers.slice(0, index).some(isPiece)) return;
  const reason = `the length and checksum of ${layers[index]!.type} in a fragment cover bytes that are not here`;
  throw new WireError<PacketFault>('BAD_VALUE', at, reason);
}

/** What stands behind is a piece of a datagram, and so is everything within that. */
function isPiece(layer: Layer): boolean {
  return layer.type === 'ipv4' ? isIpv4Fragment(layer) : layer.type === 'fragment' && isIpv6Fragment(layer);
}

/** The nearest IP layer around `index`, or -1. */
function networkIndex(layers: Frame, index: number): number {
  for (let i = index - 1; i >= 0; i--) if (isNetwork(layers[i]!)) return i;
  return -1;
}

function isNetwork(layer: Layer): layer is Ipv4 | Ipv6 {
  return layer.type === 'ipv4' || layer.type === 'ipv6';
}

/**
 * The same frame with every length and checksum left to be computed again: what an edit of decoded layers ends with. A UDP
 * checksum of zero stays, because "none" is what its sender said; in fragments, transport headers stay as they are.
 */
export function unsealFrame(layers: Frame): Frame {
  const pieceAt = layers.findIndex(isPiece);
  return layers.map((layer, i) => unsealLayer(layer, pieceAt >= 0 && i > pieceAt));
}

function unsealLayer(layer: Layer, isFragment: boolean): Layer {
  switch (layer.type) {
    case 'ethernet':
    case 'vlan':
      return (layer.etherType ?? 0) > LENGTH_MAX ? layer : { ...layer, etherType: undefined };
    case 'ipv4':
      return { ...layer, totalBytes: undefined, checksum: undefined };
    case 'ipv6':
      return { ...layer, payloadBytes: undefined };
    case 'udp':
      if (isFragment) return layer;
      return { ...layer, length: undefined, checksum: layer.checksum === 0 ? 0 : undefined };
    case 'tcp':
    case 'icmp':
    case 'icmpv6':
    case 'igmp':
    case 'sctp':
      return isFragment ? layer : { ...layer, checksum: undefined };
    default:
      return layer;
  }
}
