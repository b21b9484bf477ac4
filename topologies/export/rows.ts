/**
 * The rows of a drawing, from top to bottom: tiers, the innermost on top, or levels above the hosts.
 *
 * Within a tier switches, hosts and servers have rows of their own, since most lines are between them. A network has levels if its
 * switches, by their distance from the hosts, are hardly ever linked with their own level: trees are, and fat trees; rings and grids are not.
 */
import type { Picture } from './picture.ts';

export interface Rows {
  /** By node: from 0. */
  readonly of: readonly number[];
  readonly count: number;
  /** Consecutive rows that belong together; none for levels. */
  readonly bands: readonly { readonly name: string; readonly first: number; readonly last: number }[];
}

export function toRows(picture: Picture): Rows | undefined {
  const { nodes, tiers } = picture;
  if (nodes.some(({ given }) => given)) return undefined;
  const tiered = nodes.filter(({ tier }) => tier !== undefined).length;
  return tiers.length > 1 && tiered * 2 > nodes.length ? toTierRows(picture) : toLevelRows(picture);
}

function toTierRows({ nodes, tiers, lines }: Picture): Rows {
  const ranks = nodes.map(({ tier }) => (tier === undefined ? -1 : tiers.indexOf(tier)));
  // Who has no tier belongs to that of somebody next to it, else to the outermost.
  for (const { ends } of lines) {
    for (const [node, other] of [ends, ends.toReversed()] as [number, number][]) {
      if (ranks[node] === -1 && nodes[other]!.tier !== undefined) ranks[node] = ranks[other]!;
    }
  }
  const of = new Array<number>(nodes.length).fill(0);
  const bands: { name: string; first: number; last: number }[] = [];
  let count = 0;
  for (const [rank, name] of [...tiers.entries()].toReversed()) {
    const members = nodes.flatMap((node, i) => (Math.max(0, ranks[i]!) === rank ? [{ ...node, i }] : []));
    const parts = [
      members.filter(({ form }) => form === 'switch'),
      members.filter(({ form }) => form === 'host' || form === 'port'),
      members.filter(({ form }) => form === 'server'),
    ].filter((part) => part.length > 0);
    if (parts.length === 0) continue;
    // The switches of the innermost tier look down to the others.
    if (bands.length === 0) parts.reverse();
    for (const [k, part] of parts.entries()) for (const { i } of part) of[i] = count + k;
    bands.push({ name, first: count, last: count + parts.length - 1 });
    count += parts.length;
  }
  return { of, count, bands };
}

/** More than so many of the links between switches within one level, and it is none. */
const LEVEL_LINKS_MAX = 0.1;

function toLevelRows({ nodes, lines }: Picture): Rows | undefined {
  const isSwitch = (i: number) => nodes[i]!.form === 'switch';
  const neighbours: number[][] = nodes.map(() => []);
  for (const { ends } of lines) {
    neighbours[ends[0]]!.push(ends[1]);
    neighbours[ends[1]]!.push(ends[0]);
  }
  const levels: number[] = nodes.map(({ form }) => (form === 'switch' ? -1 : form === 'server' ? -2 : 0));
  const queue = nodes.flatMap((_, i) => (isSwitch(i) && neighbours[i]!.some((other) => !isSwitch(other)) ? [i] : []));
  for (const i of queue) levels[i] = 1;
  // What is pushed while the loop runs is looped over, too.
  for (const i of queue) {
    for (const other of neighbours[i]!) {
      if (levels[other] !== -1) continue;
      levels[other] = levels[i]! + 1;
      queue.push(other);
    }
  }
  if (levels.includes(-1)) return undefined;
  const trunks = lines.filter(({ ends }) => isSwitch(ends[0]) && isSwitch(ends[1]));
  const flat = trunks.filter(({ ends }) => levels[ends[0]] === levels[ends[1]]);
  const top = Math.max(1, ...levels);
  const hasLevels = queue.length === 1 || (top > 1 && flat.length <= trunks.length * LEVEL_LINKS_MAX);
  if (!hasLevels) return undefined;
  const of = levels.map((level) => (level === -2 ? top + 1 : top - level));
  return { of, count: Math.max(...of) + 1, bands: [] };
}
