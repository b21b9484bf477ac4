/**
 * One connection to a controller, its main one or an auxiliary: a session, and what is on its way to the transport.
 *
 * Answers must not be lost: a controller that asks for more than it reads loses its connection. What nobody asked for is
 * dropped instead when much is waiting, packets first of all.
 */
import type { Message } from '../protocol/wire/openflow/message.ts';
import { Session, type SessionEvents } from '../protocol/wire/openflow/session.ts';
import type { ControllerChannel } from './controller-channel.ts';

/** What the owner of a switch sees of a connection. */
export interface ControlConnection {
  receive(bytes: Uint8Array, now: number): void;
  /** Everything to be written; undefined when there is nothing. */
  takeOutgoing(): Uint8Array | undefined;
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

/** A table of some hundred thousand rules, asked for at once; memory is taken as it fills. */
const OUTPUT_BYTES_MAX = 1 << 26;

/** From here on packet-ins are dropped: whoever reads so slowly has no use for more. */
const PACKET_IN_BYTES_MAX = 1 << 20;

export class Connection implements ControlConnection {
  readonly #session: Session;
  readonly #owner: ConnectionOwner;
  /** The owner has been told, and has not taken anything since. */
  #isAnnounced = false;
  readonly channel: ControllerChannel;
  /** 0 for the main connection. */
  readonly auxiliaryId: number;
  isOpen = false;
  closeReason = '';

  constructor({ channel, auxiliaryId }: ConnectionPlace, events: SessionEvents, owner: ConnectionOwner, now: number) {
    this.channel = channel;
    this.auxiliaryId = auxiliaryId;
    this.#session = new Session({ role: 'switch', events, now, outputBytesMax: OUTPUT_BYTES_MAX });
    this.#owner = owner;
  }

  get isClosed(): boolean {
    return this.#session.state === 'closed';
  }

  receive(bytes: Uint8Array, now: number): void {
    this.#owner.advance(now);
    this.#session.receive(bytes, now);
    this.#announce();
  }

  poll(now: number): void {
    this.#session.poll(now);
    this.#announce();
  }

  pollAt(): number | undefined {
    return this.#session.pollAt();
  }

  takeOutgoing(): Uint8Array | undefined {
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

  #announce(): void {
    if (this.#isAnnounced || this.#session.outputBytes === 0) return;
    this.#isAnnounced = true;
    this.#owner.onOutput(this);
  }
}
