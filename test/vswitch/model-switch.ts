/**
 * A switch that is obviously right: the judge of `vswitch/` in the law of the whole switch.
 *
 * Requests, frames and the time go in, as they do there; frames, messages and counters come out. What a packet goes through is said by
 * `protocol/pipeline`; what `protocol/pipeline` has no memory for (rules that are changed and that end, tokens, buffers, addresses) is kept in
 * plain lists that are searched from the beginning. It has one controller, whose role is equal.
 */
import { runPacketOut, runPipeline } from '../../protocol/pipeline/pipeline.ts';
import type { Run } from '../../protocol/pipeline/run.ts';
import type { ErrorName } from '../../protocol/wire/openflow/error.ts';
import { FLOW_COMMAND, FLOW_FLAG, FLOW_REMOVED_REASON, type FlowMod } from '../../protocol/wire/openflow/flow.ts';
import { GROUP, GROUP_COMMAND } from '../../protocol/wire/openflow/group.ts';
import type { Message, MessageOf } from '../../protocol/wire/openflow/message.ts';
import { METER, METER_COMMAND } from '../../protocol/wire/openflow/meter.ts';
import { BUFFER_NONE, type PacketOut } from '../../protocol/wire/openflow/packet.ts';
import { PORT, PORT_STATUS_REASON } from '../../protocol/wire/openflow/port.ts';
import { findFaults } from './model-faults.ts';
import { startMeter } from './model-meter.ts';
import { Bookkeeper, type Frame, isAmbiguous, toEnvironment, toPipeline, toPortState } from './model-packets.ts';
import { applyFlowMod, expire, isSendingTo, type Removed, removeWhere } from './model-rules.ts';
import {
  forkState,
  type ModelOptions,
  type ModelPort,
  type ModelRule,
  type ModelState,
  startState,
} from './model-state.ts';

/** What one step leads to. */
export interface Effects {
  readonly sent: readonly Frame[];
  readonly told: readonly Message[];
  /** The errors that would be right; none: the request is carried out. */
  readonly faults: readonly ErrorName[];
  /** The specification does not say what happens. */
  readonly isOpen: boolean;
}

const ETHERNET_BYTES = 14;
const SECOND = 1_000_000_000;

export function toAge(ns: number): { durationSec: number; durationNsec: number } {
  return { durationSec: Math.floor(ns / SECOND), durationNsec: ns % SECOND };
}

export class ModelSwitch {
  readonly state: ModelState;
  #books: Bookkeeper;
  #faults: readonly ErrorName[] = [];
  #isOpen = false;

  constructor(options: ModelOptions | ModelState) {
    this.state = 'rules' in options ? options : startState(options);
    this.#books = new Bookkeeper(this.state);
  }

  fork(): ModelSwitch {
    return new ModelSwitch(forkState(this.state));
  }

  takeEffects(): Effects {
    const { sent, told } = this.#books;
    const effects = { sent, told, faults: this.#faults, isOpen: this.#isOpen };
    this.#books = new Bookkeeper(this.state);
    this.#faults = [];
    this.#isOpen = false;
    return effects;
  }

  advance(now: number): void {
    this.state.now = now;
    expire(this.state, this.#onRemoved);
  }

  receiveFrame(portNo: number, bytes: Uint8Array): void {
    const port = this.#portOf(portNo);
    if (bytes.length < ETHERNET_BYTES) {
      if (toPortState(port) === 0 || !port.isLinkUp) return;
      port.rxPackets++;
      port.rxBytes += bytes.length;
      port.rxErrors++;
      return;
    }
    this.#enter(runPipeline(toPipeline(this.state), { bytes, inPort: portNo }, toEnvironment(this.state)), portNo);
  }

  setLinkUp(portNo: number, isUp: boolean): void {
    const port = this.#portOf(portNo);
    if (port.isLinkUp === isUp) return;
    port.isLinkUp = isUp;
    this.#tellPort(port);
  }

  receiveMessage(message: Message): void {
    this.#faults = findFaults(this.state, message);
    if (this.#faults.length > 0) return;
    switch (message.type) {
      case 'flowMod':
        this.#modifyFlows(message);
        return;
      case 'groupMod':
        this.#modifyGroups(message);
        return;
      case 'meterMod':
        this.#modifyMeters(message);
        return;
      case 'packetOut':
        this.#sendPacket(message);
        return;
      case 'portMod':
        this.#modifyPort(message);
        return;
      case 'setConfig':
        this.state.fragments = message.flags;
        this.state.missSendLen = message.missSendLen;
        return;
      case 'setAsync': {
        const { packetInMask, portStatusMask, flowRemovedMask } = message;
        this.state.masks = { packetInMask, portStatusMask, flowRemovedMask };
        return;
      }
      case 'barrierRequest':
        this.#books.told.push({ type: 'barrierReply', xid: message.xid });
        return;
      default:
        throw new Error(`the model knows nothing of ${message.type}`);
    }
  }

  #portOf(portNo: number): ModelPort {
    return this.state.ports.find((port) => port.portNo === portNo)!;
  }

  #enter(run: Run, inPort: number): void {
    if (isAmbiguous(run)) this.#isOpen = true;
    this.#books.enter(run, inPort);
  }

  readonly #onRemoved: Removed = (rule: ModelRule, reason: number) => {
    const { now, masks } = this.state;
    if ((rule.flags & FLOW_FLAG.sendFlowRem) === 0 || ((masks.flowRemovedMask[0]! >> reason) & 1) === 0) return;
    const { cookie, priority, tableId, idleTimeout, hardTimeout, match } = rule;
    this.#books.told.push({
      type: 'flowRemoved',
      xid: 0,
      ...{ cookie, priority, reason, tableId, idleTimeout, hardTimeout, match },
      ...toAge(now - rule.createdAt),
      packetCount: BigInt(rule.packets),
      byteCount: BigInt(rule.bytes),
    });
  };

  #modifyFlows(mod: FlowMod): void {
    applyFlowMod(this.state, mod, this.#onRemoved);
    const isDeletion = mod.command === FLOW_COMMAND.delete || mod.command === FLOW_COMMAND.deleteStrict;
    if (isDeletion || mod.bufferId === BUFFER_NONE) return;
    const { frame, inPort } = this.#takeBuffer(mod.bufferId);
    const toTable = [{ type: 'output', port: PORT.table, maxLen: 0 }] as const;
    this.#enter(
      runPacketOut(toPipeline(this.state), toTable, { bytes: frame, inPort }, toEnvironment(this.state)),
      inPort,
    );
  }

  #takeBuffer(bufferId: number): { readonly frame: Uint8Array; readonly inPort: number } {
    const { frame, inPort } = this.state.buffers.find(({ id }) => id === bufferId)!;
    this.state.buffers = this.state.buffers.map((buffer) =>
      buffer.id === bufferId ? { ...buffer, frame: undefined } : buffer,
    );
    return { frame: frame!, inPort };
  }

  #sendPacket({ bufferId, inPort, actions, data }: PacketOut): void {
    const bytes = bufferId === BUFFER_NONE ? data : this.#takeBuffer(bufferId).frame;
    this.#enter(runPacketOut(toPipeline(this.state), actions, { bytes, inPort }, toEnvironment(this.state)), inPort);
  }

  /** Section 6.5: a modification resets the counters of the buckets, and those of the group go on. */
  #modifyGroups({ command, groupId, groupType, buckets }: MessageOf<'groupMod'>): void {
    const { state } = this;
    const old = state.groups.find((group) => group.groupId === groupId);
    if (command === GROUP_COMMAND.delete) {
      const gone = state.groups.filter((group) => groupId === GROUP.all || group === old);
      state.groups = state.groups.filter((group) => !gone.includes(group));
      const isUser = (rule: ModelRule) => gone.some((group) => isSendingTo(rule, 'group', group.groupId));
      removeWhere(state, isUser, FLOW_REMOVED_REASON.groupDelete, this.#onRemoved);
      return;
    }
    const { packets, bytes, createdAt } = old ?? { packets: 0, bytes: 0, createdAt: state.now };
    const counts = buckets.map(() => ({ packets: 0, bytes: 0 }));
    const group = { groupId, groupType, buckets, counts, packets, bytes, createdAt };
    state.groups = [...state.groups.filter((other) => other !== old), group];
  }

  /** Section 6.6 says the same of meters and their bands. */
  #modifyMeters({ command, meterId, flags, bands }: MessageOf<'meterMod'>): void {
    const { state } = this;
    const old = state.meters.find((meter) => meter.meterId === meterId);
    if (command === METER_COMMAND.delete) {
      const gone = state.meters.filter((meter) => meterId === METER.all || meter === old).map((meter) => meter.meterId);
      state.meters = state.meters.filter((meter) => !gone.includes(meter.meterId));
      const isUser = ({ instructions }: ModelRule) =>
        instructions.some((instruction) => instruction.type === 'meter' && gone.includes(instruction.meterId));
      removeWhere(state, isUser, FLOW_REMOVED_REASON.delete, this.#onRemoved);
      return;
    }
    const meter = startMeter(meterId, flags, bands, state.now);
    const kept = old ? { packets: old.packets, bytes: old.bytes, createdAt: old.createdAt } : {};
    state.meters = [...state.meters.filter((other) => other !== old), { ...meter, ...kept }];
  }

  #modifyPort({ portNo, config, mask }: MessageOf<'portMod'>): void {
    const port = this.#portOf(portNo);
    const before = port.config;
    port.config = (before & ~mask) | (config & mask);
    if (port.config !== before) this.#tellPort(port);
  }

  /** What a port can do never changes, and is not part of the law. */
  #tellPort(port: ModelPort): void {
    const reason = PORT_STATUS_REASON.modify;
    if (((this.state.masks.portStatusMask[0]! >> reason) & 1) === 0) return;
    const { portNo, hwAddr, config } = port;
    const rest = { current: 0, advertised: 0, supported: 0, peer: 0, currentSpeedKbps: 0, maxSpeedKbps: 0 };
    this.#books.told.push({
      type: 'portStatus',
      xid: 0,
      reason,
      port: { portNo, hwAddr, name: '', config, state: toPortState(port), ...rest },
    });
  }
}
