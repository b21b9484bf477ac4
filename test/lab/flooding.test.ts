import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { Lab, type LabOptions } from '../../lab/lab.ts';
import { MAC_BROADCAST } from '../../protocol/wire/address.ts';
import { ETHER_TYPE } from '../../protocol/wire/packet/ethernet.ts';
import { encodeFrame } from '../../protocol/wire/packet/frame.ts';
import { MILLISECOND, SECOND } from '../../sim/clock.ts';
import { type PingResult, startPing } from '../../sim/ping.ts';
import { loadTopology } from '../../topologies/loader.ts';

const TRIANGLE = join(dirname(dirname(dirname(fileURLToPath(import.meta.url)))), 'topologies', 'triangle.yaml');

function build(topology: string, options: LabOptions = {}, settlesIn = 2 * SECOND): Lab {
  const lab = new Lab(loadTopology(topology), options);
  lab.clock.runUntil(settlesIn);
  expect(lab.controller.isConverged).toBe(true);
  return lab;
}

function ping(lab: Lab, from: string, to: string): PingResult {
  let result: PingResult | undefined;
  startPing(lab.network.hosts.get(from)!, lab.network.hosts.get(to)!.spec.ip!, { count: 2 }, (given) => {
    result = given;
  });
  expect(lab.runUntil(() => result !== undefined, lab.clock.now + 60 * SECOND)).toBe(true);
  return result!;
}

/** How many copies of one broadcast each host got, in the seconds after it. */
function broadcast(lab: Lab, from: string): Map<string, number> {
  const copies = new Map<string, number>();
  const marker = Buffer.from(`a broadcast at ${lab.clock.now}`);
  for (const [name, host] of lab.network.hosts) {
    host.tap = (frame) => {
      if (Buffer.from(frame).includes(marker)) copies.set(name, (copies.get(name) ?? 0) + 1);
    };
  }
  const host = lab.network.hosts.get(from)!;
  host.sendFrame(
    encodeFrame([
      { type: 'ethernet', dst: MAC_BROADCAST, src: host.spec.mac, etherType: 0x88b5 },
      { type: 'payload', data: marker },
    ]),
  );
  lab.clock.runUntil(lab.clock.now + 5 * SECOND);
  return copies;
}

function linksBetweenSwitches(lab: Lab): string[] {
  const { switches } = lab.network;
  return lab.topology.graph.filterEdges((_, { a, b }) => switches.has(a.node) && switches.has(b.node));
}

function knownLinks(lab: Lab): number {
  return lab.controller.network.graph.filterEdges((_, { kind }) => kind === 'link').length;
}

describe('flooding', () => {
  it('does not cross a network that is cut', () => {
    const lab = build('linear,2');
    expect(ping(lab, 'h1', 'h2').received).toBe(2);
    lab.network.cables.get(linksBetweenSwitches(lab)[0]!)!.setUp(false);
    expect(ping(lab, 'h1', 'h2').received).toBe(0);
    lab.network.assertConserved();
  });

  it('delivers no broadcast twice while a link of a loop is being found', () => {
    const lab = build(TRIANGLE);
    for (const link of linksBetweenSwitches(lab)) {
      for (const delayMs of [0, 1, 2, 3, 4, 5, 10, 100, 299, 300, 301]) {
        const cable = lab.network.cables.get(link)!;
        cable.setUp(false);
        lab.clock.runUntil(lab.clock.now + SECOND);
        cable.setUp(true);
        lab.clock.runUntil(lab.clock.now + delayMs * MILLISECOND);
        const copies = broadcast(lab, 'h2');
        expect(
          [...copies.values()].every((count) => count === 1),
          `${link}, ${delayMs} ms: ${[...copies]}`,
        ).toBe(true);
      }
    }
  });

  it('delivers no broadcast twice while a network starts', () => {
    for (const atMs of [0, 2, 4, 5, 6, 7, 8, 9, 10, 12, 15, 20, 50, 300, 310]) {
      const lab = new Lab(loadTopology(TRIANGLE));
      lab.clock.runUntil(atMs * MILLISECOND);
      expect(
        [...broadcast(lab, 'h1').values()].every((count) => count === 1),
        `${atMs} ms`,
      ).toBe(true);
    }
  });

  it('waits longer where the control channels are slow', () => {
    const lab = build(TRIANGLE, { controlDelayNs: SECOND }, 30 * SECOND);
    const cable = lab.network.cables.get(linksBetweenSwitches(lab)[0]!)!;
    cable.setUp(false);
    lab.clock.runUntil(lab.clock.now + 10 * SECOND);
    cable.setUp(true);
    for (let i = 0; i < 5; i++) {
      lab.clock.runUntil(lab.clock.now + 310 * MILLISECOND);
      expect([...broadcast(lab, 'h2').values()].every((count) => count === 1)).toBe(true);
    }
    expect([...broadcast(lab, 'h2')].sort()).toEqual([
      ['h1', 1],
      ['h3', 1],
    ]);
  });

  it('does not multiply in a loop that has lost its probes while its ports are up', () => {
    const lab = build(TRIANGLE);
    lab.controller.network.expire(lab.clock.now + 3600 * SECOND);
    lab.act((controller, now) => controller.poll(now));
    expect(knownLinks(lab)).toBe(0);
    lab.clock.runUntil(lab.clock.now + 100 * MILLISECOND);
    expect(broadcast(lab, 'h1').size, 'nobody beyond the lost links').toBe(0);
    lab.clock.runUntil(lab.clock.now + 6 * SECOND);
    expect(knownLinks(lab), 'the next probes find them').toBe(3);
    expect(broadcast(lab, 'h1').size).toBe(2);
  });
});

describe('a guest', () => {
  it('makes no link by writing LLDP itself', () => {
    const lab = build(TRIANGLE);
    expect(ping(lab, 'h1', 'h2').received).toBe(2);
    const { spec } = lab.network.hosts.get('h1')!;
    const encode = (text: string) => new TextEncoder().encode(text);
    lab.network.hosts.get('h1')!.sendFrame(
      encodeFrame([
        { type: 'ethernet', dst: 0x0180c200000e, src: spec.mac, etherType: ETHER_TYPE.lldp },
        {
          type: 'lldp',
          tlvs: [
            { type: 'chassis-id', subtype: 7, id: encode('sluice:0000000000000002') },
            { type: 'port-id', subtype: 7, id: encode('1') },
            { type: 'time-to-live', seconds: 120 },
            { type: 'end' },
          ],
        },
      ]),
    );
    lab.clock.runUntil(lab.clock.now + SECOND);
    expect(knownLinks(lab)).toBe(3);
    expect(lab.controller.network.portOfHost(spec.mac)).toBeDefined();
  });
});
