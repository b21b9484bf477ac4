/**
 * The topology as something to be drawn: nodes in tiers and sites, and the links whose two ends are known.
 *
 * Its order is the topology's order. Who wrote the document had a picture in mind, and a map that follows it is found again after every change.
 */
import type { HostResource, LinkResource, SwitchResource, TopologyResource } from '../protocol/api/network-resource.ts';

export interface PictureNode {
  readonly type: 'switch' | 'host';
  /** A dpid, or the id of a host. */
  readonly id: string;
  readonly name: string;
  readonly tier: string;
  readonly site: string;
}

export interface PictureLink {
  readonly name: string;
  readonly a: string;
  readonly b: string;
}

export interface Picture {
  /** In the order of the data; one that stands for nodes without a tier has an empty name and comes last. */
  readonly tiers: readonly string[];
  readonly nodes: readonly PictureNode[];
  readonly links: readonly PictureLink[];
}

export function toPicture({ tiers, switches, hosts, links }: TopologyResource): Picture {
  const nodes = new Map<string, PictureNode>();
  for (const one of switches) nodes.set(one.dpid, { type: 'switch', id: one.dpid, ...placeOf(one, tiers) });
  for (const one of hosts) {
    // A host that no document knows stands where its switch stands.
    const place = placeOf(one, tiers);
    const access = nodes.get(one.dpid);
    const { tier, site } = place.tier === '' && access ? access : place;
    nodes.set(one.id, { type: 'host', id: one.id, name: one.name, tier, site });
  }
  const list = [...nodes.values()];
  return {
    tiers: list.some(({ tier }) => tier === '') ? [...tiers, ''] : tiers,
    nodes: list,
    links: links
      .filter(({ a, b }) => a.node !== b.node && nodes.has(a.node) && nodes.has(b.node))
      .map(({ name, a, b }) => ({ name, a: a.node, b: b.node })),
  };
}

function placeOf({ name, tier, site }: Pick<PictureNode, 'name' | 'tier' | 'site'>, tiers: readonly string[]) {
  return { name, tier: tiers.includes(tier) ? tier : '', site };
}

/** Two pictures with the same text are drawn alike: states and rates do not move anything. */
export function toPictureKey(picture: Picture): string {
  return JSON.stringify(picture);
}

/** The name of a node by its dpid or the id of a host. */
export function nodeName(topology: TopologyResource, id: string): string {
  const found: SwitchResource | HostResource | undefined =
    topology.switches.find(({ dpid }) => dpid === id) ?? topology.hosts.find((host) => host.id === id);
  return found?.name ?? id;
}

/** `gw-1:3`; a host has no port numbers. */
export function formatEnd(topology: TopologyResource, { node, portNo }: LinkResource['a']): string {
  return portNo === 0 ? nodeName(topology, node) : `${nodeName(topology, node)}:${portNo}`;
}
