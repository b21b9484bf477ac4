/**
 * The one door between the world of promises and sockets and the synchronous controller.
 *
 * What is behind it differs: a controller on its own is driven by the wall clock, one in a lab by the lab's, virtual or paced. HTTP and the
 * live feed see only this, so they work the same over both.
 */
import type { Emulation } from '../protocol/api/emulation.ts';
import type { Nanos } from '../protocol/wire/openflow/session.ts';
import type { Controller } from './controller.ts';
import type { ControllerEvent } from './controller-event.ts';

/** Called from within the controller's work: it may take note, and must not act. */
export type ControllerListener = (event: ControllerEvent, now: Nanos) => void;

export interface Rim {
  /** Enters the synchronous world at the present moment. Completions given to the controller may be called before or after this returns. */
  act<T>(work: (controller: Controller, now: Nanos) => T): T;
  /** Since the beginning of the run. */
  now(): Nanos;
  readonly emulation?: Emulation;
  /** Gives the function that ends the subscription. */
  onEvent(listener: ControllerListener): () => void;
}
