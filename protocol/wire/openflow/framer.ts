/**
 * OpenFlow 1.3.5, section 7.1: cuts a stream of bytes into messages by the length in their headers.
 *
 * A message that lies whole in a chunk is handed out where it lies: one DataView per chunk, no copy. Only what a chunk breaks off
 * is copied, into one buffer that the framer reuses. That buffer grows by what has arrived, never by what a header promises, and
 * the length field bounds it at 64 KiB.
 *
 * Bytes handed out may be read until the callback returns: the chunk belongs to who received it, the buffer is written over.
 * Decoded messages hold views of these bytes in their data; who keeps such a message copies them.
 *
 * A length that cannot be is a lie about everything that follows, so there is no way to go on. The framer throws, and throws the
 * same error for all bytes that come later; `liar` has the header for the OFPT_ERROR.
 */
import { assert, WireError } from '../wire-error.ts';
import type { ErrorName } from './error.ts';
import { HEADER_BYTES, MESSAGE_BYTES_MAX } from './message.ts';

/** Reads the message at `at`..`end`, as `decodeMessage` does. */
export type MessageSink = (view: DataView, at: number, end: number) => void;

export interface FramerOptions {
  /** Longer messages are refused like lies: whoever sets this knows that its peer has no reason to send them. */
  readonly messageBytesMax?: number;
}

const CARRY_BYTES_MIN = 256;

const NO_BYTES = new DataView(new ArrayBuffer(0));

export class Framer {
  readonly #messageBytesMax: number;
  readonly #carryBytesMax: number;
  /** The beginning of a message whose rest has not come; its first `#carried` bytes are filled. */
  #carry = NO_BYTES;
  #carried = 0;
  #isReceiving = false;
  #refusal: WireError<ErrorName> | undefined;
  #liar: Uint8Array | undefined;

  constructor(options: FramerOptions = {}) {
    const { messageBytesMax = MESSAGE_BYTES_MAX } = options;
    assert(
      messageBytesMax >= HEADER_BYTES && messageBytesMax <= MESSAGE_BYTES_MAX,
      'messageBytesMax is a message size',
    );
    this.#messageBytesMax = messageBytesMax;
    this.#carryBytesMax = Math.max(messageBytesMax, CARRY_BYTES_MIN);
  }

  /** Bytes of a message that has begun and not ended. */
  get carriedBytes(): number {
    return this.#carried;
  }

  /** What the framer holds on to, filled or not. */
  get heldBytes(): number {
    return this.#carry.byteLength;
  }

  /** A copy of the header whose length was refused, once one was. */
  get liar(): Uint8Array | undefined {
    return this.#liar;
  }

  /**
   * Calls `onMessage` for every message that ends in this chunk, in order; a `WireError` for a length that cannot be. A callback
   * that throws loses the place in the stream, and the framer takes no more bytes.
   */
  receive(chunk: Uint8Array, onMessage: MessageSink): void {
    if (this.#refusal) throw this.#refusal;
    assert(!this.#isReceiving, 'bytes are received when all messages of earlier bytes have been handled');
    this.#isReceiving = true;
    const end = chunk.length;
    let at = this.#carried === 0 ? 0 : this.#complete(chunk, onMessage);
    if (at < end) {
      const view = new DataView(chunk.buffer, chunk.byteOffset, end);
      while (at + HEADER_BYTES <= end) {
        const messageEnd = at + this.#lengthAt(view, at);
        if (messageEnd > end) break;
        onMessage(view, at, messageEnd);
        at = messageEnd;
      }
      if (at < end) this.#append(chunk, at, end);
    }
    this.#isReceiving = false;
  }

  /** Fills up the message that an earlier chunk began; tells where in the chunk the next one begins. */
  #complete(chunk: Uint8Array, onMessage: MessageSink): number {
    let at = 0;
    if (this.#carried < HEADER_BYTES) {
      at = Math.min(chunk.length, HEADER_BYTES - this.#carried);
      this.#append(chunk, 0, at);
      if (this.#carried < HEADER_BYTES) return at;
    }
    const length = this.#lengthAt(this.#carry, 0);
    const rest = Math.min(chunk.length, at + length - this.#carried);
    this.#append(chunk, at, rest);
    if (this.#carried === length) {
      this.#carried = 0;
      onMessage(this.#carry, 0, length);
    }
    return rest;
  }

  #lengthAt(view: DataView, at: number): number {
    const length = view.getUint16(at + 2);
    if (length < HEADER_BYTES) this.#refuse(view, at, `length ${length}, a header has ${HEADER_BYTES}`);
    if (length > this.#messageBytesMax) {
      this.#refuse(view, at, `length ${length}, at most ${this.#messageBytesMax} are taken here`);
    }
    return length;
  }

  #refuse(view: DataView, at: number, reason: string): never {
    this.#liar = new Uint8Array(view.buffer, view.byteOffset + at, HEADER_BYTES).slice();
    this.#refusal = new WireError('BAD_REQUEST/BAD_LEN', 2, reason);
    this.#carry = NO_BYTES;
    this.#carried = 0;
    throw this.#refusal;
  }

  #append(chunk: Uint8Array, from: number, to: number): void {
    const needed = this.#carried + to - from;
    if (needed > this.#carry.byteLength) this.#grow(needed);
    new Uint8Array(this.#carry.buffer).set(chunk.subarray(from, to), this.#carried);
    this.#carried = needed;
  }

  /** At least doubling, so that a message that comes byte by byte is copied a constant number of times. */
  #grow(needed: number): void {
    const size = Math.min(Math.max(needed, 2 * this.#carry.byteLength, CARRY_BYTES_MIN), this.#carryBytesMax);
    const bytes = new Uint8Array(size);
    bytes.set(new Uint8Array(this.#carry.buffer, 0, this.#carried));
    this.#carry = new DataView(bytes.buffer);
  }
}
