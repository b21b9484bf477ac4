/**
 * The backbone service instance tag, I-TAG (IEEE 802.1Q-2022, 9.7; first in 802.1ah), after type 0x88e7.
 *
 * The layer is the tag control information alone. What the standard draws as its last twelve bytes, the customer's addresses, is
 * with the type after them an Ethernet header like any other, and is the next layer.
 */
import { requireOctets } from './octets.ts';

export interface Pbb {
  readonly type: 'pbb';
  /** Absent: zero. */
  readonly pcp?: number | undefined;
  /** Absent: false. */
  readonly dei?: boolean | undefined;
  /** Use customer addresses. Absent: false. */
  readonly uca?: boolean | undefined;
  /** Three bits, RES1 and RES2. Absent: zero. */
  readonly reserved?: number | undefined;
  readonly isid: number;
}

export const PBB_BYTES = 4;

export const pbbView = {
  headerBytes: (_view: DataView, _at: number): number => PBB_BYTES,
  pcp: (view: DataView, at: number): number => view.getUint8(at) >> 5,
  dei: (view: DataView, at: number): boolean => (view.getUint8(at) & 0x10) !== 0,
  uca: (view: DataView, at: number): boolean => (view.getUint8(at) & 0x08) !== 0,
  setUca: (view: DataView, at: number, uca: boolean): void =>
    view.setUint8(at, (view.getUint8(at) & 0xf7) | (uca ? 0x08 : 0)),
  isid: (view: DataView, at: number): number => view.getUint32(at) & 0xff_ffff,
  setIsid: (view: DataView, at: number, isid: number): void =>
    view.setUint32(at, ((view.getUint8(at) << 24) | (isid & 0xff_ffff)) >>> 0),
} as const;

export function decodePbb(view: DataView, at: number, end: number): Pbb {
  requireOctets(at, PBB_BYTES, end, 'an I-TAG');
  return {
    type: 'pbb',
    pcp: pbbView.pcp(view, at),
    dei: pbbView.dei(view, at),
    uca: pbbView.uca(view, at),
    reserved: view.getUint8(at) & 7,
    isid: pbbView.isid(view, at),
  };
}

export function encodePbb(value: Pbb, view: DataView, at: number): number {
  const flags = ((value.pcp ?? 0) << 5) | (value.dei ? 0x10 : 0) | (value.uca ? 0x08 : 0) | ((value.reserved ?? 0) & 7);
  view.setUint32(at, ((flags << 24) | (value.isid & 0xff_ffff)) >>> 0);
  return at + PBB_BYTES;
}

export function pbbBytes(_value: Pbb): number {
  return PBB_BYTES;
}
