/**
 * Where the headers of a frame stand, as far as OpenFlow looks into it (OpenFlow 1.3.5, section 7.2.3.8).
 *
 * The type of a frame is the one after all VLAN tags; tags but the outermost are passed over. Behind an MPLS label or a backbone
 * service tag nothing is looked at, since nothing in them says what follows: a pop names the type, and the frame is read anew.
 *
 * Reading never fails. A frame too short for a header does not have it.
 */
import { arpView } from '../wire/packet/arp.ts';
import { ETHER_TYPE, ETHERNET_BYTES } from '../wire/packet/ethernet.ts';
import { icmpv6View } from '../wire/packet/icmpv6.ts';
import { IP_PROTOCOL } from '../wire/packet/ipv4.ts';
import { llcView } from '../wire/packet/llc.ts';
import { MPLS_BYTES } from '../wire/packet/mpls.ts';
import { PBB_BYTES } from '../wire/packet/pbb.ts';
import { VLAN_BYTES } from '../wire/packet/vlan.ts';
import { findIpv4, findIpv6, findTransport, type IpLayout, type TransportLayout } from './ip-layout.ts';

export interface PacketLayout {
  readonly view: DataView;
  readonly end: number;
  /** Absent in what is too short for Ethernet, like all that follows. */
  readonly etherType?: number | undefined;
  /** The field that holds `etherType`: Ethernet's, that of the last VLAN tag, or SNAP's. Absent when a length is all there is. */
  readonly typeAt?: number | undefined;
  /** An 802.3 length, which counts what follows it. */
  readonly lengthAt?: number | undefined;
  /** The outermost tag, behind its tag protocol identifier. */
  readonly vlanAt?: number | undefined;
  /** The outermost label. */
  readonly mplsAt?: number | undefined;
  /** The outermost backbone service tag. */
  readonly pbbAt?: number | undefined;
  /** ARP for IPv4 over Ethernet; any other has no fields here. */
  readonly arpAt?: number | undefined;
  readonly ip?: IpLayout | undefined;
  readonly transport?: TransportLayout | undefined;
  readonly neighbor?: NeighborLayout | undefined;
}

/** A neighbor solicitation or advertisement (RFC 4861, sections 4.3 and 4.4). */
export interface NeighborLayout {
  readonly targetAt: number;
  /** The address in the option that its kind has: source of a solicitation, target of an advertisement. */
  readonly sourceLinkAt?: number | undefined;
  readonly targetLinkAt?: number | undefined;
}

/** What eth_type is for a frame that has a length and no type. */
export const ETHER_TYPE_NONE = 0x05ff;
/** Types from here on are types; what is below is an 802.3 length. */
export const ETHER_TYPE_MIN = 0x0600;

export const ETHER_TYPE_AT = 12;
const SNAP_BYTES = 8;

export function readLayout(bytes: Uint8Array): PacketLayout {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = bytes.length;
  if (end < ETHERNET_BYTES) return { view, end };
  let typeAt = ETHER_TYPE_AT;
  while (isTag(view.getUint16(typeAt)) && typeAt + VLAN_BYTES + 2 <= end) typeAt += VLAN_BYTES;
  const vlanAt = typeAt > ETHER_TYPE_AT ? ETHERNET_BYTES : undefined;
  const etherType = view.getUint16(typeAt);
  const contentAt = typeAt + 2;
  if (etherType >= ETHER_TYPE_MIN) {
    return { view, end, vlanAt, typeAt, etherType, ...findContent(view, contentAt, end, etherType) };
  }
  const lengthAt = typeAt;
  const snap = { view, end, vlanAt, lengthAt };
  // Under the organisation code 0, what SNAP names is an Ethernet type (RFC 1042).
  if (contentAt + SNAP_BYTES > end || !llcView.isSnap(view, contentAt) || llcView.snapOui(view, contentAt) !== 0) {
    return { ...snap, etherType: ETHER_TYPE_NONE };
  }
  const snapType = llcView.snapProtocol(view, contentAt);
  const content = findContent(view, contentAt + SNAP_BYTES, end, snapType);
  return { ...snap, typeAt: contentAt + 6, etherType: snapType, ...content };
}

function isTag(etherType: number): boolean {
  return etherType === ETHER_TYPE.vlan || etherType === ETHER_TYPE.serviceVlan;
}

type Content = Pick<PacketLayout, 'mplsAt' | 'pbbAt' | 'arpAt' | 'ip' | 'transport' | 'neighbor'>;

function findContent(view: DataView, at: number, end: number, etherType: number): Content {
  switch (etherType) {
    case ETHER_TYPE.ipv4:
      return findInIp(view, findIpv4(view, at, end));
    case ETHER_TYPE.ipv6:
      return findInIp(view, findIpv6(view, at, end));
    case ETHER_TYPE.arp:
      return { arpAt: isArp(view, at, end) ? at : undefined };
    case ETHER_TYPE.mpls:
    case ETHER_TYPE.mplsMulticast:
      return { mplsAt: at + MPLS_BYTES <= end ? at : undefined };
    case ETHER_TYPE.pbb:
      return { pbbAt: at + PBB_BYTES <= end ? at : undefined };
    default:
      return {};
  }
}

const ARP_FIXED_BYTES = 8;

function isArp(view: DataView, at: number, end: number): boolean {
  return at + ARP_FIXED_BYTES <= end && arpView.isEthernetIpv4(view, at) && at + arpView.headerBytes(view, at) <= end;
}

function findInIp(view: DataView, ip: IpLayout | undefined): Content {
  const transport = ip && findTransport(ip);
  const neighbor = transport?.protocol === IP_PROTOCOL.icmpv6 ? findNeighbor(view, transport) : undefined;
  return { ip, transport, neighbor };
}

const SOLICITATION = 135;
const ADVERTISEMENT = 136;
const SOURCE_LINK_ADDRESS = 1;
const TARGET_LINK_ADDRESS = 2;
const NEIGHBOR_BYTES = 24;
const LINK_ADDRESS_OPTION_BYTES = 8;

function findNeighbor(view: DataView, { at, end }: TransportLayout): NeighborLayout | undefined {
  const kind = icmpv6View.kind(view, at);
  if ((kind !== SOLICITATION && kind !== ADVERTISEMENT) || icmpv6View.code(view, at) !== 0) return undefined;
  if (at + NEIGHBOR_BYTES > end) return undefined;
  const targetAt = at + 8;
  const optionKind = kind === SOLICITATION ? SOURCE_LINK_ADDRESS : TARGET_LINK_ADDRESS;
  const linkAt = findLinkAddress(view, at + NEIGHBOR_BYTES, end, optionKind);
  return kind === SOLICITATION ? { targetAt, sourceLinkAt: linkAt } : { targetAt, targetLinkAt: linkAt };
}

function findLinkAddress(view: DataView, from: number, end: number, kind: number): number | undefined {
  let here = from;
  while (here + LINK_ADDRESS_OPTION_BYTES <= end) {
    const bytes = view.getUint8(here + 1) * 8;
    if (bytes === 0) return undefined;
    if (view.getUint8(here) === kind && bytes === LINK_ADDRESS_OPTION_BYTES) return here + 2;
    here += bytes;
  }
  return undefined;
}
