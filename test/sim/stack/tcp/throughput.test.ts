/**
 * How fast a flow is, against the closed forms that it must approach. Virtual time: the figures are the same on every machine.
 *
 * `SLUICE_TCP_LAW=wide` measures the law of loss longer and at smaller losses.
 */
import { describe, expect, it } from 'vitest';
import { MILLISECOND, SECOND } from '../../../../sim/clock.ts';
import type { TcpModel } from '../../../../sim/stack/tcp/tcp-model.ts';
import { framingLimitBps, measureBps, SEGMENT_OVERHEAD_BYTES, startBulkFlow } from './bulk-flow.ts';
import { buildRig } from './wire-rig.ts';

const isWide = process.env.SLUICE_TCP_LAW === 'wide';

/** Frames of full segments that fit into the path of a round trip. */
function framesOfPath(bandwidthBps: number, roundTripMs: number, segmentBytes = 1448): number {
  return (bandwidthBps * roundTripMs) / 1000 / 8 / (segmentBytes + SEGMENT_OVERHEAD_BYTES);
}

function bottleneck(bandwidthBps: number, roundTripMs: number, queueShare: number) {
  return {
    bandwidthBps,
    delayNs: (roundTripMs * MILLISECOND) / 2,
    queueFramesMax: Math.round(queueShare * framesOfPath(bandwidthBps, roundTripMs)),
  };
}

/** Round trip in ms, queue in paths, loss, and how near the closed form must be: halving is exact but for recovery itself, loss is chance. */
const GRID: readonly (readonly [number, number, number, number])[] = [
  ...[40, 120].flatMap((ms) => [0.25, 0.5, 1, 2].map((queue) => [ms, queue, 0, 0.05] as const)),
  [120, 0.25, 0.004, 0.15],
  [120, 1, 0.004, 0.15],
  [80, 0.5, 0.004, 0.15],
];

describe('a flow alone', () => {
  it('has 98 % of what framing leaves of 100 Mbit/s at 20 ms and a queue of as much, its first ten seconds included', () => {
    const rig = buildRig({ cable: bottleneck(100e6, 20, 1) });
    const flow = startBulkFlow(rig, 80);
    const limit = framingLimitBps(100e6, 1448);
    const first = measureBps(rig, flow, 10);
    const later = measureBps(rig, flow, 2);
    console.log(`100 Mbit/s, 20 ms: ${percent(first / limit)} in the first 10 s, then ${percent(later / limit)}`);
    expect(first / limit).toBeGreaterThan(0.98);
    expect(later / limit).toBeGreaterThan(0.995);
    expect(flow.connection.figures.timeouts).toBe(0);
    rig.cable!.assertConserved();
  });

  it('has the least of what halving at a short queue and what random loss leave: a grid', () => {
    const rows: string[] = ['   rtt  queue   loss   of the link  closed form'];
    for (const [roundTripMs, queueShare, loss, tolerance] of GRID) {
      const rig = buildRig({
        cable: { ...bottleneck(10e6, roundTripMs, queueShare), lossProbability: loss },
        seed: 11,
      });
      const flow = startBulkFlow(rig, 80);
      // Slow start and what follows from it.
      rig.run(8 * SECOND);
      const limit = framingLimitBps(10e6, 1448);
      const lawful = loss > 0 ? squareRootLaw(1448, roundTripMs / 1000, loss) : Number.POSITIVE_INFINITY;
      const wanted = Math.min(halvingShare(queueShare), lawful / limit);
      const seconds = loss > 0 ? (120 / loss) * ((1448 * 8) / lawful) : 24;
      const share = measureBps(rig, flow, seconds) / limit;
      rows.push(
        [`${roundTripMs} ms`, String(queueShare), `${loss * 100} %`].map((text) => text.padStart(6)).join(' ') +
          percent(share).padStart(13) +
          percent(wanted).padStart(13),
      );
      expect(Math.abs(share / wanted - 1), rows.at(-1)).toBeLessThan(tolerance);
    }
    console.log(rows.join('\n'));
  });

  const laws: readonly (readonly [string, number, Partial<TcpModel>, number])[] = [
    ['acknowledgements of every second segment', 1e-3, {}, isWide ? 1000 : 100],
    ['acknowledgements of each segment', 1e-3, { ackEverySegments: 1 }, isWide ? 1000 : 100],
    ['no SACK', 1e-3, { hasSack: false }, isWide ? 1000 : 100],
    ['fewer losses', 4e-4, {}, isWide ? 500 : 60],
    ...(isWide ? ([['rare losses', 1e-4, {}, 200]] as const) : []),
  ];
  it.each(laws)(
    'follows the square-root law under random loss, with %s, p = %f',
    (_name, loss, model, losses) => {
      // Small segments: the law counts segments, and their bytes cost time.
      const rig = buildRig({
        cable: { delayNs: 25 * MILLISECOND, lossProbability: loss, queueFramesMax: 100_000 },
        mtu: 300,
        model,
        seed: 3,
      });
      const flow = startBulkFlow(rig, 80);
      rig.run(5 * SECOND);
      const { segmentBytes } = flow.connection.figures;
      const law = squareRootLaw(segmentBytes, 0.05, loss);
      const seconds = ((losses / loss) * segmentBytes * 8) / law;
      const share = measureBps(rig, flow, seconds) / law;
      console.log(`p = ${loss}, ${JSON.stringify(model)}: ${percent(share)} of 1.22 · MSS / (RTT · √p)`);
      expect(Math.abs(share - 1)).toBeLessThan(0.15);
    },
    120_000,
  );
});

describe('four flows', () => {
  it.each([
    ['that begin at once', 0],
    ['that begin a second apart', 1],
  ])('%s share a link fairly', (_name, apartSeconds) => {
    const rig = buildRig({ cable: bottleneck(20e6, 40, 1) });
    const flows = [80, 81, 82, 83].map((port) => {
      const flow = startBulkFlow(rig, port);
      rig.run(apartSeconds * SECOND);
      return flow;
    });
    rig.run(10 * SECOND);
    for (const flow of flows) flow.receivedBytes = 0;
    rig.run(20 * SECOND);
    const shares = flows.map(({ receivedBytes }) => (receivedBytes * 8) / 20);
    const sum = shares.reduce((total, share) => total + share);
    const jain = sum ** 2 / (4 * shares.reduce((total, share) => total + share ** 2, 0));
    console.log(`four flows: Jain ${jain.toFixed(4)}, ${percent(sum / framingLimitBps(20e6, 1448))} of the link`);
    expect(jain).toBeGreaterThan(0.95);
    expect(sum / framingLimitBps(20e6, 1448)).toBeGreaterThan(0.97);
  });
});

/** Mathis et al. 1997. √(3/2) with both kinds of acknowledgements, since `new-reno.ts` counts bytes and not acknowledgements. */
function squareRootLaw(segmentBytes: number, roundTripSeconds: number, loss: number): number {
  return ((segmentBytes * 8) / roundTripSeconds) * Math.sqrt(3 / 2 / loss);
}

/**
 * A window that goes from half of (1 + q) paths to all of it, a segment per round trip: below one path the link idles in proportion, above it the queue
 * fills and round trips grow.
 */
function halvingShare(q: number): number {
  if (q >= 1) return 1;
  const below = (1 - q) / 2;
  const above = q * (1 + q / 2);
  return (below * ((3 + q) / 4) + above) / (below + above);
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}
