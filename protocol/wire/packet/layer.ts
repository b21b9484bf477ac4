/**
 * All that a frame can consist of: one union over every protocol of this folder, told apart by `type`, and the three kinds of
 * bytes that are no protocol. The order of a frame's list is the order of its bytes, and no byte is in two layers or in none.
 */
import type { PacketFault } from '../wire-error.ts';
import { type Arp, arpBytes, encodeArp, type ForeignArp } from './arp.ts';
import { type Dhcp, dhcpBytes, encodeDhcp } from './dhcp.ts';
import { type Dns, dnsBytes, encodeDns } from './dns.ts';
import { type Ethernet, encodeEthernet, ethernetBytes } from './ethernet.ts';
import { encodeIcmp, type Icmp, icmpBytes } from './icmp.ts';
import { encodeIcmpv6, type Icmpv6, icmpv6Bytes } from './icmpv6.ts';
import { encodeIgmp, type Igmp, igmpBytes } from './igmp.ts';
import { encodeIpv4, type Ipv4, ipv4Bytes } from './ipv4.ts';
import { encodeIpv6, type Ipv6, ipv6Bytes } from './ipv6.ts';
import { encodeIpv6Extension, type Ipv6Extension, ipv6ExtensionBytes } from './ipv6-extension.ts';
import { encodeLlc, type Llc, llcBytes } from './llc.ts';
import { encodeLldp, type Lldp, lldpBytes } from './lldp.ts';
import { encodeMpls, type Mpls, mplsBytes } from './mpls.ts';
import { putOctets } from './octets.ts';
import { encodePbb, type Pbb, pbbBytes } from './pbb.ts';
import { encodeSctp, type Sctp, sctpBytes } from './sctp.ts';
import { encodeTcp, type Tcp, tcpBytes } from './tcp.ts';
import { encodeUdp, type Udp, udpBytes } from './udp.ts';
import { encodeVlan, type Vlan, vlanBytes } from './vlan.ts';
import { encodeVxlan, type Vxlan, vxlanBytes } from './vxlan.ts';

export type Frame = readonly Layer[];

export type Layer =
  | Ethernet
  | Llc
  | Vlan
  | Mpls
  | Pbb
  | Arp
  | ForeignArp
  | Ipv4
  | Ipv6
  | Ipv6Extension
  | Icmp
  | Icmpv6
  | Igmp
  | Tcp
  | Udp
  | Sctp
  | Lldp
  | Dhcp
  | Dns
  | Vxlan
  | Payload
  | Padding
  | Malformed;

/** What a layer carries and nobody here reads. */
export interface Payload {
  readonly type: 'payload';
  readonly data: Uint8Array;
}

/** Bytes behind the end that some layer's length gives, as Ethernet fills small packets up. */
export interface Padding {
  readonly type: 'padding';
  /**
   * Which layer (its place in the list) ends before these bytes: that one and all within leave them out of their lengths, all
   * around it count them. Absent: 0, outside of everything.
   */
  readonly after?: number | undefined;
  readonly data: Uint8Array;
}

/** What should have been a header and could not be read, with all that it would have contained. */
export interface Malformed {
  readonly type: 'malformed';
  readonly fault: PacketFault;
  /** The offset of the mistake in the frame. */
  readonly at: number;
  readonly reason: string;
  readonly data: Uint8Array;
}

export function layerBytes(layer: Layer): number {
  switch (layer.type) {
    case 'ethernet':
      return ethernetBytes(layer);
    case 'llc':
      return llcBytes(layer);
    case 'vlan':
      return vlanBytes(layer);
    case 'mpls':
      return mplsBytes(layer);
    case 'pbb':
      return pbbBytes(layer);
    case 'arp':
    case 'foreign-arp':
      return arpBytes(layer);
    case 'ipv4':
      return ipv4Bytes(layer);
    case 'ipv6':
      return ipv6Bytes(layer);
    case 'hop-by-hop':
    case 'destination-options':
    case 'routing':
    case 'fragment':
    case 'ah':
    case 'esp':
      return ipv6ExtensionBytes(layer);
    case 'icmp':
      return icmpBytes(layer);
    case 'icmpv6':
      return icmpv6Bytes(layer);
    case 'igmp':
      return igmpBytes(layer);
    case 'tcp':
      return tcpBytes(layer);
    case 'udp':
      return udpBytes(layer);
    case 'sctp':
      return sctpBytes(layer);
    case 'lldp':
      return lldpBytes(layer);
    case 'dhcp':
      return dhcpBytes(layer);
    case 'dns':
      return dnsBytes(layer);
    case 'vxlan':
      return vxlanBytes(layer);
    case 'payload':
    case 'padding':
    case 'malformed':
      return layer.data.length;
  }
}

/** `end` is where what the layer carries ends: lengths count up to there. Returns the offset after the layer itself. */
export function encodeLayer(layer: Layer, view: DataView, at: number, end: number): number {
  switch (layer.type) {
    case 'ethernet':
      return encodeEthernet(layer, view, at, end);
    case 'llc':
      return encodeLlc(layer, view, at);
    case 'vlan':
      return encodeVlan(layer, view, at, end);
    case 'mpls':
      return encodeMpls(layer, view, at);
    case 'pbb':
      return encodePbb(layer, view, at);
    case 'arp':
    case 'foreign-arp':
      return encodeArp(layer, view, at);
    case 'ipv4':
      return encodeIpv4(layer, view, at, end);
    case 'ipv6':
      return encodeIpv6(layer, view, at, end);
    case 'hop-by-hop':
    case 'destination-options':
    case 'routing':
    case 'fragment':
    case 'ah':
    case 'esp':
      return encodeIpv6Extension(layer, view, at);
    case 'icmp':
      return encodeIcmp(layer, view, at);
    case 'icmpv6':
      return encodeIcmpv6(layer, view, at);
    case 'igmp':
      return encodeIgmp(layer, view, at);
    case 'tcp':
      return encodeTcp(layer, view, at);
    case 'udp':
      return encodeUdp(layer, view, at);
    case 'sctp':
      return encodeSctp(layer, view, at);
    case 'lldp':
      return encodeLldp(layer, view, at);
    case 'dhcp':
      return encodeDhcp(layer, view, at);
    case 'dns':
      return encodeDns(layer, view, at);
    case 'vxlan':
      return encodeVxlan(layer, view, at);
    case 'payload':
    case 'padding':
    case 'malformed':
      return putOctets(layer.data, view, at);
  }
}
