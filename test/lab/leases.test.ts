/** The lab that begins when nothing is named: who asks for an address gets one, keeps it, and is found by name. */
import { expect, it } from 'vitest';
import { readPolicies } from '../../cli/policy-files.ts';
import { NOTHING_STORED, replaceStored } from '../../controller/policy/stored-policies.ts';
import { directoryOf } from '../../controller/policy/topology-directory.ts';
import { Lab } from '../../lab/lab.ts';
import { formatIpv4 } from '../../protocol/wire/address.ts';
import { SECOND } from '../../sim/clock.ts';
import { startPing } from '../../sim/ping.ts';
import { loadTopology } from '../../topologies/loader.ts';

it('topologies/edge-gateway.yaml gives its guest a lease through the controller, and others reach it by its name', () => {
  const lab = new Lab(loadTopology('topologies/edge-gateway.yaml'));
  const { services, hosts } = lab.network;
  const client = services.of('analytics').dhcpClient!;
  expect(lab.runUntil(() => client.state === 'bound' && client.lease !== undefined, 30 * SECOND)).toBe(true);
  console.log(`analytics has its lease ${(lab.clock.now / SECOND).toFixed(2)} s after the lab began`);
  const address = hosts.get('analytics')!.ipv4!;
  expect(formatIpv4(address)).toBe('10.3.0.100');
  const found: unknown[] = [];
  services.resolverOf('plc-a1').resolve('analytics.plant.internal', 'a', (result) => found.push(result));
  let received = 0;
  startPing(hosts.get('plc-a1')!, address, { count: 3 }, (result) => {
    received = result.received;
  });
  lab.runUntil(() => false, lab.clock.now + 10 * SECOND);
  expect(found).toMatchObject([{ type: 'found', addresses: [address] }]);
  expect(received).toBe(3);
  // At half of its hour it has asked again, and was answered.
  lab.runUntil(() => false, 2400 * SECOND);
  expect(services.of('ingest').dhcpServer!.counters).toMatchObject({ offered: 1, acknowledged: 2, exhausted: 0 });
  lab.network.assertConserved();
});

it('and it is kept where its policies deny by default', () => {
  const topology = loadTopology('topologies/edge-gateway.yaml');
  const set = readPolicies('topologies/policies/edge-gateway.yaml', directoryOf(topology));
  const lab = new Lab(topology, { policies: replaceStored(NOTHING_STORED, set).stored });
  const { services } = lab.network;
  // Beyond the time at which it would ask everybody, were it not answered by its server.
  lab.runUntil(() => false, 3400 * SECOND);
  expect(services.of('analytics').dhcpClient).toMatchObject({ state: 'bound', counters: { expired: 0 } });
  const { offered, acknowledged } = services.of('ingest').dhcpServer!.counters;
  expect([offered, acknowledged]).toEqual([1, 2]);
});
