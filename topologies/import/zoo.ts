/**
 * The Internet Topology Zoo (Knight et al.): maps of real networks, as people drew them, made into something that can run.
 *
 * - Ids are identity, labels are titles: labels are missing, or the same for several nodes.
 * - Nodes outside of the network (`Internal` 0) are hosts at which links end: a host forwards nothing. All others are switches, also those that
 *   stand for a medium that several share (`hyperedge`): a hub, to us, is a switch.
 * - Nodes without coordinates are put amid their neighbours, from those that have some outwards.
 * - The delay of a link is that of a fibre along the great circle. Its bandwidth is what the file says in figures or in the label, or else 1 Gbit/s.
 */
import type { ParsedNode } from 'yaml';
import type { Location } from '../document.ts';
import { BANDWIDTH, DURATION, formatQuantity } from '../quantity.ts';
import type { Attributes, ForeignEdge, ForeignGraph, ForeignNode } from './foreign-graph.ts';
import { fibreDelayNs, meanLocation } from './geography.ts';
import type { ImportNotes } from './import-notes.ts';
import { parseLinkSpeed, toSpeed } from './link-speed.ts';
import { mapNode, numberNode, spanOf, textIn, textNode } from './native-tree.ts';

const DEFAULT_BPS = 1_000_000_000;

/** What the tool that made the files wrote for nothing. */
const NO_LABEL = 'None';

/** Graph attributes that no other files have. */
const MARKS = ['GeoExtent', 'GeoLocation', 'Provenance'];

/** Numbers that have no meaning outside of the file. */
const EDGE_IDS = ['key', 'id'];

export function isZoo(declared: ReadonlySet<string>): boolean {
  return MARKS.some((mark) => declared.has(mark));
}

/** In words of ours, as far as there are some. */
export function translateZoo(graph: ForeignGraph, notes: ImportNotes): ForeignGraph {
  const locations = locateNodes(graph, notes);
  const attributes = new Map(graph.attributes);
  const name = attributes.get('Network') ?? attributes.get('label');
  if (name) attributes.set('name', name);
  attributes.delete('Network');
  const titles = new Map(graph.nodes.map((node) => [node.id, titleOf(node)]));
  const describeEdge = ({ ends }: ForeignEdge) => ends.map(({ node }) => titles.get(node) ?? node).join(' to ');
  return {
    ...graph,
    attributes,
    nodes: graph.nodes.map((node) => translateNode(node, locations.get(node.id), notes)),
    edges: graph.edges.map((edge) => translateEdge(edge, locations, describeEdge(edge), notes)),
  };
}

function translateNode(node: ForeignNode, location: Location | undefined, notes: ImportNotes): ForeignNode {
  const attributes = new Map(node.attributes);
  const title = titleOf(node);
  const isOutside = Number(textIn(attributes.get('Internal')) ?? 1) === 0;
  const isHub = Number(textIn(attributes.get('hyperedge')) ?? 0) === 1;
  const drawnAs = attributes.get('type');
  if (drawnAs && !attributes.has('Type')) attributes.set('Type', drawnAs);
  for (const key of ['Internal', 'Longitude', 'Latitude', 'id']) attributes.delete(key);
  if (isOutside && !isHub) notes.tally('outside of the network, so hosts, which forward nothing', node.span, title);
  if (isHub) notes.tally('media that several nodes share, so switches', node.span, title);
  attributes.set('type', textNode(isOutside && !isHub ? 'host' : 'switch', node.span));
  if (location) {
    const span = spanOf(node.attributes.get('Longitude') ?? attributes.get('type')!);
    const place = mapNode(
      [
        ['lon', numberNode(String(location.lon), span)],
        ['lat', numberNode(String(location.lat), span)],
      ],
      span,
    );
    attributes.set('location', place);
  }
  return { ...node, attributes, title };
}

function titleOf({ id, title, attributes }: ForeignNode): string {
  const label = title ?? textIn(attributes.get('label'));
  return label === undefined || label === NO_LABEL ? `node-${id}` : label;
}

function translateEdge(
  edge: ForeignEdge,
  locations: ReadonlyMap<string, Location>,
  described: string,
  notes: ImportNotes,
): ForeignEdge {
  const { span, ends } = edge;
  // Left out by who makes cables of edges.
  if (ends[0].node === ends[1].node) return edge;
  const attributes = new Map(edge.attributes);
  for (const key of EDGE_IDS) attributes.delete(key);
  const speed = takeSpeed(attributes);
  if (speed === undefined) notes.tally('no speed that could be read, so 1 Gbit/s', span, described);
  attributes.set('bandwidth', textNode(formatQuantity(speed ?? DEFAULT_BPS, BANDWIDTH), span));
  const [a, b] = ends.map(({ node }) => locations.get(node));
  if (a && b) attributes.set('delay', textNode(formatQuantity(fibreDelayNs(a, b), DURATION), span));
  else notes.tally('no coordinates at an end, so no delay', span, described);
  return { ...edge, attributes };
}

/** What was read is removed; what was not stays, and is told by who leaves it out. */
function takeSpeed(attributes: Attributes): number | undefined {
  const take = (speed: number | undefined, ...keys: string[]) => {
    if (speed !== undefined) for (const key of keys) attributes.delete(key);
    return speed;
  };
  const said = (key: string) => textIn(attributes.get(key)) ?? '';
  return (
    take(toSpeed(Number(said('LinkSpeedRaw'))), 'LinkSpeedRaw', 'LinkSpeed', 'LinkSpeedUnits', 'LinkLabel') ??
    take(
      parseLinkSpeed(`${said('LinkSpeed')} ${said('LinkSpeedUnits')}bps`),
      'LinkSpeed',
      'LinkSpeedUnits',
      'LinkLabel',
    ) ??
    take(parseLinkSpeed(said('LinkLabel')), 'LinkLabel') ??
    take(parseLinkSpeed(said('LinkType')), 'LinkType')
  );
}

/** Waves outwards from the nodes that have coordinates, so that the order of the file does not matter. */
function locateNodes({ nodes, edges }: ForeignGraph, notes: ImportNotes): Map<string, Location> {
  const locations = new Map<string, Location>();
  for (const node of nodes) {
    const location = readLocation(node, notes);
    if (location) locations.set(node.id, location);
  }
  const neighbours = new Map<string, string[]>();
  for (const { ends } of edges) {
    for (const [from, to] of [ends, ends.toReversed()]) {
      const known = neighbours.get(from!.node);
      if (known) known.push(to!.node);
      else neighbours.set(from!.node, [to!.node]);
    }
  }
  const byId = new Map(nodes.map((node) => [node.id, node]));
  let wave = [...locations.keys()];
  while (wave.length > 0) {
    const reached = new Set(wave.flatMap((id) => neighbours.get(id) ?? []));
    const found = [...reached].flatMap((id): [ForeignNode, Location][] => {
      const node = byId.get(id);
      if (!node || locations.has(id)) return [];
      const location = meanLocation((neighbours.get(id) ?? []).flatMap((other) => locations.get(other) ?? []));
      return location ? [[node, location]] : [];
    });
    for (const [node, location] of found) {
      locations.set(node.id, location);
      notes.tally('no coordinates, so put amid the neighbours', node.span, titleOf(node));
    }
    wave = found.map(([{ id }]) => id);
  }
  const missing = nodes.filter(({ id }) => !locations.has(id));
  for (const node of missing) notes.tally('no coordinates, and no neighbour that has some', node.span, titleOf(node));
  return locations;
}

function readLocation(node: ForeignNode, notes: ImportNotes): Location | undefined {
  const { attributes, span } = node;
  const [lon, lat] = ['Longitude', 'Latitude'].map((key) => readDegrees(attributes.get(key)));
  if (lon === undefined && lat === undefined) return undefined;
  if (lon !== undefined && lat !== undefined && Math.abs(lon) <= 180 && Math.abs(lat) <= 90) return { lon, lat };
  notes.tally('coordinates that are on no map are left out', span, titleOf(node));
  return undefined;
}

/** Not a number, where something else stands there. */
function readDegrees(node: ParsedNode | undefined): number | undefined {
  const text = textIn(node);
  return text === undefined ? undefined : Number(text);
}
