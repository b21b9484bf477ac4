/**
 * MAC, IPv4 and IPv6 addresses as numbers, and their text.
 *
 * A MAC address is a number below 2^48 (exact in a double), an IPv4 address a number below 2^32, an IPv6 address a bigint:
 * they compare with ===, serve as map keys without allocation, and are bytes or text only at the edges.
 * `getMac` and `setMac` are their way from and to bytes, as DataView has none for 48 bits. Text is canonical: lower-case MACs with colons, RFC 5952 for IPv6. Parsers answer undefined when the text is not an address.
 */

const HEX2 = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

export function getMac(view: DataView, at: number): number {
  return view.getUint16(at) * 0x1_0000_0000 + view.getUint32(at + 2);
}

export function setMac(view: DataView, at: number, mac: number): void {
  view.setUint16(at, mac / 0x1_0000_0000);
  view.setUint32(at + 2, mac);
}

export const MAC_BROADCAST = 0xffff_ffff_ffff;

/** Set in addresses of groups: multicast and broadcast. */
export const MAC_GROUP_BIT = 0x0100_0000_0000;

export function isGroupMac(mac: number): boolean {
  return Math.floor(mac / MAC_GROUP_BIT) % 2 === 1;
}

export function formatMac(mac: number): string {
  const high = Math.floor(mac / 0x1_0000_0000);
  const low = mac >>> 0;
  return `${HEX2[(high >>> 8) & 0xff]}:${HEX2[high & 0xff]}:${HEX2[low >>> 24]}:${HEX2[(low >>> 16) & 0xff]}:${HEX2[(low >>> 8) & 0xff]}:${HEX2[low & 0xff]}`;
}

export function parseMac(text: string): number | undefined {
  if (!/^[0-9a-f]{1,2}([:-][0-9a-f]{1,2}){5}$/i.test(text)) return undefined;
  return text.split(/[:-]/).reduce((mac, byte) => mac * 256 + Number.parseInt(byte, 16), 0);
}

export function formatIpv4(address: number): string {
  return `${address >>> 24}.${(address >>> 16) & 0xff}.${(address >>> 8) & 0xff}.${address & 0xff}`;
}

/** Dotted quad only: no octal, no short forms, no leading zeros (they mean different addresses to different programs). */
export function parseIpv4(text: string): number | undefined {
  const bytes = text.split('.');
  if (bytes.length !== 4) return undefined;
  let address = 0;
  for (const byte of bytes) {
    if (!/^(0|[1-9]\d{0,2})$/.test(byte) || Number(byte) > 255) return undefined;
    address = address * 256 + Number(byte);
  }
  return address;
}

/** As options and files write a place on the network; IPv6 addresses stand in brackets. */
export function formatHostAndPort({ host, port }: { readonly host: string; readonly port: number }): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

/** RFC 5952: the longest run of two or more zero groups (the first of equals) becomes `::`. */
export function formatIpv6(address: bigint): string {
  const groups: number[] = [];
  for (let shift = 112n; shift >= 0n; shift -= 16n) groups.push(Number((address >> shift) & 0xffffn));
  let bestStart = -1;
  let bestLength = 1;
  for (let start = 0; start < 8; start++) {
    let length = 0;
    while (start + length < 8 && groups[start + length] === 0) length++;
    if (length > bestLength) {
      bestStart = start;
      bestLength = length;
    }
  }
  const hex = groups.map((group) => group.toString(16));
  if (bestStart < 0) return hex.join(':');
  return `${hex.slice(0, bestStart).join(':')}::${hex.slice(bestStart + bestLength).join(':')}`;
}

/** RFC 4291 text, the embedded IPv4 tail included; no zone. */
export function parseIpv6(text: string): bigint | undefined {
  let rest = text;
  const tail: number[] = [];
  const dotted = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(rest);
  if (dotted) {
    const v4 = parseIpv4(dotted[2]!);
    if (v4 === undefined) return undefined;
    tail.push(v4 >>> 16, v4 & 0xffff);
    rest = dotted[1]!.endsWith('::') ? dotted[1]! : dotted[1]!.slice(0, -1);
  }
  const halves = rest.split('::');
  if (halves.length > 2) return undefined;
  const left = parseGroups(halves[0]!);
  const right = parseGroups(halves[1] ?? '');
  if (!left || !right) return undefined;
  const given = left.length + right.length + tail.length;
  if (halves.length === 1 ? given !== 8 : given > 7) return undefined;
  let address = 0n;
  for (const group of [...left, ...Array<number>(8 - given).fill(0), ...right, ...tail]) {
    address = (address << 16n) | BigInt(group);
  }
  return address;
}

function parseGroups(text: string): number[] | undefined {
  if (text === '') return [];
  const groups = text.split(':');
  if (!groups.every((group) => /^[0-9a-f]{1,4}$/i.test(group))) return undefined;
  return groups.map((group) => Number.parseInt(group, 16));
}
