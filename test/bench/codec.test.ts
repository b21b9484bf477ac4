import { describe, expect, it } from 'vitest';
import { benchCodec } from '../../bench/codec.ts';
import { formatComparison, measure } from '../../bench/measure.ts';

describe('the codec bench', () => {
  it('measures four messages in both directions', () => {
    const comparisons = benchCodec({ rounds: 1, count: 500, peerSeconds: 0 });
    expect(comparisons.map(({ name }) => name)).toEqual([
      'flow_mod encode',
      'flow_mod decode',
      'packet_in encode',
      'packet_in decode',
      'packet_out encode',
      'packet_out decode',
      'flow_stats encode',
      'flow_stats decode',
    ]);
    for (const { ours } of comparisons) expect(ours).toBeGreaterThan(0);
  });
});

describe('a figure', () => {
  it('counts every operation of every round, and those of the warm-up', () => {
    let done = 0;
    measure(() => done++, { rounds: 3, count: 100 });
    expect(done).toBe(400);
  });

  it('is shown with its unit, its peer and the ratio', () => {
    const line = formatComparison({
      name: 'flow_mod encode',
      unit: 'messages/s',
      ours: 5e6,
      peer: 'os-ken',
      theirs: 20_000,
    });
    expect(line).toBe('flow_mod encode: 5.00 M messages/s, os-ken 20.0 k messages/s, ratio 250');
  });
});
