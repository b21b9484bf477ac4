/**
 * Packets through a whole switch of ours, a frame in and a changed frame out, beside the bare prototype in the same run.
 *
 * The rules and frames of the first rows are those of `../shared/prototypes/dp.mjs d`: rule i asks for an IPv4 destination (and, by its mask, for
 * a longer or shorter prefix of the source), sets the Ethernet destination, takes one from the TTL and outputs. Ours come in by
 * `receiveFrame`, with all OXM fields in the key, port counters, table counters and the rest; rules were installed as flow_mods over a
 * control channel. What is measured is one core, and the world beyond the port is a counter. Each row has a process of its own.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { FLOW_COMMAND } from '../protocol/wire/openflow/flow.ts';
import { GROUP } from '../protocol/wire/openflow/group.ts';
import type { Match } from '../protocol/wire/openflow/match.ts';
import { type Message, toBytes } from '../protocol/wire/openflow/message.ts';
import { BUFFER_NONE } from '../protocol/wire/openflow/packet.ts';
import { PORT } from '../protocol/wire/openflow/port.ts';
import { Switch } from '../vswitch/switch.ts';
import type { Comparison } from './measure.ts';

const PORTS = 48;
const PRIORITY = 10;
const SOURCE = 0x0a010000;
const DESTINATION = 0x0a000000;

/** What stands between Ethernet's addresses and the UDP header, and how a rule asks for an address in it. */
interface Mix {
  readonly frame: (destination: number) => Uint8Array;
  readonly match: (rule: number, mask: number) => Match;
}

function prefixMask(bits: number): number {
  return (0xffffffff << (32 - bits)) >>> 0;
}

/** The first mask asks for the destination only, those after it for ever more of the source, and then for other fields too. */
function ipv4Match(rule: number, mask: number): Match {
  const fields: Match[number][] = [{ type: 'ethType', value: 0x0800 }];
  if (mask >= 24) fields.push({ type: 'ipProto', value: 17 });
  if (mask >= 48) fields.push({ type: 'udpDst', value: 80 });
  if (mask % 24 > 0) {
    const bits = prefixMask(8 + (mask % 24));
    fields.push({ type: 'ipv4Src', value: (SOURCE & bits) >>> 0, mask: bits });
  }
  fields.push({ type: 'ipv4Dst', value: DESTINATION + rule });
  return fields;
}

function ethernet(...rest: readonly number[]): number[] {
  return [2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, ...rest];
}

const UDP = [4, 0, 0, 80, 0, 30, 0, 0];

function ipv4(destination: number): number[] {
  const address = [24, 16, 8, 0].map((shift) => (destination >>> shift) & 0xff);
  const header = [0x45, 0, 0, 50, 0, 0, 0, 0, 64, 17, 0, 0, 10, 1, 0, 1, ...address];
  let sum = 0;
  for (let i = 0; i < header.length; i += 2) sum += (header[i]! << 8) | header[i + 1]!;
  while (sum >> 16) sum = (sum & 0xffff) + (sum >> 16);
  header[10] = (~sum >> 8) & 0xff;
  header[11] = ~sum & 0xff;
  return [...header, ...UDP];
}

function ipv6(destination: number): number[] {
  const prefix = [0x20, 1, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0];
  const address = [24, 16, 8, 0].map((shift) => (destination >>> shift) & 0xff);
  return [0x60, 0, 0, 0, 0, 30, 17, 64, ...prefix, 10, 1, 0, 1, ...prefix, ...address, ...UDP];
}

const PREFIX = 0x20010db8_0000_0000_0000_0000_0000_0000n;

function toFrame(bytes: readonly number[]): Uint8Array {
  const frame = new Uint8Array(Math.max(64, bytes.length));
  frame.set(bytes);
  return frame;
}

const MIXES = {
  ipv4: { frame: (destination) => toFrame([...ethernet(8, 0), ...ipv4(destination)]), match: ipv4Match },
  vlan: {
    frame: (destination) => toFrame([...ethernet(0x81, 0, 0, 7, 8, 0), ...ipv4(destination)]),
    match: (rule, mask) => [{ type: 'vlanVid', value: 0x1007 }, ...ipv4Match(rule, mask)],
  },
  ipv6: {
    frame: (destination) => toFrame([...ethernet(0x86, 0xdd), ...ipv6(destination)]),
    match: (rule, mask) => {
      const bits = (1n << 128n) - (1n << BigInt(120 - mask));
      const source = { type: 'ipv6Src', value: (PREFIX | 0x0a010001n) & bits, mask: bits } as const;
      return [
        { type: 'ethType', value: 0x86dd },
        ...(mask > 0 ? [source] : []),
        { type: 'ipv6Dst', value: PREFIX | BigInt(DESTINATION + rule) },
      ];
    },
  },
  mpls: {
    frame: (destination) => {
      const label = destination & 0xfffff;
      const stack = [label >> 12, (label >> 4) & 0xff, ((label & 15) << 4) | 1, 64];
      return toFrame([...ethernet(0x88, 0x47), ...stack, ...ipv4(destination)]);
    },
    match: (rule, mask) => [
      ...(mask % 2 === 1 ? [{ type: 'ethSrc', value: 0x020000000002 } as const] : []),
      ...((mask & 4) === 4 ? [{ type: 'ethDst', value: 0x020000000001 } as const] : []),
      { type: 'ethType', value: 0x8847 },
      { type: 'mplsLabel', value: rule & 0xfffff },
      ...((mask & 2) === 2 ? [{ type: 'mplsBos', value: 1 } as const] : []),
    ],
  },
} as const satisfies Record<string, Mix>;

export type MixName = keyof typeof MIXES;

function toRule(mix: MixName, rule: number, mask: number): Message {
  return {
    type: 'flowMod',
    xid: 0,
    cookie: BigInt(rule),
    cookieMask: 0n,
    tableId: 0,
    command: FLOW_COMMAND.add,
    idleTimeout: 0,
    hardTimeout: 0,
    priority: PRIORITY,
    bufferId: BUFFER_NONE,
    outPort: PORT.any,
    outGroup: GROUP.any,
    flags: 0,
    match: MIXES[mix].match(rule, mask),
    instructions: [
      {
        type: 'applyActions',
        actions: [
          { type: 'setField', field: { type: 'ethDst', value: 0x020000000009 } },
          { type: mix === 'mpls' ? 'decMplsTtl' : 'decNwTtl' },
          { type: 'output', port: 2 + (rule % (PORTS - 1)), maxLen: 0 },
        ],
      },
    ],
  };
}

export interface DatapathOptions {
  readonly rounds: number;
  readonly count: number;
}

export interface DatapathFigure {
  readonly packetsPerSecond: number;
  readonly bytesPerPacket: number;
}

const FLOWS_MIN = 4096;
const FLOWS_MAX = 16_384;
/** The time moves on with every batch. */
const BATCH = 256;

interface Datapath {
  /** Frames that left, and their bytes, since it was opened. */
  readonly sent: { frames: number; bytes: number };
  /** Lets frames in, in batches. */
  readonly run: (count: number) => void;
}

export function openDatapath(mix: MixName, rules: number, masks: number): Datapath {
  const sent = { frames: 0, bytes: 0 };
  const device = new Switch(
    {
      name: 's1',
      dpid: 1n,
      ports: Array.from({ length: PORTS }, (_, i) => ({ portNo: i + 1, name: `p${i + 1}`, hwAddr: i + 1 })),
    },
    {
      transmit: (_portNo, frame) => {
        sent.frames++;
        sent.bytes += frame.length;
      },
    },
  );
  const connection = device.connect(0);
  connection.receive(
    toBytes({ type: 'hello', version: 4, xid: 0, elements: [{ type: 'versionBitmap', bitmaps: [1 << 4] }] }),
    0,
  );
  for (let rule = 0; rule < rules; rule++) connection.receive(toBytes(toRule(mix, rule, rule % masks)), 0);
  connection.receive(toBytes({ type: 'barrierRequest', xid: 1 }), 0);
  connection.takeOutgoing();
  const flows = Math.min(Math.max(rules, FLOWS_MIN), FLOWS_MAX);
  const frames = Array.from({ length: flows }, (_, i) =>
    MIXES[mix].frame(DESTINATION + (rules > flows ? (i * 7919) % rules : i % rules)),
  );
  let now = 0;
  let next = 0;
  const run = (count: number) => {
    for (let done = 0; done < count; done += BATCH) {
      now += BATCH * 100;
      for (let i = 0; i < BATCH; i++) {
        device.receiveFrame(1, frames[next]!, now);
        if (++next === flows) next = 0;
      }
    }
  };
  return { sent, run };
}

export function measureDatapath(mix: MixName, rules: number, masks: number, options: DatapathOptions): DatapathFigure {
  const { sent, run } = openDatapath(mix, rules, masks);
  const count = Math.ceil(options.count / BATCH) * BATCH;
  run(count);
  run(count);
  const rates: number[] = [];
  const allocated: number[] = [];
  for (let round = 0; round < options.rounds; round++) {
    globalThis.gc?.();
    sent.frames = 0;
    sent.bytes = 0;
    const heap = process.memoryUsage().heapUsed;
    const start = process.hrtime.bigint();
    run(count);
    const seconds = Number(process.hrtime.bigint() - start) / 1e9;
    allocated.push((process.memoryUsage().heapUsed - heap) / count);
    if (sent.frames !== count || sent.bytes < 64 * count) throw new Error(`${mix}: ${sent.frames} of ${count} frames`);
    rates.push(count / seconds);
  }
  return { packetsPerSecond: median(rates), bytesPerPacket: median(allocated) };
}

function measureApart({ mix, rules, masks }: Row, { rounds, count }: DatapathOptions): DatapathFigure {
  const script = new URL('datapath-row.js', import.meta.url).pathname;
  const args = ['--expose-gc', script, mix, ...[rules, masks, rounds, count].map(String)];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout);
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1]!;
}

/** Packets per second of the prototype, by rules: what it does with its cache or without, whichever is faster. */
function measurePrototype(): ReadonlyMap<number, number> {
  const path = import.meta.url.includes('/dist/') ? '../../../shared' : '../../shared';
  const prototype = new URL(`${path}/prototypes/dp.mjs`, import.meta.url).pathname;
  const rates = new Map<number, number>();
  if (!existsSync(prototype)) {
    console.error('datapath: no figures of the prototype: ../shared/prototypes/dp.mjs is not there');
    return rates;
  }
  const { stdout } = spawnSync(process.execPath, ['--expose-gc', prototype, 'd'], { encoding: 'utf8' });
  for (const line of stdout.split('\n')) {
    const found = /^parse \+ (?:TSS \+ set dst|microflow cache).*rules=(\d+) .* ([\d.]+) M\/s/.exec(line);
    if (!found) continue;
    const rules = Number(found[1]);
    rates.set(rules, Math.max(rates.get(rules) ?? 0, Number(found[2]) * 1e6));
  }
  return rates;
}

interface Row {
  readonly mix: MixName;
  readonly rules: number;
  readonly masks: number;
}

const ROWS: readonly Row[] = [
  { mix: 'ipv4', rules: 1, masks: 1 },
  { mix: 'ipv4', rules: 100, masks: 4 },
  { mix: 'ipv4', rules: 1000, masks: 8 },
  { mix: 'ipv4', rules: 10_000, masks: 16 },
  { mix: 'ipv4', rules: 100_000, masks: 16 },
  { mix: 'ipv4', rules: 1000, masks: 64 },
  { mix: 'vlan', rules: 1000, masks: 8 },
  { mix: 'ipv6', rules: 1000, masks: 8 },
  { mix: 'mpls', rules: 1000, masks: 8 },
];

export function benchDatapath(
  options: DatapathOptions & { readonly hasPeer: boolean; readonly rulesMax?: number },
): readonly Comparison[] {
  const { hasPeer, rulesMax = Number.POSITIVE_INFINITY } = options;
  // Before and after ours: on a machine that others use, too, a figure holds for a minute.
  const before = hasPeer ? measurePrototype() : undefined;
  const figures = ROWS.filter(({ rules }) => rules <= rulesMax).map((row) => ({
    ...row,
    ...(hasPeer ? measureApart(row, options) : measureDatapath(row.mix, row.rules, row.masks, options)),
  }));
  const after = hasPeer ? measurePrototype() : undefined;
  return [
    ...figures.flatMap((figure) => {
      const rates = [before, after].flatMap((measured) => measured?.get(figure.rules) ?? []);
      return compare(figure, rates.reduce((sum, rate) => sum + rate, 0) / rates.length);
    }),
    ...compareGrowth(figures),
  ];
}

type Figure = Row & DatapathFigure;

/** `theirs` is no number where the prototype was not measured. */
function compare({ mix, rules, masks, packetsPerSecond, bytesPerPacket }: Figure, theirs: number): Comparison[] {
  const name = `datapath ${mix}, ${rules} rules, ${masks} masks`;
  const row = { name, unit: 'packets/s', ours: packetsPerSecond };
  const isBeside = mix === 'ipv4' && masks <= 16 && theirs > 0;
  return [
    isBeside ? { ...row, peer: 'prototype', theirs } : row,
    { name: `${name}: time`, unit: 'ns/packet', ours: 1e9 / packetsPerSecond },
    { name: `${name}: allocated`, unit: 'bytes/packet', ours: Math.max(0, bytesPerPacket) },
  ];
}

function compareGrowth(figures: readonly Figure[]): Comparison[] {
  const of = (count: number) => figures.find(({ mix, rules }) => mix === 'ipv4' && rules === count)?.packetsPerSecond;
  const one = of(1);
  const most = of(100_000);
  if (one === undefined || most === undefined) return [];
  return [{ name: 'datapath growth from 1 to 100000 rules', unit: 'times', ours: one / most }];
}
