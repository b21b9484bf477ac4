/** Flows between two hosts over one cable, whose counters are the oracle. */
import { describe, expect, it } from 'vitest';
import { Cable } from '../../../sim/cable.ts';
import type { CableSpec } from '../../../sim/cable-figures.ts';
import { Clock, MILLISECOND, SECOND } from '../../../sim/clock.ts';
import { Host } from '../../../sim/host.ts';
import { Random } from '../../../sim/random.ts';
import type { FlowResult } from '../../../sim/traffic/flow-tally.ts';
import { startTcpFlow, type TcpFlowOptions, type TcpFlowResult } from '../../../sim/traffic/tcp-flow.ts';
import { packetsPerSecond, startUdpFlow, type UdpFlowOptions } from '../../../sim/traffic/udp-flow.ts';

const ADDRESS_B = 0x0a000002;

function rig(figures: Partial<CableSpec>, seed = 1) {
  const clock = new Clock();
  const random = new Random(seed);
  const ends: { cable?: Cable } = {};
  const a = new Host(clock, random, { name: 'a', mac: 1, ip: 0x0a000001, prefixLength: 24 }, (frame) =>
    ends.cable!.send('a', frame),
  );
  const b = new Host(clock, random, { name: 'b', mac: 2, ip: ADDRESS_B, prefixLength: 24 }, (frame) =>
    ends.cable!.send('b', frame),
  );
  const spec = { name: 'c', delayNs: MILLISECOND, queueFramesMax: 1000, lossProbability: 0 };
  const cable = new Cable(clock, random, spec, a, b);
  ends.cable = cable;
  // Neighbours are found while the cable is sound: what is counted behind this is the flow.
  a.bindUdp(0, { received: () => undefined }).send({ address: ADDRESS_B, port: 9 }, new Uint8Array(1));
  clock.runUntil(SECOND);
  cable.shape(figures);
  return { clock, cable, a, b };
}

function runUdp(figures: Partial<CableSpec>, options: Partial<UdpFlowOptions> = {}) {
  const { clock, cable, a, b } = rig(figures);
  const before = structuredClone(cable.counters.a);
  const results: FlowResult[] = [];
  const pattern = { type: 'constant', perSecond: 1000 } as const;
  const given = { name: 'f', pattern, payloadBytes: 100, durationNs: 2 * SECOND, ...options };
  startUdpFlow(a, { sockets: b, address: ADDRESS_B }, given, (result) => results.push(result));
  clock.runUntil(6 * SECOND);
  cable.assertConserved();
  expect(results).toHaveLength(1);
  const { sent, dropped, duplicated } = cable.counters.a;
  const counted = {
    sent: sent - before.sent,
    lost: dropped.loss + dropped['queue-full'] - before.dropped.loss - before.dropped['queue-full'],
    duplicates: duplicated - before.duplicated,
  };
  return { result: results[0]!, counted };
}

function runTcp(figures: Partial<CableSpec>, options: Partial<TcpFlowOptions> = {}): TcpFlowResult {
  const { clock, a, b } = rig(figures);
  const results: TcpFlowResult[] = [];
  const given = { streams: 1, timeoutNs: 100 * SECOND, ...options };
  startTcpFlow(a, { sockets: b, address: ADDRESS_B }, given, (result) => results.push(result));
  clock.runUntil(120 * SECOND);
  expect(results).toHaveLength(1);
  return results[0]!;
}

describe('a flow of datagrams', () => {
  it('is whole on a sound cable, each as late as the cable makes it', () => {
    const { result, counted } = runUdp({});
    expect(result).toMatchObject({ sent: 2000, received: 2000, lost: 0, duplicates: 0, reordered: 0 });
    expect(result.latency).toMatchObject({ min: MILLISECOND, p50: MILLISECOND, p99: MILLISECOND, max: MILLISECOND });
    expect(result.goodputBps).toBe(800_000);
    expect(counted).toEqual({ sent: 2000, lost: 0, duplicates: 0 });
  });

  it('loses exactly what the cable loses', () => {
    const { result, counted } = runUdp({ lossProbability: 0.1 });
    expect(result.lost).toBeGreaterThan(100);
    expect({ sent: result.sent, lost: result.lost, duplicates: result.duplicates }).toEqual(counted);
  });

  it('has exactly the copies that the cable makes', () => {
    const { result, counted } = runUdp({ duplicateProbability: 0.1 });
    expect(result.duplicates).toBeGreaterThan(100);
    expect({ sent: result.sent, lost: result.lost, duplicates: result.duplicates }).toEqual(counted);
  });

  it('is overtaken exactly by those that had no delay', () => {
    // A delay of 2.5 distances: one without a delay overtakes the two before it, unless they had none either.
    const { result } = runUdp({ delayNs: 2.5 * MILLISECOND, reorderProbability: 1 / 3 });
    expect(result).toMatchObject({ received: 2000, lost: 0 });
    // A delayed one is overtaken unless the next two are delayed: 2/3 · (1 − 4/9) of all.
    const expected = 2000 * (2 / 3) * (5 / 9);
    expect(Math.abs(result.reordered - expected)).toBeLessThan(5 * Math.sqrt(2000));
  });

  it('arrives at the rate of the link when it is sent faster, and the rest is dropped at its queue', () => {
    const perSecond = packetsPerSecond(8e6, 1000);
    const options = { pattern: { type: 'constant', perSecond }, payloadBytes: 1000 } as const;
    const { result, counted } = runUdp({ bandwidthBps: 4e6, queueFramesMax: 20 }, options);
    // 1000 bytes in a frame of 1042.
    expect(Math.abs(result.goodputBps / (4e6 * (1000 / 1042)) - 1)).toBeLessThan(0.03);
    expect(result.lost).toBe(counted.lost);
  });

  it('that is stopped tells once what it was', () => {
    const { clock, a, b } = rig({});
    const results: FlowResult[] = [];
    const options = {
      name: 'f',
      pattern: { type: 'constant', perSecond: 100 },
      payloadBytes: 12,
      durationNs: 9 * SECOND,
    } as const;
    const flow = startUdpFlow(a, { sockets: b, address: ADDRESS_B }, options, (result) => results.push(result));
    clock.runUntil(2 * SECOND);
    flow.stop();
    flow.stop();
    clock.runUntil(20 * SECOND);
    expect(results).toHaveLength(1);
    expect(results[0]!.sent).toBeGreaterThanOrEqual(100);
    expect(results[0]!.sent).toBeLessThanOrEqual(101);
  });
});

describe('a flow of streams', () => {
  it('carries every byte as it was sent, over a cable that loses, doubles and reorders', () => {
    const figures = { lossProbability: 0.01, duplicateProbability: 0.01, reorderProbability: 0.01 };
    const { streams, receivedBytes } = runTcp(figures, { streams: 2, bytes: 500_000 });
    expect(receivedBytes).toBe(1_000_000);
    for (const stream of streams)
      expect(stream).toMatchObject({ receivedBytes: 500_000, wrongBytes: 0, fault: undefined });
  });

  it('fills a link', () => {
    const { goodputBps, bytesBySecond, receivedBytes } = runTcp({ bandwidthBps: 10e6 }, { durationNs: 4 * SECOND });
    // 1448 bytes with timestamps, or 1460 without, in a frame of 1514.
    expect(goodputBps / 10e6).toBeGreaterThan(0.93);
    expect(goodputBps / 10e6).toBeLessThanOrEqual(1460 / 1514);
    expect(bytesBySecond.reduce((sum, bytes) => sum + bytes, 0)).toBe(receivedBytes);
  });

  it('that nobody answers says so', () => {
    const { streams, goodputBps } = runTcp({ lossProbability: 1 }, { durationNs: SECOND, timeoutNs: 5 * SECOND });
    expect(streams[0]!.fault).toBeDefined();
    expect(goodputBps).toBe(0);
  });
});
