/**
 * Instructions as ovs-ofctl writes them after `actions=` (ovs-actions(7), "Instructions"; OpenFlow 1.3.5, section 7.2.4).
 *
 * Actions by themselves are those of apply_actions, which ovs-ofctl leaves unsaid; it may be said here. Instructions stand in
 * the order in which a switch executes them (section 5.9), one of a kind: another order in the text would promise another
 * effect, so it is a mistake.
 */
import { formatHex } from '../../hex.ts';
import type { Action } from '../action.ts';
import type { Instruction } from '../instruction.ts';
import { DROP_ALONE, formatAction, formatActions, readAction, readActions } from './action-text.ts';
import { findInstruction, INSTRUCTION_NAMES, INSTRUCTION_ORDER, type NamedInstruction } from './instruction-name.ts';
import { formatHexNumber, formatPaddedHex, readMask64, readUint, readUint64, splitMask } from './number-text.ts';
import { ANY_PACKET, type PacketState } from './packet-state.ts';
import { fail, Scanner, type Token, toToken } from './scanner.ts';

const U32_MAX = 0xffff_ffff;
const TABLE_MAX = 0xfe;
const MASK64 = 0xffff_ffff_ffff_ffffn;

export function parseInstructions(text: string, packet = ANY_PACKET): readonly Instruction[] {
  return readInstructions(toToken(text), packet);
}

class InstructionReader {
  readonly #instructions: Instruction[] = [];
  /** The actions of apply_actions without its name, until the next instruction. */
  #actions: Action[] = [];
  #packet: PacketState;
  #last: NamedInstruction | undefined;

  constructor(packet: PacketState) {
    this.#packet = packet;
  }

  readAction(name: Token, scanner: Scanner): void {
    if (this.#last !== 'applyActions' || this.#actions.length === 0) this.#enter('applyActions', name);
    const read = readAction(name, scanner, this.#packet, Object.values(INSTRUCTION_NAMES));
    this.#actions.push(...read.actions);
    this.#packet = read.packet;
  }

  readInstruction(type: NamedInstruction, name: Token, scanner: Scanner): void {
    this.#enter(type, name);
    const value = scanner.readValue();
    if (type === 'applyActions' || type === 'writeActions') {
      if (!value) fail(name.at + name.text.length, `${name.text} needs actions, ${name.text}(…)`);
      const { actions, packet } = readActions(value, this.#packet);
      if (type === 'writeActions') this.#instructions.push({ type, actions });
      else {
        if (actions.length > 0) this.#instructions.push({ type, actions });
        this.#packet = packet;
      }
    } else this.#instructions.push(toInstruction(type, name, value));
  }

  finish(): readonly Instruction[] {
    this.#flush();
    return this.#instructions;
  }

  #flush(): void {
    if (this.#actions.length > 0) this.#instructions.push({ type: 'applyActions', actions: this.#actions });
    this.#actions = [];
  }

  #enter(type: NamedInstruction, name: Token): void {
    const [rank, lastRank] = [
      INSTRUCTION_ORDER.indexOf(type),
      this.#last === undefined ? -1 : INSTRUCTION_ORDER.indexOf(this.#last),
    ];
    if (rank === lastRank) fail(name.at, `a rule has one ${INSTRUCTION_NAMES[type]}`);
    if (rank < lastRank) {
      const what = name.text === INSTRUCTION_NAMES[type] ? name.text : `the action ${name.text}`;
      fail(name.at, `${what} stands before ${INSTRUCTION_NAMES[INSTRUCTION_ORDER[lastRank]!]}, as it is executed`);
    }
    this.#flush();
    this.#last = type;
  }
}

/** Reads the instructions to the end of the text. */
export function readInstructions(source: Token, packet: PacketState): readonly Instruction[] {
  const scanner = new Scanner(source);
  const reader = new InstructionReader(packet);
  let isEmpty = true;
  while (scanner.hasMore()) {
    const name = scanner.readName();
    const type = findInstruction(name.text);
    if (name.text === 'drop') {
      if (!isEmpty || scanner.readValue() || scanner.hasMore()) fail(name.at, DROP_ALONE);
    } else if (type) reader.readInstruction(type, name, scanner);
    else reader.readAction(name, scanner);
    isEmpty = false;
  }
  return reader.finish();
}

function toInstruction(
  type: Exclude<NamedInstruction, 'applyActions' | 'writeActions'>,
  name: Token,
  value: Token | undefined,
): Instruction {
  if (type === 'clearActions') {
    if (value && value.text !== '') fail(value.at, `${name.text} stands alone, without a value`);
    return { type };
  }
  if (!value || value.text === '') fail(name.at + name.text.length, `${name.text} needs a value, ${name.text}:…`);
  switch (type) {
    case 'meter':
      return { type, meterId: readUint(value, name.text, U32_MAX) };
    case 'gotoTable':
      return { type, tableId: readUint(value, name.text, TABLE_MAX) };
    case 'writeMetadata': {
      const { value: metadata, mask } = splitMask(value);
      return {
        type,
        metadata: readUint64(metadata, name.text),
        mask: mask ? readMask64(mask, `the mask of ${name.text}`) : MASK64,
      };
    }
  }
}

/** In the order of execution, whatever the order they came in; `drop` when there is nothing to do. */
export function formatInstructions(instructions: readonly Instruction[]): string {
  const ranked = [...instructions].sort((a, b) => rankOf(a) - rankOf(b));
  const parts = ranked.map(formatInstruction).filter((part) => part !== '');
  return parts.length === 0 ? 'drop' : parts.join(',');
}

function rankOf({ type }: Instruction): number {
  const rank = INSTRUCTION_ORDER.indexOf(type as NamedInstruction);
  return rank < 0 ? INSTRUCTION_ORDER.length : rank;
}

function formatInstruction(instruction: Instruction): string {
  switch (instruction.type) {
    case 'meter':
      return `meter:${instruction.meterId}`;
    case 'applyActions':
      return instruction.actions.map(formatAction).join(',');
    case 'clearActions':
      return 'clear_actions';
    case 'writeActions':
      return `write_actions(${formatActions(instruction.actions)})`;
    case 'writeMetadata': {
      const mask = instruction.mask === MASK64 ? '' : `/${formatHexNumber(instruction.mask)}`;
      return `write_metadata:${formatHexNumber(instruction.metadata)}${mask}`;
    }
    case 'gotoTable':
      return `goto_table:${instruction.tableId}`;
    case 'experimenter':
      return `instruction(${formatPaddedHex(instruction.experimenter, 8)},${formatHex(instruction.data)})`;
    case 'unknown':
      return `instruction(${instruction.id},${formatHex(instruction.body)})`;
  }
}
