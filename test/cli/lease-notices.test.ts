/** What `sluice lab` and `sluice emulate` say of leases that nobody gets. */
import { describe, expect, it } from 'vitest';
import { tellLeaseNotices } from '../../cli/lease-notices.ts';
import { Clock, SECOND } from '../../sim/clock.ts';
import { EmulatedNetwork } from '../../sim/network.ts';
import { Random } from '../../sim/random.ts';
import { parseTopology } from '../../topologies/topology-file.ts';

function run(clients: number, change: (network: EmulatedNetwork) => void = () => undefined): readonly string[] {
  const names = Array.from({ length: clients }, (_, i) => `c${i + 1}`);
  const text = `apiVersion: sluice/v1
kind: Topology
name: t
switches: { s1: }
hosts:
  server: { ip: 10.0.0.1/24, services: { dhcp: { pool: 10.0.0.100-10.0.0.101 } } }
  other: { ip: 10.0.0.9/24 }
${names.map((name) => `  ${name}: { ip: dhcp }\n`).join('')}links:
  - [server, s1]
  - [other, s1]
${names.map((name) => `  - [${name}, s1]\n`).join('')}`;
  const clock = new Clock();
  const network = new EmulatedNetwork(parseTopology(text, 't.yaml'), clock, new Random(1), { failMode: 'standalone' });
  const lines: string[] = [];
  tellLeaseNotices(network.services, (line) => lines.push(line));
  change(network);
  clock.runUntil(600 * SECOND);
  return lines;
}

describe('leases', () => {
  it('that are given are nothing to tell', () => {
    expect(run(2)).toEqual([]);
  });

  it('that a pool has not are told once for each who gets none, however often it asks', () => {
    const lines = run(3);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(
      /^server: no address is left for 00:00:00:00:00:0\d; give its services: { dhcp: } a larger pool$/,
    );
    const many = run(130);
    expect(many).toHaveLength(101);
    expect(many.at(-1)).toBe('no more is told of leases');
  });

  it('of an address that somebody took by himself are told', () => {
    const lines = run(1, ({ hosts }) => {
      hosts.get('other')!.setIpv4({ address: 0x0a00_0064, prefixLength: 24 });
    });
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(/^server: 00:00:00:00:00:03 found that somebody has 10\.0\.0\.100 already; it rests/);
  });
});
