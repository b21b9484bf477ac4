/** The one place where the laws' policies enter a lab, and where they ask whether the controller is done with them. */
import { NO_POLICIES, type Policy, type PolicySet } from '../../controller/policy/policy.ts';
import type { Lab } from '../../lab/lab.ts';

/** Until it is true, the laws are played without policies. */
export const LAB_TAKES_POLICIES: boolean = false;

export type PolicyChange =
  | { readonly type: 'put'; readonly policy: Policy }
  | { readonly type: 'remove'; readonly id: string };

/** All at once, when there are none yet. */
export function setPolicies(lab: Lab, set: PolicySet): void {
  if (set.default !== NO_POLICIES.default) throw new Error(`${lab.topology.name}: no lab takes policies yet`);
  for (const policy of set.policies) changePolicy(lab, { type: 'put', policy });
}

export function changePolicy(lab: Lab, { type }: PolicyChange): void {
  throw new Error(`${lab.topology.name}: no lab takes policies yet (${type})`);
}

/** Whether the controller says of every policy that it is done with it, well or badly. */
export function isDoneWithPolicies(_lab: Lab): boolean {
  return true;
}
