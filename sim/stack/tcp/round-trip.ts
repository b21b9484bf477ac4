/**
 * How long a round trip takes, and so how long to wait for an acknowledgement: RFC 6298, with the minimum of the model.
 */
import type { Nanos } from '../../clock.ts';
import type { TcpModel } from './tcp-model.ts';

/** RFC 6298, section 2.3. */
const SMOOTHING = 1 / 8;
const VARIANCE_SMOOTHING = 1 / 4;
const VARIANCE_FACTOR = 4;
/** More doublings than any maximum allows. */
const BACKOFF_MAX = 16;

export class RoundTrip {
  /** Undefined before the first sample. */
  smoothedNs: Nanos | undefined;
  #varianceNs: Nanos = 0;
  #backoff = 0;
  readonly #model: TcpModel;

  constructor(model: TcpModel) {
    this.#model = model;
  }

  sample(ns: Nanos): void {
    if (this.smoothedNs === undefined) {
      this.smoothedNs = ns;
      this.#varianceNs = ns / 2;
    } else {
      const error = Math.abs(this.smoothedNs - ns);
      this.#varianceNs += (error - this.#varianceNs) * VARIANCE_SMOOTHING;
      this.smoothedNs += (ns - this.smoothedNs) * SMOOTHING;
    }
    this.#backoff = 0;
  }

  /** Karn: it stays until a segment that was sent once is acknowledged. */
  backOff(): void {
    this.#backoff = Math.min(this.#backoff + 1, BACKOFF_MAX);
  }

  get isBackedOff(): boolean {
    return this.#backoff > 0;
  }

  get timeoutNs(): Nanos {
    const { timeoutInitialNs, timeoutMarginMinNs, timeoutMaxNs } = this.#model;
    const base =
      this.smoothedNs === undefined
        ? timeoutInitialNs
        : this.smoothedNs + Math.max(timeoutMarginMinNs, VARIANCE_FACTOR * this.#varianceNs);
    const ns = this.#backoff === 0 ? base : base * 2 ** this.#backoff;
    return Math.round(Math.min(timeoutMaxNs, ns));
  }
}
