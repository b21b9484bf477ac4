import { expect, it } from 'vitest';
import { benchMemory } from '../../bench/memory.ts';

it('the memory bench makes every host and every cable', () => {
  const comparisons = benchMemory({ count: 200, isApart: false });
  // What memory says without a collection before it is nothing to go by.
  expect(comparisons.map(({ name, unit }) => `${name}: ${unit}`)).toEqual([
    'memory of a host with its stack, of 200: bytes',
    'memory of a host with its stack and its cable, of 200: bytes',
  ]);
});
