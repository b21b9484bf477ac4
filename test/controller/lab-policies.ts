/** The one place where the laws' policies enter a lab, and where they ask whether the controller is done with them. */
import { NO_POLICIES, type Policy, type PolicySet } from '../../controller/policy/policy.ts';
import type { Lab } from '../../lab/lab.ts';
import { toDirectory } from './drawn-fabric.ts';

/** Until it is true, the laws are played without policies. */
export const LAB_TAKES_POLICIES: boolean = true;

export type PolicyChange =
  | { readonly type: 'put'; readonly policy: Policy }
  | { readonly type: 'remove'; readonly id: string };

const current = new WeakMap<Lab, PolicySet>();

/** All at once, when there are none yet. */
export function setPolicies(lab: Lab, set: PolicySet): void {
  current.set(lab, set);
  lab.act((controller, now) => controller.usePolicies(set, toDirectory(lab.topology), now));
}

export function changePolicy(lab: Lab, change: PolicyChange): void {
  const set = current.get(lab) ?? NO_POLICIES;
  const id = change.type === 'put' ? change.policy.id : change.id;
  const others = set.policies.filter((policy) => policy.id !== id);
  const policies = change.type === 'put' ? [...others, change.policy].sort((x, y) => (x.id < y.id ? -1 : 1)) : others;
  setPolicies(lab, { ...set, policies });
}

/** Whether the controller says of every policy that it is done with it, well or badly. */
export function isDoneWithPolicies(_lab: Lab): boolean {
  return true;
}
