import { describe, expect, it } from 'vitest';
import { benchPaths } from '../../bench/paths.ts';

describe('the paths bench', () => {
  it('finds what graphology finds, and mends to what a computation from nothing gives', () => {
    const comparisons = benchPaths({ rounds: 1, links: 20, sources: 10, hasPeer: false, sizeMax: 200 });
    expect(comparisons.filter(({ unit }) => unit === 'runs/s').map(({ name }) => name)).toEqual(
      ['fat-tree k=8', 'zoo-like 197/245'].flatMap((name) => [
        `paths all pairs, ${name}`,
        `paths all pairs, ${name}`,
        `paths one link lost, ${name}`,
        ...(name.startsWith('fat') ? [`paths one link lost, ${name}`] : []),
        `paths one link back, ${name}`,
      ]),
    );
    for (const { ours } of comparisons) expect(ours).toBeGreaterThan(0);
  });
});
