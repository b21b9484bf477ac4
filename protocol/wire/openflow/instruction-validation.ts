/**
 * OpenFlow 1.3.5, sections 5.9 and 7.2.4: whether the instructions of a rule make sense together and in its table.
 *
 * At most one of each type may be there, in any order: they run in the order of section 5.9. Version 1.4 has DUP_INST for a
 * second one and 1.3 nothing (Open vSwitch sends an extension's error, which has no number of 1.3's own), so it is
 * UNSUP_INST here: a known instruction that is not supported where it stands.
 * Metadata may have bits that its mask leaves out, as in Open vSwitch: the specification's formula drops them.
 */
import { findActionsFault } from './action-validation.ts';
import { type Fault, fault, type ValidationOptions, within } from './fault.ts';
import type { FieldKnowledge } from './field-knowledge.ts';
import type { Instruction } from './instruction.ts';
import { METER } from './meter.ts';
import { TABLE } from './table.ts';

/** `known` is what the match of the rule says. */
export function findInstructionsFault(
  instructions: readonly Instruction[],
  tableId: number,
  known: FieldKnowledge,
  options: ValidationOptions,
): Fault | undefined {
  for (let i = 0; i < instructions.length; i++) {
    const instruction = instructions[i]!;
    const found = findInstructionFault(instruction, tableId, options);
    if (found) return within(found, i);
    // Of experimenters' instructions there may be many: the rule is about the types that the specification has.
    if (instruction.type === 'experimenter') continue;
    for (let k = 0; k < i; k++) {
      if (instructions[k]!.type === instruction.type) {
        return fault('BAD_INSTRUCTION/UNSUP_INST', [i], `${instruction.type} for the second time`);
      }
    }
  }
  // What an apply does to the packet, a write behind it may count on, whichever stands first.
  return (
    findActionListFault(instructions, 'applyActions', known, options) ??
    findActionListFault(instructions, 'writeActions', known, options)
  );
}

function findActionListFault(
  instructions: readonly Instruction[],
  type: 'applyActions' | 'writeActions',
  known: FieldKnowledge,
  options: ValidationOptions,
): Fault | undefined {
  for (let i = 0; i < instructions.length; i++) {
    const instruction = instructions[i]!;
    if (instruction.type !== type) continue;
    const found = findActionsFault(instruction.actions, type === 'applyActions' ? 'list' : 'set', known, options);
    if (found) return within(found, i, 'actions');
  }
  return undefined;
}

function findInstructionFault(
  instruction: Instruction,
  tableId: number,
  options: ValidationOptions,
): Fault | undefined {
  switch (instruction.type) {
    case 'unknown':
      return fault('BAD_INSTRUCTION/UNKNOWN_INST', [], `instruction type ${instruction.id}`);
    case 'experimenter':
      if (options.experimenters?.has(instruction.experimenter)) return undefined;
      return fault('BAD_INSTRUCTION/BAD_EXPERIMENTER', ['experimenter'], `experimenter ${instruction.experimenter}`);
    case 'gotoTable': {
      const { tableId: next } = instruction;
      // A rule for all tables, which only a deletion names, has no table of its own to go on from.
      if (next !== TABLE.all && (tableId === TABLE.all || next > tableId)) return undefined;
      return fault('BAD_INSTRUCTION/BAD_TABLE_ID', ['tableId'], `from table ${tableId} there is no way to ${next}`);
    }
    case 'meter':
      // The virtual meters of section 7.3.4.4 are for the switch itself, not for rules.
      if (instruction.meterId >= 1 && instruction.meterId <= METER.max) return undefined;
      return fault('METER_MOD_FAILED/INVALID_METER', ['meterId'], `no rule has meter ${instruction.meterId}`);
    default:
      return undefined;
  }
}
