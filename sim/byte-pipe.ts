/**
 * A control channel in memory: a reliable, ordered stream of bytes each way, with a declared delay, on the clock.
 *
 * It is what a TCP connection is to the sessions at its ends. What passes through can be seen at either end (`PipeTap`), and read as OpenFlow.
 */
import type { Actor, Clock, Nanos } from './clock.ts';

/** One way; if it varies, asked for each piece. What was written before arrives before all the same. */
export type PipeDelay = Nanos | (() => Nanos);

/** One end, as the owner of a session uses it. */
export interface PipeEnd {
  /** The bytes are copied by nobody: they must not change afterwards. */
  write(bytes: Uint8Array): void;
  close(): void;
  readonly isOpen: boolean;
}

/** What an end is told. */
export interface PipeListener {
  received(bytes: Uint8Array): void;
  closed(): void;
}

/** Sees what passes an end, which must not be changed. */
export interface PipeTap {
  written(bytes: Uint8Array): void;
  /** Told before the end's listener is. */
  received(bytes: Uint8Array): void;
  /** By this end, or by the other, which this end hears of now. */
  closed(by: 'self' | 'peer'): void;
}

class End implements PipeEnd {
  readonly #clock: Clock;
  readonly #actor: Actor;
  readonly #delay: PipeDelay;
  #arrivesAt: Nanos = 0;
  listener: PipeListener | undefined;
  peer: End | undefined;
  isOpen = true;
  /** Written, and not yet at the other end. */
  readonly #onTheWay: Uint8Array[] = [];
  #tap: PipeTap | undefined;

  constructor(clock: Clock, name: string, delay: PipeDelay) {
    this.#clock = clock;
    this.#actor = clock.createActor(name);
    this.#delay = delay;
  }

  /** One at a time. It is told at once of what is on its way to the other end, so that it misses no greeting that was written before anybody could look. */
  set tap(tap: PipeTap | undefined) {
    this.#tap = tap;
    if (this.isOpen) for (const bytes of this.#onTheWay) tap?.written(bytes);
  }

  write(bytes: Uint8Array): void {
    if (!this.isOpen || bytes.length === 0) return;
    const { peer } = this;
    this.#tap?.written(bytes);
    this.#onTheWay.push(bytes);
    this.#clock.schedule(this.#actor, this.#nextArrival(), () => {
      this.#onTheWay.shift();
      if (!peer?.isOpen) return;
      peer.#tap?.received(bytes);
      peer.listener?.received(bytes);
    });
  }

  close(): void {
    this.#close('self');
  }

  #close(by: 'self' | 'peer'): void {
    if (!this.isOpen) return;
    this.isOpen = false;
    this.#tap?.closed(by);
    const { peer } = this;
    // What was written before travels before: the same actor, no earlier moment, a later count.
    this.#clock.schedule(this.#actor, this.#nextArrival(), () => {
      this.#clock.removeActor(this.#actor);
      if (!peer?.isOpen) return;
      peer.#close('peer');
      peer.listener?.closed();
    });
  }

  #nextArrival(): Nanos {
    const delayNs = typeof this.#delay === 'number' ? this.#delay : this.#delay();
    this.#arrivesAt = Math.max(this.#arrivesAt, this.#clock.now + delayNs);
    return this.#arrivesAt;
  }
}

/** `name` must be a pipe's own; the ends are set to listen before the clock runs on. */
export function createPipe(
  clock: Clock,
  name: string,
  delay: PipeDelay,
): { readonly switchEnd: End; readonly controllerEnd: End } {
  const switchEnd = new End(clock, `pipe ${name} up`, delay);
  const controllerEnd = new End(clock, `pipe ${name} down`, delay);
  switchEnd.peer = controllerEnd;
  controllerEnd.peer = switchEnd;
  return { switchEnd, controllerEnd };
}
