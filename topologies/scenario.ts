/**
 * A scenario that knows its network: names resolved to hosts and links that are there, every default filled in.
 *
 * The runner takes nothing else; what could be wrong with a file has been said before there is one of these.
 */
import type { LinkFigures } from './document.ts';
import type { Topology } from './model.ts';
import type { PolicyGroup } from './policy-document.ts';
import type {
  Conditions,
  Expectation,
  PcapEntry,
  PingExpectation,
  ScenarioDocument,
  Selector,
  StepEntry,
  TcpEntry,
  TcpExpectation,
  UdpEntry,
  UdpExpectation,
} from './scenario-document.ts';
import { selectHosts } from './scenario-selection.ts';
import type { Mistake } from './topology-error.ts';

export interface Scenario {
  readonly name: string;
  /** As the user gave it. */
  readonly file: string;
  readonly topology: Topology;
  readonly seed: number;
  /** In force before the first step; whom their names mean is for the controller to say. */
  readonly policies: PolicyGroup;
  readonly steps: readonly Step[];
  /** What is captured of the run, and when it is kept. */
  readonly pcap?: PcapEntry;
  /** What the file says that its author may not have meant. */
  readonly warnings: readonly Mistake[];
}

export type Step = WaitUntilStep | WaitForStep | PingStep | UdpStep | TcpStep | LinkStep;

interface StepFrame {
  readonly name: string;
  /** After the end of the step before. */
  readonly afterNs: number;
}

export interface WaitUntilStep extends StepFrame {
  readonly type: 'wait-until';
  readonly conditions: Conditions;
  readonly timeoutNs: number;
}

export interface WaitForStep extends StepFrame {
  readonly type: 'wait-for';
  readonly forNs: number;
}

interface PairsFrame extends StepFrame {
  readonly pairs: readonly HostPair[];
  /** Hosts that a selector meant and that have no address to ping from or to. */
  readonly leftOut: readonly string[];
  /** Of the whole step; absent, it takes as long as it takes. */
  readonly stepTimeoutNs?: number;
}

export interface PingStep extends PairsFrame {
  readonly type: 'ping';
  readonly count: number;
  readonly intervalNs: number;
  /** After the last request. */
  readonly timeoutNs: number;
  readonly expect: PingExpectation;
}

export interface UdpStep extends PairsFrame, Omit<UdpEntry, 'from' | 'to'> {
  readonly type: 'udp';
  readonly expect: UdpExpectation;
}

export interface TcpStep extends PairsFrame, Omit<TcpEntry, 'from' | 'to'> {
  readonly type: 'tcp';
  readonly expect: TcpExpectation;
}

export interface HostPair {
  readonly from: string;
  readonly to: string;
}

export interface LinkStep extends StepFrame {
  readonly type: 'link';
  readonly link: string;
  readonly isUp?: boolean;
  readonly figures?: LinkFigures;
}

const WAIT_TIMEOUT_NS = 10e9;

/** What is on its way when a flow ends has so long to arrive: a queue, a handshake's retransmissions, a stream's last ones. */
export const UDP_DRAIN_NS = 1e9;
const TCP_DRAIN_NS = 60e9;

/** The document must have passed its checks. */
export function buildScenario(
  document: ScenarioDocument,
  file: string,
  topology: Topology,
  warnings: readonly Mistake[] = [],
): Scenario {
  const { name, seed, default: otherwise, policies, steps, artifacts } = document;
  return {
    name,
    file,
    topology,
    seed,
    policies: { default: otherwise, policies },
    steps: steps.map((entry) => buildStep(entry, topology)),
    ...(artifacts?.pcap && { pcap: artifacts.pcap }),
    warnings,
  };
}

function buildStep(entry: StepEntry, topology: Topology): Step {
  const { name, afterNs = 0, wait, ping, udp, tcp, link, timeoutNs, expect = {} } = entry;
  const frame = { name, afterNs };
  if (ping) return { ...frame, type: 'ping', ...toPairs(ping, timeoutNs, expect, topology) };
  if (udp) return { ...frame, type: 'udp', ...toPairs(udp, timeoutNs, expect, topology) };
  if (tcp) return { ...frame, type: 'tcp', ...toPairs(tcp, timeoutNs, expect, topology) };
  if (link) {
    const { state, set } = link;
    return {
      ...frame,
      type: 'link',
      link: link.name,
      ...(state && { isUp: state === 'up' }),
      ...(set && { figures: set }),
    };
  }
  if (wait?.until) {
    return {
      ...frame,
      type: 'wait-until',
      conditions: wait.until,
      timeoutNs: wait.timeoutNs ?? timeoutNs ?? WAIT_TIMEOUT_NS,
    };
  }
  return { ...frame, type: 'wait-for', forNs: wait?.forNs ?? 0 };
}

/** All that is said of the pairs goes along. */
function toPairs<T extends { readonly from: Selector; readonly to: Selector }>(
  { from, to, ...rest }: T,
  stepTimeoutNs: number | undefined,
  expect: Expectation,
  topology: Topology,
) {
  const sources = selectHosts(from, topology);
  const targets = selectHosts(to, topology);
  return {
    ...rest,
    pairs: listPairs(sources.hosts, targets.hosts),
    leftOut: [...new Set([...sources.leftOut, ...targets.leftOut])],
    ...(stepTimeoutNs !== undefined && { stepTimeoutNs }),
    expect,
  };
}

/** Each with each, in order, and nobody with itself. */
export function listPairs(from: readonly string[], to: readonly string[]): HostPair[] {
  return from.flatMap((source) =>
    to.filter((target) => target !== source).map((target) => ({ from: source, to: target })),
  );
}

/** The longest that a step may take in virtual time. */
export function longestNs(step: Step): number {
  switch (step.type) {
    case 'wait-until':
      return step.afterNs + step.timeoutNs;
    case 'wait-for':
      return step.afterNs + step.forNs;
    case 'ping':
      return step.afterNs + step.count * step.intervalNs + step.timeoutNs;
    case 'udp':
      return step.afterNs + step.durationNs + UDP_DRAIN_NS;
    case 'tcp':
      return step.afterNs + (step.stepTimeoutNs ?? step.durationNs + TCP_DRAIN_NS);
    case 'link':
      return step.afterNs;
  }
}

/** What can fail, and so tells something when it does not. */
export function countExpectations({ steps }: Scenario): number {
  return steps.reduce((sum, step) => {
    if (step.type === 'wait-until') return sum + Object.keys(step.conditions).length;
    return 'expect' in step ? sum + Object.keys(step.expect).length : sum;
  }, 0);
}
