/**
 * OpenFlow 1.3.5, section 7.3: whether a request makes sense, as far as the message itself can tell.
 *
 * Decoding asks for lengths only, because real peers send odd things that must still be readable. A switch calls `validate` on
 * what it is about to carry out. What depends on the switch (which tables, ports, groups, meters and features it has) is not
 * judged here. What a switch sends is not judged at all: a controller has nothing to gain from refusing a report.
 *
 * Each noun has its rules in its own file (`match-validation.ts`, `action-validation.ts`, …); here are those that fit into a line.
 */
import { WireError } from '../wire-error.ts';
import type { ErrorName } from './error.ts';
import { type Fault, fault, type ValidationOptions, within } from './fault.ts';
import { findFlowModFault, findPacketOutFault } from './flow-validation.ts';
import { findGroupModFault } from './group-validation.ts';
import { findMatchFault } from './match-validation.ts';
import { HEADER_BYTES, MESSAGES, type Message, type MessageOf, type MessageType } from './message.ts';
import { METER } from './meter.ts';
import { findMeterModFault, isMeter } from './meter-validation.ts';
import { MULTIPARTS, type MultipartRequest, type MultipartRequestBody } from './multipart.ts';
import { placeOf } from './place.ts';
import { PORT, PORT_CONFIG, PORT_FEATURES } from './port.ts';
import { ROLE } from './role.ts';
import { CONFIG_FRAG } from './switch.ts';
import { findTableFeaturesFault, findTableModFault } from './table-validation.ts';

type Rule<T extends MessageType> = (message: MessageOf<T>, options: ValidationOptions) => Fault | undefined;

const anything = (): undefined => undefined;

const RULES: { readonly [T in MessageType]: Rule<T> } = {
  hello: anything,
  error: anything,
  echoRequest: anything,
  echoReply: anything,
  experimenter: findExperimenterFault,
  featuresRequest: anything,
  featuresReply: anything,
  getConfigRequest: anything,
  getConfigReply: anything,
  setConfig: ({ flags }) =>
    flags <= CONFIG_FRAG.reasm ? undefined : fault('SWITCH_CONFIG_FAILED/BAD_FLAGS', ['flags'], `flags ${flags}`),
  packetIn: anything,
  flowRemoved: anything,
  portStatus: anything,
  packetOut: findPacketOutFault,
  flowMod: findFlowModFault,
  groupMod: findGroupModFault,
  portMod: findPortModFault,
  tableMod: findTableModFault,
  multipartRequest: findMultipartFault,
  multipartReply: anything,
  barrierRequest: anything,
  barrierReply: anything,
  queueGetConfigRequest: ({ port }) => findPortFault(port, 'QUEUE_OP_FAILED/BAD_PORT', 'port'),
  queueGetConfigReply: anything,
  roleRequest: ({ role }) =>
    role <= ROLE.slave ? undefined : fault('ROLE_REQUEST_FAILED/BAD_ROLE', ['role'], `role ${role}`),
  roleReply: anything,
  getAsyncRequest: anything,
  getAsyncReply: anything,
  setAsync: anything,
  meterMod: findMeterModFault,
};

const STRICT: ValidationOptions = {};

/** A `WireError` with the OpenFlow error of the first mistake and its offset in the message, as it is encoded. */
export function validate(message: Message, options: ValidationOptions = STRICT): void {
  const found = (RULES[message.type] as Rule<MessageType>)(message, options);
  if (found) throw new WireError<ErrorName>(found.error, placeInMessage(message, found), found.reason);
}

/** Type, flags and padding, before what a multipart request asks. */
const MULTIPART_HEADER_BYTES = 8;

function placeInMessage(message: Message, { path }: Fault): number {
  if (message.type !== 'multipartRequest') return HEADER_BYTES + placeOf(MESSAGES[message.type].body, message, path);
  const { body } = message;
  return HEADER_BYTES + MULTIPART_HEADER_BYTES + placeOf(MULTIPARTS[body.type].request, body, path.slice(1));
}

function findExperimenterFault(
  { experimenter }: { readonly experimenter: number },
  options: ValidationOptions,
): Fault | undefined {
  if (options.experimenters?.has(experimenter)) return undefined;
  return fault('BAD_REQUEST/BAD_EXPERIMENTER', ['experimenter'], `experimenter ${experimenter}`);
}

function isPort(port: number): boolean {
  return (port >= 1 && port <= PORT.max) || port === PORT.local;
}

/** A port, or any. */
function findPortFault(port: number, error: ErrorName, field: string): Fault | undefined {
  return port === PORT.any || isPort(port) ? undefined : fault(error, [field], `no port has the number ${port}`);
}

const CONFIG_BITS = Object.values(PORT_CONFIG).reduce((bits: number, bit) => bits | bit, 0);
const FEATURE_BITS = Object.values(PORT_FEATURES).reduce((bits: number, bit) => bits | bit, 0);

/** Section 7.3.4.3. Bits of `config` that `mask` leaves out are not asked for, so they may be anything. */
function findPortModFault({ portNo, mask, advertise }: MessageOf<'portMod'>): Fault | undefined {
  if (!isPort(portNo)) return fault('PORT_MOD_FAILED/BAD_PORT', ['portNo'], `no port has the number ${portNo}`);
  if ((mask & ~CONFIG_BITS) !== 0) {
    return fault('PORT_MOD_FAILED/BAD_CONFIG', ['mask'], `unknown bits in the mask 0x${mask.toString(16)}`);
  }
  if ((advertise & ~FEATURE_BITS) === 0) return undefined;
  return fault('PORT_MOD_FAILED/BAD_ADVERTISE', ['advertise'], `unknown bits in 0x${advertise.toString(16)}`);
}

function findMultipartFault({ body }: MultipartRequest, options: ValidationOptions): Fault | undefined {
  const found = findMultipartBodyFault(body, options);
  return found && within(found, 'body');
}

function findMultipartBodyFault(body: MultipartRequestBody, options: ValidationOptions): Fault | undefined {
  switch (body.type) {
    case 'flow':
    case 'aggregate': {
      const found = findMatchFault(body.match);
      return found && within(found, 'match');
    }
    case 'portStats':
      return findPortFault(body.portNo, 'BAD_REQUEST/BAD_PORT', 'portNo');
    case 'queue':
      return findPortFault(body.portNo, 'QUEUE_OP_FAILED/BAD_PORT', 'portNo');
    case 'meter':
    case 'meterConfig':
      if (body.meterId === METER.all || isMeter(body.meterId)) return undefined;
      return fault('METER_MOD_FAILED/INVALID_METER', ['meterId'], `no meter has the number ${body.meterId}`);
    case 'tableFeatures':
      return findTableFeaturesFault(body.entries, options);
    case 'experimenter':
      return findExperimenterFault(body, options);
    default:
      return undefined;
  }
}
