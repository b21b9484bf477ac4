/**
 * From the graph to the flow tables: a pure function; the same graph gives the same rules.
 *
 * One table, by priority:
 *   60000  our probes go to the controller
 *    3000  what floods in from a link outside the tree is dropped, so that no broadcast circulates
 *    2000  ARP from an edge port goes to the controller, which learns from it; a broadcast one follows the tree too
 *    1500  broadcast and multicast follow the spanning tree and reach every edge port once
 *    1200  what else comes in at an edge port where nobody has been seen goes to the controller: it would not learn of a host that sends only
 *          to known ones (an answer to who was learned just before, all traffic after a restart), and would have to flood what is for it
 *    1000  a known host's address is forwarded on the shortest path
 *       0  all else goes to the controller
 * A switch does not send a frame back out of the port it came in at (OpenFlow 1.3.5, 7.2.5), so one flood rule serves all ports.
 */
import type { Action } from '../../protocol/wire/openflow/action.ts';
import { CONTROLLER_MAX_LEN_NO_BUFFER } from '../../protocol/wire/openflow/action.ts';
import type { Match } from '../../protocol/wire/openflow/match.ts';
import { PORT } from '../../protocol/wire/openflow/port.ts';
import { ETHER_TYPE } from '../../protocol/wire/packet/ethernet.ts';
import { isUp, type NetworkGraph, toPortKey } from '../network/network.ts';
import type { Rule } from '../rule.ts';
import { toAdjacency, toNextPorts, toTreePorts } from './paths.ts';

const PRIORITY = {
  probe: 60_000,
  outsideTree: 3_000,
  arp: 2_000,
  flood: 1_500,
  unseen: 1_200,
  host: 1_000,
  miss: 0,
} as const;

const MAC_BROADCAST = 0xffff_ffff_ffff;
const MAC_GROUP_BIT = 0x0100_0000_0000;

/** Marks our rules for who looks at a switch from elsewhere: "sluice" in ASCII before two zero bytes. */
export const SYSTEM_COOKIE = 0x736c_7569_6365_0000n;

const toController: Action = { type: 'output', port: PORT.controller, maxLen: CONTROLLER_MAX_LEN_NO_BUFFER };

function output(portNo: number): Action {
  return { type: 'output', port: portNo, maxLen: 0 };
}

function rule(priority: number, match: Match, actions: readonly Action[]): Rule {
  return {
    tableId: 0,
    priority,
    match,
    instructions: actions.length === 0 ? [] : [{ type: 'applyActions', actions }],
    cookie: SYSTEM_COOKIE,
    idleTimeout: 0,
    hardTimeout: 0,
    flags: 0,
  };
}

/** The rules each switch should have, by dpid. */
export function compileForwarding(graph: NetworkGraph): ReadonlyMap<string, readonly Rule[]> {
  const adjacency = toAdjacency(graph);
  const treePorts = toTreePorts(adjacency);
  const tables = new Map<string, Rule[]>();
  for (const dpid of adjacency.keys()) tables.set(dpid, compileBase(graph, dpid, adjacency, treePorts));

  const nextPortsTo = new Map<string, ReadonlyMap<string, number>>();
  for (const host of graph.filterNodes((_, { kind }) => kind === 'host').sort()) {
    const attributes = graph.getNodeAttributes(host);
    const access = graph.edges(host)[0];
    if (attributes.kind !== 'host' || access === undefined) continue;
    const { dpid, portNo } = graph.getEdgeAttribute(access, 'a');
    const match: Match = [{ type: 'ethDst', value: attributes.mac }];
    tables.get(dpid)!.push(rule(PRIORITY.host, match, [output(portNo)]));
    let nextPorts = nextPortsTo.get(dpid);
    if (!nextPorts) {
      nextPorts = toNextPorts(adjacency, dpid);
      nextPortsTo.set(dpid, nextPorts);
    }
    for (const [from, port] of nextPorts) tables.get(from)!.push(rule(PRIORITY.host, match, [output(port)]));
  }
  return tables;
}

function compileBase(
  graph: NetworkGraph,
  dpid: string,
  adjacency: ReturnType<typeof toAdjacency>,
  treePorts: ReadonlySet<string>,
): Rule[] {
  const attributes = graph.getNodeAttributes(dpid);
  if (attributes.kind !== 'switch') return [];
  const linkPorts = new Set(adjacency.get(dpid)!.map(({ portNo }) => portNo));
  const upPorts = [...attributes.ports.values()]
    .filter(isUp)
    .map(({ portNo }) => portNo)
    .sort((a, b) => a - b);
  const edgePorts = upPorts.filter((portNo) => !linkPorts.has(portNo));
  const floodPorts = upPorts.filter((portNo) => !linkPorts.has(portNo) || treePorts.has(toPortKey({ dpid, portNo })));
  const flood = floodPorts.map(output);
  const edges = graph.edges(dpid).map((edge) => graph.getEdgeAttributes(edge));
  const seenPorts = new Set(edges.filter(({ kind }) => kind === 'access').map(({ a }) => a.portNo));

  const rules = [
    rule(PRIORITY.probe, [{ type: 'ethType', value: ETHER_TYPE.lldp }], [toController]),
    rule(PRIORITY.flood, [{ type: 'ethDst', value: MAC_GROUP_BIT, mask: MAC_GROUP_BIT }], flood),
    rule(PRIORITY.miss, [], [toController]),
  ];
  for (const inPort of [...linkPorts].sort((a, b) => a - b)) {
    if (treePorts.has(toPortKey({ dpid, portNo: inPort }))) continue;
    const match: Match = [
      { type: 'inPort', value: inPort },
      { type: 'ethDst', value: MAC_GROUP_BIT, mask: MAC_GROUP_BIT },
    ];
    rules.push(rule(PRIORITY.outsideTree, match, []));
  }
  for (const inPort of edgePorts) {
    const arpFrom = (dst: Match): Match => [
      { type: 'inPort', value: inPort },
      ...dst,
      { type: 'ethType', value: ETHER_TYPE.arp },
    ];
    rules.push(rule(PRIORITY.arp, arpFrom([]), [toController]));
    const broadcast = arpFrom([{ type: 'ethDst', value: MAC_BROADCAST }]);
    rules.push(rule(PRIORITY.arp + 1, broadcast, [toController, ...flood]));
    if (!seenPorts.has(inPort)) rules.push(rule(PRIORITY.unseen, [{ type: 'inPort', value: inPort }], [toController]));
  }
  return rules;
}
