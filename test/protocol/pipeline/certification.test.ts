/**
 * The 991 cases by which switches are certified (os-ken's switch test tool) put to the specification itself, without a switch or
 * a socket: the messages that install each case are read by our codec, its packets run through the tables.
 *
 * The judge is the tool's: the packet that it expects out of port 2, the packet-in, or the miss. Where it measures rates for half a
 * minute, packets come here at their rate in virtual time, and what the specification leaves to the switch is the test's: a meter
 * that lets its rate through exactly, and a choice of buckets by turns according to their weights.
 */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { countRun } from '../../../protocol/pipeline/counters.ts';
import type { Environment, FlowEntry, GroupEntry, Pipeline } from '../../../protocol/pipeline/flow-entry.ts';
import { readFields } from '../../../protocol/pipeline/packet-fields.ts';
import { runPipeline } from '../../../protocol/pipeline/pipeline.ts';
import type { Output, Run } from '../../../protocol/pipeline/run.ts';
import { findMismatch } from '../../../protocol/pipeline/table-lookup.ts';
import { formatHex, parseHex } from '../../../protocol/wire/hex.ts';
import { fromBytes, type Message } from '../../../protocol/wire/openflow/message.ts';
import { METER_FLAG } from '../../../protocol/wire/openflow/meter.ts';
import { PORT_STATE } from '../../../protocol/wire/openflow/port.ts';
import { assert } from '../../../protocol/wire/wire-error.ts';
import { arePeersRequired, findPeer, runPeer } from '../../interop/peer.ts';
import type { CertificationCase, CertificationTest, ThroughputTest } from './certification-case.ts';

const CASES_COUNT = 991;
const folder = fileURLToPath(new URL('../../../../shared/conformance/of13', import.meta.url));
const script = fileURLToPath(new URL('certification_cases.py', import.meta.url));
const osKen = findPeer('os-ken');
const isSkipped = !arePeersRequired && (osKen.isSkipped || !existsSync(folder));
if (isSkipped && !existsSync(folder)) console.warn(`skipped: the certification cases are not in ${folder}`);

async function loadCases(): Promise<readonly CertificationCase[]> {
  const { code, stdout, stderr } = await runPeer(osKen, [script, folder]);
  assert(code === 0, `the cases can be read: ${stderr}`);
  return JSON.parse(stdout) as CertificationCase[];
}

const cases = isSkipped ? [] : await loadCases();

function toMessage(hex: string): Message {
  return fromBytes(parseHex(hex)!);
}

type MeterMod = Extract<Message, { readonly type: 'meterMod' }>;

interface Scene {
  readonly pipeline: Pipeline;
  readonly meters: ReadonlyMap<number, MeterMod>;
}

function toScene(messages: readonly Message[]): Scene {
  const tables = new Map<number, FlowEntry[]>();
  const groups = new Map<number, GroupEntry>();
  const meters = new Map<number, MeterMod>();
  for (const message of messages) {
    if (message.type === 'flowMod') tables.set(message.tableId, [...(tables.get(message.tableId) ?? []), message]);
    if (message.type === 'groupMod') groups.set(message.groupId, message);
    if (message.type === 'meterMod') meters.set(message.meterId, message);
  }
  const ports = new Map([1, 2, 3].map((portNo) => [portNo, { config: 0, state: PORT_STATE.live }]));
  return { pipeline: { tables, groups, ports, missSendLen: 128 }, meters };
}

const BURST_PACKETS = 4;

/** Half of the packets are above the rate of the band: which, credit decides that grows with time and is used up by packets. */
class VirtualSwitch implements Environment {
  nowSeconds = 0;
  readonly #meters: ReadonlyMap<number, MeterMod>;
  readonly #credits = new Map<number, { amount: number; at: number }>();
  readonly #turns = new Map<number, number[]>();

  constructor(meters: ReadonlyMap<number, MeterMod>) {
    this.#meters = meters;
  }

  meter(meterId: number, frameBytes: number): ReturnType<Environment['meter']> {
    const { flags, bands } = this.#meters.get(meterId)!;
    const band = bands[0]!;
    assert(band.type === 'drop' || band.type === 'dscpRemark', 'the cases have these two kinds of bands');
    const cost = flags & METER_FLAG.pktps ? 1 : (frameBytes * 8) / 1000;
    const full = BURST_PACKETS * cost;
    const credit = this.#credits.get(meterId) ?? { amount: full, at: 0 };
    const amount = Math.min(credit.amount + (this.nowSeconds - credit.at) * band.rate, full);
    const isWithin = amount >= cost;
    this.#credits.set(meterId, { amount: isWithin ? amount - cost : amount, at: this.nowSeconds });
    if (isWithin) return 'pass';
    return band.type === 'drop' ? 'drop' : { remark: band.precLevel };
  }

  /** The bucket that is furthest behind its share. */
  selectBucket: Environment['selectBucket'] = (group, live) => {
    const taken = this.#turns.get(group.groupId) ?? group.buckets.map(() => 0);
    this.#turns.set(group.groupId, taken);
    const loads = live.map(({ index, bucket }) => (taken[index]! + 1) / bucket.weight);
    const chosen = live[loads.indexOf(Math.min(...loads))]!;
    taken[chosen.index]!++;
    return chosen;
  };
}

/** What is wrong, or undefined. */
function judge({ pipeline, meters }: Scene, expected: CertificationTest): string | undefined {
  if (expected.type === 'throughput') return judgeThroughput(pipeline, new VirtualSwitch(meters), expected);
  const bytes = parseHex(expected.ingress)!;
  const run = runPipeline(pipeline, { bytes, inPort: 1 }, new VirtualSwitch(meters));
  switch (expected.type) {
    case 'egress':
      return differ(
        run.outputs.map(({ port, bytes: sent }) => `${port}: ${formatHex(sent)}`).join(),
        `2: ${expected.egress}`,
      );
    case 'packetIn':
      return differ(
        run.packetIns.map(({ reason, bytes: shown }) => `${reason}: ${formatHex(shown)}`).join(),
        `action: ${expected.packetIn}`,
      );
    case 'tableMiss':
      return judgeMiss(run, expected.tables);
  }
}

function differ(found: string, expected: string): string | undefined {
  return found === expected ? undefined : `expected ${expected}\nfound    ${found}`;
}

function judgeMiss(run: Run, tables: readonly number[]): string | undefined {
  const counts = countRun(run).tables;
  const looked = tables.filter((tableId) => (counts.get(tableId)?.lookups ?? 0) > 0);
  if (looked.length === 0) return 'it was not looked up';
  return looked.some((tableId) => counts.get(tableId)!.matches > 0) ? 'it matched' : undefined;
}

const PACKETS_COUNT = 1000;
/** As in the tool. */
const TOLERANCE = 0.1;

function judgeThroughput(
  pipeline: Pipeline,
  environment: VirtualSwitch,
  { packets, pktps, throughputs }: ThroughputTest,
): string | undefined {
  const sent: Output[] = [];
  const frames = packets.map((packet) => parseHex(packet)!);
  for (let i = 0; i < PACKETS_COUNT; i++) {
    environment.nowSeconds = i / pktps;
    const bytes = frames[i % frames.length]!;
    sent.push(...runPipeline(pipeline, { bytes, inPort: 1 }, environment).outputs);
  }
  const seconds = PACKETS_COUNT / pktps;
  for (const throughput of throughputs) {
    const flow = toMessage(throughput.flow);
    assert(flow.type === 'flowMod', 'a throughput is that of a flow');
    // What leaves by a port arrives at the port of the same number.
    const arrived = sent.filter(
      ({ port, bytes }) => findMismatch(flow.match, readFields({ bytes, inPort: port })) === undefined,
    );
    const bits = arrived.reduce((sum, { bytes }) => sum + bytes.length * 8, 0);
    const measured = throughput.kbps === null ? arrived.length / seconds : bits / 1000 / seconds;
    const expected = throughput.kbps ?? throughput.pktps!;
    if (Math.abs(measured - expected) > expected * TOLERANCE) return `expected ${expected}, measured ${measured}`;
  }
  return undefined;
}

const files = [...new Set(cases.map(({ file }) => file))];

describe.skipIf(isSkipped)('the certification of switches', () => {
  test('all its cases are there', () => {
    expect(cases.length).toBe(CASES_COUNT);
  });

  test.each(files)('passes %s', (file) => {
    const own = cases.filter((candidate) => candidate.file === file);
    const failures = own.flatMap(({ description, messages, tests }) => {
      const scene = toScene(messages.map(toMessage));
      return tests.flatMap((expected) => {
        const wrong = judge(scene, expected);
        return wrong === undefined ? [] : [`${description}\n${wrong}`];
      });
    });
    expect(failures).toEqual([]);
  });
});
