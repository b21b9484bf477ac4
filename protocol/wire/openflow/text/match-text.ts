/**
 * Matches as `ovs-ofctl add-flow` takes and prints them (ovs-fields(7)), to and from the OXM TLVs of OpenFlow 1.3.
 *
 * Text is a set of claims in any order; TLVs are a list in which what a field needs stands before it (OpenFlow 1.3.5, section
 * 7.2.3.8). So reading collects claims per field, resolves names that depend on the protocol once the protocol is known, and
 * writes the TLVs in one order, the one in which ovs-ofctl sends them. Two claims that no packet meets, as in `tcp,udp`, are a
 * mistake here, where ovs-ofctl lets the last one win; and nothing is dropped quietly: `nw_dst` without `ip` is sent back, where
 * ovs-ofctl would match every packet.
 */
import { oxmSnakeName } from '../json.ts';
import type { Match } from '../match.ts';
import type { AnyOxm, Oxm, OxmName, UnknownOxm } from '../oxm.ts';
import { explainExtensionField } from './extension.ts';
import {
  FIELD_NAMES,
  isFieldName,
  matchNameOf,
  type PacketContext,
  resolveMatchField,
  toPacketContext,
} from './field-name.ts';
import { FIELD_TEXT, formatWith, readMaskedField, toFieldValue } from './field-text.ts';
import { formatUnknownValue, isUnknownOxmName, readUnknownOxm, unknownOxmName } from './oxm-text.ts';
import { excerpt, fail, Scanner, type Token, toToken } from './scanner.ts';
import { suggest } from './suggestion.ts';
import { type Masked, readMasked } from './value-text.ts';
import { formatVlanMatch, joinVids, VLAN_READERS } from './vlan-text.ts';

interface Shorthand {
  readonly ethType: number;
  readonly ipProto?: number;
}

/** `tcp` for `dl_type=0x0800,nw_proto=6` and so on; of several for one packet the longest claim is printed. */
const SHORTHANDS: ReadonlyMap<string, Shorthand> = new Map(
  Object.entries<Shorthand>({
    ip: { ethType: 0x0800 },
    icmp: { ethType: 0x0800, ipProto: 1 },
    tcp: { ethType: 0x0800, ipProto: 6 },
    udp: { ethType: 0x0800, ipProto: 17 },
    sctp: { ethType: 0x0800, ipProto: 132 },
    ipv6: { ethType: 0x86dd },
    icmp6: { ethType: 0x86dd, ipProto: 58 },
    tcp6: { ethType: 0x86dd, ipProto: 6 },
    udp6: { ethType: 0x86dd, ipProto: 17 },
    sctp6: { ethType: 0x86dd, ipProto: 132 },
    arp: { ethType: 0x0806 },
    rarp: { ethType: 0x8035 },
    mpls: { ethType: 0x8847 },
    mplsm: { ethType: 0x8848 },
  }),
);

/** The order of the TLVs, every field after those that it needs. */
const WIRE_ORDER: readonly OxmName[] = [
  ...(['inPort', 'inPhyPort', 'ethSrc', 'ethDst', 'ethType', 'vlanVid', 'vlanPcp'] as const),
  ...(['mplsTc', 'mplsBos', 'mplsLabel', 'pbbIsid'] as const),
  ...(['ipv4Src', 'ipv4Dst', 'ipv6Src', 'ipv6Dst', 'ipDscp', 'ipEcn', 'ipv6Flabel', 'ipv6Exthdr', 'ipProto'] as const),
  ...(['tcpSrc', 'tcpDst', 'tcpFlags', 'udpSrc', 'udpDst', 'sctpSrc', 'sctpDst'] as const),
  ...(['icmpv4Type', 'icmpv4Code', 'icmpv6Type', 'icmpv6Code', 'ipv6NdTarget', 'ipv6NdSll', 'ipv6NdTll'] as const),
  ...(['arpOp', 'arpSpa', 'arpTpa', 'arpSha', 'arpTha', 'tunnelId', 'metadata'] as const),
];

/** The order of the text, after the shorthand. */
const TEXT_ORDER: readonly OxmName[] = [
  ...(['tunnelId', 'metadata', 'inPort', 'inPhyPort', 'vlanVid', 'vlanPcp', 'ethSrc', 'ethDst', 'ethType'] as const),
  ...(['ipv6Src', 'ipv6Dst', 'ipv6Flabel', 'arpSpa', 'arpTpa', 'ipv4Src', 'ipv4Dst', 'ipProto', 'arpOp'] as const),
  ...(['arpSha', 'arpTha', 'ipDscp', 'ipEcn', 'mplsLabel', 'mplsTc', 'mplsBos'] as const),
  ...(['icmpv4Type', 'icmpv4Code', 'icmpv6Type', 'icmpv6Code', 'ipv6NdTarget', 'ipv6NdSll', 'ipv6NdTll'] as const),
  ...(['tcpSrc', 'udpSrc', 'sctpSrc', 'tcpDst', 'udpDst', 'sctpDst', 'tcpFlags', 'ipv6Exthdr', 'pbbIsid'] as const),
];

const TOS = 'nw_tos';

/** Every name that may stand in a match. */
export const MATCH_NAMES: readonly string[] = [...SHORTHANDS.keys(), ...FIELD_NAMES, ...VLAN_READERS.keys(), TOS];

/** A name of a match and its value, as they stand in the text. */
export interface MatchItem {
  readonly name: Token;
  readonly value: Token | undefined;
}

export function isMatchName(name: string): boolean {
  return SHORTHANDS.has(name) || VLAN_READERS.has(name) || name === TOS || isFieldName(name) || isUnknownOxmName(name);
}

/** Why a name is none of a match; `more` are the names that could have been meant beside those of fields. */
export function explainUnknownName(name: string, more: readonly string[] = []): string {
  return explainExtensionField(name) ?? `${excerpt(name)} is not known here${suggest(name, [...MATCH_NAMES, ...more])}`;
}

/** A match alone, without the rest of a rule: `tcp,nw_dst=10.0.0.0/24`. */
export function parseMatch(text: string): Match {
  const scanner = new Scanner(toToken(text));
  const items: MatchItem[] = [];
  while (scanner.hasMore()) {
    const name = scanner.readName();
    if (!isMatchName(name.text)) fail(name.at, explainUnknownName(name.text));
    items.push({ name, value: scanner.readValue() });
  }
  return buildMatch(items);
}

interface Claim extends Masked {
  readonly name: Token;
}

class Claims {
  readonly #byField = new Map<OxmName, Claim>();

  add(field: OxmName, name: Token, masked: Masked | undefined): void {
    if (!masked) return;
    const before = this.#byField.get(field);
    if (before && (before.value !== masked.value || before.mask !== masked.mask)) {
      const joined = field === 'vlanVid' ? joinVids(before, masked) : undefined;
      if (!joined) fail(name.at, `${name.text} contradicts ${before.name.text} in column ${before.name.at}`);
      this.#byField.set(field, { ...joined, name });
    } else if (!before) this.#byField.set(field, { ...masked, name });
  }

  exact(field: OxmName): number | undefined {
    const claim = this.#byField.get(field);
    return claim && claim.mask === undefined ? Number(claim.value) : undefined;
  }

  toMatch(): Match {
    return WIRE_ORDER.flatMap((field) => {
      const claim = this.#byField.get(field);
      return claim ? [toOxm(field, claim)] : [];
    });
  }
}

function toOxm(field: OxmName, { value, mask }: Masked): Oxm {
  return {
    type: field,
    value: toFieldValue(field, value),
    mask: mask === undefined ? undefined : toFieldValue(field, mask),
  } as Oxm;
}

/** The names in this order, because the later depend on what the earlier say of the packet. */
const PASSES: readonly ((name: string) => boolean)[] = [
  (name) => SHORTHANDS.has(name) || name === 'dl_type' || name === 'eth_type',
  (name) => name === 'nw_proto' || name === 'ip_proto',
  () => true,
];

export function buildMatch(items: readonly MatchItem[]): Match {
  const claims = new Claims();
  const unknown: Oxm[] = [];
  let left = items;
  for (const isNow of PASSES) {
    for (const item of left) {
      if (!isNow(item.name.text)) continue;
      if (isUnknownOxmName(item.name.text)) unknown.push(readUnknownOxm(item.name, requireValue(item)));
      else claim(item, claims);
    }
    left = left.filter(({ name }) => !isNow(name.text));
  }
  return [...claims.toMatch(), ...unknown];
}

function claim(item: MatchItem, claims: Claims): void {
  const { name } = item;
  const shorthand = SHORTHANDS.get(name.text);
  if (shorthand) {
    if (item.value) fail(item.value.at, `${name.text} stands alone, without a value`);
    claims.add('ethType', name, { value: BigInt(shorthand.ethType) });
    if (shorthand.ipProto !== undefined) claims.add('ipProto', name, { value: BigInt(shorthand.ipProto) });
    return;
  }
  const value = requireValue(item);
  const readVlan = VLAN_READERS.get(name.text);
  if (readVlan) {
    const { vid, pcp } = readVlan(value, name.text);
    claims.add('vlanVid', name, vid);
    if (pcp !== undefined) claims.add('vlanPcp', name, { value: BigInt(pcp) });
    return;
  }
  if (name.text === TOS) {
    claims.add('ipDscp', name, { value: readDscp(value, name.text) });
    return;
  }
  const context = { ethType: claims.exact('ethType'), ipProto: claims.exact('ipProto') };
  const field = resolveMatchField(name, context);
  claims.add(field, name, readMaskedField(field, value, name.text));
}

/** The DSCP that a type of service means; its two low bits are ECN's, which has a name of its own. */
export function readDscp(value: Token, what: string): bigint {
  const { value: tos, mask } = readMasked(FIELD_TEXT.ipDscp.as, 8, value, what);
  if (mask !== undefined || (tos & 3n) !== 0n) {
    fail(value.at, `${what} is a multiple of 4 up to 252, without a mask: its two low bits are nw_ecn`);
  }
  return tos >> 2n;
}

function requireValue({ name, value }: MatchItem): Token {
  return value ?? fail(name.at + name.text.length, `${name.text} needs a value, ${name.text}=…`);
}

/** As ovs-ofctl prints it: the shorthand of the protocol, then the fields, then what has no name. */
export function formatMatch(match: Match): string {
  const context = toPacketContext(match);
  const [shorthand, covers] = findShorthand(context);
  const parts = shorthand === undefined ? [] : [shorthand];
  const vlan = formatVlan(match);
  for (const field of TEXT_ORDER) {
    if (covers.has(field)) continue;
    if (vlan !== undefined && (field === 'vlanVid' || field === 'vlanPcp')) {
      if (field === 'vlanVid') parts.push(vlan);
      continue;
    }
    for (const oxm of match) if (oxm.type === field) parts.push(formatField(oxm as AnyOxm, context));
  }
  for (const oxm of match) if (oxm.type === 'unknown') parts.push(formatUnknown(oxm));
  return parts.join(',');
}

/** As the specification names the fields, in the order of the TLVs: what is on the wire and nothing else. */
export function formatOxmMatch(match: Match): string {
  return match
    .map((oxm) =>
      oxm.type === 'unknown'
        ? formatUnknown(oxm)
        : `${oxmSnakeName(oxm.type)}=${formatWith(FIELD_TEXT[oxm.type].as, oxm)}`,
    )
    .join(',');
}

function findShorthand({ ethType, ipProto }: PacketContext): readonly [string | undefined, ReadonlySet<OxmName>] {
  const find = (proto: number | undefined) =>
    [...SHORTHANDS].find(([, row]) => row.ethType === ethType && row.ipProto === proto)?.[0];
  const full = ipProto === undefined ? undefined : find(ipProto);
  if (full !== undefined) return [full, new Set<OxmName>(['ethType', 'ipProto'])];
  const short = find(undefined);
  return short === undefined ? [undefined, new Set()] : [short, new Set<OxmName>(['ethType'])];
}

/** Undefined when the match has no tag, or more of it than a tag can be. */
function formatVlan(match: Match): string | undefined {
  const vids = match.filter(({ type }) => type === 'vlanVid') as AnyOxm[];
  const pcps = match.filter(({ type }) => type === 'vlanPcp') as AnyOxm[];
  if (vids.length + pcps.length === 0 || vids.length > 1 || pcps.length > 1) return undefined;
  return formatVlanMatch(vids[0], pcps[0]);
}

function formatField(oxm: AnyOxm, context: PacketContext): string {
  if (oxm.type === 'ipDscp' && oxm.mask === undefined) return `${TOS}=${Number(oxm.value) << 2}`;
  const { as, matchAs = as } = FIELD_TEXT[oxm.type];
  return `${matchNameOf(oxm.type, context)}=${formatWith(matchAs, oxm)}`;
}

function formatUnknown(oxm: UnknownOxm): string {
  return `${unknownOxmName(oxm)}=${formatUnknownValue(oxm)}`;
}
