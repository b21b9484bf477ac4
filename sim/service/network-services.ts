/**
 * What the hosts of a network serve each other, as its topology says: who gives addresses, who takes one, who knows names, who has files.
 *
 * A host's services begin with it and end with it (`start`, `stop`): a machine that is switched off gives no leases. Servers begin before
 * anybody asks them, since all that a client does takes time.
 */
import { parseMac } from '../../protocol/wire/address.ts';
import { type IpAddress, parseIp } from '../../protocol/wire/ip-address.ts';
import { assert } from '../../protocol/wire/wire-error.ts';
import type { DhcpEntry, DnsEntry, HttpEntry } from '../../topologies/document.ts';
import type { HostNode, Topology } from '../../topologies/model.ts';
import { SECOND } from '../clock.ts';
import type { AddressConfiguration } from '../stack/address-configuration.ts';
import type { Sockets } from '../stack/socket.ts';
import { DhcpClient } from './dhcp/dhcp-client.ts';
import { type DhcpNotice, DhcpServer, type DhcpServerConfig } from './dhcp/dhcp-server.ts';
import { toDnsName } from './dns/dns-message.ts';
import { DnsResolver } from './dns/dns-resolver.ts';
import { DnsServer } from './dns/dns-server.ts';
import { DnsZone, type ZoneName } from './dns/dns-zone.ts';
import { fileRoutes } from './http/file-routes.ts';
import { HttpClient } from './http/http-client.ts';
import { HttpServer } from './http/http-server.ts';

export type ServiceHost = Sockets & AddressConfiguration;

/** Of one host; what it does not have is absent. */
export interface HostServices {
  readonly dhcpClient?: DhcpClient;
  readonly dhcpServer?: DhcpServer;
  readonly dnsServer?: DnsServer;
  readonly httpServer?: HttpServer;
}

const LEASE_SECONDS = 3600;
const ZONE_DEFAULT = 'internal';
/** fe80::/10, which means nothing beyond its link. */
const LINK_LOCAL_PREFIX = 0xfe80n >> 6n;

export class NetworkServices {
  /** What DHCP servers have to say: pools that are empty, addresses that somebody else has. */
  notice: ((server: string, notice: DhcpNotice) => void) | undefined;
  readonly #topology: Topology;
  readonly #hostOf: (name: string) => ServiceHost | undefined;
  readonly #running = new Map<string, HostServices>();
  readonly #resolvers = new Map<string, DnsResolver>();
  readonly #httpClients = new Map<string, HttpClient>();
  /** They outlive their machines being switched off: what was given away is given away. */
  readonly #dhcpServers = new Map<string, DhcpServer>();
  /** By name, in the order of the file. */
  readonly #nodes = new Map<string, HostNode>();
  /** An address from before, by host, which it asks for when it begins again. */
  readonly #previous = new Map<string, number>();

  constructor(topology: Topology, hostOf: (name: string) => ServiceHost | undefined) {
    this.#topology = topology;
    this.#hostOf = hostOf;
    topology.graph.forEachNode((name, node) => {
      if (node.type === 'host') this.#nodes.set(name, node);
    });
  }

  of(name: string): HostServices {
    return this.#running.get(name) ?? {};
  }

  startAll(): void {
    for (const name of this.#nodes.keys()) this.start(name);
  }

  start(name: string): void {
    const node = this.#nodes.get(name);
    const host = this.#hostOf(name);
    assert(node !== undefined && host !== undefined, 'services are those of a host of the network');
    if (this.#running.has(name)) return;
    const { dhcp, dns, http } = node.services ?? {};
    if (node.ip !== 'dhcp' && !dhcp && !dns && !http) return;
    this.#running.set(name, {
      ...(dhcp && { dhcpServer: this.#createDhcpServer(name, host, node, dhcp) }),
      ...(dns && { dnsServer: new DnsServer(host, this.#createZone(dns)) }),
      ...(http && { httpServer: this.#createHttpServer(name, host, http) }),
      ...(node.ip === 'dhcp' && { dhcpClient: this.#startClient(name, host) }),
    });
  }

  /** At once, and without a word to anybody. */
  stop(name: string): void {
    const services = this.#running.get(name);
    if (!services) return;
    this.#running.delete(name);
    services.dhcpClient?.stop();
    services.dhcpServer?.close();
    services.dnsServer?.close();
    services.httpServer?.close();
  }

  /** For programs on that host. It asks the servers that DHCP told of, or else those of the network. */
  resolverOf(name: string): DnsResolver {
    const known = this.#resolvers.get(name);
    if (known) return known;
    const host = this.#hostOf(name);
    assert(host !== undefined, 'who resolves names is a host of the network');
    const resolver = new DnsResolver(host, {
      servers: () => (host.nameServers.length > 0 ? host.nameServers : this.#nameServers()),
      domain: () => this.#running.get(name)?.dhcpClient?.lease?.domain ?? this.#zone(),
    });
    this.#resolvers.set(name, resolver);
    return resolver;
  }

  /** For programs on that host. */
  httpClientOf(name: string): HttpClient {
    const known = this.#httpClients.get(name);
    if (known) return known;
    const host = this.#hostOf(name);
    assert(host !== undefined, 'who asks over HTTP is a host of the network');
    const client = new HttpClient(host, this.resolverOf(name));
    this.#httpClients.set(name, client);
    return client;
  }

  #startClient(name: string, host: ServiceHost): DhcpClient {
    const client = new DhcpClient(host, host, {
      ...(isHostLabel(name) && { hostName: name }),
      changed: (lease) => {
        if (lease) this.#previous.set(name, lease.address);
        this.#resolvers.get(name)?.forget();
      },
    });
    client.start(this.#previous.get(name));
    return client;
  }

  #createDhcpServer(name: string, host: ServiceHost, { ip }: HostNode, entry: DhcpEntry): DhcpServer {
    const known = this.#dhcpServers.get(name);
    if (known) {
      known.open();
      return known;
    }
    assert(ip !== 'dhcp', 'a DHCP server has an address of its own');
    const domain = entry.domain ?? this.#zone();
    const config: DhcpServerConfig = {
      address: ip.address,
      prefixLength: ip.prefixLength,
      pool: entry.pool,
      leaseSeconds: entry.leaseNs === undefined ? LEASE_SECONDS : Math.floor(entry.leaseNs / SECOND),
      nameServers: entry.nameServers ?? this.#nameServers(),
      reservations: this.#reservationsOf(entry),
      ...(entry.router !== undefined && { router: entry.router }),
      ...(domain !== undefined && { domain }),
      ...(entry.boot && { boot: entry.boot }),
    };
    const server = new DhcpServer(host, config, (notice) => this.notice?.(name, notice));
    this.#dhcpServers.set(name, server);
    return server;
  }

  #reservationsOf({ reservations = new Map() }: DhcpEntry): Map<number, number> {
    const byMac = new Map<number, number>();
    for (const [holder, address] of reservations) {
      const mac = parseMac(holder) ?? this.#nodes.get(holder)?.mac;
      if (mac !== undefined) byMac.set(mac, address);
    }
    return byMac;
  }

  #createZone({ zone = ZONE_DEFAULT, names = new Map() }: DnsEntry): DnsZone {
    const machines = new Map<string, string>();
    for (const name of this.#nodes.keys()) {
      const dnsName = toDnsName(name);
      if (dnsName !== undefined) machines.set(dnsName, name);
    }
    const others = [...names].map(([name, target]): ZoneName => {
      const is = parseIp(target) ?? { alias: `${toDnsName(target)}.${zone}` };
      return { name: toDnsName(name)!, is };
    });
    const hosts = {
      names: machines.keys(),
      addressesOf: (dnsName: string) => this.#addressesOf(machines.get(dnsName)!),
    };
    return new DnsZone(zone, hosts, others);
  }

  #addressesOf(name: string): readonly IpAddress[] {
    const addresses = this.#hostOf(name)?.addresses ?? [];
    return addresses.filter((address) => typeof address === 'number' || address >> 118n !== LINK_LOCAL_PREFIX);
  }

  #createHttpServer(name: string, host: ServiceHost, { port }: HttpEntry): HttpServer {
    const files = this.#topology.servedFiles?.get(name) ?? new Map<string, Uint8Array>();
    return new HttpServer(host, fileRoutes(files), port === undefined ? {} : { port });
  }

  #nameServers(): number[] {
    return [...this.#nodes.values()].flatMap(({ ip, services }) =>
      services?.dns && ip !== 'dhcp' ? [ip.address] : [],
    );
  }

  /** That of the first who serves one. */
  #zone(): string | undefined {
    for (const { services } of this.#nodes.values()) if (services?.dns) return services.dns.zone ?? ZONE_DEFAULT;
    return undefined;
  }
}

/** What DHCP's option 12 may say (RFC 2132, section 3.14). */
function isHostLabel(name: string): boolean {
  return /^[A-Za-z0-9-]+$/.test(name);
}
