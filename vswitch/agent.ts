/**
 * The protocol agent of a switch: takes each request to its handler, and tells the controllers what happens.
 *
 * The handlers are a table that is exhaustive by message type. What a handler refuses it throws, and the session answers with it. A slave
 * is refused before anything else is looked at (section 6.3.6), what makes no sense before the switch's state is.
 */
import { CONTROLLER_MAX_LEN_NO_BUFFER } from '../protocol/wire/openflow/action.ts';
import type { Message, MessageType } from '../protocol/wire/openflow/message.ts';
import { METER } from '../protocol/wire/openflow/meter.ts';
import { BUFFER_NONE } from '../protocol/wire/openflow/packet.ts';
import { PORT_STATUS_REASON } from '../protocol/wire/openflow/port.ts';
import { ROLE } from '../protocol/wire/openflow/role.ts';
import { validate } from '../protocol/wire/openflow/validate.ts';
import { modifyFlows, modifyGroups, modifyMeters, modifyPort, modifyTable, sendPacket } from './change-requests.ts';
import { Connection, type ConnectionOwner, type ControlConnection } from './connection.ts';
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
import { toDuration } from './duration.ts';
import type { FlowRule } from './flow-rule.ts';
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

const CHANGES: ReadonlySet<MessageType> = new Set([
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

  connect(): Connection {
    const connection: Connection = new Connection(
      {
        ready: () => {
          connection.isOpen = true;
          this.#onChange();
        },
        raw: (view, at, end) => connection.assembly.collect(view, at, end, this.#datapath.now),
        message: (message) => this.#handle(message, connection),
        closed: () => {
          connection.isOpen = false;
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
    if (connection.role === ROLE.slave && isChange(message)) {
      refuse('BAD_REQUEST/IS_SLAVE', 'a slave asks, and changes nothing');
    }
    validate(message);
    const handle = HANDLERS[message.type] as Handler<MessageType>;
    handle(message as never, {
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
    this.controllers.tell('packetInMask', reason, {
      type: 'packetIn',
      xid: 0,
      bufferId,
      totalLen: frame.length,
      reason,
      tableId,
      cookie,
      match: toPipelineMatch(packet),
      data: bufferId === BUFFER_NONE ? frame : frame.subarray(0, maxLen),
    });
  }

  tellRemoved(rule: FlowRule, reason: number, now: number): void {
    if (!rule.sendsFlowRemoved || !this.controllers.want('flowRemovedMask', reason)) return;
    this.controllers.tell('flowRemovedMask', reason, {
      type: 'flowRemoved',
      xid: 0,
      cookie: rule.cookie,
      priority: rule.priority,
      reason,
      tableId: rule.tableId,
      ...toDuration(now - rule.createdAt),
      idleTimeout: rule.idleTimeout,
      hardTimeout: rule.hardTimeout,
      packetCount: BigInt(rule.packetCount),
      byteCount: BigInt(rule.byteCount),
      match: rule.match,
    });
  }

  tellPort(port: SwitchPort): void {
    const reason = PORT_STATUS_REASON.modify;
    this.controllers.tell('portStatusMask', reason, { type: 'portStatus', xid: 0, reason, port: port.describe() });
  }
}
