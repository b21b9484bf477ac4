import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FlowTally } from '../../../sim/traffic/flow-tally.ts';
import { LatencyRecord } from '../../../sim/traffic/latency-record.ts';

describe('the tally of a flow', () => {
  it('has whatever arrives in whatever order, as a plain count of it has', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 40 }), fc.array(fc.nat(45), { maxLength: 120 }), (sent, arrivals) => {
        const tally = new FlowTally(64);
        for (let i = 0; i < sent; i++) tally.sent(10);
        for (const [at, sequence] of arrivals.entries()) tally.received(sequence, 10, 0, at);
        const known = arrivals.filter((sequence) => sequence < sent);
        const firsts = known.filter((sequence, i) => known.indexOf(sequence) === i);
        expect(tally.toResult()).toMatchObject({
          sent,
          received: firsts.length,
          lost: sent - firsts.length,
          duplicates: known.length - firsts.length,
          reordered: firsts.filter((sequence, i) => firsts.slice(0, i).some((before) => before > sequence)).length,
        });
      }),
    );
  });

  it('counts goodput from the first arrival to the last', () => {
    const tally = new FlowTally(8);
    for (let i = 0; i < 5; i++) tally.received(tally.sent(125), 125, 0, 1000 + i * 1_000_000);
    expect(tally.toResult().goodputBps).toBe(1e6);
  });
});

describe('latencies', () => {
  it('have percentiles that were measured, the smallest that so many are not above', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(), { minLength: 1, maxLength: 700 }), (times) => {
        const record = new LatencyRecord();
        for (const time of times) record.add(time);
        const summary = record.summarise()!;
        for (const [key, percent] of [
          ['p50', 50],
          ['p90', 90],
          ['p99', 99],
        ] as const) {
          const atMost = (limit: number) => times.filter((time) => time <= limit).length;
          const enough = times.filter((time) => atMost(time) * 100 >= percent * times.length);
          expect(summary[key]).toBe(Math.min(...enough));
        }
        expect([summary.min, summary.max]).toEqual([Math.min(...times), Math.max(...times)]);
      }),
      { numRuns: 30 },
    );
    expect(new LatencyRecord().summarise()).toBeUndefined();
  });
});
