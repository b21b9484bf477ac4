/**
 * When tables are to be computed anew.
 *
 * They are computed for the whole network at once, which takes time in the order of its switches and hosts: in a large one so much for each is left between two computations
 * when changes come in a herd. A change that stands alone is followed at once. What is lost waits as short as the rest of the work allows. Hosts count, since
 * whoever is behind a port can invent a thousand, one after the other.
 */
import type { Nanos } from '../../protocol/wire/openflow/session.ts';

/** Of what there is to compute for. */
export interface NetworkSize {
  readonly switches: number;
  readonly hosts: number;
}

const GAP_PER_SWITCH: Nanos = 200_000;
const LOSS_GAP_PER_SWITCH: Nanos = 10_000;

/** So many hosts are as much work as a switch. */
const HOSTS_PER_SWITCH = 4;

/** In a network of fewer switches a computation takes less than the messages that cause it. */
const SWITCHES_OF_LARGE = 64;

export class CompilePace {
  #dueAt: Nanos | undefined;
  #computedAt: Nanos = Number.NEGATIVE_INFINITY;

  /** Undefined when nothing has changed. */
  get dueAt(): Nanos | undefined {
    return this.#dueAt;
  }

  changed(isLoss: boolean, { switches, hosts }: NetworkSize, now: Nanos): void {
    const gapPerSwitch = isLoss ? LOSS_GAP_PER_SWITCH : GAP_PER_SWITCH;
    const size = switches + hosts / HOSTS_PER_SWITCH;
    const gap = size < SWITCHES_OF_LARGE ? 0 : size * gapPerSwitch;
    const dueAt = Math.max(now, this.#computedAt + gap);
    this.#dueAt = Math.min(dueAt, this.#dueAt ?? dueAt);
  }

  /** Nothing has changed, but what could not be computed better before can be then. */
  putOff(dueAt: Nanos): void {
    this.#dueAt = Math.min(dueAt, this.#dueAt ?? dueAt);
  }

  /** True when it is time; whoever asks computes. */
  take(now: Nanos): boolean {
    if (this.#dueAt === undefined || this.#dueAt > now) return false;
    this.#dueAt = undefined;
    this.#computedAt = now;
    return true;
  }
}
