/** What pairs of hosts measured, held against what was expected of it: every expectation of every pair. */
import type { HostPair } from '../topologies/scenario.ts';
import { type Comparison, holds } from '../topologies/scenario-comparison.ts';
import type { PingExpectation } from '../topologies/scenario-document.ts';
import type { Diagnosis } from './scenario-diagnosis.ts';
import type { Failure, PairResult } from './scenario-result.ts';
import { formatCount, formatPercent, formatTime, listSome } from './scenario-words.ts';

export interface Measure<P> {
  readonly isMet: (pair: P, comparison: Comparison) => boolean;
  readonly show: (pair: P) => string;
}

/** Of each expectation, in the order in which failures are told. */
export type Measures<P, E> = { readonly [K in keyof E]-?: Measure<P> };

const MEASURES: Measures<PairResult, PingExpectation> = {
  loss: {
    isMet: (pair, comparison) => holds(comparison, lossOf(pair)),
    show: (pair) => `${formatPercent(lossOf(pair))} (${pair.received} of ${pair.sent} came back)`,
  },
  received: {
    isMet: (pair, comparison) => holds(comparison, pair.received),
    show: ({ received, sent }) => `${received} of ${sent}`,
  },
  rtt: {
    // Of every reply; where there is none, there is nothing that could have been in time.
    isMet: (pair, comparison) => pair.received > 0 && timesOf(pair).every((time) => holds(comparison, time)),
    show: showTimes,
  },
  duplicates: {
    isMet: (pair, comparison) => holds(comparison, pair.duplicates),
    show: ({ duplicates }) => String(duplicates),
  },
};

/** `diagnose` is asked where requests were not answered. */
export function judgePings(
  pairs: readonly PairResult[],
  expect: PingExpectation,
  diagnose: (pair: HostPair) => Diagnosis,
): Failure[] {
  const explain = (pair: PairResult) => (pair.received < pair.sent ? diagnose(pair) : explainAnswered(pair));
  return judgePairs(pairs, expect, MEASURES, explain);
}

/** One failure for an expectation, whatever the number of pairs that it fails for; the first of them is explained. */
export function judgePairs<P extends HostPair, E extends { readonly [K in keyof E]?: Comparison }>(
  pairs: readonly P[],
  expect: E,
  measures: Measures<P, E>,
  explain: (pair: P) => Diagnosis,
): Failure[] {
  const failures: Failure[] = [];
  for (const [name, measure] of Object.entries(measures) as [keyof E & string, Measure<P>][]) {
    const comparison: Comparison | undefined = expect[name];
    if (!comparison) continue;
    const [worst, ...others] = pairs.filter((pair) => !measure.isMet(pair, comparison));
    if (!worst) continue;
    const all = [worst, ...others];
    const { why, lookAt } = explain(worst);
    failures.push({
      expected: `${name} ${comparison.text}${pairs.length > 1 ? ` for each of ${pairs.length} pairs` : ''}`,
      measured: listSome(
        all.map((pair) => `${pair.from} to ${pair.to}: ${measure.show(pair)}`),
        '; ',
      ),
      why,
      lookAt,
    });
  }
  return failures;
}

/** What a ping measured in all, in a line. */
export function describePings(pairs: readonly PairResult[]): string {
  const sent = pairs.reduce((sum, pair) => sum + pair.sent, 0);
  const received = pairs.reduce((sum, pair) => sum + pair.received, 0);
  const duplicates = pairs.reduce((sum, pair) => sum + pair.duplicates, 0);
  const words = [`${received} of ${sent} came back`];
  if (pairs.length > 1) words.unshift(`${pairs.length} pairs`);
  if (duplicates > 0) words.push(formatCount(duplicates, 'duplicate'));
  const times = pairs.flatMap(timesOf);
  if (times.length > 0) words.push(`rtt ${formatTime(least(times))} to ${formatTime(greatest(times))}`);
  return words.join(', ');
}

/** Every request was answered: the network carries, only not as expected. */
function explainAnswered({ from, to, duplicates }: PairResult): Diagnosis {
  const why =
    duplicates > 0
      ? 'a request or a reply arrived more than once, so something on the way doubles frames'
      : 'every request was answered: the network is better or slower than the scenario expects, not broken';
  return { why, lookAt: [`the way from ${from} to ${to}`] };
}

function lossOf({ sent, received }: PairResult): number {
  return sent === 0 ? 0 : (sent - received) / sent;
}

function timesOf({ roundTripsNs }: PairResult): number[] {
  return roundTripsNs.filter((time) => time !== null);
}

function showTimes(pair: PairResult): string {
  const times = timesOf(pair);
  return times.length === 0 ? 'no reply' : `${formatTime(least(times))} to ${formatTime(greatest(times))}`;
}

/** Not `Math.min(...)`: there can be more of them than a call has arguments. */
function least(times: readonly number[]): number {
  return times.reduce((a, b) => Math.min(a, b));
}

function greatest(times: readonly number[]): number {
  return times.reduce((a, b) => Math.max(a, b));
}
