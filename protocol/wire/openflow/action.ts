/**
 * OpenFlow 1.3.5, section 7.2.5: actions. A table of variants; an action of a type that 1.3 does not have is carried as `unknown`.
 */
import { bytesRest, type Codec, pad, u8, u16, u32, type ValueOf } from './codec.ts';
import { setFieldOxm } from './oxm.ts';
import { list, padTlvTo8, struct, union } from './struct.ts';

const LENGTH_ERROR = { lengthError: 'BAD_ACTION/BAD_LEN' } as const;

const nothing = struct({ _pad: pad(4) }, LENGTH_ERROR.lengthError);
const etherType = struct({ etherType: u16, _pad: pad(2) }, LENGTH_ERROR.lengthError);
const ttl = struct({ ttl: u8, _pad: pad(3) }, LENGTH_ERROR.lengthError);

export const ACTIONS = {
  output: { id: 0, body: struct({ port: u32, maxLen: u16, _pad: pad(6) }, LENGTH_ERROR.lengthError) },
  copyTtlOut: { id: 11, body: nothing },
  copyTtlIn: { id: 12, body: nothing },
  setMplsTtl: { id: 15, body: ttl },
  decMplsTtl: { id: 16, body: nothing },
  pushVlan: { id: 17, body: etherType },
  popVlan: { id: 18, body: nothing },
  pushMpls: { id: 19, body: etherType },
  popMpls: { id: 20, body: etherType },
  setQueue: { id: 21, body: struct({ queueId: u32 }, LENGTH_ERROR.lengthError) },
  group: { id: 22, body: struct({ groupId: u32 }, LENGTH_ERROR.lengthError) },
  setNwTtl: { id: 23, body: ttl },
  decNwTtl: { id: 24, body: nothing },
  setField: { id: 25, body: struct({ field: setFieldOxm, _pad: padTlvTo8 }, LENGTH_ERROR.lengthError) },
  pushPbb: { id: 26, body: etherType },
  popPbb: { id: 27, body: nothing },
  experimenter: { id: 0xffff, body: struct({ experimenter: u32, data: bytesRest }, LENGTH_ERROR.lengthError) },
} as const;

/** The definition; `action` reads and writes the same bytes. */
export const actionTable = union(ACTIONS, LENGTH_ERROR);
export type Action = ValueOf<typeof actionTable>;

const OUTPUT_BYTES = 16;

/** The table, with `output` by hand: nearly every rule and packet_out has one. */
export const action: Codec<Action> = {
  ...actionTable,
  decode(view, at, end) {
    if (view.getUint32(at) !== OUTPUT_BYTES) return actionTable.decode(view, at, end);
    return { type: 'output', port: view.getUint32(at + 4), maxLen: view.getUint16(at + 8) };
  },
  encode(value, view, at) {
    if (value.type !== 'output') return actionTable.encode(value, view, at);
    // Type 0 and length 16 in one; the padding and maxLen's lower neighbours likewise.
    view.setUint32(at, OUTPUT_BYTES);
    view.setUint32(at + 4, value.port);
    view.setUint32(at + 8, value.maxLen << 16);
    view.setUint32(at + 12, 0);
    return at + OUTPUT_BYTES;
  },
};

export const actions = list(action, LENGTH_ERROR.lengthError);

/** `maxLen` of an output to the controller that asks for the whole packet, unbuffered (OFPCML_NO_BUFFER). */
export const CONTROLLER_MAX_LEN_NO_BUFFER = 0xffff;

/** An action's type alone, as table features list them; the body is an experimenter's id and data. */
export const actionId = union({}, { lengthError: 'TABLE_FEATURES_FAILED/BAD_LEN' });
