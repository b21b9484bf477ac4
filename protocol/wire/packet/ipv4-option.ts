/**
 * IPv4 options: RFC 791, section 3.1 (end, no-op, routes), RFC 2113 (router alert).
 *
 * The list is everything between the fixed header and the payload, in order, fillers included, so it alone says which bytes
 * these are. Kinds that a network of today has no use for (timestamps, security labels), and a known kind with a length that is
 * not its own, are carried as `unknown`; only an option that leaves the header is malformed.
 */
import { type PacketFault, WireError } from '../wire-error.ts';
import { octetsOf, putOctets, requireOctets } from './octets.ts';

export type Ipv4Option =
  /** Ends the list; what the header still holds behind it should be zeros, and is kept. */
  | { readonly type: 'end'; readonly padding?: Uint8Array | undefined }
  | { readonly type: 'no-op' }
  | Ipv4Route
  | { readonly type: 'router-alert'; readonly value: number }
  | { readonly type: 'unknown'; readonly kind: number; readonly data: Uint8Array };

export interface Ipv4Route {
  readonly type: 'record-route' | 'loose-route' | 'strict-route';
  /** Where the next address goes or comes from, counted from 1 at the option's first byte: 4 is the first address. */
  readonly pointer: number;
  readonly addresses: readonly number[];
}

const KIND = {
  end: 0,
  'no-op': 1,
  'record-route': 7,
  'loose-route': 131,
  'strict-route': 137,
  'router-alert': 148,
} as const;

export function decodeIpv4Options(view: DataView, at: number, end: number): Ipv4Option[] {
  const options: Ipv4Option[] = [];
  let here = at;
  while (here < end) {
    const kind = view.getUint8(here);
    if (kind === KIND.end) {
      options.push({ type: 'end', padding: octetsOf(view, here + 1, end) });
      break;
    }
    if (kind === KIND['no-op']) {
      options.push({ type: 'no-op' });
      here++;
      continue;
    }
    requireOctets(here, 2, end, `IPv4 option ${kind}`);
    const length = view.getUint8(here + 1);
    if (length < 2 || here + length > end) {
      const reason = `IPv4 option ${kind} has length ${length}, 2 to ${end - here} are possible`;
      throw new WireError<PacketFault>('BAD_LENGTH', here + 1, reason);
    }
    options.push(decodeOption(view, kind, here + 2, here + length));
    here += length;
  }
  return options;
}

function decodeOption(view: DataView, kind: number, at: number, end: number): Ipv4Option {
  switch (kind) {
    case KIND['record-route']:
      return decodeRoute('record-route', view, at, end) ?? unknown(view, kind, at, end);
    case KIND['loose-route']:
      return decodeRoute('loose-route', view, at, end) ?? unknown(view, kind, at, end);
    case KIND['strict-route']:
      return decodeRoute('strict-route', view, at, end) ?? unknown(view, kind, at, end);
    case KIND['router-alert']:
      if (end - at === 2) return { type: 'router-alert', value: view.getUint16(at) };
      break;
  }
  return unknown(view, kind, at, end);
}

function decodeRoute(type: Ipv4Route['type'], view: DataView, at: number, end: number): Ipv4Route | undefined {
  if ((end - at) % 4 !== 1) return undefined;
  const addresses: number[] = [];
  for (let i = at + 1; i < end; i += 4) addresses.push(view.getUint32(i));
  return { type, pointer: view.getUint8(at), addresses };
}

function unknown(view: DataView, kind: number, at: number, end: number): Ipv4Option {
  return { type: 'unknown', kind, data: octetsOf(view, at, end) };
}

/** Bytes of the list as it stands, without the filler up to a whole word. */
export function ipv4OptionsBytes(options: readonly Ipv4Option[]): number {
  let bytes = 0;
  for (const option of options) bytes += optionBytes(option);
  return bytes;
}

function optionBytes(option: Ipv4Option): number {
  switch (option.type) {
    case 'end':
      return 1 + (option.padding?.length ?? 0);
    case 'no-op':
      return 1;
    case 'router-alert':
      return 4;
    case 'unknown':
      return 2 + option.data.length;
    default:
      return 3 + 4 * option.addresses.length;
  }
}

export function encodeIpv4Options(options: readonly Ipv4Option[], view: DataView, at: number): number {
  let here = at;
  for (const option of options) here = encodeOption(option, view, here);
  return here;
}

function encodeOption(option: Ipv4Option, view: DataView, at: number): number {
  view.setUint8(at, option.type === 'unknown' ? option.kind : KIND[option.type]);
  if (option.type === 'no-op') return at + 1;
  if (option.type === 'end') return option.padding ? putOctets(option.padding, view, at + 1) : at + 1;
  view.setUint8(at + 1, optionBytes(option));
  switch (option.type) {
    case 'unknown':
      return putOctets(option.data, view, at + 2);
    case 'router-alert':
      view.setUint16(at + 2, option.value);
      return at + 4;
    default: {
      view.setUint8(at + 2, option.pointer);
      let here = at + 3;
      for (const address of option.addresses) {
        view.setUint32(here, address);
        here += 4;
      }
      return here;
    }
  }
}
