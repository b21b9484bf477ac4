/**
 * The law of the switch: it does what `protocol/pipeline`, which was written to be read, says that it means: the same bytes out of the
 * same ports in the same order, the same messages, the same counters, whatever is changed in between. `npm run law` is the long run.
 */
import { describe, expect, it } from 'vitest';
import { readFields } from '../../protocol/pipeline/packet-fields.ts';
import { readLayout } from '../../protocol/pipeline/packet-layout.ts';
import { runPacketOut } from '../../protocol/pipeline/pipeline.ts';
import { formatHex } from '../../protocol/wire/hex.ts';
import type { Action } from '../../protocol/wire/openflow/action.ts';
import { BUFFER_NONE } from '../../protocol/wire/openflow/packet.ts';
import { NO_TALLY, playScript } from './law-case.ts';
import { report } from './law-report.ts';
import { toEnvironment, toPipeline } from './model-packets.ts';
import { startState } from './model-state.ts';
import { toText } from './model-statistics.ts';
import { Chance, randomFrame, randomSetField, SEED, SETTABLE } from './random-case.ts';
import { PORTS, writeScript } from './random-script.ts';
import { SwitchBench, TestController } from './test-controller.ts';

const CASES = Number(process.env.SLUICE_CASES ?? 500);
const FRAMES = Math.ceil(CASES / 5);
const TIMEOUT_MS = 120_000 + 50 * CASES;

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

describe('a switch', { timeout: TIMEOUT_MS }, () => {
  it(`does what protocol/pipeline means, in ${CASES} random lives (SLUICE_SEED=${SEED})`, () => {
    console.info(`law of the switch: ${CASES} cases, SLUICE_SEED=${SEED}`);
    const tally = { ...NO_TALLY };
    for (let i = 0; i < CASES; i++) {
      const script = writeScript(new Chance(SEED + i));
      if (playScript(script, tally)) expect.fail(report(script, SEED + i));
    }
    // The cases are worth something only if much happens in them.
    expect(tally.outputs).toBeGreaterThan(2 * CASES);
    expect(tally.packetIns).toBeGreaterThan(CASES);
    expect(tally.flowsRemoved).toBeGreaterThan(CASES / 2);
    expect(tally.refusals).toBeGreaterThan(CASES);
    expect(tally.open).toBeLessThan(tally.steps / 20);
  });

  it(`edits every field of a packet as protocol/pipeline does, in ${FRAMES} random frames (SLUICE_SEED=${SEED})`, () => {
    const bench = new SwitchBench();
    const controller = new TestController(bench);
    const state = startState({ tableCount: 1, seed: 0, ports: PORTS.map((portNo) => ({ portNo, hwAddr: portNo })) });
    const meaning = toPipeline(state);
    for (let i = 0; i < FRAMES; i++) {
      const chance = new Chance(SEED - 1 - i);
      const data = randomFrame(chance);
      const edits: Action[] = [...SETTABLE, 'ipv4Dst', 'ipv6Dst'].map((type) => ({
        type: 'setField',
        field: randomSetField(chance, type as (typeof SETTABLE)[number]),
      }));
      for (const edit of [...edits, ...toZeroSum(data), ...OTHER_EDITS]) {
        const actions: Action[] = [edit, { type: 'output', port: 2, maxLen: 0 }];
        controller.send({ type: 'packetOut', xid: 1, bufferId: BUFFER_NONE, inPort: 1, actions, data });
        const expected = runPacketOut(meaning, actions, { bytes: data, inPort: 1 }, toEnvironment(state));
        const sent = bench.sent.splice(0).map(({ portNo, frame }) => `${portNo} ${formatHex(frame)}`);
        expect(sent, `${toText(edit)} of ${formatHex(data)}`).toEqual(
          expected.outputs.map(({ port, bytes }) => `${port} ${formatHex(bytes)}`),
        );
      }
    }
    expect(controller.take('error')).toEqual([]);
  });
});
