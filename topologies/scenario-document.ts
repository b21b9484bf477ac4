/**
 * A scenario as a document: what its file says, with times in nanoseconds and expectations as comparisons, and nothing more than it says.
 *
 * Names are still names here; `scenario.ts` has the scenario that knows its network.
 */
import type { HostKind, LinkFigures } from './document.ts';
import type { PolicyGroup } from './policy-document.ts';
import type { Comparison } from './scenario-comparison.ts';

export interface ScenarioDocument extends PolicyGroup {
  readonly apiVersion: 'sluice/v1';
  readonly kind: 'Scenario';
  readonly name: string;
  /** A path, relative to the scenario's file, or a shorthand. */
  readonly topology: string;
  readonly seed: number;
  readonly clock: 'virtual' | 'real';
  readonly steps: readonly StepEntry[];
  readonly artifacts?: ArtifactsEntry;
}

/** What is kept of a run. */
export interface ArtifactsEntry {
  readonly pcap?: PcapEntry;
}

export interface PcapEntry {
  readonly links: readonly string[];
  /** Of these switches. */
  readonly channels: readonly string[];
  readonly when: 'failure' | 'always';
  /** Of each run. */
  readonly bytesMax: number;
}

/** One of wait, ping, udp, tcp and link is there. */
export interface StepEntry {
  readonly name: string;
  /** After the end of the step before. */
  readonly afterNs?: number;
  readonly wait?: WaitEntry;
  readonly ping?: PingEntry;
  readonly udp?: UdpEntry;
  readonly tcp?: TcpEntry;
  readonly link?: LinkChange;
  readonly timeoutNs?: number;
  readonly expect?: Expectation;
}

/** One of until and for is there. */
export interface WaitEntry {
  readonly until?: Conditions;
  readonly forNs?: number;
  readonly timeoutNs?: number;
}

export interface Conditions {
  readonly switches?: 'connected';
  readonly flows?: 'installed';
  readonly links?: 'found';
  readonly policies?: 'installed';
}

export interface PingEntry {
  readonly from: Selector;
  readonly to: Selector;
  readonly count: number;
  readonly intervalNs: number;
  /** After the last request. */
  readonly timeoutNs: number;
}

/** Datagrams from each of `from` to each of `to`. */
export interface UdpEntry {
  readonly from: Selector;
  readonly to: Selector;
  /** Of payload. */
  readonly rateBps: number;
  /** Of a datagram's payload. */
  readonly payloadBytes: number;
  readonly durationNs: number;
  readonly arrivals: 'constant' | 'poisson';
}

export interface TcpEntry {
  readonly from: Selector;
  readonly to: Selector;
  readonly streams: number;
  readonly durationNs: number;
  /** Of each stream; it ends before its time when these have been sent. */
  readonly bytes?: number;
}

/** Hosts by their names, or by all that is said of them. */
export interface Selector {
  readonly names?: readonly string[];
  readonly tier?: string;
  readonly site?: string;
  readonly app?: string;
  readonly kind?: HostKind;
  readonly all?: true;
}

export interface LinkChange {
  readonly name: string;
  /** One of both is there. */
  readonly state?: 'up' | 'down';
  readonly set?: LinkFigures;
}

/** Of every pair of hosts. */
export interface PingExpectation {
  readonly loss?: Comparison;
  readonly received?: Comparison;
  /** Of every reply. */
  readonly rtt?: Comparison;
  readonly duplicates?: Comparison;
}

export interface UdpExpectation {
  readonly loss?: Comparison;
  readonly received?: Comparison;
  readonly duplicates?: Comparison;
  readonly reordered?: Comparison;
  /** The 99th percentile, one way. */
  readonly latency?: Comparison;
  readonly goodput?: Comparison;
}

/** Of all streams of a pair together. */
export interface TcpExpectation {
  readonly goodput?: Comparison;
}

/** Of whatever measures; which verb measures what is for the checks. */
export type Expectation = PingExpectation & UdpExpectation & TcpExpectation;
