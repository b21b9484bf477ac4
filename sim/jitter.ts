/**
 * By how much the delay of a frame differs from the cable's: three models, each drawn anew for every frame.
 *
 * `uniform` lies between -by and +by. `normal` has the standard deviation `by`. `pareto` is long delays now and then: a Pareto distribution of
 * shape 3, the one whose table netem ships (iproute2, netem/pareto.c), moved and scaled so that its mean is 0 and its standard deviation `by`; its least
 * is -0.58 × by, and there is no most. A frame cannot arrive before it was sent: where the sum would be below 0, it is 0.
 */
import type { Nanos } from './clock.ts';
import type { Random } from './random.ts';

export interface Jitter {
  readonly byNs: Nanos;
  readonly distribution: 'uniform' | 'normal' | 'pareto';
}

/** Of a Pareto distribution that begins at 1: below 3 there is no variance to speak of, above it the tail is thin. */
const PARETO_SHAPE = 3;
const PARETO_MEAN = PARETO_SHAPE / (PARETO_SHAPE - 1);
const PARETO_DEVIATION = Math.sqrt(PARETO_SHAPE / ((PARETO_SHAPE - 1) ** 2 * (PARETO_SHAPE - 2)));

/** Whole nanoseconds. A frame takes one number from the stream, or two if the distribution is normal. */
export function drawJitter({ byNs, distribution }: Jitter, random: Random): Nanos {
  return Math.round(byNs * drawDeviate(distribution, random));
}

function drawDeviate(distribution: Jitter['distribution'], random: Random): number {
  switch (distribution) {
    case 'uniform':
      return 2 * random.nextFraction() - 1;
    case 'normal': {
      // Box and Muller's transform; the first number is above 0, or its logarithm would be none.
      const radius = Math.sqrt(-2 * Math.log(1 - random.nextFraction()));
      return radius * Math.cos(2 * Math.PI * random.nextFraction());
    }
    case 'pareto':
      return ((1 - random.nextFraction()) ** (-1 / PARETO_SHAPE) - PARETO_MEAN) / PARETO_DEVIATION;
  }
}
