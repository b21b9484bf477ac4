/**
 * A controller that starts anew knows little at first, and switches have all they need: so it touches nothing until those that it remembers are back and what
 * is behind their ports is known, or until it has waited long enough.
 */
import type { Nanos } from '../../protocol/wire/openflow/session.ts';
import type { Network } from './network.ts';

/** Open vSwitch dials again after eight seconds at the latest, unless it is told otherwise; a switch that takes longer is away for another reason. */
export const RESTART_GRACE: Nanos = 10_000_000_000;

export class RestartGrace {
  readonly #network: Network;
  readonly #missing: Set<string>;
  #endsAt: Nanos | undefined;

  constructor(network: Network, dpids: Iterable<string>, now: Nanos, grace: Nanos) {
    this.#network = network;
    this.#missing = new Set(dpids);
    this.#endsAt = this.#missing.size > 0 && grace > 0 ? now + grace : undefined;
  }

  /** Undefined when it is over. */
  get endsAt(): Nanos | undefined {
    return this.#endsAt;
  }

  /** Once over, it is over for good. */
  isOn(now: Nanos): boolean {
    if (this.#endsAt === undefined) return false;
    for (const dpid of this.#missing) if (this.#network.hasSwitch(dpid)) this.#missing.delete(dpid);
    const isKnown = this.#missing.size === 0 && this.#network.nextSettleAt() === undefined;
    if (isKnown || now >= this.#endsAt) this.#endsAt = undefined;
    return this.#endsAt !== undefined;
  }
}
