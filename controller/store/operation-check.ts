/** What keys and values may be, for every store alike: what one takes, all take. */
import type { Comparison, Operation } from './store.ts';
import { StoreError } from './store-error.ts';

/** A match with every field of OpenFlow, masked and in decimal, fits. */
export const KEY_LENGTH_MAX = 16_384;

/** A rule as hex is 128 KiB at most, and stands there twice while it is changed; etcd's own limit for a request is 1.5 MiB. */
export const VALUE_LENGTH_MAX = 1 << 20;

const KEY = /^[\x20-\x7e]+$/;

/** In UTF-8 it would become another. */
const LONE_SURROGATE = /\p{Surrogate}/u;

export function checkKey(key: string): void {
  if (key.length <= KEY_LENGTH_MAX && KEY.test(key)) return;
  throw new StoreError(
    'invalid-key',
    `a key is 1 to ${KEY_LENGTH_MAX} printable ASCII characters: ${key.slice(0, 80)}`,
  );
}

export function checkOperations(operations: readonly Operation[]): void {
  const keys = new Set<string>();
  for (const operation of operations) {
    const { key } = operation;
    checkKey(key);
    if (keys.has(key)) throw new StoreError('duplicate-key', `one transaction changes a key once: ${key}`);
    keys.add(key);
    if (operation.type === 'put') checkValue(key, operation.value);
  }
}

export function checkComparisons(compare: readonly Comparison[]): void {
  for (const { key } of compare) checkKey(key);
}

function checkValue(key: string, value: string): void {
  if (value.length > VALUE_LENGTH_MAX)
    throw new StoreError(
      'invalid-value',
      `a value has at most ${VALUE_LENGTH_MAX} characters: that of ${key} has more`,
    );
  if (LONE_SURROGATE.test(value)) throw new StoreError('invalid-value', `the value of ${key} is no valid text`);
}
