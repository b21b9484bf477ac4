/**
 * IPv6 of one machine: RFC 8200 as RFC 8504 asks it of hosts. Its addresses are in `ipv6-address.ts`, its neighbours in `neighbor-discovery.ts`, and what
 * routers say in `router-discovery.ts`.
 *
 * Packets that do not fit are cut by their sender alone. The addresses of the last peer are remembered as words and as a bigint, since most
 * packets are from and to who had the one before.
 */
import { ETHER_TYPE, ETHERNET_BYTES } from '../../protocol/wire/packet/ethernet.ts';
import { encodeFrame } from '../../protocol/wire/packet/frame.ts';
import type { Icmpv6Body } from '../../protocol/wire/packet/icmpv6.ts';
import { IP_PROTOCOL } from '../../protocol/wire/packet/ipv4.ts';
import { getIpv6, IPV6_BYTES, ipv6View } from '../../protocol/wire/packet/ipv6.ts';
import { FRAGMENT_HEADER_BYTES, fragmentView } from '../../protocol/wire/packet/ipv6-extension.ts';
import type { Frame } from '../../protocol/wire/packet/layer.ts';
import { assert } from '../../protocol/wire/wire-error.ts';
import { type Nanos, SECOND, type Timer } from '../clock.ts';
import type { Card } from './card.ts';
import { createFrame, setDestination, toIpv6GroupMac, viewOf } from './ethernet-header.ts';
import type { OutgoingPacket } from './ip-service.ts';
import type { IpUpper } from './ip-upper.ts';
import { HOP_LIMIT_DEFAULT } from './ipv4.ts';
import { Ipv6Addresses, Ipv6Words, isGroup, isLinkLocal, type OwnAddress } from './ipv6-address.ts';
import { walkHeaders } from './ipv6-headers.ts';
import { NeighborDiscovery } from './neighbor-discovery.ts';
import { PathMtus } from './path-mtus.ts';
import { Reassembly, type ReassemblyOwner } from './reassembly.ts';
import { ReceivedPacket } from './received-packet.ts';
import { readReturnedIpv6 } from './returned-packet.ts';

const PAYLOAD_BYTES_MAX = 0xffff;

/** RFC 8200, section 5: every link has it. */
export const IPV6_MTU_MIN = 1280;

/** RFC 8200, section 4.5. */
const REASSEMBLY_TIME: Nanos = 60 * SECOND;

/** How to reach who had the last packet, too: looked up again after a second, in which lifetimes may have ended. */
interface Route {
  readonly dst: bigint;
  /** The neighbour that it goes to; undefined without a way. */
  readonly hop: bigint | undefined;
  readonly source: bigint | undefined;
  readonly until: Nanos;
}

const ROUTE_LIFETIME: Nanos = SECOND;

/** Where packets go that are not for the link. */
export interface Ipv6Routes {
  isOnLink(dst: bigint): boolean;
  readonly router: bigint | undefined;
  /** It does not answer. */
  routerFailed(router: bigint): void;
}

export interface Ipv6Upper extends IpUpper {
  problem(packet: ReceivedPacket, code: number, pointer: number, isForGroups: boolean): void;
}

export class Ipv6 implements ReassemblyOwner {
  readonly addresses = new Ipv6Addresses();
  readonly neighbors: NeighborDiscovery;
  hopLimit = HOP_LIMIT_DEFAULT;
  groups: { has(group: number | bigint): boolean } | undefined;
  readonly #card: Card;
  readonly #upper: Ipv6Upper;
  #routes: Ipv6Routes | undefined;
  #linkMtu: number;
  #identification = 0;
  #reassembly: Reassembly | undefined;
  #pathMtus: PathMtus | undefined;
  #peer = new Ipv6Words(0n);
  #lastRoute: Route | undefined;

  constructor(card: Card, upper: Ipv6Upper) {
    this.#card = card;
    this.#upper = upper;
    this.#linkMtu = card.mtu;
    this.neighbors = new NeighborDiscovery(card, this);
  }

  get now(): Nanos {
    return this.#card.now;
  }

  set routes(routes: Ipv6Routes) {
    this.#routes = routes;
    this.#lastRoute = undefined;
  }

  schedule(at: Nanos, run: () => void): Timer {
    return this.#card.schedule(at, run);
  }

  linkChanged(isUp: boolean): void {
    if (!isUp) this.neighbors.neighbours.forgetKnown();
  }

  /** Addresses or routes are others now. */
  routesChanged(): void {
    this.#lastRoute = undefined;
  }

  reset(): void {
    this.neighbors.clear();
    this.#reassembly?.clear();
    this.#pathMtus = undefined;
    this.#lastRoute = undefined;
  }

  receive(view: DataView, at: number, end: number, isGroupFrame: boolean): void {
    const { counters } = this.#card;
    const packetEnd = end - at < IPV6_BYTES ? end + 1 : at + IPV6_BYTES + ipv6View.payloadBytes(view, at);
    if (packetEnd > end || ipv6View.version(view, at) !== 6 || view.getUint8(at + 8) === 0xff) {
      counters.malformed++;
      return;
    }
    const own = this.addresses.match(view, at + 24);
    const isForMany = view.getUint8(at + 24) === 0xff;
    if (own === undefined ? !(isForMany && this.#isInGroup(view, at + 24)) : !this.#isOurs(own)) {
      counters.notForMe++;
      return;
    }
    const dst = own?.words.value ?? getIpv6(view, at + 24);
    const nextHeader = ipv6View.nextHeader(view, at);
    this.#walk(view, at, nextHeader, at + 6, at + IPV6_BYTES, packetEnd, dst, isForMany || isGroupFrame);
  }

  /** Where a packet to there would come from. */
  sourceFor(dst: bigint): bigint | undefined {
    return this.#routeTo(dst).source;
  }

  pathMtu(dst: bigint): number {
    return this.#pathMtus?.find(dst, this.now) ?? this.#linkMtu;
  }

  /** What routers say of the link; never more than the card can. */
  set linkMtu(mtu: number) {
    if (mtu >= IPV6_MTU_MIN && mtu <= this.#card.mtu) this.#linkMtu = mtu;
  }

  /** What is believed of it; undefined when it is no news. */
  narrow(dst: bigint, mtu: number): number | undefined {
    const believed = Math.max(mtu, IPV6_MTU_MIN);
    if (believed >= this.pathMtu(dst)) return undefined;
    this.#pathMtus ??= new PathMtus();
    return this.#pathMtus.lower(dst, believed, this.now) ? believed : undefined;
  }

  send(packet: OutgoingPacket): void {
    const { protocol, payload, hopLimit, trafficClass = 0 } = packet;
    const [src, dst] = [BigInt(packet.src), BigInt(packet.dst)];
    assert(payload.length <= PAYLOAD_BYTES_MAX, 'an IPv6 packet has a length that its header can say');
    const mtu = this.pathMtu(dst);
    if (IPV6_BYTES + payload.length <= mtu) {
      const frame = this.compose(src, dst, protocol, payload.length, hopLimit, trafficClass);
      frame.set(payload, ETHERNET_BYTES + IPV6_BYTES);
      this.transmit(frame, dst);
      return;
    }
    this.#identification = (this.#identification + 1) >>> 0;
    const pieceBytes = (mtu - IPV6_BYTES - FRAGMENT_HEADER_BYTES) & ~7;
    for (let from = 0; from < payload.length; from += pieceBytes) {
      const piece = payload.subarray(from, from + pieceBytes);
      const bytes = FRAGMENT_HEADER_BYTES + piece.length;
      const frame = this.compose(src, dst, IP_PROTOCOL.fragment, bytes, hopLimit, trafficClass);
      const at = ETHERNET_BYTES + IPV6_BYTES;
      const view = viewOf(frame);
      view.setUint8(at, protocol);
      view.setUint16(at + 2, from | (from + piece.length < payload.length ? 1 : 0));
      view.setUint32(at + 4, this.#identification);
      frame.set(piece, at + FRAGMENT_HEADER_BYTES);
      this.transmit(frame, dst);
    }
  }

  /** A frame with both headers, and room for what goes into the packet; `transmit` is next. */
  compose(
    src: bigint,
    dst: bigint,
    protocol: number,
    payloadBytes: number,
    hopLimit: number | undefined,
    trafficClass: number,
  ): Uint8Array {
    const frame = createFrame(this.#card.mac, ETHER_TYPE.ipv6, IPV6_BYTES + payloadBytes);
    const at = ETHERNET_BYTES;
    const view = viewOf(frame);
    view.setUint32(at, (0x6000_0000 | (trafficClass << 20)) >>> 0);
    view.setUint32(at + 4, ((payloadBytes << 16) | (protocol << 8) | (hopLimit ?? this.hopLimit)) >>> 0);
    const own = this.addresses.find(src)?.words ?? new Ipv6Words(src);
    own.putAt(view, at + 8);
    if (this.#peer.value !== dst) this.#peer = new Ipv6Words(dst);
    this.#peer.putAt(view, at + 24);
    return frame;
  }

  /** To whoever is next on the way to `dst`. */
  transmit(frame: Uint8Array, dst: bigint): void {
    if (frame[ETHERNET_BYTES + 24] === 0xff) {
      setDestination(frame, toIpv6GroupMac(dst));
      this.#card.sendFrame(frame);
      return;
    }
    if (this.addresses.find(dst)) {
      this.#sendToSelf(frame);
      return;
    }
    const { hop } = this.#routeTo(dst);
    if (hop !== undefined) this.neighbors.neighbours.send(hop, frame);
    else this.schedule(this.now, () => this.#returned(frame, 'network-unreachable'));
  }

  /** A message of our own making, as neighbour discovery wants it. */
  sendControl(src: bigint, dst: bigint, body: Icmpv6Body, hopLimit = 255, extension: Frame = []): void {
    const nextHeader = extension.length > 0 ? IP_PROTOCOL.hopByHop : IP_PROTOCOL.icmpv6;
    const frame = encodeFrame([
      { type: 'ethernet', dst: 0, src: this.#card.mac, etherType: ETHER_TYPE.ipv6 },
      { type: 'ipv6', nextHeader, hopLimit, src, dst },
      ...extension,
      { type: 'icmpv6', body },
    ]);
    this.transmit(frame, dst);
  }

  /** The neighbour on the way to `dst` is there: what was sent there came back answered. */
  confirm(dst: bigint): void {
    const { hop } = this.#routeTo(dst);
    if (hop !== undefined) this.neighbors.neighbours.confirm(hop);
  }

  fragmentsLost(count: number, first?: Uint8Array): void {
    this.#card.counters.fragmentsLost += count;
    if (first === undefined) return;
    const view = new DataView(first.buffer, first.byteOffset, first.byteLength);
    const [src, dst] = [ipv6View.src(view, 0), ipv6View.dst(view, 0)];
    const nextHeader = ipv6View.nextHeader(view, 0);
    this.#upper.reassemblyTimedOut(
      new ReceivedPacket(view, 0, IPV6_BYTES, first.length, nextHeader, src, dst, isGroup(dst)),
    );
  }

  /** Nobody has the address of its next hop. */
  abandoned(frame: Uint8Array): void {
    this.#card.counters.unresolved++;
    const router = this.#routes?.router;
    if (router !== undefined && this.neighbors.neighbours.find(router) === undefined) {
      this.#routes!.routerFailed(router);
      this.#lastRoute = undefined;
    }
    this.#returned(frame, 'host-unreachable');
  }

  #returned(frame: Uint8Array, fault: 'host-unreachable' | 'network-unreachable'): void {
    const view = new DataView(frame.buffer, frame.byteOffset + ETHERNET_BYTES, frame.byteLength - ETHERNET_BYTES);
    const returned = readReturnedIpv6(view, 0, view.byteLength);
    if (returned) this.#upper.failed(returned, fault);
  }

  #isOurs(own: OwnAddress): boolean {
    return !own.isTentative && own.validUntil > this.now;
  }

  #isInGroup(view: DataView, at: number): boolean {
    const [w0, w1, w2, w3] = [
      view.getUint32(at),
      view.getUint32(at + 4),
      view.getUint32(at + 8),
      view.getUint32(at + 12),
    ];
    if (w0 === 0xff02_0000 && w1 === 0) {
      if (w2 === 0 && w3 === 1) return true;
      if (w2 === 1 && w3 >>> 24 === 0xff) return this.addresses.hasSolicitedNode(view, at);
    }
    return this.groups?.has(getIpv6(view, at)) === true;
  }

  #walk(
    view: DataView,
    packetAt: number,
    nextHeader: number,
    nextHeaderAt: number,
    at: number,
    end: number,
    dst: bigint,
    isForMany: boolean,
  ): void {
    const { counters } = this.#card;
    const src = this.#sourceAt(view, packetAt + 8);
    // Without extension headers, which is nearly always, there is nothing to walk.
    if (nextHeader === IP_PROTOCOL.udp || nextHeader === IP_PROTOCOL.tcp || nextHeader === IP_PROTOCOL.icmpv6) {
      this.#upper.deliver(new ReceivedPacket(view, packetAt, at, end, nextHeader, src, dst, isForMany));
      return;
    }
    const walk = walkHeaders(view, packetAt, nextHeader, nextHeaderAt, at, end);
    switch (walk.type) {
      case 'transport':
        this.#upper.deliver(new ReceivedPacket(view, packetAt, walk.at, end, walk.protocol, src, dst, isForMany));
        return;
      case 'fragment':
        this.#reassemble(view, packetAt, walk.at, end, src, dst, isForMany);
        return;
      case 'problem': {
        const packet = new ReceivedPacket(view, packetAt, at, end, nextHeader, src, dst, isForMany);
        this.#upper.problem(packet, walk.code, walk.pointer, walk.isForGroups);
        counters.unheard++;
        return;
      }
      case 'nothing':
        counters.unheard++;
        return;
      case 'malformed':
        counters.malformed++;
    }
  }

  #sourceAt(view: DataView, at: number): bigint {
    if (!this.#peer.isAt(view, at)) this.#peer = new Ipv6Words(getIpv6(view, at));
    return this.#peer.value;
  }

  #routeTo(dst: bigint): Route {
    if (this.#lastRoute?.dst === dst && this.#lastRoute.until > this.now) return this.#lastRoute;
    const isOnLink = isGroup(dst) || isLinkLocal(dst) || this.#routes?.isOnLink(dst) === true;
    const hop = isOnLink ? dst : this.#routes?.router;
    const isOwn = this.addresses.find(dst) !== undefined;
    const source = hop === undefined && !isOwn ? undefined : this.addresses.sourceFor(dst, this.now);
    this.#lastRoute = { dst, hop, source, until: this.now + ROUTE_LIFETIME };
    return this.#lastRoute;
  }

  #sendToSelf(frame: Uint8Array): void {
    const view = viewOf(frame);
    this.schedule(this.now, () => this.receive(view, ETHERNET_BYTES, view.byteLength, false));
  }

  #reassemble(
    view: DataView,
    packetAt: number,
    at: number,
    end: number,
    src: bigint,
    dst: bigint,
    isForMany: boolean,
  ): void {
    const payloadAt = at + FRAGMENT_HEADER_BYTES;
    const hasMore = fragmentView.moreFragments(view, at);
    const offset = fragmentView.offsetBytes(view, at);
    // RFC 8200, section 4.5: a length that is no multiple of eight, and an end that no packet has.
    const fault =
      hasMore && (end - payloadAt) % 8 !== 0 ? 4 : offset + end - payloadAt > 0xffff ? at + 2 - packetAt : 0;
    if (fault > 0) {
      const packet = new ReceivedPacket(view, packetAt, at, end, IP_PROTOCOL.fragment, src, dst, isForMany);
      this.#card.counters.malformed++;
      this.#upper.problem(packet, 0, fault, false);
      return;
    }
    this.#reassembly ??= new Reassembly(this, REASSEMBLY_TIME);
    const joined = this.#reassembly.add(`${src} ${dst} ${fragmentView.identification(view, at)}`, {
      packet: new Uint8Array(view.buffer, view.byteOffset + packetAt, end - packetAt),
      payloadAt: payloadAt - packetAt,
      payloadEnd: end - packetAt,
      offset,
      hasMore,
    });
    if (!joined) return;
    // Headers before the fragment header have been obeyed with each fragment.
    const whole = new Uint8Array(IPV6_BYTES + joined.payload.length);
    whole.set(joined.first.packet.subarray(0, IPV6_BYTES));
    whole.set(joined.payload, IPV6_BYTES);
    const wholeView = new DataView(whole.buffer);
    const nextHeader = joined.first.packet[joined.first.payloadAt - FRAGMENT_HEADER_BYTES]!;
    whole[6] = nextHeader;
    ipv6View.setPayloadBytes(wholeView, 0, joined.payload.length);
    // A fragment within what fragments made is nobody's honest packet.
    if (nextHeader === IP_PROTOCOL.fragment) this.#card.counters.malformed++;
    else this.#walk(wholeView, 0, nextHeader, 6, IPV6_BYTES, whole.length, dst, isForMany);
  }
}
