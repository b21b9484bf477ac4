/**
 * Random policies for a directory: each names only what is there, so that none of them fails for its words.
 *
 * What is drawn is meant to meet: a few services, on the ports that probes use, from and to sets that overlap.
 */
import type { Directory, HostEntry, SwitchEntry } from '../../controller/policy/directory.ts';
import type { AllowPolicy, Policy, PolicySet, Selector, Service } from '../../controller/policy/policy.ts';
import type { Random } from '../../sim/random.ts';

/** The ports that policies speak of. */
export const POLICY_PORTS = [80, 443, 5000] as const;

const PORTS: readonly NonNullable<Service['ports']>[] = [
  { first: 80, last: 80 },
  { first: 443, last: 443 },
  { first: 5000, last: 5003 },
];

/** Of one version each: no packet has both. */
const PREFIXES = [
  ['10.0.0.0/30', '10.0.0.4/30'],
  ['fd00::/124', 'fd00::8/125'],
] as const;

function pick<T>(random: Random, items: readonly T[]): T {
  return items[random.nextBelow(items.length)]!;
}

/** True once in so many times. */
function oneIn(random: Random, times: number): boolean {
  return random.nextBelow(times) === 0;
}

export function drawPolicies(directory: Directory, random: Random): PolicySet {
  const count = random.nextBelow(7);
  const policies = Array.from({ length: count }, (_, i) => drawPolicy(`p${i + 1}`, directory, random));
  if (!oneIn(random, 3)) return { default: 'allow', policies };
  return { default: 'deny', policies: [drawBroadAllow(directory, random), ...policies] };
}

/** Without it little would arrive where the default is to deny. */
function drawBroadAllow(directory: Directory, random: Random): AllowPolicy {
  const everybody: Selector = { all: true };
  const services = drawServices(random);
  return { type: 'allow', id: 'p0', from: everybody, to: everybody, services, ...drawTreatment(directory, random) };
}

export function drawPolicy(id: string, directory: Directory, random: Random): Policy {
  const prefixes = pick(random, PREFIXES);
  const head = {
    id,
    from: drawHosts(directory.hosts, prefixes, random),
    to: drawHosts(directory.hosts, prefixes, random),
    services: drawServices(random),
  };
  if (oneIn(random, 3)) return { type: 'deny', ...head };
  return { type: 'allow', ...head, ...drawTreatment(directory, random) };
}

function drawTreatment(
  directory: Directory,
  random: Random,
): Omit<AllowPolicy, 'type' | 'id' | 'from' | 'to' | 'services'> {
  const { switches, hosts, links } = directory;
  const via = oneIn(random, 3)
    ? Array.from({ length: 1 + random.nextBelow(2) }, () => drawSwitches(switches, random))
    : [];
  return {
    via,
    avoid: {
      switches: oneIn(random, 5) ? [{ names: [pick(random, switches).name] }] : [],
      links: oneIn(random, 5) && links.length > 0 ? [pick(random, links).name] : [],
    },
    latencyNsMax: oneIn(random, 6) ? 500_000 * (1 + random.nextBelow(10)) : undefined,
    bandwidthBps: oneIn(random, 10) ? 1_000_000 : undefined,
    protect: pick(random, ['none', 'none', 'failover', 'disjoint']),
    limitBps: oneIn(random, 8) ? LIMIT_BPS : undefined,
    mirror: oneIn(random, 8) ? pick(random, hosts).name : undefined,
  };
}

/** More than all probes together are sent at: what is above a limit is for other tests. */
const LIMIT_BPS = 100_000_000;

function drawServices(random: Random): Service[] {
  if (oneIn(random, 3)) return [];
  return Array.from({ length: 1 + random.nextBelow(2) }, () => drawService(random));
}

function drawService(random: Random): Service {
  const protocol = pick(random, ['tcp', 'tcp', 'udp', 'udp', 'icmp', 'icmpv6', 'ip'] as const);
  const hasPorts = (protocol === 'tcp' || protocol === 'udp') && !oneIn(random, 4);
  return { protocol, ...(hasPorts && { ports: pick(random, PORTS) }) };
}

/** Of those who are there, by one or two properties that one of them has. */
function drawHosts(hosts: readonly HostEntry[], prefixes: readonly string[], random: Random): Selector {
  const host = pick(random, hosts);
  switch (random.nextBelow(8)) {
    case 0:
    case 1:
      return { names: [host.name] };
    case 2:
      return { names: [...new Set([host.name, pick(random, hosts).name])].sort() };
    case 3:
      return { site: host.site!, tier: host.tier! };
    case 4:
      return { app: host.app! };
    case 5:
      return { labels: host.labels! };
    case 6:
      return { all: true, address: pick(random, prefixes) };
    default:
      return { all: true };
  }
}

function drawSwitches(switches: readonly SwitchEntry[], random: Random): Selector {
  const one = pick(random, switches);
  switch (random.nextBelow(4)) {
    case 0:
      return { tier: one.tier! };
    case 1:
      return { site: one.site!, labels: one.labels! };
    default:
      return { names: [one.name] };
  }
}
