/**
 * Frames in a stream of bytes: before each stands its length, big-endian, in four bytes (as QEMU's `-netdev stream` has it) or in two.
 *
 * The reader takes the stream in whatever pieces it comes. A frame that lies within one piece is passed on where it lies; one that is
 * spread over several is put together, and that is all that is ever kept: one frame. Lengths that no Ethernet frame has are skipped
 * over and told. A length that no peer can mean says that these are not frames at all, or that we have lost our place among them, which
 * cannot be found again: from there on the reader takes nothing more, and the connection is to be closed.
 */
import { assert } from '../protocol/wire/wire-error.ts';

/** Two addresses and a type: what is shorter has no header. */
export const FRAME_BYTES_MIN = 14;

/** What a length of two bytes can say, and a message of OpenFlow has no room for more either. */
export const FRAME_BYTES_MAX = 0xffff;

/** QEMU hangs up on more (net/net.h: NET_BUFSIZE), so nobody who speaks its framing sends more. */
const CLAIM_BYTES_MAX = 4096 + 0x10000;

export const PREFIX_BYTES = { u16: 2, u32: 4 } as const;
export type StreamFraming = keyof typeof PREFIX_BYTES;

/** Why a frame is no frame. */
export type FrameFault = 'short' | 'long';

export function judgeLength(bytes: number): FrameFault | undefined {
  if (bytes < FRAME_BYTES_MIN) return 'short';
  return bytes > FRAME_BYTES_MAX ? 'long' : undefined;
}

export interface FrameSink {
  frame(bytes: Uint8Array): void;
  /** Something was skipped over that is no frame. */
  skipped(fault: FrameFault): void;
}

export class FrameReader {
  readonly #prefixBytes: number;
  /** What has come of a prefix that is not whole yet. */
  #prefix = 0;
  #prefixHave = 0;
  /** The frame that is being put together, and how much of it is there. */
  #partial: Uint8Array | undefined;
  #partialHave = 0;
  #skip = 0;
  #lie: string | undefined;

  constructor(framing: StreamFraming) {
    this.#prefixBytes = PREFIX_BYTES[framing];
  }

  /** Why the stream cannot be read on, if it cannot. */
  get lie(): string | undefined {
    return this.#lie;
  }

  /** Whether the stream may end here: not within a frame or its length. */
  get isBetweenFrames(): boolean {
    return this.#prefixHave === 0 && this.#partial === undefined && this.#skip === 0;
  }

  /** Bytes that are kept for a frame that is not whole yet. */
  get heldBytes(): number {
    return this.#partial?.length ?? 0;
  }

  /** The sink may keep frames, and nobody may change the piece afterwards. */
  receive(piece: Uint8Array, sink: FrameSink): void {
    let at = 0;
    while (at < piece.length && this.#lie === undefined) {
      if (this.#skip > 0) at += this.#skipOver(piece.length - at);
      else if (this.#partial) at += this.#fill(this.#partial, piece, at, sink);
      else if (this.#readPrefix(piece[at++]!)) at += this.#begin(piece, at, sink);
    }
  }

  #skipOver(available: number): number {
    const count = Math.min(this.#skip, available);
    this.#skip -= count;
    return count;
  }

  #fill(partial: Uint8Array, piece: Uint8Array, at: number, sink: FrameSink): number {
    const count = Math.min(partial.length - this.#partialHave, piece.length - at);
    partial.set(piece.subarray(at, at + count), this.#partialHave);
    this.#partialHave += count;
    if (this.#partialHave === partial.length) {
      this.#partial = undefined;
      sink.frame(partial);
    }
    return count;
  }

  /** Whether this byte was the last of the prefix. */
  #readPrefix(byte: number): boolean {
    this.#prefix = this.#prefix * 0x100 + byte;
    return ++this.#prefixHave === this.#prefixBytes;
  }

  /** Behind a whole prefix; answers how much of the piece it took. */
  #begin(piece: Uint8Array, at: number, sink: FrameSink): number {
    const length = this.#prefix;
    this.#prefix = 0;
    this.#prefixHave = 0;
    if (length > CLAIM_BYTES_MAX) {
      this.#lie = `it announced a frame of ${length} bytes`;
      return 0;
    }
    const fault = judgeLength(length);
    if (fault) {
      this.#skip = length;
      sink.skipped(fault);
      return 0;
    }
    if (length <= piece.length - at) {
      sink.frame(piece.subarray(at, at + length));
      return length;
    }
    this.#partial = new Uint8Array(length);
    this.#partialHave = 0;
    return 0;
  }
}

/** Frames one behind the other, each with its length before it. */
export function joinFrames(frames: readonly Uint8Array[], framing: StreamFraming): Uint8Array {
  const prefixBytes = PREFIX_BYTES[framing];
  const bytes = new Uint8Array(frames.reduce((sum, { length }) => sum + prefixBytes + length, 0));
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const frame of frames) {
    assert(frame.length <= FRAME_BYTES_MAX, 'a frame that is sent has a length that its prefix can say');
    if (framing === 'u16') view.setUint16(at, frame.length);
    else view.setUint32(at, frame.length);
    bytes.set(frame, at + prefixBytes);
    at += prefixBytes + frame.length;
  }
  return bytes;
}
