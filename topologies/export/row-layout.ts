/**
 * A layout in rows, after Sugiyama: lines that cross rows get a place in each, rows are ordered by what they are linked with so that few
 * lines cross, and everybody is moved towards the middle of those while order and distances hold.
 *
 * Deterministic: ties keep the order of the file.
 */
import type { Band, Layout } from './layout.ts';
import type { Picture, Point } from './picture.ts';
import { countCrossings } from './row-crossings.ts';
import { placeInOrder } from './row-placement.ts';
import type { Rows } from './rows.ts';

const NODE_GAP = 16;
const WAY_GAP = 12;
const ROW_HEIGHT = 84;
const BAND_PADDING = 34;
const STEP_HEIGHT = 36;

/** A row that is wider becomes stairs, which are as high as its bound allows. */
const ROW_WIDTH = 1800;
const STEPS_MAX = 8;

const ORDER_SWEEPS = 24;
const PLACE_SWEEPS = 16;

/** A node, or where a line crosses a row. */
interface Item {
  readonly row: number;
  readonly width: number;
  readonly isNode: boolean;
  /** Indices of items in the row above, and below. */
  readonly above: number[];
  readonly below: number[];
}

export function layOutInRows(picture: Picture, rows: Rows): Layout {
  const { items, ways } = toItems(picture, rows);
  const order = orderItems(items, rows.count);
  const steps = order.map((row) => {
    const width = row.reduce((sum, i) => sum + items[i]!.width + NODE_GAP, 0);
    return Math.min(STEPS_MAX, Math.max(1, Math.ceil(width / ROW_WIDTH)));
  });
  const xs = placeItems(items, order, steps);
  const { tops, bands } = stackRows(rows, steps);
  const ys = new Array<number>(items.length).fill(0);
  for (const [row, members] of order.entries()) {
    let count = 0;
    for (const i of members) ys[i] = tops[row]! + (items[i]!.isNode ? (count++ % steps[row]!) * STEP_HEIGHT : 0);
  }
  const pointOf = (i: number): Point => ({ x: xs[i]!, y: ys[i]! });
  return {
    points: picture.nodes.map((_, i) => pointOf(i)),
    ways: ways.map((way) => way.map(pointOf)),
    bands,
    isInRows: true,
  };
}

/** Nodes have the indices that they have in the picture; places of lines follow. */
function toItems({ nodes, lines }: Picture, rows: Rows): { items: Item[]; ways: number[][] } {
  const items: Item[] = nodes.map(({ width }, i) => ({ row: rows.of[i]!, width, isNode: true, above: [], below: [] }));
  const ways = lines.map(({ ends: [a, b] }) => {
    const [from, to] = items[a]!.row < items[b]!.row ? [a, b] : [b, a];
    const way: number[] = [];
    let last = from;
    for (let row = items[from]!.row + 1; row <= items[to]!.row; row++) {
      const next = row === items[to]!.row ? to : items.length;
      if (next !== to) {
        items.push({ row, width: 0, isNode: false, above: [], below: [] });
        way.push(next);
      }
      items[last]!.below.push(next);
      items[next]!.above.push(last);
      last = next;
    }
    return from === a ? way : way.reverse();
  });
  return { items, ways };
}

function orderItems(items: readonly Item[], count: number): number[][] {
  let order: number[][] = Array.from({ length: count }, () => []);
  for (const [i, { row }] of items.entries()) order[row]!.push(i);
  let best = order;
  let fewest = countCrossings(items, order);
  for (let sweep = 0; sweep < ORDER_SWEEPS && fewest > 0; sweep++) {
    order = sweepOrder(items, order, sweep % 2 === 0 ? 'above' : 'below');
    const crossings = countCrossings(items, order);
    if (crossings >= fewest) continue;
    fewest = crossings;
    best = order;
  }
  return best;
}

/** Each row, in the direction of the sweep, by the mean place of what its items are linked with there. */
function sweepOrder(
  items: readonly Item[],
  order: readonly (readonly number[])[],
  side: 'above' | 'below',
): number[][] {
  const next = order.map((row) => [...row]);
  const places = new Array<number>(items.length).fill(0);
  const note = (row: readonly number[]) => {
    for (const [k, i] of row.entries()) places[i] = (k + 0.5) / row.length;
  };
  for (const row of next) note(row);
  for (const row of side === 'above' ? next : next.toReversed()) {
    const aims = new Map(row.map((i) => [i, mean(items[i]![side], places) ?? places[i]!]));
    row.sort((a, b) => aims.get(a)! - aims.get(b)!);
    note(row);
  }
  return next;
}

function mean(indices: readonly number[], values: readonly number[]): number | undefined {
  if (indices.length === 0) return undefined;
  return indices.reduce((sum, i) => sum + values[i]!, 0) / indices.length;
}

function placeItems(items: readonly Item[], order: readonly (readonly number[])[], steps: readonly number[]): number[] {
  const xs = new Array<number>(items.length).fill(0);
  const gapsOf = order.map((row, r) =>
    row.slice(1).map((i, k) => {
      const [left, right] = [items[row[k]!]!, items[i]!];
      const gap = left.isNode && right.isNode ? NODE_GAP : WAY_GAP;
      return ((left.width + right.width) / 2 + gap) / steps[r]!;
    }),
  );
  const place = (r: number, aimOf: (i: number) => number) => {
    const row = order[r]!;
    const placed = placeInOrder(row.map(aimOf), gapsOf[r]!);
    for (const [k, i] of row.entries()) xs[i] = placed[k]!;
  };
  for (const r of order.keys()) place(r, () => 0);
  // The last sweep goes upwards: what branches downwards stands over the middle of its branches.
  for (let sweep = 0; sweep < PLACE_SWEEPS; sweep++) {
    const isDownwards = sweep % 2 === 0;
    const side = isDownwards ? 'above' : 'below';
    for (let k = 0; k < order.length; k++) {
      place(isDownwards ? k : order.length - 1 - k, (i) => mean(items[i]![side], xs) ?? xs[i]!);
    }
  }
  return xs;
}

function stackRows(rows: Rows, steps: readonly number[]): { tops: number[]; bands: Band[] } {
  const tops: number[] = [];
  const bands: Band[] = [];
  let y = 0;
  for (const [row, count] of steps.entries()) {
    const band = rows.bands.find(({ first }) => first === row);
    if (band && row > 0) y += BAND_PADDING;
    tops.push(y);
    const bottom = y + (count - 1) * STEP_HEIGHT;
    y = bottom + ROW_HEIGHT;
    const ends = rows.bands.find(({ last }) => last === row);
    if (ends) bands.push({ name: ends.name, top: tops[ends.first]! - BAND_PADDING - 8, bottom: bottom + BAND_PADDING });
  }
  return { tops, bands };
}
