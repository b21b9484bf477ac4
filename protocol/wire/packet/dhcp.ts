/**
 * DHCP for IPv4, RFC 2131, section 2: BOOTP's fixed header, the magic cookie, and options.
 *
 * One layer: a message owns the rest of its datagram. The two long fixed fields are texts, or, when the overload option
 * says so (RFC 2132, section 9.3), more options: their values are one or the other. Zeros at their end are implied. The
 * client's address is a number, as everywhere; the ten bytes behind it exist for other hardware and are kept only if
 * one is set.
 */
import { decodeUtf8, encodeUtf8 } from '../utf8.ts';
import { type PacketFault, WireError } from '../wire-error.ts';
import { type DhcpOption, decodeDhcpOptions, dhcpOptionsBytes, encodeDhcpOptions } from './dhcp-option.ts';
import { areZero, octetsOf, putOctets, putZeros, requireOctets } from './octets.ts';

export const DHCP_BYTES_MIN = 240;
export const DHCP_SERVER_PORT = 67;
export const DHCP_CLIENT_PORT = 68;
export const DHCP_MESSAGE = {
  discover: 1,
  offer: 2,
  request: 3,
  decline: 4,
  ack: 5,
  nak: 6,
  release: 7,
  inform: 8,
} as const;
export const DHCP_BROADCAST_FLAG = 0x8000;

export interface Dhcp {
  readonly type: 'dhcp';
  /** 1 from a client, 2 from a server. */
  readonly operation: number;
  /** Absent: Ethernet. */
  readonly hardwareType?: number | undefined;
  /** Absent: six, as Ethernet has. */
  readonly hardwareBytes?: number | undefined;
  /** Absent: zero, here and where nothing else is said. */
  readonly hops?: number | undefined;
  readonly transactionId: number;
  readonly seconds?: number | undefined;
  readonly flags?: number | undefined;
  readonly clientAddress?: number | undefined;
  readonly yourAddress?: number | undefined;
  readonly serverAddress?: number | undefined;
  readonly relayAddress?: number | undefined;
  readonly clientMac: number;
  /** The ten bytes behind the MAC. Absent: zeros. */
  readonly clientPadding?: Uint8Array | undefined;
  /** Absent: empty. */
  readonly serverName?: string | readonly DhcpOption[] | undefined;
  readonly bootFile?: string | readonly DhcpOption[] | undefined;
  readonly options: readonly DhcpOption[];
}

const MAC_AT = 28;
const MAC_END = 34;
const SERVER_NAME_AT = 44;
const BOOT_FILE_AT = 108;
const COOKIE_AT = 236;
const COOKIE = 0x6382_5363;
const OVERLOADS_BOOT_FILE = 1;
const OVERLOADS_SERVER_NAME = 2;

export function decodeDhcp(view: DataView, at: number, end: number): Dhcp {
  requireOctets(at, DHCP_BYTES_MIN, end, 'a DHCP message');
  if (view.getUint32(at + COOKIE_AT) !== COOKIE) {
    throw new WireError<PacketFault>('BAD_VALUE', at + COOKIE_AT, 'no DHCP: the magic cookie is missing');
  }
  const options = decodeDhcpOptions(view, at + DHCP_BYTES_MIN, end);
  const overload = options.find((option) => option.type === 'overload')?.value ?? 0;
  const isPadded = !areZero(view, at + MAC_END, at + SERVER_NAME_AT);
  return {
    type: 'dhcp',
    operation: dhcpView.operation(view, at),
    hardwareType: view.getUint8(at + 1),
    hardwareBytes: view.getUint8(at + 2),
    hops: dhcpView.hops(view, at),
    transactionId: dhcpView.transactionId(view, at),
    seconds: view.getUint16(at + 8),
    flags: dhcpView.flags(view, at),
    clientAddress: dhcpView.clientAddress(view, at),
    yourAddress: dhcpView.yourAddress(view, at),
    serverAddress: dhcpView.serverAddress(view, at),
    relayAddress: dhcpView.relayAddress(view, at),
    clientMac: dhcpView.clientMac(view, at),
    ...(isPadded ? { clientPadding: octetsOf(view, at + MAC_END, at + SERVER_NAME_AT) } : {}),
    serverName: decodeField(view, at + SERVER_NAME_AT, at + BOOT_FILE_AT, (overload & OVERLOADS_SERVER_NAME) !== 0),
    bootFile: decodeField(view, at + BOOT_FILE_AT, at + COOKIE_AT, (overload & OVERLOADS_BOOT_FILE) !== 0),
    options,
  };
}

function decodeField(view: DataView, at: number, end: number, isOverloaded: boolean): string | DhcpOption[] {
  if (isOverloaded) return withoutFinalZeros(decodeDhcpOptions(view, at, end));
  let textEnd = end;
  while (textEnd > at && view.getUint8(textEnd - 1) === 0) textEnd--;
  return decodeUtf8(view, at, textEnd);
}

function withoutFinalZeros(options: DhcpOption[]): DhcpOption[] {
  const last = options.at(-1);
  if (last?.type === 'pad') return options.slice(0, -1);
  if (last?.type !== 'end' || !last.padding) return options;
  let length = last.padding.length;
  while (length > 0 && last.padding[length - 1] === 0) length--;
  return [...options.slice(0, -1), { type: 'end', padding: last.padding.subarray(0, length) }];
}

export function dhcpBytes(value: Dhcp): number {
  return DHCP_BYTES_MIN + dhcpOptionsBytes(value.options);
}

export function encodeDhcp(value: Dhcp, view: DataView, at: number): number {
  view.setUint8(at, value.operation);
  view.setUint8(at + 1, value.hardwareType ?? 1);
  view.setUint8(at + 2, value.hardwareBytes ?? 6);
  dhcpView.setHops(view, at, value.hops ?? 0);
  dhcpView.setTransactionId(view, at, value.transactionId);
  view.setUint16(at + 8, value.seconds ?? 0);
  dhcpView.setFlags(view, at, value.flags ?? 0);
  view.setUint32(at + 12, value.clientAddress ?? 0);
  view.setUint32(at + 16, value.yourAddress ?? 0);
  view.setUint32(at + 20, value.serverAddress ?? 0);
  dhcpView.setRelayAddress(view, at, value.relayAddress ?? 0);
  view.setUint16(at + MAC_AT, Math.floor(value.clientMac / 0x1_0000_0000));
  view.setUint32(at + MAC_AT + 2, value.clientMac >>> 0);
  encodeField(value.clientPadding ?? '', view, at + MAC_END, at + SERVER_NAME_AT);
  encodeField(value.serverName ?? '', view, at + SERVER_NAME_AT, at + BOOT_FILE_AT);
  encodeField(value.bootFile ?? '', view, at + BOOT_FILE_AT, at + COOKIE_AT);
  view.setUint32(at + COOKIE_AT, COOKIE);
  return encodeDhcpOptions(value.options, view, at + DHCP_BYTES_MIN);
}

function encodeField(
  content: string | Uint8Array | readonly DhcpOption[],
  view: DataView,
  at: number,
  end: number,
): void {
  const bytes = typeof content === 'string' ? encodeUtf8(content) : content instanceof Uint8Array ? content : undefined;
  const size = bytes ? bytes.length : dhcpOptionsBytes(content as readonly DhcpOption[]);
  if (size > end - at) {
    throw new WireError<PacketFault>('TOO_LARGE', at, `${size} bytes for a DHCP field of ${end - at}`);
  }
  const here = bytes ? putOctets(bytes, view, at) : encodeDhcpOptions(content as readonly DhcpOption[], view, at);
  putZeros(end - here, view, here);
}

export const dhcpView = {
  operation: (view: DataView, at: number): number => view.getUint8(at),
  hops: (view: DataView, at: number): number => view.getUint8(at + 3),
  transactionId: (view: DataView, at: number): number => view.getUint32(at + 4),
  flags: (view: DataView, at: number): number => view.getUint16(at + 10),
  clientAddress: (view: DataView, at: number): number => view.getUint32(at + 12),
  yourAddress: (view: DataView, at: number): number => view.getUint32(at + 16),
  serverAddress: (view: DataView, at: number): number => view.getUint32(at + 20),
  relayAddress: (view: DataView, at: number): number => view.getUint32(at + 24),
  clientMac: (view: DataView, at: number): number =>
    view.getUint16(at + MAC_AT) * 0x1_0000_0000 + view.getUint32(at + MAC_AT + 2),
  setHops: (view: DataView, at: number, hops: number): void => view.setUint8(at + 3, hops),
  setTransactionId: (view: DataView, at: number, id: number): void => view.setUint32(at + 4, id),
  setFlags: (view: DataView, at: number, flags: number): void => view.setUint16(at + 10, flags),
  setRelayAddress: (view: DataView, at: number, address: number): void => view.setUint32(at + 24, address),
} as const;
