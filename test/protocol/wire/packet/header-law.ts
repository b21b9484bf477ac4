/** The laws that every header of the packet room keeps, for the tests of each. */
import { expect } from 'vitest';
import { formatHex, parseHex } from '../../../../protocol/wire/hex.ts';
import { WireError } from '../../../../protocol/wire/wire-error.ts';

export interface HeaderCodec<T> {
  decode(view: DataView, at: number, end: number): T;
  encode(value: T, view: DataView, at: number): number;
  bytes(value: T): number;
}

const AT = 3;
const BEHIND = 5;

export function bytesOf(hex: string): Uint8Array {
  const bytes = parseHex(hex);
  if (!bytes) throw new Error(`no hex: ${hex}`);
  return bytes;
}

export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}

/** Written into a buffer that was used before, a value fills exactly the bytes it announced. */
export function encoded<T>(codec: HeaderCodec<T>, value: T): Uint8Array {
  const size = codec.bytes(value);
  const buffer = new Uint8Array(AT + size + BEHIND).fill(0xa5);
  expect(codec.encode(value, viewOf(buffer), AT)).toBe(AT + size);
  expect(formatHex(buffer.slice(0, AT)) + formatHex(buffer.slice(AT + size))).toBe('a5'.repeat(AT + BEHIND));
  return buffer.slice(AT, AT + size);
}

/** What is written is read again. `encode` must not leave a byte to chance: into zeros and into garbage it writes the same. */
export function expectRoundTrip<T>(codec: HeaderCodec<T>, value: T): void {
  const bytes = encoded(codec, value);
  expect(codec.decode(viewOf(bytes), 0, bytes.length)).toEqual(value);
  const clean = new Uint8Array(bytes.length);
  codec.encode(value, viewOf(clean), 0);
  expect(formatHex(clean)).toBe(formatHex(bytes));
}

/** What is read is written again, byte for byte. */
export function expectLossless<T>(codec: HeaderCodec<T>, bytes: Uint8Array): T {
  const value = codec.decode(viewOf(bytes), 0, bytes.length);
  expect(formatHex(encoded(codec, value))).toBe(formatHex(bytes));
  return value;
}

/** The mistake that a decoder finds, with its place; fails when it finds none. */
export function faultOf(decode: HeaderCodec<unknown>['decode'], bytes: Uint8Array): { error: string; at: number } {
  const found = faultOrNothing(decode, viewOf(bytes), bytes.length);
  if (!found) throw new Error('the bytes were read');
  return found;
}

function faultOrNothing(
  decode: HeaderCodec<unknown>['decode'],
  view: DataView,
  end: number,
): { error: string; at: number } | undefined {
  try {
    decode(view, 0, end);
    return undefined;
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    return { error: error.error, at: error.at };
  }
}

/** Cut off anywhere below `headerBytes` a header is a fault at a place within, whether the buffer ends there too or goes on. */
export function expectFaultInEveryCut(
  decode: HeaderCodec<unknown>['decode'],
  bytes: Uint8Array,
  headerBytes = bytes.length,
): void {
  for (let length = 0; length < headerBytes; length++) {
    const alone = faultOrNothing(decode, viewOf(bytes.slice(0, length)), length);
    expect(alone, `cut off after ${length} bytes`).toBeDefined();
    expect(alone!.at).toBeGreaterThanOrEqual(0);
    expect(alone!.at).toBeLessThanOrEqual(length);
    expect(faultOrNothing(decode, viewOf(bytes), length)).toEqual(alone);
  }
}

/** A setter changes its field and nothing else of the value. */
export function expectSetter<T extends object, K extends keyof T>(
  decode: (view: DataView, at: number, end: number) => T,
  bytes: Uint8Array,
  field: K,
  value: NonNullable<T[K]>,
  set: (view: DataView, at: number, value: NonNullable<T[K]>) => void,
): void {
  const copy = bytes.slice();
  const before = decode(viewOf(copy), 0, copy.length);
  set(viewOf(copy), 0, value);
  expect(decode(viewOf(copy), 0, copy.length)).toEqual({ ...before, [field]: value });
}
