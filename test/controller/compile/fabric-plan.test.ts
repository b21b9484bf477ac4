import { describe, expect, it } from 'vitest';
import { SYSTEM_COOKIE } from '../../../controller/compile/layout.ts';
import type { Plan } from '../../../controller/plan.ts';
import type { AllowPolicy, PolicySet, Protection } from '../../../controller/policy/policy.ts';
import { Random } from '../../../sim/random.ts';
import { drawGraph, type Graph, listConnectedGraphs } from '../connected-graphs.ts';
import { drawFabric } from '../drawn-fabric.ts';
import { ProbeMaker } from '../probe-frame.ts';
import { PaperNetwork } from './paper-network.ts';
import { PlanWalk } from './plan-walk.ts';

const SEED = Number(process.env.SLUICE_SEED ?? 11);

function protectAll(protect: Protection): PolicySet {
  const policy: AllowPolicy = {
    type: 'allow',
    id: 'protect',
    from: { all: true },
    to: { all: true },
    services: [],
    via: [],
    avoid: { switches: [], links: [] },
    latencyNsMax: undefined,
    bandwidthBps: undefined,
    protect,
    limitBps: undefined,
    mirror: undefined,
  };
  return { default: 'allow', policies: [policy] };
}

/** Whether all switches are joined without that link. */
function isConnectedWithout(paper: PaperNetwork, lost: string): boolean {
  const { switches, links } = paper.upFabric(new Set([lost]));
  const reached = new Set([[...switches][0]!]);
  for (const dpid of reached) {
    for (const { a, b } of links) {
      if (a === dpid) reached.add(b);
      if (b === dpid) reached.add(a);
    }
  }
  return reached.size === switches.size;
}

/** What does not arrive while a link is down that nobody was told of. */
function findLost(graph: Graph, seed: number, protect: Protection): string[] {
  const random = new Random(seed);
  const paper = new PaperNetwork(drawFabric(graph, random.fork('fabric')));
  const { plan } = paper.compile(protectAll(protect));
  const maker = new ProbeMaker(random.fork('probes'));
  const lost: string[] = [];
  for (const { name: link } of paper.links) {
    if (!isConnectedWithout(paper, link)) continue;
    const walk = new PlanWalk(plan, paper.links, paper.hosts, new Set([link]), random.fork(link));
    for (const from of paper.hosts) {
      for (const to of paper.hosts) {
        if (from === to) continue;
        const end = walk.send(from.dpid, from.portNo, maker.unicast(from, to).frame);
        if (end.isEndless || end.received.length !== 1 || end.received[0]!.host !== to.name)
          lost.push(`${graph.name}, seed ${seed}: ${from.name} to ${to.name} without ${link}`);
      }
    }
  }
  return lost;
}

function countRules(plan: Plan, dpid: string): number {
  return [...plan.get(dpid)!.values()].reduce((sum, { rules }) => sum + rules.length, 0);
}

function toText(plan: Plan): string {
  const entries = [...plan].map(([dpid, parts]) => [dpid, [...parts].sort(([a], [b]) => (a < b ? -1 : 1))]);
  return JSON.stringify(entries, (_, value) => (typeof value === 'bigint' ? `${value}` : value));
}

describe('what the fabric is compiled to', () => {
  const graphs = [...[2, 3, 4].flatMap(listConnectedGraphs), ...listConnectedGraphs(5).filter((_, i) => i % 4 === 0)];
  const random = new Random(SEED);
  const larger = Array.from({ length: 3 }, () => drawGraph(random));

  for (const protect of ['failover', 'disjoint'] as const) {
    it(`gets everything to its place without any single link that leaves a way, before anybody is told (${protect}, seed ${SEED})`, () => {
      const lost = [...graphs, ...larger].flatMap((graph, i) => findLost(graph, SEED + i, protect));
      expect(lost).toEqual([]);
    });
  }

  it('loses frames on a link that is down where nothing is protected', () => {
    expect(graphs.flatMap((graph, i) => findLost(graph, SEED + i, 'none')).length).toBeGreaterThan(0);
  });

  it('grows with the switches where frames are in transit, and not with the hosts', () => {
    const line: Graph = {
      name: 'a line',
      size: 3,
      links: [
        [0, 1],
        [1, 2],
      ],
    };
    const counts = [1, 50].map((hosts) => {
      const paper = new PaperNetwork(drawFabric(line, new Random(SEED)));
      const [first, middle, last] = [...paper.dpids.values()];
      const attached = [first!, last!].flatMap((dpid, i) =>
        Array.from({ length: hosts }, (_, n) => ({
          name: `${dpid} ${n}`,
          mac: 0x020000000000 + i * 1000 + n,
          ip: n,
          dpid,
          portNo: 100 + n,
        })),
      );
      paper.hosts.splice(0, paper.hosts.length, ...attached);
      const { plan } = paper.compile({ default: 'allow', policies: [] });
      return { transit: countRules(plan, middle!), edge: countRules(plan, first!) };
    });
    expect(counts[1]!.transit).toBe(counts[0]!.transit);
    expect(counts[1]!.edge).toBeGreaterThan(counts[0]!.edge + 100);
  });

  it('is the same, byte for byte, after another network and back', () => {
    for (const [i, graph] of larger.entries()) {
      const paper = new PaperNetwork(drawFabric(graph, new Random(SEED + i)));
      const policies = protectAll('disjoint');
      const first = toText(paper.compile(policies).plan);
      const other = paper.compile({ default: 'deny', policies: [] }, new Set([paper.links[0]!.name])).plan;
      expect(toText(other)).not.toBe(first);
      expect(toText(paper.compile(policies).plan)).toBe(first);
      // Nor does it matter who compiles.
      expect(toText(new PaperNetwork(drawFabric(graph, new Random(SEED + i))).compile(policies).plan)).toBe(first);
    }
  });

  it('marks every rule as ours', () => {
    const paper = new PaperNetwork(drawFabric(larger[0]!, new Random(SEED)));
    const { plan } = paper.compile(protectAll('failover'));
    const rules = [...plan.values()].flatMap((parts) => [...parts.values()].flatMap((part) => part.rules));
    expect(new Set(rules.map(({ cookie }) => cookie))).toEqual(new Set([SYSTEM_COOKIE]));
  });
});
