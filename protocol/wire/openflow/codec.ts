/**
 * What a codec is, and the fixed-size ones: integers, addresses, padding, names (OpenFlow 1.3.5, section 7: all of it big-endian).
 *
 * A codec reads and writes one value at an offset of a DataView that belongs to somebody else: one view per receive buffer, one
 * arena per writer, offsets passed along. Nothing here checks a length: `struct`, `list` and `union` do, once, against the end
 * they were given, before a field is read. Numbers are written as their low bits; whether a value fits its field is the business
 * of `validate` and of the text parsers.
 *
 * Its `shape` says the same as data. JSON, labels and the tests' arbitraries derive from it, so a message is described once.
 */

import { getMac, setMac } from '../address.ts';
import { decodeUtf8, encodeUtf8 } from '../utf8.ts';
import { assert } from '../wire-error.ts';

export interface Codec<T> {
  readonly shape: Shape;
  /** Bytes that any value takes at least; exactly these when the codec is fixed. */
  readonly sizeMin: number;
  readonly fixed: boolean;
  /** Where the value that starts at `at` ends, not beyond `end`. Called with at least `sizeMin` bytes to read. */
  extent(view: DataView, at: number, end: number): number;
  /** Reads the value that fills `at`..`end` exactly. */
  decode(view: DataView, at: number, end: number): T;
  /** Writes the value at `at`, every byte of it, padding included, and tells where it ends. */
  encode(value: T, view: DataView, at: number): number;
}

export type ValueOf<C> = C extends Codec<infer T> ? T : never;

export type Shape =
  | { readonly type: 'uint'; readonly bits: 8 | 16 | 24 | 32 }
  | { readonly type: 'uint64' }
  | { readonly type: 'mac' | 'ipv4' | 'ipv6' }
  | { readonly type: 'pad'; readonly length: number }
  | { readonly type: 'padTo'; readonly multiple: number }
  | { readonly type: 'length'; readonly of: string }
  | { readonly type: 'text'; readonly length: number }
  | { readonly type: 'bytes'; readonly length: number | 'rest' }
  | { readonly type: 'struct'; readonly fields: Readonly<Record<string, Codec<unknown>>> }
  | { readonly type: 'list'; readonly item: Codec<unknown> }
  | { readonly type: 'array'; readonly item: Codec<unknown>; readonly count: number }
  | { readonly type: 'union'; readonly variants: Readonly<Record<string, Codec<unknown>>>; readonly unknown: boolean }
  | { readonly type: 'oxm' | 'oxmId' | 'match' };

function fixed<T>(
  shape: Shape,
  size: number,
  decode: (view: DataView, at: number) => T,
  encode: (value: T, view: DataView, at: number) => number,
): Codec<T> {
  return { shape, sizeMin: size, fixed: true, extent: (_view, at) => at + size, decode, encode };
}

export const u8 = fixed(
  { type: 'uint', bits: 8 },
  1,
  (view, at) => view.getUint8(at),
  (value, view, at) => {
    view.setUint8(at, value);
    return at + 1;
  },
);

export const u16 = fixed(
  { type: 'uint', bits: 16 },
  2,
  (view, at) => view.getUint16(at),
  (value, view, at) => {
    view.setUint16(at, value);
    return at + 2;
  },
);

export const u24 = fixed(
  { type: 'uint', bits: 24 },
  3,
  (view, at) => view.getUint16(at) * 0x100 + view.getUint8(at + 2),
  (value, view, at) => {
    view.setUint16(at, value >>> 8);
    view.setUint8(at + 2, value);
    return at + 3;
  },
);

export const u32 = fixed(
  { type: 'uint', bits: 32 },
  4,
  (view, at) => view.getUint32(at),
  (value, view, at) => {
    view.setUint32(at, value);
    return at + 4;
  },
);

export const u64 = fixed(
  { type: 'uint64' },
  8,
  (view, at) => view.getBigUint64(at),
  (value, view, at) => {
    view.setBigUint64(at, value);
    return at + 8;
  },
);

export const ipv4: Codec<number> = { ...u32, shape: { type: 'ipv4' } };

export const ipv6 = fixed(
  { type: 'ipv6' },
  16,
  (view, at) => (view.getBigUint64(at) << 64n) | view.getBigUint64(at + 8),
  (value, view, at) => {
    view.setBigUint64(at, value >> 64n);
    view.setBigUint64(at + 8, value);
    return at + 16;
  },
);

export const mac = fixed({ type: 'mac' }, 6, getMac, (value, view, at) => {
  setMac(view, at, value);
  return at + 6;
});

/** Bytes that mean nothing: skipped on the way in, zero on the way out. */
export function pad(length: number): Codec<never> {
  return fixed<never>(
    { type: 'pad', length },
    length,
    () => undefined as never,
    (_value, view, at) => fillZero(view, at, at + length),
  );
}

/** Writes zeros up to `end`, and answers `end`. */
export function fillZero(view: DataView, at: number, end: number): number {
  for (let i = at; i < end; i++) view.setUint8(i, 0);
  return end;
}

/** A name in a field of `length` bytes, ended by the first zero byte if it is shorter. */
export function text(length: number): Codec<string> {
  return fixed<string>(
    { type: 'text', length },
    length,
    (view, at) => {
      let end = at;
      while (end < at + length && view.getUint8(end) !== 0) end++;
      return decodeUtf8(view, at, end);
    },
    (value, view, at) => {
      const bytes = encodeUtf8(value);
      assert(bytes.length <= length, 'a name fits its field');
      setBytes(view, at, bytes);
      return fillZero(view, at + bytes.length, at + length);
    },
  );
}

/** All bytes to the end, as a view on the buffer that they arrived in: whoever reuses that buffer copies them first. */
export const bytesRest: Codec<Uint8Array> = {
  shape: { type: 'bytes', length: 'rest' },
  sizeMin: 0,
  fixed: false,
  extent: (_view, _at, end) => end,
  decode: getBytes,
  encode: (value, view, at) => {
    setBytes(view, at, value);
    return at + value.length;
  },
};

export function getBytes(view: DataView, at: number, end: number): Uint8Array {
  return new Uint8Array(view.buffer, view.byteOffset + at, end - at);
}

export function setBytes(view: DataView, at: number, bytes: Uint8Array): void {
  new Uint8Array(view.buffer, view.byteOffset + at, bytes.length).set(bytes);
}
