/**
 * What is asked of a cable, in figures: each direction has its own, and they may change while it is in use.
 *
 * All but a delay, a queue and a loss may be left out, and what is left out costs a frame nothing.
 */
import type { BurstLoss } from './burst-loss.ts';
import type { Nanos } from './clock.ts';
import type { Jitter } from './jitter.ts';
import type { QueueBounds } from './transmitter.ts';

/** Of one direction. */
export interface CableFigures extends QueueBounds {
  /** Absent: frames take no time to be sent, and none waits. */
  readonly bandwidthBps?: number | undefined;
  readonly delayNs: Nanos;
  /** Of each frame's delay; frames keep their order all the same. */
  readonly jitter?: Jitter | undefined;
  /** Of each frame, independently. */
  readonly lossProbability: number;
  /** Besides that. */
  readonly burstLoss?: BurstLoss | undefined;
  /** That a second frame, the same, follows at once. */
  readonly duplicateProbability?: number | undefined;
  /** That a frame has no delay, and so overtakes those on their way. */
  readonly reorderProbability?: number | undefined;
  /** That a frame arrives with one of its bits turned. */
  readonly corruptProbability?: number | undefined;
  /** Of what a frame carries behind its Ethernet header and VLAN tags; absent: any. */
  readonly mtuBytes?: number | undefined;
}

export type FiguresChange = Partial<CableFigures>;

export type CableSide = 'a' | 'b';

export interface CableSpec extends CableFigures {
  readonly name: string;
  /** What differs for frames sent from a side. */
  readonly from?: Readonly<Partial<Record<CableSide, FiguresChange>>> | undefined;
  readonly schedule?: readonly CableChange[] | undefined;
}

/** What changes at a moment of the run. */
export interface CableChange {
  readonly atNs: Nanos;
  readonly isUp?: boolean | undefined;
  /** In both directions. */
  readonly figures?: FiguresChange | undefined;
  /** For frames sent from a side, after that. */
  readonly from?: Readonly<Partial<Record<CableSide, FiguresChange>>> | undefined;
}
