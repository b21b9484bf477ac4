import { expect, it } from 'vitest';
import { measureNetwork } from '../../bench/network.ts';
import { MILLISECOND } from '../../sim/clock.ts';

it('the network bench carries every frame over six cables, whole, once and in order', () => {
  const { hops, rules } = measureNetwork({ hosts: 120, rounds: 2, roundNs: 10 * MILLISECOND });
  // It throws by itself when a receiver finds something else than the frame that is due.
  expect(hops).toBeGreaterThan(2 * 9 * 120 * 6);
  expect(rules).toBeGreaterThan(120 * 2 * 7);
});
