/**
 * A graph as a network that can be run: a switch for each node, hosts at each, links with delays; and its directory.
 *
 * Everything that selectors can ask for is drawn too: tiers, sites, labels, apps.
 */

import { formatDpid } from '../../controller/network/network.ts';
import type { Directory } from '../../controller/policy/directory.ts';
import type { Random } from '../../sim/random.ts';
import type { HostEntry, LinkEntry, SwitchEntry } from '../../topologies/document.ts';
import { buildTopology, type Topology } from '../../topologies/model.ts';
import type { Graph } from './connected-graphs.ts';

export const TIERS = ['edge', 'core'] as const;
export const SITES = ['north', 'south'] as const;
export const APPS = ['web', 'db'] as const;
export const COLOURS = ['red', 'blue'] as const;

const DELAY_UNIT_NS = 100_000;

function pick<T>(random: Random, items: readonly T[]): T {
  return items[random.nextBelow(items.length)]!;
}

/** Where the machine that moves may be plugged in at a switch: the bare end of a cable. */
export function toBerth(switchName: string): string {
  return `berth-${switchName}`;
}

/** Switches are s1, s2, …; at s1 is the host h1, and at some there is another, x1. With berths, at every second there is one. */
export function drawFabric(graph: Graph, random: Random, hasBerths = false): Topology {
  const switches = new Map<string, SwitchEntry>();
  const hosts = new Map<string, HostEntry>();
  const links: LinkEntry[] = graph.links.map(([a, b], i) => ({
    ends: [{ node: `s${a + 1}` }, { node: `s${b + 1}` }],
    name: `link${i + 1}`,
    delayNs: DELAY_UNIT_NS * (1 + random.nextBelow(20)),
  }));
  for (let n = 1; n <= graph.size; n++) {
    switches.set(`s${n}`, { dpid: BigInt(n), ...drawPlace(random) });
    const names = random.nextBelow(3) === 0 || graph.size === 1 ? [`h${n}`, `x${n}`] : [`h${n}`];
    for (const name of names) {
      hosts.set(name, { kind: pick(random, ['host', 'vm'] as const), app: pick(random, APPS), ...drawPlace(random) });
      links.push({ ends: [{ node: name }, { node: `s${n}` }], name: `access-${name}`, delayNs: DELAY_UNIT_NS });
    }
  }
  for (let n = 1; hasBerths && n <= graph.size; n += 2) {
    const name = toBerth(`s${n}`);
    hosts.set(name, { kind: 'port' });
    links.push({ ends: [{ node: name }, { node: `s${n}` }], name: `access-${name}`, delayNs: DELAY_UNIT_NS });
  }
  return buildTopology({
    apiVersion: 'sluice/v1',
    kind: 'Topology',
    name: graph.name,
    switches,
    nodes: new Map(),
    hosts,
    links,
    attach: [],
  });
}

function drawPlace(random: Random) {
  return {
    tier: pick(random, TIERS),
    site: pick(random, SITES),
    labels: new Map([['colour', pick(random, COLOURS)]]),
  };
}

/** Who is who in a topology. */
export function toDirectory({ graph }: Topology): Directory {
  const hosts: Directory['hosts'][number][] = [];
  const switches: Directory['switches'][number][] = [];
  const dpids = new Map<string, string>();
  graph.forEachNode((name, node) => {
    const place = {
      name,
      labels: node.labels,
      ...(node.tier !== undefined && { tier: node.tier }),
      ...(node.site !== undefined && { site: node.site }),
    };
    if (node.type === 'switch') {
      dpids.set(name, formatDpid(node.dpid));
      switches.push({ dpid: formatDpid(node.dpid), ...place });
    } else if (node.type === 'host') {
      const { mac, kind, app } = node;
      hosts.push({ mac, kind, ...(app !== undefined && { app }), ...place });
    }
  });
  const links = graph.mapEdges((_, { name, a, b }) => {
    const [from, to] = [dpids.get(a.node), dpids.get(b.node)];
    if (from === undefined || to === undefined) return [];
    return [{ name, a: { dpid: from, portNo: a.port }, b: { dpid: to, portNo: b.port } }];
  });
  return { hosts, switches, links: links.flat() };
}
