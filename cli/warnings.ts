/** What a file says that its author may not have meant, or that nobody acts on yet: a line each, to standard error. */
import { formatMistake, type Mistake } from '../topologies/topology-error.ts';

export function printWarnings({ warnings }: { readonly warnings: readonly Mistake[] }): void {
  for (const warning of warnings) console.error(formatMistake({ ...warning, reason: `warning: ${warning.reason}` }));
}
