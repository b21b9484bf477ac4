import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { Lab } from '../../lab/lab.ts';
import { MAC_BROADCAST } from '../../protocol/wire/address.ts';
import { encodeFrame } from '../../protocol/wire/packet/frame.ts';
import { SECOND } from '../../sim/clock.ts';
import { type PingResult, startPing } from '../../sim/ping.ts';
import { loadTopology } from '../../topologies/loader.ts';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const file = (name: string) => join(root, 'topologies', name);

/** A lab in which every switch is connected, every link found and every rule confirmed. */
function converged(topology: string): Lab {
  const lab = new Lab(loadTopology(topology));
  const links = lab.topology.graph.filterEdges(
    (_, { a, b }) => lab.network.switches.has(a.node) && lab.network.switches.has(b.node),
  ).length;
  const isReady = () =>
    lab.controller.switches().length === lab.network.switches.size &&
    lab.controller.network.graph.filterEdges((_, { kind }) => kind === 'link').length === links &&
    lab.controller.isConverged;
  expect(lab.runUntil(isReady, 5 * SECOND)).toBe(true);
  lab.clock.runUntil(lab.clock.now + SECOND);
  return lab;
}

function ping(lab: Lab, from: string, to: string, count = 2): PingResult {
  let result: PingResult | undefined;
  startPing(lab.network.hosts.get(from)!, lab.network.hosts.get(to)!.spec.ip!, { count }, (given) => {
    result = given;
  });
  expect(lab.runUntil(() => result !== undefined, lab.clock.now + 60 * SECOND)).toBe(true);
  return result!;
}

describe('the triangle', () => {
  it('lets all pairs of hosts ping, without loss or duplicates', () => {
    const lab = converged(file('triangle.yaml'));
    const names = [...lab.network.hosts.keys()];
    for (const from of names) {
      for (const to of names)
        if (from !== to) expect(ping(lab, from, to)).toMatchObject({ sent: 2, received: 2, duplicates: 0 });
    }
    lab.network.assertConserved();
  });

  it('delivers a broadcast once to each host, and nothing circulates', () => {
    const lab = converged(file('triangle.yaml'));
    const received = new Map<string, number>();
    const marker = Buffer.from('a broadcast of the test');
    for (const [name, host] of lab.network.hosts) {
      host.tap = (frame) => {
        if (Buffer.from(frame).includes(marker)) received.set(name, (received.get(name) ?? 0) + 1);
      };
    }
    const h1 = lab.network.hosts.get('h1')!;
    h1.sendFrame(
      encodeFrame([
        { type: 'ethernet', dst: MAC_BROADCAST, src: h1.spec.mac, etherType: 0x88b5 },
        { type: 'payload', data: marker },
      ]),
    );
    lab.clock.runUntil(lab.clock.now + 3 * SECOND);
    expect([...received].sort()).toEqual([
      ['h2', 1],
      ['h3', 1],
    ]);
    const inFlight = [...lab.network.cables.values()].reduce(
      (sum, { counters }) => sum + counters.a.inFlight + counters.b.inFlight,
      0,
    );
    expect(inFlight).toBe(0);
  });

  it('pings on when a link of the loop is cut, and when it is mended', () => {
    const lab = converged(file('triangle.yaml'));
    expect(ping(lab, 'h1', 'h2').received).toBe(2);
    const link = lab.topology.graph.findEdge((_, { a, b }) => a.node.startsWith('s') && b.node.startsWith('s'))!;
    lab.network.cables.get(link)!.setUp(false);
    lab.clock.runUntil(lab.clock.now + SECOND);
    expect(ping(lab, 'h1', 'h2').received).toBe(2);
    expect(ping(lab, 'h1', 'h3').received).toBe(2);
    lab.network.cables.get(link)!.setUp(true);
    lab.clock.runUntil(lab.clock.now + SECOND);
    expect(ping(lab, 'h2', 'h3').received).toBe(2);
    lab.network.assertConserved();
  });

  it('runs the same twice', () => {
    const run = () => {
      const lab = new Lab(loadTopology(file('triangle.yaml')));
      const log: string[] = [];
      lab.onEvent((event, now) =>
        log.push(`${now} ${JSON.stringify(event, (_, value) => (typeof value === 'bigint' ? String(value) : value))}`),
      );
      lab.clock.runUntil(SECOND);
      ping(lab, 'h1', 'h3');
      return [...log, String(lab.clock.eventsRun)];
    };
    expect(run()).toEqual(run());
  });
});

describe('the edge gateway', () => {
  it('converges and carries pings between all its hosts with addresses', () => {
    const lab = converged(file('edge-gateway.yaml'));
    const names = [...lab.network.hosts].filter(([, { spec }]) => spec.ip !== undefined).map(([name]) => name);
    expect(names.length).toBeGreaterThan(5);
    for (const to of names.slice(1))
      expect(ping(lab, names[0]!, to, 3).received, `${names[0]} to ${to}`).toBeGreaterThanOrEqual(2);
  });
});
