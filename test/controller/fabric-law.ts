/**
 * The law of the fabric: every packet that the policies allow arrives, on a way that their constraints allow, every packet that they deny does not,
 * and nothing circulates; as the network is, with each link cut, with each switch gone, and when all is whole again.
 *
 * A case is a graph and a seed. Of a case that fails, policies are left out as long as it still fails.
 */
import { NO_POLICIES, type PolicySet } from '../../controller/policy/policy.ts';
import { MILLISECOND, type Nanos } from '../../sim/clock.ts';
import { Random } from '../../sim/random.ts';
import type { Topology } from '../../topologies/model.ts';
import type { Graph } from './connected-graphs.ts';
import { drawFabric, toDirectory } from './drawn-fabric.ts';
import { FabricRig, orStorm, type RigHost } from './fabric-rig.ts';
import { listStates, setPolicies } from './lab-policies.ts';
import { describeOffence } from './offence-report.ts';
import { plainMeaning } from './plain-meaning.ts';
import { type Probe, ProbeMaker } from './probe-frame.ts';
import { judgeProbe, type Scene } from './probe-judgement.ts';
import { drawPolicies } from './random-policies.ts';
import type { WalkRecord } from './walk-record.ts';

export interface LawCase {
  readonly graph: Graph;
  readonly seed: number;
  /** Random ones, none; or random ones of which the fabric is not told, which must come out. */
  readonly policies: 'random' | 'none' | 'untold';
}

export interface LawTally {
  states: number;
  probes: number;
  /** Of the probes to one host, those that were received. */
  arrived: number;
  crossings: number;
}

export interface LawFinding {
  readonly state: string;
  readonly what: string;
  readonly policies: PolicySet;
  /** The packet, its walk and what the switches do with it; empty when there is none. */
  readonly details: string;
}

export const WHOLE = 'whole';

/** Between probes, so that no limit and no budget is reached by them. */
const SPACING: Nanos = 50_000;
/** More than the longest walk takes, through the controller too. */
const DRAIN: Nanos = 200 * MILLISECOND;
const PROBES_MAX = 160;
const PROBES_TO_THE_GONE_MAX = 3;
/** Each takes one more play of the case. */
const REDUCTIONS_MAX = 30;

export function playLawCase({ graph, seed, policies: kind }: LawCase, tally: LawTally): LawFinding | undefined {
  const random = new Random(seed);
  const topology = drawFabric(graph, random.fork('fabric'));
  const policies = kind === 'none' ? NO_POLICIES : drawPolicies(toDirectory(topology), random.fork('policies'));
  const play: Play = { topology, seed, isTold: kind === 'random' };
  const finding = playFabric(play, policies, tally);
  return finding && reduce(play, finding);
}

interface Play {
  readonly topology: Topology;
  readonly seed: number;
  /** Whether the fabric gets the policies that it is judged by. */
  readonly isTold: boolean;
}

/** Leaves out policies while something is wrong in that state. */
function reduce(play: Play, finding: LawFinding): LawFinding {
  let least = finding;
  let plays = 0;
  for (const { id } of finding.policies.policies) {
    if (plays++ >= REDUCTIONS_MAX) break;
    const policies = { ...least.policies, policies: least.policies.policies.filter((policy) => policy.id !== id) };
    const still = playFabric(play, policies, newTally(), finding.state);
    if (still) least = still;
  }
  return least;
}

export function newTally(): LawTally {
  return { states: 0, probes: 0, arrived: 0, crossings: 0 };
}

/** With `only`, the state of that name alone; each state is the same whatever states were played before it, but for time. */
function playFabric(
  { topology, seed, isTold }: Play,
  policies: PolicySet,
  tally: LawTally,
  only?: string,
): LawFinding | undefined {
  const rig = new FabricRig(topology, { seed });
  const meaning = plainMeaning(policies, rig.directory);
  const fail = (state: string, what: string, details = ''): LawFinding => ({ state, what, policies, details });

  const judge = (state: string): LawFinding | undefined => {
    const scene: Scene = {
      hosts: rig.hosts,
      dpids: rig.dpids,
      fabric: rig.upFabric(),
      meaning,
      states: listStates(rig.lab),
    };
    const random = new Random(seed).fork(state);
    const probes = drawProbes(rig, new ProbeMaker(random.fork('probes'), rig.walks.tags), random, state === WHOLE);
    for (const probe of probes) {
      rig.send(probe.from, probe.frame);
      rig.run(SPACING);
    }
    rig.run(DRAIN);
    const offence = findOffence(scene, rig.walks, probes, tally);
    const finding = offence && fail(state, offence.what, describeOffence(rig, offence.probe));
    rig.walks.clear();
    return finding;
  };

  const start = rig.settle();
  if (start) return fail(WHOLE, `never came to rest: ${start}`);
  if (isTold) setPolicies(rig.lab, policies);
  const missing = rig.settle();
  if (missing) return fail(WHOLE, `never came to rest: ${missing}`);
  const states = [
    { name: WHOLE, begin: () => undefined, end: () => undefined },
    ...rig.linkNames.map((link) => ({
      name: `without ${link}`,
      begin: () => rig.cutLink(link),
      end: () => rig.mendLink(link),
    })),
    ...rig.switchNames.map((name) => ({
      name: `without ${name}`,
      begin: () => rig.failSwitch(name),
      end: () => rig.restoreSwitch(name),
    })),
    { name: 'whole again', begin: () => undefined, end: () => undefined },
  ];
  for (const { name, begin, end } of states) {
    if (only !== undefined && name !== only) continue;
    const play = (): LawFinding | undefined => {
      begin();
      const unrest = rig.settle();
      if (unrest) return fail(name, `never came to rest: ${unrest}`);
      const finding = judge(name);
      end();
      const unmended = rig.settle();
      return finding ?? (unmended ? fail(name, `never came to rest when it was mended: ${unmended}`) : undefined);
    };
    const finding = orStorm(play, (storm) => fail(name, storm));
    if (finding) return finding;
  }
  rig.lab.network.assertConserved();
  return undefined;
}

function findOffence(scene: Scene, walks: WalkRecord, probes: readonly Probe<RigHost>[], tally: LawTally) {
  tally.states++;
  for (const probe of probes) {
    const walk = walks.of(probe.id);
    tally.probes++;
    tally.crossings += walk.length;
    if (probe.to && walk.some(({ to }) => to === probe.to!.name)) tally.arrived++;
    const what = judgeProbe(scene, probe, walk);
    if (what) return { what, probe };
  }
  return undefined;
}

/** Of every pair of hosts that are there, in a random order; each pair several times if the state is to be judged fully. */
function drawProbes(rig: FabricRig, maker: ProbeMaker, random: Random, isFull: boolean): Probe<RigHost>[] {
  const live = rig.liveHosts();
  const pairs = live.flatMap((from) => live.filter((to) => to !== from).map((to) => [from, to] as const));
  const rounds = isFull ? 4 : 1;
  const probes = shuffled(pairs, random)
    .slice(0, isFull ? pairs.length : PROBES_MAX)
    .flatMap(([from, to]) => Array.from({ length: rounds }, () => maker.unicast(from, to)));
  const groups = live.flatMap((from) => Array.from({ length: rounds }, () => maker.group(from)));
  return [...probes, ...groups, ...drawLost(rig, live, maker, random)];
}

function drawLost(rig: FabricRig, live: readonly RigHost[], maker: ProbeMaker, random: Random): Probe<RigHost>[] {
  const gone = rig.hosts.filter((host) => !live.includes(host));
  return shuffled(live, random)
    .slice(0, PROBES_TO_THE_GONE_MAX)
    .flatMap((from) => gone.slice(0, 1).map((to) => maker.unicast(from, to)));
}

function shuffled<T>(items: readonly T[], random: Random): T[] {
  const order = [...items];
  for (let i = order.length - 1; i > 0; i--) {
    const j = random.nextBelow(i + 1);
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
  return order;
}
