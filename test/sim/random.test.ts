import { describe, expect, it } from 'vitest';
import { Random } from '../../sim/random.ts';

function take(random: Random, count: number): number[] {
  return Array.from({ length: count }, () => random.nextUint32());
}

describe('randomness', () => {
  it('is the same for the same seed and another for another', () => {
    expect(take(new Random(7), 5)).toEqual(take(new Random(7), 5));
    expect(take(new Random(7), 5)).not.toEqual(take(new Random(8), 5));
  });

  it('forks by name alone: how much others drew does not matter', () => {
    const fresh = new Random(7);
    const used = new Random(7);
    take(used, 100);
    used.fork('other');
    expect(take(used.fork('s1:2>s3:1'), 5)).toEqual(take(fresh.fork('s1:2>s3:1'), 5));
    expect(take(fresh.fork('a').fork('bc'), 5)).not.toEqual(take(fresh.fork('ab').fork('c'), 5));
  });

  it('is uniform enough for losses and choices (seed 1, chi-squared over 64 boxes)', () => {
    const random = new Random(1);
    const boxes = new Array<number>(64).fill(0);
    const draws = 64_000;
    for (let i = 0; i < draws; i++) boxes[random.nextBelow(64)]!++;
    const expected = draws / 64;
    const chiSquared = boxes.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
    // 63 degrees of freedom: one in a thousand is above 103.
    expect(chiSquared).toBeLessThan(103);
  });

  it('gives streams of neighbouring names that do not resemble each other', () => {
    const a = take(new Random(1).fork('h1'), 2_000);
    const b = take(new Random(1).fork('h2'), 2_000);
    const sameBits = a.reduce((sum, value, i) => sum + 32 - popCount(value ^ b[i]!), 0);
    expect(sameBits / (2_000 * 32)).toBeCloseTo(0.5, 1);
  });
});

function popCount(value: number): number {
  let count = 0;
  for (let rest = value >>> 0; rest; rest &= rest - 1) count++;
  return count;
}
