import { expect, it } from 'vitest';
import { Lab } from '../../lab/lab.ts';
import { SECOND } from '../../sim/clock.ts';
import { type PingResult, startPing } from '../../sim/ping.ts';
import { parseTopology } from '../../topologies/topology-file.ts';

const TRIANGLE = `
apiVersion: sluice/v1
kind: Topology
name: triangle
switches: { s1: {}, s2: {}, s3: {} }
hosts: { h1: {}, h2: {}, h3: {} }
links: [[h1, s1], [h2, s2], [h3, s3], [s1, s2], [s2, s3], [s3, s1]]
`;

it('loses no first packet where everything is denied but what a policy allows', () => {
  const lab = new Lab(parseTopology(TRIANGLE, 'triangle.yaml'));
  lab.act(({ policies }) => {
    policies.setDefault('deny', () => undefined);
    policies.put(
      {
        type: 'allow',
        id: 'pings',
        from: { names: ['h1'] },
        to: { names: ['h2'] },
        services: [{ protocol: 'icmp' }],
        via: [{ names: ['s3'] }],
        avoid: { switches: [], links: [] },
        latencyNsMax: undefined,
        bandwidthBps: undefined,
        protect: 'none',
        limitBps: undefined,
        mirror: undefined,
      },
      () => undefined,
    );
  });
  lab.clock.runUntil(2 * SECOND);
  expect(lab.controller.network.portOfHost(lab.network.hosts.get('h1')!.spec.mac)).toBeUndefined();

  const results = ['h2', 'h3'].map((to) => {
    let result: PingResult | undefined;
    startPing(lab.network.hosts.get('h1')!, lab.network.hosts.get(to)!.spec.ip!, { count: 3 }, (given) => {
      result = given;
    });
    lab.runUntil(() => result !== undefined, lab.clock.now + 60 * SECOND);
    return result!.received;
  });
  expect(results).toEqual([3, 0]);
});
