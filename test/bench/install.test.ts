import { describe, expect, it } from 'vitest';
import { benchInstall } from '../../bench/install.ts';

describe('the install bench', () => {
  it('has every rule confirmed and in the switch, and mends exactly what drifted, in memory and over TCP', async () => {
    const comparisons = await benchInstall({ rounds: 1, rules: [300], rulesOfDrift: 300, hasPeer: false });
    expect(comparisons.map(({ name }) => name)).toEqual([
      'install 300 rules in memory',
      'install 300 rules in memory: all confirmed',
      'install 300 rules over TCP',
      'install 300 rules over TCP: all confirmed',
      ...['in memory', 'over TCP'].flatMap((way) =>
        [`reconnect ${way}`, `restart of the controller ${way}`].flatMap((name) =>
          ['mended within', 'sent for them', 'sent for others'].map((it) => `${name}, 300 rules, 1 % drifted: ${it}`),
        ),
      ),
    ]);
    for (const { name, ours, theirs } of comparisons) {
      if (!name.endsWith('sent for others')) expect(ours, name).toBeGreaterThan(0);
      if (name.endsWith('sent for them')) expect(ours).toBe(theirs);
    }
  });
});
