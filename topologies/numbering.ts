/**
 * The numbers that a document leaves out: ports, datapath ids, addresses.
 *
 * All follow the order of the file, so that the same file always gives the same network, and are what Mininet gives where Mininet
 * gives one. Numbers that are given come first, wherever they stand; those that are not fit in between and never collide.
 *
 * - Port: the lowest free one, counting up from 1 on a switch and from 0 on a host (`h1-eth0`).
 * - Datapath id: the first number in the name, in decimal (`s10` is 10, that is 0xa), if nobody else has it; then, for switches
 *   without a number or with one that is taken, the lowest free one from 1.
 * - Host N of the file: 10.0.0.N/8 and 00:00:00:00:00:N, or the next free one above. `N` counts all hosts, so that the
 *   two agree, and an address given to one host does not renumber the others. A bare port is counted and has none.
 */
import type { End, HostAddress, HostEntry, TopologyDocument } from './document.ts';

export interface Port {
  readonly node: string;
  readonly port: number;
}

/** The ends of each link in the order of the links. */
export function assignPorts({ links, switches, attach }: TopologyDocument): (readonly [Port, Port])[] {
  const taken = new Map<string, Set<number>>();
  const nexts = new Map<string, number>();
  const take = (node: string, port: number) => {
    const ports = taken.get(node);
    if (ports) ports.add(port);
    else taken.set(node, new Set([port]));
  };
  for (const { ends } of links) for (const { node, port } of ends) if (port !== undefined) take(node, port);
  for (const entry of attach) take(entry.switch, entry.port);

  const assign = ({ node, port }: End): Port => {
    if (port !== undefined) return { node, port };
    const given = taken.get(node);
    let next = nexts.get(node) ?? (switches.has(node) ? 1 : 0);
    while (given?.has(next)) next++;
    nexts.set(node, next + 1);
    return { node, port: next };
  };
  return links.map(({ ends: [a, b] }) => [assign(a), assign(b)]);
}

const DPID_MAX = 0xffff_ffff_ffff_ffffn;

export function assignDpids({ switches }: TopologyDocument): Map<string, bigint> {
  const dpids = new Map<string, bigint>();
  const taken = new Set<bigint>();
  const assign = (name: string, dpid: bigint) => {
    dpids.set(name, dpid);
    taken.add(dpid);
  };
  for (const [name, { dpid }] of switches) if (dpid !== undefined) assign(name, dpid);
  for (const name of switches.keys()) {
    const digits = /[0-9]+/.exec(name)?.[0];
    if (dpids.has(name) || digits === undefined) continue;
    const dpid = BigInt(digits);
    if (dpid > 0n && dpid <= DPID_MAX && !taken.has(dpid)) assign(name, dpid);
  }
  let next = 1n;
  for (const name of switches.keys()) {
    if (dpids.has(name)) continue;
    while (taken.has(next)) next++;
    assign(name, next);
  }
  return dpids;
}

const FIRST_IP = 0x0a000000;
const PREFIX_LENGTH = 8;

/** Of hosts without an address of their own. */
export const NETWORK_DEFAULT: HostAddress = { address: FIRST_IP, prefixLength: PREFIX_LENGTH };

export function assignIps(hosts: ReadonlyMap<string, HostEntry>): Map<string, HostAddress | 'dhcp'> {
  const given = [...hosts.values()].flatMap(({ ip }) =>
    ip === undefined || ip === 'dhcp' ? [] : [ip.address - FIRST_IP],
  );
  const numbers = countHosts(hosts, new Set(given), ({ ip }) => ip !== undefined);
  return new Map(
    listAddressed(hosts).map(([name, { ip }]) => [
      name,
      ip ?? { address: FIRST_IP + numbers.get(name)!, prefixLength: PREFIX_LENGTH },
    ]),
  );
}

export function assignMacs(hosts: ReadonlyMap<string, HostEntry>): Map<string, number> {
  const given = [...hosts.values()].flatMap(({ mac }) => (mac === undefined ? [] : [mac]));
  const numbers = countHosts(hosts, new Set(given), ({ mac }) => mac !== undefined);
  return new Map(listAddressed(hosts).map(([name, { mac }]) => [name, mac ?? numbers.get(name)!]));
}

function listAddressed(hosts: ReadonlyMap<string, HostEntry>): (readonly [string, HostEntry])[] {
  return [...hosts].filter(([, { kind }]) => kind !== 'port');
}

/** The number of each host that has none: its place in the file, or the next above that nobody has. */
function countHosts(
  hosts: ReadonlyMap<string, HostEntry>,
  taken: ReadonlySet<number>,
  hasOwn: (host: HostEntry) => boolean,
): Map<string, number> {
  const numbers = new Map<string, number>();
  let next = 1;
  let place = 0;
  for (const [name, host] of hosts) {
    place++;
    if (hasOwn(host) || host.kind === 'port') continue;
    next = Math.max(next, place);
    while (taken.has(next)) next++;
    numbers.set(name, next++);
  }
  return numbers;
}
