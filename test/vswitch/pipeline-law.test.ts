/**
 * The law of the packet path: the fast pipeline does what `protocol/pipeline`, which was written to be read, says that it means:
 * the same bytes out of the same ports in the same order, the same packet-ins, the same counters.
 */
import { describe, expect, it } from 'vitest';
import { countRun } from '../../protocol/pipeline/counters.ts';
import type { Environment, FlowEntry, Pipeline as Meaning } from '../../protocol/pipeline/flow-entry.ts';
import { type PacketFields, readFields } from '../../protocol/pipeline/packet-fields.ts';
import { readLayout } from '../../protocol/pipeline/packet-layout.ts';
import { runPacketOut, runPipeline } from '../../protocol/pipeline/pipeline.ts';
import type { Run } from '../../protocol/pipeline/run.ts';
import { formatHex } from '../../protocol/wire/hex.ts';
import type { Action } from '../../protocol/wire/openflow/action.ts';
import { FLOW_COMMAND, type FlowMod } from '../../protocol/wire/openflow/flow.ts';
import { GROUP } from '../../protocol/wire/openflow/group.ts';
import type { Match } from '../../protocol/wire/openflow/match.ts';
import { METER_FLAG } from '../../protocol/wire/openflow/meter.ts';
import type { Oxm } from '../../protocol/wire/openflow/oxm.ts';
import { BUFFER_NONE, PACKET_IN_REASON } from '../../protocol/wire/openflow/packet.ts';
import { PORT, PORT_CONFIG } from '../../protocol/wire/openflow/port.ts';
import { CONFIG_FRAG } from '../../protocol/wire/openflow/switch.ts';
import { FlowTables } from '../../vswitch/flow-tables.ts';
import { Groups, hashKey } from '../../vswitch/groups.ts';
import { MatchKey } from '../../vswitch/match-key.ts';
import { Meters } from '../../vswitch/meters.ts';
import { toPipelineMatch } from '../../vswitch/packet-in.ts';
import { Pipeline } from '../../vswitch/pipeline.ts';
import { Ports } from '../../vswitch/ports.ts';
import { compileActions } from '../../vswitch/program.ts';
import { SwitchClock } from '../../vswitch/switch-clock.ts';
import {
  Chance,
  type RandomGroup,
  randomActions,
  randomFrame,
  randomGroups,
  randomInstructions,
  randomMatch,
  randomSetField,
  SEED,
  SETTABLE,
} from './random-case.ts';

const CASES = Number(process.env.SLUICE_CASES ?? 10_000);
const FRAMES = CASES / 20;
const TIMEOUT_MS = 120_000 + 10 * CASES;
const TABLES = 4;
const PORTS = [1, 2, 3, 4];
const OUT_PORTS = [1, 2, 3, 4, 9, PORT.all, PORT.flood, PORT.inPort, PORT.controller];
const MISS_SEND_LEN = 128;
const SWITCH_SEED = 7;

/** What left, as text, so that a difference can be read. */
interface Seen {
  readonly outputs: readonly string[];
  readonly packetIns: readonly string[];
  readonly counters: Readonly<Record<string, number>>;
}

interface Scene {
  readonly tables: FlowTables;
  readonly ports: Ports;
  readonly groups: Groups;
  readonly meters: Meters;
  readonly entries: ReadonlyMap<number, readonly FlowEntry[]>;
  readonly randomGroups: readonly RandomGroup[];
  readonly fragments: number;
}

function randomScene(chance: Chance, frames: readonly { frame: Uint8Array; inPort: number }[]): Scene {
  const ports = new Ports(PORTS.map((portNo) => ({ portNo, name: `p${portNo}`, hwAddr: portNo })));
  for (const port of ports.all) {
    if (chance.oneIn(8)) port.isLinkUp = false;
    if (chance.oneIn(4)) port.config = chance.pick(Object.values(PORT_CONFIG));
  }
  const groups = new Groups(ports, SWITCH_SEED);
  const made = randomGroups(chance, OUT_PORTS, PORTS);
  for (const group of made) groups.add({ type: 'groupMod', xid: 0, command: 0, ...group }, 0);
  const meters = new Meters();
  for (let meterId = 1; meterId <= 3; meterId++) {
    // As many packets as the number of the meter pass at one moment.
    const band = { rate: meterId, burstSize: meterId };
    const bands =
      meterId === 2 ? [{ type: 'dscpRemark', ...band, precLevel: 1 } as const] : [{ type: 'drop', ...band } as const];
    meters.add({ type: 'meterMod', xid: 0, command: 0, flags: METER_FLAG.pktps | METER_FLAG.burst, meterId, bands }, 0);
  }
  const tables = new FlowTables(TABLES, new SwitchClock(), () => undefined);
  const entries = new Map<number, FlowEntry[]>();
  const world = { ports: OUT_PORTS, groups: [...made.map(({ groupId }) => groupId), 99] };
  for (let tableId = 0; tableId < TABLES; tableId++) {
    const list: FlowEntry[] = [];
    for (let priority = chance.below(6); priority >= 0; priority--) {
      const { frame, inPort } = chance.pick(frames);
      const match = priority === 0 ? [] : randomMatch(chance, readFields({ bytes: frame, inPort }));
      if (priority === 0 && chance.oneIn(3)) continue;
      const entry = {
        tableId,
        priority,
        match,
        instructions: randomInstructions(chance, world, tableId, TABLES),
        cookie: chance.bits(64),
        flags: chance.pick([0, 0, 8, 16]),
      };
      list.push(entry);
      tables.apply(toFlowMod(entry));
    }
    entries.set(tableId, list);
  }
  const fragments = chance.oneIn(8) ? CONFIG_FRAG.drop : CONFIG_FRAG.normal;
  return { tables, ports, groups, meters, entries, randomGroups: made, fragments };
}

function toFlowMod(entry: FlowEntry): FlowMod {
  return {
    type: 'flowMod',
    xid: 0,
    cookieMask: 0n,
    command: FLOW_COMMAND.add,
    idleTimeout: 0,
    hardTimeout: 0,
    bufferId: BUFFER_NONE,
    outPort: PORT.any,
    outGroup: GROUP.any,
    ...entry,
  };
}

function toMeaning({ entries, randomGroups: groups, ports, fragments }: Scene): Meaning {
  return {
    tables: entries,
    groups: new Map(groups.map((group) => [group.groupId, group])),
    ports: new Map(ports.all.map((port) => [port.portNo, { config: port.config, state: port.state }])),
    missSendLen: MISS_SEND_LEN,
    invalidTtlToController: true,
    dropsFragments: fragments === CONFIG_FRAG.drop,
  };
}

/** The switch's choice, told from the fields: a hash of the key, laid on the weights. Tokens: the packets that a meter has let pass. */
function toEnvironment(): Environment {
  const passed = new Map<number, number>();
  return {
    meter(meterId) {
      if (meterId > 3) return 'pass';
      const count = (passed.get(meterId) ?? 0) + 1;
      passed.set(meterId, count);
      if (count <= meterId) return 'pass';
      return meterId === 2 ? { remark: 1 } : 'drop';
    },
    selectBucket(_group, live, fields) {
      const total = live.reduce((sum, { bucket }) => sum + bucket.weight, 0);
      if (total === 0) return undefined;
      let rest = hashKey(new MatchKey().set(toMatch(fields)).key, SWITCH_SEED) % total;
      return live.find(({ bucket }) => {
        rest -= bucket.weight;
        return rest < 0;
      });
    },
  };
}

function toMatch(fields: PacketFields): Match {
  return [...fields].flatMap(([type, value]) =>
    type === 'nwTtl' || type === 'mplsTtl' ? [] : [{ type, value } as Oxm],
  );
}

function bigintText(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? value.toString() : value;
}

function formatPacketIn(
  reason: number,
  tableId: number,
  cookie: bigint,
  maxLen: number,
  match: Match,
  bytes: Uint8Array,
) {
  return `reason ${reason} table ${tableId} cookie ${cookie} max ${maxLen} ${JSON.stringify(match, bigintText)} ${formatHex(bytes)}`;
}

function seeMeaning(runs: readonly Run[], { entries }: Scene): Seen {
  const counters: Record<string, number> = {};
  const add = (name: string, count: number) => {
    if (count !== 0) counters[name] = (counters[name] ?? 0) + count;
  };
  const both = (name: string, { packets, bytes }: { packets: number; bytes: number }) => {
    add(`${name} packets`, packets);
    add(`${name} bytes`, bytes);
  };
  for (const run of runs) {
    const rise = countRun(run);
    for (const [id, { lookups, matches }] of rise.tables) {
      add(`table ${id} lookups`, lookups);
      add(`table ${id} matches`, matches);
    }
    for (const list of entries.values()) {
      for (const entry of list) {
        const count = rise.flows.get(entry);
        if (count) both(`flow ${entry.tableId}/${entry.priority}`, count);
      }
    }
    for (const [id, count] of rise.groups) both(`group ${id}`, count);
    for (const [id, buckets] of rise.buckets) for (const [i, count] of buckets) both(`bucket ${id}/${i}`, count);
    for (const [id, count] of rise.meters) if (id <= 3) both(`meter ${id}`, count);
    for (const [id, count] of rise.received) both(`received ${id}`, count);
    for (const [id, count] of rise.sent) both(`sent ${id}`, count);
    for (const [id, count] of rise.receiveDrops) add(`receive drops ${id}`, count);
  }
  return {
    outputs: runs.flatMap(({ outputs }) => outputs.map(({ port, bytes }) => `${port} ${formatHex(bytes)}`)),
    packetIns: runs.flatMap(({ packetIns }) =>
      packetIns.map(({ reason, tableId, cookie, maxLen, match, bytes }) =>
        formatPacketIn(PACKET_IN_REASON[reason], tableId, cookie, maxLen, match, bytes),
      ),
    ),
    counters,
  };
}

function countersOf({ tables, groups, meters, ports }: Scene): Record<string, number> {
  const counters: Record<string, number> = {};
  const add = (name: string, count: number | bigint) => {
    if (Number(count) !== 0) counters[name] = Number(count);
  };
  for (const table of tables.tables) {
    add(`table ${table.tableId} lookups`, table.lookupCount);
    add(`table ${table.tableId} matches`, table.matchedCount);
  }
  for (const rule of tables.tables.flatMap((table) => [...table.rules()])) {
    const { tableId, priority, packetCount, byteCount } = tables.describe(rule);
    add(`flow ${tableId}/${priority} packets`, packetCount);
    add(`flow ${tableId}/${priority} bytes`, byteCount);
  }
  for (const group of groups.all()) {
    add(`group ${group.groupId} packets`, group.packetCount);
    add(`group ${group.groupId} bytes`, group.byteCount);
    group.buckets.forEach((bucket, i) => {
      add(`bucket ${group.groupId}/${i} packets`, bucket.packetCount);
      add(`bucket ${group.groupId}/${i} bytes`, bucket.byteCount);
    });
  }
  for (const meter of meters.all()) {
    const stats = meter.toStats(0, 0);
    add(`meter ${meter.meterId} packets`, stats.packetInCount);
    add(`meter ${meter.meterId} bytes`, stats.byteInCount);
  }
  for (const port of ports.all) {
    add(`received ${port.portNo} packets`, port.rxPackets);
    add(`received ${port.portNo} bytes`, port.rxBytes);
    add(`sent ${port.portNo} packets`, port.txPackets);
    add(`sent ${port.portNo} bytes`, port.txBytes);
    add(`receive drops ${port.portNo}`, port.rxDropped);
  }
  return counters;
}

interface Sent {
  readonly frame: Uint8Array;
  readonly inPort: number;
  /** Absent: the frame came in by a port. */
  readonly actions?: readonly Action[];
}

function runSwitch(scene: Scene, sent: readonly Sent[]): Seen {
  const outputs: string[] = [];
  const packetIns: string[] = [];
  const given: { bytes: Uint8Array; hex: string }[] = [];
  const pipeline = new Pipeline(scene.tables, scene.ports, scene.groups, scene.meters, {
    transmit: (portNo, frame) => {
      const bytes = frame.freeze();
      const hex = formatHex(bytes);
      outputs.push(`${portNo} ${hex}`);
      given.push({ bytes, hex });
    },
    packetIn: (packet, reason, tableId, cookie, maxLen = MISS_SEND_LEN) =>
      packetIns.push(
        formatPacketIn(
          reason,
          tableId,
          cookie,
          maxLen,
          toPipelineMatch(packet),
          packet.bytes.subarray(0, packet.length),
        ),
      ),
  });
  pipeline.fragments = scene.fragments;
  for (const { frame, inPort, actions } of sent) {
    if (actions) pipeline.execute(frame, inPort, compileActions(actions), 0);
    else pipeline.receive(scene.ports.get(inPort)!, frame, 0);
  }
  for (const { bytes, hex } of given)
    expect(formatHex(bytes), 'frames that were handed over stay as they are').toBe(hex);
  return { outputs, packetIns, counters: countersOf(scene) };
}

const OTHER_EDITS: readonly Action[] = [
  { type: 'copyTtlOut' },
  { type: 'copyTtlIn' },
  { type: 'setMplsTtl', ttl: 9 },
  { type: 'decMplsTtl' },
  { type: 'setNwTtl', ttl: 9 },
  { type: 'decNwTtl' },
  { type: 'pushVlan', etherType: 0x8100 },
  { type: 'popVlan' },
  { type: 'pushMpls', etherType: 0x8847 },
  { type: 'popMpls', etherType: 0x0800 },
  { type: 'pushPbb', etherType: 0x88e7 },
  { type: 'popPbb' },
];

/** A port that makes the checksum of a UDP datagram come out as zero, which means that there is none. */
function toZeroSum(frame: Uint8Array): Action[] {
  const fields = readFields({ bytes: frame, inPort: 1 });
  const { transport } = readLayout(frame);
  if (!transport || !fields.has('udpSrc')) return [];
  const checksum = (frame[transport.at + 6]! << 8) | frame[transport.at + 7]!;
  const value = (Number(fields.get('udpSrc')) + checksum) % 0xffff;
  return [{ type: 'setField', field: { type: 'udpSrc', value } }];
}

function emptyScene(): Scene {
  const ports = new Ports(PORTS.map((portNo) => ({ portNo, name: `p${portNo}`, hwAddr: portNo })));
  return {
    tables: new FlowTables(1, new SwitchClock(), () => undefined),
    ports,
    groups: new Groups(ports, SWITCH_SEED),
    meters: new Meters(),
    entries: new Map(),
    randomGroups: [],
    fragments: CONFIG_FRAG.normal,
  };
}

describe('the packet path', { timeout: TIMEOUT_MS }, () => {
  it(`does what protocol/pipeline means, in ${CASES} random cases (SLUICE_SEED=${SEED})`, () => {
    console.info(`packet path: ${CASES} cases, SLUICE_SEED=${SEED}`);
    let outputs = 0;
    let packetIns = 0;
    for (let i = 0; i < CASES; i++) {
      const chance = new Chance(SEED + i);
      const frames = Array.from({ length: 3 }, () => ({ frame: randomFrame(chance), inPort: chance.pick(PORTS) }));
      const scene = randomScene(chance, frames);
      const world = { ports: [...OUT_PORTS, PORT.table], groups: scene.randomGroups.map(({ groupId }) => groupId) };
      const sent: Sent[] = frames.map((frame) =>
        chance.oneIn(5) ? { ...frame, actions: randomActions(chance, world) } : frame,
      );
      const meaning = toMeaning(scene);
      const environment = toEnvironment();
      const runs = sent.map(({ frame, inPort, actions }) =>
        actions
          ? runPacketOut(meaning, actions, { bytes: frame, inPort }, environment)
          : runPipeline(meaning, { bytes: frame, inPort }, environment),
      );
      const expected = seeMeaning(runs, scene);
      const seen = runSwitch(scene, sent);
      expect(seen, `case ${i}, SLUICE_SEED=${SEED}`).toEqual(expected);
      outputs += seen.outputs.length;
      packetIns += seen.packetIns.length;
    }
    // The cases are worth something only if packets get through.
    expect(outputs).toBeGreaterThan(CASES);
    expect(packetIns).toBeGreaterThan(CASES / 4);
  });

  it(`edits every field of a packet as protocol/pipeline does, in ${FRAMES} random frames (SLUICE_SEED=${SEED})`, () => {
    const scene = emptyScene();
    const meaning = toMeaning(scene);
    for (let i = 0; i < FRAMES; i++) {
      const chance = new Chance(SEED - 1 - i);
      const frame = randomFrame(chance);
      const edits: Action[] = [...SETTABLE, 'ipv4Dst', 'ipv6Dst'].map((type) => ({
        type: 'setField',
        field: randomSetField(chance, type as (typeof SETTABLE)[number]),
      }));
      edits.push(...toZeroSum(frame), ...OTHER_EDITS);
      const outputs = (actions: readonly Action[]) => runSwitch(scene, [{ frame, inPort: 1, actions }]).outputs;
      for (const edit of edits) {
        const actions: Action[] = [edit, { type: 'output', port: 2, maxLen: 0 }];
        const expected = runPacketOut(meaning, actions, { bytes: frame, inPort: 1 }, toEnvironment());
        const text = JSON.stringify(edit, bigintText);
        expect(outputs(actions), `${text} of ${formatHex(frame)}`).toEqual(
          expected.outputs.map(({ port, bytes }) => `${port} ${formatHex(bytes)}`),
        );
      }
    }
  });
});
