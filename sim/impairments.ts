/**
 * The chance in one direction of a cable. Plain loss has the direction's own random stream, and each other kind one that is forked from it by name:
 * turning one on or changing its figures does not move what another draws, and neither does anything elsewhere in the network. A kind that is off
 * draws nothing.
 */
import { type BurstLoss, BurstLossModel } from './burst-loss.ts';
import type { CableFigures } from './cable-figures.ts';
import type { Nanos } from './clock.ts';
import { drawJitter, type Jitter } from './jitter.ts';
import type { Random } from './random.ts';

const BYTE_BITS = 8;

type Kind = 'duplicate' | 'reorder' | 'corrupt' | 'jitter' | 'burst';

export class Impairments {
  readonly #random: Random;
  /** Made when they are first needed, which by their names changes nothing. */
  readonly #streams: Partial<Record<Kind, Random>> = {};
  #bursts: BurstLossModel | undefined;

  constructor(random: Random) {
    this.#random = random;
  }

  /** Whether these figures leave anything to chance. */
  static areIn(figures: CableFigures): boolean {
    return (
      figures.lossProbability > 0 ||
      figures.burstLoss !== undefined ||
      figures.jitter !== undefined ||
      (figures.duplicateProbability ?? 0) > 0 ||
      (figures.reorderProbability ?? 0) > 0 ||
      (figures.corruptProbability ?? 0) > 0
    );
  }

  loses(lossProbability: number, burstLoss: BurstLoss | undefined): boolean {
    const isLost = lossProbability > 0 && this.#random.nextFraction() < lossProbability;
    if (burstLoss === undefined) return isLost;
    this.#bursts ??= new BurstLossModel(this.#stream('burst'));
    return this.#bursts.loses(burstLoss) || isLost;
  }

  duplicates(probability: number | undefined): boolean {
    return this.#happens('duplicate', probability);
  }

  overtakes(probability: number | undefined): boolean {
    return this.#happens('reorder', probability);
  }

  /** The frame, or a copy of which a bit is another. */
  corrupt(frame: Uint8Array, probability: number | undefined): Uint8Array {
    if (!this.#happens('corrupt', probability) || frame.length === 0) return frame;
    const bit = this.#stream('corrupt').nextBelow(frame.length * BYTE_BITS);
    const turned = frame.slice();
    turned[bit >> 3]! ^= 0x80 >> (bit & 7);
    return turned;
  }

  jitterNs(jitter: Jitter): Nanos {
    return drawJitter(jitter, this.#stream('jitter'));
  }

  #happens(kind: Kind, probability: number | undefined): boolean {
    if (probability === undefined || probability <= 0) return false;
    return this.#stream(kind).nextFraction() < probability;
  }

  #stream(kind: Kind): Random {
    const stream = this.#streams[kind] ?? this.#random.fork(kind);
    this.#streams[kind] = stream;
    return stream;
  }
}
