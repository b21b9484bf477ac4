import { describe, expect, it } from 'vitest';
import { FabricCompiler, type FabricView } from '../../../controller/compile/fabric-compiler.ts';
import { Routes } from '../../../controller/compile/routes.ts';
import { formatDpid, toLinkKey } from '../../../controller/network/network.ts';
import type { PolicySet } from '../../../controller/policy/policy.ts';
import { resolvePolicies } from '../../../controller/policy/resolved-policies.ts';
import { Random } from '../../../sim/random.ts';
import type { Topology } from '../../../topologies/model.ts';
import { drawGraph, type Graph, listConnectedGraphs } from '../connected-graphs.ts';
import { drawFabric, toDirectory } from '../drawn-fabric.ts';
import { plainMeaning } from '../plain-meaning.ts';
import { expectArrival, findWalkFault, type UpFabric } from '../policy-oracle.ts';
import { type Probe, ProbeMaker } from '../probe-frame.ts';
import { drawPolicies } from '../random-policies.ts';
import { type PlanLink, PlanWalk, type WalkEnd } from './plan-walk.ts';

const SEED = Number(process.env.SLUICE_SEED ?? 5);

/** A network as the controller would know it once it is at rest. */
class Paper {
  readonly links: PlanLink[] = [];
  readonly hosts: { name: string; mac: number; ip: number; dpid: string; portNo: number }[] = [];
  readonly dpids = new Map<string, string>();
  readonly delays = new Map<string, number>();
  readonly directory: ReturnType<typeof toDirectory>;
  readonly compiler = new FabricCompiler();

  constructor(topology: Topology) {
    this.directory = toDirectory(topology);
    const { graph } = topology;
    graph.forEachNode((name, node) => {
      if (node.type === 'switch') this.dpids.set(name, formatDpid(node.dpid));
    });
    graph.forEachEdge((name, { a, b, delayNs }) => {
      const [dpidA, dpidB] = [this.dpids.get(a.node), this.dpids.get(b.node)];
      if (dpidA !== undefined && dpidB !== undefined) {
        this.links.push({ name, a: { dpid: dpidA, portNo: a.port }, b: { dpid: dpidB, portNo: b.port } });
        this.delays.set(name, delayNs);
        return;
      }
      const [host, at] = dpidA === undefined ? [a.node, b] : [b.node, a];
      const node = graph.getNodeAttributes(host);
      if (node.type !== 'host' || node.ip === 'dhcp') return;
      this.hosts.push({
        name: host,
        mac: node.mac,
        ip: node.ip.address,
        dpid: this.dpids.get(at.node)!,
        portNo: at.port,
      });
    });
    this.hosts.sort((one, other) => one.mac - other.mac);
  }

  compile(set: PolicySet, lost: ReadonlySet<string> = new Set()) {
    const routes = new Routes();
    for (const dpid of this.dpids.values()) routes.addSwitch(dpid);
    const up = this.links.filter(({ name }) => !lost.has(name));
    for (const { a, b } of up) routes.addLink(a, b);
    const latencies = new Map(up.map(({ name, a, b }) => [toLinkKey(a, b), this.delays.get(name)!]));
    const view: FabricView = {
      routes,
      hosts: this.hosts,
      portsOf: (dpid) => [
        ...up.flatMap(({ a, b }) =>
          [a, b].filter((end) => end.dpid === dpid).map(({ portNo }) => ({ portNo, role: 'link' as const })),
        ),
        ...this.hosts.filter((host) => host.dpid === dpid).map(({ portNo }) => ({ portNo, role: 'edge' as const })),
      ],
      linkFigures: (key) => ({ latencyNs: latencies.get(key), capacityBps: undefined }),
      policies: resolvePolicies(
        set,
        this.directory,
        this.hosts.map(({ mac }) => mac),
      ),
      isReleased: () => true,
    };
    return this.compiler.compile(view);
  }

  upFabric(lost: ReadonlySet<string>): UpFabric {
    return {
      switches: new Set(this.dpids.values()),
      links: this.links
        .filter(({ name }) => !lost.has(name))
        .map(({ name, a, b }) => ({ name, a: a.dpid, b: b.dpid, delayNs: this.delays.get(name)! })),
    };
  }
}

interface Case {
  readonly graph: Graph;
  readonly seed: number;
}

function findFault({ graph, seed }: Case): string | undefined {
  const random = new Random(seed);
  const paper = new Paper(drawFabric(graph, random.fork('fabric')));
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
  paper: Paper,
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
});
