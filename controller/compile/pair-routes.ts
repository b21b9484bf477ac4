/**
 * From what policies say of two hosts to what the network does for them: the usual ways, the protected ones, or a path of their own; meters and mirrors.
 *
 * It depends on the hosts' roles and on the switches that they hang at, and is decided once for all pairs that agree in these.
 */
import type { PacketPredicate } from '../policy/packet-predicate.ts';
import type { PacketVerdict } from '../policy/policy-meaning.ts';
import type { ResolvedAllow, ResolvedPolicies } from '../policy/resolved-policies.ts';
import { type HostPairs, hasPathConstraints, type JudgedCell, needsOwnPath } from './host-pairs.ts';
import type { PathPlacement } from './path-placement.ts';
import type { FindingsBook } from './policy-findings.ts';
import type { Program } from './program.ts';

export type PairCell = {
  readonly predicate: PacketPredicate;
  readonly rank: number;
  /** The ids of the policies that say so. */
  readonly by: readonly string[];
} & (
  | { readonly type: 'drop' }
  | {
      readonly type: 'pass';
      readonly route: 'usual' | 'protected' | Program;
      /** The policy whose limit it counts for. */
      readonly limitedBy: string | undefined;
      /** MACs. */
      readonly mirrors: readonly number[];
    }
);

export interface Ends {
  readonly from: string;
  readonly to: string;
  /** For people. */
  readonly name: string;
}

/** More ids than these help nobody. */
const IDS_SHOWN_MAX = 3;

type Allowed = Extract<PacketVerdict, { type: 'allowed' }>;

export class PairRoutes {
  readonly #pairs: HostPairs;
  readonly #placement: PathPlacement;
  readonly #findings: FindingsBook;
  readonly #policies: ReadonlyMap<string, ResolvedAllow>;
  readonly #decided = new Map<readonly JudgedCell[], Map<string, readonly PairCell[]>>();
  /** By each path that has been handed out, who is to take it. */
  readonly #uses = new Map<Program, readonly { readonly by: readonly string[]; readonly name: string }[]>();
  /** By dpid, the switches that protected ways lead to. */
  readonly protectedTo = new Set<string>();
  /** MACs of the hosts that copies go to. */
  readonly mirrors = new Set<number>();

  constructor(policies: ResolvedPolicies, pairs: HostPairs, placement: PathPlacement, findings: FindingsBook) {
    this.#pairs = pairs;
    this.#placement = placement;
    this.#findings = findings;
    this.#policies = new Map(
      policies.policies.flatMap((policy) => (policy.type === 'allow' ? [[policy.id, policy]] : [])),
    );
  }

  /** All that have been handed out. */
  get paths(): Iterable<Program> {
    return this.#uses.keys();
  }

  /** There is no label left for it. */
  wentWithout(path: Program): void {
    for (const { by, name } of this.#uses.get(path)!) {
      for (const id of by.filter((each) => this.#constrains(each)))
        this.#findings.lost(id, `${name}: there are more paths than labels`);
    }
  }

  /** Empty: the default holds for all that goes from the one to the other. */
  cellsOf(src: number, dst: number, ends: Ends): readonly PairCell[] {
    const judged = this.#pairs.cellsOf(src, dst);
    if (judged.length === 0) return [];
    let byPlace = this.#decided.get(judged);
    if (!byPlace) {
      byPlace = new Map();
      this.#decided.set(judged, byPlace);
    }
    const place = `${ends.from}>${ends.to}`;
    let cells = byPlace.get(place);
    if (!cells) {
      cells = judged.map((cell) => this.#decide(cell, ends));
      byPlace.set(place, cells);
    }
    return cells;
  }

  #decide({ predicate, rank, verdict }: JudgedCell, ends: Ends): PairCell {
    if (verdict.type === 'denied') return { type: 'drop', predicate, rank, by: [verdict.by] };
    const { by } = verdict;
    const route = this.#findRoute(verdict, ends);
    if (route === undefined) return { type: 'drop', predicate, rank, by };
    const { mirrors, limitedBy } = verdict.treatment;
    for (const mac of mirrors) this.mirrors.add(mac);
    return { type: 'pass', predicate, rank, by, route, mirrors, limitedBy: this.#chooseLimit(limitedBy) };
  }

  /** Undefined: there is none that keeps what is asked. */
  #findRoute({ by, treatment }: Allowed, { from, to, name }: Ends): 'usual' | 'protected' | Program | undefined {
    if (!needsOwnPath(treatment)) {
      for (const id of by) this.#findings.served(id);
      if (treatment.protect === 'none' || from === to) return 'usual';
      this.protectedTo.add(to);
      if (!this.#placement.hasTwoWays(from, to)) {
        for (const id of by)
          if (this.#isProtecting(id)) this.#findings.fellShort(id, `${name}: unprotected, all ways share a link`);
      }
      return 'protected';
    }
    const placed = this.#placement.place(from, to, treatment);
    if (placed.type === 'impossible') {
      const asking = by.filter((id) => this.#constrains(id));
      for (const id of by) {
        const others = asking.filter((other) => other !== id);
        const isAsking = asking.includes(id);
        const askers = `${isAsking ? 'also asked' : 'asked'} by ${listSome(others)}`;
        const reason = `${name}: ${placed.reason}${others.length > 0 ? ` (${askers})` : ''}`;
        if (isAsking) this.#findings.failed(id, reason);
        else this.#findings.fellShort(id, reason);
      }
      return undefined;
    }
    for (const id of by) {
      this.#findings.served(id);
      if (placed.shortcoming !== undefined && this.#isProtecting(id))
        this.#findings.fellShort(id, `${name}: unprotected, ${placed.shortcoming}`);
    }
    if (!placed.program) return 'usual';
    if (placed.shortcoming !== undefined && !hasPathConstraints(treatment)) {
      // Some links of the way have no other, but those that have are worth a detour.
      this.protectedTo.add(to);
      return 'protected';
    }
    const uses = this.#uses.get(placed.program) ?? [];
    this.#uses.set(placed.program, [...uses, { by, name }]);
    return placed.program;
  }

  #isProtecting(id: string): boolean {
    return this.#policies.get(id)!.protect !== 'none';
  }

  #constrains(id: string): boolean {
    const { via, avoid, latencyNsMax, bandwidthBps, protect } = this.#policies.get(id)!;
    const avoids = avoid.switches.size + avoid.links.size > 0;
    return (
      via.length > 0 || avoids || latencyNsMax !== undefined || bandwidthBps !== undefined || protect === 'disjoint'
    );
  }

  /** A rule counts for one meter: the tightest, of equals the first. */
  #chooseLimit(policies: readonly string[]): string | undefined {
    const rateOf = (id: string) => this.#policies.get(id)!.limitBps!;
    const [tightest, ...others] = [...policies].sort((a, b) => rateOf(a) - rateOf(b) || (a < b ? -1 : 1));
    for (const id of others) {
      this.#findings.fellShort(id, `what it shares with ${tightest} counts for the limit of that one only`);
    }
    return tightest;
  }
}

function listSome(ids: readonly string[]): string {
  const more = ids.length - IDS_SHOWN_MAX;
  return ids.slice(0, IDS_SHOWN_MAX).join(', ') + (more > 0 ? ` and ${more} more` : '');
}
