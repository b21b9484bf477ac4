/**
 * What IP and the transports over it know of each other: a transport asks this of the stack it belongs to, and is given datagrams.
 *
 * Bytes, not values: a transport writes its header and its data into one piece, the checksum included (it knows both addresses), and
 * IP copies that once, into the frame. What is received is a view on the frame.
 */
import type { IpAddress } from '../../protocol/wire/ip-address.ts';
import type { Nanos, Timer } from '../clock.ts';
import type { SocketFault } from './socket.ts';

export interface IpDatagram {
  readonly src: IpAddress;
  readonly dst: IpAddress;
  readonly protocol: number;
  readonly hopLimit: number;
  /** DSCP and ECN. */
  readonly trafficClass: number;
  /** The header of the transport and all behind it, nothing of the frame's padding. */
  readonly payload: Uint8Array;
}

export interface IpService {
  readonly now: Nanos;
  /** An event of this machine's own. */
  schedule(at: Nanos, run: () => void): Timer;
  /** Where packets to `dst` would come from; undefined without an address of that family or a route. */
  sourceFor(dst: IpAddress): IpAddress | undefined;
  /** Bytes that a whole IP packet to there may have: the link's, or what was heard of the path (RFC 1191, RFC 8201). */
  pathMtu(dst: IpAddress): number;
  /** Fragments it where that is allowed. Waits for the neighbour if it must; that it failed is told by `Transport.failed`. */
  send(packet: OutgoingPacket): void;
}

export interface OutgoingPacket {
  readonly src: IpAddress;
  readonly dst: IpAddress;
  readonly protocol: number;
  readonly payload: Uint8Array;
  /** 64 without it. */
  readonly hopLimit?: number;
  readonly trafficClass?: number;
  /** IPv4: sets "don't fragment"; a packet that is too large fails and the path MTU is lower from then on. */
  readonly isWhole?: boolean;
}

/** `payload` is what came back of it, eight bytes at least. */
export type FailedPacket = Pick<OutgoingPacket, 'src' | 'dst' | 'payload'>;

/** What the stack tells UDP and TCP. */
export interface Transport {
  receive(datagram: IpDatagram): void;
  /** An ICMP error, or our own IP's, about a packet of ours. */
  failed(packet: FailedPacket, fault: SocketFault): void;
  /** The path became narrower. */
  narrowed?(packet: FailedPacket, mtu: number): void;
  /** The machine stops, or its link lost its addresses: everything ends without a word on the wire. */
  reset(): void;
}
