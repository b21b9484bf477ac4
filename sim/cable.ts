/**
 * A cable: two independent directions, each with a rate, a delay, a bounded queue and a chance of loss; and what became of every frame.
 *
 * A direction sends one frame at a time: serialisation takes bytes × 8 / bandwidth, then the frame travels for the delay. Frames that come
 * while another is being sent wait in a drop-tail queue. A frame that is on the way when the cable is cut is lost, and counted as that.
 * A cable is up while it is whole and what hangs at both of its ends is on.
 * Every frame is accounted for: sent = delivered + dropped (by cause) + in flight, at any moment.
 */
import { assert } from '../protocol/wire/wire-error.ts';
import type { Actor, Clock, Nanos, Timer } from './clock.ts';
import type { Random } from './random.ts';

export interface CableSpec {
  readonly name: string;
  /** Absent: serialisation takes no time. */
  readonly bandwidthBps?: number | undefined;
  readonly delayNs: Nanos;
  /** Frames that may wait behind the one that is being sent. */
  readonly queueFramesMax: number;
  /** Of each frame, independently. */
  readonly lossProbability: number;
}

export type CableSide = 'a' | 'b';

/** What hangs at an end of a cable. */
export interface CableEnd {
  /** The name that the direction is known by, such as `s1:2`. */
  readonly name: string;
  receiveFrame(frame: Uint8Array): void;
  /** The cable was cut or mended. */
  linkChanged(isUp: boolean): void;
}

/** Sees the frames of a cable; what it sees must not be changed. */
export interface CableTap {
  /** Whether it is dropped is not known yet. */
  sent(from: CableSide, frame: Uint8Array): void;
  /** Told before the end is; of a direction in the order in which they were sent. */
  delivered(from: CableSide, frame: Uint8Array): void;
}

export type DropCause = 'cut' | 'queue-full' | 'loss';

export interface DirectionCounters {
  sent: number;
  delivered: number;
  readonly dropped: Record<DropCause, number>;
  inFlight: number;
  sentBytes: number;
  deliveredBytes: number;
}

/** Preamble, start delimiter, frame check sequence and inter-frame gap: what Ethernet adds to a frame on the medium. */
const FRAMING_BYTES = 24;

class Direction {
  readonly counters: DirectionCounters = {
    sent: 0,
    delivered: 0,
    dropped: { cut: 0, 'queue-full': 0, loss: 0 },
    inFlight: 0,
    sentBytes: 0,
    deliveredBytes: 0,
  };
  readonly #clock: Clock;
  readonly #actor: Actor;
  readonly #random: Random;
  readonly #to: CableEnd;
  /** Told of each frame before the end is. */
  arriving: ((frame: Uint8Array) => void) | undefined;
  /** Frames on the way, oldest first, each with the moment it is all on the medium. */
  readonly #onTheWay: { readonly timer: Timer; readonly sentAt: Nanos }[] = [];
  #busyUntil: Nanos = 0;

  constructor(clock: Clock, random: Random, from: CableEnd, to: CableEnd) {
    this.#clock = clock;
    this.#actor = clock.createActor(`cable ${from.name}>${to.name}`);
    this.#random = random.fork(`${from.name}>${to.name}`);
    this.#to = to;
  }

  send(frame: Uint8Array, spec: CableSpec, isUp: boolean): void {
    const { counters } = this;
    const { now } = this.#clock;
    counters.sent++;
    counters.sentBytes += frame.length;
    const refusal: DropCause | undefined = !isUp
      ? 'cut'
      : this.#waiting(now) > spec.queueFramesMax
        ? 'queue-full'
        : undefined;
    if (refusal) {
      this.#drop(refusal);
      return;
    }
    const startAt = Math.max(now, this.#busyUntil);
    const sentAt = startAt + serialisationNs(frame.length, spec.bandwidthBps);
    this.#busyUntil = sentAt;
    // A lost frame has used the medium all the same.
    if (spec.lossProbability > 0 && this.#random.nextFraction() < spec.lossProbability) {
      this.#drop('loss');
      return;
    }
    counters.inFlight++;
    const timer = this.#clock.schedule(this.#actor, sentAt + spec.delayNs, () => {
      this.#onTheWay.shift();
      counters.inFlight--;
      counters.delivered++;
      counters.deliveredBytes += frame.length;
      this.arriving?.(frame);
      this.#to.receiveFrame(frame);
    });
    this.#onTheWay.push({ timer, sentAt });
  }

  cut(): void {
    for (const { timer } of this.#onTheWay) {
      timer.cancel();
      this.counters.inFlight--;
      this.#drop('cut');
    }
    this.#onTheWay.length = 0;
    this.#busyUntil = this.#clock.now;
  }

  /** Frames that are not yet wholly on the medium, the one being sent included. */
  #waiting(now: Nanos): number {
    let waiting = 0;
    for (let i = this.#onTheWay.length - 1; i >= 0 && this.#onTheWay[i]!.sentAt > now; i--) waiting++;
    return waiting;
  }

  #drop(cause: DropCause): void {
    this.counters.dropped[cause]++;
  }
}

export class Cable {
  readonly name: string;
  #spec: CableSpec;
  #isUp = true;
  #isWhole = true;
  readonly #isLit: Record<CableSide, boolean> = { a: true, b: true };
  #tap: CableTap | undefined;
  readonly #ends: Readonly<Record<CableSide, CableEnd>>;
  readonly #directions: Readonly<Record<CableSide, Direction>>;

  constructor(clock: Clock, random: Random, spec: CableSpec, a: CableEnd, b: CableEnd) {
    this.name = spec.name;
    this.#spec = spec;
    this.#ends = { a, b };
    this.#directions = { a: new Direction(clock, random, a, b), b: new Direction(clock, random, b, a) };
  }

  get isUp(): boolean {
    return this.#isUp;
  }

  get spec(): CableSpec {
    return this.#spec;
  }

  /** What was sent from each side. */
  get counters(): Readonly<Record<CableSide, Readonly<DirectionCounters>>> {
    return { a: this.#directions.a.counters, b: this.#directions.b.counters };
  }

  /** One at a time; undefined takes it off. */
  set tap(tap: CableTap | undefined) {
    this.#tap = tap;
    for (const side of ['a', 'b'] as const)
      this.#directions[side].arriving = tap && ((frame) => tap.delivered(side, frame));
  }

  send(from: CableSide, frame: Uint8Array): void {
    this.#tap?.sent(from, frame);
    this.#directions[from].send(frame, this.#spec, this.#isUp);
  }

  /** Both ends notice at once, as they do when light goes out. */
  setUp(isUp: boolean): void {
    this.#isWhole = isUp;
    this.#settle();
  }

  /** Whether the card at this end is on: a whole cable is up only between two that are. */
  setLit(side: CableSide, isLit: boolean): void {
    this.#isLit[side] = isLit;
    this.#settle();
  }

  #settle(): void {
    const isUp = this.#isWhole && this.#isLit.a && this.#isLit.b;
    if (isUp === this.#isUp) return;
    this.#isUp = isUp;
    if (!isUp) {
      this.#directions.a.cut();
      this.#directions.b.cut();
    }
    this.#ends.a.linkChanged(isUp);
    this.#ends.b.linkChanged(isUp);
  }

  /** Frames that are on the way keep the figures they were sent with. */
  shape(change: Partial<Omit<CableSpec, 'name'>>): void {
    this.#spec = { ...this.#spec, ...change };
  }

  assertConserved(): void {
    for (const { counters } of Object.values(this.#directions)) {
      const { sent, delivered, dropped, inFlight } = counters;
      assert(
        sent === delivered + dropped.cut + dropped['queue-full'] + dropped.loss + inFlight,
        'frames are conserved on a cable',
      );
    }
  }
}

export function serialisationNs(frameBytes: number, bandwidthBps: number | undefined): Nanos {
  if (bandwidthBps === undefined) return 0;
  return Math.round(((frameBytes + FRAMING_BYTES) * 8 * 1e9) / bandwidthBps);
}
