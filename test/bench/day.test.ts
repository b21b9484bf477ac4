import { expect, it } from 'vitest';
import { benchDay } from '../../bench/day.ts';

it('the bench of a day hears every heartbeat', () => {
  // It throws by itself when one is missing.
  expect(benchDay({ hosts: 4, seconds: 20 })).toHaveLength(1);
});
