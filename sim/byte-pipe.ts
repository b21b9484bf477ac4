/**
 * A control channel in memory: a reliable, ordered stream of bytes each way, with a declared delay, on the clock.
 *
 * It is what a TCP connection is to the sessions at its ends. What passes through can be recorded and read as OpenFlow.
 */
import type { Actor, Clock, Nanos } from './clock.ts';

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

class End implements PipeEnd {
  readonly #clock: Clock;
  readonly #actor: Actor;
  readonly #delayNs: Nanos;
  listener: PipeListener | undefined;
  peer: End | undefined;
  isOpen = true;

  constructor(clock: Clock, name: string, delayNs: Nanos) {
    this.#clock = clock;
    this.#actor = clock.createActor(name);
    this.#delayNs = delayNs;
  }

  write(bytes: Uint8Array): void {
    if (!this.isOpen || bytes.length === 0) return;
    const { peer } = this;
    this.#clock.schedule(this.#actor, this.#clock.now + this.#delayNs, () => {
      if (peer?.isOpen) peer.listener?.received(bytes);
    });
  }

  close(): void {
    if (!this.isOpen) return;
    this.isOpen = false;
    const { peer } = this;
    // What was written before travels before: the same actor, the same delay, a later count.
    this.#clock.schedule(this.#actor, this.#clock.now + this.#delayNs, () => {
      this.#clock.removeActor(this.#actor);
      if (!peer?.isOpen) return;
      peer.close();
      peer.listener?.closed();
    });
  }
}

/** `name` must be a pipe's own; the ends are set to listen before the clock runs on. */
export function createPipe(
  clock: Clock,
  name: string,
  delayNs: Nanos,
): { readonly switchEnd: End; readonly controllerEnd: End } {
  const switchEnd = new End(clock, `pipe ${name} up`, delayNs);
  const controllerEnd = new End(clock, `pipe ${name} down`, delayNs);
  switchEnd.peer = controllerEnd;
  controllerEnd.peer = switchEnd;
  return { switchEnd, controllerEnd };
}
