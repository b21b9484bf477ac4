/**
 * Whether a packet must arrive, by a search over the switches and links that are up; and whether the way that one took was allowed.
 *
 * What remains to be passed on the way is part of where one is: a place is a switch and how much of `via` lies behind. Then nothing but the latency adds up,
 * and the least latency over places says whether any way keeps all constraints. Ways may pass a switch more than once, at different places.
 */
import type { Route } from './plain-meaning.ts';
import type { Crossing } from './walk-record.ts';

export interface UpLink {
  readonly name: string;
  /** Switches, by dpid. */
  readonly a: string;
  readonly b: string;
  readonly delayNs: number;
}

/** No policy asks anything of the way. */
export const FREE: Route = {
  by: [],
  via: [],
  avoidSwitches: new Set(),
  avoidLinks: new Set(),
  latencyNsMax: Number.POSITIVE_INFINITY,
  hasBandwidth: false,
  mirrors: new Set(),
};

/** What is up. */
export interface UpFabric {
  readonly switches: ReadonlySet<string>;
  readonly links: readonly UpLink[];
}

/** Latencies are measured, not known: within this share, and this much per link, of a bound either is right. */
const LATENCY_SHARE = 0.15;
const LATENCY_SLACK_NS = 100_000;

export type Arrival = 'must' | 'may' | 'must not';

/** Between hosts at these switches. */
export function expectArrival(fabric: UpFabric, from: string, to: string, route: Route): Arrival {
  const { latencyNs, hops } = findLeastLatency(fabric, from, to, route);
  if (latencyNs === Number.POSITIVE_INFINITY) return 'must not';
  const slack = latencyNs * LATENCY_SHARE + hops * LATENCY_SLACK_NS;
  if (latencyNs - slack > route.latencyNsMax) return 'must not';
  // Who else keeps bandwidth free, and so whether any is left, is not looked at here.
  if (latencyNs + slack > route.latencyNsMax || route.hasBandwidth) return 'may';
  return 'must';
}

interface Place {
  readonly dpid: string;
  readonly passed: number;
  readonly latencyNs: number;
  readonly hops: number;
}

const NO_WAY = { latencyNs: Number.POSITIVE_INFINITY, hops: 0 };

function findLeastLatency({ switches, links }: UpFabric, from: string, to: string, route: Route) {
  const isAllowed = (dpid: string) => switches.has(dpid) && !route.avoidSwitches.has(dpid);
  if (!isAllowed(from) || !isAllowed(to)) return NO_WAY;
  const open: Place[] = [{ dpid: from, passed: passBy(route, from, 0), latencyNs: 0, hops: 0 }];
  const done = new Set<string>();
  for (;;) {
    const nearest = open.reduce<Place | undefined>(
      (best, place) => (best && best.latencyNs <= place.latencyNs ? best : place),
      undefined,
    );
    if (!nearest) return NO_WAY;
    open.splice(open.indexOf(nearest), 1);
    const { dpid, passed, latencyNs, hops } = nearest;
    if (dpid === to && passed === route.via.length) return { latencyNs, hops };
    if (done.has(`${dpid} ${passed}`)) continue;
    done.add(`${dpid} ${passed}`);
    for (const { name, a, b, delayNs } of links) {
      const next = a === dpid ? b : b === dpid ? a : undefined;
      if (next === undefined || !isAllowed(next) || route.avoidLinks.has(name)) continue;
      open.push({ dpid: next, passed: passBy(route, next, passed), latencyNs: latencyNs + delayNs, hops: hops + 1 });
    }
  }
}

/** How much of `via` lies behind when a switch is passed. */
function passBy({ via }: Route, dpid: string, passed: number): number {
  let now = passed;
  while (now < via.length && via[now]!.has(dpid)) now++;
  return now;
}

/** What is wrong with the way from host to host over these cables; undefined when nothing is. `dpids` by name of switch. */
export function findWalkFault(
  chain: readonly Crossing[],
  route: Route,
  fabric: UpFabric,
  dpids: ReadonlyMap<string, string>,
): string | undefined {
  const links = new Map(fabric.links.map((link) => [link.name, link]));
  let passed = 0;
  let latencyNs = 0;
  let hops = 0;
  for (const { cable, to } of chain) {
    const link = links.get(cable);
    if (link) {
      latencyNs += link.delayNs;
      hops++;
      if (route.avoidLinks.has(cable)) return `it crossed ${cable}, which it is to avoid`;
    }
    const dpid = dpids.get(to);
    if (dpid === undefined) continue;
    if (route.avoidSwitches.has(dpid)) return `it passed ${to}, which it is to avoid`;
    passed = passBy(route, dpid, passed);
  }
  if (passed < route.via.length) return `it passed ${passed} of ${route.via.length} waypoints`;
  const slack = latencyNs * LATENCY_SHARE + hops * LATENCY_SLACK_NS;
  return latencyNs - slack > route.latencyNsMax
    ? `it took ${latencyNs} ns between switches; ${route.latencyNsMax} are allowed`
    : undefined;
}
