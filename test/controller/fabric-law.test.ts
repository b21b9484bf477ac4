import { describe, expect, it } from 'vitest';
import { newTally, playLawCase } from './fabric-law.ts';
import { LAW_CASES, playShare } from './fabric-law-cases.ts';

describe('the law of the fabric', () => {
  it(
    'allowed packets arrive on allowed ways, denied ones do not, nothing circulates, whatever fails',
    {
      timeout: 3_600_000,
    },
    () => playShare(0, 2),
  );

  it('finds out a fabric that is not told of its policies, and says where the packet went', () => {
    const findings = LAW_CASES.filter(({ place }) => place > 20 && place % 10 === 0 && place < 140).map((one) =>
      playLawCase({ ...one, policies: 'untold' }, newTally()),
    );
    const found = findings.flatMap((finding) => (finding ? [finding] : []));
    expect(found.length).toBeGreaterThan(findings.length / 2);
    for (const { policies, details } of found) {
      expect(policies.policies.length + Number(policies.default === 'deny')).toBeGreaterThan(0);
      expect(details).toContain(' -> ');
    }
  });
});
