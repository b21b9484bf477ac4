/**
 * A VLAN tag (IEEE 802.1Q-2022, 9.6): C-TAG after 0x8100, S-TAG and B-TAG after 0x88a8.
 *
 * A layer starts after its tag protocol identifier, which is the `etherType` of the layer before, and ends with the type of
 * what follows: so one tag is one layer, a stack (QinQ) is several, and each reads alike whatever stands around it.
 */
import { lengthUpTo } from './ethernet.ts';
import { requireOctets } from './octets.ts';

export interface Vlan {
  readonly type: 'vlan';
  /** Absent: zero. */
  readonly pcp?: number | undefined;
  /** Absent: false. */
  readonly dei?: boolean | undefined;
  readonly vid: number;
  /** As in Ethernet: a type, a length, or undefined for a length to be computed. */
  readonly etherType?: number | undefined;
}

export const VLAN_BYTES = 4;

export const vlanView = {
  headerBytes: (_view: DataView, _at: number): number => VLAN_BYTES,
  pcp: (view: DataView, at: number): number => view.getUint8(at) >> 5,
  setPcp: (view: DataView, at: number, pcp: number): void =>
    view.setUint8(at, (view.getUint8(at) & 0x1f) | ((pcp & 7) << 5)),
  dei: (view: DataView, at: number): boolean => (view.getUint8(at) & 0x10) !== 0,
  vid: (view: DataView, at: number): number => view.getUint16(at) & 0xfff,
  setVid: (view: DataView, at: number, vid: number): void =>
    view.setUint16(at, (view.getUint16(at) & 0xf000) | (vid & 0xfff)),
  etherType: (view: DataView, at: number): number => view.getUint16(at + 2),
  setEtherType: (view: DataView, at: number, etherType: number): void => view.setUint16(at + 2, etherType),
} as const;

export function decodeVlan(view: DataView, at: number, end: number): Vlan {
  requireOctets(at, VLAN_BYTES, end, 'a VLAN tag');
  return {
    type: 'vlan',
    pcp: vlanView.pcp(view, at),
    dei: vlanView.dei(view, at),
    vid: vlanView.vid(view, at),
    etherType: vlanView.etherType(view, at),
  };
}

export function encodeVlan(value: Vlan, view: DataView, at: number, end = at + VLAN_BYTES): number {
  view.setUint16(at, ((value.pcp ?? 0) << 13) | (value.dei ? 0x1000 : 0) | (value.vid & 0xfff));
  view.setUint16(at + 2, value.etherType ?? lengthUpTo(end, at + VLAN_BYTES));
  return at + VLAN_BYTES;
}

export function vlanBytes(_value: Vlan): number {
  return VLAN_BYTES;
}
