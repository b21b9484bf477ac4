/**
 * Loss in bursts: the model of Gilbert and Elliott, a cable that is in a good or a bad state and may change it with every frame.
 *
 * A frame is lost with the probability of the state it finds, and then the state may change. So bad states last 1 / toGood frames on average,
 * the cable is in one for toBad / (toBad + toGood) of its frames, and with good: 0 and bad: 1 (Gilbert's own model) these are
 * the lengths of the bursts and the loss. A cable begins in the good state.
 */
import type { Random } from './random.ts';

/** Probabilities, for each frame. */
export interface BurstLoss {
  /** Of a loss in the good state. */
  readonly good: number;
  /** Of a loss in the bad state. */
  readonly bad: number;
  /** That the bad state follows a good one. */
  readonly toBad: number;
  /** That the good state follows a bad one. */
  readonly toGood: number;
}

export class BurstLossModel {
  readonly #random: Random;
  #isBad = false;

  constructor(random: Random) {
    this.#random = random;
  }

  /** Whether the next frame is lost. It takes two numbers from the stream, whatever the figures are. */
  loses({ good, bad, toBad, toGood }: BurstLoss): boolean {
    const isLost = this.#random.nextFraction() < (this.#isBad ? bad : good);
    const changes = this.#random.nextFraction() < (this.#isBad ? toGood : toBad);
    if (changes) this.#isBad = !this.#isBad;
    return isLost;
  }
}
