/**
 * VXLAN, RFC 7348, section 5: a whole Ethernet frame inside UDP port 4789.
 *
 * The header alone; the inner frame is the next layer's. All reserved bits are kept, because the group-policy and
 * generic-protocol extensions live in them and their packets pass through us too.
 */
import { requireOctets } from './octets.ts';

export const VXLAN_BYTES = 8;
export const VXLAN_PORT = 4789;
/** The I flag: the network identifier is valid. */
export const VXLAN_HAS_VNI = 0x08;

export interface Vxlan {
  readonly type: 'vxlan';
  /** The whole first byte. Absent: the I flag alone, as RFC 7348 wants it. */
  readonly flags?: number | undefined;
  /** The VXLAN network identifier, 24 bits. */
  readonly vni: number;
  /** The 24 reserved bits before the identifier. Absent: zero. */
  readonly reservedBefore?: number | undefined;
  /** The eight reserved bits after it. Absent: zero. */
  readonly reservedAfter?: number | undefined;
}

export function decodeVxlan(view: DataView, at: number, end: number): Vxlan {
  requireOctets(at, VXLAN_BYTES, end, 'a VXLAN header');
  return {
    type: 'vxlan',
    flags: vxlanView.flags(view, at),
    vni: vxlanView.vni(view, at),
    reservedBefore: view.getUint32(at) & 0xff_ffff,
    reservedAfter: view.getUint8(at + 7),
  };
}

export function encodeVxlan(value: Vxlan, view: DataView, at: number): number {
  view.setUint32(at, ((value.flags ?? VXLAN_HAS_VNI) << 24) | ((value.reservedBefore ?? 0) & 0xff_ffff));
  view.setUint32(at + 4, (value.vni << 8) | ((value.reservedAfter ?? 0) & 0xff));
  return at + VXLAN_BYTES;
}

export function vxlanBytes(_value: Vxlan): number {
  return VXLAN_BYTES;
}

export const vxlanView = {
  flags: (view: DataView, at: number): number => view.getUint8(at),
  vni: (view: DataView, at: number): number => view.getUint32(at + 4) >>> 8,
  setFlags: (view: DataView, at: number, flags: number): void => view.setUint8(at, flags),
  setVni: (view: DataView, at: number, vni: number): void => view.setUint32(at + 4, (vni << 8) | view.getUint8(at + 7)),
  headerBytes: (_view: DataView, _at: number): number => VXLAN_BYTES,
} as const;
