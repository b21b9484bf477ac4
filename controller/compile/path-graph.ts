/**
 * The switches and the links between them as typed arrays, in an order that is the topology's own.
 *
 * Every switch has a slot, and a row of arcs: its ends of links, each with the slot it leads to, the ports on both sides and the weight. Rows lie in
 * one arena (compressed sparse rows) with some room at their end, so a link comes or goes by moving what is behind it in two rows.
 *
 * Invariants: a row is sorted by (dpid it leads to, own port), whatever came first, so "the first arc that …" is canonical: the same topology
 * gives the same answer. A port has one link at most, so (slot, port) names an arc. A link weighs the same both ways, an integer above
 * zero: distances are symmetric, and no way gets shorter by a circle.
 */
import { assert } from '../../protocol/wire/wire-error.ts';
import type { PortRef } from '../network/network.ts';

/** All links weigh this unless said otherwise: a path's cost is then the number of links. */
export const HOP = 1;

/** No path is as long: the sum of a path's weights stays below. */
export const UNREACHED = 0x7fff_ffff;

const SLOTS_AT_FIRST = 16;
const ROW_ROOM_AT_FIRST = 4;

export class PathGraph {
  /** Slots that were ever in use are below this. */
  size = 0;
  /** How many slots there is room for; whoever keeps something per slot grows with it. */
  capacity = SLOTS_AT_FIRST;
  start = new Int32Array(SLOTS_AT_FIRST);
  degree = new Int32Array(SLOTS_AT_FIRST);
  /** Of arcs: where they lead, what they weigh, and the ports here and there. */
  to = new Int32Array(SLOTS_AT_FIRST * ROW_ROOM_AT_FIRST);
  weight = new Int32Array(SLOTS_AT_FIRST * ROW_ROOM_AT_FIRST);
  port = new Uint32Array(SLOTS_AT_FIRST * ROW_ROOM_AT_FIRST);
  farPort = new Uint32Array(SLOTS_AT_FIRST * ROW_ROOM_AT_FIRST);
  /** Of rows: how many arcs have room. */
  #room = new Int32Array(SLOTS_AT_FIRST);
  #arenaEnd = 0;
  /** Links that do not weigh a hop. */
  #weighted = 0;
  readonly #slots = new Map<string, number>();
  readonly #dpids: string[] = [];
  readonly #free: number[] = [];

  get isUnweighted(): boolean {
    return this.#weighted === 0;
  }

  /** In order. */
  switches(): string[] {
    return [...this.#slots.keys()].sort();
  }

  slotOf(dpid: string): number | undefined {
    return this.#slots.get(dpid);
  }

  dpidOf(slot: number): string {
    return this.#dpids[slot]!;
  }

  addSwitch(dpid: string): number {
    assert(!this.#slots.has(dpid), 'a switch has one slot');
    const slot = this.#free.pop() ?? this.size++;
    if (slot === this.capacity) this.#growSlots();
    this.#slots.set(dpid, slot);
    this.#dpids[slot] = dpid;
    return slot;
  }

  /** Its links must have gone. */
  removeSwitch(dpid: string): number {
    const slot = this.#slots.get(dpid);
    assert(slot !== undefined && this.degree[slot] === 0, 'only a switch without links leaves');
    this.#slots.delete(dpid);
    this.#dpids[slot] = '';
    this.#free.push(slot);
    return slot;
  }

  addLink(a: PortRef, b: PortRef, weight = HOP): void {
    assert(Number.isInteger(weight) && weight > 0, 'a link weighs an integer above zero');
    const [slotA, slotB] = [this.#slotOf(a), this.#slotOf(b)];
    this.#insertArc(slotA, slotB, a.portNo, b.portNo, weight);
    this.#insertArc(slotB, slotA, b.portNo, a.portNo, weight);
    if (weight !== HOP) this.#weighted++;
  }

  removeLink(a: PortRef, b: PortRef): void {
    const arc = this.arcAt(this.#slotOf(a), a.portNo);
    assert(arc !== undefined && this.farPort[arc] === b.portNo, 'only a link that is there goes');
    if (this.weight[arc] !== HOP) this.#weighted--;
    this.#deleteArc(this.#slotOf(a), a.portNo);
    this.#deleteArc(this.#slotOf(b), b.portNo);
  }

  /** The arc that begins at a port; it stands until the graph changes. */
  arcAt(slot: number, portNo: number): number | undefined {
    const begin = this.start[slot]!;
    const end = begin + this.degree[slot]!;
    for (let arc = begin; arc < end; arc++) if (this.port[arc] === portNo) return arc;
    return undefined;
  }

  #slotOf({ dpid }: PortRef): number {
    const slot = this.#slots.get(dpid);
    assert(slot !== undefined, 'links join switches that are there');
    return slot;
  }

  #insertArc(slot: number, to: number, port: number, farPort: number, weight: number): void {
    assert(this.arcAt(slot, port) === undefined, 'a port has one link');
    if (this.degree[slot] === this.#room[slot]) this.#widenRow(slot);
    const begin = this.start[slot]!;
    const end = begin + this.degree[slot]!++;
    const dpid = this.#dpids[to]!;
    let at = begin;
    while (at < end) {
      const other = this.#dpids[this.to[at]!]!;
      if (other > dpid || (other === dpid && this.port[at]! > port)) break;
      at++;
    }
    for (const column of [this.to, this.weight, this.port, this.farPort]) column.copyWithin(at + 1, at, end);
    this.to[at] = to;
    this.weight[at] = weight;
    this.port[at] = port;
    this.farPort[at] = farPort;
  }

  #deleteArc(slot: number, port: number): void {
    const at = this.arcAt(slot, port);
    assert(at !== undefined, 'a link has an arc at both ends');
    const end = this.start[slot]! + this.degree[slot]!--;
    for (const column of [this.to, this.weight, this.port, this.farPort]) column.copyWithin(at, at + 1, end);
  }

  /** Moves a row to the arena's end, where there is twice the room for it. */
  #widenRow(slot: number): void {
    const room = Math.max(ROW_ROOM_AT_FIRST, 2 * this.#room[slot]!);
    if (this.#arenaEnd + room > this.to.length) this.#packRows(room);
    const begin = this.start[slot]!;
    const end = begin + this.degree[slot]!;
    for (const column of [this.to, this.weight, this.port, this.farPort]) column.copyWithin(this.#arenaEnd, begin, end);
    this.start[slot] = this.#arenaEnd;
    this.#room[slot] = room;
    this.#arenaEnd += room;
  }

  /** What rows left behind when they moved is taken back, and the arena grows if that is not enough for `more`, and half of it again. */
  #packRows(more: number): void {
    let used = more;
    for (let slot = 0; slot < this.size; slot++) used += this.#room[slot]!;
    const length = Math.max(this.to.length, 2 * used);
    const before = { to: this.to, weight: this.weight, port: this.port, farPort: this.farPort };
    this.to = new Int32Array(length);
    this.weight = new Int32Array(length);
    this.port = new Uint32Array(length);
    this.farPort = new Uint32Array(length);
    this.#arenaEnd = 0;
    for (let slot = 0; slot < this.size; slot++) {
      const begin = this.start[slot]!;
      const end = begin + this.degree[slot]!;
      this.to.set(before.to.subarray(begin, end), this.#arenaEnd);
      this.weight.set(before.weight.subarray(begin, end), this.#arenaEnd);
      this.port.set(before.port.subarray(begin, end), this.#arenaEnd);
      this.farPort.set(before.farPort.subarray(begin, end), this.#arenaEnd);
      this.start[slot] = this.#arenaEnd;
      this.#arenaEnd += this.#room[slot]!;
    }
  }

  #growSlots(): void {
    this.capacity *= 2;
    this.start = grow(this.start, this.capacity);
    this.degree = grow(this.degree, this.capacity);
    this.#room = grow(this.#room, this.capacity);
  }
}

function grow(column: Int32Array<ArrayBuffer>, length: number): Int32Array<ArrayBuffer> {
  const wider = new Int32Array(length);
  wider.set(column);
  return wider;
}
