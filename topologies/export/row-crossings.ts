/** How often lines between neighbouring rows cross: pairs of them that are in one order above and in the other below, counted with a Fenwick tree. */

interface Linked {
  readonly below: readonly number[];
}

export function countCrossings(items: readonly Linked[], order: readonly (readonly number[])[]): number {
  let crossings = 0;
  for (const [r, row] of order.slice(0, -1).entries()) {
    const next = order[r + 1]!;
    const places = new Map(next.map((i, k) => [i, k]));
    const tree = new Int32Array(next.length + 1);
    let total = 0;
    for (const i of row) {
      const ends = items[i]!.below.map((other) => places.get(other)!);
      // Those that ended further right cross; lines of one item do not cross each other.
      for (const end of ends) crossings += total - sumUpTo(tree, end + 1);
      for (const end of ends) {
        for (let k = end + 1; k < tree.length; k += k & -k) tree[k]!++;
        total++;
      }
    }
  }
  return crossings;
}

function sumUpTo(tree: Int32Array, end: number): number {
  let sum = 0;
  for (let k = end; k > 0; k -= k & -k) sum += tree[k]!;
  return sum;
}
