/**
 * A cable: two independent directions, each with its own figures, and what became of every frame.
 *
 * What a direction does to a frame is in `cable-direction.ts`. A cable is up while it is whole and what hangs at both of its ends is on. A frame that is on
 * the way when it goes down is lost, and counted as that. Every frame is accounted for: sent + duplicated = delivered + dropped (by cause) + in flight, at any
 * moment.
 */
import { CableDirection, type CableTap, type DirectionCounters, type TapList } from './cable-direction.ts';
import type { CableChange, CableFigures, CableSide, CableSpec, FiguresChange } from './cable-figures.ts';
import { scheduleChanges } from './cable-schedule.ts';
import type { Clock } from './clock.ts';
import type { Random } from './random.ts';

/** What hangs at an end of a cable. */
export interface CableEnd {
  /** The name that the direction is known by, such as `s1:2`. */
  readonly name: string;
  receiveFrame(frame: Uint8Array): void;
  /** The cable was cut or mended. */
  linkChanged(isUp: boolean): void;
}

const SIDES = ['a', 'b'] as const satisfies readonly CableSide[];

export class Cable {
  readonly name: string;
  #isUp = true;
  #isWhole = true;
  readonly #isLit: Record<CableSide, boolean> = { a: true, b: true };
  readonly #tapped: TapList = { taps: [] };
  readonly #ends: Readonly<Record<CableSide, CableEnd>>;
  readonly #directions: Readonly<Record<CableSide, CableDirection>>;

  constructor(clock: Clock, random: Random, spec: CableSpec, a: CableEnd, b: CableEnd) {
    const { name, from, schedule, ...figures } = spec;
    this.name = name;
    this.#ends = { a, b };
    const shared = { clock, random, tapped: this.#tapped };
    const createDirection = (side: CableSide, near: CableEnd, far: CableEnd) =>
      new CableDirection(
        shared,
        `${near.name}>${far.name}`,
        side,
        from?.[side] ? { ...figures, ...from[side] } : figures,
        far,
      );
    this.#directions = { a: createDirection('a', a, b), b: createDirection('b', b, a) };
    if (schedule) scheduleChanges(clock, this, schedule);
  }

  get isUp(): boolean {
    return this.#isUp;
  }

  /** As they are now, for frames sent from each side. */
  get figures(): Readonly<Record<CableSide, CableFigures>> {
    return { a: this.#directions.a.figures, b: this.#directions.b.figures };
  }

  /** What was sent from each side. */
  get counters(): Readonly<Record<CableSide, Readonly<DirectionCounters>>> {
    return { a: this.#directions.a.counters, b: this.#directions.b.counters };
  }

  /** Call what it returns to take the tap off again. */
  addTap(tap: CableTap): () => void {
    this.#tapped.taps = [...this.#tapped.taps, tap];
    return () => {
      this.#tapped.taps = this.#tapped.taps.filter((other) => other !== tap);
    };
  }

  send(from: CableSide, frame: Uint8Array): void {
    this.#directions[from].send(frame, this.#isUp);
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
    if (!isUp) for (const side of SIDES) this.#directions[side].cut();
    this.#ends.a.linkChanged(isUp);
    this.#ends.b.linkChanged(isUp);
  }

  /** Frames that are on the way keep the figures they were sent with. Without a side, both directions change. */
  shape(change: FiguresChange, from?: CableSide): void {
    for (const side of from === undefined ? SIDES : [from]) {
      const direction = this.#directions[side];
      direction.shape({ ...direction.figures, ...change });
    }
  }

  /** Its figures first, so that a cable that is mended has those that it is mended with. */
  change({ isUp, figures, from }: CableChange): void {
    if (figures) this.shape(figures);
    for (const side of SIDES) if (from?.[side]) this.shape(from[side], side);
    if (isUp !== undefined) this.setUp(isUp);
  }

  assertConserved(): void {
    for (const side of SIDES) this.#directions[side].assertConserved();
  }
}
