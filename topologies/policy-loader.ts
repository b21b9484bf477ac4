/** Policies by the path of their file. */
import { loadBytes } from './file-bytes.ts';
import { decodePolicies, POLICY_LIMIT, type PolicyFile } from './policy-file.ts';

/** Throws a `TopologyError`, also for a file that cannot be read. */
export function loadPolicies(path: string): PolicyFile {
  const bytes = loadBytes(path, POLICY_LIMIT.bytesMax, 'policies, such as topologies/policies/edge-gateway.yaml');
  return decodePolicies(bytes, path);
}
