/**
 * IPv6 extension headers: RFC 8200, section 4 (hop-by-hop, routing, fragment, destination options) and RFC 4302 (AH); and the
 * eight bytes of ESP that can be read without the key (RFC 4303). AH and ESP are the same headers in IPv4.
 *
 * What a header is, the one before it says, so a layer holds only the number of the next. Lengths are no fields: they follow
 * from the content, which a list that does not fill whole units gets padding behind. ESP ends the walk, its payload is opaque.
 */
import { type PacketFault, WireError } from '../wire-error.ts';
import { getIpv6 } from './ipv6.ts';
import { decodeIpv6Options, encodeIpv6Options, type Ipv6Option, ipv6OptionsBytes } from './ipv6-option.ts';
import { octetsOf, putOctets, putZeros, requireOctets } from './octets.ts';

export interface HopByHop {
  readonly type: 'hop-by-hop';
  readonly nextHeader: number;
  readonly options: readonly Ipv6Option[];
}

export interface DestinationOptions {
  readonly type: 'destination-options';
  readonly nextHeader: number;
  readonly options: readonly Ipv6Option[];
}

export interface Ipv6Routing {
  readonly type: 'routing';
  readonly nextHeader: number;
  readonly routingType: number;
  readonly segmentsLeft: number;
  /** All that the routing type gives a meaning: 4 + 8n bytes. */
  readonly data: Uint8Array;
}

export interface Ipv6Fragment {
  readonly type: 'fragment';
  readonly nextHeader: number;
  /** The byte after the next header. Absent: zero; so for the two bits before the M flag. */
  readonly reserved?: number | undefined;
  readonly reservedBits?: number | undefined;
  /** In bytes; the header counts eights. */
  readonly offsetBytes: number;
  readonly moreFragments: boolean;
  readonly identification: number;
}

export interface AuthenticationHeader {
  readonly type: 'ah';
  readonly nextHeader: number;
  /** Absent: zero. */
  readonly reserved?: number | undefined;
  readonly spi: number;
  readonly sequence: number;
  /** The integrity check value, whole words with its padding. */
  readonly icv: Uint8Array;
}

export interface Esp {
  readonly type: 'esp';
  readonly spi: number;
  readonly sequence: number;
}

export type Ipv6Extension = HopByHop | DestinationOptions | Ipv6Routing | Ipv6Fragment | AuthenticationHeader | Esp;

export const FRAGMENT_HEADER_BYTES = 8;
export const ESP_HEADER_BYTES = 8;
/** One byte of length in units of eight, the first not counted. */
const UNITS_BYTES_MAX = 256 * 8;

/** Hop-by-hop, routing and destination options share this shape. */
export const ipv6ExtensionView = {
  nextHeader: (view: DataView, at: number): number => view.getUint8(at),
  headerBytes: (view: DataView, at: number): number => (view.getUint8(at + 1) + 1) * 8,
} as const;

export const fragmentView = {
  nextHeader: (view: DataView, at: number): number => view.getUint8(at),
  headerBytes: (_view: DataView, _at: number): number => FRAGMENT_HEADER_BYTES,
  offsetBytes: (view: DataView, at: number): number => view.getUint16(at + 2) & 0xfff8,
  moreFragments: (view: DataView, at: number): boolean => (view.getUint16(at + 2) & 1) !== 0,
  identification: (view: DataView, at: number): number => view.getUint32(at + 4),
} as const;

export const authenticationView = {
  nextHeader: (view: DataView, at: number): number => view.getUint8(at),
  /** Words of four bytes, the first two not counted: unlike its neighbours' even in IPv6 (RFC 4302, section 2.2). */
  headerBytes: (view: DataView, at: number): number => (view.getUint8(at + 1) + 2) * 4,
  spi: (view: DataView, at: number): number => view.getUint32(at + 4),
} as const;

export function decodeIpv6OptionsHeader(
  type: 'hop-by-hop' | 'destination-options',
  view: DataView,
  at: number,
  end: number,
): HopByHop | DestinationOptions {
  const headerEnd = unitsEnd(view, at, end, 'an IPv6 options header');
  return { type, nextHeader: view.getUint8(at), options: decodeIpv6Options(view, at + 2, headerEnd) };
}

export function decodeRouting(view: DataView, at: number, end: number): Ipv6Routing {
  const headerEnd = unitsEnd(view, at, end, 'an IPv6 routing header');
  return {
    type: 'routing',
    nextHeader: view.getUint8(at),
    routingType: view.getUint8(at + 2),
    segmentsLeft: view.getUint8(at + 3),
    data: octetsOf(view, at + 4, headerEnd),
  };
}

export function decodeFragment(view: DataView, at: number, end: number): Ipv6Fragment {
  requireOctets(at, FRAGMENT_HEADER_BYTES, end, 'an IPv6 fragment header');
  return {
    type: 'fragment',
    nextHeader: view.getUint8(at),
    reserved: view.getUint8(at + 1),
    reservedBits: (view.getUint8(at + 3) >> 1) & 3,
    offsetBytes: fragmentView.offsetBytes(view, at),
    moreFragments: fragmentView.moreFragments(view, at),
    identification: fragmentView.identification(view, at),
  };
}

export function decodeAuthentication(view: DataView, at: number, end: number): AuthenticationHeader {
  requireOctets(at, 8, end, 'an authentication header');
  const headerBytes = authenticationView.headerBytes(view, at);
  if (headerBytes < 12) {
    throw new WireError<PacketFault>(
      'BAD_LENGTH',
      at + 1,
      `an authentication header of ${headerBytes} bytes, 12 are fixed`,
    );
  }
  requireOctets(at, headerBytes, end, 'an authentication header with its check value');
  return {
    type: 'ah',
    nextHeader: view.getUint8(at),
    reserved: view.getUint16(at + 2),
    spi: authenticationView.spi(view, at),
    sequence: view.getUint32(at + 8),
    icv: octetsOf(view, at + 12, at + headerBytes),
  };
}

export function decodeEsp(view: DataView, at: number, end: number): Esp {
  requireOctets(at, ESP_HEADER_BYTES, end, 'an ESP header');
  return { type: 'esp', spi: view.getUint32(at), sequence: view.getUint32(at + 4) };
}

function unitsEnd(view: DataView, at: number, end: number, what: string): number {
  requireOctets(at, 8, end, what);
  const headerBytes = ipv6ExtensionView.headerBytes(view, at);
  requireOctets(at, headerBytes, end, `${what} of ${headerBytes / 8} units`);
  return at + headerBytes;
}

export function encodeIpv6Extension(value: Ipv6Extension, view: DataView, at: number): number {
  const headerBytes = ipv6ExtensionBytes(value);
  if (headerBytes > (value.type === 'ah' ? 257 * 4 : UNITS_BYTES_MAX)) {
    throw new WireError<PacketFault>('TOO_LARGE', at + 1, `an extension header of ${headerBytes} bytes has no length`);
  }
  switch (value.type) {
    case 'hop-by-hop':
    case 'destination-options': {
      view.setUint8(at, value.nextHeader);
      view.setUint8(at + 1, headerBytes / 8 - 1);
      return putPadding(encodeIpv6Options(value.options, view, at + 2), view, at + headerBytes);
    }
    case 'routing': {
      view.setUint8(at, value.nextHeader);
      view.setUint8(at + 1, headerBytes / 8 - 1);
      view.setUint8(at + 2, value.routingType);
      view.setUint8(at + 3, value.segmentsLeft);
      const here = putOctets(value.data, view, at + 4);
      return putZeros(at + headerBytes - here, view, here);
    }
    case 'fragment':
      view.setUint8(at, value.nextHeader);
      view.setUint8(at + 1, value.reserved ?? 0);
      view.setUint16(
        at + 2,
        (value.offsetBytes & 0xfff8) | (((value.reservedBits ?? 0) & 3) << 1) | (value.moreFragments ? 1 : 0),
      );
      view.setUint32(at + 4, value.identification);
      return at + FRAGMENT_HEADER_BYTES;
    case 'ah': {
      view.setUint8(at, value.nextHeader);
      view.setUint8(at + 1, headerBytes / 4 - 2);
      view.setUint16(at + 2, value.reserved ?? 0);
      view.setUint32(at + 4, value.spi);
      view.setUint32(at + 8, value.sequence);
      const here = putOctets(value.icv, view, at + 12);
      return putZeros(at + headerBytes - here, view, here);
    }
    case 'esp':
      view.setUint32(at, value.spi);
      view.setUint32(at + 4, value.sequence);
      return at + ESP_HEADER_BYTES;
  }
}

export function ipv6ExtensionBytes(value: Ipv6Extension): number {
  switch (value.type) {
    case 'hop-by-hop':
    case 'destination-options':
      return 8 * Math.ceil((2 + ipv6OptionsBytes(value.options)) / 8);
    case 'routing':
      return 8 * Math.ceil((4 + value.data.length) / 8);
    case 'fragment':
      return FRAGMENT_HEADER_BYTES;
    case 'ah':
      return 12 + 4 * Math.ceil(value.icv.length / 4);
    case 'esp':
      return ESP_HEADER_BYTES;
  }
}

/** RFC 8200, section 4.2: Pad1 for one byte, PadN for more. */
function putPadding(at: number, view: DataView, end: number): number {
  if (end - at === 0) return end;
  if (end - at === 1) return putZeros(1, view, at);
  view.setUint8(at, 1);
  view.setUint8(at + 1, end - at - 2);
  return putZeros(end - at - 2, view, at + 2);
}

/** A piece of a packet; a fragment header that says "all of it" (RFC 6946) leaves the packet whole. */
export function isIpv6Fragment(value: Ipv6Fragment): boolean {
  return value.moreFragments || value.offsetBytes > 0;
}

/**
 * The destination that the pseudo-header wants (RFC 8200, section 8.1), when this routing header still has stops to go to and
 * lists them in full: the last of type 0 (RFC 5095 buried it, captures have it), the only one of type 2 (RFC 6275), and of
 * segment routing (RFC 8754) the first, since its list runs backwards.
 */
export function finalIpv6Destination(value: Ipv6Routing): bigint | undefined {
  const { data } = value;
  if (value.segmentsLeft === 0 || data.length < 20) return undefined;
  const view = new DataView(data.buffer, data.byteOffset, data.length);
  if (value.routingType === 4) return getIpv6(view, 4);
  if (value.routingType === 0 || value.routingType === 2) return getIpv6(view, data.length - 16);
  return undefined;
}
