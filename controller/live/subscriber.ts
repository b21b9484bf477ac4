/**
 * One client of the feed: what it may be sent now, and whether it has fallen behind.
 *
 * A client that does not read is not waited for and not buffered for: beyond a bound it gets nothing more until it has read all, and then a
 * snapshot instead of what it missed.
 */
import type { FeedMessage } from '../../protocol/api/feed.ts';

/** The part of a WebSocket that sending needs. */
export interface Sink {
  readonly bufferedAmount: number;
  send(text: string): void;
}

export class Subscriber {
  readonly #sink: Sink;
  readonly #bufferedBytesMax: number;
  /** It has what deltas build on. */
  #isCurrent = false;

  constructor(sink: Sink, bufferedBytesMax: number) {
    this.#sink = sink;
    this.#bufferedBytesMax = bufferedBytesMax;
  }

  get wantsSnapshot(): boolean {
    return !this.#isCurrent && this.#sink.bufferedAmount === 0;
  }

  sendHello(hello: Extract<FeedMessage, { type: 'hello' }>): void {
    this.#sink.send(JSON.stringify(hello));
  }

  sendSnapshot(text: string): void {
    this.#isCurrent = true;
    this.#sink.send(text);
  }

  sendDelta(text: string): void {
    if (!this.#isCurrent) return;
    if (this.#sink.bufferedAmount > this.#bufferedBytesMax) this.#isCurrent = false;
    else this.#sink.send(text);
  }

  /** What it has is not to be built upon any more. */
  fallBehind(): void {
    this.#isCurrent = false;
  }
}
