import { expect, it } from 'vitest';
import { benchEventCore } from '../../bench/event-core.ts';

it('the event-core bench runs the same events on the clock as on a heap, for every distribution of delays', () => {
  // It throws by itself when they differ.
  const comparisons = benchEventCore({ rounds: 1, pending: 3000, count: 9000 });
  expect(comparisons).toHaveLength(10);
  for (const { ours, theirs } of comparisons) {
    expect(ours).toBeGreaterThan(0);
    expect(theirs).toBeGreaterThan(0);
  }
});
