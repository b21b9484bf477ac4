/** Streams between hosts of a network, over switches: how fast they are against what framing leaves, how they share, and what Wireshark says of them. */
import { describe, expect, it } from 'vitest';
import { Lab } from '../../lab/lab.ts';
import { Clock, type Nanos, SECOND } from '../../sim/clock.ts';
import { EmulatedNetwork } from '../../sim/network.ts';
import { Random } from '../../sim/random.ts';
import { startTcpFlow, type TcpFlowResult } from '../../sim/traffic/tcp-flow.ts';
import { parseTopology } from '../../topologies/topology-file.ts';
import { auditFrames, tshark } from '../interop/frame-audit.ts';
import { framingLimitBps } from './stack/tcp/bulk-flow.ts';

/** Of an Ethernet frame's data with IPv4 and TCP's timestamps. */
const SEGMENT_BYTES = 1448;
const LINK_BPS = 100e6;
/** What a path of 20 ms holds: 100 Mbit/s × 20 ms in full frames of 1538 bytes, framing included. */
const QUEUE_FRAMES = 163;

function topologyOf(pairs: number, trunk = '') {
  const names = Array.from({ length: pairs }, (_, i) => i + 1);
  return parseTopology(
    [
      'apiVersion: sluice/v1\nkind: Topology\nname: t\n',
      'switches: { s1: , s2: }\n',
      `hosts: { ${names.map((i) => `a${i}: , b${i}: `).join(', ')} }\n`,
      'links:\n',
      ...names.map(
        (i) => `  - { ends: [a${i}, s1], bandwidth: 10Gbps }\n  - { ends: [b${i}, s2], bandwidth: 10Gbps }\n`,
      ),
      `  - { ends: [s1, s2], name: trunk, bandwidth: 100Mbps, delay: 10ms, queue: ${QUEUE_FRAMES}${trunk} }\n`,
    ].join(''),
    't.yaml',
  );
}

interface World {
  readonly clock: Clock;
  readonly network: EmulatedNetwork;
}

/** Switches that work as bridges, without a controller. */
function openBridges(pairs: number, trunk?: string): World {
  const clock = new Clock();
  const network = new EmulatedNetwork(topologyOf(pairs, trunk), clock, new Random(1), { failMode: 'standalone' });
  return { clock, network };
}

function openLab(pairs: number): World {
  const lab = new Lab(topologyOf(pairs));
  lab.clock.runUntil(5 * SECOND);
  return lab;
}

/** From `a` to `b` of each pair, all at once; results when all are over. */
function runFlows({ clock, network }: World, pairs: number, durationNs: Nanos): readonly TcpFlowResult[] {
  const results: TcpFlowResult[] = [];
  for (let i = 1; i <= pairs; i++) {
    const [from, to] = [network.hosts.get(`a${i}`)!, network.hosts.get(`b${i}`)!];
    const options = { streams: 1, durationNs, timeoutNs: durationNs + 20 * SECOND };
    startTcpFlow(from, { sockets: to, address: to.ipv4! }, options, (result) => results.push(result));
  }
  clock.runUntil(clock.now + durationNs + 21 * SECOND);
  expect(results).toHaveLength(pairs);
  for (const { streams } of results) {
    for (const stream of streams) expect(stream).toMatchObject({ wrongBytes: 0, fault: undefined });
  }
  network.assertConserved();
  return results;
}

describe.each([
  ['bridges', openBridges],
  ['the controller of a lab', openLab],
] as const)('over switches under %s', (name, open) => {
  it('a stream has 98 % of what framing leaves of 100 Mbit/s, at 20 ms and a queue of as much, in its first ten seconds', () => {
    const world = open(1);
    const [result] = runFlows(world, 1, 10 * SECOND);
    const sent = result!.bytesBySecond.slice(0, 10).reduce((sum, bytes) => sum + bytes, 0);
    const limit = framingLimitBps(LINK_BPS, SEGMENT_BYTES);
    const share = (sent * 8) / 10 / limit;
    console.log(`${name}: ${(share * 100).toFixed(1)} % of ${(limit / 1e6).toFixed(2)} Mbit/s in the first 10 s`);
    expect(share).toBeGreaterThan(0.98);
    // More would be a clock that is wrong.
    expect(share).toBeLessThan(1);
  });
});

it('four streams share a link fairly, and leave nothing of it', () => {
  const SECONDS = 12;
  // Slow start, and what follows from it.
  const SKIPPED = 4;
  const results = runFlows(openLab(4), 4, SECONDS * SECOND);
  const shares = results.map(({ bytesBySecond }) =>
    bytesBySecond.slice(SKIPPED, SECONDS).reduce((sum, bytes) => sum + bytes, 0),
  );
  const sum = shares.reduce((total, share) => total + share);
  const jain = sum ** 2 / (4 * shares.reduce((total, share) => total + share ** 2, 0));
  const used = (sum * 8) / (SECONDS - SKIPPED) / framingLimitBps(LINK_BPS, SEGMENT_BYTES);
  console.log(`four streams: Jain ${jain.toFixed(4)}, ${(used * 100).toFixed(1)} % of the link`);
  expect(jain).toBeGreaterThan(0.95);
  expect(used).toBeGreaterThan(0.98);
});

it('streams carry what was written over a trunk that loses, repeats, reorders and breaks frames', () => {
  const trunk = ', jitter: 2ms, loss: 0.5%, duplicate: 0.5%, reorder: 0.5%, corrupt: 0.2%';
  const world = openBridges(2, trunk);
  const results = runFlows(world, 2, 5 * SECOND);
  for (const { receivedBytes } of results) expect(receivedBytes).toBeGreaterThan(100_000);
  // A bit turned in what TCP carries is found by its checksum; what was turned in an address reaches nobody.
  const counters = ['a1', 'a2', 'b1', 'b2'].map((host) => world.network.hosts.get(host)!.counters);
  expect(counters.reduce((sum, { badChecksum }) => sum + badChecksum, 0)).toBeGreaterThan(0);
});

describe.skipIf(tshark.isSkipped)('Wireshark', () => {
  it('finds nothing malformed and no wrong checksum in a stream between hosts, lost frames included', async () => {
    const world = openBridges(1, ', loss: 0.5%');
    const frames: Uint8Array[] = [];
    for (const name of ['a1', 'b1']) world.network.hosts.get(name)!.tap = (frame) => frames.push(frame.slice());
    runFlows(world, 1, SECOND);
    const { protocols, faults } = await auditFrames(frames);
    expect(faults).toEqual([]);
    expect([...protocols.keys()].sort()).toEqual(['ARP', 'TCP']);
    expect(protocols.get('TCP')).toBeGreaterThan(500);
  });
});
