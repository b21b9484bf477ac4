/** What flows measured, in words and held against what was expected of them. Streams always have to carry what was sent, unchanged. */
import type { HostPair } from '../topologies/scenario.ts';
import { type Comparison, holds } from '../topologies/scenario-comparison.ts';
import type { TcpExpectation, UdpExpectation } from '../topologies/scenario-document.ts';
import type { Diagnosis } from './scenario-diagnosis.ts';
import { judgePairs, type Measures } from './scenario-judgement.ts';
import type { Failure, TcpPairResult, UdpPairResult } from './scenario-result.ts';
import { formatCount, formatPercent, formatRate, formatTime } from './scenario-words.ts';

type Diagnose = (pair: HostPair) => Diagnosis;

const GOODPUT = {
  isMet: ({ goodputBps }: { readonly goodputBps: number }, comparison: Comparison) => holds(comparison, goodputBps),
  show: ({ goodputBps }: { readonly goodputBps: number }) => formatRate(goodputBps),
};

const UDP_MEASURES: Measures<UdpPairResult, UdpExpectation> = {
  loss: {
    isMet: (pair, comparison) => holds(comparison, lossOf(pair)),
    show: (pair) => `${formatPercent(lossOf(pair))} (${pair.received} of ${pair.sent} arrived)`,
  },
  received: {
    isMet: ({ received }, comparison) => holds(comparison, received),
    show: ({ received, sent }) => `${received} of ${sent}`,
  },
  duplicates: {
    isMet: ({ duplicates }, comparison) => holds(comparison, duplicates),
    show: ({ duplicates }) => String(duplicates),
  },
  reordered: {
    isMet: ({ reordered }, comparison) => holds(comparison, reordered),
    show: ({ reordered }) => String(reordered),
  },
  latency: {
    isMet: ({ latency }, comparison) => latency !== undefined && holds(comparison, latency.p99),
    show: ({ latency }) => (latency ? `p99 ${formatTime(latency.p99)}` : 'nothing arrived'),
  },
  goodput: GOODPUT,
};

export function judgeUdp(flows: readonly UdpPairResult[], expect: UdpExpectation, diagnose: Diagnose): Failure[] {
  return judgePairs(flows, expect, UDP_MEASURES, (flow) => (flow.lost > 0 ? diagnose(flow) : explainArrived(flow)));
}

export function judgeTcp(flows: readonly TcpPairResult[], expect: TcpExpectation, diagnose: Diagnose): Failure[] {
  return [
    ...flows.flatMap((flow) => judgeStreams(flow, diagnose)),
    ...judgePairs(flows, expect, { goodput: GOODPUT }, (flow) =>
      hasFault(flow) ? diagnose(flow) : explainArrived(flow),
    ),
  ];
}

export function describeUdp(flows: readonly UdpPairResult[]): string {
  const sum = (of: (flow: UdpPairResult) => number) => flows.reduce((total, flow) => total + of(flow), 0);
  const words = [
    `${sum(({ received }) => received)} of ${formatCount(
      sum(({ sent }) => sent),
      'datagram',
    )} arrived`,
  ];
  if (flows.length > 1) words.unshift(`${flows.length} pairs`);
  const duplicates = sum((flow) => flow.duplicates);
  const reordered = sum((flow) => flow.reordered);
  if (duplicates > 0) words.push(formatCount(duplicates, 'duplicate'));
  if (reordered > 0) words.push(`${reordered} reordered`);
  const slowest = Math.max(...flows.map(({ latency }) => latency?.p99 ?? 0));
  if (slowest > 0) words.push(`p99 ${formatTime(slowest)}`);
  words.push(formatRate(sum(({ goodputBps }) => goodputBps)));
  return words.join(', ');
}

export function describeTcp(flows: readonly TcpPairResult[]): string {
  const bytes = flows.reduce((sum, { receivedBytes }) => sum + receivedBytes, 0);
  const goodput = flows.reduce((sum, { goodputBps }) => sum + goodputBps, 0);
  const pairs = flows.length > 1 ? `${flows.length} pairs, ` : '';
  return `${pairs}${formatCount(bytes, 'byte')} arrived, ${formatRate(goodput)}`;
}

/** Whatever is expected: a stream that broke, or carried something else, is no measurement. */
function judgeStreams(flow: TcpPairResult, diagnose: Diagnose): Failure[] {
  const { from, to, streams } = flow;
  const broken = streams.filter(({ fault }) => fault !== undefined);
  const wrongBytes = streams.reduce((sum, stream) => sum + stream.wrongBytes, 0);
  const failures: Failure[] = [];
  if (broken.length > 0) {
    const measured = `${from} to ${to}: ${broken.length} of ${streams.length} ended with ${broken[0]!.fault}`;
    failures.push({ expected: 'every stream ends in order', measured, ...diagnose(flow) });
  }
  if (wrongBytes > 0) {
    failures.push({
      expected: 'every byte arrives as it was sent',
      measured: `${from} to ${to}: ${formatCount(wrongBytes, 'byte')} did not`,
      why: 'something on the way changes what is in packets, and mends their checksums',
      lookAt: [`the way from ${from} to ${to}`],
    });
  }
  return failures;
}

function explainArrived({ from, to }: HostPair): Diagnosis {
  const why = 'everything arrived: the network is better or slower than the scenario expects, not broken';
  return { why, lookAt: [`the way from ${from} to ${to}`] };
}

function hasFault({ streams }: TcpPairResult): boolean {
  return streams.some(({ fault }) => fault !== undefined);
}

function lossOf({ sent, lost }: UdpPairResult): number {
  return sent === 0 ? 0 : lost / sent;
}
