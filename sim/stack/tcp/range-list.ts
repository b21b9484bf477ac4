/**
 * Disjoint ranges of offsets in ascending order, none touching the next: what arrived out of order, or what the peer says did.
 *
 * Two arrays of numbers; there are rarely more than a few dozen, and the newest are mostly at the end.
 */
export class RangeList {
  readonly lefts: number[] = [];
  /** Exclusive. */
  readonly rights: number[] = [];
  /** Sum of the lengths. */
  bytes = 0;

  get count(): number {
    return this.lefts.length;
  }

  /** How many bytes are new. */
  add(left: number, right: number): number {
    const { lefts, rights } = this;
    let from = lefts.length;
    while (from > 0 && rights[from - 1]! >= left) from--;
    let to = from;
    let covered = 0;
    let newLeft = left;
    let newRight = right;
    for (; to < lefts.length && lefts[to]! <= right; to++) {
      covered += rights[to]! - lefts[to]!;
      if (lefts[to]! < newLeft) newLeft = lefts[to]!;
      if (rights[to]! > newRight) newRight = rights[to]!;
    }
    const added = newRight - newLeft - covered;
    if (added === 0) return 0;
    this.bytes += added;
    if (to === from + 1) {
      lefts[from] = newLeft;
      rights[from] = newRight;
    } else {
      lefts.splice(from, to - from, newLeft);
      rights.splice(from, to - from, newRight);
    }
    return added;
  }

  /** Forgets all below. */
  trim(below: number): void {
    const { lefts, rights } = this;
    let gone = 0;
    while (gone < lefts.length && rights[gone]! <= below) {
      this.bytes -= rights[gone]! - lefts[gone]!;
      gone++;
    }
    if (gone > 0) {
      lefts.splice(0, gone);
      rights.splice(0, gone);
    }
    if (lefts.length > 0 && lefts[0]! < below) {
      this.bytes -= below - lefts[0]!;
      lefts[0] = below;
    }
  }

  /** Bytes of the ranges within `left ≤ offset < right`. */
  bytesBetween(left: number, right: number): number {
    const { lefts, rights } = this;
    let bytes = 0;
    for (let i = 0; i < lefts.length && lefts[i]! < right; i++) {
      const from = Math.max(left, lefts[i]!);
      const to = Math.min(right, rights[i]!);
      if (to > from) bytes += to - from;
    }
    return bytes;
  }

  /** Of the range that holds it, or -1. */
  indexOf(offset: number): number {
    const { lefts, rights } = this;
    for (let i = 0; i < lefts.length && lefts[i]! <= offset; i++) if (offset < rights[i]!) return i;
    return -1;
  }

  clear(): void {
    this.lefts.length = 0;
    this.rights.length = 0;
    this.bytes = 0;
  }
}
