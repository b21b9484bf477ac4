import { describe, expect, it } from 'vitest';
import { Random } from '../../sim/random.ts';
import { drawGraph, type Graph, listConnectedGraphs } from './connected-graphs.ts';
import { LAB_TAKES_POLICIES } from './lab-policies.ts';
import { playUpdates, type UpdateTally } from './update-law.ts';

/** `SLUICE_UPDATE_LAW=all` plays all thousand changes. */
const isAll = process.env.SLUICE_UPDATE_LAW === 'all';
const SEED = Number(process.env.SLUICE_SEED ?? 1);
const CHANGES = isAll ? 250 : 40;

/** A ring with a chord, all joined to all, one with a bridge, and a larger one. */
const GRAPHS: readonly Graph[] = [
  {
    name: 'a ring with a chord',
    size: 5,
    links: [
      [0, 1],
      [1, 2],
      [2, 3],
      [3, 4],
      [4, 0],
      [0, 2],
    ],
  },
  listConnectedGraphs(4).at(-1)!,
  {
    name: 'two triangles and a bridge',
    size: 6,
    links: [
      [0, 1],
      [1, 2],
      [2, 0],
      [2, 3],
      [3, 4],
      [4, 5],
      [5, 3],
    ],
  },
  drawGraph(new Random(SEED)),
];

/** Tables that are changed without programs and barriers between cannot keep it; both come with the policies. */
const isKept = LAB_TAKES_POLICIES || isAll;

describe('the law of updates, as a test', () => {
  it('finds out cuts that nobody told it of, and says of which frame', () => {
    const offence = playUpdates(
      { graph: GRAPHS[1]!, seed: SEED, changes: 40, hasHiddenCuts: true },
      { changes: 0, probes: 0, sacred: 0 },
    );
    expect(offence).toContain('the walk before all that');
    expect(offence).toContain('table 0');
  });
});

describe.skipIf(!isKept)('the law of updates', () => {
  for (const [i, graph] of GRAPHS.entries()) {
    it(`${graph.name}: changes lose no frame that they do not concern, and none circulates`, {
      timeout: 900_000,
    }, () => {
      const tally: UpdateTally = { changes: 0, probes: 0, sacred: 0 };
      const offence = playUpdates({ graph, seed: SEED + i, changes: CHANGES }, tally);
      console.log(
        `law of updates, seed ${SEED + i}, ${graph.name}: ${tally.changes} changes, ${tally.probes} probes, ${tally.sacred} of no concern to them`,
      );
      expect(offence).toBeUndefined();
      expect(tally.sacred).toBeGreaterThan(0);
    });
  }
});
