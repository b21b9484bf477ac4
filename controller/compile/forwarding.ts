/**
 * From the graph to the flow tables: a pure function; the same graph gives the same rules.
 *
 * Table 0, by priority:
 *   60000  and several below: what the controller's services need (`service-rules.ts`)
 *    3000  what floods in from a port that is neither an edge nor in the tree is dropped, so that no broadcast circulates: a link outside the
 *          tree, and a port of which nobody knows (yet, or any more) whether it is one
 *    1500  broadcast and multicast follow the spanning tree and reach every edge port once: on to table 1
 *    1200  what else comes in where hosts may be and nobody has been seen goes to the controller: it would not learn of a host that sends only
 *          to known ones (an answer to who was learned just before, all traffic after a restart), and would have to flood what is for it
 *    1000  a known host's address is forwarded on the shortest path
 *       0  all else goes to the controller
 * Table 1 and, if a message cannot hold so many outputs, its successors: all that comes is flooded. The list of ports stands there once.
 * A switch does not send a frame back out of the port it came in at (OpenFlow 1.3.5, 7.2.5), so one flood rule serves all ports.
 */
import { MAC_GROUP_BIT } from '../../protocol/wire/address.ts';
import type { Action } from '../../protocol/wire/openflow/action.ts';
import { CONTROLLER_MAX_LEN_NO_BUFFER } from '../../protocol/wire/openflow/action.ts';
import type { Instruction } from '../../protocol/wire/openflow/instruction.ts';
import type { Match } from '../../protocol/wire/openflow/match.ts';
import { PORT } from '../../protocol/wire/openflow/port.ts';
import { isUp, type NetworkGraph, type PortRef, toPortKey } from '../network/network.ts';
import type { Rule } from '../rule.ts';
import type { Routes } from './routes.ts';
import { serviceRules } from './service-rules.ts';

const PRIORITY = {
  outsideTree: 3_000,
  flood: 1_500,
  unseen: 1_200,
  host: 1_000,
  miss: 0,
} as const;

/** The first table of the flood; the port list begins there. */
const FLOOD_TABLE = 1;

/** An output takes 16 bytes and a message holds 65535, so does an entry of the switch's answer; some room is left for what else stands in them. */
export const OUTPUTS_PER_RULE_MAX = 3500;

/** Marks our rules for who looks at a switch from elsewhere: "sluice" in ASCII before two zero bytes. */
export const SYSTEM_COOKIE = 0x736c_7569_6365_0000n;

const toController: Action = { type: 'output', port: PORT.controller, maxLen: CONTROLLER_MAX_LEN_NO_BUFFER };

function output(portNo: number): Action {
  return { type: 'output', port: portNo, maxLen: 0 };
}

function rule(
  priority: number,
  match: Match,
  actions: readonly Action[],
  place: { readonly tableId?: number; readonly next?: number | undefined } = {},
): Rule {
  const instructions: Instruction[] = [];
  if (actions.length > 0) instructions.push({ type: 'applyActions', actions });
  if (place.next !== undefined) instructions.push({ type: 'gotoTable', tableId: place.next });
  return {
    tableId: place.tableId ?? 0,
    priority,
    match,
    instructions,
    cookie: SYSTEM_COOKIE,
    idleTimeout: 0,
    hardTimeout: 0,
    flags: 0,
  };
}

/** The rules each switch should have, by dpid. The routes are those of the same graph. */
export function compileForwarding(
  graph: NetworkGraph,
  routes: Routes,
  isEdgePort: (port: PortRef) => boolean,
  /** Edges, and ports that may yet turn out to be edges. */
  isHostPort: (port: PortRef) => boolean,
): ReadonlyMap<string, readonly Rule[]> {
  const treePorts = routes.treePorts();
  const tables = new Map<string, Rule[]>();
  for (const dpid of routes.graph.switches())
    tables.set(dpid, compileBase(graph, dpid, { isEdgePort, isHostPort }, treePorts));

  const hosts = listHosts(graph);
  routes.prepare(hosts.map(({ port }) => port.dpid));
  for (const { mac, port } of hosts) {
    const match: Match = [{ type: 'ethDst', value: mac }];
    tables.get(port.dpid)!.push(rule(PRIORITY.host, match, [output(port.portNo)]));
    routes.forEachPort(port.dpid, (from, portNo) => {
      tables.get(from)!.push(rule(PRIORITY.host, match, [output(portNo)]));
    });
  }
  return tables;
}

/** The hosts that are attached, in the order of their addresses. */
function listHosts(graph: NetworkGraph): { readonly mac: number; readonly port: PortRef }[] {
  return graph
    .filterNodes((_, { kind }) => kind === 'host')
    .sort()
    .flatMap((host) => {
      const attributes = graph.getNodeAttributes(host);
      const access = graph.edges(host)[0];
      if (attributes.kind !== 'host' || access === undefined) return [];
      return [{ mac: attributes.mac, port: graph.getEdgeAttribute(access, 'a') }];
    });
}

function compileBase(
  graph: NetworkGraph,
  dpid: string,
  { isEdgePort, isHostPort }: Record<'isEdgePort' | 'isHostPort', (port: PortRef) => boolean>,
  treePorts: ReadonlySet<string>,
): Rule[] {
  const attributes = graph.getNodeAttributes(dpid);
  if (attributes.kind !== 'switch') return [];
  const upPorts = [...attributes.ports.values()]
    .filter(isUp)
    .map(({ portNo }) => portNo)
    .sort((a, b) => a - b);
  const hostPorts = upPorts.filter((portNo) => isHostPort({ dpid, portNo }));
  const settlingPorts = hostPorts.filter((portNo) => !isEdgePort({ dpid, portNo }));
  const floodPorts = upPorts.filter(
    (portNo) => isEdgePort({ dpid, portNo }) || treePorts.has(toPortKey({ dpid, portNo })),
  );
  const edges = graph.edges(dpid).map((edge) => graph.getEdgeAttributes(edge));
  const seenPorts = new Set(edges.filter(({ kind }) => kind === 'access').map(({ a }) => a.portNo));

  const rules = [
    ...serviceRules(settlingPorts).map(({ priority, match, actions, isFlooded }) =>
      rule(priority, match, actions, { next: isFlooded ? FLOOD_TABLE : undefined }),
    ),
    rule(PRIORITY.flood, [{ type: 'ethDst', value: MAC_GROUP_BIT, mask: MAC_GROUP_BIT }], [], { next: FLOOD_TABLE }),
    ...compileFlood(floodPorts),
    rule(PRIORITY.miss, [], [toController]),
  ];
  const flooding = new Set(floodPorts);
  for (const inPort of upPorts) {
    if (flooding.has(inPort)) continue;
    const match: Match = [
      { type: 'inPort', value: inPort },
      { type: 'ethDst', value: MAC_GROUP_BIT, mask: MAC_GROUP_BIT },
    ];
    rules.push(rule(PRIORITY.outsideTree, match, []));
  }
  for (const inPort of hostPorts) {
    if (!seenPorts.has(inPort)) rules.push(rule(PRIORITY.unseen, [{ type: 'inPort', value: inPort }], [toController]));
  }
  return rules;
}

/** Out of all these ports: a rule for as many as a message holds, in a table each. */
function compileFlood(ports: readonly number[]): Rule[] {
  const rules: Rule[] = [];
  for (let at = 0, tableId = FLOOD_TABLE; at === 0 || at < ports.length; at += OUTPUTS_PER_RULE_MAX, tableId++) {
    const next = at + OUTPUTS_PER_RULE_MAX < ports.length ? tableId + 1 : undefined;
    const outputs = ports.slice(at, at + OUTPUTS_PER_RULE_MAX).map(output);
    rules.push(rule(PRIORITY.flood, [], outputs, { tableId, next }));
  }
  return rules;
}
