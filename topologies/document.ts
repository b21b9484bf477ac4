/**
 * A topology as a document: what a native file says, with quantities in base units and addresses as numbers, and nothing more than it says.
 *
 * The file, the shorthand and (later) other formats all become this, and the model is made from it alone. Named things are in
 * Maps, in the order of the file: an object would put a host named "10" before one named "a", and hand out their ports so.
 */

import type { IpAddress } from '../protocol/wire/ip-address.ts';
import type { GuestKind } from './guest-figures.ts';

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
  readonly position?: Position;
  readonly location?: Location;
  readonly labels?: ReadonlyMap<string, string>;
}

/** On a drawing, in pixels: x to the right, y down. */
export interface Position {
  readonly x: number;
  readonly y: number;
}

/** On Earth, in degrees (WGS 84). */
export interface Location {
  readonly lon: number;
  readonly lat: number;
}

export interface SwitchEntry extends Placement {
  readonly dpid?: bigint;
  readonly tables?: number;
  readonly maxEntries?: number;
}

export interface ServerEntry extends Placement {
  readonly cpus?: number;
  readonly memoryBytes?: number;
  /** Guests that it bears at most. */
  readonly density?: number;
  /** The host by whose card the node itself is on the network. */
  readonly host?: string;
}

/** A port is the end of a cable, with nothing behind it. */
export type HostKind = 'host' | GuestKind | 'port';

export interface HostEntry extends Placement {
  readonly kind: HostKind;
  /** The server it lives on, or the gateway. */
  readonly on?: string;
  readonly ip?: HostAddress | 'dhcp';
  /** Absent: IPv4 alone. */
  readonly ipv6?: HostIpv6;
  /** The router of its link, of the family that it has an address of its own in. */
  readonly gateway?: IpAddress;
  readonly mac?: number;
  readonly app?: string;
  /** One of `PROFILE_WORDS`. */
  readonly profile?: string;
  readonly start?: GuestStart;
  /** In place of the profile's figure. */
  readonly bootNs?: number;
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

/** Whether a guest runs when the network begins, boots then, or waits until somebody starts it. */
export type GuestStart = 'running' | 'cold' | 'later';

export interface HostAddress {
  readonly address: number;
  readonly prefixLength: number;
}

/** What routers offer, the address of the link alone, or that and one that is written down. */
export type HostIpv6 = 'slaac' | 'link-local' | { readonly address: bigint; readonly prefixLength: number };

/** Of either direction of a link. Shares are 0 to 1, of frames. */
export interface LinkFigures {
  readonly bandwidthBps?: number;
  readonly delayNs?: number;
  /** In nanoseconds, if it is uniform. */
  readonly jitter?: number | JitterEntry;
  readonly loss?: number | LossBursts;
  readonly duplicate?: number;
  readonly reorder?: number;
  readonly corrupt?: number;
  readonly mtuBytes?: number;
  readonly queuePackets?: number;
  readonly queueBytes?: number;
}

export interface JitterEntry {
  readonly byNs: number;
  readonly distribution: 'uniform' | 'normal' | 'pareto';
}

/** The model of Gilbert and Elliott: shares of loss in a good and a bad state, and how likely a frame makes one follow the other. */
export interface LossBursts {
  readonly good: number;
  readonly bad: number;
  readonly toBad: number;
  readonly toGood: number;
}

export interface LinkProperties extends LinkFigures {
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
  /** Of a guest's link: the server on which it has it. */
  readonly node?: string;
  /** What differs on the way to the end of that name. */
  readonly to?: ReadonlyMap<string, LinkFigures>;
  readonly schedule?: readonly LinkChangeEntry[];
}

/** What changes at a moment of the run: in both directions, or only on the way to an end. */
export interface LinkChangeEntry extends LinkFigures {
  readonly atNs: number;
  readonly state?: 'up' | 'down';
  readonly to?: ReadonlyMap<string, LinkFigures>;
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
