/**
 * A switch under fuzz, with all that it says checked: nothing may be thrown, every message that it sends can be read, it still answers,
 * and its counters add up. The last is this law, for each port and table, of a switch and its whole life:
 *
 * - A frame that a port takes in is counted once, in rx_packets and rx_bytes; a port that is down takes none in.
 * - It is counted once more: as dropped (the port does not listen, or it is a fragment that is not wanted), as an error (shorter than an
 *   Ethernet header, or longer than a packet-in could carry), or as a lookup in table 0. Table 0 looks up what packet-outs and buffered
 *   packets give to it besides, so while only frames come: rise of rx_packets = rise of rx_dropped + rx_errors + lookups of table 0.
 * - A table matches no more packets than it looks up; while no rule goes, what it matched is what its rules counted.
 * - What leaves by a port is counted once in tx_packets and tx_bytes of that port, at the moment when the world is shown it.
 * - A bucket counts no more than its group, a band no more than its meter, and a meter what the rules counted that name it.
 */

import { GROUP } from '../../protocol/wire/openflow/group.ts';
import { fromBytes, HEADER_BYTES, type Message, toBytes } from '../../protocol/wire/openflow/message.ts';
import { METER } from '../../protocol/wire/openflow/meter.ts';
import type { MultipartReplyBody, MultipartRequestBody } from '../../protocol/wire/openflow/multipart.ts';
import { PORT, PORT_CONFIG, type PortStats } from '../../protocol/wire/openflow/port.ts';
import { toHello } from '../../protocol/wire/openflow/version.ts';
import { assert } from '../../protocol/wire/wire-error.ts';
import type { ControlConnection } from '../../vswitch/connection.ts';
import { Switch } from '../../vswitch/switch.ts';
import { toHwAddr } from '../vswitch/random-script.ts';
import { ALL_FLOWS } from './vswitch-seeds.ts';

export const PORTS: readonly number[] = [1, 2, 3, 4];

const HELLO = toBytes(toHello(1));
const PROBE = [
  { type: 'echoRequest', xid: 97, data: Uint8Array.of(1) },
  { type: 'featuresRequest', xid: 98 },
  { type: 'barrierRequest', xid: 99 },
] as const;
const PROBE_BYTES = PROBE.map((message) => toBytes(message));
const PROBE_ANSWERS = 'echoReply 97, featuresReply 98, barrierReply 99';

/** So much time is between two inputs; some thousand inputs are a few minutes. */
const INPUT_NS = 10_000_000;

interface Count {
  packets: number;
  bytes: number;
}

const noCounts = (): Map<number, Count> => new Map(PORTS.map((portNo) => [portNo, { packets: 0, bytes: 0 }]));

export class Rig {
  readonly device: Switch;
  now = 1;
  readonly #given = noCounts();
  readonly #shown = noCounts();
  /** A controller that only asks. */
  readonly observer: ControlConnection;
  #baseline: { readonly lookups: number; readonly entered: number } | undefined;

  constructor(setUp: readonly Message[] = []) {
    const ports = PORTS.map((portNo) => ({ portNo, name: `p${portNo}`, hwAddr: toHwAddr(portNo) }));
    this.device = new Switch(
      { name: 'fuzz', dpid: 1n, ports, tableCount: 6 },
      {
        transmit: (portNo, frame) => {
          assert(frame.length >= HEADER_BYTES + 6, 'frames leave with an Ethernet header');
          count(this.#shown, portNo, frame.length);
        },
      },
    );
    this.observer = this.connect();
    for (const message of setUp) this.observer.receive(toBytes(message), this.now);
    take(this.observer);
  }

  /** Another controller, whose greeting is done with. */
  connect(): ControlConnection {
    const connection = this.device.connect(this.now);
    connection.receive(HELLO, this.now);
    return connection;
  }

  /** Every message that it sends can be read. */
  say(connection: ControlConnection, bytes: Uint8Array): readonly Message[] {
    if (!connection.isClosed) connection.receive(bytes, this.now);
    return take(connection);
  }

  receiveFrame(portNo: number, frame: Uint8Array): void {
    if (this.#isUp(portNo)) count(this.#given, portNo, frame.length);
    this.device.receiveFrame(portNo, frame, this.now);
  }

  /** Ports go down by port_mod: that is asked only of rigs whose ports do. */
  #isUp(portNo: number): boolean {
    return (this.#configs.get(portNo)! & PORT_CONFIG.portDown) === 0;
  }

  readonly #configs = new Map(PORTS.map((portNo) => [portNo, 0]));

  /** Time goes on, and connections are kept alive. */
  pass(connections: readonly ControlConnection[] = []): void {
    this.now += INPUT_NS;
    this.device.poll(this.now);
    for (const connection of [this.observer, ...connections]) {
      for (const message of take(connection)) {
        if (message.type !== 'echoRequest' || connection.isClosed) continue;
        connection.receive(toBytes({ ...message, type: 'echoReply' }), this.now);
      }
    }
  }

  /** It still answers. */
  check(): void {
    take(this.observer);
    for (const bytes of PROBE_BYTES) this.observer.receive(bytes, this.now);
    const answers = take(this.observer).map(({ type, xid }) => `${type} ${xid}`);
    assert(answers.join(', ') === PROBE_ANSWERS, 'a switch answers, in order, whatever came before');
  }

  #ask<T extends MultipartReplyBody['type']>(
    body: MultipartRequestBody & { type: T },
  ): Extract<MultipartReplyBody, { type: T }>[] {
    take(this.observer);
    const request = toBytes({ type: 'multipartRequest', xid: 5, flags: 0, body });
    return this.say(this.observer, request).flatMap((reply) =>
      reply.type === 'multipartReply' ? [reply.body as Extract<MultipartReplyBody, { type: T }>] : [],
    );
  }

  /** From now on only frames come, until `checkCounters`. */
  beginFrames(): void {
    this.#baseline = this.#readBaseline();
    for (const { entries } of this.#ask({ type: 'portDesc' })) {
      for (const { portNo, config } of entries) this.#configs.set(portNo, config);
    }
  }

  #ports(): PortStats[] {
    return this.#ask({ type: 'portStats', portNo: PORT.any }).flatMap(({ entries }) => entries);
  }

  #readBaseline() {
    const tables = this.#ask({ type: 'table' }).flatMap(({ entries }) => entries);
    const entered = this.#ports().reduce((sum, port) => sum + port.rxPackets - port.rxDropped - port.rxErrors, 0n);
    return { lookups: Number(tables[0]!.lookupCount), entered: Number(entered) };
  }

  /** The law above. `isWhole`: no rule has gone since the switch was built. */
  checkCounters(isWhole: boolean): void {
    for (const port of this.#ports()) {
      const given = this.#given.get(port.portNo)!;
      const shown = this.#shown.get(port.portNo)!;
      assert(Number(port.txPackets) === shown.packets, 'frames that leave are counted once');
      assert(Number(port.txBytes) === shown.bytes, 'bytes that leave are counted once');
      if (this.#baseline === undefined) continue;
      assert(Number(port.rxPackets) === given.packets, 'frames that come are counted once');
      assert(Number(port.rxBytes) === given.bytes, 'bytes that come are counted once');
    }
    const after = this.#readBaseline();
    if (this.#baseline !== undefined) {
      const looked = after.lookups - this.#baseline.lookups;
      const entered = after.entered - this.#baseline.entered;
      assert(looked === entered, 'what comes in is dropped, an error, or looked up in the first table');
    }
    this.#checkTables(isWhole);
    this.#checkGroupsAndMeters(isWhole);
  }

  #checkTables(isWhole: boolean): void {
    const flows = this.#ask({ type: 'flow', ...ALL_FLOWS }).flatMap(({ entries }) => entries);
    for (const table of this.#ask({ type: 'table' }).flatMap(({ entries }) => entries)) {
      assert(table.matchedCount <= table.lookupCount, 'a table matches what it looks up');
      const own = flows.filter(({ tableId }) => tableId === table.tableId);
      assert(own.length === table.activeCount, 'a table has as many rules as it shows');
      const counted = own.reduce((sum, { packetCount }) => sum + packetCount, 0n);
      assert(!isWhole || counted === table.matchedCount, 'what a table matched its rules counted');
    }
  }

  #checkGroupsAndMeters(isWhole: boolean): void {
    for (const group of this.#ask({ type: 'group', groupId: GROUP.all }).flatMap(({ entries }) => entries)) {
      for (const { packetCount } of group.bucketStats) {
        assert(packetCount <= group.packetCount, 'a bucket counts no more than its group');
      }
    }
    const flows = this.#ask({ type: 'flow', ...ALL_FLOWS }).flatMap(({ entries }) => entries);
    for (const meter of this.#ask({ type: 'meter', meterId: METER.all }).flatMap(({ entries }) => entries)) {
      for (const { packetBandCount } of meter.bandStats) {
        assert(packetBandCount <= meter.packetInCount, 'a band counts no more than its meter');
      }
      const counted = flows
        .filter(({ instructions }) => instructions.some((it) => it.type === 'meter' && it.meterId === meter.meterId))
        .reduce((sum, { packetCount }) => sum + packetCount, 0n);
      assert(!isWhole || counted === meter.packetInCount, 'a meter counts what its rules count');
    }
  }
}

function count(counts: Map<number, Count>, portNo: number, bytes: number): void {
  const tally = counts.get(portNo);
  assert(tally !== undefined, 'frames come and go by ports');
  tally.packets++;
  tally.bytes += bytes;
}

function take(connection: ControlConnection): Message[] {
  const messages: Message[] = [];
  const bytes = connection.takeOutgoing();
  if (bytes === undefined) return messages;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 0; at < bytes.length; at += view.getUint16(at + 2)) {
    const end = at + view.getUint16(at + 2);
    assert(end >= at + HEADER_BYTES && end <= bytes.length, 'what a switch sends are whole messages');
    messages.push(fromBytes(bytes.subarray(at, end)));
  }
  return messages;
}
