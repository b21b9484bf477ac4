/**
 * ARP on one card: RFC 826, with the probes and announcements of RFC 5227 for addresses that come while the machine runs.
 *
 * It answers for the machine's address, learns from what is said to it, and refreshes what it knows by what is said to all. Nothing is announced when a
 * cable is mended (Linux's `arp_notify` is off by default, too), only when an address is set.
 */
import { MAC_BROADCAST } from '../../protocol/wire/address.ts';
import { ARP_OPERATION, arpView } from '../../protocol/wire/packet/arp.ts';
import { ETHER_TYPE, ETHERNET_BYTES } from '../../protocol/wire/packet/ethernet.ts';
import { MILLISECOND, type Nanos, SECOND, type Timer } from '../clock.ts';
import type { Random } from '../random.ts';
import type { Card } from './card.ts';
import { createFrame, setDestination, viewOf } from './ethernet-header.ts';
import { NeighbourCache, type NeighbourLink } from './neighbour-cache.ts';

const ARP_BYTES = 28;

/** RFC 5227, section 1.1, by its names. */
const PROBE_WAIT: Nanos = SECOND;
const PROBE_NUM = 3;
const PROBE_MIN: Nanos = SECOND;
const PROBE_MAX: Nanos = 2 * SECOND;
const ANNOUNCE_WAIT: Nanos = 2 * SECOND;
const ANNOUNCE_NUM = 2;
const ANNOUNCE_INTERVAL: Nanos = 2 * SECOND;

interface Probe {
  readonly done: (isTaken: boolean) => void;
  left: number;
  timer: Timer;
}

export interface ArpOwner {
  /** Of this machine; undefined without one. */
  readonly address: number | undefined;
  abandoned(frame: Uint8Array): void;
}

export class Arp implements NeighbourLink<number> {
  readonly neighbours: NeighbourCache<number>;
  readonly #card: Card;
  readonly #owner: ArpOwner;
  readonly #probes = new Map<number, Probe>();
  /** The next announcement, if there is one. */
  #announcing: Timer | undefined;
  #random: Random | undefined;

  constructor(card: Card, owner: ArpOwner) {
    this.#card = card;
    this.#owner = owner;
    this.neighbours = new NeighbourCache(this);
  }

  get now(): Nanos {
    return this.#card.now;
  }

  schedule(at: Nanos, run: () => void): Timer {
    return this.#card.schedule(at, run);
  }

  sendFrame(frame: Uint8Array): void {
    this.#card.sendFrame(frame);
  }

  abandoned(frame: Uint8Array): void {
    this.#owner.abandoned(frame);
  }

  solicit(address: number, mac: number | undefined): void {
    this.#send(mac ?? MAC_BROADCAST, ARP_OPERATION.request, this.#owner.address ?? 0, 0, address);
  }

  receive(view: DataView, at: number, end: number): void {
    if (end - at < ARP_BYTES) {
      this.#card.counters.malformed++;
      return;
    }
    if (!arpView.isEthernetIpv4(view, at)) {
      this.#card.counters.unheard++;
      return;
    }
    const senderMac = arpView.senderMac(view, at);
    const senderIp = arpView.senderIp(view, at);
    const targetIp = arpView.targetIp(view, at);
    const operation = arpView.operation(view, at);
    this.#judgeProbes(senderMac, senderIp, targetIp);
    const { address } = this.#owner;
    if (address === undefined) return;
    const isForMe = targetIp === address;
    // RFC 826: an entry that is there is refreshed by anybody's packet, a new one is made only by packets to oneself.
    if (senderIp !== 0 && senderIp !== address && (isForMe || this.neighbours.has(senderIp))) {
      this.neighbours.learn(senderIp, senderMac, isForMe);
    }
    if (isForMe && operation === ARP_OPERATION.request) {
      this.#send(senderMac, ARP_OPERATION.reply, address, senderMac, senderIp);
    }
  }

  /** Whether somebody has the address, or wants it at the same time. */
  probe(address: number, done: (isTaken: boolean) => void): void {
    this.#probes.get(address)?.timer.cancel();
    const timer = this.schedule(this.now + this.#chance(PROBE_WAIT), () => this.#sendProbe(address));
    this.#probes.set(address, { done, left: PROBE_NUM, timer });
  }

  /** That it is ours now: whoever has another card for it learns better. */
  announce(left = ANNOUNCE_NUM): void {
    // Of an address that was set before, nothing more is said.
    this.#announcing?.cancel();
    this.#announcing = undefined;
    const { address } = this.#owner;
    if (address === undefined) return;
    this.#send(MAC_BROADCAST, ARP_OPERATION.request, address, 0, address);
    if (left > 1) this.#announcing = this.schedule(this.now + ANNOUNCE_INTERVAL, () => this.announce(left - 1));
  }

  clear(): void {
    this.neighbours.clear();
    for (const { timer } of this.#probes.values()) timer.cancel();
    this.#probes.clear();
    this.#announcing?.cancel();
    this.#announcing = undefined;
  }

  #sendProbe(address: number): void {
    const probe = this.#probes.get(address)!;
    this.#send(MAC_BROADCAST, ARP_OPERATION.request, 0, 0, address);
    probe.left--;
    probe.timer =
      probe.left > 0
        ? this.schedule(this.now + PROBE_MIN + this.#chance(PROBE_MAX - PROBE_MIN), () => this.#sendProbe(address))
        : this.schedule(this.now + ANNOUNCE_WAIT, () => this.#endProbe(address, probe, false));
  }

  /** RFC 5227, section 2.1.1: whoever speaks for the address has it, and whoever probes for it wants it. */
  #judgeProbes(senderMac: number, senderIp: number, targetIp: number): void {
    if (this.#probes.size === 0 || senderMac === this.#card.mac) return;
    const address = senderIp === 0 ? targetIp : senderIp;
    const probe = this.#probes.get(address);
    if (probe) this.#endProbe(address, probe, true);
  }

  #endProbe(address: number, probe: Probe, isTaken: boolean): void {
    probe.timer.cancel();
    this.#probes.delete(address);
    probe.done(isTaken);
  }

  /** Whole milliseconds below a time. */
  #chance(below: Nanos): Nanos {
    this.#random ??= this.#card.random('arp');
    return this.#random.nextBelow(below / MILLISECOND) * MILLISECOND;
  }

  #send(dst: number, operation: number, senderIp: number, targetMac: number, targetIp: number): void {
    const { mac } = this.#card;
    const frame = createFrame(mac, ETHER_TYPE.arp, ARP_BYTES);
    setDestination(frame, dst);
    const view = viewOf(frame);
    view.setUint32(ETHERNET_BYTES, 0x0001_0800);
    view.setUint16(ETHERNET_BYTES + 4, 0x0604);
    arpView.setOperation(view, ETHERNET_BYTES, operation);
    arpView.setSenderMac(view, ETHERNET_BYTES, mac);
    arpView.setSenderIp(view, ETHERNET_BYTES, senderIp);
    arpView.setTargetMac(view, ETHERNET_BYTES, targetMac);
    arpView.setTargetIp(view, ETHERNET_BYTES, targetIp);
    this.#card.sendFrame(frame);
  }
}
