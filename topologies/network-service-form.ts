/** The short texts of services in topologies: addresses, ranges of them, holders of reservations, names as DNS has them. */
import { formatIpv4, parseIpv4, parseMac } from '../protocol/wire/address.ts';
import { parseIp } from '../protocol/wire/ip-address.ts';
import { encodeUtf8 } from '../protocol/wire/utf8.ts';
import { WireError } from '../protocol/wire/wire-error.ts';
import type { AddressRange } from './document.ts';
import { NAME, show, type TextForm } from './text-form.ts';

const QUAD = '[0-9]{1,3}(\\.[0-9]{1,3}){3}';

export const IPV4: TextForm<number> = {
  what: 'an IPv4 address',
  example: '10.1.1.1',
  pattern: `^${QUAD}$`,
  parse: (text) => requireIpv4(text, 1),
  format: formatIpv4,
};

export const ADDRESS_RANGE: TextForm<AddressRange> = {
  what: 'a range of IPv4 addresses',
  example: '10.1.1.100-10.1.1.199',
  pattern: `^${QUAD}-${QUAD}$`,
  parse(text) {
    const dash = text.indexOf('-');
    if (dash < 0) throw fail(1, `${show(text)} is not a range of addresses, such as 10.1.1.100-10.1.1.199`);
    const first = requireIpv4(text.slice(0, dash), 1);
    const last = requireIpv4(text.slice(dash + 1), dash + 2);
    if (last >= first) return { first, last };
    throw fail(1, `this range ends before it begins; write ${formatIpv4(last)}-${formatIpv4(first)}`);
  },
  format: ({ first, last }) => `${formatIpv4(first)}-${formatIpv4(last)}`,
};

/** Who an address is kept for: a host of the file, or a machine from outside by its MAC. */
export const HOLDER: TextForm<string> = {
  what: 'a host or a MAC address',
  example: 'plc-a1 or "52:54:00:00:00:09"',
  pattern: `(${NAME.pattern})|(^[0-9a-fA-F]{1,2}([:\\-][0-9a-fA-F]{1,2}){5}$)`,
  isName: true,
  parse: (text) => (parseMac(text) === undefined ? NAME.parse(text) : text),
};

/** RFC 1123, section 2.1: letters, digits and hyphens. */
const ZONE_LABEL = '[a-z0-9]([a-z0-9\\-]{0,61}[a-z0-9])?';

export const ZONE: TextForm<string> = {
  what: 'the name of a domain',
  example: 'plant-a.internal',
  pattern: `^${ZONE_LABEL}(\\.${ZONE_LABEL})*$`,
  isName: true,
  parse(text) {
    if (new RegExp(`^${ZONE_LABEL}(\\.${ZONE_LABEL})*$`).test(text) && text.length <= 200) return text;
    throw fail(1, `${show(text)} is not the name of a domain, such as plant-a.internal, in small letters`);
  },
};

/** What a name of a zone stands for. */
export const NAME_TARGET: TextForm<string> = {
  what: 'a host or an address',
  example: 'web-1 or 10.1.1.9',
  pattern: `(${NAME.pattern})|(^[0-9a-fA-F.:]+$)`,
  isName: true,
  parse: (text) => (parseIp(text) === undefined ? NAME.parse(text) : text),
};

/** Every label has a length that DNS can say, and so has the whole, the zone behind it and a byte at each end (RFC 1035, section 2.3.4). */
export function fitsDns(name: string, zone: string): boolean {
  const lengths = name.split('.').map((label) => encodeUtf8(label).length);
  const total = encodeUtf8(`${name}.${zone}`).length + 2;
  return total <= 255 && lengths.every((length) => length >= 1 && length <= 63);
}

function requireIpv4(text: string, column: number): number {
  const address = parseIpv4(text);
  if (address === undefined) throw fail(column, `${show(text)} is not an IPv4 address, such as 10.1.1.1`);
  return address;
}

function fail(column: number, reason: string): WireError {
  return new WireError('SYNTAX', column, reason);
}
