/**
 * LLDP, IEEE 802.1AB-2016, clause 8: the list of TLVs.
 *
 * One layer: an LLDPDU owns the rest of its frame. The list is kept as it came: order, doubles and the end TLV
 * included. That the three mandatory TLVs come first is a matter for whoever believes a neighbour; here a message
 * without them must still be readable. What follows the end TLV (Ethernet's filling up to 60 bytes) is the `trailer`.
 * Identifiers are bytes, since their meaning hangs on the subtype; texts go through `utf8.ts`, which loses nothing.
 */
import { decodeUtf8, encodeUtf8 } from '../utf8.ts';
import { type PacketFault, WireError } from '../wire-error.ts';
import { octetsOf, putOctets, requireOctets } from './octets.ts';

export const LLDP_KIND = {
  end: 0,
  'chassis-id': 1,
  'port-id': 2,
  'time-to-live': 3,
  'port-description': 4,
  'system-name': 5,
  'system-description': 6,
  capabilities: 7,
  'management-address': 8,
  organization: 127,
} as const;

export const LLDP_CHASSIS_SUBTYPE = {
  component: 1,
  interfaceAlias: 2,
  port: 3,
  mac: 4,
  address: 5,
  interfaceName: 6,
  local: 7,
} as const;
export const LLDP_PORT_SUBTYPE = {
  interfaceAlias: 1,
  component: 2,
  mac: 3,
  address: 4,
  interfaceName: 5,
  circuit: 6,
  local: 7,
} as const;
export const LLDP_CAPABILITY = {
  other: 1,
  repeater: 2,
  bridge: 4,
  accessPoint: 8,
  router: 16,
  telephone: 32,
  docsis: 64,
  station: 128,
} as const;

export type LldpTlv =
  | { readonly type: 'end' }
  | { readonly type: 'chassis-id' | 'port-id'; readonly subtype: number; readonly id: Uint8Array }
  | { readonly type: 'time-to-live'; readonly seconds: number }
  | { readonly type: 'port-description' | 'system-name' | 'system-description'; readonly text: string }
  | { readonly type: 'capabilities'; readonly supported: number; readonly enabled: number }
  | {
      readonly type: 'management-address';
      /** An IANA address family: 1 is IPv4, 2 is IPv6. */
      readonly subtype: number;
      readonly address: Uint8Array;
      readonly interfaceSubtype: number;
      readonly interfaceNumber: number;
      /** BER, as it came. Empty: none. */
      readonly objectId: Uint8Array;
    }
  | { readonly type: 'organization'; readonly oui: number; readonly subtype: number; readonly data: Uint8Array }
  | { readonly type: 'unknown'; readonly kind: number; readonly data: Uint8Array };

export interface Lldp {
  readonly type: 'lldp';
  readonly tlvs: readonly LldpTlv[];
  /** Absent: none. */
  readonly trailer?: Uint8Array | undefined;
}

const HEAD_BYTES = 2;
/** Nine bits. */
const LENGTH_MAX = 511;

export function decodeLldp(view: DataView, at: number, end: number): Lldp {
  const tlvs: LldpTlv[] = [];
  let here = at;
  let isEnded = false;
  while (here < end && !isEnded) {
    requireOctets(here, HEAD_BYTES, end, 'an LLDP TLV');
    const length = lldpView.tlvBytes(view, here);
    if (here + HEAD_BYTES + length > end) {
      const reason = `an LLDP TLV has length ${length}, ${end - here - HEAD_BYTES} bytes are left`;
      throw new WireError<PacketFault>('BAD_LENGTH', here, reason);
    }
    const tlv = decodeTlv(view, here, here + HEAD_BYTES + length);
    tlvs.push(tlv);
    isEnded = tlv.type === 'end';
    here += HEAD_BYTES + length;
  }
  return { type: 'lldp', tlvs, trailer: octetsOf(view, here, end) };
}

function decodeTlv(view: DataView, at: number, end: number): LldpTlv {
  const kind = lldpView.tlvKind(view, at);
  const body = at + HEAD_BYTES;
  switch (kind) {
    case LLDP_KIND.end:
      requireLength(at, end, 0, 0);
      return { type: 'end' };
    case LLDP_KIND['chassis-id']:
      requireLength(at, end, 2, 256);
      return { type: 'chassis-id', subtype: view.getUint8(body), id: octetsOf(view, body + 1, end) };
    case LLDP_KIND['port-id']:
      requireLength(at, end, 2, 256);
      return { type: 'port-id', subtype: view.getUint8(body), id: octetsOf(view, body + 1, end) };
    case LLDP_KIND['time-to-live']:
      requireLength(at, end, 2, 2);
      return { type: 'time-to-live', seconds: view.getUint16(body) };
    case LLDP_KIND['port-description']:
      return { type: 'port-description', text: decodeUtf8(view, body, end) };
    case LLDP_KIND['system-name']:
      return { type: 'system-name', text: decodeUtf8(view, body, end) };
    case LLDP_KIND['system-description']:
      return { type: 'system-description', text: decodeUtf8(view, body, end) };
    case LLDP_KIND.capabilities:
      requireLength(at, end, 4, 4);
      return { type: 'capabilities', supported: view.getUint16(body), enabled: view.getUint16(body + 2) };
    case LLDP_KIND['management-address']:
      return decodeManagementAddress(view, at, end);
    case LLDP_KIND.organization:
      requireLength(at, end, 4, LENGTH_MAX);
      return {
        type: 'organization',
        oui: view.getUint32(body) >>> 8,
        subtype: view.getUint8(body + 3),
        data: octetsOf(view, body + 4, end),
      };
    default:
      return { type: 'unknown', kind, data: octetsOf(view, body, end) };
  }
}

function requireLength(at: number, end: number, min: number, max: number): void {
  const length = end - at - HEAD_BYTES;
  if (length >= min && length <= max) return;
  const wanted = min === max ? `${min}` : `${min} to ${max}`;
  throw new WireError<PacketFault>('BAD_LENGTH', at, `an LLDP TLV of this kind has ${length} bytes, ${wanted} wanted`);
}

/** Two lengths within: of the address with its subtype, and of the object identifier, which fills the TLV. */
function decodeManagementAddress(view: DataView, at: number, end: number): LldpTlv {
  const body = at + HEAD_BYTES;
  requireLength(at, end, 9, LENGTH_MAX);
  const addressBytes = view.getUint8(body);
  const afterAddress = body + 1 + addressBytes;
  if (addressBytes < 1 || afterAddress + 6 > end) {
    const reason = `an LLDP management address of ${addressBytes} bytes in a TLV of ${end - body}`;
    throw new WireError<PacketFault>('BAD_LENGTH', body, reason);
  }
  const objectIdAt = afterAddress + 6;
  if (objectIdAt + view.getUint8(afterAddress + 5) !== end) {
    const reason = `an LLDP object identifier of ${view.getUint8(afterAddress + 5)} bytes where ${end - objectIdAt} are left`;
    throw new WireError<PacketFault>('BAD_LENGTH', afterAddress + 5, reason);
  }
  return {
    type: 'management-address',
    subtype: view.getUint8(body + 1),
    address: octetsOf(view, body + 2, afterAddress),
    interfaceSubtype: view.getUint8(afterAddress),
    interfaceNumber: view.getUint32(afterAddress + 1),
    objectId: octetsOf(view, objectIdAt, end),
  };
}

export function lldpBytes(value: Lldp): number {
  return value.tlvs.reduce((bytes, tlv) => bytes + HEAD_BYTES + tlvBytes(tlv), value.trailer?.length ?? 0);
}

function tlvBytes(tlv: LldpTlv): number {
  switch (tlv.type) {
    case 'end':
      return 0;
    case 'chassis-id':
    case 'port-id':
      return 1 + tlv.id.length;
    case 'time-to-live':
      return 2;
    case 'port-description':
    case 'system-name':
    case 'system-description':
      return encodeUtf8(tlv.text).length;
    case 'capabilities':
      return 4;
    case 'management-address':
      return 8 + tlv.address.length + tlv.objectId.length;
    case 'organization':
      return 4 + tlv.data.length;
    case 'unknown':
      return tlv.data.length;
  }
}

export function encodeLldp(value: Lldp, view: DataView, at: number): number {
  let here = at;
  for (const tlv of value.tlvs) {
    const length = tlvBytes(tlv);
    if (length > LENGTH_MAX) {
      throw new WireError<PacketFault>('TOO_LARGE', here, `an LLDP TLV of ${length} bytes, ${LENGTH_MAX} is the most`);
    }
    const kind = tlv.type === 'unknown' ? tlv.kind : LLDP_KIND[tlv.type];
    view.setUint16(here, (kind << 9) | length);
    here = encodeTlv(tlv, view, here + HEAD_BYTES);
  }
  return value.trailer ? putOctets(value.trailer, view, here) : here;
}

function encodeTlv(tlv: LldpTlv, view: DataView, at: number): number {
  switch (tlv.type) {
    case 'end':
      return at;
    case 'chassis-id':
    case 'port-id':
      view.setUint8(at, tlv.subtype);
      return putOctets(tlv.id, view, at + 1);
    case 'time-to-live':
      view.setUint16(at, tlv.seconds);
      return at + 2;
    case 'port-description':
    case 'system-name':
    case 'system-description':
      return putOctets(encodeUtf8(tlv.text), view, at);
    case 'capabilities':
      view.setUint16(at, tlv.supported);
      view.setUint16(at + 2, tlv.enabled);
      return at + 4;
    case 'management-address': {
      if (tlv.address.length > 254 || tlv.objectId.length > 255) {
        throw new WireError<PacketFault>(
          'TOO_LARGE',
          at,
          'an LLDP address of 254 bytes, or an object identifier of 255, is the most',
        );
      }
      view.setUint8(at, 1 + tlv.address.length);
      view.setUint8(at + 1, tlv.subtype);
      const here = putOctets(tlv.address, view, at + 2);
      view.setUint8(here, tlv.interfaceSubtype);
      view.setUint32(here + 1, tlv.interfaceNumber);
      view.setUint8(here + 5, tlv.objectId.length);
      return putOctets(tlv.objectId, view, here + 6);
    }
    case 'organization':
      view.setUint32(at, (tlv.oui << 8) | (tlv.subtype & 0xff));
      return putOctets(tlv.data, view, at + 4);
    case 'unknown':
      return putOctets(tlv.data, view, at);
  }
}

export const lldpView = {
  /** The kind of the TLV at `at`; the TLV after it begins `2 + tlvBytes` further on. */
  tlvKind: (view: DataView, at: number): number => view.getUint8(at) >> 1,
  tlvBytes: (view: DataView, at: number): number => view.getUint16(at) & LENGTH_MAX,
} as const;
