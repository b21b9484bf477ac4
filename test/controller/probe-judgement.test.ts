import { describe, expect, it } from 'vitest';
import { Random } from '../../sim/random.ts';
import { type Graph, listConnectedGraphs } from './connected-graphs.ts';
import { drawFabric } from './drawn-fabric.ts';
import { FabricRig, type RigHost } from './fabric-rig.ts';
import { plainMeaning, type Route } from './plain-meaning.ts';
import { expectArrival, FREE, findWalkFault } from './policy-oracle.ts';
import { type Probe, ProbeMaker } from './probe-frame.ts';
import { judgeProbe, type Scene } from './probe-judgement.ts';
import { drawPolicies } from './random-policies.ts';
import type { Crossing } from './walk-record.ts';

const STEPS_MAX = 9;

/** What a faultless fabric does with a packet: the shortest walk that has no fault, found by trying them all, and copies to mirrors. */
class FaultlessFabric {
  readonly #rig: FabricRig;
  readonly #scene: Scene;

  constructor(rig: FabricRig, scene: Scene) {
    this.#rig = rig;
    this.#scene = scene;
  }

  carry(probe: Probe<RigHost>): Crossing[] {
    return probe.to ? this.#unicast(probe, probe.to) : this.#flood(probe);
  }

  #unicast(probe: Probe<RigHost>, to: RigHost): Crossing[] {
    const route = this.#scene.meaning(probe.facts);
    if (!route || expectArrival(this.#scene.fabric, probe.from.dpid, to.dpid, route) === 'must not') return [];
    const walk = this.#walk(probe, to, route, 1);
    const mirrors = this.#rig.hosts.filter(({ mac }) => route.mirrors.has(mac) && mac !== probe.from.mac);
    // Under other labels: what is a copy is not what it is a copy of.
    return [...walk, ...mirrors.flatMap((mirror, i) => this.#walk(probe, mirror, FREE, 2 + i))];
  }

  #flood(probe: Probe<RigHost>): Crossing[] {
    const members = this.#rig.hosts.filter((host) => host !== probe.from);
    const walks = members.flatMap((host, i) => {
      const isAllowed = this.#scene.meaning({ ...probe.facts, dstMac: host.mac }) !== undefined;
      return isAllowed ? [this.#walk(probe, host, FREE, i)] : [];
    });
    // It is sent once.
    return walks.flatMap((walk, i) => (i === 0 ? walk : walk.slice(1)));
  }

  #walk(probe: Probe<RigHost>, to: RigHost, route: Route, label: number): Crossing[] {
    const { fabric, dpids } = this.#scene;
    const names = new Map([...dpids].map(([name, dpid]) => [dpid, name]));
    const open: Crossing[][] = [
      [toCrossing(probe, `access-${probe.from.name}`, probe.from.name, probe.from.switchName)],
    ];
    for (const chain of open) {
      const { to: at } = chain.at(-1)!;
      if (at === to.switchName && findWalkFault(chain, route, fabric, dpids) === undefined)
        return [...chain, toCrossing(probe, `access-${to.name}`, at, to.name, chain.at(-1))];
      if (chain.length > STEPS_MAX) break;
      for (const { name, a, b } of fabric.links) {
        const next = a === dpids.get(at) ? b : b === dpids.get(at) ? a : undefined;
        if (next === undefined) continue;
        // A label of its own for each step, as far as labels are looked at here.
        const tag = label * 100 + chain.length;
        open.push([...chain, toCrossing(probe, name, at, names.get(next)!, chain.at(-1), tag)]);
      }
    }
    throw new Error('there is a walk of so many steps');
  }
}

function toCrossing({ frame }: Probe, cable: string, from: string, to: string, parent?: Crossing, tag = -1): Crossing {
  return { cable, from, to, tag, frame, sentAt: 0, parent, deliveredAt: 0 };
}

interface Case {
  readonly scene: Scene;
  readonly fabric: FaultlessFabric;
  readonly probes: readonly Probe<RigHost>[];
}

function drawCase(graph: Graph, seed: number): Case {
  const random = new Random(seed);
  const rig = new FabricRig(drawFabric(graph, random.fork('fabric')), { seed });
  const policies = drawPolicies(rig.directory, random.fork('policies'));
  const meaning = plainMeaning(policies, rig.directory);
  const scene: Scene = { hosts: rig.hosts, dpids: rig.dpids, fabric: rig.upFabric(), meaning, states: new Map() };
  const maker = new ProbeMaker(random.fork('probes'));
  const probes = rig.hosts.flatMap((from) => [
    ...rig.hosts.filter((to) => to !== from).map((to) => maker.unicast(from, to)),
    maker.group(from),
  ]);
  return { scene, fabric: new FaultlessFabric(rig, scene), probes };
}

const CASES = [...listConnectedGraphs(3), ...listConnectedGraphs(4)].flatMap((graph, i) =>
  Array.from({ length: 6 }, (_, j) => drawCase(graph, 10 * i + j)),
);

function isConstrained(route: Route | undefined): boolean {
  return route !== undefined && (route.hasBandwidth || route.latencyNsMax < Number.POSITIVE_INFINITY);
}

describe('the judge of probes', () => {
  it('finds nothing wrong with a faultless fabric, whatever the policies', () => {
    let arrived = 0;
    for (const { scene, fabric, probes } of CASES) {
      for (const probe of probes) {
        const walk = fabric.carry(probe);
        if (walk.length > 0) arrived++;
        expect(judgeProbe(scene, probe, walk), `${probe.kind} from ${probe.from.name}`).toBeUndefined();
      }
    }
    expect(arrived).toBeGreaterThan(500);
  });

  it('finds out what is lost, doubled, changed, carried past the cables, or brought to somebody else', () => {
    for (const { scene, fabric, probes } of CASES) {
      for (const probe of probes) {
        const { to, from } = probe;
        const route = to && scene.meaning(probe.facts);
        // What may arrive and need not cannot be lost.
        if (!to || !route || route.mirrors.size > 0 || isConstrained(route)) continue;
        const walk = fabric.carry(probe);
        const last = walk.at(-1);
        if (!last) continue;
        const judge = (other: readonly Crossing[]) => judgeProbe(scene, probe, other);
        const stranger = scene.hosts.find((host) => host !== to && host !== from);
        expect(judge(walk.slice(0, -1))).toContain('0 times');
        expect(judge([...walk, last])).toContain('2 times');
        expect(judge([...walk.slice(0, -1), { ...last, frame: last.frame.toReversed() }])).toContain('changed');
        expect(judge([...walk.slice(0, -1), { ...last, parent: undefined }])).toContain('the controller carried it');
        expect(judge([...walk.slice(0, -1), { ...last, deliveredAt: undefined }])).toContain('lost on');
        if (stranger) expect(judge([...walk, { ...last, to: stranger.name }])).toContain('it is not for it');
      }
    }
  });

  it('finds out what is denied and arrives all the same', () => {
    let denied = 0;
    for (const { scene, probes } of CASES) {
      for (const probe of probes) {
        const { to, from } = probe;
        if (!to || from.dpid !== to.dpid || scene.meaning(probe.facts)) continue;
        denied++;
        const up = toCrossing(probe, 'up', from.name, from.switchName);
        const walk = [up, toCrossing(probe, 'down', from.switchName, to.name, up)];
        expect(judgeProbe(scene, probe, walk)).toContain('it is denied');
        expect(judgeProbe(scene, probe, [])).toBeUndefined();
      }
    }
    expect(denied).toBeGreaterThan(3);
  });
});
