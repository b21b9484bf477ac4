/**
 * Policies as a document: what a file says, or the body of a request, with numbers in base units and nothing more than it says.
 *
 * Names are still names here: whom they mean is a matter of the network, and changes with it.
 */
export interface PolicyDocument extends PolicyGroup {
  readonly apiVersion: 'sluice/v1';
  readonly kind: 'Policy';
  readonly name: string;
}

/** What holds together. */
export interface PolicyGroup {
  /** Of packets that no policy speaks of. */
  readonly default: 'allow' | 'deny';
  readonly policies: readonly PolicyEntry[];
}

/** Either `deny` is there and nothing else but the id, or `from` and `to` are. */
export interface PolicyEntry extends Treatment {
  readonly id: string;
  readonly from?: HostSelector;
  readonly to?: HostSelector;
  readonly services?: readonly ServiceEntry[];
  readonly deny?: DenyEntry;
}

export interface DenyEntry {
  readonly from: HostSelector;
  readonly to: HostSelector;
  readonly services?: readonly ServiceEntry[];
}

/** What an allow says of the way. */
export interface Treatment {
  readonly class?: string;
  readonly via?: readonly SwitchSelector[];
  readonly avoid?: Avoidance;
  readonly latencyNs?: number;
  readonly bandwidthBps?: number;
  readonly protect?: 'none' | 'failover' | 'disjoint';
  readonly limitBps?: number;
  readonly mirror?: string;
}

export interface SwitchSelector {
  readonly names?: readonly string[];
  readonly tier?: string;
  readonly site?: string;
  readonly labels?: ReadonlyMap<string, string>;
  readonly all?: true;
}

export interface HostSelector extends SwitchSelector {
  readonly app?: string;
  readonly kind?: string;
  readonly address?: string;
}

export interface Avoidance {
  /** Of links, or switches. */
  readonly names?: readonly string[];
  readonly switches?: readonly SwitchSelector[];
}

export interface ServiceEntry {
  readonly protocol: 'ip' | 'tcp' | 'udp' | 'sctp' | 'icmp' | 'icmpv6';
  readonly ports?: { readonly first: number; readonly last: number };
}
