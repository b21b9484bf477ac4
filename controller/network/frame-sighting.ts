/**
 * What a frame that reached the controller says of who is where. Read by views, since whoever is at an edge decides how many there are, and what is in them.
 *
 * Every length is checked against the frame before anything behind it is read; what is too short, or is not what it says, is an ordinary frame.
 */
import { isGroupMac } from '../../protocol/wire/address.ts';
import type { IpAddress } from '../../protocol/wire/ip-address.ts';
import { ARP_OPERATION, arpView } from '../../protocol/wire/packet/arp.ts';
import {
  DHCP_BYTES_MIN,
  DHCP_CLIENT_PORT,
  DHCP_MESSAGE,
  DHCP_SERVER_PORT,
  dhcpView,
} from '../../protocol/wire/packet/dhcp.ts';
import { ETHER_TYPE, ETHERNET_BYTES, ethernetView } from '../../protocol/wire/packet/ethernet.ts';
import { icmpv6View } from '../../protocol/wire/packet/icmpv6.ts';
import { IP_PROTOCOL, ipv4View } from '../../protocol/wire/packet/ipv4.ts';
import { IPV6_BYTES, ipv6View } from '../../protocol/wire/packet/ipv6.ts';
import { NEIGHBOR_DISCOVERY_KIND, neighborView } from '../../protocol/wire/packet/neighbor-discovery.ts';
import { UDP_BYTES, udpView } from '../../protocol/wire/packet/udp.ts';

/** What is asked for, and said, about addresses. */
export type Sighting =
  | { readonly type: 'frame' | 'lldp' | 'rarp' | 'dhcp' }
  /** Of a kind that only the controller passes on; there is nothing to learn from it but, perhaps, that it is a router's. */
  | { readonly type: 'relay'; readonly isRouter?: boolean }
  /** Who has that address? */
  | {
      readonly type: 'request';
      readonly target: IpAddress;
      /** Undefined where the asker does not say, or speaks for somebody else. */
      readonly sender: IpAddress | undefined;
      /** RFC 4862, section 5.4: the asker will have the address if nobody else has it. */
      readonly isTentative: boolean;
    }
  /** I have that address, whether anybody asked or not. */
  | { readonly type: 'reply'; readonly sender: IpAddress; readonly isRouter?: boolean }
  | { readonly type: 'lease'; readonly mac: number; readonly ip: IpAddress };

export interface SightedFrame {
  readonly source: number;
  readonly destination: number;
  readonly sighting: Sighting;
}

const FRAME: Sighting = { type: 'frame' };
const RELAY: Sighting = { type: 'relay' };

const ARP_BYTES = 28;
/** Type, code, checksum, flags and target of a solicitation or an advertisement. */
const NEIGHBOR_BYTES = 24;
const ICMPV6_BYTES = 4;
const NEIGHBOR_HOP_LIMIT = 255;
const ROUTER_FLAG = 0x80;
const OPTION_LINK_ADDRESS = { source: 1, target: 2 } as const;
const DHCP_OPTION = { pad: 0, messageType: 53, end: 255 } as const;
const DHCP_COOKIE = 0x6382_5363;
/** More fragments, and the offset. */
const IP_FRAGMENT_MASK = 0x3fff;

/** Undefined when it is too short to have come from anybody, or says that it comes from many. */
export function readSighting(frame: Uint8Array): SightedFrame | undefined {
  if (frame.length < ETHERNET_BYTES) return undefined;
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  const source = ethernetView.src(view, 0);
  if (isGroupMac(source) || source === 0) return undefined;
  return { source, destination: ethernetView.dst(view, 0), sighting: readPayload(view, source) };
}

function readPayload(view: DataView, source: number): Sighting {
  switch (view.getUint16(12)) {
    case ETHER_TYPE.lldp:
      return { type: 'lldp' };
    case ETHER_TYPE.rarp:
      return { type: 'rarp' };
    case ETHER_TYPE.arp:
      return readArp(view, source);
    case ETHER_TYPE.ipv6:
      return readNeighbor(view, source);
    case ETHER_TYPE.ipv4:
      return readDhcp(view);
    case ETHER_TYPE.vlan:
    case ETHER_TYPE.serviceVlan:
      return readTagged(view);
    default:
      return FRAME;
  }
}

/** Whoever tags lives in a network of his own, where addresses mean something else. */
function readTagged(view: DataView): Sighting {
  let at = 12;
  while (at + 6 <= view.byteLength && isTag(view.getUint16(at))) at += 4;
  const type = at + 2 <= view.byteLength ? view.getUint16(at) : 0;
  if (type === ETHER_TYPE.arp || type === ETHER_TYPE.rarp) return RELAY;
  const isNeighbors = type === ETHER_TYPE.ipv6 && isNeighborDiscovery(view, at + 2);
  return isNeighbors ? RELAY : FRAME;
}

function isTag(etherType: number): boolean {
  return etherType === ETHER_TYPE.vlan || etherType === ETHER_TYPE.serviceVlan;
}

/** One that speaks for another address than the frame's own sender is no source to learn from. */
function readArp(view: DataView, source: number): Sighting {
  const at = ETHERNET_BYTES;
  if (view.byteLength < at + ARP_BYTES || !arpView.isEthernetIpv4(view, at)) return RELAY;
  const isOwn = arpView.senderMac(view, at) === source;
  const sender = arpView.senderIp(view, at);
  const target = arpView.targetIp(view, at);
  const operation = arpView.operation(view, at);
  if (operation === ARP_OPERATION.reply) return isOwn ? { type: 'reply', sender } : RELAY;
  if (operation !== ARP_OPERATION.request) return RELAY;
  // RFC 5227: who asks for his own address tells it, who asks as nobody wants to know whether it is free.
  if (sender === target && isOwn) return { type: 'reply', sender };
  return { type: 'request', target, sender: isOwn && sender !== 0 ? sender : undefined, isTentative: false };
}

/** A packet of RFC 4861 by its header; what it says may yet be nonsense. */
function isNeighborDiscovery(view: DataView, at: number): boolean {
  if (view.byteLength < at + IPV6_BYTES + ICMPV6_BYTES || ipv6View.version(view, at) !== 6) return false;
  if (ipv6View.nextHeader(view, at) !== IP_PROTOCOL.icmpv6) return false;
  const kind = icmpv6View.kind(view, at + IPV6_BYTES);
  return kind >= NEIGHBOR_DISCOVERY_KIND['router-solicitation'] && kind <= NEIGHBOR_DISCOVERY_KIND.redirect;
}

function readNeighbor(view: DataView, source: number): Sighting {
  if (!isNeighborDiscovery(view, ETHERNET_BYTES)) return FRAME;
  const at = ETHERNET_BYTES + IPV6_BYTES;
  // RFC 4861, section 6.1 and 7.1: whatever comes from farther away is dropped by whoever gets it, so nobody need get it.
  if (ipv6View.hopLimit(view, ETHERNET_BYTES) !== NEIGHBOR_HOP_LIMIT || icmpv6View.code(view, at) !== 0) return FRAME;
  const kind = icmpv6View.kind(view, at);
  if (kind === NEIGHBOR_DISCOVERY_KIND['router-advertisement']) return { type: 'relay', isRouter: true };
  const isSolicitation = kind === NEIGHBOR_DISCOVERY_KIND['neighbor-solicitation'];
  if (!isSolicitation && kind !== NEIGHBOR_DISCOVERY_KIND['neighbor-advertisement']) return RELAY;
  if (view.byteLength < at + NEIGHBOR_BYTES) return FRAME;
  const end = Math.min(view.byteLength, at + ipv6View.payloadBytes(view, ETHERNET_BYTES));
  const option = isSolicitation ? OPTION_LINK_ADDRESS.source : OPTION_LINK_ADDRESS.target;
  const link = readLinkAddress(view, neighborView.optionsAt(view, at), end, option);
  const isOwn = link === undefined || link === source;
  const target = neighborView.target(view, at);
  if (!isSolicitation) {
    return isOwn ? { type: 'reply', sender: target, isRouter: (view.getUint8(at + 4) & ROUTER_FLAG) !== 0 } : RELAY;
  }
  const sender = ipv6View.src(view, ETHERNET_BYTES);
  return { type: 'request', target, sender: isOwn && sender !== 0n ? sender : undefined, isTentative: sender === 0n };
}

function readLinkAddress(view: DataView, at: number, end: number, kind: number): number | undefined {
  for (let here = at; here + 8 <= end; ) {
    const bytes = view.getUint8(here + 1) * 8;
    if (bytes === 0 || here + bytes > end) return undefined;
    if (view.getUint8(here) === kind) return view.getUint16(here + 2) * 0x1_0000_0000 + view.getUint32(here + 4);
    here += bytes;
  }
  return undefined;
}

function readDhcp(view: DataView): Sighting {
  const ip = ETHERNET_BYTES;
  if (view.byteLength < ip + 20 || ipv4View.version(view, ip) !== 4) return FRAME;
  if (ipv4View.protocol(view, ip) !== IP_PROTOCOL.udp || (view.getUint16(ip + 6) & IP_FRAGMENT_MASK) !== 0)
    return FRAME;
  const udp = ip + ipv4View.headerBytes(view, ip);
  if (udp < ip + 20 || view.byteLength < udp + UDP_BYTES) return FRAME;
  const [from, to] = [udpView.srcPort(view, udp), udpView.dstPort(view, udp)];
  const isOfServer = from === DHCP_SERVER_PORT && to === DHCP_CLIENT_PORT;
  if (!isOfServer && !(from === DHCP_CLIENT_PORT && to === DHCP_SERVER_PORT)) return FRAME;
  const at = udp + UDP_BYTES;
  const address = isOfServer && view.byteLength >= at + DHCP_BYTES_MIN ? dhcpView.yourAddress(view, at) : 0;
  if (address === 0 || readDhcpType(view, at + DHCP_BYTES_MIN) !== DHCP_MESSAGE.ack) return { type: 'dhcp' };
  return { type: 'lease', mac: dhcpView.clientMac(view, at), ip: address };
}

function readDhcpType(view: DataView, at: number): number | undefined {
  if (view.getUint32(at - 4) !== DHCP_COOKIE) return undefined;
  for (let here = at; here + 3 <= view.byteLength; ) {
    const kind = view.getUint8(here);
    if (kind === DHCP_OPTION.end) return undefined;
    if (kind === DHCP_OPTION.messageType) return view.getUint8(here + 2);
    here += kind === DHCP_OPTION.pad ? 1 : 2 + view.getUint8(here + 1);
  }
  return undefined;
}
