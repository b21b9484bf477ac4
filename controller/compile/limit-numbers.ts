/**
 * The meters of policies with a limit: which number, and what rate.
 *
 * The number is the policy's own, from its id, so that another policy does not change it; where two ids fall on one number, the later in order takes the next.
 */
import type { ResolvedPolicies } from '../policy/resolved-policies.ts';
import { ContentHash } from './content-hash.ts';

export interface Limit {
  readonly meterId: number;
  readonly rateKbps: number;
}

/** By policy. */
export type LimitNumbers = ReadonlyMap<string, Limit>;

/** Open vSwitch has so many meters; it takes no higher numbers. */
const METER_MAX = 60_000;

const KILO = 1000;

export function numberLimits({ policies }: ResolvedPolicies): LimitNumbers {
  const taken = new Set<number>();
  const numbers = new Map<string, Limit>();
  for (const policy of policies) {
    if (policy.type !== 'allow' || policy.limitBps === undefined) continue;
    let place = new ContentHash().addText(policy.id).toNumber() % METER_MAX;
    while (taken.has(place)) place = (place + 1) % METER_MAX;
    taken.add(place);
    numbers.set(policy.id, { meterId: 1 + place, rateKbps: Math.max(1, Math.floor(policy.limitBps / KILO)) });
  }
  return numbers;
}
