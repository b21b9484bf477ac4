/** What a topology says that its author may not have meant, or that nobody acts on yet: a line each, to standard error. */
import type { Topology } from '../topologies/model.ts';
import { formatMistake } from '../topologies/topology-error.ts';

export function printWarnings({ warnings }: Topology): void {
  for (const warning of warnings) console.error(formatMistake({ ...warning, reason: `warning: ${warning.reason}` }));
}
