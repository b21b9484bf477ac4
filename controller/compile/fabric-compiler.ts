/**
 * From the graph and the policies to what every switch should have: the same network, the same policies, the same tables, whatever happened before.
 *
 * First it is decided which programs there are, trees, paths and the flood's, and they get their labels; then the parts are built (`switch-parts.ts`). A part that says
 * what it said before is the same object as before. What policies could not get is told beside the plan.
 */
import type { Plan, PlanPart } from '../plan.ts';
import type { ResolvedPolicies } from '../policy/resolved-policies.ts';
import { createFloodProgram, type FloodProgram } from './flood-program.ts';
import { HostPairs } from './host-pairs.ts';
import { LabelBook } from './label-book.ts';
import { decidePairs, type SwitchDecisions } from './pair-decisions.ts';
import { PairRoutes } from './pair-routes.ts';
import { PartCache } from './part-cache.ts';
import { type LinkFigures, PathPlacement } from './path-placement.ts';
import { PlacementMemory } from './placement-memory.ts';
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
  /** What people call a host, for the reasons of policies. */
  nameOf(mac: number): string;
  /** How many rules a table of a switch holds; undefined where nobody has asked. */
  roomOf(dpid: string, tableId: number): number | undefined;
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
}

const NOTHING_DECIDED: SwitchDecisions = { pairs: [], closed: [] };

export class FabricCompiler {
  readonly #labels = new LabelBook();
  readonly #parts = new PartCache();
  /** By the ids of programs, what they are at their switches. */
  #programParts = new Map<string, ReadonlyMap<string, PlanPart>>();
  /** Trees depend on links alone; by what they are for. */
  #trees = new Map<string, Program>();
  #treesVersion = -1;
  #pairs: HostPairs | undefined;
  readonly #memory = new PlacementMemory();

  /** Labels are not where they belong: once something is released, it is to be compiled again. */
  get isProvisional(): boolean {
    return this.#labels.isProvisional;
  }

  compile(view: FabricView): FabricPlan {
    const findings = new FindingsBook();
    const pairs = new HostPairs(view.policies, this.#pairs);
    this.#pairs = pairs;
    const routes = new PairRoutes(view.policies, pairs, this.#createPlacement(view), findings);
    const decisions = decidePairs(view, pairs, routes, findings);
    const programs = this.#createPrograms(view, routes);
    for (const path of routes.paths) if (!programs.labels.has(path.key)) routes.wentWithout(path);
    const switches = new SwitchParts(view, pairs, programs, this.#parts);
    for (const dpid of view.routes.graph.switches()) switches.build(dpid, decisions.get(dpid) ?? NOTHING_DECIDED);
    this.#putPrograms(programs, routes.paths);
    const plan = new Map(view.routes.graph.switches().map((dpid) => [dpid, this.#parts.planOf(dpid)]));
    this.#parts.end();
    for (const id of findMissingMirrors(view)) findings.fellShort(id, 'the host that is to get copies is not there');
    pairs.end();
    for (const id of pairs.tangled) findings.failed(id, 'it overlaps with others in more ways than there is room for');
    return { plan, findings: findings.toFindings(view.policies) };
  }

  #createPlacement({ routes, policies, linkFigures }: FabricView): PathPlacement {
    const bandwidths = policies.policies.flatMap((policy) =>
      policy.type === 'allow' && policy.bandwidthBps !== undefined ? [[policy.id, policy.bandwidthBps] as const] : [],
    );
    return new PathPlacement(routes.graph, linkFigures, new Map(bandwidths), this.#memory);
  }

  #createPrograms(view: FabricView, { paths, protectedTo, mirrors }: PairRoutes): ProgramSet {
    const { routes, hosts, isReleased } = view;
    if (this.#treesVersion !== routes.version) this.#trees = new Map();
    this.#treesVersion = routes.version;
    const destinations = [...new Set(hosts.map(({ dpid }) => dpid))].sort();
    routes.prepare(destinations);
    const usual = new Map(destinations.map((dpid) => [dpid, this.#takeTree(routes, dpid, false)]));
    const guarded = new Map([...protectedTo].map((dpid) => [dpid, this.#takeTree(routes, dpid, true)]));
    const copies = hosts.filter(({ mac }) => mirrors.has(mac));
    const mirrorTrees = new Map(
      copies.map(({ mac, dpid, portNo }) => [mac, this.#takeTree(routes, dpid, false, portNo)]),
    );
    const flood = createFloodProgram(routes.graph, routes.treePorts());
    const needed = [...usual.values(), ...guarded.values(), ...(flood ? [flood] : [])];
    const spare = [...mirrorTrees.values(), ...paths];
    this.#labels.releaseGone((key, label) => isReleased(toProgramId(key, label)));
    const labels = this.#labels.assign(needed.map(toKey), spare.map(toKey));
    return { usual, protected: guarded, mirrors: mirrorTrees, flood, labels };
  }

  #takeTree(routes: Routes, dpid: string, isProtected: boolean, handOut?: number): Program {
    const key = `${dpid} ${isProtected} ${handOut}`;
    let tree = this.#trees.get(key);
    if (!tree) {
      tree = createTreeProgram(routes, dpid, { isProtected, ...(handOut !== undefined && { handOut }) });
      this.#trees.set(key, tree);
    }
    return tree;
  }

  #putPrograms({ usual, protected: guarded, mirrors, flood, labels }: ProgramSet, paths: Iterable<Program>): void {
    const before = this.#programParts;
    this.#programParts = new Map();
    const all = [...usual.values(), ...guarded.values(), ...mirrors.values(), ...paths, ...(flood ? [flood] : [])];
    for (const program of all) {
      const label = labels.get(program.key);
      if (label === undefined) continue;
      const id = toProgramId(program.key, label);
      const parts = before.get(id) ?? toProgramParts(program, label);
      this.#programParts.set(id, parts);
      for (const [dpid, part] of parts) this.#parts.put(dpid, `program ${id}`, part);
    }
  }
}

function toKey({ key }: Program): string {
  return key;
}

/** Who is to get copies and is nowhere gets none. */
function findMissingMirrors({ hosts, policies }: FabricView): readonly string[] {
  const macs = new Set(hosts.map(({ mac }) => mac));
  return policies.policies.flatMap((policy) =>
    policy.type === 'allow' && policy.mirror !== undefined && !macs.has(policy.mirror) ? [policy.id] : [],
  );
}
