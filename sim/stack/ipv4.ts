/**
 * IPv4 of one machine: RFC 791 as RFC 1122 asks it of hosts. It has one address, sends to who is on its link and to its router, and forwards for nobody.
 *
 * Without a router everything counts as on the link (as with Linux's `ip route add default dev eth0`): networks here are one broadcast domain unless
 * somebody says otherwise, whatever the lengths of their prefixes. Options are passed over. Packets that may be cut are (section 3.2),
 * with a number of their own; those that may not, and do not fit, make the path known as narrow (RFC 1191).
 *
 * A machine without an address takes what comes to its card: that is how DHCP speaks to it (RFC 2131, section 4.1).
 */
import { MAC_BROADCAST } from '../../protocol/wire/address.ts';
import { checksumOf, closeSum } from '../../protocol/wire/packet/checksum.ts';
import { ETHER_TYPE, ETHERNET_BYTES } from '../../protocol/wire/packet/ethernet.ts';
import { ipv4View } from '../../protocol/wire/packet/ipv4.ts';
import { assert } from '../../protocol/wire/wire-error.ts';
import { type Nanos, SECOND, type Timer } from '../clock.ts';
import { Arp } from './arp.ts';
import type { Card } from './card.ts';
import { createFrame, setDestination, toIpv4GroupMac, viewOf } from './ethernet-header.ts';
import type { OutgoingPacket } from './ip-service.ts';
import type { IpUpper } from './ip-upper.ts';
import { PathMtus } from './path-mtus.ts';
import { Reassembly, type ReassemblyOwner } from './reassembly.ts';
import { ReceivedPacket } from './received-packet.ts';
import { readReturnedIpv4 } from './returned-packet.ts';

export const HOP_LIMIT_DEFAULT = 64;
export const IPV4_BYTES_MIN = 20;

const PACKET_BYTES_MAX = 0xffff;
const DONT_FRAGMENT = 0x4000;
const MORE_FRAGMENTS = 0x2000;
const FIRST_GROUP = 0xe000_0000;
const ALL_ONES = 0xffff_ffff;

/** Linux's `ipfrag_time`. */
const REASSEMBLY_TIME: Nanos = 30 * SECOND;

/** Linux's `min_pmtu`: who claims a narrower path is not believed. */
const PATH_MTU_MIN = 552;

export class Ipv4 implements ReassemblyOwner {
  readonly #card: Card;
  readonly #upper: IpUpper;
  #address: number | undefined;
  #mask = 0;
  #broadcast = ALL_ONES;
  router: number | undefined;
  #identification = 0;
  #arp: Arp | undefined;
  #reassembly: Reassembly | undefined;
  #pathMtus: PathMtus | undefined;
  /** Who is in a group beside that of all hosts. */
  groups: { has(group: number | bigint): boolean } | undefined;

  constructor(card: Card, upper: IpUpper) {
    this.#card = card;
    this.#upper = upper;
  }

  get address(): number | undefined {
    return this.#address;
  }

  get now(): Nanos {
    return this.#card.now;
  }

  get arp(): Arp {
    this.#arp ??= new Arp(this.#card, this);
    return this.#arp;
  }

  schedule(at: Nanos, run: () => void): Timer {
    return this.#card.schedule(at, run);
  }

  /** False when it has been that before. */
  setAddress(address: number | undefined, prefixLength: number): boolean {
    const mask = prefixLength === 0 ? 0 : (ALL_ONES << (32 - prefixLength)) >>> 0;
    if (address === this.#address && mask === this.#mask) return false;
    this.#address = address;
    this.#mask = mask;
    // RFC 3021: a network of two addresses has no broadcast address.
    this.#broadcast = address === undefined || prefixLength >= 31 ? ALL_ONES : (address | ~this.#mask) >>> 0;
    this.#arp?.neighbours.clear();
    return true;
  }

  linkChanged(isUp: boolean): void {
    // Neighbours may be others when the cable is mended.
    if (!isUp) this.#arp?.neighbours.forgetKnown();
  }

  reset(): void {
    this.#arp?.clear();
    this.#reassembly?.clear();
    this.#pathMtus = undefined;
  }

  receiveArp(view: DataView, at: number, end: number): void {
    if (this.#address === undefined && this.#arp === undefined) return;
    this.arp.receive(view, at, end);
  }

  receive(view: DataView, at: number, end: number, isGroupFrame: boolean): void {
    const { counters } = this.#card;
    if (end - at < IPV4_BYTES_MIN) {
      counters.malformed++;
      return;
    }
    const first = view.getUint8(at);
    const headerBytes = (first & 15) * 4;
    const totalBytes = ipv4View.totalBytes(view, at);
    if (first >> 4 !== 4 || headerBytes < IPV4_BYTES_MIN || totalBytes < headerBytes || at + totalBytes > end) {
      counters.malformed++;
      return;
    }
    if (checksumOf(view, at, at + headerBytes) !== 0) {
      counters.badChecksum++;
      return;
    }
    const src = ipv4View.src(view, at);
    const dst = ipv4View.dst(view, at);
    const isForMany = isGroupFrame || this.isForMany(dst);
    if (!this.#isForMe(dst, isGroupFrame) || src >= FIRST_GROUP) {
      counters.notForMe++;
      return;
    }
    const protocol = ipv4View.protocol(view, at);
    if ((view.getUint16(at + 6) & 0x3fff) !== 0) {
      this.#reassemble(view, at, headerBytes, totalBytes, isForMany);
      return;
    }
    const bodyAt = at + headerBytes;
    this.#upper.deliver(new ReceivedPacket(view, at, bodyAt, at + totalBytes, protocol, src, dst, isForMany));
  }

  /** All on the link, or a group. */
  isForMany(dst: number): boolean {
    return dst >= FIRST_GROUP || dst === this.#broadcast;
  }

  pathMtu(dst: number): number {
    if (dst === this.#address) return PACKET_BYTES_MAX;
    return this.#pathMtus?.find(dst, this.now) ?? this.#card.mtu;
  }

  /** What is believed of it; undefined when it is no news. */
  narrow(dst: number, mtu: number): number | undefined {
    const believed = Math.max(mtu, PATH_MTU_MIN);
    if (believed >= this.pathMtu(dst)) return undefined;
    this.#pathMtus ??= new PathMtus();
    return this.#pathMtus.lower(dst, believed, this.now) ? believed : undefined;
  }

  send(packet: OutgoingPacket): void {
    const { payload } = packet;
    const [src, dst] = [Number(packet.src), Number(packet.dst)];
    const { protocol, hopLimit = HOP_LIMIT_DEFAULT, trafficClass = 0, isWhole = false } = packet;
    assert(payload.length <= PACKET_BYTES_MAX - IPV4_BYTES_MIN, 'an IPv4 packet has a length that its header can say');
    const mtu = this.pathMtu(dst);
    if (IPV4_BYTES_MIN + payload.length <= mtu) {
      const frame = this.compose(
        src,
        dst,
        protocol,
        payload.length,
        hopLimit,
        trafficClass,
        isWhole ? DONT_FRAGMENT : 0,
      );
      frame.set(payload, ETHERNET_BYTES + IPV4_BYTES_MIN);
      this.transmit(frame, dst);
    } else if (isWhole) {
      const returned = { protocol, src, dst, payload: payload.slice(0, 128) };
      this.schedule(this.now, () => this.#upper.narrowed(returned, mtu));
    } else this.#sendInFragments(packet, mtu);
  }

  /** A frame with both headers, and room for what goes into the packet; `transmit` is next. */
  compose(
    src: number,
    dst: number,
    protocol: number,
    payloadBytes: number,
    hopLimit: number,
    trafficClass: number,
    fragment = 0,
    identification = this.#nextIdentification(fragment),
  ): Uint8Array {
    const totalBytes = IPV4_BYTES_MIN + payloadBytes;
    const frame = createFrame(this.#card.mac, ETHER_TYPE.ipv4, totalBytes);
    const at = ETHERNET_BYTES;
    put16(frame, at, 0x4500 | trafficClass);
    put16(frame, at + 2, totalBytes);
    put16(frame, at + 4, identification);
    put16(frame, at + 6, fragment);
    put16(frame, at + 8, (hopLimit << 8) | protocol);
    put16(frame, at + 12, src >>> 16);
    put16(frame, at + 14, src);
    put16(frame, at + 16, dst >>> 16);
    put16(frame, at + 18, dst);
    const addresses = (src >>> 16) + (src & 0xffff) + (dst >>> 16) + (dst & 0xffff);
    const sum = (0x4500 | trafficClass) + totalBytes + identification + fragment + ((hopLimit << 8) | protocol);
    put16(frame, at + 10, closeSum(sum + addresses));
    return frame;
  }

  /** To whoever is next on the way to `dst`. */
  transmit(frame: Uint8Array, dst: number): void {
    if (dst === this.#address) this.#sendToSelf(frame);
    else if (dst === ALL_ONES || dst === this.#broadcast) {
      setDestination(frame, MAC_BROADCAST);
      this.#card.sendFrame(frame);
    } else if (dst >= FIRST_GROUP) {
      setDestination(frame, toIpv4GroupMac(dst));
      this.#card.sendFrame(frame);
    } else this.arp.neighbours.send(this.#nextHop(dst), frame);
  }

  /** The neighbour on the way to `dst` is there: what was sent there came back answered. */
  confirm(dst: number): void {
    this.#arp?.neighbours.confirm(this.#nextHop(dst));
  }

  fragmentsLost(count: number, first?: Uint8Array): void {
    this.#card.counters.fragmentsLost += count;
    if (first === undefined) return;
    const view = new DataView(first.buffer, first.byteOffset, first.byteLength);
    const [src, dst, protocol] = [ipv4View.src(view, 0), ipv4View.dst(view, 0), ipv4View.protocol(view, 0)];
    const at = ipv4View.headerBytes(view, 0);
    this.#upper.reassemblyTimedOut(
      new ReceivedPacket(view, 0, at, first.length, protocol, src, dst, this.isForMany(dst)),
    );
  }

  /** Nobody has the address of its next hop. */
  abandoned(frame: Uint8Array): void {
    this.#card.counters.unresolved++;
    const view = new DataView(frame.buffer, frame.byteOffset + ETHERNET_BYTES, frame.byteLength - ETHERNET_BYTES);
    const returned = readReturnedIpv4(view, 0, view.byteLength);
    if (returned) this.#upper.failed(returned, 'host-unreachable');
  }

  #isForMe(dst: number, isGroupFrame: boolean): boolean {
    if (dst === this.#address || dst === this.#broadcast || dst === ALL_ONES) return true;
    if (dst >= FIRST_GROUP) return dst === FIRST_GROUP + 1 || this.groups?.has(dst) === true;
    return this.#address === undefined && !isGroupFrame;
  }

  #nextHop(dst: number): number {
    const { router } = this;
    return router === undefined || ((dst ^ this.#address!) & this.#mask) === 0 ? dst : router;
  }

  /** RFC 6864: what cannot be cut needs no number. */
  #nextIdentification(fragment: number): number {
    if (fragment === DONT_FRAGMENT) return 0;
    this.#identification = (this.#identification + 1) & 0xffff;
    return this.#identification;
  }

  #sendInFragments(packet: OutgoingPacket, mtu: number): void {
    const { protocol, payload, hopLimit = HOP_LIMIT_DEFAULT, trafficClass = 0 } = packet;
    const [src, dst] = [Number(packet.src), Number(packet.dst)];
    const identification = this.#nextIdentification(0);
    const pieceBytes = (mtu - IPV4_BYTES_MIN) & ~7;
    for (let from = 0; from < payload.length; from += pieceBytes) {
      const piece = payload.subarray(from, from + pieceBytes);
      const fragment = (from + piece.length < payload.length ? MORE_FRAGMENTS : 0) | (from >> 3);
      const frame = this.compose(src, dst, protocol, piece.length, hopLimit, trafficClass, fragment, identification);
      frame.set(piece, ETHERNET_BYTES + IPV4_BYTES_MIN);
      this.transmit(frame, dst);
    }
  }

  /** It never sees the cable, but takes its turn. */
  #sendToSelf(frame: Uint8Array): void {
    const view = viewOf(frame);
    this.schedule(this.now, () => this.receive(view, ETHERNET_BYTES, view.byteLength, false));
  }

  #reassemble(view: DataView, at: number, headerBytes: number, totalBytes: number, isForMany: boolean): void {
    const src = ipv4View.src(view, at);
    const dst = ipv4View.dst(view, at);
    const protocol = ipv4View.protocol(view, at);
    const hasMore = ipv4View.moreFragments(view, at);
    if (hasMore && (totalBytes - headerBytes) % 8 !== 0) {
      this.#card.counters.malformed++;
      return;
    }
    this.#reassembly ??= new Reassembly(this, REASSEMBLY_TIME);
    const joined = this.#reassembly.add(`${src} ${dst} ${protocol} ${ipv4View.identification(view, at)}`, {
      packet: new Uint8Array(view.buffer, view.byteOffset + at, totalBytes),
      payloadAt: headerBytes,
      payloadEnd: totalBytes,
      offset: ipv4View.fragmentOffsetBytes(view, at),
      hasMore,
    });
    if (!joined) return;
    const { packet, payloadAt } = joined.first;
    const whole = new Uint8Array(payloadAt + joined.payload.length);
    if (whole.length > PACKET_BYTES_MAX) {
      this.#card.counters.malformed++;
      return;
    }
    whole.set(packet.subarray(0, payloadAt));
    whole.set(joined.payload, payloadAt);
    const wholeView = new DataView(whole.buffer);
    ipv4View.setTotalBytes(wholeView, 0, whole.length);
    this.#upper.deliver(new ReceivedPacket(wholeView, 0, payloadAt, whole.length, protocol, src, dst, isForMany));
  }
}

function put16(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >> 8;
  bytes[at + 1] = value;
}
