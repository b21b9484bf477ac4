/**
 * A day of a small network on one core: every host takes a lease and renews it, asks for its partner's address by ARP and asks again when it
 * doubts it, and sends its partner a heartbeat, a small UDP datagram, each second. How much faster than life it runs is told; a day is to take less than five
 * minutes of a processor.
 *
 * The switches are bridges that learn, one for twenty-five hosts, on a switch in their middle with the server.
 */
import { Clock, MILLISECOND, type Nanos, SECOND } from '../sim/clock.ts';
import { EmulatedNetwork } from '../sim/network.ts';
import { Random } from '../sim/random.ts';
import type { UdpSocket } from '../sim/stack/socket.ts';
import { parseTopology } from '../topologies/topology-file.ts';
import type { Comparison } from './measure.ts';

const DAY_SECONDS = 86_400;
const MINUTES_MAX = 5;
const HEARTBEAT: Nanos = SECOND;
const PORT = 40_001;
const HOSTS_PER_SWITCH = 25;
/** All have asked, and those that were not answered at once have asked again. */
const LEASED_BY: Nanos = 20 * SECOND;
const LEASE_SECONDS = 3600;

export interface DayOptions {
  /** Even. */
  readonly hosts: number;
  /** Of the network's own time, from when all have their lease. */
  readonly seconds: number;
}

export interface DayFigure {
  readonly processorSeconds: number;
  readonly renewals: number;
  readonly heartbeats: number;
  readonly frames: number;
}

export function measureDay({ hosts: count, seconds }: DayOptions): DayFigure {
  const clock = new Clock();
  const network = new EmulatedNetwork(parseTopology(writeTopology(count), 'day.yaml'), clock, new Random(1), {
    failMode: 'standalone',
  });
  const names = Array.from({ length: count }, (_, i) => toHostName(i));
  const hosts = names.map((name) => network.hosts.get(name)!);
  const start = process.cpuUsage();
  clock.runUntil(LEASED_BY);
  const data = new TextEncoder().encode('alive');
  let heard = 0;
  for (const [i, host] of hosts.entries()) {
    const partner = hosts[(i + count / 2) % count]!;
    const to = { address: partner.ipv4!, port: PORT };
    const socket: UdpSocket = host.bindUdp(PORT, { received: () => heard++ });
    const beat = (): void => {
      socket.send(to, data);
      host.schedule(host.now + HEARTBEAT, beat);
    };
    host.schedule(host.now + i * MILLISECOND, beat);
  }
  clock.runUntil(LEASED_BY + seconds * SECOND - 1);
  const { user, system } = process.cpuUsage(start);
  network.assertConserved();
  // The last beats may still be on their way.
  if (heard > seconds * count || heard < (seconds - 1) * count) throw new Error(`${heard} heartbeats were heard`);
  const { acknowledged, exhausted } = network.services.of('server').dhcpServer!.counters;
  const lapsed = names.filter((name) => network.services.of(name).dhcpClient!.counters.expired > 0);
  if (exhausted > 0 || lapsed.length > 0) throw new Error(`without an address were, for a time: ${lapsed.join(', ')}`);
  // Renewed at half its time, or up to a fiftieth earlier.
  const dueAtLeast = Math.floor((seconds - LEASED_BY / SECOND) / (LEASE_SECONDS / 2));
  if (acknowledged < count * (1 + Math.max(0, dueAtLeast))) throw new Error(`${acknowledged} leases were granted`);
  let frames = 0;
  for (const { counters } of network.cables.values()) frames += counters.a.delivered + counters.b.delivered;
  return { processorSeconds: (user + system) / 1e6, renewals: acknowledged - count, heartbeats: heard, frames };
}

export function benchDay(options: DayOptions): readonly Comparison[] {
  const { processorSeconds } = measureDay(options);
  return [
    {
      name: `a day of ${options.hosts} hosts with leases, ARP and a heartbeat a second each`,
      unit: 'times as fast as life',
      ours: options.seconds / processorSeconds,
      peer: `what makes a day ${MINUTES_MAX} minutes`,
      theirs: DAY_SECONDS / (MINUTES_MAX * 60),
    },
  ];
}

function toHostName(index: number): string {
  return `h${index + 1}`;
}

function writeTopology(hosts: number): string {
  const switches = Array.from({ length: Math.ceil(hosts / HOSTS_PER_SWITCH) }, (_, i) => `edge-${i}`);
  const names = Array.from({ length: hosts }, (_, i) => toHostName(i));
  const edgeOf = (index: number) => switches[Math.floor(index / HOSTS_PER_SWITCH)]!;
  return [
    'apiVersion: sluice/v1\nkind: Topology\nname: day\n',
    'defaults: { link: { bandwidth: 1Gbps, delay: 50us } }\n',
    `switches: { core: , ${switches.map((name) => `${name}: `).join(', ')} }\nhosts:\n`,
    `  server: { ip: 10.0.0.1/16, services: { dhcp: { pool: 10.0.1.1-10.0.16.255, lease: ${LEASE_SECONDS}s } } }\n`,
    ...names.map((name) => `  ${name}: { ip: dhcp }\n`),
    'links:\n  - [server, core]\n',
    ...switches.map((name) => `  - [${name}, core]\n`),
    ...names.map((name, i) => `  - [${name}, ${edgeOf(i)}]\n`),
  ].join('');
}
