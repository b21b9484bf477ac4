/**
 * Where everything stands on the map: tiers as columns from left to right, sites as boxes, nodes as cards.
 *
 * Computed, not simulated: the same network in the same frame always gives the same picture, and nothing drifts. A site takes the columns from
 * its first node to its last; sites that share a column stand one below the other in the order of the document, sites that share none are
 * centred independently. Space that is left over goes into the gaps, never into the text.
 */
import { toLayers, toNeighbours } from './layer.ts';
import { type Curve, toCurves } from './link-curve.ts';
import type { Picture, PictureNode } from './network-picture.ts';

export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface Layout {
  readonly width: number;
  readonly height: number;
  /** Between the cards of neighbouring columns. */
  readonly columnGap: number;
  readonly tiers: readonly (Box & { readonly name: string })[];
  readonly sites: readonly (Box & { readonly name: string })[];
  /** By node id. */
  readonly nodes: ReadonlyMap<string, Box>;
  /** By link name. */
  readonly curves: ReadonlyMap<string, Curve>;
}

export const CARD = { width: 112, height: 38 } as const;

const MARGIN = 14;
const TIER_HEADER = 30;
const SITE_PADDING = 12;
const SITE_HEADER = 22;
const SITE_GAP = 14;
const COLUMN_GAP = { min: 64, max: 170 } as const;
const ROW_GAP = { min: 10, max: 34 } as const;

interface Block {
  readonly site: string;
  readonly columns: ReadonlyMap<number, readonly PictureNode[]>;
  readonly first: number;
  readonly last: number;
  readonly rows: number;
}

export function toLayout(picture: Picture, frame: { readonly width: number; readonly height: number }): Layout {
  const layers = toLayers(picture);
  const starts = toStarts(layers.counts);
  const columnCount = starts.at(-1)!;
  const columnOf = (node: PictureNode) => starts[picture.tiers.indexOf(node.tier)]! + layers.of.get(node.id)!;

  const spare = frame.width - 2 * (MARGIN + SITE_PADDING) - columnCount * CARD.width;
  const columnGap = clamp(spare / Math.max(1, columnCount - 1), COLUMN_GAP);
  const pitch = CARD.width + columnGap;
  const usedWidth = 2 * (MARGIN + SITE_PADDING) + columnCount * CARD.width + (columnCount - 1) * columnGap;
  const width = Math.max(usedWidth, frame.width);
  const left = (width - usedWidth) / 2 + MARGIN + SITE_PADDING;
  const columnX = (column: number) => left + column * pitch;

  const stacks = toStacks(toBlocks(picture, columnOf));
  const inner = frame.height - TIER_HEADER - 2 * MARGIN;
  const rowGap = clamp(Math.min(...stacks.map((stack) => (inner - stackHeight(stack, 0)) / gapsOf(stack))), ROW_GAP);
  const tallest = Math.max(0, ...stacks.map((stack) => stackHeight(stack, rowGap)));
  const height = Math.max(TIER_HEADER + 2 * MARGIN + tallest, frame.height);

  const sites: (Box & { name: string })[] = [];
  const nodes = new Map<string, Box>();
  for (const stack of stacks) {
    let y = TIER_HEADER + (height - TIER_HEADER - stackHeight(stack, rowGap)) / 2;
    for (const block of stack) {
      const box = {
        x: columnX(block.first) - SITE_PADDING,
        y,
        width: (block.last - block.first) * pitch + CARD.width + 2 * SITE_PADDING,
        height: blockHeight(block, rowGap),
      };
      if (block.site !== '') sites.push({ ...box, name: block.site });
      const header = block.site === '' ? 0 : SITE_HEADER;
      for (const [column, members] of block.columns) {
        const used = members.length * CARD.height + (members.length - 1) * rowGap;
        const top =
          y + header + (box.height - header - SITE_PADDING * (header ? 1 : 2) - used) / 2 + (header ? 0 : SITE_PADDING);
        members.forEach((node, row) => {
          nodes.set(node.id, { x: columnX(column), y: top + row * (CARD.height + rowGap), ...CARD });
        });
      }
      y += box.height + SITE_GAP;
    }
  }

  const tiers = picture.tiers.map((name, index) => ({
    name,
    x: columnX(starts[index]!) - columnGap / 2,
    y: 0,
    width: layers.counts[index]! * pitch,
    height,
  }));
  return {
    width,
    height,
    columnGap,
    tiers,
    sites,
    nodes,
    curves: toCurves(picture.links, nodes, { columnGap, width }),
  };
}

/** The first column of each tier, and one more: the number of columns. */
function toStarts(counts: readonly number[]): readonly number[] {
  const starts = [0];
  for (const count of counts) starts.push(starts.at(-1)! + count);
  return starts;
}

function toBlocks(picture: Picture, columnOf: (node: PictureNode) => number): readonly Block[] {
  const members = new Map<string, { site: string; columns: Map<number, PictureNode[]> }>();
  for (const node of inReadingOrder(picture)) {
    // Nodes of no site keep to their tier; a JSON text cannot be the name of a site and a tier at once.
    const key = JSON.stringify(node.site === '' ? [node.tier] : [node.site, '']);
    let block = members.get(key);
    if (!block) {
      block = { site: node.site, columns: new Map() };
      members.set(key, block);
    }
    const column = columnOf(node);
    block.columns.set(column, [...(block.columns.get(column) ?? []), node]);
  }
  return [...members.values()].map(({ site, columns }) => {
    const used = [...columns.keys()];
    const rows = Math.max(...[...columns.values()].map((list) => list.length));
    return { site, columns, first: Math.min(...used), last: Math.max(...used), rows };
  });
}

/** Switches as the document has them, each with its hosts around it: those of the upper half above, of the lower half below. */
function inReadingOrder(picture: Picture): readonly PictureNode[] {
  const byId = new Map(picture.nodes.map((node) => [node.id, node]));
  const neighbours = toNeighbours(picture, byId);
  const hostsOf = new Map<string, PictureNode[]>();
  const homeless: PictureNode[] = [];
  for (const node of picture.nodes) {
    if (node.type === 'switch') continue;
    const access = neighbours.get(node.id)!.find(({ type }) => type === 'switch');
    if (access) hostsOf.set(access.id, [...(hostsOf.get(access.id) ?? []), node]);
    else homeless.push(node);
  }
  const switches = picture.nodes.filter(({ type }) => type === 'switch');
  const ordered = switches.flatMap((node) => {
    const peers = switches.filter(({ tier, site }) => tier === node.tier && site === node.site);
    const hosts = hostsOf.get(node.id) ?? [];
    return peers.indexOf(node) < (peers.length - 1) / 2 ? [...hosts, node] : [node, ...hosts];
  });
  return [...ordered, ...homeless];
}

/** Blocks that share a column, directly or through others, belong to one stack. */
function toStacks(blocks: readonly Block[]): readonly (readonly Block[])[] {
  const stacks: { first: number; last: number; blocks: Block[] }[] = [];
  for (const block of blocks) {
    const touching = stacks.filter(({ first, last }) => first <= block.last && block.first <= last);
    const merged = {
      first: Math.min(block.first, ...touching.map(({ first }) => first)),
      last: Math.max(block.last, ...touching.map(({ last }) => last)),
      blocks: [...touching.flatMap((stack) => stack.blocks), block],
    };
    for (const stack of touching) stacks.splice(stacks.indexOf(stack), 1);
    stacks.push(merged);
  }
  return stacks.map((stack) => stack.blocks);
}

function blockHeight({ site, rows }: Block, rowGap: number): number {
  return (site === '' ? SITE_PADDING : SITE_HEADER) + rows * CARD.height + (rows - 1) * rowGap + SITE_PADDING;
}

function stackHeight(stack: readonly Block[], rowGap: number): number {
  return stack.reduce((sum, block) => sum + blockHeight(block, rowGap), (stack.length - 1) * SITE_GAP);
}

function gapsOf(stack: readonly Block[]): number {
  return Math.max(
    1,
    stack.reduce((sum, { rows }) => sum + rows - 1, 0),
  );
}

function clamp(value: number, { min, max }: { readonly min: number; readonly max: number }): number {
  return Math.min(max, Math.max(min, value));
}
