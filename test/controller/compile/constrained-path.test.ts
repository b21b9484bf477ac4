import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  findConstrainedWalk,
  UNCONSTRAINED,
  type Walk,
  type WalkConstraints,
  WalkSearch,
} from '../../../controller/compile/constrained-path.ts';
import { findDisjointWalks, findProtectingWalk } from '../../../controller/compile/disjoint-walks.ts';
import type { PathGraph } from '../../../controller/compile/path-graph.ts';
import { findShortestWalks } from '../../../controller/compile/shortest-walks.ts';
import { type DrawnNetwork, drawNetwork, type Step, shuffled, stepsFrom, toRoutes } from './drawn-network.ts';

/** What is asked of a walk, in the names of the network. */
interface Wish {
  readonly via: readonly (readonly string[])[];
  readonly barredSwitches: readonly string[];
  /** By dpid and port of either end. */
  readonly barredPorts: readonly string[];
  readonly latencyMax: number | undefined;
  /** Of the way that leaves by a port; Infinity was not measured. */
  readonly latencyOf: (end: string) => number;
  readonly fullPorts: readonly string[];
}

const isSameLink = (one: Step, other: Step) =>
  [endOf(one.from), endOf(one.to)].sort().join() === [endOf(other.from), endOf(other.to)].sort().join();

const endOf = ({ dpid, portNo }: { dpid: string; portNo: number }) => `${dpid}:${portNo}`;

function drawWish(network: DrawnNetwork, viaMax: number, mayLimitLatency: boolean): fc.Arbitrary<Wish> {
  const { dpids, links } = network;
  const ends = links.flatMap(({ a, b }) => [endOf(a), endOf(b)]);
  const some = <T>(list: readonly T[], maxLength: number) =>
    fc.subarray([...list], { maxLength: Math.min(maxLength, list.length) });
  return fc
    .record({
      via: fc.array(fc.subarray([...dpids], { minLength: 1, maxLength: 2 }), { maxLength: viaMax }),
      barredSwitches: some(dpids.slice(2), 1),
      barredLinks: some(links, 1),
      latencies: fc.array(fc.integer({ min: 0, max: 9 }), { minLength: ends.length, maxLength: ends.length }),
      latencyMax: fc.option(fc.integer({ min: 0, max: 30 }), { nil: undefined }),
      unmeasured: some(ends, 1),
      fullPorts: some(ends, 2),
    })
    .map(({ barredLinks, latencies, latencyMax, unmeasured, ...rest }) => ({
      ...rest,
      barredPorts: barredLinks.flatMap(({ a, b }) => [endOf(a), endOf(b)]),
      latencyMax: mayLimitLatency ? latencyMax : undefined,
      latencyOf: (end) => (unmeasured.includes(end) ? Number.POSITIVE_INFINITY : latencies[ends.indexOf(end)]!),
    }));
}

function toArc(graph: PathGraph, end: string): number {
  const [dpid, portNo] = end.split(':');
  return graph.arcAt(graph.slotOf(dpid!)!, Number(portNo))!;
}

function toConstraints(graph: PathGraph, wish: Wish): WalkConstraints {
  const slotOf = (dpid: string) => graph.slotOf(dpid)!;
  const full = new Set(wish.fullPorts.map((end) => toArc(graph, end)));
  const latencies = new Map<number, number>();
  for (const dpid of graph.switches()) {
    const begin = graph.start[slotOf(dpid)]!;
    for (let arc = begin; arc < begin + graph.degree[slotOf(dpid)]!; arc++)
      latencies.set(arc, wish.latencyOf(`${dpid}:${graph.port[arc]}`));
  }
  return {
    via: wish.via.map((dpids) => new Set(dpids.map(slotOf))),
    barredSlots: new Set(wish.barredSwitches.map(slotOf)),
    barredArcs: new Set(wish.barredPorts.map((end) => toArc(graph, end))),
    latencyNsMax: wish.latencyMax,
    latencyOf: (arc) => latencies.get(arc)!,
    hasRoom: (arc) => !full.has(arc),
  };
}

/** How many waypoints a row of switches passes. */
function countPassed(wish: Wish, dpids: readonly string[]): number {
  let passed = 0;
  for (const dpid of dpids) while (wish.via[passed]?.includes(dpid)) passed++;
  return passed;
}

/** Every walk that keeps the wish and is at no switch twice with the same waypoints behind it, in canonical order. */
function enumerateWalks(network: DrawnNetwork, wish: Wish, from: string, to: string): readonly (readonly Step[])[] {
  const found: Step[][] = [];
  const visit = (walk: readonly Step[], latency: number, states: ReadonlySet<string>) => {
    const dpids = [from, ...walk.map((step) => step.to.dpid)];
    const at = dpids.at(-1)!;
    const state = `${at} ${countPassed(wish, dpids)}`;
    const isLate = wish.latencyMax !== undefined && latency > wish.latencyMax;
    if (states.has(state) || isLate || wish.barredSwitches.includes(at)) return;
    if (at === to && countPassed(wish, dpids) === wish.via.length) return void found.push([...walk]);
    for (const step of stepsFrom(network, at)) {
      const end = endOf(step.from);
      if (wish.barredPorts.includes(end) || wish.fullPorts.includes(end)) continue;
      visit([...walk, step], latency + wish.latencyOf(end), new Set([...states, state]));
    }
  };
  visit([], 0, new Set());
  return found
    .map((walk, i) => ({ walk, i }))
    .sort((x, y) => x.walk.length - y.walk.length || x.i - y.i)
    .map(({ walk }) => walk);
}

const tell = (walk: readonly Step[]) => walk.map((step) => `${endOf(step.from)}>${endOf(step.to)}`).join(' ');

function tellWalk(graph: PathGraph, walk: Walk | undefined): string | undefined {
  let at = walk?.from;
  return walk?.arcs
    .map((arc) => {
      const step = `${graph.dpidOf(at!)}:${graph.port[arc]}>${graph.dpidOf(graph.to[arc]!)}:${graph.farPort[arc]}`;
      at = graph.to[arc]!;
      return step;
    })
    .join(' ');
}

const drawCase = (viaMax: number, mayLimitLatency = true) =>
  drawNetwork(5, 7, 1).chain((network) => fc.tuple(fc.constant(network), drawWish(network, viaMax, mayLimitLatency)));

function setUp(network: DrawnNetwork, wish: Wish) {
  const { graph } = toRoutes(network);
  const [from, to] = [network.dpids[0]!, network.dpids[1]!];
  const all = enumerateWalks(network, wish, from, to);
  return { graph, from: graph.slotOf(from)!, to: graph.slotOf(to)!, constraints: toConstraints(graph, wish), all };
}

const isApart = {
  links: (one: readonly Step[], other: readonly Step[]) => {
    const ends = new Set(one.flatMap((step) => [endOf(step.from), endOf(step.to)]));
    return other.every((step) => !ends.has(endOf(step.from)));
  },
  switches: (one: readonly Step[], other: readonly Step[]) => {
    const ends = [one[0]!.from.dpid, one.at(-1)!.to.dpid];
    const inner = one.map((step) => step.to.dpid).filter((dpid) => !ends.includes(dpid));
    return other.every((step) => !inner.includes(step.to.dpid)) && isApart.links(one, other);
  },
};

describe('a walk under constraints', () => {
  it('is the least of all that keep them, or there is none', () => {
    let [found, none] = [0, 0];
    fc.assert(
      fc.property(drawCase(2), ([network, wish]) => {
        const { graph, from, to, constraints, all } = setUp(network, wish);
        const walk = findConstrainedWalk(graph, from, to, constraints);
        expect(tellWalk(graph, walk)).toBe(all[0] && tell(all[0]));
        walk ? found++ : none++;
      }),
      { numRuns: 1500 },
    );
    expect(Math.min(found, none)).toBeGreaterThan(100);
  });

  it('comes back to where it began if waypoints are elsewhere, and is empty if they are not', () => {
    fc.assert(
      fc.property(drawCase(2), ([network, wish]) => {
        const { graph, from, constraints } = setUp(network, wish);
        const all = enumerateWalks(network, wish, network.dpids[0]!, network.dpids[0]!);
        expect(tellWalk(graph, findConstrainedWalk(graph, from, from, constraints))).toBe(all[0] && tell(all[0]));
      }),
      { numRuns: 300 },
    );
  });

  it('is the same whatever was plugged in first', () => {
    fc.assert(
      fc.property(drawCase(2), fc.nat(), ([network, wish], seed) => {
        const [one, other] = [network, shuffled(network, seed)].map((same) => {
          const { graph } = toRoutes(same);
          const [from, to] = [graph.slotOf(network.dpids[0]!)!, graph.slotOf(network.dpids[1]!)!];
          const constraints = toConstraints(graph, wish);
          return findDisjointWalks(graph, from, to, constraints).map((walk) => tellWalk(graph, walk));
        });
        expect(other).toEqual(one);
      }),
      { numRuns: 300 },
    );
  });

  it('passes a link again only where there is room for it', () => {
    let [kept, other, missed] = [0, 0, 0];
    fc.assert(
      fc.property(drawCase(2, false), fc.nat(), ([network, wish], which) => {
        const { graph, from, to, constraints, all } = setUp(network, wish);
        const narrow = network.links
          .filter((_, i) => (which >> i) % 8 !== 0)
          .flatMap(({ a, b }) => [endOf(a), endOf(b)]);
        const isWide = (walk: readonly Step[]) =>
          walk.every((step, i) =>
            walk.every((again, j) => i === j || !isSameLink(step, again) || !narrow.includes(endOf(step.from))),
          );
        const arcs = new Set(narrow.map((end) => toArc(graph, end)));
        const hasRoom = (arc: number, passages: number) =>
          constraints.hasRoom(arc, passages) && (passages === 1 || !arcs.has(arc));
        const walk = findConstrainedWalk(graph, from, to, { ...constraints, hasRoom });
        const least = all.find(isWide);
        if (walk) expect(all.filter(isWide).map(tell)).toContain(tellWalk(graph, walk));
        if (all.slice(0, 16).some(isWide)) expect(tellWalk(graph, walk)).toBe(tell(least!));
        if (least && !walk) missed++;
        walk && least === all[0] ? kept++ : walk && other++;
      }),
      { numRuns: 3000 },
    );
    expect(Math.min(kept, other)).toBeGreaterThan(5);
    expect(missed).toBeLessThan(other);
  });

  it('finds room for a way back among many ways that have none', () => {
    // A leaf hangs on two hubs, each with twenty ways on: all that go back over the hub they came by are before those that go on over the other.
    const toName = (i: number) => i.toString(16).padStart(16, '0');
    const [from, leaf, one, other, to] = [toName(0), toName(1), toName(2), toName(3), toName(4)];
    const spines = Array.from({ length: 20 }, (_, i) => toName(i + 5));
    const pairs = [
      [from, one],
      [from, other],
      [one, leaf],
      [other, leaf],
    ];
    for (const spine of spines) pairs.push([one, spine], [other, spine], [spine, to]);
    const ports = new Map<string, number>();
    const end = (dpid: string) => ({ dpid, portNo: ports.set(dpid, (ports.get(dpid) ?? 0) + 1).get(dpid)! });
    const links = pairs.map(([a, b]) => ({ a: end(a!), b: end(b!), weight: 1 }));
    const { graph } = toRoutes({ dpids: [from, leaf, one, other, to, ...spines], links });
    const constraints = {
      ...UNCONSTRAINED,
      via: [new Set([graph.slotOf(leaf)!])],
      hasRoom: (_: number, passages: number) => passages === 1,
    };
    const walk = findConstrainedWalk(graph, graph.slotOf(from)!, graph.slotOf(to)!, constraints)!;
    expect(walk.arcs.map((arc) => graph.dpidOf(graph.to[arc]!))).toEqual([one, leaf, other, spines[0], to]);
  });

  it('has next ones in order', () => {
    fc.assert(
      fc.property(drawCase(1), fc.integer({ min: 1, max: 9 }), ([network, wish], k) => {
        const { graph, from, to, constraints, all } = setUp(network, wish);
        const walks = findShortestWalks(graph, new WalkSearch(graph, to, constraints), from, k, wish.latencyMax);
        expect(walks.map((walk) => tellWalk(graph, walk))).toEqual(all.slice(0, k).map(tell));
      }),
      { numRuns: 600 },
    );
  });
});

describe('a protecting walk', () => {
  it('shares no link with the first, nor a switch if that can be, and exists if any does', () => {
    let [apart, shared, none] = [0, 0, 0];
    fc.assert(
      fc.property(drawCase(2), ([network, wish]) => {
        const { graph, from, to, constraints, all } = setUp(network, wish);
        const primary = findConstrainedWalk(graph, from, to, constraints);
        if (!primary || primary.arcs.length === 0) return;
        const second = tellWalk(graph, findProtectingWalk(graph, from, to, constraints, primary));
        const disjoint = all.filter((walk) => isApart.links(all[0]!, walk));
        const best = disjoint.find((walk) => isApart.switches(all[0]!, walk));
        if (best) expect(second).toBe(tell(best));
        else if (disjoint.length > 0) expect(disjoint.map(tell)).toContain(second);
        else expect(second).toBe(undefined);
        best ? apart++ : second === undefined ? none++ : shared++;
      }),
      { numRuns: 2000 },
    );
    expect(Math.min(apart, none)).toBeGreaterThan(100);
    expect(shared).toBeGreaterThan(0);
  });
});

describe('a pair of disjoint walks', () => {
  const pairsOf = (all: readonly (readonly Step[])[], kind: keyof typeof isApart) =>
    all.flatMap((one, i) => all.slice(i + 1).flatMap((other) => (isApart[kind](one, other) ? [[one, other]] : [])));

  it('is found wherever there is one, if neither waypoints nor latency are constrained', () => {
    let pairs = 0;
    fc.assert(
      fc.property(drawCase(0, false), ([network, wish]) => {
        const { graph, from, to, constraints, all } = setUp(network, wish);
        const told = findDisjointWalks(graph, from, to, constraints).map((walk) => tellWalk(graph, walk));
        const kind = pairsOf(all, 'switches').length > 0 ? 'switches' : 'links';
        const possible = pairsOf(all, kind);
        if (possible.length === 0) return void expect(told).toEqual(all.slice(0, 1).map(tell));
        pairs++;
        expect(possible.map((pair) => pair.map(tell))).toContainEqual(told);
        const hops = told.join(' ').split(' ').length;
        expect(hops).toBe(Math.min(...possible.map(([one, other]) => one!.length + other!.length)));
      }),
      { numRuns: 1000 },
    );
    expect(pairs).toBeGreaterThan(100);
  });

  it('keeps waypoints and latency, and is the least walk alone if none is found', () => {
    let [pairs, missed] = [0, 0];
    fc.assert(
      fc.property(drawCase(2), ([network, wish]) => {
        const { graph, from, to, constraints, all } = setUp(network, wish);
        const told = findDisjointWalks(graph, from, to, constraints).map((walk) => tellWalk(graph, walk));
        const possible = all[0]?.length === 0 ? [] : pairsOf(all, 'links');
        if (told.length < 2) {
          if (possible.length > 0) missed++;
          return void expect(told).toEqual(all.slice(0, 1).map(tell));
        }
        pairs++;
        expect(possible.map((pair) => pair.map(tell))).toContainEqual(told);
      }),
      { numRuns: 1500 },
    );
    expect(pairs).toBeGreaterThan(100);
    expect(missed).toBeLessThan(pairs / 20);
  });
});
