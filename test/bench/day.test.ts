import { expect, it } from 'vitest';
import { measureDay } from '../../bench/day.ts';

it('the bench of a day hears every heartbeat, and everybody keeps the address that was leased', () => {
  // It throws by itself when one is missing.
  const { heartbeats, renewals } = measureDay({ hosts: 4, seconds: 2400 });
  expect(heartbeats).toBe(4 * 2400);
  expect(renewals).toBe(4);
});
