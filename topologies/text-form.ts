/**
 * The short texts of topologies and scenarios: names, datapath ids, addresses, ends of links.
 *
 * Each form says what it is in words (for errors), as a pattern (for the JSON Schema that editors use), and as a parser that knows
 * better than the pattern. Parsers throw a `WireError` with the column within the text.
 */
import {
  formatHostAndPort,
  formatIpv4,
  formatIpv6,
  formatMac,
  parseIpv4,
  parseIpv6,
  parseMac,
} from '../protocol/wire/address.ts';
import { formatIp, type IpAddress, parseIp } from '../protocol/wire/ip-address.ts';
import { WireError } from '../protocol/wire/wire-error.ts';
import type { End, HostAddress, HostIpv6, SocketAddress } from './document.ts';

export interface TextForm<T> {
  /** To end the sentence "… must be". */
  readonly what: string;
  readonly example: string;
  /** ECMA-262 with the u flag. Whatever the parser accepts matches; what else it refuses, the schema cannot say. */
  readonly pattern: string;
  readonly refused?: readonly string[];
  /** Names stand beside words that YAML 1.1 programs take for truth values. */
  readonly isName?: boolean;
  /** What YAML takes for a number is read as it was written: quotes would mend nothing. */
  readonly readsNumbers?: boolean;
  /** Which numbers can then be right; none if absent. */
  readonly integers?: { readonly min: number; readonly max: number };
  parse(text: string): T;
  /** The way back, where a value is not its own text: what `parse` reads as the same. */
  format?(value: T): string;
}

/** `:` separates a port from a name, `,` and brackets are YAML's; letters are those of any language. */
const NAME_PATTERN = '[\\p{L}\\p{N}][\\p{L}\\p{M}\\p{N}._\\-]{0,62}';

/** graphology keeps neighbours in plain objects, where these names are there before anybody put them there. */
const RESERVED_NAMES = Object.getOwnPropertyNames(Object.prototype)
  .filter((name) => /^[a-z]/i.test(name))
  .sort();

/** The port number of the last physical port (OpenFlow 1.3.5, section 7.2.1: OFPP_MAX). */
export const PORT_MAX = 0xffffff00;

export const NAME: TextForm<string> = {
  what: 'a name',
  example: 'gw-1',
  pattern: `^${NAME_PATTERN}$`,
  refused: RESERVED_NAMES,
  isName: true,
  parse(text) {
    if (RESERVED_NAMES.includes(text)) throw fail(1, `${text} is a word of JavaScript's own; choose another name`);
    return requireName(text, 1);
  },
};

export const END: TextForm<End> = {
  what: 'a switch or host, with its port if you like',
  example: 'gw-1 or "gw-1:3"',
  pattern: `^${NAME_PATTERN}(:(0|[1-9][0-9]{0,9}))?$`,
  isName: true,
  parse(text) {
    const colon = text.indexOf(':');
    if (colon < 0) return { node: requireName(text, 1) };
    const node = requireName(text.slice(0, colon), 1);
    const digits = text.slice(colon + 1);
    if (!/^(0|[1-9]\d*)$/.test(digits))
      throw fail(colon + 2, `${show(digits)} is not a port number; write ${node}:1, say`);
    const port = Number(digits);
    if (port > PORT_MAX) throw fail(colon + 2, `port ${show(digits)} is beyond the last one, ${PORT_MAX}`);
    return { node, port };
  },
  format: ({ node, port }) => (port === undefined ? node : `${node}:${port}`),
};

/** What `ovs-vsctl set bridge other-config:datapath-id` takes; anything shorter could be meant as decimal. */
export const DPID: TextForm<bigint> = {
  what: 'a datapath id',
  example: '"0x11" or "0000000000000011"',
  pattern: '^(0x[0-9a-fA-F]{1,16}|[0-9a-fA-F]{16})$',
  isName: true,
  parse(text) {
    if (!/^(0x[0-9a-fA-F]{1,16}|[0-9a-fA-F]{16})$/.test(text)) {
      throw fail(1, `${show(text)} is not a datapath id; write it as "0x11" or with all 16 hex digits`);
    }
    const dpid = BigInt(text.startsWith('0x') ? text : `0x${text}`);
    if (dpid === 0n) throw fail(1, 'datapath id 0 means "none" to switches; take another');
    return dpid;
  },
  format: (dpid) => `0x${dpid.toString(16)}`,
};

/** The last but one: all ones stand for all queues (OpenFlow 1.3.5, section 7.3.5.8). */
const QUEUE_ID_MAX = 0xfffffffe;

export const QUEUE_ID: TextForm<number> = {
  what: 'the number of a queue',
  example: '1',
  pattern: '^(0|[1-9][0-9]{0,9})$',
  readsNumbers: true,
  integers: { min: 0, max: QUEUE_ID_MAX },
  parse(text) {
    if (!/^(0|[1-9]\d{0,9})$/.test(text)) throw fail(1, `${show(text)} is not the number of a queue, such as 1`);
    if (Number(text) > QUEUE_ID_MAX) throw fail(1, `queue ${text} is beyond the last one, ${QUEUE_ID_MAX}`);
    return Number(text);
  },
  format: String,
};

export const MAC: TextForm<number> = {
  what: 'a MAC address',
  example: '"00:00:00:00:00:01"',
  pattern: '^[0-9a-fA-F]{1,2}([:\\-][0-9a-fA-F]{1,2}){5}$',
  parse(text) {
    const mac = parseMac(text);
    if (mac === undefined) throw fail(1, `${show(text)} is not a MAC address, such as 00:00:00:00:00:01`);
    // IEEE 802, the I/G bit: the lowest bit of the first octet.
    if (Math.floor(mac / 2 ** 40) % 2 === 1) throw fail(1, `${text} is a group address; make its first byte even`);
    if (mac === 0) throw fail(1, `${text} is nobody's address; take another`);
    return mac;
  },
  format: formatMac,
};

const OCTET = '(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])';

export const HOST_ADDRESS: TextForm<HostAddress | 'dhcp'> = {
  what: 'an IPv4 address with its prefix length, or dhcp',
  example: '10.1.1.21/24',
  pattern: `^(dhcp|${OCTET}(\\.${OCTET}){3}/(3[0-2]|[12]?[0-9]))$`,
  parse(text) {
    if (text === 'dhcp') return text;
    const slash = text.indexOf('/');
    const quad = slash < 0 ? text : text.slice(0, slash);
    const address = parseIpv4(quad);
    if (address === undefined) throw fail(1, `${show(quad)} is not an IPv4 address; write 10.1.1.21/24, say, or dhcp`);
    if (slash < 0) throw fail(1, `${quad} lacks its prefix length; write ${quad}/24, say`);
    const prefix = text.slice(slash + 1);
    if (!/^(\d|[12]\d|3[0-2])$/.test(prefix)) {
      throw fail(slash + 2, `${show(prefix)} is not a prefix length; it goes from 0 to 32`);
    }
    return { address, prefixLength: Number(prefix) };
  },
  format: (ip) => (ip === 'dhcp' ? ip : `${formatIpv4(ip.address)}/${ip.prefixLength}`),
};

export const HOST_IPV6: TextForm<HostIpv6> = {
  what: 'an IPv6 address with its prefix length, slaac, or link-local',
  example: 'fd00:1::21/64',
  pattern: '^(slaac|link-local|[0-9a-fA-F:.]*:[0-9a-fA-F:.]*/(12[0-8]|1[01][0-9]|[1-9]?[0-9]))$',
  parse(text) {
    if (text === 'slaac' || text === 'link-local') return text;
    const slash = text.indexOf('/');
    const groups = slash < 0 ? text : text.slice(0, slash);
    const address = parseIpv6(groups);
    if (address === undefined) {
      throw fail(1, `${show(groups)} is not an IPv6 address; write fd00:1::21/64, say, slaac or link-local`);
    }
    if (slash < 0) throw fail(1, `${groups} lacks its prefix length; write ${groups}/64, say`);
    const prefix = text.slice(slash + 1);
    if (!/^(\d|[1-9]\d|1[01]\d|12[0-8])$/.test(prefix)) {
      throw fail(slash + 2, `${show(prefix)} is not a prefix length; it goes from 0 to 128`);
    }
    return { address, prefixLength: Number(prefix) };
  },
  format: (value) => (typeof value === 'string' ? value : `${formatIpv6(value.address)}/${value.prefixLength}`),
};

export const GATEWAY: TextForm<IpAddress> = {
  what: 'the address of a router',
  example: '10.1.1.1',
  pattern: `^(${OCTET}(\\.${OCTET}){3}|[0-9a-fA-F:.]*:[0-9a-fA-F:.]*)$`,
  parse(text) {
    const address = parseIp(text);
    if (address !== undefined) return address;
    const slash = text.indexOf('/');
    const bare = slash < 0 ? undefined : parseIp(text.slice(0, slash));
    if (bare !== undefined) throw fail(slash + 1, `a gateway is one address; write ${text.slice(0, slash)} alone`);
    throw fail(1, `${show(text)} is not an address; write 10.1.1.1, say`);
  },
  format: formatIp,
};

export const SOCKET_ADDRESS: TextForm<SocketAddress> = {
  what: 'a host and a port',
  example: '127.0.0.1:9000',
  pattern: '^([^\\s:\\[\\]]+|\\[[0-9a-fA-F:.]+\\]):[1-9][0-9]{0,4}$',
  parse(text) {
    const [, host, digits] = /^([^\s:[\]]+|\[[0-9a-f:.]+\]):([1-9]\d{0,4})$/i.exec(text) ?? [];
    if (host === undefined)
      throw fail(1, `${show(text)} is not a host and a port, such as 127.0.0.1:9000 or [::1]:9000`);
    if (Number(digits) > 0xffff) throw fail(text.length - digits!.length + 1, `port ${digits} is above 65535`);
    return { host: host.replace(/^\[|\]$/g, ''), port: Number(digits) };
  },
  format: formatHostAndPort,
};

/** Free text on one line: a terminal prints it as it is. */
export const LINE: TextForm<string> = {
  what: 'a line of text',
  example: 'run/p9.sock',
  pattern: '^[^\\p{Cc}\\p{Zl}\\p{Zp}]{1,255}$',
  parse(text) {
    if (text === '') throw fail(1, 'this is empty; write something, or remove the key');
    const bad = text.search(/[\p{Cc}\p{Zl}\p{Zp}]/u);
    if (bad >= 0) throw fail(bad + 1, 'this has a line break or another control character; keep to one line of text');
    if ([...text].length > 255) throw fail(1, 'this is longer than 255 characters; shorten it');
    return text;
  },
};

function requireName(text: string, column: number): string {
  if (new RegExp(`^${NAME_PATTERN}$`, 'u').test(text)) return text;
  if (text === '') throw fail(column, 'a name is missing here');
  const [first = ''] = text;
  if (!/[\p{L}\p{N}]/u.test(first)) {
    throw fail(column, `the name ${show(text)} starts with ${show(first)}; names start with a letter or a digit`);
  }
  const bad = text.search(/[^\p{L}\p{M}\p{N}._-]/u);
  if (bad < 0) throw fail(column, `the name ${show(text)} is longer than 63 characters; shorten it`);
  const [character = ''] = text.slice(bad);
  throw fail(
    column + bad,
    `the name ${show(text)} has ${show(character)} in it; use letters, digits, "-", "_" and "."`,
  );
}

function fail(column: number, reason: string): WireError {
  return new WireError('SYNTAX', column, reason);
}

/** What a user wrote, in quotes and not too long, control characters escaped. */
export function show(text: string): string {
  return JSON.stringify(clip(text));
}

/** Nobody wants to read a novel in an error message. */
export function clip(text: string): string {
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}
