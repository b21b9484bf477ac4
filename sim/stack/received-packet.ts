/**
 * An IP packet as it was received, of either version: where it lies, and what its header says. Nothing of it is copied.
 *
 * A packet that came in fragments looks the same: it lies in a buffer of its own, behind the header of its first fragment.
 */
import type { IpAddress } from '../../protocol/wire/ip-address.ts';
import { ipv4View } from '../../protocol/wire/packet/ipv4.ts';
import { ipv6View } from '../../protocol/wire/packet/ipv6.ts';
import type { IpDatagram } from './ip-service.ts';

export class ReceivedPacket implements IpDatagram {
  readonly view: DataView;
  /** The IP header. */
  readonly packetAt: number;
  /** The header of the transport, and where all that is behind it ends. */
  readonly at: number;
  readonly end: number;
  readonly protocol: number;
  readonly src: IpAddress;
  readonly dst: IpAddress;
  /** Sent to more than one: a group, all, or whoever a frame for many reaches. Nobody answers such with an error. */
  readonly isForMany: boolean;

  constructor(
    view: DataView,
    packetAt: number,
    at: number,
    end: number,
    protocol: number,
    src: IpAddress,
    dst: IpAddress,
    isForMany: boolean,
  ) {
    this.view = view;
    this.packetAt = packetAt;
    this.at = at;
    this.end = end;
    this.protocol = protocol;
    this.src = src;
    this.dst = dst;
    this.isForMany = isForMany;
  }

  get payload(): Uint8Array {
    return this.bytes(this.at, this.end);
  }

  get hopLimit(): number {
    return this.#isIpv4 ? ipv4View.ttl(this.view, this.packetAt) : ipv6View.hopLimit(this.view, this.packetAt);
  }

  get trafficClass(): number {
    return this.#isIpv4 ? this.view.getUint8(this.packetAt + 1) : (this.view.getUint16(this.packetAt) >> 4) & 0xff;
  }

  /** By offsets of the view. */
  bytes(from: number, to: number): Uint8Array {
    return new Uint8Array(this.view.buffer, this.view.byteOffset + from, to - from);
  }

  get #isIpv4(): boolean {
    return typeof this.src === 'number';
  }
}
