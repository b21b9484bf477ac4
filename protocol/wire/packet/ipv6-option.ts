/**
 * The options of hop-by-hop and destination headers: RFC 8200, section 4.2; router alert (RFC 2711), jumbo payload (RFC 2675).
 *
 * Fillers stay in the list, as in IPv4, so that it says which bytes these are; only an option that leaves the header is
 * malformed. What to do with an unknown kind is in its two highest bits, and is the receiver's affair.
 */
import { type PacketFault, WireError } from '../wire-error.ts';
import { octetsOf, putOctets, requireOctets } from './octets.ts';

export type Ipv6Option =
  | { readonly type: 'pad-1' }
  /** Two bytes and the data, which should be zeros, and is kept. */
  | { readonly type: 'pad-n'; readonly data: Uint8Array }
  | { readonly type: 'router-alert'; readonly value: number }
  | { readonly type: 'jumbo-payload'; readonly payloadBytes: number }
  | { readonly type: 'unknown'; readonly kind: number; readonly data: Uint8Array };

const KIND = { 'pad-1': 0, 'pad-n': 1, 'router-alert': 5, 'jumbo-payload': 0xc2 } as const;

export function decodeIpv6Options(view: DataView, at: number, end: number): Ipv6Option[] {
  const options: Ipv6Option[] = [];
  let here = at;
  while (here < end) {
    const kind = view.getUint8(here);
    if (kind === KIND['pad-1']) {
      options.push({ type: 'pad-1' });
      here++;
      continue;
    }
    requireOctets(here, 2, end, `IPv6 option ${kind}`);
    const length = view.getUint8(here + 1);
    if (here + 2 + length > end) {
      const reason = `IPv6 option ${kind} has length ${length}, the header has ${end - here - 2} bytes left`;
      throw new WireError<PacketFault>('BAD_LENGTH', here + 1, reason);
    }
    options.push(decodeOption(view, kind, here + 2, here + 2 + length));
    here += 2 + length;
  }
  return options;
}

function decodeOption(view: DataView, kind: number, at: number, end: number): Ipv6Option {
  const length = end - at;
  if (kind === KIND['pad-n']) return { type: 'pad-n', data: octetsOf(view, at, end) };
  if (kind === KIND['router-alert'] && length === 2) return { type: 'router-alert', value: view.getUint16(at) };
  if (kind === KIND['jumbo-payload'] && length === 4)
    return { type: 'jumbo-payload', payloadBytes: view.getUint32(at) };
  return { type: 'unknown', kind, data: octetsOf(view, at, end) };
}

export function ipv6OptionsBytes(options: readonly Ipv6Option[]): number {
  let bytes = 0;
  for (const option of options) bytes += option.type === 'pad-1' ? 1 : 2 + dataBytes(option);
  return bytes;
}

function dataBytes(option: Exclude<Ipv6Option, { type: 'pad-1' }>): number {
  switch (option.type) {
    case 'router-alert':
      return 2;
    case 'jumbo-payload':
      return 4;
    default:
      return option.data.length;
  }
}

export function encodeIpv6Options(options: readonly Ipv6Option[], view: DataView, at: number): number {
  let here = at;
  for (const option of options) here = encodeOption(option, view, here);
  return here;
}

function encodeOption(option: Ipv6Option, view: DataView, at: number): number {
  view.setUint8(at, option.type === 'unknown' ? option.kind : KIND[option.type]);
  if (option.type === 'pad-1') return at + 1;
  view.setUint8(at + 1, dataBytes(option));
  switch (option.type) {
    case 'router-alert':
      view.setUint16(at + 2, option.value);
      return at + 4;
    case 'jumbo-payload':
      view.setUint32(at + 2, option.payloadBytes);
      return at + 6;
    default:
      return putOctets(option.data, view, at + 2);
  }
}
