/** Services that cannot work: servers without an address of their own, pools of addresses that are elsewhere or taken, names that mean nobody. */
import { formatIpv4, formatMac, parseMac } from '../protocol/wire/address.ts';
import { parseIp } from '../protocol/wire/ip-address.ts';
import { suggest } from '../protocol/wire/openflow/text/suggestion.ts';
import type { DhcpEntry, DnsEntry, HostAddress, TopologyDocument } from './document.ts';
import type { Finding } from './finding.ts';
import { fitsDns } from './network-service-form.ts';
import { assignIps } from './numbering.ts';

/** What a server of ours keeps a record for each of. */
const POOL_MAX = 65_536;
/** RFC 9112 has 80; what a DNS server has, nobody else can have. */
const DNS_PORT = 53;
export const ZONE_DEFAULT = 'internal';

type Path = Finding['path'];

export function* checkServices(document: TopologyDocument): Generator<Finding> {
  const addresses = assignIps(document.hosts);
  const networks: { readonly name: string; readonly address: HostAddress }[] = [];
  for (const [name, { kind, services }] of document.hosts) {
    if (!services || kind === 'port') continue;
    const path = ['hosts', name, 'services'];
    const address = addresses.get(name);
    for (const service of ['dhcp', 'dns'] as const) {
      if (!services[service] || typeof address === 'object') continue;
      const reason = `who serves ${service.toUpperCase()} needs an address that others can know; give ${name} one, such as 10.1.1.1/24`;
      yield { path: [...path, service], isKey: true, reason };
    }
    if (services.dhcp && typeof address === 'object') {
      const other = networks.find((one) => areOneNetwork(one.address, address));
      if (other) {
        const reason = `${other.name} serves DHCP in the same network already, and neither would know what the other gave away; remove one`;
        yield { path: [...path, 'dhcp'], isKey: true, reason };
      }
      networks.push({ name, address });
      yield* checkDhcp([...path, 'dhcp'], name, address, services.dhcp, document, addresses);
    }
    if (services.dns) yield* checkDns([...path, 'dns'], services.dns, document);
    if (services.dns && services.http?.port === DNS_PORT) {
      yield { path: [...path, 'http', 'port'], reason: `port ${DNS_PORT} is that of its DNS server; take another` };
    }
  }
}

function* checkDhcp(
  path: Path,
  server: string,
  own: HostAddress,
  { pool, leaseNs, router, reservations = new Map(), nameServers = [] }: DhcpEntry,
  document: TopologyDocument,
  addresses: ReadonlyMap<string, HostAddress | 'dhcp'>,
): Generator<Finding> {
  const network = `${formatIpv4(own.address)}/${own.prefixLength}`;
  for (const end of [pool.first, pool.last]) {
    if (isHostOf(own, end)) continue;
    const reason = `${formatIpv4(end)} is no address for a host in ${network}, where ${server} is; write a pool of that network`;
    yield { path: [...path, 'pool'], reason };
    return;
  }
  if (pool.last - pool.first >= POOL_MAX) {
    yield { path: [...path, 'pool'], reason: `this pool has more than ${POOL_MAX} addresses; write a smaller one` };
  }
  for (const [name, address] of addresses) {
    if (name === server || address === 'dhcp' || address.address === router) continue;
    if (address.address < pool.first || address.address > pool.last) continue;
    const reason = `${name} has ${formatIpv4(address.address)}, which is of this pool; write a pool beside it, or ip: dhcp for ${name}`;
    yield { path: [...path, 'pool'], reason };
    break;
  }
  if (leaseNs !== undefined && leaseNs < 1e9) {
    yield { path: [...path, 'lease'], reason: 'a lease is told in seconds; write 1s or more' };
  }
  if (router !== undefined && !isHostOf(own, router)) {
    yield { path: [...path, 'router'], reason: `${formatIpv4(router)} is not in ${network}; no host could reach it` };
  }
  for (const [i, address] of nameServers.entries()) {
    if (address !== 0) continue;
    yield { path: [...path, 'nameServers', i], reason: 'this is nobody’s address; write that of a name server' };
  }
  yield* checkReservations([...path, 'reservations'], own, reservations, document, addresses);
}

function* checkReservations(
  path: Path,
  own: HostAddress,
  reservations: ReadonlyMap<string, number>,
  { hosts }: TopologyDocument,
  addresses: ReadonlyMap<string, HostAddress | 'dhcp'>,
): Generator<Finding> {
  const holders = new Map<number, string>();
  for (const [name, address] of addresses) if (address !== 'dhcp') holders.set(address.address, name);
  const macs = new Map<number, string>();
  for (const [holder, address] of reservations) {
    const mac = parseMac(holder) ?? hosts.get(holder)?.mac;
    const other = mac === undefined ? undefined : macs.get(mac);
    if (other !== undefined) {
      yield {
        path: [...path, holder],
        isKey: true,
        reason: `${other} is the same machine (${formatMac(mac!)}); remove one`,
      };
    } else if (mac !== undefined) macs.set(mac, holder);
    if (parseMac(holder) === undefined) {
      const host = hosts.get(holder);
      if (!host) {
        const hint = suggest(holder, hosts.keys()) || '; add it to hosts, or write a MAC address';
        yield { path: [...path, holder], isKey: true, reason: `there is no host ${holder}${hint}` };
      } else if (host.ip !== 'dhcp') {
        const reason = `${holder} does not ask for an address; write ip: dhcp for it, or remove this`;
        yield { path: [...path, holder], isKey: true, reason };
      }
    }
    if (!isHostOf(own, address)) {
      yield {
        path: [...path, holder],
        reason: `${formatIpv4(address)} is not of the server’s network; take one that is`,
      };
    }
    const holderBefore = holders.get(address);
    if (holderBefore === undefined) holders.set(address, holder);
    else yield { path: [...path, holder], reason: `${holderBefore} has ${formatIpv4(address)} already; take another` };
  }
}

function* checkDns(
  path: Path,
  { zone = ZONE_DEFAULT, names = new Map() }: DnsEntry,
  { hosts }: TopologyDocument,
): Generator<Finding> {
  for (const [name, target] of names) {
    if (hosts.has(name)) {
      yield {
        path: [...path, 'names', name],
        isKey: true,
        reason: `${name} is a host and has that name; take another`,
      };
    } else if (!fitsDns(name, zone)) yield { path: [...path, 'names', name], isKey: true, reason: explainUnfit(name) };
    if (parseIp(target) !== undefined || hosts.has(target)) continue;
    const hint = suggest(target, hosts.keys()) || '; write a host of this file, or an address';
    yield { path: [...path, 'names', name], reason: `there is no host ${target}${hint}` };
  }
  for (const [name, { kind }] of hosts) {
    if (kind === 'port' || fitsDns(name, zone)) continue;
    yield { path: ['hosts', name], isKey: true, isWarning: true, reason: explainUnfit(name) };
  }
}

function explainUnfit(name: string): string {
  return `${name} cannot be a name in DNS, where what stands between dots has 1 to 63 bytes; nobody will find it by name`;
}

function areOneNetwork(one: HostAddress, other: HostAddress): boolean {
  const bits = 32 - Math.min(one.prefixLength, other.prefixLength);
  return Math.floor(one.address / 2 ** bits) === Math.floor(other.address / 2 ** bits);
}

/** Neither the network itself nor its broadcast address. */
function isHostOf({ address: own, prefixLength }: HostAddress, address: number): boolean {
  const size = 2 ** (32 - prefixLength);
  const first = own - (own % size);
  if (prefixLength >= 31) return address >= first && address < first + size;
  return address > first && address < first + size - 1;
}
