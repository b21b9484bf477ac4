/** Meters: what passes is what the rate and the burst allow, told by arithmetic (OpenFlow 1.3.5, section 5.7). */
import { describe, expect, it } from 'vitest';
import { METER_FLAG, type MeterBand } from '../../protocol/wire/openflow/meter.ts';
import { METER_DROP, METER_PASS, MeterEntry } from '../../vswitch/meter-entry.ts';
import { flowMod, output, SECOND, SwitchBench, TestController, udpFrame } from './test-controller.ts';

function toMeter(flags: number, bands: readonly MeterBand[]): MeterEntry {
  return new MeterEntry(1, flags, bands, 0);
}

/** Packets that pass of `count`, sent `gapNs` apart. */
function passing(meter: MeterEntry, count: number, gapNs: number, bytes = 100): number {
  let passed = 0;
  for (let i = 0; i < count; i++) if (meter.judge(bytes, i * gapNs) === METER_PASS) passed++;
  return passed;
}

describe('a meter', () => {
  it('passes its burst at once and then its rate, in packets', () => {
    const meter = toMeter(METER_FLAG.pktps | METER_FLAG.burst, [{ type: 'drop', rate: 100, burstSize: 7 }]);
    expect(passing(meter, 20, 0)).toBe(7);
    // Ten milliseconds are one token.
    expect(meter.judge(100, 9_999_999)).toBe(METER_DROP);
    expect(meter.judge(100, 10_000_000)).toBe(METER_PASS);
    expect(meter.judge(100, 10_000_000)).toBe(METER_DROP);
  });

  it('passes its burst at once and then its rate, in kilobits', () => {
    const meter = toMeter(METER_FLAG.kbps | METER_FLAG.burst, [{ type: 'drop', rate: 1000, burstSize: 8 }]);
    expect(passing(meter, 20, 0, 250)).toBe(4);
    // A thousand bits take a millisecond, 2000 bits of a packet two.
    expect(meter.judge(250, 1_999_999)).toBe(METER_DROP);
    expect(meter.judge(250, 2_000_000)).toBe(METER_PASS);
  });

  it('holds its rate over ten seconds to within its burst, however often it is asked', () => {
    const meter = toMeter(METER_FLAG.pktps, [{ type: 'drop', rate: 100, burstSize: 0 }]);
    expect(passing(meter, 100_000, 100_000)).toBe(100 * 10 + 10 - 1);
  });

  it('passes long frames of a slow conversation', () => {
    const meter = toMeter(METER_FLAG.kbps, [{ type: 'drop', rate: 1, burstSize: 0 }]);
    expect(passing(meter, 3, 13 * SECOND, 1500)).toBe(3);
  });

  it('does what the fastest of the exceeded bands says', () => {
    const bands: MeterBand[] = [
      { type: 'dscpRemark', rate: 10, burstSize: 2, precLevel: 1 },
      { type: 'drop', rate: 20, burstSize: 4 },
    ];
    const meter = toMeter(METER_FLAG.pktps | METER_FLAG.burst, bands);
    expect(Array.from({ length: 6 }, () => meter.judge(100, 0))).toEqual([0, 0, 1, 1, METER_DROP, METER_DROP]);
    const { packetInCount, byteInCount, bandStats } = meter.toStats(0, 0);
    expect({ packetInCount, byteInCount }).toEqual({ packetInCount: 6n, byteInCount: 600n });
    expect(bandStats).toEqual([
      { packetBandCount: 2n, byteBandCount: 200n },
      { packetBandCount: 2n, byteBandCount: 200n },
    ]);
  });

  it('raises the drop precedence of assured forwarding, and of nothing else', () => {
    const bench = new SwitchBench();
    const controller = new TestController(bench);
    const bands: MeterBand[] = [{ type: 'dscpRemark', rate: 1, burstSize: 1, precLevel: 1 }];
    controller.send({
      type: 'meterMod',
      xid: 1,
      command: 0,
      flags: METER_FLAG.pktps | METER_FLAG.burst,
      meterId: 1,
      bands,
    });
    controller.send(flowMod({ instructions: [{ type: 'meter', meterId: 1 }, output(2)] }));
    const remarked = (dscp: number) => {
      const frame = udpFrame();
      frame[15] = (dscp << 2) | 1;
      bench.receive(1, frame);
      const sent = bench.sent.splice(0)[0]!.frame[15]!;
      expect(sent & 3).toBe(1);
      return sent >> 2;
    };
    remarked(0);
    // AF11 to AF12, AF42 to AF43; AF13, class selectors, odd code points and expedited forwarding stay.
    expect([10, 36, 14, 8, 11, 46, 0, 32].map(remarked)).toEqual([12, 38, 14, 8, 11, 46, 0, 32]);
  });

  it('polices the rules that name it, is echoed as it was sent, and takes them along when it goes', () => {
    const bench = new SwitchBench();
    const controller = new TestController(bench);
    const bands: MeterBand[] = [{ type: 'drop', rate: 5, burstSize: 0 }];
    controller.send({
      type: 'meterMod',
      xid: 1,
      command: 0,
      flags: METER_FLAG.pktps | METER_FLAG.stats,
      meterId: 3,
      bands,
    });
    controller.send(flowMod({ instructions: [{ type: 'meter', meterId: 3 }, output(2)] }));
    for (let i = 0; i < 4; i++) bench.receive(1, udpFrame());
    expect(bench.takePorts()).toEqual([2]);
    const [config] = controller.multipart({ type: 'meterConfig', meterId: 0xffffffff })[0]!.entries;
    expect(config).toEqual({ meterId: 3, flags: METER_FLAG.pktps | METER_FLAG.stats, bands });
    const [stats] = controller.multipart({ type: 'meter', meterId: 3 })[0]!.entries;
    expect(stats).toMatchObject({ flowCount: 1, packetInCount: 4n, bandStats: [{ packetBandCount: 3n }] });
    const again = { type: 'meterMod', xid: 2, command: 0, flags: METER_FLAG.kbps, meterId: 3, bands } as const;
    expect(controller.ask(again)).toBe('METER_MOD_FAILED/METER_EXISTS');
    expect(controller.ask({ ...again, command: 1, meterId: 4 })).toBe('METER_MOD_FAILED/UNKNOWN_METER');
    expect(controller.ask({ ...again, command: 1 })).toBeUndefined();
    expect(controller.ask({ ...again, command: 2 })).toBeUndefined();
    expect(controller.flows()).toEqual([]);
  });
});
