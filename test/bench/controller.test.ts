import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { benchController } from '../../bench/controller.ts';
import { ROOT } from '../sluice-program.ts';

const RUN_MS = 120_000;

describe('the controller bench', () => {
  it('has every switch answered, one by one and many at a time, buffered and not', { timeout: RUN_MS }, async () => {
    // The load runs compiled.
    expect(spawnSync(process.execPath, [join(ROOT, 'cli/bootstrap.mjs'), 'build'], { cwd: ROOT }).status).toBe(0);
    const comparisons = await benchController({ rounds: 1, milliseconds: 200, switches: [2, 20], hasPeers: false });
    expect(comparisons.map(({ name }) => name)).toEqual([
      'latency of a packet-in, 1 switch, p50',
      'packet-ins buffered, 2 switches',
      'packet-ins buffered, 20 switches',
      '20 switches: all ready',
      'packet-ins unbuffered, 2 switches',
      'packet-ins unbuffered, 20 switches',
      'packet-ins buffered, 20 switches',
      'packet-ins unbuffered, 20 switches',
    ]);
    for (const { ours } of comparisons) expect(ours).toBeGreaterThan(0);
  });
});
