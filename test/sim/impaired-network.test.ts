/** What a topology says of its links, as its network does it. */
import { describe, expect, it } from 'vitest';
import { Lab } from '../../lab/lab.ts';
import { Clock, MILLISECOND, SECOND } from '../../sim/clock.ts';
import { EmulatedNetwork } from '../../sim/network.ts';
import { Random } from '../../sim/random.ts';
import { loadTopology } from '../../topologies/loader.ts';
import { parseTopology } from '../../topologies/topology-file.ts';
import { numberedFrame } from './cable-rig.ts';

const HEAD = 'apiVersion: sluice/v1\nkind: Topology\nname: t\n';

function open(text: string, seed = 1) {
  const clock = new Clock();
  return { clock, network: new EmulatedNetwork(parseTopology(HEAD + text, 't.yaml'), clock, new Random(seed)) };
}

describe('topologies/impaired-links.yaml', () => {
  const topology = loadTopology('topologies/impaired-links.yaml');
  const network = new EmulatedNetwork(topology, new Clock(), new Random(1));
  const figures = (name: string) => network.cables.get(name)!.figures;

  it('has nothing that its author did not mean', () => {
    expect(topology.warnings).toEqual([]);
  });

  it('has the figures of each direction', () => {
    expect(figures('radio').a).toEqual(figures('radio').b);
    expect(figures('radio').a).toEqual({
      bandwidthBps: 20e6,
      delayNs: MILLISECOND,
      mtuBytes: 1500,
      queueFramesMax: 1000,
      queueBytesMax: 65536,
      jitter: { byNs: 200_000, distribution: 'normal' },
      lossProbability: 0,
      burstLoss: { good: 0, bad: 0.5, toBad: 0.01, toGood: 0.2 },
    });
    const { a: fromShip, b: toShip } = figures('satellite');
    expect(fromShip).toMatchObject({ bandwidthBps: 2e6, lossProbability: 0.002, delayNs: 270 * MILLISECOND });
    expect(toShip).toMatchObject({ bandwidthBps: 20e6, lossProbability: 0, delayNs: 270 * MILLISECOND });
    expect(figures('old-cable').a).toMatchObject({
      jitter: { byNs: 500_000, distribution: 'uniform' },
      lossProbability: 0.005,
      duplicateProbability: 0.001,
      reorderProbability: 0.005,
      corruptProbability: 0.001,
      mtuBytes: 1400,
    });
  });

  it('tells each switch the speed of the way out of its port', () => {
    const portsOf = (name: string) => network.switches.get(name)!.config.ports.map(({ speedKbps }) => speedKbps);
    expect(portsOf('ship')).toEqual([100_000, 2_000]);
    expect(portsOf('core')).toEqual([100_000, 20_000, 20_000, 100_000]);
  });
});

describe('a schedule', () => {
  const SCHEDULED = `switches: { s1: , s2: }
hosts: { h1: , h2: }
links:
  - [h1, s1]
  - [h2, s2]
  - ends: [s1, s2]
    name: trunk
    loss: { toBad: 1%, toGood: 1% }
    schedule:
      - { at: 2s, state: down }
      - { at: 3s, state: up, delay: 3ms, loss: 1%, to: { s1: { jitter: 1ms } } }
      - { at: 4s, jitter: 0ms, loss: { toBad: 2%, toGood: 2%, bad: 10% } }
`;

  it('puts one kind of loss in the place of the other, and ends jitter', () => {
    const { clock, network } = open(SCHEDULED);
    const at = (seconds: number) => {
      clock.runUntil(seconds * SECOND);
      const { a, b } = network.cables.get('trunk')!.figures;
      return [a, b].map(({ lossProbability, burstLoss, jitter, delayNs }) => [
        lossProbability,
        burstLoss?.toBad,
        jitter?.byNs,
        delayNs,
      ]);
    };
    expect(at(1)).toEqual([
      [0, 0.01, undefined, 0],
      [0, 0.01, undefined, 0],
    ]);
    // s1 is side a, so the way to it is that from b.
    expect(at(3)).toEqual([
      [0.01, undefined, undefined, 3e6],
      [0.01, undefined, MILLISECOND, 3e6],
    ]);
    expect(at(4)).toEqual([
      [0, 0.02, undefined, 3e6],
      [0, 0.02, undefined, 3e6],
    ]);
  });

  it('is seen by the controller as the status of the ports at both ends', () => {
    const lab = new Lab(parseTopology(HEAD + SCHEDULED, 't.yaml'));
    const upAt = (seconds: number) => {
      lab.runUntil(() => false, seconds * SECOND);
      const { network } = lab.controller;
      return network.switches().map((dpid) => network.upPorts(dpid));
    };
    expect(upAt(1.9)).toEqual([
      [1, 2],
      [1, 2],
    ]);
    expect(upAt(2.1)).toEqual([[1], [1]]);
    expect(upAt(3.1)).toEqual([
      [1, 2],
      [1, 2],
    ]);
  });
});

describe('two hosts with several cables between them', () => {
  it('have each of them', () => {
    const { clock, network } = open('hosts: { h1: , h2: }\nlinks: [[h1, h2], [h1, h2], [h2, h1]]\n');
    for (const cable of network.cables.values()) cable.send('a', numberedFrame(1));
    clock.runUntil(SECOND);
    expect([...network.hosts.values()].map(({ counters }) => counters.received)).toEqual([1, 2]);
  });
});

describe('with hosts added elsewhere', () => {
  const IMPAIRED =
    'delay: 2ms, bandwidth: 10Mbps, jitter: { by: 1ms, distribution: pareto }, loss: { toBad: 5%, toGood: 30% }, duplicate: 5%, reorder: 5%, corrupt: 5%';
  const arrivals = (others: number) => {
    const names = Array.from({ length: others }, (_, i) => `x${i}`);
    const extra = names.map((name) => `  - { ends: [${name}, s1], ${IMPAIRED} }\n`).join('');
    const hosts = ['p1', 'p2', ...names].map((name) => `${name}: { kind: port }`).join(', ');
    const { clock, network } = open(
      `switches: { s1: }\nhosts: { ${hosts} }\nlinks:\n${extra}  - { ends: [p1, p2], name: wire, ${IMPAIRED} }\n`,
      7,
    );
    const seen: string[] = [];
    network.barePorts.get('p2')!.tap = (frame) => seen.push(`${clock.now} ${frame.join()}`);
    for (let i = 0; i < 500; i++) {
      clock.runUntil(i * 100_000);
      for (const name of names) network.barePorts.get(name)!.sendFrame(numberedFrame(i));
      network.barePorts.get('p1')!.sendFrame(numberedFrame(i));
    }
    clock.runUntil(100 * SECOND);
    network.assertConserved();
    return seen;
  };

  it('a link whose frames are the same does the same with them', () => {
    const alone = arrivals(0);
    expect(arrivals(5)).toEqual(alone);
    expect(alone.length).toBeGreaterThan(350);
    expect(alone.length).toBeLessThan(500);
  });
});
