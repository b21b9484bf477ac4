/** `--policies FILE`: read and checked before anything is opened; names that mean nobody are told, and may mean somebody later. */
import type { Directory } from '../controller/policy/directory.ts';
import type { PolicySet } from '../controller/policy/policy.ts';
import { toPolicySet } from '../controller/policy/policy-entry.ts';
import { resolvePolicies } from '../controller/policy/resolved-policies.ts';
import { loadPolicies } from '../topologies/policy-loader.ts';
import { printWarnings } from './warnings.ts';

/** Without names there is nothing to hold against the file. Throws a `TopologyError`. */
export function readPolicies(path: string, names: Directory | undefined): PolicySet {
  const file = loadPolicies(path);
  printWarnings(file);
  const set = toPolicySet(file.document);
  if (!names) return set;
  for (const { id, problems } of resolvePolicies(set, names, []).policies) {
    for (const problem of problems) console.error(`${path}: warning: policy ${id}: ${problem}`);
  }
  return set;
}
