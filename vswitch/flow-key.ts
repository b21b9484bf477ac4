/**
 * OpenFlow 1.3.5, section 7.2.3.7: what a packet says in all OXM fields, as 32-bit words.
 *
 * A key is fixed words of one reused Uint32Array, in the order metadata, link, network, transport. A rule is a key and a mask in
 * the same words (`match-shapes.ts`, `subtable.ts`), so to look up is to mask and compare numbers; OXM exists only at the edge of the switch.
 *
 * Headers that exclude each other share words (ARP, IPv4 and IPv6 addresses; ports, ICMP and the ARP operation): that keeps the
 * key short, and which of them is there is said by presence bits in the word KEY.network. A field that a frame lacks is thereby
 * different from a field that is zero, which its words alone could not tell: a later fragment has no port 0.
 *
 * `frame-parser.ts` fills a key, `match-key.ts` says where each OXM field lies in it.
 */

/** The words of a key. Multi-word fields have their most significant word first. */
export const KEY = {
  metadata: 0,
  tunnel: 2,
  inPort: 4,
  inPhyPort: 5,
  /** Destination (48 bits) and source (48 bits). */
  ethernet: 6,
  /** EtherType (16), then PCP (3), tag present (1) and VLAN id (12) of the outermost tag. */
  type: 9,
  /** Presence bits (16), IP protocol (8), DSCP (6), ECN (2). */
  network: 10,
  /** Extension headers (9), flow label (20). */
  ipv6: 11,
  /** IPv4 or ARP sender protocol address in the first word, ARP hardware addresses in the three behind it, or IPv6. */
  source: 12,
  destination: 16,
  /** Ports (16, 16), or ICMP type and code (8, 8), or the ARP operation (16). */
  transport: 20,
  tcpFlags: 21,
  ndTarget: 22,
  /** Source or target link-layer address (48): a solicitation has one, an advertisement the other. */
  ndLinkLayer: 26,
} as const;

export const KEY_WORDS = 28;

/** Bits of `KEY.network` that say which headers are there. */
export const PRESENT = {
  ipv4: 1 << 16,
  ipv6: 1 << 17,
  arp: 1 << 18,
  mpls: 1 << 19,
  pbb: 1 << 20,
  tcp: 1 << 21,
  udp: 1 << 22,
  sctp: 1 << 23,
  icmp: 1 << 24,
  icmpv6: 1 << 25,
  ndTarget: 1 << 26,
  ndSource: 1 << 27,
  ndTargetLink: 1 << 28,
  /** IPv4 or IPv6: fields that both have. */
  ip: 1 << 29,
} as const;
