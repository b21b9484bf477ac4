/**
 * A machine with one network card and a stack (`stack/stack.ts`): what hangs at the end of a cable and speaks IP.
 *
 * Applications have its `Sockets`, whoever configures it has its `AddressConfiguration`, and tests may put frames of their own making on the cable.
 * Frames to other cards are passed over before the stack sees them.
 */
import { isGroupMac } from '../protocol/wire/address.ts';
import type { IpAddress } from '../protocol/wire/ip-address.ts';
import { ETHERNET_BYTES, ethernetView } from '../protocol/wire/packet/ethernet.ts';
import { assert } from '../protocol/wire/wire-error.ts';
import type { CableEnd } from './cable.ts';
import type { Actor, Clock, Nanos, Timer } from './clock.ts';
import type { Random } from './random.ts';
import type { AddressConfiguration } from './stack/address-configuration.ts';
import { type Card, createCounters, type HostCounters } from './stack/card.ts';
import type { EchoFaultListener, EchoListener } from './stack/echo.ts';
import type { Ipv6Config } from './stack/ipv6-setup.ts';
import type {
  Endpoint,
  Sockets,
  Stream,
  StreamListener,
  StreamServer,
  UdpListener,
  UdpSocket,
} from './stack/socket.ts';
import { Stack } from './stack/stack.ts';

export interface HostSpec {
  readonly name: string;
  readonly mac: number;
  /** Absent: none until somebody sets one. */
  readonly ip?: number | undefined;
  readonly prefixLength: number;
  /** Where packets go that are not for the link. Without one, all is on the link. */
  readonly router?: number | undefined;
  /** Absent: IPv4 alone. */
  readonly ipv6?: Ipv6Config | undefined;
  readonly mtu?: number | undefined;
}

/** Of Ethernet (RFC 894). */
const MTU_DEFAULT = 1500;

const NO_NAME_SERVERS: readonly IpAddress[] = Object.freeze([]);

export class Host implements CableEnd, Card, Sockets, AddressConfiguration {
  readonly name: string;
  /** As it was configured; what it has now is in `addresses`. */
  readonly spec: HostSpec;
  readonly counters: HostCounters = createCounters();
  readonly stack: Stack;
  /** Sees every frame that reaches the card, before the stack does. */
  tap: ((frame: Uint8Array) => void) | undefined;
  readonly #clock: Clock;
  readonly #actor: Actor;
  readonly #parentRandom: Random;
  readonly #send: (frame: Uint8Array) => void;
  #random: Random | undefined;
  #nameServers = NO_NAME_SERVERS;

  /** `send` puts a frame on the cable. */
  constructor(clock: Clock, random: Random, spec: HostSpec, send: (frame: Uint8Array) => void) {
    this.name = spec.name;
    this.spec = spec;
    this.#clock = clock;
    this.#actor = clock.createActor(`host ${spec.name}`);
    this.#parentRandom = random;
    this.#send = send;
    this.stack = new Stack(this, spec.ipv6);
    this.stack.ipv4.setAddress(spec.ip, spec.prefixLength);
    this.stack.ipv4.router = spec.router;
  }

  get mac(): number {
    return this.spec.mac;
  }

  get mtu(): number {
    return this.spec.mtu ?? MTU_DEFAULT;
  }

  get now(): Nanos {
    return this.#clock.now;
  }

  /** Its IPv4 address now. */
  get ipv4(): number | undefined {
    return this.stack.ipv4.address;
  }

  get addresses(): readonly IpAddress[] {
    return this.stack.addresses;
  }

  /** Those that were set, and those that routers told of. */
  get nameServers(): readonly IpAddress[] {
    return [...this.#nameServers, ...this.stack.nameServers];
  }

  random(name: string): Random {
    this.#random ??= this.#parentRandom.fork(`host ${this.name}`);
    return this.#random.fork(name);
  }

  schedule(at: Nanos, run: () => void): Timer {
    return this.#clock.schedule(this.#actor, at, run);
  }

  linkChanged(isUp: boolean): void {
    this.stack.linkChanged(isUp);
  }

  receiveFrame(frame: Uint8Array): void {
    const { counters } = this;
    counters.received++;
    this.tap?.(frame);
    if (frame.length < ETHERNET_BYTES) {
      counters.malformed++;
      return;
    }
    const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
    const dst = ethernetView.dst(view, 0);
    if (dst === this.spec.mac) this.stack.receiveFrame(view, false);
    else if (isGroupMac(dst)) this.stack.receiveFrame(view, true);
    else counters.notForMe++;
  }

  sendFrame(frame: Uint8Array): void {
    this.counters.sent++;
    this.#send(frame);
  }

  bindUdp(port: number, listener: UdpListener): UdpSocket {
    return this.stack.udp.bind(port, listener);
  }

  listenTcp(port: number, accept: (stream: Stream) => StreamListener): StreamServer {
    return this.stack.tcp.listen(port, accept);
  }

  connectTcp(to: Endpoint, connect: (stream: Stream) => StreamListener): Stream {
    return this.stack.tcp.connect(to, connect);
  }

  /** Packets for the group come to every socket of their port. False: it is in too many groups. */
  joinGroup(group: IpAddress): boolean {
    return this.stack.groups.join(group);
  }

  leaveGroup(group: IpAddress): void {
    this.stack.groups.leave(group);
  }

  /** A stream of echoes of one's own: an identifier, and what happens when one comes back, or something else instead. */
  listenForEchoes(listener: EchoListener, failed?: EchoFaultListener): { readonly identifier: number; close(): void } {
    const { echoes } = this.stack;
    const identifier = echoes.open(listener, failed);
    assert(identifier !== undefined, 'fewer echoes are waited for than there are identifiers');
    return { identifier, close: () => echoes.close(identifier) };
  }

  /** False without an address to send it from. */
  sendEcho(to: IpAddress, identifier: number, sequence: number, data: Uint8Array): boolean {
    return this.stack.sendEcho(to, identifier, sequence, data);
  }

  /** A new address is announced: others may know it under another card. One that is renewed is not. */
  setIpv4(address: { address: number; prefixLength: number } | undefined): void {
    this.stack.setIpv4(address);
  }

  setRouter(router: number | undefined): void {
    this.stack.ipv4.router = router;
  }

  setNameServers(servers: readonly IpAddress[]): void {
    this.#nameServers = [...servers];
  }

  /** RFC 5227: takes four to seven seconds. */
  probe(address: number, done: (isTaken: boolean) => void): void {
    this.stack.ipv4.arp.probe(address, done);
  }

  /** The machine stops: sockets, neighbours and all that waits are gone without a word. */
  reset(): void {
    this.stack.reset();
  }
}
