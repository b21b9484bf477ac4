/**
 * What speaks against a request, in a switch of this state: all OpenFlow errors that would be right, as no section says which of
 * several mistakes is told first. What a message says wrong by itself is judged by the wire's own `validate`.
 */
import type { Action } from '../../protocol/wire/openflow/action.ts';
import type { ErrorName } from '../../protocol/wire/openflow/error.ts';
import { toErrorName } from '../../protocol/wire/openflow/error.ts';
import { FLOW_COMMAND, FLOW_FLAG, type FlowMod } from '../../protocol/wire/openflow/flow.ts';
import { type Bucket, GROUP, GROUP_COMMAND } from '../../protocol/wire/openflow/group.ts';
import type { Message, MessageOf } from '../../protocol/wire/openflow/message.ts';
import { METER, METER_COMMAND } from '../../protocol/wire/openflow/meter.ts';
import { BUFFER_NONE, type PacketOut } from '../../protocol/wire/openflow/packet.ts';
import { PORT } from '../../protocol/wire/openflow/port.ts';
import { CONFIG_FRAG } from '../../protocol/wire/openflow/switch.ts';
import { TABLE } from '../../protocol/wire/openflow/table.ts';
import { validate } from '../../protocol/wire/openflow/validate.ts';
import { WireError } from '../../protocol/wire/wire-error.ts';
import { isOverlapping } from './model-rules.ts';
import type { ModelState } from './model-state.ts';

/** What is older nobody comes for, says `vswitch/packet-buffers.ts`. */
export const BUFFER_KEPT_NS = 5_000_000_000;

/** `vswitch/meters.ts`. */
const BANDS_MAX = 8;

export function findFaults(state: ModelState, message: Message): readonly ErrorName[] {
  try {
    validate(message);
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    return [toErrorName(error)];
  }
  switch (message.type) {
    case 'flowMod':
      return flowModFaults(state, message);
    case 'groupMod':
      return groupModFaults(state, message);
    case 'meterMod':
      return meterModFaults(state, message);
    case 'packetOut':
      return packetOutFaults(state, message);
    case 'portMod':
      return portModFaults(state, message);
    case 'setConfig':
      return message.flags === CONFIG_FRAG.mask ? ['SWITCH_CONFIG_FAILED/BAD_FLAGS'] : [];
    default:
      return [];
  }
}

function flowModFaults(state: ModelState, mod: FlowMod): ErrorName[] {
  const faults: ErrorName[] = [];
  const { tableId, command, flags, instructions, bufferId } = mod;
  if (tableId >= state.tableCount && tableId !== TABLE.all) faults.push('FLOW_MOD_FAILED/BAD_TABLE_ID');
  if (command === FLOW_COMMAND.delete || command === FLOW_COMMAND.deleteStrict) return faults;
  for (const instruction of instructions) {
    if (instruction.type === 'gotoTable' && instruction.tableId >= state.tableCount) {
      faults.push('BAD_INSTRUCTION/BAD_TABLE_ID');
    }
    if (instruction.type === 'meter' && !state.meters.some(({ meterId }) => meterId === instruction.meterId)) {
      faults.push('METER_MOD_FAILED/UNKNOWN_METER');
    }
    if (instruction.type === 'applyActions' || instruction.type === 'writeActions') {
      faults.push(...actionFaults(state, instruction.actions));
    }
  }
  if (bufferId !== BUFFER_NONE) faults.push(...bufferFaults(state, bufferId));
  if (command === FLOW_COMMAND.add && (flags & FLOW_FLAG.checkOverlap) !== 0 && isOverlapping(state, mod)) {
    faults.push('FLOW_MOD_FAILED/OVERLAP');
  }
  return faults;
}

function actionFaults(state: ModelState, actions: readonly Action[], ownGroupId?: number): ErrorName[] {
  return actions.flatMap((action): ErrorName[] => {
    if (action.type === 'output') {
      const isThere = hasPort(state, action.port) || (action.port > PORT.max && action.port !== PORT.local);
      return isThere ? [] : ['BAD_ACTION/BAD_OUT_PORT'];
    }
    if (action.type === 'setQueue') return ['BAD_ACTION/BAD_QUEUE'];
    if (action.type !== 'group' || action.groupId === ownGroupId || hasGroup(state, action.groupId)) return [];
    return ['BAD_ACTION/BAD_OUT_GROUP'];
  });
}

function hasPort({ ports }: ModelState, asked: number): boolean {
  return ports.some(({ portNo }) => portNo === asked);
}

function hasGroup({ groups }: ModelState, asked: number): boolean {
  return groups.some(({ groupId }) => groupId === asked);
}

function bufferFaults({ buffers, now }: ModelState, bufferId: number): ErrorName[] {
  const buffer = buffers.find(({ id }) => id === bufferId);
  if (!buffer) return ['BAD_REQUEST/BUFFER_UNKNOWN'];
  const isUsable = buffer.frame !== undefined && now - buffer.since < BUFFER_KEPT_NS;
  return isUsable ? [] : ['BAD_REQUEST/BUFFER_EMPTY'];
}

function groupModFaults(state: ModelState, { command, groupId, buckets }: MessageOf<'groupMod'>): ErrorName[] {
  const isThere = hasGroup(state, groupId);
  if (command === GROUP_COMMAND.delete) {
    const isChained = state.groups.some((group) => leadsOn(group.buckets).includes(groupId));
    return isChained && groupId !== GROUP.all ? ['GROUP_MOD_FAILED/CHAINED_GROUP'] : [];
  }
  const faults: ErrorName[] = [];
  if (command === GROUP_COMMAND.add && isThere) faults.push('GROUP_MOD_FAILED/GROUP_EXISTS');
  if (command === GROUP_COMMAND.modify && !isThere) faults.push('GROUP_MOD_FAILED/UNKNOWN_GROUP');
  for (const { watchPort, watchGroup, actions } of buckets) {
    const isWatched =
      (watchPort === PORT.any || hasPort(state, watchPort)) &&
      (watchGroup === GROUP.any || hasGroup(state, watchGroup));
    if (!isWatched) faults.push('GROUP_MOD_FAILED/BAD_WATCH');
    faults.push(...actionFaults(state, actions, groupId));
  }
  if (leadsTo(state, groupId, buckets)) faults.push('GROUP_MOD_FAILED/LOOP');
  return faults;
}

function leadsOn(buckets: readonly Bucket[]): number[] {
  return buckets.flatMap(({ actions }) =>
    actions.flatMap((action) => (action.type === 'group' ? [action.groupId] : [])),
  );
}

/** Handing on or watching: either way nothing may lead back. */
function leadsTo({ groups }: ModelState, origin: number, buckets: readonly Bucket[]): boolean {
  const reached = new Set([...leadsOn(buckets), ...buckets.map(({ watchGroup }) => watchGroup)]);
  for (const id of reached) {
    const next = groups.find(({ groupId }) => groupId === id)?.buckets ?? [];
    for (const further of [...leadsOn(next), ...next.map(({ watchGroup }) => watchGroup)]) reached.add(further);
  }
  return reached.has(origin);
}

function meterModFaults(state: ModelState, { command, meterId, bands }: MessageOf<'meterMod'>): ErrorName[] {
  if (command === METER_COMMAND.delete) return [];
  const isThere = state.meters.some((meter) => meter.meterId === meterId);
  const faults: ErrorName[] = [];
  if (command === METER_COMMAND.add && isThere) faults.push('METER_MOD_FAILED/METER_EXISTS');
  if (command === METER_COMMAND.modify && !isThere) faults.push('METER_MOD_FAILED/UNKNOWN_METER');
  if (meterId > METER.max) faults.push('METER_MOD_FAILED/INVALID_METER');
  if (bands.length > BANDS_MAX) faults.push('METER_MOD_FAILED/OUT_OF_BANDS');
  return faults;
}

function packetOutFaults(state: ModelState, { inPort, bufferId, actions }: PacketOut): ErrorName[] {
  const faults: ErrorName[] = actionFaults(state, actions);
  if (inPort <= PORT.max && !hasPort(state, inPort)) faults.push('BAD_REQUEST/BAD_PORT');
  if (bufferId !== BUFFER_NONE) faults.push(...bufferFaults(state, bufferId));
  return faults;
}

function portModFaults({ ports }: ModelState, { portNo, hwAddr }: MessageOf<'portMod'>): ErrorName[] {
  const port = ports.find((candidate) => candidate.portNo === portNo);
  if (!port) return ['PORT_MOD_FAILED/BAD_PORT'];
  return port.hwAddr === hwAddr ? [] : ['PORT_MOD_FAILED/BAD_HW_ADDR'];
}
