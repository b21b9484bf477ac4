/**
 * The network as far as it is known: a graphology multigraph of switches, hosts and the links between their ports.
 *
 * A link is known when a probe sent out of one port came in at another, in either direction, and forgotten when one of its ports goes
 * down (at once), its switch goes, or probes stop coming. A host is known when it spoke at a port that is no link, and a port can be
 * told from a link only when it has been up for a while: before, the first probe may still be on its way. Everything that changes is an event;
 * what follows from it is other rooms' business.
 */
import { MultiUndirectedGraph } from 'graphology';
import { formatMac } from '../../protocol/wire/address.ts';
import { PORT, PORT_CONFIG, PORT_STATE, type Port } from '../../protocol/wire/openflow/port.ts';
import type { Nanos } from '../../protocol/wire/openflow/session.ts';
import { assert } from '../../protocol/wire/wire-error.ts';

export interface SwitchAttributes {
  readonly kind: 'switch';
  readonly ports: Map<number, Port>;
}

export interface HostAttributes {
  readonly kind: 'host';
  readonly mac: number;
  readonly ips: readonly number[];
}

export type NodeAttributes = SwitchAttributes | HostAttributes;

export interface PortRef {
  readonly dpid: string;
  readonly portNo: number;
}

export interface LinkAttributes {
  readonly kind: 'link' | 'access';
  /** The end at the edge's source node, and at its target; a host's end has no port. */
  readonly a: PortRef;
  readonly b: PortRef | undefined;
}

export type NetworkGraph = MultiUndirectedGraph<NodeAttributes, LinkAttributes>;

export type NetworkEvent =
  | { readonly type: 'switch-joined' | 'switch-left'; readonly dpid: string }
  | { readonly type: 'port-up' | 'port-down'; readonly port: PortRef }
  | { readonly type: 'link-found' | 'link-lost'; readonly a: PortRef; readonly b: PortRef }
  | { readonly type: 'host-found' | 'host-moved'; readonly mac: number; readonly port: PortRef }
  | { readonly type: 'host-addressed'; readonly mac: number; readonly ip: number }
  | { readonly type: 'host-lost'; readonly mac: number };

/** Probes go out this often; a link that three of them did not cross is gone though its ports are up. */
export const PROBE_INTERVAL: Nanos = 5_000_000_000;
const PROBES_MISSED_MAX = 3;

/** Two ways over a slow control channel and a cable, generously: after that, a port without a probe has no switch behind it. */
export const SETTLE_TIME: Nanos = 300_000_000;

/** Whoever is behind a port can invent addresses; a port with more hosts than this has no room for another. */
export const HOSTS_PER_PORT_MAX = 1024;

/** Addresses remembered of one host: a router's side shows many, and none of them is worth more than a few words. */
const IPS_MAX = 16;

export class Network {
  /** Read by everybody, written here only. */
  readonly graph: NetworkGraph = new MultiUndirectedGraph();
  readonly #emit: (event: NetworkEvent) => void;
  /** When a port came up, by port key. */
  readonly #upSince = new Map<string, Nanos>();
  /** When a probe last crossed a link, by edge key. */
  readonly #probedAt = new Map<string, Nanos>();
  /** The edge at a port, by port key. */
  readonly #edgeAt = new Map<string, string>();
  /** How many hosts are known at a port, by port key. */
  readonly #hostsAt = new Map<string, number>();

  constructor(emit: (event: NetworkEvent) => void) {
    this.#emit = emit;
  }

  joinSwitch(dpid: string, ports: readonly Port[], now: Nanos): void {
    if (this.graph.hasNode(dpid)) this.leaveSwitch(dpid);
    const known = ports.filter(({ portNo }) => portNo <= PORT.max);
    this.graph.addNode(dpid, { kind: 'switch', ports: new Map(known.map((port) => [port.portNo, port])) });
    for (const port of known) if (isUp(port)) this.#upSince.set(toPortKey({ dpid, portNo: port.portNo }), now);
    this.#emit({ type: 'switch-joined', dpid });
  }

  leaveSwitch(dpid: string): void {
    if (!this.graph.hasNode(dpid)) return;
    for (const portNo of this.portsOf(dpid).keys()) this.#forgetPort({ dpid, portNo });
    this.graph.dropNode(dpid);
    this.#emit({ type: 'switch-left', dpid });
  }

  portsOf(dpid: string): Map<number, Port> {
    const attributes = this.graph.getNodeAttributes(dpid);
    assert(attributes.kind === 'switch', 'ports belong to switches');
    return attributes.ports;
  }

  hasSwitch(dpid: string): boolean {
    return this.graph.hasNode(dpid);
  }

  switches(): string[] {
    return this.graph.filterNodes((_, { kind }) => kind === 'switch').sort();
  }

  /** Ports that can carry frames, in order. */
  upPorts(dpid: string): number[] {
    return [...this.portsOf(dpid).values()]
      .filter(isUp)
      .map(({ portNo }) => portNo)
      .sort((a, b) => a - b);
  }

  changePort(dpid: string, port: Port, isDeleted: boolean, now: Nanos): void {
    if (!this.graph.hasNode(dpid) || port.portNo > PORT.max) return;
    const ports = this.portsOf(dpid);
    const before = ports.get(port.portNo);
    const wasUp = before !== undefined && isUp(before);
    const nowUp = !isDeleted && isUp(port);
    if (isDeleted) ports.delete(port.portNo);
    else ports.set(port.portNo, port);
    if (wasUp === nowUp) return;
    const ref = { dpid, portNo: port.portNo };
    if (nowUp) this.#upSince.set(toPortKey(ref), now);
    else this.#forgetPort(ref);
    this.#emit({ type: nowUp ? 'port-up' : 'port-down', port: ref });
  }

  /** A probe sent out of `from` came in at `to`. */
  seeProbe(from: PortRef, to: PortRef, now: Nanos): void {
    if (!this.#isUp(from) || !this.#isUp(to) || from.dpid === to.dpid) return;
    const key = toLinkKey(from, to);
    this.#probedAt.set(key, now);
    if (this.graph.hasEdge(key)) return;
    // Whatever was believed of these ports before, a host that spoke through a link among it, was wrong.
    this.#dropEdgeAt(from);
    this.#dropEdgeAt(to);
    const [a, b] = toPortKey(from) < toPortKey(to) ? [from, to] : [to, from];
    this.graph.addEdgeWithKey(key, a.dpid, b.dpid, { kind: 'link', a, b });
    this.#edgeAt.set(toPortKey(a), key);
    this.#edgeAt.set(toPortKey(b), key);
    this.#emit({ type: 'link-found', a, b });
  }

  /** True when the port is up, no link, and has been up long enough that it would be known if it were. */
  isEdgePort(port: PortRef, now: Nanos): boolean {
    return this.#isUp(port) && !this.isLinkPort(port) && now - this.#upSince.get(toPortKey(port))! >= SETTLE_TIME;
  }

  isLinkPort(port: PortRef): boolean {
    const edge = this.#edgeAt.get(toPortKey(port));
    return edge !== undefined && this.graph.getEdgeAttribute(edge, 'kind') === 'link';
  }

  /** A frame with this source came in at an edge port. */
  seeHost(mac: number, ip: number | undefined, port: PortRef): void {
    const key = formatMac(mac);
    const edge = toAccessKey(key);
    const before = this.portOfHost(mac);
    const isHere = before !== undefined && toPortKey(before) === toPortKey(port);
    if (!isHere && (this.#hostsAt.get(toPortKey(port)) ?? 0) >= HOSTS_PER_PORT_MAX) return;
    if (!before) {
      this.graph.addNode(key, { kind: 'host', mac, ips: [] });
      this.#attach(key, port);
      this.#emit({ type: 'host-found', mac, port });
    } else if (!isHere) {
      this.#countHost(before, -1);
      this.graph.dropEdge(edge);
      this.#attach(key, port);
      this.#emit({ type: 'host-moved', mac, port });
    }
    if (ip === undefined) return;
    const { ips } = this.graph.getNodeAttributes(key) as HostAttributes;
    if (ips.includes(ip)) return;
    this.graph.mergeNodeAttributes(key, { ips: [...ips, ip].slice(-IPS_MAX) });
    this.#emit({ type: 'host-addressed', mac, ip });
  }

  /** Where a host is attached. */
  portOfHost(mac: number): PortRef | undefined {
    const edge = toAccessKey(formatMac(mac));
    return this.graph.hasEdge(edge) ? this.graph.getEdgeAttribute(edge, 'a') : undefined;
  }

  /** Forgets links that probes no longer cross. */
  expire(now: Nanos): void {
    for (const [key, probedAt] of [...this.#probedAt]) {
      if (now - probedAt > PROBES_MISSED_MAX * PROBE_INTERVAL) this.#dropEdge(key);
    }
  }

  #countHost(port: PortRef, change: 1 | -1): void {
    const count = (this.#hostsAt.get(toPortKey(port)) ?? 0) + change;
    if (count === 0) this.#hostsAt.delete(toPortKey(port));
    else this.#hostsAt.set(toPortKey(port), count);
  }

  #attach(host: string, port: PortRef): void {
    this.#countHost(port, 1);
    this.graph.addEdgeWithKey(toAccessKey(host), port.dpid, host, { kind: 'access', a: port, b: undefined });
  }

  #isUp(port: PortRef): boolean {
    return this.#upSince.has(toPortKey(port));
  }

  #forgetPort(port: PortRef): void {
    this.#upSince.delete(toPortKey(port));
    this.#dropEdgeAt(port);
  }

  /** The link at a port, and the hosts that were seen there. */
  #dropEdgeAt(port: PortRef): void {
    const link = this.#edgeAt.get(toPortKey(port));
    if (link !== undefined) this.#dropEdge(link);
    for (const edge of this.graph.edges(port.dpid)) {
      const { kind, a } = this.graph.getEdgeAttributes(edge);
      if (kind !== 'access' || a.portNo !== port.portNo) continue;
      const host = this.graph.opposite(port.dpid, edge);
      const { mac } = this.graph.getNodeAttributes(host) as HostAttributes;
      this.graph.dropNode(host);
      this.#countHost(port, -1);
      this.#emit({ type: 'host-lost', mac });
    }
  }

  #dropEdge(key: string): void {
    const { a, b } = this.graph.getEdgeAttributes(key);
    assert(b !== undefined, 'a link has two ends');
    this.graph.dropEdge(key);
    this.#probedAt.delete(key);
    this.#edgeAt.delete(toPortKey(a));
    this.#edgeAt.delete(toPortKey(b));
    this.#emit({ type: 'link-lost', a, b });
  }
}

export function isUp({ config, state }: Pick<Port, 'config' | 'state'>): boolean {
  return (config & PORT_CONFIG.portDown) === 0 && (state & PORT_STATE.linkDown) === 0;
}

export function toPortKey({ dpid, portNo }: PortRef): string {
  return `${dpid}:${portNo}`;
}

/** The same whichever end comes first. */
export function toLinkKey(a: PortRef, b: PortRef): string {
  const [first, second] = [toPortKey(a), toPortKey(b)].sort();
  return `${first}-${second}`;
}

function toAccessKey(host: string): string {
  return `access ${host}`;
}

/** Sixteen hex digits, the way a switch is named everywhere. */
export function formatDpid(dpid: bigint): string {
  return dpid.toString(16).padStart(16, '0');
}
