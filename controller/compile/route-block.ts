/**
 * How far it is and which port to take, from every switch to up to 32 destinations.
 *
 * Thirty-two, because one word then holds a bit for each: where all links weigh the same, one breadth-first search finds the ways to all of them
 * at once. The entries of one switch lie together, so whether a link matters to a destination is asked for all 32 in a few cache lines.
 *
 * The law of the tables, which leaves nothing to the order in which they came about: the distance is the least sum of weights, and the port is that
 * of the first arc in the switch's row that is *tight*, that is, leads to where exactly the arc's weight is left off.
 */
import { type PathGraph, UNREACHED } from './path-graph.ts';
import type { SlotHeap } from './slot-heap.ts';

export const BLOCK_WIDTH = 32;

/** At the destination, and where no way leads to it. No port has this number. */
export const NO_PORT = 0xffff_ffff;

export class RouteBlock {
  /** By slot × width + column. */
  distances: Int32Array<ArrayBuffer>;
  ports: Uint32Array<ArrayBuffer>;
  /** The columns in use, a bit for each. */
  used = 0;
  /** The slot that a column leads to. */
  readonly destinations = new Int32Array(BLOCK_WIDTH).fill(-1);

  constructor(capacity: number) {
    this.distances = new Int32Array(capacity * BLOCK_WIDTH).fill(UNREACHED);
    this.ports = new Uint32Array(capacity * BLOCK_WIDTH).fill(NO_PORT);
  }

  grow(capacity: number): void {
    const { distances, ports } = this;
    this.distances = new Int32Array(capacity * BLOCK_WIDTH).fill(UNREACHED, distances.length);
    this.ports = new Uint32Array(capacity * BLOCK_WIDTH).fill(NO_PORT, ports.length);
    this.distances.set(distances);
    this.ports.set(ports);
  }

  /** Empties columns. */
  clear(mask: number, size: number): void {
    for (let bits = mask; bits !== 0; bits &= bits - 1) {
      const column = 31 - Math.clz32(bits & -bits);
      for (let at = column; at < size * BLOCK_WIDTH; at += BLOCK_WIDTH) {
        this.distances[at] = UNREACHED;
        this.ports[at] = NO_PORT;
      }
    }
  }
}

/** What searches write on; kept, since they are many and short. */
export interface Scratch {
  /** Two lists of slots, with room for all, and three words per slot that are zero between searches. */
  readonly lists: readonly [Int32Array, Int32Array];
  readonly words: readonly [Int32Array, Int32Array, Int32Array];
  readonly heap: SlotHeap;
}

/** The port of the first tight arc in a switch's row, those to marked switches left out. */
export function firstTightPort(
  graph: PathGraph,
  { distances }: RouteBlock,
  column: number,
  slot: number,
  marks: Int32Array,
): number {
  const { to, weight, port } = graph;
  const distance = distances[slot * BLOCK_WIDTH + column]!;
  const begin = graph.start[slot]!;
  const end = begin + graph.degree[slot]!;
  for (let arc = begin; arc < end; arc++) {
    const next = to[arc]!;
    if (distances[next * BLOCK_WIDTH + column]! + weight[arc]! === distance && marks[next] === 0) return port[arc]!;
  }
  return NO_PORT;
}

/** Fills columns from nothing. */
export function computeRoutes(graph: PathGraph, block: RouteBlock, mask: number, scratch: Scratch): void {
  block.clear(mask, graph.size);
  if (graph.isUnweighted) {
    computeHops(graph, block, mask, scratch);
    return;
  }
  for (let bits = mask; bits !== 0; bits &= bits - 1) {
    computeWeighted(graph, block, 31 - Math.clz32(bits & -bits), scratch);
  }
}

/**
 * Breadth first for all columns of the mask at once: a word per switch says which destinations have been reached from it, another which of
 * them in the last step. The neighbours of those are asked, each in the order of its own row, whom of theirs the step reached: the first is the port.
 */
function computeHops(graph: PathGraph, block: RouteBlock, mask: number, scratch: Scratch): void {
  const { to, port, start, degree } = graph;
  const { distances, ports } = block;
  const [seen, front, news] = scratch.words;
  let [active, candidates] = scratch.lists;
  let activeCount = 0;
  for (let bits = mask; bits !== 0; bits &= bits - 1) {
    const column = 31 - Math.clz32(bits & -bits);
    const slot = block.destinations[column]!;
    distances[slot * BLOCK_WIDTH + column] = 0;
    seen[slot] = front[slot]! | (1 << column);
    front[slot] = seen[slot]!;
    active[activeCount++] = slot;
  }
  for (let hops = 1; activeCount > 0; hops++) {
    let candidateCount = 0;
    for (let i = 0; i < activeCount; i++) {
      const slot = active[i]!;
      const reached = front[slot]!;
      const end = start[slot]! + degree[slot]!;
      for (let arc = start[slot]!; arc < end; arc++) {
        const next = to[arc]!;
        const fresh = reached & ~seen[next]!;
        if (fresh === 0) continue;
        if (news[next] === 0) candidates[candidateCount++] = next;
        news[next] = news[next]! | fresh;
      }
    }
    for (let i = 0; i < candidateCount; i++) {
      const slot = candidates[i]!;
      const base = slot * BLOCK_WIDTH;
      let wanted = news[slot]!;
      for (let arc = start[slot]!; wanted !== 0; arc++) {
        let hit = front[to[arc]!]! & wanted;
        if (hit === 0) continue;
        wanted ^= hit;
        const portNo = port[arc]!;
        for (; hit !== 0; hit &= hit - 1) {
          const at = base + 31 - Math.clz32(hit & -hit);
          distances[at] = hops;
          ports[at] = portNo;
        }
      }
    }
    for (let i = 0; i < activeCount; i++) front[active[i]!] = 0;
    for (let i = 0; i < candidateCount; i++) {
      const slot = candidates[i]!;
      front[slot] = news[slot]!;
      seen[slot] = seen[slot]! | news[slot]!;
      news[slot] = 0;
    }
    [active, candidates] = [candidates, active];
    activeCount = candidateCount;
  }
  seen.fill(0, 0, graph.size);
}

/** Dijkstra's search from the destination. */
function computeWeighted(graph: PathGraph, block: RouteBlock, column: number, scratch: Scratch): void {
  const destination = block.destinations[column]!;
  block.distances[destination * BLOCK_WIDTH + column] = 0;
  scratch.heap.clear();
  scratch.heap.push(0, destination);
  relax(graph, block, column, scratch.heap);
  const [noMarks] = scratch.words;
  for (let slot = 0; slot < graph.size; slot++) {
    const at = slot * BLOCK_WIDTH + column;
    if (block.distances[at] !== UNREACHED) block.ports[at] = firstTightPort(graph, block, column, slot, noMarks);
  }
}

/** Carries the distances of what is on the heap on to whoever gains by them; gives each switch that was settled to `settled`. */
export function relax(
  graph: PathGraph,
  { distances }: RouteBlock,
  column: number,
  heap: SlotHeap,
  settled?: Int32Array,
): number {
  const { to, weight, start, degree } = graph;
  let count = 0;
  while (!heap.isEmpty) {
    const distance = heap.key;
    const slot = heap.pop();
    if (distance > distances[slot * BLOCK_WIDTH + column]!) continue;
    if (settled) settled[count] = slot;
    count++;
    const end = start[slot]! + degree[slot]!;
    for (let arc = start[slot]!; arc < end; arc++) {
      const next = to[arc]!;
      const offered = distance + weight[arc]!;
      if (offered >= distances[next * BLOCK_WIDTH + column]!) continue;
      distances[next * BLOCK_WIDTH + column] = offered;
      heap.push(offered, next);
    }
  }
  return count;
}
