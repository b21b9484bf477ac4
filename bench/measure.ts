/** How a figure of the bench comes about: rounds of a fixed count, the median rate of them, beside a peer's in the same run. */

export interface Rate {
  /** Operations per second, the median of the rounds. */
  readonly perSecond: number;
  readonly slowest: number;
  readonly fastest: number;
}

export interface MeasureOptions {
  readonly rounds: number;
  /** Operations in a round. */
  readonly count: number;
}

export function measure(work: (i: number) => void, { rounds, count }: MeasureOptions): Rate {
  for (let i = 0; i < Math.min(count, 200_000); i++) work(i);
  const rates: number[] = [];
  for (let round = 0; round < rounds; round++) {
    globalThis.gc?.();
    const start = process.hrtime.bigint();
    for (let i = 0; i < count; i++) work(i);
    rates.push(count / (Number(process.hrtime.bigint() - start) / 1e9));
  }
  rates.sort((a, b) => a - b);
  return { perSecond: rates[rates.length >> 1]!, slowest: rates[0]!, fastest: rates.at(-1)! };
}

/** One comparison: ours beside somebody else's, measured in the same run on the same machine. */
export interface Comparison {
  readonly name: string;
  readonly unit: string;
  readonly ours: number;
  readonly peer?: string;
  readonly theirs?: number;
}

export function formatComparison({ name, unit, ours, peer, theirs }: Comparison): string {
  const own = `${name}: ${formatRate(ours)} ${unit}`;
  if (theirs === undefined) return own;
  return `${own}, ${peer} ${formatRate(theirs)} ${unit}, ratio ${(ours / theirs).toPrecision(3)}`;
}

function formatRate(rate: number): string {
  if (rate >= 1e6) return `${(rate / 1e6).toFixed(2)} M`;
  if (rate >= 1e3) return `${(rate / 1e3).toFixed(1)} k`;
  return rate.toFixed(2);
}
