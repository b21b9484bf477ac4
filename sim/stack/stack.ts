/**
 * The network of one machine, from its card up to its sockets: both versions of IP, what finds neighbours, ICMP, UDP, and the transports that are plugged in.
 *
 *     card ── ARP                       NeighborDiscovery, RouterDiscovery ── card
 *       └──── Ipv4 ── IcmpLayer ─┬─ Echoes ─┬─ Icmpv6Layer ── Ipv6 ───────────┘
 *                                ├── Udp ───┤
 *                                └── TCP ───┘
 *
 * Most machines of a network are idle, so everything is made when it is first needed, and a machine that nobody speaks to is little more than its
 * addresses. IPv6 is there only where it is asked for: its start alone would put frames on every cable of a network whose owner thinks in IPv4.
 */

import type { IpAddress } from '../../protocol/wire/ip-address.ts';
import { pseudoHeaderV4, pseudoHeaderV6 } from '../../protocol/wire/packet/checksum.ts';
import { ETHER_TYPE, ETHERNET_BYTES } from '../../protocol/wire/packet/ethernet.ts';
import type { Icmpv6Body } from '../../protocol/wire/packet/icmpv6.ts';
import { IP_PROTOCOL } from '../../protocol/wire/packet/ipv4.ts';
import type { Nanos, Timer } from '../clock.ts';
import type { Card } from './card.ts';
import { Echoes } from './echo.ts';
import { ErrorPace } from './error-pace.ts';
import { GroupMembership } from './group-membership.ts';
import { IcmpLayer } from './icmp.ts';
import { Icmpv6Layer, type Icmpv6Owner, isNeighborMessage } from './icmpv6.ts';
import type { IpService, OutgoingPacket } from './ip-service.ts';
import { Ipv4 } from './ipv4.ts';
import type { Ipv6, Ipv6Upper } from './ipv6.ts';
import { type Ipv6Config, Ipv6Setup } from './ipv6-setup.ts';
import type { ReceivedPacket } from './received-packet.ts';
import type { ReturnedPacket } from './returned-packet.ts';
import type { SocketFault } from './socket.ts';
import { Tcp } from './tcp/tcp.ts';
import { TCP_MODEL } from './tcp/tcp-model.ts';
import { Udp } from './udp.ts';

/** Where in an IPv6 header the kind of what follows stands. */
const NEXT_HEADER_AT = 6;

export class Stack implements IpService, Ipv6Upper, Icmpv6Owner {
  readonly card: Card;
  readonly ipv4: Ipv4;
  readonly #ipv6Setup: Ipv6Setup | undefined;
  #icmp: IcmpLayer | undefined;
  #icmpv6: Icmpv6Layer | undefined;
  #echoes: Echoes | undefined;
  #errorPace: ErrorPace | undefined;
  #groups: GroupMembership | undefined;
  #udp: Udp | undefined;
  #tcp: Tcp | undefined;

  constructor(card: Card, ipv6: Ipv6Config | undefined) {
    this.card = card;
    this.ipv4 = new Ipv4(card, this);
    this.#ipv6Setup = ipv6 && new Ipv6Setup(card, this, ipv6);
  }

  get now(): Nanos {
    return this.card.now;
  }

  get ipv6(): Ipv6 | undefined {
    return this.#ipv6Setup?.ipv6;
  }

  /** Name servers that routers told of. */
  get nameServers(): readonly IpAddress[] {
    return this.#ipv6Setup?.routers.nameServers ?? [];
  }

  get addresses(): readonly IpAddress[] {
    const { address } = this.ipv4;
    const ipv6 = this.ipv6?.addresses.listUsable(this.now) ?? [];
    return address === undefined ? ipv6 : [address, ...ipv6];
  }

  get echoes(): Echoes {
    this.#echoes ??= new Echoes();
    return this.#echoes;
  }

  get errorPace(): ErrorPace {
    this.#errorPace ??= new ErrorPace();
    return this.#errorPace;
  }

  get groups(): GroupMembership {
    if (this.#groups === undefined) {
      this.#groups = new GroupMembership(this.card, this.ipv4, this.ipv6);
      this.ipv4.groups = this.#groups;
      if (this.ipv6) this.ipv6.groups = this.#groups;
    }
    return this.#groups;
  }

  get udp(): Udp {
    this.#udp ??= new Udp(this);
    return this.#udp;
  }

  get tcp(): Tcp {
    this.#tcp ??= new Tcp(this, this.card.random('tcp'), TCP_MODEL, this.card.counters);
    return this.#tcp;
  }

  schedule(at: Nanos, run: () => void): Timer {
    return this.card.schedule(at, run);
  }

  /** A frame that is for us or for many. */
  receiveFrame(view: DataView, isGroupFrame: boolean): void {
    const end = view.byteLength;
    switch (view.getUint16(12)) {
      case ETHER_TYPE.ipv4:
        this.ipv4.receive(view, ETHERNET_BYTES, end, isGroupFrame);
        return;
      case ETHER_TYPE.arp:
        this.ipv4.receiveArp(view, ETHERNET_BYTES, end);
        return;
      case ETHER_TYPE.ipv6:
        if (this.ipv6) this.ipv6.receive(view, ETHERNET_BYTES, end, isGroupFrame);
        else this.card.counters.unheard++;
        return;
      default:
        this.card.counters.unheard++;
    }
  }

  linkChanged(isUp: boolean): void {
    this.ipv4.linkChanged(isUp);
    this.#ipv6Setup?.linkChanged(isUp);
  }

  sourceFor(dst: IpAddress): IpAddress | undefined {
    return typeof dst === 'number' ? this.ipv4.address : this.ipv6?.sourceFor(dst);
  }

  pathMtu(dst: IpAddress): number {
    if (typeof dst === 'number') return this.ipv4.pathMtu(dst);
    return this.ipv6?.pathMtu(dst) ?? this.card.mtu;
  }

  send(packet: OutgoingPacket): void {
    if (typeof packet.dst === 'number') this.ipv4.send(packet);
    else this.ipv6?.send(packet);
  }

  pseudoHeader(src: IpAddress, dst: IpAddress, protocol: number, bytes: number): number {
    return typeof src === 'number'
      ? pseudoHeaderV4(src, Number(dst), protocol, bytes)
      : pseudoHeaderV6(src, BigInt(dst), protocol, bytes);
  }

  /** False without an address to send it from. */
  sendEcho(dst: IpAddress, identifier: number, sequence: number, data: Uint8Array): boolean {
    const src = this.sourceFor(dst);
    if (typeof src === 'number') this.#icmpLayer.sendEcho(src, Number(dst), identifier, sequence, data);
    else if (src !== undefined) this.#icmpv6Layer!.sendEcho(src, BigInt(dst), identifier, sequence, data);
    return src !== undefined;
  }

  deliver(packet: ReceivedPacket): void {
    const isIpv4 = typeof packet.src === 'number';
    switch (packet.protocol) {
      case IP_PROTOCOL.udp:
        if (!this.udp.receive(packet)) this.#refusePort(packet);
        return;
      case IP_PROTOCOL.tcp:
        // One that nobody here has asked for is reset.
        if (!packet.isForMany) this.tcp.receive(packet);
        return;
      case IP_PROTOCOL.icmp:
        if (isIpv4) this.#icmpLayer.receive(packet);
        else this.#refuseProtocol(packet);
        return;
      case IP_PROTOCOL.icmpv6:
        if (isIpv4) this.#refuseProtocol(packet);
        else this.#icmpv6Layer!.receive(packet);
        return;
      case IP_PROTOCOL.igmp:
        if (isIpv4) this.#groups?.receiveIgmp(packet);
        else this.#refuseProtocol(packet);
        return;
      default:
        this.#refuseProtocol(packet);
    }
  }

  receiveFromLink(message: Icmpv6Body, packet: ReceivedPacket): void {
    if (isNeighborMessage(message)) this.#ipv6Setup!.receive(message, BigInt(packet.src), BigInt(packet.dst));
    else if (message.type === 'mld1-query' || message.type === 'mld2-query') this.#groups?.receiveMld(message);
    else if (message.type === 'unknown') this.card.counters.unheard++;
  }

  failed(packet: ReturnedPacket, fault: SocketFault): void {
    const { protocol, payload } = packet;
    if (protocol === IP_PROTOCOL.udp) this.#udp?.failed(packet, fault);
    else if (protocol === IP_PROTOCOL.tcp) this.#tcp?.failed(packet, fault);
    else if (protocol === IP_PROTOCOL.icmp || protocol === IP_PROTOCOL.icmpv6) {
      this.#echoes?.failed((payload[4]! << 8) | payload[5]!, (payload[6]! << 8) | payload[7]!, fault);
    }
  }

  narrowed(packet: ReturnedPacket, mtu: number): void {
    if (packet.protocol === IP_PROTOCOL.tcp) this.#tcp?.narrowed?.(packet, mtu);
  }

  problem(packet: ReceivedPacket, code: number, pointer: number, isForGroups: boolean): void {
    this.#icmpv6Layer?.problem(packet, code, pointer, isForGroups);
  }

  reassemblyTimedOut(packet: ReceivedPacket): void {
    if (typeof packet.src === 'number') this.#icmpLayer.reassemblyTimedOut(packet);
    else this.#icmpv6Layer?.reassemblyTimedOut(packet);
  }

  /** Streams end with the last address that they could have come from; sockets of UDP stay, for whoever asks for another. */
  setIpv4(address: { readonly address: number; readonly prefixLength: number } | undefined): void {
    if (!this.ipv4.setAddress(address?.address, address?.prefixLength ?? 0)) return;
    if (address) this.ipv4.arp.announce();
    else if (this.addresses.length === 0) this.#tcp?.reset();
  }

  /** The machine stops: nothing that it knows or waits for outlives that. Its addresses do. */
  reset(): void {
    this.#udp?.reset();
    this.#tcp?.reset();
    this.#groups?.clear();
    this.ipv4.reset();
    this.#ipv6Setup?.reset();
  }

  get #icmpLayer(): IcmpLayer {
    this.#icmp ??= new IcmpLayer(this.card, this.ipv4, this);
    return this.#icmp;
  }

  get #icmpv6Layer(): Icmpv6Layer | undefined {
    const { ipv6 } = this;
    if (ipv6) this.#icmpv6 ??= new Icmpv6Layer(this.card, ipv6, this);
    return this.#icmpv6;
  }

  #refusePort(packet: ReceivedPacket): void {
    this.card.counters.unheard++;
    if (typeof packet.src === 'number') this.#icmpLayer.refusePort(packet);
    else this.#icmpv6Layer?.refusePort(packet);
  }

  #refuseProtocol(packet: ReceivedPacket): void {
    this.card.counters.unheard++;
    if (typeof packet.src === 'number') this.#icmpLayer.refuseProtocol(packet);
    else this.#icmpv6Layer?.refuseProtocol(packet, NEXT_HEADER_AT);
  }
}
