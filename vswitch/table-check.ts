/**
 * OpenFlow 1.3.5, sections 6.4 and 7.3.5.5.2: whether a rule is within what its table was configured to do.
 *
 * Every table takes a table-miss entry, whatever fields it otherwise requires (section 5.4); what that entry may do can be less or more than
 * what others may. A modification that is not strict finds rules by a match that need not be one of them, so it may leave fields out, and what
 * it changes may be the table-miss entry too.
 */
import { ACTIONS, type Action } from '../protocol/wire/openflow/action.ts';
import { FLOW_COMMAND, type FlowMod } from '../protocol/wire/openflow/flow.ts';
import { INSTRUCTIONS, type Instruction } from '../protocol/wire/openflow/instruction.ts';
import { type AnyOxm, type Oxm, type OxmName, oxmBits } from '../protocol/wire/openflow/oxm.ts';
import { refuse } from './refusal.ts';
import { ALL_BITS, type EntryAbilities, type TableAbilities } from './table-abilities.ts';

/** Of an addition or modification, which has been validated. */
export function checkFlowMod({ command, priority, match, instructions }: FlowMod, table: TableAbilities): void {
  const fields = match.flatMap(listAsked);
  for (const field of fields) checkField(field, table);
  const isLoose = command === FLOW_COMMAND.modify;
  const isMiss = fields.length === 0 && (isLoose || priority === 0);
  if (!isMiss && !isLoose) checkRequired(fields, table);
  if (!isMiss || isLoose) checkInstructions(instructions, table, table.rules);
  if (isMiss) checkInstructions(instructions, table, table.miss);
}

/** A mask of zeros is as good as no field (section 7.2.3.5). */
function listAsked(field: Oxm): readonly AnyOxm[] {
  return field.type === 'unknown' || field.mask === 0 || field.mask === 0n ? [] : [field];
}

function checkField({ type, mask }: AnyOxm, { tableId, match, metadataMatch }: TableAbilities): void {
  const isMaskable = match.get(type);
  if (isMaskable === undefined) refuse('BAD_MATCH/BAD_FIELD', `table ${tableId} does not match ${type}`);
  if (!isMaskable && mask !== undefined && !hasAllOnes(type, mask)) {
    refuse('BAD_MATCH/BAD_MASK', `table ${tableId} matches ${type} without a mask`);
  }
  if (type === 'metadata' && (BigInt(mask ?? ALL_BITS) & ~metadataMatch) !== 0n) {
    refuse('BAD_MATCH/BAD_MASK', `table ${tableId} matches metadata within 0x${metadataMatch.toString(16)}`);
  }
}

function hasAllOnes(type: OxmName, mask: number | bigint): boolean {
  const ones = (1n << BigInt(oxmBits(type))) - 1n;
  return (BigInt(mask) & ones) === ones;
}

function checkRequired(fields: readonly AnyOxm[], { tableId, match, wildcards }: TableAbilities): void {
  for (const name of match.keys()) {
    if (wildcards.has(name) || fields.some(({ type }) => type === name)) continue;
    refuse('BAD_MATCH/BAD_WILDCARDS', `every rule of table ${tableId} matches ${name}`);
  }
}

function checkInstructions(instructions: readonly Instruction[], table: TableAbilities, may: EntryAbilities): void {
  const { tableId, metadataWrite } = table;
  for (const instruction of instructions) {
    if (instruction.type === 'unknown' || !may.instructions.has(INSTRUCTIONS[instruction.type].id)) {
      refuse('BAD_INSTRUCTION/UNSUP_INST', `table ${tableId} has no ${instruction.type}`);
    }
    switch (instruction.type) {
      case 'gotoTable':
        if (may.nextTables.has(instruction.tableId)) break;
        refuse('BAD_INSTRUCTION/BAD_TABLE_ID', `from table ${tableId} there is no way to ${instruction.tableId}`);
        break;
      case 'writeMetadata':
        if ((instruction.mask & ~metadataWrite) === 0n) break;
        refuse('BAD_INSTRUCTION/UNSUP_METADATA_MASK', `table ${tableId} writes within 0x${metadataWrite.toString(16)}`);
        break;
      case 'writeActions':
        checkActions(instruction.actions, may.writeActions, may.writeFields, tableId);
        break;
      case 'applyActions':
        checkActions(instruction.actions, may.applyActions, may.applyFields, tableId);
        break;
      default:
    }
  }
}

function checkActions(
  actions: readonly Action[],
  may: ReadonlySet<number>,
  fields: ReadonlySet<OxmName>,
  tableId: number,
): void {
  for (const action of actions) {
    if (action.type === 'unknown' || !may.has(ACTIONS[action.type].id)) {
      refuse('BAD_ACTION/BAD_TYPE', `table ${tableId} has no ${action.type}`);
    }
    if (action.type === 'setField' && (action.field.type === 'unknown' || !fields.has(action.field.type))) {
      refuse('BAD_ACTION/BAD_SET_TYPE', `table ${tableId} does not set ${action.field.type}`);
    }
  }
}
