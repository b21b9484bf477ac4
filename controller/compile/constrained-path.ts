/**
 * The least walk that keeps constraints: switches to pass in order, switches and links to keep off, room on every link, and a latency that the whole must not exceed.
 *
 * The search goes over *states*, a switch and how many of the waypoints were passed on the way to it: a walk passes a state once, so it comes back to a switch only with another waypoint behind it.
 * It begins at the end and goes back in rounds, a hop each. A state is looked at again in a later round only if more hops make less latency: its *labels* are the (hops, latency) of which none is better in
 * both, all that can matter. So when no round reaches the beginning there is no walk at all; and there are no more rounds than states, for latencies are not negative.
 *
 * Then the walk is built from its beginning, at each switch by the first arc of the row behind which a label keeps what is left of hops and latency: it is the least in (hops, then arc by
 * arc the place in the row) of all that keep the constraints, which is the topology's own. Without a limit on latency the rounds are those of a breadth-first search.
 */
import { assert } from '../../protocol/wire/wire-error.ts';
import type { PathGraph } from './path-graph.ts';
import { twinOf } from './path-search.ts';
import { countWorthwhile, findShortestWalks } from './shortest-walks.ts';

export interface Walk {
  /** The slot it begins at. */
  readonly from: number;
  /** From switch to switch; empty when it ends where it begins. They stand until the graph changes. */
  readonly arcs: readonly number[];
}

export interface WalkConstraints {
  /** Slots; of each set one is passed, in this order. The ends count, and a switch that is in neighbouring sets stands for all of them at once. */
  readonly via: readonly ReadonlySet<number>[];
  readonly barredSlots: ReadonlySet<number>;
  /** A link being two. */
  readonly barredArcs: ReadonlySet<number>;
  readonly latencyNsMax: number | undefined;
  /** Not negative; asked only if there is a limit. What was never measured takes infinitely long. */
  readonly latencyOf: (arc: number) => number;
  /** For as many passages over its link, either way: what a walk forth takes, replies take back. */
  readonly hasRoom: (arc: number, passages: number) => boolean;
}

export const UNCONSTRAINED: WalkConstraints = {
  via: [],
  barredSlots: new Set(),
  barredArcs: new Set(),
  latencyNsMax: undefined,
  latencyOf: () => 0,
  hasRoom: () => true,
};

/**
 * Undefined: there is none. With one exception: what links a walk has passed is not part of a state; where waypoints make the least walk pass a link again that has no room
 * for it, a bounded number of the next ones is looked at, then what becomes of these leg by leg; the answer need not be the least that fits, and may be missed.
 */
export function findConstrainedWalk(
  graph: PathGraph,
  from: number,
  to: number,
  constraints: WalkConstraints,
): Walk | undefined {
  const search = new WalkSearch(graph, to, constraints);
  const { latencyNsMax } = constraints;
  const arcs = search.findFrom(from, latencyNsMax);
  if (!arcs) return undefined;
  const least: Walk = { from, arcs };
  if (hasRoomAgain(graph, least, constraints)) return least;
  const walks = findShortestWalks(graph, search, from, countWorthwhile(least), latencyNsMax);
  const isFit = (walk: Walk | undefined) => walk !== undefined && hasRoomAgain(graph, walk, constraints);
  return walks.find(isFit) ?? walks.map((walk) => separateLegs(graph, walk, to, constraints)).find(isFit);
}

/** What begins as a walk does, up to its first waypoint, and from each waypoint on keeps off the links behind it that have room for one passage only. */
function separateLegs(graph: PathGraph, model: Walk, to: number, constraints: WalkConstraints): Walk | undefined {
  const barredArcs = new Set(constraints.barredArcs);
  const search = new WalkSearch(graph, to, { ...constraints, barredArcs });
  const arcs: number[] = [];
  let rest: readonly number[] | undefined = model.arcs;
  let [slot, budgetNs] = [model.from, constraints.latencyNsMax];
  let progress = search.advance(slot, 0);
  while (rest && rest.length > 0) {
    const before = progress;
    for (const arc of rest) {
      arcs.push(arc);
      slot = graph.to[arc]!;
      progress = search.advance(slot, progress);
      if (budgetNs !== undefined) budgetNs -= search.latencyOf(arc);
      const ways = [arc, twinOf(graph, arc)];
      if (ways.some((way) => !constraints.hasRoom(way, 2))) for (const way of ways) barredArcs.add(way);
      if (progress > before) break;
    }
    rest = search.findFrom(slot, budgetNs, { ...FROM_THE_BEGINNING, progress });
  }
  return rest && { from: model.from, arcs };
}

/** Whether the links that a walk passes more than once have room for it. */
export function hasRoomAgain(graph: PathGraph, { arcs }: Walk, { hasRoom }: WalkConstraints): boolean {
  const passages = new Map<number, number>();
  for (const arc of arcs) for (const way of [arc, twinOf(graph, arc)]) passages.set(way, (passages.get(way) ?? 0) + 1);
  return arcs.every((arc) => passages.get(arc) === 1 || hasRoom(arc, passages.get(arc)!));
}

/** How a walk goes on that has come some way already. */
export interface Continuation {
  /** Waypoints passed before the switch at hand. */
  readonly progress: number;
  /** States that the walk has been in. */
  readonly passed: ReadonlySet<number>;
  /** By which it must not go on from the switch at hand. */
  readonly barredFirst: ReadonlySet<number>;
}

const FROM_THE_BEGINNING: Continuation = { progress: 0, passed: new Set(), barredFirst: new Set() };

/** Two numbers that none of the same state's is better than in both; hops rise, latency falls. */
interface Label {
  readonly hops: number;
  readonly latencyNs: number;
}

export class WalkSearch {
  readonly #graph: PathGraph;
  readonly #to: number;
  readonly #constraints: WalkConstraints;
  /** By state, the labels, and the latency of the last of them or of the one to come. */
  #labels: Label[][] = [];
  #best = new Float64Array();
  #start = 0;
  #continuation = FROM_THE_BEGINNING;

  constructor(graph: PathGraph, to: number, constraints: WalkConstraints) {
    this.#graph = graph;
    this.#to = to;
    this.#constraints = constraints;
  }

  /** How many waypoints are passed at a switch that one comes to with `progress`. */
  advance(slot: number, progress: number): number {
    const { via } = this.#constraints;
    let passed = progress;
    while (via[passed]?.has(slot)) passed++;
    return passed;
  }

  stateOf(slot: number, progress: number): number {
    return progress * this.#graph.size + slot;
  }

  /** In whole nanoseconds, rounded up: sums are exact whatever their order. */
  latencyOf(arc: number): number {
    const { latencyNsMax, latencyOf } = this.#constraints;
    return latencyNsMax === undefined ? 0 : Math.ceil(latencyOf(arc));
  }

  findFrom(
    from: number,
    latencyNsMax = Number.POSITIVE_INFINITY,
    continuation = FROM_THE_BEGINNING,
  ): readonly number[] | undefined {
    const { barredSlots, via } = this.#constraints;
    if (barredSlots.has(from) || barredSlots.has(this.#to)) return undefined;
    this.#continuation = continuation;
    this.#start = this.stateOf(from, this.advance(from, continuation.progress));
    const goal = this.stateOf(this.#to, via.length);
    const states = (via.length + 1) * this.#graph.size;
    this.#labels = new Array(states);
    this.#best = new Float64Array(states).fill(Number.POSITIVE_INFINITY);
    this.#best[goal] = 0;
    let reached: readonly number[] = [goal];
    for (let hops = 0; reached.length > 0; hops++) {
      for (const state of reached) this.#addLabel(state, { hops, latencyNs: this.#best[state]! });
      if (this.#labels[this.#start]) return this.#build(hops, latencyNsMax);
      reached = this.#stepBack(reached, latencyNsMax);
    }
    return undefined;
  }

  #addLabel(state: number, label: Label): void {
    const labels = this.#labels[state];
    if (labels) labels.push(label);
    else this.#labels[state] = [label];
  }

  /** A round: the states a hop before those given, where that is better than with fewer hops. */
  #stepBack(reached: readonly number[], latencyNsMax: number): readonly number[] {
    const graph = this.#graph;
    const before = new Set<number>();
    for (const state of reached) {
      const { latencyNs } = this.#labels[state]!.at(-1)!;
      const slot = state % graph.size;
      const end = graph.start[slot]! + graph.degree[slot]!;
      for (let back = graph.start[slot]!; back < end; back++) {
        const slotBefore = graph.to[back]!;
        for (let progress = Math.floor(state / graph.size); progress >= 0; progress--) {
          const earlier = this.stateOf(slotBefore, progress);
          const isState = this.advance(slotBefore, progress) === progress;
          if (isState && latencyNs < this.#best[earlier]!) this.#offer(earlier, back, latencyNs, latencyNsMax, before);
          // With fewer waypoints behind one it was only if this switch is the next of them.
          if (!this.#constraints.via[progress - 1]?.has(slot)) break;
        }
      }
    }
    return [...before];
  }

  #offer(state: number, back: number, latencyNs: number, latencyNsMax: number, before: Set<number>): void {
    const arc = twinOf(this.#graph, back);
    if (!this.#isUsable(arc) || this.#continuation.passed.has(state) || this.#isBarredFirst(state, arc)) return;
    const offered = latencyNs + this.latencyOf(arc);
    if (!(offered <= latencyNsMax && offered < this.#best[state]!)) return;
    this.#best[state] = offered;
    before.add(state);
  }

  #isUsable(arc: number): boolean {
    const { barredSlots, barredArcs, hasRoom } = this.#constraints;
    return !barredArcs.has(arc) && !barredSlots.has(this.#graph.to[arc]!) && hasRoom(arc, 1);
  }

  #isBarredFirst(state: number, arc: number): boolean {
    return state === this.#start && this.#continuation.barredFirst.has(arc);
  }

  #build(hops: number, latencyNsMax: number): readonly number[] {
    const graph = this.#graph;
    const arcs: number[] = [];
    let state = this.#start;
    let budgetNs = latencyNsMax;
    for (let left = hops - 1; left >= 0; left--) {
      const arc = this.#firstWithin(state, left, budgetNs);
      arcs.push(arc);
      budgetNs -= this.latencyOf(arc);
      state = this.#stateBehind(state, arc);
    }
    assert(graph.to[arcs.at(-1)!] === this.#to || hops === 0, 'a walk ends where it should');
    return arcs;
  }

  #stateBehind(state: number, arc: number): number {
    const { size, to } = this.#graph;
    return this.stateOf(to[arc]!, this.advance(to[arc]!, Math.floor(state / size)));
  }

  #firstWithin(state: number, hopsBehind: number, budgetNs: number): number {
    const graph = this.#graph;
    const slot = state % graph.size;
    const end = graph.start[slot]! + graph.degree[slot]!;
    for (let arc = graph.start[slot]!; arc < end; arc++) {
      if (!this.#isUsable(arc) || this.#isBarredFirst(state, arc)) continue;
      const rest = this.#labels[this.#stateBehind(state, arc)]?.findLast(({ hops }) => hops <= hopsBehind);
      if (rest && this.latencyOf(arc) + rest.latencyNs <= budgetNs) return arc;
    }
    assert(false, 'behind a label an arc keeps it');
  }
}
