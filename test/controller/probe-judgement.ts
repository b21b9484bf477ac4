/**
 * What became of a probe, held against what must: who received it, how often, and on what way.
 *
 * It is asked when all is over: nothing may still be under way. Of a frame to a group every host is judged for itself, as if the frame were for it alone;
 * where a policy binds such a frame to a path, either is right, because a tree cannot keep to several paths at once.
 */
import type { PolicyStateName } from '../../controller/policy/policy-states.ts';
import type { RigHost } from './fabric-rig.ts';
import type { Meaning, Route } from './plain-meaning.ts';
import { type Arrival, expectArrival, FREE, findWalkFault, type UpFabric } from './policy-oracle.ts';
import type { Probe } from './probe-frame.ts';
import { type Crossing, chainOf, findCircle, hasTwins } from './walk-record.ts';

export interface Scene {
  readonly hosts: readonly RigHost[];
  /** Of switches, by name. */
  readonly dpids: ReadonlyMap<string, string>;
  readonly fabric: UpFabric;
  readonly meaning: Meaning;
  /** What the controller says of its policies, by id. */
  readonly states: ReadonlyMap<string, PolicyStateName>;
}

/** How many copies a host may get. */
interface Bounds {
  readonly least: number;
  readonly most: number;
}

const NONE: Bounds = { least: 0, most: 0 };

/** Beyond what any walk with two waypoints and a detour needs. */
function crossingsMax(scene: Scene, route: Route | undefined): number {
  return 2 * (scene.fabric.switches.size + 1) * (1 + (route?.via.length ?? 0));
}

/** What is wrong, in words; undefined when nothing is. */
export function judgeProbe(scene: Scene, probe: Probe<RigHost>, walk: readonly Crossing[]): string | undefined {
  return (
    findLostThread(scene, probe, walk) ?? (probe.to ? judgeUnicast(scene, probe, walk) : judgeGroup(scene, probe, walk))
  );
}

/** What no frame may do, allowed or not. */
function findLostThread({ dpids }: Scene, { to }: Probe<RigHost>, walk: readonly Crossing[]): string | undefined {
  const pending = walk.find(({ deliveredAt }) => deliveredAt === undefined);
  if (pending) return `it was lost on ${pending.cable}, or is still under way there`;
  const circle = findCircle(walk);
  if (circle) return circle;
  // One tree carries what is for a group; no switch has a reason to send a copy twice.
  const between = walk.filter((crossing) => dpids.has(crossing.to));
  return to || !hasTwins(between) ? undefined : 'copies of it crossed a cable twice the same way';
}

function judgeUnicast(scene: Scene, probe: Probe<RigHost>, walk: readonly Crossing[]): string | undefined {
  const { hosts, fabric, meaning } = scene;
  const { from } = probe;
  const to = probe.to!;
  // Whoever is gone is looked for; nobody knows what is at the end of which edge.
  if (!fabric.switches.has(to.dpid)) return undefined;
  const route = meaning(probe.facts);
  const arrival = route ? expectArrival(fabric, from.dpid, to.dpid, route) : 'must not';
  const receipts = receiptsOf(hosts, walk);
  for (const host of hosts) {
    const bounds = host === to ? boundsOf(arrival, route, host) : copiesFor(scene, host, from, arrival, route);
    const fault = findCountFault(
      host,
      receipts.get(host.name) ?? [],
      bounds,
      host === to ? whyOf(arrival, route) : 'it is not for it',
    );
    if (fault) return fault;
  }
  return judgeWays(scene, probe, route, receipts.get(to.name) ?? []) ?? (route && judgeStates(scene, route, arrival));
}

/** Who says that a policy failed says that nothing is done for it; who says that it is installed says that all is. */
function judgeStates({ states }: Scene, route: Route, arrival: Arrival): string | undefined {
  const lie = arrival === 'must' ? 'failed' : arrival === 'must not' && isBound(route) ? 'installed' : undefined;
  const lying = route.by.find((id) => lie !== undefined && states.get(id) === lie);
  return lying && `${lying} is said to be ${lie}, and what it allows here ${arrival} arrive`;
}

/** A policy asks something of the path. */
function isBound({ via, avoidSwitches, avoidLinks, latencyNsMax }: Route): boolean {
  return via.length > 0 || avoidSwitches.size > 0 || avoidLinks.size > 0 || latencyNsMax < Number.POSITIVE_INFINITY;
}

function boundsOf(arrival: Arrival, route: Route | undefined, to: RigHost): Bounds {
  const most = arrival === 'must not' ? 0 : 1;
  const copies = route?.mirrors.has(to.mac) ? 1 : 0;
  return { least: arrival === 'must' ? 1 : 0, most: most + copies };
}

/** What a host gets that the probe is not for. */
function copiesFor(
  { fabric }: Scene,
  host: RigHost,
  from: RigHost,
  arrival: Arrival,
  route: Route | undefined,
): Bounds {
  if (!route?.mirrors.has(host.mac)) return NONE;
  const isReachable = expectArrival(fabric, from.dpid, host.dpid, FREE) === 'must';
  return { least: arrival === 'must' && isReachable && host !== from ? 1 : 0, most: 1 };
}

/** Where a mirror is the destination, too, one of what came is on the way and the other the copy. */
function judgeWays(
  scene: Scene,
  probe: Probe<RigHost>,
  route: Route | undefined,
  receipts: readonly Crossing[],
): string | undefined {
  if (!route) return undefined;
  const faults = receipts.map((receipt) => findWayFault(scene, probe, route, receipt));
  return faults.every((fault) => fault !== undefined) ? faults[0] : undefined;
}

function findWayFault(
  scene: Scene,
  { from, frame }: Probe<RigHost>,
  route: Route,
  receipt: Crossing,
): string | undefined {
  const chain = chainOf(receipt);
  if (chain[0]!.from !== from.name) return `no cable led it to ${chain[0]!.from}: the controller carried it`;
  if (chain.length > crossingsMax(scene, route)) return `it crossed ${chain.length} cables`;
  if (!isSame(receipt.frame, frame)) return `it arrived at ${receipt.to} changed`;
  return findWalkFault(chain, route, scene.fabric, scene.dpids);
}

function judgeGroup(scene: Scene, probe: Probe<RigHost>, walk: readonly Crossing[]): string | undefined {
  const { hosts, fabric, meaning } = scene;
  const { from } = probe;
  const routes = new Map(hosts.map((host) => [host, meaning({ ...probe.facts, dstMac: host.mac })]));
  const mirrors = new Set([...routes.values()].flatMap((route) => [...(route?.mirrors ?? [])]));
  const receipts = receiptsOf(hosts, walk);
  for (const [host, route] of routes) {
    const isMember = host !== from && fabric.switches.has(host.dpid);
    const arrival = isMember && route ? expectFlood(fabric, from, host, route) : 'must not';
    const { least, most } = boundsOf(arrival, undefined, host);
    // A copy for each receiver on whose account there is one, or one for all: nobody has said.
    const bounds = { least, most: mirrors.has(host.mac) ? most + hosts.length : most };
    const got = receipts.get(host.name) ?? [];
    const fault = findCountFault(host, got, bounds, whyOf(arrival, route));
    if (fault) return fault;
    const changed = got.find(({ frame }) => !isSame(frame, probe.frame));
    if (changed) return `it arrived at ${changed.to} changed`;
  }
  return undefined;
}

function expectFlood(fabric: UpFabric, from: RigHost, to: RigHost, route: Route): Arrival {
  return expectArrival(fabric, from.dpid, to.dpid, FREE) === 'must' && (isBound(route) || route.hasBandwidth)
    ? 'may'
    : expectArrival(fabric, from.dpid, to.dpid, FREE);
}

function receiptsOf(hosts: readonly RigHost[], walk: readonly Crossing[]): Map<string, Crossing[]> {
  const receipts = new Map<string, Crossing[]>(hosts.map(({ name }) => [name, []]));
  for (const crossing of walk) receipts.get(crossing.to)?.push(crossing);
  return receipts;
}

function whyOf(arrival: Arrival, route: Route | undefined): string {
  if (!route) return 'it is denied';
  return arrival === 'must not' ? 'no way that is up keeps its constraints' : 'it is allowed';
}

function findCountFault(
  { name }: RigHost,
  receipts: readonly Crossing[],
  { least, most }: Bounds,
  why: string,
): string | undefined {
  const count = receipts.length;
  if (count >= least && count <= most) return undefined;
  return `${name} received it ${count} times instead of ${least === most ? least : `${least} to ${most}`} (${why})`;
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}
