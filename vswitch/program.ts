/**
 * OpenFlow 1.3.5, sections 5.9 to 5.12: instructions and actions as a program of 32-bit words, which the packet path runs.
 *
 * A program is a run of operations, each a code and a fixed number of words behind it: no objects to follow, no names to compare.
 * Instructions stand in the order in which section 5.9 executes them, however the rule lists them. The codes of the actions are numbered
 * in the order in which section 5.10 runs an action set, so that a set in order of codes is a set in its specified order.
 *
 * Programs are run, never shown: a rule keeps its instructions as they were sent.
 */
import type { Action } from '../protocol/wire/openflow/action.ts';
import type { Instruction } from '../protocol/wire/openflow/instruction.ts';
import { type AnyOxm, OXM } from '../protocol/wire/openflow/oxm.ts';
import { assert } from '../protocol/wire/wire-error.ts';

export const OP = {
  end: 0,
  copyTtlIn: 1,
  popVlan: 2,
  popMpls: 3,
  popPbb: 4,
  pushMpls: 5,
  pushPbb: 6,
  pushVlan: 7,
  copyTtlOut: 8,
  decMplsTtl: 9,
  decNwTtl: 10,
  /** OXM field number, then the value in four words. */
  setField: 11,
  setMplsTtl: 12,
  setNwTtl: 13,
  setQueue: 14,
  group: 15,
  /** Port, maximal length. */
  output: 16,
  meter: 17,
  /** How many words of actions follow; so for `writeActions`. */
  applyActions: 18,
  clearActions: 19,
  writeActions: 20,
  /** Value as it was sent and mask, two words each, the more significant first. */
  writeMetadata: 21,
  gotoTable: 22,
} as const;

export const ACTION_OP_MAX = OP.output;

export type Program = Int32Array<ArrayBuffer>;

/** Of every operation but those that say otherwise. */
export const OP_WORDS = 3;
export const SET_FIELD_WORDS = 6;
export const SET_FIELD_VALUE = 2;
export const METADATA_WORDS = 5;

export function actionWords(op: number): number {
  return op === OP.setField ? SET_FIELD_WORDS : OP_WORDS;
}

/** Ends with `OP.end`. Experimenters' and unknown parts have been refused by validation. */
export function compileInstructions(instructions: readonly Instruction[]): Program {
  const words: number[] = [];
  for (const instruction of inOrder(instructions)) pushInstruction(words, instruction);
  words.push(OP.end);
  return Int32Array.from(words);
}

export function compileActions(actions: readonly Action[]): Program {
  const words: number[] = [];
  for (const action of actions) pushAction(words, action);
  return Int32Array.from(words);
}

const INSTRUCTION_ORDER: readonly Instruction['type'][] = [
  'meter',
  'applyActions',
  'clearActions',
  'writeActions',
  'writeMetadata',
  'gotoTable',
];

function inOrder(instructions: readonly Instruction[]): readonly Instruction[] {
  if (instructions.length < 2) return instructions;
  return instructions.toSorted((a, b) => INSTRUCTION_ORDER.indexOf(a.type) - INSTRUCTION_ORDER.indexOf(b.type));
}

function pushInstruction(words: number[], instruction: Instruction): void {
  switch (instruction.type) {
    case 'meter':
      words.push(OP.meter, instruction.meterId, 0);
      return;
    case 'clearActions':
      words.push(OP.clearActions, 0, 0);
      return;
    case 'applyActions':
    case 'writeActions': {
      const lengthAt = words.length + 1;
      words.push(OP[instruction.type], 0, 0);
      for (const action of instruction.actions) pushAction(words, action);
      words[lengthAt] = words.length - lengthAt - 2;
      return;
    }
    case 'writeMetadata': {
      const { metadata, mask } = instruction;
      words.push(OP.writeMetadata, high(metadata), low(metadata), high(mask), low(mask));
      return;
    }
    case 'gotoTable':
      words.push(OP.gotoTable, instruction.tableId, 0);
      return;
    default:
      assert(false, 'instructions that are compiled have been validated');
  }
}

function pushAction(words: number[], action: Action): void {
  switch (action.type) {
    case 'output':
      words.push(OP.output, action.port, action.maxLen);
      return;
    case 'group':
      words.push(OP.group, action.groupId, 0);
      return;
    case 'setQueue':
      words.push(OP.setQueue, action.queueId, 0);
      return;
    case 'pushVlan':
    case 'pushMpls':
    case 'pushPbb':
    case 'popMpls':
      words.push(OP[action.type], action.etherType, 0);
      return;
    case 'setMplsTtl':
    case 'setNwTtl':
      words.push(OP[action.type], action.ttl, 0);
      return;
    case 'setField':
      assert(action.field.type !== 'unknown', 'actions that are compiled have been validated');
      pushSetField(words, action.field);
      return;
    case 'copyTtlIn':
    case 'copyTtlOut':
    case 'popVlan':
    case 'popPbb':
    case 'decMplsTtl':
    case 'decNwTtl':
      words.push(OP[action.type], 0, 0);
      return;
    default:
      assert(false, 'actions that are compiled have been validated');
  }
}

function pushSetField(words: number[], { type, value }: AnyOxm): void {
  const wide = BigInt(value);
  words.push(OP.setField, OXM[type].id, high(wide >> 64n), low(wide >> 64n), high(wide), low(wide));
}

function high(value: bigint): number {
  return Number(BigInt.asIntN(32, value >> 32n));
}

function low(value: bigint): number {
  return Number(BigInt.asIntN(32, value));
}

/** Whether the instructions send to this port or group, in whatever list of actions. */
export function sendsTo(instructions: readonly Instruction[], type: 'output' | 'group', number: number): boolean {
  return instructions.some((instruction) => {
    if (instruction.type !== 'applyActions' && instruction.type !== 'writeActions') return false;
    return instruction.actions.some(
      (action) =>
        (type === 'output' && action.type === 'output' && action.port === number) ||
        (type === 'group' && action.type === 'group' && action.groupId === number),
    );
  });
}
