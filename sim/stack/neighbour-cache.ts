/**
 * Which card has which address on the link, for ARP and neighbour discovery alike, and the packets that wait to know it.
 *
 * The states of RFC 4861, section 7.3.2, without a timer for any that nobody uses:
 *
 *     incomplete  asked for: three questions to all, a second apart; packets wait, the oldest of too many gives way
 *     reachable   heard of within 30 s
 *     stale       known, and not heard of since: used as it is, and doubted from the first use on
 *     delay       doubted: five seconds in which somebody may confirm it by the way
 *     probe       three questions to that card alone, a second apart; without an answer it is forgotten
 *
 * Times are Linux's defaults, without its random factor on the 30 s. What confirms: an answer to our question, and an echo that came back. For
 * ARP, a question to us does too, since it comes from who has just been heard (RFC 826 knows no difference); RFC 4861 makes it stale.
 *
 * The cache is bounded as Linux's (`gc_thresh3`): the oldest entry makes room.
 */
import type { IpAddress } from '../../protocol/wire/ip-address.ts';
import { type Nanos, SECOND, type Timer } from '../clock.ts';
import { setDestination } from './ethernet-header.ts';

/** How neighbours are asked on the wire. */
export interface NeighbourLink<A extends IpAddress> {
  readonly now: Nanos;
  schedule(at: Nanos, run: () => void): Timer;
  /** Asks for the address; only that card, if one is given. */
  solicit(address: A, mac: number | undefined): void;
  sendFrame(frame: Uint8Array): void;
  /** Nobody has the address that the frame had to go to. */
  abandoned(frame: Uint8Array): void;
}

const REACHABLE: Nanos = 30 * SECOND;
const DELAY: Nanos = 5 * SECOND;
const RETRANSMIT: Nanos = SECOND;
const TRIES = 3;
const ENTRIES_MAX = 1024;

/** Linux keeps about as many full-sized packets for a neighbour it is asking for. */
const WAITING_MAX = 64;

class Neighbour<A extends IpAddress> {
  readonly address: A;
  /** Negative: not known yet. */
  mac = -1;
  freshUntil: Nanos = -1;
  triesLeft = TRIES;
  timer: Timer | undefined;
  waiting: Uint8Array[] | undefined;

  constructor(address: A) {
    this.address = address;
  }
}

export class NeighbourCache<A extends IpAddress> {
  readonly #link: NeighbourLink<A>;
  readonly #neighbours = new Map<A, Neighbour<A>>();

  constructor(link: NeighbourLink<A>) {
    this.#link = link;
  }

  has(address: A): boolean {
    return this.#neighbours.has(address);
  }

  /** The card, if it is known. */
  find(address: A): number | undefined {
    const neighbour = this.#neighbours.get(address);
    return neighbour === undefined || neighbour.mac < 0 ? undefined : neighbour.mac;
  }

  /** Gives the frame its destination and sends it, now or when it is known. */
  send(address: A, frame: Uint8Array): void {
    let neighbour = this.#neighbours.get(address);
    if (neighbour !== undefined && neighbour.mac >= 0) {
      if (neighbour.freshUntil < this.#link.now && neighbour.timer === undefined) this.#doubt(neighbour);
      this.#sendTo(neighbour.mac, frame);
      return;
    }
    neighbour ??= this.#create(address);
    neighbour.waiting ??= [];
    if (neighbour.waiting.length >= WAITING_MAX) this.#link.abandoned(neighbour.waiting.shift()!);
    neighbour.waiting.push(frame);
    if (neighbour.timer === undefined) this.#ask(neighbour);
  }

  /** Somebody said which card has it. */
  learn(address: A, mac: number, isConfirmed: boolean): void {
    const neighbour = this.#neighbours.get(address) ?? this.#create(address);
    const isNews = neighbour.mac !== mac;
    neighbour.mac = mac;
    if (isConfirmed) this.#confirm(neighbour);
    else if (isNews) neighbour.freshUntil = -1;
    const { waiting } = neighbour;
    if (waiting === undefined) return;
    neighbour.waiting = undefined;
    this.#rest(neighbour);
    if (!isConfirmed) this.#doubt(neighbour);
    for (const frame of waiting) this.#sendTo(mac, frame);
  }

  /** What was sent there has arrived. */
  confirm(address: A): void {
    const neighbour = this.#neighbours.get(address);
    if (neighbour !== undefined && neighbour.mac >= 0) this.#confirm(neighbour);
  }

  /** Another card may have it by now. */
  suspect(address: A): void {
    const neighbour = this.#neighbours.get(address);
    if (neighbour !== undefined) neighbour.freshUntil = -1;
  }

  /** All that is known; what is asked for is still asked for. */
  forgetKnown(): void {
    for (const neighbour of this.#neighbours.values()) if (neighbour.mac >= 0) this.#forget(neighbour);
  }

  /** Nobody is told of what waited. */
  clear(): void {
    for (const { timer } of this.#neighbours.values()) timer?.cancel();
    this.#neighbours.clear();
  }

  #create(address: A): Neighbour<A> {
    if (this.#neighbours.size >= ENTRIES_MAX) {
      for (const oldest of this.#neighbours.values()) {
        this.#forget(oldest);
        break;
      }
    }
    const neighbour = new Neighbour(address);
    this.#neighbours.set(address, neighbour);
    return neighbour;
  }

  #confirm(neighbour: Neighbour<A>): void {
    neighbour.freshUntil = this.#link.now + REACHABLE;
  }

  #doubt(neighbour: Neighbour<A>): void {
    neighbour.triesLeft = TRIES;
    neighbour.timer = this.#link.schedule(this.#link.now + DELAY, () => this.#ask(neighbour));
  }

  /** One question, or the end of asking. */
  #ask(neighbour: Neighbour<A>): void {
    const { address, mac } = neighbour;
    if (neighbour.freshUntil >= this.#link.now) {
      this.#rest(neighbour);
      return;
    }
    if (neighbour.triesLeft-- === 0) {
      this.#forget(neighbour);
      return;
    }
    this.#link.solicit(address, mac < 0 ? undefined : mac);
    neighbour.timer = this.#link.schedule(this.#link.now + RETRANSMIT, () => this.#ask(neighbour));
  }

  #rest(neighbour: Neighbour<A>): void {
    neighbour.timer?.cancel();
    neighbour.timer = undefined;
    neighbour.triesLeft = TRIES;
  }

  #forget(neighbour: Neighbour<A>): void {
    neighbour.timer?.cancel();
    this.#neighbours.delete(neighbour.address);
    for (const frame of neighbour.waiting ?? []) this.#link.abandoned(frame);
  }

  #sendTo(mac: number, frame: Uint8Array): void {
    setDestination(frame, mac);
    this.#link.sendFrame(frame);
  }
}
