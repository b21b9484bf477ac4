/**
 * An address of either family: IPv4 as a number, IPv6 as a bigint, as the wire has them. The two never compare equal, so they share maps.
 *
 * Not every address belongs to a host: what stands for nobody, for many or for oneself is not learned.
 */
import { formatIpv4, formatIpv6, parseIpv4, parseIpv6 } from './address.ts';

export type IpAddress = number | bigint;

/** RFC 1112 and RFC 1122: from here on, groups, what is reserved, and all. */
const IPV4_GROUPS = 0xe000_0000;
const IPV4_LOOPBACK = 127;

/** RFC 4291, section 2.4: unspecified and loopback are 0 and 1, groups begin with eight ones. */
const IPV6_LOOPBACK = 1n;
const IPV6_GROUP_PREFIX = 0xffn;

/** A single host may have it. */
export function isHostAddress(ip: IpAddress): boolean {
  if (typeof ip === 'bigint') return ip > IPV6_LOOPBACK && ip >> 120n !== IPV6_GROUP_PREFIX;
  return ip >>> 24 !== 0 && ip < IPV4_GROUPS && ip >>> 24 !== IPV4_LOOPBACK;
}

export function formatIp(ip: IpAddress): string {
  return typeof ip === 'bigint' ? formatIpv6(ip) : formatIpv4(ip);
}

/** Undefined when the text is no address. */
export function parseIp(text: string): IpAddress | undefined {
  return parseIpv4(text) ?? parseIpv6(text);
}
