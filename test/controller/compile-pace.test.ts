import { describe, expect, it } from 'vitest';
import { CompilePace } from '../../controller/compile/compile-pace.ts';
import { SETTLE_TIME } from '../../controller/network/network.ts';
import { NetworkBench, SECOND } from './network-bench.ts';
import { ScriptedSwitch } from './scripted-switch.ts';

const MS = 1_000_000;

/** Changes at every millisecond; answers at which of them tables were computed. */
function computations(switches: number, isLoss: boolean, hosts = 0): number[] {
  const pace = new CompilePace();
  const taken: number[] = [];
  for (let now = 0; now < 1000 * MS; now += MS) {
    pace.changed(isLoss, { switches, hosts }, now);
    if (pace.take(now)) taken.push(now / MS);
  }
  return taken;
}

describe('the pace of computations', () => {
  it('follows each change of a small network at once', () => {
    expect(computations(16, false)).toHaveLength(1000);
  });

  it('follows the first of a herd in a large one at once, and the rest together', () => {
    expect(computations(1000, false)).toEqual([0, 200, 400, 600, 800]);
  });

  it('does not follow each of a thousand hosts that somebody invents', () => {
    expect(computations(4, false, 1024)).toHaveLength(20);
    expect(computations(4, false, 100)).toHaveLength(1000);
  });

  it('lets a loss wait less, and computes what else has changed with it', () => {
    expect(computations(1000, true)).toHaveLength(100);
    const pace = new CompilePace();
    const size = { switches: 1000, hosts: 0 };
    pace.changed(false, size, 0);
    pace.take(0);
    pace.changed(false, size, 50 * MS);
    expect(pace.dueAt).toBe(200 * MS);
    pace.changed(true, size, 50 * MS);
    expect(pace.take(50 * MS)).toBe(true);
    expect(pace.dueAt).toBeUndefined();
  });

  it('leaves a network of many switches with all its rules, and none of them waiting', () => {
    const bench = new NetworkBench();
    const devices = Array.from({ length: 150 }, (_, i) => new ScriptedSwitch({ dpid: BigInt(i + 1) }));
    for (const [i, device] of devices.entries()) {
      if (i > 0) ScriptedSwitch.join(devices[i - 1]!, 2, device, 1);
    }
    for (const device of devices) bench.dial(device);
    expect(
      bench.act((controller) => controller.isConverged),
      'more is to be computed',
    ).toBe(false);
    bench.wait(2 * SETTLE_TIME + SECOND);
    expect(bench.act((controller) => controller.isConverged)).toBe(true);
    expect(bench.act(({ network: { graph } }) => graph.filterEdges((_, { kind }) => kind === 'link'))).toHaveLength(
      149,
    );
    for (const { rules } of devices) expect(rules.size).toBeGreaterThan(3);
  });
});
