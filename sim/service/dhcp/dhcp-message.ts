/**
 * DHCP messages as client and server read and write them: options wherever they stand, and who a client is.
 *
 * Options may lie in the two long fixed fields as well (RFC 2132, section 9.3). A datagram that is no DHCP is undefined here, for whoever
 * receives it counts it and goes on.
 */
import { type Dhcp, decodeDhcp, dhcpBytes, encodeDhcp } from '../../../protocol/wire/packet/dhcp.ts';
import type { DhcpOption } from '../../../protocol/wire/packet/dhcp-option.ts';
import { decodeUtf8 } from '../../../protocol/wire/utf8.ts';
import { WireError } from '../../../protocol/wire/wire-error.ts';

/** To all on the link. */
export const IPV4_BROADCAST = 0xffff_ffff;

/** RFC 1542, section 2.1: relays and old clients drop what is shorter. */
const MESSAGE_BYTES_MIN = 300;

/** RFC 3004; what iPXE puts there is its name, without the length that stands before each class. */
const USER_CLASS_CODE = 77;

export function readDhcp(data: Uint8Array): Dhcp | undefined {
  try {
    return decodeDhcp(new DataView(data.buffer, data.byteOffset, data.byteLength), 0, data.byteLength);
  } catch (error) {
    if (error instanceof WireError) return undefined;
    throw error;
  }
}

/** `end` is written behind the options, and zeros up to the length that all take. */
export function writeDhcp(message: Dhcp): Uint8Array {
  const whole: Dhcp = { ...message, options: [...message.options, { type: 'end' }] };
  const bytes = new Uint8Array(Math.max(MESSAGE_BYTES_MIN, dhcpBytes(whole)));
  encodeDhcp(whole, new DataView(bytes.buffer), 0);
  return bytes;
}

export function findOption<T extends DhcpOption['type']>(
  { options, bootFile, serverName }: Dhcp,
  type: T,
): Extract<DhcpOption, { type: T }> | undefined {
  for (const list of [options, bootFile, serverName]) {
    if (list === undefined || typeof list === 'string') continue;
    for (const option of list) if (option.type === type) return option as Extract<DhcpOption, { type: T }>;
  }
  return undefined;
}

/** 0 for a message that does not say. */
export function messageTypeOf(message: Dhcp): number {
  return findOption(message, 'message-type')?.value ?? 0;
}

export function isOfUserClass(message: Dhcp, name: string): boolean {
  const option = message.options.find(
    (one): one is Extract<DhcpOption, { type: 'unknown' }> => one.type === 'unknown' && one.code === USER_CLASS_CODE,
  );
  if (!option) return false;
  const { data } = option;
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  if (decodeUtf8(view, 0, data.length) === name) return true;
  for (let at = 0; at < data.length; ) {
    const end = at + 1 + data[at]!;
    if (end > data.length) return false;
    if (decodeUtf8(view, at + 1, end) === name) return true;
    at = end;
  }
  return false;
}

/** RFC 2131, section 4.2: the identifier that a client gives itself, or else its hardware address. */
export function clientKeyOf(message: Dhcp): string {
  const given = findOption(message, 'client-id');
  if (!given) return `mac ${message.clientMac}`;
  return `id ${given.hardwareType} ${Array.from(given.id, (byte) => byte.toString(16).padStart(2, '0')).join('')}`;
}
