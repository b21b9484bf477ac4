/**
 * What outlives the controller of the network that it found: its switches, and its hosts with their places and addresses.
 *
 * Hosts come back when their switch does, so that a controller that starts anew, or a switch that was away for a moment, has not to wait until they speak. A
 * host that goes with its switch is remembered; one whose port went down, that is silent, or that was none, is not. What changed is gathered and written once in a while: what the
 * last second brought is learned again as easily as it was the first time.
 */
import { formatMac, parseMac } from '../../protocol/wire/address.ts';
import { formatIp, type IpAddress, parseIp } from '../../protocol/wire/ip-address.ts';
import type { Nanos } from '../../protocol/wire/openflow/session.ts';
import type { Entry, Operation } from '../store/store.ts';
import { StoreError } from '../store/store-error.ts';
import { IPS_PER_HOST_MAX } from './host-table.ts';
import type { Network, NetworkEvent, PortRef } from './network.ts';

export interface RememberedHost {
  readonly mac: number;
  readonly port: PortRef;
  readonly ips: readonly IpAddress[];
}

/** What a controller begins with. */
export interface RememberedNetwork {
  readonly switches: readonly string[];
  readonly hosts: readonly RememberedHost[];
}

export const NOTHING_REMEMBERED: RememberedNetwork = { switches: [], hosts: [] };

export const HOSTS_PREFIX = 'hosts/';
export const SWITCHES_PREFIX = 'switches/';

/** More than a controller looks after at once; beyond, the one that changed longest ago is forgotten. */
const HOSTS_MAX = 65_536;
const SWITCHES_MAX = 4096;

/** What has not come back by then after a start is no part of the network any more; until then each start waits for it a little. */
const FORGOTTEN_AFTER: Nanos = 3_600_000_000_000;

const WRITE_INTERVAL: Nanos = 1_000_000_000;

/** A write of some hundred kilobytes. */
const OPERATIONS_MAX = 1000;

export class NetworkMemory {
  readonly #network: Network;
  readonly #persist: (operations: readonly Operation[]) => void;
  readonly #switches: Set<string>;
  readonly #hosts = new Map<number, RememberedHost>();
  /** By dpid. */
  readonly #macsAt = new Map<string, Set<number>>();
  /** Keys of what is to be written. */
  readonly #changed = new Set<string>();
  /** Switches of the last run that have not come back. */
  readonly #awaited: Set<string>;
  readonly #awaitedUntil: Nanos;
  #isWriting = false;
  #writeAt: Nanos | undefined;

  constructor(
    network: Network,
    remembered: RememberedNetwork,
    now: Nanos,
    persist: (operations: readonly Operation[]) => void,
  ) {
    this.#network = network;
    this.#persist = persist;
    this.#switches = new Set(remembered.switches);
    this.#awaited = new Set([...remembered.switches, ...remembered.hosts.map(({ port }) => port.dpid)]);
    this.#awaitedUntil = now + FORGOTTEN_AFTER;
    for (const host of remembered.hosts) this.#keep(host);
  }

  /** The switch was here before, perhaps with rules of ours. */
  knows(dpid: string): boolean {
    return this.#switches.has(dpid);
  }

  follow(event: NetworkEvent, now: Nanos): void {
    switch (event.type) {
      case 'switch-joined':
        this.#joined(event.dpid, now);
        break;
      case 'host-found':
      case 'host-moved':
      case 'host-addressed':
        this.#learn(event.mac, now);
        break;
      case 'host-lost':
        if (event.reason !== 'switch-left') this.#forget(event.mac, now);
        break;
      default:
        break;
    }
  }

  poll(now: Nanos): void {
    if (now >= this.#awaitedUntil) for (const dpid of this.#awaited) this.#forgetSwitch(dpid, now);
    if (this.#writeAt === undefined || now < this.#writeAt || this.#isWriting) return;
    const keys = [...this.#changed].slice(0, OPERATIONS_MAX);
    for (const key of keys) this.#changed.delete(key);
    this.#writeAt = this.#changed.size > 0 ? now + WRITE_INTERVAL : undefined;
    this.#isWriting = true;
    this.#persist(keys.map((key) => this.#toOperation(key)));
  }

  pollAt(): Nanos | undefined {
    const writeAt = this.#isWriting ? undefined : this.#writeAt;
    return this.#awaited.size === 0 ? writeAt : Math.min(writeAt ?? this.#awaitedUntil, this.#awaitedUntil);
  }

  /** What the store did not take is written when it changes again. */
  persisted(): void {
    this.#isWriting = false;
  }

  #joined(dpid: string, now: Nanos): void {
    this.#awaited.delete(dpid);
    if (!this.#switches.has(dpid) && this.#switches.size < SWITCHES_MAX) {
      this.#switches.add(dpid);
      this.#change(`${SWITCHES_PREFIX}${dpid}`, now);
    }
    for (const mac of [...(this.#macsAt.get(dpid) ?? [])]) {
      const { port, ips } = this.#hosts.get(mac)!;
      if (this.#network.portOfHost(mac)) continue;
      if (!this.#network.isHostPort(port)) this.#forget(mac, now);
      else if (this.#network.seeHost(mac, undefined, port)) this.#restoreIps(mac, ips);
    }
  }

  /** An address that somebody else has by now is his. */
  #restoreIps(mac: number, ips: readonly IpAddress[]): void {
    for (const ip of ips) if (this.#network.ownerOf(ip) === undefined) this.#network.addressHost(mac, ip);
  }

  #learn(mac: number, now: Nanos): void {
    const port = this.#network.portOfHost(mac)!;
    const ips = this.#network.ipsOf(mac);
    const known = this.#hosts.get(mac);
    const isKnown = known?.port.dpid === port.dpid && known.port.portNo === port.portNo && isSameList(known.ips, ips);
    // While a host is put back, it is known with all its addresses already.
    if (isKnown || (known && ips.length < known.ips.length && isSameList(known.ips.slice(0, ips.length), ips))) return;
    this.#keep({ mac, port, ips });
    this.#change(toHostKey(mac), now);
    if (this.#hosts.size > HOSTS_MAX) {
      const [oldest] = this.#hosts.keys();
      this.#forget(oldest!, now);
    }
  }

  #keep(host: RememberedHost): void {
    this.#drop(host.mac);
    this.#hosts.set(host.mac, host);
    const { dpid } = host.port;
    const macs = this.#macsAt.get(dpid);
    if (macs) macs.add(host.mac);
    else this.#macsAt.set(dpid, new Set([host.mac]));
  }

  #drop(mac: number): boolean {
    const known = this.#hosts.get(mac);
    if (!known) return false;
    this.#hosts.delete(mac);
    const macs = this.#macsAt.get(known.port.dpid)!;
    macs.delete(mac);
    if (macs.size === 0) this.#macsAt.delete(known.port.dpid);
    return true;
  }

  #forget(mac: number, now: Nanos): void {
    if (this.#drop(mac)) this.#change(toHostKey(mac), now);
  }

  #forgetSwitch(dpid: string, now: Nanos): void {
    this.#awaited.delete(dpid);
    for (const mac of [...(this.#macsAt.get(dpid) ?? [])]) this.#forget(mac, now);
    if (this.#switches.delete(dpid)) this.#change(`${SWITCHES_PREFIX}${dpid}`, now);
  }

  #change(key: string, now: Nanos): void {
    this.#changed.add(key);
    this.#writeAt ??= now + WRITE_INTERVAL;
  }

  #toOperation(key: string): Operation {
    if (key.startsWith(SWITCHES_PREFIX)) {
      const isKnown = this.#switches.has(key.slice(SWITCHES_PREFIX.length));
      return isKnown ? { type: 'put', key, value: '{}' } : { type: 'delete', key };
    }
    const host = this.#hosts.get(parseMac(key.slice(HOSTS_PREFIX.length))!);
    return host ? { type: 'put', key, value: formatHost(host) } : { type: 'delete', key };
  }
}

function isSameList(a: readonly IpAddress[], b: readonly IpAddress[]): boolean {
  return a.length === b.length && a.every((ip, i) => ip === b[i]);
}

function toHostKey(mac: number): string {
  return `${HOSTS_PREFIX}${formatMac(mac)}`;
}

function formatHost({ port, ips }: RememberedHost): string {
  return JSON.stringify({ dpid: port.dpid, portNo: port.portNo, ips: ips.map(formatIp) });
}

/** Throws a `StoreError` that names the key. */
export function parseRememberedHost({ key, value }: Entry): RememberedHost {
  const mac = parseMac(key.slice(HOSTS_PREFIX.length));
  const { dpid, portNo, ips } = parseObject(key, value);
  const addresses = Array.isArray(ips) ? ips.map((ip) => (typeof ip === 'string' ? parseIp(ip) : undefined)) : [];
  const isWhole = typeof dpid === 'string' && isDpid(dpid) && Number.isSafeInteger(portNo) && Array.isArray(ips);
  if (mac === undefined || !isWhole || addresses.length > IPS_PER_HOST_MAX || addresses.includes(undefined)) {
    throw new StoreError('corrupt', `the store has a host that cannot be read: ${key}`);
  }
  return { mac, port: { dpid, portNo: portNo as number }, ips: addresses.filter((ip) => ip !== undefined) };
}

/** Throws a `StoreError` that names the key. */
export function parseRememberedSwitch({ key }: Entry): string {
  const dpid = key.slice(SWITCHES_PREFIX.length);
  if (!isDpid(dpid)) throw new StoreError('corrupt', `the store has a switch that cannot be read: ${key}`);
  return dpid;
}

function parseObject(key: string, value: string): Readonly<Record<string, unknown>> {
  try {
    const parsed: unknown = JSON.parse(value);
    return typeof parsed === 'object' && parsed !== null ? { ...parsed } : {};
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new StoreError('corrupt', `the store has a host that cannot be read: ${key}`, error);
  }
}

function isDpid(text: string): boolean {
  return /^[0-9a-f]{16}$/.test(text);
}
