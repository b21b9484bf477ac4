/** Policies from what files and requests say, and back: the same thing with every default filled in. */
import type { HostSelector, PolicyEntry, PolicyGroup, SwitchSelector } from '../../topologies/policy-document.ts';
import { formatPolicyEntry, type JsonReading, readPolicyJson } from '../../topologies/policy-json.ts';
import type { AllowPolicy, Policy, PolicySet, Selector } from './policy.ts';

/** Of a file that was read. */
export function toPolicySet({ default: otherwise, policies }: PolicyGroup): PolicySet {
  return { default: otherwise, policies: policies.map(toPolicy).sort(byId) };
}

/** Code units, so that the order is the same everywhere. */
export function byId(a: Pick<Policy, 'id'>, b: Pick<Policy, 'id'>): number {
  return a.id < b.id ? -1 : a.id > b.id ? 1 : 0;
}

export function parsePolicyJson(body: unknown): JsonReading<Policy> {
  const reading = readPolicyJson(body);
  return reading.type === 'read' ? { type: 'read', value: toPolicy(reading.value) } : reading;
}

/** What `parsePolicyJson` reads as the same policy. */
export function formatPolicyJson(policy: Policy): ReturnType<typeof formatPolicyEntry> {
  return formatPolicyEntry(toEntry(policy));
}

function toPolicy(entry: PolicyEntry): Policy {
  const { id, deny, avoid } = entry;
  if (deny) {
    return { type: 'deny', id, from: toSelector(deny.from), to: toSelector(deny.to), services: deny.services ?? [] };
  }
  return {
    type: 'allow',
    id,
    from: toSelector(entry.from),
    to: toSelector(entry.to),
    services: entry.services ?? [],
    via: (entry.via ?? []).map(toSelector),
    avoid: { switches: (avoid?.switches ?? []).map(toSelector), links: avoid?.names ?? [] },
    latencyNsMax: entry.latencyNs,
    bandwidthBps: entry.bandwidthBps,
    protect: entry.protect ?? 'none',
    limitBps: entry.limitBps,
    mirror: entry.mirror,
  };
}

function toEntry(policy: Policy): PolicyEntry {
  const { id, services } = policy;
  const from = fromSelector(policy.from);
  const to = fromSelector(policy.to);
  const ends = { from, to, ...(services.length > 0 && { services }) };
  return policy.type === 'deny' ? { id, deny: ends } : { id, ...ends, ...toTreatment(policy) };
}

function toTreatment(policy: AllowPolicy): Partial<PolicyEntry> {
  const { via, avoid, latencyNsMax, bandwidthBps, protect, limitBps, mirror } = policy;
  const avoids = {
    ...(avoid.links.length > 0 && { names: avoid.links }),
    ...(avoid.switches.length > 0 && { switches: avoid.switches.map(fromSelector) }),
  };
  return {
    ...(via.length > 0 && { via: via.map(fromSelector) }),
    ...(Object.keys(avoids).length > 0 && { avoid: avoids }),
    ...(latencyNsMax !== undefined && { latencyNs: latencyNsMax }),
    ...(bandwidthBps !== undefined && { bandwidthBps }),
    ...(protect !== 'none' && { protect }),
    ...(limitBps !== undefined && { limitBps }),
    ...(mirror !== undefined && { mirror }),
  };
}

function toSelector({ labels, ...said }: HostSelector | SwitchSelector = {}): Selector {
  return { ...said, ...(labels && { labels: Object.fromEntries(labels) }) };
}

function fromSelector({ labels, all, ...said }: Selector): HostSelector {
  return { ...said, ...(all && { all }), ...(labels && { labels: new Map(Object.entries(labels)) }) };
}
