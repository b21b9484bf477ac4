/**
 * One direction of a cable: what becomes of each frame that is put into it.
 *
 *   offered   refused if the cable is cut (`cut`), or the frame is larger than the MTU (`mtu`)
 *   doubled   a second, equal frame follows the first, and fares for itself from here on
 *   queued    refused if too much waits (`queue-full`); then sent at the bandwidth, one after the other
 *   lost      by chance (`loss`); it has used the medium all the same
 *   bent      a bit of it is turned; it is delivered, for its receiver to notice
 *   delayed   by the delay with its jitter
 *
 * Frames keep their order, also with jitter and when the delay becomes shorter: one that would overtake arrives together with the one before
 * it. (netem lets jitter reorder frames, which nobody wants who asked for jitter only.) Who wants reordering asks for it: such a share of the
 * frames has no delay at all, as with netem, and overtakes whatever is on its way; the others keep their order among themselves.
 *
 * On a cable with no chance to it, a frame costs an entry in a ring and an alarm that is set again.
 */
import { assert } from '../protocol/wire/wire-error.ts';
import type { CableEnd } from './cable.ts';
import type { CableFigures, CableSide } from './cable-figures.ts';
import type { Actor, Clock, Nanos } from './clock.ts';
import { FrameLane, type LaneEnd } from './frame-lane.ts';
import { exceedsMtu } from './frame-mtu.ts';
import { Impairments } from './impairments.ts';
import type { Random } from './random.ts';
import { Transmitter } from './transmitter.ts';

export const DROP_CAUSES = ['cut', 'queue-full', 'loss', 'mtu'] as const;

export type DropCause = (typeof DROP_CAUSES)[number];

export interface DirectionCounters {
  /** Put on the cable. */
  sent: number;
  /** Made by the cable. */
  duplicated: number;
  delivered: number;
  readonly dropped: Record<DropCause, number>;
  inFlight: number;
  /** Of those delivered and in flight. */
  corrupted: number;
  sentBytes: number;
  deliveredBytes: number;
}

/** Sees the frames of a cable; what it sees must not be changed. */
export interface CableTap {
  /** A frame was put on the cable; `refusal` is why it will not arrive, if that is known already. */
  sent(from: CableSide, frame: Uint8Array, refusal: DropCause | undefined): void;
  /** A bit of a frame was turned: this copy of it goes on in its place. Told before anything else is of the copy. */
  turned?(from: CableSide, copy: Uint8Array): void;
  /** A frame that was on its way, or a copy that the cable made, will not arrive. */
  dropped?(from: CableSide, frame: Uint8Array, cause: DropCause): void;
  /** Told before the end is; of a direction in the order in which they arrive. */
  delivered(from: CableSide, frame: Uint8Array): void;
}

/** Who hears of a cable's frames: one list for both directions, replaced as a whole. */
export interface TapList {
  taps: readonly CableTap[];
}

export class CableDirection implements LaneEnd {
  readonly counters: DirectionCounters = {
    sent: 0,
    duplicated: 0,
    delivered: 0,
    dropped: { cut: 0, 'queue-full': 0, loss: 0, mtu: 0 },
    inFlight: 0,
    corrupted: 0,
    sentBytes: 0,
    deliveredBytes: 0,
  };
  readonly #clock: Clock;
  readonly #actor: Actor;
  readonly #random: Random;
  readonly #name: string;
  readonly #side: CableSide;
  readonly #tapped: TapList;
  readonly #to: Pick<CableEnd, 'receiveFrame'>;
  readonly #lane: FrameLane;
  #transmitter: Transmitter | undefined;
  /** Of those that overtake: they arrive when they are sent, and so in their order, too. */
  #fastLane: FrameLane | undefined;
  #figures: CableFigures;
  #impairments: Impairments | undefined;
  #hasChance: boolean;

  /** `name` must be this direction's alone: its events and its chance go by it. */
  constructor(
    { clock, random, tapped }: { readonly clock: Clock; readonly random: Random; readonly tapped: TapList },
    name: string,
    side: CableSide,
    figures: CableFigures,
    to: Pick<CableEnd, 'receiveFrame'>,
  ) {
    this.#clock = clock;
    this.#actor = clock.createActor(`cable ${name}`);
    this.#random = random;
    this.#name = name;
    this.#side = side;
    this.#tapped = tapped;
    this.#to = to;
    this.#lane = new FrameLane(clock, this.#actor, this);
    this.#figures = figures;
    this.#hasChance = Impairments.areIn(figures);
  }

  get figures(): CableFigures {
    return this.#figures;
  }

  /** Frames that are on their way keep the figures that they were sent with. */
  shape(figures: CableFigures): void {
    this.#figures = figures;
    this.#hasChance = Impairments.areIn(figures);
  }

  send(frame: Uint8Array, isUp: boolean): void {
    const { counters } = this;
    const { mtuBytes } = this.#figures;
    counters.sent++;
    counters.sentBytes += frame.length;
    const isTooLarge = mtuBytes !== undefined && exceedsMtu(frame, mtuBytes);
    const refusal = !isUp ? 'cut' : isTooLarge ? 'mtu' : this.#transmit(frame);
    if (refusal !== undefined) counters.dropped[refusal]++;
    const { taps } = this.#tapped;
    for (let i = 0; i < taps.length; i++) taps[i]!.sent(this.#side, frame, refusal);
    if (this.#hasChance && refusal !== 'cut' && refusal !== 'mtu') this.#maybeDouble(frame);
  }

  cut(): void {
    const lost = [...this.#lane.clear(), ...(this.#fastLane?.clear() ?? [])];
    this.#transmitter?.clear();
    this.counters.inFlight -= lost.length;
    for (const frame of lost) this.#drop(frame, 'cut');
  }

  /** For its lanes only. */
  arrived(frame: Uint8Array): void {
    const { counters } = this;
    counters.inFlight--;
    counters.delivered++;
    counters.deliveredBytes += frame.length;
    const { taps } = this.#tapped;
    for (let i = 0; i < taps.length; i++) taps[i]!.delivered(this.#side, frame);
    this.#to.receiveFrame(frame);
  }

  assertConserved(): void {
    const { counters } = this;
    assert(
      counters.sent + counters.duplicated === counters.delivered + countDropped(counters) + counters.inFlight,
      'frames are conserved on a cable',
    );
    assert(
      counters.inFlight === this.#lane.count + (this.#fastLane?.count ?? 0),
      'a frame in flight is in a lane of its cable',
    );
  }

  /** Why not, if not. */
  #transmit(offered: Uint8Array): DropCause | undefined {
    const { now } = this.#clock;
    const figures = this.#figures;
    const { bandwidthBps } = figures;
    let sentAt = now;
    if (bandwidthBps !== undefined) {
      this.#transmitter ??= new Transmitter();
      if (!this.#transmitter.hasRoom(offered.length, now, figures)) return 'queue-full';
      sentAt = this.#transmitter.send(offered.length, now, bandwidthBps);
    }
    if (!this.#hasChance) {
      this.#travel(offered, sentAt + figures.delayNs);
      return undefined;
    }
    const impairments = this.#chance();
    if (impairments.loses(figures.lossProbability, figures.burstLoss)) return 'loss';
    const frame = impairments.corrupt(offered, figures.corruptProbability);
    if (frame !== offered) this.#countTurned(frame);
    const jitterNs = figures.jitter === undefined ? 0 : impairments.jitterNs(figures.jitter);
    if (impairments.overtakes(figures.reorderProbability)) this.#overtake(frame, sentAt);
    else this.#travel(frame, sentAt + Math.max(0, figures.delayNs + jitterNs));
    return undefined;
  }

  #travel(frame: Uint8Array, arrivesAt: Nanos): void {
    const lane = this.#lane;
    this.counters.inFlight++;
    lane.push(frame, arrivesAt < lane.lastArrival ? lane.lastArrival : arrivesAt);
  }

  #overtake(frame: Uint8Array, sentAt: Nanos): void {
    this.#fastLane ??= new FrameLane(this.#clock, this.#actor, this);
    this.counters.inFlight++;
    // Without a bandwidth, what was sent before at a lower one may still be on its way there.
    this.#fastLane.push(frame, Math.max(sentAt, this.#fastLane.lastArrival));
  }

  #maybeDouble(frame: Uint8Array): void {
    if (!this.#chance().duplicates(this.#figures.duplicateProbability)) return;
    this.counters.duplicated++;
    const refusal = this.#transmit(frame);
    if (refusal !== undefined) this.#drop(frame, refusal);
  }

  #countTurned(copy: Uint8Array): void {
    this.counters.corrupted++;
    for (const tap of this.#tapped.taps) tap.turned?.(this.#side, copy);
  }

  /** Of a frame that its sender has been rid of. */
  #drop(frame: Uint8Array, cause: DropCause): void {
    this.counters.dropped[cause]++;
    for (const tap of this.#tapped.taps) tap.dropped?.(this.#side, frame, cause);
  }

  #chance(): Impairments {
    this.#impairments ??= new Impairments(this.#random.fork(this.#name));
    return this.#impairments;
  }
}

export function countDropped({ dropped }: Pick<DirectionCounters, 'dropped'>): number {
  return dropped.cut + dropped['queue-full'] + dropped.loss + dropped.mtu;
}
