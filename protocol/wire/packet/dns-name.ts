/**
 * DNS names: RFC 1035, sections 3.1 and 4.1.4 (compression), and 5.1 for their text.
 *
 * A name is text without the final dot; the root is `.`. A label may hold any byte: dots and backslashes are written
 * `\.` and `\\`, what does not print `\DDD`, so the text says exactly which bytes the name has and compares with ===.
 *
 * Compression makes a name a walk through the message, and a hostile message could lead it in circles or blow it up.
 * Three fences: a pointer must lead to before the run of labels that it ends, so the walk only ever goes back; a name
 * has 255 bytes at most; and, since pointers to pointers cost nothing in that count, no more pointers than a name can
 * have labels.
 */
import { type PacketFault, WireError } from '../wire-error.ts';
import { putOctets } from './octets.ts';

const NAME_BYTES_MAX = 255;
const LABEL_BYTES_MAX = 63;
/** 127 labels of one byte and the root fill a name of 255 bytes. */
const POINTERS_MAX = 127;
/** Fourteen bits. */
const POINTER_REACH = 0x4000;

export interface DnsName {
  readonly text: string;
  /** The offset after the name where it began, not where its pointers led. */
  readonly after: number;
}

/** Where the names that were written so far begin, by their text. Absent: names are written in full. */
export type NamePlaces = Map<string, number>;

/** `start` is where the message begins, which pointers count from; `end` is the end of all that a pointer may reach. */
export function decodeDnsName(view: DataView, at: number, end: number, start: number): DnsName {
  const name = findDnsName(view, at, end, start);
  if (name instanceof WireError) throw name;
  return name;
}

/** The same for who can go on without the name: the mistake is given back instead of thrown. */
export function findDnsName(view: DataView, at: number, end: number, start: number): DnsName | WireError<PacketFault> {
  let text = '';
  let here = at;
  let runAt = at;
  let after = -1;
  let bytes = 1;
  let pointers = 0;
  for (;;) {
    if (here >= end) return mistake('TRUNCATED', here, 'a DNS name has no end');
    const length = view.getUint8(here);
    if (length === 0) break;
    if (length >= 0xc0) {
      if (here + 2 > end) return mistake('TRUNCATED', here, 'a DNS name ends within a pointer');
      const target = start + (view.getUint16(here) & (POINTER_REACH - 1));
      if (target >= runAt) return mistake('BAD_VALUE', here, 'a DNS name points forward or to itself');
      if (++pointers > POINTERS_MAX) return mistake('BAD_VALUE', here, 'a DNS name of too many pointers');
      if (after < 0) after = here + 2;
      here = target;
      runAt = target;
      continue;
    }
    if (length > LABEL_BYTES_MAX) {
      return mistake('UNSUPPORTED', here, `a DNS label of kind ${length >> 6}, which nobody defined`);
    }
    const labelEnd = here + 1 + length;
    if (labelEnd > end) return mistake('TRUNCATED', here, `a DNS label of ${length} bytes has no end`);
    bytes += 1 + length;
    if (bytes > NAME_BYTES_MAX) return mistake('TOO_LARGE', here, 'a DNS name of more than 255 bytes');
    if (text !== '') text += '.';
    for (let i = here + 1; i < labelEnd; i++) text += CHARACTERS[view.getUint8(i)]!;
    here = labelEnd;
  }
  return { text: text === '' ? '.' : text, after: after < 0 ? here + 1 : after };
}

function mistake(error: PacketFault, at: number, reason: string): WireError<PacketFault> {
  return new WireError(error, at, reason);
}

const CHARACTERS: readonly string[] = Array.from({ length: 256 }, (_, byte) => {
  const character = String.fromCharCode(byte);
  if (character === '.' || character === '\\') return `\\${character}`;
  return byte > 0x20 && byte < 0x7f ? character : `\\${byte.toString().padStart(3, '0')}`;
});

export function encodeDnsName(text: string, view: DataView, at: number, start: number, places?: NamePlaces): number {
  const labels = parseLabels(text, at);
  let here = at;
  for (let i = 0; i < labels.length; i++) {
    const suffix = labels
      .slice(i)
      .map((label) => Array.from(label, (byte) => CHARACTERS[byte]).join(''))
      .join('.');
    const place = places?.get(suffix);
    if (place !== undefined) {
      view.setUint16(here, 0xc000 | place);
      return here + 2;
    }
    if (here - start < POINTER_REACH) places?.set(suffix, here - start);
    view.setUint8(here, labels[i]!.length);
    here = putOctets(labels[i]!, view, here + 1);
  }
  view.setUint8(here, 0);
  return here + 1;
}

/**
 * The most bytes that the name can take: an escape is longer than its byte, and a pointer shorter than what it
 * replaces.
 */
export function dnsNameBytesMax(text: string): number {
  return Math.min(text.length + 2, NAME_BYTES_MAX);
}

/** `at` is where the name would go, for the error. */
function parseLabels(text: string, at: number): Uint8Array[] {
  if (text === '.') return [];
  const labels: Uint8Array[] = [];
  let bytes: number[] = [];
  let total = 1;
  const closeLabel = (): void => {
    if (bytes.length === 0) throw new WireError<PacketFault>('BAD_VALUE', at, `DNS name "${text}" has an empty label`);
    if (bytes.length > LABEL_BYTES_MAX) {
      throw new WireError<PacketFault>('TOO_LARGE', at, `DNS name "${text}" has a label of ${bytes.length} bytes`);
    }
    total += 1 + bytes.length;
    if (total > NAME_BYTES_MAX) throw new WireError<PacketFault>('TOO_LARGE', at, 'a DNS name of more than 255 bytes');
    labels.push(Uint8Array.from(bytes));
    bytes = [];
  };
  for (const [token, escaped] of text.matchAll(/\\(\d{3}|.)|./gs)) {
    if (token === '.') {
      closeLabel();
      continue;
    }
    const byte = escaped?.length === 3 ? Number(escaped) : (escaped ?? token).charCodeAt(0);
    if (byte > (escaped?.length === 3 ? 0xff : 0x7f) || token === '\\') {
      throw new WireError<PacketFault>('BAD_VALUE', at, `DNS name "${text}" has ${token}, which is no byte`);
    }
    bytes.push(byte);
  }
  closeLabel();
  return labels;
}
