/**
 * ICMP: RFC 792 (all but the deprecated kinds), RFC 1191, section 4 (next-hop MTU).
 *
 * A message takes all of its packet, so it is one layer: what an error quotes is kept as bytes, since it is a packet cut off
 * anywhere; `ipv4View` reads the header at its start. The ICMP type follows from the body. Bytes that a kind leaves unused are
 * fields, as later documents put lengths and pointers there (RFC 4884).
 */
import { checksumOf } from './checksum.ts';
import { octetsOf, putOctets, requireOctets } from './octets.ts';

export interface Icmp {
  readonly type: 'icmp';
  /** Absent: zero. */
  readonly code?: number | undefined;
  /** Absent: computed. */
  readonly checksum?: number | undefined;
  readonly body: IcmpBody;
}

export type IcmpBody =
  | {
      readonly type: 'echo-request' | 'echo-reply';
      readonly identifier: number;
      readonly sequence: number;
      readonly data: Uint8Array;
    }
  | {
      readonly type: 'unreachable';
      /** Two bytes, the second of which RFC 4884 made the length of the quote in words. Absent: zero. */
      readonly unused?: number | undefined;
      /** Of the link that was too small for a packet that must not be fragmented (code 4). Absent: zero. */
      readonly nextHopMtu?: number | undefined;
      readonly quote: Uint8Array;
    }
  /** `unused` has four bytes here. */
  | { readonly type: 'time-exceeded'; readonly unused?: number | undefined; readonly quote: Uint8Array }
  | { readonly type: 'redirect'; readonly gateway: number; readonly quote: Uint8Array }
  | {
      readonly type: 'parameter-problem';
      /** The offset in the quoted header that is at fault. */
      readonly pointer: number;
      /** Three bytes. */
      readonly unused?: number | undefined;
      readonly quote: Uint8Array;
    }
  | {
      readonly type: 'timestamp-request' | 'timestamp-reply';
      readonly identifier: number;
      readonly sequence: number;
      /** Since midnight UT; the highest bit says that it is something else. */
      readonly originateMs: number;
      readonly receiveMs: number;
      readonly transmitMs: number;
      /** Bytes beyond the message, which should not be there. Absent: none. */
      readonly rest?: Uint8Array | undefined;
    }
  | { readonly type: 'unknown'; readonly kind: number; readonly data: Uint8Array };

export const ICMP_KIND = {
  'echo-reply': 0,
  unreachable: 3,
  redirect: 5,
  'echo-request': 8,
  'time-exceeded': 11,
  'parameter-problem': 12,
  'timestamp-request': 13,
  'timestamp-reply': 14,
} as const;

export const UNREACHABLE_CODE = {
  network: 0,
  host: 1,
  protocol: 2,
  port: 3,
  fragmentationNeeded: 4,
  prohibited: 13,
} as const;

const HEADER_BYTES = 4;

export const icmpView = {
  headerBytes: (_view: DataView, _at: number): number => HEADER_BYTES,
  kind: (view: DataView, at: number): number => view.getUint8(at),
  setKind: (view: DataView, at: number, kind: number): void => view.setUint8(at, kind),
  code: (view: DataView, at: number): number => view.getUint8(at + 1),
  setCode: (view: DataView, at: number, code: number): void => view.setUint8(at + 1, code),
  checksum: (view: DataView, at: number): number => view.getUint16(at + 2),
  setChecksum: (view: DataView, at: number, checksum: number): void => view.setUint16(at + 2, checksum),
  /** Of echo and timestamp messages. */
  identifier: (view: DataView, at: number): number => view.getUint16(at + 4),
  setIdentifier: (view: DataView, at: number, identifier: number): void => view.setUint16(at + 4, identifier),
  sequence: (view: DataView, at: number): number => view.getUint16(at + 6),
} as const;

export function decodeIcmp(view: DataView, at: number, end: number): Icmp {
  requireOctets(at, HEADER_BYTES, end, 'an ICMP header');
  return {
    type: 'icmp',
    code: icmpView.code(view, at),
    checksum: icmpView.checksum(view, at),
    body: decodeBody(icmpView.kind(view, at), view, at + HEADER_BYTES, end),
  };
}

function decodeBody(kind: number, view: DataView, at: number, end: number): IcmpBody {
  switch (kind) {
    case ICMP_KIND['echo-request']:
      return decodeEcho('echo-request', view, at, end);
    case ICMP_KIND['echo-reply']:
      return decodeEcho('echo-reply', view, at, end);
    case ICMP_KIND['timestamp-request']:
      return decodeTimestamp('timestamp-request', view, at, end);
    case ICMP_KIND['timestamp-reply']:
      return decodeTimestamp('timestamp-reply', view, at, end);
    case ICMP_KIND.unreachable:
      requireOctets(at, 4, end, 'an ICMP unreachable message');
      return {
        type: 'unreachable',
        unused: view.getUint16(at),
        nextHopMtu: view.getUint16(at + 2),
        quote: octetsOf(view, at + 4, end),
      };
    case ICMP_KIND['time-exceeded']:
      requireOctets(at, 4, end, 'an ICMP time-exceeded message');
      return { type: 'time-exceeded', unused: view.getUint32(at), quote: octetsOf(view, at + 4, end) };
    case ICMP_KIND.redirect:
      requireOctets(at, 4, end, 'an ICMP redirect');
      return { type: 'redirect', gateway: view.getUint32(at), quote: octetsOf(view, at + 4, end) };
    case ICMP_KIND['parameter-problem']:
      requireOctets(at, 4, end, 'an ICMP parameter-problem message');
      return {
        type: 'parameter-problem',
        pointer: view.getUint8(at),
        unused: view.getUint32(at) & 0xff_ffff,
        quote: octetsOf(view, at + 4, end),
      };
    default:
      return { type: 'unknown', kind, data: octetsOf(view, at, end) };
  }
}

function decodeEcho(type: 'echo-request' | 'echo-reply', view: DataView, at: number, end: number): IcmpBody {
  requireOctets(at, 4, end, 'an ICMP echo message');
  return { type, identifier: view.getUint16(at), sequence: view.getUint16(at + 2), data: octetsOf(view, at + 4, end) };
}

function decodeTimestamp(
  type: 'timestamp-request' | 'timestamp-reply',
  view: DataView,
  at: number,
  end: number,
): IcmpBody {
  requireOctets(at, 16, end, 'an ICMP timestamp message');
  return {
    type,
    identifier: view.getUint16(at),
    sequence: view.getUint16(at + 2),
    originateMs: view.getUint32(at + 4),
    receiveMs: view.getUint32(at + 8),
    transmitMs: view.getUint32(at + 12),
    rest: octetsOf(view, at + 16, end),
  };
}

export function encodeIcmp(value: Icmp, view: DataView, at: number): number {
  const { body } = value;
  icmpView.setKind(view, at, body.type === 'unknown' ? body.kind : ICMP_KIND[body.type]);
  icmpView.setCode(view, at, value.code ?? 0);
  icmpView.setChecksum(view, at, value.checksum ?? 0);
  const end = encodeBody(body, view, at + HEADER_BYTES);
  if (value.checksum === undefined) icmpView.setChecksum(view, at, checksumOf(view, at, end));
  return end;
}

function encodeBody(body: IcmpBody, view: DataView, at: number): number {
  switch (body.type) {
    case 'echo-request':
    case 'echo-reply':
      view.setUint16(at, body.identifier);
      view.setUint16(at + 2, body.sequence);
      return putOctets(body.data, view, at + 4);
    case 'unreachable':
      view.setUint16(at, body.unused ?? 0);
      view.setUint16(at + 2, body.nextHopMtu ?? 0);
      return putOctets(body.quote, view, at + 4);
    case 'time-exceeded':
      view.setUint32(at, body.unused ?? 0);
      return putOctets(body.quote, view, at + 4);
    case 'redirect':
      view.setUint32(at, body.gateway);
      return putOctets(body.quote, view, at + 4);
    case 'parameter-problem':
      view.setUint32(at, ((body.pointer << 24) | ((body.unused ?? 0) & 0xff_ffff)) >>> 0);
      return putOctets(body.quote, view, at + 4);
    case 'timestamp-request':
    case 'timestamp-reply':
      view.setUint16(at, body.identifier);
      view.setUint16(at + 2, body.sequence);
      view.setUint32(at + 4, body.originateMs);
      view.setUint32(at + 8, body.receiveMs);
      view.setUint32(at + 12, body.transmitMs);
      return body.rest ? putOctets(body.rest, view, at + 16) : at + 16;
    case 'unknown':
      return putOctets(body.data, view, at);
  }
}

export function icmpBytes(value: Icmp): number {
  const { body } = value;
  switch (body.type) {
    case 'echo-request':
    case 'echo-reply':
      return HEADER_BYTES + 4 + body.data.length;
    case 'unreachable':
    case 'time-exceeded':
    case 'redirect':
    case 'parameter-problem':
      return HEADER_BYTES + 4 + body.quote.length;
    case 'timestamp-request':
    case 'timestamp-reply':
      return HEADER_BYTES + 16 + (body.rest?.length ?? 0);
    case 'unknown':
      return HEADER_BYTES + body.data.length;
  }
}
