/**
 * The protocol agent of a switch: takes each request to its handler, and tells the controllers what happens.
 *
 * The handlers are a table that is exhaustive by message type. What a handler refuses it throws, and the session answers with it. A slave
 * is refused before anything else is looked at (section 6.3.6), what makes no sense before the switch's state is.
 */
import { CONTROLLER_MAX_LEN_NO_BUFFER } from '../protocol/wire/openflow/action.ts';
import { FLOW_FLAG } from '../protocol/wire/openflow/flow.ts';
import type { Message, MessageOf, MessageType } from '../protocol/wire/openflow/message.ts';
import { METER } from '../protocol/wire/openflow/meter.ts';
import { BUFFER_NONE } from '../protocol/wire/openflow/packet.ts';
import { PORT_STATUS_REASON } from '../protocol/wire/openflow/port.ts';
import { ROLE } from '../protocol/wire/openflow/role.ts';
import { validate } from '../protocol/wire/openflow/validate.ts';
import { assert } from '../protocol/wire/wire-error.ts';
import { modifyFlows, modifyGroups, modifyMeters, modifyPort, modifyTable, sendPacket } from './change-requests.ts';
import { explainClose } from './close-reason.ts';
import {
  Connection,
  type ConnectionOwner,
  type ConnectionPlace,
  type ConnectOptions,
  type ControlConnection,
} from './connection.ts';
import { ControllerChannel } from './controller-channel.ts';
import {
  replyAsync,
  replyBarrier,
  replyConfig,
  replyFeatures,
  setAsync,
  setConfig,
  setRole,
} from './controller-requests.ts';
import { Controllers } from './controllers.ts';
import type { Datapath } from './datapath.ts';
import { hashKey } from './groups.ts';
import { toStrict } from './lenience.ts';
import { METER_DROP } from './meter-entry.ts';
import { replyMultipart } from './multipart-requests.ts';
import type { Packet } from './packet.ts';
import { toPipelineMatch } from './packet-in.ts';
import type { SwitchPort } from './port.ts';
import { replyQueues } from './queue-requests.ts';
import { refuse } from './refusal.ts';
import type { Handler } from './request.ts';

/** Of a type that the session deals with, or lets through for an owner who has use for it. */
const ignore = (): void => undefined;

const HANDLERS: { readonly [T in MessageType]: Handler<T> } = {
  hello: ignore,
  error: ignore,
  echoRequest: ignore,
  echoReply: ignore,
  experimenter: ({ experimenter }) => refuse('BAD_REQUEST/BAD_EXPERIMENTER', `experimenter ${experimenter}`),
  featuresRequest: replyFeatures,
  featuresReply: ignore,
  getConfigRequest: replyConfig,
  getConfigReply: ignore,
  setConfig,
  packetIn: ignore,
  flowRemoved: ignore,
  portStatus: ignore,
  packetOut: sendPacket,
  flowMod: modifyFlows,
  groupMod: modifyGroups,
  portMod: modifyPort,
  tableMod: modifyTable,
  multipartRequest: replyMultipart,
  multipartReply: ignore,
  barrierRequest: replyBarrier,
  barrierReply: ignore,
  queueGetConfigRequest: replyQueues,
  queueGetConfigReply: ignore,
  roleRequest: setRole,
  roleReply: ignore,
  getAsyncRequest: replyAsync,
  getAsyncReply: ignore,
  setAsync,
  meterMod: modifyMeters,
};

/** The specification names all but the configuration as examples of what modifies the state of the switch. */
const CHANGES: ReadonlySet<MessageType> = new Set([
  'setConfig',
  'packetOut',
  'flowMod',
  'groupMod',
  'portMod',
  'tableMod',
  'meterMod',
]);

function isChange(message: Message): boolean {
  if (message.type !== 'multipartRequest') return CHANGES.has(message.type);
  return message.body.type === 'tableFeatures' && message.body.entries.length > 0;
}

/** `struct ofp_switch_features` has a byte for it. */
const AUXILIARY_ID_MAX = 255;

/** The same for packets of the same flow. */
function toFlow(packet: Packet): number {
  packet.readKey();
  return hashKey(packet.key, 0);
}

export class Agent {
  readonly controllers = new Controllers();
  readonly #datapath: Datapath;
  readonly #owner: ConnectionOwner;
  readonly #onChange: () => void;

  /** `onChange` is told when the first controller is there or the last one is gone. */
  constructor(datapath: Datapath, onOutput: (connection: ControlConnection) => void, onChange: () => void) {
    this.#datapath = datapath;
    this.#owner = { advance: (now) => datapath.advance(now), onOutput };
    this.#onChange = onChange;
  }

  /** The main connection of another controller. */
  connect({ isPassive = false }: ConnectOptions = {}): Connection {
    return this.#connect({ channel: new ControllerChannel(isPassive), auxiliaryId: 0 });
  }

  /** One more connection to a controller whose main connection is open. */
  connectAuxiliary(main: ControlConnection, auxiliaryId: number): Connection {
    const known = this.controllers.connections.find((connection) => connection === main);
    assert(known?.auxiliaryId === 0 && known.isOpen, 'an auxiliary connection has an open main connection beside it');
    assert(auxiliaryId >= 1 && auxiliaryId <= AUXILIARY_ID_MAX, 'an auxiliary id is a byte that is not zero');
    assert(!known.channel.has(auxiliaryId), 'no two connections to a controller have the same auxiliary id');
    return this.#connect({ channel: known.channel, auxiliaryId });
  }

  #connect(place: ConnectionPlace): Connection {
    const connection: Connection = new Connection(
      place,
      {
        ready: () => {
          connection.isOpen = true;
          connection.channel.changed();
          this.#onChange();
        },
        raw: (view, at, end) => connection.assembly.collect(view, at, end, this.#datapath.now),
        message: (message) => this.#handle(message, connection),
        closed: (reason, detail) => {
          connection.isOpen = false;
          connection.closeReason = explainClose(reason, detail);
          this.controllers.remove(connection);
          this.#onChange();
        },
      },
      this.#owner,
      this.#datapath.now,
    );
    this.controllers.add(connection);
    return connection;
  }

  #handle(received: Message, connection: Connection): void {
    const message = received.type === 'multipartRequest' ? connection.assembly.complete(received) : received;
    if (connection.channel.role === ROLE.slave && isChange(message)) {
      refuse('BAD_REQUEST/IS_SLAVE', 'a slave asks, and changes nothing');
    }
    const { lenient, groups } = this.#datapath;
    const request = toStrict(message, lenient, groups);
    validate(request);
    const handle = HANDLERS[request.type] as Handler<MessageType>;
    handle(request as never, {
      datapath: this.#datapath,
      controllers: this.controllers,
      connection,
      now: this.#datapath.now,
    });
  }

  tellPacketIn(packet: Packet, reason: number, tableId: number, cookie: bigint, maxLenAsked: number | undefined): void {
    if (!this.controllers.want('packetInMask', reason)) return;
    // Section 7.3.4.4, OFPM_CONTROLLER: what it lets pass goes out as it is, with a higher drop precedence or not.
    const { meters, now } = this.#datapath;
    if (meters.get(METER.controller)?.judge(packet.length, now) === METER_DROP) return;
    const maxLen = maxLenAsked ?? this.#datapath.missSendLen;
    const frame = packet.freeze();
    const isUnbuffered = maxLen === CONTROLLER_MAX_LEN_NO_BUFFER;
    const bufferId = isUnbuffered ? BUFFER_NONE : this.#datapath.buffers.put(frame, packet.inPort, this.#datapath.now);
    const message: MessageOf<'packetIn'> = {
      type: 'packetIn',
      xid: 0,
      bufferId,
      totalLen: frame.length,
      reason,
      tableId,
      cookie,
      match: toPipelineMatch(packet),
      data: bufferId === BUFFER_NONE ? frame : frame.subarray(0, maxLen),
    };
    this.controllers.tell('packetInMask', reason, message, this.controllers.areSpread ? toFlow(packet) : 0);
  }

  tellRemoved(rule: number, reason: number): void {
    const { tables } = this.#datapath;
    if ((tables.rules.flagsOf(rule) & FLOW_FLAG.sendFlowRem) === 0) return;
    if (!this.controllers.want('flowRemovedMask', reason)) return;
    const { flags: _, instructions: __, ...told } = tables.describe(rule);
    this.controllers.tell('flowRemovedMask', reason, { type: 'flowRemoved', xid: 0, reason, ...told });
  }

  tellPort(port: SwitchPort): void {
    const reason = PORT_STATUS_REASON.modify;
    this.controllers.tell('portStatusMask', reason, { type: 'portStatus', xid: 0, reason, port: port.describe() });
  }
}
