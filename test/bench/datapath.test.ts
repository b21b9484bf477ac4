import { describe, expect, it } from 'vitest';
import { benchDatapath } from '../../bench/datapath.ts';

describe('the datapath bench', () => {
  it('sends every frame of every mix out again, over one mask and over sixty-four', () => {
    const comparisons = benchDatapath({ rounds: 1, count: 2048, hasPeer: false, rulesMax: 1000 });
    expect(comparisons.filter(({ unit }) => unit === 'packets/s').map(({ name }) => name)).toEqual([
      'datapath ipv4, 1 rules, 1 masks',
      'datapath ipv4, 100 rules, 4 masks',
      'datapath ipv4, 1000 rules, 8 masks',
      'datapath ipv4, 1000 rules, 64 masks',
      'datapath vlan, 1000 rules, 8 masks',
      'datapath ipv6, 1000 rules, 8 masks',
      'datapath mpls, 1000 rules, 8 masks',
    ]);
    for (const { unit, ours } of comparisons) if (unit !== 'bytes/packet') expect(ours).toBeGreaterThan(0);
  });
});
