/**
 * Where IP and what it carries stand: RFC 791 and RFC 8200 as OpenFlow 1.3.5, section 7.2.3.8 looks at them.
 *
 * A header that is cut off or contradicts itself is not there, and nothing behind it is: an entry that needs one of its fields
 * does not match. Lengths are IP's own, so the padding of a short frame belongs to nothing. A transport header is there in whole
 * packets and first fragments only, since what stands at its place in later ones is payload.
 */
import { finalIpv4Destination, IP_PROTOCOL, ipv4View } from '../wire/packet/ipv4.ts';
import { decodeIpv4Options } from '../wire/packet/ipv4-option.ts';
import { IPV6_BYTES, ipv6View } from '../wire/packet/ipv6.ts';
import {
  authenticationView,
  decodeRouting,
  FRAGMENT_HEADER_BYTES,
  finalIpv6Destination,
  fragmentView,
  ipv6ExtensionView,
} from '../wire/packet/ipv6-extension.ts';
import { toExtensionBits } from './ipv6-exthdr.ts';

export interface IpLayout {
  readonly version: 4 | 6;
  readonly at: number;
  /** Of the header with its options, of the fixed header in IPv6. */
  readonly headerEnd: number;
  /** Of the packet by its own length, and not behind the frame's. */
  readonly end: number;
  /** A piece of a datagram, first or later. */
  readonly isFragment: boolean;
  /** All of the datagram is here: it is no fragment, and was not cut off. */
  readonly isWhole: boolean;
  /** The byte that says what follows, in IPv6 that of the last extension header. */
  readonly protocolAt: number;
  readonly protocol: number;
  /** The value of the field ipv6_exthdr; 0 in IPv4. */
  readonly extensionBits: number;
  /** No source route is left to travel, so the destination address is the one in the pseudo-header. */
  readonly isDestinationFinal: boolean;
  /** Absent in a later fragment, and behind what cannot be walked. */
  readonly payloadAt?: number | undefined;
}

export interface TransportLayout {
  readonly protocol: number;
  readonly at: number;
  readonly end: number;
  /** As of IP: a checksum over all of it can be told. */
  readonly isWhole: boolean;
}

const IPV4_BYTES_MIN = 20;
/** RFC 791, section 3.1: the two options that are one byte and have no length. */
const OPTION_END = 0;
const OPTION_NO_OP = 1;

export function findIpv4(view: DataView, at: number, frameEnd: number): IpLayout | undefined {
  if (at + IPV4_BYTES_MIN > frameEnd || ipv4View.version(view, at) !== 4) return undefined;
  const headerEnd = at + ipv4View.headerBytes(view, at);
  const end = at + ipv4View.totalBytes(view, at);
  if (headerEnd < at + IPV4_BYTES_MIN || headerEnd > frameEnd || end < headerEnd) return undefined;
  const isLater = ipv4View.fragmentOffsetBytes(view, at) > 0;
  const isFragment = isLater || ipv4View.moreFragments(view, at);
  return {
    version: 4,
    at,
    headerEnd,
    end: Math.min(end, frameEnd),
    isFragment,
    isWhole: !isFragment && end <= frameEnd,
    protocolAt: at + 9,
    protocol: ipv4View.protocol(view, at),
    extensionBits: 0,
    isDestinationFinal: isIpv4DestinationFinal(view, at, headerEnd),
    payloadAt: isLater ? undefined : headerEnd,
  };
}

function isIpv4DestinationFinal(view: DataView, at: number, headerEnd: number): boolean {
  const optionsAt = at + IPV4_BYTES_MIN;
  const options = decodeIpv4Options(view, optionsAt, findOptionsEnd(view, optionsAt, headerEnd));
  // Asked with a destination that no header can have, so that the answer tells whether it was taken.
  const dst = -1;
  return finalIpv4Destination({ type: 'ipv4', ttl: 0, protocol: 0, src: 0, dst, options }) === dst;
}

/**
 * Up to the end of the list, or to an option that leaves the header: options are read in order, so such a one takes nothing from
 * a source route before it, by whose last stop the sender made the checksum.
 */
function findOptionsEnd(view: DataView, from: number, headerEnd: number): number {
  let here = from;
  while (here < headerEnd) {
    const kind = view.getUint8(here);
    if (kind === OPTION_END) return here;
    if (kind === OPTION_NO_OP) {
      here++;
      continue;
    }
    const bytes = here + 1 < headerEnd ? view.getUint8(here + 1) : 0;
    if (bytes < 2 || here + bytes > headerEnd) return here;
    here += bytes;
  }
  return here;
}

export function findIpv6(view: DataView, at: number, frameEnd: number): IpLayout | undefined {
  if (at + IPV6_BYTES > frameEnd || ipv6View.version(view, at) !== 6) return undefined;
  const headerEnd = at + IPV6_BYTES;
  const payloadBytes = ipv6View.payloadBytes(view, at);
  // RFC 2675: a jumbogram has its length in a hop-by-hop option, and is taken to fill the frame.
  const isJumbo = payloadBytes === 0 && ipv6View.nextHeader(view, at) === IP_PROTOCOL.hopByHop;
  const claimedEnd = isJumbo ? frameEnd : headerEnd + payloadBytes;
  const end = Math.min(claimedEnd, frameEnd);
  const chain = walkExtensions(view, at, headerEnd, end);
  return {
    version: 6,
    at,
    headerEnd,
    end,
    isFragment: chain.isFragment,
    isWhole: !chain.isFragment && claimedEnd <= frameEnd,
    protocolAt: chain.protocolAt,
    protocol: view.getUint8(chain.protocolAt),
    extensionBits: toExtensionBits(chain.seen),
    isDestinationFinal: chain.isDestinationFinal,
    payloadAt: chain.payloadAt,
  };
}

interface Chain {
  readonly seen: number[];
  protocolAt: number;
  isFragment: boolean;
  isDestinationFinal: boolean;
  payloadAt: number | undefined;
}

/** Ends at what is no extension header, at one that cannot be seen through, or at one that is cut off: that one is the protocol. */
function walkExtensions(view: DataView, ipAt: number, from: number, end: number): Chain {
  const chain: Chain = {
    seen: [],
    protocolAt: ipAt + 6,
    isFragment: false,
    isDestinationFinal: true,
    payloadAt: undefined,
  };
  let here = from;
  for (;;) {
    const protocol = view.getUint8(chain.protocolAt);
    if (!isExtension(protocol)) {
      chain.payloadAt = here;
      return chain;
    }
    chain.seen.push(protocol);
    if (protocol === IP_PROTOCOL.esp || protocol === IP_PROTOCOL.noNextHeader || here + 8 > end) return chain;
    const next = here + extensionBytes(protocol, view, here);
    if (next > end) return chain;
    if (protocol === IP_PROTOCOL.routing && finalIpv6Destination(decodeRouting(view, here, next)) !== undefined) {
      chain.isDestinationFinal = false;
    }
    chain.protocolAt = here;
    if (protocol === IP_PROTOCOL.fragment) {
      const isLater = fragmentView.offsetBytes(view, here) > 0;
      chain.isFragment ||= isLater || fragmentView.moreFragments(view, here);
      if (isLater) return chain;
    }
    here = next;
  }
}

function isExtension(protocol: number): boolean {
  switch (protocol) {
    case IP_PROTOCOL.hopByHop:
    case IP_PROTOCOL.routing:
    case IP_PROTOCOL.fragment:
    case IP_PROTOCOL.esp:
    case IP_PROTOCOL.ah:
    case IP_PROTOCOL.noNextHeader:
    case IP_PROTOCOL.destinationOptions:
      return true;
    default:
      return false;
  }
}

function extensionBytes(protocol: number, view: DataView, at: number): number {
  if (protocol === IP_PROTOCOL.fragment) return FRAGMENT_HEADER_BYTES;
  if (protocol === IP_PROTOCOL.ah) return authenticationView.headerBytes(view, at);
  return ipv6ExtensionView.headerBytes(view, at);
}

/** The shortest header of each protocol that has fields; the shortest ICMP messages have eight bytes. */
const HEADER_BYTES_MIN: Readonly<Record<4 | 6, ReadonlyMap<number, number>>> = {
  4: new Map([
    [IP_PROTOCOL.tcp, 20],
    [IP_PROTOCOL.udp, 8],
    [IP_PROTOCOL.sctp, 12],
    [IP_PROTOCOL.icmp, 8],
  ]),
  6: new Map([
    [IP_PROTOCOL.tcp, 20],
    [IP_PROTOCOL.udp, 8],
    [IP_PROTOCOL.sctp, 12],
    [IP_PROTOCOL.icmpv6, 8],
  ]),
};

export function findTransport(ip: IpLayout): TransportLayout | undefined {
  const bytesMin = HEADER_BYTES_MIN[ip.version].get(ip.protocol);
  if (ip.payloadAt === undefined || bytesMin === undefined || ip.payloadAt + bytesMin > ip.end) return undefined;
  return { protocol: ip.protocol, at: ip.payloadAt, end: ip.end, isWhole: ip.isWhole };
}
