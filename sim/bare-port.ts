/**
 * The bare end of a cable: its link is up, what comes is counted, and nothing answers. Frames of one's own making can be sent from it.
 *
 * It is what a test set's port is to a switch under test, and what stands for a machine that nobody simulates.
 */
import type { CableEnd } from './cable.ts';

export interface BarePortCounters {
  sent: number;
  sentBytes: number;
  received: number;
  receivedBytes: number;
}

export class BarePort implements CableEnd {
  readonly name: string;
  readonly counters: BarePortCounters = { sent: 0, sentBytes: 0, received: 0, receivedBytes: 0 };
  /** Sees every frame that comes. */
  tap: ((frame: Uint8Array) => void) | undefined;
  readonly #send: (frame: Uint8Array) => void;

  /** `send` puts a frame on the cable. */
  constructor(name: string, send: (frame: Uint8Array) => void) {
    this.name = name;
    this.#send = send;
  }

  linkChanged(): void {
    // Nobody is there who would notice.
  }

  receiveFrame(frame: Uint8Array): void {
    this.counters.received++;
    this.counters.receivedBytes += frame.length;
    this.tap?.(frame);
  }

  sendFrame(frame: Uint8Array): void {
    this.counters.sent++;
    this.counters.sentBytes += frame.length;
    this.#send(frame);
  }
}
