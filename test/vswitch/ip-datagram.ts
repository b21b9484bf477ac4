/**
 * IP datagrams in frames, and their fragments, written byte by byte and cut by the rules of RFC 791 and RFC 8200: the oracle of reassembly, which
 * has nothing in common with what it judges.
 */
import { Chance } from './random-case.ts';

export interface Datagram {
  /** Up to where the IP header begins. */
  readonly link: readonly number[];
  readonly isIpv6: boolean;
  /** IPv4's options, or IPv6's headers before the fragment header. */
  readonly extra: readonly number[];
  readonly id: number;
  readonly proto: number;
  readonly payload: readonly number[];
}

const u16 = (value: number) => [(value >> 8) & 0xff, value & 0xff];
const u32 = (value: number) => [...u16(value >>> 16), ...u16(value & 0xffff)];

const MACS = [2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1];
const UDP = 17;

export function toDatagram(fields: Partial<Datagram> = {}): Datagram {
  const isIpv6 = fields.isIpv6 ?? false;
  const link = [...MACS, ...u16(isIpv6 ? 0x86dd : 0x0800)];
  return { link, isIpv6, extra: [], id: 7, proto: UDP, payload: udp(100), ...fields };
}

/** A UDP header to port 53, and so many bytes behind it. */
export function udp(bytes: number, chance = new Chance(bytes)): readonly number[] {
  return [...u16(1024), ...u16(53), ...u16(8 + bytes), 0, 0, ...chance.bytes(bytes)];
}

export function randomDatagram(chance: Chance, id: number): Datagram {
  const isIpv6 = chance.oneIn(2);
  const type = u16(isIpv6 ? 0x86dd : 0x0800);
  const tags = chance.pick([[], [], [0x81, 0, 0, 5], [0x88, 0xa8, 0, 9, 0x81, 0, 0, 5]]);
  const payload = udp(chance.pick([chance.below(100), chance.below(4000)]), chance);
  // Router alert, which every fragment has, and a record of the route, which the first one has.
  const options = chance.pick([[], [0x94, 4, 0, 0], [7, 7, 4, 0, 0, 0, 0, 0]]);
  const headers = chance.pick([[], [60, 0, 1, 4, 0, 0, 0, 0]]);
  return toDatagram({ link: [...MACS, ...tags, ...type], isIpv6, extra: isIpv6 ? headers : options, id, payload });
}

/** As it was before anybody cut it. */
export function toFrame(datagram: Datagram): Uint8Array {
  return build(datagram, datagram.payload, undefined);
}

/** So many bytes of payload in each fragment; in all but the last a multiple of eight. */
export function toFragments(datagram: Datagram, sizes: (at: number) => number): Uint8Array[] {
  const fragments: Uint8Array[] = [];
  for (let at = 0; at < datagram.payload.length; ) {
    const end = Math.min(datagram.payload.length, at + 8 * sizes(at));
    fragments.push(toFragment(datagram, at, end));
    at = end;
  }
  return fragments;
}

export function toFragment(
  datagram: Datagram,
  from: number,
  to: number,
  hasMore = to < datagram.payload.length,
): Uint8Array {
  return build(datagram, datagram.payload.slice(from, to), { from, hasMore });
}

interface Part {
  readonly from: number;
  readonly hasMore: boolean;
}

function build(datagram: Datagram, payload: readonly number[], part: Part | undefined): Uint8Array {
  const ip = datagram.isIpv6 ? ipv6(datagram, payload, part) : ipv4(datagram, payload, part);
  return Uint8Array.from([...datagram.link, ...ip]);
}

function ipv4({ extra, id, proto }: Datagram, payload: readonly number[], part: Part | undefined): readonly number[] {
  // RFC 791, section 3.1: an option is copied into all fragments only if its first bit says so.
  const options = part && part.from > 0 && extra[0] !== 0x94 ? [] : extra;
  const place = part ? (part.hasMore ? 0x2000 : 0) | (part.from / 8) : 0;
  const header = [
    0x45 + options.length / 4,
    0,
    ...u16(20 + options.length + payload.length),
    ...u16(id),
    ...u16(place),
    ...[64, proto, 0, 0],
    ...[10, 0, 0, 1, 10, 0, 0, 2],
    ...options,
  ];
  let sum = 0;
  for (let i = 0; i < header.length; i += 2) sum += (header[i]! << 8) | header[i + 1]!;
  while (sum > 0xffff) sum = (sum >>> 16) + (sum & 0xffff);
  header.splice(10, 2, ...u16(~sum & 0xffff));
  return [...header, ...payload];
}

function ipv6({ extra, id, proto }: Datagram, payload: readonly number[], part: Part | undefined): readonly number[] {
  const behind = part ? 44 : proto;
  // The first byte of `extra` is its number; in its place comes that of what follows it.
  const headers = extra.length > 0 ? [behind, ...extra.slice(1)] : [];
  const fragment = part ? [proto, 0, ...u16(part.from | (part.hasMore ? 1 : 0)), ...u32(id)] : [];
  const address = (last: number) => [0xfd, ...Array.from({ length: 14 }, () => 0), last];
  return [
    ...[0x60, 0, 0, 0],
    ...u16(headers.length + fragment.length + payload.length),
    ...[extra.length > 0 ? extra[0]! : behind, 64],
    ...address(1),
    ...address(2),
    ...headers,
    ...fragment,
    ...payload,
  ];
}
