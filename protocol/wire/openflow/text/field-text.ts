/**
 * The OXM fields as ovs-ofctl writes them: every name that a field goes by, and how its value looks.
 *
 * One table for matches and for set_field. A field has the name that OpenFlow 1.3.5 gives it (section 7.2.3.7, in lower case),
 * one that ovs-ofctl prints as the target of set_field, one that it prints in a match, and whatever else ovs-fields(7) lists.
 * What a name means may depend on the packet; field-name.ts knows how.
 */
import { type AnyOxm, OXM, type OxmName, oxmBits } from '../oxm.ts';
import { fail, type Token } from './scanner.ts';
import {
  decimal,
  type FieldValue,
  hex,
  ipv4Address,
  ipv6Address,
  type Masked,
  macAddress,
  normalizeMask,
  paddedHex,
  portNumber,
  readMasked,
  readValue,
  tcpFlags,
  type ValueText,
} from './value-text.ts';

export interface FieldText {
  /** As the target of set_field. */
  readonly name: string;
  /** In a match, where it differs. */
  readonly matchName?: string;
  /** Names that ask for the protocol in a match, but as a target can only mean this field. */
  readonly aliases?: readonly string[];
  readonly as: ValueText;
  /** In a match, where it differs. */
  readonly matchAs?: ValueText;
}

export const FIELD_TEXT: { readonly [F in OxmName]: FieldText } = {
  inPort: { name: 'in_port', as: portNumber },
  inPhyPort: { name: 'in_phy_port', as: portNumber },
  metadata: { name: 'metadata', as: hex },
  ethDst: { name: 'eth_dst', matchName: 'dl_dst', as: macAddress },
  ethSrc: { name: 'eth_src', matchName: 'dl_src', as: macAddress },
  ethType: { name: 'eth_type', matchName: 'dl_type', as: paddedHex(4) },
  vlanVid: { name: 'vlan_vid', as: decimal },
  vlanPcp: { name: 'vlan_pcp', as: decimal },
  ipDscp: { name: 'ip_dscp', as: decimal },
  ipEcn: { name: 'nw_ecn', as: decimal },
  ipProto: { name: 'nw_proto', as: decimal },
  ipv4Src: { name: 'ip_src', matchName: 'nw_src', aliases: ['nw_src'], as: ipv4Address },
  ipv4Dst: { name: 'ip_dst', matchName: 'nw_dst', aliases: ['nw_dst'], as: ipv4Address },
  tcpSrc: { name: 'tcp_src', matchName: 'tp_src', as: decimal },
  tcpDst: { name: 'tcp_dst', matchName: 'tp_dst', as: decimal },
  udpSrc: { name: 'udp_src', matchName: 'tp_src', as: decimal },
  udpDst: { name: 'udp_dst', matchName: 'tp_dst', as: decimal },
  sctpSrc: { name: 'sctp_src', matchName: 'tp_src', as: decimal },
  sctpDst: { name: 'sctp_dst', matchName: 'tp_dst', as: decimal },
  icmpv4Type: { name: 'icmp_type', matchName: 'icmp_type', as: decimal },
  icmpv4Code: { name: 'icmp_code', matchName: 'icmp_code', as: decimal },
  arpOp: { name: 'arp_op', as: decimal },
  arpSpa: { name: 'arp_spa', as: ipv4Address },
  arpTpa: { name: 'arp_tpa', as: ipv4Address },
  arpSha: { name: 'arp_sha', as: macAddress },
  arpTha: { name: 'arp_tha', as: macAddress },
  ipv6Src: { name: 'ipv6_src', as: ipv6Address },
  ipv6Dst: { name: 'ipv6_dst', as: ipv6Address },
  ipv6Flabel: { name: 'ipv6_label', as: hex, matchAs: paddedHex(5) },
  icmpv6Type: { name: 'icmpv6_type', matchName: 'icmp_type', as: decimal },
  icmpv6Code: { name: 'icmpv6_code', matchName: 'icmp_code', as: decimal },
  ipv6NdTarget: { name: 'nd_target', as: ipv6Address },
  ipv6NdSll: { name: 'nd_sll', as: macAddress },
  ipv6NdTll: { name: 'nd_tll', as: macAddress },
  mplsLabel: { name: 'mpls_label', as: decimal },
  mplsTc: { name: 'mpls_tc', as: decimal },
  mplsBos: { name: 'mpls_bos', as: decimal },
  pbbIsid: { name: 'pbb_isid', as: decimal },
  tunnelId: { name: 'tun_id', as: hex },
  ipv6Exthdr: { name: 'ipv6_exthdr', as: hex },
  tcpFlags: { name: 'tcp_flags', as: tcpFlags },
};

export function formatWith(as: ValueText, { value, mask }: AnyOxm): string {
  return mask === undefined ? as.format(value) : as.formatMasked(value, mask);
}

export function toFieldValue(field: OxmName, value: bigint): FieldValue {
  // What fits 48 bits is a number in this code base.
  return OXM[field].as.sizeMin > 6 ? value : Number(value);
}

/** Reads a value without a mask. */
export function readFieldValue(field: OxmName, token: Token, what: string): bigint {
  const { as } = FIELD_TEXT[field];
  const flags = as.parseMasked?.(token.text);
  if (flags?.mask !== undefined) fail(token.at, `${what} is set as a whole, without signs: syn|ack`);
  return flags?.value ?? readValue(as, oxmBits(field), token, what);
}

/** Reads `value` or `value/mask`; undefined for a mask of zeros, which is no match at all. Bits that are masked out are cleared. */
export function readMaskedField(field: OxmName, token: Token, what: string): Masked | undefined {
  const { as } = FIELD_TEXT[field];
  const masked = as.parseMasked?.(token.text) ?? readMasked(as, oxmBits(field), token, what);
  if (masked.mask === undefined) return masked;
  if (!OXM[field].maskable) fail(token.at, `${what} cannot be masked in OpenFlow 1.3`);
  return normalizeMask(masked.value, masked.mask, oxmBits(field));
}
