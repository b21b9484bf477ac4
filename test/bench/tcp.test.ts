import { describe, expect, it } from 'vitest';
import { benchTcp } from '../../bench/tcp.ts';

describe('the bench of TCP', () => {
  it('measures segments of a flow', () => {
    const [comparison] = benchTcp({ rounds: 1, count: 500 });
    expect(comparison!.ours).toBeGreaterThan(0);
  });
});
