/**
 * OpenFlow 1.3.5, sections 6.4 and 7.4.4: whether what actions and instructions refer to is there, in this switch and now.
 *
 * `validate` has judged what a message says by itself; here are the errors that depend on tables, ports, groups and meters.
 */
import type { Action } from '../protocol/wire/openflow/action.ts';
import type { Instruction } from '../protocol/wire/openflow/instruction.ts';
import { PORT } from '../protocol/wire/openflow/port.ts';
import type { Groups } from './groups.ts';
import type { Leniences } from './lenience.ts';
import type { Meters } from './meters.ts';
import type { Ports } from './ports.ts';
import { refuse } from './refusal.ts';

export interface Surroundings {
  readonly ports: Ports;
  readonly groups: Groups;
  readonly meters: Meters;
  readonly tableCount: number;
  readonly lenient: Leniences;
}

export function checkInstructions(instructions: readonly Instruction[], surroundings: Surroundings): void {
  for (const instruction of instructions) {
    switch (instruction.type) {
      case 'gotoTable':
        if (instruction.tableId >= surroundings.tableCount) {
          refuse('BAD_INSTRUCTION/BAD_TABLE_ID', `there is no table ${instruction.tableId}`);
        }
        break;
      case 'meter':
        if (!surroundings.meters.get(instruction.meterId)) {
          refuse('METER_MOD_FAILED/UNKNOWN_METER', `there is no meter ${instruction.meterId}`);
        }
        break;
      case 'applyActions':
      case 'writeActions':
        checkActions(instruction.actions, surroundings);
        for (const action of instruction.actions) if (action.type === 'group') checkGroup(action.groupId, surroundings);
        break;
      default:
    }
  }
}

/** All but whether groups are there: of a bucket's that is decided with its group. */
export function checkActions(actions: readonly Action[], { ports, lenient }: Surroundings): void {
  for (const action of actions) {
    if (action.type === 'output' && !isOutPort(action.port, ports) && !lenient.has('absent-ports')) {
      refuse('BAD_ACTION/BAD_OUT_PORT', `there is no port ${action.port}`);
    }
    // By which port a packet will leave is not known here; one that lacks the queue sends it by its default queue.
    if (action.type === 'setQueue' && !ports.hasQueue(action.queueId)) {
      refuse('BAD_ACTION/BAD_QUEUE', `no port has a queue ${action.queueId}`);
    }
  }
}

export function checkGroup(groupId: number, { groups }: Surroundings): void {
  if (!groups.has(groupId)) refuse('BAD_ACTION/BAD_OUT_GROUP', `there is no group ${groupId}`);
}

/** Reserved ports are judged by validation; LOCAL may or may not be there. */
function isOutPort(port: number, ports: Ports): boolean {
  return ports.has(port) || (port > PORT.max && port !== PORT.local);
}
