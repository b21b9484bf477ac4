/**
 * OpenFlow 1.3.5, sections 5.12, 7.2.2 and 7.3.5.8: one queue of a port: what it was promised, what waits in it, and what it counted.
 *
 * Frames leave in the order in which they came. Who comes to a full queue is dropped: its bound is a thousand frames, which is what Linux
 * gives a device, and a mebibyte, because frames may be long. When a frame leaves is decided in `port-scheduler.ts`.
 */

import type { PacketQueue, QueueProperty, QueueStats } from '../protocol/wire/openflow/queue.ts';
import { assert } from '../protocol/wire/wire-error.ts';
import { toDuration } from './duration.ts';
import { Pace } from './pace.ts';

/** Rates are in tenths of a percent of the port's speed; above 1000, or absent, they are not configured (section 7.2.2.1). */
export interface QueueOptions {
  readonly queueId: number;
  readonly minRate?: number;
  readonly maxRate?: number;
}

export const RATE_MAX = 1000;
const FRAMES_MAX = 1000;
const BYTES_MAX = 1 << 20;

/** Preamble, start delimiter, check sequence and gap: a share of a port is a share of its time, which these take too. */
const FRAMING_BYTES = 24;

/**
 * What a queue below its maximum may send at once: two of Ethernet's longest frames (whose 1518 bytes have the check sequence in them already),
 * so that short frames get their turn among long ones.
 */
export const BURST_BITS = 2 * (1518 + FRAMING_BYTES - 4) * 8;

export class PortQueue {
  readonly queueId: number;
  readonly #minRate: number | undefined;
  readonly #maxRate: number | undefined;
  /** When the next frame is due by the minimum rate. */
  readonly due: Pace | undefined;
  /** From when on the next frame is within the maximum rate. */
  readonly limit: Pace | undefined;
  readonly burstNs: number;
  /** Its place in the sharing of what no guarantee needs, in bits. */
  turn = 0;
  readonly #frames: Uint8Array[] = [];
  #bytes = 0;
  #txPackets = 0;
  #txBytes = 0;
  #txErrors = 0;

  /** At `bitsPerRate` bits per second for each tenth of a percent. */
  constructor({ queueId, minRate, maxRate }: QueueOptions, bitsPerRate: number) {
    this.queueId = queueId;
    this.#minRate = configured(minRate);
    this.#maxRate = configured(maxRate);
    assert(this.#maxRate !== 0, 'a queue may send something');
    assert((this.#minRate ?? 0) <= (this.#maxRate ?? RATE_MAX), 'a queue is promised no more than it may send');
    this.due = this.#minRate ? new Pace(this.#minRate * bitsPerRate) : undefined;
    this.limit = this.#maxRate ? new Pace(this.#maxRate * bitsPerRate) : undefined;
    this.burstNs = this.#maxRate ? Math.floor((BURST_BITS * 1e9) / (this.#maxRate * bitsPerRate)) : 0;
  }

  get minRate(): number {
    return this.#minRate ?? 0;
  }

  get count(): number {
    return this.#frames.length;
  }

  /** Of the frame that leaves next, as the medium counts. */
  get headBits(): number {
    return toBits(this.#frames[0]!);
  }

  /** False: it is full, and the frame is gone. */
  put(frame: Uint8Array): boolean {
    if (this.#frames.length >= FRAMES_MAX || this.#bytes + frame.length > BYTES_MAX) {
      this.#txErrors++;
      return false;
    }
    this.#frames.push(frame);
    this.#bytes += frame.length;
    return true;
  }

  take(): Uint8Array {
    const frame = this.#frames.shift()!;
    this.#bytes -= frame.length;
    this.#txPackets++;
    this.#txBytes += frame.length;
    return frame;
  }

  /** Tells how many frames are gone. They did not overrun the queue, and are none of its errors. */
  flush(): number {
    const { length } = this.#frames;
    this.#frames.length = 0;
    this.#bytes = 0;
    return length;
  }

  describe(portNo: number): PacketQueue {
    const properties: QueueProperty[] = [];
    if (this.#minRate !== undefined) properties.push({ type: 'minRate', rate: this.#minRate });
    if (this.#maxRate !== undefined) properties.push({ type: 'maxRate', rate: this.#maxRate });
    return { queueId: this.queueId, port: portNo, properties };
  }

  toStats(portNo: number, age: number): QueueStats {
    return {
      portNo,
      queueId: this.queueId,
      txBytes: BigInt(this.#txBytes),
      txPackets: BigInt(this.#txPackets),
      txErrors: BigInt(this.#txErrors),
      ...toDuration(age),
    };
  }
}

function configured(rate: number | undefined): number | undefined {
  return rate === undefined || rate > RATE_MAX ? undefined : rate;
}

export function toBits(frame: Uint8Array): number {
  return (frame.length + FRAMING_BYTES) * 8;
}
