/**
 * OpenFlow 1.3.5, section 7.2.4: instructions. An instruction of a type that 1.3 does not have is carried as `unknown`.
 */
import { actions } from './action.ts';
import { bytesRest, pad, u8, u32, u64, type ValueOf } from './codec.ts';
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

export const instruction = union(INSTRUCTIONS, { lengthError: LENGTH_ERROR });
export type Instruction = ValueOf<typeof instruction>;

export const instructions = list(instruction, LENGTH_ERROR);

/** An instruction's type alone, as table features list them. */
export const instructionId = union({}, { lengthError: 'TABLE_FEATURES_FAILED/BAD_LEN' });
