/**
 * The tests that every codec of packets passes: its vectors both ways, at any place of a buffer, and lies about them.
 *
 * Lossless is tested on the lies too: whatever is accepted, however odd, is given back byte for byte. DNS, which has no
 * such law, says `isLossless: false` and is held to reading again what it wrote.
 */
import { expect, test } from 'vitest';
import { formatHex } from '../../../../protocol/wire/hex.ts';
import { WireError } from '../../../../protocol/wire/wire-error.ts';
import { expectBothWays, expectReadOrRefused, lies, readVectors, writeDirty } from '../../../vector.ts';
import { toText } from './application-text.ts';

export interface PacketCodec<T extends object> {
  decode(view: DataView, at: number, end: number): T;
  encode(value: T, view: DataView, at: number): number;
  bytes(value: T): number;
  readonly isLossless?: boolean;
}

export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

export function testCodec<T extends object>(file: string, codec: PacketCodec<T>): void {
  const vectors = readVectors(new URL(`vectors/${file}.txt`, import.meta.url));
  const subject = {
    read: (bytes: Uint8Array) => codec.decode(viewOf(bytes), 0, bytes.length),
    write: codec.encode,
    toText,
  };
  expect(vectors.length, `${file}.txt has vectors`).toBeGreaterThan(0);

  test.each(vectors)('bytes and value say the same: $name', (vector) => {
    expectBothWays(vector, subject);
  });

  test.each(vectors)('the size is told before it is written: $name', (vector) => {
    expect(codec.bytes(subject.read(vector.bytes))).toBe(vector.bytes.length);
  });

  test.each(vectors)('neither the place in the buffer nor what lies around it matters: $name', ({ bytes, text }) => {
    const around = new Uint8Array(bytes.length + 64).fill(0xff);
    around.set(bytes, 33);
    expect(toText(codec.decode(viewOf(around), 33, 33 + bytes.length))).toBe(text);
  });

  test.each(vectors)('a lie is refused with its place, or read and given back: $name', ({ bytes }) => {
    for (const lie of lies(bytes)) {
      if (expectReadOrRefused(lie, subject) === 'refused' || codec.isLossless === false) continue;
      const value = subject.read(lie.bytes);
      const again = writeDirty(value, subject);
      expect(formatHex(again), lie.name).toBe(formatHex(lie.bytes.subarray(0, again.length)));
    }
  });
}

/** Every length but the whole is refused: for what has no shorter form. */
export function expectTruncationsRefused(bytes: Uint8Array, read: (bytes: Uint8Array) => unknown): void {
  for (let length = 0; length < bytes.length; length++) {
    expect(() => read(bytes.slice(0, length)), `cut off at ${length}`).toThrow(WireError);
  }
}

export function encodeToBytes<T extends object>(codec: PacketCodec<T>, value: T): Uint8Array {
  const bytes = new Uint8Array(codec.bytes(value));
  expect(codec.encode(value, viewOf(bytes), 0)).toBe(bytes.length);
  return bytes;
}
