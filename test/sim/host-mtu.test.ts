/** The MTU of a link is that of the cards at its ends: what is larger leaves in fragments, and nothing is dropped for its size. */
import { describe, expect, it } from 'vitest';
import { Clock, SECOND } from '../../sim/clock.ts';
import { EmulatedNetwork } from '../../sim/network.ts';
import { Random } from '../../sim/random.ts';
import { startTcpFlow, type TcpFlowResult } from '../../sim/traffic/tcp-flow.ts';
import { parseTopology } from '../../topologies/topology-file.ts';

const HEAD = 'apiVersion: sluice/v1\nkind: Topology\nname: t\n';

function open(text: string) {
  const clock = new Clock();
  const topology = parseTopology(HEAD + text, 't.yaml');
  return { clock, network: new EmulatedNetwork(topology, clock, new Random(1), { failMode: 'standalone' }) };
}

const mtusOf = ({ network }: ReturnType<typeof open>) =>
  Object.fromEntries([...network.hosts].map(([name, { mtu }]) => [name, mtu]));

describe('the MTU of a host', () => {
  it('is that of its link, the least of both ways; without a word it is that of Ethernet', () => {
    expect(
      mtusOf(
        open(`switches: { s1: }
hosts: { plain: , narrow: , jumbo: , uneven: , said: , above: }
links:
  - [plain, s1]
  - { ends: [narrow, s1], mtu: 576 }
  - { ends: [jumbo, s1], mtu: 9000 }
  - { ends: [uneven, s1], mtu: 9000, to: { uneven: { mtu: 1400 } } }
  - { ends: [s1, said], to: { s1: { mtu: 1300 } } }
  - { ends: [above, s1], mtu: 1000, to: { above: { mtu: 1200 }, s1: { mtu: 1100 } } }
`),
      ),
    ).toEqual({ plain: 1500, narrow: 576, jumbo: 9000, uneven: 1400, said: 1300, above: 1100 });
  });

  it('is that of the port that a host speaks on, and of a guest the least wherever it may live', () => {
    expect(
      mtusOf(
        open(`switches: { s1: }
nodes: { n1: { host: hv-1 }, n2: { host: hv-2 } }
hosts: { hv-1: , hv-2: , two: , g: { kind: vm, on: n1, memory: 16MiB } }
links:
  - [hv-1, s1]
  - [hv-2, s1]
  - { ends: ["two:2", s1], mtu: 1000 }
  - { ends: ["two:1", s1], mtu: 1200 }
  - { ends: [g, s1], node: n1, mtu: 9000 }
  - { ends: [g, s1], node: n2, mtu: 1450 }
`),
      ),
    ).toEqual({ 'hv-1': 1500, 'hv-2': 1500, two: 1200, g: 1450 });
  });
});

/** Below 128 bytes there is no TCP: it does not go below Linux's least segment of 88. */
describe.each([128, 576, 1280, 9000, 65_535])('between hosts on links of %i bytes', (linkMtu) => {
  // Larger frames no switch takes.
  const mtu = Math.min(linkMtu, 65_000);
  const world = open(`switches: { s1: }
hosts: { h1: , h2: }
defaults: { link: { mtu: ${linkMtu} } }
links: [[h1, s1], [h2, s1]]
`);
  const { clock, network } = world;
  const [h1, h2] = [network.hosts.get('h1')!, network.hosts.get('h2')!];
  const largest = { carried: 0 };
  h2.tap = (frame) => {
    largest.carried = Math.max(largest.carried, frame.length - 14);
  };

  it('datagrams arrive whole, in frames that fit', () => {
    const sizes = [1, mtu - 28, mtu - 27, 3000].filter((size) => size <= 65_507);
    const got: number[] = [];
    h2.bindUdp(9, { received: (data) => got.push(data.length) });
    const socket = h1.bindUdp(0, { received: () => undefined });
    // Little may wait for the answer to ARP.
    h1.sendEcho(h2.ipv4!, 1, 1, new Uint8Array(1));
    clock.runUntil(clock.now + SECOND);
    for (const size of sizes) socket.send({ address: h2.ipv4!, port: 9 }, new Uint8Array(size));
    clock.runUntil(clock.now + SECOND);
    expect(got).toEqual(sizes);
    expect(largest.carried).toBeLessThanOrEqual(mtu);
  });

  it('streams carry every byte, in segments that fill their frames', () => {
    let result: TcpFlowResult | undefined;
    const to = { sockets: h2, address: h2.ipv4! };
    startTcpFlow(h1, to, { streams: 1, bytes: 300_000, timeoutNs: 20 * SECOND }, (given) => {
      result = given;
    });
    clock.runUntil(clock.now + 21 * SECOND);
    expect(result!.streams).toMatchObject([{ receivedBytes: 300_000, wrongBytes: 0, fault: undefined }]);
    expect(largest.carried).toBeLessThanOrEqual(mtu);
    expect(largest.carried).toBeGreaterThan(mtu - 8);
    network.assertConserved();
    for (const { counters } of network.cables.values()) {
      for (const { sent, delivered } of [counters.a, counters.b]) expect(delivered).toBe(sent);
    }
  });
});
