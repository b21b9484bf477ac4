/** Small random multigraphs of switches, and what can be said of them by brute force, apart from the code under test. */
import fc from 'fast-check';
import { Routes } from '../../../controller/compile/routes.ts';
import type { PortRef } from '../../../controller/network/network.ts';

export interface DrawnLink {
  readonly a: PortRef;
  readonly b: PortRef;
  readonly weight: number;
}

export interface DrawnNetwork {
  readonly dpids: readonly string[];
  readonly links: readonly DrawnLink[];
}

/** One way over a link. */
export interface Step {
  readonly from: PortRef;
  readonly to: PortRef;
  readonly weight: number;
}

/** Switches in an order that is not that of their names. */
export function toDpid(i: number): string {
  return ((i * 7 + 3) % 31).toString(16).padStart(16, '0');
}

/** Ports count up at each switch; parallel links are drawn too, and ports that are no links lie between. */
export function drawNetwork(sizeMax: number, linksMax: number, weightMax: number): fc.Arbitrary<DrawnNetwork> {
  return fc
    .integer({ min: 2, max: sizeMax })
    .chain((size) =>
      fc.tuple(
        fc.constant(size),
        fc.array(fc.tuple(fc.nat(size - 1), fc.nat(size - 1), fc.integer({ min: 1, max: weightMax }), fc.nat(2)), {
          maxLength: linksMax,
          size: 'max',
        }),
      ),
    )
    .map(([size, drawn]) => {
      const nextPort = new Array<number>(size).fill(1);
      const end = (i: number, gap: number) => {
        nextPort[i] = nextPort[i]! + 1 + gap;
        return { dpid: toDpid(i), portNo: nextPort[i]! };
      };
      const links = drawn
        .filter(([a, b]) => a !== b)
        .map(([a, b, weight, gap]) => ({ a: end(a, gap), b: end(b, 2 - gap), weight }));
      return { dpids: Array.from({ length: size }, (_, i) => toDpid(i)), links };
    });
}

export function toRoutes({ dpids, links }: DrawnNetwork): Routes {
  const routes = new Routes();
  for (const dpid of dpids) routes.addSwitch(dpid);
  for (const { a, b, weight } of links) routes.addLink(a, b, weight);
  return routes;
}

/** Another order of what is the same network. */
export function shuffled({ dpids, links }: DrawnNetwork, seed: number): DrawnNetwork {
  const mix = <T>(list: readonly T[]): T[] =>
    list
      .map((item, i) => ({ item, rank: ((i + 1) * (seed % 9973) * 7919) % 10_007 }))
      .sort((x, y) => x.rank - y.rank)
      .map(({ item }) => item);
  return {
    dpids: mix(dpids),
    links: mix(links).map((link, i) => (i % 2 === 0 ? link : { ...link, a: link.b, b: link.a })),
  };
}

/** Where one can go from a switch, in canonical order: by the next switch, then by the port. */
export function stepsFrom({ links }: DrawnNetwork, dpid: string): Step[] {
  return links
    .flatMap(({ a, b, weight }) => [
      { from: a, to: b, weight },
      { from: b, to: a, weight },
    ])
    .filter(({ from }) => from.dpid === dpid)
    .sort((x, y) => (x.to.dpid < y.to.dpid ? -1 : x.to.dpid > y.to.dpid ? 1 : x.from.portNo - y.from.portNo));
}

/** By Floyd and Warshall, which share nothing with a search from one switch. */
export function measure({ dpids, links }: DrawnNetwork): (from: string, to: string) => number {
  const at = new Map(dpids.map((dpid, i) => [dpid, i]));
  const d = dpids.map((_, i) => dpids.map((_, j) => (i === j ? 0 : Number.POSITIVE_INFINITY)));
  for (const { a, b, weight } of links) {
    const [i, j] = [at.get(a.dpid)!, at.get(b.dpid)!];
    d[i]![j] = d[j]![i] = Math.min(d[i]![j]!, weight);
  }
  for (let k = 0; k < dpids.length; k++)
    for (const row of d) for (let j = 0; j < dpids.length; j++) row[j] = Math.min(row[j]!, row[k]! + d[k]![j]!);
  return (from, to) => d[at.get(from)!]![at.get(to)!]!;
}

/** Every way that passes no switch twice, in the canonical order of cost, then of the steps one after the other. */
export function enumeratePaths(network: DrawnNetwork, from: string, to: string): readonly (readonly Step[])[] {
  const found: Step[][] = [];
  const visit = (at: string, path: readonly Step[]) => {
    if (at === to) return void found.push([...path]);
    for (const step of stepsFrom(network, at)) {
      const isPassed = step.to.dpid === from || path.some((before) => before.to.dpid === step.to.dpid);
      if (!isPassed) visit(step.to.dpid, [...path, step]);
    }
  };
  visit(from, []);
  return found
    .map((path, i) => ({ path, i }))
    .sort((x, y) => costOf(x.path) - costOf(y.path) || x.i - y.i)
    .map(({ path }) => path);
}

export function costOf(path: readonly Step[]): number {
  return path.reduce((sum, { weight }) => sum + weight, 0);
}
