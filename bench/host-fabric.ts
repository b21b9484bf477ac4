/**
 * A network of many hosts whose frames cross six cables each, with the rules that a controller would install for it.
 *
 * Hosts hang at edge switches left and right; left and right meet in a core: host, edge, aggregation, core, aggregation, edge, host. Each switch has two
 * tables, as learning controllers lay them out: the first lets in what comes from where it should (at an edge, a rule for each of its hosts' addresses
 * at its port), the second has a rule for each host's address, and one for each address that ARP asks for, so that nobody is flooded.
 */
import { FLOW_COMMAND } from '../protocol/wire/openflow/flow.ts';
import { GROUP } from '../protocol/wire/openflow/group.ts';
import type { Instruction } from '../protocol/wire/openflow/instruction.ts';
import type { Match } from '../protocol/wire/openflow/match.ts';
import type { MessageOf } from '../protocol/wire/openflow/message.ts';
import { BUFFER_NONE } from '../protocol/wire/openflow/packet.ts';
import { PORT } from '../protocol/wire/openflow/port.ts';
import { Clock } from '../sim/clock.ts';
import type { Host } from '../sim/host.ts';
import { EmulatedNetwork } from '../sim/network.ts';
import { Random } from '../sim/random.ts';
import { parseTopology } from '../topologies/topology-file.ts';
import { Administrator } from './administrator.ts';

export const HOPS = 6;

const HOSTS_PER_EDGE = 50;
const ADMISSION = 0;
const FORWARDING = 1;

export interface HostFabric {
  readonly clock: Clock;
  readonly network: EmulatedNetwork;
  /** Those on the left, then as many on the right. */
  readonly hosts: readonly Host[];
  readonly rules: number;
}

export function openHostFabric(hostCount: number): HostFabric {
  const topology = parseTopology(writeTopology(hostCount), 'host-fabric.yaml');
  const clock = new Clock();
  const network = new EmulatedNetwork(topology, clock, new Random(1));
  const hosts = Array.from({ length: hostCount }, (_, i) => network.hosts.get(toHostName(i))!);
  const towards = findPorts(network);
  let rules = 0;
  for (const [name, actor] of network.switches) {
    const flowMods = toRules(hosts, towards.get(name)!);
    rules += flowMods.length;
    // It stays connected, as a controller does.
    new Administrator(actor).change(flowMods);
  }
  return { clock, network, hosts, rules };
}

function toHostName(index: number): string {
  return `h${index + 1}`;
}

/** Which edge switch a host hangs at. */
function toEdge(index: number, hostCount: number): { readonly side: 'l' | 'r'; readonly edge: number } {
  const perSide = hostCount / 2;
  return { side: index < perSide ? 'l' : 'r', edge: Math.floor((index % perSide) / HOSTS_PER_EDGE) };
}

function writeTopology(hostCount: number): string {
  const edges = Math.ceil(hostCount / 2 / HOSTS_PER_EDGE);
  const sides = ['l', 'r'] as const;
  const switches = ['core', ...sides.flatMap((s) => [`agg-${s}`, ...range(edges).map((i) => `edge-${s}${i}`)])];
  const trunk = (a: string, b: string) => `  - { ends: [${a}, ${b}], bandwidth: 100Gbps, delay: 50us, queue: 1000 }\n`;
  const access = (a: string, b: string) => `  - { ends: [${a}, ${b}], bandwidth: 1Gbps, delay: 10us, queue: 100 }\n`;
  const links = [
    ...sides.map((s) => trunk('core', `agg-${s}`)),
    ...sides.flatMap((s) => range(edges).map((i) => trunk(`agg-${s}`, `edge-${s}${i}`))),
    ...range(hostCount).map((i) => {
      const { side, edge } = toEdge(i, hostCount);
      return access(toHostName(i), `edge-${side}${edge}`);
    }),
  ];
  return [
    'apiVersion: sluice/v1\nkind: Topology\nname: host-fabric\n',
    `switches:\n${switches.map((name) => `  ${name}:\n`).join('')}`,
    `hosts:\n${range(hostCount)
      .map((i) => `  ${toHostName(i)}:\n`)
      .join('')}`,
    `links:\n${links.join('')}`,
  ].join('');
}

function range(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i);
}

/** Of each switch, the port that leads to each host, and whether the host hangs there itself. */
type Towards = ReadonlyMap<string, { readonly port: number; readonly isLocal: boolean }>;

function findPorts(network: EmulatedNetwork): ReadonlyMap<string, Towards> {
  const neighbours = new Map<string, { readonly node: string; readonly port: number }[]>();
  network.topology.graph.forEachEdge((_, { a, b }) => {
    for (const [from, to] of [
      [a, b],
      [b, a],
    ] as const) {
      const list = neighbours.get(from.node) ?? [];
      neighbours.set(from.node, list);
      list.push({ node: to.node, port: from.port });
    }
  });
  const listHosts = (node: string, from: string): string[] =>
    network.hosts.has(node)
      ? [node]
      : neighbours.get(node)!.flatMap((next) => (next.node === from ? [] : listHosts(next.node, node)));
  return new Map(
    [...network.switches.keys()].map((name) => {
      const ports = neighbours.get(name)!.flatMap(({ node, port }) => {
        const isLocal = network.hosts.has(node);
        return listHosts(node, name).map((host) => [host, { port, isLocal }] as const);
      });
      return [name, new Map(ports)];
    }),
  );
}

function toRules(hosts: readonly Host[], towards: Towards): MessageOf<'flowMod'>[] {
  const rules: MessageOf<'flowMod'>[] = [];
  const onwards: Instruction = { type: 'gotoTable', tableId: FORWARDING };
  const trunks = new Set<number>();
  for (const host of hosts) {
    const { port, isLocal } = towards.get(host.name)!;
    const { mac, ip } = host.spec;
    const output: Instruction = { type: 'applyActions', actions: [{ type: 'output', port, maxLen: 0 }] };
    if (isLocal) {
      const source: Match = [
        { type: 'inPort', value: port },
        { type: 'ethSrc', value: mac },
      ];
      rules.push(flowMod(ADMISSION, source, onwards));
    } else if (!trunks.has(port)) {
      trunks.add(port);
      rules.push(flowMod(ADMISSION, [{ type: 'inPort', value: port }], onwards));
    }
    rules.push(flowMod(FORWARDING, [{ type: 'ethDst', value: mac }], output));
    rules.push(
      flowMod(
        FORWARDING,
        [
          { type: 'ethType', value: 0x0806 },
          { type: 'arpTpa', value: ip! },
        ],
        output,
      ),
    );
  }
  return rules;
}

function flowMod(tableId: number, match: Match, instruction: Instruction): MessageOf<'flowMod'> {
  return {
    type: 'flowMod',
    xid: 0,
    cookie: 0n,
    cookieMask: 0n,
    tableId,
    command: FLOW_COMMAND.add,
    idleTimeout: 0,
    hardTimeout: 0,
    priority: 100,
    bufferId: BUFFER_NONE,
    outPort: PORT.any,
    outGroup: GROUP.any,
    flags: 0,
    match,
    instructions: [instruction],
  };
}
