/**
 * ICMP of one machine: RFC 792 as RFC 1122, section 3.2.2 asks it of hosts. Echoes answered and sent, errors told to the transport that they are about,
 * and errors sent to others, never about an error, a group, or more often than `error-pace.ts` allows.
 */

import { addRange, checksumOf, closeSum, updateChecksum16 } from '../../protocol/wire/packet/checksum.ts';
import { ETHERNET_BYTES } from '../../protocol/wire/packet/ethernet.ts';
import { ICMP_KIND, icmpView, UNREACHABLE_CODE } from '../../protocol/wire/packet/icmp.ts';
import { IP_PROTOCOL, ipv4View } from '../../protocol/wire/packet/ipv4.ts';
import type { Card } from './card.ts';
import type { Echoes } from './echo.ts';
import type { ErrorPace } from './error-pace.ts';
import { viewOf } from './ethernet-header.ts';
import type { IpUpper } from './ip-upper.ts';
import { HOP_LIMIT_DEFAULT, IPV4_BYTES_MIN, type Ipv4 } from './ipv4.ts';
import type { ReceivedPacket } from './received-packet.ts';
import { readReturnedIpv4 } from './returned-packet.ts';
import type { SocketFault } from './socket.ts';

/** Of echoes and errors alike: type, code, checksum, and four bytes more. */
export const ICMP_HEADER_BYTES = 8;

/** RFC 1812, section 4.3.2.3: an error quotes as much as makes a packet of this. */
const ERROR_BYTES_MAX = 576;

/** RFC 1191, section 7: what a link may have when a router does not say. */
const PLATEAUS = [32000, 17914, 8166, 4352, 2002, 1492, 1006, 508, 296, 68];

/** RFC 792 and RFC 1122, section 3.2.2.1, by code. */
const UNREACHABLE_FAULT: Readonly<Record<number, SocketFault>> = {
  0: 'network-unreachable',
  1: 'host-unreachable',
  2: 'refused',
  3: 'refused',
  5: 'host-unreachable',
  6: 'network-unreachable',
  7: 'host-unreachable',
  8: 'host-unreachable',
  9: 'prohibited',
  10: 'prohibited',
  11: 'network-unreachable',
  12: 'host-unreachable',
  13: 'prohibited',
};

export interface IcmpOwner extends IpUpper {
  readonly echoes: Echoes | undefined;
  readonly errorPace: ErrorPace;
}

export class IcmpLayer {
  readonly #card: Card;
  readonly #ip: Ipv4;
  readonly #owner: IcmpOwner;

  constructor(card: Card, ip: Ipv4, owner: IcmpOwner) {
    this.#card = card;
    this.#ip = ip;
    this.#owner = owner;
  }

  receive(packet: ReceivedPacket): void {
    const { view, at, end } = packet;
    if (end - at < ICMP_HEADER_BYTES) {
      this.#card.counters.malformed++;
      return;
    }
    if (checksumOf(view, at, end) !== 0) {
      this.#card.counters.badChecksum++;
      return;
    }
    switch (icmpView.kind(view, at)) {
      case ICMP_KIND['echo-request']:
        // RFC 1122, section 3.2.2.6 lets us be silent to many, as Linux is.
        if (!packet.isForMany) this.#answer(packet);
        return;
      case ICMP_KIND['echo-reply']:
        this.#receiveReply(packet);
        return;
      case ICMP_KIND.unreachable:
        this.#receiveUnreachable(packet);
        return;
      case ICMP_KIND['time-exceeded']:
        this.#fail(packet, 'host-unreachable');
        return;
      default:
        this.#card.counters.unheard++;
    }
  }

  sendEcho(src: number, dst: number, identifier: number, sequence: number, data: Uint8Array): void {
    const message = new Uint8Array(ICMP_HEADER_BYTES + data.length);
    const view = new DataView(message.buffer);
    icmpView.setKind(view, 0, ICMP_KIND['echo-request']);
    icmpView.setIdentifier(view, 0, identifier);
    view.setUint16(6, sequence);
    message.set(data, ICMP_HEADER_BYTES);
    icmpView.setChecksum(view, 0, checksumOf(view, 0, message.length));
    this.#ip.send({ src, dst, protocol: IP_PROTOCOL.icmp, payload: message });
  }

  /** About a packet that came to us. `rest` is what stands in the four bytes behind the checksum. */
  sendError(kind: number, code: number, packet: ReceivedPacket, rest = 0): void {
    if (packet.isForMany || packet.src === 0 || this.#isAboutError(packet)) return;
    if (!this.#owner.errorPace.take(this.#card.now)) {
      this.#card.counters.errorsHeldBack++;
      return;
    }
    const room = ERROR_BYTES_MAX - IPV4_BYTES_MIN - ICMP_HEADER_BYTES;
    const quote = packet.bytes(packet.packetAt, Math.min(packet.end, packet.packetAt + room));
    const bytes = ICMP_HEADER_BYTES + quote.length;
    const [src, dst] = [Number(packet.dst), Number(packet.src)];
    const frame = this.#ip.compose(src, dst, IP_PROTOCOL.icmp, bytes, HOP_LIMIT_DEFAULT, 0);
    const at = ETHERNET_BYTES + IPV4_BYTES_MIN;
    const view = viewOf(frame);
    icmpView.setKind(view, at, kind);
    icmpView.setCode(view, at, code);
    view.setUint32(at + 4, rest);
    frame.set(quote, at + ICMP_HEADER_BYTES);
    icmpView.setChecksum(view, at, closeSum(addRange(0, view, at, frame.length)));
    this.#ip.transmit(frame, dst);
  }

  refusePort(packet: ReceivedPacket): void {
    this.sendError(ICMP_KIND.unreachable, UNREACHABLE_CODE.port, packet);
  }

  refuseProtocol(packet: ReceivedPacket): void {
    this.sendError(ICMP_KIND.unreachable, UNREACHABLE_CODE.protocol, packet);
  }

  reassemblyTimedOut(packet: ReceivedPacket): void {
    this.sendError(ICMP_KIND['time-exceeded'], 1, packet);
  }

  /** The request as it came, with its type and checksum made those of a reply. */
  #answer(packet: ReceivedPacket): void {
    const { view, at, payload, trafficClass } = packet;
    const [src, dst] = [Number(packet.dst), Number(packet.src)];
    const checksum = updateChecksum16(icmpView.checksum(view, at), view.getUint16(at), 0);
    if (IPV4_BYTES_MIN + payload.length > this.#ip.pathMtu(dst)) {
      const reply = payload.slice();
      putReply(reply, 0, checksum);
      this.#ip.send({ src, dst, protocol: IP_PROTOCOL.icmp, payload: reply, trafficClass });
      return;
    }
    const frame = this.#ip.compose(src, dst, IP_PROTOCOL.icmp, payload.length, HOP_LIMIT_DEFAULT, trafficClass);
    frame.set(payload, ETHERNET_BYTES + IPV4_BYTES_MIN);
    putReply(frame, ETHERNET_BYTES + IPV4_BYTES_MIN, checksum);
    this.#ip.transmit(frame, dst);
  }

  #receiveReply({ view, at, src, payload }: ReceivedPacket): void {
    const reply = {
      identifier: icmpView.identifier(view, at),
      sequence: icmpView.sequence(view, at),
      source: src,
      data: payload.subarray(ICMP_HEADER_BYTES),
    };
    this.#ip.confirm(Number(src));
    if (!this.#owner.echoes?.receive(reply)) this.#card.counters.unheard++;
  }

  #receiveUnreachable(packet: ReceivedPacket): void {
    const code = icmpView.code(packet.view, packet.at);
    if (code !== UNREACHABLE_CODE.fragmentationNeeded) {
      const fault = UNREACHABLE_FAULT[code];
      if (fault) this.#fail(packet, fault);
      return;
    }
    const { view, at, end } = packet;
    const returned = readReturnedIpv4(view, at + ICMP_HEADER_BYTES, end);
    if (!returned || returned.src !== this.#ip.address) return;
    const said = view.getUint16(at + 6);
    const sentBytes = ipv4View.totalBytes(view, at + ICMP_HEADER_BYTES);
    const mtu = this.#ip.narrow(returned.dst, said > 0 ? said : PLATEAUS.find((plateau) => plateau < sentBytes)!);
    if (mtu !== undefined) this.#owner.narrowed(returned, mtu);
  }

  /** Only about what we sent, as far as anybody can tell. */
  #fail({ view, at, end }: ReceivedPacket, fault: SocketFault): void {
    const returned = readReturnedIpv4(view, at + ICMP_HEADER_BYTES, end);
    if (returned && returned.src === this.#ip.address) this.#owner.failed(returned, fault);
  }

  #isAboutError({ protocol, view, at, end }: ReceivedPacket): boolean {
    if (protocol !== IP_PROTOCOL.icmp || at >= end) return false;
    const kind = icmpView.kind(view, at);
    return kind !== ICMP_KIND['echo-request'] && kind !== ICMP_KIND['echo-reply'];
  }
}

function putReply(bytes: Uint8Array, at: number, checksum: number): void {
  bytes[at] = ICMP_KIND['echo-reply'];
  bytes[at + 1] = 0;
  bytes[at + 2] = checksum >> 8;
  bytes[at + 3] = checksum;
}
