/**
 * What policies mean: a packet in, a verdict out. Readable, pure, slow: whatever compiles policies is held to this.
 *
 * Policies are stateless. An allow admits what goes from `from` to `to` and fits one of its services, and the *reverse* of all that: packets whose ends, put in
 * each other's place, fit. That is what replies look like, and more than replies:
 *   - of `tcp/1883`, whatever a host of `to` sends from port 1883, to any port of a host of `from`, whether it was asked or not;
 *   - of a service without ports, all packets of that protocol, both ways: who is allowed to ping is allowed to be pinged;
 *   - without services, everything, both ways. Only a deny makes a difference between asking and being asked.
 * A deny counts in the direction it is written, and beats every allow, for replies too: a deny from B to A leaves an allow from A to B without answers.
 *
 * All allows that fit a packet treat it, in the order of their ids: what they say adds up, and where it cannot, the stricter holds. One that
 * fits in both directions is taken in the direction it is written.
 *
 * A packet whose ports cannot be read (a later fragment) fits services without ports only: `tcp`, not `tcp/1883`, in denies as well. A packet that has no
 * address does not fit an end that is narrowed to addresses; ARP has none. All addresses of a version (0.0.0.0/0) are all packets of its type. A frame to a group has no one destination: ask once for each possible receiver,
 * with its MAC as `dstMac`.
 */
import { match } from 'ts-pattern';
import { isInPrefix } from '../../protocol/wire/address-prefix.ts';
import { ETHER_TYPE } from '../../protocol/wire/packet/ethernet.ts';
import { IP_PROTOCOL } from '../../protocol/wire/packet/ipv4.ts';
import { DEFAULT_ID } from '../../topologies/policy-checks.ts';
import { type PacketFacts, reverseFacts } from './packet-facts.ts';
import type { Protection, Service } from './policy.ts';
import type { Avoidance, ResolvedAllow, ResolvedEnd, ResolvedPolicies, ResolvedPolicy } from './resolved-policies.ts';

export type PacketVerdict =
  /** By the first policy that denies or bars it, or by default. */
  | { readonly type: 'denied'; readonly by: string }
  /** By these policies; by none of them where nothing but the default allows it. */
  | { readonly type: 'allowed'; readonly by: readonly string[]; readonly treatment: Treatment };

/** How a packet is to be treated on its way, by all policies that allow it together. */
export interface Treatment {
  /** Of each set of dpids, one is to be passed, in the order in which this packet passes them. */
  readonly via: readonly ReadonlySet<string>[];
  readonly avoid: Avoidance;
  readonly latencyNsMax: number | undefined;
  /** The policies that keep bandwidth free for it. */
  readonly reservedBy: readonly string[];
  readonly protect: Protection;
  /** The policies whose limit it counts for. */
  readonly limitedBy: readonly string[];
  /** MACs of the hosts that get a copy. */
  readonly mirrors: readonly number[];
}

export const UNTREATED: Treatment = {
  via: [],
  avoid: { switches: new Set(), links: new Set() },
  latencyNsMax: undefined,
  reservedBy: [],
  protect: 'none',
  limitedBy: [],
  mirrors: [],
};

const PROTECTIONS: readonly Protection[] = ['none', 'failover', 'disjoint'];

export function judgePacket(resolved: ResolvedPolicies, packet: PacketFacts): PacketVerdict {
  return judge(resolved, (policy) => directionOf(policy, packet));
}

export type Direction = 'forward' | 'reverse';

/** The same of any packet of which it is known which policies it fits, and in which direction. */
export function judge(
  { default: otherwise, policies }: ResolvedPolicies,
  directionOf: (policy: ResolvedPolicy) => Direction | undefined,
): PacketVerdict {
  const fitting = policies.flatMap((policy) => {
    const direction = directionOf(policy);
    return direction === undefined ? [] : [{ policy, direction }];
  });
  const denying = fitting.find(
    ({ policy, direction }) =>
      (policy.type === 'deny' && direction === 'forward') || (policy.type === 'allow' && policy.effect === 'bar'),
  );
  if (denying) return { type: 'denied', by: denying.policy.id };

  const permitting = fitting.flatMap(({ policy, direction }) =>
    policy.type === 'allow' && policy.effect === 'permit' ? [{ policy, isWritten: direction === 'forward' }] : [],
  );
  if (permitting.length === 0 && otherwise === 'deny') return { type: 'denied', by: DEFAULT_ID };
  const treatment = permitting.reduce((sum, { policy, isWritten }) => addTreatment(sum, policy, isWritten), UNTREATED);
  const [written, answering] = [true, false].map((isWritten) =>
    permitting.flatMap((each) => (each.isWritten === isWritten ? [each.policy] : [])),
  );
  return {
    type: 'allowed',
    by: permitting.map(({ policy }) => policy.id),
    treatment: { ...treatment, via: joinVia(written!, answering!) },
  };
}

/** In which direction a packet fits a policy, if it does. */
function directionOf(policy: ResolvedPolicy, packet: PacketFacts): Direction | undefined {
  if (isForward(policy, packet)) return 'forward';
  return isForward(policy, reverseFacts(packet)) ? 'reverse' : undefined;
}

function isForward({ from, to, services }: ResolvedPolicy, packet: PacketFacts): boolean {
  return (
    isAtEnd(from, packet.srcMac, packet.ipSrc, packet.ethType) &&
    isAtEnd(to, packet.dstMac, packet.ipDst, packet.ethType) &&
    (services.length === 0 || services.some((service) => isOfService(service, packet)))
  );
}

function isAtEnd(
  { hosts, address }: ResolvedEnd,
  mac: number,
  ip: number | bigint | undefined,
  ethType: number,
): boolean {
  if (!hosts.has(mac)) return false;
  if (address?.length === 0) return ethType === (address.version === 4 ? ETHER_TYPE.ipv4 : ETHER_TYPE.ipv6);
  return !address || (ip !== undefined && isInPrefix(address, ip));
}

function isOfService({ protocol, ports }: Service, { ethType, ipProto, dstPort }: PacketFacts): boolean {
  const isIpv4 = ethType === ETHER_TYPE.ipv4;
  const isIpv6 = ethType === ETHER_TYPE.ipv6;
  const hasPort = !ports || (dstPort !== undefined && dstPort >= ports.first && dstPort <= ports.last);
  return match(protocol)
    .with('ip', () => isIpv4 || isIpv6)
    .with('icmp', () => isIpv4 && ipProto === IP_PROTOCOL.icmp)
    .with('icmpv6', () => isIpv6 && ipProto === IP_PROTOCOL.icmpv6)
    .with('tcp', 'udp', 'sctp', (name) => (isIpv4 || isIpv6) && ipProto === IP_PROTOCOL[name] && hasPort)
    .exhaustive();
}

/** Such that what is passed on the way back is what is passed on the way out, the other way round. */
function joinVia(forward: readonly ResolvedAllow[], reverse: readonly ResolvedAllow[]): Treatment['via'] {
  return [...forward.flatMap(({ via }) => via), ...reverse.flatMap(({ via }) => via).reverse()];
}

/** All but the waypoints, whose order is not that of the policies alone. */
function addTreatment(sum: Treatment, policy: ResolvedAllow, isWritten: boolean): Treatment {
  const { id, avoid, latencyNsMax = Number.POSITIVE_INFINITY, bandwidthBps, protect, limitBps, mirror } = policy;
  const latency = Math.min(sum.latencyNsMax ?? Number.POSITIVE_INFINITY, latencyNsMax);
  return {
    ...sum,
    avoid: {
      switches: new Set([...sum.avoid.switches, ...avoid.switches]),
      links: new Set([...sum.avoid.links, ...avoid.links]),
    },
    latencyNsMax: Number.isFinite(latency) ? latency : undefined,
    reservedBy: bandwidthBps === undefined ? sum.reservedBy : [...sum.reservedBy, id],
    protect: PROTECTIONS.indexOf(protect) > PROTECTIONS.indexOf(sum.protect) ? protect : sum.protect,
    limitedBy: limitBps === undefined || !isWritten ? sum.limitedBy : [...sum.limitedBy, id],
    mirrors: mirror === undefined ? sum.mirrors : [...new Set([...sum.mirrors, mirror])],
  };
}
