/**
 * ICMPv6: RFC 4443 (errors, echo), with the bodies of neighbor discovery and multicast listener discovery from their files.
 *
 * As with ICMP a message takes all of its packet and is one layer, the type follows from the body, and what an error quotes is
 * kept as bytes. The checksum covers a pseudo-header, so `frame.ts` fills it in.
 */
import { decodeMldQuery, decodeMldReport, decodeMldV1, encodeMld, MLD_KIND, type Mld, mldBytes } from './mld.ts';
import {
  decodeNeighborDiscovery,
  encodeNeighborDiscovery,
  NEIGHBOR_DISCOVERY_KIND,
  type NeighborDiscovery,
  neighborDiscoveryBytes,
} from './neighbor-discovery.ts';
import { octetsOf, putOctets, requireOctets } from './octets.ts';

export interface Icmpv6 {
  readonly type: 'icmpv6';
  /** Absent: zero. */
  readonly code?: number | undefined;
  /** Absent: `frame.ts` fills it in. */
  readonly checksum?: number | undefined;
  readonly body: Icmpv6Body;
}

export type Icmpv6Body =
  | {
      readonly type: 'echo-request' | 'echo-reply';
      readonly identifier: number;
      readonly sequence: number;
      readonly data: Uint8Array;
    }
  | Icmpv6Error
  | NeighborDiscovery
  | Mld
  | { readonly type: 'unknown'; readonly kind: number; readonly data: Uint8Array };

export interface Icmpv6Error {
  readonly type: 'unreachable' | 'packet-too-big' | 'time-exceeded' | 'parameter-problem';
  /** The MTU of a packet that was too big, the pointer into one with a problem, else unused. Absent: zero. */
  readonly value?: number | undefined;
  readonly quote: Uint8Array;
}

export const ICMPV6_KIND = {
  unreachable: 1,
  'packet-too-big': 2,
  'time-exceeded': 3,
  'parameter-problem': 4,
  'echo-request': 128,
  'echo-reply': 129,
  ...NEIGHBOR_DISCOVERY_KIND,
  ...MLD_KIND,
} as const satisfies Record<Exclude<Icmpv6Body['type'], 'unknown'>, number>;

const HEADER_BYTES = 4;

export const icmpv6View = {
  headerBytes: (_view: DataView, _at: number): number => HEADER_BYTES,
  kind: (view: DataView, at: number): number => view.getUint8(at),
  setKind: (view: DataView, at: number, kind: number): void => view.setUint8(at, kind),
  code: (view: DataView, at: number): number => view.getUint8(at + 1),
  setCode: (view: DataView, at: number, code: number): void => view.setUint8(at + 1, code),
  checksum: (view: DataView, at: number): number => view.getUint16(at + 2),
  setChecksum: (view: DataView, at: number, checksum: number): void => view.setUint16(at + 2, checksum),
  /** Of echo messages. */
  identifier: (view: DataView, at: number): number => view.getUint16(at + 4),
  setIdentifier: (view: DataView, at: number, identifier: number): void => view.setUint16(at + 4, identifier),
  sequence: (view: DataView, at: number): number => view.getUint16(at + 6),
} as const;

export function decodeIcmpv6(view: DataView, at: number, end: number): Icmpv6 {
  requireOctets(at, HEADER_BYTES, end, 'an ICMPv6 header');
  return {
    type: 'icmpv6',
    code: icmpv6View.code(view, at),
    checksum: icmpv6View.checksum(view, at),
    body: decodeBody(icmpv6View.kind(view, at), view, at + HEADER_BYTES, end),
  };
}

function decodeBody(kind: number, view: DataView, at: number, end: number): Icmpv6Body {
  switch (kind) {
    case ICMPV6_KIND['echo-request']:
      return decodeEcho('echo-request', view, at, end);
    case ICMPV6_KIND['echo-reply']:
      return decodeEcho('echo-reply', view, at, end);
    case ICMPV6_KIND.unreachable:
      return decodeError('unreachable', view, at, end);
    case ICMPV6_KIND['packet-too-big']:
      return decodeError('packet-too-big', view, at, end);
    case ICMPV6_KIND['time-exceeded']:
      return decodeError('time-exceeded', view, at, end);
    case ICMPV6_KIND['parameter-problem']:
      return decodeError('parameter-problem', view, at, end);
    case ICMPV6_KIND['router-solicitation']:
      return decodeNeighborDiscovery('router-solicitation', view, at, end);
    case ICMPV6_KIND['router-advertisement']:
      return decodeNeighborDiscovery('router-advertisement', view, at, end);
    case ICMPV6_KIND['neighbor-solicitation']:
      return decodeNeighborDiscovery('neighbor-solicitation', view, at, end);
    case ICMPV6_KIND['neighbor-advertisement']:
      return decodeNeighborDiscovery('neighbor-advertisement', view, at, end);
    case ICMPV6_KIND.redirect:
      return decodeNeighborDiscovery('redirect', view, at, end);
    case ICMPV6_KIND['mld1-query']:
      return decodeMldQuery(view, at, end);
    case ICMPV6_KIND['mld1-report']:
      return decodeMldV1('mld1-report', view, at, end);
    case ICMPV6_KIND['mld1-done']:
      return decodeMldV1('mld1-done', view, at, end);
    case ICMPV6_KIND['mld2-report']:
      return decodeMldReport(view, at, end);
    default:
      return { type: 'unknown', kind, data: octetsOf(view, at, end) };
  }
}

function decodeEcho(type: 'echo-request' | 'echo-reply', view: DataView, at: number, end: number): Icmpv6Body {
  requireOctets(at, 4, end, 'an ICMPv6 echo message');
  return { type, identifier: view.getUint16(at), sequence: view.getUint16(at + 2), data: octetsOf(view, at + 4, end) };
}

function decodeError(type: Icmpv6Error['type'], view: DataView, at: number, end: number): Icmpv6Error {
  requireOctets(at, 4, end, 'an ICMPv6 error');
  return { type, value: view.getUint32(at), quote: octetsOf(view, at + 4, end) };
}

export function encodeIcmpv6(value: Icmpv6, view: DataView, at: number): number {
  const { body } = value;
  icmpv6View.setKind(view, at, body.type === 'unknown' ? body.kind : ICMPV6_KIND[body.type]);
  icmpv6View.setCode(view, at, value.code ?? 0);
  icmpv6View.setChecksum(view, at, value.checksum ?? 0);
  return encodeBody(body, view, at + HEADER_BYTES);
}

function encodeBody(body: Icmpv6Body, view: DataView, at: number): number {
  switch (body.type) {
    case 'echo-request':
    case 'echo-reply':
      view.setUint16(at, body.identifier);
      view.setUint16(at + 2, body.sequence);
      return putOctets(body.data, view, at + 4);
    case 'unreachable':
    case 'packet-too-big':
    case 'time-exceeded':
    case 'parameter-problem':
      view.setUint32(at, body.value ?? 0);
      return putOctets(body.quote, view, at + 4);
    case 'unknown':
      return putOctets(body.data, view, at);
    case 'router-solicitation':
    case 'router-advertisement':
    case 'neighbor-solicitation':
    case 'neighbor-advertisement':
    case 'redirect':
      return encodeNeighborDiscovery(body, view, at);
    default:
      return encodeMld(body, view, at);
  }
}

export function icmpv6Bytes(value: Icmpv6): number {
  const { body } = value;
  switch (body.type) {
    case 'echo-request':
    case 'echo-reply':
      return HEADER_BYTES + 4 + body.data.length;
    case 'unreachable':
    case 'packet-too-big':
    case 'time-exceeded':
    case 'parameter-problem':
      return HEADER_BYTES + 4 + body.quote.length;
    case 'unknown':
      return HEADER_BYTES + body.data.length;
    case 'router-solicitation':
    case 'router-advertisement':
    case 'neighbor-solicitation':
    case 'neighbor-advertisement':
    case 'redirect':
      return HEADER_BYTES + neighborDiscoveryBytes(body);
    default:
      return HEADER_BYTES + mldBytes(body);
  }
}
