/**
 * What an application on an emulated machine has of its network: datagrams, streams, time and chance, all without promises.
 *
 * Applications (`DHCP`, `DNS`, `HTTP`, traffic) know these interfaces alone; a stack (`stack.ts`) implements them. Everything is sans-IO:
 * calls return at once, what happens later is told to a listener, in the order in which it happens. Bytes that are told are views on a
 * buffer that is used again: who keeps them copies them. Bytes that are given are copied before the call returns.
 */
import type { IpAddress } from '../../protocol/wire/ip-address.ts';
import type { Nanos, Timer } from '../clock.ts';
import type { Random } from '../random.ts';

export interface Endpoint {
  readonly address: IpAddress;
  readonly port: number;
}

/** Why something did not reach the other side, as far as anybody told. */
export type SocketFault =
  /** Nobody has the address: neighbour discovery failed, or a router said so. */
  | 'host-unreachable'
  | 'network-unreachable'
  /** Nobody listens there: an ICMP port unreachable, or a reset in answer to a SYN. */
  | 'refused'
  /** A filter said so (ICMP administratively prohibited). */
  | 'prohibited'
  /** The peer ended a stream at once. */
  | 'reset'
  | 'timeout'
  /** The machine stopped, or its last address went. */
  | 'down';

export interface UdpListener {
  /** `to` is the address of ours that it was sent to; a group's, or all ones, for broadcast. */
  received(data: Uint8Array, from: Endpoint, to: IpAddress): void;
  /** What was sent to there did not arrive. */
  failed?(to: Endpoint, fault: SocketFault): void;
}

export interface UdpSocket {
  readonly localPort: number;
  /** To all ones, or a group, it goes to all on the link. `source` overrides the address that the stack would take; 0 is that of a host without one. */
  send(to: Endpoint, data: Uint8Array, source?: IpAddress): void;
  close(): void;
}

export interface StreamListener {
  /** The handshake is done; told first. */
  opened?(): void;
  received(data: Uint8Array): void;
  /** There is room for writing again, after a `write` that took less than it was given. */
  drained?(): void;
  /** The peer writes no more; what we write still goes. */
  ended?(): void;
  /** Told last, once: without a fault both sides have ended and all was delivered. */
  closed(fault?: SocketFault): void;
}

/** A TCP connection, as its user sees it. */
export interface Stream {
  readonly local: Endpoint;
  readonly remote: Endpoint;
  /** Takes as many bytes as there is room for and answers how many; before the handshake too. */
  write(data: Uint8Array): number;
  /** No more will be written. What was taken is still delivered. */
  end(): void;
  /** A reset, at once. */
  abort(): void;
  /** While paused, what arrives fills the receive window, and nothing is told. */
  setPaused(isPaused: boolean): void;
}

export interface StreamServer {
  readonly localPort: number;
  /** Connections that are there stay. */
  close(): void;
}

export interface Sockets {
  readonly now: Nanos;
  /** A stream of chance that belongs to this machine and `name`. */
  random(name: string): Random;
  schedule(at: Nanos, run: () => void): Timer;
  /** Addresses of ours, those of the link (fe80::/10) last. */
  readonly addresses: readonly IpAddress[];
  readonly mac: number;
  /** Port 0 is any that is free. Throws a `PortInUseError` when there is none, or when it is taken. */
  bindUdp(port: number, listener: UdpListener): UdpSocket;
  /** `accept` is told of each connection when its handshake is done. */
  listenTcp(port: number, accept: (stream: Stream) => StreamListener): StreamServer;
  /** The stream is there at once and opens later; the listener is given it. */
  connectTcp(to: Endpoint, connect: (stream: Stream) => StreamListener): Stream;
}

export class PortInUseError extends Error {
  override readonly name = 'PortInUseError';
}
