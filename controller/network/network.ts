/**
 * The network as far as it is known: a graphology multigraph of switches, hosts and the links between their ports.
 *
 * A link is known when a probe sent out of one port came in at another, in either direction, and forgotten when one of its ports goes
 * down (at once), its switch goes, or probes stop coming. Everything that changes is an event; what follows from it is other rooms' business.
 *
 * A port that is up is one of four things. It is *settling* until a probe would have come, *link* when one did, and *edge* when none did:
 * hosts are learned there and broadcasts leave there. A port whose link was lost while it stayed up is *suspended*, neither edge nor link,
 * until a probe crosses again or the port has been down: the cable is most likely still there, busy or broken, and a broadcast sent into
 * what is taken for an edge and is a link comes back and circulates. Only an edge port may be flooded to, whoever asks.
 */
import { MultiUndirectedGraph } from 'graphology';
import type { IpAddress } from '../../protocol/wire/ip-address.ts';
import { PORT, PORT_CONFIG, PORT_STATE, type Port } from '../../protocol/wire/openflow/port.ts';
import type { Nanos } from '../../protocol/wire/openflow/session.ts';
import { assert } from '../../protocol/wire/wire-error.ts';
import { HostTable } from './host-table.ts';

export interface SwitchAttributes {
  readonly kind: 'switch';
  readonly ports: Map<number, Port>;
}

export interface HostAttributes {
  readonly kind: 'host';
  readonly mac: number;
  /** Of both families, the newest last. */
  readonly ips: readonly IpAddress[];
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
  /** One way, of a link that was measured. */
  readonly latencyNs?: Nanos;
}

export type NetworkGraph = MultiUndirectedGraph<NodeAttributes, LinkAttributes>;

export type NetworkEvent =
  | { readonly type: 'switch-joined' | 'switch-left'; readonly dpid: string }
  | { readonly type: 'port-up' | 'port-down'; readonly port: PortRef }
  | { readonly type: 'link-found' | 'link-lost'; readonly a: PortRef; readonly b: PortRef }
  | { readonly type: 'host-found' | 'host-moved'; readonly mac: number; readonly port: PortRef }
  | { readonly type: 'host-addressed'; readonly mac: number; readonly ip: IpAddress }
  | { readonly type: 'host-lost'; readonly mac: number; readonly reason: LossReason }
  | { readonly type: 'link-measured'; readonly a: PortRef; readonly b: PortRef; readonly latencyNs: Nanos };

/** `expired`: it said nothing, and did not answer. `link-found`: it had been heard through what turned out to be a link. */
export type LossReason = 'port-down' | 'switch-left' | 'link-found' | 'expired';

/** `isLoss`: something is gone that rules may rely on, so that they lead nowhere or in a circle until they are computed anew. */
export type NetworkListener = (event: NetworkEvent, isLoss: boolean) => void;

export const PROBE_INTERVAL: Nanos = 5_000_000_000;

/**
 * A link that this many probes in a row did not cross, either way, is gone though its ports are up. Many, since a full queue drops most of what comes, and
 * to take a busy link for a dead one cuts the traffic that made it busy; a cable that is really cut takes its ports down, which is told at once.
 */
const PROBES_MISSED_MAX = 12;

/** How long a link is believed in without a probe. */
export const LINK_TIMEOUT: Nanos = PROBES_MISSED_MAX * PROBE_INTERVAL;

/** Two ways over an ordinary control channel and a cable, generously: after that, a port without a probe has no switch behind it. */
export const SETTLE_TIME: Nanos = 300_000_000;

/** A probe takes one round trip of control channels and the cables between; on slow ones the time to settle is this many round trips. */
const SETTLE_ROUND_TRIPS = 3;

/** More than any switch on the market has; each port costs rules here and in the switch. */
export const PORTS_PER_SWITCH_MAX = 4096;

/** A link that a probe crossed so lately is there, and no other can be at its ports. */
const LINK_CERTAIN: Nanos = 2 * PROBE_INTERVAL;

/** What a link is measured to take is news when it differs by so much. */
const LATENCY_CHANGE_MIN: Nanos = 50_000;
const LATENCY_CHANGE_SHARE = 0.1;

const LOSSES: ReadonlySet<NetworkEvent['type']> = new Set<NetworkEvent['type']>([
  'port-down',
  'link-lost',
  'switch-left',
]);

/**
 * How long a switch whose control channel broke is taken for one that forwards as before. Most come back: their first two attempts to dial again take Open
 * vSwitch three seconds. One that is really dead takes the carriers of its cables with it, which its neighbours tell at once.
 */
export const ABSENCE_MAX: Nanos = 4_000_000_000;

export class Network {
  /** Read by everybody, written here only. */
  readonly graph: NetworkGraph = new MultiUndirectedGraph();
  readonly #tell: NetworkListener;
  /** By port key. */
  readonly #upPorts = new Set<string>();
  /** From when on a port is an edge, by port key; not there: it is down, a link, or suspended. */
  readonly #edgeFrom = new Map<string, Nanos>();
  /** Those of the above whose moment has not come. */
  readonly #settling = new Set<string>();
  #nextSettleAt: Nanos | undefined;
  /** How long ports of a switch take to settle, by dpid. */
  readonly #settleTimes = new Map<string, Nanos>();
  /** Switches whose control channel broke, and until when they are waited for, by dpid. */
  readonly #absentUntil = new Map<string, Nanos>();
  /** The connected part that a switch is in, by dpid; computed when asked for, until the links change. */
  readonly #parts = new Map<string, ReadonlySet<string>>();
  /** When a probe last crossed a link, by edge key. */
  readonly #probedAt = new Map<string, Nanos>();
  /** The edge at a port, by port key. */
  readonly #edgeAt = new Map<string, string>();
  readonly #hosts: HostTable;

  constructor(tell: NetworkListener) {
    this.#tell = tell;
    this.#hosts = new HostTable(this.graph, (event) => this.#emit(event));
  }

  /** False when it has more ports than there is room for. `roundTrip` is that of its control channel. */
  joinSwitch(dpid: string, ports: readonly Port[], now: Nanos, roundTrip: Nanos = 0): boolean {
    const known = ports.filter(({ portNo }) => portNo <= PORT.max);
    if (known.length > PORTS_PER_SWITCH_MAX) {
      this.leaveSwitch(dpid);
      return false;
    }
    if (this.#absentUntil.delete(dpid)) {
      this.#comparePorts(dpid, known, now);
      return true;
    }
    this.leaveSwitch(dpid);
    this.#settleTimes.set(dpid, Math.max(SETTLE_TIME, SETTLE_ROUND_TRIPS * roundTrip));
    this.graph.addNode(dpid, { kind: 'switch', ports: new Map(known.map((port) => [port.portNo, port])) });
    for (const port of known) if (isUp(port)) this.#raisePort({ dpid, portNo: port.portNo }, now);
    this.#emit({ type: 'switch-joined', dpid });
    return true;
  }

  /** Its control channel broke. What is known of it is believed until it is back and says otherwise, or is waited for no longer, however often it tries. */
  missSwitch(dpid: string, now: Nanos): void {
    if (this.graph.hasNode(dpid) && !this.#absentUntil.has(dpid)) this.#absentUntil.set(dpid, now + ABSENCE_MAX);
  }

  /** When the next switch that is missed is given up. */
  nextLeaveAt(): Nanos | undefined {
    return this.#absentUntil.size > 0 ? Math.min(...this.#absentUntil.values()) : undefined;
  }

  /** Gives up the switches that did not come back. */
  leaveAbsent(now: Nanos): void {
    for (const [dpid, until] of [...this.#absentUntil]) if (until <= now) this.leaveSwitch(dpid);
  }

  leaveSwitch(dpid: string): void {
    if (!this.graph.hasNode(dpid)) return;
    this.#absentUntil.delete(dpid);
    for (const portNo of this.portsOf(dpid).keys()) this.#forgetPort({ dpid, portNo }, 'switch-left');
    this.graph.dropNode(dpid);
    this.#settleTimes.delete(dpid);
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
    if (!before && ports.size >= PORTS_PER_SWITCH_MAX) return;
    if (isDeleted) ports.delete(port.portNo);
    else ports.set(port.portNo, port);
    if (wasUp === nowUp) return;
    const ref = { dpid, portNo: port.portNo };
    if (nowUp) this.#raisePort(ref, now);
    else this.#forgetPort(ref, 'port-down');
    this.#emit({ type: nowUp ? 'port-up' : 'port-down', port: ref });
  }

  /** A probe sent out of `from` came in at `to`. False when that cannot be: one of them is known to lead elsewhere, or they are one and the same. */
  seeProbe(from: PortRef, to: PortRef, now: Nanos): boolean {
    if (!this.isUpPort(from) || !this.isUpPort(to)) return true;
    if (from.dpid === to.dpid) return this.#seeLoop(from, to);
    const key = toLinkKey(from, to);
    if (this.#leadsElsewhere(from, key, now) || this.#leadsElsewhere(to, key, now)) return false;
    this.#probedAt.set(key, now);
    if (this.graph.hasEdge(key)) return true;
    const wasEdge = this.isEdgePort(from, now) || this.isEdgePort(to, now);
    // Whatever was believed of these ports before, a host that spoke through a link among it, was wrong.
    this.#dropEdgeAt(from, 'link-found');
    this.#dropEdgeAt(to, 'link-found');
    const [a, b] = toPortKey(from) < toPortKey(to) ? [from, to] : [to, from];
    this.graph.addEdgeWithKey(key, a.dpid, b.dpid, { kind: 'link', a, b });
    for (const end of [a, b]) {
      this.#edgeAt.set(toPortKey(end), key);
      this.#edgeFrom.delete(toPortKey(end));
      this.#settling.delete(toPortKey(end));
    }
    // What floods into what was an edge comes back.
    this.#emit({ type: 'link-found', a, b }, wasEdge);
    return true;
  }

  /** What one probe or several say that a link takes, one way. */
  measureLink(key: string, latencyNs: Nanos): void {
    const { a, b, latencyNs: known } = this.graph.getEdgeAttributes(key);
    assert(b !== undefined, 'a link has two ends');
    const change = Math.abs(latencyNs - (known ?? 0));
    const isNews = change > LATENCY_CHANGE_MIN && change > LATENCY_CHANGE_SHARE * (known ?? 0);
    if (known !== undefined && !isNews) return;
    this.graph.mergeEdgeAttributes(key, { latencyNs });
    this.#emit({ type: 'link-measured', a, b, latencyNs });
  }

  /** True when the port is up, has been no link since it came up, and has been up long enough that it would be known if it were. */
  isEdgePort(port: PortRef, now: Nanos): boolean {
    return now >= (this.#edgeFrom.get(toPortKey(port)) ?? Number.POSITIVE_INFINITY);
  }

  /** There may be hosts: it is an edge, or is not known to be none yet. */
  isHostPort(port: PortRef): boolean {
    return this.#edgeFrom.has(toPortKey(port));
  }

  isUpPort(port: PortRef): boolean {
    return this.#upPorts.has(toPortKey(port));
  }

  /** When the next port becomes an edge, unless a probe comes first. */
  nextSettleAt(): Nanos | undefined {
    return this.#nextSettleAt;
  }

  /** True when ports have become edges since it was last asked. No event: it is no news to people. */
  settle(now: Nanos): boolean {
    if (this.#nextSettleAt === undefined || now < this.#nextSettleAt) return false;
    this.#nextSettleAt = undefined;
    let isChanged = false;
    for (const key of this.#settling) {
      const dueAt = this.#edgeFrom.get(key)!;
      if (dueAt <= now) isChanged = this.#settling.delete(key);
      else this.#nextSettleAt = Math.min(dueAt, this.#nextSettleAt ?? dueAt);
    }
    return isChanged;
  }

  /** The switches that frames can reach from this one, itself among them. */
  reachableFrom(dpid: string): ReadonlySet<string> {
    const known = this.#parts.get(dpid);
    if (known) return known;
    const part = new Set([dpid]);
    for (const reached of part) {
      for (const neighbor of this.graph.neighbors(reached))
        if (this.graph.getNodeAttribute(neighbor, 'kind') === 'switch') part.add(neighbor);
    }
    for (const reached of part) this.#parts.set(reached, part);
    return part;
  }

  isLinkPort(port: PortRef): boolean {
    const edge = this.#edgeAt.get(toPortKey(port));
    return edge !== undefined && this.graph.getEdgeAttribute(edge, 'kind') === 'link';
  }

  /** A frame with this source came in there, and is believed. False when there is no room for it. */
  seeHost(mac: number, ip: IpAddress | undefined, port: PortRef): boolean {
    if (!this.#hosts.place(mac, port)) return false;
    if (ip !== undefined) this.#hosts.address(mac, ip);
    return true;
  }

  /** The address is this host's from now on. */
  addressHost(mac: number, ip: IpAddress): void {
    this.#hosts.address(mac, ip);
  }

  forgetHost(mac: number, reason: LossReason): void {
    this.#hosts.remove(mac, reason);
  }

  /** Where a host is attached. */
  portOfHost(mac: number): PortRef | undefined {
    return this.#hosts.portOf(mac);
  }

  /** The host that has an address, by its MAC. */
  ownerOf(ip: IpAddress): number | undefined {
    return this.#hosts.ownerOf(ip);
  }

  ipsOf(mac: number): readonly IpAddress[] {
    return this.#hosts.ipsOf(mac);
  }

  /** Forgets links that probes no longer cross; their ports are suspended. */
  expire(now: Nanos): void {
    for (const [key, probedAt] of [...this.#probedAt]) {
      if (now - probedAt > LINK_TIMEOUT) this.#dropEdge(key);
    }
  }

  /** What happened to its ports while nobody told. One that was down in between and is up again is not noticed: its link's other end was, too. */
  #comparePorts(dpid: string, ports: readonly Port[], now: Nanos): void {
    const gone = new Map(this.portsOf(dpid));
    for (const port of ports) gone.delete(port.portNo);
    for (const port of gone.values()) this.changePort(dpid, port, true, now);
    for (const port of ports) this.changePort(dpid, port, false, now);
  }

  #emit(event: NetworkEvent, isLoss = LOSSES.has(event.type)): void {
    if (event.type === 'switch-joined' || event.type === 'switch-left') this.#parts.clear();
    if (event.type === 'link-found' || event.type === 'link-lost') this.#parts.clear();
    this.#tell(event, isLoss);
  }

  /** Two ports of a switch on one cable are no edges: what floods out of one comes in at the other. A port that hears itself has a liar behind it. */
  #seeLoop(from: PortRef, to: PortRef): boolean {
    if (from.portNo === to.portNo) return false;
    for (const port of [from, to]) {
      this.#dropEdgeAt(port, 'link-found');
      this.#edgeFrom.delete(toPortKey(port));
      this.#settling.delete(toPortKey(port));
    }
    return true;
  }

  #leadsElsewhere(port: PortRef, key: string, now: Nanos): boolean {
    const known = this.#edgeAt.get(toPortKey(port));
    return known !== undefined && known !== key && now - this.#probedAt.get(known)! <= LINK_CERTAIN;
  }

  #raisePort(port: PortRef, now: Nanos): void {
    const key = toPortKey(port);
    const settlesAt = now + this.#settleTimes.get(port.dpid)!;
    this.#upPorts.add(key);
    this.#edgeFrom.set(key, settlesAt);
    this.#settling.add(key);
    this.#nextSettleAt = Math.min(settlesAt, this.#nextSettleAt ?? settlesAt);
  }

  #forgetPort(port: PortRef, reason: LossReason): void {
    for (const ports of [this.#upPorts, this.#edgeFrom, this.#settling]) ports.delete(toPortKey(port));
    this.#dropEdgeAt(port, reason);
  }

  /** The link at a port, and the hosts that were seen there. */
  #dropEdgeAt(port: PortRef, reason: LossReason): void {
    const link = this.#edgeAt.get(toPortKey(port));
    if (link !== undefined) this.#dropEdge(link);
    this.#hosts.removeAt(port, reason);
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

/** Sixteen hex digits, the way a switch is named everywhere. */
export function formatDpid(dpid: bigint): string {
  return dpid.toString(16).padStart(16, '0');
}
