/**
 * What a server or client still has to write to a stream: pieces in their order, handed over as far as the stream takes them.
 *
 * Pieces are kept as they are, not copied, so a file that is sent to many costs its bytes once. Who writes asks `isEmpty` before he makes
 * more: that is the bound.
 */
import type { Stream } from '../stack/socket.ts';

export class StreamOutbox {
  readonly #stream: Stream;
  readonly #pieces: Uint8Array[] = [];
  #isEnding = false;

  constructor(stream: Stream) {
    this.#stream = stream;
  }

  /** Everything was taken by the stream. */
  get isEmpty(): boolean {
    return this.#pieces.length === 0;
  }

  write(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.#pieces.push(bytes);
    if (this.#pieces.length === 1) this.flush();
  }

  /** Nothing more will be written; the stream ends behind what is there. */
  end(): void {
    this.#isEnding = true;
    if (this.isEmpty) this.#stream.end();
  }

  /** When the stream has room again. */
  flush(): void {
    while (this.#pieces.length > 0) {
      const piece = this.#pieces[0]!;
      const taken = this.#stream.write(piece);
      if (taken < piece.length) {
        this.#pieces[0] = piece.subarray(taken);
        return;
      }
      this.#pieces.shift();
    }
    if (this.#isEnding) this.#stream.end();
  }
}
