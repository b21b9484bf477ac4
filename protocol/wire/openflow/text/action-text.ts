/**
 * Actions as ovs-actions(7) writes them, restricted to what OpenFlow 1.3 can express (section 7.2.5).
 *
 * The language is older than 1.3: `mod_nw_dst`, `mod_vlan_vid` and their kind are OpenFlow 1.0's actions, of which 1.3 has only
 * set_field. They are translated as ovs-ofctl translates them, which takes knowing the packet: `mod_tp_dst` sets tcp_dst or
 * udp_dst, `mod_vlan_vid` pushes a tag first where there is none. So actions are read in order, each changing what is known of
 * the packet for the next. Printing is the other way round and loses nothing: it shows what is on the wire.
 */
import { formatHex, parseHex } from '../../hex.ts';
import { type Action, CONTROLLER_MAX_LEN_NO_BUFFER } from '../action.ts';
import { PORT } from '../port.ts';
import { explainExtensionAction } from './extension.ts';
import { findInstruction } from './instruction-name.ts';
import { formatPaddedHex, readUint } from './number-text.ts';
import { ANY_PACKET, changePacket, type PacketState } from './packet-state.ts';
import { formatPort, PORT_NAMES, parsePort, readPort } from './port-name.ts';
import { excerpt, fail, Scanner, type Token, toToken } from './scanner.ts';
import { formatSetField, SETTERS } from './setter-text.ts';
import { suggest } from './suggestion.ts';

const U8_MAX = 0xff;
const U16_MAX = 0xffff;
const U32_MAX = 0xffff_ffff;

/** A name of an action and what it is given. */
interface ActionCall {
  readonly name: Token;
  readonly value: Token | undefined;
}

type ReadAction = (call: ActionCall, packet: PacketState) => readonly Action[];

export interface ActionsRead {
  readonly actions: readonly Action[];
  /** What is known of the packet afterwards. */
  readonly packet: PacketState;
}

/** Actions alone: `mod_nw_dst:10.0.0.1,output:3`. */
export function parseActions(text: string, packet = ANY_PACKET): readonly Action[] {
  return readActions(toToken(text), packet).actions;
}

/** Reads the actions to the end of the text; `drop` is none of them and stands alone. */
export function readActions(source: Token, packet: PacketState): ActionsRead {
  const scanner = new Scanner(source);
  const actions: Action[] = [];
  let known = packet;
  let isEmpty = true;
  while (scanner.hasMore()) {
    const name = scanner.readName();
    if (name.text === 'drop') {
      if (!isEmpty || scanner.readValue() || scanner.hasMore()) fail(name.at, DROP_ALONE);
      return { actions, packet: known };
    }
    isEmpty = false;
    const read = readAction(name, scanner, known);
    actions.push(...read.actions);
    known = read.packet;
  }
  return { actions, packet: known };
}

export const DROP_ALONE = 'drop stands alone: it is the word for no action at all';

/** Reads the action whose name was just read. */
export function readAction(
  name: Token,
  scanner: Scanner,
  packet: PacketState,
  more: readonly string[] = [],
): ActionsRead {
  const read = findReader(name.text);
  if (!read) fail(name.at, explainUnknownAction(name.text, more));
  const actions = read({ name, value: scanner.readValue() }, packet);
  if (packet.isEnqueued && actions[0] && (actions[0].type === 'output' || actions[0].type === 'group')) {
    fail(
      name.at,
      `OpenFlow 1.3 cannot leave the queue of an enqueue: put ${name.text} before it, or set_queue between`,
    );
  }
  const known = actions.reduce(changePacket, packet);
  return { actions, packet: name.text === 'enqueue' ? { ...known, isEnqueued: true } : known };
}

function findReader(name: string): ReadAction | undefined {
  const reader = READERS.get(name);
  if (reader) return reader;
  const setter = SETTERS.get(name);
  if (setter) return (call, packet) => setter(requireValue(call), name, packet);
  const port = parsePort(name);
  if (port === undefined) return undefined;
  return name.toUpperCase() === 'CONTROLLER' ? readController : readBarePort;
}

function explainUnknownAction(name: string, more: readonly string[]): string {
  if (findInstruction(name)) return `${name} is an instruction, and only actions can stand here`;
  const known = [...READERS.keys(), ...SETTERS.keys(), ...PORT_NAMES, 'drop', ...more];
  return explainExtensionAction(name) ?? `there is no action ${excerpt(name)}${suggest(name, known)}`;
}

function requireValue({ name, value }: ActionCall): Token {
  if (!value || value.text === '') fail(name.at + name.text.length, `${name.text} needs a value, ${name.text}:…`);
  return value;
}

function refuseValue({ name, value }: ActionCall): void {
  if (value && value.text !== '') fail(value.at, `${name.text} stands alone, without a value`);
}

function constant(action: Action): ReadAction {
  return (call) => {
    refuseValue(call);
    return [action];
  };
}

function withNumber(max: number, toAction: (number: number) => Action): ReadAction {
  return (call) => [toAction(readUint(requireValue(call), call.name.text, max))];
}

/** Ethernet types between which an action chooses; what else there is, is a mistake of typing. */
function withEtherType(type: 'pushVlan' | 'pushMpls' | 'pushPbb', allowed: readonly number[]): ReadAction {
  return (call) => {
    const value = requireValue(call);
    const etherType = readUint(value, call.name.text, U16_MAX);
    if (!allowed.includes(etherType)) {
      const choice = allowed.map((known) => formatPaddedHex(known, 4)).join(' or ');
      fail(value.at, `${call.name.text} takes ${choice}, not ${excerpt(value.text)}`);
    }
    return [{ type, etherType }];
  };
}

const READERS: ReadonlyMap<string, ReadAction> = new Map(
  Object.entries<ReadAction>({
    output: readOutput,
    enqueue: readEnqueue,
    set_queue: withNumber(U32_MAX, (queueId) => ({ type: 'setQueue', queueId })),
    group: withNumber(U32_MAX, (groupId) => ({ type: 'group', groupId })),
    push_vlan: withEtherType('pushVlan', [0x8100, 0x88a8]),
    pop_vlan: constant({ type: 'popVlan' }),
    strip_vlan: constant({ type: 'popVlan' }),
    push_mpls: withEtherType('pushMpls', [0x8847, 0x8848]),
    pop_mpls: withNumber(U16_MAX, (etherType) => ({ type: 'popMpls', etherType })),
    push_pbb: withEtherType('pushPbb', [0x88e7]),
    pop_pbb: constant({ type: 'popPbb' }),
    copy_ttl_out: constant({ type: 'copyTtlOut' }),
    copy_ttl_in: constant({ type: 'copyTtlIn' }),
    set_mpls_ttl: withNumber(U8_MAX, (ttl) => ({ type: 'setMplsTtl', ttl })),
    dec_mpls_ttl: constant({ type: 'decMplsTtl' }),
    mod_nw_ttl: withNumber(U8_MAX, (ttl) => ({ type: 'setNwTtl', ttl })),
    set_nw_ttl: withNumber(U8_MAX, (ttl) => ({ type: 'setNwTtl', ttl })),
    dec_ttl: readDecTtl,
    dec_nw_ttl: readDecTtl,
    experimenter: readExperimenter,
  }),
);

/** The `maxLen` of an output is the controller's alone; elsewhere it has no meaning and is 0. */
function toOutput(port: number): Action {
  return { type: 'output', port, maxLen: port === PORT.controller ? CONTROLLER_MAX_LEN_NO_BUFFER : 0 };
}

function readBarePort(call: ActionCall): readonly Action[] {
  refuseValue(call);
  return [toOutput(readPort(call.name, 'a port'))];
}

function readOutput(call: ActionCall): readonly Action[] {
  const value = requireValue(call);
  if (value.text.includes('='))
    fail(value.at, 'output with max_len is an Open vSwitch extension, which OpenFlow 1.3 does not have');
  if (value.text.includes('['))
    fail(value.at, 'output to a field is an Open vSwitch extension, which OpenFlow 1.3 does not have');
  return [toOutput(readPort(value, 'the port of output'))];
}

/** `controller`, `controller:128` or `controller(max_len=128)`. */
function readController({ name, value }: ActionCall): readonly Action[] {
  const output = (maxLen: number): readonly Action[] => [{ type: 'output', port: PORT.controller, maxLen }];
  if (!value || value.text === '') return output(CONTROLLER_MAX_LEN_NO_BUFFER);
  if (/^\d/.test(value.text)) return output(readUint(value, `max_len of ${name.text}`, U16_MAX));
  const scanner = new Scanner(value);
  let maxLen = CONTROLLER_MAX_LEN_NO_BUFFER;
  while (scanner.hasMore()) {
    const key = scanner.readName();
    const given = scanner.readValue();
    if (key.text === 'max_len' && given) maxLen = readUint(given, 'max_len', U16_MAX);
    else if (key.text !== 'reason' || given?.text !== 'action') {
      fail(key.at, `of controller's options OpenFlow 1.3 has max_len=… only; ${key.text} is an Open vSwitch extension`);
    }
  }
  return output(maxLen);
}

/** `enqueue:port:queue` or `enqueue(port,queue)`; what follows it must not mean to leave the queue (see `readAction`). */
function readEnqueue(call: ActionCall): readonly Action[] {
  const value = requireValue(call);
  const comma = value.text.search(/[:,]/);
  if (comma < 0) fail(value.at + value.text.length, 'enqueue needs a queue, enqueue:port:queue');
  const port = readPort({ text: value.text.slice(0, comma).trim(), at: value.at }, 'the port of enqueue');
  const queue = { text: value.text.slice(comma + 1).trim(), at: value.at + comma + 1 };
  return [{ type: 'setQueue', queueId: readUint(queue, 'the queue of enqueue', U32_MAX) }, toOutput(port)];
}

function readDecTtl(call: ActionCall): readonly Action[] {
  if (call.value && call.value.text !== '')
    fail(call.value.at, 'dec_ttl with controller ids is an Open vSwitch extension');
  return [{ type: 'decNwTtl' }];
}

/** `experimenter(0x00002320,0102)`: what is not ours to understand, whole. */
function readExperimenter(call: ActionCall): readonly Action[] {
  const value = requireValue(call);
  const [id = '', ...rest] = value.text.split(',');
  const experimenter = readUint({ text: id, at: value.at }, 'the experimenter', U32_MAX);
  const data = parseHex(rest.join(','));
  // The action's length counts 8 bytes more, in a field of 16 bits, and is a multiple of eight.
  if (!data || data.length % 8 !== 0 || data.length > U16_MAX - 8) {
    fail(
      value.at + id.length,
      'experimenter needs its data, a multiple of 8 bytes: experimenter(0x2320,0011223344556677)',
    );
  }
  return [{ type: 'experimenter', experimenter, data }];
}

type FormatAction<T extends Action['type']> = (action: Extract<Action, { readonly type: T }>) => string;

const FORMATTERS: { readonly [T in Action['type']]: FormatAction<T> } = {
  output: ({ port, maxLen }) => formatOutput(port, maxLen),
  copyTtlOut: () => 'copy_ttl_out',
  copyTtlIn: () => 'copy_ttl_in',
  setMplsTtl: ({ ttl }) => `set_mpls_ttl(${ttl})`,
  decMplsTtl: () => 'dec_mpls_ttl',
  pushVlan: ({ etherType }) => `push_vlan:${formatPaddedHex(etherType, 4)}`,
  popVlan: () => 'pop_vlan',
  pushMpls: ({ etherType }) => `push_mpls:${formatPaddedHex(etherType, 4)}`,
  popMpls: ({ etherType }) => `pop_mpls:${formatPaddedHex(etherType, 4)}`,
  setQueue: ({ queueId }) => `set_queue:${queueId}`,
  group: ({ groupId }) => `group:${groupId}`,
  setNwTtl: ({ ttl }) => `mod_nw_ttl:${ttl}`,
  decNwTtl: () => 'dec_ttl',
  setField: ({ field }) => formatSetField(field),
  pushPbb: ({ etherType }) => `push_pbb:${formatPaddedHex(etherType, 4)}`,
  popPbb: () => 'pop_pbb',
  experimenter: ({ experimenter, data }) => `experimenter(${formatPaddedHex(experimenter, 8)},${formatHex(data)})`,
  unknown: ({ id, body }) => `unknown(${id},${formatHex(body)})`,
};

function formatOutput(port: number, maxLen: number): string {
  if (port === PORT.controller) return `CONTROLLER:${maxLen}`;
  const name = formatPort(port);
  return /^\d/.test(name) ? `output:${name}` : name;
}

export function formatAction(action: Action): string {
  return (FORMATTERS[action.type] as FormatAction<Action['type']>)(action);
}

/** `drop` for none. */
export function formatActions(actions: readonly Action[]): string {
  return actions.length === 0 ? 'drop' : actions.map(formatAction).join(',');
}
