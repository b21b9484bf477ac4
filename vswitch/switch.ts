/**
 * One OpenFlow 1.3 switch: frames in and out of its ports, bytes in and out of its control connections, and the time as an argument.
 *
 * Nothing happens by itself. Whoever owns a switch gives it frames, bytes and the time, and takes what it says: frames by `transmit`,
 * bytes of a connection when `onOutput` names it. `poll` is to be called when `pollAt` has come: rules end then, frames leave
 * their queues, and connections are kept alive. Every call may lead to output on every connection. Time is a count of nanoseconds as an integer and never goes back.
 *
 * A frame that is handed in is never changed afterwards by anybody: it is passed on without a copy. One that goes out is shown, and kept by `freeze`.
 * Effects are called from within and must not call back into the switch.
 */
import { assert } from '../protocol/wire/wire-error.ts';
import { Agent } from './agent.ts';
import type { ConnectOptions, ControlConnection } from './connection.ts';
import { Datapath } from './datapath.ts';
import { type Leniences, STRICT } from './lenience.ts';
import type { OutgoingFrame } from './outgoing-frame.ts';
import type { PortOptions } from './port.ts';

export interface SwitchConfig {
  readonly name: string;
  readonly dpid: bigint;
  readonly ports: readonly PortOptions[];
  /** 255 at most. */
  readonly tableCount?: number;
  /** Of each table; as many as the process can bear if not given. */
  readonly tableEntriesMax?: number;
  /** Of the hash by which select groups choose. */
  readonly seed?: number;
  /** Without a controller: go on with the rules that are there, or forward like a bridge (section 6.4). */
  readonly failMode?: 'secure' | 'standalone';
  /** Deviations of peers that are let pass; none if not given. */
  readonly lenient?: Leniences;
}

export interface SwitchEffects {
  transmit(portNo: number, frame: OutgoingFrame): void;
  /** The connection has something to take; said once, until it is taken. What `connect` leads to is not announced. */
  onOutput?(connection: ControlConnection): void;
}

/** Enough for any layout of a pipeline that we know of; more cost memory in each of a thousand switches. */
const TABLE_COUNT = 64;
const TABLE_COUNT_MAX = 255;

export class Switch {
  readonly #datapath: Datapath;
  readonly #agent: Agent;
  readonly #isStandalone: boolean;

  constructor(config: SwitchConfig, effects: SwitchEffects) {
    const { name, dpid, ports, tableCount = TABLE_COUNT, tableEntriesMax } = config;
    const { seed = Number(BigInt.asUintN(32, dpid)), failMode, lenient = STRICT } = config;
    assert(tableCount >= 1 && tableCount <= TABLE_COUNT_MAX, 'a switch has 1 to 255 tables');
    this.#isStandalone = failMode === 'standalone';
    this.#datapath = new Datapath(
      { name, dpid, ports, tableCount, tableEntriesMax, seed, lenient },
      {
        transmit: (portNo, frame) => effects.transmit(portNo, frame),
        packetIn: (packet, reason, tableId, cookie, maxLen) =>
          this.#agent.tellPacketIn(packet, reason, tableId, cookie, maxLen),
      },
      (rule, reason) => this.#agent.tellRemoved(rule, reason),
    );
    this.#agent = new Agent(
      this.#datapath,
      (connection) => effects.onOutput?.(connection),
      () => this.#chooseMode(),
    );
    this.#chooseMode();
  }

  #chooseMode(): void {
    this.#datapath.pipeline.isStandalone = this.#isStandalone && !this.#agent.controllers.hasOpen;
  }

  /** A frame has come in by a port of this switch. */
  receiveFrame(portNo: number, frame: Uint8Array, now: number): void {
    const port = this.#datapath.ports.get(portNo);
    assert(port !== undefined, 'a frame comes in by a port of the switch');
    // Of frames at the same moment the first has seen to what was due.
    if (now !== this.#datapath.now) this.#datapath.advance(now);
    this.#datapath.pipeline.receive(port, frame, now);
  }

  /** A controller has connected, or was connected to. Its hello is there to be taken. */
  connect(now = this.#datapath.now, options?: ConnectOptions): ControlConnection {
    this.#datapath.advance(now);
    return this.#agent.connect(options);
  }

  /** One more connection to the controller at the other end of `main`, which must be open (section 6.3, Auxiliary Connections). */
  connectAuxiliary(main: ControlConnection, auxiliaryId: number, now = this.#datapath.now): ControlConnection {
    this.#datapath.advance(now);
    return this.#agent.connectAuxiliary(main, auxiliaryId);
  }

  /** The cable of a port was plugged in or pulled out. */
  setLinkUp(portNo: number, isUp: boolean, now: number): void {
    const port = this.#datapath.ports.get(portNo);
    assert(port !== undefined, 'a cable is plugged into a port of the switch');
    this.#datapath.advance(now);
    if (port.isLinkUp === isUp) return;
    port.isLinkUp = isUp;
    if (!isUp) port.queues?.flush();
    this.#datapath.ports.changes++;
    this.#agent.tellPort(port);
  }

  poll(now: number): void {
    this.#datapath.advance(now);
    for (const connection of [...this.#agent.controllers.connections]) connection.poll(now);
  }

  pollAt(): number | undefined {
    let next = this.#datapath.dueAt;
    const { connections } = this.#agent.controllers;
    for (let i = 0; i < connections.length; i++) {
      const at = connections[i]!.pollAt();
      if (at !== undefined && at < next) next = at;
    }
    return next === Number.POSITIVE_INFINITY ? undefined : next;
  }
}
