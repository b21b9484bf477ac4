/**
 * A topology as a document: what a native file says, with quantities in base units and addresses as numbers, and nothing more than it says.
 *
 * The file, the shorthand and (later) other formats all become this, and the model is made from it alone. Named things are in
 * Maps, in the order of the file: an object would put a host named "10" before one named "a", and hand out their ports so.
 */

export interface TopologyDocument {
  readonly apiVersion: 'sluice/v1';
  readonly kind: 'Topology';
  readonly name: string;
  readonly defaults?: Defaults;
  readonly tiers?: readonly string[];
  readonly switches: ReadonlyMap<string, SwitchEntry>;
  /** Where guests live: servers, which are no part of the network themselves. */
  readonly nodes: ReadonlyMap<string, ServerEntry>;
  readonly hosts: ReadonlyMap<string, HostEntry>;
  readonly links: readonly LinkEntry[];
  readonly attach: readonly AttachEntry[];
}

export interface Defaults {
  readonly link?: LinkProperties;
}

/** Where a thing belongs; selectors of policies and scenarios ask for these. */
export interface Placement {
  readonly tier?: string;
  readonly site?: string;
  readonly labels?: ReadonlyMap<string, string>;
}

export interface SwitchEntry extends Placement {
  readonly dpid?: bigint;
  readonly tables?: number;
  readonly maxEntries?: number;
}

export interface ServerEntry extends Placement {
  readonly cpus?: number;
  readonly memoryBytes?: number;
}

/** A port is the end of a cable, with nothing behind it. */
export type HostKind = 'host' | 'container' | 'vm' | 'port';

export interface HostEntry extends Placement {
  readonly kind: HostKind;
  /** The server it lives on, or the gateway. */
  readonly on?: string;
  readonly ip?: HostAddress | 'dhcp';
  readonly mac?: number;
  readonly app?: string;
  readonly profile?: string;
  readonly cpus?: number;
  readonly memoryBytes?: number;
  readonly services?: ServiceEntries;
}

/** What a host serves others in the network. */
export interface ServiceEntries {
  readonly dhcp?: DhcpEntry;
  readonly dns?: DnsEntry;
  readonly http?: HttpEntry;
}

export interface DhcpEntry {
  readonly pool: AddressRange;
  readonly leaseNs?: number;
  readonly router?: number;
  readonly nameServers?: readonly number[];
  readonly domain?: string;
  /** By name of a host, or MAC. */
  readonly reservations?: ReadonlyMap<string, number>;
  readonly boot?: BootEntry;
}

/** Both ends belong to it. */
export interface AddressRange {
  readonly first: number;
  readonly last: number;
}

export interface BootEntry {
  readonly file?: string;
  readonly script?: string;
  readonly nextServer?: number;
}

export interface DnsEntry {
  readonly zone?: string;
  /** Hosts or addresses by name. */
  readonly names?: ReadonlyMap<string, string>;
}

export interface HttpEntry {
  readonly port?: number;
  /** A folder; in a file, from where the file is. */
  readonly files?: string;
}

export interface HostAddress {
  readonly address: number;
  readonly prefixLength: number;
}

export interface LinkProperties {
  readonly bandwidthBps?: number;
  readonly delayNs?: number;
  readonly jitterNs?: number;
  /** 0 to 1. */
  readonly loss?: number;
  readonly queuePackets?: number;
  /** By number, in decimal. */
  readonly queues?: ReadonlyMap<string, QueueEntry>;
}

/** Shares of a link's bandwidth, in tenths of a percent. */
export interface QueueEntry {
  readonly minRate?: number;
  readonly maxRate?: number;
}

export interface LinkEntry extends LinkProperties {
  readonly ends: readonly [End, End];
  readonly name?: string;
}

export interface End {
  readonly node: string;
  readonly port?: number;
}

/** A port of a switch that something outside of this process plugs into. */
export interface AttachEntry {
  readonly switch: string;
  readonly port: number;
  /** In a file, from where the file is; else from where the program runs. */
  readonly unix?: string;
  readonly tcp?: SocketAddress;
  readonly udp?: SocketAddress;
  /** Of datagrams: who they go to, and the only one that is listened to. */
  readonly peer?: SocketAddress;
  readonly framing?: Framing;
}

export type Framing = 'u32' | 'u16' | 'udp';

export interface SocketAddress {
  readonly host: string;
  readonly port: number;
}
