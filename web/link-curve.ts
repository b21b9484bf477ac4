/**
 * The way of a link from card to card, as one cubic curve: from side to side between columns, straight down between neighbours of a column,
 * and around whatever stands between them otherwise. Parallel links run beside each other.
 */
import type { Box } from './layout.ts';
import type { PictureLink } from './network-picture.ts';

export interface Point {
  readonly x: number;
  readonly y: number;
}

export type Curve = readonly [Point, Point, Point, Point];

/** Between parallel links: a stroke and enough air to hit either with a mouse; less when so many would not fit a card. */
const PARALLEL = { gap: 9, spread: 30 } as const;

/** A cubic whose two inner points are that far out reaches three quarters as far. */
const BULGE = 3 / 4;

/** From a bulge to the edge of the drawing. */
const EDGE = 3;

interface Room {
  readonly columnGap: number;
  /** Of the drawing. */
  readonly width: number;
}

export function toCurves(
  links: readonly PictureLink[],
  boxes: ReadonlyMap<string, Box>,
  room: Room,
): ReadonlyMap<string, Curve> {
  const pairOf = ({ a, b }: PictureLink) => (a < b ? `${a} ${b}` : `${b} ${a}`);
  const groups = new Map<string, PictureLink[]>();
  for (const link of links) groups.set(pairOf(link), [...(groups.get(pairOf(link)) ?? []), link]);

  const curves = new Map<string, Curve>();
  for (const group of groups.values()) {
    const gap = Math.min(PARALLEL.gap, PARALLEL.spread / Math.max(1, group.length - 1));
    group.forEach((link, index) => {
      const shift = (index - (group.length - 1) / 2) * gap;
      const [a, b] = [boxes.get(link.a)!, boxes.get(link.b)!];
      const [from, to] = a.x < b.x || (a.x === b.x && a.y <= b.y) ? [a, b] : [b, a];
      curves.set(link.name, from.x === to.x ? inColumn(from, to, boxes, room, shift) : across(from, to, shift));
    });
  }
  return curves;
}

function across(from: Box, to: Box, shift: number): Curve {
  const start = { x: from.x + from.width, y: from.y + from.height / 2 + shift };
  const end = { x: to.x, y: to.y + to.height / 2 + shift };
  const bend = Math.min(120, (end.x - start.x) / 2);
  return [start, { x: start.x + bend, y: start.y }, { x: end.x - bend, y: end.y }, end];
}

function inColumn(from: Box, to: Box, boxes: ReadonlyMap<string, Box>, room: Room, shift: number): Curve {
  const isClear = [...boxes.values()].every(({ x, y }) => x !== from.x || y <= from.y || y >= to.y);
  if (isClear) {
    const x = from.x + from.width / 2 + shift;
    const [top, bottom] = [from.y + from.height, to.y];
    const third = (bottom - top) / 3;
    return [
      { x, y: top },
      { x, y: top + third },
      { x, y: bottom - third },
      { x, y: bottom },
    ];
  }
  const wanted = room.columnGap * 0.6 + shift;
  const right = room.width - EDGE - (from.x + from.width);
  const left = from.x - EDGE;
  const isRight = wanted * BULGE <= right || right >= left;
  const reach = Math.min(wanted, (isRight ? right : left) / BULGE);
  const side = isRight ? from.x + from.width : from.x;
  const x = isRight ? side + reach : side - reach;
  const [top, bottom] = [from.y + from.height / 2 + shift, to.y + to.height / 2 - shift];
  return [
    { x: side, y: top },
    { x, y: top },
    { x, y: bottom },
    { x: side, y: bottom },
  ];
}

/** The point at `t` in 0..1 of the way. */
export function pointAt([p0, p1, p2, p3]: Curve, t: number): Point {
  const u = 1 - t;
  const mix = (axis: 'x' | 'y') =>
    u * u * u * p0[axis] + 3 * u * u * t * p1[axis] + 3 * u * t * t * p2[axis] + t * t * t * p3[axis];
  return { x: mix('x'), y: mix('y') };
}

export function toPathData([p0, p1, p2, p3]: Curve): string {
  const at = ({ x, y }: Point) => `${round(x)} ${round(y)}`;
  return `M${at(p0)}C${at(p1)} ${at(p2)} ${at(p3)}`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
