/**
 * ICMPv6 of one machine: RFC 4443. Echoes answered (those to groups too, as Linux does) and sent, errors told to the transport that they are about and
 * sent to others within the pace of `error-pace.ts`, and the messages of neighbour, router and listener discovery passed to whom they concern.
 */

import {
  addRange,
  closeSum,
  pseudoHeaderV6,
  pseudoHeaderV6At,
  updateChecksum16,
} from '../../protocol/wire/packet/checksum.ts';
import { ETHERNET_BYTES } from '../../protocol/wire/packet/ethernet.ts';
import { decodeIcmpv6, ICMPV6_KIND, type Icmpv6Body, icmpv6View } from '../../protocol/wire/packet/icmpv6.ts';
import { IP_PROTOCOL } from '../../protocol/wire/packet/ipv4.ts';
import { IPV6_BYTES } from '../../protocol/wire/packet/ipv6.ts';
import type { NeighborDiscovery as NeighborMessage } from '../../protocol/wire/packet/neighbor-discovery.ts';
import { WireError } from '../../protocol/wire/wire-error.ts';
import type { Card } from './card.ts';
import { viewOf } from './ethernet-header.ts';
import { ICMP_HEADER_BYTES, type IcmpOwner } from './icmp.ts';
import { IPV6_MTU_MIN, type Ipv6 } from './ipv6.ts';
import type { ReceivedPacket } from './received-packet.ts';
import { readReturnedIpv6 } from './returned-packet.ts';
import type { SocketFault } from './socket.ts';

const { icmpv6 } = IP_PROTOCOL;

/** RFC 4443, section 3.1, by code. */
const UNREACHABLE_FAULT: Readonly<Record<number, SocketFault>> = {
  0: 'network-unreachable',
  1: 'prohibited',
  2: 'network-unreachable',
  3: 'host-unreachable',
  4: 'refused',
  5: 'prohibited',
  6: 'prohibited',
};
const PORT_UNREACHABLE = 4;
const REASSEMBLY_TIME_EXCEEDED = 1;
const UNKNOWN_HEADER = 1;

/** A hop limit that nobody who is not on the link can give a packet: RFC 4861, section 6.1. */
const FROM_THE_LINK = 255;

export interface Icmpv6Owner extends IcmpOwner {
  /** Of neighbour, router and listener discovery, from the link. */
  receiveFromLink(message: Icmpv6Body, packet: ReceivedPacket): void;
}

export class Icmpv6Layer {
  readonly #card: Card;
  readonly #ip: Ipv6;
  readonly #owner: Icmpv6Owner;

  constructor(card: Card, ip: Ipv6, owner: Icmpv6Owner) {
    this.#card = card;
    this.#ip = ip;
    this.#owner = owner;
  }

  receive(packet: ReceivedPacket): void {
    const { view, packetAt, at, end } = packet;
    const { counters } = this.#card;
    if (end - at < ICMP_HEADER_BYTES) {
      counters.malformed++;
      return;
    }
    const pseudo = pseudoHeaderV6At(view, packetAt + 8, icmpv6, end - at);
    if (closeSum(addRange(pseudo, view, at, end)) !== 0) {
      counters.badChecksum++;
      return;
    }
    switch (icmpv6View.kind(view, at)) {
      case ICMPV6_KIND['echo-request']:
        this.#answer(packet);
        return;
      case ICMPV6_KIND['echo-reply']:
        this.#receiveReply(packet);
        return;
      case ICMPV6_KIND.unreachable: {
        const fault = UNREACHABLE_FAULT[icmpv6View.code(view, at)];
        if (fault) this.#fail(packet, fault);
        return;
      }
      case ICMPV6_KIND['packet-too-big']:
        this.#receiveTooBig(packet);
        return;
      case ICMPV6_KIND['time-exceeded']:
        this.#fail(packet, 'host-unreachable');
        return;
      case ICMPV6_KIND['parameter-problem']:
        if (icmpv6View.code(view, at) === UNKNOWN_HEADER) this.#fail(packet, 'refused');
        return;
      default:
        this.#receiveFromLink(packet);
    }
  }

  sendEcho(src: bigint, dst: bigint, identifier: number, sequence: number, data: Uint8Array): void {
    const message = new Uint8Array(ICMP_HEADER_BYTES + data.length);
    const view = new DataView(message.buffer);
    icmpv6View.setKind(view, 0, ICMPV6_KIND['echo-request']);
    icmpv6View.setIdentifier(view, 0, identifier);
    view.setUint16(6, sequence);
    message.set(data, ICMP_HEADER_BYTES);
    const pseudo = pseudoHeaderV6(src, dst, icmpv6, message.length);
    icmpv6View.setChecksum(view, 0, closeSum(addRange(pseudo, view, 0, message.length)));
    this.#ip.send({ src, dst, protocol: icmpv6, payload: message });
  }

  refusePort(packet: ReceivedPacket): void {
    this.#sendError(ICMPV6_KIND.unreachable, PORT_UNREACHABLE, packet, 0, false);
  }

  /** `pointer` is where in the packet the kind of the header stands that nobody knows. */
  refuseProtocol(packet: ReceivedPacket, pointer: number): void {
    this.problem(packet, UNKNOWN_HEADER, pointer, false);
  }

  problem(packet: ReceivedPacket, code: number, pointer: number, isForGroups: boolean): void {
    this.#sendError(ICMPV6_KIND['parameter-problem'], code, packet, pointer, isForGroups);
  }

  reassemblyTimedOut(packet: ReceivedPacket): void {
    this.#sendError(ICMPV6_KIND['time-exceeded'], REASSEMBLY_TIME_EXCEEDED, packet, 0, false);
  }

  #sendError(kind: number, code: number, packet: ReceivedPacket, value: number, isForGroups: boolean): void {
    const dst = BigInt(packet.src);
    if ((packet.isForMany && !isForGroups) || dst === 0n || this.#isAboutError(packet)) return;
    const src = packet.isForMany ? this.#ip.sourceFor(dst) : BigInt(packet.dst);
    if (src === undefined) return;
    if (!this.#owner.errorPace.take(this.#card.now)) {
      this.#card.counters.errorsHeldBack++;
      return;
    }
    const room = IPV6_MTU_MIN - IPV6_BYTES - ICMP_HEADER_BYTES;
    const quote = packet.bytes(packet.packetAt, Math.min(packet.end, packet.packetAt + room));
    const bytes = ICMP_HEADER_BYTES + quote.length;
    const frame = this.#ip.compose(src, dst, icmpv6, bytes, undefined, 0);
    const at = ETHERNET_BYTES + IPV6_BYTES;
    const view = viewOf(frame);
    icmpv6View.setKind(view, at, kind);
    icmpv6View.setCode(view, at, code);
    view.setUint32(at + 4, value);
    frame.set(quote, at + ICMP_HEADER_BYTES);
    const pseudo = pseudoHeaderV6At(view, ETHERNET_BYTES + 8, icmpv6, bytes);
    icmpv6View.setChecksum(view, at, closeSum(addRange(pseudo, view, at, frame.length)));
    this.#ip.transmit(frame, dst);
  }

  #answer(packet: ReceivedPacket): void {
    const { view, at, payload, trafficClass } = packet;
    const dst = BigInt(packet.src);
    if (dst === 0n) return;
    const src = packet.view.getUint8(packet.packetAt + 24) === 0xff ? this.#ip.sourceFor(dst) : BigInt(packet.dst);
    if (src === undefined) return;
    const reply = payload.slice();
    reply[0] = ICMPV6_KIND['echo-reply'];
    reply[1] = 0;
    const before = view.getUint16(at);
    let checksum = updateChecksum16(icmpv6View.checksum(view, at), before, reply[0] << 8);
    // To a group it came under another address than the reply goes from, and the pseudo-header has both.
    if (src !== packet.dst) {
      reply[2] = 0;
      reply[3] = 0;
      const sum = pseudoHeaderV6(src, dst, icmpv6, reply.length);
      checksum = closeSum(addRange(sum, new DataView(reply.buffer), 0, reply.length));
    }
    reply[2] = checksum >> 8;
    reply[3] = checksum;
    this.#ip.send({ src, dst, protocol: icmpv6, payload: reply, trafficClass });
  }

  #receiveReply({ view, at, src, payload }: ReceivedPacket): void {
    const reply = {
      identifier: icmpv6View.identifier(view, at),
      sequence: icmpv6View.sequence(view, at),
      source: src,
      data: payload.subarray(ICMP_HEADER_BYTES),
    };
    this.#ip.confirm(BigInt(src));
    if (!this.#owner.echoes?.receive(reply)) this.#card.counters.unheard++;
  }

  #receiveTooBig({ view, at, end }: ReceivedPacket): void {
    const returned = readReturnedIpv6(view, at + ICMP_HEADER_BYTES, end);
    if (!returned || !this.#ip.addresses.find(returned.src)) return;
    const mtu = this.#ip.narrow(returned.dst, view.getUint32(at + 4));
    if (mtu !== undefined) this.#owner.narrowed(returned, mtu);
  }

  /** Only about what we sent, as far as anybody can tell. */
  #fail({ view, at, end }: ReceivedPacket, fault: SocketFault): void {
    const returned = readReturnedIpv6(view, at + ICMP_HEADER_BYTES, end);
    if (returned && this.#ip.addresses.find(returned.src)) this.#owner.failed(returned, fault);
  }

  #receiveFromLink(packet: ReceivedPacket): void {
    const { view, at, end } = packet;
    const message = this.#read(view, at, end);
    if (message === undefined) return;
    if (isNeighborMessage(message) && (packet.hopLimit !== FROM_THE_LINK || icmpv6View.code(view, at) !== 0)) {
      this.#card.counters.malformed++;
      return;
    }
    this.#owner.receiveFromLink(message, packet);
  }

  #read(view: DataView, at: number, end: number): Icmpv6Body | undefined {
    try {
      return decodeIcmpv6(view, at, end).body;
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      this.#card.counters.malformed++;
      return undefined;
    }
  }

  /** RFC 4443, section 2.4 e: kinds below 128 are errors, and so is a redirect. */
  #isAboutError({ protocol, view, at, end }: ReceivedPacket): boolean {
    if (protocol !== icmpv6 || at >= end) return false;
    const kind = icmpv6View.kind(view, at);
    return kind < 128 || kind === ICMPV6_KIND.redirect;
  }
}

export function isNeighborMessage(message: Icmpv6Body): message is NeighborMessage {
  switch (message.type) {
    case 'neighbor-solicitation':
    case 'neighbor-advertisement':
    case 'router-solicitation':
    case 'router-advertisement':
    case 'redirect':
      return true;
    default:
      return false;
  }
}
