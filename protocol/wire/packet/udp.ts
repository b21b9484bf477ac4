/**
 * UDP, RFC 768.
 *
 * The header alone: what follows is the next layer's. The length field is not held against the bytes that are there,
 * because a first fragment and a frame cut short by a capture honestly claim more than they carry, and a length of zero
 * is how a jumbogram says "see the IPv6 option" (RFC 2675, section 4). Only lengths that no datagram can have are
 * refused.
 */
import { type PacketFault, WireError } from '../wire-error.ts';
import { requireOctets } from './octets.ts';

export const UDP_BYTES = 8;

export interface Udp {
  readonly type: 'udp';
  readonly srcPort: number;
  readonly dstPort: number;
  /** Header and payload. Absent: `frame.ts`, which knows the payload, fills it in. */
  readonly length?: number | undefined;
  /** Absent: `frame.ts`, which knows the pseudo-header, fills it in. Zero says that the sender computed none. */
  readonly checksum?: number | undefined;
}

export function decodeUdp(view: DataView, at: number, end: number): Udp {
  requireOctets(at, UDP_BYTES, end, 'a UDP header');
  const length = udpView.length(view, at);
  if (length !== 0 && length < UDP_BYTES) {
    throw new WireError<PacketFault>('BAD_LENGTH', at + 4, `UDP length ${length} is shorter than its header`);
  }
  return {
    type: 'udp',
    srcPort: udpView.srcPort(view, at),
    dstPort: udpView.dstPort(view, at),
    length,
    checksum: udpView.checksum(view, at),
  };
}

export function encodeUdp(value: Udp, view: DataView, at: number): number {
  udpView.setSrcPort(view, at, value.srcPort);
  udpView.setDstPort(view, at, value.dstPort);
  udpView.setLength(view, at, value.length ?? 0);
  udpView.setChecksum(view, at, value.checksum ?? 0);
  return at + UDP_BYTES;
}

export function udpBytes(_value: Udp): number {
  return UDP_BYTES;
}

export const udpView = {
  srcPort: (view: DataView, at: number): number => view.getUint16(at),
  dstPort: (view: DataView, at: number): number => view.getUint16(at + 2),
  length: (view: DataView, at: number): number => view.getUint16(at + 4),
  checksum: (view: DataView, at: number): number => view.getUint16(at + 6),
  setSrcPort: (view: DataView, at: number, port: number): void => view.setUint16(at, port),
  setDstPort: (view: DataView, at: number, port: number): void => view.setUint16(at + 2, port),
  setLength: (view: DataView, at: number, length: number): void => view.setUint16(at + 4, length),
  setChecksum: (view: DataView, at: number, checksum: number): void => view.setUint16(at + 6, checksum),
  headerBytes: (_view: DataView, _at: number): number => UDP_BYTES,
} as const;
