/**
 * A fingerprint of a run: every event's time, actor and count, in the order in which they ran.
 *
 * Two runs with the same hash did the same things at the same times, as far as 64 bits can tell. Each step is a bijection of either lane, so that
 * a single difference is never lost again; it is made for speed, and not against somebody who looks for two runs of one hash.
 */
const LANE_1 = 0x9e3779b1;
const LANE_2 = 0x85ebca6b;
const TWO_32 = 0x1_0000_0000;

export class TraceHash {
  #a = 0;
  #b = 0;

  add(time: number, actorHash: number, order: number): void {
    const who = Math.imul(actorHash + Math.imul(order, LANE_2), LANE_1);
    const low = time | 0;
    const high = (time / TWO_32) | 0;
    const a = Math.imul(this.#a ^ low, LANE_1) ^ who;
    const b = Math.imul(this.#b ^ who ^ high, LANE_2) ^ low;
    this.#a = (a << 13) | (a >>> 19);
    this.#b = (b << 17) | (b >>> 15);
  }

  /** Sixteen hexadecimal digits. */
  get text(): string {
    return [this.#a, this.#b].map((lane) => (lane >>> 0).toString(16).padStart(8, '0')).join('');
  }
}
