/**
 * A layout in which things are as far from each other as in the network, in links: classical scaling for a start, then stress majorization
 * (Gansner, Koren and North, 2004), which is smooth, needs no chance, and draws rings, rows and grids as what they are.
 *
 * Hosts with one cable are left out of that and put around their switch, on the side where it has no neighbours. Where the file says where things
 * are, they are there. At last boxes that overlap push each other away.
 */
import { scaleDistances } from './classical-scaling.ts';
import type { Layout } from './layout.ts';
import { separateBoxes } from './overlap.ts';
import type { Picture, Point } from './picture.ts';

/** Of a link, and from a host to its switch. */
const LINK_LENGTH = 150;
const HOST_LENGTH = 84;

/** What half of the nodes should have to their nearest neighbour on a map, and how much larger a map becomes for it. */
const NEIGHBOUR_LENGTH = 90;
const CROWDED_MAX = 3;

/** Rounds times pairs: a second or so. */
const WORK = 3e7;
const ROUNDS = { min: 15, max: 200 } as const;

interface Mutable {
  x: number;
  y: number;
}

export function layOutByDistance(picture: Picture): Layout {
  const { nodes, lines } = picture;
  const neighbours: number[][] = nodes.map(() => []);
  for (const { ends } of lines) {
    neighbours[ends[0]]!.push(ends[1]);
    neighbours[ends[1]]!.push(ends[0]);
  }
  const isLeaf = nodes.map(
    ({ form, given }, i) =>
      form !== 'switch' && !given && neighbours[i]!.length === 1 && nodes[neighbours[i]![0]!]!.form === 'switch',
  );
  const inner = nodes.flatMap((_, i) => (isLeaf[i] ? [] : [i]));
  const points: Mutable[] = nodes.map(() => ({ x: 0, y: 0 }));
  const placed = inner.every((i) => nodes[i]!.given) ? placeAsGiven(picture, inner) : placeByStress(inner, neighbours);
  for (const [k, i] of inner.entries()) points[i] = { ...placed[k]! };
  for (const i of inner) placeLeaves(i, neighbours, isLeaf, points);
  separateBoxes(nodes, points);
  return { points, ways: lines.map(() => []), bands: [], isInRows: false };
}

/** To scale: as large as others of so many, or larger where they crowd, so that most names have room without being pushed away. */
function placeAsGiven({ nodes }: Picture, inner: readonly number[]): Point[] {
  const given = inner.map((i) => nodes[i]!.given!);
  const [xs, ys] = [given.map(({ x }) => x), given.map(({ y }) => y)];
  const extent = Math.max(spanOf(xs), spanOf(ys)) || 1;
  const usual = (LINK_LENGTH * 1.5 * Math.sqrt(given.length)) / extent;
  const nearest = given
    .map((own) =>
      given.reduce((least, other) => (own === other ? least : Math.min(least, distanceOf(own, other))), extent),
    )
    .sort((a, b) => a - b);
  const median = nearest[Math.floor(nearest.length / 2)] || extent;
  const factor = Math.max(usual, Math.min(usual * CROWDED_MAX, NEIGHBOUR_LENGTH / median));
  return given.map(({ x, y }) => ({ x: x * factor, y: y * factor }));
}

const distanceOf = (a: Point, b: Point) => Math.hypot(a.x - b.x, a.y - b.y);

const spanOf = (values: readonly number[]) =>
  values.reduce((most, value) => Math.max(most, value), Number.NEGATIVE_INFINITY) -
  values.reduce((least, value) => Math.min(least, value), Number.POSITIVE_INFINITY);

function placeByStress(inner: readonly number[], neighbours: readonly (readonly number[])[]): Point[] {
  const count = inner.length;
  const distances = countLinks(inner, neighbours);
  const points: Mutable[] = scaleDistances(distances, count).map(({ x, y }) => ({ x, y }));
  const rounds = Math.max(ROUNDS.min, Math.min(ROUNDS.max, Math.floor(WORK / (count * count))));
  for (let round = 0; round < rounds; round++) for (let i = 0; i < count; i++) relax(i, points, distances);
  return points.map(({ x, y }) => ({ x: x * LINK_LENGTH, y: y * LINK_LENGTH }));
}

/** Where the others would have this one, the near ones counting most. */
function relax(i: number, points: Mutable[], distances: Float64Array): void {
  const count = points.length;
  const own = points[i]!;
  let [x, y, weights] = [0, 0, 0];
  for (let j = 0; j < count; j++) {
    if (j === i) continue;
    const other = points[j]!;
    const wanted = distances[i * count + j]!;
    const weight = 1 / (wanted * wanted);
    const [dx, dy] = [own.x - other.x, own.y - other.y];
    const found = Math.sqrt(dx * dx + dy * dy) || 1e-6;
    x += weight * (other.x + (wanted * dx) / found);
    y += weight * (other.y + (wanted * dy) / found);
    weights += weight;
  }
  if (weights > 0) points[i] = { x: x / weights, y: y / weights };
}

/** Between any two, in links; parts that are not linked stand apart by half of the longest way. */
function countLinks(inner: readonly number[], neighbours: readonly (readonly number[])[]): Float64Array {
  const count = inner.length;
  const places = new Map(inner.map((i, k) => [i, k]));
  const distances = new Float64Array(count * count);
  let longest = 1;
  for (let k = 0; k < count; k++) {
    const row = distances.subarray(k * count, (k + 1) * count);
    const queue = [k];
    for (const at of queue) {
      for (const other of neighbours[inner[at]!]!) {
        const place = places.get(other);
        if (place === undefined || place === k || row[place] !== 0) continue;
        row[place] = row[at]! + 1;
        longest = Math.max(longest, row[place]!);
        queue.push(place);
      }
    }
  }
  for (let k = 0; k < count; k++) {
    for (let j = 0; j < count; j++)
      if (j !== k && distances[k * count + j] === 0) distances[k * count + j] = longest / 2 + 1;
  }
  return distances;
}

const TURN = 2 * Math.PI;

/** On an arc, no two neighbours are further apart than this, and so many fit. */
const LEAF_ANGLE = Math.PI / 5;
const ARC_LEAVES = 7;

/** Around a switch, in the widest gap between its other neighbours; in several arcs if they are many. */
function placeLeaves(
  i: number,
  neighbours: readonly (readonly number[])[],
  isLeaf: readonly boolean[],
  points: Mutable[],
): void {
  const own = points[i]!;
  const leaves = [...new Set(neighbours[i])].filter((other) => isLeaf[other]);
  const others = neighbours[i]!.filter((other) => !isLeaf[other]);
  const angles = others.map((other) => Math.atan2(points[other]!.y - own.y, points[other]!.x - own.x));
  const gap = widestGap(angles);
  const perArc = others.length === 0 ? 2 * ARC_LEAVES : ARC_LEAVES;
  for (const [k, leaf] of leaves.entries()) {
    const arc = Math.floor(k / perArc);
    const inArc = Math.min(perArc, leaves.length - arc * perArc);
    const step = Math.min(gap.width / (inArc + (others.length === 0 ? 0 : 1)), others.length === 0 ? TURN : LEAF_ANGLE);
    const angle = gap.middle + ((k % perArc) - (inArc - 1) / 2) * step;
    const radius = HOST_LENGTH * (1 + arc * 0.7);
    points[leaf] = { x: own.x + Math.cos(angle) * radius, y: own.y + Math.sin(angle) * radius };
  }
}

/** Gaps that differ by less are alike. */
const GAP_TOLERANCE = 0.2;

/** Of gaps that are alike, the one furthest down; the whole turn, with its middle there, if there is nothing around. */
function widestGap(angles: readonly number[]): Gap {
  const sorted = angles.toSorted((a, b) => a - b);
  const gaps = sorted.map((angle, k): Gap => {
    const next = sorted[k + 1] ?? sorted[0]! + TURN;
    return { middle: (angle + next) / 2, width: next - angle };
  });
  const width = gaps.reduce((most, gap) => Math.max(most, gap.width), 0);
  const alike = gaps.filter((gap) => gap.width > width - GAP_TOLERANCE);
  return alike.toSorted((a, b) => Math.sin(b.middle) - Math.sin(a.middle))[0] ?? { middle: Math.PI / 2, width: TURN };
}

interface Gap {
  readonly middle: number;
  readonly width: number;
}
