/**
 * OpenFlow 1.3.5, sections 6.4 and 7.3.4.1: whether a flow_mod makes sense, and (7.3.7) a packet_out.
 *
 * A deletion is held to the same rules as an addition, instructions included though they mean nothing in it: Open vSwitch does so,
 * and a controller that sends wrong ones wants to know.
 */
import { findActionsFault } from './action-validation.ts';
import { type Fault, fault, type ValidationOptions, within } from './fault.ts';
import { knowNothing } from './field-knowledge.ts';
import { FLOW_COMMAND, FLOW_FLAG, type FlowMod } from './flow.ts';
import { findInstructionsFault } from './instruction-validation.ts';
import { findMatchFault } from './match-validation.ts';
import { BUFFER_NONE, type PacketOut } from './packet.ts';
import { PORT } from './port.ts';
import { TABLE } from './table.ts';

const FLAGS = Object.values(FLOW_FLAG).reduce((flags: number, flag) => flags | flag, 0);

export function findFlowModFault(message: FlowMod, options: ValidationOptions): Fault | undefined {
  const { command, tableId, flags } = message;
  if (command > FLOW_COMMAND.deleteStrict)
    return fault('FLOW_MOD_FAILED/BAD_COMMAND', ['command'], `command ${command}`);
  const isDeletion = command === FLOW_COMMAND.delete || command === FLOW_COMMAND.deleteStrict;
  if (tableId === TABLE.all && !isDeletion) {
    return fault('FLOW_MOD_FAILED/BAD_TABLE_ID', ['tableId'], 'only deletions are for all tables');
  }
  if ((flags & ~FLAGS) !== 0) {
    return fault('FLOW_MOD_FAILED/BAD_FLAGS', ['flags'], `unknown flags 0x${(flags & ~FLAGS).toString(16)}`);
  }
  const known = knowNothing();
  const inMatch = findMatchFault(message.match, known);
  if (inMatch) return within(inMatch, 'match');
  const inInstructions = findInstructionsFault(message.instructions, tableId, known, options);
  return inInstructions && within(inInstructions, 'instructions');
}

/** An Ethernet header. */
const PACKET_BYTES_MIN = 14;

export function findPacketOutFault(message: PacketOut, options: ValidationOptions): Fault | undefined {
  const { inPort, bufferId, data, actions } = message;
  if (!isInPort(inPort)) return fault('BAD_REQUEST/BAD_PORT', ['inPort'], `no packet comes from port ${inPort}`);
  const inActions = findActionsFault(actions, 'packetOut', undefined, options);
  if (inActions) return within(inActions, 'actions');
  if (bufferId !== BUFFER_NONE || data.length >= PACKET_BYTES_MIN) return undefined;
  return fault('BAD_REQUEST/BAD_PACKET', ['data'], `a packet of ${data.length} bytes has no Ethernet header`);
}

/** A port of its own or the controller; Open vSwitch, and so most applications, take LOCAL and ANY as well. */
function isInPort(port: number): boolean {
  return (port >= 1 && port <= PORT.max) || port === PORT.controller || port === PORT.local || port === PORT.any;
}
