/**
 * From the graph and the policies to what every switch should have: the same network, the same policies, the same tables, whatever happened before.
 *
 * First it is decided which programs there are, trees, paths and the flood's, and they get their labels; then the parts are built (`switch-parts.ts`). A part that says
 * what it said before is the same object as before. What policies could not get is told beside the plan.
 *
 * What did not change is not computed again: every step keeps what it came to, and knows by identity whether what it was made of is the same (`kept.ts`).
 */
import { formatMac } from '../../protocol/wire/address.ts';
import type { Plan, PlanPart, SwitchPlan } from '../plan.ts';
import type { ResolvedPolicies, ResolvedPolicy } from '../policy/resolved-policies.ts';
import { DestinationParts } from './destination-parts.ts';
import { createFloodProgram, type FloodProgram } from './flood-program.ts';
import { compareHosts } from './host-change.ts';
import { HostPairs } from './host-pairs.ts';
import { Kept } from './kept.ts';
import { LabelBook } from './label-book.ts';
import { numberLocations } from './metadata.ts';
import { type Ends, type PairCell, PairRoutes } from './pair-routes.ts';
import { PartCache } from './part-cache.ts';
import { type LinkFigures, PathPlacement } from './path-placement.ts';
import { FindingsBook, type PolicyFindings } from './policy-findings.ts';
import type { PortRole } from './port-parts.ts';
import { type Program, toProgramId, toProgramParts } from './program.ts';
import type { Routes } from './routes.ts';
import { SwitchParts } from './switch-parts.ts';
import { createTreeProgram } from './tree-programs.ts';

export interface FabricHost {
  readonly mac: number;
  readonly dpid: string;
  readonly portNo: number;
}

export interface FabricView {
  readonly routes: Routes;
  /** The ports of a switch that are up, in order. */
  portsOf(dpid: string): readonly { readonly portNo: number; readonly role: PortRole }[];
  /** In the order of their addresses. */
  readonly hosts: readonly FabricHost[];
  linkFigures(linkKey: string): LinkFigures;
  readonly policies: ResolvedPolicies;
  /** Whether no switch has anything of a program any more. */
  isReleased(programId: string): boolean;
}

export interface FabricPlan {
  readonly plan: Plan;
  readonly findings: PolicyFindings;
}

/** Programs that lead somewhere, by what they are for. */
export interface ProgramSet {
  /** By dpid. */
  readonly usual: ReadonlyMap<string, Program>;
  readonly protected: ReadonlyMap<string, Program>;
  /** By the MAC of the host that copies go to. */
  readonly mirrors: ReadonlyMap<number, Program>;
  readonly flood: FloodProgram | undefined;
  /** By key. One that is not in it has no label: there was none left. */
  readonly labels: ReadonlyMap<string, number>;
  /** By the ids of programs, what they are at their switches. */
  readonly parts: ReadonlyMap<string, ReadonlyMap<string, PlanPart>>;
}

/** What is decided for one host as a sender to one other. */
export interface PairDecision {
  readonly src: FabricHost;
  readonly dst: FabricHost;
  readonly cells: readonly PairCell[];
}

/** What policies make of all pairs of hosts. */
interface Decided {
  readonly routes: PairRoutes;
  readonly findings: FindingsBook;
  /** By the switch where they enter. */
  readonly decisions: ReadonlyMap<string, readonly PairDecision[]>;
}

export class FabricCompiler {
  readonly #labels = new LabelBook();
  readonly #parts = new PartCache();
  readonly #destinations = new DestinationParts();
  #hosts: readonly FabricHost[] = [];
  readonly #pairs = new Kept<HostPairs>();
  readonly #decided = new Kept<Decided>();
  readonly #locations = new Kept<ReadonlyMap<string, bigint>>();
  readonly #flood = new Kept<FloodProgram | undefined>();
  /** Trees depend on links alone; by what they are for. */
  readonly #trees = new Kept<Map<string, Program>>();
  #programs: ProgramSet | undefined;

  /** Labels are not where they belong: once something is released, it is to be compiled again. */
  get isProvisional(): boolean {
    return this.#labels.isProvisional;
  }

  compile(given: FabricView): FabricPlan {
    const hostChange = compareHosts(this.#hosts, given.hosts);
    if (hostChange.gone.length + hostChange.come.length > 0) this.#hosts = given.hosts;
    for (const { mac } of hostChange.gone) this.#destinations.forget(mac);
    const view = { ...given, hosts: this.#hosts };
    const { policies, routes } = view;
    const pairs = this.#pairs.take([policies], () => new HostPairs(policies));
    const { findings, decisions, routes: pairRoutes } = this.#decide(view, pairs);
    const programs = this.#createPrograms(view, pairRoutes);
    const dpids = routes.graph.switches();
    const locations = this.#locations.take([dpids.join()], () => numberLocations(dpids));
    const options = { pairs, programs, hostChange, destinations: this.#destinations, locations, cache: this.#parts };
    const switches = new SwitchParts(view, options);
    this.#parts.keep(locations);
    const plan = new Map<string, SwitchPlan>();
    for (const dpid of dpids) {
      switches.build(dpid, decisions.get(dpid));
      plan.set(dpid, this.#parts.planOf(dpid));
    }
    return { plan, findings: findings.toFindings(policies, pairs.tangled) };
  }

  #decide(view: FabricView, pairs: HostPairs): Decided {
    const { policies, hosts, routes } = view;
    // What links take and hold is asked for as paths are searched.
    const figures = policies.policies.some(dependsOnFigures) ? view : undefined;
    return this.#decided.take([pairs, hosts, routes, routes.version, figures], () => {
      const findings = new FindingsBook();
      const pairRoutes = new PairRoutes(policies, pairs, createPlacement(view), findings);
      return { findings, routes: pairRoutes, decisions: decidePairs(hosts, pairs, pairRoutes) };
    });
  }

  #createPrograms(view: FabricView, { paths, protectedTo, mirrors }: PairRoutes): ProgramSet {
    const { routes, hosts, isReleased } = view;
    const destinations = [...new Set(hosts.map(({ dpid }) => dpid))].sort();
    routes.prepare(destinations);
    const usual = new Map(destinations.map((dpid) => [dpid, this.#takeTree(routes, dpid, false)]));
    const guarded = new Map([...protectedTo].map((dpid) => [dpid, this.#takeTree(routes, dpid, true)]));
    const copies = hosts.filter(({ mac }) => mirrors.has(mac));
    const mirrorTrees = new Map(
      copies.map(({ mac, dpid, portNo }) => [mac, this.#takeTree(routes, dpid, false, portNo)]),
    );
    const flood = this.#flood.take([routes, routes.version], () =>
      createFloodProgram(routes.graph, routes.treePorts()),
    );
    const all = [...usual.values(), ...guarded.values(), ...mirrorTrees.values(), ...paths, ...(flood ? [flood] : [])];
    this.#labels.releaseGone((key, label) => isReleased(toProgramId(key, label)));
    const labels = this.#labels.assign(all.map(({ key }) => key));
    const before = this.#programs?.parts;
    const parts = new Map<string, ReadonlyMap<string, PlanPart>>();
    for (const program of all) {
      const label = labels.get(program.key);
      if (label === undefined) continue;
      const id = toProgramId(program.key, label);
      parts.set(id, before?.get(id) ?? toProgramParts(program, label));
    }
    const programs = { usual, protected: guarded, mirrors: mirrorTrees, flood, labels, parts };
    if (!this.#programs || !isSameSet(this.#programs, programs)) this.#programs = programs;
    return this.#programs;
  }

  #takeTree(routes: Routes, dpid: string, isProtected: boolean, handOut?: number): Program {
    const trees = this.#trees.take([routes, routes.version], () => new Map());
    const key = `${dpid} ${isProtected} ${handOut}`;
    let tree = trees.get(key);
    if (!tree) {
      tree = createTreeProgram(routes, dpid, { isProtected, ...(handOut !== undefined && { handOut }) });
      trees.set(key, tree);
    }
    return tree;
  }
}

function createPlacement({ routes, policies, linkFigures }: FabricView): PathPlacement {
  const bandwidths = policies.policies.flatMap((policy) =>
    policy.type === 'allow' && policy.bandwidthBps !== undefined ? [[policy.id, policy.bandwidthBps] as const] : [],
  );
  return new PathPlacement(routes.graph, linkFigures, new Map(bandwidths));
}

function dependsOnFigures(policy: ResolvedPolicy): boolean {
  return policy.type === 'allow' && (policy.latencyNsMax !== undefined || policy.bandwidthBps !== undefined);
}

/** Programs of the same ids for the same purposes; a key is its content's. */
function isSameSet(a: ProgramSet, b: ProgramSet): boolean {
  return (
    a.flood?.key === b.flood?.key &&
    a.labels.size === b.labels.size &&
    [...a.labels].every(([key, label]) => b.labels.get(key) === label) &&
    isSamePrograms(a.usual, b.usual) &&
    isSamePrograms(a.protected, b.protected) &&
    isSamePrograms(a.mirrors, b.mirrors)
  );
}

function isSamePrograms<K>(a: ReadonlyMap<K, Program>, b: ReadonlyMap<K, Program>): boolean {
  return a.size === b.size && [...a].every(([purpose, { key }]) => b.get(purpose)?.key === key);
}

/** By the switch where they enter, all pairs of which policies say something. */
function decidePairs(
  hosts: readonly FabricHost[],
  pairs: HostPairs,
  routes: PairRoutes,
): ReadonlyMap<string, readonly PairDecision[]> {
  const decisions = new Map<string, PairDecision[]>();
  if (pairs.isTrivial) return decisions;
  // Most pairs are of hosts that no policy speaks of.
  const examples = new Map(hosts.map(({ mac }) => [pairs.roleOf(mac), mac]));
  const concerned = new Map<string, readonly FabricHost[]>();
  for (const [role, src] of examples) {
    const roles = new Set([...examples].filter(([, dst]) => pairs.cellsOf(src, dst).length > 0).map(([dst]) => dst));
    const receivers = roles.size === 0 ? [] : hosts.filter(({ mac }) => roles.has(pairs.roleOf(mac)));
    concerned.set(role, receivers);
  }
  for (const src of hosts) {
    for (const dst of concerned.get(pairs.roleOf(src.mac))!) {
      if (src === dst) continue;
      const ends: Ends = { from: src.dpid, to: dst.dpid, name: `${formatMac(src.mac)} to ${formatMac(dst.mac)}` };
      const cells = routes.cellsOf(src.mac, dst.mac, ends);
      if (cells.length === 0) continue;
      const known = decisions.get(src.dpid);
      if (known) known.push({ src, dst, cells });
      else decisions.set(src.dpid, [{ src, dst, cells }]);
    }
  }
  return decisions;
}
