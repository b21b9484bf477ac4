/** Real networks with all their gaps: each loads, and what it took is told. The files are not ours, so they are looked for beside the tree. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { loadTopology } from '../../../topologies/loader.ts';
import { listLinks } from '../topology-text.ts';
import { importText, readExample, warningsOf } from './import-samples.ts';

const FOLDER = '../shared/zoo';
const files = existsSync(FOLDER) ? readdirSync(FOLDER).filter((name) => name.endsWith('.graphml')) : [];

/** What a generic reading of the text counts, with none of our code. */
function countElements(text: string, tag: string): number {
  return text.split(`<${tag} `).length - 1;
}

function countLoops(text: string): number {
  return [...text.matchAll(/<edge source="([^"]*)" target="([^"]*)"/g)].filter(([, a, b]) => a === b).length;
}

/** Nodes with Internal 0 that are no shared medium. */
function countOutside(text: string): number {
  const keyOf = (name: string) => new RegExp(`attr.name="${name}"[^>]*for="node"[^>]*id="(d\\d+)"`).exec(text)?.[1];
  const [internal, hyperedge] = [keyOf('Internal'), keyOf('hyperedge')];
  const blocks = [...text.matchAll(/<node id="[^"]*">.*?<\/node>/gs)].map(([block]) => block);
  return blocks.filter((block) => {
    return block.includes(`<data key="${internal}">0<`) && !block.includes(`<data key="${hyperedge}">1<`);
  }).length;
}

describe.skipIf(files.length === 0)('the Topology Zoo (../shared/zoo)', () => {
  it('is there with all of its examples', () => {
    expect(files.length).toBeGreaterThanOrEqual(24);
  });

  it.each(files)('%s loads with all of its nodes and edges', (name) => {
    const text = readFileSync(`${FOLDER}/${name}`, 'utf8');
    const topology = loadTopology(`${FOLDER}/${name}`);
    const { graph } = topology;
    expect(graph.order).toBe(countElements(text, 'node'));
    expect(graph.size).toBe(countElements(text, 'edge') - countLoops(text));
    expect(topology.warnings.length).toBeGreaterThan(0);
    expect(graph.filterNodes((_name, node) => node.type === 'host')).toHaveLength(countOutside(text));
    graph.forEachEdge((link, { bandwidthBps, delayNs }, a, b) => {
      expect(bandwidthBps, link).toBeGreaterThanOrEqual(1_000);
      // Half way round the Earth.
      expect(delayNs, link).toBeLessThan(101e6);
      const [from, to] = [graph.getNodeAttribute(a, 'location'), graph.getNodeAttribute(b, 'location')];
      if (from && to && (from.lon !== to.lon || from.lat !== to.lat)) expect(delayNs, link).toBeGreaterThan(0);
    });
  });

  it('took as many repairs as are known', () => {
    const repairs = files.flatMap((name) => {
      const { warnings } = loadTopology(`${FOLDER}/${name}`);
      return warnings.map(({ reason }) => reason.replace(/:.*/s, '').replace(/ from here to .*/, ''));
    });
    const counts = new Map<string, number>();
    for (const repair of repairs) counts.set(repair, (counts.get(repair) ?? 0) + 1);
    expect(Object.fromEntries([...counts].sort())).toMatchSnapshot();
  });
});

describe('a file in the dialect of the zoo', () => {
  const topology = readExample('metro.graphml');
  const { graph } = topology;

  it('goes by ids, and has names by its labels', () => {
    expect(topology.name).toBe('Metro-Sons');
    expect(graph.nodes()).toEqual(['Zürich', 'Bern', 'Bern-2', 'node-3', 'Island', 'Peering-Amsterdam']);
    expect(graph.getNodeAttribute('Peering-Amsterdam', 'labels')).toEqual({ label: 'Peering, Amsterdam' });
  });

  it('keeps parallel edges, and leaves out those from a node to itself', () => {
    expect(listLinks(topology).slice(0, 2)).toEqual(['Zürich:1-Bern:1', 'Zürich:2-Bern:2']);
    expect(graph.size).toBe(6);
    expect(warningsOf(topology)).toContain('29:5: a cable has two ends: edges from a node to itself are left out: 1');
  });

  it('has bandwidths from figures, from labels, or none that was said', () => {
    expect(graph.mapEdges((_link, { bandwidthBps }) => bandwidthBps)).toEqual([
      10_000_000_000, 2_500_000_000, 155_520_000, 1_000_000_000, 1_000_000_000, 45_000_000,
    ]);
  });

  it('has the delays of fibres along the great circle', () => {
    // Zürich to Bern is 95.699 km on the ellipsoid, to Amsterdam 613.410 km (Vincenty's formula on WGS 84).
    const [bern = 0, , , , , amsterdam = 0] = graph.mapEdges((_link, { delayNs }) => delayNs);
    expect(Math.abs(bern / 1e9 / (95.699 / 200_000) - 1)).toBeLessThan(0.005);
    expect(Math.abs(amsterdam / 1e9 / (613.41 / 200_000) - 1)).toBeLessThan(0.005);
  });

  it('tells every repair with its place', () => {
    expect(warningsOf(topology)).toMatchInlineSnapshot(`
      [
        "15:20: attributes of the graph that a topology has no place for are left out: Provenance",
        "16:20: renamed, because a name has letters, digits, "-", "_" and "." only, and nobody else has it: Metro & Sons is Metro-Sons, Bern is Bern-2 (line 19), Peering, Amsterdam is Peering-Amsterdam (line 21)",
        "19:15: no coordinates, so put amid the neighbours: Bern, node-3 (line 20)",
        "20:15: media that several nodes share, so switches: node-3",
        "21:15: outside of the network, so hosts, which forward nothing: Peering, Amsterdam",
        "22:15: no coordinates, and no neighbour that has some: Island",
        "22:15: no path leads from here to Zürich; add a link if the network is not meant to be in 2 parts",
        "26:5: no speed that could be read, so 1 Gbit/s: Bern to node-3, node-3 to Zürich (line 27)",
        "26:48: attribute LinkLabel means nothing on a link and is left out: Bern-2 to node-3",
        "29:5: a cable has two ends: edges from a node to itself are left out: 1",
      ]
    `);
  });

  it('puts a node without coordinates in the middle of its neighbours, also across the date line', () => {
    const head = '<graphml><key id="x" for="node" attr.name="Longitude"/><key id="y" for="node" attr.name="Latitude"/>';
    const at = (id: string, lon: number) => `<node id="${id}"><data key="x">${lon}</data><data key="y">0</data></node>`;
    const text = `${head}<key id="p" for="graph" attr.name="Provenance"/><graph>${at('a', 170)}${at('b', -160)}<node id="c"/><node id="d"/><edge source="a" target="c"/><edge source="b" target="c"/><edge source="c" target="d"/></graph></graphml>`;
    const { graph } = importText(text, 'x.graphml');
    expect(graph.getNodeAttribute('node-c', 'location')).toEqual({ lon: -175, lat: 0 });
    expect(graph.getNodeAttribute('node-d', 'location')).toEqual({ lon: -175, lat: 0 });
  });
});
