/** What each foreign format comes to: names, ports, figures, and the sentences about what did not come along. */
import { describe, expect, it } from 'vitest';
import { loadTopology } from '../../../topologies/loader.ts';
import { listHosts, listLinks, listSwitches } from '../topology-text.ts';
import { importText, readExample, warningsOf } from './import-samples.ts';

describe('a MiniEdit file', () => {
  const topology = readExample('office.mn');
  const { graph } = topology;

  it('has the names, datapath ids and ports that Mininet gives it', () => {
    expect(listSwitches(topology)).toEqual(['s1=a1', 's2=2']);
    expect(listLinks(topology)).toEqual(['printer:0-s1:1', 'h2:0-s1:2', 's1:3-s2:1', 'h3:0-s2:2', 's2:3-r4:0']);
  });

  it('has addresses in the order of the numbers, not of the file, and the prefix of the network', () => {
    expect(listHosts(topology)).toEqual([
      'printer 10.0.0.9/8 00:00:00:00:00:01',
      'h2 10.0.0.2/8 00:00:00:00:00:02',
      'h3 10.0.0.3/8 00:00:00:00:00:03',
      'r4 10.0.0.4/8 00:00:00:00:00:04',
    ]);
    const elsewhere = importText(
      '{"hosts":[{"number":"3"},{"number":"1"},{"number":"2","opts":{"ip":"192.168.7.7"}}],"switches":[],"links":[],"application":{"ipBase":"192.168.0.0/16"}}',
      'x.mn',
    );
    expect(listHosts(elsewhere).map((line) => line.split(' ').slice(0, 2).join(' '))).toEqual([
      'h1 192.168.0.1/16',
      'h2 192.168.7.7/16',
      'h3 192.168.0.3/16',
    ]);
  });

  it('has what tc does to its links', () => {
    expect(graph.getEdgeAttributes('s1:3-s2:1')).toMatchObject({
      bandwidthBps: 10e6,
      delayNs: 5e6,
      loss: 0.01,
      queuePackets: 64,
    });
    const times = ['5', '5us', '2s', '3 ms', '1.5ms', '4msecs'].map((delay) => {
      const text = `{"switches":[{"number":"1"},{"number":"2"}],"links":[{"src":"s1","dest":"s2","opts":{"delay":"${delay}"}}]}`;
      return importText(text, 'x.mn').graph.mapEdges((_link, { delayNs }) => delayNs)[0];
    });
    expect(times).toEqual([5e3, 5e3, 2e9, 3e6, 1.5e6, 4e6]);
  });

  it('has its icons where they were drawn', () => {
    expect(graph.getNodeAttribute('s2', 'position')).toEqual({ x: 420, y: 180 });
  });

  it('says what did not come along', () => {
    expect(warningsOf(topology)).toMatchInlineSnapshot(`
      [
        "13:9: controllers are left out: a controller of ours drives the switches, or the one that --controller names: c0",
        "35:88: option startCommand means nothing here and is left out: h3",
        "44:46: option speedup means nothing here and is left out: h3 to s2",
        "54:9: learning bridges are switches here, which a controller drives: s2",
        "60:9: routers are hosts here, which forward nothing: r4",
      ]
    `);
  });

  it('of version 1 has its controllers in a mapping', () => {
    const text =
      '{"version":"1","controllers":{"c0":{"x":"1","y":"1"}},"hosts":[{"number":"1","x":"1","y":"2"}],"switches":[{"number":"1","x":"1","y":"1"}],"links":[{"src":"h1","dest":"s1"},{"src":"s1","dest":"c0"}]}';
    const old = importText(text, 'old.mn');
    expect(listLinks(old)).toEqual(['h1:0-s1:1']);
    expect(warningsOf(old)).toEqual([
      expect.stringMatching(/^1:\d+: controllers are left out.*: c0$/),
      expect.stringMatching(/^1:\d+: links to controllers are left out.*: s1 to c0$/),
    ]);
  });
});

describe('a containerlab file', () => {
  const topology = readExample('branch.clab.yml');
  const { graph } = topology;

  it('has bridges for switches and everything else for containers', () => {
    expect(listSwitches(topology)).toEqual(['br-lan=11']);
    expect(graph.filterNodes((_name, node) => node.type === 'host')).toEqual(['r1', 'r2', 'web-server', 'probe']);
    expect(graph.filterNodes((_name, node) => node.type === 'port')).toEqual(['r2-ethernet-1-3', 'probe-eth1']);
  });

  it('inherits from group, kind and defaults, the nearer first', () => {
    expect(graph.getNodeAttributes('r1')).toMatchObject({ cpus: 2, tier: 'edge', labels: { image: 'srlinux' } });
    expect(graph.getNodeAttributes('r2')).toMatchObject({ cpus: 2, memoryBytes: 4 * 2 ** 30 });
    expect(graph.getNodeAttributes('web-server')).toMatchObject({ memoryBytes: 512 * 2 ** 20, app: 'web' });
    expect(graph.getNodeAttribute('web-server', 'labels')).toEqual({ owner: 'ops', kind: 'linux', image: 'alpine:3' });
  });

  it('has the numbers of its interfaces for ports, and others where those are taken', () => {
    expect(listLinks(topology)).toEqual([
      'r1:1-br-lan:1',
      'r2:1-br-lan:2',
      'web-server:1-br-lan:3',
      'r1:2-r2:2',
      'r2:3-r2-ethernet-1-3:0',
      'probe:1-probe-eth1:0',
    ]);
  });

  it('has addresses of its endpoints, and our words from vars and labels', () => {
    expect(listHosts(topology).slice(0, 2)).toEqual([
      'r1 192.168.1.1/24 02:00:00:00:00:11',
      'r2 10.9.0.2/30 00:00:00:00:00:02',
    ]);
    expect(graph.getEdgeAttributes('r1:1-br-lan:1')).toMatchObject({ delayNs: 5e6, bandwidthBps: 20e6 });
    expect(graph.getEdgeAttribute('r1:2-r2:2', 'loss')).toBe(0.005);
  });

  it('says what did not come along', () => {
    expect(warningsOf(topology)).toMatchInlineSnapshot(`
      [
        "3:7: what is for containerlab itself is left out: mgmt",
        "15:43: startup-config is for starting containers, and is left out: r1",
        "17:17: renamed, because a name has letters, digits, "-", "_" and "." only, and nobody else has it: web server is web-server",
        "17:25: exec is for starting containers, and is left out: web-server",
        "18:11: no path leads from here to br-lan; add a link if the network is not meant to be in 2 parts",
        "23:30: no number of their own at the end of their names, so numbered anew: br-lan:r2-e1",
        "31:40: links to the outside of the lab end at a bare port: r2:ethernet-1/3 to macvlan:enp0s3, probe:eth1 to host:probe-eth1 (line 33)",
        "32:23: host-interface of a link means nothing here and is left out: r2:ethernet-1/3 to macvlan:enp0s3",
      ]
    `);
  });
});

describe('a node-link graph', () => {
  it('may have ids of any kind, edges there and back, and words of other programs', () => {
    const topology = readExample('ring.json');
    expect(topology.name).toBe('ring-of-three');
    expect(listSwitches(topology)).toEqual(['core-one=1', '2=22', 'edge-3=3']);
    expect(listLinks(topology)).toEqual(['core-one:1-2:1', '2:2-edge-3:1', 'edge-3:2-core-one:2', 'h1:0-core-one:7']);
    expect(topology.graph.getNodeAttribute('core-one', 'location')).toEqual({ lon: 8.54, lat: 47.37 });
    expect(topology.graph.getEdgeAttributes('core-one:1-2:1')).toMatchObject({ bandwidthBps: 100e6, delayNs: 2e6 });
    expect(topology.graph.getNodeAttribute('edge-3', 'labels')).toEqual({ vendor: 'acme' });
    expect(warningsOf(topology)).toMatchInlineSnapshot(`
      [
        "4:22: renamed, because a name has letters, digits, "-", "_" and "." only, and nobody else has it: ring of three is ring-of-three, core one is core-one (line 6), edge 3 is edge-3 (line 8)",
        "4:49: attributes of the graph that a topology has no place for are left out: author",
        "6:5: no type (switch, host or server) is given, so this is taken for a switch: core-one, edge-3 (line 8)",
        "13:5: a cable carries both directions: these are one with the edge back, whose attributes hold: 2 to 1",
        "15:50: attribute weight means nothing on a link and is left out: edge-3 to core-one",
      ]
    `);
  });

  it('counts nodes without an id, as networkx does, and joins tuples', () => {
    const text = '{"nodes":[{"type":"switch"},{"id":[0,1],"type":"switch"}],"edges":[{"source":0,"target":[0,1]}]}';
    expect(listLinks(importText(text, 'x.json'))).toEqual(['0:1-0-1:1']);
  });

  it('keeps parallel edges, and both directions in an undirected graph', () => {
    const edges = '[{"source":"a","target":"b"},{"source":"b","target":"a"},{"source":"a","target":"b"}]';
    const text = `{"nodes":[{"id":"a"},{"id":"b"}],"edges":${edges}}`;
    expect(importText(text, 'x.json').graph.size).toBe(3);
    expect(importText(`{"directed":true,${text.slice(1)}`, 'x.json').graph.size).toBe(2);
  });
});

describe('a graphology graph', () => {
  it('has servers, guests and positions', () => {
    const topology = readExample('pair.graphology.json');
    const { graph } = topology;
    expect(graph.nodes()).toEqual(['left', 'right', 'db']);
    expect(topology.servers.get('store')).toEqual({ cpus: 8, memoryBytes: 64 * 2 ** 30 });
    expect(graph.getNodeAttributes('db')).toMatchObject({ kind: 'vm', on: 'store' });
    expect(graph.getNodeAttributes('right')).toMatchObject({
      position: { x: 200, y: -40 },
      labels: { rack: '7', floor: '2' },
    });
    expect(graph.getEdgeAttribute('spare', 'queuePackets')).toBe(32);
    expect(warningsOf(topology)).toEqual([
      '5:85: attribute size says how to draw a node and is left out: left',
      '5:97: attribute color says how to draw a node and is left out: left',
    ]);
  });
});

describe('a DOT graph', () => {
  const topology = readExample('floor.dot');

  it('has defaults from where they stand, ports, and one edge of two in a strict graph', () => {
    expect(topology.name).toBe('floor-plan');
    expect(listLinks(topology)).toEqual([
      'core:1-a1:1',
      'core:2-a2:1',
      'core:24-b1:1',
      'b1:2-a1:9',
      'h1:0-a2:2',
      'h2:0-b1:4',
      'printer:0-b1:3',
    ]);
    const { graph } = topology;
    expect(graph.getNodeAttribute('core', 'tier')).toBeUndefined();
    expect(graph.getNodeAttribute('a1', 'tier')).toBe('access');
    expect(graph.getEdgeAttribute('core:1-a1:1', 'bandwidthBps')).toBe(1e9);
    expect(graph.getEdgeAttributes('core:24-b1:1')).toMatchObject({ bandwidthBps: 100e6, loss: 0.005 });
    expect(graph.getNodeAttribute('core', 'position')).toEqual({ x: 100, y: -200 });
  });

  it('has comments, keywords in any case, joined and continued texts', () => {
    const text =
      '# c\n/* c */ GRAPH "a" + "b" { // c\nNode [type="switch"] "x\\\ny"; x1 [label="\\"q\\" \\n"]\n x1 -- xy }';
    const joined = importText(text, 'x.gv');
    expect(joined.name).toBe('ab');
    expect(joined.graph.nodes()).toEqual(['xy', 'x1']);
    expect(joined.graph.getNodeAttribute('x1', 'labels')).toEqual({ label: '"q" \\n' });
  });

  it('joins every node of a subgraph to every one of the next', () => {
    const text = 'digraph { node [type=switch] a -> { b c } -> subgraph s { d; e } }';
    expect(listLinks(importText(text, 'x.dot'))).toHaveLength(6);
  });
});

describe('plain and yEd GraphML', () => {
  it('has attributes by the names of their keys, defaults, ports, nested graphs and hyperedges', () => {
    const text = `<graphml><key id="a" for="node" attr.name="type"><default>switch</default></key><key id="b" for="edge" attr.name="delay"/>
      <graph><node id="s1"/><node id="box"><graph><node id="s2"/><node id="h1"><data key="a">host</data></node></graph></node>
      <edge source="s1" target="s2" sourceport="5" targetport="left"><data key="b"> 5ms
      </data></edge><hyperedge id="bus"><endpoint node="s1"/><endpoint node="s2" port="7"/><endpoint node="h1"/></hyperedge></graph></graphml>`;
    const topology = importText(text, 'x.graphml');
    expect(listLinks(topology)).toEqual(['s1:5-s2:1', 's1:1-bus:1', 's2:7-bus:2', 'h1:0-bus:3']);
    expect(topology.graph.getEdgeAttribute('s1:5-s2:1', 'delayNs')).toBe(5e6);
    expect(warningsOf(topology).map((line) => line.replace(/^\d+:\d+: /, ''))).toEqual([
      'groups are no part of a topology: their nodes are there, these are left out: box',
      'ports that are not numbers are numbered anew: s2:left',
      'edges of more than two ends are switches, to which the ends are linked: bus',
    ]);
  });

  it('has the labels and places of a yEd drawing', () => {
    const node = (id: string, label: string, x: number) =>
      `<node id="${id}"><data key="d0"><y:ShapeNode><y:Geometry height="30" width="30" x="${x}.5" y="-7"/><y:NodeLabel>${label}</y:NodeLabel></y:ShapeNode></data></node>`;
    const text = `<graphml xmlns:y="http://www.yworks.com/xml/graphml"><key for="node" id="d0" yfiles.type="nodegraphics"/><graph edgedefault="directed">${node('n0', 'Core\n 1', 3)}${node('n1', 'h2', 4)}<edge source="n0" target="n1"/></graph></graphml>`;
    const { graph } = importText(text, 'x.graphml');
    expect(graph.nodes()).toEqual(['Core-1', 'h2']);
    expect(graph.getNodeAttribute('Core-1', 'position')).toEqual({ x: 3.5, y: -7 });
    expect(graph.getNodeAttribute('h2', 'type')).toBe('host');
  });
});

describe('hosts for a network that has none', () => {
  it('are added at each switch on demand', () => {
    const topology = loadTopology('topologies/import-examples/ring.json', { hostsPerSwitch: 2 });
    expect(topology.graph.order).toBe(4 + 6);
    expect(listLinks(topology).slice(4, 6)).toEqual(['h1-core-one:0-core-one:3', 'h2-core-one:0-core-one:4']);
    expect(loadTopology('linear,2,0', { hostsPerSwitch: 1 }).graph.nodes()).toEqual(['s1', 's2', 'h-s1', 'h-s2']);
  });

  it('but not more than can be run', () => {
    expect(() => loadTopology('linear,3', { hostsPerSwitch: 50_000 })).toThrow(
      'linear,3:1:1: this would be more than 100000 hosts; ask for fewer at each switch',
    );
  });
});
