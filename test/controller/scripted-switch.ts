/**
 * A switch that speaks OpenFlow and forwards nothing: it keeps rules, answers what a controller asks, and errs as a test tells it to.
 *
 * Its bytes are those of a real session. A cable to another scripted switch carries what the controller sends out of a port, which is
 * enough for links to be found.
 */
import { type ErrorName, errorNumbers } from '../../protocol/wire/openflow/error.ts';
import { FLOW_COMMAND, type FlowMod, type FlowStats } from '../../protocol/wire/openflow/flow.ts';
import { GROUP_COMMAND, type GroupDesc } from '../../protocol/wire/openflow/group.ts';
import type { Message, MessageOf } from '../../protocol/wire/openflow/message.ts';
import type { MeterConfig } from '../../protocol/wire/openflow/meter.ts';
import { MULTIPART_MORE, type MultipartReplyBody } from '../../protocol/wire/openflow/multipart.ts';
import { BUFFER_NONE } from '../../protocol/wire/openflow/packet.ts';
import { PORT_STATE, PORT_STATUS_REASON, type Port } from '../../protocol/wire/openflow/port.ts';
import { type Nanos, Session } from '../../protocol/wire/openflow/session.ts';
import { TABLE } from '../../protocol/wire/openflow/table.ts';

/** A description of 64 bytes each, in messages of 64 KiB. */
const PORTS_PER_PART = 1000;

export interface ScriptedSwitchOptions {
  readonly dpid: bigint;
  readonly ports?: number;
  readonly auxiliaryId?: number;
}

export class ScriptedSwitch {
  readonly dpid: bigint;
  readonly ports: Map<number, Port>;
  readonly rules = new Map<string, FlowMod>();
  readonly groups = new Map<number, GroupDesc>();
  readonly meters = new Map<number, MeterConfig>();
  /** All that the controller said, in order. */
  readonly received: Message[] = [];
  readonly closedBecause: string[] = [];
  /** The error that a modification gets, if any. */
  refuse: (mod: FlowMod) => ErrorName | undefined = () => undefined;
  refuseFixture: (mod: MessageOf<'groupMod'> | MessageOf<'meterMod'>) => ErrorName | undefined = () => undefined;
  /** The error that a question gets, if any. */
  refuseQuery: (request: MessageOf<'multipartRequest'>) => ErrorName | undefined = () => undefined;
  /** False: it takes everything and says nothing but echoes. */
  answers = true;
  readonly #auxiliaryId: number;
  readonly #cables = new Map<number, { readonly to: ScriptedSwitch; readonly portNo: number }>();
  #session: Session;

  constructor({ dpid, ports = 3, auxiliaryId = 0 }: ScriptedSwitchOptions) {
    this.#auxiliaryId = auxiliaryId;
    this.dpid = dpid;
    this.ports = new Map(Array.from({ length: ports }, (_, i) => [i + 1, toPort(dpid, i + 1)]));
    this.#session = this.#connect(0);
  }

  get hexDpid(): string {
    return this.dpid.toString(16).padStart(16, '0');
  }

  /** Both ways. */
  static join(a: ScriptedSwitch, aPort: number, b: ScriptedSwitch, bPort: number): void {
    a.#cables.set(aPort, { to: b, portNo: bPort });
    b.#cables.set(bPort, { to: a, portNo: aPort });
  }

  /** A fresh connection; rules stay. */
  dial(now: Nanos): void {
    this.#session = this.#connect(now);
  }

  receive(bytes: Uint8Array, now: Nanos): void {
    this.#session.receive(bytes, now);
  }

  takeOutgoing(): Uint8Array | undefined {
    return this.#session.takeOutput();
  }

  /** A frame came in at a port and no rule forwarded it. */
  hear(portNo: number, frame: Uint8Array, bufferId = BUFFER_NONE): void {
    this.#session.send({
      type: 'packetIn',
      xid: 0,
      bufferId,
      totalLen: frame.length,
      reason: 0,
      tableId: 0,
      cookie: 0n,
      match: [{ type: 'inPort', value: portNo }],
      data: frame,
    });
  }

  setPortUp(portNo: number, isUp: boolean): void {
    const port = { ...this.ports.get(portNo)!, state: isUp ? 0 : PORT_STATE.linkDown };
    this.ports.set(portNo, port);
    this.#session.send({ type: 'portStatus', xid: 0, reason: PORT_STATUS_REASON.modify, port });
  }

  /** A rule's time has come. */
  expire(key: string): void {
    const { cookie, priority, tableId, idleTimeout, hardTimeout, match } = this.rules.get(key)!;
    this.rules.delete(key);
    const counts = { durationSec: 1, durationNsec: 0, packetCount: 0n, byteCount: 0n };
    const life = { cookie, priority, tableId, idleTimeout, hardTimeout, match };
    this.#session.send({ type: 'flowRemoved', xid: 0, reason: 1, ...life, ...counts });
  }

  #connect(now: Nanos): Session {
    return new Session({
      role: 'switch',
      now,
      // Room for an answer longer than a switch should give.
      outputBytesMax: 16 << 20,
      events: {
        ready: () => undefined,
        message: (message) => this.#receiveMessage(message),
        closed: (reason) => this.closedBecause.push(reason),
      },
    });
  }

  #receiveMessage(message: Message): void {
    this.received.push(message);
    if (message.type === 'featuresRequest') this.#send(this.#features(message.xid));
    if (!this.answers) return;
    switch (message.type) {
      case 'flowMod':
        this.#modify(message);
        break;
      case 'groupMod':
      case 'meterMod':
        this.#modifyFixture(message);
        break;
      case 'barrierRequest':
        this.#send({ type: 'barrierReply', xid: message.xid });
        break;
      case 'multipartRequest': {
        const error = this.refuseQuery(message);
        if (error) {
          this.#send({ type: 'error', xid: message.xid, ...errorNumbers(error), data: new Uint8Array(0) });
          break;
        }
        const parts = this.#answer(message);
        parts.forEach((body, i) => {
          const flags = i + 1 < parts.length ? MULTIPART_MORE : 0;
          this.#send({ type: 'multipartReply', xid: message.xid, flags, body });
        });
        break;
      }
      case 'packetOut':
        for (const action of message.actions) {
          const cable = action.type === 'output' ? this.#cables.get(action.port) : undefined;
          cable?.to.hear(cable.portNo, message.data);
        }
        break;
      default:
        break;
    }
  }

  #features(xid: number): MessageOf<'featuresReply'> {
    const { dpid: datapathId } = this;
    return {
      type: 'featuresReply',
      xid,
      datapathId,
      nBuffers: 0,
      nTables: 4,
      auxiliaryId: this.#auxiliaryId,
      capabilities: 0,
      reserved: 0,
    };
  }

  #modify(mod: FlowMod): void {
    const error = this.refuse(mod);
    if (error) {
      this.#send({ type: 'error', xid: mod.xid, ...errorNumbers(error), data: new Uint8Array(0) });
      return;
    }
    const key = toKey(mod);
    if (mod.command === FLOW_COMMAND.deleteStrict) this.rules.delete(key);
    else this.rules.set(key, { ...mod });
  }

  #modifyFixture(mod: MessageOf<'groupMod'> | MessageOf<'meterMod'>): void {
    const error = this.refuseFixture(mod) ?? this.#objectionTo(mod);
    if (error) {
      this.#send({ type: 'error', xid: mod.xid, ...errorNumbers(error), data: new Uint8Array(0) });
      return;
    }
    const isDelete = mod.command === GROUP_COMMAND.delete;
    if (mod.type === 'groupMod') {
      const { groupType, groupId, buckets } = mod;
      if (isDelete) this.groups.delete(groupId);
      else this.groups.set(groupId, { groupType, groupId, buckets });
    } else {
      const { flags, meterId, bands } = mod;
      if (isDelete) this.meters.delete(meterId);
      else this.meters.set(meterId, { flags, meterId, bands });
    }
    if (isDelete) this.#deleteReferring(mod);
  }

  #objectionTo(mod: MessageOf<'groupMod'> | MessageOf<'meterMod'>): ErrorName | undefined {
    const isGroup = mod.type === 'groupMod';
    const isThere = isGroup ? this.groups.has(mod.groupId) : this.meters.has(mod.meterId);
    if (mod.command === GROUP_COMMAND.add && isThere) {
      return isGroup ? 'GROUP_MOD_FAILED/GROUP_EXISTS' : 'METER_MOD_FAILED/METER_EXISTS';
    }
    if (mod.command === GROUP_COMMAND.modify && !isThere) {
      return isGroup ? 'GROUP_MOD_FAILED/UNKNOWN_GROUP' : 'METER_MOD_FAILED/UNKNOWN_METER';
    }
    return undefined;
  }

  /** A switch lets go of the rules that refer to what it lets go of. */
  #deleteReferring(mod: MessageOf<'groupMod'> | MessageOf<'meterMod'>): void {
    for (const [key, { instructions }] of this.rules) {
      const refers = instructions.some((instruction) => {
        if (mod.type === 'meterMod') return instruction.type === 'meter' && instruction.meterId === mod.meterId;
        const { type } = instruction;
        if (type !== 'applyActions' && type !== 'writeActions') return false;
        return instruction.actions.some((action) => action.type === 'group' && action.groupId === mod.groupId);
      });
      if (refers) this.rules.delete(key);
    }
  }

  #answer({ body }: MessageOf<'multipartRequest'>): MultipartReplyBody[] {
    if (body.type === 'portDesc') {
      const ports = [...this.ports.values()];
      return Array.from({ length: Math.ceil(ports.length / PORTS_PER_PART) }, (_, i) => ({
        type: 'portDesc',
        entries: ports.slice(i * PORTS_PER_PART, (i + 1) * PORTS_PER_PART),
      }));
    }
    if (body.type === 'groupDesc') return [{ type: 'groupDesc', entries: [...this.groups.values()] }];
    if (body.type === 'meterConfig') return [{ type: 'meterConfig', entries: [...this.meters.values()] }];
    if (body.type !== 'flow') return [];
    const entries = [...this.rules.values()]
      .filter(({ tableId }) => body.tableId === TABLE.all || tableId === body.tableId)
      .map(
        ({ tableId, priority, idleTimeout, hardTimeout, flags, cookie, match, instructions }): FlowStats => ({
          ...{ tableId, priority, idleTimeout, hardTimeout, flags, cookie, match, instructions },
          ...{ durationSec: 2, durationNsec: 500_000_000, packetCount: 7n, byteCount: 2n ** 60n },
        }),
      );
    return [{ type: 'flow', entries }];
  }

  #send(message: Message): void {
    this.#session.send(message);
  }
}

function toKey({ tableId, priority, match }: FlowMod): string {
  return `${tableId} ${priority} ${JSON.stringify(match, (_, value) => (typeof value === 'bigint' ? `${value}n` : value))}`;
}

function toPort(dpid: bigint, portNo: number): Port {
  return {
    portNo,
    hwAddr: Number(dpid) * 0x100 + portNo,
    name: `eth${portNo}`,
    config: 0,
    state: 0,
    current: 0,
    advertised: 0,
    supported: 0,
    peer: 0,
    currentSpeedKbps: 0,
    maxSpeedKbps: 0,
  };
}
