/**
 * What people want of their network: the policy language as types.
 *
 * A policy either denies what goes from one set of hosts to another, or allows it and says how it is to be treated on its way. The language is closed: what is not
 * here cannot be said, and what is here has a meaning for every packet (`policy-meaning.ts`).
 */

/** What hosts, or switches, are meant: those of which everything holds that is said. Nothing said: nobody. */
export interface Selector {
  readonly names?: readonly string[];
  readonly tier?: string;
  readonly site?: string;
  /** Hosts only. */
  readonly app?: string;
  /** Hosts only: vm, container, … */
  readonly kind?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly all?: boolean;
  /** Hosts only: a prefix that the packet's own address at that end lies in; such as 10.1.0.0/16 or fd00::/8. It narrows the packets, not the hosts. */
  readonly address?: string;
}

export interface Service {
  /** Of the packet at hand; `ip` is any. */
  readonly protocol: 'ip' | 'tcp' | 'udp' | 'sctp' | 'icmp' | 'icmpv6';
  /** Ports of the end that is talked to, both included; tcp, udp and sctp only. */
  readonly ports?: { readonly first: number; readonly last: number };
}

export type Protection = 'none' | 'failover' | 'disjoint';

interface PolicyHead {
  readonly id: string;
  readonly from: Selector;
  readonly to: Selector;
  /** Empty: any packet, IP or not. */
  readonly services: readonly Service[];
}

export interface DenyPolicy extends PolicyHead {
  readonly type: 'deny';
}

export interface AllowPolicy extends PolicyHead {
  readonly type: 'allow';
  /** Switches to pass, in this order from `from` to `to`; of each selector, one. Replies pass them the other way round. */
  readonly via: readonly Selector[];
  /** Switches and links (by name) to keep off. */
  readonly avoid: { readonly switches: readonly Selector[]; readonly links: readonly string[] };
  /** One way, between the switches at both ends; the sum of what the links were measured to take. */
  readonly latencyNsMax: number | undefined;
  /** Kept free for it on every link that it takes, each way. */
  readonly bandwidthBps: number | undefined;
  readonly protect: Protection;
  /** Of all that goes from `from` to `to` at each switch where it enters; replies are not limited. */
  readonly limitBps: number | undefined;
  /** The host, by name, that gets a copy of every packet, both ways. */
  readonly mirror: string | undefined;
}

export type Policy = DenyPolicy | AllowPolicy;

export interface PolicySet {
  /** What becomes of packets that no policy speaks of. */
  readonly default: 'allow' | 'deny';
  /** In the order of their ids, each id once. */
  readonly policies: readonly Policy[];
}

export const NO_POLICIES: PolicySet = { default: 'allow', policies: [] };
