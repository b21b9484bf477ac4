/**
 * A controller for tests: a session of the wire's own in the other role, joined to a switch byte by byte, that keeps what it is told.
 */

import { errorName } from '../../protocol/wire/openflow/error.ts';
import { FLOW_COMMAND, type FlowMod } from '../../protocol/wire/openflow/flow.ts';
import { GROUP } from '../../protocol/wire/openflow/group.ts';
import type { Instruction } from '../../protocol/wire/openflow/instruction.ts';
import type { Match } from '../../protocol/wire/openflow/match.ts';
import type { Message, MessageOf, MessageType } from '../../protocol/wire/openflow/message.ts';
import type { MultipartReplyBody, MultipartRequestBody } from '../../protocol/wire/openflow/multipart.ts';
import { BUFFER_NONE } from '../../protocol/wire/openflow/packet.ts';
import { PORT } from '../../protocol/wire/openflow/port.ts';
import { Session } from '../../protocol/wire/openflow/session.ts';
import { Switch, type SwitchConfig } from '../../vswitch/switch.ts';

export const SECOND = 1_000_000_000;

type Connection = ReturnType<Switch['connect']>;

export class TestController {
  readonly session: Session;
  readonly #connection: Connection;
  readonly #bench: SwitchBench;
  /** In the order in which they came, without those that were taken. */
  readonly inbox: Message[] = [];
  closedBecause: string | undefined;

  /** With `beside`, an auxiliary connection of the controller whose main one that is. */
  constructor(bench: SwitchBench, beside?: { readonly main: TestController; readonly auxiliaryId: number }) {
    this.#bench = bench;
    this.session = new Session({
      role: 'controller',
      now: bench.now,
      echoIntervalNs: Number.POSITIVE_INFINITY,
      events: {
        ready: ({ features }) => this.inbox.push(features!),
        // Data lie in a buffer that will be used again.
        message: (message) => this.inbox.push(structuredClone(message)),
        closed: (reason) => {
          this.closedBecause = reason;
        },
      },
    });
    this.#connection = beside
      ? bench.device.connectAuxiliary(beside.main.#connection, beside.auxiliaryId, bench.now)
      : bench.device.connect(bench.now);
    this.pump();
  }

  get isHungUp(): boolean {
    return this.#connection.isClosed;
  }

  close(): void {
    this.#connection.close(this.#bench.now);
  }

  /** Carries bytes both ways until nobody says any more. */
  pump(): void {
    for (;;) {
      const up = this.#connection.takeOutgoing();
      if (up) this.session.receive(up, this.#bench.now);
      const down = this.session.takeOutput();
      if (down) this.#connection.receive(down, this.#bench.now);
      if (!up && !down) return;
    }
  }

  receiveRaw(bytes: Uint8Array): void {
    this.#connection.receive(bytes, this.#bench.now);
    this.pump();
  }

  send(message: Message): void {
    this.session.send(message);
    this.pump();
  }

  /** The messages of a type that have come; they are taken out of the inbox. */
  take<T extends MessageType>(type: T): MessageOf<T>[] {
    this.pump();
    const taken = this.inbox.filter((message) => message.type === type) as MessageOf<T>[];
    for (const message of taken) this.inbox.splice(this.inbox.indexOf(message), 1);
    return taken;
  }

  takeOne<T extends MessageType>(type: T): MessageOf<T> {
    const taken = this.take(type);
    if (taken.length !== 1) {
      throw new Error(
        `${taken.length} ${type} came; else ${JSON.stringify(this.inbox, (_k, v) => (typeof v === 'bigint' ? `${v}` : v))}`,
      );
    }
    return taken[0]!;
  }

  /** Sends, and answers with the name of the error that came back, if one did. */
  ask(message: Message): string | undefined {
    this.send(message);
    const [error] = this.take('error');
    return error && errorName(error.errorType, error.code);
  }

  /** The bodies of all parts of the answer. */
  multipart<T extends MultipartReplyBody['type']>(
    body: MultipartRequestBody & { type: T },
  ): Extract<MultipartReplyBody, { type: T }>[] {
    this.send({ type: 'multipartRequest', xid: 77, flags: 0, body });
    return this.take('multipartReply').map((reply) => reply.body as Extract<MultipartReplyBody, { type: T }>);
  }

  flows(tableId = 0xff, match: Match = []) {
    return this.multipart({ type: 'flow', ...ALL_FLOWS, tableId, match }).flatMap(({ entries }) => entries);
  }
}

export const ALL_FLOWS = {
  tableId: 0xff,
  outPort: PORT.any,
  outGroup: GROUP.any,
  cookie: 0n,
  cookieMask: 0n,
  match: [] as Match,
} as const;

/** A switch with four ports, a clock that is turned by hand, and all that leaves by its ports. */
export class SwitchBench {
  readonly device: Switch;
  readonly sent: { readonly portNo: number; readonly frame: Uint8Array; readonly at: number }[] = [];
  announced = 0;
  now = SECOND;

  constructor(config: Partial<SwitchConfig> = {}) {
    this.device = new Switch(
      {
        name: 's1',
        dpid: 0x11n,
        ports: [1, 2, 3, 4].map((portNo) => ({ portNo, name: `s1-eth${portNo}`, hwAddr: 0x0200_0000_0000 + portNo })),
        ...config,
      },
      {
        transmit: (portNo, frame) => this.sent.push({ portNo, frame: frame.freeze(), at: this.now }),
        onOutput: () => {
          this.announced++;
        },
      },
    );
  }

  receive(portNo: number, frame: Uint8Array): void {
    this.device.receiveFrame(portNo, frame, this.now);
  }

  /** Lets so much time pass, with every poll that is due. */
  pass(ns: number): void {
    const end = this.now + ns;
    for (;;) {
      const at = this.device.pollAt();
      if (at === undefined || at > end) break;
      this.now = Math.max(this.now, at);
      this.device.poll(this.now);
    }
    this.now = end;
    this.device.poll(end);
  }

  takeSent(): string[] {
    return this.sent.splice(0).map(({ portNo, frame }) => `${portNo}:${frame.length}`);
  }

  takePorts(): number[] {
    return this.sent.splice(0).map(({ portNo }) => portNo);
  }
}

let xid = 1000;

export function flowMod(fields: Partial<FlowMod>): FlowMod {
  return {
    type: 'flowMod',
    xid: xid++,
    cookie: 0n,
    cookieMask: 0n,
    tableId: 0,
    command: FLOW_COMMAND.add,
    idleTimeout: 0,
    hardTimeout: 0,
    priority: 100,
    bufferId: BUFFER_NONE,
    outPort: PORT.any,
    outGroup: GROUP.any,
    flags: 0,
    match: [],
    instructions: [],
    ...fields,
  };
}

export function output(port: number, maxLen = 0xffff): Instruction {
  return { type: 'applyActions', actions: [{ type: 'output', port, maxLen }] };
}

/** Ethernet, IPv4, UDP: as much as a rule wants to see. */
export function udpFrame({ dst = 2, src = 1, ipDst = 0x0a000002, dstPort = 53, bytes = 60 } = {}): Uint8Array {
  const frame = new Uint8Array(bytes);
  const view = new DataView(frame.buffer);
  view.setUint32(2, dst);
  view.setUint32(8, src);
  view.setUint16(12, 0x0800);
  view.setUint16(14, 0x4500);
  view.setUint16(16, bytes - 14);
  view.setUint16(22, 0x4011);
  view.setUint32(26, 0x0a000001);
  view.setUint32(30, ipDst);
  view.setUint16(34, 1024);
  view.setUint16(36, dstPort);
  view.setUint16(38, bytes - 34);
  return frame;
}

/** A switch and the controller that it is connected to. */
export function start(config: Partial<SwitchConfig> = {}): { bench: SwitchBench; controller: TestController } {
  const bench = new SwitchBench(config);
  return { bench, controller: new TestController(bench) };
}
