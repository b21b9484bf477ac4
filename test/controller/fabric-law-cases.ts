/**
 * The cases of the law of the fabric, and which of them are played, in shares that run beside one another.
 *
 * `SLUICE_FABRIC_LAW`: unset, a few; `wide`, all small ones and every third large one; `all`, every one; `1/4`, every fourth from the second on; a number, the case of that place.
 */
import { expect } from 'vitest';
import { Random } from '../../sim/random.ts';
import { CONNECTED_COUNTS, drawGraph, listConnectedGraphs } from './connected-graphs.ts';
import { type LawCase, newTally, playLawCase } from './fabric-law.ts';
import { LAB_TAKES_POLICIES } from './lab-policies.ts';
import { reportFinding } from './offence-report.ts';

const asked = process.env.SLUICE_FABRIC_LAW ?? 'some';
const SEED = Number(process.env.SLUICE_SEED ?? 1);
const LARGE_COUNT = 200;
/** By default, so many-th of the small cases is played, and of the large ones that are not very large. */
const STRIDES = { small: 8, large: 40 } as const;
const SLICE_SIZE_MAX = 10;
const WIDE_STRIDE = 3;
/** What is wrong once is wrong often; the rest is more of the same. */
const FINDINGS_MAX = 5;

const graphs = [
  ...CONNECTED_COUNTS.flatMap((_, i) => listConnectedGraphs(i + 1)),
  ...Array.from({ length: LARGE_COUNT }, (_, i) => drawGraph(new Random(SEED).fork(`graph ${i}`))),
];

export const LAW_CASES = graphs.map((graph, i): LawCase & { readonly place: number } => ({
  graph,
  seed: SEED + i,
  policies: LAB_TAKES_POLICIES ? 'random' : 'none',
  place: i,
}));

function isPlayed(place: number): boolean {
  const [first = 0, stride] = asked.split('/').map(Number);
  if (stride !== undefined) return place % stride === first;
  if (asked === 'all' || place === first) return true;
  if (asked !== 'some' && asked !== 'wide') return false;
  const { size } = graphs[place]!;
  if (asked === 'wide') return size < 7 || place % WIDE_STRIDE === 0;
  return size < 7 ? place % STRIDES.small === 0 : size <= SLICE_SIZE_MAX && place % STRIDES.large === 0;
}

/** Every so many-th of what is to be played. */
export function playShare(share: number, shares: number): void {
  const tally = newTally();
  const played = LAW_CASES.filter(({ place }) => isPlayed(place)).filter((_, i) => i % shares === share);
  let findings = 0;
  for (const one of played) {
    if (findings === FINDINGS_MAX) break;
    const finding = playLawCase(one, tally);
    if (finding) findings++;
    const words = `case ${one.place} of seed ${SEED} (SLUICE_FABRIC_LAW=${one.place} SLUICE_SEED=${SEED})`;
    expect.soft(finding && reportFinding(one.graph, finding), words).toBeUndefined();
  }
  console.log(
    `law of the fabric, seed ${SEED}: ${played.length} cases, ${tally.states} states, ${tally.probes} probes, ` +
      `${tally.arrived} arrived, ${tally.crossings} cables crossed`,
  );
  if (played.length > 1) expect(tally.arrived).toBeGreaterThan(0);
}
