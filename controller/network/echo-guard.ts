/**
 * Frames that the controller sent out on somebody's behalf, for as long as they may still come back.
 *
 * While there are ports of which nobody knows yet whether they lead to hosts, one may be a cable to another switch, or to a bridge that is plugged in twice: what is sent out there comes in
 * elsewhere, and would be taken for a host's own word at another place, and be sent on again. So what was sent is remembered, and is heard only where it was heard first, since hosts
 * do repeat themselves. A frame is known by a keyed hash of its beginning: nobody can make one that is taken for another's.
 */
import type { Nanos } from '../../protocol/wire/openflow/session.ts';
import { type PortRef, toPortKey } from './network.ts';
import { type SipKey, sipHash } from './siphash.ts';

/** Longer than a frame is under way. */
const REMEMBERED: Nanos = 1_000_000_000;

/** Beyond, the oldest is forgotten: at what one switch may send to the controller in a second, four switches' worth. */
const FRAMES_MAX = 4096;

/** Two frames that differ only behind all their headers do not come in the same second. */
const HASHED_BYTES_MAX = 128;

interface Sent {
  readonly origin: string;
  readonly at: Nanos;
}

export class EchoGuard {
  readonly #key: SipKey;
  /** By name, the oldest first. */
  readonly #sent = new Map<string, Sent>();

  constructor(key: SipKey) {
    this.#key = key;
  }

  /** It is about to be sent out of other ports. */
  note(frame: Uint8Array, origin: PortRef, now: Nanos): void {
    const name = this.#nameOf(frame);
    this.#sent.delete(name);
    this.#sent.set(name, { origin: toPortKey(origin), at: now });
    if (this.#sent.size <= FRAMES_MAX) return;
    const [oldest] = this.#sent.keys();
    this.#sent.delete(oldest!);
  }

  isEcho(frame: Uint8Array, port: PortRef, now: Nanos): boolean {
    this.#forgetOld(now);
    // Most of the time there is nothing to compare with.
    if (this.#sent.size === 0) return false;
    const sent = this.#sent.get(this.#nameOf(frame));
    return sent !== undefined && sent.origin !== toPortKey(port);
  }

  #forgetOld(now: Nanos): void {
    for (const [name, { at }] of this.#sent) {
      if (now - at < REMEMBERED) return;
      this.#sent.delete(name);
    }
  }

  #nameOf(frame: Uint8Array): string {
    const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
    const { high, low } = sipHash(this.#key, view, 0, Math.min(frame.length, HASHED_BYTES_MAX));
    return `${high} ${low} ${frame.length}`;
  }
}
