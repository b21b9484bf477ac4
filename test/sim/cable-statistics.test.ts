/**
 * What chance does on a cable, against closed forms. Seeds are fixed; bounds are such that a right model with another seed would break one of
 * them about once in a million times (five standard errors), unless something else is said.
 */
import { describe, expect, it } from 'vitest';
import type { CableSpec } from '../../sim/cable-figures.ts';
import { MILLISECOND, SECOND } from '../../sim/clock.ts';
import { Random } from '../../sim/random.ts';
import { type CableRig, numberedFrame, numberOf, rigCable, sendMany } from './cable-rig.ts';

const SIGMAS = 5;
const SEEDS = [1, 2, 3];

function run(change: Partial<CableSpec>, seed: number, count: number, apartNs: number): CableRig {
  const rig = rigCable(change, seed);
  sendMany(rig, count, apartNs);
  return rig;
}

/** Whether a count of independent events of probability p is one that chance allows. */
function expectShare(count: number, p: number, trials: number): void {
  expect(Math.abs(count - p * trials)).toBeLessThan(SIGMAS * Math.sqrt(trials * p * (1 - p)));
}

describe.each(SEEDS)('with seed %i', (seed) => {
  const TRIALS = 20_000;

  it.each([0.001, 0.05, 0.5])('a share of %d is lost, doubled, bent or overtakes', (p) => {
    const lossy = run({ lossProbability: p }, seed, TRIALS, 1000);
    expectShare(lossy.cable.counters.a.dropped.loss, p, TRIALS);
    const others = run(
      { duplicateProbability: p, corruptProbability: p, reorderProbability: p, delayNs: SECOND },
      seed,
      TRIALS,
      1000,
    );
    const { duplicated, corrupted } = others.cable.counters.a;
    expectShare(duplicated, p, TRIALS);
    expectShare(corrupted, p, TRIALS + duplicated);
    const sentAt = new Set(Array.from({ length: TRIALS }, (_, i) => i * 1000));
    const overtakers = others.atB.filter(({ at }) => at < SECOND && sentAt.has(at)).length;
    expectShare(overtakers, p, TRIALS + duplicated);
  });

  it('losses are independent of each other: the length of a run is geometric', () => {
    const lost = lostOf(run({ lossProbability: 0.2 }, seed, TRIALS, 1000), TRIALS);
    const runs = lengthsOfRuns(lost);
    // Mean 1/(1-p), variance p/(1-p)².
    expectMean(runs, 1 / 0.8, Math.sqrt(0.2) / 0.8);
  });

  it.each([
    { good: 0, bad: 1, toBad: 0.01, toGood: 0.2 },
    { good: 0.001, bad: 0.5, toBad: 0.02, toGood: 0.1 },
  ])('bursts have the loss and the length of the model: %o', (burstLoss) => {
    const frames = 50_000;
    const { good, bad, toBad, toGood } = burstLoss;
    const lost = lostOf(run({ burstLoss }, seed, frames, 1000), frames);
    const shareBad = toBad / (toBad + toGood);
    const mean = shareBad * bad + (1 - shareBad) * good;
    // The state remembers: its autocorrelation at a distance of k frames is (1 - toBad - toGood)^k, and adds to the variance of the sum.
    const memory = 1 - toBad - toGood;
    const variance = mean * (1 - mean) + (2 * shareBad * (1 - shareBad) * (bad - good) ** 2 * memory) / (1 - memory);
    const share = lost.filter(Boolean).length / frames;
    expect(Math.abs(share - mean)).toBeLessThan(SIGMAS * Math.sqrt(variance / frames));
    if (good === 0 && bad === 1) {
      // Then bursts are runs in the bad state: geometric, of mean 1/toGood.
      expectMean(lengthsOfRuns(lost), 1 / toGood, Math.sqrt(1 - toGood) / toGood);
    }
  });

  const DELAY = 100 * MILLISECOND;
  const BY = 5 * MILLISECOND;
  const jitterOf = (distribution: 'uniform' | 'normal' | 'pareto') =>
    // So far apart that nobody waits for the frame before: Pareto's longest of so many would need 1875 × by.
    run({ delayNs: DELAY, jitter: { byNs: BY, distribution } }, seed, 10_000, 20 * SECOND).atB.map(
      ({ at, frame }) => (at - numberOf(frame) * 20 * SECOND - DELAY) / BY,
    );

  it('uniform jitter lies within its bounds, has mean 0 and variance 1/3, and is even', () => {
    const values = jitterOf('uniform');
    expect(Math.max(...values)).toBeLessThanOrEqual(1);
    expect(Math.min(...values)).toBeGreaterThanOrEqual(-1);
    expectMean(values, 0, Math.sqrt(1 / 3));
    // The variance of a squared value: 1/5 - 1/9.
    expectMean(
      values.map((x) => x * x),
      1 / 3,
      Math.sqrt(1 / 5 - 1 / 9),
    );
    expectDistribution(values, (x) => (x + 1) / 2);
  });

  it('normal jitter has mean 0, variance 1, and the quantiles of a bell', () => {
    const values = jitterOf('normal');
    expectMean(values, 0, 1);
    expectMean(
      values.map((x) => x * x),
      1,
      Math.sqrt(2),
    );
    const probabilities = { 0.5: 0.691_462, 1: 0.841_345, 2: 0.977_25, 3: 0.998_65 };
    for (const [x, p] of Object.entries(probabilities)) {
      expectShare(values.filter((value) => value <= Number(x)).length, p, values.length);
      expectShare(values.filter((value) => value > -Number(x)).length, p, values.length);
    }
  });

  it('Pareto jitter has mean 0 and the distribution of its shape', () => {
    // Its fourth moment is infinite, so that a sample variance says nothing; the distribution says all.
    const values = jitterOf('pareto');
    expectMean(values, 0, 1);
    expectDistribution(values, (x) => (x <= -0.5 / Math.sqrt(0.75) ? 0 : 1 - (1.5 + x * Math.sqrt(0.75)) ** -3));
    expect(Math.min(...values)).toBeGreaterThanOrEqual(-0.5774);
    expect(Math.max(...values)).toBeGreaterThan(5);
  });

  it.each([0.5, 0.8])('at a load of %d, frames that come at random wait as in M/D/1', (load) => {
    // 100 µs each.
    const serviceNs = 100_000;
    const rig = rigCable({ bandwidthBps: 8_000_000 }, seed);
    const random = new Random(seed).fork('arrivals');
    const count = 40_000;
    const sentAt: number[] = [];
    let at = 0;
    for (let i = 0; i < count; i++) {
      at += Math.round((-Math.log(1 - random.nextFraction()) * serviceNs) / load);
      sentAt.push(at);
      rig.clock.runUntil(at);
      rig.cable.send('a', numberedFrame(i, 76));
    }
    rig.clock.runUntil(at + SECOND);
    const waits = rig.atB.map((arrival, i) => (arrival.at - sentAt[i]! - serviceNs) / serviceNs);
    // Pollaczek and Khinchine.
    const mean = load / (2 * (1 - load));
    // Waits are correlated, so the error is taken from the means of 40 batches of a thousand frames, many busy periods each.
    const batches = Array.from({ length: 40 }, (_, i) => meanOf(waits.slice(i * 1000, (i + 1) * 1000)));
    expect(Math.abs(meanOf(waits) - mean)).toBeLessThan(SIGMAS * (deviationOf(batches) / Math.sqrt(40)));
    // And the bound is no excuse.
    expect(deviationOf(batches) / Math.sqrt(40)).toBeLessThan(mean / 20);
  });
});

function lostOf(rig: CableRig, count: number): boolean[] {
  const arrived = new Set(rig.atB.map(({ frame }) => numberOf(frame)));
  return Array.from({ length: count }, (_, i) => !arrived.has(i));
}

function lengthsOfRuns(lost: readonly boolean[]): number[] {
  const lengths: number[] = [];
  let length = 0;
  for (const isLost of lost) {
    if (isLost) length++;
    else if (length > 0) {
      lengths.push(length);
      length = 0;
    }
  }
  return lengths;
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function deviationOf(values: readonly number[]): number {
  const mean = meanOf(values);
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1));
}

function expectMean(values: readonly number[], mean: number, deviation: number): void {
  expect(Math.abs(meanOf(values) - mean)).toBeLessThan((SIGMAS * deviation) / Math.sqrt(values.length));
}

/** Kolmogorov and Smirnov: by the inequality of Dvoretzky, Kiefer, Wolfowitz and Massart, a right one breaks this once in a million times. */
function expectDistribution(values: readonly number[], probabilityOf: (x: number) => number): void {
  const sorted = values.toSorted((x, y) => x - y);
  const distance = sorted.reduce((most, x, i) => {
    const p = probabilityOf(x);
    return Math.max(most, (i + 1) / sorted.length - p, p - i / sorted.length);
  }, 0);
  expect(distance).toBeLessThan(Math.sqrt(Math.log(2 / 1e-6) / (2 * sorted.length)));
}
