/**
 * A document as the plain values of its file: the keys, texts and units that somebody would have written, and nothing that is left to defaults.
 *
 * Follows the description, as the reader does, so a key that the format gains is written without a word here. Objects of the
 * format are records; what users name is a Map, because a record would put a host named "10" before one named "a".
 */
import { assert } from '../../protocol/wire/wire-error.ts';
import { TOPOLOGY } from '../description.ts';
import type { TopologyDocument } from '../document.ts';
import { formatQuantity } from '../quantity.ts';
import type { ObjectShape, Shape } from '../shape.ts';

export type Native = string | number | boolean | readonly Native[] | NativeRecord | NativeMap;
export type NativeMap = ReadonlyMap<string, Native>;
export interface NativeRecord {
  readonly [key: string]: Native;
}

export function isNativeMap(value: Native | undefined): value is NativeMap {
  return value instanceof Map;
}

export function isNativeList(value: Native | undefined): value is readonly Native[] {
  return Array.isArray(value);
}

export function isNativeRecord(value: Native | undefined): value is NativeRecord {
  return typeof value === 'object' && !isNativeMap(value) && !isNativeList(value);
}

export function toNativeTree(document: TopologyDocument): NativeRecord {
  const tree = toNative(TOPOLOGY, document);
  assert(isNativeRecord(tree), 'a topology is described as an object');
  return tree;
}

function toNative(shape: Shape, value: unknown): Native {
  switch (shape.type) {
    case 'text':
      if (shape.form.format) return shape.form.format(value);
      assert(typeof value === 'string', 'a text form whose values are no texts says how they are written');
      return value;
    case 'quantity':
      return formatQuantity(value as number, shape.dimension);
    case 'integer':
    case 'number':
    case 'flag':
    case 'choice':
      return value as Native;
    case 'list':
      return (value as readonly unknown[]).map((item) => toNative(shape.of, item));
    case 'map':
      return new Map(
        [...(value as ReadonlyMap<string, unknown>)].map(([name, item]) => [name, toNative(shape.of, item)]),
      );
    case 'either':
      return toNative(typeof value === 'object' ? shape.mapping : shape.scalar, value);
    case 'object':
      return toRecord(shape, value as Readonly<Record<string, unknown>>);
  }
}

function toRecord({ keys, brief }: ObjectShape, values: Readonly<Record<string, unknown>>): Native {
  const said = keys.flatMap(({ key, property, shape, otherwise }) => {
    const value = values[property];
    return value === undefined || isSame(value, otherwise) ? [] : [[key, toNative(shape, value)] as const];
  });
  const [first] = said;
  return said.length === 1 && first![0] === brief ? first![1] : Object.fromEntries(said);
}

/** Whether the reader would put this there by itself; what it puts there is a word, a number, or empty. */
function isSame(value: unknown, otherwise: unknown): boolean {
  if (value instanceof Map && otherwise instanceof Map) return value.size === 0 && otherwise.size === 0;
  if (Array.isArray(value) && Array.isArray(otherwise)) return value.length === 0 && otherwise.length === 0;
  return value === otherwise;
}
