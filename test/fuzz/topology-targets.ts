/**
 * The readers of topology files, shorthands and quantities: any bytes give a network whose numbers hold, or errors with their places.
 */
import { WireError } from '../../protocol/wire/wire-error.ts';
import { decodeImport } from '../../topologies/loader.ts';
import type { Topology } from '../../topologies/model.ts';
import { buildTopology } from '../../topologies/model.ts';
import { BANDWIDTH, DURATION, PROBABILITY, parseQuantity, RATE, SIZE } from '../../topologies/quantity.ts';
import { longestNs, type Scenario } from '../../topologies/scenario.ts';
import { decodeScenario } from '../../topologies/scenario-file.ts';
import { parseShorthand } from '../../topologies/shorthand.ts';
import { type Mistake, TopologyError } from '../../topologies/topology-error.ts';
import { decodeTopology, parseTopology } from '../../topologies/topology-file.ts';
import { IMPORT_SAMPLES } from '../topologies/import/import-samples.ts';
import type { FuzzTarget } from './fuzz-target.ts';

const FILES = [
  `apiVersion: sluice/v1
kind: Topology
name: edge
defaults: { link: { bandwidth: 100Mbps, delay: 1ms, queue: 64 } }
tiers: [terminal, gateway]
switches:
  gw-1: { dpid: "0x11", tier: gateway, site: plant-a, labels: { rack: "7" } }
  gw-2:
nodes: { server-1: { cpus: 16, memory: 64GiB } }
hosts:
  plc: { kind: container, tier: terminal, ip: 10.1.1.21/24, mac: "02:00:00:00:00:01", app: control }
  probe: { kind: port, site: plant-a }
  ingest: { kind: vm, on: server-1, ip: dhcp, profile: realistic, cpus: 2, memory: 1.5GiB }
links:
  - [plc, gw-1]
  - { ends: ["gw-1:3", gw-2], bandwidth: 20Mbps, delay: 5ms, jitter: 10us, loss: 0.5%, name: uplink }
  - ends: [gw-1, gw-2]
    jitter: { by: 1ms, distribution: pareto }
    loss: { toBad: 1%, toGood: 20%, bad: 50% }
    mtu: 1500
    queueBytes: 64KiB
    to: { gw-2: { duplicate: 1%, reorder: 2%, corrupt: 0.1%, delay: 1ms } }
    schedule: [{ at: 1s, state: down }, { at: 2s, state: up, to: { gw-1: { loss: 0% } } }]
  - [ingest, gw-2]
  - [probe, gw-2]
attach:
  - { switch: gw-2, port: 9, unix: run/p9.sock, framing: u32 }
  - { switch: gw-2, port: 10, udp: "127.0.0.1:9000", peer: "[::1]:9001" }
`,
  `%YAML 1.2
---
apiVersion: 'sluice/v1'
kind: "Topology"
name: >-
  folded
switches: { 网关: &s { tier: edge }, "10": *s, ? b : , c: null }
hosts: {h1: {}, h2: !!map {}, }
links: [ &l [h1, 网关], [b, c:7], *l, [h2, "\\x62"] ]
# the end
...
`,
  'apiVersion: sluice/v1\r\nkind: Topology\r\nname: t\r\nhosts:\r\n  h1: {ip: 10.0.0.1}\r\n  h1: 5\r\nlinks: [[h1, s1], [1, on]]\r\n',
];

const SCENARIOS = [
  `apiVersion: sluice/v1
kind: Scenario
name: failover
topology: net.yaml
seed: 42
clock: virtual
steps:
  - name: network converges
    wait: { until: { switches: connected, links: found, flows: installed }, timeout: 5s }
  - { name: all ping, ping: { from: { all: true }, to: [h1, h2], count: 3, interval: 100ms }, expect: { loss: 0%, received: 3 } }
  - { name: cut, at: +2s, link: { name: "h1:0-s1:1", state: down } }
  - { name: none pings, timeout: 9s, ping: { from: h1, to: { tier: edge } }, expect: { loss: ">= 50%", rtt: < 50ms, duplicates: 0 } }
`,
  `%YAML 1.2
---
{apiVersion: "sluice/v1", kind: 'Scenario', name: &n t, topology: *n, steps: [
  &s {name: a, ping: &p {from: &h h1, to: {kind: host, all: }, count: &c 1}, expect: {received: *c, mqtt: , path: }},
  *s, {name: "\\u2028", ping: *p}, {name: b, ping: {from: [*h], to: {names: [h2]}}, during: }, {name: c, udp: *p}]}
`,
  `apiVersion: sluice/v1
kind: Scenario
name: t
topology: t
steps:
- {name: a, ping: &p {from: &h h1, to: {kind: host}, count: &c 1}, expect: {received: *c}}
- {name: b, ping: {from: [*h], to: [h2]}}
- {name: c, ping: *p}
`,
];

/** What every scenario runs on: what it names is a word of the fuzzer. */
const SCENARIO_NETWORK = parseTopology(
  'apiVersion: sluice/v1\nkind: Topology\nname: net\nswitches: { s1: }\nhosts: { h1: { tier: edge }, h2: { tier: edge, ip: 10.0.0.9/8 }, h3: { ip: dhcp } }\nlinks: [[h1, s1], [h2, s1], [h3, s1]]\n',
  'net.yaml',
);

const SHORTHANDS = ['minimal', 'single,3', 'reversed,k=4', 'linear,3,2', 'tree,depth=2,fanout=3', 'torus,3,4,n=2'];

const QUANTITIES = ['20Mbps', '1.5 kbit/s', '5ms', '10µs', '0.5%', '64GiB', '50/s', '30/min'];

const LINKS_MAX = 1_000;

const toBytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const toText = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

/** The campaign knows one typed error; a `TopologyError` becomes that one if it is as it should be. */
function refuse(error: unknown, text: string): never {
  if (!(error instanceof TopologyError)) throw error;
  for (const mistake of [error, ...error.others]) requirePlace(mistake, text);
  throw new WireError('SYNTAX', error.column, error.reason);
}

function requirePlace({ line, column, reason }: Mistake, text: string): void {
  const lines = text.split('\n');
  const isWithin = line >= 1 && line <= lines.length && column >= 1 && column <= lines[line - 1]!.length + 1;
  if (!isWithin) throw new Error(`${line}:${column} is not in the text: ${reason}`);
  if (!/\S/.test(reason) || /[\n\r]/.test(reason)) throw new Error(`not a line of words: ${JSON.stringify(reason)}`);
}

function requireSound({ graph, warnings }: Topology, text: string): void {
  for (const warning of warnings) requirePlace(warning, text);
  const ports = graph.mapEdges((_link, { a, b }) => [`${a.node} ${a.port}`, `${b.node} ${b.port}`]).flat();
  if (new Set(ports).size !== ports.length) throw new Error('two links on one port');
  const dpids = graph.mapNodes((_name, node) => (node.type === 'switch' ? [node.dpid] : [])).flat();
  if (new Set(dpids).size !== dpids.length) throw new Error('two switches with one datapath id');
}

function requireRunnable({ topology: { graph }, steps }: Scenario): void {
  for (const step of steps) {
    if (!(longestNs(step) >= 0 && longestNs(step) <= 24 * 3600e9))
      throw new Error(`${step.name} takes ${longestNs(step)} ns`);
    if (step.type === 'link' && !graph.hasEdge(step.link)) throw new Error(`no link ${step.link}`);
    if (step.type !== 'ping') continue;
    if (step.pairs.length === 0) throw new Error('a ping of nobody');
    for (const { from, to } of step.pairs) {
      if (from === to || ![from, to].every((name) => ['h1', 'h2'].includes(name)))
        throw new Error(`${from} pings ${to}`);
    }
  }
}

/** Foreign files, each format by itself: the mutator splices its seeds. */
function importTarget(kind: string, pattern: RegExp): FuzzTarget {
  return {
    name: `topology from ${kind}`,
    seeds: IMPORT_SAMPLES.filter(({ file }) => pattern.test(file)).map(({ bytes }) => bytes),
    run(bytes) {
      const text = toText(bytes);
      let topology: Topology;
      try {
        topology = decodeImport(bytes, 'fuzz');
      } catch (error) {
        refuse(error, text);
      }
      requireSound(topology, text);
    },
  };
}

export const TOPOLOGY_TARGETS: readonly FuzzTarget[] = [
  importTarget('MiniEdit', /\.mn$/),
  importTarget('containerlab', /\.clab\.yml$/),
  importTarget('GraphML', /\.graphml$/),
  importTarget('JSON', /\.json$/),
  importTarget('DOT', /\.dot$/),
  {
    name: 'topology file',
    seeds: FILES.map(toBytes),
    run(bytes) {
      const text = toText(bytes);
      let topology: Topology;
      try {
        topology = decodeTopology(bytes, 'fuzz.yaml');
      } catch (error) {
        refuse(error, text);
      }
      requireSound(topology, text);
    },
  },
  {
    name: 'topology shorthand',
    seeds: SHORTHANDS.map(toBytes),
    run(bytes) {
      const text = toText(bytes);
      let topology: Topology;
      try {
        const document = parseShorthand(text);
        // A mutated number is soon a network of a hundred thousand hosts: nothing new, and seconds each.
        if (document.links.length > LINKS_MAX) return;
        topology = buildTopology(document);
      } catch (error) {
        refuse(error, text.replaceAll('\n', ' '));
      }
      requireSound(topology, text);
    },
  },
  {
    name: 'quantity',
    seeds: QUANTITIES.map(toBytes),
    run(bytes) {
      const text = toText(bytes);
      const values: number[] = [];
      let refused: unknown;
      for (const dimension of [BANDWIDTH, DURATION, PROBABILITY, SIZE, RATE]) {
        try {
          values.push(parseQuantity(text, dimension));
        } catch (error) {
          if (!(error instanceof WireError)) throw error;
          if (error.at < 1 || error.at > text.length + 1) throw new Error(`column ${error.at} is not in the text`);
          refused = error;
        }
      }
      if (values.some((value) => !(value >= 0))) throw new Error(`read as ${values}`);
      if (values.length === 0) throw refused;
    },
  },
  {
    name: 'scenario file',
    seeds: SCENARIOS.map(toBytes),
    run(bytes) {
      let scenario: Scenario;
      try {
        scenario = decodeScenario(bytes, 'fuzz.yaml', () => SCENARIO_NETWORK);
      } catch (error) {
        refuse(error, toText(bytes));
      }
      requireRunnable(scenario);
    },
  },
];
