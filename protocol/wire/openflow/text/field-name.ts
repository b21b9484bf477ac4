/**
 * Which field a name means: the same for matches, for set_field, and for showing a field so that it is read back.
 *
 * Most names mean one field. Those from before OXM say only which place in the packet is meant, and the field depends on the
 * protocol: `tp_dst` is tcp_dst, udp_dst, sctp_dst or ICMP's code. Where the rule does not say the protocol, there is no field,
 * and `ovs-ofctl` would leave the match out.
 */
import { oxmSnakeName } from '../json.ts';
import type { Match } from '../match.ts';
import type { AnyOxm, OxmName } from '../oxm.ts';
import { explainExtensionField } from './extension.ts';
import { FIELD_TEXT } from './field-text.ts';
import { excerpt, fail, type Token } from './scanner.ts';
import { suggest } from './suggestion.ts';

/** What a rule's match or the actions so far say of the packet; undefined is "anything". */
export interface PacketContext {
  readonly ethType: number | undefined;
  readonly ipProto: number | undefined;
}

interface ContextRule extends Partial<PacketContext> {
  readonly field: OxmName;
}

interface Place {
  /** What the rule has to say, in words. */
  readonly needs: string;
  readonly rules: readonly ContextRule[];
}

const IPV4 = 0x0800;
const IPV6 = 0x86dd;
const ARP = 0x0806;
const RARP = 0x8035;

const ICMP_TYPE = [
  { ethType: IPV4, ipProto: 1, field: 'icmpv4Type' },
  { ethType: IPV6, ipProto: 58, field: 'icmpv6Type' },
] as const;
const ICMP_CODE = [
  { ethType: IPV4, ipProto: 1, field: 'icmpv4Code' },
  { ethType: IPV6, ipProto: 58, field: 'icmpv6Code' },
] as const;

function ofProtocol(ipProto: number, field: OxmName): readonly ContextRule[] {
  return [
    { ethType: IPV4, ipProto, field },
    { ethType: IPV6, ipProto, field },
  ];
}

/** The fields that a name of a place can mean, and in which packets. */
const CONTEXTUAL: ReadonlyMap<string, Place> = new Map(
  Object.entries<Place>({
    nw_src: {
      needs: 'ip or arp (an IPv6 address is ipv6_src)',
      rules: [
        { ethType: IPV4, field: 'ipv4Src' },
        { ethType: ARP, field: 'arpSpa' },
        { ethType: RARP, field: 'arpSpa' },
      ],
    },
    nw_dst: {
      needs: 'ip or arp (an IPv6 address is ipv6_dst)',
      rules: [
        { ethType: IPV4, field: 'ipv4Dst' },
        { ethType: ARP, field: 'arpTpa' },
        { ethType: RARP, field: 'arpTpa' },
      ],
    },
    nw_proto: {
      needs: 'ip, ipv6 or arp',
      rules: [
        { ethType: IPV4, field: 'ipProto' },
        { ethType: IPV6, field: 'ipProto' },
        { ethType: ARP, field: 'arpOp' },
        { ethType: RARP, field: 'arpOp' },
      ],
    },
    tp_src: {
      needs: 'tcp, udp, sctp, icmp or icmp6 (or say tcp_src, udp_src or sctp_src)',
      rules: [...ofProtocol(6, 'tcpSrc'), ...ofProtocol(17, 'udpSrc'), ...ofProtocol(132, 'sctpSrc'), ...ICMP_TYPE],
    },
    tp_dst: {
      needs: 'tcp, udp, sctp, icmp or icmp6 (or say tcp_dst, udp_dst or sctp_dst)',
      rules: [...ofProtocol(6, 'tcpDst'), ...ofProtocol(17, 'udpDst'), ...ofProtocol(132, 'sctpDst'), ...ICMP_CODE],
    },
    icmp_type: { needs: 'icmp or icmp6', rules: ICMP_TYPE },
    icmp_code: { needs: 'icmp or icmp6', rules: ICMP_CODE },
  }),
);

function findContextual(name: string, context: PacketContext): OxmName | undefined {
  return CONTEXTUAL.get(name)?.rules.find(
    (rule) => rule.ethType === context.ethType && (rule.ipProto === undefined || rule.ipProto === context.ipProto),
  )?.field;
}

/** Every name that means one field whatever the packet. */
const BY_NAME = new Map<string, OxmName>();
for (const field of Object.keys(FIELD_TEXT) as OxmName[]) {
  const { name, matchName = name, aliases = [] } = FIELD_TEXT[field];
  for (const known of [oxmSnakeName(field), name, ...aliases]) BY_NAME.set(known, field);
  if (!CONTEXTUAL.has(matchName)) BY_NAME.set(matchName, field);
}

/** The long names, `OXM_OF_IPV4_DST` or `OXM_OF_IPV4_DST[]`. */
function shorten(name: string): string {
  return /^OXM_OF_([A-Z0-9_]+)(\[\])?$/.exec(name)?.[1]?.toLowerCase() ?? name;
}

export const FIELD_NAMES: readonly string[] = [...BY_NAME.keys(), ...CONTEXTUAL.keys()];

export function isFieldName(name: string): boolean {
  return BY_NAME.has(shorten(name)) || CONTEXTUAL.has(name);
}

/** The field that a name means in a match of packets of this kind. */
export function resolveMatchField(name: Token, context: PacketContext): OxmName {
  const place = CONTEXTUAL.get(name.text);
  if (place)
    return findContextual(name.text, context) ?? fail(name.at, `${name.text} needs ${place.needs} in the rule`);
  return BY_NAME.get(shorten(name.text)) ?? fail(name.at, explainUnknownField(name.text));
}

/**
 * The field that a name means as the target of an action on packets of this kind. Here `nw_src` can only be IPv4's, and ports
 * are only ports: the type and code of ICMP, which `tp_src` and `tp_dst` also match, are not.
 */
export function resolveSetField(name: Token, context: PacketContext): OxmName {
  const field = BY_NAME.get(shorten(name.text));
  if (field !== undefined) return field;
  const placed = findContextual(name.text, context);
  return placed === undefined || placed.startsWith('icmp') ? fail(name.at, explainUnknownTarget(name.text)) : placed;
}

function explainUnknownTarget(name: string): string {
  const end = /^tp_(src|dst)$/.exec(name)?.[1];
  if (end === undefined) return explainUnknownField(name);
  return `${name} needs tcp, udp or sctp in the rule; or set tcp_${end}, udp_${end} or sctp_${end}`;
}

function explainUnknownField(name: string): string {
  return explainExtensionField(name) ?? `there is no field ${excerpt(name)}${suggest(name, FIELD_NAMES)}`;
}

/** What ovs-ofctl calls the field in a match of packets of this kind; its own name where that would not lead back to it. */
export function matchNameOf(field: OxmName, context: PacketContext): string {
  const { name, matchName = name } = FIELD_TEXT[field];
  if (!CONTEXTUAL.has(matchName) || findContextual(matchName, context) === field) return matchName;
  return oxmSnakeName(field);
}

/** What a match says of every packet that it matches. */
export function toPacketContext(match: Match): PacketContext {
  const exact = (field: OxmName) => {
    const oxms = match.filter(({ type }) => type === field) as AnyOxm[];
    return oxms.length === 1 && oxms[0]!.mask === undefined ? Number(oxms[0]!.value) : undefined;
  };
  return { ethType: exact('ethType'), ipProto: exact('ipProto') };
}
