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
import { toMatch } from '../policy/packet-predicate.ts';
import type { Rule } from '../rule.ts';
import type { DestinationParts } from './destination-parts.ts';
import type { FabricHost, FabricView, PairDecision, ProgramSet } from './fabric-compiler.ts';
import {
  type EdgePort,
  floodRules,
  type HeardCell,
  restrictedFloodRules,
  toEdgePorts,
  toHeardCells,
} from './flood-parts.ts';
import type { HostChange } from './host-change.ts';
import type { HostPairs } from './host-pairs.ts';
import { fabricRule } from './layout.ts';
import { type LimitNumbers, numberLimits } from './limit-numbers.ts';
import { locationBits, ROUTE, routeBits, toLabelRoute } from './metadata.ts';
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

const PRIORITY = { pair: 100, group: 60_000, host: 1_000, location: 1_000, none: 0 } as const;

interface LabelledProgram {
  readonly program: Program;
  readonly label: number;
  readonly id: string;
}

/** Where a host is, and the program that leads there. */
interface Place {
  readonly key: string;
  readonly location: bigint;
  readonly tree: Program | undefined;
  readonly id: string | undefined;
}

/** What did not change since the plan before is the same object. */
export interface SwitchPartsOptions {
  readonly pairs: HostPairs;
  readonly programs: ProgramSet;
  readonly hostChange: HostChange;
  readonly destinations: DestinationParts;
  /** By dpid. */
  readonly locations: ReadonlyMap<string, bigint>;
  readonly cache: PartCache;
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
  /** All that any host sends to all is heard by all. */
  readonly #floodsUnseen: boolean;

  readonly #hostChange: HostChange;
  readonly #destinations: DestinationParts;
  readonly #places = new Map<FabricHost, Place>();
  readonly #portRules = new Map<string, readonly Rule[]>();
  #admitPart: PlanPart | undefined;

  constructor(view: FabricView, { pairs, programs, hostChange, destinations, locations, cache }: SwitchPartsOptions) {
    this.#view = view;
    this.#pairs = pairs;
    this.#programs = programs;
    this.#cache = cache;
    this.#locations = locations;
    this.#hostChange = hostChange;
    this.#destinations = destinations;
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

  build(dpid: string, decisions: readonly PairDecision[] | undefined): void {
    const ports = this.#view.portsOf(dpid);
    const hosts = this.#hostsAt.get(dpid) ?? [];
    const cache = this.#cache;
    const portsText = ports.map(({ portNo, role }) => `${portNo} ${role}`).join();
    const hostsText = hosts.map(({ mac, portNo }) => `${mac} ${portNo}`).join();
    cache.section(dpid, 'ports', [portsText, this.#floodsUnseen], () => {
      cache.take(dpid, 'admit', '', () => {
        this.#admitPart ??= plainPart(admitRules());
        return this.#admitPart;
      });
      for (const { portNo, role } of ports) this.#addPort(dpid, portNo, role);
    });
    cache.section(dpid, 'programs', [this.#programs], () => this.#addPrograms(dpid));
    const isEdge = hosts.length > 0 || ports.some(({ role }) => role === 'edge' || role === 'settling');
    if (!isEdge && !this.#programs.flood) return;
    const edges = toEdgePorts(ports, hosts);
    const location = this.#locations.get(dpid)!;
    const edgeInputs = [portsText, hostsText, this.#pairs, isEdge];
    cache.section(dpid, 'edge', [...edgeInputs, this.#programs, location], () => {
      this.#addFlood(dpid, edges, isEdge);
      if (isEdge) this.#addTables(dpid);
    });
    if (!this.#pairs.isTrivial && edges.length > 0)
      cache.section(dpid, 'heard', [...edgeInputs, this.#view.hosts], () => this.#addHeard(dpid, edges));
    if (hosts.length === 0) return;
    cache.section(dpid, 'hosts', [hostsText], () => {
      for (const host of hosts) this.#addHost(dpid, host);
    });
    cache.section(dpid, 'enters', [this.#programs, this.#locations], () => this.#addEnters(dpid));
    this.#addDestinations(dpid);
    if (!decisions) return;
    // Copies go to where the hosts are.
    cache.section(dpid, 'pairs', [decisions, this.#programs, this.#pairs, this.#view.hosts], () => {
      for (const decision of decisions) this.#addPair(dpid, decision);
      this.#addMeters(dpid, decisions);
    });
  }

  #addPrograms(dpid: string): void {
    for (const [id, parts] of this.#programs.parts) {
      const part = parts.get(dpid);
      if (part) this.#cache.put(dpid, `program ${id}`, part);
    }
  }

  /** Hosts come and go one by one. */
  #addDestinations(dpid: string): void {
    const { hosts } = this.#view;
    const { before, gone, come } = this.#hostChange;
    const addAll = (added: readonly FabricHost[]) => {
      for (const host of added) this.#addDestination(dpid, host);
    };
    this.#cache.section(dpid, 'destinations', [this.#programs, this.#locations, hosts], () => addAll(hosts), {
      from: [this.#programs, this.#locations, before],
      gone: gone.map(toDestinationKey),
      build: () => addAll(come),
    });
  }

  #addPort(dpid: string, portNo: number, role: PortRole): void {
    const signature = `${role} ${this.#floodsUnseen}`;
    this.#cache.take(dpid, `port ${portNo}`, signature, () => ({
      ...plainPart(this.#takePortRules(portNo, role)),
      program: role === 'link' ? toLandingId({ dpid, portNo }) : undefined,
    }));
  }

  /** The same at all switches. */
  #takePortRules(portNo: number, role: PortRole): readonly Rule[] {
    const key = `${portNo} ${role}`;
    let rules = this.#portRules.get(key);
    if (!rules) {
      rules = portRules(portNo, role, this.#floodsUnseen);
      this.#portRules.set(key, rules);
    }
    return rules;
  }

  /** What all frames that enter here find. */
  #addTables(dpid: string): void {
    const isOpen = this.#pairs.default === 'allow';
    const location = this.#locations.get(dpid)!;
    this.#cache.take(dpid, 'tables', `${isOpen} ${location}`, () =>
      plainPart([
        fabricRule('policy', PRIORITY.group, [GROUP_ADDRESS], { next: 'service' }),
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
  }

  #addHeard(dpid: string, edges: readonly EdgePort[]): void {
    const byRole = new Map<string, readonly HeardCell[]>();
    for (const { mac, dpid: at } of this.#view.hosts) {
      const role = this.#pairs.roleOf(mac);
      // A host does not listen to itself, so its own switch is another matter.
      const cells = (at !== dpid && byRole.get(role)) || toHeardCells(mac, edges, this.#pairs);
      if (at !== dpid) byRole.set(role, cells);
      if (cells.length === 0) continue;
      const signature = toSignature(cells);
      this.#cache.take(dpid, `heard ${mac}`, signature, () => plainPart(restrictedFloodRules(mac, cells)));
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
      if (!found) return plainPart([fabricRule('forward', PRIORITY.location, match)]);
      const { actions, group } = toEnterSteps(program.enters.get(dpid)!, found.label);
      return {
        ...plainPart([fabricRule('forward', PRIORITY.location, match, { apply: actions })], [found.id]),
        groups: uniqueGroups([group]),
      };
    });
  }

  /** Any host of the network, as somebody to send to. */
  #addDestination(dpid: string, host: FabricHost): void {
    const place = this.#placeOf(host);
    const isFar = host.dpid !== dpid && place.tree?.enters.has(dpid);
    const id = isFar ? place.id : undefined;
    const part = this.#destinations.take(host.mac, place.location, id, () => {
      const metadata = locationBits(place.location);
      const rule = fabricRule('service', PRIORITY.host, [toHost(host.mac)], { metadata, next: 'forward' });
      return plainPart([rule], id === undefined ? [] : [id]);
    });
    this.#cache.put(dpid, place.key, part);
  }

  /** The same for all switches. */
  #placeOf(host: FabricHost): Place {
    let place = this.#places.get(host);
    if (!place) {
      const tree = this.#programs.usual.get(host.dpid);
      const location = this.#locations.get(host.dpid)!;
      place = { key: toDestinationKey(host), location, tree, id: this.#find(tree)?.id };
      this.#places.set(host, place);
    }
    return place;
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
    const built = cells.map((cell) => this.#toCellRule(dpid, src, dst, cell));
    const signature = built.map(({ text }) => text).join(';');
    this.#cache.take(dpid, `pair ${src.mac}>${dst.mac}`, signature, () => ({
      rules: built.map(({ rule }) => rule),
      groups: uniqueGroups(built.flatMap(({ groups }) => groups)),
      meters: [],
      program: undefined,
      needs: [...new Set(built.flatMap(({ needs }) => needs))],
    }));
  }

  #toCellRule(
    dpid: string,
    src: FabricHost,
    dst: FabricHost,
    cell: PairCell,
  ): {
    readonly rule: Rule;
    readonly needs: readonly string[];
    readonly groups: PlanPart['groups'];
    readonly text: string;
  } {
    const { predicate, rank } = cell;
    const match: Match = [{ type: 'ethSrc', value: src.mac }, toHost(dst.mac), ...toMatch(predicate)];
    const priority = PRIORITY.pair + rank;
    const drop = fabricRule('policy', priority, match);
    const nothing = { rule: drop, needs: [], groups: [], text: toSignature(drop) };
    if (cell.type === 'drop') return nothing;
    const copies = cell.mirrors.map((mac) => this.#copyTo(dpid, mac));
    const way = this.#findWay(dpid, dst, cell.route);
    if (way === undefined) return nothing;
    const apply = copies.flatMap(({ actions }) => actions);
    const rule = fabricRule('policy', priority, match, {
      next: 'service',
      ...(apply.length > 0 && { apply }),
      ...(cell.limitedBy !== undefined && { meterId: this.#limits.get(cell.limitedBy)!.meterId }),
      ...(way.route !== ROUTE.usual && { metadata: routeBits(way.route) }),
    });
    const needs = [...way.needs, ...copies.flatMap((copy) => copy.needs)];
    return { rule, needs, groups: copies.flatMap(({ groups }) => groups), text: `${toSignature(rule)} ${needs}` };
  }

  /** Undefined: the program that it is to take has no label. */
  #findWay(
    dpid: string,
    dst: FabricHost,
    route: Extract<PairCell, { type: 'pass' }>['route'],
  ): { readonly route: number; readonly needs: readonly string[] } | undefined {
    if (route === 'usual') return { route: ROUTE.usual, needs: [] };
    if (route === 'protected') {
      const tree = this.#programs.protected.get(dst.dpid);
      const found = tree?.enters.has(dpid) ? this.#find(tree) : undefined;
      return { route: ROUTE.protected, needs: found ? [found.id] : [] };
    }
    const found = this.#find(route);
    return found && { route: toLabelRoute(found.label), needs: [found.id] };
  }

  /** A copy of the frame for a host, and the frame as it was. */
  #copyTo(
    dpid: string,
    mac: number,
  ): { readonly actions: readonly Action[]; readonly needs: readonly string[]; readonly groups: PlanPart['groups'] } {
    const host = this.#hostByMac.get(mac);
    if (!host) return { actions: [], needs: [], groups: [] };
    if (host.dpid === dpid) return { actions: [outputTo(host.portNo)], needs: [], groups: [] };
    const tree = this.#programs.mirrors.get(mac);
    const hop = tree?.enters.get(dpid);
    const found = hop && this.#find(tree);
    if (!found) return { actions: [], needs: [], groups: [] };
    const { actions, group } = toEnterSteps(hop, found.label);
    return { actions: [...actions, { type: 'popVlan' }], needs: [found.id], groups: group ? [group] : [] };
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
        return { ...plainPart([]), meters: [meter] };
      });
    }
  }

  #find(program: Program | undefined): LabelledProgram | undefined {
    const label = program && this.#programs.labels.get(program.key);
    return label === undefined ? undefined : { program: program!, label, id: toProgramId(program!.key, label) };
  }
}

function toSignature(value: unknown): string {
  return JSON.stringify(value, (_, each) => (typeof each === 'bigint' ? `${each}` : each));
}

function toDestinationKey({ mac }: FabricHost): string {
  return `to ${mac}`;
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
