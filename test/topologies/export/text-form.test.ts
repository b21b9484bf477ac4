/** Quantities written again are what people write, and mean the same. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  BANDWIDTH,
  type Dimension,
  DURATION,
  formatQuantity,
  PROBABILITY,
  parseQuantity,
  QUEUE_SHARE,
  RATE,
  SIZE,
} from '../../../topologies/quantity.ts';

const DIMENSIONS: Readonly<Record<string, Dimension>> = { BANDWIDTH, DURATION, PROBABILITY, QUEUE_SHARE, RATE, SIZE };

describe('a quantity is written', () => {
  it.each<readonly [number, Dimension, string]>([
    [20_000_000, BANDWIDTH, '20Mbps'],
    [250_000, BANDWIDTH, '250kbps'],
    [2_500_000_000, BANDWIDTH, '2500Mbps'],
    [5_000_000, DURATION, '5ms'],
    [0, DURATION, '0ms'],
    [90_000_000_000, DURATION, '90s'],
    [0.005, PROBABILITY, '0.5%'],
    [0.0007, PROBABILITY, '0.07%'],
    [0, PROBABILITY, '0%'],
    [1, PROBABILITY, '100%'],
    [1e-14, PROBABILITY, '0.000000000001%'],
    [205, QUEUE_SHARE, '20.5%'],
    [200, QUEUE_SHARE, '20%'],
    [68_719_476_736, SIZE, '64GiB'],
    [512_000_000, SIZE, '512MB'],
    [50, RATE, '50/s'],
    [0.5, RATE, '0.5/s'],
    [20 / 60, RATE, '20/min'],
  ])('%d as people do', (value, dimension, text) => {
    expect(formatQuantity(value, dimension)).toBe(text);
  });

  it('so that it is read as the same number, whatever number somebody wrote', () => {
    const written = fc
      .tuple(
        fc
          .constantFrom(...Object.values(DIMENSIONS))
          .chain((dimension) => fc.tuple(fc.constant(dimension), fc.constantFrom(...Object.keys(dimension.units)))),
        fc.nat(99_999_999),
        fc.stringMatching(/^(\.[0-9]{1,6})?$/),
      )
      .map(([[dimension, unit], whole, fraction]) => ({ dimension, text: `${whole}${fraction}${unit}` }));
    fc.assert(
      fc.property(written, ({ dimension, text }) => {
        let value: number;
        try {
          value = parseQuantity(text, dimension);
        } catch {
          return;
        }
        expect(parseQuantity(formatQuantity(value, dimension), dimension)).toBe(value);
      }),
      { numRuns: 2000 },
    );
  });

  it('rounded to 15 digits where no text of so many says it', () => {
    expect(formatQuantity(1 / 3, PROBABILITY)).toBe('33.3333333333333%');
  });
});
