/**
 * A port of an emulated switch that something outside of this process plugs into, and what became of the frames that crossed it.
 *
 * The port is there from the beginning; its link is up while a peer is attached, and controllers are told of it as of any cable.
 * There is one peer at a time, as there is one plug in a socket. How frames become bytes is the peer's affair (`attach-socket.ts`).
 */
import { assert } from '../protocol/wire/wire-error.ts';
import type { AttachEntry } from '../topologies/document.ts';
import { type FrameFault, judgeLength } from './attach-framing.ts';
import type { CableEnd } from './cable.ts';

/** Why a frame did not cross: it is none, nobody was there, or too much waits for a peer that reads too slowly. */
export type AttachDrop = FrameFault | 'unattached' | 'slow';

export interface AttachPeer {
  /** Why the frame had to be dropped, if it had to be. */
  send(frame: Uint8Array): AttachDrop | undefined;
}

export interface AttachCounters {
  received: number;
  receivedBytes: number;
  sent: number;
  sentBytes: number;
  /** Of both ways. */
  readonly dropped: Record<AttachDrop, number>;
}

/** Sees the frames of the port; what it sees must not be changed. */
export interface AttachTap {
  received(frame: Uint8Array): void;
  /** To the outside, or not: then with the cause. */
  sent(frame: Uint8Array, cause: AttachDrop | undefined): void;
}

export class AttachPort {
  /** The switch and its port, such as `edge-1:9`. */
  readonly name: string;
  readonly entry: AttachEntry;
  readonly counters: AttachCounters = {
    received: 0,
    receivedBytes: 0,
    sent: 0,
    sentBytes: 0,
    dropped: { short: 0, long: 0, unattached: 0, slow: 0 },
  };
  readonly #end: CableEnd;
  #peer: AttachPeer | undefined;
  #taps: readonly AttachTap[] = [];

  /** `plug` gives the switch's end of the port, and takes what sends a frame out of it. */
  constructor(entry: AttachEntry, plug: (send: (frame: Uint8Array) => void) => CableEnd) {
    this.name = `${entry.switch}:${entry.port}`;
    this.entry = entry;
    this.#end = plug((frame) => this.#send(frame));
    this.#end.linkChanged(false);
  }

  get isAttached(): boolean {
    return this.#peer !== undefined;
  }

  /** Call what it returns to take the tap off again. */
  addTap(tap: AttachTap): () => void {
    this.#taps = [...this.#taps, tap];
    return () => {
      this.#taps = this.#taps.filter((other) => other !== tap);
    };
  }

  attach(peer: AttachPeer): void {
    assert(!this.isAttached, 'a port has one peer at a time');
    this.#peer = peer;
    this.#end.linkChanged(true);
  }

  detach(): void {
    this.#peer = undefined;
    this.#end.linkChanged(false);
  }

  /** A frame from the peer; nobody may change it afterwards. */
  receiveFrame(frame: Uint8Array): void {
    const fault = judgeLength(frame.length);
    if (fault) {
      this.countDrop(fault);
      return;
    }
    this.counters.received++;
    this.counters.receivedBytes += frame.length;
    for (let i = 0; i < this.#taps.length; i++) this.#taps[i]!.received(frame);
    this.#end.receiveFrame(frame);
  }

  countDrop(cause: AttachDrop): void {
    this.counters.dropped[cause]++;
  }

  #send(frame: Uint8Array): void {
    const cause = judgeLength(frame.length) ?? (this.#peer ? this.#peer.send(frame) : 'unattached');
    for (let i = 0; i < this.#taps.length; i++) this.#taps[i]!.sent(frame, cause);
    if (cause) {
      this.countDrop(cause);
      return;
    }
    this.counters.sent++;
    this.counters.sentBytes += frame.length;
  }
}
