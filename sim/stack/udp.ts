/**
 * UDP of one machine: RFC 768, RFC 8085 for what is sent. A port has one socket for both families; what comes to a port that has none is refused.
 *
 * A datagram is written into its frame at once where it fits. Checksums are always sent; none (zero) is taken over IPv4 and refused over IPv6
 * (RFC 8200, section 8.1).
 */

import type { IpAddress } from '../../protocol/wire/ip-address.ts';
import {
  addRange,
  closeSum,
  pseudoHeaderV4,
  pseudoHeaderV6At,
  toUdpChecksum,
} from '../../protocol/wire/packet/checksum.ts';
import { ETHERNET_BYTES } from '../../protocol/wire/packet/ethernet.ts';
import { IP_PROTOCOL } from '../../protocol/wire/packet/ipv4.ts';
import { IPV6_BYTES } from '../../protocol/wire/packet/ipv6.ts';
import { UDP_BYTES, udpView } from '../../protocol/wire/packet/udp.ts';
import { assert } from '../../protocol/wire/wire-error.ts';
import { EphemeralPorts } from './ephemeral-ports.ts';
import { viewOf } from './ethernet-header.ts';
import type { FailedPacket } from './ip-service.ts';
import { HOP_LIMIT_DEFAULT, IPV4_BYTES_MIN } from './ipv4.ts';
import type { ReceivedPacket } from './received-packet.ts';
import { type Endpoint, PortInUseError, type SocketFault, type UdpListener, type UdpSocket } from './socket.ts';
import type { Stack } from './stack.ts';

/** What the length of an IPv4 packet leaves. */
export const UDP_DATA_BYTES_MAX = 0xffff - IPV4_BYTES_MIN - UDP_BYTES;

class BoundSocket implements UdpSocket {
  readonly localPort: number;
  readonly listener: UdpListener;
  readonly #udp: Udp;

  constructor(udp: Udp, localPort: number, listener: UdpListener) {
    this.#udp = udp;
    this.localPort = localPort;
    this.listener = listener;
  }

  send(to: Endpoint, data: Uint8Array, source?: IpAddress): void {
    this.#udp.send(this, to, data, source);
  }

  close(): void {
    this.#udp.close(this);
  }
}

export class Udp {
  readonly #stack: Stack;
  readonly #sockets = new Map<number, BoundSocket>();
  #ephemeral: EphemeralPorts | undefined;

  constructor(stack: Stack) {
    this.#stack = stack;
  }

  bind(port: number, listener: UdpListener): UdpSocket {
    const localPort = port === 0 ? this.#chooseFree() : port;
    if (localPort === undefined) throw new PortInUseError('every ephemeral UDP port is in use');
    if (this.#sockets.has(localPort)) throw new PortInUseError(`UDP port ${localPort} is in use`);
    const socket = new BoundSocket(this, localPort, listener);
    this.#sockets.set(localPort, socket);
    return socket;
  }

  close(socket: BoundSocket): void {
    if (this.#sockets.get(socket.localPort) === socket) this.#sockets.delete(socket.localPort);
  }

  send(socket: BoundSocket, to: Endpoint, data: Uint8Array, source: IpAddress | undefined): void {
    assert(data.length <= UDP_DATA_BYTES_MAX, 'a UDP datagram has a length that its packet can say');
    const stack = this.#stack;
    // Its machine has stopped since.
    if (this.#sockets.get(socket.localPort) !== socket) return;
    const { address: dst } = to;
    const src = source ?? stack.sourceFor(dst);
    if (src === undefined) {
      stack.schedule(stack.now, () => socket.listener.failed?.(to, 'network-unreachable'));
      return;
    }
    const bytes = UDP_BYTES + data.length;
    if (typeof dst === 'number' && typeof src === 'number') {
      const fits = IPV4_BYTES_MIN + bytes <= stack.pathMtu(dst);
      if (fits) {
        const frame = stack.ipv4.compose(src, dst, IP_PROTOCOL.udp, bytes, HOP_LIMIT_DEFAULT, 0);
        const sum = pseudoHeaderV4(src, dst, IP_PROTOCOL.udp, bytes);
        putDatagram(frame, ETHERNET_BYTES + IPV4_BYTES_MIN, socket.localPort, to.port, data, sum);
        stack.ipv4.transmit(frame, dst);
        return;
      }
    } else if (typeof dst === 'bigint' && typeof src === 'bigint') {
      if (stack.ipv6 === undefined) return;
      if (IPV6_BYTES + bytes <= stack.pathMtu(dst)) {
        const frame = stack.ipv6.compose(src, dst, IP_PROTOCOL.udp, bytes, undefined, 0);
        const sum = pseudoHeaderV6At(viewOf(frame), ETHERNET_BYTES + 8, IP_PROTOCOL.udp, bytes);
        putDatagram(frame, ETHERNET_BYTES + IPV6_BYTES, socket.localPort, to.port, data, sum);
        stack.ipv6.transmit(frame, dst);
        return;
      }
    } else assert(false, 'both addresses of a datagram are of one family');
    const payload = new Uint8Array(bytes);
    putDatagram(payload, 0, socket.localPort, to.port, data, stack.pseudoHeader(src, dst, IP_PROTOCOL.udp, bytes));
    stack.send({ src, dst, protocol: IP_PROTOCOL.udp, payload });
  }

  /** False: nobody listens there. */
  receive(packet: ReceivedPacket): boolean {
    const { view, at, packetAt, src, dst } = packet;
    const { counters } = this.#stack.card;
    const length = packet.end - at >= UDP_BYTES ? udpView.length(view, at) : 0;
    if (length < UDP_BYTES || at + length > packet.end) {
      counters.malformed++;
      return true;
    }
    const isIpv4 = typeof src === 'number';
    if (udpView.checksum(view, at) !== 0) {
      const pseudo = isIpv4
        ? pseudoHeaderV4(src, Number(dst), IP_PROTOCOL.udp, length)
        : pseudoHeaderV6At(view, packetAt + 8, IP_PROTOCOL.udp, length);
      if (closeSum(addRange(pseudo, view, at, at + length)) !== 0) {
        counters.badChecksum++;
        return true;
      }
    } else if (!isIpv4) {
      counters.badChecksum++;
      return true;
    }
    const socket = this.#sockets.get(udpView.dstPort(view, at));
    if (socket === undefined) return false;
    const data = packet.bytes(at + UDP_BYTES, at + length);
    socket.listener.received(data, { address: src, port: udpView.srcPort(view, at) }, dst);
    return true;
  }

  #chooseFree(): number | undefined {
    this.#ephemeral ??= new EphemeralPorts(this.#stack.card.random('udp ports'));
    return this.#ephemeral.next((candidate) => !this.#sockets.has(candidate));
  }

  failed({ dst, payload }: FailedPacket, fault: SocketFault): void {
    const socket = this.#sockets.get((payload[0]! << 8) | payload[1]!);
    socket?.listener.failed?.({ address: dst, port: (payload[2]! << 8) | payload[3]! }, fault);
  }

  reset(): void {
    this.#sockets.clear();
  }
}

/** `sum` is that of the pseudo-header. */
function putDatagram(
  bytes: Uint8Array,
  at: number,
  srcPort: number,
  dstPort: number,
  data: Uint8Array,
  sum: number,
): void {
  const view = viewOf(bytes);
  udpView.setSrcPort(view, at, srcPort);
  udpView.setDstPort(view, at, dstPort);
  udpView.setLength(view, at, UDP_BYTES + data.length);
  bytes.set(data, at + UDP_BYTES);
  udpView.setChecksum(view, at, toUdpChecksum(closeSum(addRange(sum, view, at, bytes.length))));
}
