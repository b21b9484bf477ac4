/**
 * The 991 cases by which switches are certified (os-ken's switch test tool) put to the whole switch: their messages come in as bytes by
 * a control connection, their packets by a port, and rates are measured in virtual time.
 */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { readFields } from '../../protocol/pipeline/packet-fields.ts';
import { findMismatch } from '../../protocol/pipeline/table-lookup.ts';
import { formatHex, parseHex } from '../../protocol/wire/hex.ts';
import { fromBytes } from '../../protocol/wire/openflow/message.ts';
import { PACKET_IN_REASON } from '../../protocol/wire/openflow/packet.ts';
import { assert } from '../../protocol/wire/wire-error.ts';
import { arePeersRequired, findPeer, runPeer } from '../interop/peer.ts';
import type { CertificationCase, CertificationTest, ThroughputTest } from '../protocol/pipeline/certification-case.ts';
import { Chance } from './random-case.ts';
import { SECOND, SwitchBench, TestController } from './test-controller.ts';

const CASES_COUNT = 991;
const folder = fileURLToPath(new URL('../../../shared/conformance/of13', import.meta.url));
const script = fileURLToPath(new URL('../protocol/pipeline/certification_cases.py', import.meta.url));
const osKen = findPeer('os-ken');
const isSkipped = !arePeersRequired && (osKen.isSkipped || !existsSync(folder));
if (isSkipped && !existsSync(folder)) console.warn(`skipped: the certification cases are not in ${folder}`);

async function loadCases(): Promise<readonly CertificationCase[]> {
  const { code, stdout, stderr } = await runPeer(osKen, [script, folder]);
  assert(code === 0, `the cases can be read: ${stderr}`);
  return JSON.parse(stdout) as CertificationCase[];
}

const cases = isSkipped ? [] : await loadCases();

interface Rig {
  readonly bench: SwitchBench;
  readonly controller: TestController;
}

/** The target as the tool sets it up: three ports, the rules of the case, and a barrier behind them. */
function setUp(messages: readonly string[]): Rig {
  const ports = [1, 2, 3].map((portNo) => ({ portNo, name: `p${portNo}`, hwAddr: portNo }));
  const bench = new SwitchBench({ ports });
  const controller = new TestController(bench);
  for (const message of messages) controller.receiveRaw(parseHex(message)!);
  controller.send({ type: 'barrierRequest', xid: 1 });
  controller.takeOne('barrierReply');
  return { bench, controller };
}

/** What is wrong, or undefined. */
function judge(rig: Rig, expected: CertificationTest): string | undefined {
  const { bench, controller } = rig;
  const [refusal] = controller.take('error');
  if (refusal) return `refused: type ${refusal.errorType}, code ${refusal.code}`;
  if (expected.type === 'throughput') return judgeThroughput(bench, expected);
  bench.receive(1, parseHex(expected.ingress)!);
  switch (expected.type) {
    case 'egress': {
      const sent = bench.sent.splice(0).map(({ portNo, frame }) => `${portNo}: ${formatHex(frame)}`);
      return differ(sent.join(), `2: ${expected.egress}`);
    }
    case 'packetIn': {
      const shown = controller.take('packetIn').map(({ reason, data }) => `${reason}: ${formatHex(data)}`);
      return differ(shown.join(), `${PACKET_IN_REASON.action}: ${expected.packetIn}`);
    }
    case 'tableMiss': {
      const { entries } = controller.multipart({ type: 'table' })[0]!;
      const looked = entries.filter(
        ({ tableId, lookupCount }) => expected.tables.includes(tableId) && lookupCount > 0n,
      );
      if (looked.length === 0) return 'it was not looked up';
      return looked.some(({ matchedCount }) => matchedCount > 0n) ? 'it matched' : undefined;
    }
  }
}

function differ(found: string, expected: string): string | undefined {
  return found === expected ? undefined : `expected ${expected}\nfound    ${found}`;
}

/** The tool's time, or shorter for many packets: two seconds of the fastest, in which a burst weighs the more. */
const DURATION_S_MAX = 30;
const PACKETS_MAX = 40_000;
/** As in the tool. */
const TOLERANCE = 0.1;

/** Where samples differ the tool puts in chance, packet by packet: so is it done here, from a seed. */
function toSource(samples: readonly Uint8Array[]): () => Uint8Array {
  const [first] = samples;
  const places = [...first!.keys()].filter((at) => samples.some((sample) => sample[at] !== first![at]));
  if (places.length === 0) return () => first!;
  const chance = new Chance(1);
  return () => {
    const frame = first!.slice();
    for (const at of places) frame[at] = chance.below(256);
    return frame;
  };
}

function judgeThroughput(bench: SwitchBench, { packets, pktps, throughputs }: ThroughputTest): string | undefined {
  const next = toSource(packets.map((packet) => parseHex(packet)!));
  const flows = throughputs.map(({ flow }) => {
    const message = fromBytes(parseHex(flow)!);
    assert(message.type === 'flowMod', 'a throughput is that of a flow');
    return message;
  });
  const arrived = throughputs.map(() => ({ packets: 0, bits: 0 }));
  const judged = new Map<string | Uint8Array, readonly number[]>();
  const start = bench.now;
  const durationS = Math.min(DURATION_S_MAX, PACKETS_MAX / pktps);
  for (let i = 0; i < pktps * durationS; i++) {
    bench.now = start + Math.floor((i * SECOND) / pktps);
    bench.receive(1, next());
    for (const { portNo, frame } of bench.sent.splice(0)) {
      // What leaves by a port arrives at the port of the same number. Few different packets do.
      const name = `${portNo} ${frame.length} ${formatHex(frame.subarray(0, 60))}`;
      let matched = judged.get(name);
      if (!matched) {
        const fields = readFields({ bytes: frame, inPort: portNo });
        matched = flows.flatMap(({ match }, index) => (findMismatch(match, fields) === undefined ? [index] : []));
        judged.set(name, matched);
      }
      for (const index of matched) {
        arrived[index]!.packets++;
        arrived[index]!.bits += frame.length * 8;
      }
    }
  }
  for (const [index, { kbps, pktps: wanted }] of throughputs.entries()) {
    const { packets: count, bits } = arrived[index]!;
    const measured = kbps === null ? count / durationS : bits / 1000 / durationS;
    const expected = kbps ?? wanted!;
    if (Math.abs(measured - expected) > expected * TOLERANCE) return `expected ${expected}, measured ${measured}`;
  }
  return undefined;
}

const files = [...new Set(cases.map(({ file }) => file))];

describe.skipIf(isSkipped)('the certification of this switch', () => {
  test('all its cases are there', () => {
    expect(cases.length).toBe(CASES_COUNT);
  });

  test.each(files)('passes %s', (file) => {
    const own = cases.filter((candidate) => candidate.file === file);
    const failures = own.flatMap(({ description, messages, tests }) =>
      tests.flatMap((expected) => {
        const wrong = judge(setUp(messages), expected);
        return wrong === undefined ? [] : [`${description}\n${wrong}`];
      }),
    );
    expect(failures).toEqual([]);
  });
});
