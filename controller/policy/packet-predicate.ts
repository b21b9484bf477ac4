/**
 * What a policy asks of a packet of one pair of hosts in one direction, as a list of conjunctions that matches of rules can say.
 *
 * A predicate is *well formed*: what needs a type or a protocol has it beside it, as OpenFlow's prerequisites want it. A prefix of no bits is left out, since
 * it asks nothing. So of two predicates one contains the other exactly if each of its fields does, and their intersection is field by field.
 */
import { type AddressPrefix, containsPrefix, isInPrefix, prefixMask } from '../../protocol/wire/address-prefix.ts';
import type { Match } from '../../protocol/wire/openflow/match.ts';
import type { Oxm } from '../../protocol/wire/openflow/oxm.ts';
import { ETHER_TYPE } from '../../protocol/wire/packet/ethernet.ts';
import { IP_PROTOCOL } from '../../protocol/wire/packet/ipv4.ts';
import { assert } from '../../protocol/wire/wire-error.ts';
import type { PacketFacts } from './packet-facts.ts';
import type { Service } from './policy.ts';
import type { ResolvedPolicy } from './resolved-policies.ts';

export interface PacketPredicate {
  readonly ethType?: number;
  readonly ipProto?: number;
  readonly ipSrc?: AddressPrefix;
  readonly ipDst?: AddressPrefix;
  readonly srcPort?: number;
  readonly dstPort?: number;
}

type Version = AddressPrefix['version'];

const ETHER_TYPES: Readonly<Record<Version, number>> = { 4: ETHER_TYPE.ipv4, 6: ETHER_TYPE.ipv6 };

/** The names that the ports have in a match, by protocol. */
const PORT_FIELDS = new Map([
  [IP_PROTOCOL.tcp, ['tcpSrc', 'tcpDst']],
  [IP_PROTOCOL.udp, ['udpSrc', 'udpDst']],
  [IP_PROTOCOL.sctp, ['sctpSrc', 'sctpDst']],
] as const);

/**
 * A packet between a host of `from` and one of `to` fits the policy in that direction if any of these holds. In reverse, it is a packet from a host of
 * `to` to one of `from`. None, if no packet can fit.
 */
export function predicatesOf(
  { from, to, services }: Pick<ResolvedPolicy, 'from' | 'to' | 'services'>,
  direction: 'forward' | 'reverse',
): PacketPredicate[] {
  const [src, dst] = direction === 'forward' ? [from, to] : [to, from];
  const wanted = services.length === 0 ? [{}] : outermost(services).flatMap((service) => expand(service, direction));
  // Ranges that overlap ask for the same ports.
  const found = new Map<string, PacketPredicate>();
  for (const address of addressPredicates(src.address, dst.address)) {
    for (const service of wanted) {
      const both = intersect(address, service);
      if (both) found.set(`${both.ethType} ${both.ipProto} ${both.srcPort} ${both.dstPort}`, both);
    }
  }
  return [...found.values()];
}

/** Services that no other contains; of equals, the first. */
function outermost(services: readonly Service[]): Service[] {
  return services.filter(
    (inner, i) => !services.some((outer, j) => j !== i && includes(outer, inner) && (j < i || !includes(inner, outer))),
  );
}

function includes(outer: Service, inner: Service): boolean {
  if (outer.protocol === 'ip') return true;
  if (outer.protocol !== inner.protocol) return false;
  if (!outer.ports) return true;
  return inner.ports !== undefined && outer.ports.first <= inner.ports.first && inner.ports.last <= outer.ports.last;
}

/** A version that one end names is the other's, too. */
function addressPredicates(ipSrc: AddressPrefix | undefined, ipDst: AddressPrefix | undefined): PacketPredicate[] {
  const version = ipSrc?.version ?? ipDst?.version;
  if (version === undefined) return [{}];
  if (ipDst && ipDst.version !== version) return [];
  return [
    {
      ethType: ETHER_TYPES[version],
      ...(ipSrc && ipSrc.length > 0 && { ipSrc }),
      ...(ipDst && ipDst.length > 0 && { ipDst }),
    },
  ];
}

function expand({ protocol, ports }: Service, direction: 'forward' | 'reverse'): PacketPredicate[] {
  if (protocol === 'icmp') return [{ ethType: ETHER_TYPE.ipv4, ipProto: IP_PROTOCOL.icmp }];
  if (protocol === 'icmpv6') return [{ ethType: ETHER_TYPE.ipv6, ipProto: IP_PROTOCOL.icmpv6 }];
  const versions = Object.values(ETHER_TYPES).map((ethType) => ({ ethType }));
  if (protocol === 'ip') return versions;
  const protocols = versions.map((version) => ({ ...version, ipProto: IP_PROTOCOL[protocol] }));
  if (!ports) return protocols;
  const portField = direction === 'forward' ? 'dstPort' : 'srcPort';
  const numbers = Array.from({ length: ports.last - ports.first + 1 }, (_, i) => ports.first + i);
  return protocols.flatMap((base) => numbers.map((port) => ({ ...base, [portField]: port })));
}

export function holds(predicate: PacketPredicate, facts: PacketFacts): boolean {
  const { ethType, ipProto, ipSrc, ipDst, srcPort, dstPort } = predicate;
  return (
    (ethType === undefined || ethType === facts.ethType) &&
    (ipProto === undefined || ipProto === facts.ipProto) &&
    (!ipSrc || (facts.ipSrc !== undefined && isInPrefix(ipSrc, facts.ipSrc))) &&
    (!ipDst || (facts.ipDst !== undefined && isInPrefix(ipDst, facts.ipDst))) &&
    (srcPort === undefined || srcPort === facts.srcPort) &&
    (dstPort === undefined || dstPort === facts.dstPort)
  );
}

/** What both hold of; undefined if nothing can be so. */
export function intersect(a: PacketPredicate, b: PacketPredicate): PacketPredicate | undefined {
  if (isApart(a.ethType, b.ethType) || isApart(a.ipProto, b.ipProto)) return undefined;
  if (isApart(a.srcPort, b.srcPort) || isApart(a.dstPort, b.dstPort)) return undefined;
  if (arePrefixesApart(a.ipSrc, b.ipSrc) || arePrefixesApart(a.ipDst, b.ipDst)) return undefined;
  const ipSrc = narrower(a.ipSrc, b.ipSrc);
  const ipDst = narrower(a.ipDst, b.ipDst);
  return { ...a, ...b, ...(ipSrc && { ipSrc }), ...(ipDst && { ipDst }) };
}

function isApart(a: number | undefined, b: number | undefined): boolean {
  return a !== undefined && b !== undefined && a !== b;
}

function arePrefixesApart(a: AddressPrefix | undefined, b: AddressPrefix | undefined): boolean {
  return a !== undefined && b !== undefined && !containsPrefix(a, b) && !containsPrefix(b, a);
}

function narrower(a: AddressPrefix | undefined, b: AddressPrefix | undefined): AddressPrefix | undefined {
  if (!a || !b) return a ?? b;
  return a.length >= b.length ? a : b;
}

/** Whether `outer` holds of all that `inner` holds of. */
export function contains(outer: PacketPredicate, inner: PacketPredicate): boolean {
  return (
    (outer.ethType === undefined || outer.ethType === inner.ethType) &&
    (outer.ipProto === undefined || outer.ipProto === inner.ipProto) &&
    (outer.srcPort === undefined || outer.srcPort === inner.srcPort) &&
    (outer.dstPort === undefined || outer.dstPort === inner.dstPort) &&
    isPrefixWithin(outer.ipSrc, inner.ipSrc) &&
    isPrefixWithin(outer.ipDst, inner.ipDst)
  );
}

function isPrefixWithin(outer: AddressPrefix | undefined, inner: AddressPrefix | undefined): boolean {
  return outer === undefined || (inner !== undefined && containsPrefix(outer, inner));
}

/** Fields in the order of their prerequisites. */
export function toMatch({ ethType, ipProto, ipSrc, ipDst, srcPort, dstPort }: PacketPredicate): Match {
  const match: Oxm[] = [];
  if (ethType !== undefined) match.push({ type: 'ethType', value: ethType });
  if (ipProto !== undefined) match.push({ type: 'ipProto', value: ipProto });
  if (ipSrc) match.push(toAddressOxm(ipSrc, 'Src'));
  if (ipDst) match.push(toAddressOxm(ipDst, 'Dst'));
  if (srcPort === undefined && dstPort === undefined) return match;
  const fields = PORT_FIELDS.get(ipProto as 6);
  assert(fields !== undefined, 'who asks for a port asks for a protocol that has ports');
  if (srcPort !== undefined) match.push({ type: fields[0], value: srcPort });
  if (dstPort !== undefined) match.push({ type: fields[1], value: dstPort });
  return match;
}

function toAddressOxm(prefix: AddressPrefix, end: 'Src' | 'Dst'): Oxm {
  if (prefix.version === 4) {
    const { value, length } = prefix;
    return { type: `ipv4${end}`, value, ...(length < 32 && { mask: prefixMask(4, length) }) };
  }
  const { value, length } = prefix;
  return { type: `ipv6${end}`, value, ...(length < 128 && { mask: prefixMask(6, length) }) };
}

/** The same for predicates that say the same. */
export function toPredicateKey({ ethType, ipProto, ipSrc, ipDst, srcPort, dstPort }: PacketPredicate): string {
  const formatPrefix = (prefix: AddressPrefix | undefined) => prefix && `${prefix.value}/${prefix.length}`;
  return [ethType, ipProto, formatPrefix(ipSrc), formatPrefix(ipDst), srcPort, dstPort].join(' ');
}
