/**
 * Runs of bytes within a packet: the check before they are read, and how they are handed out and put back.
 *
 * A run is handed out as a view of the buffer it arrived in (no copy: most of them are only passed on or looked at once).
 * Whoever keeps a packet for longer than the buffer lives copies it.
 */
import { type PacketFault, WireError } from '../wire-error.ts';

/** Throws unless `count` bytes are left before `end`. */
export function requireOctets(at: number, count: number, end: number, what: string): void {
  if (end - at >= count) return;
  throw new WireError<PacketFault>('TRUNCATED', at, `${what} needs ${count} bytes, ${Math.max(0, end - at)} are left`);
}

export function octetsOf(view: DataView, at: number, end: number): Uint8Array {
  return new Uint8Array(view.buffer, view.byteOffset + at, end - at);
}

export function putOctets(bytes: Uint8Array, view: DataView, at: number): number {
  octetsOf(view, at, at + bytes.length).set(bytes);
  return at + bytes.length;
}

export function putZeros(count: number, view: DataView, at: number): number {
  octetsOf(view, at, at + count).fill(0);
  return at + count;
}

export function areZero(view: DataView, at: number, end: number): boolean {
  for (let i = at; i < end; i++) if (view.getUint8(i) !== 0) return false;
  return true;
}
