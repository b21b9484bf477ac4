/**
 * OpenFlow 1.3.5, sections 6.4 to 6.6, 7.3.4 and 7.3.7: requests that change tables, groups, meters or ports, or send a packet.
 *
 * Each is checked whole before it changes anything. Messages have been validated, so what is checked here is what depends on the switch.
 */
import { FLOW_COMMAND, FLOW_REMOVED_REASON, type FlowMod } from '../protocol/wire/openflow/flow.ts';
import { GROUP_COMMAND } from '../protocol/wire/openflow/group.ts';
import type { Instruction } from '../protocol/wire/openflow/instruction.ts';
import { HEADER_BYTES, MESSAGE_BYTES_MAX, MESSAGES, type MessageOf } from '../protocol/wire/openflow/message.ts';
import { METER_COMMAND } from '../protocol/wire/openflow/meter.ts';
import { OXM, type OxmName, oxmBits } from '../protocol/wire/openflow/oxm.ts';
import { BUFFER_NONE, type PacketOut } from '../protocol/wire/openflow/packet.ts';
import { sizeOf } from '../protocol/wire/openflow/place.ts';
import { PORT, PORT_CONFIG, PORT_STATUS_REASON } from '../protocol/wire/openflow/port.ts';
import { TABLE } from '../protocol/wire/openflow/table.ts';
import { FRAME_BYTES_MAX } from './packet.ts';
import { compileActions } from './program.ts';
import { refuse } from './refusal.ts';
import type { RequestContext } from './request.ts';
import { checkActions, checkGroup, checkInstructions } from './rule-check.ts';

/** The header of a multipart reply and the fixed part of a rule's entry in it are so much longer than those of a flow_mod. */
const FLOW_STATS_EXTRA = 16;
/** The same for a group's description. */
const GROUP_DESC_EXTRA = 8;

export function modifyFlows(message: FlowMod, { datapath, now }: RequestContext): void {
  const { command, tableId, bufferId, instructions } = message;
  const isDeletion = command === FLOW_COMMAND.delete || command === FLOW_COMMAND.deleteStrict;
  if (tableId !== TABLE.all && !datapath.setup.has(tableId)) {
    refuse('FLOW_MOD_FAILED/BAD_TABLE_ID', `there is no table ${tableId}`);
  }
  if (isDeletion) {
    datapath.tables.apply(message);
    return;
  }
  datapath.setup.check(message);
  checkInstructions(instructions, datapath);
  // What cannot be told must not be there: a rule's statistics have to fit into a message.
  if (isLong(instructions) && statsBytesMax(message) > MESSAGE_BYTES_MAX) {
    refuse('BAD_ACTION/TOO_MANY', 'statistics of this rule would not fit into a message');
  }
  const waiting = bufferId === BUFFER_NONE ? undefined : datapath.buffers.peek(bufferId, now);
  datapath.tables.apply(message);
  if (!waiting) return;
  datapath.buffers.free(bufferId);
  datapath.pipeline.resubmit(waiting.frame, waiting.inPort, now);
}

/** No list of so few actions fills a message, whatever they are. */
const ACTIONS_FEW = 1000;

/** Of a rule that the message adds or modifies. What is modified keeps its own match, which may be longer than the one that finds it. */
function statsBytesMax(message: FlowMod): number {
  const isAddition = message.command === FLOW_COMMAND.add;
  const bytes = HEADER_BYTES + sizeOf(MESSAGES.flowMod.body, isAddition ? message : { ...message, match: [] });
  return bytes + FLOW_STATS_EXTRA + (isAddition ? 0 : MATCH_BYTES_MAX);
}

/** All fields with masks: more than any match has. */
const MATCH_BYTES_MAX = (Object.keys(OXM) as OxmName[]).reduce(
  (sum, name) => sum + 8 + 2 * Math.ceil(oxmBits(name) / 8),
  0,
);

function isLong(instructions: readonly Instruction[]): boolean {
  let actions = 0;
  for (const instruction of instructions) if ('actions' in instruction) actions += instruction.actions.length;
  return actions > ACTIONS_FEW;
}

export function modifyGroups(message: MessageOf<'groupMod'>, { datapath, now }: RequestContext): void {
  const { command, groupId, buckets } = message;
  if (command === GROUP_COMMAND.delete) {
    const gone = new Set(datapath.groups.delete(groupId));
    if (gone.size === 0) return;
    datapath.tables.removeUsers((program) => program.usesGroupOf(gone), FLOW_REMOVED_REASON.groupDelete);
    return;
  }
  for (const { actions } of buckets) checkActions(actions, datapath);
  if (
    8 + sizeOf(MESSAGES.groupMod.body, message) + GROUP_DESC_EXTRA > MESSAGE_BYTES_MAX ||
    buckets.length > BUCKETS_MAX
  ) {
    refuse('GROUP_MOD_FAILED/OUT_OF_BUCKETS', `${buckets.length} buckets, at most ${BUCKETS_MAX}`);
  }
  if (command === GROUP_COMMAND.add) datapath.groups.add(message, now);
  else datapath.groups.modify(message, now);
}

/** Counters of all buckets have to fit into a message, too. */
const BUCKETS_MAX = 2048;

export function modifyMeters(message: MessageOf<'meterMod'>, { datapath, now }: RequestContext): void {
  switch (message.command) {
    case METER_COMMAND.add:
      datapath.meters.add(message, now);
      return;
    case METER_COMMAND.modify:
      datapath.meters.modify(message, now);
      return;
    default: {
      const gone = new Set(datapath.meters.delete(message.meterId));
      if (gone.size === 0) return;
      datapath.tables.removeUsers((program) => program.usesMeterOf(gone), FLOW_REMOVED_REASON.delete);
    }
  }
}

export function modifyPort(message: MessageOf<'portMod'>, { datapath, controllers }: RequestContext): void {
  const { portNo, hwAddr, config, mask, advertise } = message;
  const port = datapath.ports.get(portNo);
  if (!port) refuse('PORT_MOD_FAILED/BAD_PORT', `there is no port ${portNo}`);
  if (hwAddr !== port.hwAddr) refuse('PORT_MOD_FAILED/BAD_HW_ADDR', 'the address is not that of the port');
  if ((advertise & ~port.features) !== 0) {
    refuse('PORT_MOD_FAILED/BAD_ADVERTISE', 'the port cannot do what it is to advertise');
  }
  const { config: before, advertised } = port;
  port.config = (before & ~mask) | (config & mask);
  // Section 7.3.4.3: no bits at all ask for nothing.
  if (advertise !== 0) port.advertised = advertise;
  if (port.config === before && port.advertised === advertised) return;
  if (((port.config ^ before) & PORT_CONFIG.portDown) !== 0) datapath.ports.changes++;
  if (!port.isUp) port.queues?.flush();
  const reason = PORT_STATUS_REASON.modify;
  controllers.tell('portStatusMask', reason, { type: 'portStatus', xid: 0, reason, port: port.describe() });
}

/** 1.3 has nothing to configure in a table. */
export function modifyTable({ tableId }: MessageOf<'tableMod'>, { datapath }: RequestContext): void {
  if (tableId !== TABLE.all && !datapath.setup.has(tableId)) {
    refuse('TABLE_MOD_FAILED/BAD_TABLE', `there is no table ${tableId}`);
  }
}

export function sendPacket(message: PacketOut, { datapath, now }: RequestContext): void {
  const { bufferId, inPort, actions, data } = message;
  if (inPort <= PORT.max && !datapath.ports.has(inPort) && !datapath.lenient.has('absent-ports')) {
    refuse('BAD_REQUEST/BAD_PORT', `there is no port ${inPort}`);
  }
  if (data.length > FRAME_BYTES_MAX) refuse('BAD_REQUEST/BAD_PACKET', `a packet of ${data.length} bytes is too long`);
  checkActions(actions, datapath);
  for (const action of actions) if (action.type === 'group') checkGroup(action.groupId, datapath);
  // The message's bytes are the session's; frames that go out are nobody's.
  const frame = bufferId === BUFFER_NONE ? data.slice() : datapath.buffers.peek(bufferId, now).frame;
  if (bufferId !== BUFFER_NONE) datapath.buffers.free(bufferId);
  datapath.pipeline.execute(frame, inPort, compileActions(actions), now);
}
