/**
 * The IPv4 header, RFC 791, section 3.1; the second byte as in RFC 2474 (DSCP) and RFC 3168 (ECN).
 *
 * The header length is no field: it follows from the options, which are kept to the last filler byte (`ipv4-option.ts`). The
 * total length is not held against the bytes that are there, since a frame cut short by a capture and the quotation in an ICMP
 * error honestly claim more than they carry; only a length that no packet can have is refused.
 */
import { type PacketFault, WireError } from '../wire-error.ts';
import { checksumOf } from './checksum.ts';
import { decodeIpv4Options, encodeIpv4Options, type Ipv4Option, ipv4OptionsBytes } from './ipv4-option.ts';
import { putZeros, requireOctets } from './octets.ts';

export interface Ipv4 {
  readonly type: 'ipv4';
  /** Absent: zero; so for every optional field but the two that are computed. */
  readonly dscp?: number | undefined;
  readonly ecn?: number | undefined;
  /** Header and payload. Absent: computed. */
  readonly totalBytes?: number | undefined;
  readonly identification?: number | undefined;
  /** The first of the three flag bits, which has no meaning (but see RFC 3514). */
  readonly reserved?: boolean | undefined;
  readonly dontFragment?: boolean | undefined;
  readonly moreFragments?: boolean | undefined;
  /** In bytes; the header counts eights. */
  readonly fragmentOffsetBytes?: number | undefined;
  readonly ttl: number;
  readonly protocol: number;
  /** Absent: computed. */
  readonly checksum?: number | undefined;
  readonly src: number;
  readonly dst: number;
  readonly options?: readonly Ipv4Option[] | undefined;
}

/** Protocol numbers and, in IPv6, next headers: one registry for both. */
export const IP_PROTOCOL = {
  hopByHop: 0,
  icmp: 1,
  igmp: 2,
  ipv4: 4,
  tcp: 6,
  udp: 17,
  ipv6: 41,
  routing: 43,
  fragment: 44,
  esp: 50,
  ah: 51,
  icmpv6: 58,
  noNextHeader: 59,
  destinationOptions: 60,
  sctp: 132,
} as const;

const FIXED_BYTES = 20;
/** Four bits of header length: fifteen words, five of them fixed. */
const OPTIONS_BYTES_MAX = 40;
const LENGTH_MAX = 0xffff;
const DONT_FRAGMENT = 0x4000;
const MORE_FRAGMENTS = 0x2000;

export const ipv4View = {
  headerBytes: (view: DataView, at: number): number => (view.getUint8(at) & 15) * 4,
  version: (view: DataView, at: number): number => view.getUint8(at) >> 4,
  dscp: (view: DataView, at: number): number => view.getUint8(at + 1) >> 2,
  setDscp: (view: DataView, at: number, dscp: number): void =>
    view.setUint8(at + 1, (view.getUint8(at + 1) & 3) | (dscp << 2)),
  ecn: (view: DataView, at: number): number => view.getUint8(at + 1) & 3,
  setEcn: (view: DataView, at: number, ecn: number): void =>
    view.setUint8(at + 1, (view.getUint8(at + 1) & 0xfc) | (ecn & 3)),
  totalBytes: (view: DataView, at: number): number => view.getUint16(at + 2),
  setTotalBytes: (view: DataView, at: number, bytes: number): void => view.setUint16(at + 2, bytes),
  identification: (view: DataView, at: number): number => view.getUint16(at + 4),
  dontFragment: (view: DataView, at: number): boolean => (view.getUint16(at + 6) & DONT_FRAGMENT) !== 0,
  moreFragments: (view: DataView, at: number): boolean => (view.getUint16(at + 6) & MORE_FRAGMENTS) !== 0,
  fragmentOffsetBytes: (view: DataView, at: number): number => (view.getUint16(at + 6) & 0x1fff) * 8,
  ttl: (view: DataView, at: number): number => view.getUint8(at + 8),
  setTtl: (view: DataView, at: number, ttl: number): void => view.setUint8(at + 8, ttl),
  protocol: (view: DataView, at: number): number => view.getUint8(at + 9),
  checksum: (view: DataView, at: number): number => view.getUint16(at + 10),
  setChecksum: (view: DataView, at: number, checksum: number): void => view.setUint16(at + 10, checksum),
  src: (view: DataView, at: number): number => view.getUint32(at + 12),
  setSrc: (view: DataView, at: number, address: number): void => view.setUint32(at + 12, address),
  dst: (view: DataView, at: number): number => view.getUint32(at + 16),
  setDst: (view: DataView, at: number, address: number): void => view.setUint32(at + 16, address),
} as const;

export function decodeIpv4(view: DataView, at: number, end: number): Ipv4 {
  requireOctets(at, FIXED_BYTES, end, 'an IPv4 header');
  const version = ipv4View.version(view, at);
  if (version !== 4) throw new WireError<PacketFault>('BAD_VERSION', at, `an IPv4 header says version ${version}`);
  const headerBytes = ipv4View.headerBytes(view, at);
  if (headerBytes < FIXED_BYTES) {
    throw new WireError<PacketFault>(
      'BAD_LENGTH',
      at,
      `IPv4 header length of ${headerBytes} bytes, at least 20 needed`,
    );
  }
  requireOctets(at, headerBytes, end, 'an IPv4 header with its options');
  const totalBytes = ipv4View.totalBytes(view, at);
  if (totalBytes < headerBytes) {
    const reason = `IPv4 total length ${totalBytes} is shorter than its header of ${headerBytes}`;
    throw new WireError<PacketFault>('BAD_LENGTH', at + 2, reason);
  }
  return {
    type: 'ipv4',
    dscp: ipv4View.dscp(view, at),
    ecn: ipv4View.ecn(view, at),
    totalBytes,
    identification: ipv4View.identification(view, at),
    reserved: (view.getUint8(at + 6) & 0x80) !== 0,
    dontFragment: ipv4View.dontFragment(view, at),
    moreFragments: ipv4View.moreFragments(view, at),
    fragmentOffsetBytes: ipv4View.fragmentOffsetBytes(view, at),
    ttl: ipv4View.ttl(view, at),
    protocol: ipv4View.protocol(view, at),
    checksum: ipv4View.checksum(view, at),
    src: ipv4View.src(view, at),
    dst: ipv4View.dst(view, at),
    options: decodeIpv4Options(view, at + FIXED_BYTES, at + headerBytes),
  };
}

/** `end` is where the payload ends, for the total length. */
export function encodeIpv4(value: Ipv4, view: DataView, at: number, end = at + ipv4Bytes(value)): number {
  const options = value.options ?? [];
  const headerBytes = ipv4Bytes(value);
  if (headerBytes > FIXED_BYTES + OPTIONS_BYTES_MAX) {
    const reason = `IPv4 options of ${ipv4OptionsBytes(options)} bytes, the header has room for ${OPTIONS_BYTES_MAX}`;
    throw new WireError<PacketFault>('TOO_LARGE', at + FIXED_BYTES, reason);
  }
  const totalBytes = value.totalBytes ?? end - at;
  if (totalBytes > LENGTH_MAX) {
    throw new WireError<PacketFault>(
      'TOO_LARGE',
      at + 2,
      `an IPv4 packet of ${totalBytes} bytes, ${LENGTH_MAX} are possible`,
    );
  }
  const flags =
    (value.reserved ? 0x8000 : 0) |
    (value.dontFragment ? DONT_FRAGMENT : 0) |
    (value.moreFragments ? MORE_FRAGMENTS : 0);
  view.setUint8(at, 0x40 | (headerBytes / 4));
  view.setUint8(at + 1, ((value.dscp ?? 0) << 2) | ((value.ecn ?? 0) & 3));
  ipv4View.setTotalBytes(view, at, totalBytes);
  view.setUint16(at + 4, value.identification ?? 0);
  view.setUint16(at + 6, flags | (((value.fragmentOffsetBytes ?? 0) / 8) & 0x1fff));
  ipv4View.setTtl(view, at, value.ttl);
  view.setUint8(at + 9, value.protocol);
  ipv4View.setChecksum(view, at, value.checksum ?? 0);
  ipv4View.setSrc(view, at, value.src);
  ipv4View.setDst(view, at, value.dst);
  const here = encodeIpv4Options(options, view, at + FIXED_BYTES);
  putZeros(at + headerBytes - here, view, here);
  if (value.checksum === undefined) ipv4View.setChecksum(view, at, checksumOf(view, at, at + headerBytes));
  return at + headerBytes;
}

export function ipv4Bytes(value: Ipv4): number {
  return FIXED_BYTES + 4 * Math.ceil(ipv4OptionsBytes(value.options ?? []) / 4);
}

/** A piece of a datagram: what it carries may start in the middle, and a checksum over it cannot be told. */
export function isIpv4Fragment(value: Ipv4): boolean {
  return value.moreFragments === true || (value.fragmentOffsetBytes ?? 0) > 0;
}

/** Where the packet goes in the end, which the pseudo-header wants: the last stop of a source route not yet travelled. */
export function finalIpv4Destination(value: Ipv4): number {
  for (const option of value.options ?? []) {
    if (option.type !== 'loose-route' && option.type !== 'strict-route') continue;
    const pending = option.pointer <= 3 + 4 * option.addresses.length;
    return pending ? (option.addresses.at(-1) ?? value.dst) : value.dst;
  }
  return value.dst;
}
