/**
 * One header field changed in a copy of the packet, with every checksum that covers it brought along (OpenFlow 1.3.5, section 5.12:
 * set-field and change-TTL recalculate the checksums of what they touch).
 *
 * Checksums are updated from the bytes before and after (RFC 1624), never computed anew. So a packet that arrived broken leaves
 * broken and its receiver still notices; the first fragment of a datagram, whose checksum covers bytes that are not here, is
 * edited rightly too; and padding has no part in it.
 *
 * SCTP's CRC (RFC 9260) is updated in the same spirit: it is linear, so what changes between the right value before and the right
 * value after also changes the wrong one. That needs the whole packet: in a fragment it stays, and its receiver drops the packet.
 */
import { toUdpChecksum, updateChecksum16 } from '../wire/packet/checksum.ts';
import { icmpView } from '../wire/packet/icmp.ts';
import { icmpv6View } from '../wire/packet/icmpv6.ts';
import { IP_PROTOCOL, ipv4View } from '../wire/packet/ipv4.ts';
import { sctpChecksumOf, sctpView } from '../wire/packet/sctp.ts';
import { tcpView } from '../wire/packet/tcp.ts';
import { udpView } from '../wire/packet/udp.ts';
import { type FieldPlace, setPlace } from './field-place.ts';
import type { IpLayout, TransportLayout } from './ip-layout.ts';
import type { Packet } from './packet.ts';

/** What an action made of a packet, or why it has no effect on this one. */
export type Edit =
  | { readonly type: 'edited'; readonly packet: Packet }
  | { readonly type: 'noEffect'; readonly reason: NoEffectReason };

export type NoEffectReason =
  /** The packet does not have the header or field that the action is about. */
  | 'noSuchHeader'
  /** An 802.3 length stands where a type would have to. */
  | 'noTypeField'
  /** The 802.3 length before the header would leave the range of lengths, and be read as a type. */
  | 'noSuchLength'
  /** A field that says where a packet comes from or what it is made of. */
  | 'notSettable'
  /** A field that is not of OpenFlow 1.3. */
  | 'unknownField'
  /** An experimenter's action, or one of another version. */
  | 'unknownAction';

export function edited(packet: Packet): Edit {
  return { type: 'edited', packet };
}

export function noEffect(reason: NoEffectReason): Edit {
  return { type: 'noEffect', reason };
}

/** The headers whose checksums may cover a place; a layout of the packet is one. */
export interface Covers {
  readonly ip?: IpLayout | undefined;
  readonly transport?: TransportLayout | undefined;
}

export function editPlace(packet: Packet, place: FieldPlace, value: number | bigint, covers: Covers): Packet {
  const bytes = packet.bytes.slice();
  const before = new DataView(packet.bytes.buffer, packet.bytes.byteOffset, packet.bytes.byteLength);
  const after = new DataView(bytes.buffer);
  setPlace(after, place, value);
  const { ip, transport } = covers;
  if (ip?.version === 4 && isWithin(place, ip.at, ip.headerEnd)) {
    const checksum = ipv4View.checksum(before, ip.at);
    ipv4View.setChecksum(after, ip.at, updateFromBytes(checksum, before, after, place, ip.at));
  }
  if (ip && transport) updateTransport(before, after, place, ip, transport);
  return { ...packet, bytes };
}

function isWithin(place: FieldPlace, at: number, end: number): boolean {
  return place.at >= at && place.at < end;
}

/** `base` is where the words that are summed up start to be counted. */
function updateFromBytes(checksum: number, before: DataView, after: DataView, place: FieldPlace, base: number): number {
  let sum = checksum;
  const from = place.at - ((place.at - base) % 2);
  for (let at = from; at < place.at + place.bytes; at += 2) {
    sum = updateChecksum16(sum, before.getUint16(at), after.getUint16(at));
  }
  return sum;
}

function updateTransport(
  before: DataView,
  after: DataView,
  place: FieldPlace,
  ip: IpLayout,
  transport: TransportLayout,
): void {
  const { at, end, protocol } = transport;
  if (protocol === IP_PROTOCOL.sctp) {
    if (!transport.isWhole || !isWithin(place, at, end)) return;
    const change = sctpChecksumOf(before, at, end) ^ sctpChecksumOf(after, at, end);
    sctpView.setChecksum(after, at, (sctpView.checksum(before, at) ^ change) >>> 0);
    return;
  }
  const view = CHECKSUM_VIEWS.get(protocol);
  if (!view) return;
  const checksum = view.checksum(before, at);
  // RFC 768: the sender computed none, and we do not speak for it.
  if (protocol === IP_PROTOCOL.udp && checksum === 0) return;
  const updated = updateCovered(checksum, before, after, place, ip, transport);
  if (updated === undefined) return;
  view.setChecksum(after, at, protocol === IP_PROTOCOL.udp ? toUdpChecksum(updated) : updated);
}

interface ChecksumView {
  checksum(view: DataView, at: number): number;
  setChecksum(view: DataView, at: number, checksum: number): void;
}

const CHECKSUM_VIEWS: ReadonlyMap<number, ChecksumView> = new Map<number, ChecksumView>([
  [IP_PROTOCOL.tcp, tcpView],
  [IP_PROTOCOL.udp, udpView],
  [IP_PROTOCOL.icmp, icmpView],
  [IP_PROTOCOL.icmpv6, icmpv6View],
]);

function updateCovered(
  checksum: number,
  before: DataView,
  after: DataView,
  place: FieldPlace,
  ip: IpLayout,
  { at, end, protocol }: TransportLayout,
): number | undefined {
  if (isWithin(place, at, end)) return updateFromBytes(checksum, before, after, place, at);
  // ICMP alone has no pseudo-header.
  if (protocol === IP_PROTOCOL.icmp) return undefined;
  if (place.at === ip.protocolAt) {
    // In the pseudo-header it is a word of its own, whatever stands beside it in the packet.
    return updateChecksum16(checksum, before.getUint8(place.at), after.getUint8(place.at));
  }
  const addressesAt = ip.at + (ip.version === 4 ? 12 : 8);
  const addressBytes = ip.version === 4 ? 4 : 16;
  const coveredBytes = ip.isDestinationFinal ? 2 * addressBytes : addressBytes;
  if (!isWithin(place, addressesAt, addressesAt + coveredBytes)) return undefined;
  return updateFromBytes(checksum, before, after, place, addressesAt);
}
