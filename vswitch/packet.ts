/**
 * The one packet that a switch is working on: its bytes, its key, where its headers stand, and what the pipeline knows about it.
 *
 * Frames that come in or go out belong to everybody and are never changed, so each is copied at once into a buffer that the switch reuses:
 * one copy of some dozens of bytes costs less than reading headers from arrays of all kinds, and edits may then be made in
 * place. As long as nothing is edited the frame that came in stands for these bytes, and is handed on; changed bytes are copied
 * out when somebody keeps them (`freeze`), once for however many ports. Headers are put in and taken out by moving what is
 * behind them, so a frame always begins at 0.
 *
 * Key and layout are read from the bytes when they are asked for and no longer true: after a set_field the key, after a push or pop both.
 */
import { MESSAGE_BYTES_MAX } from '../protocol/wire/openflow/message.ts';
import { KEY, KEY_WORDS } from './flow-key.ts';
import { FrameLayout } from './frame-layout.ts';
import { parseFrame } from './frame-parser.ts';
import type { OutgoingFrame } from './outgoing-frame.ts';

/** A packet-in with a port, metadata and a tunnel id, without its data. */
const PACKET_IN_BYTES = 66;

/** The longest frame that a packet-in carries whole, with all its fields; longer ones are not taken in, and not made by pushing headers. */
export const FRAME_BYTES_MAX = MESSAGE_BYTES_MAX - PACKET_IN_BYTES;

export class Packet implements OutgoingFrame {
  readonly key = new Uint32Array(KEY_WORDS);
  readonly layout = new FrameLayout();
  readonly bytes = new Uint8Array(FRAME_BYTES_MAX);
  /** Edits go through it, after `edit`. */
  readonly view = new DataView(this.bytes.buffer);
  /** Section 5.12: what set_queue asked for; 0 is where packets go that ask for nothing. */
  queueId = 0;
  length = 0;
  /** A frame that has these bytes and that nobody changes, if there is one. */
  #frozen: Uint8Array | undefined;
  #isKeyTrue = false;
  #isLayoutTrue = false;

  /** A frame that has just arrived, from a port or a controller. */
  load(frame: Uint8Array, inPort: number): void {
    this.#copy(frame);
    const { key } = this;
    key[KEY.metadata] = 0;
    key[KEY.metadata + 1] = 0;
    key[KEY.tunnel] = 0;
    key[KEY.tunnel + 1] = 0;
    key[KEY.inPort] = inPort;
    key[KEY.inPhyPort] = inPort;
    this.queueId = 0;
  }

  get inPort(): number {
    return this.key[KEY.inPort]!;
  }

  /** Makes the key true. */
  readKey(): void {
    if (!this.#isKeyTrue) this.#parse();
  }

  /** Makes the layout true; the key may still be that of before. */
  readLayout(): void {
    if (!this.#isLayoutTrue) this.#parse();
  }

  #parse(): void {
    parseFrame(this.view, this.length, this.key, this.layout);
    this.#isKeyTrue = true;
    this.#isLayoutTrue = true;
  }

  /** To be called before bytes are written. */
  edit(): void {
    this.#frozen = undefined;
  }

  /** Values of fields have changed, their places have not. */
  changeKey(): void {
    this.#isKeyTrue = false;
  }

  /** Headers have come, gone, or turned into others. */
  changeLayout(): void {
    this.#isKeyTrue = false;
    this.#isLayoutTrue = false;
  }

  /** Makes room of zeros at `at`; false, and nothing happens, when the frame would be too long. */
  insert(at: number, count: number): boolean {
    if (this.length + count > FRAME_BYTES_MAX) return false;
    this.edit();
    this.bytes.copyWithin(at + count, at, this.length);
    this.bytes.fill(0, at, at + count);
    this.length += count;
    this.changeLayout();
    return true;
  }

  /** Takes bytes out; `lengthMin` pads with zeros what thereby gets shorter than that. */
  remove(at: number, count: number, lengthMin: number): void {
    this.edit();
    this.bytes.copyWithin(at, at + count, this.length);
    const before = this.length;
    this.length -= count;
    if (this.length < lengthMin && before >= lengthMin) {
      this.bytes.fill(0, this.length, lengthMin);
      this.length = lengthMin;
    }
    this.changeLayout();
  }

  /** The frame as it is now, as bytes that nobody changes any more. */
  freeze(): Uint8Array {
    this.#frozen ??= this.bytes.slice(0, this.length);
    return this.#frozen;
  }

  /** Goes back to frozen bytes. */
  thaw(frame: Uint8Array): void {
    if (frame !== this.#frozen) this.#copy(frame);
  }

  #copy(frame: Uint8Array): void {
    this.bytes.set(frame);
    this.length = frame.length;
    this.#frozen = frame;
    this.changeLayout();
  }
}
