/**
 * The network as people see it: what the controller found, joined with what the emulation's document says, as one pure function.
 *
 * The document comes first and gives names, tiers and sites; what it promises and nobody has found yet is listed as not connected, not seen
 * or not discovered. What was found beyond the document follows, named as the directory has it, or by its address. The order is the same for the same network.
 */
import type { EmulatedHost, EmulatedLink, EmulatedSwitch, Emulation } from '../protocol/api/emulation.ts';
import type { HostResource, LinkResource, SwitchResource, TopologyResource } from '../protocol/api/network-resource.ts';
import { formatMac } from '../protocol/wire/address.ts';
import { formatIp } from '../protocol/wire/ip-address.ts';
import type { Controller } from './controller.ts';
import { type HostAttributes, isUp, type PortRef, toLinkKey, toPortKey } from './network/network.ts';
import { namesOf } from './policy/directory-names.ts';
import type { Rate, Rates } from './rate-sampler.ts';

type LinkEnd = LinkResource['a'];
type Description = Pick<Emulation, 'name' | 'tiers' | 'switches' | 'hosts' | 'links'>;

const NO_RATE: Rate = { framesPerSecond: 0, bytesPerSecond: 0 };
const UNNAMED = 'network';

export function toTopology(controller: Controller, emulation: Description | undefined, rates: Rates): TopologyResource {
  const links = emulation?.links() ?? [];
  const switches = listSwitches(controller, emulation?.switches() ?? []);
  return {
    name: emulation?.name ?? UNNAMED,
    tiers: [...(emulation?.tiers ?? controller.directory.tiers ?? [])],
    isConverged: controller.isConverged && switches.every(({ isConnected }) => isConnected),
    isEmulated: emulation !== undefined,
    switches,
    hosts: listHosts(controller, emulation?.hosts() ?? [], links),
    links: listLinks(controller, links, rates),
  };
}

function listSwitches(controller: Controller, documented: readonly EmulatedSwitch[]): SwitchResource[] {
  const known = new Set(documented.map(({ dpid }) => dpid));
  const found = controller.switches().filter(({ dpid }) => !known.has(dpid));
  const { switches: names } = namesOf(controller.directory);
  const nodes = [...documented, ...found.map(({ dpid }) => ({ dpid, ...placeOf(names.get(dpid), dpid) }))];
  return nodes.map(({ dpid, name, tier, site }) => {
    const state = controller.findSwitch(dpid);
    return {
      dpid,
      name,
      tier,
      site,
      isConnected: state !== undefined,
      ports: state ? listPorts(controller, dpid) : [],
      flowCount: state?.installed.size ?? 0,
    };
  });
}

function placeOf(
  entry: { readonly name: string; readonly tier?: string; readonly site?: string } | undefined,
  address: string,
): { readonly name: string; readonly tier: string; readonly site: string } {
  return { name: entry?.name ?? address, tier: entry?.tier ?? '', site: entry?.site ?? '' };
}

function listPorts({ network }: Controller, dpid: string): SwitchResource['ports'] {
  if (!network.hasSwitch(dpid)) return [];
  return [...network.portsOf(dpid).values()]
    .sort((a, b) => a.portNo - b.portNo)
    .map((port) => ({ portNo: port.portNo, name: port.name, mac: formatMac(port.hwAddr), isUp: isUp(port) }));
}

function listHosts(
  { network: { graph }, directory }: Controller,
  documented: readonly EmulatedHost[],
  links: readonly EmulatedLink[],
): HostResource[] {
  const attachments = new Map<string, LinkEnd>();
  for (const { a, b } of links) {
    attachments.set(a.node, b);
    attachments.set(b.node, a);
  }
  const known = new Set(documented.map(({ id }) => id));
  const { hosts: names } = namesOf(directory);
  const found = graph
    .filterNodes((mac, { kind }) => kind === 'host' && !known.has(mac))
    .sort()
    .map((mac) => {
      const entry = names.get((graph.getNodeAttributes(mac) as HostAttributes).mac);
      return { id: mac, kind: 'host' as const, mac, ip: '', ...placeOf(entry, mac) };
    });
  return [...documented, ...found].map(({ id, name, kind, mac, ip, tier, site }) => {
    const isSeen = graph.hasNode(mac);
    const seen = isSeen ? (graph.getNodeAttributes(mac) as HostAttributes).ips.map(formatIp) : [];
    const documentedAt = attachments.get(id);
    const at = accessPort(graph, mac) ?? (documentedAt && { dpid: documentedAt.node, portNo: documentedAt.portNo });
    return {
      id,
      name,
      kind,
      mac,
      ips: [...new Set([...(ip === '' ? [] : [ip]), ...seen])],
      tier,
      site,
      isSeen,
      dpid: at?.dpid ?? '',
      portNo: at?.portNo ?? 0,
    };
  });
}

function accessPort(graph: Controller['network']['graph'], mac: string): PortRef | undefined {
  const [edge] = graph.hasNode(mac) ? graph.edges(mac) : [];
  return edge === undefined ? undefined : graph.getEdgeAttribute(edge, 'a');
}

function listLinks(
  { network: { graph }, directory }: Controller,
  emulated: readonly EmulatedLink[],
  rates: Rates,
): LinkResource[] {
  const discovered = new Map<string, { readonly a: LinkEnd; readonly b: LinkEnd }>();
  graph.forEachEdge((_, { a, b }, source, target) => {
    const host = graph.getNodeAttribute(source, 'kind') === 'host' ? source : target;
    const [first, second] = [toEnd(a), b ? toEnd(b) : { node: host, portNo: 0 }];
    discovered.set(toEndsKey(first, second), { a: first, b: second });
  });
  const { links: names } = namesOf(directory);
  const links = emulated.map(({ name, a, b, isUp }) => {
    const isDiscovered = discovered.delete(toEndsKey(a, b));
    return { name, a, b, isUp, isDiscovered, ...(rates.get(name) ?? NO_RATE) };
  });
  const more = [...discovered]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, ends]) => ({ name: names.get(key) ?? key, ...ends, isUp: true, isDiscovered: true, ...NO_RATE }));
  return [...links, ...more];
}

function toEnd({ dpid, portNo }: PortRef): LinkEnd {
  return { node: dpid, portNo };
}

/** A switch's end by its port, a host's by its address alone. */
function toEndsKey(a: LinkEnd, b: LinkEnd): string {
  return a.portNo === 0 || b.portNo === 0
    ? [toEndKey(a), toEndKey(b)].sort().join('-')
    : toLinkKey({ dpid: a.node, portNo: a.portNo }, { dpid: b.node, portNo: b.portNo });
}

function toEndKey({ node, portNo }: LinkEnd): string {
  return portNo === 0 ? node : toPortKey({ dpid: node, portNo });
}
