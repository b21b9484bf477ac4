/**
 * The hosts in the graph: where each is attached, and whose an address is.
 *
 * It writes down what it is told; whether that is to be believed is judged elsewhere (`host-tracker.ts`, `address-claims.ts`). An address has one owner at a time,
 * and how many hosts a port and how many addresses a host may have is bounded, since whoever is behind a port can invent both.
 */
import { formatMac } from '../../protocol/wire/address.ts';
import type { IpAddress } from '../../protocol/wire/ip-address.ts';
import {
  type HostAttributes,
  type LossReason,
  type NetworkEvent,
  type NetworkGraph,
  type PortRef,
  toPortKey,
} from './network.ts';

/** Whoever is behind a port can invent addresses; a port with more hosts than this has no room for another. */
export const HOSTS_PER_PORT_MAX = 1024;

/** Addresses remembered of one host: a router's side shows many, and none of them is worth more than a few words. */
export const IPS_PER_HOST_MAX = 16;

export class HostTable {
  readonly #graph: NetworkGraph;
  readonly #tell: (event: NetworkEvent) => void;
  /** How many hosts are known at a port, by port key. */
  readonly #countAt = new Map<string, number>();
  /** MAC addresses. */
  readonly #owners = new Map<IpAddress, number>();

  constructor(graph: NetworkGraph, tell: (event: NetworkEvent) => void) {
    this.#graph = graph;
    this.#tell = tell;
  }

  portOf(mac: number): PortRef | undefined {
    const edge = toAccessKey(formatMac(mac));
    return this.#graph.hasEdge(edge) ? this.#graph.getEdgeAttribute(edge, 'a') : undefined;
  }

  ownerOf(ip: IpAddress): number | undefined {
    return this.#owners.get(ip);
  }

  ipsOf(mac: number): readonly IpAddress[] {
    const key = formatMac(mac);
    return this.#graph.hasNode(key) ? (this.#graph.getNodeAttributes(key) as HostAttributes).ips : [];
  }

  /** False when there is no room for another at that port. */
  place(mac: number, port: PortRef): boolean {
    const before = this.portOf(mac);
    if (before && toPortKey(before) === toPortKey(port)) return true;
    if ((this.#countAt.get(toPortKey(port)) ?? 0) >= HOSTS_PER_PORT_MAX) return false;
    const key = formatMac(mac);
    if (before) {
      this.#count(before, -1);
      this.#graph.dropEdge(toAccessKey(key));
    } else this.#graph.addNode(key, { kind: 'host', mac, ips: [] });
    this.#count(port, 1);
    this.#graph.addEdgeWithKey(toAccessKey(key), port.dpid, key, { kind: 'access', a: port, b: undefined });
    this.#tell({ type: before ? 'host-moved' : 'host-found', mac, port });
    return true;
  }

  /** The address is this host's from now on, whoever had it before. */
  address(mac: number, ip: IpAddress): void {
    const owner = this.#owners.get(ip);
    if (owner === mac || !this.#graph.hasNode(formatMac(mac))) return;
    const ips = [...this.ipsOf(mac), ip];
    if (owner !== undefined) this.#setIps(owner, without(this.ipsOf(owner), ip));
    for (const forgotten of ips.splice(0, Math.max(0, ips.length - IPS_PER_HOST_MAX))) this.#owners.delete(forgotten);
    this.#setIps(mac, ips);
    this.#owners.set(ip, mac);
    this.#tell({ type: 'host-addressed', mac, ip });
  }

  remove(mac: number, reason: LossReason): void {
    const port = this.portOf(mac);
    if (!port) return;
    for (const ip of this.ipsOf(mac)) this.#owners.delete(ip);
    this.#graph.dropNode(formatMac(mac));
    this.#count(port, -1);
    this.#tell({ type: 'host-lost', mac, reason });
  }

  removeAt(port: PortRef, reason: LossReason): void {
    for (const edge of this.#graph.edges(port.dpid)) {
      const { kind, a } = this.#graph.getEdgeAttributes(edge);
      if (kind !== 'access' || a.portNo !== port.portNo) continue;
      const host = this.#graph.getNodeAttributes(this.#graph.opposite(port.dpid, edge)) as HostAttributes;
      this.remove(host.mac, reason);
    }
  }

  #setIps(mac: number, ips: readonly IpAddress[]): void {
    this.#graph.mergeNodeAttributes(formatMac(mac), { ips });
  }

  #count(port: PortRef, change: 1 | -1): void {
    const count = (this.#countAt.get(toPortKey(port)) ?? 0) + change;
    if (count === 0) this.#countAt.delete(toPortKey(port));
    else this.#countAt.set(toPortKey(port), count);
  }
}

function without(ips: readonly IpAddress[], ip: IpAddress): readonly IpAddress[] {
  return ips.filter((candidate) => candidate !== ip);
}

function toAccessKey(host: string): string {
  return `access ${host}`;
}
