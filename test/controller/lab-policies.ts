/** The one place where the laws' policies enter a lab, and where they ask whether the controller is done with them. */
import type { PolicyVerdict } from '../../controller/policy/policies.ts';
import type { Policy, PolicySet } from '../../controller/policy/policy.ts';
import type { PolicyStateName } from '../../controller/policy/policy-states.ts';
import type { Lab } from '../../lab/lab.ts';

/** Until it is true, the laws are played without policies. */
export const LAB_TAKES_POLICIES: boolean = true;

export type PolicyChange =
  | { readonly type: 'put'; readonly policy: Policy }
  | { readonly type: 'remove'; readonly id: string };

/** All at once, when there are none yet. */
export function setPolicies(lab: Lab, set: PolicySet): void {
  lab.act(({ policies }) => policies.setDefault(set.default, expectStored));
  for (const policy of set.policies) changePolicy(lab, { type: 'put', policy });
}

export function changePolicy(lab: Lab, change: PolicyChange): void {
  lab.act(({ policies }) => {
    if (change.type === 'put') policies.put(change.policy, expectStored);
    else policies.remove(change.id, expectStored);
  });
}

function expectStored(verdict: PolicyVerdict): void {
  if (verdict.type !== 'stored') throw new Error(`a policy was not taken: ${JSON.stringify(verdict)}`);
}

/** Whether the controller says of every policy that it is done with it, well or badly. */
export function isDoneWithPolicies({ controller }: Lab): boolean {
  return controller.policies.list().every(({ state }) => state !== 'compiling');
}

/** By id. */
export function listStates({ controller }: Lab): ReadonlyMap<string, PolicyStateName> {
  return new Map(controller.policies.list().map(({ policy, state }) => [policy.id, state]));
}
