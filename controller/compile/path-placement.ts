/**
 * Paths for what the usual ways do not do: each with its constraints, its protection, and the bandwidth that it keeps free.
 *
 * Paths are placed in the order in which they are asked for, which the caller makes canonical. What a policy reserves is reserved once on a link, whatever number of its
 * paths take that link. No path that keeps the constraints: none at all, with the reason; protection that cannot be had is done without, and said.
 */

import { assert } from '../../protocol/wire/wire-error.ts';
import { toLinkKey } from '../network/network.ts';
import type { Treatment } from '../policy/policy-meaning.ts';
import { findConstrainedWalk, type Walk, type WalkConstraints } from './constrained-path.ts';
import { findDisjointPaths } from './disjoint-paths.ts';
import { findDisjointWalks, findProtectingWalk } from './disjoint-walks.ts';
import { needsOwnPath, toPathKey } from './host-pairs.ts';
import type { PathGraph } from './path-graph.ts';
import { createPathProgram, TOO_MANY_STAGES } from './path-program.ts';
import { twinOf } from './path-search.ts';
import { PlacementBook, type PlacementMemory } from './placement-memory.ts';
import type { Program } from './program.ts';

export interface LinkFigures {
  /** Undefined while it has not been measured. */
  readonly latencyNs: number | undefined;
  /** Undefined when the ports do not say. */
  readonly capacityBps: number | undefined;
}

export type Placed =
  | {
      readonly type: 'placed';
      /** Undefined: both ends are at one switch, and nothing is to be passed in between. */
      readonly program: Program | undefined;
      /** What of its protection could not be had, in words. */
      readonly shortcoming: string | undefined;
    }
  | { readonly type: 'impossible'; readonly reason: string };

export class PathPlacement {
  readonly #graph: PathGraph;
  readonly #figuresOf: (linkKey: string) => LinkFigures;
  /** What each policy keeps free on the links of its paths. */
  readonly #bandwidths: ReadonlyMap<string, number>;
  /** By link, the policies that reserve on it. */
  readonly #reserved = new Map<string, Set<string>>();
  readonly #memory: PlacementMemory;
  /** What keeps bandwidth free, of this placement alone. */
  readonly #reserving = new PlacementBook();
  #known: PlacementBook | undefined;
  /** By arc. */
  readonly #keys: string[] = [];

  constructor(
    graph: PathGraph,
    figuresOf: (linkKey: string) => LinkFigures,
    bandwidths: ReadonlyMap<string, number>,
    memory: PlacementMemory,
  ) {
    this.#graph = graph;
    this.#memory = memory;
    this.#figuresOf = figuresOf;
    this.#bandwidths = bandwidths;
  }

  /** From switch to switch, by dpid. */
  place(from: string, to: string, treatment: Treatment): Placed {
    assert(needsOwnPath(treatment), 'a path is placed for what the usual ways do not do');
    const book = treatment.reservedBy.length > 0 ? this.#reserving : this.#open();
    const asked = toPathKey(treatment);
    const ends = `${from}>${to} ${treatment.protect}`;
    let placed = book.find(asked, ends);
    if (!placed) {
      placed = this.#search(from, to, treatment);
      book.add(asked, ends, placed);
    }
    return placed;
  }

  /** Whether there is a way left whatever link is lost. */
  hasTwoWays(from: string, to: string): boolean {
    const { twoWays } = this.#open();
    const ends = from < to ? `${from} ${to}` : `${to} ${from}`;
    let hasTwo = twoWays.get(ends);
    if (hasTwo === undefined) {
      const graph = this.#graph;
      hasTwo = findDisjointPaths(graph, graph.slotOf(from)!, graph.slotOf(to)!, 'links').length === 2;
      twoWays.set(ends, hasTwo);
    }
    return hasTwo;
  }

  #open(): PlacementBook {
    this.#known ??= this.#memory.open(this.#describeNetwork());
    return this.#known;
  }

  #describeNetwork(): string {
    const graph = this.#graph;
    const links: string[] = [];
    for (let slot = 0; slot < graph.size; slot++) {
      const end = graph.start[slot]! + graph.degree[slot]!;
      for (let arc = graph.start[slot]!; arc < end; arc++) {
        const key = this.#keyOf(arc);
        const { latencyNs, capacityBps } = this.#figuresOf(key);
        links.push(`${key} ${graph.weight[arc]} ${latencyNs} ${capacityBps}`);
      }
    }
    return [...graph.switches(), ...links.sort()].join();
  }

  #search(fromDpid: string, toDpid: string, treatment: Treatment): Placed {
    const graph = this.#graph;
    const [from, to] = [graph.slotOf(fromDpid)!, graph.slotOf(toDpid)!];
    const constraints = this.#toConstraints(treatment);
    if (constraints.barredSlots.has(from) || constraints.barredSlots.has(to))
      return { type: 'impossible', reason: 'a switch to be avoided has one of the hosts' };
    const { protect } = treatment;
    const [primary, backup] = this.#findWalks(from, to, constraints, protect);
    if (!primary) return { type: 'impossible', reason: this.#explain(from, to, treatment) };
    if (primary.arcs.length === 0) return { type: 'placed', program: undefined, shortcoming: undefined };
    const built = createPathProgram(graph, primary, backup);
    if (!built) return { type: 'impossible', reason: TOO_MANY_STAGES };
    this.#reserve(treatment, built.isProtected && backup ? [primary, backup] : [primary]);
    const shortcoming =
      protect === 'none' || built.isProtected
        ? undefined
        : backup
          ? TOO_MANY_STAGES
          : 'there is no second way that shares no link with the first';
    return { type: 'placed', program: built.program, shortcoming };
  }

  #findWalks(
    from: number,
    to: number,
    constraints: WalkConstraints,
    protect: Treatment['protect'],
  ): readonly (Walk | undefined)[] {
    if (protect === 'disjoint') return findDisjointWalks(this.#graph, from, to, constraints);
    const primary = findConstrainedWalk(this.#graph, from, to, constraints);
    if (!primary || protect === 'none' || primary.arcs.length === 0) return [primary];
    return [primary, findProtectingWalk(this.#graph, from, to, constraints, primary)];
  }

  #toConstraints({ via, avoid, latencyNsMax, reservedBy }: Treatment): WalkConstraints {
    const graph = this.#graph;
    const toSlots = (dpids: ReadonlySet<string>) => new Set([...dpids].flatMap((dpid) => graph.slotOf(dpid) ?? []));
    const barredArcs = new Set<number>();
    for (let slot = 0; avoid.links.size > 0 && slot < graph.size; slot++) {
      const end = graph.start[slot]! + graph.degree[slot]!;
      for (let arc = graph.start[slot]!; arc < end; arc++) if (avoid.links.has(this.#keyOf(arc))) barredArcs.add(arc);
    }
    return {
      via: via.map(toSlots),
      barredSlots: toSlots(avoid.switches),
      barredArcs,
      latencyNsMax,
      latencyOf: (arc) => this.#figuresOf(this.#keyOf(arc)).latencyNs ?? Number.POSITIVE_INFINITY,
      hasRoom: (arc) => reservedBy.length === 0 || this.#hasRoom(this.#keyOf(arc), reservedBy),
    };
  }

  #keyOf(arc: number): string {
    this.#keys[arc] ??= this.#toKey(arc);
    return this.#keys[arc];
  }

  #toKey(arc: number): string {
    const graph = this.#graph;
    const far = { dpid: graph.dpidOf(graph.to[arc]!), portNo: graph.farPort[arc]! };
    const near = { dpid: graph.dpidOf(graph.to[twinOf(graph, arc)]!), portNo: graph.port[arc]! };
    return toLinkKey(near, far);
  }

  #hasRoom(link: string, policies: readonly string[]): boolean {
    const { capacityBps } = this.#figuresOf(link);
    if (capacityBps === undefined) return true;
    const all = new Set([...(this.#reserved.get(link) ?? []), ...policies]);
    return [...all].reduce((sum, id) => sum + this.#bandwidths.get(id)!, 0) <= capacityBps;
  }

  #reserve({ reservedBy }: Treatment, walks: readonly Walk[]): void {
    if (reservedBy.length === 0) return;
    for (const arc of walks.flatMap(({ arcs }) => arcs)) {
      const key = this.#keyOf(arc);
      const policies = this.#reserved.get(key) ?? new Set();
      for (const id of reservedBy) policies.add(id);
      this.#reserved.set(key, policies);
    }
  }

  /** Which constraint is the one too many: the first without which there would be a path. */
  #explain(from: number, to: number, treatment: Treatment): string {
    const { via, avoid, latencyNsMax, reservedBy } = treatment;
    const without: readonly [boolean, Partial<Treatment>, string][] = [
      [
        latencyNsMax !== undefined,
        { latencyNsMax: undefined },
        'no path is as fast, as far as links have been measured',
      ],
      [reservedBy.length > 0, { reservedBy: [] }, 'no path has as much bandwidth left'],
      [via.length > 0, { via: [] }, 'no path passes what is to be passed'],
      [
        avoid.switches.size + avoid.links.size > 0,
        { avoid: { switches: new Set(), links: new Set() } },
        'no path avoids what is to be avoided',
      ],
    ];
    for (const [isAsked, change, words] of without) {
      if (!isAsked) continue;
      const constraints = this.#toConstraints({ ...treatment, ...change });
      if (findConstrainedWalk(this.#graph, from, to, constraints)) return words;
    }
    const free = this.#toConstraints({ ...treatment, via: [], avoid: { switches: new Set(), links: new Set() } });
    const isCut = !findConstrainedWalk(this.#graph, from, to, {
      ...free,
      latencyNsMax: undefined,
      hasRoom: () => true,
    });
    return isCut ? 'no way leads there' : 'no path keeps all that is asked together';
  }
}
