/** Programs that other people read graphs with find in ours what we put there: networkx GraphML, Graphviz DOT, and any XML reader SVG. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { TopologyDocument } from '../../topologies/document.ts';
import { type FlatGraph, toFlatGraph } from '../../topologies/export/flat-graph.ts';
import { EXPORTS } from '../../topologies/export/formats.ts';
import { loadTopology } from '../../topologies/loader.ts';
import { anyNetwork } from '../topologies/export/any-network.ts';
import { findPeer, type Peer, runPeer } from './peer.ts';

const networkx = findPeer('networkx');
const dot = findPeer('dot');

/** A few networks at a time: to start a program costs more than to read them. */
const NETWORKS: readonly TopologyDocument[] = [
  ...['edge-gateway', 'attached', 'queues'].map((name) => loadTopology(`topologies/${name}.yaml`).document),
  ...['fat-tree,4', 'torus,3,3', 'waxman,20'].map((name) => loadTopology(name).document),
  ...fc.sample(anyNetwork, { numRuns: 30, seed: 6 }),
];

async function run(peer: Peer, args: readonly string[], input: string): Promise<string> {
  const { code, stdout, stderr } = await runPeer(peer, args, { input });
  if (code !== 0) throw new Error(`${peer.name} ended with ${code}: ${stderr}`);
  return stdout;
}

/** Attributes by node, and by edge in the order of their names, as text: what a format makes of a number differs. */
function summarize({ attributes, nodes, edges }: FlatGraph): unknown {
  const asText = (values: object) =>
    Object.entries(values)
      .map(([key, value]) => `${key}=${value}`)
      .sort();
  return {
    attributes: asText(attributes),
    nodes: nodes.map(({ key, attributes: own }) => [key, asText(own)]),
    edges: edges.map(({ source, target, attributes: own }) => JSON.stringify([[source, target], asText(own)])).sort(),
  };
}

const READ_GRAPHML = `
import sys, json, networkx
for text in json.load(sys.stdin):
    g = networkx.parse_graphml(text, force_multigraph=True)
    print(json.dumps({
        'attributes': {k: v for k, v in g.graph.items() if k not in ('node_default', 'edge_default')},
        'nodes': [{'key': k, 'attributes': v} for k, v in g.nodes(data=True)],
        'edges': [{'source': a, 'target': b, 'key': k, 'attributes': v} for a, b, k, v in g.edges(keys=True, data=True)],
    }))
`;

const READ_XML = `
import sys, json
import xml.etree.ElementTree as tree
for text in json.load(sys.stdin):
    root = tree.fromstring(text)
    ns = '{http://www.w3.org/2000/svg}'
    print(json.dumps([len(root.findall('.//%stext' % ns)), len(root.findall('.//%spath/%stitle' % (ns, ns)))]))
`;

describe.skipIf(networkx.isSkipped)('networkx', () => {
  it('finds every node, link and attribute in GraphML', async () => {
    const texts = NETWORKS.map((document) => EXPORTS.graphml.format(document));
    const lines = (await run(networkx, ['-c', READ_GRAPHML], JSON.stringify(texts))).trim().split('\n');
    expect(lines).toHaveLength(NETWORKS.length);
    for (const [i, line] of lines.entries()) {
      const read = JSON.parse(line) as FlatGraph;
      const given = toFlatGraph(NETWORKS[i]!);
      // An undirected edge comes back from whichever end was read first.
      const turn = (graph: FlatGraph): FlatGraph => ({
        ...graph,
        edges: graph.edges.map((edge) => {
          const [source = '', target = ''] = [edge.source, edge.target].sort();
          return { ...edge, source, target, attributes: edge.attributes };
        }),
      });
      // It knows the graph's own attributes from version 3 on.
      const attributes = Object.keys(read.attributes).length > 0 ? given.attributes : {};
      expect(summarize(turn(read))).toEqual(summarize(turn({ ...given, attributes })));
      expect(read.edges.map(({ key }) => key).sort()).toEqual(given.edges.map(({ key }) => key).sort());
    }
  });

  it("and Python's reader of XML all texts and lines of SVG", async () => {
    const texts = NETWORKS.map((document) => EXPORTS.svg.format(document));
    const lines = (await run(networkx, ['-c', READ_XML], JSON.stringify(texts))).trim().split('\n');
    for (const [i, { switches, hosts, nodes, links, attach }] of NETWORKS.entries()) {
      const [texts = 0, titles] = JSON.parse(lines[i]!) as number[];
      const homes = [...hosts.values()].filter(({ on }) => on !== undefined && nodes.has(on)).length;
      expect(titles).toBe(links.length + homes + attach.length);
      expect(texts).toBeGreaterThanOrEqual(switches.size + hosts.size + nodes.size + attach.length);
    }
  });
});

interface DotEdge extends Readonly<Record<string, string | number>> {
  readonly tail: number;
  readonly head: number;
}

interface DotGraph {
  readonly objects?: readonly Readonly<Record<string, string>>[];
  readonly edges?: readonly DotEdge[];
}

/** What Graphviz adds by itself. */
const OF_GRAPHVIZ = new Set(['_gvid', 'name', 'label', 'tail', 'head']);

describe.skipIf(dot.isSkipped)('Graphviz', () => {
  it('finds every node, link and attribute in DOT', async () => {
    for (const document of NETWORKS.slice(0, 16)) {
      const output = await run(dot, ['-Tdot_json'], EXPORTS.dot.format(document));
      const { objects = [], edges = [], ...rest } = JSON.parse(output) as DotGraph & Readonly<Record<string, string>>;
      const given = toFlatGraph(document);
      // An attribute of some is an empty one of the others there.
      const own = (values: object) =>
        Object.fromEntries(Object.entries(values).filter(([key, value]) => !OF_GRAPHVIZ.has(key) && value !== ''));
      const names = objects.map(({ name }) => name!);
      const read = {
        attributes: Object.fromEntries(Object.keys(given.attributes).map((key) => [key, rest[key]!])),
        nodes: objects.map(({ name, ...values }) => ({ key: name!, attributes: own(values) })),
        edges: edges.map(({ tail, head, name, ...values }) => ({
          key: '',
          source: names[tail]!,
          target: names[head]!,
          attributes: { ...own(values), ...(name && { name }) },
        })),
      };
      expect(summarize(read)).toEqual(summarize(given));
    }
  });
});
