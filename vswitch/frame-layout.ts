/**
 * Where the headers of a frame stand, for the actions that edit it; and the numbers by which headers name each other.
 *
 * One object that each parse fills anew, always with the same fields: -1 for what is not there. Most frames are IPv4 with a tag at most, so
 * what only others have is cleared only after one of those.
 */

export const ETH_TYPE = {
  ipv4: 0x0800,
  arp: 0x0806,
  vlan: 0x8100,
  ipv6: 0x86dd,
  mpls: 0x8847,
  mplsMulticast: 0x8848,
  serviceVlan: 0x88a8,
  pbb: 0x88e7,
} as const;

export const IP_PROTO = { icmp: 1, tcp: 6, udp: 17, icmpv6: 58, sctp: 132 } as const;

/** Types from here on are types; what is below is an 802.3 length. */
export const ETH_TYPE_MIN = 0x600;

export const MACS_BYTES = 12;
export const ETHERNET_BYTES = 14;
export const VLAN_BYTES = 4;
export const MPLS_BYTES = 4;
export const ITAG_BYTES = 4;
export const IPV4_BYTES_MIN = 20;
export const IPV6_BYTES = 40;

export class FrameLayout {
  /** The TPID of the outermost tag. */
  vlanAt = -1;
  /** The type after all tags: Ethernet's, a tag's, or SNAP's; -1 where there is a length only. */
  ethTypeAt = -1;
  ipv4At = -1;
  /** The field that names the transport protocol. */
  ipProtoAt = -1;
  ipProto = 0;
  /** Transport, of a packet or its first fragment, however little of it is there; ends where IP says, so without padding. */
  transportAt = -1;
  transportEnd = -1;
  isFragment = false;
  /** All of the datagram is here: it is no fragment, and was not cut off. */
  isWhole = true;
  /** What is below, or a word of the key that IPv4 has no use for, is set. */
  isRare = false;
  /** An 802.3 length, which counts what follows it. */
  lengthAt = -1;
  mplsAt = -1;
  pbbAt = -1;
  arpAt = -1;
  ipv6At = -1;
  /** The pseudo-header of a packet with a source route still to go has the last address of that route, not this one. */
  isDestinationFinal = true;
  ndTargetAt = -1;
  ndLinkLayerAt = -1;

  clear(): void {
    this.vlanAt = -1;
    this.ethTypeAt = -1;
    this.ipv4At = -1;
    this.ipProtoAt = -1;
    this.ipProto = 0;
    this.transportAt = -1;
    this.transportEnd = -1;
    this.isFragment = false;
    this.isWhole = true;
    if (this.isRare) this.#clearRare();
  }

  #clearRare(): void {
    this.isRare = false;
    this.lengthAt = -1;
    this.mplsAt = -1;
    this.pbbAt = -1;
    this.arpAt = -1;
    this.ipv6At = -1;
    this.isDestinationFinal = true;
    this.ndTargetAt = -1;
    this.ndLinkLayerAt = -1;
  }
}
