/**
 * The known name that is nearest to an unknown one, because most unknown names are known ones with a slip of the finger.
 *
 * Nearest by edits without regard to case, where two letters swapped are one edit, and near only if at most a third of the
 * letters differ: a wild guess misleads more than none.
 */

/** Longer words are not slips of the finger, and the comparison is quadratic. */
const LENGTH_MAX = 40;

/** `; did you mean nw_src?`, to end a sentence with, or nothing. */
export function suggest(name: string, known: Iterable<string>): string {
  if (name.length > LENGTH_MAX) return '';
  let nearest = '';
  let least = Math.floor(name.length / 3) + 1;
  for (const candidate of known) {
    const distance = editDistance(name.toLowerCase(), candidate.toLowerCase());
    if (distance < least) {
      least = distance;
      nearest = candidate;
    }
  }
  return nearest === '' ? '' : `; did you mean ${nearest}?`;
}

function editDistance(a: string, b: string): number {
  let before: number[] = [];
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      const isSwapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      const swapped = isSwapped ? before[j - 2]! + 1 : replaced;
      next.push(Math.min(replaced, swapped, row[j]! + 1, next[j - 1]! + 1));
    }
    before = row;
    row = next;
  }
  return row[b.length]!;
}
