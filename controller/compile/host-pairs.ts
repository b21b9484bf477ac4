/**
 * What policies say of every pair of hosts, as cells with verdicts, computed once for all pairs of which they say the same.
 *
 * A host's *role* is the list of policies that have it at their one or other end; the verdicts of a pair depend on nothing but both roles. Hosts are many, roles are few.
 */
import type { PacketPredicate } from '../policy/packet-predicate.ts';
import { contains, predicatesOf } from '../policy/packet-predicate.ts';
import { type Direction, judge, type PacketVerdict, type Treatment } from '../policy/policy-meaning.ts';
import type { ResolvedPolicies, ResolvedPolicy } from '../policy/resolved-policies.ts';
import { CELLS_MAX, toCells } from './pair-cells.ts';

export interface JudgedCell {
  readonly predicate: PacketPredicate;
  readonly rank: number;
  readonly verdict: PacketVerdict;
}

/** One policy's condition on packets of a pair, in one direction. */
interface Condition {
  readonly policy: ResolvedPolicy;
  readonly direction: Direction;
  readonly predicates: readonly PacketPredicate[];
}

export class HostPairs {
  readonly #policies: ResolvedPolicies;
  readonly #roles = new Map<number, string>();
  /** By both roles. */
  readonly #conditions = new Map<string, readonly Condition[]>();
  readonly #cells = new Map<string, readonly JudgedCell[]>();
  /** By policy, index and direction; they are the same for all pairs. */
  readonly #predicates = new Map<string, readonly PacketPredicate[]>();
  /** Policies that would need more cells than there may be. */
  readonly tangled = new Set<string>();

  constructor(policies: ResolvedPolicies) {
    this.#policies = policies;
  }

  /** What any packet of no policy meets. */
  get default(): ResolvedPolicies['default'] {
    return this.#policies.default;
  }

  get isTrivial(): boolean {
    return this.#policies.policies.length === 0;
  }

  /** The same for hosts that all policies treat alike. */
  roleOf(mac: number): string {
    let role = this.#roles.get(mac);
    if (role === undefined) {
      role = this.#policies.policies
        .flatMap(({ from, to }, i) => {
          const ends = (from.hosts.has(mac) ? 1 : 0) + (to.hosts.has(mac) ? 2 : 0);
          return ends === 0 ? [] : [`${i}:${ends}`];
        })
        .join(' ');
      this.#roles.set(mac, role);
    }
    return role;
  }

  /** What is not the default, most of all nothing; each packet meets the cell of the highest rank that holds for it, or the default. */
  cellsOf(src: number, dst: number): readonly JudgedCell[] {
    const key = this.#pairKey(src, dst);
    let cells = this.#cells.get(key);
    if (!cells) {
      cells = this.#judgeCells([this.#conditionsOf(src, dst)]).map(({ predicate, rank, verdicts }) => ({
        predicate,
        rank,
        verdict: verdicts[0]!,
      }));
      cells = prune(cells, this.default);
      this.#cells.set(key, cells);
    }
    return cells;
  }

  /** The verdicts of what one host sends to several at once, in their order, cell by cell. */
  cellsOfMany(
    src: number,
    receivers: readonly number[],
  ): readonly {
    readonly predicate: PacketPredicate;
    readonly rank: number;
    readonly verdicts: readonly PacketVerdict[];
  }[] {
    return this.#judgeCells(receivers.map((dst) => this.#conditionsOf(src, dst)));
  }

  #pairKey(src: number, dst: number): string {
    return `${this.roleOf(src)}>${this.roleOf(dst)}`;
  }

  #conditionsOf(src: number, dst: number): readonly Condition[] {
    const key = this.#pairKey(src, dst);
    let conditions = this.#conditions.get(key);
    if (!conditions) {
      conditions = this.#policies.policies.flatMap((policy, i) => {
        const found: Condition[] = [];
        if (policy.from.hosts.has(src) && policy.to.hosts.has(dst)) found.push(this.#conditionOf(policy, i, 'forward'));
        if (policy.type === 'allow' && policy.to.hosts.has(src) && policy.from.hosts.has(dst))
          found.push(this.#conditionOf(policy, i, 'reverse'));
        return found;
      });
      this.#conditions.set(key, conditions);
    }
    return conditions;
  }

  #conditionOf(policy: ResolvedPolicy, index: number, direction: Direction): Condition {
    const key = `${index} ${direction}`;
    let predicates = this.#predicates.get(key);
    if (!predicates) {
      predicates = predicatesOf(policy, direction);
      this.#predicates.set(key, predicates);
    }
    return { policy, direction, predicates };
  }

  #judgeCells(receivers: readonly (readonly Condition[])[]): readonly {
    readonly predicate: PacketPredicate;
    readonly rank: number;
    readonly verdicts: readonly PacketVerdict[];
  }[] {
    const all = [...new Set(receivers.flat())];
    const cells = toCells(all.flatMap(({ predicates }) => predicates));
    if (!cells) {
      for (const { policy } of all) this.tangled.add(policy.id);
      // What cannot be told apart is not let through.
      return [{ predicate: {}, rank: 0, verdicts: receivers.map(() => TOO_MANY) }];
    }
    return cells.map(({ predicate, rank }) => ({
      predicate,
      rank,
      verdicts: receivers.map((conditions) => this.#judgeCell(conditions, predicate)),
    }));
  }

  #judgeCell(conditions: readonly Condition[], cell: PacketPredicate): PacketVerdict {
    return judge(this.#policies, (policy) => {
      const fitting = conditions.filter(
        (condition) =>
          condition.policy === policy && condition.predicates.some((predicate) => contains(predicate, cell)),
      );
      if (fitting.length === 0) return undefined;
      return fitting.some(({ direction }) => direction === 'forward') ? 'forward' : 'reverse';
    });
  }
}

const TOO_MANY: PacketVerdict = { type: 'denied', by: `more than ${CELLS_MAX} cases` };

/** A cell that says what all around it say adds nothing. */
function prune(cells: readonly JudgedCell[], otherwise: 'allow' | 'deny'): readonly JudgedCell[] {
  const texts = new Map(cells.map((cell) => [cell, toVerdictKey(cell.verdict)]));
  return cells.filter((cell) => {
    const text = texts.get(cell)!;
    const around = cells.filter((other) => other !== cell && contains(other.predicate, cell.predicate));
    if (around.length > 0) return around.some((other) => texts.get(other) !== text);
    return text !== (otherwise === 'deny' ? DENIED : toTreatmentKey(undefined));
  });
}

const DENIED = 'denied';

function toVerdictKey(verdict: PacketVerdict): string {
  return verdict.type === 'denied' ? DENIED : toTreatmentKey(verdict.treatment);
}

/** The same for treatments that say the same. */
export function toTreatmentKey(treatment: Treatment | undefined): string {
  if (!treatment) return '{}';
  const { limitedBy, mirrors, protect } = treatment;
  const path = toPathKey(treatment);
  const isPlain = path === NO_CONSTRAINTS && protect === 'none' && limitedBy.length === 0 && mirrors.length === 0;
  return isPlain ? '{}' : JSON.stringify([path, protect, limitedBy, mirrors]);
}

const NO_CONSTRAINTS = '[[],[],[],null,[]]';

/** What a treatment asks of the path, as text. */
export function toPathKey({ via, avoid, latencyNsMax, reservedBy }: Treatment): string {
  return JSON.stringify([
    via.map((dpids) => [...dpids].sort()),
    [...avoid.switches].sort(),
    [...avoid.links].sort(),
    latencyNsMax ?? null,
    reservedBy,
  ]);
}

/** Only a path of its own keeps what is asked for; the usual ways do not. */
export function needsOwnPath(treatment: Treatment): boolean {
  return treatment.protect === 'disjoint' || hasPathConstraints(treatment);
}

export function hasPathConstraints(treatment: Treatment): boolean {
  return toPathKey(treatment) !== NO_CONSTRAINTS;
}
