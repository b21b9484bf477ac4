/**
 * All control channels of a controller, without the sockets: who is connected, who has something to write, who is to be looked at when, and who may have a
 * datapath id.
 *
 * A message costs what it causes, whatever the number of switches: a channel that was stirred is put on a list, once, and `settle` goes through that list only;
 * deadlines wait in a heap. What is written leaves in one piece per connection and call. A connection whose transport is full is not drained any further until the
 * transport says so; then its session's own bound holds back what produces for it, and one that does not read for long is given up.
 *
 * Whoever has a datapath id keeps it while it answers (decision 11). Packet-ins beyond a budget per switch are dropped before they are read. Link probes have a
 * budget of their own: no flood of other frames makes a link look dead.
 */
import { errorNumbers } from '../../protocol/wire/openflow/error.ts';
import type { Message, MessageOf } from '../../protocol/wire/openflow/message.ts';
import type { Nanos } from '../../protocol/wire/openflow/session.ts';
import { ETHER_TYPE } from '../../protocol/wire/packet/ethernet.ts';
import { formatDpid } from '../network/network.ts';
import { Channel } from './channel.ts';
import { DeadlineHeap } from './deadline-heap.ts';
import { type Fault, FaultCount } from './fault-count.ts';
import { packetInEtherType } from './packet-in-view.ts';
import { PACKET_IN_RATE, TokenBucket, type TokenRate } from './token-bucket.ts';

/** One connection. */
export interface Link {
  readonly name: string;
  readonly channel: Channel;
  readonly faults: FaultCount;
  /** Once it has shaken hands and the id is its own. */
  dpid: string | undefined;
  packetIns: number;
  readonly packetInBudget: TokenBucket;
  readonly probeBudget: TokenBucket;
  readonly errorBudget: TokenBucket;
  isStirred: boolean;
  /** Its transport takes no more; it is given up at this moment unless it has been drained before. */
  drainBy: Nanos | undefined;
  /** When the heap will bring it up. */
  lookAt: Nanos;
}

export type ClaimOutcome = 'refused' | 'replaced';

export interface SwitchboardEvents {
  now(): Nanos;
  /** False: the transport takes no more until `drained`. */
  write(connection: string, bytes: Uint8Array): boolean;
  hangUp(connection: string): void;
  ready(link: Link, features: MessageOf<'featuresReply'>): void;
  /** Only of those that are ready. */
  message(link: Link, message: Message): void;
  closed(link: Link, reason: string, detail: string): void;
  fault(link: Link, fault: Fault): void;
  /** Another connection wanted the id of this one. */
  claimed(holder: Link, claimant: Link, outcome: ClaimOutcome): void;
  /** Before what waits for a stirred connection is written. */
  settle(link: Link): void;
}

export interface SwitchboardOptions {
  readonly packetInRate?: TokenRate;
  readonly handshakesMax?: number;
}

/** A probe comes through each link in five seconds, and all at once after a port change; no switch has more ports than this pays for. */
const PROBE_RATE: TokenRate = { perSecond: 1000, burst: 4096 };

/** Told one by one: enough to see what is wrong. */
const ERROR_RATE: TokenRate = { perSecond: 10, burst: 100 };

/** A thousand switches may dial at once; of whoever stays half-way, the oldest makes room. */
const HANDSHAKES_MAX = 2048;

/** The holder of an id has so long for its sign of life when another wants it. Longer than any round trip, shorter than people wait for a switch. */
export const CLAIM_TIMEOUT: Nanos = 2_000_000_000;

/** A transport that takes nothing for so long belongs to a switch that does not read. */
const DRAIN_TIMEOUT: Nanos = 30_000_000_000;

const IN_USE = 'this datapath id is in use by another connection that is alive';

export class Switchboard {
  readonly #events: SwitchboardEvents;
  readonly #packetInRate: TokenRate;
  readonly #handshakesMax: number;
  readonly #links = new Map<string, Link>();
  readonly #handshakes = new Set<Link>();
  /** Who has a datapath id. */
  readonly #holders = new Map<string, Link>();
  /** Who waits for one that another has. */
  readonly #claimants = new Map<string, Link>();
  readonly #deadlines = new DeadlineHeap<Link>();
  readonly #stirred: Link[] = [];
  #now: Nanos;

  constructor(events: SwitchboardEvents, now: Nanos, options: SwitchboardOptions = {}) {
    this.#events = events;
    this.#now = now;
    this.#packetInRate = options.packetInRate ?? PACKET_IN_RATE;
    this.#handshakesMax = options.handshakesMax ?? HANDSHAKES_MAX;
  }

  open(name: string, now: Nanos): void {
    this.#now = now;
    const [oldest] = this.#handshakes;
    if (oldest && this.#handshakes.size >= this.#handshakesMax) {
      oldest.channel.disconnect('it had not shaken hands, and too many others want to');
    }
    const link: Link = {
      name,
      channel: new Channel({
        now: () => this.#events.now(),
        ready: (features) => this.#shakenHands(link, features),
        message: (message) => this.#receiveMessage(link, message),
        closed: (reason, detail) => this.#closed(link, reason, detail),
        fault: (fault) => this.#fault(link, fault),
        admit: (view, at, end) => this.#admit(link, view, at, end),
        stirred: () => this.#stir(link),
      }),
      faults: new FaultCount(),
      dpid: undefined,
      packetIns: 0,
      packetInBudget: new TokenBucket(this.#packetInRate, now),
      probeBudget: new TokenBucket(PROBE_RATE, now),
      errorBudget: new TokenBucket(ERROR_RATE, now),
      isStirred: false,
      drainBy: undefined,
      lookAt: Number.POSITIVE_INFINITY,
    };
    this.#links.set(name, link);
    this.#handshakes.add(link);
    this.#stir(link);
  }

  receive(name: string, bytes: Uint8Array, now: Nanos): void {
    this.#now = now;
    this.#links.get(name)?.channel.receive(bytes, now);
  }

  /** The transport has ended. */
  disconnect(name: string, detail: string, now: Nanos): void {
    this.#now = now;
    this.#links.get(name)?.channel.disconnect(detail);
  }

  /** The transport has room again. */
  drained(name: string, now: Nanos): void {
    this.#now = now;
    const link = this.#links.get(name);
    if (!link) return;
    link.drainBy = undefined;
    this.#stir(link);
  }

  poll(now: Nanos): void {
    this.#now = now;
    for (let link = this.#deadlines.takeDue(now); link; link = this.#deadlines.takeDue(now)) {
      if (this.#links.get(link.name) !== link) continue;
      link.lookAt = Number.POSITIVE_INFINITY;
      if (link.drainBy !== undefined && link.drainBy <= now) link.channel.disconnect('the switch does not read');
      else link.channel.poll(now);
      this.#stir(link);
    }
  }

  pollAt(): Nanos | undefined {
    return this.#deadlines.nextAt();
  }

  /** The end of every call: what waits for the connections that were stirred is written. */
  settle(): void {
    // Settling one may stir others, which then stand behind it.
    for (let i = 0; i < this.#stirred.length; i++) {
      const link = this.#stirred[i]!;
      if (this.#links.get(link.name) === link) {
        this.#events.settle(link);
        this.#flush(link);
        this.#setDeadline(link);
      }
      link.isStirred = false;
    }
    this.#stirred.length = 0;
  }

  #stir(link: Link): void {
    if (link.isStirred) return;
    link.isStirred = true;
    this.#stirred.push(link);
  }

  #flush(link: Link): void {
    while (link.drainBy === undefined) {
      const bytes = link.channel.takeOutput();
      if (!bytes) return;
      if (!this.#events.write(link.name, bytes)) link.drainBy = this.#now + DRAIN_TIMEOUT;
    }
  }

  #setDeadline(link: Link): void {
    const dueAt = Math.min(link.channel.pollAt() ?? Number.POSITIVE_INFINITY, link.drainBy ?? Number.POSITIVE_INFINITY);
    if (dueAt >= link.lookAt) return;
    link.lookAt = dueAt;
    this.#deadlines.add(dueAt, link);
  }

  #shakenHands(link: Link, features: MessageOf<'featuresReply'>): void {
    this.#handshakes.delete(link);
    // An auxiliary connection has the same datapath id, and must not push the main one aside.
    if (features.auxiliaryId !== 0) {
      link.channel.close();
      return;
    }
    const dpid = formatDpid(features.datapathId);
    const holder = this.#holders.get(dpid);
    if (holder) this.#claim(link, holder, dpid, features);
    else this.#give(dpid, link, features);
  }

  #give(dpid: string, link: Link, features: MessageOf<'featuresReply'>): void {
    this.#holders.set(dpid, link);
    link.dpid = dpid;
    this.#events.ready(link, features);
  }

  #claim(link: Link, holder: Link, dpid: string, features: MessageOf<'featuresReply'>): void {
    if (this.#claimants.has(dpid)) {
      this.#refuse(link, holder);
      return;
    }
    this.#claimants.set(dpid, link);
    holder.channel.challenge(this.#now + CLAIM_TIMEOUT, (isAlive) => {
      this.#claimants.delete(dpid);
      if (!link.channel.isOpen) return;
      if (isAlive) {
        this.#refuse(link, holder);
        return;
      }
      this.#events.claimed(holder, link, 'replaced');
      holder.channel.disconnect(`it did not answer, and ${link.name} took its place`);
      this.#give(dpid, link, features);
      this.#stir(link);
    });
  }

  #refuse(link: Link, holder: Link): void {
    this.#events.claimed(holder, link, 'refused');
    const data = new TextEncoder().encode(IN_USE);
    link.channel.send({ type: 'error', xid: 0, ...errorNumbers('HELLO_FAILED/EPERM'), data });
    link.channel.disconnect(IN_USE);
  }

  #receiveMessage(link: Link, message: Message): void {
    if (link.dpid === undefined) return;
    if (message.type === 'error' && !link.errorBudget.take(this.#now)) this.#fault(link, 'error-flood');
    else this.#events.message(link, message);
  }

  #admit(link: Link, view: DataView, at: number, end: number): boolean {
    link.packetIns++;
    const isProbe = packetInEtherType(view, at, end) === ETHER_TYPE.lldp;
    const budget = isProbe ? link.probeBudget : link.packetInBudget;
    if (budget.take(this.#now)) return true;
    this.#fault(link, 'packet-in-flood');
    return false;
  }

  /** Told of those that have a name; the others are hung up on, or get one. */
  #fault(link: Link, fault: Fault): void {
    if (link.faults.add(fault, this.#now) && link.dpid !== undefined) this.#events.fault(link, fault);
  }

  #closed(link: Link, reason: string, detail: string): void {
    // What explains it to the peer goes out whatever the transport says.
    for (let bytes = link.channel.takeOutput(); bytes; bytes = link.channel.takeOutput()) {
      this.#events.write(link.name, bytes);
    }
    this.#links.delete(link.name);
    this.#handshakes.delete(link);
    if (link.dpid !== undefined) this.#holders.delete(link.dpid);
    this.#events.closed(link, reason, detail);
    this.#events.hangUp(link.name);
  }
}
