/** Requests that wait until an earlier one is answered: the bytes that came, in their order, and no more of them than a bound. */
import { Outbox } from '../protocol/wire/openflow/outbox.ts';

export class PostponedRequests {
  readonly #arrived: Outbox;
  /** Taken from those that arrived, and read message by message. */
  #current: DataView = new DataView(new ArrayBuffer(0));
  #at = 0;

  constructor(bytesMax: number) {
    this.#arrived = new Outbox(bytesMax);
  }

  get isEmpty(): boolean {
    return this.#at === this.#current.byteLength && this.#arrived.waitingBytes === 0;
  }

  /** A copy; false, and nothing is kept, when there is no room. */
  put(view: DataView, at: number, end: number): boolean {
    return this.#arrived.appendBytes(view, at, end);
  }

  /** The next message, for `use`. */
  next(use: (view: DataView, at: number, end: number) => void): void {
    if (this.#at === this.#current.byteLength) {
      const bytes = this.#arrived.take();
      if (bytes === undefined) return;
      this.#current = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      this.#at = 0;
    }
    const at = this.#at;
    // Section 7.1: the length of a message stands two bytes into it, and the framer has found it true.
    this.#at = at + this.#current.getUint16(at + 2);
    use(this.#current, at, this.#at);
  }

  clear(): void {
    this.#arrived.take();
    this.#current = new DataView(new ArrayBuffer(0));
    this.#at = 0;
  }
}
