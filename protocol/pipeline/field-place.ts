/**
 * Where each header field stands in a frame: one row per field, from which reading, set_field and the TTL actions all derive.
 *
 * A place is a run of bits in a word of one, two, four, six or sixteen bytes. Which checksums cover it is not said here: it
 * follows from where it stands (`packet-edit.ts`).
 */

import { getMac, setMac } from '../wire/address.ts';
import type { OxmName } from '../wire/openflow/oxm.ts';
import { IP_PROTOCOL } from '../wire/packet/ipv4.ts';
import { getIpv6, setIpv6 } from '../wire/packet/ipv6.ts';
import { assert } from '../wire/wire-error.ts';
import type { IpLayout } from './ip-layout.ts';
import type { PacketLayout } from './packet-layout.ts';

export interface FieldPlace {
  readonly at: number;
  readonly bytes: 1 | 2 | 4 | 6 | 16;
  /** Bits of the word to the right of the field. Words of six and sixteen bytes are one field. */
  readonly shift: number;
  readonly bits: number;
}

/** Fields that are in no frame: they come with the packet, or say what headers there are. */
export type PipelineField = 'inPort' | 'inPhyPort' | 'metadata' | 'tunnelId' | 'ipv6Exthdr';

/** The times to live have actions of their own instead of a place among the match fields. */
export type HeaderField = Exclude<OxmName, PipelineField> | 'nwTtl' | 'mplsTtl';

type Row = (layout: PacketLayout) => FieldPlace | undefined;

const always = (at: number, bytes: FieldPlace['bytes']): Row => {
  return (layout) => (layout.etherType === undefined ? undefined : word(at, bytes));
};

function word(at: number, bytes: FieldPlace['bytes']): FieldPlace {
  return { at, bytes, shift: 0, bits: bytes * 8 };
}

/** The field `offset` bytes into a header, if that is there. */
function within(
  find: (layout: PacketLayout) => number | undefined,
  offset: number,
  bytes: FieldPlace['bytes'],
  shift = 0,
  bits = bytes * 8,
): Row {
  return (layout) => {
    const at = find(layout);
    return at === undefined ? undefined : { at: at + offset, bytes, shift, bits };
  };
}

const vlan = (layout: PacketLayout) => layout.vlanAt;
const mpls = (layout: PacketLayout) => layout.mplsAt;
const pbb = (layout: PacketLayout) => layout.pbbAt;
const arp = (layout: PacketLayout) => layout.arpAt;
const ipv4 = (layout: PacketLayout) => (layout.ip?.version === 4 ? layout.ip.at : undefined);
const ipv6 = (layout: PacketLayout) => (layout.ip?.version === 6 ? layout.ip.at : undefined);

function transport(protocol: number): (layout: PacketLayout) => number | undefined {
  return (layout) => (layout.transport?.protocol === protocol ? layout.transport.at : undefined);
}

const tcp = transport(IP_PROTOCOL.tcp);
const udp = transport(IP_PROTOCOL.udp);
const sctp = transport(IP_PROTOCOL.sctp);
const icmp = transport(IP_PROTOCOL.icmp);
const icmpv6 = transport(IP_PROTOCOL.icmpv6);

/** A field of both versions of IP, which have it at different places. */
function either(four: Row, six: Row): Row {
  return (layout) => (layout.ip?.version === 4 ? four(layout) : six(layout));
}

export const FIELD_PLACES: { readonly [F in HeaderField]: Row } = {
  ethDst: always(0, 6),
  ethSrc: always(6, 6),
  ethType: within((layout) => layout.typeAt, 0, 2),
  vlanVid: within(vlan, 0, 2, 0, 12),
  vlanPcp: within(vlan, 0, 2, 13, 3),
  ipDscp: either(within(ipv4, 1, 1, 2, 6), within(ipv6, 0, 2, 6, 6)),
  ipEcn: either(within(ipv4, 1, 1, 0, 2), within(ipv6, 0, 2, 4, 2)),
  ipProto: within((layout) => layout.ip?.protocolAt, 0, 1),
  nwTtl: (layout) => layout.ip && ipTtlPlace(layout.ip),
  ipv4Src: within(ipv4, 12, 4),
  ipv4Dst: within(ipv4, 16, 4),
  tcpSrc: within(tcp, 0, 2),
  tcpDst: within(tcp, 2, 2),
  tcpFlags: within(tcp, 12, 2, 0, 12),
  udpSrc: within(udp, 0, 2),
  udpDst: within(udp, 2, 2),
  sctpSrc: within(sctp, 0, 2),
  sctpDst: within(sctp, 2, 2),
  icmpv4Type: within(icmp, 0, 1),
  icmpv4Code: within(icmp, 1, 1),
  arpOp: within(arp, 6, 2),
  arpSha: within(arp, 8, 6),
  arpSpa: within(arp, 14, 4),
  arpTha: within(arp, 18, 6),
  arpTpa: within(arp, 24, 4),
  ipv6Src: within(ipv6, 8, 16),
  ipv6Dst: within(ipv6, 24, 16),
  ipv6Flabel: within(ipv6, 0, 4, 0, 20),
  icmpv6Type: within(icmpv6, 0, 1),
  icmpv6Code: within(icmpv6, 1, 1),
  ipv6NdTarget: within((layout) => layout.neighbor?.targetAt, 0, 16),
  ipv6NdSll: within((layout) => layout.neighbor?.sourceLinkAt, 0, 6),
  ipv6NdTll: within((layout) => layout.neighbor?.targetLinkAt, 0, 6),
  mplsLabel: within(mpls, 0, 4, 12, 20),
  mplsTc: within(mpls, 0, 4, 9, 3),
  mplsBos: within(mpls, 0, 4, 8, 1),
  mplsTtl: within(mpls, 0, 4, 0, 8),
  pbbIsid: within(pbb, 0, 4, 0, 24),
};

export function ipTtlPlace(ip: IpLayout): FieldPlace {
  return word(ip.version === 4 ? ip.at + 8 : ip.at + 7, 1);
}

export function getPlace(view: DataView, { at, bytes, shift, bits }: FieldPlace): number | bigint {
  if (bytes === 16) return getIpv6(view, at);
  if (bytes === 6) return getMac(view, at);
  return (getWord(view, at, bytes) >>> shift) % 2 ** bits;
}

export function setPlace(view: DataView, { at, bytes, shift, bits }: FieldPlace, value: number | bigint): void {
  if (bytes === 16) {
    assert(typeof value === 'bigint', 'a field of sixteen bytes has a bigint');
    setIpv6(view, at, value);
    return;
  }
  assert(typeof value === 'number', 'a field of up to six bytes has a number');
  if (bytes === 6) {
    setMac(view, at, value);
    return;
  }
  const mask = (2 ** bits - 1) * 2 ** shift;
  const moved = (value % 2 ** bits) * 2 ** shift;
  setWord(view, at, bytes, ((getWord(view, at, bytes) & ~mask) | moved) >>> 0);
}

function getWord(view: DataView, at: number, bytes: 1 | 2 | 4): number {
  if (bytes === 1) return view.getUint8(at);
  return bytes === 2 ? view.getUint16(at) : view.getUint32(at);
}

function setWord(view: DataView, at: number, bytes: 1 | 2 | 4, word: number): void {
  if (bytes === 1) view.setUint8(at, word);
  else if (bytes === 2) view.setUint16(at, word);
  else view.setUint32(at, word);
}
