/**
 * Where a part of a value stands in its encoding: sizes and offsets asked from the codecs, so that no layout is written twice.
 *
 * A path names the part from the outside in: `['instructions', 1, 'actions', 0, 'field']`. It is followed only when there is
 * something to complain about, so it may cost the encoding of what stands before the part.
 */
import { assert } from '../wire-error.ts';
import type { Codec } from './codec.ts';
import { MESSAGE_BYTES_MAX } from './message.ts';
import { setFieldOxm } from './oxm.ts';

/** Type and length, before the fields of struct ofp_match. */
const MATCH_HEADER_BYTES = 4;

export type Path = readonly (string | number)[];

let scratch: DataView | undefined;

/** The bytes that the value takes. */
export function sizeOf<T>(codec: Codec<T>, value: T): number {
  if (codec.fixed) return codec.sizeMin;
  // Room for the longest message and a part that makes it too long, as `toBytes` has.
  scratch ??= new DataView(new ArrayBuffer(2 * MESSAGE_BYTES_MAX));
  return codec.encode(value, scratch, 0);
}

/** The offset of the part that `path` leads to, or of the innermost part that has one. */
export function placeOf(codec: Codec<unknown>, value: unknown, path: Path): number {
  let place = 0;
  let here = codec;
  let part = value;
  for (const name of path) {
    const { shape } = here;
    if (shape.type === 'union' && shape.unknown) {
      const { type } = part as { readonly type: string };
      const variant = shape.variants[type];
      if (!variant) return place;
      // The least that a TLV has is its header.
      place += here.sizeMin;
      here = variant;
    }
    const next = enter(here, part, name);
    if (!next) return place;
    place += next.offset;
    here = next.codec;
    part = (part as Record<string | number, unknown>)[name];
  }
  return place;
}

interface Entered {
  readonly codec: Codec<unknown>;
  readonly offset: number;
}

function enter({ shape }: Codec<unknown>, value: unknown, name: string | number): Entered | undefined {
  switch (shape.type) {
    case 'struct':
      return enterStruct(shape.fields, value as Readonly<Record<string, unknown>>, name);
    case 'list':
      return { codec: shape.item, offset: sizeBefore(shape.item, value, name) };
    case 'array':
      return { codec: shape.item, offset: shape.item.sizeMin * Number(name) };
    case 'match':
      return { codec: setFieldOxm, offset: MATCH_HEADER_BYTES + sizeBefore(setFieldOxm, value, name) };
    default:
      return undefined;
  }
}

function enterStruct(
  fields: Readonly<Record<string, Codec<unknown>>>,
  value: Readonly<Record<string, unknown>>,
  name: string | number,
): Entered | undefined {
  let offset = 0;
  for (const [field, codec] of Object.entries(fields)) {
    if (field === name) return { codec, offset };
    assert(codec.shape.type !== 'padTo', 'nothing stands behind padding that depends on what is before it');
    offset += codec.fixed || codec.shape.type === 'length' ? codec.sizeMin : sizeOf(codec, value[field]);
  }
  return undefined;
}

function sizeBefore<T>(codec: Codec<T>, values: unknown, index: string | number): number {
  let size = 0;
  for (const value of (values as readonly T[]).slice(0, Number(index))) size += sizeOf(codec, value);
  return size;
}
