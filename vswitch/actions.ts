/**
 * OpenFlow 1.3.5, sections 5.6, 5.11 and 5.12: runs a list of actions on the packet: of apply-actions, an action set, a bucket, or a
 * packet-out, which differ only in what a packet-in says about them.
 *
 * An output shows the packet as it is at that moment; if somebody keeps it, its bytes are frozen and a later edit copies them again. Buckets
 * each begin with the same frozen bytes, so none sees what another did, and what follows the group goes on with them too. A packet
 * whose time to live is up takes the rest of its list with it; copies that were sent live on.
 */
import { GROUP_TYPE } from '../protocol/wire/openflow/group.ts';
import { PACKET_IN_REASON } from '../protocol/wire/openflow/packet.ts';
import { PORT, PORT_CONFIG } from '../protocol/wire/openflow/port.ts';
import { KEY } from './flow-key.ts';
import type { GroupBucket, GroupEntry } from './group-entry.ts';
import type { Groups } from './groups.ts';
import {
  copyTtlIn,
  copyTtlOut,
  decMplsTtl,
  decNwTtl,
  popMpls,
  popPbb,
  popVlan,
  pushMpls,
  pushPbb,
  pushVlan,
  setMplsTtl,
  setNwTtl,
} from './header-stack.ts';
import { FLOODED, NormalForwarding } from './normal-forwarding.ts';
import type { OutgoingFrame } from './outgoing-frame.ts';
import type { Packet } from './packet.ts';
import { setField } from './packet-edit.ts';
import type { SwitchPort } from './port.ts';
import type { Ports } from './ports.ts';
import { OP, OP_WORDS, type Program, SET_FIELD_WORDS } from './program.ts';
import { RULE_NONE, type RuleStore } from './rule-store.ts';

/** Where packets go. None of these may call back into the switch. */
export interface PacketSink {
  transmit(portNo: number, frame: OutgoingFrame): void;
  /** The packet is as it is now. `maxLen` undefined: as many bytes as the switch is configured to send. */
  packetIn(packet: Packet, reason: number, tableId: number, cookie: bigint, maxLen: number | undefined): void;
}

/** Section 7.4.1: of what no single rule caused, as in a bucket, an action set or a packet-out. */
const COOKIE_NONE = 0xffff_ffff_ffff_ffffn;

/** Groups can multiply a packet without any loop: one that needs more copies is in a net of groups that nobody meant. */
const COPIES_MAX = 4096;

/**
 * What one packet may cause: frames, and actions and lookups at their price. Far beyond any pipeline that somebody means, and far
 * below what a controller could halt the switch by: thousands of outputs to OFPP_TABLE, each through hundreds of tables of thousands of outputs.
 */
const WORK_MAX = 65_536;
export const LOOKUP_WORK = 16;

export class ActionRunner {
  readonly #packet: Packet;
  readonly #rules: RuleStore;
  readonly #ports: Ports;
  readonly #groups: Groups;
  readonly #sink: PacketSink;
  /** Gives the packet to the first table: what OFPP_TABLE means, in a packet-out only. */
  readonly #submit: () => void;
  #tableId = 0;
  #rule = RULE_NONE;
  #copies = 0;
  #work = 0;
  #now = 0;
  readonly #normal = new NormalForwarding();

  constructor(packet: Packet, rules: RuleStore, ports: Ports, groups: Groups, sink: PacketSink, submit: () => void) {
    this.#packet = packet;
    this.#rules = rules;
    this.#ports = ports;
    this.#groups = groups;
    this.#sink = sink;
    this.#submit = submit;
  }

  /** A new packet has a new share of copies and work. */
  begin(now: number): void {
    this.#copies = 0;
    this.#work = 0;
    this.#now = now;
  }

  /** False: the packet has caused enough, and is gone. */
  spend(work: number): boolean {
    this.#work += work;
    return this.#work <= WORK_MAX;
  }

  /** What packet-ins of the actions to come say about their origin: a table, and the rule, if it is one alone that caused them. */
  setOrigin(tableId: number, rule: number): void {
    this.#tableId = tableId;
    this.#rule = rule;
  }

  get #cookie(): bigint {
    return this.#rule === RULE_NONE ? COOKIE_NONE : this.#rules.cookieOf(this.#rule);
  }

  /** Runs the actions from `at` up to `end`; false when the packet is gone. What most programs are made of comes first. */
  run(program: Program, at: number, end: number): boolean {
    const packet = this.#packet;
    if (!this.spend((end - at) >> 1)) return false;
    let here = at;
    while (here < end) {
      const op = program[here]!;
      if (op === OP.output) {
        this.#output(program[here + 1]! >>> 0, program[here + 2]!);
        here += OP_WORDS;
      } else if (op === OP.setField) {
        setField(packet, program, here);
        here += SET_FIELD_WORDS;
      } else if (this.#act(op, program[here + 1]!)) {
        here += OP_WORDS;
      } else {
        return false;
      }
    }
    return true;
  }

  /** One action with one argument; false when the packet is gone. */
  #act(op: number, arg: number): boolean {
    const packet = this.#packet;
    switch (op) {
      case OP.group:
        this.#runGroup(arg >>> 0);
        return true;
      case OP.decNwTtl:
        return decNwTtl(packet) || this.#expire();
      case OP.decMplsTtl:
        return decMplsTtl(packet) || this.#expire();
      case OP.setNwTtl:
        setNwTtl(packet, arg);
        return true;
      case OP.setMplsTtl:
        setMplsTtl(packet, arg);
        return true;
      case OP.copyTtlOut:
        copyTtlOut(packet);
        return true;
      case OP.copyTtlIn:
        copyTtlIn(packet);
        return true;
      case OP.pushVlan:
        return pushVlan(packet, arg);
      case OP.pushMpls:
        return pushMpls(packet, arg);
      case OP.pushPbb:
        return pushPbb(packet, arg);
      case OP.popVlan:
        popVlan(packet);
        return true;
      case OP.popMpls:
        popMpls(packet, arg);
        return true;
      case OP.popPbb:
        popPbb(packet);
        return true;
      default:
        // OP.setQueue
        packet.queueId = arg >>> 0;
        return true;
    }
  }

  #expire(): boolean {
    this.#sink.packetIn(this.#packet, PACKET_IN_REASON.invalidTtl, this.#tableId, this.#cookie, undefined);
    return false;
  }

  #output(portNo: number, maxLen: number): void {
    if (portNo <= PORT.max) this.#forward(portNo);
    else this.#outputReserved(portNo, maxLen);
  }

  #outputReserved(portNo: number, maxLen: number): void {
    switch (portNo) {
      case PORT.controller:
        this.#sendToController(maxLen);
        return;
      case PORT.inPort: {
        const port = this.#ports.get(this.#packet.inPort);
        if (port !== undefined) this.#send(port);
        return;
      }
      case PORT.all:
      case PORT.flood:
        this.#flood();
        return;
      case PORT.normal:
        this.#sendNormally();
        return;
      case PORT.table:
        this.#submit();
        return;
      default:
        this.#forward(portNo);
    }
  }

  /** Back where it came from a packet goes by way of OFPP_IN_PORT only. */
  #forward(portNo: number): void {
    const port = portNo === this.#packet.inPort ? undefined : this.#ports.get(portNo);
    if (port !== undefined) this.#send(port);
  }

  #flood(): void {
    const { all } = this.#ports;
    for (let i = 0; i < all.length; i++) if (all[i]!.portNo !== this.#packet.inPort) this.#send(all[i]!);
  }

  #sendNormally(): void {
    this.#packet.readKey();
    const portNo = this.#normal.choose(this.#packet, this.#now);
    if (portNo === FLOODED) this.#flood();
    else this.#forward(portNo);
  }

  #send(port: SwitchPort): void {
    if (!port.canSend) {
      port.txDropped++;
      return;
    }
    this.#work++;
    if (port.queues !== undefined) {
      port.queues.put(this.#packet.freeze(), this.#packet.queueId, this.#now, this.#sink);
      return;
    }
    port.txPackets++;
    port.txBytes += this.#packet.length;
    this.#sink.transmit(port.portNo, this.#packet);
  }

  #sendToController(maxLen: number): void {
    const packet = this.#packet;
    const port = this.#ports.get(packet.inPort);
    const isTableMiss = this.#rule !== RULE_NONE && this.#rules.isTableMiss(this.#rule);
    if (isTableMiss && port !== undefined && (port.config & PORT_CONFIG.noPacketIn) !== 0) return;
    const reason = isTableMiss ? PACKET_IN_REASON.noMatch : PACKET_IN_REASON.action;
    this.#sink.packetIn(packet, reason, this.#tableId, this.#cookie, maxLen);
  }

  #runGroup(groupId: number): void {
    const group = this.#groups.get(groupId);
    if (group === undefined) return;
    const packet = this.#packet;
    group.packetCount++;
    group.byteCount += packet.length;
    const frame = packet.freeze();
    const rule = this.#rule;
    const { queueId } = packet;
    const tunnelHigh = packet.key[KEY.tunnel]!;
    const tunnelLow = packet.key[KEY.tunnel + 1]!;
    this.setOrigin(this.#tableId, RULE_NONE);
    if (group.groupType === GROUP_TYPE.all || group.groupType === GROUP_TYPE.indirect) {
      for (let i = 0; i < group.buckets.length; i++) {
        this.#runBucket(group.buckets[i]!);
        this.#restore(frame, queueId, tunnelHigh, tunnelLow);
      }
    } else {
      const index = this.#choose(group);
      if (index >= 0) {
        this.#runBucket(group.buckets[index]!);
        this.#restore(frame, queueId, tunnelHigh, tunnelLow);
      }
    }
    this.setOrigin(this.#tableId, rule);
  }

  #choose(group: GroupEntry): number {
    if (group.groupType === GROUP_TYPE.select) this.#packet.readKey();
    return this.#groups.choose(group, this.#packet.key);
  }

  #restore(frame: Uint8Array, queueId: number, tunnelHigh: number, tunnelLow: number): void {
    this.#packet.thaw(frame);
    this.#packet.queueId = queueId;
    this.#packet.key[KEY.tunnel] = tunnelHigh;
    this.#packet.key[KEY.tunnel + 1] = tunnelLow;
  }

  #runBucket(bucket: GroupBucket): void {
    if (this.#copies >= COPIES_MAX) return;
    this.#copies++;
    bucket.packetCount++;
    bucket.byteCount += this.#packet.length;
    this.run(bucket.program, 0, bucket.program.length);
  }
}
