/** Guests under the controller: what it sees of their lives is what a switch tells of its ports, and what they say themselves. */
import { describe, expect, it } from 'vitest';
import { Lab } from '../../lab/lab.ts';
import { formatMac } from '../../protocol/wire/address.ts';
import { MILLISECOND, SECOND } from '../../sim/clock.ts';
import type { MigrationReport } from '../../sim/migration.ts';
import { type PingResult, startPing } from '../../sim/ping.ts';
import { loadTopology } from '../../topologies/loader.ts';
import { parseTopology } from '../../topologies/topology-file.ts';

/** As `topologies/guests.yaml` has it, with less memory. */
const TEXT = `
apiVersion: sluice/v1
kind: Topology
name: guests
defaults: { link: { bandwidth: 10Gbps, delay: 20us } }
switches: { s1: , s2: }
nodes: { n1: { host: hv-1 }, n2: { host: hv-2 } }
hosts: { client: , hv-1: , hv-2: , vm: { kind: vm, on: n1, memory: 256MiB } }
links:
  - [client, s1]
  - [hv-1, s1]
  - [hv-2, s2]
  - { ends: [s1, s2], name: trunk }
  - { ends: [vm, s1], node: n1 }
  - { ends: [vm, s2], node: n2 }
`;

/** Everything of ports and hosts that the controller notices from now on, as text. */
function watch(lab: Lab): string[] {
  const heard: string[] = [];
  lab.onEvent((event) => {
    if (event.type === 'port-up' || event.type === 'port-down') {
      heard.push(`${event.type} ${Number(event.port.dpid)}:${event.port.portNo}`);
    } else if (event.type === 'host-found' || event.type === 'host-moved') {
      heard.push(`${event.type} ${formatMac(event.mac)} ${Number(event.port.dpid)}:${event.port.portNo}`);
    } else if (event.type === 'host-lost') heard.push(`${event.type} ${formatMac(event.mac)}`);
  });
  return heard;
}

function ping(lab: Lab, from: string, to: string, count = 1, intervalNs = 10 * MILLISECOND): () => PingResult {
  let result: PingResult | undefined;
  startPing(lab.network.hosts.get(from)!, lab.network.hosts.get(to)!.spec.ip!, { count, intervalNs }, (given) => {
    result = given;
  });
  return () => {
    expect(lab.runUntil(() => result !== undefined, lab.clock.now + 600 * SECOND)).toBe(true);
    return result!;
  };
}

function migrate(lab: Lab, name: string, to: string): MigrationReport {
  let report: MigrationReport | undefined;
  lab.network.workloads.migrate(name, to, {}, (given) => {
    report = given;
  });
  lab.runUntil(() => report !== undefined, lab.clock.now + 600 * SECOND);
  return report!;
}

describe('topologies/guests.yaml under the controller', () => {
  const VM = '00:00:00:00:00:04';
  const WEB = '00:00:00:00:00:05';
  const EDGE = '00:00:00:00:00:06';

  it('a start is a port that goes up and a host that is found, a stop a port that goes down', () => {
    const lab = new Lab(loadTopology('topologies/guests.yaml'));
    const heard = watch(lab);
    lab.clock.runUntil(3 * SECOND);
    // The microVM boots in 125 ms and the container in a second, by their profiles; the virtual machine was there before.
    expect(heard).toEqual(
      expect.arrayContaining(['port-up 2:4', `host-found ${EDGE} 2:4`, 'port-up 1:5', `host-found ${WEB} 1:5`]),
    );
    expect(ping(lab, 'client', 'web')().received).toBe(1);

    heard.length = 0;
    lab.network.workloads.stop('web');
    lab.clock.runUntil(lab.clock.now + SECOND);
    expect(heard).toEqual([`host-lost ${WEB}`, 'port-down 1:5']);
    heard.length = 0;
    lab.network.workloads.start('web');
    lab.clock.runUntil(lab.clock.now + 3 * SECOND);
    expect(heard).toEqual(['port-up 1:5', `host-found ${WEB} 1:5`]);
    expect(ping(lab, 'client', 'web')().received).toBe(1);
    heard.length = 0;
    lab.network.workloads.pause('db');
    expect(ping(lab, 'client', 'db', 2)().received).toBe(0);
    lab.network.workloads.resume('db');
    expect(ping(lab, 'client', 'db')().received).toBe(1);
    expect(heard.filter((line) => line.startsWith('port') || line.includes(`lost ${VM}`))).toEqual([]);
    lab.network.assertConserved();
  });
});

describe('a live migration under the controller', () => {
  it('moves the host in the network, and as many pings are lost as it rests', () => {
    const lab = new Lab(parseTopology(TEXT, 't.yaml'));
    lab.clock.runUntil(2 * SECOND);
    const INTERVAL = 5 * MILLISECOND;
    const before = ping(lab, 'client', 'vm', 1000, INTERVAL);
    lab.clock.runUntil(3 * SECOND);
    const heard = watch(lab);
    const report = migrate(lab, 'vm', 'n2');
    expect(report.state).toBe('completed');
    lab.clock.runUntil(lab.clock.now + 2 * SECOND);
    const mac = formatMac(lab.network.hosts.get('vm')!.spec.mac);
    const ofGuest = heard.filter((line) => line.startsWith('port') || line.includes(mac));
    expect(ofGuest).toEqual(['port-up 2:3', `host-moved ${mac} 2:3`, 'port-down 1:4']);
    const { sent, received } = before();
    // The announcement reaches the controller in a millisecond, and its rules the switches in another and a barrier.
    const restPings = report.measuredDowntimeNs! / INTERVAL;
    expect(sent - received).toBeGreaterThanOrEqual(Math.floor(restPings));
    expect(sent - received).toBeLessThanOrEqual(Math.ceil(restPings) + 3);
    expect(ping(lab, 'client', 'vm')().received).toBe(1);
    expect(ping(lab, 'vm', 'hv-1')().received).toBe(1);
  });

  it('is the same twice', () => {
    const run = () => {
      const lab = new Lab(parseTopology(TEXT.replace('256MiB', '32MiB'), 't.yaml'), { seed: 7 });
      lab.clock.runUntil(2 * SECOND);
      const heard = watch(lab);
      const report = migrate(lab, 'vm', 'n2');
      lab.clock.runUntil(lab.clock.now + 2 * SECOND);
      return [heard, report, lab.clock.eventsRun];
    };
    expect(run()).toEqual(run());
  });
});
