/**
 * What policies mean for a packet, read from the words of `controller/policy/policy.ts` a second time and as plainly as can be.
 *
 * It shares no line with the controller's own meaning, resolver or compiler, so what they have in common by mistake shows here.
 */
import type { Directory } from '../../controller/policy/directory.ts';
import type { AllowPolicy, Policy, PolicySet, Selector, Service } from '../../controller/policy/policy.ts';
import { parseIpv4, parseIpv6 } from '../../protocol/wire/address.ts';
import { ETHER_TYPE } from '../../protocol/wire/packet/ethernet.ts';

/** Of a packet, as far as policies look at it. Of one to a group: with the address of the receiver in question. */
export interface Facts {
  readonly srcMac: number;
  readonly dstMac: number;
  readonly ethType: number;
  readonly ipProto?: number;
  readonly ipSrc?: number | bigint;
  readonly ipDst?: number | bigint;
  readonly srcPort?: number;
  readonly dstPort?: number;
}

/** How an allowed packet is to travel; switches by dpid, links by name. */
export interface Route {
  /** The policies that allow it; none where only the default does. */
  readonly by: readonly string[];
  readonly via: readonly ReadonlySet<string>[];
  readonly avoidSwitches: ReadonlySet<string>;
  readonly avoidLinks: ReadonlySet<string>;
  readonly latencyNsMax: number;
  readonly hasBandwidth: boolean;
  readonly mirrors: ReadonlySet<number>;
}

/** Undefined: denied. */
export type Meaning = (facts: Facts) => Route | undefined;

export function plainMeaning(set: PolicySet, directory: Directory): Meaning {
  return (facts) => {
    const isDenied = set.policies.some((policy) => policy.type === 'deny' && speaksOf(policy, facts, directory));
    if (isDenied) return undefined;
    const reply = reversed(facts);
    const allowing = set.policies.flatMap((policy) => {
      if (policy.type === 'deny') return [];
      if (speaksOf(policy, facts, directory)) return [{ policy, isReply: false }];
      return speaksOf(policy, reply, directory) ? [{ policy, isReply: true }] : [];
    });
    if (allowing.length === 0 && set.default === 'deny') return undefined;
    return combine(allowing, directory);
  };
}

function combine(
  allowing: readonly { readonly policy: AllowPolicy; readonly isReply: boolean }[],
  directory: Directory,
): Route {
  const policies = allowing.map(({ policy }) => policy);
  // What is passed on the way back is what was passed on the way out, the other way round.
  const viaOf = (asReply: boolean) =>
    allowing.filter(({ isReply }) => isReply === asReply).flatMap(({ policy }) => policy.via);
  const via = [...viaOf(false), ...viaOf(true).reverse()];
  const mirrors = policies.flatMap(({ mirror }) => (mirror === undefined ? [] : [mirror]));
  return {
    by: policies.map(({ id }) => id),
    via: via.map((selector) => switchesOf(selector, directory)),
    avoidSwitches: new Set(
      policies.flatMap(({ avoid }) => avoid.switches.flatMap((selector) => [...switchesOf(selector, directory)])),
    ),
    avoidLinks: new Set(policies.flatMap(({ avoid }) => avoid.links)),
    latencyNsMax: Math.min(...policies.map(({ latencyNsMax }) => latencyNsMax ?? Number.POSITIVE_INFINITY)),
    hasBandwidth: policies.some(({ bandwidthBps }) => bandwidthBps !== undefined),
    mirrors: new Set(directory.hosts.filter(({ name }) => mirrors.includes(name)).map(({ mac }) => mac)),
  };
}

function reversed({ srcMac, dstMac, ipSrc, ipDst, srcPort, dstPort, ...rest }: Facts): Facts {
  return {
    ...rest,
    srcMac: dstMac,
    dstMac: srcMac,
    ...(ipDst !== undefined && { ipSrc: ipDst }),
    ...(ipSrc !== undefined && { ipDst: ipSrc }),
    ...(dstPort !== undefined && { srcPort: dstPort }),
    ...(srcPort !== undefined && { dstPort: srcPort }),
  };
}

function speaksOf({ from, to, services }: Policy, facts: Facts, { hosts }: Directory): boolean {
  const isMeant = (selector: Selector, mac: number, ip: number | bigint | undefined) =>
    hosts.some((host) => host.mac === mac && isSelected(selector, host)) &&
    (selector.address === undefined || isWithin(selector.address, ip));
  return (
    isMeant(from, facts.srcMac, facts.ipSrc) &&
    isMeant(to, facts.dstMac, facts.ipDst) &&
    (services.length === 0 || services.some((service) => isOf(service, facts)))
  );
}

interface Entry {
  readonly name: string;
  readonly tier?: string;
  readonly site?: string;
  readonly app?: string;
  readonly kind?: string;
  readonly labels?: Readonly<Record<string, string>>;
}

function isSelected({ names, tier, site, app, kind, labels, all, address }: Selector, entry: Entry): boolean {
  const said = [
    ...(names ? [names.includes(entry.name)] : []),
    ...(tier === undefined ? [] : [tier === entry.tier]),
    ...(site === undefined ? [] : [site === entry.site]),
    ...(app === undefined ? [] : [app === entry.app]),
    ...(kind === undefined ? [] : [kind === entry.kind]),
    ...(labels ? Object.entries(labels).map(([key, value]) => entry.labels?.[key] === value) : []),
    ...(all ? [true] : []),
    ...(address === undefined ? [] : [true]),
  ];
  return said.length > 0 && said.every(Boolean);
}

function switchesOf(selector: Selector, { switches }: Directory): ReadonlySet<string> {
  return new Set(switches.filter((entry) => isSelected(selector, entry)).map(({ dpid }) => dpid));
}

const PROTOCOLS: Readonly<
  Record<Service['protocol'], { readonly ipProto?: number; readonly ethTypes: readonly number[] }>
> = {
  ip: { ethTypes: [ETHER_TYPE.ipv4, ETHER_TYPE.ipv6] },
  tcp: { ipProto: 6, ethTypes: [ETHER_TYPE.ipv4, ETHER_TYPE.ipv6] },
  udp: { ipProto: 17, ethTypes: [ETHER_TYPE.ipv4, ETHER_TYPE.ipv6] },
  sctp: { ipProto: 132, ethTypes: [ETHER_TYPE.ipv4, ETHER_TYPE.ipv6] },
  icmp: { ipProto: 1, ethTypes: [ETHER_TYPE.ipv4] },
  icmpv6: { ipProto: 58, ethTypes: [ETHER_TYPE.ipv6] },
};

function isOf({ protocol, ports }: Service, { ethType, ipProto, dstPort }: Facts): boolean {
  const asked = PROTOCOLS[protocol];
  if (!asked.ethTypes.includes(ethType)) return false;
  if (asked.ipProto !== undefined && asked.ipProto !== ipProto) return false;
  return ports === undefined || (dstPort !== undefined && dstPort >= ports.first && dstPort <= ports.last);
}

/** IPv4 addresses are numbers, IPv6 ones bigint. */
function isWithin(prefix: string, ip: number | bigint | undefined): boolean {
  const [address = '', length] = prefix.split('/');
  const ipv4 = parseIpv4(address);
  const wanted = ipv4 ?? parseIpv6(address);
  if (wanted === undefined || typeof wanted !== typeof ip) return false;
  const bits = ipv4 === undefined ? 128 : 32;
  const hostBits = BigInt(bits - Number(length ?? bits));
  return BigInt(wanted) >> hostBits === BigInt(ip!) >> hostBits;
}
