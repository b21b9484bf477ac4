/** A short fuzz of the whole switch; `npm run fuzz` is the long one. */
import { describe, expect, it } from 'vitest';
import { runCampaign } from '../fuzz/campaign.ts';
import { VSWITCH_TARGETS } from '../fuzz/vswitch-targets.ts';

const SEED = Number(process.env.SLUICE_FUZZ_SEED ?? 20_261_120);
const INPUTS = 2_000;

describe(`${INPUTS} mutated inputs each (SLUICE_FUZZ_SEED=${SEED})`, () => {
  it.each(VSWITCH_TARGETS.map((target) => [target.name, target] as const))('%s: nothing is thrown', (_name, target) => {
    const result = runCampaign(target, INPUTS, SEED);
    expect(result.findings).toEqual([]);
    expect(result.accepted).toBeGreaterThanOrEqual(INPUTS);
  });
});
