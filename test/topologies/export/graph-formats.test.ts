/** JSON, GraphML and DOT: one graph with flat attributes in three syntaxes. Whether other programs read them is in test/interop. */

import fc from 'fast-check';
import { MultiUndirectedGraph } from 'graphology';
import { describe, expect, it } from 'vitest';
import { EXPORTS } from '../../../topologies/export/formats.ts';
import { loadTopology } from '../../../topologies/loader.ts';
import { buildTopology } from '../../../topologies/model.ts';
import { parseTopology } from '../../../topologies/topology-file.ts';
import { HEAD } from '../topology-text.ts';
import { anyNetwork } from './any-network.ts';

describe('json', () => {
  it("is what graphology's own import takes, with the nodes and links of the network", () => {
    fc.assert(
      fc.property(anyNetwork, (document) => {
        const graph = new MultiUndirectedGraph();
        graph.import(JSON.parse(EXPORTS.json.format(document)));
        const model = buildTopology(document).graph;
        expect(graph.nodes()).toEqual([...model.nodes(), ...document.nodes.keys()]);
        expect(graph.edges()).toEqual(model.edges());
        expect(graph.mapEdges((_edge, { aPort, bPort }, source, target) => [source, aPort, target, bPort])).toEqual(
          model.mapEdges((_edge, { a, b }) => [a.node, a.port, b.node, b.port]),
        );
      }),
    );
  });

  it('has the keys and texts of the native file, and what is nested as JSON', () => {
    const { attributes, nodes, edges } = JSON.parse(
      EXPORTS.json.format(
        parseTopology(
          `${HEAD}tiers: [edge]
defaults: { link: { delay: 1ms } }
switches: { s1: { tier: edge, tables: 8, labels: { "10": 'a "b"', "9": c } } }
nodes: { n1: { memory: 1.5GiB } }
hosts: { h1: { kind: vm, on: n1, cpus: 0.5 }, p1: { kind: port } }
links: [[h1, s1], { ends: [p1, "s1:9"], name: probe, loss: 0.07%, bandwidth: 1Mbps, queues: { 1: { min: 20.5% } } }]
attach: [{ switch: s1, port: 3, tcp: "[::1]:9000" }]
`,
          't.yaml',
        ).document,
      ),
    );
    expect(attributes).toEqual({
      format: 'sluice/v1',
      name: 't',
      defaults: '{"link":{"delay":"1ms"}}',
      tiers: '["edge"]',
      attach: '[{"switch":"s1","port":3,"tcp":"[::1]:9000"}]',
    });
    expect(nodes).toEqual([
      {
        key: 's1',
        attributes: {
          type: 'switch',
          dpid: '0x1',
          tables: 8,
          tier: 'edge',
          labels: '{"10":"a \\u0022b\\u0022","9":"c"}',
        },
      },
      {
        key: 'h1',
        attributes: { type: 'host', kind: 'vm', on: 'n1', ip: '10.0.0.1/8', mac: '00:00:00:00:00:01', cpus: 0.5 },
      },
      { key: 'p1', attributes: { type: 'host', kind: 'port' } },
      { key: 'n1', attributes: { type: 'server', memory: '1536MiB' } },
    ]);
    expect(edges).toEqual([
      {
        key: 'h1:0-s1:1',
        source: 'h1',
        target: 's1',
        attributes: { aPort: 0, bPort: 1, delay: '1ms' },
        undirected: true,
      },
      {
        key: 'probe',
        source: 'p1',
        target: 's1',
        attributes: {
          aPort: 0,
          bPort: 9,
          name: 'probe',
          bandwidth: '1Mbps',
          delay: '1ms',
          loss: '0.07%',
          queues: '{"1":{"min":"20.5%"}}',
        },
        undirected: true,
      },
    ]);
  });
});

describe('graphml', () => {
  it('declares each attribute with the narrowest type that all of its values have', () => {
    const text = `${HEAD}hosts: { h1: { cpus: 1 }, h2: { cpus: 0.5 } }\nswitches: { s1: { tables: 1 } }\n`;
    const graphml = EXPORTS.graphml.format(parseTopology(text, 't.yaml').document);
    expect([...graphml.matchAll(/for="node" attr.name="(\w+)" attr.type="(\w+)"/g)].map(([, ...pair]) => pair)).toEqual(
      [
        ['type', 'string'],
        ['dpid', 'string'],
        ['tables', 'long'],
        ['ip', 'string'],
        ['mac', 'string'],
        ['cpus', 'double'],
      ],
    );
  });
});

describe('dot', () => {
  it('keeps parallel links apart, and quotes names that are words of DOT', () => {
    const text = `${HEAD}switches: { node: , s2: }\nlinks: [[node, s2], [node, s2]]\n`;
    expect(EXPORTS.dot.format(parseTopology(text, 't.yaml').document).split('\n')).toEqual([
      'graph "t" {',
      '  format="sluice/v1";',
      '  name="t";',
      '  "node" [type="switch", dpid="0x1"];',
      '  "s2" [type="switch", dpid="0x2"];',
      '  "node" -- "s2" [aPort=1, bPort=1];',
      '  "node" -- "s2" [aPort=2, bPort=2];',
      '}',
      '',
    ]);
  });
});

describe('mermaid', () => {
  it('is a flowchart with a shape for each kind, tiers as groups, the innermost on top', () => {
    const text = `${HEAD}tiers: [edge, core]
switches: { end: { tier: core }, s2: { tier: edge } }
nodes: { n1: }
hosts: { h1: { tier: edge, on: n1 }, p1: { kind: port } }
links: [[end, s2], { ends: [h1, s2], bandwidth: 1Mbps, delay: 2ms }, [p1, s2]]
`;
    expect(EXPORTS.mermaid.format(parseTopology(text, 't.yaml').document).split('\n')).toEqual([
      'flowchart BT',
      '  subgraph t0["edge"]',
      '    n1["s2"]',
      '    n2(["h1"])',
      '  end',
      '  subgraph t1["core"]',
      '    n0["end"]',
      '  end',
      '  n3(("p1"))',
      '  n4[("n1")]',
      '  n1 --- n0',
      '  n2 ---|"1Mbps, 2ms"| n1',
      '  n3 --- n1',
      '  n2 -.- n4',
      '',
    ]);
  });

  it('draws no markup that somebody put into a path', () => {
    const text = `${HEAD}switches: { s1: }\nattach: [{ switch: s1, port: 1, unix: '/run/a"<b>&#x\`.sock' }]\n`;
    expect(EXPORTS.mermaid.format(parseTopology(text, 't.yaml').document)).toContain(
      'n1(("a#34;#60;b#62;#38;#35;x#96;.sock"))',
    );
  });
});

describe('svg', () => {
  it('escapes what somebody wrote into labels, and says it where one points', () => {
    const text = `${HEAD}switches: { s1: { labels: { a: '</title><script>alert(1)</script>' } } }\n`;
    const svg = EXPORTS.svg.format(parseTopology(text, 't.yaml').document);
    expect(svg).not.toContain('<script');
    expect(svg).toContain('&lt;/title&gt;&lt;script&gt;alert(1)&lt;/script&gt;');
  });

  it('tells what a link has when one points at it, and follows the scheme of who looks', () => {
    const svg = EXPORTS.svg.format(loadTopology('topologies/edge-gateway.yaml').document);
    expect(svg).toContain(
      '<title>uplink-a: gw-1 port 11, edge-1 port 11\nbandwidth 20Mbps\ndelay 5ms\nqueue 64</title>',
    );
    expect(svg).toContain('@media (prefers-color-scheme:dark)');
  });
});
