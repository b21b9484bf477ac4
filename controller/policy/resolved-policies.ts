/**
 * Policies with their names looked up: hosts as MACs, switches as dpids, links by their keys, addresses as prefixes.
 *
 * A name that means nobody, or a selector that selects nobody, is a problem of its policy, in words. What such a policy does follows from one rule:
 * it must not let through what it may have been meant to stop. So a deny denies whom it can, and an allow permits nothing. If that allow also
 * constrains paths, nobody else permits what it speaks of either: constraints are hard, and one that cannot be read cannot be kept.
 */
import { type AddressPrefix, parseAddressPrefix } from '../../protocol/wire/address-prefix.ts';
import type { Directory } from './directory.ts';
import { DirectoryIndex, type Selected } from './directory-index.ts';
import { predicatesOf } from './packet-predicate.ts';
import type { AllowPolicy, Policy, PolicySet, Protection, Selector, Service } from './policy.ts';
import { findServiceProblems } from './service-ports.ts';

export interface ResolvedEnd {
  /** MACs. */
  readonly hosts: ReadonlySet<number>;
  /** What the packet's own address at this end must lie in. */
  readonly address: AddressPrefix | undefined;
}

interface ResolvedHead {
  readonly id: string;
  readonly from: ResolvedEnd;
  readonly to: ResolvedEnd;
  readonly services: readonly Service[];
  /** In words. Any of them makes the policy a failed one. */
  readonly problems: readonly string[];
}

export interface ResolvedDeny extends ResolvedHead {
  readonly type: 'deny';
}

export interface ResolvedAllow extends ResolvedHead {
  readonly type: 'allow';
  /**
   * What it does to the packets it speaks of, in both directions: *permit* them with its treatment; with problems *none*, as if it were not
   * there; with problems and path constraints *bar* them, whatever others permit.
   */
  readonly effect: 'permit' | 'none' | 'bar';
  /** Of each set of dpids, one is to be passed, in this order from `from` to `to`. */
  readonly via: readonly ReadonlySet<string>[];
  readonly avoid: Avoidance;
  readonly latencyNsMax: number | undefined;
  readonly bandwidthBps: number | undefined;
  readonly protect: Protection;
  readonly limitBps: number | undefined;
  /** The MAC of the host that gets copies. */
  readonly mirror: number | undefined;
}

/** Switches by dpid, links by the keys of `toLinkKey`. */
export interface Avoidance {
  readonly switches: ReadonlySet<string>;
  readonly links: ReadonlySet<string>;
}

export type ResolvedPolicy = ResolvedDeny | ResolvedAllow;

export interface ResolvedPolicies {
  readonly default: PolicySet['default'];
  /** In the order of their ids. */
  readonly policies: readonly ResolvedPolicy[];
}

/** `hosts` are the MACs that the network knows; one that is not in the directory has its MAC text for a name, and nothing else. */
export function resolvePolicies(set: PolicySet, directory: Directory, hosts: Iterable<number>): ResolvedPolicies {
  const index = new DirectoryIndex(directory, hosts);
  return { default: set.default, policies: set.policies.map((policy) => resolvePolicy(policy, index)) };
}

/** Whether they say the same, whoever the hosts are that they say it of. */
export function isSameButForHosts(a: ResolvedPolicies, b: ResolvedPolicies): boolean {
  if (a === b) return true;
  if (a.default !== b.default || a.policies.length !== b.policies.length) return false;
  return a.policies.every((policy, i) => toTextButForHosts(policy) === toTextButForHosts(b.policies[i]!));
}

const texts = new WeakMap<ResolvedPolicy, string>();

function toTextButForHosts(policy: ResolvedPolicy): string {
  let text = texts.get(policy);
  if (text === undefined) {
    text = JSON.stringify(policy, (key, value: unknown) => {
      if (key === 'hosts') return undefined;
      if (value instanceof Set) return [...value].sort();
      return typeof value === 'bigint' ? `${value}` : value;
    });
    texts.set(policy, text);
  }
  return text;
}

function resolvePolicy(policy: Policy, index: DirectoryIndex): ResolvedPolicy {
  const problems: string[] = [];
  const head = {
    id: policy.id,
    from: resolveEnd('from', policy.from, index, problems),
    to: resolveEnd('to', policy.to, index, problems),
    services: policy.services,
    problems,
  };
  problems.push(...findServiceProblems(policy.services));
  if (head.from.address && head.to.address && head.from.address.version !== head.to.address.version) {
    problems.push('from and to have addresses of different IP versions, and no packet has both');
  }
  // Whatever the ports are, so it is asked without them.
  const protocols = policy.services.map(({ protocol }) => ({ protocol }));
  if (problems.length === 0 && predicatesOf({ ...head, services: protocols }, 'forward').length === 0) {
    problems.push('no packet is of these services and addresses');
  }
  return policy.type === 'deny' ? { type: policy.type, ...head } : resolveAllow(policy, head, index, problems);
}

function resolveAllow(
  policy: AllowPolicy,
  head: ResolvedHead,
  index: DirectoryIndex,
  problems: string[],
): ResolvedAllow {
  const via = policy.via.map((selector, i) => take(`via ${i + 1}`, index.selectSwitches(selector), problems));
  const avoid = resolveAvoidance(policy.avoid, index, problems);
  const mirror = policy.mirror === undefined ? undefined : resolveMirror(policy.mirror, index, problems);
  const { latencyNsMax, bandwidthBps, protect, limitBps } = policy;
  const effect = problems.length === 0 ? 'permit' : constrainsPaths(policy) ? 'bar' : 'none';
  return { type: 'allow', ...head, effect, via, avoid, latencyNsMax, bandwidthBps, protect, limitBps, mirror };
}

function constrainsPaths({ via, avoid, latencyNsMax, bandwidthBps }: AllowPolicy): boolean {
  const avoids = avoid.switches.length + avoid.links.length > 0;
  return via.length > 0 || avoids || latencyNsMax !== undefined || bandwidthBps !== undefined;
}

function resolveEnd(end: 'from' | 'to', selector: Selector, index: DirectoryIndex, problems: string[]): ResolvedEnd {
  const hosts = take(end, index.selectHosts(selector), problems);
  if (selector.address === undefined) return { hosts, address: undefined };
  const address = parseAddressPrefix(selector.address);
  if (address) return { hosts, address };
  problems.push(`${end}: ${selector.address} is not a prefix of addresses, such as 10.1.0.0/16`);
  return { hosts: new Set(), address: undefined };
}

function resolveAvoidance(avoid: AllowPolicy['avoid'], index: DirectoryIndex, problems: string[]): Avoidance {
  const switches = new Set<string>();
  const links = new Set<string>();
  for (const selector of avoid.switches) {
    for (const dpid of take('avoid', index.selectSwitches(selector), problems)) switches.add(dpid);
  }
  for (const name of avoid.links) {
    const found = index.findAvoided(name);
    if (found.type === 'problem') problems.push(`avoid: ${found.reason}`);
    else (found.type === 'link' ? links : switches).add(found.key);
  }
  return { switches, links };
}

function resolveMirror(name: string, index: DirectoryIndex, problems: string[]): number | undefined {
  const [mac, ...others] = take('mirror', index.selectHosts({ names: [name] }), problems);
  if (others.length > 0) problems.push(`mirror: there are several hosts ${name}`);
  return mac;
}

function take<T>(place: string, { selected, problems: found }: Selected<T>, problems: string[]): ReadonlySet<T> {
  for (const problem of found) problems.push(`${place}: ${problem}`);
  return selected;
}
