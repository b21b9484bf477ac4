/**
 * A user of one end of a stream that writes a given number of bytes in given pieces, pauses and ends as told, and remembers what it was told.
 *
 * Byte i of a stream is a function of i and the side, so what arrives is checked byte by byte without keeping what was sent.
 */
import type { SocketFault, Stream, StreamListener } from '../../../../sim/stack/socket.ts';

export class ScriptUser implements StreamListener {
  stream: Stream | undefined;
  readonly told: string[] = [];
  fault: SocketFault | undefined;
  isClosed = false;
  isEnded = false;
  receivedBytes = 0;
  writtenBytes = 0;
  /** Where the first wrong byte came. */
  wrongAt: number | undefined;
  readonly #salt: number;
  readonly #peerSalt: number;
  #toWrite = 0;
  #endsAfter = false;

  constructor(salt: number, peerSalt: number) {
    this.#salt = salt;
    this.#peerSalt = peerSalt;
  }

  /** Writes that many more, as the stream takes them. */
  write(bytes: number): void {
    this.#toWrite += bytes;
    this.#pump();
  }

  /** When all is written. */
  end(): void {
    this.#endsAfter = true;
    this.#pump();
  }

  opened(): void {
    this.told.push('opened');
    this.#pump();
  }

  received(data: Uint8Array): void {
    if (this.isEnded || this.isClosed) this.wrongAt ??= this.receivedBytes;
    for (let i = 0; i < data.length; i++) {
      if (data[i] !== byteAt(this.receivedBytes + i, this.#peerSalt)) this.wrongAt ??= this.receivedBytes + i;
    }
    this.receivedBytes += data.length;
  }

  drained(): void {
    this.#pump();
  }

  ended(): void {
    this.isEnded = true;
    this.told.push('ended');
  }

  closed(fault?: SocketFault): void {
    this.told.push(fault ? `closed ${fault}` : 'closed');
    this.isClosed = true;
    this.fault = fault;
  }

  #pump(): void {
    const { stream } = this;
    if (!stream) return;
    while (this.#toWrite > 0) {
      const piece = new Uint8Array(Math.min(this.#toWrite, 64 * 1024));
      for (let i = 0; i < piece.length; i++) piece[i] = byteAt(this.writtenBytes + i, this.#salt);
      const taken = stream.write(piece);
      this.writtenBytes += taken;
      this.#toWrite -= taken;
      if (taken < piece.length) return;
    }
    if (this.#endsAfter) stream.end();
  }
}

function byteAt(index: number, salt: number): number {
  return (Math.imul(index ^ salt, 0x9e3779b1) >>> 24) & 0xff;
}
