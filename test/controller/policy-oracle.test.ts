import { describe, expect, it } from 'vitest';
import type { Policy } from '../../controller/policy/policy.ts';
import { Random } from '../../sim/random.ts';
import { listConnectedGraphs } from './connected-graphs.ts';
import { type Facts, plainMeaning, type Route } from './plain-meaning.ts';
import { expectArrival, FREE, findWalkFault, type UpFabric } from './policy-oracle.ts';
import { type Crossing, findCircle } from './walk-record.ts';

/** Far enough from every bound that measured latencies would be on the same side. */
const FAR = 1000;
const NAMES = new Map(Array.from({ length: 4 }, (_, i) => [`${i}`, `${i}`]));

/** The least latency of all walks of so many steps that have no fault, by trying every one. */
function tryAllWalks(fabric: UpFabric, from: string, to: string, route: Route, stepsMax: number): number {
  let least = Number.POSITIVE_INFINITY;
  const visit = (at: string, chain: readonly Crossing[], latencyNs: number) => {
    if (at === to && findWalkFault(chain, route, fabric, NAMES) === undefined) least = Math.min(least, latencyNs);
    if (chain.length > stepsMax) return;
    for (const { name, a, b, delayNs } of fabric.links) {
      const next = a === at ? b : b === at ? a : undefined;
      if (next !== undefined) visit(next, [...chain, crossing(name, at, next)], latencyNs + delayNs);
    }
  };
  visit(from, [crossing('access', 'host', from)], 0);
  return least;
}

function crossing(cable: string, from: string, to: string, parent?: Crossing, tag = -1): Crossing {
  return { cable, from, to, tag, frame: new Uint8Array(), sentAt: 0, parent, deliveredAt: 0 };
}

describe('the oracle of paths', () => {
  it('finds a way exactly where trying every walk finds one', () => {
    const random = new Random(1);
    const some = (size: number) => new Set([`${random.nextBelow(size)}`, `${random.nextBelow(size)}`]);
    let found = 0;
    for (const { size, links } of [...listConnectedGraphs(3), ...listConnectedGraphs(4)]) {
      const fabric: UpFabric = {
        switches: new Set(Array.from({ length: size }, (_, i) => `${i}`)),
        links: links.map(([a, b], i) => ({ name: `l${i}`, a: `${a}`, b: `${b}`, delayNs: 1_000_000 * (1 + i) })),
      };
      for (let round = 0; round < 12; round++) {
        const route: Route = {
          ...FREE,
          via: Array.from({ length: random.nextBelow(3) }, () => some(size)),
          avoidSwitches: round % 4 === 0 ? some(size) : new Set(),
          avoidLinks: round % 3 === 0 ? new Set([`l${random.nextBelow(links.length)}`]) : new Set(),
        };
        const [from, to] = [`${random.nextBelow(size)}`, `${random.nextBelow(size)}`];
        const least = tryAllWalks(fabric, from, to, route, 6);
        const arrival = (latencyNsMax: number) => expectArrival(fabric, from, to, { ...route, latencyNsMax });
        expect(arrival(Number.POSITIVE_INFINITY)).toBe(least < Number.POSITIVE_INFINITY ? 'must' : 'must not');
        if (least === Number.POSITIVE_INFINITY || least === 0) continue;
        found++;
        expect(arrival(least * FAR)).toBe('must');
        expect(arrival(least / FAR)).toBe('must not');
        expect(arrival(least)).toBe('may');
      }
    }
    expect(found).toBeGreaterThan(30);
  });

  it('takes what was sent on under another label for a detour, and under the same for a circle', () => {
    const first = crossing('l1', 's1', 's2', undefined, 7);
    const back = crossing('l1', 's2', 's1', first, 7);
    expect(findCircle([first, back, crossing('l1', 's1', 's2', back, 8)])).toBeUndefined();
    expect(findCircle([first, back, crossing('l1', 's1', 's2', back, 7)])).toContain('in a circle');
    // Two copies side by side are no circle.
    expect(findCircle([first, crossing('l1', 's1', 's2', undefined, 7)])).toBeUndefined();
  });
});

describe('the plain meaning of policies', () => {
  const directory = {
    hosts: [
      { mac: 1, name: 'a', tier: 'edge' },
      { mac: 2, name: 'b', labels: { colour: 'red' } },
    ],
    switches: [
      { dpid: '1', name: 's1' },
      { dpid: '2', name: 's2' },
    ],
    links: [],
  };
  const web: Facts = { srcMac: 1, dstMac: 2, ethType: 0x0800, ipProto: 6, ipSrc: 1, ipDst: 2, srcPort: 9, dstPort: 80 };
  const answer: Facts = { ...web, srcMac: 2, dstMac: 1, ipSrc: 2, ipDst: 1, srcPort: 80, dstPort: 9 };
  const allow: Policy = {
    type: 'allow',
    id: 'p1',
    from: { tier: 'edge' },
    to: { labels: { colour: 'red' } },
    services: [{ protocol: 'tcp', ports: { first: 80, last: 81 } }],
    via: [{ names: ['s1'] }, { names: ['s2'] }],
    avoid: { switches: [], links: [] },
    latencyNsMax: undefined,
    bandwidthBps: undefined,
    protect: 'none',
    limitBps: undefined,
    mirror: undefined,
  };
  const deny: Policy = { type: 'deny', id: 'p2', from: { all: true }, to: { names: ['a'] }, services: [] };

  it('admits replies by the way back, and nothing that merely looks alike', () => {
    const judge = plainMeaning({ default: 'deny', policies: [allow] }, directory);
    expect(judge(web)?.via.map((set) => [...set])).toEqual([['1'], ['2']]);
    expect(judge(answer)?.via.map((set) => [...set])).toEqual([['2'], ['1']]);
    expect(judge({ ...web, dstPort: 82 })).toBeUndefined();
    expect(judge({ ...answer, srcPort: 9, dstPort: 80 })).toBeUndefined();
    expect(judge({ ...web, ipProto: 17 })).toBeUndefined();
  });

  it('lets a deny beat an allow, in its direction only', () => {
    const judge = plainMeaning({ default: 'allow', policies: [allow, deny] }, directory);
    expect(judge(web)).toBeDefined();
    expect(judge(answer)).toBeUndefined();
  });

  it('narrows packets, not hosts, by address', () => {
    const narrow: Policy = { ...deny, from: { names: ['b'], address: '0.0.0.0/30' } };
    const judge = plainMeaning({ default: 'allow', policies: [narrow] }, directory);
    expect(judge(answer)).toBeUndefined();
    expect(judge({ ...answer, ipSrc: 4 })).toBeDefined();
    expect(judge({ srcMac: 2, dstMac: 1, ethType: 0x88b5 })).toBeDefined();
  });
});
