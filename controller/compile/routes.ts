/**
 * The ways through the network, kept true while it changes: the graph, and tables of distances and ports to the destinations that were asked for.
 *
 * A destination costs 8 bytes per switch and is computed when it is first asked for: a fabric has hosts at its edge only, and nobody asks
 * the way to its core. From then on a link that comes or goes mends its column (`route-repair.ts`), and the tables are byte for byte what they would be had they been
 * computed from nothing, whatever happened before.
 */
import { assert } from '../../protocol/wire/wire-error.ts';
import type { NetworkEvent, NetworkGraph, PortRef } from '../network/network.ts';
import { HOP, PathGraph } from './path-graph.ts';
import { BLOCK_WIDTH, computeRoutes, NO_PORT, RouteBlock, type Scratch } from './route-block.ts';
import { type LinkEnds, repairLostLink, repairNewLink } from './route-repair.ts';
import { SlotHeap } from './slot-heap.ts';
import { toTreePorts } from './spanning-tree.ts';

export class Routes {
  readonly #graph = new PathGraph();
  readonly #blocks: RouteBlock[] = [];
  /** By slot, the block and the column in it that lead there: block × width + column. */
  readonly #columns = new Map<number, number>();
  readonly #freeColumns: number[] = [];
  #scratch = createScratch(this.#graph.capacity);
  #treePorts: ReadonlySet<string> | undefined;
  #version = 0;

  /** Of a network as it is, links in any order. */
  static of(network: NetworkGraph): Routes {
    const routes = new Routes();
    network.forEachNode((dpid, { kind }) => {
      if (kind === 'switch') routes.addSwitch(dpid);
    });
    network.forEachEdge((_, { a, b }) => {
      if (b) routes.addLink(a, b);
    });
    return routes;
  }

  get graph(): PathGraph {
    return this.#graph;
  }

  /** The tables, 32 destinations each; read by everybody, written here only. */
  get blocks(): readonly RouteBlock[] {
    return this.#blocks;
  }

  /** Another after every change. */
  get version(): number {
    return this.#version;
  }

  follow(event: NetworkEvent): void {
    if (event.type === 'switch-joined') this.addSwitch(event.dpid);
    else if (event.type === 'switch-left') this.removeSwitch(event.dpid);
    else if (event.type === 'link-found') this.addLink(event.a, event.b);
    else if (event.type === 'link-lost') this.removeLink(event.a, event.b);
  }

  addSwitch(dpid: string): void {
    this.#changed();
    this.#graph.addSwitch(dpid);
    const { capacity } = this.#graph;
    if (this.#scratch.lists[0].length === capacity) return;
    this.#scratch = createScratch(capacity);
    for (const block of this.#blocks) block.grow(capacity);
  }

  removeSwitch(dpid: string): void {
    this.#changed();
    const slot = this.#graph.removeSwitch(dpid);
    const column = this.#columns.get(slot);
    if (column === undefined) return;
    this.#columns.delete(slot);
    this.#freeColumns.push(column);
    const block = this.#blocks[Math.floor(column / BLOCK_WIDTH)]!;
    const bit = 1 << (column % BLOCK_WIDTH);
    block.clear(bit, this.#graph.size);
    block.used &= ~bit;
  }

  addLink(a: PortRef, b: PortRef, weight = HOP): void {
    this.#changed();
    this.#graph.addLink(a, b, weight);
    const ends = this.#endsOf(a, b);
    for (const block of this.#blocks) repairNewLink(this.#graph, block, ends, weight, this.#scratch);
  }

  removeLink(a: PortRef, b: PortRef): void {
    this.#changed();
    this.#graph.removeLink(a, b);
    const ends = this.#endsOf(a, b);
    for (const block of this.#blocks) repairLostLink(this.#graph, block, ends, this.#scratch);
  }

  /** Has the tables of many destinations at once, which costs much less than one by one. */
  prepare(dpids: Iterable<string>): void {
    const fresh = new Map<RouteBlock, number>();
    for (const dpid of dpids) {
      const slot = this.#slotOf(dpid);
      if (this.#columns.has(slot)) continue;
      const column = this.#freeColumns.pop() ?? this.#columns.size;
      this.#columns.set(slot, column);
      const at = Math.floor(column / BLOCK_WIDTH);
      this.#blocks[at] ??= new RouteBlock(this.#graph.capacity);
      const block = this.#blocks[at];
      const bit = 1 << (column % BLOCK_WIDTH);
      block.used |= bit;
      block.destinations[column % BLOCK_WIDTH] = slot;
      fresh.set(block, (fresh.get(block) ?? 0) | bit);
    }
    for (const [block, mask] of fresh) computeRoutes(this.#graph, block, mask, this.#scratch);
  }

  /** Computes all tables anew; nothing changes by it. What a repair is held against, and compared with. */
  recompute(): void {
    for (const block of this.#blocks) computeRoutes(this.#graph, block, block.used, this.#scratch);
  }

  /** The port of every switch that reaches the destination, which is not among them. */
  forEachPort(destination: string, tell: (dpid: string, portNo: number) => void): void {
    this.prepare([destination]);
    const column = this.#columns.get(this.#slotOf(destination))!;
    const { ports } = this.#blocks[Math.floor(column / BLOCK_WIDTH)]!;
    for (let slot = 0; slot < this.#graph.size; slot++) {
      const portNo = ports[slot * BLOCK_WIDTH + (column % BLOCK_WIDTH)]!;
      if (portNo !== NO_PORT) tell(this.#graph.dpidOf(slot), portNo);
    }
  }

  /** The sum of weights; undefined where no way leads. */
  distance(from: string, to: string): number | undefined {
    this.prepare([to]);
    const column = this.#columns.get(this.#slotOf(to))!;
    const { distances, ports } = this.#blocks[Math.floor(column / BLOCK_WIDTH)]!;
    const at = this.#slotOf(from) * BLOCK_WIDTH + (column % BLOCK_WIDTH);
    return from === to ? 0 : ports[at] === NO_PORT ? undefined : distances[at];
  }

  /** All ports of `from` that shortest ways leave by, in canonical order: what traffic may be spread over. */
  equalPorts(from: string, to: string): number[] {
    return this.equalArcs(to)(this.#slotOf(from)).map((arc) => this.#graph.port[arc]!);
  }

  /** The same as arcs, of any slot; to be used before anything changes. */
  equalArcs(to: string): (slot: number) => number[] {
    this.prepare([to]);
    const graph = this.#graph;
    const column = this.#columns.get(this.#slotOf(to))!;
    const { distances, ports } = this.#blocks[Math.floor(column / BLOCK_WIDTH)]!;
    const placeOf = (slot: number) => slot * BLOCK_WIDTH + (column % BLOCK_WIDTH);
    return (slot) => {
      const found: number[] = [];
      if (ports[placeOf(slot)] === NO_PORT) return found;
      const end = graph.start[slot]! + graph.degree[slot]!;
      for (let arc = graph.start[slot]!; arc < end; arc++) {
        const rest = distances[placeOf(graph.to[arc]!)]!;
        if (rest + graph.weight[arc]! === distances[placeOf(slot)]) found.push(arc);
      }
      return found;
    };
  }

  /** The ports, both ends, of a spanning tree of every connected part. */
  treePorts(): ReadonlySet<string> {
    this.#treePorts ??= toTreePorts(this.#graph);
    return this.#treePorts;
  }

  #changed(): void {
    this.#treePorts = undefined;
    this.#version++;
  }

  #slotOf(dpid: string): number {
    const slot = this.#graph.slotOf(dpid);
    assert(slot !== undefined, 'ways lead from switch to switch');
    return slot;
  }

  #endsOf(a: PortRef, b: PortRef): LinkEnds {
    return { slotA: this.#slotOf(a.dpid), portA: a.portNo, slotB: this.#slotOf(b.dpid), portB: b.portNo };
  }
}

function createScratch(capacity: number): Scratch {
  const slots = () => new Int32Array(capacity);
  return {
    lists: [slots(), slots()],
    words: [slots(), slots(), slots()],
    heap: new SlotHeap(),
  };
}
