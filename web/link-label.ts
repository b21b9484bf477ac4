/**
 * Where the rates of busy links are written: at the link, where no card, no name of a site and no other label is.
 *
 * Where many links meet, a label at the meeting point would belong to all of them: places begin at the end that fewer share. A label that
 * finds no place is left out, since its numbers are in the inspector too. Who is given first chooses first.
 */
import type { Box, Layout } from './layout.ts';
import { type Curve, type Point, pointAt } from './link-curve.ts';

export interface LabelSize {
  readonly width: number;
  readonly height: number;
}

/** Parts of the way, from the end that fewer links share. */
const PLACES_FROM_QUIET_END = [0.34, 0.42, 0.27, 0.5, 0.58, 0.66, 0.74, 0.2] as const;
const PLACES_FROM_MIDDLE = [0.5, 0.42, 0.58, 0.34, 0.66, 0.26, 0.74] as const;

/** Air around a label. */
const CLEARANCE = 2;

/** From the line to a label beside it. */
const ASIDE = 4;

/** What must stay visible of a link that its own label is written over. */
const VISIBLE_MIN = 26;

/** The strip at the top of a site that its name is written in. */
const SITE_NAME = { height: 18, perCharacter: 8, margin: 16 } as const;

/** By link name, the box of its label. `taken` are places that something else occupies already. */
export function placeLabels(
  layout: Layout,
  names: readonly string[],
  size: LabelSize,
  taken: readonly Box[] = [],
): ReadonlyMap<string, Box> {
  const occupied: Box[] = [...taken, ...layout.nodes.values(), ...layout.sites.map(toNameBox)];
  const crowd = countEnds(layout);
  const placed = new Map<string, Box>();
  for (const name of names) {
    const curve = layout.curves.get(name);
    const box = curve && candidates(curve, size, crowd).find((one) => isFree(one, layout, occupied));
    if (!box) continue;
    occupied.push(box);
    placed.set(name, box);
  }
  return placed;
}

export function overlaps(one: Box, other: Box): boolean {
  return (
    one.x < other.x + other.width &&
    other.x < one.x + one.width &&
    one.y < other.y + other.height &&
    other.y < one.y + one.height
  );
}

function isFree(box: Box, { width, height }: Layout, occupied: readonly Box[]): boolean {
  const aired = {
    x: box.x - CLEARANCE,
    y: box.y - CLEARANCE,
    width: box.width + 2 * CLEARANCE,
    height: box.height + 2 * CLEARANCE,
  };
  const isInside = box.x >= 0 && box.y >= 0 && box.x + box.width <= width && box.y + box.height <= height;
  return isInside && !occupied.some((other) => overlaps(aired, other));
}

function candidates(curve: Curve, size: LabelSize, crowd: ReadonlyMap<string, number>): readonly Box[] {
  const [start, , , end] = curve;
  const fewer = crowd.get(toKey(start))! - crowd.get(toKey(end))!;
  const places = fewer === 0 ? PLACES_FROM_MIDDLE : PLACES_FROM_QUIET_END.map((part) => (fewer < 0 ? part : 1 - part));
  const isUpright = Math.abs(end.x - start.x) < 1;
  const length = Math.hypot(end.x - start.x, end.y - start.y);
  const hidden = isUpright ? size.height : size.width;
  const aside: readonly Point[] = isUpright
    ? [1, -1].map((side) => ({ x: side * (size.width / 2 + ASIDE), y: 0 }))
    : [-1, 1].map((side) => ({ x: 0, y: side * (size.height / 2 + ASIDE) }));
  const shifts = length - hidden >= VISIBLE_MIN ? [{ x: 0, y: 0 }, ...aside] : aside;
  return places.flatMap((part) => {
    const { x, y } = pointAt(curve, part);
    return shifts.map((shift) => ({
      x: x + shift.x - size.width / 2,
      y: y + shift.y - size.height / 2,
      ...size,
    }));
  });
}

/** How many links end in each point. */
function countEnds({ curves }: Layout): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const [start, , , end] of curves.values()) {
    for (const point of [start, end]) counts.set(toKey(point), (counts.get(toKey(point)) ?? 0) + 1);
  }
  return counts;
}

function toKey({ x, y }: Point): string {
  return `${x} ${y}`;
}

function toNameBox(site: Box & { readonly name: string }): Box {
  const width = Math.min(site.width, SITE_NAME.perCharacter * site.name.length + SITE_NAME.margin);
  return { x: site.x, y: site.y, width, height: SITE_NAME.height };
}
