/**
 * Multicast listener discovery, as bodies of ICMPv6: RFC 2710 (v1) and RFC 3810 (v2).
 *
 * `at` and `end` enclose what follows type, code and checksum. Both versions use type 130 for queries and tell them apart by
 * length (RFC 3810, section 8.1): 24 bytes are version 1, 28 and more version 2. Version 1 bodies of any other length keep what
 * is behind them. Counts are held against the bytes that are there before anything is read by them.
 */
import { type PacketFault, WireError } from '../wire-error.ts';
import { getIpv6, setIpv6 } from './ipv6.ts';
import { octetsOf, putOctets, requireOctets } from './octets.ts';

export type Mld = MldV1 | MldQuery | MldReport;

export interface MldV1 {
  readonly type: 'mld1-query' | 'mld1-report' | 'mld1-done';
  readonly maxResponseMs: number;
  readonly reserved?: number | undefined;
  readonly group: bigint;
  /** Bytes beyond the message. Absent: none; so for every `rest` below. */
  readonly rest?: Uint8Array | undefined;
}

export interface MldQuery {
  readonly type: 'mld2-query';
  /** Milliseconds below 32768, a floating-point code above. */
  readonly maxResponseCode: number;
  readonly reserved?: number | undefined;
  readonly group: bigint;
  /** The four bits before the S flag. */
  readonly reservedBits?: number | undefined;
  readonly suppressRouterSide: boolean;
  readonly robustness: number;
  /** Seconds below 128, a floating-point code above. */
  readonly queryIntervalCode: number;
  readonly sources: readonly bigint[];
  readonly rest?: Uint8Array | undefined;
}

export interface MldReport {
  readonly type: 'mld2-report';
  readonly reserved?: number | undefined;
  readonly records: readonly MldRecord[];
  readonly rest?: Uint8Array | undefined;
}

export interface MldRecord {
  /** 1 to 6: is include, is exclude, to include, to exclude, allow, block. */
  readonly kind: number;
  readonly group: bigint;
  readonly sources: readonly bigint[];
  /** Whole words. Absent: none. */
  readonly auxiliary?: Uint8Array | undefined;
}

export const MLD_KIND = {
  'mld1-query': 130,
  'mld2-query': 130,
  'mld1-report': 131,
  'mld1-done': 132,
  'mld2-report': 143,
} as const satisfies Record<Mld['type'], number>;

const V1_BYTES = 20;
const V2_QUERY_BYTES = 24;
const REPORT_BYTES = 4;
const RECORD_BYTES = 20;
const ADDRESS_BYTES = 16;

/** Accessors count from the ICMPv6 type byte; they hold for queries of both versions and for the reports of version 1. */
export const mldView = {
  group: (view: DataView, at: number): bigint => getIpv6(view, at + 8),
  groupWord: (view: DataView, at: number, index: number): number => view.getUint32(at + 8 + 4 * index),
} as const;

export function decodeMldQuery(view: DataView, at: number, end: number): MldV1 | MldQuery {
  if (end - at < V2_QUERY_BYTES) return decodeMldV1('mld1-query', view, at, end);
  const count = view.getUint16(at + 22);
  const flags = view.getUint8(at + 20);
  const sources = decodeAddresses(count, view, at + V2_QUERY_BYTES, end);
  return {
    type: 'mld2-query',
    maxResponseCode: view.getUint16(at),
    reserved: view.getUint16(at + 2),
    group: getIpv6(view, at + 4),
    reservedBits: flags >> 4,
    suppressRouterSide: (flags & 8) !== 0,
    robustness: flags & 7,
    queryIntervalCode: view.getUint8(at + 21),
    sources,
    rest: octetsOf(view, at + V2_QUERY_BYTES + count * ADDRESS_BYTES, end),
  };
}

export function decodeMldV1(type: MldV1['type'], view: DataView, at: number, end: number): MldV1 {
  requireOctets(at, V1_BYTES, end, 'an MLD message');
  return {
    type,
    maxResponseMs: view.getUint16(at),
    reserved: view.getUint16(at + 2),
    group: getIpv6(view, at + 4),
    rest: octetsOf(view, at + V1_BYTES, end),
  };
}

export function decodeMldReport(view: DataView, at: number, end: number): MldReport {
  requireOctets(at, REPORT_BYTES, end, 'an MLDv2 report');
  const count = view.getUint16(at + 2);
  const records: MldRecord[] = [];
  let here = at + REPORT_BYTES;
  for (let i = 0; i < count; i++) {
    requireOctets(here, RECORD_BYTES, end, `record ${i + 1} of ${count} in an MLDv2 report`);
    const auxiliaryBytes = view.getUint8(here + 1) * 4;
    const sourceCount = view.getUint16(here + 2);
    const sources = decodeAddresses(sourceCount, view, here + RECORD_BYTES, end);
    const auxiliaryAt = here + RECORD_BYTES + sourceCount * ADDRESS_BYTES;
    requireOctets(auxiliaryAt, auxiliaryBytes, end, 'the auxiliary data of an MLDv2 record');
    records.push({
      kind: view.getUint8(here),
      group: getIpv6(view, here + 4),
      sources,
      auxiliary: octetsOf(view, auxiliaryAt, auxiliaryAt + auxiliaryBytes),
    });
    here = auxiliaryAt + auxiliaryBytes;
  }
  return { type: 'mld2-report', reserved: view.getUint16(at), records, rest: octetsOf(view, here, end) };
}

function decodeAddresses(count: number, view: DataView, at: number, end: number): bigint[] {
  requireOctets(at, count * ADDRESS_BYTES, end, `${count} MLD source addresses`);
  const addresses: bigint[] = [];
  for (let i = 0; i < count; i++) addresses.push(getIpv6(view, at + i * ADDRESS_BYTES));
  return addresses;
}

export function encodeMld(value: Mld, view: DataView, at: number): number {
  switch (value.type) {
    case 'mld2-query': {
      const flags = ((value.reservedBits ?? 0) << 4) | (value.suppressRouterSide ? 8 : 0) | (value.robustness & 7);
      view.setUint16(at, value.maxResponseCode);
      view.setUint16(at + 2, value.reserved ?? 0);
      setIpv6(view, at + 4, value.group);
      view.setUint8(at + 20, flags);
      view.setUint8(at + 21, value.queryIntervalCode);
      view.setUint16(at + 22, countOf(value.sources, at + 22));
      const here = encodeAddresses(value.sources, view, at + V2_QUERY_BYTES);
      return putRest(value.rest, view, here);
    }
    case 'mld2-report': {
      view.setUint16(at, value.reserved ?? 0);
      view.setUint16(at + 2, countOf(value.records, at + 2));
      let here = at + REPORT_BYTES;
      for (const record of value.records) here = encodeRecord(record, view, here);
      return putRest(value.rest, view, here);
    }
    default:
      view.setUint16(at, value.maxResponseMs);
      view.setUint16(at + 2, value.reserved ?? 0);
      setIpv6(view, at + 4, value.group);
      return putRest(value.rest, view, at + V1_BYTES);
  }
}

function encodeRecord(record: MldRecord, view: DataView, at: number): number {
  const auxiliaryBytes = record.auxiliary?.length ?? 0;
  if (auxiliaryBytes % 4 !== 0 || auxiliaryBytes > 255 * 4) {
    throw new WireError<PacketFault>(
      'BAD_LENGTH',
      at + 1,
      `${auxiliaryBytes} bytes of auxiliary data are not whole words`,
    );
  }
  view.setUint8(at, record.kind);
  view.setUint8(at + 1, auxiliaryBytes / 4);
  view.setUint16(at + 2, countOf(record.sources, at + 2));
  setIpv6(view, at + 4, record.group);
  return putRest(record.auxiliary, view, encodeAddresses(record.sources, view, at + RECORD_BYTES));
}

function encodeAddresses(addresses: readonly bigint[], view: DataView, at: number): number {
  let here = at;
  for (const address of addresses) {
    setIpv6(view, here, address);
    here += ADDRESS_BYTES;
  }
  return here;
}

function countOf(list: readonly unknown[], at: number): number {
  if (list.length <= 0xffff) return list.length;
  throw new WireError<PacketFault>('TOO_LARGE', at, `${list.length} entries in an MLD message`);
}

function putRest(rest: Uint8Array | undefined, view: DataView, at: number): number {
  return rest ? putOctets(rest, view, at) : at;
}

export function mldBytes(value: Mld): number {
  const restBytes = value.rest?.length ?? 0;
  switch (value.type) {
    case 'mld2-query':
      return V2_QUERY_BYTES + value.sources.length * ADDRESS_BYTES + restBytes;
    case 'mld2-report': {
      let bytes = REPORT_BYTES + restBytes;
      for (const { sources, auxiliary } of value.records) {
        bytes += RECORD_BYTES + sources.length * ADDRESS_BYTES + (auxiliary?.length ?? 0);
      }
      return bytes;
    }
    default:
      return V1_BYTES + restBytes;
  }
}
