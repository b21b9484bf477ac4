/**
 * Bytes in, whole records out: what the readers of both capture formats have in common.
 *
 * The order of things is the same however the bytes are cut: a mistake is thrown only once all records before it have
 * been handed out, by the next `push` or by `finish`, and again by every one after that. Formats read from the backlog
 * and throw with offsets in it; here, at one place, these become offsets in the file, and the reason gets the number of
 * the packet.
 */
import { type PacketFault, WireError } from '../wire-error.ts';
import { Backlog } from './backlog.ts';

/** A push of a whole file is read in pieces of this size, so that it is not copied as a whole. */
const PIECE_BYTES = 1 << 18;

export class RecordStream<R> {
  readonly #backlog = new Backlog();
  readonly #readRecord: (backlog: Backlog) => R | undefined;
  readonly #place: () => string;
  #fault: WireError | undefined;

  /**
   * `readRecord` takes one record off the backlog, or answers undefined and takes nothing when it is not all there.
   * `place` names the record that would be read next, for the reason of a mistake.
   */
  constructor(readRecord: (backlog: Backlog) => R | undefined, place: () => string) {
    this.#readRecord = readRecord;
    this.#place = place;
  }

  push(bytes: Uint8Array): R[] {
    if (this.#fault) throw this.#fault;
    const records: R[] = [];
    for (let at = 0; at < bytes.length && !this.#fault; at += PIECE_BYTES) {
      this.#backlog.push(bytes.subarray(at, at + PIECE_BYTES));
      this.#drain(records);
    }
    return records;
  }

  finish(): void {
    if (this.#fault) throw this.#fault;
    const backlog = this.#backlog;
    const rest = backlog.end - backlog.at;
    const offset = backlog.origin + backlog.at;
    if (offset + rest === 0) throw new WireError<PacketFault>('TRUNCATED', 0, 'the file is empty');
    if (rest === 0) return;
    throw new WireError<PacketFault>('TRUNCATED', offset, `${this.#place()}: the file ends after ${rest} bytes of it`);
  }

  #drain(records: R[]): void {
    const backlog = this.#backlog;
    try {
      for (let record = this.#readRecord(backlog); record !== undefined; record = this.#readRecord(backlog)) {
        records.push(record);
      }
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      this.#fault = new WireError(error.error, backlog.origin + error.at, `${this.#place()}: ${error.reason}`);
    }
  }
}

export interface CaptureLimits {
  /** The longest packet that is believed. Default: what Wireshark believes too, four times the longest IP packet. */
  readonly packetBytesMax?: number;
  /**
   * The longest pcapng block that is believed. Default: 16 MiB, since keys and names of a whole network may be one
   * block.
   */
  readonly blockBytesMax?: number;
}

export const PACKET_BYTES_MAX = 262_144;
export const BLOCK_BYTES_MAX = 1 << 24;
