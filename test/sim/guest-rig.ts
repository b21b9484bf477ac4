/** Small networks with guests, without a controller: one switch that forwards by itself, two nodes on it, and guests of one preset. */
import { parseIpv4 } from '../../protocol/wire/address.ts';
import { Clock, MILLISECOND, type Nanos, SECOND } from '../../sim/clock.ts';
import { GuestRefusal } from '../../sim/guest-refusal.ts';
import type { Host } from '../../sim/host.ts';
import type { MigrationReport } from '../../sim/migration.ts';
import { EmulatedNetwork } from '../../sim/network.ts';
import { type PingResult, startPing } from '../../sim/ping.ts';
import { Random } from '../../sim/random.ts';
import type { MigrationOptions } from '../../sim/workloads.ts';
import { kindOfPreset, type PresetName, parseProfile, profileOf } from '../../topologies/guest-profiles.ts';
import { parseTopology } from '../../topologies/topology-file.ts';

export const HEAD = 'apiVersion: sluice/v1\nkind: Topology\nname: t\n';

export class GuestRig {
  readonly clock = new Clock();
  readonly network: EmulatedNetwork;

  constructor(text: string, parse = (body: string) => parseTopology(HEAD + body, 't.yaml')) {
    const topology = parse(text);
    this.network = new EmulatedNetwork(topology, this.clock, new Random(1), { failMode: 'standalone' });
  }

  get workloads() {
    return this.network.workloads;
  }

  guest(name: string) {
    return this.workloads.guest(name);
  }

  host(name: string): Host {
    return this.network.hosts.get(name)!;
  }

  /** Runs for so long. */
  run(duration: Nanos): void {
    this.clock.runUntil(this.clock.now + duration);
  }

  ping(from: string, to: number | string, count = 1): PingResult {
    let result: PingResult | undefined;
    const target = typeof to === 'number' ? to : (parseIpv4(to) ?? this.host(to).spec.ip!);
    startPing(this.host(from), target, { count, intervalNs: 100 * MILLISECOND }, (given) => {
      result = given;
    });
    this.run((count + 20) * SECOND);
    return result!;
  }

  /** To its end, or what was refused. */
  migrate(name: string, to: string, options?: MigrationOptions, patience = 300 * SECOND): MigrationReport {
    let report: MigrationReport | undefined;
    this.workloads.migrate(name, to, options, (given) => {
      report = given;
    });
    const deadline = this.clock.now + patience;
    for (let next = this.clock.nextAt(); report === undefined && next !== undefined && next <= deadline; ) {
      this.clock.runUntil(next);
      next = this.clock.nextAt();
    }
    return report!;
  }
}

/** What a call was refused with; undefined when it was not. */
export function refusalOf(work: () => unknown): GuestRefusal | undefined {
  try {
    work();
  } catch (error) {
    if (error instanceof GuestRefusal) return error;
    throw error;
  }
  return undefined;
}

const NETWORK = `
switches: { s1: }
nodes: { n1: { cpus: 4, memory: 64GiB, host: hv-1 }, n2: { cpus: 4, memory: 64GiB, host: hv-2 } }
`;

/** Guests `a`, `b` and `c` of a preset on n1, as its kind has them: with a link on each node, or on its node's card. Delays of a millisecond. */
export function rigOf(words: string, start = 'running'): GuestRig {
  const preset = (parseProfile(words)?.preset ?? words) as PresetName;
  const kind = kindOfPreset(preset);
  const { network } = profileOf(kind, { preset });
  const names = ['a', 'b', 'c'];
  const address = network === 'none' ? '' : ', ip: 10.0.2.N/8';
  const guests = names.map(
    (name, i) =>
      `  ${name}: { kind: ${kind}, profile: ${words}, on: n1, start: ${start}, memory: 16MiB${address.replace('N', String(i + 1))} }`,
  );
  const links = names.flatMap((name) => [
    `  - { ends: [${name}, s1], node: n1, name: ${name}-1 }`,
    `  - { ends: [${name}, s1], node: n2, name: ${name}-2 }`,
  ]);
  const hasLinks = network === 'own' || network === 'routed';
  return new GuestRig(
    `defaults: { link: { delay: 1ms } }${NETWORK}hosts:\n  client: { ip: 10.0.0.1/8 }\n  hv-1: { ip: 10.0.1.1/8 }\n  hv-2: { ip: 10.0.1.2/8 }\n${guests.join('\n')}\nlinks:\n  - [client, s1]\n  - [hv-1, s1]\n  - [hv-2, s1]\n${hasLinks ? links.join('\n') : ''}\n`,
  );
}
