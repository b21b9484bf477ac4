import { describe, expect, it } from 'vitest';
import { toPolicySet } from '../../../controller/policy/policy-entry.ts';
import { NOTHING_STORED, replaceStored } from '../../../controller/policy/stored-policies.ts';
import { Lab } from '../../../lab/lab.ts';
import { startPing } from '../../../sim/ping.ts';
import { loadTopology } from '../../../topologies/loader.ts';
import { parsePolicies } from '../../../topologies/policy-file.ts';

/** What is said of policies in the triangle when h1 and h2 have been heard. */
function explain(...entries: readonly string[]): Record<string, string> {
  const list = entries.map((entry) => `  - ${entry}\n`).join('');
  const { document } = parsePolicies(`apiVersion: sluice/v1\nkind: Policy\nname: t\npolicies:\n${list}`, 't.yaml');
  const { stored } = replaceStored(NOTHING_STORED, toPolicySet(document));
  const lab = new Lab(loadTopology('topologies/triangle.yaml'), { policies: stored });
  lab.runUntil(() => false, 1e9);
  const [h1, h2] = ['h1', 'h2'].map((name) => lab.network.hosts.get(name)!);
  startPing(h1!, h2!.spec.ip!, { count: 1, intervalNs: 1e8, timeoutNs: 1e9 }, () => {});
  lab.runUntil(() => false, 3e9);
  return Object.fromEntries(
    lab.controller.policies.list().map(({ policy, state, reason }) => [policy.id, `${state} ${reason ?? ''}`.trim()]),
  );
}

describe('the reasons of policies', () => {
  it('name hosts as people do', () => {
    expect(explain('{ id: fast, from: h1, to: h2, latency: 1ns }')).toEqual({
      fast: 'failed h1 to h2: no path is as fast, as far as links have been measured; h2 to h1: no path is as fast, as far as links have been measured',
    });
  });

  it('name the other policies that ask for a part of what cannot be had', () => {
    const reasons = explain(
      '{ id: around, from: h1, to: h2, services: icmp, via: s3 }',
      '{ id: free, from: h1, to: h2, services: icmp, protect: failover }',
      '{ id: short, from: h1, to: h2, services: icmp, avoid: { switches: s3 } }',
    );
    const words = 'no path passes what is to be passed';
    expect(reasons).toEqual({
      around: `failed h1 to h2: ${words} (also asked by short); h2 to h1: ${words} (also asked by short)`,
      free: `degraded h1 to h2: ${words} (asked by around, short); h2 to h1: ${words} (asked by around, short)`,
      short: `failed h1 to h2: ${words} (also asked by around); h2 to h1: ${words} (also asked by around)`,
    });
  });
});
