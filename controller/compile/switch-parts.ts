/**
 * The parts of one switch: its ports, its hosts, whom they may talk to, and where its frames enter programs.
 *
 * A switch at the edge of the network has the tables for it; only one that has hosts has what concerns hosts, of itself and elsewhere. All others have their ports and the
 * programs: so what is in transit grows with switches, not with hosts.
 */
import type { Action } from '../../protocol/wire/openflow/action.ts';
import type { Match } from '../../protocol/wire/openflow/match.ts';
import { METER_FLAG } from '../../protocol/wire/openflow/meter.ts';
import type { PlannedMeter, PlanPart } from '../plan.ts';
import { toMatch, toPredicateKey } from '../policy/packet-predicate.ts';
import type { Rule } from '../rule.ts';
import type { FabricHost, FabricView, ProgramSet } from './fabric-compiler.ts';
import { type EdgePort, floodRules, type HeardCell, restrictedFloodRules, toHeardCells } from './flood-parts.ts';
import type { HostPairs } from './host-pairs.ts';
import { fabricRule } from './layout.ts';
import { type LimitNumbers, numberLimits } from './limit-numbers.ts';
import { locationBits, numberLocations, ROUTE, routeBits, toLabelRoute } from './metadata.ts';
import type { PairDecision, SwitchDecisions } from './pair-decisions.ts';
import type { PairCell } from './pair-routes.ts';
import { type PartCache, plainPart } from './part-cache.ts';
import { admitRules, GROUP_ADDRESS, hostRules, type PortRole, portRules, toController } from './port-parts.ts';
import {
  labelActions,
  outputTo,
  type Program,
  toEnterSteps,
  toLandingId,
  toProgramId,
  uniqueGroups,
} from './program.ts';
import { canPass } from './program-reach.ts';
import { resolutionRules } from './resolution-rules.ts';

const PRIORITY = {
  pair: 100,
  closed: 50_000,
  group: 60_000,
  host: 1_000,
  location: 1_000,
  none: 0,
} as const;

interface LabelledProgram {
  readonly program: Program;
  readonly label: number;
  readonly id: string;
}

export class SwitchParts {
  readonly #view: FabricView;
  readonly #pairs: HostPairs;
  readonly #programs: ProgramSet;
  readonly #cache: PartCache;
  readonly #locations: ReadonlyMap<string, bigint>;
  readonly #limits: LimitNumbers;
  readonly #hostsAt = new Map<string, FabricHost[]>();
  readonly #hostByMac: ReadonlyMap<number, FabricHost>;
  readonly #texts = new Map<readonly object[], string>();
  /** All that any host sends to all is heard by all. */
  readonly #floodsUnseen: boolean;

  constructor(view: FabricView, pairs: HostPairs, programs: ProgramSet, cache: PartCache) {
    this.#view = view;
    this.#pairs = pairs;
    this.#programs = programs;
    this.#cache = cache;
    this.#locations = numberLocations(view.routes.graph.switches());
    this.#limits = numberLimits(view.policies);
    this.#hostByMac = new Map(view.hosts.map((host) => [host.mac, host]));
    this.#floodsUnseen =
      pairs.default === 'allow' &&
      view.policies.policies.every((policy) => policy.type === 'allow' && policy.effect !== 'bar');
    for (const host of view.hosts) {
      const known = this.#hostsAt.get(host.dpid);
      if (known) known.push(host);
      else this.#hostsAt.set(host.dpid, [host]);
    }
  }

  build(dpid: string, { pairs, closed }: SwitchDecisions): void {
    const ports = this.#view.portsOf(dpid);
    this.#cache.take(dpid, 'admit', '', () => plainPart(admitRules()));
    for (const { portNo, role } of ports) this.#addPort(dpid, portNo, role);
    const hosts = this.#hostsAt.get(dpid) ?? [];
    const isEdge = hosts.length > 0 || ports.some(({ role }) => role === 'edge' || role === 'settling');
    if (!isEdge && !this.#programs.flood) return;
    this.#addFlood(dpid, toEdgePorts(ports, hosts), isEdge);
    if (isEdge) this.#addTables(dpid);
    if (hosts.length === 0) return;
    this.#addEnters(dpid);
    for (const host of this.#view.hosts) this.#addDestination(dpid, host);
    for (const host of hosts) this.#addHost(dpid, host);
    for (const decision of pairs) this.#addPair(dpid, decision);
    for (const { mac } of closed) this.#addClosed(dpid, mac);
    this.#addMeters(dpid, pairs);
  }

  #addPort(dpid: string, portNo: number, role: PortRole): void {
    const signature = `${role} ${this.#floodsUnseen}`;
    this.#cache.take(dpid, `port ${portNo}`, signature, () => ({
      ...plainPart(portRules(portNo, role, this.#floodsUnseen)),
      program: role === 'link' ? toLandingId({ dpid, portNo }) : undefined,
    }));
  }

  /** What all frames that enter here find. */
  #addTables(dpid: string): void {
    const isOpen = this.#pairs.default === 'allow';
    const location = this.#locations.get(dpid)!;
    this.#cache.take(dpid, 'tables', `${isOpen} ${location}`, () =>
      plainPart([
        fabricRule('policy', PRIORITY.group, [GROUP_ADDRESS], { next: 'service' }),
        ...resolutionRules(),
        fabricRule('policy', PRIORITY.none, [], isOpen ? { next: 'service' } : {}),
        fabricRule('service', PRIORITY.none, [], { apply: [toController] }),
        ...[ROUTE.usual, ROUTE.protected].map((route) =>
          fabricRule('forward', PRIORITY.location, toPlaceMatch(route, location), { next: 'egress' }),
        ),
        fabricRule('forward', PRIORITY.none, [], { apply: [toController] }),
        fabricRule('egress', PRIORITY.none, []),
      ]),
    );
  }

  #addFlood(dpid: string, edges: readonly EdgePort[], isEdge: boolean): void {
    const isOpen = this.#pairs.default === 'allow';
    const list = edges.map(({ portNo }) => portNo).join(' ');
    this.#cache.take(dpid, 'flood', `${isOpen} ${list}`, () => plainPart(floodRules(edges, isOpen)));
    if (isEdge) this.#addFloodEntry(dpid);
    if (this.#pairs.isTrivial) return;
    const byRole = new Map<string, readonly HeardCell[]>();
    for (const { mac, dpid: at } of this.#view.hosts) {
      const role = this.#pairs.roleOf(mac);
      // A host does not listen to itself, so its own switch is another matter.
      const cells = (at !== dpid && byRole.get(role)) || toHeardCells(mac, edges, this.#pairs);
      if (at !== dpid) byRole.set(role, cells);
      if (cells.length === 0) continue;
      this.#cache.take(dpid, `heard ${mac}`, this.#textOf(cells, toHeardText), () =>
        plainPart(restrictedFloodRules(mac, cells)),
      );
    }
  }

  #addFloodEntry(dpid: string): void {
    const flood = this.#find(this.#programs.flood);
    const ports = (flood && this.#programs.flood?.ports.get(dpid)) ?? [];
    const id = ports.length > 0 ? flood!.id : '';
    this.#cache.take(dpid, 'flood entry', id, () => {
      const apply: Action[] =
        ports.length === 0 ? [] : [...labelActions(flood!.label), ...ports.map(outputTo), { type: 'popVlan' }];
      const rules = [fabricRule('service', PRIORITY.group, [GROUP_ADDRESS], { apply, next: 'flood' })];
      return plainPart(rules, id === '' ? [] : [id]);
    });
  }

  /** The ways to all places that have hosts. */
  #addEnters(dpid: string): void {
    for (const route of ['usual', 'protected'] as const) {
      for (const [to, program] of this.#programs[route]) if (to !== dpid) this.#addEnter(dpid, to, route, program);
    }
  }

  #addEnter(dpid: string, to: string, route: 'usual' | 'protected', program: Program): void {
    const match = toPlaceMatch(ROUTE[route], this.#locations.get(to)!);
    const found = program.enters.has(dpid) ? this.#find(program) : undefined;
    this.#cache.take(dpid, `enter ${to} ${route}`, `${found?.id} ${match[0]!.value}`, () => {
      // What no way leads to is dropped, and not told each time.
      const { id } = toEnterNeed(dpid, to, route);
      if (!found) return { ...plainPart([fabricRule('forward', PRIORITY.location, match)]), program: id };
      const { actions, group } = toEnterSteps(program.enters.get(dpid)!, found.label);
      const rule = fabricRule('forward', PRIORITY.location, match, { apply: actions });
      return { ...sendingPart([rule], [toNeed(dpid, found)]), groups: uniqueGroups([group]), program: id };
    });
  }

  /** Any host of the network, as somebody to send to. */
  #addDestination(dpid: string, { mac, dpid: at }: FabricHost): void {
    const tree = this.#programs.usual.get(at);
    const found = at !== dpid && tree?.enters.has(dpid) ? this.#find(tree) : undefined;
    const { value, mask } = locationBits(this.#locations.get(at)!);
    this.#cache.take(dpid, `to ${mac}`, `${value} ${found?.id}`, () =>
      sendingPart(
        [fabricRule('service', PRIORITY.host, [toHost(mac)], { metadata: { value, mask }, next: 'forward' })],
        found ? [toNeed(dpid, found), toEnterNeed(dpid, at, 'usual')] : [],
      ),
    );
  }

  #addHost(dpid: string, { mac, portNo }: FabricHost): void {
    this.#cache.take(dpid, `host ${mac}`, `${portNo}`, () =>
      plainPart([
        ...hostRules(portNo, mac),
        fabricRule('egress', PRIORITY.host, [toHost(mac)], { apply: [outputTo(portNo)] }),
      ]),
    );
  }

  #addPair(dpid: string, { src, dst, cells }: PairDecision): void {
    const text = this.#textOf(cells, (cell) => this.#toCellText(dpid, dst, cell));
    this.#cache.take(dpid, `pair ${src.mac}>${dst.mac}`, text, () => {
      const built = cells.map((cell) => this.#toCellRule(dpid, src, dst, cell));
      return {
        ...sendingPart(
          built.map(({ rule }) => rule),
          built.flatMap(({ needs }) => needs),
        ),
        groups: uniqueGroups(built.flatMap(({ groups }) => groups)),
        policies: [...new Set(cells.flatMap(({ by }) => by))],
      };
    });
  }

  #addClosed(dpid: string, mac: number): void {
    const match = { type: 'ethSrc', value: mac } as const;
    this.#cache.take(dpid, `closed ${mac}`, '', () => plainPart([fabricRule('policy', PRIORITY.closed, [match])]));
  }

  /** A list of cells stands for many hosts, and its text is the same for all of them. */
  #textOf<T extends object>(cells: readonly T[], toText: (cell: T) => string): string {
    let text = this.#texts.get(cells);
    if (text === undefined) {
      text = cells.map(toText).join(';');
      this.#texts.set(cells, text);
    }
    return text;
  }

  /** All that its rule is built of, but for both hosts. */
  #toCellText(dpid: string, dst: FabricHost, cell: PairCell): string {
    const about = `${toPredicateKey(cell.predicate)} ${cell.rank} ${JSON.stringify(cell.by)}`;
    const way = cell.type === 'pass' ? this.#findWay(dpid, dst, cell.route) : undefined;
    if (cell.type === 'drop' || !way) return about;
    const limit = cell.limitedBy !== undefined && this.#limits.get(cell.limitedBy)!.meterId;
    const copies = cell.mirrors.map((mac) => {
      const copy = this.#copyTo(dpid, mac);
      return `${mac} ${this.#hostByMac.get(mac)?.portNo} ${copy.actions.length} ${listIds(copy.needs)}`;
    });
    return `${about} ${way.route} ${listIds(way.needs)} ${limit} ${copies}`;
  }

  #toCellRule(
    dpid: string,
    src: FabricHost,
    dst: FabricHost,
    cell: PairCell,
  ): {
    readonly rule: Rule;
    readonly needs: readonly Need[];
    readonly groups: PlanPart['groups'];
  } {
    const { predicate, rank } = cell;
    const match: Match = [{ type: 'ethSrc', value: src.mac }, toHost(dst.mac), ...toMatch(predicate)];
    const priority = PRIORITY.pair + rank;
    const way = cell.type === 'pass' ? this.#findWay(dpid, dst, cell.route) : undefined;
    if (cell.type === 'drop' || !way) return { rule: fabricRule('policy', priority, match), needs: [], groups: [] };
    const copies = cell.mirrors.map((mac) => this.#copyTo(dpid, mac));
    const apply = copies.flatMap(({ actions }) => actions);
    const rule = fabricRule('policy', priority, match, {
      next: 'service',
      ...(apply.length > 0 && { apply }),
      ...(cell.limitedBy !== undefined && { meterId: this.#limits.get(cell.limitedBy)!.meterId }),
      ...(way.route !== ROUTE.usual && { metadata: routeBits(way.route) }),
    });
    const needs = [...way.needs, ...copies.flatMap((copy) => copy.needs)];
    return { rule, needs, groups: copies.flatMap(({ groups }) => groups) };
  }

  /** Undefined: the program that it is to take has no label. */
  #findWay(
    dpid: string,
    dst: FabricHost,
    route: Extract<PairCell, { type: 'pass' }>['route'],
  ): { readonly route: number; readonly needs: readonly Need[] } | undefined {
    if (route === 'usual') return { route: ROUTE.usual, needs: [] };
    if (route === 'protected') {
      const tree = this.#programs.protected.get(dst.dpid);
      const found = tree?.enters.has(dpid) ? this.#find(tree) : undefined;
      return {
        route: ROUTE.protected,
        needs: found ? [toNeed(dpid, found), toEnterNeed(dpid, dst.dpid, 'protected')] : [],
      };
    }
    const found = this.#find(route);
    return found && { route: toLabelRoute(found.label), needs: [toNeed(dpid, found)] };
  }

  /** A copy of the frame for a host, and the frame as it was. */
  #copyTo(
    dpid: string,
    mac: number,
  ): {
    readonly actions: readonly Action[];
    readonly needs: readonly Need[];
    readonly groups: PlanPart['groups'];
  } {
    const host = this.#hostByMac.get(mac);
    if (!host) return { actions: [], needs: [], groups: [] };
    if (host.dpid === dpid) return { actions: [outputTo(host.portNo)], needs: [], groups: [] };
    const tree = this.#programs.mirrors.get(mac);
    const hop = tree?.enters.get(dpid);
    const found = hop && this.#find(tree);
    if (!found) return { actions: [], needs: [], groups: [] };
    const { actions, group } = toEnterSteps(hop, found.label);
    return { actions: [...actions, { type: 'popVlan' }], needs: [toNeed(dpid, found)], groups: group ? [group] : [] };
  }

  #addMeters(dpid: string, decisions: readonly PairDecision[]): void {
    const used = new Set(
      decisions.flatMap(({ cells }) =>
        cells.flatMap((cell) => (cell.type === 'pass' && cell.limitedBy !== undefined ? [cell.limitedBy] : [])),
      ),
    );
    for (const id of used) {
      const { meterId, rateKbps } = this.#limits.get(id)!;
      this.#cache.take(dpid, `limit ${id}`, `${meterId} ${rateKbps}`, () => {
        const meter: PlannedMeter = {
          meterId,
          flags: METER_FLAG.kbps,
          bands: [{ type: 'drop', rate: rateKbps, burstSize: 0 }],
        };
        return { ...plainPart([]), meters: [meter], policies: [id] };
      });
    }
  }

  #find(program: Program | undefined): LabelledProgram | undefined {
    const label = program && this.#programs.labels.get(program.key);
    return label === undefined ? undefined : { program: program!, label, id: toProgramId(program!.key, label) };
  }
}

/** A program that must be in place before something is sent under it, at the switches that its frames can pass. */
interface Need {
  readonly id: string;
  readonly passes: (dpid: string) => boolean;
}

function toNeed(from: string, { id, program }: LabelledProgram): Need {
  return { id, passes: (dpid) => canPass(program, from, dpid) };
}

/** That frames for a place are given a label here is a program by itself: who has no route any more must not be sent by it. */
function toEnterNeed(dpid: string, to: string, route: 'usual' | 'protected'): Need {
  return { id: `enter ${dpid} ${to} ${route}`, passes: (at) => at === dpid };
}

/** What sends waits for the switches that its frames can pass, and for no others. */
function sendingPart(rules: readonly Rule[], needs: readonly Need[]): PlanPart {
  const [first, ...others] = needs;
  if (!first) return plainPart(rules);
  if (others.length === 0) return { ...plainPart(rules, [first.id]), canPass: (_, dpid) => first.passes(dpid) };
  const byId = new Map(needs.map((need) => [need.id, need]));
  return { ...plainPart(rules, [...byId.keys()]), canPass: (id, dpid) => byId.get(id)!.passes(dpid) };
}

function listIds(needs: readonly Need[]): readonly string[] {
  return needs.map(({ id }) => id);
}

function toHeardText({ predicate, rank, ports }: HeardCell): string {
  return `${toPredicateKey(predicate)} ${rank} ${ports.join(' ')}`;
}

function toHost(mac: number) {
  return { type: 'ethDst', value: mac } as const;
}

function toPlaceMatch(
  route: number,
  location: bigint,
): readonly [{ readonly type: 'metadata'; readonly value: bigint }] {
  return [{ type: 'metadata', value: routeBits(route).value | location }];
}

/** In the order of their numbers; a host that is known at a port makes it one that frames for all may leave by only if it is an edge. */
function toEdgePorts(
  ports: readonly { readonly portNo: number; readonly role: PortRole }[],
  hosts: readonly FabricHost[],
): readonly EdgePort[] {
  return ports
    .filter(({ role }) => role === 'edge')
    .map(({ portNo }) => ({
      portNo,
      hosts: hosts.filter((host) => host.portNo === portNo).map(({ mac }) => mac),
    }));
}
