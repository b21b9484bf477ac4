/**
 * Vectors: text over hex, in files that a person can read beside the specification, and the ways in which each is tested.
 *
 *     # what the vector is
 *     its value as text,
 *         which may take several lines
 *         04 0a 0022 00000000      ; lines indented by four spaces or more that are hex alone are its bytes
 *         00*6                     ; six bytes of zero
 *
 * A codec is told apart from a wrong one by four tests (whole; a byte at a time; followed by half a message; written into a
 * buffer full of 0xa5, where forgotten padding shows) and by lies: bytes that are almost right. The first and the last of the
 * four and the lies are here, for any codec; the streams are the business of who has a framer.
 */
import { readFileSync } from 'node:fs';
import { expect } from 'vitest';
import { formatHex, parseHex } from '../protocol/wire/hex.ts';
import { WireError } from '../protocol/wire/wire-error.ts';

export interface Vector {
  readonly name: string;
  readonly text: string;
  readonly bytes: Uint8Array;
}

export interface VectorSubject<T> {
  read(bytes: Uint8Array): T;
  write(value: T, view: DataView, at: number): number;
  toText(value: T): string;
}

export function readVectors(file: URL): Vector[] {
  return readFileSync(file, 'utf8')
    .split(/\n{2,}/)
    .filter((block) => block.startsWith('#') && /^(?!#)/m.test(block.trimEnd()))
    .map(parseVector);
}

const HEX_LINE = /^ {4,}(?:[0-9a-f]{2}|\*\d+|\s)+$/;

function parseVector(block: string): Vector {
  const lines = block.trimEnd().split('\n');
  const name = lines[0]!.replace(/^#\s*/, '');
  const text: string[] = [];
  let hex = '';
  for (const line of lines.slice(1)) {
    const content = line.replace(/\s*;.*$/, '');
    if (HEX_LINE.test(content)) hex += content.replace(/([0-9a-f]{2})\*(\d+)/g, (_, byte, count) => byte.repeat(count));
    else text.push(line.trim());
  }
  const bytes = parseHex(hex);
  if (!bytes) throw new Error(`${name}: not hex: ${hex}`);
  return { name, text: text.join(' ').replace(/([([]) /g, '$1'), bytes };
}

type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json };

const BARE = /^[\w.:/+-]+$/;

/** JSON without its noise: `type(name=value, …)` for what has a type, `field=value/mask` for a match field. */
export function formatCompact(json: Json): string {
  if (typeof json === 'string') return BARE.test(json) ? json : JSON.stringify(json);
  if (typeof json !== 'object' || json === null) return String(json);
  if (Array.isArray(json)) return `[${json.map(formatCompact).join(', ')}]`;
  const { type, ...parts } = json as { readonly [name: string]: Json };
  if ('field' in parts && 'value' in parts) {
    const field = parts.header === undefined ? parts.field : `${parts.field}(${parts.header})`;
    return `${field}=${formatCompact(parts.value!)}${parts.mask === undefined ? '' : `/${formatCompact(parts.mask)}`}`;
  }
  const inner = Object.entries(parts).map(([name, value]) => `${name}=${formatCompact(value)}`);
  return `${type ?? ''}(${inner.join(', ')})`;
}

/** Whole: these bytes say this text, and this value these bytes, even in a buffer that was used before. */
export function expectBothWays<T>(vector: Vector, subject: VectorSubject<T>): void {
  const value = subject.read(vector.bytes);
  expect(subject.toText(value)).toBe(vector.text);
  expect(formatHex(writeDirty(value, subject))).toBe(formatHex(vector.bytes));
}

const DIRT = 0xa5;
const MARGIN_BYTES = 16;
const dirty = new Uint8Array(2 * 0x10000);
/** How far the buffer was used: the rest is still dirty. */
let cleanBytes = dirty.length;

/** The bytes written into the middle of dirt; whoever writes outside of what he says he wrote is found out. */
export function writeDirty<T>(value: T, subject: Pick<VectorSubject<T>, 'write'>): Uint8Array {
  dirty.fill(DIRT, 0, cleanBytes);
  cleanBytes = dirty.length;
  const end = subject.write(value, new DataView(dirty.buffer), MARGIN_BYTES);
  cleanBytes = end + MARGIN_BYTES;
  const isDirt = (byte: number) => byte === DIRT;
  expect(dirty.subarray(0, MARGIN_BYTES).every(isDirt), 'nothing is written before the value').toBe(true);
  expect(dirty.subarray(end, end + MARGIN_BYTES).every(isDirt), 'nothing is written behind the value').toBe(true);
  return dirty.slice(MARGIN_BYTES, end);
}

export interface Lie {
  readonly name: string;
  readonly bytes: Uint8Array;
  /** Cut off; cut off with a length that fits; two bytes changed. */
  readonly kind: 'cut' | 'fitted' | 'changed';
  /** Where it was cut or changed. */
  readonly at: number;
}

/**
 * Bytes that are almost right: cut off at every length, as it is and with the message's own length made to fit (`refit`), and every
 * sixteen bits, at odd places too, one more, one less, zero and all ones. Whatever is a length in them, nested however deep,
 * of one byte or of two, is among these.
 */
export function* lies(bytes: Uint8Array, refit?: (bytes: Uint8Array) => void): Generator<Lie> {
  for (let length = 0; length < bytes.length; length++) {
    yield { name: `cut off at ${length}`, bytes: bytes.slice(0, length), kind: 'cut', at: length };
    if (!refit) continue;
    const fitted = bytes.slice(0, length);
    refit(fitted);
    yield { name: `cut off at ${length}, with a length that fits`, bytes: fitted, kind: 'fitted', at: length };
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 0; at + 2 <= bytes.length; at++) {
    const true16 = view.getUint16(at);
    for (const lie of new Set([true16 - 1, true16 + 1, 0, 0xffff].map((value) => value & 0xffff))) {
      if (lie === true16) continue;
      const lying = bytes.slice();
      new DataView(lying.buffer).setUint16(at, lie);
      yield { name: `${lie} at ${at}, where ${true16} was`, bytes: lying, kind: 'changed', at };
    }
  }
}

/**
 * A value that can be written and read again, or a `WireError` with its place: there is no third way. Where `keepsLength` says so
 * of the value, nothing may be passed over: what was read from so many bytes is written as so many.
 */
export function expectReadOrRefused<T>(
  { name, bytes }: Pick<Lie, 'name' | 'bytes'>,
  subject: VectorSubject<T>,
  keepsLength: (value: T) => boolean = () => false,
): 'read' | 'refused' {
  let value: T;
  try {
    value = subject.read(bytes);
  } catch (error) {
    if (!(error instanceof WireError)) throw new Error(`${name}: ${formatHex(bytes)}`, { cause: error });
    expect(error.at, `${name}: ${error.message}`).toBeGreaterThanOrEqual(0);
    expect(error.at, `${name}: ${error.message}`).toBeLessThanOrEqual(bytes.length);
    return 'refused';
  }
  const written = writeDirty(value, subject);
  if (keepsLength(value)) expect(written.length, `${name}: ${formatHex(bytes)}`).toBe(bytes.length);
  expect(subject.toText(subject.read(written)), name).toBe(subject.toText(value));
  return 'read';
}
