import { describe, it } from 'vitest';
import { playShare } from './fabric-law-cases.ts';

describe('the law of the fabric, the other half of its cases', () => {
  it(
    'allowed packets arrive on allowed ways, denied ones do not, nothing circulates, whatever fails',
    {
      timeout: 3_600_000,
    },
    () => playShare(1, 2),
  );
});
