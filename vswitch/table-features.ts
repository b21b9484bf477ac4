/**
 * OpenFlow 1.3.5, section 7.3.5.5: what a flow table can do: every table of this switch all that 1.3 has.
 *
 * Properties of the table-miss entry are left out where they are as those of any other, as the specification says.
 */
import { ACTIONS } from '../protocol/wire/openflow/action.ts';
import { INSTRUCTIONS } from '../protocol/wire/openflow/instruction.ts';
import { OXM, type OxmId, type OxmName, toOxmId } from '../protocol/wire/openflow/oxm.ts';
import type { UnknownTlv } from '../protocol/wire/openflow/struct.ts';
import type { TableFeatures } from '../protocol/wire/openflow/table.ts';
import type { FlowTable } from './flow-table.ts';

const NO_BYTES = new Uint8Array(0);
const ALL_BITS = 0xffff_ffff_ffff_ffffn;

const NAMES = Object.keys(OXM) as OxmName[];
const NOT_SETTABLE: ReadonlySet<OxmName> = new Set(['inPort', 'inPhyPort', 'metadata', 'ipv6Exthdr']);
const NOT_SUPPORTED: readonly number[] = [ACTIONS.experimenter.id, ACTIONS.setQueue.id, INSTRUCTIONS.experimenter.id];

function toIds(
  variants: Readonly<Record<string, { readonly id: number }>>,
  left: readonly number[] = [],
): UnknownTlv[] {
  return Object.values(variants)
    .filter(({ id }) => !NOT_SUPPORTED.includes(id) && !left.includes(id))
    .map(({ id }) => ({ type: 'unknown', id, body: NO_BYTES }));
}

/** With the mask bit where arbitrary masks are taken. */
const MATCHED: readonly OxmId[] = NAMES.map((name) => toOxmId(name, OXM[name].maskable));
const WILDCARDS: readonly OxmId[] = NAMES.map((name) => toOxmId(name));
const SETTABLE: readonly OxmId[] = NAMES.filter((name) => !NOT_SETTABLE.has(name)).map((name) => toOxmId(name));

const INSTRUCTION_IDS = toIds(INSTRUCTIONS);
/** From the last table there is nowhere to go. */
const LAST_INSTRUCTION_IDS = toIds(INSTRUCTIONS, [INSTRUCTIONS.gotoTable.id]);
const ACTION_IDS = toIds(ACTIONS);

export function describeTable(table: FlowTable, tableCount: number): TableFeatures {
  const { tableId } = table;
  const later = Array.from({ length: tableCount - tableId - 1 }, (_, i) => tableId + 1 + i);
  return {
    tableId,
    name: `table ${tableId}`,
    metadataMatch: ALL_BITS,
    metadataWrite: ALL_BITS,
    config: 0,
    maxEntries: table.entriesMax,
    properties: [
      { type: 'instructions', instructions: later.length > 0 ? INSTRUCTION_IDS : LAST_INSTRUCTION_IDS },
      { type: 'nextTables', tables: later },
      { type: 'writeActions', actions: ACTION_IDS },
      { type: 'applyActions', actions: ACTION_IDS },
      { type: 'match', fields: MATCHED },
      { type: 'wildcards', fields: WILDCARDS },
      { type: 'writeSetfield', fields: SETTABLE },
      { type: 'applySetfield', fields: SETTABLE },
    ],
  };
}
