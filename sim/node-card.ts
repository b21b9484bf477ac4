/**
 * The network card of a compute node: its own host's, which guests without a card of their own share, and at which migrations leave and arrive.
 *
 * Guests with an address of their own on their node's stack (网络隔离 不完全) hear every frame that comes to the card, as all do who share a MAC address.
 */
import { ETHER_TYPE } from '../protocol/wire/packet/ethernet.ts';
import { IP_PROTOCOL, ipv4View } from '../protocol/wire/packet/ipv4.ts';
import { UDP_BYTES, udpView } from '../protocol/wire/packet/udp.ts';
import type { CableEnd } from './cable.ts';
import type { Host } from './host.ts';

/** Bytes of a datagram to the node itself. */
export type DatagramListener = (view: DataView, at: number, end: number) => void;

const ETHERNET_BYTES = 14;
const IPV4_BYTES = 20;

export class NodeCard implements CableEnd {
  readonly name: string;
  readonly host: Host;
  readonly #sharers: CableEnd[] = [];
  readonly #listeners = new Map<number, DatagramListener>();

  constructor(host: Host) {
    this.name = host.name;
    this.host = host;
  }

  /** Hears what the node's host hears from now on; what it sends goes by `host.sendFrame`. */
  share(end: CableEnd): void {
    this.#sharers.push(end);
  }

  /** Datagrams to this port of the node's address; undefined for none. They do not reach the stack. */
  listen(port: number, listener: DatagramListener | undefined): void {
    if (listener) this.#listeners.set(port, listener);
    else this.#listeners.delete(port);
  }

  isListening(port: number): boolean {
    return this.#listeners.has(port);
  }

  linkChanged(isUp: boolean): void {
    this.host.linkChanged(isUp);
    for (const sharer of this.#sharers) sharer.linkChanged(isUp);
  }

  receiveFrame(frame: Uint8Array): void {
    if (this.#listeners.size > 0 && this.#receiveDatagram(frame)) return;
    this.host.receiveFrame(frame);
    for (const sharer of this.#sharers) sharer.receiveFrame(frame);
  }

  #receiveDatagram(frame: Uint8Array): boolean {
    if (frame.length < ETHERNET_BYTES + IPV4_BYTES + UDP_BYTES) return false;
    const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
    if (view.getUint16(12) !== ETHER_TYPE.ipv4 || ipv4View.protocol(view, ETHERNET_BYTES) !== IP_PROTOCOL.udp)
      return false;
    if (ipv4View.dst(view, ETHERNET_BYTES) !== this.host.spec.ip) return false;
    const udpAt = ETHERNET_BYTES + ipv4View.headerBytes(view, ETHERNET_BYTES);
    if (udpAt + UDP_BYTES > frame.length) return false;
    const listener = this.#listeners.get(udpView.dstPort(view, udpAt));
    if (!listener) return false;
    listener(view, udpAt + UDP_BYTES, Math.min(frame.length, udpAt + udpView.length(view, udpAt)));
    return true;
  }
}
