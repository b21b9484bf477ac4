import { describe, expect, it } from 'vitest';
import { benchFlowMod } from '../../bench/flow-mod.ts';

describe('the flow_mod bench', () => {
  it('has every barrier answered, and nothing refused', () => {
    const comparisons = benchFlowMod({ rounds: 1, rules: 2000, rulesOfMemory: 3000 });
    expect(comparisons.map(({ unit }) => unit)).toEqual(['flow_mods/s', 'flow_mods/s', 'flow_mods/s', 'bytes']);
    // What memory says without a collection before it is nothing to go by.
    for (const { unit, ours } of comparisons) if (unit !== 'bytes') expect(ours).toBeGreaterThan(0);
  });
});
