/**
 * The words for instructions (ovs-actions(7), "Instructions"), in the order of their execution (OpenFlow 1.3.5, section 5.9).
 *
 * Apart from their reader, because who reads actions knows them too: to say that an instruction is not an action.
 */
export const INSTRUCTION_NAMES = {
  meter: 'meter',
  applyActions: 'apply_actions',
  clearActions: 'clear_actions',
  writeActions: 'write_actions',
  writeMetadata: 'write_metadata',
  gotoTable: 'goto_table',
} as const;

export type NamedInstruction = keyof typeof INSTRUCTION_NAMES;

export const INSTRUCTION_ORDER = Object.keys(INSTRUCTION_NAMES) as readonly NamedInstruction[];

const BY_NAME = new Map(INSTRUCTION_ORDER.map((type) => [INSTRUCTION_NAMES[type] as string, type]));

export function findInstruction(name: string): NamedInstruction | undefined {
  return BY_NAME.get(name);
}
