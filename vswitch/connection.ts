/**
 * One controller's connection: its session, what it may do and what it wants to hear.
 *
 * Answers must not be lost: a controller that asks for more than it reads loses its connection. What nobody asked for is
 * dropped instead when much is waiting, packets first of all.
 */
import type { Message } from '../protocol/wire/openflow/message.ts';
import { ROLE } from '../protocol/wire/openflow/role.ts';
import { Session, type SessionEvents } from '../protocol/wire/openflow/session.ts';
import { ASYNC_DEFAULT, type AsyncKind, type AsyncMasks, isWanted } from './async-config.ts';
import { MultipartAssembly } from './multipart-assembly.ts';

/** What the owner of a switch sees of a connection. */
export interface ControlConnection {
  receive(bytes: Uint8Array, now: number): void;
  /** Everything to be written; undefined when there is nothing. */
  takeOutgoing(): Uint8Array | undefined;
  /** There may still be something to take: the error that explains why. */
  readonly isClosed: boolean;
  /** The transport has ended, or the owner wants no more. */
  close(now: number): void;
}

/** The switch, as its connections see it. */
export interface ConnectionOwner {
  /** Called before a connection does anything at that time. */
  advance(now: number): void;
  onOutput(connection: ControlConnection): void;
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
  role: number = ROLE.equal;
  masks: AsyncMasks = ASYNC_DEFAULT;
  readonly assembly = new MultipartAssembly();
  isOpen = false;

  constructor(events: SessionEvents, owner: ConnectionOwner, now: number) {
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

  wants(kind: AsyncKind, reason: number): boolean {
    if (!this.isOpen || !isWanted(this.masks, kind, reason, this.role)) return false;
    return kind !== 'packetInMask' || this.#session.outputBytes < PACKET_IN_BYTES_MAX;
  }

  #announce(): void {
    if (this.#isAnnounced || this.#session.outputBytes === 0) return;
    this.#isAnnounced = true;
    this.#owner.onOutput(this);
  }
}
