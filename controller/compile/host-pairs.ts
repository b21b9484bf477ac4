/**
 * What policies say of every pair of hosts, as cells with verdicts, computed once for all pairs of which they say the same.
 *
 * A host's *role* is the list of policies that have it at their one or other end; the verdicts of a pair depend on nothing but both roles. Hosts are many, roles are few.
 * Who has which role changes with the hosts that are known; what is said of roles does not, and is taken over from the compilation before.
 */
import type { PacketPredicate } from '../policy/packet-predicate.ts';
import { contains, predicatesOf } from '../policy/packet-predicate.ts';
import { type Direction, judge, type PacketVerdict, type Treatment } from '../policy/policy-meaning.ts';
import { isSameButForHosts, type ResolvedPolicies, type ResolvedPolicy } from '../policy/resolved-policies.ts';
import { CELLS_MAX, toCells } from './pair-cells.ts';

export interface JudgedCell {
  readonly predicate: PacketPredicate;
  readonly rank: number;
  readonly verdict: PacketVerdict;
}

/** What is judged of a sender and several receivers, in their order. */
export interface JudgedCells {
  readonly predicate: PacketPredicate;
  readonly rank: number;
  readonly verdicts: readonly PacketVerdict[];
}

/** One policy's condition on packets of a pair, in one direction. */
interface Condition {
  /** The policy's place. */
  readonly index: number;
  readonly direction: Direction;
  readonly predicates: readonly PacketPredicate[];
}

/** What holds for roles. */
interface Judged<T> {
  readonly cells: readonly T[];
  /** The policies that would need more cells than there may be. */
  readonly tangled: readonly string[];
}

/** What is known of roles, by roles, and of policies' conditions, by index and direction. */
interface RoleBook {
  readonly pairs: Map<string, Judged<JudgedCell>>;
  readonly groups: Map<string, Judged<JudgedCells>>;
  readonly predicates: Map<string, readonly PacketPredicate[]>;
}

export class HostPairs {
  readonly #policies: ResolvedPolicies;
  readonly #roles = new Map<number, string>();
  /** By both roles. */
  readonly #conditions = new Map<string, readonly Condition[]>();
  readonly #book: RoleBook = { pairs: new Map(), groups: new Map(), predicates: new Map() };
  #before: RoleBook | undefined;
  readonly #indices: ReadonlyMap<ResolvedPolicy, number>;
  /** Policies that would need more cells than there may be. */
  readonly tangled = new Set<string>();

  /** What was asked of the one `before` need not be judged again, if the policies are the same. */
  constructor(policies: ResolvedPolicies, before?: HostPairs) {
    this.#policies = policies;
    this.#indices = new Map(policies.policies.map((policy, i) => [policy, i]));
    if (before && isSameButForHosts(before.#policies, policies)) this.#before = before.#book;
  }

  /** All has been asked: what was not is forgotten. */
  end(): void {
    this.#before = undefined;
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
    return this.#recall('pairs', key, () => {
      const { cells, tangled } = this.#judgeCells([this.#conditionsOf(src, dst)]);
      const single = cells.map(({ predicate, rank, verdicts }) => ({ predicate, rank, verdict: verdicts[0]! }));
      return { cells: prune(single, this.default), tangled };
    });
  }

  /** The verdicts of what one host sends to several at once, in their order, cell by cell. */
  cellsOfMany(src: number, receivers: readonly number[]): readonly JudgedCells[] {
    const key = `${this.roleOf(src)}>${receivers.length} ${receivers.map((dst) => this.roleOf(dst)).join()}`;
    return this.#recall('groups', key, () => this.#judgeCells(receivers.map((dst) => this.#conditionsOf(src, dst))));
  }

  #recall<K extends 'pairs' | 'groups'>(
    kind: K,
    key: string,
    judgeAnew: () => Judged<K extends 'pairs' ? JudgedCell : JudgedCells>,
  ): readonly (K extends 'pairs' ? JudgedCell : JudgedCells)[] {
    type Known = Map<string, ReturnType<typeof judgeAnew>>;
    const now = this.#book[kind] as unknown as Known;
    let judged = now.get(key);
    if (!judged) {
      judged = (this.#before?.[kind] as unknown as Known | undefined)?.get(key) ?? judgeAnew();
      now.set(key, judged);
      for (const id of judged.tangled) this.tangled.add(id);
    }
    return judged.cells;
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
    const { predicates: known } = this.#book;
    const predicates = known.get(key) ?? this.#before?.predicates.get(key) ?? predicatesOf(policy, direction);
    known.set(key, predicates);
    return { index, direction, predicates };
  }

  #judgeCells(receivers: readonly (readonly Condition[])[]): Judged<JudgedCells> {
    const kinds = [...new Set(receivers)];
    const all = [...new Set(kinds.flat())];
    const cells = toCells([...new Set(all.flatMap(({ predicates }) => predicates))]);
    if (!cells) {
      // What cannot be told apart is not let through.
      const closed = { predicate: {}, rank: 0, verdicts: receivers.map(() => TOO_MANY) };
      return { cells: [closed], tangled: all.map(({ index }) => this.#policies.policies[index]!.id) };
    }
    const judged = cells.map(({ predicate, rank }) => {
      const verdicts = new Map(kinds.map((conditions) => [conditions, this.#judgeCell(conditions, predicate)]));
      return { predicate, rank, verdicts: receivers.map((conditions) => verdicts.get(conditions)!) };
    });
    return { cells: judged, tangled: [] };
  }

  #judgeCell(conditions: readonly Condition[], cell: PacketPredicate): PacketVerdict {
    const directions = new Map<number, Direction>();
    for (const { index, direction, predicates } of conditions) {
      if (directions.get(index) === 'forward') continue;
      if (predicates.some((predicate) => contains(predicate, cell))) directions.set(index, direction);
    }
    return judge(this.#policies, (policy) => directions.get(this.#indices.get(policy)!));
  }
}

const TOO_MANY: PacketVerdict = { type: 'denied', by: `more than ${CELLS_MAX} cases` };

/** A cell that says what all around it say adds nothing; but who allows it wants to know what becomes of it there. */
function prune(cells: readonly JudgedCell[], otherwise: 'allow' | 'deny'): readonly JudgedCell[] {
  const texts = new Map(cells.map((cell) => [cell, toVerdictKey(cell.verdict)]));
  const allowing = new Map<JudgedCell, Set<string>>();
  const kept = cells.filter((cell) => {
    const text = texts.get(cell)!;
    const around = cells.filter((other) => other !== cell && contains(other.predicate, cell.predicate));
    const isNews =
      around.length > 0
        ? around.some((other) => texts.get(other) !== text)
        : text !== (otherwise === 'deny' ? DENIED : toTreatmentKey(undefined));
    if (!isNews && cell.verdict.type === 'allowed') {
      for (const other of around) {
        const ids = allowing.get(other) ?? new Set();
        for (const id of cell.verdict.by) ids.add(id);
        allowing.set(other, ids);
      }
    }
    return isNews;
  });
  return kept.map((cell) => {
    const { verdict } = cell;
    const others = allowing.get(cell);
    if (!others || verdict.type === 'denied') return cell;
    return { ...cell, verdict: { ...verdict, by: [...new Set([...verdict.by, ...others])].sort() } };
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

const pathKeys = new WeakMap<Treatment, string>();

/** What a treatment asks of the path, as text. */
export function toPathKey(treatment: Treatment): string {
  let key = pathKeys.get(treatment);
  if (key === undefined) {
    key = formatPathKey(treatment);
    pathKeys.set(treatment, key);
  }
  return key;
}

function formatPathKey({ via, avoid, latencyNsMax, reservedBy }: Treatment): string {
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
