/**
 * What is queued to happen, as the queue knows it: where it is, and which queueing of it is the one that counts.
 *
 * An event is one object, and all that is needed to run it is in it, for with many pending it is memory that one waits for. It is cancelled by a word;
 * places that still name it compare the order they have for it, and find out when they come to it.
 */
import type { Actor } from './actor.ts';

export interface QueuedEvent {
  readonly actor: Actor;
  /** The actor's count when it was queued last; 32 bits of it. */
  order: number;
  /** Its index among the latecomers of the window, or one of the places below. */
  place: number;
  /** Its moment has come; it is queued no longer. */
  happen(): void;
}

export const NOT_QUEUED = -1;
/** In the wheel, or in the batch of the window. */
export const FAR = -2;

/** Whether a place that has this order for a far event still stands for it. */
export function isLive(event: QueuedEvent, order: number): boolean {
  return event.place === FAR && event.order === order;
}

export function grown<T extends Float64Array | Int32Array>(from: T, to: T): T {
  to.set(from);
  return to;
}
