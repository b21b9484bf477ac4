/** Drawings: nothing on top of anything else, rows in order and as near as can be, few crossings, known shapes for known networks. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Layout, layOut } from '../../../topologies/export/layout.ts';
import { separateBoxes } from '../../../topologies/export/overlap.ts';
import { type Picture, type PictureNode, type Point, toPicture } from '../../../topologies/export/picture.ts';
import { countCrossings } from '../../../topologies/export/row-crossings.ts';
import { placeInOrder } from '../../../topologies/export/row-placement.ts';
import { loadTopology } from '../../../topologies/loader.ts';
import { anyNetwork } from './any-network.ts';

function draw(name: string): { picture: Picture; layout: Layout; at: (node: string) => Point } {
  const picture = toPicture(loadTopology(name).document);
  const layout = layOut(picture);
  const at = (node: string) => layout.points[picture.nodes.findIndex((own) => own.name === node)]!;
  return { picture, layout, at };
}

function listOverlaps(nodes: readonly PictureNode[], points: readonly Point[]): string[] {
  return nodes.flatMap((a, i) =>
    nodes.slice(i + 1).flatMap((b, k) => {
      const [p, q] = [points[i]!, points[i + 1 + k]!];
      const isApart =
        Math.abs(p.x - q.x) >= (a.width + b.width) / 2 || Math.abs(p.y - q.y) >= (a.height + b.height) / 2;
      return isApart ? [] : [`${a.name} and ${b.name}`];
    }),
  );
}

const FAMILIES = [
  'minimal',
  'single,100',
  'linear,30',
  'tree,3,3',
  'tree,2,12',
  'torus,5,6',
  'ring,20,3',
  'leaf-spine,8,4,6',
  'fat-tree,6',
  'edge-gateway,6,10',
  'waxman,60',
  'random,50,4,2',
  'topologies/edge-gateway.yaml',
  'topologies/attached.yaml',
];

describe('no name is covered by another', () => {
  it.each(FAMILIES)('in %s', (name) => {
    const { picture, layout } = draw(name);
    expect(listOverlaps(picture.nodes, layout.points)).toEqual([]);
  });

  it('in whatever network', () => {
    fc.assert(
      fc.property(anyNetwork, (document) => {
        const picture = toPicture(document);
        const { points } = layOut(picture);
        expect(points.every(({ x, y }) => Number.isFinite(x) && Number.isFinite(y))).toBe(true);
        expect(listOverlaps(picture.nodes, points)).toEqual([]);
      }),
    );
  });
});

describe('a layout in rows', () => {
  it('has the innermost tier on top, and bands that hold their tier', () => {
    const { picture, layout } = draw('topologies/edge-gateway.yaml');
    expect(layout.bands.map(({ name }) => name)).toEqual(['datacenter', 'platform', 'gateway', 'terminal']);
    for (const [i, { tier, name }] of picture.nodes.entries()) {
      const band = layout.bands.find((own) => own.name === tier)!;
      expect(layout.points[i]!.y, name).toBeGreaterThan(band.top);
      expect(layout.points[i]!.y, name).toBeLessThan(band.bottom);
    }
  });

  it('makes a tree of a tree: levels above each other, nothing crosses, parents over the middle of their children', () => {
    const { at } = draw('tree,3,3');
    expect(at('s1').y).toBeLessThan(at('s2').y);
    expect(at('s2').y).toBeLessThan(at('s3').y);
    expect(at('s3').y).toBeLessThan(at('h1').y);
    expect(at('s3').x).toBeCloseTo((at('h1').x + at('h2').x + at('h3').x) / 3, 6);
    expect(at('s2').x).toBeCloseTo((at('s3').x + at('s4').x + at('s5').x) / 3, 6);
    const xs = Array.from({ length: 27 }, (_, i) => at(`h${i + 1}`).x);
    expect(xs).toEqual(xs.toSorted((a, b) => a - b));
  });

  it('counts as many crossings as there are pairs of lines that cross', () => {
    const bipartite = fc.tuple(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 6 })).chain(([above, below]) =>
      fc.record({
        above: fc.constant(above),
        below: fc.constant(below),
        lines: fc.array(fc.tuple(fc.nat(above - 1), fc.nat(below - 1)), { maxLength: 15 }),
      }),
    );
    fc.assert(
      fc.property(bipartite, ({ above, below, lines }) => {
        const items = Array.from({ length: above + below }, (_, i) => ({
          below: lines.flatMap(([a, b]) => (a === i ? [above + b] : [])),
        }));
        const crossings = lines.flatMap(([a, b], i) => lines.slice(i + 1).filter(([c, d]) => (a - c) * (b - d) < 0));
        const rows = [Array.from({ length: above }, (_, i) => i), Array.from({ length: below }, (_, i) => above + i)];
        expect(countCrossings(items, rows)).toBe(crossings.length);
      }),
    );
  });

  it('puts everybody as near to where they would be as order and gaps allow: no neighbouring place is better', () => {
    const wish = fc.array(fc.record({ aim: fc.integer({ min: -50, max: 50 }), gap: fc.integer({ min: 0, max: 9 }) }), {
      minLength: 1,
      maxLength: 8,
    });
    const nudge = fc.array(fc.double({ min: -3, max: 3, noNaN: true }), { minLength: 8, maxLength: 8 });
    fc.assert(
      fc.property(wish, nudge, (wishes, nudges) => {
        const aims = wishes.map(({ aim }) => aim);
        const gaps = wishes.slice(1).map(({ gap }) => gap);
        const keepsGaps = (xs: readonly number[]) => gaps.every((gap, i) => xs[i + 1]! - xs[i]! >= gap - 1e-9);
        const costOf = (xs: readonly number[]) => xs.reduce((sum, x, i) => sum + (x - aims[i]!) ** 2, 0);
        const placed = placeInOrder(aims, gaps);
        expect(keepsGaps(placed)).toBe(true);
        const other = placed.map((x, i) => x + nudges[i]!);
        if (keepsGaps(other)) expect(costOf(other)).toBeGreaterThanOrEqual(costOf(placed) - 1e-6);
      }),
      { numRuns: 500 },
    );
  });
});

describe('a layout by distance', () => {
  it('makes a ring of a ring: all switches as far from the middle, neighbours next to each other', () => {
    const { at } = draw('ring,12');
    const points = Array.from({ length: 12 }, (_, i) => at(`s${i + 1}`));
    const middle = {
      x: points.reduce((sum, { x }) => sum + x, 0) / 12,
      y: points.reduce((sum, { y }) => sum + y, 0) / 12,
    };
    const radii = points.map(({ x, y }) => Math.hypot(x - middle.x, y - middle.y));
    for (const radius of radii) expect(radius / radii[0]!).toBeCloseTo(1, 1);
    const sides = points.map(({ x, y }, i) => Math.hypot(x - points[(i + 1) % 12]!.x, y - points[(i + 1) % 12]!.y));
    for (const side of sides) expect(side / sides[0]!).toBeCloseTo(1, 1);
  });

  it('makes a line of a line', () => {
    const { at } = draw('linear,16');
    const xs = Array.from({ length: 16 }, (_, i) => at(`s${i + 1}`).x);
    expect([xs, xs.toReversed()]).toContainEqual(xs.toSorted((a, b) => a - b));
    const ys = Array.from({ length: 16 }, (_, i) => at(`s${i + 1}`).y);
    expect(Math.max(...ys) - Math.min(...ys)).toBeLessThan(10);
  });

  it('keeps to where the file says that things are', () => {
    const { document } = loadTopology('ring,4,0');
    const picture = toPicture(document);
    const places = [
      { x: 0, y: 0 },
      { x: 10, y: 0 },
      { x: 10, y: 5 },
      { x: 0, y: 5 },
    ];
    const { points } = layOut({ ...picture, nodes: picture.nodes.map((node, i) => ({ ...node, given: places[i] })) });
    const factor = (points[1]!.x - points[0]!.x) / 10;
    for (const [i, { x, y }] of places.entries()) {
      expect(points[i]!.x - points[0]!.x).toBeCloseTo(x * factor, 6);
      expect(points[i]!.y - points[0]!.y).toBeCloseTo(y * factor, 6);
    }
  });

  it('separates boxes that stand in the same place', () => {
    const box = { width: 60, height: 26 };
    const points = Array.from({ length: 9 }, () => ({ x: 0, y: 0 }));
    separateBoxes(
      points.map(() => box),
      points,
    );
    const nodes = points.map((_, i) => ({ ...box, name: String(i) }) as PictureNode);
    expect(listOverlaps(nodes, points)).toEqual([]);
  });
});
