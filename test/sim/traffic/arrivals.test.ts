/** Sources against the closed forms of what they are a model of; bounds are five standard deviations, or more. */
import { describe, expect, it } from 'vitest';
import { MILLISECOND, SECOND } from '../../../sim/clock.ts';
import { Random } from '../../../sim/random.ts';
import { type ArrivalPattern, Arrivals, meanRate } from '../../../sim/traffic/arrivals.ts';

function timesUntil(end: number, pattern: ArrivalPattern, seed = 1): number[] {
  const arrivals = new Arrivals(pattern, new Random(seed), 0);
  const times: number[] = [];
  for (let at = arrivals.next(); at < end; at = arrivals.next()) times.push(at);
  return times;
}

describe('arrivals', () => {
  it('of a constant rate do not drift, though a distance is no whole number of nanoseconds', () => {
    const arrivals = new Arrivals({ type: 'constant', perSecond: 3 }, new Random(1), 7);
    let last = 0;
    for (let i = 0; i < 300_000; i++) last = arrivals.next();
    expect(Math.abs(last - (7 + 100_000 * SECOND))).toBeLessThan(1);
  });

  it('of a Poisson process have its mean and its variance in every window', () => {
    const windows = 10_000;
    const perWindow = 20;
    const counts = new Array<number>(windows).fill(0);
    for (const at of timesUntil(windows * SECOND, { type: 'poisson', perSecond: perWindow }))
      counts[Math.floor(at / SECOND)]!++;
    const mean = counts.reduce((sum, count) => sum + count, 0) / windows;
    const variance = counts.reduce((sum, count) => sum + (count - mean) ** 2, 0) / (windows - 1);
    expect(Math.abs(mean - perWindow)).toBeLessThan(5 * Math.sqrt(perWindow / windows));
    // The variance of a sample's variance is (λ + 2λ²) / n for a Poisson distribution.
    expect(Math.abs(variance - perWindow)).toBeLessThan(5 * Math.sqrt((perWindow + 2 * perWindow ** 2) / windows));
  });

  it.each([
    ['long', 100 * MILLISECOND],
    ['shorter than a distance', MILLISECOND / 2],
  ])('in bursts that are %s have the mean rate that is told of them', (_title, onNs) => {
    const pattern = { type: 'on-off', perSecond: 1000, onNs, offNs: 3 * onNs } as const;
    const seconds = 400;
    const times = timesUntil(seconds * SECOND, pattern);
    expect(meanRate(pattern)).toBe(250);
    // Of the time that is on: rate² · 2 · (on · off)² / (on + off)³ each second, for such an alternating process.
    const cycle = 4 * onNs;
    const variance = (1000 ** 2 * 2 * (onNs * 3 * onNs) ** 2) / cycle ** 3 / SECOND;
    expect(Math.abs(times.length - 250 * seconds)).toBeLessThan(5 * Math.sqrt(variance * seconds) + 1);
    expect(times.every((at, i) => i === 0 || at >= times[i - 1]!)).toBe(true);
  });
});
