/**
 * A network as a graph, every number filled in: what the simulator builds, the controller is told and the browser draws.
 *
 * A graphology multigraph: switches and hosts are nodes under their names, links are undirected edges under theirs, parallel links
 * stay apart. Nodes and edges are in the order of the file. A link without a name is called after its ports, `s1:2-s2:1`, which
 * is as stable as the numbering is and cannot be the name that somebody gave, for those have no colon. The address of a host is that
 * of its lowest port.
 */
import { MultiUndirectedGraph } from 'graphology';
import type { IpAddress } from '../protocol/wire/ip-address.ts';
import type {
  AttachEntry,
  GuestStart,
  HostAddress,
  HostEntry,
  HostIpv6,
  HostKind,
  LinkEntry,
  LinkProperties,
  Location,
  Placement,
  Position,
  ServerEntry,
  ServiceEntries,
  SwitchEntry,
  TopologyDocument,
} from './document.ts';
import { placeGuests } from './guest-placement.ts';
import { assignDpids, assignIps, assignMacs, assignPorts, type Port } from './numbering.ts';
import type { Mistake } from './topology-error.ts';

export type TopologyGraph = MultiUndirectedGraph<NodeAttributes, LinkAttributes>;

export interface Topology {
  readonly name: string;
  /** From the edge inwards. */
  readonly tiers: readonly string[];
  readonly graph: TopologyGraph;
  readonly servers: ReadonlyMap<string, ServerEntry>;
  readonly attachments: readonly AttachEntry[];
  /** What all of this was made from, for who writes it down again. */
  readonly document: TopologyDocument;
  /** What hosts serve over HTTP, by host and path; absent where no file was read for it. */
  readonly servedFiles?: ServedFiles;
  /** What the file says that its author may not have meant. */
  readonly warnings: readonly Mistake[];
}

/** By host, then by path from the root of the server. */
export type ServedFiles = ReadonlyMap<string, ReadonlyMap<string, Uint8Array>>;

export type NodeAttributes = SwitchNode | HostNode | BarePortNode;

interface Placed {
  readonly tier?: string;
  readonly site?: string;
  readonly position?: Position;
  readonly location?: Location;
  readonly labels: Readonly<Record<string, string>>;
}

export interface SwitchNode extends Placed {
  readonly type: 'switch';
  readonly dpid: bigint;
  readonly tables?: number;
  readonly maxEntries?: number;
}

export interface HostNode extends Placed {
  readonly type: 'host';
  readonly kind: Exclude<HostKind, 'port'>;
  readonly mac: number;
  readonly ip: HostAddress | 'dhcp';
  readonly ipv6?: HostIpv6;
  readonly gateway?: IpAddress;
  readonly on?: string;
  readonly app?: string;
  readonly profile?: string;
  readonly start?: GuestStart;
  readonly bootNs?: number;
  readonly cpus?: number;
  readonly memoryBytes?: number;
  readonly services?: ServiceEntries;
}

/** The end of a cable, without anything that would have an address. */
export interface BarePortNode extends Placed {
  readonly type: 'port';
}

/** Of both directions, where `to` says nothing else. */
export interface LinkAttributes extends LinkProperties, Pick<LinkEntry, 'to' | 'schedule'> {
  readonly name: string;
  readonly a: Port;
  readonly b: Port;
  readonly delayNs: number;
  readonly loss: NonNullable<LinkProperties['loss']>;
  /** At each end. */
  readonly queuePackets: number;
  /** The server on which the guest at one of its ends has it; absent: wherever the guest is. */
  readonly node?: string;
}

/** What Linux gives an Ethernet device (`txqueuelen`). */
const QUEUE_PACKETS = 1000;

const LINK_DEFAULTS = { delayNs: 0, loss: 0, queuePackets: QUEUE_PACKETS };

/** The document must have passed its checks. */
export function buildTopology(document: TopologyDocument, warnings: readonly Mistake[] = []): Topology {
  const graph: TopologyGraph = new MultiUndirectedGraph();
  const dpids = assignDpids(document);
  for (const [name, entry] of document.switches) {
    graph.addNode(name, { type: 'switch', dpid: dpids.get(name)!, ...limitsOf(entry), ...placed(entry) });
  }
  const ips = assignIps(document.hosts);
  const macs = assignMacs(document.hosts);
  const places = placeGuests(document).on;
  for (const [name, entry] of document.hosts) {
    const on = places.get(name);
    const { kind, ...properties } = hostOf(on === undefined ? entry : { ...entry, on });
    graph.addNode(
      name,
      kind === 'port'
        ? { type: 'port', ...placed(entry) }
        : { type: 'host', kind, ...properties, mac: macs.get(name)!, ip: ips.get(name)!, ...placed(entry) },
    );
  }
  const ports = assignPorts(document);
  for (const [i, { ends: _, name: given, ...properties }] of document.links.entries()) {
    const [a, b] = ports[i]!;
    const name = given ?? `${a.node}:${a.port}-${b.node}:${b.port}`;
    graph.addEdgeWithKey(name, a.node, b.node, {
      name,
      a,
      b,
      ...LINK_DEFAULTS,
      ...document.defaults?.link,
      ...properties,
    });
  }
  return {
    name: document.name,
    tiers: document.tiers ?? listTiers(document),
    graph,
    servers: document.nodes,
    attachments: document.attach,
    document,
    warnings,
  };
}

function placed({ tier, site, position, location, labels }: Placement): Placed {
  return {
    ...(tier !== undefined && { tier }),
    ...(site !== undefined && { site }),
    ...(position && { position }),
    ...(location && { location }),
    labels: Object.fromEntries(labels ?? []),
  };
}

function limitsOf({ tables, maxEntries }: SwitchEntry): Pick<SwitchEntry, 'tables' | 'maxEntries'> {
  return { ...(tables !== undefined && { tables }), ...(maxEntries !== undefined && { maxEntries }) };
}

function hostOf(entry: HostEntry): Omit<HostEntry, 'ip' | 'mac' | keyof Placement> {
  const { ip: _ip, mac: _mac, tier: _tier, site: _site, labels: _labels, ...others } = entry;
  const { position: _position, location: _location, ...rest } = others;
  return rest;
}

/** Without a list of tiers, those that are used, in the order of the file. */
function listTiers({ switches, nodes, hosts }: TopologyDocument): string[] {
  const entries: Placement[] = [...switches.values(), ...nodes.values(), ...hosts.values()];
  return [...new Set(entries.flatMap(({ tier }) => (tier === undefined ? [] : [tier])))];
}
