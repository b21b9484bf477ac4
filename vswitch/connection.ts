/**
 * One connection to a controller, its main one or an auxiliary: a session, and what is on its way to the transport.
 *
 * A long answer is not made before it can be sent: its parts are produced as the owner takes them, so a table of any size reaches a
 * controller that reads at its own pace, and costs no more than a piece of it. Requests that come meanwhile wait as the bytes they are, in
 * their order; so a barrier's reply follows the last part, and nothing that was asked later shows in what was asked before. What waits has a
 * bound, and an owner that stops reading when its transport is full never meets it. What nobody asked for is not held up by
 * an answer; when much of it is waiting, packets are dropped first of all.
 */
import type { Message } from '../protocol/wire/openflow/message.ts';
import { Session, type SessionEvents } from '../protocol/wire/openflow/session.ts';
import { assert } from '../protocol/wire/wire-error.ts';
import type { ControllerChannel } from './controller-channel.ts';
import { isPart, MultipartAssembly } from './multipart-assembly.ts';
import { PostponedRequests } from './postponed-requests.ts';

/** What the owner of a switch sees of a connection. */
export interface ControlConnection {
  receive(bytes: Uint8Array, now: number): void;
  /** The next piece to be written; undefined when there is nothing more. A long answer takes many pieces. */
  takeOutgoing(): Uint8Array | undefined;
  /** The transport was full, so the peer was not heard; it has read on, which is as good a sign of life as a word. */
  drained(now: number): void;
  /** Hellos have been exchanged, and the connection has not ended. */
  readonly isOpen: boolean;
  /** There may still be something to take: the error that explains why. */
  readonly isClosed: boolean;
  /** In words, once it is closed. */
  readonly closeReason: string;
  /** The transport has ended, or the owner wants no more. */
  close(now: number): void;
}

/** The switch, as its connections see it. */
export interface ConnectionOwner {
  /** Called before a connection does anything at that time. */
  advance(now: number): void;
  onOutput(connection: ControlConnection): void;
}

/** Whose connection it is, and which of them. */
export interface ConnectionPlace {
  readonly channel: ControllerChannel;
  readonly auxiliaryId: number;
}

export interface ConnectOptions {
  /**
   * The other side dialled, which section 6.3.2 allows, to administer the switch. It may be silent as long as it likes (ovs-ofctl answers no
   * echo while it waits for something else), and the switch does not count as controlled for its being there.
   */
  readonly isPassive?: boolean;
}

/** A table of some hundred thousand rules that all end at once; memory is taken as it fills. */
const OUTPUT_BYTES_MAX = 1 << 26;

/** From here on packet-ins are dropped: whoever reads so slowly has no use for more. */
const PACKET_IN_BYTES_MAX = 1 << 20;

/** As much of a long answer is made at once: a write that is worth its while, and two messages at least. */
const PIECE_BYTES = 1 << 17;

/** Requests behind an answer that is being given: more than a transport brings in one chunk. */
const POSTPONED_BYTES_MAX = 1 << 22;

export class Connection implements ControlConnection {
  readonly #session: Session;
  readonly #owner: ConnectionOwner;
  /** The owner has been told, and has not taken anything since. */
  #isAnnounced = false;
  /** What is left of the answer that is being given. */
  #answer: Iterator<Message> | undefined;
  readonly #postponed = new PostponedRequests(POSTPONED_BYTES_MAX);
  #isResuming = false;
  /** Whether a message is a part of a request that the owner has taken to the others. */
  readonly #isCollected: (view: DataView, at: number, end: number) => boolean;
  readonly assembly = new MultipartAssembly();
  readonly channel: ControllerChannel;
  /** 0 for the main connection. */
  readonly auxiliaryId: number;
  isOpen = false;
  closeReason = '';

  constructor({ channel, auxiliaryId }: ConnectionPlace, events: SessionEvents, owner: ConnectionOwner, now: number) {
    this.channel = channel;
    this.auxiliaryId = auxiliaryId;
    this.#session = new Session({
      role: 'switch',
      events: {
        ...events,
        raw: (view, at, end) => {
          if (!this.#mustWait) return this.#isCollected(view, at, end);
          // A part that waits is not read yet, and a broken one refuses the whole only with the last.
          const mustWait = isPart(view, at, end);
          if (mustWait) this.#postpone(view, at, end);
          return mustWait;
        },
        message: (message, view, at, end) => {
          if (this.#mustWait) this.#postpone(view, at, end);
          else events.message(message, view, at, end);
        },
        closed: (reason, detail) => {
          this.#answer = undefined;
          this.#postponed.clear();
          events.closed(reason, detail);
        },
      },
      now,
      outputBytesMax: OUTPUT_BYTES_MAX,
      ...(channel.isPassive && { echoIntervalNs: Number.POSITIVE_INFINITY }),
    });
    this.#owner = owner;
    this.#isCollected = (view, at, end) => events.raw?.(view, at, end) === true;
  }

  get isClosed(): boolean {
    return this.#session.state === 'closed';
  }

  receive(bytes: Uint8Array, now: number): void {
    this.#owner.advance(now);
    this.#session.receive(bytes, now);
    this.#announce();
  }

  drained(now: number): void {
    this.#owner.advance(now);
    this.#session.heard(now);
  }

  poll(now: number): void {
    this.#session.poll(now);
    this.#announce();
  }

  pollAt(): number | undefined {
    return this.#session.pollAt();
  }

  /** What waited is dealt with at the time that the switch was told last. */
  takeOutgoing(): Uint8Array | undefined {
    this.#proceed();
    this.#isAnnounced = false;
    return this.#session.takeOutput();
  }

  close(now: number): void {
    this.#owner.advance(now);
    this.#session.disconnect();
  }

  /** An answer, or what nobody asked for. */
  send(message: Message): void {
    if (!this.#session.send(message)) this.#session.close();
    this.#announce();
  }

  /** There is room for packets that nobody asked for. */
  get takesPackets(): boolean {
    return this.#session.outputBytes < PACKET_IN_BYTES_MAX;
  }

  /** The main connection has ended. */
  hangUp(): void {
    this.#session.close();
    this.closeReason = 'its main connection has ended';
    this.#announce();
  }

  /** An answer in as many messages as it takes, each of which is made when there is room for it. */
  sendAll(messages: Iterable<Message>): void {
    assert(this.#answer === undefined, 'a request waits until what was asked before is answered');
    this.#answer = messages[Symbol.iterator]();
    this.#giveAnswer();
  }

  get #mustWait(): boolean {
    return !this.#isResuming && (this.#answer !== undefined || !this.#postponed.isEmpty);
  }

  #postpone(view: DataView, at: number, end: number): void {
    if (!this.#postponed.put(view, at, end)) this.#session.close();
  }

  /** Goes on with the answer, and when it is given with the requests behind it, as far as there is room for what they lead to. */
  #proceed(): void {
    this.#giveAnswer();
    while (!this.#postponed.isEmpty && this.#answer === undefined && this.#session.outputBytes < PIECE_BYTES) {
      this.#isResuming = true;
      this.#postponed.next(this.#resume);
      this.#isResuming = false;
    }
  }

  readonly #resume = (view: DataView, at: number, end: number): void => {
    if (!this.#isCollected(view, at, end)) this.#session.resume(view, at, end);
  };

  #giveAnswer(): void {
    while (this.#answer !== undefined && this.#session.outputBytes < PIECE_BYTES) {
      const { done, value } = this.#answer.next();
      if (done === true) this.#answer = undefined;
      else this.send(value);
    }
  }

  #announce(): void {
    if (this.#isAnnounced || this.#session.outputBytes === 0) return;
    this.#isAnnounced = true;
    this.#owner.onOutput(this);
  }
}
