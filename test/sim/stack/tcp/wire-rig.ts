/**
 * Two TCPs and a wire between them, with the least of IP that they need: Ethernet and IPv4 headers without options, no fragments, neighbours known.
 *
 * The wire is a real cable on a real clock, or one that loses, repeats and overtakes as it is told. Tests know `Rig` and `Machine` alone, so that real
 * hosts can take their place.
 */

import { encodePcapHeader, encodePcapRecord } from '../../../../protocol/wire/capture/pcap.ts';
import { checksumOf } from '../../../../protocol/wire/packet/checksum.ts';
import { ipv4View } from '../../../../protocol/wire/packet/ipv4.ts';
import { Cable, type CableEnd } from '../../../../sim/cable.ts';
import type { CableSide, CableSpec } from '../../../../sim/cable-figures.ts';
import { type Actor, Clock, MILLISECOND, type Nanos, type Timer } from '../../../../sim/clock.ts';
import { Random } from '../../../../sim/random.ts';
import type { IpDatagram, IpService, OutgoingPacket } from '../../../../sim/stack/ip-service.ts';
import { Tcp } from '../../../../sim/stack/tcp/tcp.ts';
import { TCP_MODEL, type TcpModel } from '../../../../sim/stack/tcp/tcp-model.ts';

const ETHERNET_BYTES = 14;
const IPV4_BYTES = 20;
const MTU = 1500;
/** 2023-11-14, so that captures have a date. */
const EPOCH_NS = 1_700_000_000_000_000_000n;

export interface RigOptions {
  readonly cable?: Partial<CableSpec>;
  /** Instead of a cable. */
  readonly unruly?: Unruliness;
  readonly model?: Partial<TcpModel>;
  /** Of the one that answers, if it is another. */
  readonly serverModel?: Partial<TcpModel>;
  readonly seed?: number | string;
  readonly isCaptured?: boolean;
  readonly mtu?: number;
}

/** Chances of each frame, and how much later than the least it may be. */
export interface Unruliness {
  readonly loss: number;
  readonly duplication: number;
  readonly jitterNs: Nanos;
}

export class Machine implements CableEnd, IpService {
  readonly name: string;
  readonly address: number;
  readonly tcp: Tcp;
  mtu: number;
  /** Undefined: there is no way to anywhere. */
  hasRoute = true;
  /** Sees what TCP is given, before it is; true keeps it from it. */
  filter: ((datagram: IpDatagram) => boolean) | undefined;
  /** What is sent goes there. */
  out: (frame: Uint8Array) => void = () => {};
  sent = 0;
  readonly #clock: Clock;
  readonly #actor: Actor;
  #identification = 0;

  constructor(clock: Clock, name: string, address: number, random: Random, model: TcpModel, mtu: number) {
    this.name = name;
    this.address = address;
    this.mtu = mtu;
    this.#clock = clock;
    this.#actor = clock.createActor(`machine ${name}`);
    this.tcp = new Tcp(this, random.fork(name), model);
  }

  get now(): Nanos {
    return this.#clock.now;
  }

  schedule(at: Nanos, run: () => void): Timer {
    return this.#clock.schedule(this.#actor, at, run);
  }

  sourceFor(): number | undefined {
    return this.hasRoute ? this.address : undefined;
  }

  pathMtu(): number {
    return this.mtu;
  }

  send({ src, dst, protocol, payload }: OutgoingPacket): void {
    this.sent++;
    const frame = new Uint8Array(ETHERNET_BYTES + IPV4_BYTES + payload.length);
    const view = new DataView(frame.buffer);
    view.setUint32(2, Number(dst));
    view.setUint32(8, Number(src));
    view.setUint16(12, 0x0800);
    const at = ETHERNET_BYTES;
    view.setUint16(at, 0x4500);
    ipv4View.setTotalBytes(view, at, IPV4_BYTES + payload.length);
    view.setUint16(at + 4, this.#identification++);
    view.setUint16(at + 6, 0x4000);
    view.setUint16(at + 8, (64 << 8) | protocol);
    ipv4View.setSrc(view, at, Number(src));
    ipv4View.setDst(view, at, Number(dst));
    ipv4View.setChecksum(view, at, checksumOf(view, at, at + IPV4_BYTES));
    frame.set(payload, at + IPV4_BYTES);
    this.out(frame);
  }

  receiveFrame(frame: Uint8Array): void {
    const view = new DataView(frame.buffer, frame.byteOffset, frame.length);
    const at = ETHERNET_BYTES;
    const datagram: IpDatagram = {
      src: ipv4View.src(view, at),
      dst: ipv4View.dst(view, at),
      protocol: ipv4View.protocol(view, at),
      hopLimit: ipv4View.ttl(view, at),
      trafficClass: view.getUint8(at + 1),
      payload: frame.subarray(at + IPV4_BYTES, at + ipv4View.totalBytes(view, at)),
    };
    if (datagram.dst !== this.address || this.filter?.(datagram)) return;
    this.tcp.receive(datagram);
  }

  linkChanged(): void {}
}

export interface Rig {
  readonly clock: Clock;
  readonly client: Machine;
  readonly server: Machine;
  /** Undefined with an unruly wire. */
  readonly cable: Cable | undefined;
  /** Runs until nothing is left to do, or that long. */
  run(forNs?: Nanos): void;
  /** All frames that were sent, as a pcap file. */
  pcap(): Uint8Array;
}

const CABLE: CableSpec = { name: 'wire', delayNs: 5 * MILLISECOND, queueFramesMax: 10_000, lossProbability: 0 };

export function buildRig(options: RigOptions = {}): Rig {
  const clock = new Clock();
  const random = new Random(options.seed ?? 1);
  const mtu = options.mtu ?? MTU;
  const model = { ...TCP_MODEL, ...options.model };
  const client = new Machine(clock, 'client', 0x0a00_0001, random, model, mtu);
  const server = new Machine(clock, 'server', 0x0a00_0002, random, { ...model, ...options.serverModel }, mtu);
  const records: Uint8Array[] = [];
  const capture = (frame: Uint8Array) => {
    const timestampNs = EPOCH_NS + BigInt(clock.now);
    records.push(encodePcapRecord({ timestampNs, originalBytes: frame.length, data: frame.slice() }));
  };
  const cable = options.unruly ? undefined : new Cable(clock, random, { ...CABLE, ...options.cable }, client, server);
  const send = cable
    ? (from: CableSide, frame: Uint8Array) => cable.send(from, frame)
    : unrulyWire(clock, random.fork('wire'), options.unruly!, client, server);
  for (const [side, machine] of [
    ['a', client],
    ['b', server],
  ] as const) {
    machine.out = (frame) => {
      if (options.isCaptured) capture(frame);
      send(side, frame);
    };
  }
  return {
    clock,
    client,
    server,
    cable,
    run: (forNs) => {
      if (forNs === undefined) while (clock.step());
      else clock.runUntil(clock.now + forNs);
    },
    pcap: () => Uint8Array.from(Buffer.concat([encodePcapHeader({ linkType: 1 }), ...records])),
  };
}

function unrulyWire(clock: Clock, random: Random, { loss, duplication, jitterNs }: Unruliness, a: Machine, b: Machine) {
  const actor = clock.createActor('unruly wire');
  const travel = (to: Machine, frame: Uint8Array) => {
    const at = clock.now + MILLISECOND + random.nextBelow(jitterNs + 1);
    clock.schedule(actor, at, () => to.receiveFrame(frame));
  };
  return (from: CableSide, frame: Uint8Array) => {
    if (random.nextFraction() < loss) return;
    const to = from === 'a' ? b : a;
    travel(to, frame);
    if (random.nextFraction() < duplication) travel(to, frame);
  };
}
