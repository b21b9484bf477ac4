/**
 * Graphs to lay networks over: every connected one of a few nodes, up to isomorphism, and random larger ones.
 *
 * A small graph is a mask of its pairs of nodes. Renaming nodes moves the bits, and the least mask that a graph has under any names stands for it: masks
 * are taken in ascending order, and one that no earlier one was renamed to is such a least one. So nothing is compared, and with 6 nodes there are 156 times 720 renamings.
 */
import type { Random } from '../../sim/random.ts';

/** Nodes are 0 to size - 1; a pair that stands twice has two links. */
export interface Graph {
  readonly name: string;
  readonly size: number;
  readonly links: readonly (readonly [number, number])[];
}

/** As many as there are connected graphs of 1, 2, … 6 nodes (sequence A001349 of the OEIS). */
export const CONNECTED_COUNTS = [1, 1, 2, 6, 21, 112] as const;

/** In a fixed order; of size 6 and below this takes a blink. */
export function listConnectedGraphs(size: number): Graph[] {
  const pairs: (readonly [number, number])[] = [];
  for (let b = 1; b < size; b++) for (let a = 0; a < b; a++) pairs.push([a, b]);
  const renamings = listPermutations(size).map((names) => pairs.map(([a, b]) => pairBit(names[a]!, names[b]!)));
  const isTaken = new Uint8Array(1 << pairs.length);
  const graphs: Graph[] = [];
  for (let mask = 0; mask < isTaken.length; mask++) {
    if (isTaken[mask]) continue;
    for (const bits of renamings) isTaken[rename(mask, bits)] = 1;
    const links = pairs.filter((_, i) => (mask >> i) & 1);
    if (isConnected(size, links)) graphs.push({ name: `graph ${size}/${graphs.length + 1}`, size, links });
  }
  return graphs;
}

/** The place of a pair among all pairs: those of two small nodes come first, whatever the size. */
function pairBit(a: number, b: number): number {
  const high = Math.max(a, b);
  return (high * (high - 1)) / 2 + Math.min(a, b);
}

function rename(mask: number, bits: readonly number[]): number {
  let renamed = 0;
  for (let i = 0; i < bits.length; i++) if ((mask >> i) & 1) renamed |= 1 << bits[i]!;
  return renamed;
}

function listPermutations(size: number): number[][] {
  if (size === 0) return [[]];
  return listPermutations(size - 1).flatMap((shorter) =>
    Array.from({ length: size }, (_, at) => shorter.toSpliced(at, 0, size - 1)),
  );
}

export function isConnected(size: number, links: Graph['links']): boolean {
  const reached = new Set([0]);
  for (const node of reached) {
    for (const [a, b] of links) {
      if (a === node) reached.add(b);
      if (b === node) reached.add(a);
    }
  }
  return reached.size === size;
}

const SHAPES = ['waxman', 'ring', 'tree', 'parallel'] as const;

/** Of 7 to 16 nodes. */
export function drawGraph(random: Random): Graph {
  const size = 7 + random.nextBelow(10);
  const shape = SHAPES[random.nextBelow(SHAPES.length)]!;
  return { name: `${shape} of ${size}`, size, links: drawLinks(shape, size, random) };
}

function drawLinks(shape: (typeof SHAPES)[number], size: number, random: Random): [number, number][] {
  switch (shape) {
    case 'waxman':
      return joined(size, drawWaxman(size, random), random);
    case 'ring':
      return [...ring(size), ...drawChords(size, random)];
    case 'tree':
      return [...joined(size, [], random), ...drawChords(size, random)];
    case 'parallel': {
      const links = [...joined(size, [], random), ...drawChords(size, random)];
      return [...links, ...links.filter(() => random.nextBelow(3) === 0)];
    }
  }
}

function ring(size: number): [number, number][] {
  return Array.from({ length: size }, (_, i) => [i, (i + 1) % size]);
}

/** Each node after the first hangs at an earlier one, unless it is joined to one already. */
function joined(size: number, links: readonly [number, number][], random: Random): [number, number][] {
  const all = [...links];
  for (let node = 1; node < size; node++) {
    const isHung = links.some(([a, b]) => (a === node && b < node) || (b === node && a < node));
    if (!isHung) all.push([random.nextBelow(node), node]);
  }
  return all;
}

/** Between nodes that have no link yet. */
function drawChords(size: number, random: Random): [number, number][] {
  const chords = new Map<string, [number, number]>();
  for (let left = 1 + random.nextBelow(size); left > 0; left--) {
    const a = random.nextBelow(size);
    const b = random.nextBelow(size);
    if (Math.abs(a - b) > 1 && Math.abs(a - b) < size - 1) chords.set(`${Math.min(a, b)} ${Math.max(a, b)}`, [a, b]);
  }
  return [...chords.values()];
}

/** Nodes in a square; the nearer two are, the likelier they are linked. */
function drawWaxman(size: number, random: Random): [number, number][] {
  const places = Array.from({ length: size }, () => [random.nextFraction(), random.nextFraction()] as const);
  const links: [number, number][] = [];
  for (let b = 1; b < size; b++) {
    for (let a = 0; a < b; a++) {
      const distance = Math.hypot(places[a]![0] - places[b]![0], places[a]![1] - places[b]![1]);
      if (random.nextFraction() < 0.9 * Math.exp(-distance / 0.3)) links.push([a, b]);
    }
  }
  return links;
}
