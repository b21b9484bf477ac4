/** Services on real stacks, through two switches that work as bridges, over links that lose frames: what must arrive all the same, and the same twice. */
import { describe, expect, it } from 'vitest';
import { formatIp } from '../../../protocol/wire/ip-address.ts';
import { Clock, SECOND } from '../../../sim/clock.ts';
import { EmulatedNetwork } from '../../../sim/network.ts';
import { Random } from '../../../sim/random.ts';
import type { ResolveResult } from '../../../sim/service/dns/dns-resolver.ts';
import type { HttpResult } from '../../../sim/service/http/http-client.ts';
import { parseTopology } from '../../../topologies/topology-file.ts';

const NAMES = Array.from({ length: 120 }, (_, i) => `n${i}: web`).join(', ');
const FILE = Uint8Array.from({ length: 1 << 20 }, (_, i) => (i * 2654435761) >>> 24);

const TOPOLOGY = `apiVersion: sluice/v1
kind: Topology
name: t
defaults: { link: { loss: 2%, delay: 1ms, bandwidth: 100Mbps } }
switches: { s1: , s2: }
hosts:
  server:
    ip: 10.1.1.1/24
    services: { dhcp: { pool: 10.1.1.100-10.1.1.199, lease: 10min }, dns: { zone: plant.internal, names: { ${NAMES} } } }
  web: { ip: dhcp, services: { http: { files: www } } }
  h1: { ip: dhcp }
  h2: { ip: dhcp }
links: [[server, s1], [web, s1], [h1, s2], [h2, s2], [s1, s2]]
`;

function build(seed: number) {
  const clock = new Clock();
  const readFolder = () => new Map([['/file.bin', FILE]]);
  const topology = parseTopology(TOPOLOGY, 't.yaml', readFolder);
  const network = new EmulatedNetwork(topology, clock, new Random(seed), { failMode: 'standalone' });
  const addressOf = (name: string) => formatIp(network.services.of(name).dhcpClient?.lease?.address ?? 0);
  return { clock, network, addressOf };
}

describe('services on stacks', () => {
  it('hosts have addresses, find each other by name, and a MiB arrives as it was', () => {
    const { clock, network, addressOf } = build(1);
    clock.runUntil(60 * SECOND);
    const given = ['web', 'h1', 'h2'].map(addressOf);
    for (const address of given) expect(address).toMatch(/^10\.1\.1\.1\d\d$/);
    expect(new Set(given).size).toBe(3);
    const found: ResolveResult[] = [];
    network.services.resolverOf('h1').resolve('n119', 'a', (result) => found.push(result));
    let fetched: HttpResult | undefined;
    network.services.httpClientOf('h2').ask(
      { url: 'http://web.plant.internal/file.bin' },
      {
        done: (result) => {
          fetched = result;
        },
      },
    );
    clock.runUntil(120 * SECOND);
    expect(found).toMatchObject([{ type: 'found', name: 'web.plant.internal' }]);
    expect(fetched).toMatchObject({ type: 'answered', status: 200 });
    expect(fetched?.type === 'answered' && Buffer.compare(fetched.body, FILE)).toBe(0);
    network.assertConserved();
  });

  it('leases last an hour of renewals, and the same seed gives the same run', () => {
    const run = () => {
      const { clock, network, addressOf } = build(2);
      clock.runUntil(3600 * SECOND);
      const clients = ['web', 'h1', 'h2'].map((name) => network.services.of(name).dhcpClient!);
      expect(clients.map(({ state }) => state)).not.toContain('selecting');
      const { leases, counters } = network.services.of('server').dhcpServer!;
      expect(counters.acknowledged).toBeGreaterThanOrEqual(3 * 11);
      return { events: clock.eventsRun, leases, counters, addresses: ['web', 'h1', 'h2'].map(addressOf) };
    };
    expect(run()).toEqual(run());
  });
});
