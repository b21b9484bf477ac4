/** Buckets of tokens, held against fractions of whole numbers of any length. */
import { expect, it } from 'vitest';
import { TokenBucket } from '../../vswitch/token-bucket.ts';
import { Chance, SEED } from './random-case.ts';

const SECOND_NS = 1_000_000_000n;

/** Tokens times 10^9 times ten, so that a tenth of a rate is whole. */
class Model {
  readonly #perSecond: bigint;
  readonly #max: bigint;
  #tokens: bigint;
  #at = 0n;

  constructor(perSecond: number, depth: number, per: number) {
    this.#perSecond = BigInt(perSecond);
    this.#max = (BigInt(depth) * SECOND_NS * 10n) / BigInt(per);
    this.#tokens = this.#max;
  }

  take(tokens: number, now: number): boolean {
    const filled = this.#tokens + (BigInt(now) - this.#at) * this.#perSecond * 10n;
    this.#tokens = filled > this.#max ? this.#max : filled;
    this.#at = BigInt(now);
    const cost = BigInt(tokens) * SECOND_NS * 10n;
    if (this.#tokens < cost) return false;
    this.#tokens -= cost;
    return true;
  }
}

const U32_MAX = 0xffff_ffff;

it(`give exactly what has come, at every rate and depth that a band can have (SLUICE_SEED=${SEED})`, () => {
  let taken = 0;
  for (let i = 0; i < 400; i++) {
    const chance = new Chance(SEED + i);
    const size = () => 1 + chance.below(chance.pick([10, 1000, 1_000_000, U32_MAX]));
    const unit = chance.pick([1, 1000]);
    const rate = size() * unit;
    const [depth, per] = chance.oneIn(2) ? [rate, 10] : [size() * unit, 1];
    const bucket = new TokenBucket(rate, depth, per);
    const model = new Model(rate, depth, per);
    let now = chance.below(1000);
    for (let k = 0; k < 200; k++) {
      if (!chance.oneIn(3)) now += chance.below(chance.pick([3, 1000, 1_000_000, 4_000_000_000]));
      const tokens = unit === 1 ? 1 : 8 * (14 + chance.below(chance.pick([100, 65_400])));
      const isThere = model.take(tokens, now);
      expect(bucket.take(tokens, now), `case ${i}, step ${k}, SLUICE_SEED=${SEED}`).toBe(isThere);
      if (isThere) taken++;
    }
  }
  expect(taken).toBeGreaterThan(10_000);
  expect(taken).toBeLessThan(70_000);
});
