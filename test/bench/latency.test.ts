import { describe, expect, it } from 'vitest';
import { benchLatency } from '../../bench/latency.ts';

describe('the latency bench', () => {
  it('reroutes, connects and finds hosts in each trial, under virtual time and on sockets', async () => {
    const comparisons = await benchLatency({ trials: 2 });
    const measured = ['p50 of 2', 'p99 of 2'];
    const rerouted = ['edge-gateway', 'a ring of 6'].map((network) => `port down → rerouted, ${network}`);
    const names = ['virtual time, 1 ms each way', 'sockets'].flatMap((way) => {
      const rate = way === 'sockets' ? 1000 : 4000;
      return [
        ...rerouted.flatMap((name) => [...measured, `lost of ${rate} frames/s`].map((it) => `${name}, ${way}, ${it}`)),
        ...measured.map((it) => `switch connected → first ping answered, ${way}, ${it}`),
        ...measured.map((it) => `host seen → in the graph, ${way}, ${it}`),
      ];
    });
    const failover = ['edge-gateway', 'a ring of 6'].map(
      (network) => `latency port down with a failover group, ${network}, lost beyond the frames in flight`,
    );
    expect(comparisons.map(({ name }) => name)).toEqual([...names.map((name) => `latency ${name}`), ...failover]);
    for (const { ours } of comparisons.slice(-failover.length)) expect(ours).toBe(0);
    for (const { name, unit, ours } of comparisons) if (unit === 'ms') expect(ours, name).toBeGreaterThan(0);
  });
});
