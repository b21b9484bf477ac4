/**
 * What a table or a group can do, in the words and the order of ofp-print (OpenFlow 1.3.5, sections 7.3.5.5.2 and 7.3.5.9).
 *
 * ovs-ofctl's words, its `strip_vlan` for pop_vlan among them; what Open vSwitch itself cannot do comes after what it can.
 */
import { ACTIONS } from '../action.ts';
import { INSTRUCTIONS } from '../instruction.ts';
import { INSTRUCTION_NAMES, INSTRUCTION_ORDER } from './instruction-name.ts';

const ACTION_WORDS = new Map<number, string>([
  [ACTIONS.output.id, 'output'],
  [ACTIONS.group.id, 'group'],
  [ACTIONS.setField.id, 'set_field'],
  [ACTIONS.popVlan.id, 'strip_vlan'],
  [ACTIONS.pushVlan.id, 'push_vlan'],
  [ACTIONS.setNwTtl.id, 'mod_nw_ttl'],
  [ACTIONS.decNwTtl.id, 'dec_ttl'],
  [ACTIONS.setMplsTtl.id, 'set_mpls_ttl'],
  [ACTIONS.decMplsTtl.id, 'dec_mpls_ttl'],
  [ACTIONS.pushMpls.id, 'push_mpls'],
  [ACTIONS.popMpls.id, 'pop_mpls'],
  [ACTIONS.setQueue.id, 'set_queue'],
  [ACTIONS.copyTtlOut.id, 'copy_ttl_out'],
  [ACTIONS.copyTtlIn.id, 'copy_ttl_in'],
  [ACTIONS.pushPbb.id, 'push_pbb'],
  [ACTIONS.popPbb.id, 'pop_pbb'],
  [ACTIONS.experimenter.id, 'experimenter'],
]);

const INSTRUCTION_WORDS = new Map<number, string>([
  ...INSTRUCTION_ORDER.map((type) => [INSTRUCTIONS[type].id, INSTRUCTION_NAMES[type]] as const),
  [INSTRUCTIONS.experimenter.id, 'experimenter'],
]);

function formatIds(ids: readonly number[], words: ReadonlyMap<number, string>): string {
  const given = new Set(ids);
  const known = [...words].filter(([id]) => given.has(id)).map(([, word]) => word);
  const unknown = [...given].filter((id) => !words.has(id)).sort((a, b) => a - b);
  return [...known, ...unknown].join(' ');
}

export function formatActionIds(ids: readonly number[]): string {
  return formatIds(ids, ACTION_WORDS);
}

export function formatInstructionIds(ids: readonly number[]): string {
  return formatIds(ids, INSTRUCTION_WORDS);
}

/** Actions as bits `1 << type`, as group features have them. */
export function formatActionBits(bits: number): string {
  const ids: number[] = [];
  for (let id = 0; id < 32; id++) if ((bits & (1 << id)) !== 0) ids.push(id);
  return formatActionIds(ids);
}
