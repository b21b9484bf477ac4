/**
 * What a switch consists of apart from its controllers: ports, tables, groups, meters, buffers and configuration.
 *
 * Frames leave by the sink, and what controllers are to hear of goes there too; which of them wants it is not decided here.
 */
import type { PacketSink } from './actions.ts';
import { FlowTables, type RuleRemoved } from './flow-tables.ts';
import { Groups } from './groups.ts';
import type { Leniences } from './lenience.ts';
import { Meters } from './meters.ts';
import { PacketBuffers } from './packet-buffers.ts';
import { Pipeline } from './pipeline.ts';
import type { PortOptions } from './port.ts';
import { Ports } from './ports.ts';
import { SwitchClock } from './switch-clock.ts';
import { TableSetup } from './table-setup.ts';

export interface DatapathOptions {
  readonly name: string;
  readonly dpid: bigint;
  readonly ports: readonly PortOptions[];
  readonly tableCount: number;
  readonly tableEntriesMax: number | undefined;
  readonly seed: number;
  readonly lenient: Leniences;
}

/** The default of the specification's reference switch. */
const MISS_SEND_LEN = 128;

export class Datapath {
  readonly name: string;
  readonly dpid: bigint;
  readonly tableCount: number;
  readonly lenient: Leniences;
  readonly ports: Ports;
  readonly tables: FlowTables;
  readonly setup: TableSetup;
  readonly groups: Groups;
  readonly meters = new Meters();
  readonly buffers = new PacketBuffers();
  readonly pipeline: Pipeline;
  readonly clock = new SwitchClock();
  readonly #sink: PacketSink;
  #hasStarted = false;
  /** Section 7.3.2: bytes of a packet that go to the controller when no action says how many. */
  missSendLen = MISS_SEND_LEN;

  constructor(options: DatapathOptions, sink: PacketSink, onRemoved: RuleRemoved) {
    const { name, dpid, ports, tableCount, tableEntriesMax, seed, lenient } = options;
    this.name = name;
    this.dpid = dpid;
    this.tableCount = tableCount;
    this.lenient = lenient;
    this.ports = new Ports(ports);
    this.groups = new Groups(this.ports, seed, lenient);
    this.tables = new FlowTables(tableCount, this.clock, onRemoved, tableEntriesMax);
    this.setup = new TableSetup(this.tables);
    this.#sink = sink;
    this.pipeline = new Pipeline(this.tables, this.ports, this.groups, this.meters, sink);
  }

  get now(): number {
    return this.clock.now;
  }

  /** Time has passed: before anything is done at a time, what was to leave by then has left, and the rules that had ended by then are gone. */
  advance(now: number): void {
    this.clock.advance(now);
    if (!this.#hasStarted) this.#start(now);
    this.ports.advance(now, this.#sink);
    const { reassembly } = this.pipeline;
    if (reassembly.expiresAt <= now) reassembly.expire(now);
    if (this.tables.hasEnded) this.tables.expire();
  }

  #start(now: number): void {
    this.#hasStarted = true;
    for (const port of this.ports.all) port.createdAt = now;
  }

  /** When `advance` has something to do. */
  get dueAt(): number {
    return Math.min(
      this.tables.expiresAt ?? Number.POSITIVE_INFINITY,
      this.ports.nextAt ?? Number.POSITIVE_INFINITY,
      this.pipeline.reassembly.expiresAt,
    );
  }
}
