/**
 * The steps by which `frame.ts` walks a frame: each reads one layer and names the step after it, from the field in that layer
 * that says what follows (an EtherType, a protocol number, a port).
 *
 * Where nothing but a likelihood says so (the nibble behind MPLS labels, a port, a message that a fragment may have cut off) the
 * step is a guess: if it fails, the bytes are payload and not malformed.
 */
import { WireError } from '../wire-error.ts';
import { arpView, decodeArp } from './arp.ts';
import { DHCP_CLIENT_PORT, DHCP_SERVER_PORT, decodeDhcp } from './dhcp.ts';
import { DNS_PORT, decodeDns } from './dns.ts';
import { decodeEthernet, ETHER_TYPE, ETHERNET_BYTES, ethernetView, LENGTH_MAX } from './ethernet.ts';
import { decodeIcmp } from './icmp.ts';
import { decodeIcmpv6 } from './icmpv6.ts';
import { decodeIgmp } from './igmp.ts';
import { decodeIpv4, IP_PROTOCOL, ipv4View } from './ipv4.ts';
import { decodeIpv6, IPV6_BYTES, ipv6View } from './ipv6.ts';
import {
  authenticationView,
  decodeAuthentication,
  decodeEsp,
  decodeFragment,
  decodeIpv6OptionsHeader,
  decodeRouting,
  ESP_HEADER_BYTES,
  FRAGMENT_HEADER_BYTES,
  fragmentView,
  ipv6ExtensionView,
} from './ipv6-extension.ts';
import { encodeLayer, type Layer, layerBytes } from './layer.ts';
import { decodeLlc, llcView } from './llc.ts';
import { decodeLldp } from './lldp.ts';
import { decodeMpls, MPLS_BYTES, mplsView } from './mpls.ts';
import { decodePbb, PBB_BYTES } from './pbb.ts';
import { decodeSctp } from './sctp.ts';
import { decodeTcp, tcpView } from './tcp.ts';
import { decodeUdp, udpView } from './udp.ts';
import { decodeVlan, VLAN_BYTES, vlanView } from './vlan.ts';
import { decodeVxlan, VXLAN_HAS_VNI, VXLAN_PORT, vxlanView } from './vxlan.ts';

/** A SNAP protocol under these is an EtherType: RFC 1042, and IEEE 802.1H for types that bridges must not translate back. */
const OUI_ETHERNET = 0;
const OUI_BRIDGE_TUNNEL = 0x0000f8;

export interface Walk {
  readonly view: DataView;
  readonly layers: Layer[];
  readonly trailers: Trailer[];
  at: number;
  end: number;
  /** What the walk is in is a piece of a datagram: transport headers can be read in the first one, messages may be cut off. */
  isFragment: boolean;
  isIpv6: boolean;
}

interface Trailer {
  readonly after: number;
  readonly from: number;
  readonly to: number;
}

/** Reads the layer at the walk's place, moves on and names the step that follows; throws without having moved. */
export type Step = (walk: Walk) => Step | undefined;

/** The layer that starts at the walk's place has `bytes` bytes of its own. */
function take(walk: Walk, layer: Layer, bytes: number): void {
  walk.layers.push(layer);
  walk.at += bytes;
}

/** The layer taken last says that it ends at `end`. It may claim more than there is, then it has what there is. */
function narrow(walk: Walk, end: number): void {
  if (end >= walk.end) return;
  walk.trailers.push({ after: walk.layers.length - 1, from: end, to: walk.end });
  walk.end = end;
}

export function readEthernet(walk: Walk): Step | undefined {
  const { view, at } = walk;
  take(walk, decodeEthernet(view, at, walk.end), ETHERNET_BYTES);
  return afterTypeOrLength(walk, ethernetView.etherType(view, at));
}

function readVlan(walk: Walk): Step | undefined {
  const { view, at } = walk;
  take(walk, decodeVlan(view, at, walk.end), VLAN_BYTES);
  return afterTypeOrLength(walk, vlanView.etherType(view, at));
}

function afterTypeOrLength(walk: Walk, etherType: number): Step | undefined {
  if (etherType > LENGTH_MAX) return afterEtherType(etherType);
  narrow(walk, walk.at + etherType);
  return readLlc;
}

function afterEtherType(etherType: number): Step | undefined {
  switch (etherType) {
    case ETHER_TYPE.ipv4:
      return readIpv4;
    case ETHER_TYPE.ipv6:
      return readIpv6;
    case ETHER_TYPE.arp:
    case ETHER_TYPE.rarp:
      return readArp;
    case ETHER_TYPE.vlan:
    case ETHER_TYPE.serviceVlan:
      return readVlan;
    case ETHER_TYPE.mpls:
    case ETHER_TYPE.mplsMulticast:
      return readMpls;
    case ETHER_TYPE.pbb:
      return readPbb;
    case ETHER_TYPE.lldp:
      return readLldp;
    default:
      return undefined;
  }
}

function readLlc(walk: Walk): Step | undefined {
  const { view, at } = walk;
  const llc = decodeLlc(view, at, walk.end);
  take(walk, llc, llcView.headerBytes(view, at));
  const { snap } = llc;
  return snap?.oui === OUI_ETHERNET || snap?.oui === OUI_BRIDGE_TUNNEL ? afterEtherType(snap.protocol) : undefined;
}

function readMpls(walk: Walk): Step | undefined {
  const { view, at } = walk;
  take(walk, decodeMpls(view, at, walk.end), MPLS_BYTES);
  if (!mplsView.bottom(view, at)) return readMpls;
  if (walk.at === walk.end) return undefined;
  const nibble = view.getUint8(walk.at) >> 4;
  return nibble === 4 ? guessIpv4 : nibble === 6 ? guessIpv6 : undefined;
}

function readPbb(walk: Walk): Step | undefined {
  take(walk, decodePbb(walk.view, walk.at, walk.end), PBB_BYTES);
  return readEthernet;
}

function readArp(walk: Walk): Step | undefined {
  const { view, at } = walk;
  take(walk, decodeArp(view, at, walk.end), arpView.headerBytes(view, at));
  narrow(walk, walk.at);
  return undefined;
}

function readIpv4(walk: Walk): Step | undefined {
  const { view, at } = walk;
  take(walk, decodeIpv4(view, at, walk.end), ipv4View.headerBytes(view, at));
  narrow(walk, at + ipv4View.totalBytes(view, at));
  walk.isIpv6 = false;
  walk.isFragment = ipv4View.moreFragments(view, at);
  return ipv4View.fragmentOffsetBytes(view, at) > 0 ? undefined : afterProtocol(walk, ipv4View.protocol(view, at));
}

function readIpv6(walk: Walk): Step | undefined {
  const { view, at } = walk;
  take(walk, decodeIpv6(view, at, walk.end), IPV6_BYTES);
  const payloadBytes = ipv6View.payloadBytes(view, at);
  const nextHeader = ipv6View.nextHeader(view, at);
  if (payloadBytes > 0 || nextHeader !== IP_PROTOCOL.hopByHop) narrow(walk, walk.at + payloadBytes);
  walk.isIpv6 = true;
  walk.isFragment = false;
  return afterProtocol(walk, nextHeader);
}

const guessIpv4 = guess(readIpv4);
const guessIpv6 = guess(readIpv6);

/** A step that nothing but a likelihood calls for: if it cannot be taken, what is there is payload and not malformed. */
function guess(step: Step): Step {
  return (walk) => {
    try {
      return step(walk);
    } catch (error) {
      if (error instanceof WireError) return undefined;
      throw error;
    }
  };
}

function afterProtocol(walk: Walk, protocol: number): Step | undefined {
  switch (protocol) {
    case IP_PROTOCOL.tcp:
      return readTcp;
    case IP_PROTOCOL.udp:
      return readUdp;
    case IP_PROTOCOL.sctp:
      return walk.isFragment ? guessSctp : readSctp;
    case IP_PROTOCOL.ipv4:
      return walk.isFragment ? undefined : readIpv4;
    case IP_PROTOCOL.ipv6:
      return walk.isFragment ? undefined : readIpv6;
    case IP_PROTOCOL.ah:
      return readAuthentication;
    case IP_PROTOCOL.esp:
      return readEsp;
    default:
      return walk.isIpv6 ? afterNextHeader(walk, protocol) : afterIpv4Protocol(walk, protocol);
  }
}

function afterIpv4Protocol(walk: Walk, protocol: number): Step | undefined {
  if (protocol === IP_PROTOCOL.icmp) return walk.isFragment ? guessIcmp : readIcmp;
  if (protocol === IP_PROTOCOL.igmp) return walk.isFragment ? guessIgmp : readIgmp;
  return undefined;
}

function afterNextHeader(walk: Walk, protocol: number): Step | undefined {
  switch (protocol) {
    case IP_PROTOCOL.icmpv6:
      return walk.isFragment ? guessIcmpv6 : readIcmpv6;
    case IP_PROTOCOL.hopByHop:
      return readHopByHop;
    case IP_PROTOCOL.destinationOptions:
      return readDestinationOptions;
    case IP_PROTOCOL.routing:
      return readRouting;
    case IP_PROTOCOL.fragment:
      return readFragment;
    default:
      return undefined;
  }
}

const readHopByHop = optionsStep('hop-by-hop');
const readDestinationOptions = optionsStep('destination-options');

function optionsStep(type: 'hop-by-hop' | 'destination-options'): Step {
  return (walk) => {
    const { view, at } = walk;
    take(walk, decodeIpv6OptionsHeader(type, view, at, walk.end), ipv6ExtensionView.headerBytes(view, at));
    return afterProtocol(walk, ipv6ExtensionView.nextHeader(view, at));
  };
}

function readRouting(walk: Walk): Step | undefined {
  const { view, at } = walk;
  take(walk, decodeRouting(view, at, walk.end), ipv6ExtensionView.headerBytes(view, at));
  return afterProtocol(walk, ipv6ExtensionView.nextHeader(view, at));
}

function readFragment(walk: Walk): Step | undefined {
  const { view, at } = walk;
  take(walk, decodeFragment(view, at, walk.end), FRAGMENT_HEADER_BYTES);
  walk.isFragment = fragmentView.moreFragments(view, at);
  return fragmentView.offsetBytes(view, at) > 0 ? undefined : afterProtocol(walk, fragmentView.nextHeader(view, at));
}

function readAuthentication(walk: Walk): Step | undefined {
  const { view, at } = walk;
  take(walk, decodeAuthentication(view, at, walk.end), authenticationView.headerBytes(view, at));
  return afterProtocol(walk, authenticationView.nextHeader(view, at));
}

function readEsp(walk: Walk): Step | undefined {
  take(walk, decodeEsp(walk.view, walk.at, walk.end), ESP_HEADER_BYTES);
  return undefined;
}

const readIcmp = messageStep(decodeIcmp);
const readIcmpv6 = messageStep(decodeIcmpv6);
const readIgmp = messageStep(decodeIgmp);
const readSctp = messageStep(decodeSctp);
const readLldp = messageStep(decodeLldp);
const guessIcmp = guess(readIcmp);
const guessIcmpv6 = guess(readIcmpv6);
const guessIgmp = guess(readIgmp);
const guessSctp = guess(readSctp);

/** A message takes all that is left. */
function messageStep(decode: (view: DataView, at: number, end: number) => Layer): Step {
  return (walk) => {
    take(walk, decode(walk.view, walk.at, walk.end), walk.end - walk.at);
    return undefined;
  };
}

function readTcp(walk: Walk): Step | undefined {
  const { view, at } = walk;
  take(walk, decodeTcp(view, at, walk.end), tcpView.headerBytes(view, at));
  return undefined;
}

function readUdp(walk: Walk): Step | undefined {
  const { view, at } = walk;
  const udp = decodeUdp(view, at, walk.end);
  take(walk, udp, udpView.headerBytes(view, at));
  const length = udpView.length(view, at);
  if (length > 0) narrow(walk, at + length);
  if (walk.isFragment || walk.at === walk.end) return undefined;
  if (udp.dstPort === VXLAN_PORT) return readVxlan;
  if (isEither(udp, DNS_PORT)) return readDns;
  if (isEither(udp, DHCP_SERVER_PORT) || isEither(udp, DHCP_CLIENT_PORT)) return readDhcp;
  return undefined;
}

function isEither(udp: { readonly srcPort: number; readonly dstPort: number }, port: number): boolean {
  return udp.srcPort === port || udp.dstPort === port;
}

/** Without its I flag a header on this port is another protocol's (RFC 7348, section 5). */
const readVxlan = guess((walk) => {
  const { view, at } = walk;
  const vxlan = decodeVxlan(view, at, walk.end);
  if ((vxlanView.flags(view, at) & VXLAN_HAS_VNI) === 0) return undefined;
  take(walk, vxlan, vxlanView.headerBytes(view, at));
  return readEthernet;
});

const readDns = applicationStep(decodeDns);
const readDhcp = applicationStep(decodeDhcp);

function applicationStep(decode: (view: DataView, at: number, end: number) => Layer): Step {
  return guess((walk) => {
    const { view, at, end } = walk;
    const layer = decode(view, at, end);
    if (encodesTo(layer, view, at, end)) take(walk, layer, end - at);
    return undefined;
  });
}

function encodesTo(layer: Layer, view: DataView, at: number, end: number): boolean {
  if (layerBytes(layer) !== end - at) return false;
  const again = new Uint8Array(end - at);
  encodeLayer(layer, new DataView(again.buffer), 0, again.length);
  for (let i = 0; i < again.length; i++) if (again[i] !== view.getUint8(at + i)) return false;
  return true;
}
