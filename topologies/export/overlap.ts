/** Boxes that overlap push each other away, by the shorter way, until they do not or patience ends. */
import type { PictureNode } from './picture.ts';

const GAP = 10;
const ROUNDS = 80;

interface Mutable {
  x: number;
  y: number;
}

type Box = Pick<PictureNode, 'width' | 'height'>;

export function separateBoxes(boxes: readonly Box[], points: readonly Mutable[]): void {
  for (let round = 0; round < ROUNDS; round++) {
    let isQuiet = true;
    // From left to right, so that only neighbours need to be looked at.
    const order = points.map((_, i) => i).sort((i, j) => points[i]!.x - points[j]!.x || i - j);
    for (const [k, i] of order.entries()) {
      for (let next = k + 1; next < order.length; next++) {
        const j = order[next]!;
        const [a, b] = [points[i]!, points[j]!];
        const [dx, dy] = [b.x - a.x, b.y - a.y];
        // No box is wider than this and its gap.
        if (dx > 200) break;
        const overX = (boxes[i]!.width + boxes[j]!.width) / 2 + GAP - Math.abs(dx);
        const overY = (boxes[i]!.height + boxes[j]!.height) / 2 + GAP - Math.abs(dy);
        if (overX <= 0.01 || overY <= 0.01) continue;
        isQuiet = false;
        const axis = overX < overY ? 'x' : 'y';
        const push = (axis === 'x' ? overX * (dx < 0 ? -1 : 1) : overY * (dy < 0 ? -1 : 1)) / 2;
        a[axis] -= push;
        b[axis] += push;
      }
    }
    if (isQuiet) return;
  }
}
