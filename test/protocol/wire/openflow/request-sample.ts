/** Requests with everything in them but what a test is about: each says what is special in it. */
import type { Action } from '../../../../protocol/wire/openflow/action.ts';
import type { Bucket } from '../../../../protocol/wire/openflow/group.ts';
import type { Instruction } from '../../../../protocol/wire/openflow/instruction.ts';
import type { Match } from '../../../../protocol/wire/openflow/match.ts';
import type { Message, MessageOf } from '../../../../protocol/wire/openflow/message.ts';
import type { MeterBand } from '../../../../protocol/wire/openflow/meter.ts';
import type { MultipartRequestBody } from '../../../../protocol/wire/openflow/multipart.ts';
import type { Oxm, OxmName } from '../../../../protocol/wire/openflow/oxm.ts';
import type { TableFeatureProperty } from '../../../../protocol/wire/openflow/table.ts';

const ANY = 0xffffffff;

export const NO_DATA = new Uint8Array(0);

export function flowMod(parts: Partial<MessageOf<'flowMod'>>): Message {
  return {
    type: 'flowMod',
    xid: 1,
    cookie: 0n,
    cookieMask: 0n,
    tableId: 0,
    command: 0,
    idleTimeout: 0,
    hardTimeout: 0,
    priority: 1,
    bufferId: ANY,
    outPort: ANY,
    outGroup: ANY,
    flags: 0,
    match: [],
    instructions: [],
    ...parts,
  };
}

export function oxm(type: OxmName, value: number | bigint, mask?: number | bigint): Oxm {
  return { type, value, mask } as Oxm;
}

export function unknownOxm(header: number): Oxm {
  return { type: 'unknown', header, body: new Uint8Array(header & 0xff) };
}

export function matching(...match: Match): Message {
  return flowMod({ match });
}

export function instructing(...instructions: readonly Instruction[]): Message {
  return flowMod({ instructions });
}

export function applying(match: Match, ...actions: readonly Action[]): Message {
  return flowMod({ match, instructions: [{ type: 'applyActions', actions }] });
}

export function writing(match: Match, ...actions: readonly Action[]): Message {
  return flowMod({ match, instructions: [{ type: 'writeActions', actions }] });
}

export function set(type: OxmName, value: number | bigint, mask?: number | bigint): Action {
  return { type: 'setField', field: oxm(type, value, mask) };
}

export function output(port: number): Action {
  return { type: 'output', port, maxLen: 0 };
}

export function packetOut(parts: Partial<MessageOf<'packetOut'>>): Message {
  return { type: 'packetOut', xid: 1, bufferId: ANY, inPort: 1, actions: [], data: new Uint8Array(60), ...parts };
}

export function groupMod(parts: Partial<MessageOf<'groupMod'>>): Message {
  return { type: 'groupMod', xid: 1, command: 0, groupType: 0, groupId: 1, buckets: [], ...parts };
}

export function bucket(parts: Partial<Bucket>): Bucket {
  return { weight: 0, watchPort: ANY, watchGroup: ANY, actions: [], ...parts };
}

export function meterMod(parts: Partial<MessageOf<'meterMod'>>): Message {
  return { type: 'meterMod', xid: 1, command: 0, flags: 1, meterId: 1, bands: [], ...parts };
}

export function drop(rate: number): MeterBand {
  return { type: 'drop', rate, burstSize: 0 };
}

export function portMod(parts: Partial<MessageOf<'portMod'>>): Message {
  return { type: 'portMod', xid: 1, portNo: 1, hwAddr: 1, config: 0, mask: 0, advertise: 0, ...parts };
}

export function asking(body: MultipartRequestBody): Message {
  return { type: 'multipartRequest', xid: 1, flags: 0, body };
}

export function flowsMatching(...match: Match): Message {
  return asking({ type: 'flow', tableId: 0xff, outPort: ANY, outGroup: ANY, cookie: 0n, cookieMask: 0n, match });
}

export function table(tableId: number, ...properties: readonly TableFeatureProperty[]) {
  return { tableId, name: 't', metadataMatch: 0n, metadataWrite: 0n, config: 0, maxEntries: 1, properties };
}
