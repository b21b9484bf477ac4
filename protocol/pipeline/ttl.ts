/**
 * The times to live: set, decremented and copied (OpenFlow 1.3.5, section 5.12, Table 7, and section 7.2.5).
 *
 * Copying is between the two outermost headers that have one. Within a stack of labels that is the next entry; below its bottom
 * nothing says what follows, so the first half-byte decides between IPv4 and IPv6 (RFC 4928), and a header that does not hold
 * together is none. IP within IP counts as well.
 */
import { IP_PROTOCOL } from '../wire/packet/ipv4.ts';
import { MPLS_BYTES, mplsView } from '../wire/packet/mpls.ts';
import { FIELD_PLACES, type FieldPlace, getPlace, ipTtlPlace } from './field-place.ts';
import { findIpv4, findIpv6, type IpLayout } from './ip-layout.ts';
import type { Packet } from './packet.ts';
import { type Edit, edited, editPlace, noEffect } from './packet-edit.ts';
import { type PacketLayout, readLayout } from './packet-layout.ts';

/** A packet whose time to live is up has no future: it is dropped, and may be shown to the controller. */
export type TtlEdit = Edit | { readonly type: 'invalidTtl' };

type TtlField = 'nwTtl' | 'mplsTtl';

export function setTtl(packet: Packet, field: TtlField, ttl: number): Edit {
  const layout = readLayout(packet.bytes);
  const place = FIELD_PLACES[field](layout);
  return place ? edited(editPlace(packet, place, ttl, layout)) : noEffect('noSuchHeader');
}

export function decrementTtl(packet: Packet, field: TtlField): TtlEdit {
  const layout = readLayout(packet.bytes);
  const place = FIELD_PLACES[field](layout);
  if (!place) return noEffect('noSuchHeader');
  const ttl = getPlace(layout.view, place) as number;
  // One would become zero, which may not be sent (RFC 1812, section 5.3.1).
  return ttl <= 1 ? { type: 'invalidTtl' } : edited(editPlace(packet, place, ttl - 1, layout));
}

export function copyTtlOut(packet: Packet): Edit {
  return copyTtl(packet, (outer, inner) => [inner, outer]);
}

export function copyTtlIn(packet: Packet): Edit {
  return copyTtl(packet, (outer, inner) => [outer, inner]);
}

/** A header with a time to live; the checksum of an IP header covers it. */
interface TtlHeader {
  readonly place: FieldPlace;
  readonly ip?: IpLayout | undefined;
}

function copyTtl(packet: Packet, toPair: (outer: TtlHeader, inner: TtlHeader) => [TtlHeader, TtlHeader]): Edit {
  const layout = readLayout(packet.bytes);
  const outer = findOuter(layout);
  const inner = outer && findInner(layout, outer);
  if (!inner) return noEffect('noSuchHeader');
  const [from, to] = toPair(outer, inner);
  return edited(editPlace(packet, to.place, getPlace(layout.view, from.place), { ip: to.ip }));
}

function findOuter(layout: PacketLayout): TtlHeader | undefined {
  const { ip } = layout;
  const place = ip ? ipTtlPlace(ip) : FIELD_PLACES.mplsTtl(layout);
  return place && { place, ip };
}

function findInner({ view, end, mplsAt }: PacketLayout, { ip }: TtlHeader): TtlHeader | undefined {
  if (ip) return findInIp(view, ip);
  if (mplsAt === undefined) return undefined;
  const nextAt = mplsAt + MPLS_BYTES;
  if (mplsView.bottom(view, mplsAt)) return toTtlHeader(findIp(view, nextAt, end));
  if (nextAt + MPLS_BYTES > end) return undefined;
  return { place: { at: nextAt, bytes: 4, shift: 0, bits: 8 } };
}

function findInIp(view: DataView, { protocol, payloadAt, end }: IpLayout): TtlHeader | undefined {
  const isIp = protocol === IP_PROTOCOL.ipv4 || protocol === IP_PROTOCOL.ipv6;
  return isIp && payloadAt !== undefined ? toTtlHeader(findIp(view, payloadAt, end)) : undefined;
}

function toTtlHeader(ip: IpLayout | undefined): TtlHeader | undefined {
  return ip && { place: ipTtlPlace(ip), ip };
}

function findIp(view: DataView, at: number, end: number): IpLayout | undefined {
  return findIpv4(view, at, end) ?? findIpv6(view, at, end);
}
