/**
 * The IPv6 header, RFC 8200, section 3; the traffic class as in RFC 2474 (DSCP) and RFC 3168 (ECN).
 *
 * Extension headers are layers of their own (`ipv6-extension.ts`). As in IPv4 the payload length is not held against the bytes
 * that are there; zero before a hop-by-hop header is how a jumbogram looks (RFC 2675), and is read up to the end.
 */
import { type PacketFault, WireError } from '../wire-error.ts';
import { requireOctets } from './octets.ts';

export interface Ipv6 {
  readonly type: 'ipv6';
  /** Absent: zero; so for ECN and the flow label. */
  readonly dscp?: number | undefined;
  readonly ecn?: number | undefined;
  readonly flowLabel?: number | undefined;
  /** What follows the header. Absent: computed. */
  readonly payloadBytes?: number | undefined;
  readonly nextHeader: number;
  readonly hopLimit: number;
  readonly src: bigint;
  readonly dst: bigint;
}

export const IPV6_BYTES = 40;
const LENGTH_MAX = 0xffff;

/** Addresses are bigints; the fast path reads them as four words of 32 bits instead. */
export const ipv6View = {
  headerBytes: (_view: DataView, _at: number): number => IPV6_BYTES,
  version: (view: DataView, at: number): number => view.getUint8(at) >> 4,
  dscp: (view: DataView, at: number): number => (view.getUint16(at) >> 6) & 0x3f,
  setDscp: (view: DataView, at: number, dscp: number): void =>
    view.setUint16(at, (view.getUint16(at) & 0xf03f) | ((dscp & 0x3f) << 6)),
  ecn: (view: DataView, at: number): number => (view.getUint8(at + 1) >> 4) & 3,
  setEcn: (view: DataView, at: number, ecn: number): void =>
    view.setUint8(at + 1, (view.getUint8(at + 1) & 0xcf) | ((ecn & 3) << 4)),
  flowLabel: (view: DataView, at: number): number => view.getUint32(at) & 0xf_ffff,
  setFlowLabel: (view: DataView, at: number, label: number): void =>
    view.setUint32(at, ((view.getUint32(at) & 0xfff0_0000) | (label & 0xf_ffff)) >>> 0),
  payloadBytes: (view: DataView, at: number): number => view.getUint16(at + 4),
  setPayloadBytes: (view: DataView, at: number, bytes: number): void => view.setUint16(at + 4, bytes),
  nextHeader: (view: DataView, at: number): number => view.getUint8(at + 6),
  hopLimit: (view: DataView, at: number): number => view.getUint8(at + 7),
  setHopLimit: (view: DataView, at: number, limit: number): void => view.setUint8(at + 7, limit),
  src: (view: DataView, at: number): bigint => getIpv6(view, at + 8),
  setSrc: (view: DataView, at: number, address: bigint): void => setIpv6(view, at + 8, address),
  dst: (view: DataView, at: number): bigint => getIpv6(view, at + 24),
  setDst: (view: DataView, at: number, address: bigint): void => setIpv6(view, at + 24, address),
  srcWord: (view: DataView, at: number, index: number): number => view.getUint32(at + 8 + 4 * index),
  setSrcWord: (view: DataView, at: number, index: number, word: number): void =>
    view.setUint32(at + 8 + 4 * index, word),
  dstWord: (view: DataView, at: number, index: number): number => view.getUint32(at + 24 + 4 * index),
  setDstWord: (view: DataView, at: number, index: number, word: number): void =>
    view.setUint32(at + 24 + 4 * index, word),
} as const;

export function decodeIpv6(view: DataView, at: number, end: number): Ipv6 {
  requireOctets(at, IPV6_BYTES, end, 'an IPv6 header');
  const version = ipv6View.version(view, at);
  if (version !== 6) throw new WireError<PacketFault>('BAD_VERSION', at, `an IPv6 header says version ${version}`);
  return {
    type: 'ipv6',
    dscp: ipv6View.dscp(view, at),
    ecn: ipv6View.ecn(view, at),
    flowLabel: ipv6View.flowLabel(view, at),
    payloadBytes: ipv6View.payloadBytes(view, at),
    nextHeader: ipv6View.nextHeader(view, at),
    hopLimit: ipv6View.hopLimit(view, at),
    src: ipv6View.src(view, at),
    dst: ipv6View.dst(view, at),
  };
}

/** `end` is where the payload ends, for the payload length. */
export function encodeIpv6(value: Ipv6, view: DataView, at: number, end = at + IPV6_BYTES): number {
  const payloadBytes = value.payloadBytes ?? end - at - IPV6_BYTES;
  if (payloadBytes > LENGTH_MAX) {
    const reason = `an IPv6 payload of ${payloadBytes} bytes, ${LENGTH_MAX} are possible`;
    throw new WireError<PacketFault>('TOO_LARGE', at + 4, reason);
  }
  const trafficClass = (((value.dscp ?? 0) & 0x3f) << 2) | ((value.ecn ?? 0) & 3);
  view.setUint32(at, (0x6000_0000 | (trafficClass << 20) | ((value.flowLabel ?? 0) & 0xf_ffff)) >>> 0);
  ipv6View.setPayloadBytes(view, at, payloadBytes);
  view.setUint8(at + 6, value.nextHeader);
  ipv6View.setHopLimit(view, at, value.hopLimit);
  ipv6View.setSrc(view, at, value.src);
  ipv6View.setDst(view, at, value.dst);
  return at + IPV6_BYTES;
}

export function ipv6Bytes(_value: Ipv6): number {
  return IPV6_BYTES;
}

export function getIpv6(view: DataView, at: number): bigint {
  return (view.getBigUint64(at) << 64n) | view.getBigUint64(at + 8);
}

export function setIpv6(view: DataView, at: number, address: bigint): void {
  view.setBigUint64(at, BigInt.asUintN(64, address >> 64n));
  view.setBigUint64(at + 8, BigInt.asUintN(64, address));
}
