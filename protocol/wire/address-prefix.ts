/**
 * Prefixes of IPv4 and IPv6 addresses: 10.1.0.0/16, fd00::/8, or an address alone, which is a prefix of all its bits.
 *
 * Bits behind the prefix are zero in a value, so two prefixes are the same if their fields are. Parsers answer undefined when the
 * text is not a prefix, also if it has bits behind its length: 10.1.2.3/16 is a host and its network, and whoever writes it for a
 * prefix may have meant either.
 */
import { formatIpv4, formatIpv6, parseIpv4, parseIpv6 } from './address.ts';

export type AddressPrefix =
  | { readonly version: 4; readonly value: number; readonly length: number }
  | { readonly version: 6; readonly value: bigint; readonly length: number };

const BITS = { 4: 32, 6: 128 } as const;

export function parseAddressPrefix(text: string): AddressPrefix | undefined {
  const [, address = '', digits] = /^([^/]*)(?:\/(0|[1-9]\d{0,2}))?$/.exec(text) ?? [];
  const ipv4 = parseIpv4(address);
  const ipv6 = ipv4 === undefined && address.includes(':') ? parseIpv6(address) : undefined;
  const prefix =
    ipv4 !== undefined
      ? ({ version: 4, value: ipv4, length: Number(digits ?? BITS[4]) } as const)
      : ipv6 !== undefined
        ? ({ version: 6, value: ipv6, length: Number(digits ?? BITS[6]) } as const)
        : undefined;
  if (!prefix || prefix.length > BITS[prefix.version]) return undefined;
  return hasStrayBits(prefix) ? undefined : prefix;
}

export function formatAddressPrefix({ version, value, length }: AddressPrefix): string {
  return `${version === 4 ? formatIpv4(value) : formatIpv6(value)}/${length}`;
}

/** The bits that count, in the form that the version's addresses have. */
export function prefixMask(version: 4, length: number): number;
export function prefixMask(version: 6, length: number): bigint;
export function prefixMask(version: 4 | 6, length: number): number | bigint {
  const bits = BITS[version];
  const mask = ((1n << BigInt(length)) - 1n) << BigInt(bits - length);
  return version === 4 ? Number(mask) : mask;
}

/** IPv4 addresses are numbers and IPv6 addresses bigints, so an address says which it is. */
export function isInPrefix(prefix: AddressPrefix, address: number | bigint): boolean {
  if ((typeof address === 'number') !== (prefix.version === 4)) return false;
  const rest = BigInt(BITS[prefix.version] - prefix.length);
  return BigInt(address) >> rest === BigInt(prefix.value) >> rest;
}

/** Whether all that is in `inner` is in `outer`. */
export function containsPrefix(outer: AddressPrefix, inner: AddressPrefix): boolean {
  return outer.length <= inner.length && isInPrefix(outer, inner.value);
}

/** Whether a prefix of that length leaves bits of the address behind it. */
function hasStrayBits({ version, value, length }: AddressPrefix): boolean {
  return (BigInt(value) & ((1n << BigInt(BITS[version] - length)) - 1n)) !== 0n;
}
