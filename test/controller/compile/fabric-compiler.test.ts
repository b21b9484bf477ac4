import { describe, expect, it } from 'vitest';
import { toPolicySet } from '../../../controller/policy/policy-entry.ts';
import { Random } from '../../../sim/random.ts';
import { parsePolicies } from '../../../topologies/policy-file.ts';
import { parseTopology } from '../../../topologies/topology-file.ts';
import { drawGraph, type Graph, listConnectedGraphs } from '../connected-graphs.ts';
import { drawFabric } from '../drawn-fabric.ts';
import { plainMeaning } from '../plain-meaning.ts';
import { expectArrival, findWalkFault, type UpFabric } from '../policy-oracle.ts';
import { type Probe, ProbeMaker } from '../probe-frame.ts';
import { drawPolicies } from '../random-policies.ts';
import { PaperNetwork } from './paper-network.ts';
import { PlanWalk, type WalkEnd } from './plan-walk.ts';

const SEED = Number(process.env.SLUICE_SEED ?? 5);

interface Case {
  readonly graph: Graph;
  readonly seed: number;
}

function findFault({ graph, seed }: Case): string | undefined {
  const random = new Random(seed);
  const paper = new PaperNetwork(drawFabric(graph, random.fork('fabric')));
  const policies = drawPolicies(paper.directory, random.fork('policies'));
  const meaning = plainMeaning(policies, paper.directory);
  const { plan } = paper.compile(policies);
  const walk = new PlanWalk(plan, paper.links, paper.hosts, new Set(), random.fork('select'));
  const fabric = paper.upFabric(new Set());
  const names = new Map([...paper.dpids].map(([name, dpid]) => [dpid, name]));
  const maker = new ProbeMaker(random.fork('probes'));
  for (const from of paper.hosts) {
    for (const to of paper.hosts) {
      if (from === to) continue;
      for (let round = 0; round < 3; round++) {
        const probe = maker.unicast(from, to);
        const route = meaning(probe.facts);
        const arrival = route ? expectArrival(fabric, from.dpid, to.dpid, route) : 'must not';
        const end = walk.send(from.dpid, from.portNo, probe.frame);
        const fault = judge(end, probe, to.name, arrival, route, fabric, paper, names);
        if (fault)
          return `${graph.name}, seed ${seed}: ${probe.kind} ${from.name} to ${to.name}: ${fault}\n${JSON.stringify(policies)}`;
      }
    }
  }
  return undefined;
}

function judge(
  end: WalkEnd,
  probe: Probe,
  to: string,
  arrival: string,
  route: ReturnType<ReturnType<typeof plainMeaning>>,
  fabric: UpFabric,
  paper: PaperNetwork,
  names: ReadonlyMap<string, string>,
): string | undefined {
  if (end.isEndless) return 'it circulates';
  const mirrored = new Set(
    [...(route?.mirrors ?? [])].map((mac) => paper.hosts.find((host) => host.mac === mac)?.name),
  );
  const got = end.received.filter(({ host }) => host === to);
  const others = end.received.filter(({ host }) => host !== to && !mirrored.has(host));
  if (others.length > 0) return `${others[0]!.host} received it`;
  const copies = mirrored.has(to) ? 1 : 0;
  const least = arrival === 'must' ? 1 : 0;
  const most = (arrival === 'must not' ? 0 : 1) + copies;
  if (got.length < least || got.length > most)
    return `received ${got.length} times, ${arrival} arrive; ${end.packetIns} packet-ins`;
  if (!route) return undefined;
  const faults = got.map(({ bytes, passages }) => {
    if (bytes.length !== probe.frame.length || bytes.some((byte, i) => byte !== probe.frame[i]))
      return 'it was changed';
    const chain = [
      { cable: 'access', to: names.get(paper.hosts.find(({ name }) => name === probe.from.name)!.dpid)! },
      ...passages.map(({ over, dpid }) => ({ cable: over, to: dpid === undefined ? over : names.get(dpid)! })),
    ];
    return findWalkFault(chain as never, route, fabric, paper.dpids);
  });
  return faults.every((fault) => fault !== undefined) ? faults[0] : undefined;
}

describe('the compiler of the fabric', () => {
  const graphs = [1, 2, 3, 4, 5, 6].flatMap(listConnectedGraphs);

  it(`puts all policies into tables, on every connected graph of up to six switches (seed ${SEED})`, () => {
    const faults = graphs.flatMap((graph, i) => findFault({ graph, seed: SEED + i }) ?? []);
    expect(faults).toEqual([]);
  });

  it(`and on larger ones (seed ${SEED})`, () => {
    const random = new Random(SEED);
    const faults = Array.from({ length: 20 }, (_, i) => findFault({ graph: drawGraph(random), seed: SEED + i })).filter(
      (fault) => fault !== undefined,
    );
    expect(faults).toEqual([]);
  });

  it('gives the usual ways their labels when policies ask for more paths than there are', () => {
    const names = Array.from({ length: 66 }, (_, i) => i + 1);
    const leaves = names.map((i) => `  s${i}:\n`).join('');
    const hosts = names.map((i) => `  h${i}:\n`).join('');
    const links = names.map((i) => `  - [h${i}, s${i}]\n  - [s${i}, hub]\n`).join('');
    const head = 'apiVersion: sluice/v1\nkind: Topology\nname: star\n';
    const star = `${head}switches:\n  hub:\n${leaves}hosts:\n${hosts}links:\n${links}`;
    const paper = new PaperNetwork(parseTopology(star, 'star.yaml'));
    const way = '{ id: way, from: { all: true }, to: { all: true }, services: tcp, via: hub }';
    const { document } = parsePolicies(`apiVersion: sluice/v1\nkind: Policy\nname: t\npolicies: [${way}]\n`, 't.yaml');
    const { plan, findings } = paper.compile(toPolicySet(document));
    expect(findings.get('way')?.reason).toContain('more paths than labels');
    const walk = new PlanWalk(plan, paper.links, paper.hosts, new Set(), new Random(SEED));
    const [from] = paper.hosts;
    for (const to of paper.hosts.slice(1)) {
      const end = walk.send(from!.dpid, from!.portNo, plainFrame(from!.mac, to.mac));
      expect(end.received.map(({ host }) => host)).toEqual([to.name]);
    }
  });
});

/** Of a type that no service is of. */
function plainFrame(src: number, dst: number): Uint8Array {
  const frame = new Uint8Array(60);
  const view = new DataView(frame.buffer);
  for (const [mac, at] of [[dst, 0] as const, [src, 6] as const]) {
    view.setUint16(at, Math.floor(mac / 2 ** 32));
    view.setUint32(at + 2, mac % 2 ** 32);
  }
  view.setUint16(12, 0x88b5);
  return frame;
}
