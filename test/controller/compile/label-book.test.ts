import { describe, expect, it } from 'vitest';
import { ContentHash } from '../../../controller/compile/content-hash.ts';
import { LABELS, LabelBook } from '../../../controller/compile/label-book.ts';
import { Random } from '../../../sim/random.ts';

const SEED = Number(process.env.SLUICE_SEED ?? 1);

/** Keys whose places lie so close that each is in another's way. */
function crowd(count: number): string[] {
  const keys: string[] = [];
  for (let i = 0; keys.length < count; i++) {
    if (new ContentHash().addText(`key ${i}`).toNumber() % LABELS < 5) keys.push(`key ${i}`);
  }
  return keys;
}

const keysOf = (kind: string, count: number) => Array.from({ length: count }, (_, i) => `${kind} ${i}`);

describe('labels', () => {
  it(`are in the end what they would be without a past, whatever the past (seed ${SEED})`, () => {
    const keys = crowd(14);
    for (let i = 0; i < 500; i++) {
      const random = new Random(SEED).fork(`${i}`);
      const book = new LabelBook();
      let wanted: readonly string[] = [];
      for (let step = 0; step < 2 + (i % 8); step++) {
        wanted = keys.filter(() => random.nextBelow(2) === 0);
        const share = random.nextFraction();
        book.releaseGone(() => random.nextFraction() < share);
        book.assign(wanted);
      }
      for (let round = 0; round < keys.length && book.isProvisional; round++) {
        book.releaseGone(() => true);
        book.assign(wanted);
      }
      expect(book.isProvisional, `history ${i}`).toBe(false);
      expect(new Map([...book.assign(wanted)].sort())).toEqual(new Map([...new LabelBook().assign(wanted)].sort()));
    }
  });

  it(`stay where they are while no switch gives anything up, however often it is asked (seed ${SEED})`, () => {
    const keys = crowd(14);
    for (let i = 0; i < 500; i++) {
      const random = new Random(SEED).fork(`still ${i}`);
      const book = new LabelBook();
      const inSwitches = new Set<string>();
      let wanted: readonly string[] = [];
      for (let step = 0; step < 2 + (i % 8); step++) {
        wanted = keys.filter(() => random.nextBelow(2) === 0);
        for (const [key, label] of book.assign(wanted)) if (random.nextBelow(3) > 0) inSwitches.add(`${key} ${label}`);
      }
      const assignAgain = () => {
        book.releaseGone((key, label) => !inSwitches.has(`${key} ${label}`));
        return [...book.assign(wanted)].sort();
      };
      // What was never sent is given up at once, which may let somebody move; all that can has moved after as many times as there are keys.
      let labels = assignAgain();
      for (let round = 0; round < keys.length; round++) labels = assignAgain();
      expect(assignAgain(), `history ${i}`).toEqual(labels);
    }
  });

  it('go to what is needed before what can be spared, which leaves room for its own successors', () => {
    const needed = keysOf('tree', 100);
    const book = new LabelBook();
    const labels = book.assign(needed, keysOf('path', 5000));
    expect(needed.every((key) => labels.has(key))).toBe(true);
    expect(labels.size).toBe(LABELS / 2);
    // Nothing has been given up by any switch.
    const next = book.assign(keysOf('other tree', 100), keysOf('other path', 5000));
    expect(next.size).toBe(LABELS / 2);
    const taken = new Set(labels.values());
    expect([...next.values()].filter((label) => taken.has(label))).toEqual([]);
    expect(new LabelBook().assign(keysOf('tree', 5000)).size, 'without anything to spare').toBe(LABELS);
  });
});
