/** Figures at the ends of what a topology may say: the network goes on, and its frames are counted. */
import { describe, expect, it } from 'vitest';
import { Clock, SECOND } from '../../sim/clock.ts';
import { EmulatedNetwork } from '../../sim/network.ts';
import { Random } from '../../sim/random.ts';
import { parseTopology } from '../../topologies/topology-file.ts';
import { numberedFrame } from './cable-rig.ts';

const HEAD = 'apiVersion: sluice/v1\nkind: Topology\nname: t\n';

function open(text: string) {
  const clock = new Clock();
  const topology = parseTopology(HEAD + text, 't.yaml');
  return { clock, network: new EmulatedNetwork(topology, clock, new Random(1), { failMode: 'standalone' }) };
}

describe('a frame that would arrive after all time', () => {
  it.each([
    'delay: 9007199s',
    'bandwidth: 1bps',
    'bandwidth: 1bps, queue: 1000000, duplicate: 100%',
    'bandwidth: 1bps, delay: 9007199s, reorder: 50%',
    'delay: 9007199s, jitter: { by: 9007199s, distribution: pareto }',
    'delay: 9007199s, jitter: { by: 9007199s, distribution: normal }',
  ])('is on its way on a cable with %s', (figures) => {
    const { clock, network } = open(
      `hosts: { p: { kind: port }, q: { kind: port } }\nlinks: [{ ends: [p, q], name: wire, ${figures} }]\n`,
    );
    clock.runUntil(SECOND);
    for (let i = 0; i < 2000; i++) network.barePorts.get('p')!.sendFrame(numberedFrame(i, 1500));
    clock.runUntil(100 * SECOND);
    network.assertConserved();
    expect(network.cables.get('wire')!.counters.a.inFlight).toBeGreaterThan(0);
    expect(network.cables.get('wire')!.counters.a.delivered).toBeLessThan(2000);
  });
});

describe('a guest that boots for longer than there is time', () => {
  it('is booting', () => {
    const { clock, network } = open('hosts: { g: { kind: vm, boot: 9007199s, start: later } }\n');
    clock.runUntil(SECOND);
    expect(network.workloads.start('g').state).toBe('booting');
    clock.runUntil(100 * SECOND);
    expect(network.workloads.guest('g').state).toBe('booting');
  });
});

describe('a lease', () => {
  const leased = (lease: string) =>
    open(`switches: { s1: }
hosts:
  server: { ip: 10.0.0.1/24, services: { dhcp: { pool: 10.0.0.10-10.0.0.20, lease: ${lease} } } }
  h1: { ip: dhcp }
links: [[server, s1], [h1, s1]]
`);

  // Asking whether somebody has the address takes four to seven seconds (RFC 5227).
  it.each(['1s', '5s', '8s'])(
    'of %s may be over before its address is known to be free: it is asked for again',
    (lease) => {
      const { clock, network } = leased(lease);
      const addresses = new Set<number | undefined>();
      for (let at = 1; at <= 120; at++) {
        clock.runUntil(at * SECOND);
        addresses.add(network.hosts.get('h1')!.ipv4);
      }
      expect(addresses).toContain(undefined);
      network.assertConserved();
    },
  );

  it('that outlives all time is kept', () => {
    const { clock, network } = leased('9007199s');
    clock.runUntil(3600 * SECOND);
    expect(network.hosts.get('h1')!.ipv4).toBe(0x0a00000a);
  });
});
