/**
 * ARP (RFC 826) and RARP (RFC 903, the same packet under type 0x8035 with its own operations).
 *
 * Ethernet with IPv4 is a value of numbers; any other pair of address kinds (Infiniband, IEEE 1394, experiments) keeps its
 * addresses as the bytes between the fixed fields and the end the two lengths give.
 */
import { getMac, setMac } from '../address.ts';
import { octetsOf, putOctets, requireOctets } from './octets.ts';

export interface Arp {
  readonly type: 'arp';
  readonly operation: number;
  readonly senderMac: number;
  readonly senderIp: number;
  readonly targetMac: number;
  readonly targetIp: number;
}

export interface ForeignArp {
  readonly type: 'foreign-arp';
  readonly hardwareType: number;
  readonly protocolType: number;
  readonly hardwareBytes: number;
  readonly protocolBytes: number;
  readonly operation: number;
  /** Sender hardware, sender protocol, target hardware, target protocol; 2 × (hardwareBytes + protocolBytes) in all. */
  readonly addresses: Uint8Array;
}

/** RFC 826 and RFC 903; InARP (RFC 2390) has 8 and 9. */
export const ARP_OPERATION = { request: 1, reply: 2, reverseRequest: 3, reverseReply: 4 } as const;

const FIXED_BYTES = 8;
const ETHERNET_IPV4_BYTES = 28;

export const arpView = {
  headerBytes: (view: DataView, at: number): number =>
    FIXED_BYTES + 2 * (view.getUint8(at + 4) + view.getUint8(at + 5)),
  /** Hardware Ethernet, protocol IPv4, lengths 6 and 4; the accessors below hold only then. */
  isEthernetIpv4: (view: DataView, at: number): boolean =>
    view.getUint32(at) === 0x0001_0800 && view.getUint16(at + 4) === 0x0604,
  operation: (view: DataView, at: number): number => view.getUint16(at + 6),
  setOperation: (view: DataView, at: number, operation: number): void => view.setUint16(at + 6, operation),
  senderMac: (view: DataView, at: number): number => getMac(view, at + 8),
  setSenderMac: (view: DataView, at: number, mac: number): void => setMac(view, at + 8, mac),
  senderIp: (view: DataView, at: number): number => view.getUint32(at + 14),
  setSenderIp: (view: DataView, at: number, ip: number): void => view.setUint32(at + 14, ip),
  targetMac: (view: DataView, at: number): number => getMac(view, at + 18),
  setTargetMac: (view: DataView, at: number, mac: number): void => setMac(view, at + 18, mac),
  targetIp: (view: DataView, at: number): number => view.getUint32(at + 24),
  setTargetIp: (view: DataView, at: number, ip: number): void => view.setUint32(at + 24, ip),
} as const;

export function decodeArp(view: DataView, at: number, end: number): Arp | ForeignArp {
  requireOctets(at, FIXED_BYTES, end, 'an ARP header');
  const headerBytes = arpView.headerBytes(view, at);
  requireOctets(at, headerBytes, end, 'an ARP packet with addresses of these lengths');
  if (!arpView.isEthernetIpv4(view, at)) {
    return {
      type: 'foreign-arp',
      hardwareType: view.getUint16(at),
      protocolType: view.getUint16(at + 2),
      hardwareBytes: view.getUint8(at + 4),
      protocolBytes: view.getUint8(at + 5),
      operation: arpView.operation(view, at),
      addresses: octetsOf(view, at + FIXED_BYTES, at + headerBytes),
    };
  }
  return {
    type: 'arp',
    operation: arpView.operation(view, at),
    senderMac: arpView.senderMac(view, at),
    senderIp: arpView.senderIp(view, at),
    targetMac: arpView.targetMac(view, at),
    targetIp: arpView.targetIp(view, at),
  };
}

export function encodeArp(value: Arp | ForeignArp, view: DataView, at: number): number {
  if (value.type === 'foreign-arp') {
    view.setUint16(at, value.hardwareType);
    view.setUint16(at + 2, value.protocolType);
    view.setUint8(at + 4, value.hardwareBytes);
    view.setUint8(at + 5, value.protocolBytes);
    arpView.setOperation(view, at, value.operation);
    return putOctets(value.addresses, view, at + FIXED_BYTES);
  }
  view.setUint32(at, 0x0001_0800);
  view.setUint16(at + 4, 0x0604);
  arpView.setOperation(view, at, value.operation);
  arpView.setSenderMac(view, at, value.senderMac);
  arpView.setSenderIp(view, at, value.senderIp);
  arpView.setTargetMac(view, at, value.targetMac);
  arpView.setTargetIp(view, at, value.targetIp);
  return at + ETHERNET_IPV4_BYTES;
}

export function arpBytes(value: Arp | ForeignArp): number {
  return value.type === 'arp' ? ETHERNET_IPV4_BYTES : FIXED_BYTES + value.addresses.length;
}
