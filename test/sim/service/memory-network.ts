/**
 * Machines with sockets on one link, without a stack: datagrams get lost and are late as a test wants it, streams are late and arrive whole.
 *
 * It keeps the contract of `sim/stack/socket.ts` and `address-configuration.ts` and nothing else, so tests of applications say what they
 * rely on; `test/sim/service/stack.test.ts` has the same applications on real stacks.
 */
import { formatIp, type IpAddress } from '../../../protocol/wire/ip-address.ts';
import { type Actor, Clock, MILLISECOND, type Nanos, type Timer } from '../../../sim/clock.ts';
import { Random } from '../../../sim/random.ts';
import type { AddressConfiguration } from '../../../sim/stack/address-configuration.ts';
import {
  type Endpoint,
  PortInUseError,
  type SocketFault,
  type Sockets,
  type Stream,
  type StreamListener,
  type StreamServer,
  type UdpListener,
  type UdpSocket,
} from '../../../sim/stack/socket.ts';

const ALL = 0xffff_ffff;
const WINDOW_BYTES = 65_535;

export interface WireOptions {
  readonly seed?: number;
  readonly delayNs?: Nanos;
  /** Of datagrams, 0 to 1. */
  loss?: number;
  /** What a stream delivers at once, at most. */
  readonly segmentBytes?: number;
}

export interface SeenDatagram {
  readonly at: Nanos;
  readonly by: string;
  readonly from: Endpoint;
  readonly to: Endpoint;
  readonly data: Uint8Array;
}

export class MemoryNetwork {
  readonly clock = new Clock();
  readonly random: Random;
  readonly hosts: MemoryHost[] = [];
  /** Every datagram that was sent, lost or not. */
  readonly seen: SeenDatagram[] = [];
  readonly options: Required<WireOptions>;

  constructor(options: WireOptions = {}) {
    this.options = { seed: 1, delayNs: MILLISECOND, loss: 0, segmentBytes: 1460, ...options };
    this.random = new Random(this.options.seed);
  }

  createHost(name: string, address?: number, prefixLength = 24): MemoryHost {
    const host = new MemoryHost(this, name, 0x0200_0000_0000 + this.hosts.length + 1);
    if (address !== undefined) host.setIpv4({ address, prefixLength });
    this.hosts.push(host);
    return host;
  }

  run(ns: Nanos): void {
    this.clock.runUntil(this.clock.now + ns);
  }

  find(address: IpAddress): MemoryHost | undefined {
    return this.hosts.find((host) => host.isUp && host.addresses.includes(address));
  }
}

class MemoryHost implements Sockets, AddressConfiguration {
  readonly name: string;
  readonly mac: number;
  isUp = true;
  nameServers: readonly IpAddress[] = [];
  ipv4: { address: number; prefixLength: number } | undefined;
  router: number | undefined;
  /** As a stack would have them beside what is configured. */
  readonly extra: IpAddress[] = [];
  /** What `probe` finds taken, though nobody here has it. */
  readonly strangers = new Set<number>();
  readonly log: string[] = [];
  readonly network: MemoryNetwork;
  readonly udp = new Map<number, { readonly listener: UdpListener }>();
  readonly servers = new Map<number, (stream: Stream) => StreamListener>();
  #nextPort = 49_152;
  readonly #actor: Actor;
  readonly #random: Random;

  constructor(network: MemoryNetwork, name: string, mac: number) {
    this.network = network;
    this.name = name;
    this.mac = mac;
    this.#actor = network.clock.createActor(name);
    this.#random = network.random.fork(name);
  }

  get now(): Nanos {
    return this.network.clock.now;
  }

  get addresses(): readonly IpAddress[] {
    return this.ipv4 ? [this.ipv4.address, ...this.extra] : this.extra;
  }

  random(name: string): Random {
    return this.#random.fork(name);
  }

  schedule(at: Nanos, run: () => void): Timer {
    return this.network.clock.schedule(this.#actor, at, run);
  }

  setIpv4(address: { address: number; prefixLength: number } | undefined): void {
    this.ipv4 = address;
    this.log.push(address ? `${formatIp(address.address)}/${address.prefixLength}` : 'no address');
  }

  setRouter(router: number | undefined): void {
    this.router = router;
  }

  setNameServers(servers: readonly IpAddress[]): void {
    this.nameServers = servers;
  }

  probe(address: number, done: (isTaken: boolean) => void): void {
    const isTaken = this.strangers.has(address) || this.network.find(address) !== undefined;
    this.schedule(this.now + 200 * MILLISECOND, () => done(isTaken));
  }

  bindUdp(wanted: number, listener: UdpListener): UdpSocket {
    const port = wanted || this.#freePort();
    if (this.udp.has(port)) throw new PortInUseError(`${port} is taken`);
    this.udp.set(port, { listener });
    return {
      localPort: port,
      send: (to, data, source) => this.#send(port, to, data.slice(), source),
      close: () => void this.udp.delete(port),
    };
  }

  listenTcp(wanted: number, accept: (stream: Stream) => StreamListener): StreamServer {
    const port = wanted || this.#freePort();
    if (this.servers.has(port)) throw new PortInUseError(`${port} is taken`);
    this.servers.set(port, accept);
    return { localPort: port, close: () => void this.servers.delete(port) };
  }

  connectTcp(to: Endpoint, connect: (stream: Stream) => StreamListener): Stream {
    const local = { address: this.addresses[0] ?? 0, port: this.#freePort() };
    const near = new MemoryStream(this, local, to);
    near.listener = connect(near);
    const { delayNs } = this.network.options;
    this.schedule(this.now + delayNs, () => {
      const host = this.network.find(to.address);
      const accept = host?.servers.get(to.port);
      if (!host || !accept) {
        this.schedule(this.now + delayNs, () => near.finish(host ? 'refused' : 'host-unreachable'));
        return;
      }
      const far = new MemoryStream(host, to, local);
      near.peer = far;
      far.peer = near;
      far.listener = accept(far);
      far.listener.opened?.();
      far.pump();
      this.schedule(this.now + delayNs, () => {
        near.listener?.opened?.();
        near.pump();
      });
    });
    return near;
  }

  #freePort(): number {
    while (this.udp.has(this.#nextPort) || this.servers.has(this.#nextPort)) this.#nextPort++;
    return this.#nextPort++;
  }

  #send(port: number, to: Endpoint, data: Uint8Array, source?: IpAddress): void {
    const { seen, random, options, hosts } = this.network;
    const from = { address: source ?? this.addresses[0] ?? 0, port };
    seen.push({ at: this.now, by: this.name, from, to, data });
    const targets = to.address === ALL ? hosts.filter((host) => host !== this) : [this.network.find(to.address)];
    for (const host of targets) {
      if (random.nextFraction() < options.loss) continue;
      const socket = this.udp.get(port);
      const tell = (fault: SocketFault) =>
        this.schedule(this.now + options.delayNs, () => socket?.listener.failed?.(to, fault));
      this.schedule(this.now + options.delayNs, () => {
        if (!host) tell('host-unreachable');
        else if (host.isUp) {
          const receiver = host.udp.get(to.port);
          if (receiver) receiver.listener.received(data, from, to.address);
          else if (to.address !== ALL) tell('refused');
        }
      });
    }
  }
}

export type { MemoryHost };

/** One end. What is written waits at the writer until the handshake is done, and at the reader while that one is paused. */
class MemoryStream implements Stream {
  readonly local: Endpoint;
  readonly remote: Endpoint;
  listener: StreamListener | undefined;
  peer: MemoryStream | undefined;
  readonly #host: MemoryHost;
  readonly #outgoing: Uint8Array[] = [];
  readonly #incoming: (Uint8Array | 'end')[] = [];
  #inFlight = 0;
  #isShort = false;
  #isPaused = false;
  #hasEnded = false;
  #hasSentEnd = false;
  #hasHeardEnd = false;
  #isOver = false;

  constructor(host: MemoryHost, local: Endpoint, remote: Endpoint) {
    this.#host = host;
    this.local = local;
    this.remote = remote;
  }

  write(data: Uint8Array): number {
    if (this.#hasEnded || this.#isOver) return 0;
    const taken = Math.min(data.length, WINDOW_BYTES - this.#inFlight);
    if (taken < data.length) this.#isShort = true;
    if (taken > 0) {
      this.#inFlight += taken;
      this.#outgoing.push(data.slice(0, taken));
      this.pump();
    }
    return taken;
  }

  end(): void {
    this.#hasEnded = true;
    this.pump();
  }

  abort(): void {
    if (this.#isOver) return;
    const { peer } = this;
    if (peer) this.#later(() => peer.finish('reset'));
    this.finish('reset');
  }

  setPaused(isPaused: boolean): void {
    this.#isPaused = isPaused;
    if (!isPaused) this.#later(() => this.#deliver());
  }

  finish(fault?: SocketFault): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.listener?.closed(fault);
  }

  pump(): void {
    const { peer } = this;
    if (!peer || this.#isOver) return;
    for (const bytes of this.#outgoing.splice(0)) {
      const { segmentBytes } = this.#host.network.options;
      for (let at = 0; at < bytes.length; at += segmentBytes) peer.arrive(bytes.subarray(at, at + segmentBytes));
    }
    if (!this.#hasEnded || this.#hasSentEnd) return;
    this.#hasSentEnd = true;
    peer.arrive('end');
    this.#later(() => this.#finishIfDone());
  }

  arrive(what: Uint8Array | 'end'): void {
    this.#later(() => {
      this.#incoming.push(what);
      this.#deliver();
    });
  }

  #deliver(): void {
    while (!this.#isPaused && !this.#isOver && this.#incoming.length > 0) {
      const what = this.#incoming.shift()!;
      if (what === 'end') {
        this.#hasHeardEnd = true;
        this.listener?.ended?.();
        this.#finishIfDone();
        continue;
      }
      this.peer!.credit(what.length);
      // A buffer that is used again, as the contract has it: who kept the view sees it spoilt.
      const copy = what.slice();
      this.listener?.received(copy);
      copy.fill(0xdb);
    }
  }

  credit(bytes: number): void {
    this.#later(() => {
      this.#inFlight -= bytes;
      if (!this.#isShort || this.#isOver) return;
      this.#isShort = false;
      this.listener?.drained?.();
    });
  }

  #finishIfDone(): void {
    if (this.#hasSentEnd && this.#hasHeardEnd) this.finish();
  }

  #later(run: () => void): void {
    this.#host.schedule(this.#host.now + this.#host.network.options.delayNs, run);
  }
}
