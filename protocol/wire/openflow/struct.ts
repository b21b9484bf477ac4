/**
 * Structures, lists and tagged unions of codecs: the three ways in which OpenFlow 1.3.5 (section 7) composes its messages.
 *
 * Every length is checked here and nowhere else. A composite is given the place it must fill, `at`..`end`; it asks each part
 * for its extent, refuses one that would leave that place, and refuses bytes left over. So whatever a peer writes into a
 * length field, a read never leaves its message, and a list always advances.
 *
 * Field names that begin with `_` are on the wire only: padding and lengths, which the encoder computes.
 */
import { assert, WireError } from '../wire-error.ts';
import { bytesRest, type Codec, fillZero, type Shape, u16, type ValueOf } from './codec.ts';
import type { ErrorName } from './error.ts';

type Fields = Readonly<Record<string, Codec<unknown>>>;

export type StructOf<F extends Fields> = {
  readonly [K in keyof F as K extends `_${string}` ? never : K]: ValueOf<F[K]>;
};

export interface StructCodec<T> extends Codec<T> {
  /** `decode` into an object that has its tag already, so that a message is one object. */
  decodeInto(target: Record<string, unknown>, view: DataView, at: number, end: number): void;
}

const TLV_HEADER_BYTES = 4;

const BAD_LENGTH: ErrorName = 'BAD_REQUEST/BAD_LEN';

function field<T>(shape: Shape, sizeMin: number): Codec<T> {
  return {
    shape,
    sizeMin,
    fixed: false,
    extent: (_view, at) => at + sizeMin,
    decode: () => undefined as T,
    encode: () => assert(false, 'struct writes its own lengths and padding') as never,
  };
}

/** The length in bytes of the structure that it stands in, which begins with the structure and includes it. */
export const selfLength: Codec<never> = field({ type: 'length', of: '' }, 2);

/** The length in bytes of the field of that name, which comes later in the same structure. */
export function lengthOf(name: string): Codec<never> {
  return field({ type: 'length', of: name }, 2);
}

/** Zero bytes up to a multiple of eight, counted from the TLV header before the structure, as the specification counts. */
export const padTlvTo8: Codec<never> = field({ type: 'padTo', multiple: 8 }, 0);

export function struct<const F extends Fields>(
  fields: F,
  lengthError: ErrorName = BAD_LENGTH,
): StructCodec<StructOf<F>> {
  const names = Object.keys(fields);
  const codecs = Object.values(fields);
  const isKept = names.map((name) => !name.startsWith('_'));
  const sizeMin = codecs.reduce((size, codec) => size + codec.sizeMin, 0);
  const isFixed = codecs.every((codec) => codec.fixed);
  const selfLengthAt = offsetOfSelfLength(codecs);

  function decodeInto(target: Record<string, unknown>, view: DataView, at: number, end: number): void {
    if (end - at < sizeMin) throw new WireError(lengthError, at, `${end - at} bytes, at least ${sizeMin} needed`);
    let here = at;
    let sizedName = '';
    let sizedEnd = 0;
    for (let i = 0; i < codecs.length; i++) {
      const codec = codecs[i]!;
      const shape = codec.shape;
      if (here + codec.sizeMin > end) throw new WireError(lengthError, here, `ends before its ${names[i]}`);
      if (codec.fixed) {
        if (isKept[i]) target[names[i]!] = codec.decode(view, here, here + codec.sizeMin);
        here += codec.sizeMin;
      } else if (shape.type === 'length') {
        sizedName = shape.of;
        sizedEnd = view.getUint16(here);
        here += 2;
      } else if (shape.type === 'padTo') {
        here = at - TLV_HEADER_BYTES + alignUp(here - at + TLV_HEADER_BYTES, shape.multiple);
        if (here > end) throw new WireError(lengthError, end, 'ends within its padding');
      } else {
        const isSized = names[i] === sizedName;
        const partEnd = isSized ? here + sizedEnd : codec.extent(view, here, end);
        if (partEnd > end)
          throw new WireError(lengthError, here, `its ${names[i]} would end ${partEnd - end} bytes behind it`);
        target[names[i]!] = codec.decode(view, here, partEnd);
        here = partEnd;
      }
    }
    if (here !== end) throw new WireError(lengthError, here, `${end - here} bytes too many`);
  }

  return {
    shape: { type: 'struct', fields },
    sizeMin,
    fixed: isFixed,
    extent(view, at, end) {
      if (isFixed) return at + sizeMin;
      if (selfLengthAt === undefined) return end;
      const length = view.getUint16(at + selfLengthAt);
      if (length < sizeMin)
        throw new WireError(lengthError, at + selfLengthAt, `length ${length}, at least ${sizeMin} needed`);
      if (at + length > end)
        throw new WireError(lengthError, at + selfLengthAt, `length ${length}, ${end - at} bytes left`);
      return at + length;
    },
    decode(view, at, end) {
      const value: Record<string, unknown> = {};
      decodeInto(value, view, at, end);
      return value as StructOf<F>;
    },
    decodeInto,
    encode(value, view, at) {
      const parts = value as Readonly<Record<string, unknown>>;
      let here = at;
      let lengthAt = 0;
      let sizedName: string | undefined;
      for (let i = 0; i < codecs.length; i++) {
        const codec = codecs[i]!;
        const shape = codec.shape;
        if (shape.type === 'length') {
          if (shape.of !== '') {
            sizedName = shape.of;
            lengthAt = here;
          }
          here += 2;
        } else if (shape.type === 'padTo') {
          const end = at - TLV_HEADER_BYTES + alignUp(here - at + TLV_HEADER_BYTES, shape.multiple);
          fillZero(view, here, end);
          here = end;
        } else {
          const start = here;
          here = codec.encode(parts[names[i]!], view, here);
          if (names[i] === sizedName) view.setUint16(lengthAt, here - start);
        }
      }
      if (selfLengthAt !== undefined) view.setUint16(at + selfLengthAt, here - at);
      return here;
    },
  };
}

function offsetOfSelfLength(codecs: readonly Codec<unknown>[]): number | undefined {
  let offset = 0;
  for (const codec of codecs) {
    if (codec.shape.type === 'length' && codec.shape.of === '') return offset;
    if (!codec.fixed && codec.shape.type !== 'length') return undefined;
    offset += codec.sizeMin;
  }
  return undefined;
}

export function alignUp(length: number, multiple: number): number {
  return Math.ceil(length / multiple) * multiple;
}

/** Values one after the other to the end. */
export function list<T>(item: Codec<T>, lengthError: ErrorName = BAD_LENGTH): Codec<readonly T[]> {
  assert(item.sizeMin > 0, 'an item of a list has a size, or the list would not advance');
  return {
    shape: { type: 'list', item },
    sizeMin: 0,
    fixed: false,
    extent: (_view, _at, end) => end,
    decode(view, at, end) {
      const items: T[] = [];
      let here = at;
      while (here < end) {
        if (here + item.sizeMin > end) {
          throw new WireError(lengthError, here, `${end - here} bytes left, at least ${item.sizeMin} needed`);
        }
        const itemEnd = item.extent(view, here, end);
        items.push(item.decode(view, here, itemEnd));
        here = itemEnd;
      }
      return items;
    },
    encode(items, view, at) {
      let here = at;
      for (let i = 0; i < items.length; i++) here = item.encode(items[i]!, view, here);
      return here;
    },
  };
}

/** As many values as the specification says, no more, no less. */
export function array<T>(item: Codec<T>, count: number): Codec<readonly T[]> {
  assert(item.fixed, 'an array has items of one size');
  return {
    shape: { type: 'array', item, count },
    sizeMin: item.sizeMin * count,
    fixed: true,
    extent: (_view, at) => at + item.sizeMin * count,
    decode: (view, at) =>
      Array.from({ length: count }, (_, i) => item.decode(view, at + i * item.sizeMin, at + (i + 1) * item.sizeMin)),
    encode(items, view, at) {
      assert(items.length === count, 'an array has as many items as its structure says');
      let here = at;
      for (let i = 0; i < count; i++) here = item.encode(items[i]!, view, here);
      return here;
    },
  };
}

export interface Variant<B> {
  readonly id: number;
  readonly body: B;
}

export type Variants = Readonly<Record<string, Variant<StructCodec<unknown>>>>;

/** A TLV of a type that the table does not have, carried through unharmed. */
export interface UnknownTlv {
  readonly type: 'unknown';
  readonly id: number;
  readonly body: Uint8Array;
}

export type UnionOf<V extends Variants> =
  | { [T in keyof V]: { readonly type: T } & ValueOf<V[T]['body']> }[keyof V]
  | UnknownTlv;

export interface UnionOptions {
  readonly lengthError: ErrorName;
  /** Some TLVs are followed by zero bytes up to a multiple of eight that their length does not count. */
  readonly padded?: boolean;
}

/** One of several structures, told apart by a 16-bit type before a 16-bit length that counts these four bytes too. */
export function union<const V extends Variants>(
  variants: V,
  { lengthError, padded = false }: UnionOptions,
): Codec<UnionOf<V>> {
  const byId = new Map(Object.entries(variants).map(([type, variant]) => [variant.id, { type, body: variant.body }]));

  function lengthAt(view: DataView, at: number, end: number): number {
    const length = view.getUint16(at + 2);
    if (length < TLV_HEADER_BYTES) throw new WireError(lengthError, at + 2, `length ${length}, at least 4 needed`);
    if (at + length > end) throw new WireError(lengthError, at + 2, `length ${length}, ${end - at} bytes left`);
    return length;
  }

  return {
    shape: {
      type: 'union',
      variants: Object.fromEntries(Object.entries(variants).map(([type, variant]) => [type, variant.body])),
      unknown: true,
    },
    sizeMin: TLV_HEADER_BYTES,
    fixed: false,
    extent(view, at, end) {
      const length = lengthAt(view, at, end);
      const tlvEnd = at + (padded ? alignUp(length, 8) : length);
      if (tlvEnd > end) throw new WireError(lengthError, at + length, 'ends within its padding');
      return tlvEnd;
    },
    decode(view, at, end) {
      const length = lengthAt(view, at, end);
      const known = byId.get(view.getUint16(at));
      const bodyAt = at + TLV_HEADER_BYTES;
      if (!known) {
        const body = bytesRest.decode(view, bodyAt, at + length);
        return { type: 'unknown', id: view.getUint16(at), body } as UnionOf<V>;
      }
      const value: Record<string, unknown> = { type: known.type };
      known.body.decodeInto(value, view, bodyAt, at + length);
      return value as UnionOf<V>;
    },
    encode(value, view, at) {
      const { type } = value as { type: string };
      const bodyAt = at + TLV_HEADER_BYTES;
      let here: number;
      if (type === 'unknown') {
        const tlv = value as UnknownTlv;
        view.setUint16(at, tlv.id);
        here = bytesRest.encode(tlv.body, view, bodyAt);
      } else {
        const variant = variants[type];
        assert(variant !== undefined, 'the type is a variant of this union');
        view.setUint16(at, variant.id);
        here = variant.body.encode(value, view, bodyAt);
      }
      u16.encode(here - at, view, at + 2);
      const end = padded ? at + alignUp(here - at, 8) : here;
      fillZero(view, here, end);
      return end;
    },
  };
}
