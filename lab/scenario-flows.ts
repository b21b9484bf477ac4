/**
 * Flows as steps of a scenario: datagrams and streams of pairs of hosts, all at once, measured once and judged then.
 *
 * A flow has an end of its own; the step's timeout comes on top of it, and a step that is not over by then says nothing of what was measured.
 */
import type { Nanos } from '../sim/clock.ts';
import { startTcpFlow } from '../sim/traffic/tcp-flow.ts';
import { packetsPerSecond, startUdpFlow } from '../sim/traffic/udp-flow.ts';
import { longestNs, type TcpStep, UDP_DRAIN_NS, type UdpStep } from '../topologies/scenario.ts';
import { describeTcp, describeUdp, judgeTcp, judgeUdp } from './flow-judgement.ts';
import type { Lab } from './lab.ts';
import { countDrops, diagnoseLoss } from './scenario-diagnosis.ts';
import { explainByPolicies } from './scenario-policies.ts';
import type { Failure, Finding, StepOutcome, TcpPairResult, UdpPairResult } from './scenario-result.ts';
import { formatTime, listSome } from './scenario-words.ts';

type RunUntil = (isOver: () => boolean, deadline: Nanos) => boolean;

export function runUdp(lab: Lab, step: UdpStep, runUntil: RunUntil): Finding {
  const dropsBefore = countDrops(lab);
  const { rateBps, payloadBytes, durationNs } = step;
  const pattern = { type: step.arrivals, perSecond: packetsPerSecond(rateBps, payloadBytes) } as const;
  const results: (UdpPairResult | undefined)[] = step.pairs.map(() => undefined);
  const flows = step.pairs.map(({ from, to }, i) => {
    const { hosts } = lab.network;
    const target = hosts.get(to)!;
    // Two steps of one scenario have chance of their own each.
    const name = `${step.name} ${lab.clock.now} ${to}`;
    const options = { name, pattern, payloadBytes, durationNs, drainNs: UDP_DRAIN_NS };
    return startUdpFlow(hosts.get(from)!, { sockets: target, address: target.ipv4! }, options, (result) => {
      results[i] = { from, to, ...result };
    });
  });
  const deadline = lab.clock.now + (step.stepTimeoutNs ?? durationNs + UDP_DRAIN_NS);
  const isOver = runUntil(() => results.every((result) => result), deadline);
  for (const flow of flows) flow.stop();
  const notes = notesOf(step);
  const udpFlows = results.map((result) => result!);
  if (!isOver) return { notes, udpFlows, outcome: { type: 'failed', failures: [tooSlow(step)] } };
  const failures = judgeUdp(
    udpFlows,
    step.expect,
    (pair) => explainByPolicies(lab, pair) ?? diagnoseLoss(lab, pair, dropsBefore),
  );
  return { notes, udpFlows, outcome: toOutcome(failures, describeUdp(udpFlows)) };
}

export function runTcp(lab: Lab, step: TcpStep, runUntil: RunUntil): Finding {
  const dropsBefore = countDrops(lab);
  const { streams, durationNs, bytes } = step;
  const results: (TcpPairResult | undefined)[] = step.pairs.map(() => undefined);
  const timeoutNs = longestNs(step) - step.afterNs;
  for (const [i, { from, to }] of step.pairs.entries()) {
    const { hosts } = lab.network;
    const target = hosts.get(to)!;
    const options = { streams, durationNs, timeoutNs, ...(bytes !== undefined && { bytes }) };
    startTcpFlow(hosts.get(from)!, { sockets: target, address: target.ipv4! }, options, (result) => {
      results[i] = { from, to, ...result };
    });
  }
  // A flow gives up by itself at its timeout.
  runUntil(() => results.every((result) => result), lab.clock.now + timeoutNs);
  const tcpFlows = results.map((result) => result!);
  const failures = judgeTcp(
    tcpFlows,
    step.expect,
    (pair) => explainByPolicies(lab, pair) ?? diagnoseLoss(lab, pair, dropsBefore),
  );
  return { notes: notesOf(step), tcpFlows, outcome: toOutcome(failures, describeTcp(tcpFlows)) };
}

function notesOf({ leftOut }: UdpStep | TcpStep): string[] {
  return leftOut.length > 0 ? [`left out, for they have no address yet: ${listSome(leftOut)}`] : [];
}

function toOutcome(failures: readonly Failure[], measured: string): StepOutcome {
  return failures.length > 0 ? { type: 'failed', failures } : { type: 'passed', measured };
}

function tooSlow({ stepTimeoutNs = 0, durationNs }: UdpStep): Failure {
  return {
    expected: `done within ${formatTime(stepTimeoutNs)}`,
    measured: 'datagrams were still sent, or waited for',
    why: `it sends for ${formatTime(durationNs)}, and waits ${formatTime(UDP_DRAIN_NS)} for those that are on their way`,
    lookAt: ['timeout and for of the step'],
  };
}
