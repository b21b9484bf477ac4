/**
 * In which column of the map a node stands: its tier, and a layer within the tier.
 *
 * A tier whose switches are linked among each other is taken apart by distance from where the tier is entered, so that leaf and spine, or a
 * chain without any tiers, read from left to right. A host of the same tier stands right of its switch where nothing goes on to the right,
 * left of it where nothing comes from the left, else above or below it, out of the way of the uplinks.
 */
import type { Picture, PictureNode } from './network-picture.ts';

/** A longer chain folds up in the last layer rather than making a map that nobody can see whole. */
const LAYERS_MAX = 8;

export interface Layers {
  /** Per tier of the picture, how many layers it has: at least one. */
  readonly counts: readonly number[];
  /** Per node, the layer within its tier. */
  readonly of: ReadonlyMap<string, number>;
}

export function toLayers(picture: Picture): Layers {
  const { tiers, nodes } = picture;
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const neighbours = toNeighbours(picture, byId);
  const rankOf = ({ tier }: PictureNode) => tiers.indexOf(tier);
  const layers = new Map<string, number>();

  for (const tier of tiers) {
    const switches = nodes.filter((node) => node.type === 'switch' && node.tier === tier);
    const isEntry = (node: PictureNode) => neighbours.get(node.id)!.some((other) => rankOf(other) < rankOf(node));
    spread(switches, switches.filter(isEntry), neighbours, layers);
  }

  const goesOn = (node: PictureNode) =>
    neighbours
      .get(node.id)!
      .some(
        (other) =>
          rankOf(other) > rankOf(node) ||
          (other.type === 'switch' && other.tier === node.tier && layers.get(other.id)! > layers.get(node.id)!),
      );
  for (const node of nodes) {
    if (node.type !== 'host') continue;
    const access = neighbours.get(node.id)!.find((other) => other.type === 'switch' && other.tier === node.tier);
    layers.set(node.id, access ? layers.get(access.id)! + (goesOn(access) ? 0 : 1) : 0);
  }

  makeRoomOnTheLeft(
    nodes.filter(({ tier }) => tier === tiers[0]),
    layers,
  );

  const counts = tiers.map((tier) =>
    nodes.reduce((most, node) => (node.tier === tier ? Math.max(most, layers.get(node.id)! + 1) : most), 1),
  );
  return { counts, of: layers };
}

/** The hosts in the first layer of the first tier keep it for themselves. */
function makeRoomOnTheLeft(nodes: readonly PictureNode[], layers: Map<string, number>): void {
  const stays = ({ type, id }: PictureNode) => type === 'host' && layers.get(id) === 0;
  if (!nodes.some(stays) || nodes.every(({ type }) => type === 'host')) return;
  for (const node of nodes.filter((one) => !stays(one))) layers.set(node.id, layers.get(node.id)! + 1);
}

export function toNeighbours(
  { nodes, links }: Picture,
  byId: ReadonlyMap<string, PictureNode>,
): ReadonlyMap<string, readonly PictureNode[]> {
  const neighbours = new Map<string, PictureNode[]>(nodes.map(({ id }) => [id, []]));
  for (const { a, b } of links) {
    neighbours.get(a)!.push(byId.get(b)!);
    neighbours.get(b)!.push(byId.get(a)!);
  }
  return neighbours;
}

/** Breadth first from the entries; a part of the tier that none of them reaches starts at its first switch. */
function spread(
  switches: readonly PictureNode[],
  entries: readonly PictureNode[],
  neighbours: ReadonlyMap<string, readonly PictureNode[]>,
  layers: Map<string, number>,
): void {
  const within = new Set(switches.map(({ id }) => id));
  const queue = [...entries];
  for (const { id } of queue) layers.set(id, 0);
  for (const start of [undefined, ...switches]) {
    if (start && !layers.has(start.id)) {
      layers.set(start.id, 0);
      queue.push(start);
    }
    for (let head = queue.shift(); head; head = queue.shift()) {
      const next = Math.min(layers.get(head.id)! + 1, LAYERS_MAX - 1);
      for (const other of neighbours.get(head.id)!) {
        if (!within.has(other.id) || layers.has(other.id)) continue;
        layers.set(other.id, next);
        queue.push(other);
      }
    }
  }
}
