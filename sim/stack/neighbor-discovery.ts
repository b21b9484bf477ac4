/**
 * Neighbour discovery on one card, and addresses that nobody else has: RFC 4861, section 7, and RFC 4862, section 5.4.
 *
 * An address is tentative until a second has passed after one question for it (DupAddrDetectTransmits is 1); the question waits for up to a second itself, so that
 * machines that start together do not ask together. One that somebody has already is never used, and is said to be taken.
 */

import type { Icmpv6Body } from '../../protocol/wire/packet/icmpv6.ts';
import type {
  NeighborAdvertisement,
  NeighborDiscovery as NeighborMessage,
  NeighborSolicitation,
} from '../../protocol/wire/packet/neighbor-discovery.ts';
import type { NeighborOption } from '../../protocol/wire/packet/neighbor-discovery-option.ts';
import { MILLISECOND, type Nanos, SECOND, type Timer } from '../clock.ts';
import type { Random } from '../random.ts';
import type { Card } from './card.ts';
import { type Ipv6Addresses, isGroup, type OwnAddress, toSolicitedNode } from './ipv6-address.ts';
import { NeighbourCache, type NeighbourLink } from './neighbour-cache.ts';

const ALL_NODES = (0xff02n << 112n) | 1n;

/** RFC 4861, section 10: MAX_RTR_SOLICITATION_DELAY, which section 5.4.2 of RFC 4862 takes for this, too; and RetransTimer. */
const DELAY_MAX: Nanos = SECOND;
const RETRANSMIT: Nanos = SECOND;

export interface NeighborOwner {
  readonly addresses: Ipv6Addresses;
  sendControl(src: bigint, dst: bigint, body: Icmpv6Body): void;
  abandoned(frame: Uint8Array): void;
}

interface Detection {
  readonly address: OwnAddress;
  readonly done: (isTaken: boolean) => void;
  timer: Timer;
}

export class NeighborDiscovery implements NeighbourLink<bigint> {
  readonly neighbours: NeighbourCache<bigint>;
  readonly #card: Card;
  readonly #owner: NeighborOwner;
  readonly #detections = new Map<bigint, Detection>();
  #random: Random | undefined;

  constructor(card: Card, owner: NeighborOwner) {
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

  /** Up to a second, for messages that others may send at the same time. */
  delay(): Nanos {
    this.#random ??= this.#card.random('neighbor discovery');
    return this.#random.nextBelow(DELAY_MAX / MILLISECOND) * MILLISECOND;
  }

  solicit(address: bigint, mac: number | undefined): void {
    const src = this.#owner.addresses.sourceFor(address, this.now);
    if (src === undefined) return;
    const dst = mac === undefined ? toSolicitedNode(address) : address;
    this.#owner.sendControl(src, dst, this.#solicitation(address, [this.#sourceOption()]));
  }

  /** Tells whether somebody has the address; `asking` is called when the question goes out. */
  detect(address: OwnAddress, asking: () => void, done: (isTaken: boolean) => void): void {
    const { value } = address.words;
    const end = () => {
      this.#detections.delete(value);
      done(false);
    };
    const ask = () => {
      asking();
      this.#owner.sendControl(0n, toSolicitedNode(value), this.#solicitation(value, []));
      detection.timer = this.schedule(this.now + RETRANSMIT, end);
    };
    const detection: Detection = { address, done, timer: this.schedule(this.now + this.delay(), ask) };
    this.#detections.set(value, detection);
  }

  /** The message has been read and comes from the link: its hop limit is 255, its code 0. */
  receive(message: NeighborMessage, src: bigint, dst: bigint): void {
    if (message.type === 'neighbor-solicitation') this.#receiveSolicitation(message, src, dst);
    else if (message.type === 'neighbor-advertisement') this.#receiveAdvertisement(message, dst);
  }

  clear(): void {
    this.neighbours.clear();
    for (const { timer } of this.#detections.values()) timer.cancel();
    this.#detections.clear();
  }

  #receiveSolicitation({ target, options }: NeighborSolicitation, src: bigint, dst: bigint): void {
    const own = this.#owner.addresses.find(target);
    if (!own) return;
    const mac = linkAddressOf(options, 'source-link-address');
    const isProbe = src === 0n;
    if (own.isTentative) {
      // Who probes wants it as we do; who asks as somebody else does not have it.
      if (isProbe) this.#take(target);
      return;
    }
    if (isProbe && (mac !== undefined || !isGroup(dst))) {
      this.#card.counters.malformed++;
      return;
    }
    if (!isProbe && mac !== undefined && this.neighbours.find(src) !== mac) this.neighbours.learn(src, mac, false);
    const body = {
      type: 'neighbor-advertisement',
      router: false,
      solicited: !isProbe,
      override: true,
      target,
      options: [{ type: 'target-link-address', address: this.#card.mac }],
    } as const;
    this.#owner.sendControl(target, isProbe ? ALL_NODES : src, body);
  }

  /** RFC 4861, section 7.2.5. */
  #receiveAdvertisement(message: NeighborAdvertisement, dst: bigint): void {
    const { target, options, solicited, override } = message;
    if (isGroup(target) || (isGroup(dst) && solicited)) {
      this.#card.counters.malformed++;
      return;
    }
    if (this.#owner.addresses.find(target)) {
      this.#take(target);
      return;
    }
    if (!this.neighbours.has(target)) return;
    const known = this.neighbours.find(target);
    const mac = linkAddressOf(options, 'target-link-address') ?? known;
    if (mac === undefined) return;
    if (known === undefined || known === mac || override) this.neighbours.learn(target, mac, solicited);
    else this.neighbours.suspect(target);
  }

  #take(target: bigint): void {
    const detection = this.#detections.get(target);
    if (!detection) return;
    detection.timer.cancel();
    this.#detections.delete(target);
    detection.done(true);
  }

  #solicitation(target: bigint, options: readonly NeighborOption[]): NeighborSolicitation {
    return { type: 'neighbor-solicitation', target, options };
  }

  #sourceOption(): NeighborOption {
    return { type: 'source-link-address', address: this.#card.mac };
  }
}

export function linkAddressOf(
  options: readonly NeighborOption[],
  type: 'source-link-address' | 'target-link-address',
): number | undefined {
  for (const option of options) if (option.type === type) return option.address;
  return undefined;
}
