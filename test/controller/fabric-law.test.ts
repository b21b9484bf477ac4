import { describe, expect, it } from 'vitest';
import { Random } from '../../sim/random.ts';
import { CONNECTED_COUNTS, drawGraph, listConnectedGraphs } from './connected-graphs.ts';
import { type LawCase, newTally, playLawCase } from './fabric-law.ts';
import { LAB_TAKES_POLICIES } from './lab-policies.ts';
import { reportFinding } from './offence-report.ts';

/** `SLUICE_FABRIC_LAW=all` plays every case, which takes minutes; `1/4` every fourth from the second on; a number the case of that place. */
const asked = process.env.SLUICE_FABRIC_LAW ?? 'some';
const SEED = Number(process.env.SLUICE_SEED ?? 1);
const LARGE_COUNT = 200;
/** Of the small cases and of the large ones, every so many-th is played by default. */
const STRIDES = { small: 8, large: 40 } as const;
/** What is wrong once is wrong often; the rest is more of the same. */
const FINDINGS_MAX = 5;

const graphs = [
  ...CONNECTED_COUNTS.flatMap((_, i) => listConnectedGraphs(i + 1)),
  ...Array.from({ length: LARGE_COUNT }, (_, i) => drawGraph(new Random(SEED).fork(`graph ${i}`))),
];
const cases = graphs.map((graph, i): LawCase & { readonly place: number } => ({
  graph,
  seed: SEED + i,
  policies: LAB_TAKES_POLICIES ? 'random' : 'none',
  place: i,
}));

function isPlayed(place: number): boolean {
  const [first = 0, stride] = asked.split('/').map(Number);
  if (stride !== undefined) return place % stride === first;
  if (asked === 'some') return place % (graphs[place]!.size < 7 ? STRIDES.small : STRIDES.large) === 0;
  return asked === 'all' || place === first;
}

describe('the law of the fabric', () => {
  it('allowed packets arrive on allowed ways, denied ones do not, nothing circulates, whatever fails', {
    timeout: 1_800_000,
  }, () => {
    const tally = newTally();
    const played = cases.filter(({ place }) => isPlayed(place));
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
    expect(tally.arrived).toBeGreaterThan(0);
  });

  it('finds out a fabric that is not told of its policies, and says where the packet went', () => {
    const findings = cases
      .filter(({ place }) => place > 20 && place % 10 === 0 && place < 140)
      .map((one) => playLawCase({ ...one, policies: 'untold' }, newTally()));
    const found = findings.flatMap((finding) => (finding ? [finding] : []));
    expect(found.length).toBeGreaterThan(findings.length / 2);
    for (const { policies, details } of found) {
      expect(policies.policies.length + Number(policies.default === 'deny')).toBeGreaterThan(0);
      expect(details).toContain(' -> ');
    }
  });
});
