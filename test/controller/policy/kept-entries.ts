/** What a store would have kept, as a value. */
import type { Entry, Operation } from '../../../controller/store/store.ts';

export type Kept = ReadonlyMap<string, string>;

export const NOTHING: Kept = new Map();

export function keep(kept: Kept, operations: readonly Operation[]): Kept {
  const next = new Map(kept);
  for (const operation of operations) {
    if (operation.type === 'put') next.set(operation.key, operation.value);
    else next.delete(operation.key);
  }
  return next;
}

export function toEntries(kept: Kept): Entry[] {
  return [...kept].map(([key, value]) => ({ key, value, createRevision: 1, modRevision: 1, version: 1 }));
}
