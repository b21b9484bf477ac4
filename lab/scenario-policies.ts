/**
 * The policies of a scenario: put in force before its steps, and looked at when they are over.
 *
 * A name that means nobody fails at once, since nothing that is tested afterwards would mean anything. Else a policy may fail and recover while cables are cut and mended;
 * one that is failed at the end fails the run.
 */

import { type PacketFacts, reverseFacts } from '../controller/policy/packet-facts.ts';
import type { PolicyVerdict } from '../controller/policy/policies.ts';
import type { PolicySet } from '../controller/policy/policy.ts';
import { toPolicySet } from '../controller/policy/policy-entry.ts';
import { judgePacket } from '../controller/policy/policy-meaning.ts';
import { resolvePolicies } from '../controller/policy/resolved-policies.ts';
import { ETHER_TYPE } from '../protocol/wire/packet/ethernet.ts';
import { IP_PROTOCOL } from '../protocol/wire/packet/ipv4.ts';
import { DEFAULT_ID } from '../topologies/policy-checks.ts';
import type { HostPair, Scenario } from '../topologies/scenario.ts';
import type { Lab } from './lab.ts';
import type { Diagnosis } from './scenario-diagnosis.ts';
import type { Failure, StepOutcome } from './scenario-result.ts';
import { formatCount, listSome } from './scenario-words.ts';

export function hasPolicies({ policies: { default: otherwise, policies } }: Scenario): boolean {
  return otherwise === 'deny' || policies.length > 0;
}

/** Before the network is there, so that nothing is ever allowed that they deny. */
export function applyPolicies(lab: Lab, { policies }: Scenario): StepOutcome {
  const set = toPolicySet(policies);
  const failures = [...listUnclear(lab, set), ...storeAll(lab, set)];
  if (failures.length > 0) return { type: 'failed', failures };
  return { type: 'passed', measured: `${formatPolicyCount(set.policies.length)}, default ${set.default}` };
}

function listUnclear(lab: Lab, set: PolicySet): Failure[] {
  const { policies } = resolvePolicies(set, lab.controller.directory, []);
  return policies.flatMap(({ id, problems }) =>
    problems.length === 0 ? [] : [toFailure(id, 'it cannot be read', listSome(problems, '; '))],
  );
}

function storeAll(lab: Lab, set: PolicySet): Failure[] {
  const failures: Failure[] = [];
  let outstanding = set.policies.length + 1;
  const toDone = (id: string) => (verdict: PolicyVerdict) => {
    outstanding--;
    if (verdict.type !== 'stored') failures.push(toFailure(id, 'it was not taken', verdict.type));
  };
  lab.act(({ policies }) => {
    policies.setDefault(set.default, toDone(DEFAULT_ID));
    for (const policy of set.policies) policies.put(policy, toDone(policy.id));
  });
  // The lab's store answers at the same moment.
  lab.runUntil(() => outstanding === 0, lab.clock.now);
  return failures;
}

export interface PolicyOutcome {
  readonly outcome: StepOutcome;
  readonly notes: readonly string[];
}

export function judgePolicies({ controller }: Lab): PolicyOutcome {
  const all = controller.policies.list();
  const notes = all.flatMap(({ policy, state, reason = '' }) =>
    state === 'degraded' ? [`policy ${policy.id} is degraded: ${reason}`] : [],
  );
  const failures = all.flatMap(({ policy, state, reason = '' }) =>
    state === 'failed' ? [toFailure(policy.id, 'it has failed', reason)] : [],
  );
  const kept = `${formatPolicyCount(all.length)}, none of them failed`;
  return { outcome: failures.length > 0 ? { type: 'failed', failures } : { type: 'passed', measured: kept }, notes };
}

/** Why echoes between two hosts do not get through, if policies are why. */
export function explainByPolicies(lab: Lab, { from, to }: HostPair): Diagnosis | undefined {
  const { policies, directory } = lab.controller;
  const resolved = resolvePolicies(policies.set, directory, []);
  const request = toEcho(lab, from, to);
  const ways = [
    { packet: request, words: `what ${from} sends to ${to}` },
    { packet: reverseFacts(request), words: `what ${to} answers to ${from}` },
  ];
  for (const { packet, words } of ways) {
    const verdict = judgePacket(resolved, packet);
    if (verdict.type === 'denied') {
      const isByDefault = verdict.by === DEFAULT_ID;
      const why = isByDefault ? `no policy allows ${words}` : `policy ${verdict.by} denies ${words}`;
      return { why, lookAt: [isByDefault ? 'policies' : `policy ${verdict.by}`] };
    }
    for (const id of verdict.by) {
      const { state, reason = '' } = policies.find(id)!;
      if (state === 'failed') return { why: `policy ${id} has failed: ${reason}`, lookAt: [`policy ${id}`] };
    }
  }
  return undefined;
}

function toEcho({ network }: Lab, from: string, to: string): PacketFacts {
  const [source, target] = [from, to].map((name) => network.hosts.get(name)!);
  return {
    srcMac: source!.mac,
    dstMac: target!.mac,
    ethType: ETHER_TYPE.ipv4,
    ipProto: IP_PROTOCOL.icmp,
    ...(source!.ipv4 !== undefined && { ipSrc: source!.ipv4 }),
    ...(target!.ipv4 !== undefined && { ipDst: target!.ipv4 }),
  };
}

function toFailure(id: string, measured: string, why: string): Failure {
  return { expected: `policy ${id} is installed`, measured, why, lookAt: [`policy ${id}`] };
}

function formatPolicyCount(count: number): string {
  return formatCount(count, 'policy', 'policies');
}
