/**
 * OpenFlow 1.3.5, section 7.2.4: instructions. An instruction of a type that 1.3 does not have is carried as `unknown`.
 */
import { actions } from './action.ts';
import { bytesRest, type Codec, pad, u8, u32, u64, type ValueOf } from './codec.ts';
import { list, struct, union } from './struct.ts';

const LENGTH_ERROR = 'BAD_INSTRUCTION/BAD_LEN';

export const INSTRUCTIONS = {
  gotoTable: { id: 1, body: struct({ tableId: u8, _pad: pad(3) }, LENGTH_ERROR) },
  writeMetadata: { id: 2, body: struct({ _pad: pad(4), metadata: u64, mask: u64 }, LENGTH_ERROR) },
  writeActions: { id: 3, body: struct({ _pad: pad(4), actions }, LENGTH_ERROR) },
  applyActions: { id: 4, body: struct({ _pad: pad(4), actions }, LENGTH_ERROR) },
  clearActions: { id: 5, body: struct({ _pad: pad(4) }, LENGTH_ERROR) },
  meter: { id: 6, body: struct({ meterId: u32 }, LENGTH_ERROR) },
  experimenter: { id: 0xffff, body: struct({ experimenter: u32, data: bytesRest }, LENGTH_ERROR) },
} as const;

/** The definition; `instruction` reads and writes the same bytes. */
export const instructionTable = union(INSTRUCTIONS, { lengthError: LENGTH_ERROR });
export type Instruction = ValueOf<typeof instructionTable>;

const APPLY_ACTIONS = INSTRUCTIONS.applyActions.id;
const ACTIONS_AT = 8;

/** The table, with `applyActions` by hand: nearly every rule has one. */
export const instruction: Codec<Instruction> = {
  ...instructionTable,
  decode(view, at, end) {
    if (view.getUint16(at) !== APPLY_ACTIONS || at + view.getUint16(at + 2) !== end || end - at < ACTIONS_AT) {
      return instructionTable.decode(view, at, end);
    }
    return { type: 'applyActions', actions: actions.decode(view, at + ACTIONS_AT, end) };
  },
  encode(value, view, at) {
    if (value.type !== 'applyActions') return instructionTable.encode(value, view, at);
    const end = actions.encode(value.actions, view, at + ACTIONS_AT);
    view.setUint16(at, APPLY_ACTIONS);
    view.setUint16(at + 2, end - at);
    view.setUint32(at + 4, 0);
    return end;
  },
};

export const instructions = list(instruction, LENGTH_ERROR);

/** An instruction's type alone, as table features list them. */
export const instructionId = union({}, { lengthError: 'TABLE_FEATURES_FAILED/BAD_LEN' });
