/**
 * One entry of an MPLS label stack (RFC 3032, section 2.1; the traffic class is RFC 5462's). A stack is several layers.
 *
 * Nothing in a stack says what it carries. Like routers do for load balancing (RFC 4928), `frame.ts` looks at the first nibble
 * after the bottom, and takes the guess back when it does not hold.
 */
import { requireOctets } from './octets.ts';

export interface Mpls {
  readonly type: 'mpls';
  readonly label: number;
  /** Absent: zero. */
  readonly trafficClass?: number | undefined;
  readonly bottom: boolean;
  readonly ttl: number;
}

export const MPLS_BYTES = 4;

export const mplsView = {
  headerBytes: (_view: DataView, _at: number): number => MPLS_BYTES,
  label: (view: DataView, at: number): number => view.getUint32(at) >>> 12,
  setLabel: (view: DataView, at: number, label: number): void =>
    view.setUint32(at, (view.getUint32(at) & 0xfff) | (label << 12)),
  trafficClass: (view: DataView, at: number): number => (view.getUint8(at + 2) >> 1) & 7,
  setTrafficClass: (view: DataView, at: number, trafficClass: number): void =>
    view.setUint8(at + 2, (view.getUint8(at + 2) & 0xf1) | ((trafficClass & 7) << 1)),
  bottom: (view: DataView, at: number): boolean => (view.getUint8(at + 2) & 1) !== 0,
  setBottom: (view: DataView, at: number, bottom: boolean): void =>
    view.setUint8(at + 2, (view.getUint8(at + 2) & 0xfe) | (bottom ? 1 : 0)),
  ttl: (view: DataView, at: number): number => view.getUint8(at + 3),
  setTtl: (view: DataView, at: number, ttl: number): void => view.setUint8(at + 3, ttl),
} as const;

export function decodeMpls(view: DataView, at: number, end: number): Mpls {
  requireOctets(at, MPLS_BYTES, end, 'an MPLS label stack entry');
  return {
    type: 'mpls',
    label: mplsView.label(view, at),
    trafficClass: mplsView.trafficClass(view, at),
    bottom: mplsView.bottom(view, at),
    ttl: mplsView.ttl(view, at),
  };
}

export function encodeMpls(value: Mpls, view: DataView, at: number): number {
  const word =
    (value.label << 12) | (((value.trafficClass ?? 0) & 7) << 9) | (value.bottom ? 0x100 : 0) | (value.ttl & 0xff);
  view.setUint32(at, word);
  return at + MPLS_BYTES;
}

export function mplsBytes(_value: Mpls): number {
  return MPLS_BYTES;
}
