/**
 * What came of a scenario, as a value: the formats are made from it, and it is the JSON report as it stands.
 *
 * It has virtual times only and nothing of the machine it ran on, so that the same file and seed give the same report byte for byte.
 */

import type { DropCause } from '../sim/cable-direction.ts';
import type { Nanos } from '../sim/clock.ts';
import type { FlowResult } from '../sim/traffic/flow-tally.ts';
import type { TcpFlowResult } from '../sim/traffic/tcp-flow.ts';
import type { HostPair } from '../topologies/scenario.ts';

export interface ScenarioResult {
  readonly scenario: string;
  /** As the user gave it. */
  readonly file: string;
  readonly topology: string;
  readonly seed: number;
  readonly clock: 'virtual';
  readonly isPassed: boolean;
  readonly durationNs: Nanos;
  readonly steps: readonly StepResult[];
  readonly frames: FrameBalance;
  /** A fingerprint of every event of the run: two runs that have the same did the same at the same times. */
  readonly traceHash: string;
}

export interface StepResult {
  readonly name: string;
  readonly verb: 'wait' | 'ping' | 'udp' | 'tcp' | 'link' | 'policies';
  readonly startedAtNs: Nanos;
  readonly endedAtNs: Nanos;
  readonly outcome: StepOutcome;
  /** What the reader should know besides, such as who was left out. */
  readonly notes: readonly string[];
  /** Of a ping. */
  readonly pings?: readonly PairResult[];
  readonly udpFlows?: readonly UdpPairResult[];
  readonly tcpFlows?: readonly TcpPairResult[];
}

/** What a step found out. */
export type Finding = Pick<StepResult, 'outcome' | 'pings' | 'udpFlows' | 'tcpFlows'> & {
  readonly notes?: readonly string[];
};

export type UdpPairResult = HostPair & FlowResult;
export type TcpPairResult = HostPair & TcpFlowResult;

export type StepOutcome =
  | { readonly type: 'passed'; readonly measured: string }
  | { readonly type: 'failed'; readonly failures: readonly Failure[] }
  | { readonly type: 'error'; readonly reason: string }
  | { readonly type: 'skipped'; readonly reason: string };

/** An expectation that did not hold, in words. */
export interface Failure {
  readonly expected: string;
  readonly measured: string;
  readonly why: string;
  /** Where to go on looking. */
  readonly lookAt: readonly string[];
}

export interface PairResult {
  readonly from: string;
  readonly to: string;
  readonly sent: number;
  readonly received: number;
  readonly duplicates: number;
  /** By request; null where no reply came. */
  readonly roundTripsNs: readonly (Nanos | null)[];
}

/** What became of every frame that was put on a cable. */
export interface FrameBalance {
  readonly sent: number;
  /** By cables that do so. */
  readonly duplicated: number;
  /** Of those delivered and in flight: with a bit turned. */
  readonly corrupted: number;
  readonly delivered: number;
  readonly dropped: Readonly<Record<DropCause, number>>;
  readonly inFlight: number;
  /** In each direction of each cable, sent + duplicated = delivered + dropped + in flight. */
  readonly isConserved: boolean;
}
