/**
 * OpenFlow 1.3.5, section 6.3: one connection between a controller and a switch, seen from either end, without the socket.
 *
 * Bytes and the time come in (`receive`, `poll`), bytes go out (`takeOutput`), and the owner is told what happened through
 * `SessionEvents`, always from within one of these calls. The session shakes hands, keeps the connection alive, answers echoes, refuses
 * what cannot be read or is meant for the other side, and hands everything else to its owner, decoded. What it does when is
 * written in `session-table.ts`.
 *
 * It is also the boundary at which a `WireError` ends: one that decoding throws, or the owner's handler (which calls `validate`),
 * becomes the OFPT_ERROR with its name, the message's xid and its first bytes, and the session goes on. An OFPT_ERROR is never
 * answered with another, however broken it is: two sessions cannot shout at each other.
 *
 * Time is a count of nanoseconds from any fixed point, as an integer that a double holds exactly (2^53 ns are 104 days); it never
 * goes back.
 */
import { assert } from '../wire-error.ts';
import { type ErrorName, isOpenFlowError, toErrorMessage } from './error.ts';
import { Framer } from './framer.ts';
import {
  decodeMessage,
  encodeMessage,
  HEADER_BYTES,
  type Hello,
  MESSAGES,
  type Message,
  type MessageOf,
  VERSION_1_3,
} from './message.ts';
import { Outbox } from './outbox.ts';
import {
  type CloseReason,
  type Effect,
  INPUT_OF_TYPE,
  type Input,
  type Role,
  type State,
  type Steps,
  TRANSITIONS,
} from './session-table.ts';
import { explainRefusal, negotiateVersion, OUR_VERSIONS, readHello, toHello, toHelloVersions } from './version.ts';

export type Nanos = number;

export interface SessionPeer {
  readonly hello: Hello;
  /** What a controller asked for; a switch is not told by its controller. */
  readonly features?: MessageOf<'featuresReply'>;
}

export interface SessionEvents {
  /** Versions and, for a controller, features are known: messages may go both ways. */
  ready(peer: SessionPeer): void;
  /**
   * A message for the owner, and where it lies. Its bytes, and so its data, may be read until this returns. A `WireError` with an
   * OpenFlow error that it throws is answered to the peer.
   */
  message(message: Message, view: DataView, at: number, end: number): void;
  /** The last event. Output may still hold the error that explains it to the peer. */
  closed(reason: CloseReason, detail: string): void;
  /** Sees every message before it is read. True: it is dealt with, and is not decoded for `message`. */
  raw?(view: DataView, at: number, end: number): boolean;
  /** The peer sent something that cannot be read or has no place here; it was told by this error. */
  refused?(error: ErrorName): void;
}

export interface SessionOptions {
  readonly role: Role;
  readonly events: SessionEvents;
  readonly now: Nanos;
  readonly handshakeTimeoutNs?: Nanos;
  /** An echo request goes out when nothing was heard for so long; Infinity for never. */
  readonly echoIntervalNs?: Nanos;
  /** And when then still nothing is heard for so long, the peer is gone. */
  readonly echoTimeoutNs?: Nanos;
  readonly outputBytesMax?: number;
  /** See `FramerOptions`. */
  readonly messageBytesMax?: number;
}

const SECOND: Nanos = 1_000_000_000;

/** Open vSwitch waits 10 s for a handshake; its echoes too go out after 5 s of silence and are given as long. */
const HANDSHAKE_TIMEOUT_NS = 10 * SECOND;
const ECHO_INTERVAL_NS = 5 * SECOND;
const ECHO_TIMEOUT_NS = 5 * SECOND;

/** Some thousand rules: a compiled table goes out in one piece, and a peer that does not read costs no more. */
const OUTPUT_BYTES_MAX = 1 << 20;

const HELLO_FAILED_TYPE = 0;
const NO_DATA = new Uint8Array(0);

const INPUTS: readonly (Input | 'hello')[] = Object.entries(MESSAGES)
  .sort(([, a], [, b]) => a.id - b.id)
  .map(([type]) => INPUT_OF_TYPE[type as keyof typeof MESSAGES]);

export class Session {
  readonly #role: Role;
  readonly #events: SessionEvents;
  readonly #framer: Framer;
  readonly #outbox: Outbox;
  readonly #handshakeEndsAt: Nanos;
  readonly #echoIntervalNs: Nanos;
  readonly #echoTimeoutNs: Nanos;
  #state: State = 'helloSent';
  #steps: Steps;
  #now: Nanos;
  #heardAt: Nanos;
  /** Of the echo request that nothing came after yet. */
  #echoSentAt: Nanos | undefined;
  /** Of our latest echo request; -1 is nobody's. */
  #echoXid = -1;
  #featuresXid = 0;
  #lastXid = 0;
  #hello: Hello | undefined;
  #features: MessageOf<'featuresReply'> | undefined;

  constructor(options: SessionOptions) {
    this.#role = options.role;
    this.#events = options.events;
    this.#framer = new Framer(
      options.messageBytesMax === undefined ? {} : { messageBytesMax: options.messageBytesMax },
    );
    this.#outbox = new Outbox(options.outputBytesMax ?? OUTPUT_BYTES_MAX);
    this.#now = options.now;
    this.#heardAt = options.now;
    this.#handshakeEndsAt = options.now + (options.handshakeTimeoutNs ?? HANDSHAKE_TIMEOUT_NS);
    this.#echoIntervalNs = options.echoIntervalNs ?? ECHO_INTERVAL_NS;
    this.#echoTimeoutNs = options.echoTimeoutNs ?? ECHO_TIMEOUT_NS;
    this.#steps = TRANSITIONS[this.#role][this.#state];
    this.#outbox.append(toHello(this.nextXid()));
  }

  get state(): State {
    return this.#state;
  }

  /** Any message finds room. Whoever heeds this, and reads the socket no further while it is false, never loses a session to its own output. */
  get writable(): boolean {
    return this.#state === 'open' && this.#outbox.writable;
  }

  get outputBytes(): number {
    return this.#outbox.waitingBytes;
  }

  /** Everything to be written, as bytes that are the taker's own. */
  takeOutput(): Uint8Array | undefined {
    return this.#outbox.take();
  }

  /** A transaction id for a request of the owner's; the session's own come from the same count. */
  nextXid(): number {
    this.#lastXid = this.#lastXid === 0xffffffff ? 1 : this.#lastXid + 1;
    return this.#lastXid;
  }

  /** False, and nothing is sent, when the session is not open or has no room. */
  send(message: Message): boolean {
    return this.#state === 'open' && this.#outbox.append(message);
  }

  receive(bytes: Uint8Array, now: Nanos): void {
    this.#advance(now);
    if (this.#state === 'closed') return;
    try {
      this.#framer.receive(bytes, this.#onMessage);
    } catch (error) {
      const { liar } = this.#framer;
      if (liar === undefined || !isOpenFlowError(error)) throw error;
      this.#take('framingLie', new DataView(liar.buffer), 0, liar.length, error.reason);
    }
  }

  /** A message that the owner put off, as bytes of its own: dealt with as if it came now. */
  resume(view: DataView, at: number, end: number): void {
    if (this.#state === 'open') this.#deliver(view, at, end);
  }

  /** To be called when `pollAt` has come; calling it early or often does nothing. */
  poll(now: Nanos): void {
    this.#advance(now);
    const dueAt = this.pollAt();
    if (dueAt === undefined || now < dueAt) return;
    if (this.#state !== 'open') this.#happen('handshakeTimeout');
    else this.#happen(this.#echoSentAt === undefined ? 'echoDue' : 'echoTimeout');
  }

  pollAt(): Nanos | undefined {
    if (this.#state === 'closed') return undefined;
    let dueAt = this.#handshakeEndsAt;
    if (this.#state === 'open') {
      dueAt =
        this.#echoSentAt === undefined ? this.#heardAt + this.#echoIntervalNs : this.#echoSentAt + this.#echoTimeoutNs;
    }
    return dueAt === Number.POSITIVE_INFINITY ? undefined : dueAt;
  }

  /** The peer has given another sign of life than a message: it reads what we write. */
  heard(now: Nanos): void {
    this.#advance(now);
    this.#heardAt = now;
    this.#echoSentAt = undefined;
  }

  /** The owner wants no more. What is in the outbox may still be written. */
  close(): void {
    this.#happen('closedHere');
  }

  /** The transport has ended. */
  disconnect(detail = ''): void {
    this.#happen('disconnected', detail);
  }

  #advance(now: Nanos): void {
    assert(now >= this.#now, 'time does not go back');
    this.#now = now;
  }

  /** Made once, so that no message costs a closure. */
  readonly #onMessage = (view: DataView, at: number, end: number): void => {
    if (this.#state === 'closed') return;
    this.heard(this.#now);
    const isTaken = this.#events.raw?.(view, at, end) === true;
    const input = this.#recognize(view, at, end);
    if (isTaken && this.#steps[input]?.does === 'deliver') return;
    this.#take(input, view, at, end, '');
  };

  #recognize(view: DataView, at: number, end: number): Input {
    const id = view.getUint8(at + 1);
    const input = INPUTS[id];
    if (input === 'hello') return this.#recognizeHello(view, at, end);
    if (input === 'error') return this.#recognizeError(view, at, end);
    if (input === undefined || view.getUint8(at) !== VERSION_1_3) return 'unreadable';
    if (input === 'featuresReply' && this.#state === 'featuresRequested') {
      try {
        this.#features = decodeMessage(view, at, end) as MessageOf<'featuresReply'>;
      } catch (error) {
        if (!isOpenFlowError(error)) throw error;
        return 'unreadable';
      }
    }
    return input;
  }

  #recognizeHello(view: DataView, at: number, end: number): Input {
    if (this.#state !== 'helloSent') return 'helloAgain';
    this.#hello = readHello(view, at, end);
    const version = negotiateVersion(OUR_VERSIONS, toHelloVersions(this.#hello));
    return version === VERSION_1_3 ? 'helloAgreed' : 'helloIncompatible';
  }

  /** An error of type HELLO_FAILED looks the same in all versions, and may come in any. */
  #recognizeError(view: DataView, at: number, end: number): Input {
    if (end - at >= HEADER_BYTES + 4 && view.getUint16(at + HEADER_BYTES) === HELLO_FAILED_TYPE) return 'helloFailed';
    if (view.getUint8(at) !== VERSION_1_3) return 'unreadable';
    const isForFeatures = this.#state === 'featuresRequested' && view.getUint32(at + 4) === this.#featuresXid;
    return isForFeatures ? 'featuresRefused' : 'error';
  }

  /** Something that is not a message. */
  #happen(input: Input, detail = ''): void {
    this.#take(input, undefined, 0, 0, detail);
  }

  #take(input: Input, view: DataView | undefined, at: number, end: number, detail: string): void {
    if (this.#state === 'closed') return;
    const step = this.#steps[input];
    if (!step) {
      if (view) this.#answer('BAD_REQUEST/BAD_TYPE', view, at, end);
      this.#close('UNEXPECTED_MESSAGE', `${input} in state ${this.#state}`);
      return;
    }
    if (step.to !== this.#state && step.to !== 'closed') {
      this.#state = step.to;
      this.#steps = TRANSITIONS[this.#role][step.to];
    }
    this.#perform(step.does, view, at, end);
    if (step.reason !== undefined) this.#close(step.reason, detail);
  }

  #close(reason: CloseReason, detail: string): void {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    this.#steps = TRANSITIONS[this.#role].closed;
    this.#events.closed(reason, detail);
  }

  #perform(effect: Effect, view: DataView | undefined, at: number, end: number): void {
    switch (effect) {
      case 'deliver':
        this.#deliver(view!, at, end);
        return;
      case 'deliverEcho':
        if (view!.getUint32(at + 4) !== this.#echoXid) this.#deliver(view!, at, end);
        return;
      case 'answerEcho':
        this.#answerEcho(view!, at, end);
        return;
      case 'sendEcho':
        this.#echoXid = this.nextXid();
        this.#echoSentAt = this.#now;
        this.#say({ type: 'echoRequest', xid: this.#echoXid, data: NO_DATA });
        return;
      case 'requestFeatures':
        this.#featuresXid = this.nextXid();
        this.#say({ type: 'featuresRequest', xid: this.#featuresXid });
        return;
      case 'ready':
        this.#events.ready(
          this.#features ? { hello: this.#hello!, features: this.#features } : { hello: this.#hello! },
        );
        return;
      case 'refuse':
        this.#refuse(view!, at, end);
        return;
      case 'refuseType':
        this.#answer('BAD_REQUEST/BAD_TYPE', view!, at, end);
        return;
      case 'refuseFraming':
        this.#answer('BAD_REQUEST/BAD_LEN', view!, at, end);
        return;
      case 'refuseVersion':
        this.#refuseVersion();
        return;
      case 'nothing':
        return;
      default:
        effect satisfies never;
    }
  }

  #deliver(view: DataView, at: number, end: number): void {
    try {
      this.#events.message(decodeMessage(view, at, end), view, at, end);
    } catch (error) {
      if (!isOpenFlowError(error)) throw error;
      this.#answer(error.error, view, at, end);
    }
  }

  /** What `decodeMessage` has against it is the answer. */
  #refuse(view: DataView, at: number, end: number): void {
    try {
      decodeMessage(view, at, end);
    } catch (error) {
      if (!isOpenFlowError(error)) throw error;
      this.#answer(error.error, view, at, end);
    }
  }

  #answer(error: ErrorName, view: DataView, at: number, end: number): void {
    this.#events.refused?.(error);
    if (view.getUint8(at + 1) === MESSAGES.error.id) return;
    this.#say(toErrorMessage(error, new Uint8Array(view.buffer, view.byteOffset + at, end - at)));
  }

  #answerEcho(view: DataView, at: number, end: number): void {
    const data = new Uint8Array(view.buffer, view.byteOffset + at + HEADER_BYTES, end - at - HEADER_BYTES);
    this.#say({ type: 'echoReply', xid: view.getUint32(at + 4), data });
  }

  /** In the peer's own version, if that is older: it could not read it otherwise. */
  #refuseVersion(): void {
    const hello = this.#hello!;
    const data = explainRefusal(toHelloVersions(hello));
    const error = { ...toErrorMessage('HELLO_FAILED/INCOMPATIBLE', NO_DATA), xid: hello.xid, data };
    const view = new DataView(new ArrayBuffer(HEADER_BYTES + 4 + data.length));
    const end = encodeMessage(error, view, 0);
    view.setUint8(0, Math.max(1, Math.min(hello.version, VERSION_1_3)));
    this.#outbox.appendBytes(view, 0, end);
  }

  /** The session's own words, in any state. */
  #say(message: Message): void {
    if (!this.#outbox.append(message)) this.#happen('outboxFull');
  }
}
