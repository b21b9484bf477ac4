/**
 * A host with one network card and the beginnings of a stack: ARP (RFC 826), echo (RFC 792), and frames of one's own making.
 *
 * It answers requests for its address and echo requests, learns neighbours from ARP that is meant for it, and keeps packets for a
 * neighbour it does not know yet in a bounded queue while it asks, three times, a second apart, as Linux does.
 */
import { isGroupMac, MAC_BROADCAST } from '../protocol/wire/address.ts';
import { ARP_OPERATION, type Arp } from '../protocol/wire/packet/arp.ts';
import { ETHER_TYPE } from '../protocol/wire/packet/ethernet.ts';
import { decodeFrame, encodeFrame } from '../protocol/wire/packet/frame.ts';
import type { Icmp } from '../protocol/wire/packet/icmp.ts';
import { IP_PROTOCOL, type Ipv4 } from '../protocol/wire/packet/ipv4.ts';
import type { Frame } from '../protocol/wire/packet/layer.ts';
import type { CableEnd } from './cable.ts';
import { type Actor, type Clock, type Nanos, SECOND, type Timer } from './clock.ts';

export interface HostSpec {
  readonly name: string;
  readonly mac: number;
  /** Absent: no address, and no stack that would answer. */
  readonly ip?: number | undefined;
  readonly prefixLength: number;
}

export interface HostCounters {
  sent: number;
  received: number;
  /** Frames that came to another address and were not for all. */
  notForMe: number;
  malformed: number;
}

const TTL_DEFAULT = 64;
const ARP_TRIES = 3;
const ARP_RETRY: Nanos = SECOND;
/** Linux keeps about as many for a neighbour it is asking for. */
const ARP_PENDING_MAX = 64;

interface Resolution {
  readonly waiting: { readonly packet: Frame; readonly failed?: (() => void) | undefined }[];
  triesLeft: number;
  timer: Timer;
}

export type EchoListener = (reply: {
  readonly identifier: number;
  readonly sequence: number;
  readonly source: number;
}) => void;

export class Host implements CableEnd {
  readonly name: string;
  readonly spec: HostSpec;
  readonly counters: HostCounters = { sent: 0, received: 0, notForMe: 0, malformed: 0 };
  /** Sees every frame that reaches the card, before the stack does. */
  tap: ((frame: Uint8Array) => void) | undefined;
  readonly #clock: Clock;
  readonly #actor: Actor;
  readonly #send: (frame: Uint8Array) => void;
  readonly #neighbours = new Map<number, number>();
  readonly #resolutions = new Map<number, Resolution>();
  readonly #echoListeners = new Map<number, EchoListener>();
  #nextIdentifier = 1;

  /** `send` puts a frame on the cable. */
  constructor(clock: Clock, spec: HostSpec, send: (frame: Uint8Array) => void) {
    this.name = spec.name;
    this.spec = spec;
    this.#clock = clock;
    this.#actor = clock.createActor(`host ${spec.name}`);
    this.#send = send;
  }

  linkChanged(isUp: boolean): void {
    // Neighbours may be others when the cable is mended.
    if (!isUp) this.#neighbours.clear();
  }

  receiveFrame(frame: Uint8Array): void {
    this.counters.received++;
    this.tap?.(frame);
    const layers = decodeFrame(new DataView(frame.buffer, frame.byteOffset, frame.byteLength), 0, frame.byteLength);
    const [ethernet, network, transport] = layers;
    if (ethernet?.type !== 'ethernet' || layers.some((layer) => layer.type === 'malformed')) {
      this.counters.malformed++;
      return;
    }
    if (ethernet.dst !== this.spec.mac && !isGroupMac(ethernet.dst)) {
      this.counters.notForMe++;
      return;
    }
    if (network?.type === 'arp') this.#receiveArp(network);
    else if (network?.type === 'ipv4' && transport?.type === 'icmp' && network.dst === this.spec.ip) {
      this.#receiveIcmp(network, transport);
    }
  }

  sendFrame(frame: Uint8Array): void {
    this.counters.sent++;
    this.#send(frame);
  }

  /** An IP packet, to the neighbour that has its destination's address; `failed` if nobody has. */
  sendIpv4(protocol: number, dst: number, content: Frame, failed?: () => void): void {
    const { ip } = this.spec;
    if (ip === undefined) {
      failed?.();
      return;
    }
    const packet: Frame = [{ type: 'ipv4', ttl: TTL_DEFAULT, protocol, src: ip, dst }, ...content];
    const mac = this.#neighbours.get(dst);
    if (mac !== undefined) this.#sendTo(mac, packet);
    else this.#resolve(dst, packet, failed);
  }

  /** A stream of echoes of one's own: an identifier, and what happens when one comes back. */
  listenForEchoes(listener: EchoListener): { readonly identifier: number; close(): void } {
    const identifier = this.#nextIdentifier;
    this.#nextIdentifier = (this.#nextIdentifier % 0xffff) + 1;
    this.#echoListeners.set(identifier, listener);
    return { identifier, close: () => void this.#echoListeners.delete(identifier) };
  }

  schedule(at: Nanos, run: () => void): Timer {
    return this.#clock.schedule(this.#actor, at, run);
  }

  get now(): Nanos {
    return this.#clock.now;
  }

  #receiveArp(arp: Arp): void {
    const { ip, mac } = this.spec;
    if (ip === undefined) return;
    const isForMe = arp.targetIp === ip;
    // RFC 826: an entry that is there is refreshed by anybody's packet, a new one is made only by packets to oneself.
    if (arp.senderIp !== 0 && (isForMe || this.#neighbours.has(arp.senderIp))) this.#learn(arp.senderIp, arp.senderMac);
    if (!isForMe || arp.operation !== ARP_OPERATION.request) return;
    this.#sendArp(arp.senderMac, {
      type: 'arp',
      operation: ARP_OPERATION.reply,
      senderMac: mac,
      senderIp: ip,
      targetMac: arp.senderMac,
      targetIp: arp.senderIp,
    });
  }

  #receiveIcmp(ipv4: Ipv4, { body }: Icmp): void {
    if (body.type === 'echo-request') {
      const reply: Icmp = { type: 'icmp', body: { ...body, type: 'echo-reply' } };
      this.sendIpv4(IP_PROTOCOL.icmp, ipv4.src, [reply]);
    } else if (body.type === 'echo-reply') {
      const { identifier, sequence } = body;
      this.#echoListeners.get(identifier)?.({ identifier, sequence, source: ipv4.src });
    }
  }

  #learn(ip: number, mac: number): void {
    this.#neighbours.set(ip, mac);
    const resolution = this.#resolutions.get(ip);
    if (!resolution) return;
    this.#resolutions.delete(ip);
    resolution.timer.cancel();
    for (const { packet } of resolution.waiting) this.#sendTo(mac, packet);
  }

  #resolve(ip: number, packet: Frame, failed: (() => void) | undefined): void {
    const resolution = this.#resolutions.get(ip);
    if (resolution) {
      if (resolution.waiting.length >= ARP_PENDING_MAX) resolution.waiting.shift()!.failed?.();
      resolution.waiting.push({ packet, failed });
      return;
    }
    const timer = this.schedule(this.now, () => this.#ask(ip));
    this.#resolutions.set(ip, { waiting: [{ packet, failed }], triesLeft: ARP_TRIES, timer });
  }

  #ask(ip: number): void {
    const resolution = this.#resolutions.get(ip)!;
    if (resolution.triesLeft-- === 0) {
      this.#resolutions.delete(ip);
      for (const { failed } of resolution.waiting) failed?.();
      return;
    }
    const { mac, ip: ownIp } = this.spec;
    this.#sendArp(MAC_BROADCAST, {
      type: 'arp',
      operation: ARP_OPERATION.request,
      senderMac: mac,
      senderIp: ownIp!,
      targetMac: 0,
      targetIp: ip,
    });
    resolution.timer = this.schedule(this.now + ARP_RETRY, () => this.#ask(ip));
  }

  #sendArp(dst: number, arp: Arp): void {
    this.sendFrame(encodeFrame([{ type: 'ethernet', dst, src: this.spec.mac, etherType: ETHER_TYPE.arp }, arp]));
  }

  #sendTo(dst: number, packet: Frame): void {
    this.sendFrame(encodeFrame([{ type: 'ethernet', dst, src: this.spec.mac, etherType: ETHER_TYPE.ipv4 }, ...packet]));
  }
}
