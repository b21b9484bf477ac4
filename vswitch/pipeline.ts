/**
 * OpenFlow 1.3.5, sections 5.1 to 5.12: the way of a packet through the tables, as fast as it goes.
 *
 * What it means is written, to be read, in `protocol/pipeline`, which a property test holds this to. Here one packet is worked on
 * at a time, in place: its key is read when a table asks for it, its rule's program is run word by word, and nothing is allocated but the
 * frames that leave changed. A table that has no rule for the packet drops it; to ask the controller takes a table-miss rule.
 */
import { PORT, PORT_CONFIG } from '../protocol/wire/openflow/port.ts';
import { CONFIG_FRAG } from '../protocol/wire/openflow/switch.ts';
import { ActionSet } from './action-set.ts';
import { ActionRunner, LOOKUP_WORK, type PacketSink } from './actions.ts';
import { remarkDscp } from './dscp-remark.ts';
import { KEY } from './flow-key.ts';
import type { FlowTables } from './flow-tables.ts';
import { FragmentReassembly } from './fragment-reassembly.ts';
import { ETHERNET_BYTES } from './frame-layout.ts';
import type { Groups } from './groups.ts';
import { METER_DROP, METER_PASS } from './meter-entry.ts';
import type { Meters } from './meters.ts';
import { FRAME_BYTES_MAX, Packet } from './packet.ts';
import type { SwitchPort } from './port.ts';
import type { Ports } from './ports.ts';
import { compileActions, METADATA_WORDS, OP, OP_WORDS, type Program } from './program.ts';
import { RULE_NONE } from './rule-store.ts';

const DROPPED = -1;
/** No rule goes to the first table. */
const FINISHED = 0;

const NORMAL = compileActions([{ type: 'output', port: PORT.normal, maxLen: 0 }]);

export class Pipeline {
  readonly #tables: FlowTables;
  readonly #meters: Meters;
  readonly #packet = new Packet();
  readonly #actionSet = new ActionSet();
  readonly #runner: ActionRunner;
  #now = 0;
  /** A value of `CONFIG_FRAG`. */
  fragments: number = CONFIG_FRAG.normal;
  readonly reassembly = new FragmentReassembly();
  /** Section 6.4: without a controller every packet goes where OFPP_NORMAL sends it. */
  isStandalone = false;

  constructor(tables: FlowTables, ports: Ports, groups: Groups, meters: Meters, sink: PacketSink) {
    this.#tables = tables;
    this.#meters = meters;
    this.#runner = new ActionRunner(this.#packet, tables.rules, ports, groups, sink, () => this.#submit());
  }

  /** A frame has come in by a port. */
  receive(port: SwitchPort, frame: Uint8Array, now: number): void {
    if (!port.isUp) return;
    port.rxPackets++;
    port.rxBytes += frame.length;
    if (frame.length < ETHERNET_BYTES) {
      port.rxFrameErrors++;
    } else if (frame.length > FRAME_BYTES_MAX) {
      port.rxOverErrors++;
    } else if ((port.config & PORT_CONFIG.noRecv) !== 0) {
      port.rxDropped++;
    } else {
      this.#packet.load(frame, port.portNo);
      if (this.fragments === CONFIG_FRAG.normal || !this.#isFragment()) this.#enter(now);
      else this.#receiveFragment(port, frame, now);
    }
  }

  #receiveFragment(port: SwitchPort, frame: Uint8Array, now: number): void {
    if (this.fragments === CONFIG_FRAG.drop) {
      port.rxDropped++;
      return;
    }
    const whole = this.reassembly.add(frame, this.#packet.layout, port, now);
    if (whole === undefined) return;
    this.#packet.load(whole, port.portNo);
    this.#enter(now);
  }

  #isFragment(): boolean {
    this.#packet.readLayout();
    return this.#packet.layout.isFragment;
  }

  #enter(now: number): void {
    this.#now = now;
    this.#runner.begin(now);
    if (this.isStandalone) this.#runner.run(NORMAL, 0, NORMAL.length);
    else this.#runTables();
  }

  /** Section 7.3.7: a packet from a controller goes through a list of actions, and through the tables only if that says so. */
  execute(frame: Uint8Array, inPort: number, actions: Program, now: number): void {
    this.#now = now;
    this.#packet.load(frame, inPort);
    this.#runner.begin(now);
    this.#runner.setOrigin(0, RULE_NONE);
    this.#runner.run(actions, 0, actions.length);
  }

  /** A packet that waited for a rule goes through the tables now. */
  resubmit(frame: Uint8Array, inPort: number, now: number): void {
    this.#packet.load(frame, inPort);
    this.#enter(now);
  }

  /** Through the tables from within a list of actions, which goes on afterwards with the packet as it was. */
  #submit(): void {
    const packet = this.#packet;
    const { key } = packet;
    const frame = packet.freeze();
    const { queueId } = packet;
    const tunnelHigh = key[KEY.tunnel]!;
    const tunnelLow = key[KEY.tunnel + 1]!;
    this.#runTables();
    packet.thaw(frame);
    packet.queueId = queueId;
    key[KEY.metadata] = 0;
    key[KEY.metadata + 1] = 0;
    key[KEY.tunnel] = tunnelHigh;
    key[KEY.tunnel + 1] = tunnelLow;
    this.#runner.setOrigin(0, RULE_NONE);
  }

  #runTables(): void {
    const { tables, rules } = this.#tables;
    const packet = this.#packet;
    this.#actionSet.clear();
    let tableId = 0;
    for (;;) {
      if (!this.#runner.spend(LOOKUP_WORK)) return;
      packet.readKey();
      const rule = tables[tableId]!.match(packet.key, packet.length);
      if (rule === RULE_NONE) return;
      this.#runner.setOrigin(tableId, rule);
      const next = this.#runRule(rules.programOf(rule).words);
      if (next === DROPPED) return;
      if (next === FINISHED) break;
      tableId = next;
    }
    if (this.#actionSet.isEmpty) return;
    const end = this.#actionSet.order();
    this.#runner.setOrigin(tableId, RULE_NONE);
    this.#runner.run(this.#actionSet.ordered, 0, end);
  }

  /** The table to go on with, `FINISHED` or `DROPPED`. */
  #runRule(program: Program): number {
    let here = 0;
    for (;;) {
      const op = program[here]!;
      const arg = program[here + 1]!;
      here += OP_WORDS;
      switch (op) {
        case OP.applyActions:
          if (!this.#runner.run(program, here, here + arg)) return DROPPED;
          here += arg;
          break;
        case OP.writeActions:
          this.#actionSet.write(program, here, here + arg);
          here += arg;
          break;
        case OP.clearActions:
          this.#actionSet.clear();
          break;
        case OP.writeMetadata:
          this.#writeMetadata(program, here - OP_WORDS);
          here += METADATA_WORDS - OP_WORDS;
          break;
        case OP.meter:
          if (!this.#meter(arg >>> 0)) return DROPPED;
          break;
        case OP.gotoTable:
          return arg;
        default:
          return FINISHED;
      }
    }
  }

  #writeMetadata(program: Program, at: number): void {
    const { key } = this.#packet;
    const high = program[at + 3]!;
    const low = program[at + 4]!;
    key[KEY.metadata] = (key[KEY.metadata]! & ~high) | (program[at + 1]! & high);
    key[KEY.metadata + 1] = (key[KEY.metadata + 1]! & ~low) | (program[at + 2]! & low);
  }

  /** False when the packet is dropped. */
  #meter(meterId: number): boolean {
    const meter = this.#meters.get(meterId);
    if (meter === undefined) return true;
    const verdict = meter.judge(this.#packet.length, this.#now);
    if (verdict === METER_PASS) return true;
    if (verdict === METER_DROP) return false;
    remarkDscp(this.#packet, verdict);
    return true;
  }
}
