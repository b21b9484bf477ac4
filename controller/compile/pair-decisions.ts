/**
 * What each switch is to hold for the pairs whose senders hang at it: all of which policies say something, as long as there is room.
 *
 * Pairs grow with the square of hosts, and hosts can be invented: two ports with a thousand made-up addresses each make two million pairs under a policy for
 * all. So the rules are counted before they are built, against what the table holds. A sender whose pairs have no room left sends nothing at all, rather than
 * something that a policy may deny; those that people have names for come first.
 */
import { formatMac } from '../../protocol/wire/address.ts';
import type { FabricHost, FabricView } from './fabric-compiler.ts';
import type { HostPairs } from './host-pairs.ts';
import { LAYOUT } from './layout.ts';
import type { PairCell, PairRoutes } from './pair-routes.ts';
import type { FindingsBook } from './policy-findings.ts';

/** What is decided for one host as a sender to one other. */
export interface PairDecision {
  readonly src: FabricHost;
  readonly dst: FabricHost;
  readonly cells: readonly PairCell[];
}

export interface SwitchDecisions {
  readonly pairs: readonly PairDecision[];
  /** Hosts that send nothing, for want of room. */
  readonly closed: readonly FabricHost[];
}

/** More rules than these for pairs take a switch and its controller seconds to go through, whatever the table may hold. */
const PAIR_RULES_MAX = 65_536;

/** The rules of the table that are there in any case. */
const FIXED_RULES = 16;

/** By the switch where their frames enter. */
export function decidePairs(
  view: FabricView,
  pairs: HostPairs,
  routes: PairRoutes,
  findings: FindingsBook,
): ReadonlyMap<string, SwitchDecisions> {
  const decisions = new Map<string, SwitchDecisions>();
  if (pairs.isTrivial) return decisions;
  const names = new Map(view.hosts.map(({ mac }) => [mac, view.nameOf(mac)]));
  const receivers = groupBy(view.hosts, ({ mac }) => pairs.roleOf(mac));
  for (const [dpid, senders] of groupBy(view.hosts, (host) => host.dpid)) {
    const room = view.roomOf(dpid, LAYOUT.policy.id) ?? Number.POSITIVE_INFINITY;
    // Each sender may come to need a rule that closes it.
    const rulesMax = Math.max(0, Math.min(PAIR_RULES_MAX, room - FIXED_RULES - senders.length));
    const desk = new Desk(pairs, routes, [...receivers.values()], names);
    const decided = desk.decide(namedFirst(senders, names), rulesMax);
    decisions.set(dpid, decided);
    tellClosed(dpid, decided.closed, rulesMax, desk, findings);
  }
  return decisions;
}

class Desk {
  readonly #pairs: HostPairs;
  readonly #routes: PairRoutes;
  readonly #receivers: readonly (readonly FabricHost[])[];
  readonly #names: ReadonlyMap<number, string>;

  constructor(
    pairs: HostPairs,
    routes: PairRoutes,
    receivers: readonly (readonly FabricHost[])[],
    names: ReadonlyMap<number, string>,
  ) {
    this.#pairs = pairs;
    this.#routes = routes;
    this.#receivers = receivers;
    this.#names = names;
  }

  decide(senders: readonly FabricHost[], rulesMax: number): SwitchDecisions {
    const all: PairDecision[] = [];
    const closed: FabricHost[] = [];
    let left = rulesMax;
    for (const src of senders) {
      const own = this.#decideSender(src, left);
      if (!own) closed.push(src);
      else {
        for (const decision of own) {
          left -= decision.cells.length;
          all.push(decision);
        }
      }
    }
    return { pairs: all, closed };
  }

  /** Undefined when it needs more rules than there may be. */
  #decideSender(src: FabricHost, rulesMax: number): readonly PairDecision[] | undefined {
    const decisions: PairDecision[] = [];
    let rules = 0;
    for (const alike of this.#receivers) {
      if (this.#pairs.cellsOf(src.mac, alike[0]!.mac).length === 0) continue;
      for (const dst of alike) {
        if (isSamePort(src, dst)) continue;
        const cells = this.#cellsOf(src, dst);
        rules += cells.length;
        if (rules > rulesMax) return undefined;
        decisions.push({ src, dst, cells });
      }
    }
    return decisions;
  }

  #cellsOf(src: FabricHost, dst: FabricHost): readonly PairCell[] {
    const name = `${this.#names.get(src.mac)} to ${this.#names.get(dst.mac)}`;
    return this.#routes.cellsOf(src.mac, dst.mac, { from: src.dpid, to: dst.dpid, name });
  }

  nameOf({ mac }: FabricHost): string {
    return this.#names.get(mac)!;
  }

  /** The policies that say something of what it sends. */
  policiesOf(src: FabricHost): Iterable<string> {
    return this.#receivers.flatMap((alike) =>
      this.#pairs
        .cellsOf(src.mac, alike[0]!.mac)
        .flatMap(({ verdict }) => (verdict.type === 'denied' ? [verdict.by] : verdict.by)),
    );
  }
}

function tellClosed(
  dpid: string,
  closed: readonly FabricHost[],
  rulesMax: number,
  desk: Desk,
  findings: FindingsBook,
): void {
  const [first, ...others] = closed;
  if (!first) return;
  const who = others.length === 0 ? desk.nameOf(first) : `${desk.nameOf(first)} and ${others.length} more`;
  const reason = `switch ${dpid} has room for ${rulesMax} rules between hosts: nothing that ${who} sends is let through`;
  const policies = new Set(closed.flatMap((src) => [...desk.policiesOf(src)]));
  for (const id of policies) findings.fellShort(id, reason);
}

/** What hosts at one port say to each other is not the network's: a switch sends nothing back out of the port it came in at. */
function isSamePort(a: FabricHost, b: FabricHost): boolean {
  return a.dpid === b.dpid && a.portNo === b.portNo;
}

function namedFirst(hosts: readonly FabricHost[], names: ReadonlyMap<number, string>): readonly FabricHost[] {
  const isNamed = ({ mac }: FabricHost) => names.get(mac) !== formatMac(mac);
  return [...hosts.filter(isNamed), ...hosts.filter((host) => !isNamed(host))];
}

function groupBy(hosts: readonly FabricHost[], toKey: (host: FabricHost) => string): ReadonlyMap<string, FabricHost[]> {
  const groups = new Map<string, FabricHost[]>();
  for (const host of hosts) {
    const key = toKey(host);
    const group = groups.get(key);
    if (group) group.push(host);
    else groups.set(key, [host]);
  }
  return groups;
}
