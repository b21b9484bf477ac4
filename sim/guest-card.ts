/**
 * The network card of a guest: the ends of its cables, of which the one at the node it lives on is in use.
 *
 * A guest that does not run has its card off, and the switch sees the link go down. A paused one has it on with nothing behind it: frames that come are
 * dropped and counted, and so are those that a timer of its stack still sends (virtual time does not stop for a stack that does). While a guest
 * moves, the card at its new place is on as well, so that the network knows the port before the guest speaks there.
 */
import { ETHER_TYPE } from '../protocol/wire/packet/ethernet.ts';
import type { CableEnd } from './cable.ts';

export type CardMode = 'off' | 'on' | 'frozen';

/** What the card needs of a cable. */
export interface CardPlug {
  /** Of the link, for people. */
  readonly name: string;
  /** On which it is; absent: on all. */
  readonly node: string | undefined;
  send(frame: Uint8Array): void;
  /** The switch at the other end sees it. */
  setLit(isLit: boolean): void;
}

export interface CardCounters {
  sent: number;
  received: number;
  readonly dropped: {
    /** Nobody is behind the card: the guest is paused. */
    frozen: number;
    /** It came, or would have gone, where the guest is not. */
    absent: number;
    /** For all, on a card that is routed (OpenVZ's venet); ARP is its node's and passes. */
    broadcast: number;
  };
}

/** The stack behind the card. */
export interface CardOwner {
  receiveFrame(frame: Uint8Array): void;
  linkChanged(isUp: boolean): void;
}

const ETHERNET_BYTES = 14;

export class GuestCard {
  readonly name: string;
  readonly counters: CardCounters = { sent: 0, received: 0, dropped: { frozen: 0, absent: 0, broadcast: 0 } };
  readonly #isRouted: boolean;
  readonly #plugs: CardPlug[] = [];
  /** The one that it speaks on: the first of those here. */
  #active: CardPlug | undefined;
  #owner: CardOwner | undefined;
  #mode: CardMode = 'off';
  #isConnected = false;
  #node: string | undefined;
  /** Where it is on as well. */
  #otherNode: string | undefined;

  constructor(name: string, isRouted: boolean) {
    this.name = name;
    this.#isRouted = isRouted;
  }

  set owner(owner: CardOwner) {
    this.#owner = owner;
  }

  get mode(): CardMode {
    return this.#mode;
  }

  /** Whether the guest would be on the network on that node. */
  reaches(node: string): boolean {
    return this.#plugs.length === 0 || this.#plugs.some((plug) => plug.node === undefined || plug.node === node);
  }

  /** The name of the link in use; undefined without one. */
  get linkName(): string | undefined {
    return this.#active?.name;
  }

  plug(plug: CardPlug): CableEnd {
    this.#plugs.push(plug);
    this.#active = this.#plugs.find((one) => this.#isHere(one));
    return {
      name: this.name,
      receiveFrame: (frame) => this.#receive(plug, frame),
      linkChanged: (isUp) => {
        if (this.#isHere(plug)) this.#owner?.linkChanged(isUp);
      },
    };
  }

  setMode(mode: CardMode): void {
    if (mode === this.#mode) return;
    this.#mode = mode;
    this.#light();
  }

  /** The guest is there; the card where it was stays on until `setOtherNode`. */
  moveTo(node: string): void {
    this.#otherNode = this.#node;
    this.setNode(node);
  }

  /** Where the guest lives now. */
  setNode(node: string | undefined): void {
    this.#node = node;
    this.#active = this.#plugs.find((one) => this.#isHere(one));
    this.#light();
  }

  /** The card there is on too, until this is undone. */
  setOtherNode(node: string | undefined): void {
    this.#otherNode = node;
    this.#light();
  }

  send(frame: Uint8Array): void {
    if (this.#mode === 'frozen') this.counters.dropped.frozen++;
    else if (this.#mode === 'off' || this.#active === undefined) this.counters.dropped.absent++;
    else if (this.#isRouted && isForAll(frame)) this.counters.dropped.broadcast++;
    else {
      this.counters.sent++;
      this.#active.send(frame);
    }
  }

  /** From now on the ends of its cables shine or not; until then they are left as they are. */
  connect(): void {
    this.#isConnected = true;
    this.#light();
  }

  #light(): void {
    if (!this.#isConnected) return;
    const isOn = this.#mode !== 'off';
    for (const plug of this.#plugs) {
      const { node } = plug;
      const isHere = node === undefined || node === this.#node || node === this.#otherNode;
      plug.setLit(isOn && isHere);
    }
  }

  #receive(plug: CardPlug, frame: Uint8Array): void {
    if (this.#mode === 'off' || !this.#isHere(plug)) this.counters.dropped.absent++;
    else if (this.#mode === 'frozen') this.counters.dropped.frozen++;
    else if (this.#isRouted && isForAll(frame)) this.counters.dropped.broadcast++;
    else {
      this.counters.received++;
      this.#owner?.receiveFrame(frame);
    }
  }

  #isHere({ node }: CardPlug): boolean {
    return node === undefined || node === this.#node;
  }
}

/** Broadcast or multicast, but for ARP. */
function isForAll(frame: Uint8Array): boolean {
  if (frame.length < ETHERNET_BYTES || (frame[0]! & 1) === 0) return false;
  return frame[12]! * 256 + frame[13]! !== ETHER_TYPE.arp;
}
