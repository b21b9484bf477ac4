/**
 * Options of neighbor discovery: RFC 4861, section 4.6 (addresses, prefix, redirected header, MTU), RFC 8106 (DNS servers).
 *
 * Lengths count eight bytes, so every option can be skipped unread; a length of zero would never end and is malformed
 * (section 4.6 demands that such packets be dropped). A known kind with a length that is not its own is carried as `unknown`.
 */

import { getMac, setMac } from '../address.ts';
import { type PacketFault, WireError } from '../wire-error.ts';
import { getIpv6, setIpv6 } from './ipv6.ts';
import { octetsOf, putOctets, putZeros, requireOctets } from './octets.ts';

export type NeighborOption =
  | { readonly type: 'source-link-address' | 'target-link-address'; readonly address: number }
  | NeighborPrefix
  | {
      readonly type: 'redirected-header';
      /** As much of the packet as fits, in whole units of eight. */
      readonly quote: Uint8Array;
      /** Six bytes. Absent: zero. */
      readonly reserved?: number | undefined;
    }
  | { readonly type: 'mtu'; readonly mtu: number; readonly reserved?: number | undefined }
  | {
      readonly type: 'dns-servers';
      readonly lifetimeSeconds: number;
      readonly servers: readonly bigint[];
      readonly reserved?: number | undefined;
    }
  /** 6 + 8n bytes. */
  | { readonly type: 'unknown'; readonly kind: number; readonly data: Uint8Array };

export interface NeighborPrefix {
  readonly type: 'prefix';
  readonly prefix: bigint;
  readonly prefixBits: number;
  readonly onLink: boolean;
  readonly autonomous: boolean;
  readonly validSeconds: number;
  readonly preferredSeconds: number;
  /** The six bits after the flags and the four bytes before the prefix. Absent: zero. */
  readonly reservedBits?: number | undefined;
  readonly reserved?: number | undefined;
}

const KIND = {
  'source-link-address': 1,
  'target-link-address': 2,
  prefix: 3,
  'redirected-header': 4,
  mtu: 5,
  'dns-servers': 25,
} as const;

export function decodeNeighborOptions(view: DataView, at: number, end: number): NeighborOption[] {
  const options: NeighborOption[] = [];
  let here = at;
  while (here < end) {
    requireOctets(here, 8, end, 'a neighbor discovery option');
    const bytes = view.getUint8(here + 1) * 8;
    if (bytes === 0 || here + bytes > end) {
      const reason = `a neighbor discovery option of ${bytes} bytes where ${end - here} are left`;
      throw new WireError<PacketFault>('BAD_LENGTH', here + 1, reason);
    }
    options.push(decodeOption(view, here, here + bytes));
    here += bytes;
  }
  return options;
}

function decodeOption(view: DataView, at: number, end: number): NeighborOption {
  const bytes = end - at;
  const kind = view.getUint8(at);
  switch (kind) {
    case KIND['source-link-address']:
      if (bytes === 8) return { type: 'source-link-address', address: getMac(view, at + 2) };
      break;
    case KIND['target-link-address']:
      if (bytes === 8) return { type: 'target-link-address', address: getMac(view, at + 2) };
      break;
    case KIND.prefix:
      if (bytes === 32) return decodePrefix(view, at);
      break;
    case KIND['redirected-header']:
      return { type: 'redirected-header', reserved: getMac(view, at + 2), quote: octetsOf(view, at + 8, end) };
    case KIND.mtu:
      if (bytes === 8) return { type: 'mtu', reserved: view.getUint16(at + 2), mtu: view.getUint32(at + 4) };
      break;
    case KIND['dns-servers']:
      if (bytes % 16 === 8) return decodeServers(view, at, end);
      break;
  }
  return { type: 'unknown', kind, data: octetsOf(view, at + 2, end) };
}

function decodePrefix(view: DataView, at: number): NeighborPrefix {
  const flags = view.getUint8(at + 3);
  return {
    type: 'prefix',
    prefixBits: view.getUint8(at + 2),
    onLink: (flags & 0x80) !== 0,
    autonomous: (flags & 0x40) !== 0,
    reservedBits: flags & 0x3f,
    validSeconds: view.getUint32(at + 4),
    preferredSeconds: view.getUint32(at + 8),
    reserved: view.getUint32(at + 12),
    prefix: getIpv6(view, at + 16),
  };
}

function decodeServers(view: DataView, at: number, end: number): NeighborOption {
  const servers: bigint[] = [];
  for (let i = at + 8; i < end; i += 16) servers.push(getIpv6(view, i));
  return { type: 'dns-servers', reserved: view.getUint16(at + 2), lifetimeSeconds: view.getUint32(at + 4), servers };
}

export function neighborOptionsBytes(options: readonly NeighborOption[]): number {
  let bytes = 0;
  for (const option of options) bytes += optionBytes(option);
  return bytes;
}

function optionBytes(option: NeighborOption): number {
  switch (option.type) {
    case 'source-link-address':
    case 'target-link-address':
    case 'mtu':
      return 8;
    case 'prefix':
      return 32;
    case 'redirected-header':
      return 8 + 8 * Math.ceil(option.quote.length / 8);
    case 'dns-servers':
      return 8 + 16 * option.servers.length;
    case 'unknown':
      return 8 * Math.ceil((2 + option.data.length) / 8);
  }
}

export function encodeNeighborOptions(options: readonly NeighborOption[], view: DataView, at: number): number {
  let here = at;
  for (const option of options) here = encodeOption(option, view, here);
  return here;
}

function encodeOption(option: NeighborOption, view: DataView, at: number): number {
  const end = at + optionBytes(option);
  if (end - at > 255 * 8) {
    throw new WireError<PacketFault>(
      'TOO_LARGE',
      at + 1,
      `a neighbor discovery option of ${end - at} bytes has no length`,
    );
  }
  view.setUint8(at, option.type === 'unknown' ? option.kind : KIND[option.type]);
  view.setUint8(at + 1, (end - at) / 8);
  switch (option.type) {
    case 'source-link-address':
    case 'target-link-address':
      setMac(view, at + 2, option.address);
      return end;
    case 'prefix':
      encodePrefix(option, view, at);
      return end;
    case 'redirected-header':
      setMac(view, at + 2, option.reserved ?? 0);
      return putZerosUpTo(end, view, putOctets(option.quote, view, at + 8));
    case 'mtu':
      view.setUint16(at + 2, option.reserved ?? 0);
      view.setUint32(at + 4, option.mtu);
      return end;
    case 'dns-servers':
      view.setUint16(at + 2, option.reserved ?? 0);
      view.setUint32(at + 4, option.lifetimeSeconds);
      option.servers.forEach((server, i) => {
        setIpv6(view, at + 8 + 16 * i, server);
      });
      return end;
    case 'unknown':
      return putZerosUpTo(end, view, putOctets(option.data, view, at + 2));
  }
}

function encodePrefix(option: NeighborPrefix, view: DataView, at: number): void {
  view.setUint8(at + 2, option.prefixBits);
  const flags = (option.onLink ? 0x80 : 0) | (option.autonomous ? 0x40 : 0) | ((option.reservedBits ?? 0) & 0x3f);
  view.setUint8(at + 3, flags);
  view.setUint32(at + 4, option.validSeconds);
  view.setUint32(at + 8, option.preferredSeconds);
  view.setUint32(at + 12, option.reserved ?? 0);
  setIpv6(view, at + 16, option.prefix);
}

function putZerosUpTo(end: number, view: DataView, at: number): number {
  return putZeros(end - at, view, at);
}
