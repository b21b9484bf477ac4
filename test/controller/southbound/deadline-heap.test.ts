import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DeadlineHeap } from '../../../controller/southbound/deadline-heap.ts';

describe('the heap of deadlines', () => {
  it('gives whoever is due, the earliest first, as a sorted list would', () => {
    const step = fc.record({ add: fc.array(fc.nat(100), { maxLength: 8 }), until: fc.nat(100) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        const heap = new DeadlineHeap<number>();
        let list: number[] = [];
        for (const { add, until } of steps) {
          for (const at of add) heap.add(at, at);
          list = [...list, ...add].sort((a, b) => a - b);
          const taken: number[] = [];
          for (let owner = heap.takeDue(until); owner !== undefined; owner = heap.takeDue(until)) taken.push(owner);
          expect(taken).toEqual(list.filter((at) => at <= until));
          list = list.filter((at) => at > until);
          expect(heap.nextAt()).toBe(list[0]);
        }
      }),
    );
  });
});
