/**
 * What the user of a connection is told, in its order: opened, received …, ended, closed. After a fault, closed and nothing else.
 *
 * Data that arrives in order goes from the frame to the user; only what could not be told at once comes out of the buffer.
 */
import type { SocketFault, StreamListener } from '../socket.ts';
import type { ReceiveBuffer } from './receive-buffer.ts';

export class Teller {
  isPaused = false;
  /** The user was refused bytes, and waits for `drained`. */
  isDrainAwaited = false;
  isClosed = false;
  #listener: StreamListener | undefined;
  #isPeerEnded = false;
  #isEndTold = false;
  #isOver = false;
  readonly #buffer: ReceiveBuffer;

  constructor(buffer: ReceiveBuffer) {
    this.#buffer = buffer;
  }

  set listener(listener: StreamListener) {
    this.#listener = listener;
  }

  get hasListener(): boolean {
    return this.#listener !== undefined;
  }

  /** What comes in order may be told without being kept. */
  get isListening(): boolean {
    return !this.isPaused && !this.isClosed && this.#listener !== undefined && !this.#buffer.hasUnread;
  }

  opened(): void {
    this.#listener?.opened?.();
  }

  received(data: Uint8Array): void {
    this.#listener!.received(data);
  }

  drained(): void {
    this.isDrainAwaited = false;
    this.#listener?.drained?.();
  }

  /** The peer's FIN was received, behind all of its data. */
  peerEnded(): void {
    this.#isPeerEnded = true;
  }

  /** Both sides have ended, and all of ours is acknowledged. */
  over(): void {
    this.#isOver = true;
  }

  /** There is something to tell, if the user wants it. */
  get isBehind(): boolean {
    if (this.isPaused || this.isClosed) return false;
    return this.#buffer.hasUnread || (this.#isPeerEnded && !this.#isEndTold) || this.#isOver;
  }

  /** Tells what is there and may be told. */
  tell(): void {
    const buffer = this.#buffer;
    while (!this.isPaused && !this.isClosed && buffer.hasUnread) {
      const data = buffer.unread;
      buffer.consume(data.length);
      this.#listener?.received(data);
    }
    if (this.isPaused || this.isClosed) return;
    if (this.#isPeerEnded && !this.#isEndTold) {
      this.#isEndTold = true;
      this.#listener?.ended?.();
    }
    if (this.#isOver && !this.isPaused) this.close(undefined);
  }

  close(fault: SocketFault | undefined): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.#buffer.clear();
    this.#listener?.closed(fault);
  }
}
