/**
 * What became of every packet of a flow, by its sequence number: arrived, arrived again, overtaken, lost, and how long each took.
 *
 * A packet is reordered when one that was sent after it has arrived before it (RFC 4737, section 3.3).
 */
import { assert } from '../../protocol/wire/wire-error.ts';
import type { Nanos } from '../clock.ts';
import { LatencyRecord, type LatencySummary } from './latency-record.ts';

/** A bit and a time for each are kept. */
export const FLOW_PACKETS_MAX = 4_000_000;

export interface FlowResult {
  readonly sent: number;
  /** Different ones. */
  readonly received: number;
  readonly lost: number;
  /** Copies beyond the first. */
  readonly duplicates: number;
  readonly reordered: number;
  /** Of payload. */
  readonly sentBytes: number;
  readonly receivedBytes: number;
  /** Undefined when nothing has arrived. */
  readonly latency: LatencySummary | undefined;
  /** Of payload, from the first arrival to the last; 0 where there are not two. */
  readonly goodputBps: number;
}

export class FlowTally {
  readonly #arrived: Uint8Array;
  readonly #latencies = new LatencyRecord();
  #sent = 0;
  #received = 0;
  #duplicates = 0;
  #reordered = 0;
  #highest = -1;
  #sentBytes = 0;
  #receivedBytes = 0;
  #firstBytes = 0;
  #firstAt: Nanos = 0;
  #lastAt: Nanos = 0;

  constructor(packetsMax: number) {
    assert(packetsMax <= FLOW_PACKETS_MAX, 'a flow is not longer than can be kept of it');
    this.#arrived = new Uint8Array((packetsMax + 7) >> 3);
  }

  get sentCount(): number {
    return this.#sent;
  }

  get receivedCount(): number {
    return this.#received;
  }

  /** Its sequence number: they count from 0. */
  sent(bytes: number): number {
    this.#sentBytes += bytes;
    return this.#sent++;
  }

  received(sequence: number, bytes: number, sentAt: Nanos, now: Nanos): void {
    const bit = 1 << (sequence & 7);
    const byte = sequence >> 3;
    if (sequence >= this.#sent || byte >= this.#arrived.length) return;
    if ((this.#arrived[byte]! & bit) !== 0) {
      this.#duplicates++;
      return;
    }
    this.#arrived[byte]! |= bit;
    if (sequence < this.#highest) this.#reordered++;
    else this.#highest = sequence;
    if (this.#received++ === 0) {
      this.#firstAt = now;
      this.#firstBytes = bytes;
    }
    this.#lastAt = now;
    this.#receivedBytes += bytes;
    this.#latencies.add(now - sentAt);
  }

  toResult(): FlowResult {
    const spanNs = this.#lastAt - this.#firstAt;
    return {
      sent: this.#sent,
      received: this.#received,
      lost: this.#sent - this.#received,
      duplicates: this.#duplicates,
      reordered: this.#reordered,
      sentBytes: this.#sentBytes,
      receivedBytes: this.#receivedBytes,
      latency: this.#latencies.summarise(),
      // The first packet's bytes came before the span began.
      goodputBps: spanNs === 0 ? 0 : ((this.#receivedBytes - this.#firstBytes) * 8 * 1e9) / spanNs,
    };
  }
}
