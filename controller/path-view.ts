/**
 * Paths as people ask for them and read them: places by their names, then searches on the routes' graph, then nodes, ports and links by name.
 *
 * A place of the document that is not there now (a switch that is not connected, a host that nobody knows where to find) is a known place without paths.
 */
import type { HostResource, TopologyResource } from '../protocol/api/network-resource.ts';
import type { PathList, PathQuery, PathResource } from '../protocol/api/path-resource.ts';
import { findDisjointPaths } from './compile/disjoint-paths.ts';
import { findShortestPaths } from './compile/k-shortest-paths.ts';
import type { PathGraph } from './compile/path-graph.ts';
import type { Barred, Path } from './compile/path-search.ts';
import type { Routes } from './compile/routes.ts';
import { findPathVia } from './compile/waypoint-path.ts';
import { toLinkKey, toPortKey } from './network/network.ts';

export type PathParameter = 'from' | 'to' | 'avoid' | 'via';

/** No place, or more than one, is called what a parameter says. */
export class PlaceError extends Error {
  override readonly name = 'PlaceError';
  readonly parameter: PathParameter;
  readonly place: string;
  readonly count: number;

  constructor(parameter: PathParameter, place: string, count: number) {
    super(`${parameter}: ${place}`);
    this.parameter = parameter;
    this.place = place;
    this.count = count;
  }
}

interface End {
  readonly dpid: string;
  readonly host: HostResource | undefined;
}

type LinkResource = TopologyResource['links'][number];

export function listPaths(routes: Routes, topology: TopologyResource, query: PathQuery): PathList {
  const [from, to] = [findEnd(topology, 'from', query.from), findEnd(topology, 'to', query.to)];
  const barred = findBarred(routes.graph, topology, query.avoid ?? '');
  const via = splitNames(query.via).map((name) => findSwitch(topology, 'via', name));
  const slots = [from.dpid, ...via, to.dpid].flatMap((dpid) => routes.graph.slotOf(dpid) ?? []);
  if (slots.length < via.length + 2) return { items: [], equalPorts: [] };
  const names = nameLinks(topology.links);
  return {
    items: search(routes.graph, slots, query, barred).map((path) => toResource(routes.graph, path, from, to, names)),
    equalPorts: routes.equalPorts(from.dpid, to.dpid),
  };
}

function search(graph: PathGraph, slots: readonly number[], query: PathQuery, barred: Barred): readonly Path[] {
  const [from, to] = [slots[0]!, slots.at(-1)!];
  if (query.disjoint) return findDisjointPaths(graph, from, to, query.disjoint, barred);
  if (slots.length === 2) return findShortestPaths(graph, from, to, query.k ?? 1, barred);
  const path = findPathVia(graph, [from, ...slots.slice(1)], barred);
  return path ? [path] : [];
}

function splitNames(list: string | undefined): readonly string[] {
  return list === undefined || list === '' ? [] : list.split(',');
}

/** What is called by its own id is meant before what has that for a name. */
function findEnd({ switches, hosts }: TopologyResource, parameter: PathParameter, text: string): End {
  const ends = [
    ...switches.map(({ dpid, name }) => ({ id: dpid, names: [name], end: { dpid, host: undefined } })),
    ...hosts.map((host) => ({ id: host.id, names: [host.name, ...host.ips], end: { dpid: host.dpid, host } })),
  ];
  const exact = ends.filter(({ id }) => id === text);
  const found = exact.length > 0 ? exact : ends.filter(({ names }) => names.includes(text));
  if (found.length !== 1) throw new PlaceError(parameter, text, found.length);
  return found[0]!.end;
}

function findSwitch({ switches }: TopologyResource, parameter: PathParameter, text: string): string {
  const exact = switches.filter(({ dpid }) => dpid === text);
  const found = exact.length > 0 ? exact : switches.filter(({ name }) => name === text);
  if (found.length !== 1) throw new PlaceError(parameter, text, found.length);
  return found[0]!.dpid;
}

function findBarred(graph: PathGraph, topology: TopologyResource, avoid: string): Barred {
  const slots = new Set<number>();
  const arcs = new Set<number>();
  for (const name of splitNames(avoid)) {
    const links = topology.links.filter((link) => link.name === name && link.a.portNo > 0 && link.b.portNo > 0);
    if (links.length === 0) {
      const slot = graph.slotOf(findSwitch(topology, 'avoid', name));
      if (slot !== undefined) slots.add(slot);
    }
    for (const { node, portNo } of links.flatMap(({ a, b }) => [a, b])) {
      const slot = graph.slotOf(node);
      const arc = slot === undefined ? undefined : graph.arcAt(slot, portNo);
      if (arc !== undefined) arcs.add(arc);
    }
  }
  return { slots, arcs };
}

/** By the port of either switch, and by the id of a host, behind one port of which there may be many. */
function nameLinks(links: readonly LinkResource[]): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  for (const { name, a, b } of links) {
    const host = [a, b].find(({ portNo }) => portNo === 0);
    if (host) names.set(host.node, name);
    else for (const { node, portNo } of [a, b]) names.set(toPortKey({ dpid: node, portNo }), name);
  }
  return names;
}

function toResource(
  graph: PathGraph,
  path: Path,
  from: End,
  to: End,
  names: ReadonlyMap<string, string>,
): PathResource {
  const nodes: PathResource['nodes'] = [];
  const links: string[] = [];
  const goOver = (node: string, inPort: number) => nodes.push({ node, inPort, outPort: 0 });
  const leaveBy = (portNo: number, link: string | undefined) => {
    nodes.at(-1)!.outPort = portNo;
    links.push(link ?? '');
  };
  if (from.host) {
    goOver(from.host.id, 0);
    leaveBy(0, names.get(from.host.id));
  }
  goOver(from.dpid, from.host?.portNo ?? 0);
  for (const arc of path.arcs) {
    const near = { dpid: nodes.at(-1)!.node, portNo: graph.port[arc]! };
    const far = { dpid: graph.dpidOf(graph.to[arc]!), portNo: graph.farPort[arc]! };
    leaveBy(near.portNo, names.get(toPortKey(near)) ?? toLinkKey(near, far));
    goOver(far.dpid, far.portNo);
  }
  if (to.host) {
    leaveBy(to.host.portNo, names.get(to.host.id));
    goOver(to.host.id, 0);
  }
  return { cost: path.cost, nodes, links };
}
