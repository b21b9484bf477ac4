/**
 * The Ethernet header (IEEE 802.3-2022, 3.2): two addresses and a field that is a type from 0x600 on and a length up to 1500.
 *
 * Both meanings share `etherType`, because a VLAN tag may stand between the addresses and either of them; a length is what
 * `llc.ts` follows after. Left undefined it is a length, computed from what comes after.
 */
import { getMac, setMac } from '../address.ts';
import { type PacketFault, WireError } from '../wire-error.ts';
import { requireOctets } from './octets.ts';

export interface Ethernet {
  readonly type: 'ethernet';
  readonly dst: number;
  readonly src: number;
  readonly etherType?: number | undefined;
}

export const ETHER_TYPE = {
  ipv4: 0x0800,
  arp: 0x0806,
  rarp: 0x8035,
  vlan: 0x8100,
  ipv6: 0x86dd,
  mpls: 0x8847,
  mplsMulticast: 0x8848,
  serviceVlan: 0x88a8,
  lldp: 0x88cc,
  pbb: 0x88e7,
} as const;

export const ETHERNET_BYTES = 14;

/** The longest length; 1501 to 0x5ff mean nothing. */
export const LENGTH_MAX = 1500;

export const ethernetView = {
  headerBytes: (_view: DataView, _at: number): number => ETHERNET_BYTES,
  dst: (view: DataView, at: number): number => getMac(view, at),
  setDst: (view: DataView, at: number, mac: number): void => setMac(view, at, mac),
  src: (view: DataView, at: number): number => getMac(view, at + 6),
  setSrc: (view: DataView, at: number, mac: number): void => setMac(view, at + 6, mac),
  etherType: (view: DataView, at: number): number => view.getUint16(at + 12),
  setEtherType: (view: DataView, at: number, etherType: number): void => view.setUint16(at + 12, etherType),
} as const;

export function decodeEthernet(view: DataView, at: number, end: number): Ethernet {
  requireOctets(at, ETHERNET_BYTES, end, 'an Ethernet header');
  return {
    type: 'ethernet',
    dst: getMac(view, at),
    src: getMac(view, at + 6),
    etherType: view.getUint16(at + 12),
  };
}

/** `end` is where the layers inside end, for the length of a frame that has no type. */
export function encodeEthernet(value: Ethernet, view: DataView, at: number, end = at + ETHERNET_BYTES): number {
  setMac(view, at, value.dst);
  setMac(view, at + 6, value.src);
  view.setUint16(at + 12, value.etherType ?? lengthUpTo(end, at + ETHERNET_BYTES));
  return at + ETHERNET_BYTES;
}

export function ethernetBytes(_value: Ethernet): number {
  return ETHERNET_BYTES;
}

/** The 802.3 length of what lies between `at` and `end`. */
export function lengthUpTo(end: number, at: number): number {
  if (end - at > LENGTH_MAX) {
    throw new WireError<PacketFault>(
      'TOO_LARGE',
      at,
      `an 802.3 length ends at ${LENGTH_MAX}, ${end - at} bytes follow`,
    );
  }
  return end - at;
}
