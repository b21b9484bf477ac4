/**
 * The header after an 802.3 length: LLC (ISO/IEC 8802-2, 3.2) and, for the access point 0xaa, SNAP (IEEE 802-2014, 9.2).
 *
 * One layer for both, since SNAP is LLC with more bytes. Unnumbered frames have one control byte, all others two; only an
 * unnumbered information frame between the SNAP access points opens a SNAP header.
 */
import { requireOctets } from './octets.ts';

export interface Llc {
  readonly type: 'llc';
  /** Destination and source access point, with the group and the response bit in their lowest bits. */
  readonly dsap: number;
  readonly ssap: number;
  /** One byte, or two with the first one low: either way the two lowest bits tell the format. */
  readonly control: number;
  readonly snap?: Snap | undefined;
}

export interface Snap {
  readonly oui: number;
  /** Under OUI 0 (RFC 1042) and 0x0000f8 (802.1H) a type as in Ethernet II. */
  readonly protocol: number;
}

const SNAP_SAP = 0xaa;
const UNNUMBERED_INFORMATION = 0x03;

export const llcView = {
  headerBytes: (view: DataView, at: number): number => {
    if (llcView.isSnap(view, at)) return 8;
    return isUnnumbered(view.getUint8(at + 2)) ? 3 : 4;
  },
  isSnap: (view: DataView, at: number): boolean =>
    view.getUint8(at) === SNAP_SAP && view.getUint16(at + 1) === ((SNAP_SAP << 8) | UNNUMBERED_INFORMATION),
  dsap: (view: DataView, at: number): number => view.getUint8(at),
  ssap: (view: DataView, at: number): number => view.getUint8(at + 1),
  snapOui: (view: DataView, at: number): number => (view.getUint16(at + 3) << 8) | view.getUint8(at + 5),
  snapProtocol: (view: DataView, at: number): number => view.getUint16(at + 6),
  setSnapProtocol: (view: DataView, at: number, protocol: number): void => view.setUint16(at + 6, protocol),
} as const;

export function decodeLlc(view: DataView, at: number, end: number): Llc {
  requireOctets(at, 3, end, 'an LLC header');
  const dsap = llcView.dsap(view, at);
  const ssap = llcView.ssap(view, at);
  requireOctets(at, llcView.headerBytes(view, at), end, llcView.isSnap(view, at) ? 'a SNAP header' : 'an LLC header');
  if (llcView.isSnap(view, at)) {
    const snap = { oui: llcView.snapOui(view, at), protocol: llcView.snapProtocol(view, at) };
    return { type: 'llc', dsap, ssap, control: UNNUMBERED_INFORMATION, snap };
  }
  const first = view.getUint8(at + 2);
  return { type: 'llc', dsap, ssap, control: isUnnumbered(first) ? first : view.getUint16(at + 2, true) };
}

export function encodeLlc(value: Llc, view: DataView, at: number): number {
  view.setUint8(at, value.dsap);
  view.setUint8(at + 1, value.ssap);
  if (!isUnnumbered(value.control)) {
    view.setUint16(at + 2, value.control, true);
    return at + 4;
  }
  view.setUint8(at + 2, value.control);
  if (!value.snap) return at + 3;
  view.setUint8(at + 3, value.snap.oui >>> 16);
  view.setUint16(at + 4, value.snap.oui & 0xffff);
  view.setUint16(at + 6, value.snap.protocol);
  return at + 8;
}

export function llcBytes(value: Llc): number {
  if (!isUnnumbered(value.control)) return 4;
  return value.snap ? 8 : 3;
}

function isUnnumbered(control: number): boolean {
  return (control & 3) === 3;
}
