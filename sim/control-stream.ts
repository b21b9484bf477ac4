/**
 * A control channel on an open socket, whichever side dialled and whether it is encrypted or not: bytes between a stream and a switch.
 *
 * The stream paces the switch: while it has bytes that the peer has not taken, nothing more is taken from the switch and nothing more is read
 * from the peer, so a peer that asks for much and reads slowly costs some hundred kilobytes, and gets all of it. One that stops
 * reading is given up on. Writes are held back until everything that this turn of the event loop has brought is dealt with: one write per
 * readable event, and also where TLS breaks what was read in one piece into records.
 */
import type { ControlInput, ControlTransport } from './switch-actor.ts';

/** What is used of a `net.Socket` or a `tls.TLSSocket`. */
export interface ByteStream {
  readonly destroyed: boolean;
  readonly writableLength: number;
  readonly writableNeedDrain: boolean;
  write(bytes: Uint8Array): boolean;
  cork(): void;
  uncork(): void;
  end(): unknown;
  destroy(error?: Error): unknown;
  pause(): unknown;
  resume(): unknown;
  /** A 'timeout' event when for so long nothing has moved; 0 for never. */
  setTimeout(ms: number): unknown;
  on(event: 'data', listener: (bytes: Uint8Array) => void): unknown;
  on(event: 'drain' | 'timeout' | 'close', listener: () => void): unknown;
}

/** Whose channel it is. */
export interface StreamOwner {
  /** The switch may speak. */
  open(transport: ControlTransport): ControlInput;
  /** Hellos have been exchanged. */
  opened?(): void;
  /** The switch wants no more, or there is no more stream. Told once. */
  ended?(): void;
}

/** Brings the emulated network to the present moment before the switch is touched. */
export type Enter = (work: () => void) => void;

/** For the peer to read the last error. */
const LINGER_MS = 1_000;

/** More than this is worth a write of its own. */
const HELD_BYTES_MAX = 1 << 16;

/** The caller listens for 'error'. */
export class ControlStream implements ControlTransport {
  readonly #stream: ByteStream;
  readonly #owner: StreamOwner;
  readonly #stallMs: number;
  #input: ControlInput | undefined;
  #openedAt: number | undefined;
  #linger: NodeJS.Timeout | undefined;
  #isHeldBack = false;
  #hasEnded = false;
  /** Why the switch wanted no more, if it was the switch. */
  closeReason: string | undefined;

  /** Without a byte moving for `stallMs`, a peer that has something to read does not read. */
  constructor(stream: ByteStream, owner: StreamOwner, enter: Enter, stallMs: number) {
    this.#stream = stream;
    this.#owner = owner;
    this.#stallMs = stallMs;
    enter(() => {
      this.#input = owner.open(this);
    });
    stream.on('data', (bytes) => enter(() => this.#input?.received(bytes)));
    stream.on('drain', () => this.#drained(enter));
    stream.on('timeout', () => stream.destroy(new Error('the controller does not read')));
    stream.on('close', () => {
      clearTimeout(this.#linger);
      this.#end();
      enter(() => this.#input?.closed());
    });
  }

  get wasOpen(): boolean {
    return this.#openedAt !== undefined;
  }

  get openMs(): number {
    return this.#openedAt === undefined ? 0 : performance.now() - this.#openedAt;
  }

  get isFull(): boolean {
    return this.#stream.writableNeedDrain;
  }

  opened(): void {
    this.#openedAt = performance.now();
    this.#owner.opened?.();
  }

  write(bytes: Uint8Array): void {
    const stream = this.#stream;
    if (stream.destroyed) return;
    if (!this.#isHeldBack) this.#holdBack();
    const hasRoom = stream.write(bytes);
    if (this.#isHeldBack && stream.writableLength >= HELD_BYTES_MAX) this.#letGo();
    if (hasRoom) return;
    stream.pause();
    stream.setTimeout(this.#stallMs);
  }

  #holdBack(): void {
    this.#isHeldBack = true;
    this.#stream.cork();
    setImmediate(() => this.#letGo());
  }

  #letGo(): void {
    if (!this.#isHeldBack) return;
    this.#isHeldBack = false;
    this.#stream.uncork();
  }

  #drained(enter: Enter): void {
    if (this.closeReason !== undefined) return;
    this.#stream.setTimeout(0);
    this.#stream.resume();
    enter(() => this.#input?.drained());
  }

  /** The peer may have gone without a word, or never end its side. */
  close(reason: string): void {
    this.closeReason = reason;
    this.#stream.end();
    // Whatever the peer still says is read, and let be: only so can its end be seen.
    this.#stream.resume();
    this.#stream.setTimeout(0);
    this.#linger = setTimeout(() => this.#stream.destroy(), LINGER_MS);
    this.#end();
  }

  #end(): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#owner.ended?.();
  }
}
