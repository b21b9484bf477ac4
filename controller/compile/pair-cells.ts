/**
 * Conditions that overlap, as rules that do not depend on their order: every packet has one most specific cell, and the cells that hold it are ranked.
 *
 * The cells are the conditions and all their intersections. A packet's most specific cell is then the intersection of all conditions that hold for it, so
 * what is to become of the packet can be decided for the cell once. One cell within another has the higher rank; cells that only overlap have their intersection,
 * which ranks above both.
 */
import { contains, intersect, type PacketPredicate, toPredicateKey } from '../policy/packet-predicate.ts';

export interface Cell {
  readonly predicate: PacketPredicate;
  readonly rank: number;
}

/** More rules than these for two hosts are not what anybody meant. */
export const CELLS_MAX = 2048;

const EVERYTHING: PacketPredicate = {};

/** The cell of everything is always among them, with rank 0; the order is canonical. Undefined if they are too many. */
export function toCells(conditions: readonly PacketPredicate[]): readonly Cell[] | undefined {
  const known = new Map([[toPredicateKey(EVERYTHING), EVERYTHING]]);
  for (const condition of conditions) known.set(toPredicateKey(condition), condition);
  if (known.size > CELLS_MAX) return undefined;
  const cells = [...known.values()];
  for (let i = 0; i < cells.length; i++) {
    for (let j = 0; j < i; j++) {
      const both = intersect(cells[i]!, cells[j]!);
      const key = both && toPredicateKey(both);
      if (key === undefined || known.has(key)) continue;
      if (cells.length === CELLS_MAX) return undefined;
      known.set(key, both!);
      cells.push(both!);
    }
  }
  return rank(known);
}

function rank(cells: ReadonlyMap<string, PacketPredicate>): readonly Cell[] {
  const ordered = [...cells].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, predicate]) => predicate);
  const above = ordered.map((inner) => ordered.filter((outer) => outer !== inner && contains(outer, inner)));
  const byDepth = ordered
    .map((predicate, i) => ({ predicate, above: above[i]! }))
    .sort((a, b) => a.above.length - b.above.length);
  const ranks = new Map<PacketPredicate, number>();
  for (const { predicate, above: containers } of byDepth) {
    ranks.set(predicate, 1 + Math.max(-1, ...containers.map((container) => ranks.get(container)!)));
  }
  return ordered.map((predicate) => ({ predicate, rank: ranks.get(predicate)! }));
}
