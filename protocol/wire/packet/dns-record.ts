/**
 * DNS resource records: RFC 1035, section 3.3 and 4.1.3, with AAAA (RFC 3596), SRV (RFC 2782) and OPT (EDNS, RFC 6891).
 *
 * A record whose kind is not listed here, or whose class is not the internet's, is carried with its data as bytes. So
 * is a record of a dynamic update that names a kind and has no data (RFC 2136 gives those another class). A listed
 * record of the internet whose data do not fit its kind makes the message malformed.
 */
import { decodeUtf8, encodeUtf8 } from '../utf8.ts';
import { type PacketFault, WireError } from '../wire-error.ts';
import { type DnsName, decodeDnsName, dnsNameBytesMax, encodeDnsName, type NamePlaces } from './dns-name.ts';
import { octetsOf, putOctets, requireOctets } from './octets.ts';

export const DNS_KIND = {
  a: 1,
  ns: 2,
  cname: 5,
  soa: 6,
  ptr: 12,
  mx: 15,
  txt: 16,
  aaaa: 28,
  srv: 33,
  opt: 41,
} as const;
export const DNS_CLASS_IN = 1;

export interface EdnsOption {
  readonly code: number;
  readonly data: Uint8Array;
}

interface Owner {
  readonly name: string;
  /** Absent: the internet. */
  readonly class?: number | undefined;
  readonly ttlSeconds: number;
}

export type DnsRecord =
  | (Owner & { readonly type: 'a'; readonly address: number })
  | (Owner & { readonly type: 'aaaa'; readonly address: bigint })
  | (Owner & { readonly type: 'cname' | 'ns' | 'ptr'; readonly target: string })
  | (Owner & { readonly type: 'mx'; readonly preference: number; readonly exchange: string })
  | (Owner & { readonly type: 'txt'; readonly strings: readonly string[] })
  | (Owner & {
      readonly type: 'srv';
      readonly priority: number;
      readonly weight: number;
      readonly port: number;
      readonly target: string;
    })
  | (Owner & {
      readonly type: 'soa';
      readonly primary: string;
      readonly mailbox: string;
      readonly serial: number;
      readonly refreshSeconds: number;
      readonly retrySeconds: number;
      readonly expireSeconds: number;
      readonly minimumSeconds: number;
    })
  /** Not data but a second header: it has the fields of a record with other meanings. */
  | {
      readonly type: 'opt';
      readonly name: string;
      readonly udpBytesMax: number;
      readonly extendedCode: number;
      readonly version: number;
      /** The highest bit (0x8000) is DO. */
      readonly flags: number;
      readonly options: readonly EdnsOption[];
    }
  | (Owner & { readonly type: 'unknown'; readonly kind: number; readonly data: Uint8Array });

/** Between a record's name and its data: kind, class, time to live, length. */
const FIXED_BYTES = 10;

/** Appends the record and returns the offset after it. `start` is where the message begins. */
export function decodeDnsRecord(records: DnsRecord[], view: DataView, at: number, end: number, start: number): number {
  const { text: name, after } = decodeDnsName(view, at, end, start);
  requireOctets(after, FIXED_BYTES, end, 'a DNS record');
  const dataAt = after + FIXED_BYTES;
  const dataBytes = view.getUint16(after + 8);
  requireOctets(dataAt, dataBytes, end, 'the data of a DNS record');
  const kind = view.getUint16(after);
  const recordClass = view.getUint16(after + 2);
  const dataEnd = dataAt + dataBytes;
  if (kind === DNS_KIND.opt) {
    records.push({
      type: 'opt',
      name,
      udpBytesMax: recordClass,
      extendedCode: view.getUint8(after + 4),
      version: view.getUint8(after + 5),
      flags: view.getUint16(after + 6),
      options: decodeEdnsOptions(view, dataAt, dataEnd),
    });
  } else {
    const owner = { name, class: recordClass, ttlSeconds: view.getUint32(after + 4) };
    records.push(
      recordClass === DNS_CLASS_IN
        ? decodeData(owner, kind, view, dataAt, dataEnd, start)
        : { type: 'unknown', ...owner, kind, data: octetsOf(view, dataAt, dataEnd) },
    );
  }
  return dataEnd;
}

function decodeData(owner: Owner, kind: number, view: DataView, at: number, end: number, start: number): DnsRecord {
  switch (kind) {
    case DNS_KIND.a:
      requireExact(at, at + 4, end);
      return { type: 'a', ...owner, address: view.getUint32(at) };
    case DNS_KIND.aaaa:
      requireExact(at, at + 16, end);
      return { type: 'aaaa', ...owner, address: (view.getBigUint64(at) << 64n) | view.getBigUint64(at + 8) };
    case DNS_KIND.cname:
      return { type: 'cname', ...owner, target: decodeLastName(view, at, end, start) };
    case DNS_KIND.ns:
      return { type: 'ns', ...owner, target: decodeLastName(view, at, end, start) };
    case DNS_KIND.ptr:
      return { type: 'ptr', ...owner, target: decodeLastName(view, at, end, start) };
    case DNS_KIND.mx:
      requireOctets(at, 2, end, 'an MX record');
      return {
        type: 'mx',
        ...owner,
        preference: view.getUint16(at),
        exchange: decodeLastName(view, at + 2, end, start),
      };
    case DNS_KIND.txt:
      return { type: 'txt', ...owner, strings: decodeStrings(view, at, end) };
    case DNS_KIND.srv:
      requireOctets(at, 6, end, 'an SRV record');
      return {
        type: 'srv',
        ...owner,
        priority: view.getUint16(at),
        weight: view.getUint16(at + 2),
        port: view.getUint16(at + 4),
        target: decodeLastName(view, at + 6, end, start),
      };
    case DNS_KIND.soa:
      return decodeSoa(owner, view, at, end, start);
    default:
      return { type: 'unknown', ...owner, kind, data: octetsOf(view, at, end) };
  }
}

function requireExact(at: number, partsEnd: number, end: number): void {
  if (partsEnd === end) return;
  const reason = `the data of a DNS record are ${end - at} bytes, its parts ${partsEnd - at}`;
  throw new WireError<PacketFault>('BAD_LENGTH', at, reason);
}

/** Pointers lead anywhere before, so the name is read up to the data's end and may not be cut off by it. */
function decodeName(view: DataView, at: number, end: number, start: number): DnsName {
  requireOctets(at, 1, end, 'a name in a DNS record');
  return decodeDnsName(view, at, end, start);
}

function decodeLastName(view: DataView, at: number, end: number, start: number): string {
  const { text, after } = decodeName(view, at, end, start);
  requireExact(at, after, end);
  return text;
}

function decodeSoa(owner: Owner, view: DataView, at: number, end: number, start: number): DnsRecord {
  const primary = decodeName(view, at, end, start);
  const mailbox = decodeName(view, primary.after, end, start);
  const numbersAt = mailbox.after;
  requireExact(at, numbersAt + 20, end);
  return {
    type: 'soa',
    ...owner,
    primary: primary.text,
    mailbox: mailbox.text,
    serial: view.getUint32(numbersAt),
    refreshSeconds: view.getUint32(numbersAt + 4),
    retrySeconds: view.getUint32(numbersAt + 8),
    expireSeconds: view.getUint32(numbersAt + 12),
    minimumSeconds: view.getUint32(numbersAt + 16),
  };
}

function decodeStrings(view: DataView, at: number, end: number): string[] {
  const strings: string[] = [];
  let here = at;
  while (here < end) {
    const stringEnd = here + 1 + view.getUint8(here);
    if (stringEnd > end)
      throw new WireError<PacketFault>('BAD_LENGTH', here, 'a string of a TXT record leaves the record');
    strings.push(decodeUtf8(view, here + 1, stringEnd));
    here = stringEnd;
  }
  return strings;
}

function decodeEdnsOptions(view: DataView, at: number, end: number): EdnsOption[] {
  const options: EdnsOption[] = [];
  let here = at;
  while (here < end) {
    requireOctets(here, 4, end, 'an EDNS option');
    const optionEnd = here + 4 + view.getUint16(here + 2);
    if (optionEnd > end) throw new WireError<PacketFault>('BAD_LENGTH', here + 2, 'an EDNS option leaves the record');
    options.push({ code: view.getUint16(here), data: octetsOf(view, here + 4, optionEnd) });
    here = optionEnd;
  }
  return options;
}

/** The most bytes that the record can take, compressed or not. */
export function dnsRecordBytesMax(record: DnsRecord): number {
  return dnsNameBytesMax(record.name) + FIXED_BYTES + dataBytesMax(record);
}

function dataBytesMax(record: DnsRecord): number {
  switch (record.type) {
    case 'a':
      return 4;
    case 'aaaa':
      return 16;
    case 'cname':
    case 'ns':
    case 'ptr':
      return dnsNameBytesMax(record.target);
    case 'mx':
      return 2 + dnsNameBytesMax(record.exchange);
    case 'txt':
      return record.strings.reduce((bytes, string) => bytes + 1 + 3 * string.length, 0);
    case 'srv':
      return 6 + dnsNameBytesMax(record.target);
    case 'soa':
      return dnsNameBytesMax(record.primary) + dnsNameBytesMax(record.mailbox) + 20;
    case 'opt':
      return record.options.reduce((bytes, option) => bytes + 4 + option.data.length, 0);
    case 'unknown':
      return record.data.length;
  }
}

export function encodeDnsRecord(
  record: DnsRecord,
  view: DataView,
  at: number,
  start: number,
  places?: NamePlaces,
): number {
  const here = encodeDnsName(record.name, view, at, start, places);
  view.setUint16(here, record.type === 'unknown' ? record.kind : DNS_KIND[record.type]);
  if (record.type === 'opt') {
    view.setUint16(here + 2, record.udpBytesMax);
    view.setUint8(here + 4, record.extendedCode);
    view.setUint8(here + 5, record.version);
    view.setUint16(here + 6, record.flags);
  } else {
    view.setUint16(here + 2, record.class ?? DNS_CLASS_IN);
    view.setUint32(here + 4, record.ttlSeconds);
  }
  const dataAt = here + FIXED_BYTES;
  const end = encodeData(record, view, dataAt, start, places);
  if (end - dataAt > 0xffff) {
    throw new WireError<PacketFault>(
      'TOO_LARGE',
      dataAt,
      `DNS record data of ${end - dataAt} bytes, 65535 is the most`,
    );
  }
  view.setUint16(here + 8, end - dataAt);
  return end;
}

function encodeData(record: DnsRecord, view: DataView, at: number, start: number, places?: NamePlaces): number {
  switch (record.type) {
    case 'a':
      view.setUint32(at, record.address);
      return at + 4;
    case 'aaaa':
      view.setBigUint64(at, record.address >> 64n);
      view.setBigUint64(at + 8, record.address & 0xffff_ffff_ffff_ffffn);
      return at + 16;
    case 'cname':
    case 'ns':
    case 'ptr':
      return encodeDnsName(record.target, view, at, start, places);
    case 'mx':
      view.setUint16(at, record.preference);
      return encodeDnsName(record.exchange, view, at + 2, start, places);
    case 'txt':
      return encodeStrings(record.strings, view, at);
    case 'srv':
      view.setUint16(at, record.priority);
      view.setUint16(at + 2, record.weight);
      view.setUint16(at + 4, record.port);
      // RFC 2782: the target is never compressed, since resolvers that do not know SRV could not follow it.
      return encodeDnsName(record.target, view, at + 6, start);
    case 'soa': {
      const mailboxAt = encodeDnsName(record.primary, view, at, start, places);
      const here = encodeDnsName(record.mailbox, view, mailboxAt, start, places);
      view.setUint32(here, record.serial);
      view.setUint32(here + 4, record.refreshSeconds);
      view.setUint32(here + 8, record.retrySeconds);
      view.setUint32(here + 12, record.expireSeconds);
      view.setUint32(here + 16, record.minimumSeconds);
      return here + 20;
    }
    case 'opt':
      return encodeEdnsOptions(record.options, view, at);
    case 'unknown':
      return putOctets(record.data, view, at);
  }
}

function encodeStrings(strings: readonly string[], view: DataView, at: number): number {
  let here = at;
  for (const string of strings) {
    const bytes = encodeUtf8(string);
    if (bytes.length > 255) {
      throw new WireError<PacketFault>('TOO_LARGE', here, `a TXT string of ${bytes.length} bytes, 255 is the most`);
    }
    view.setUint8(here, bytes.length);
    here = putOctets(bytes, view, here + 1);
  }
  return here;
}

function encodeEdnsOptions(options: readonly EdnsOption[], view: DataView, at: number): number {
  let here = at;
  for (const option of options) {
    view.setUint16(here, option.code);
    view.setUint16(here + 2, option.data.length);
    here = putOctets(option.data, view, here + 4);
  }
  return here;
}
