/**
 * DNS messages, RFC 1035, section 4, as they travel over UDP; the AD and CD bits are RFC 4035's.
 *
 * One layer: a message owns the rest of its datagram. Compression leaves a sender many ways to write the same message,
 * so the law is the other one: decoding what was encoded gives the value again, compressed or not. Of compressed
 * messages those come back byte for byte whose sender, like most, points to the longest suffix at its first place.
 */
import { type PacketFault, WireError } from '../wire-error.ts';
import { decodeDnsName, dnsNameBytesMax, encodeDnsName, type NamePlaces } from './dns-name.ts';
import { DNS_CLASS_IN, type DnsRecord, decodeDnsRecord, dnsRecordBytesMax, encodeDnsRecord } from './dns-record.ts';
import { requireOctets } from './octets.ts';

export const DNS_BYTES_MIN = 12;
export const DNS_PORT = 53;

export interface DnsQuestion {
  readonly name: string;
  /** See `DNS_KIND`; 255 asks for all. */
  readonly kind: number;
  /** Absent: the internet. */
  readonly class?: number | undefined;
}

export const DNS_FLAG = {
  response: 0x8000,
  authoritative: 0x0400,
  truncated: 0x0200,
  recursionDesired: 0x0100,
  recursionAvailable: 0x0080,
  authenticData: 0x0020,
  checkingDisabled: 0x0010,
} as const;

export interface Dns {
  readonly type: 'dns';
  readonly id: number;
  /**
   * The single bits of the second word, the reserved one (0x0040) too, without operation and response code. See
   * `DNS_FLAG`.
   */
  readonly flags: number;
  /** 0 is a query. */
  readonly operation: number;
  /** 0 is no error, 3 "no such name". */
  readonly responseCode: number;
  readonly questions: readonly DnsQuestion[];
  readonly answers: readonly DnsRecord[];
  readonly authorities: readonly DnsRecord[];
  readonly additionals: readonly DnsRecord[];
}

const OPERATION_AND_CODE = 0x780f;

export function decodeDns(view: DataView, at: number, end: number): Dns {
  requireOctets(at, DNS_BYTES_MIN, end, 'a DNS header');
  const word = view.getUint16(at + 2);
  const questions: DnsQuestion[] = [];
  const answers: DnsRecord[] = [];
  const authorities: DnsRecord[] = [];
  const additionals: DnsRecord[] = [];
  let here = at + DNS_BYTES_MIN;
  for (let i = view.getUint16(at + 4); i > 0; i--) here = decodeQuestion(questions, view, here, end, at);
  for (let i = view.getUint16(at + 6); i > 0; i--) here = decodeDnsRecord(answers, view, here, end, at);
  for (let i = view.getUint16(at + 8); i > 0; i--) here = decodeDnsRecord(authorities, view, here, end, at);
  for (let i = view.getUint16(at + 10); i > 0; i--) here = decodeDnsRecord(additionals, view, here, end, at);
  if (here !== end) throw new WireError<PacketFault>('BAD_LENGTH', here, `${end - here} bytes behind the DNS message`);
  return {
    type: 'dns',
    id: dnsView.id(view, at),
    flags: word & ~OPERATION_AND_CODE,
    operation: (word >> 11) & 15,
    responseCode: word & 15,
    questions,
    answers,
    authorities,
    additionals,
  };
}

function decodeQuestion(questions: DnsQuestion[], view: DataView, at: number, end: number, start: number): number {
  const { text: name, after } = decodeDnsName(view, at, end, start);
  requireOctets(after, 4, end, 'a DNS question');
  questions.push({ name, kind: view.getUint16(after), class: view.getUint16(after + 2) });
  return after + 4;
}

/** Only writing tells what compression saves, so it is written once into the void. */
export function dnsBytes(value: Dns, form: 'compressed' | 'full' = 'compressed'): number {
  let bytesMax = DNS_BYTES_MIN;
  for (const question of value.questions) bytesMax += dnsNameBytesMax(question.name) + 4;
  for (const records of [value.answers, value.authorities, value.additionals]) {
    for (const record of records) bytesMax += dnsRecordBytesMax(record);
  }
  return encodeDns(value, new DataView(new ArrayBuffer(bytesMax)), 0, form);
}

export function encodeDns(value: Dns, view: DataView, at: number, form: 'compressed' | 'full' = 'compressed'): number {
  const places: NamePlaces | undefined = form === 'compressed' ? new Map() : undefined;
  const word = (value.flags & ~OPERATION_AND_CODE) | ((value.operation & 15) << 11) | (value.responseCode & 15);
  view.setUint16(at, value.id);
  view.setUint16(at + 2, word);
  let here = at + DNS_BYTES_MIN;
  view.setUint16(at + 4, value.questions.length);
  for (const question of value.questions) {
    here = encodeDnsName(question.name, view, here, at, places);
    view.setUint16(here, question.kind);
    view.setUint16(here + 2, question.class ?? DNS_CLASS_IN);
    here += 4;
  }
  const sections = [value.answers, value.authorities, value.additionals];
  sections.forEach((records, i) => {
    view.setUint16(at + 6 + 2 * i, records.length);
    for (const record of records) here = encodeDnsRecord(record, view, here, at, places);
  });
  return here;
}

export const dnsView = {
  id: (view: DataView, at: number): number => view.getUint16(at),
  setId: (view: DataView, at: number, id: number): void => view.setUint16(at, id),
  isResponse: (view: DataView, at: number): boolean => (view.getUint8(at + 2) & 0x80) !== 0,
  responseCode: (view: DataView, at: number): number => view.getUint8(at + 3) & 15,
  questionCount: (view: DataView, at: number): number => view.getUint16(at + 4),
  answerCount: (view: DataView, at: number): number => view.getUint16(at + 6),
  headerBytes: (_view: DataView, _at: number): number => DNS_BYTES_MIN,
} as const;
