/**
 * Messages on their way to one peer: encoded at once, kept as one run of bytes, taken in one write, and never more than a bound.
 *
 * A peer that does not read must not cost memory: a full outbox refuses the next message whole. Short of that it says so
 * (`writable`): as long as it does, any message finds room.
 */
import { assert } from '../wire-error.ts';
import { encodeMessage, MESSAGE_BYTES_MAX, type Message } from './message.ts';

const BYTES_MIN = 1024;

/** Kept from one burst to the next; what a rare long one needed is given back. */
const BYTES_KEPT_MAX = 65_536;

/** Shared by all: encoding does not yield. Twice the longest message, as `encodeMessage` checks a length when it knows it. */
const scratch = new Uint8Array(2 * MESSAGE_BYTES_MAX);
const scratchView = new DataView(scratch.buffer);

export class Outbox {
  readonly #bytesMax: number;
  #bytes: Uint8Array<ArrayBuffer> = new Uint8Array(0);
  #used = 0;

  constructor(bytesMax: number) {
    assert(bytesMax >= MESSAGE_BYTES_MAX, 'an outbox has room for the longest message');
    this.#bytesMax = bytesMax;
  }

  get waitingBytes(): number {
    return this.#used;
  }

  get writable(): boolean {
    return this.#used + MESSAGE_BYTES_MAX <= this.#bytesMax;
  }

  /** False, and nothing happens, when there is no room. */
  append(message: Message): boolean {
    const end = encodeMessage(message, scratchView, 0);
    return this.appendBytes(scratchView, 0, end);
  }

  /** A copy of bytes that are a message, or several, already. */
  appendBytes(view: DataView, at: number, end: number): boolean {
    const start = this.#used;
    if (start + end - at > this.#bytesMax) return false;
    this.#used = start + end - at;
    if (this.#used > this.#bytes.length) this.#grow();
    this.#bytes.set(new Uint8Array(view.buffer, view.byteOffset + at, end - at), start);
    return true;
  }

  /** Everything, as bytes of the taker's own; undefined when there is nothing. */
  take(): Uint8Array | undefined {
    if (this.#used === 0) return undefined;
    const taken = this.#bytes.slice(0, this.#used);
    this.#used = 0;
    if (this.#bytes.length > BYTES_KEPT_MAX) this.#bytes = new Uint8Array(0);
    return taken;
  }

  #grow(): void {
    const grown = new Uint8Array(Math.min(Math.max(this.#used, 2 * this.#bytes.length, BYTES_MIN), this.#bytesMax));
    grown.set(this.#bytes);
    this.#bytes = grown;
  }
}
