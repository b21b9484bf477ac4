/** A rule as an explanation names it: where it stands, and what it says in the words of ovs-ofctl. */
import { formatInstructions } from '../wire/openflow/text/instruction-text.ts';
import { formatMatch } from '../wire/openflow/text/match-text.ts';
import type { RuleReference } from './explanation.ts';
import type { FlowEntry } from './flow-entry.ts';

export function toRuleReference(entry: FlowEntry, index: number): RuleReference {
  return {
    tableId: entry.tableId,
    index,
    priority: entry.priority,
    cookie: String(entry.cookie),
    match: formatMatch(entry.match),
    actions: formatInstructions(entry.instructions),
  };
}
