/** Which news of the network may change a table: most does, and what does not is not worth a computation for all switches. */
import type { NetworkEvent } from '../network/network.ts';
import type { PolicySet } from '../policy/policy.ts';

export function concernsTables({ type }: NetworkEvent, { policies }: PolicySet): boolean {
  // Rules know hosts by their MACs; whose an address is, the controller answers itself.
  if (type === 'host-addressed') return false;
  if (type !== 'link-measured') return true;
  return policies.some((policy) => policy.type === 'allow' && policy.latencyNsMax !== undefined);
}
