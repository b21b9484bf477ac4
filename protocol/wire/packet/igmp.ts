/**
 * IGMP versions 1, 2 and 3: RFC 1112 (appendix I), RFC 2236, RFC 3376.
 *
 * One layer: the message owns all the rest of the IP packet. A query's version is not written in it; RFC 3376, section
 * 7.1 tells it from the length: eight bytes are version 1 or 2 (a response time of zero says 1), twelve or more are
 * version 3, and what lies between is no query. Bytes behind the end of a message count in its checksum and mean
 * nothing (RFC 3376, 4.1.10): they are kept as `trailer`.
 */
import { type PacketFault, WireError } from '../wire-error.ts';
import { checksumOf } from './checksum.ts';
import { octetsOf, putOctets, requireOctets } from './octets.ts';

export const IGMP_BYTES_MIN = 8;
const QUERY_V3_BYTES_MIN = 12;

export const IGMP_KIND = {
  query: 0x11,
  reportV1: 0x12,
  reportV2: 0x16,
  leave: 0x17,
  reportV3: 0x22,
} as const;

export const IGMP_RECORD = {
  isInclude: 1,
  isExclude: 2,
  toInclude: 3,
  toExclude: 4,
  allow: 5,
  block: 6,
} as const;

export interface GroupRecord {
  /** One of `IGMP_RECORD`. */
  readonly kind: number;
  readonly group: number;
  readonly sources: readonly number[];
  /** A multiple of four bytes that no version has defined yet. Absent: none. */
  readonly auxiliary?: Uint8Array | undefined;
}

export type IgmpMessage =
  /** Version 1 when the response time is zero, else version 2. Group 0.0.0.0 asks for all groups. */
  | { readonly type: 'query'; readonly maxResponseTenths: number; readonly group: number }
  | {
      readonly type: 'query-v3';
      /** A code, not a time: from 128 on it is a floating-point number, see `igmpCodeValue`. */
      readonly maxResponseCode: number;
      readonly group: number;
      /** Four reserved bits, the S flag (0x08) and the querier's robustness (three bits). */
      readonly flags: number;
      readonly intervalCode: number;
      readonly sources: readonly number[];
    }
  /** `code` is the second byte, which these messages leave unused. */
  | { readonly type: 'report-v1' | 'report-v2' | 'leave'; readonly code?: number | undefined; readonly group: number }
  | {
      readonly type: 'report-v3';
      readonly code?: number | undefined;
      readonly reserved?: number | undefined;
      readonly records: readonly GroupRecord[];
    }
  | { readonly type: 'unknown'; readonly kind: number; readonly code: number; readonly data: Uint8Array };

export interface Igmp {
  readonly type: 'igmp';
  readonly message: IgmpMessage;
  /** Absent: computed. */
  readonly checksum?: number | undefined;
  /** Absent: none. */
  readonly trailer?: Uint8Array | undefined;
}

export function decodeIgmp(view: DataView, at: number, end: number): Igmp {
  requireOctets(at, IGMP_BYTES_MIN, end, 'an IGMP message');
  const kind = igmpView.kind(view, at);
  const code = igmpView.code(view, at);
  const checksum = igmpView.checksum(view, at);
  const group = igmpView.group(view, at);
  switch (kind) {
    case IGMP_KIND.query: {
      if (end - at === IGMP_BYTES_MIN) {
        return close({ type: 'query', maxResponseTenths: code, group }, view, end, end, checksum);
      }
      if (end - at < QUERY_V3_BYTES_MIN) {
        throw new WireError<PacketFault>('BAD_LENGTH', at, `an IGMP query of ${end - at} bytes: 8, or 12 and more`);
      }
      const sourcesAt = at + QUERY_V3_BYTES_MIN;
      const sourcesEnd = sourcesAt + 4 * view.getUint16(at + 10);
      const message: IgmpMessage = {
        type: 'query-v3',
        maxResponseCode: code,
        group,
        flags: view.getUint8(at + 8),
        intervalCode: view.getUint8(at + 9),
        sources: decodeAddresses(view, sourcesAt, sourcesEnd, end),
      };
      return close(message, view, sourcesEnd, end, checksum);
    }
    case IGMP_KIND.reportV1:
      return close({ type: 'report-v1', code, group }, view, at + IGMP_BYTES_MIN, end, checksum);
    case IGMP_KIND.reportV2:
      return close({ type: 'report-v2', code, group }, view, at + IGMP_BYTES_MIN, end, checksum);
    case IGMP_KIND.leave:
      return close({ type: 'leave', code, group }, view, at + IGMP_BYTES_MIN, end, checksum);
    case IGMP_KIND.reportV3: {
      const records: GroupRecord[] = [];
      const count = view.getUint16(at + 6);
      let here = at + IGMP_BYTES_MIN;
      for (let i = 0; i < count; i++) here = decodeRecord(records, view, here, end);
      return close({ type: 'report-v3', code, reserved: view.getUint16(at + 4), records }, view, here, end, checksum);
    }
    default:
      return close({ type: 'unknown', kind, code, data: octetsOf(view, at + 4, end) }, view, end, end, checksum);
  }
}

function close(message: IgmpMessage, view: DataView, at: number, end: number, checksum: number): Igmp {
  return { type: 'igmp', message, checksum, trailer: octetsOf(view, at, end) };
}

function decodeRecord(records: GroupRecord[], view: DataView, at: number, end: number): number {
  requireOctets(at, 8, end, 'an IGMP group record');
  const sourcesEnd = at + 8 + 4 * view.getUint16(at + 2);
  const sources = decodeAddresses(view, at + 8, sourcesEnd, end);
  const auxiliaryBytes = 4 * view.getUint8(at + 1);
  requireOctets(sourcesEnd, auxiliaryBytes, end, 'the auxiliary data of an IGMP group record');
  const recordEnd = sourcesEnd + auxiliaryBytes;
  records.push({
    kind: view.getUint8(at),
    group: view.getUint32(at + 4),
    sources,
    auxiliary: octetsOf(view, sourcesEnd, recordEnd),
  });
  return recordEnd;
}

function decodeAddresses(view: DataView, at: number, addressesEnd: number, end: number): number[] {
  requireOctets(at, addressesEnd - at, end, 'a list of IGMP sources');
  const addresses: number[] = [];
  for (let i = at; i < addressesEnd; i += 4) addresses.push(view.getUint32(i));
  return addresses;
}

export function igmpBytes(value: Igmp): number {
  return messageBytes(value.message) + (value.trailer?.length ?? 0);
}

function messageBytes(message: IgmpMessage): number {
  switch (message.type) {
    case 'query-v3':
      return QUERY_V3_BYTES_MIN + 4 * message.sources.length;
    case 'report-v3':
      return message.records.reduce(
        (bytes, record) => bytes + 8 + 4 * record.sources.length + (record.auxiliary?.length ?? 0),
        IGMP_BYTES_MIN,
      );
    case 'unknown':
      return 4 + message.data.length;
    default:
      return IGMP_BYTES_MIN;
  }
}

export function encodeIgmp(value: Igmp, view: DataView, at: number): number {
  let here = encodeMessage(value.message, view, at);
  if (value.trailer) here = putOctets(value.trailer, view, here);
  igmpView.setChecksum(view, at, value.checksum ?? 0);
  if (value.checksum === undefined) igmpView.setChecksum(view, at, checksumOf(view, at, here));
  return here;
}

function encodeMessage(message: IgmpMessage, view: DataView, at: number): number {
  switch (message.type) {
    case 'query':
      return putHead(view, at, IGMP_KIND.query, message.maxResponseTenths, message.group);
    case 'query-v3':
      putHead(view, at, IGMP_KIND.query, message.maxResponseCode, message.group);
      view.setUint8(at + 8, message.flags);
      view.setUint8(at + 9, message.intervalCode);
      view.setUint16(at + 10, message.sources.length);
      return putAddresses(message.sources, view, at + QUERY_V3_BYTES_MIN);
    case 'report-v1':
      return putHead(view, at, IGMP_KIND.reportV1, message.code ?? 0, message.group);
    case 'report-v2':
      return putHead(view, at, IGMP_KIND.reportV2, message.code ?? 0, message.group);
    case 'leave':
      return putHead(view, at, IGMP_KIND.leave, message.code ?? 0, message.group);
    case 'report-v3': {
      putHead(view, at, IGMP_KIND.reportV3, message.code ?? 0, 0);
      view.setUint16(at + 4, message.reserved ?? 0);
      view.setUint16(at + 6, message.records.length);
      let here = at + IGMP_BYTES_MIN;
      for (const record of message.records) here = encodeRecord(record, view, here);
      return here;
    }
    case 'unknown':
      view.setUint8(at, message.kind);
      view.setUint8(at + 1, message.code);
      return putOctets(message.data, view, at + 4);
  }
}

function encodeRecord(record: GroupRecord, view: DataView, at: number): number {
  const auxiliaryBytes = record.auxiliary?.length ?? 0;
  if (auxiliaryBytes % 4 !== 0 || auxiliaryBytes > 255 * 4) {
    const reason = `auxiliary data of ${auxiliaryBytes} bytes: whole words, 255 at most`;
    throw new WireError<PacketFault>('BAD_LENGTH', at + 1, reason);
  }
  view.setUint8(at, record.kind);
  view.setUint8(at + 1, auxiliaryBytes / 4);
  view.setUint16(at + 2, record.sources.length);
  view.setUint32(at + 4, record.group);
  const here = putAddresses(record.sources, view, at + 8);
  return record.auxiliary ? putOctets(record.auxiliary, view, here) : here;
}

function putHead(view: DataView, at: number, kind: number, code: number, group: number): number {
  view.setUint8(at, kind);
  view.setUint8(at + 1, code);
  view.setUint32(at + 4, group);
  return at + IGMP_BYTES_MIN;
}

function putAddresses(addresses: readonly number[], view: DataView, at: number): number {
  for (let i = 0; i < addresses.length; i++) view.setUint32(at + 4 * i, addresses[i]!);
  return at + 4 * addresses.length;
}

/** RFC 3376, section 4.1.1: what a response or interval code of version 3 stands for (tenths of a second, or seconds). */
export function igmpCodeValue(code: number): number {
  return code < 128 ? code : ((code & 0x0f) | 0x10) << (((code >> 4) & 7) + 3);
}

export const igmpView = {
  kind: (view: DataView, at: number): number => view.getUint8(at),
  code: (view: DataView, at: number): number => view.getUint8(at + 1),
  checksum: (view: DataView, at: number): number => view.getUint16(at + 2),
  group: (view: DataView, at: number): number => view.getUint32(at + 4),
  setCode: (view: DataView, at: number, code: number): void => view.setUint8(at + 1, code),
  setChecksum: (view: DataView, at: number, checksum: number): void => view.setUint16(at + 2, checksum),
  setGroup: (view: DataView, at: number, group: number): void => view.setUint32(at + 4, group),
} as const;
