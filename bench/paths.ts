/**
 * Ways between all pairs of switches, and one link lost or back, beside graphology and beside the bare prototype in the same run.
 *
 * Ours are the tables that the controller keeps: distances and canonical next ports to every switch. graphology's are distances only, by a plain breadth-first search
 * through its own interface, of some sources and scaled to all where there are many. The prototype is `../shared/prototypes/topo.mjs`: distances over compressed
 * rows, with its graphs, which are drawn here alike. A link lost is beside our own computation of all tables from nothing, and each repair is held against
 * one, byte for byte, before its figure counts.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { UndirectedGraph } from 'graphology';
import { Routes } from '../controller/compile/routes.ts';
import type { PortRef } from '../controller/network/network.ts';
import type { Comparison } from './measure.ts';

/** Switches as numbers, and links with what they weigh. */
interface Shape {
  readonly size: number;
  readonly links: readonly (readonly [number, number, number])[];
}

/** A fat-tree of k-port switches: (k/2)² in the core, then pods of k/2 for aggregation and k/2 at the edge. */
function drawFatTree(k: number): Shape {
  const half = k / 2;
  const core = half * half;
  const links: [number, number, number][] = [];
  for (let pod = 0; pod < k; pod++) {
    for (let a = 0; a < half; a++) {
      const aggregation = core + pod * k + a;
      for (let c = 0; c < half; c++) links.push([aggregation, a * half + c, 1]);
      for (let e = 0; e < half; e++) links.push([aggregation, core + pod * k + half + e, 1]);
    }
  }
  return { size: core + k * k, links };
}

/** Sparse and irregular, as networks of the Topology Zoo are: a random tree and some chords. */
function drawWide(size: number, count: number): Shape {
  let seed = 7;
  const random = () => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
    return seed / 2 ** 32;
  };
  const pairs: [number, number][] = [];
  for (let i = 1; i < size; i++) pairs.push([i, Math.floor(random() * i)]);
  while (pairs.length < count) {
    const [a, b] = [Math.floor(random() * size), Math.floor(random() * size)];
    if (a !== b) pairs.push([a, b]);
  }
  return { size, links: pairs.map(([a, b]) => [a, b, 1 + Math.floor(random() * 20)]) };
}

interface Row {
  readonly name: string;
  /** What the prototype calls the graph. */
  readonly theirs: string;
  readonly shape: () => Shape;
  readonly isWeighted: boolean;
}

const ROWS: readonly Row[] = [
  { name: 'fat-tree k=8', theirs: 'fat8', shape: () => drawFatTree(8), isWeighted: false },
  { name: 'fat-tree k=16', theirs: 'fat16', shape: () => drawFatTree(16), isWeighted: false },
  { name: 'fat-tree k=32', theirs: 'fat32', shape: () => drawFatTree(32), isWeighted: false },
  { name: 'zoo-like 197/245', theirs: 'zoo-197/245', shape: () => drawWide(197, 245), isWeighted: false },
  { name: 'zoo-like 754/899', theirs: 'zoo-754/899', shape: () => drawWide(754, 899), isWeighted: false },
  { name: 'zoo-like 754/899 weighted', theirs: 'zoo-754/899', shape: () => drawWide(754, 899), isWeighted: true },
];

export interface PathsOptions {
  readonly rounds: number;
  /** Of how many links the loss is measured. */
  readonly links: number;
  /** graphology searches from so many switches at most; the time is scaled to all. */
  readonly sources: number;
  readonly hasPeer: boolean;
  readonly sizeMax?: number;
}

interface Wired {
  readonly routes: Routes;
  readonly dpids: readonly string[];
  readonly ends: readonly (readonly [PortRef, PortRef, number])[];
}

function wire({ size, links }: Shape, isWeighted: boolean): Wired {
  const routes = new Routes();
  const dpids = Array.from({ length: size }, (_, i) => (i + 1).toString(16).padStart(16, '0'));
  for (const dpid of dpids) routes.addSwitch(dpid);
  const nextPort = new Uint32Array(size).fill(1);
  const end = (i: number): PortRef => ({ dpid: dpids[i]!, portNo: nextPort[i]!++ });
  const ends = links.map(([a, b, weight]) => [end(a), end(b), isWeighted ? weight : 1] as const);
  for (const [a, b, weight] of ends) routes.addLink(a, b, weight);
  routes.prepare(dpids);
  return { routes, dpids, ends };
}

function secondsOf(work: () => void): number {
  const start = process.hrtime.bigint();
  work();
  return Number(process.hrtime.bigint() - start) / 1e9;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1]!;
}

const WARM_UP_NS = 200_000_000n;

function measureAll({ routes }: Wired, rounds: number): number {
  const warmUntil = process.hrtime.bigint() + WARM_UP_NS;
  do routes.recompute();
  while (process.hrtime.bigint() < warmUntil);
  return median(Array.from({ length: rounds }, () => secondsOf(() => routes.recompute())));
}

/** Throws unless the tables are those that a computation from nothing gives. */
function requireExact(routes: Routes): void {
  const mended = routes.blocks.map(({ distances, ports }) => [distances.slice(), ports.slice()] as const);
  routes.recompute();
  routes.blocks.forEach(({ distances, ports }, i) => {
    const [mendedDistances, mendedPorts] = mended[i]!;
    for (let at = 0; at < distances.length; at++) {
      if (distances[at] !== mendedDistances[at] || ports[at] !== mendedPorts[at])
        throw new Error('a repair left other tables than a computation from nothing');
    }
  });
}

/** The time that a link takes to be lost, and to be back, on the average of some; the graph's own change is in it. */
function measureLoss(
  { routes, ends }: Wired,
  count: number,
  rounds: number,
): { readonly lost: number; readonly back: number } {
  const chosen = Array.from({ length: count }, (_, i) => ends[Math.floor((i * ends.length) / count)]!);
  for (const [a, b, weight] of chosen) {
    routes.removeLink(a, b);
    requireExact(routes);
    routes.addLink(a, b, weight);
    requireExact(routes);
  }
  const passes = Array.from({ length: rounds }, () => {
    let [lost, back] = [0, 0];
    for (const [a, b, weight] of chosen) {
      lost += secondsOf(() => routes.removeLink(a, b));
      back += secondsOf(() => routes.addLink(a, b, weight));
    }
    return { lost: lost / count, back: back / count };
  });
  return { lost: median(passes.map(({ lost }) => lost)), back: median(passes.map(({ back }) => back)) };
}

/** Hops from one switch to all, through graphology. */
function searchGraphology(graph: UndirectedGraph, source: string): ReadonlyMap<string, number> {
  const hops = new Map([[source, 0]]);
  const queue = [source];
  for (let i = 0; i < queue.length; i++) {
    const next = hops.get(queue[i]!)! + 1;
    graph.forEachNeighbor(queue[i]!, (neighbor) => {
      if (hops.has(neighbor)) return;
      hops.set(neighbor, next);
      queue.push(neighbor);
    });
  }
  return hops;
}

/** Seconds for all pairs; throws unless it finds the distances that we do. */
function measureGraphology({ routes, dpids, ends }: Wired, sources: number): number {
  const graph = new UndirectedGraph();
  for (const dpid of dpids) graph.addNode(dpid);
  for (const [a, b] of ends) graph.mergeEdge(a.dpid, b.dpid);
  const step = Math.max(1, Math.floor(dpids.length / sources));
  const chosen = dpids.filter((_, i) => i % step === 0).slice(0, sources);
  for (const source of chosen) {
    for (const [dpid, hops] of searchGraphology(graph, source))
      if (routes.distance(dpid, source) !== hops) throw new Error(`another distance from ${dpid} to ${source}`);
  }
  const seconds = secondsOf(() => {
    for (const source of chosen) searchGraphology(graph, source);
  });
  return (seconds * dpids.length) / chosen.length;
}

interface PrototypeTimes {
  readonly hops: number;
  readonly weighted: number;
  readonly lost: number;
}

/** By graph, in seconds. */
function measurePrototype(): ReadonlyMap<string, PrototypeTimes> {
  const path = import.meta.url.includes('/dist/') ? '../../../shared' : '../../shared';
  const prototype = new URL(`${path}/prototypes/topo.mjs`, import.meta.url).pathname;
  const times = new Map<string, PrototypeTimes>();
  if (!existsSync(prototype)) {
    console.error('paths: no figures of the prototype: ../shared/prototypes/topo.mjs is not there');
    return times;
  }
  const { stdout } = spawnSync(process.execPath, ['--expose-gc', prototype], { encoding: 'utf8' });
  const form =
    /^(\S+) n=.*BFS all ([\d.]+) ms \| bit-parallel BFS ([\d.]+) ms .*parent\) ([\d.]+) ms .*mean ([\d.]+) ms/;
  for (const line of stdout.split('\n')) {
    const found = form.exec(line);
    if (!found) continue;
    const [bfs, bits, weighted, lost] = found.slice(2).map((ms) => Number(ms) / 1000) as [
      number,
      number,
      number,
      number,
    ];
    times.set(found[1]!, { hops: Math.min(bfs, bits), weighted, lost });
  }
  return times;
}

export function benchPaths({ rounds, links, sources, hasPeer, sizeMax }: PathsOptions): readonly Comparison[] {
  const prototype = hasPeer ? measurePrototype() : new Map<string, PrototypeTimes>();
  const comparisons: Comparison[] = [];
  for (const { name, theirs, shape, isWeighted } of ROWS) {
    const drawn = shape();
    if (drawn.size > (sizeMax ?? Number.POSITIVE_INFINITY)) continue;
    const wired = wire(drawn, isWeighted);
    const bare = prototype.get(theirs);
    const add = (row: string, seconds: number, peer?: string, peerSeconds?: number) => {
      const own = { name: `paths ${row}, ${name}`, unit: 'runs/s', ours: 1 / seconds };
      comparisons.push(
        peer === undefined || peerSeconds === undefined ? own : { ...own, peer, theirs: 1 / peerSeconds },
      );
    };
    const all = measureAll(wired, rounds);
    if (!isWeighted) add('all pairs', all, 'graphology', measureGraphology(wired, sources));
    add('all pairs', all, 'prototype (distances)', isWeighted ? bare?.weighted : bare?.hops);
    const { lost, back } = measureLoss(wired, Math.min(links, wired.ends.length), rounds);
    add('one link lost', lost, 'full recompute', all);
    if (isWeighted || theirs.startsWith('fat')) add('one link lost', lost, 'prototype (distances)', bare?.lost);
    add('one link back', back, 'full recompute', all);
    comparisons.push({ name: `paths all pairs, ${name}: time`, unit: 'ms', ours: all * 1000 });
    comparisons.push({ name: `paths one link lost, ${name}: time`, unit: 'ms', ours: lost * 1000 });
    comparisons.push({
      name: `paths tables, ${name}: memory`,
      unit: 'bytes/entry',
      ours: bytesOf(wired.routes) / drawn.size ** 2,
    });
  }
  return comparisons;
}

function bytesOf({ blocks }: Routes): number {
  return blocks.reduce((sum, { distances, ports }) => sum + distances.byteLength + ports.byteLength, 0);
}
