/**
 * What a guest may use of its node, and what it uses: limits are taken or refused by the feature matrix, and held by whom that names.
 *
 * Four resources, each an amount: bytes of disk, processors, bytes a second of disk traffic, bytes of memory. What goes beyond a limit is refused where the guest
 * or its node enforces it; processors are cut down to it, and a guest that asks for more memory is killed, as Linux does (OOM). Where the limit holds only
 * in part (不完全), or was forced upon a kind that has none, it is let through and counted. That is the model; no source says how much holds.
 */
import type { Capability } from '../topologies/guest-capability.ts';
import type { GuestProfile } from '../topologies/guest-profiles.ts';
import { type ForceOption, type Grant, grant } from './guest-grant.ts';
import { GuestRefusal } from './guest-refusal.ts';

export type Resource = 'disk' | 'cpu' | 'io' | 'memory';

const CAPABILITY_OF: Readonly<Record<Resource, Capability>> = {
  disk: 'diskQuota',
  cpu: 'cpuQuota',
  io: 'ioLimit',
  memory: 'memoryLimit',
};

export interface Limit extends Grant {
  readonly amount: number;
}

export class GuestLimits {
  readonly #profile: GuestProfile;
  readonly #guest: string;
  readonly #limits = new Map<Resource, Limit>();
  readonly #used = new Map<Resource, number>();
  /** Uses beyond a limit that nobody stopped. */
  readonly overruns: Record<Resource, number> = { disk: 0, cpu: 0, io: 0, memory: 0 };

  constructor(guest: string, profile: GuestProfile) {
    this.#guest = guest;
    this.#profile = profile;
  }

  limitOf(resource: Resource): Limit | undefined {
    return this.#limits.get(resource);
  }

  usedOf(resource: Resource): number {
    return this.#used.get(resource) ?? 0;
  }

  /** From now on; what is used already stays. Throws a `GuestRefusal` where the kind has no such limit. */
  set(resource: Resource, amount: number, options?: ForceOption): Limit {
    const limit = { ...grant(this.#profile, CAPABILITY_OF[resource], options), amount };
    this.#limits.set(resource, limit);
    return limit;
  }

  /** From now on it uses so much; answers how much it gets. Throws a `GuestRefusal` when it is stopped, and the use stays what it was. */
  use(resource: Resource, amount: number): number {
    const limit = this.#limits.get(resource);
    const isOver = limit !== undefined && amount > limit.amount;
    const isHeld = isOver && (limit.enforcer === 'guest' || limit.enforcer === 'node');
    if (isOver && !isHeld) this.overruns[resource]++;
    if (isHeld && resource !== 'cpu') {
      const by = limit.enforcer === 'node' ? ', which its node enforces' : '';
      const reason = `${this.#guest} may use ${limit.amount} of ${resource}${by}, and asks for ${amount}`;
      throw new GuestRefusal('over-limit', reason);
    }
    const given = isHeld ? limit.amount : amount;
    this.#used.set(resource, given);
    return given;
  }

  /** It stopped: what it used is free, what it may use stays. Its disk stays as well. */
  stop(): void {
    for (const resource of ['cpu', 'io', 'memory'] as const) this.#used.delete(resource);
  }
}
