/** The receiving end of a migration stream: what came in order is acknowledged, what came early is remembered, every second frame is answered, and every one while something is missing. */
import { FLAG_LAST, STREAM_FRAME, streamView } from './stream-frame.ts';

export class StreamReceiver {
  readonly #windowMax: number;
  readonly #acknowledge: (expected: number) => void;
  #expected = 0;
  #owed = 0;
  /** Numbers that came early; bounded by the window. */
  readonly #early = new Set<number>();

  constructor(windowMax: number, acknowledge: (expected: number) => void) {
    this.#windowMax = windowMax;
    this.#acknowledge = acknowledge;
  }

  receive(view: DataView, at: number): void {
    const type = streamView.type(view, at);
    if (type === STREAM_FRAME.begin) this.#answer();
    else if (type === STREAM_FRAME.data) this.#receiveData(view, at);
  }

  #receiveData(view: DataView, at: number): void {
    const number = streamView.sequence(view, at);
    const isInOrder = number === this.#expected && this.#early.size === 0;
    if (number === this.#expected) {
      this.#expected++;
      while (this.#early.delete(this.#expected)) this.#expected++;
    } else if (number > this.#expected && number < this.#expected + this.#windowMax) this.#early.add(number);
    const isLast = (streamView.flags(view, at) & FLAG_LAST) !== 0;
    // RFC 1122, 4.2.3.2.
    if (!isInOrder || isLast || ++this.#owed >= 2) this.#answer();
  }

  #answer(): void {
    this.#owed = 0;
    this.#acknowledge(this.#expected);
  }
}
