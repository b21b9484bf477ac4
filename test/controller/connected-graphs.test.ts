import { describe, expect, it } from 'vitest';
import { Random } from '../../sim/random.ts';
import { CONNECTED_COUNTS, drawGraph, isConnected, listConnectedGraphs } from './connected-graphs.ts';

describe('the graphs that networks are laid over', () => {
  it('are all 143 connected ones of up to six nodes', () => {
    const counts = CONNECTED_COUNTS.map((_, i) => listConnectedGraphs(i + 1).length);
    expect(counts).toEqual(CONNECTED_COUNTS);
    expect(counts.reduce((sum, count) => sum + count)).toBe(143);
  });

  it('are no two of them alike: degrees and walks tell most apart', () => {
    const signatures = listConnectedGraphs(5).map(({ size, links }) => countWalks(size, links));
    // Of the 21, all have numbers of closed walks and of all walks of their own.
    expect(new Set(signatures).size).toBe(21);
  });

  it('are connected when they are drawn, with 7 to 16 nodes and no link from a node to itself', () => {
    for (let seed = 1; seed <= 300; seed++) {
      const { size, links } = drawGraph(new Random(seed));
      expect(size).toBeGreaterThanOrEqual(7);
      expect(size).toBeLessThanOrEqual(16);
      expect(isConnected(size, links), `seed ${seed}`).toBe(true);
      expect(links.every(([a, b]) => a !== b)).toBe(true);
    }
  });
});

/** The walks of 2 to 5 steps, all and those that end where they began: the same for graphs that are alike. */
function countWalks(size: number, links: readonly (readonly [number, number])[]): string {
  let walks = Array.from({ length: size }, (_, i) => Array.from({ length: size }, (_, j) => Number(i === j)));
  const counts: number[] = [];
  for (let steps = 1; steps <= 5; steps++) {
    const next = walks.map((row) => row.map(() => 0));
    for (const [a, b] of links) {
      for (let i = 0; i < size; i++) {
        next[i]![a]! += walks[i]![b]!;
        next[i]![b]! += walks[i]![a]!;
      }
    }
    walks = next;
    counts.push(walks.flat().reduce((sum, count) => sum + count));
    counts.push(walks.reduce((sum, row, i) => sum + row[i]!, 0));
  }
  return counts.join();
}
