/** Networks that follow from a few numbers have the counts, degrees and distances that the books give them. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkDocument } from '../../../topologies/checks.ts';
import { listComponents } from '../../../topologies/connectivity.ts';
import { FAMILIES } from '../../../topologies/generate/families.ts';
import { loadTopology } from '../../../topologies/loader.ts';
import type { Topology } from '../../../topologies/model.ts';
import { listLinks } from '../topology-text.ts';

const switchesOf = ({ graph }: Topology) => graph.filterNodes((_name, { type }) => type === 'switch');
const hostsOf = ({ graph }: Topology) => graph.filterNodes((_name, { type }) => type === 'host');

/** Links between switches as pairs of names. */
function listTrunks(topology: Topology): string[][] {
  const isSwitch = (name: string) => topology.graph.getNodeAttribute(name, 'type') === 'switch';
  return topology.graph.mapEdges((_edge, { a, b }) => [a.node, b.node]).filter((ends) => ends.every(isSwitch));
}

function distancesFrom({ graph }: Topology, start: string): Map<string, number> {
  const distances = new Map([[start, 0]]);
  for (const [node, distance] of distances) {
    for (const other of graph.neighbors(node)) if (!distances.has(other)) distances.set(other, distance + 1);
  }
  return distances;
}

describe('every generator', () => {
  const words = [
    'minimal',
    'single,5',
    'reversed,5',
    'linear,5,2',
    'tree,3,2',
    'torus,3,4',
    'ring,5,2',
    'leaf-spine,4,3,2',
    'fat-tree,4',
    'edge-gateway,3,5',
    'waxman,20',
    'random,20,3',
  ];

  it.each(words)('makes one network, without anything odd, of the size that it said: %s', (word) => {
    const topology = loadTopology(word);
    expect([...checkDocument(topology.document)]).toEqual([]);
    expect(listComponents(topology.graph)).toHaveLength(1);
    const [name = '', ...values] = word.split(',');
    const family = FAMILIES[name]!;
    const all = family.parameters.map(({ otherwise = 0 }, i) =>
      values[i] === undefined ? otherwise : Number(values[i]),
    );
    const { nodes, links } = family.sizeOf(...all);
    expect(nodes).toBe(topology.graph.order + topology.servers.size);
    if (name !== 'waxman') expect(links).toBe(topology.graph.size);
  });

  it('is among these', () => {
    expect(words.map((word) => word.split(',')[0])).toEqual(Object.keys(FAMILIES));
  });
});

describe('fat-tree', () => {
  it.each([2, 4, 6, 8])(
    'with k = %d has 5k²/4 switches of k ports, k³/4 hosts, and no two further apart than six links',
    (k) => {
      const topology = loadTopology(`fat-tree,${k}`);
      expect(switchesOf(topology)).toHaveLength((5 * k * k) / 4);
      expect(hostsOf(topology)).toHaveLength(k ** 3 / 4);
      for (const name of switchesOf(topology)) expect(topology.graph.degree(name), name).toBe(k);
      const distances = distancesFrom(topology, hostsOf(topology)[0]!);
      expect(Math.max(...hostsOf(topology).map((host) => distances.get(host)!))).toBe(6);
    },
  );

  it('numbers ports, switches and addresses as the paper does', () => {
    const { graph } = loadTopology('fat-tree,4');
    const addressOf = (name: string) => {
      const node = graph.getNodeAttributes(name);
      return node.type === 'host' && node.ip !== 'dhcp' ? node.ip.address.toString(16) : undefined;
    };
    expect([addressOf('h-0-0-2'), addressOf('h-3-1-3')]).toEqual(['a000002', 'a030103']);
    const ports = graph.mapEdges('edge-0-0', (_edge, { a, b }) =>
      a.node === 'edge-0-0' ? [a.port, b.node] : [b.port, a.node],
    );
    expect(ports).toEqual([
      [1, 'h-0-0-2'],
      [2, 'h-0-0-3'],
      [3, 'agg-0-2'],
      [4, 'agg-0-3'],
    ]);
    // Port i of a core switch leads to pod i - 1.
    expect(graph.mapEdges('core-2-1', (_edge, { a, b }) => `${b.port} ${a.node}`)).toEqual([
      '1 agg-0-3',
      '2 agg-1-3',
      '3 agg-2-3',
      '4 agg-3-3',
    ]);
  });
});

describe('leaf-spine', () => {
  it('links every leaf with every spine once, and nobody else', () => {
    const topology = loadTopology('leaf-spine,5,3,2');
    const pairs = listTrunks(topology).map((ends) => ends.toSorted().join(' '));
    const expected = [1, 2, 3, 4, 5].flatMap((l) => [1, 2, 3].map((s) => `leaf-${l} spine-${s}`));
    expect(pairs.toSorted()).toEqual(expected.toSorted());
    expect(hostsOf(topology)).toHaveLength(10);
  });
});

describe('ring', () => {
  it('counts ports as Mininet does: hosts first, then links in their order', () => {
    expect(listLinks(loadTopology('ring,3'))).toEqual([
      'h1:0-s1:1',
      'h2:0-s2:1',
      'h3:0-s3:1',
      's1:2-s2:2',
      's2:3-s3:2',
      's3:3-s1:3',
    ]);
  });
});

describe('random networks', () => {
  it.each(['random,30,3,1', 'waxman,30,0.3,0.2,500,1'])(
    '%s are connected, simple, and the same for the same seed only',
    (words) => {
      fc.assert(
        fc.property(fc.nat(1_000_000), (seed) => {
          const topology = loadTopology(`${words},${seed}`);
          expect(listComponents(topology.graph)).toHaveLength(1);
          const pairs = listTrunks(topology).map((ends) => ends.toSorted().join());
          expect(new Set(pairs).size).toBe(pairs.length);
          expect(listLinks(loadTopology(`${words},${seed}`))).toEqual(listLinks(topology));
          expect(listTrunks(loadTopology(`${words},${seed + 1}`))).not.toEqual(listTrunks(topology));
        }),
        { numRuns: 30 },
      );
    },
  );

  it('have the mean degree that was asked for', () => {
    expect(listTrunks(loadTopology('random,50,4'))).toHaveLength(100);
    expect(listTrunks(loadTopology('random,10,9'))).toHaveLength(45);
    expect(listTrunks(loadTopology('random,10,1'))).toHaveLength(9);
  });

  it('draw each of the 16 labelled trees of four switches equally often', () => {
    const counts = new Map<string, number>();
    const runs = 3200;
    for (let seed = 0; seed < runs; seed++) {
      const tree = listTrunks(loadTopology(`random,4,1,0,${seed}`))
        .map((ends) => ends.join('-'))
        .join(' ');
      counts.set(tree, (counts.get(tree) ?? 0) + 1);
    }
    expect(counts.size).toBe(16);
    const expected = runs / 16;
    const chiSquare = [...counts.values()].reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
    // The 99.9th percentile with 15 degrees of freedom.
    expect(chiSquare).toBeLessThan(37.7);
  });

  it("have as many links as Waxman's probability gives: alpha, where links reach anywhere", () => {
    let links = 0;
    for (let seed = 0; seed < 20; seed++) links += listTrunks(loadTopology(`waxman,40,0.3,100,1000,0,${seed}`)).length;
    const pairs = 20 * ((40 * 39) / 2);
    // exp(-d / (100 L)) is 0.995 on average; three standard deviations of the mean of so many draws.
    expect(Math.abs(links / pairs - 0.3 * 0.995)).toBeLessThan(3 * Math.sqrt((0.3 * 0.7) / pairs));
  });

  it('have shorter links where they do not reach far, and light in fibre takes its time', () => {
    const meanOf = (beta: number) => {
      const { graph } = loadTopology(`waxman,60,1,${beta},1000,0,3`);
      return graph.reduceEdges((sum, _edge, { delayNs }) => sum + delayNs, 0) / graph.size;
    };
    expect(meanOf(0.05)).toBeLessThan(meanOf(10) / 2);
    // The mean distance in a square is 0.5214 of its side (a closed form), and a kilometre takes 5 µs.
    expect(meanOf(100) / (0.5214 * 1000 * 5000)).toBeCloseTo(1, 1);
  });
});

describe('a generator refuses what it cannot build', () => {
  it.each([
    ['fat-tree,5', '1:10: k must be even; take 4 or 6'],
    ['fat-tree,100', '1:10: this would be more than 100000 hosts and switches; ask for fewer'],
    ['leaf-spine,1000,1000', '1:12: this would be more than 400000 links; ask for fewer'],
    ['leaf-spine,1,1e9', '1:14: spines must be a whole number of spine switches, not "1e9"'],
    ['ring,2', '1:6: k must be at least 3; there are 2 switches here'],
    ['random,10,12', '1:11: 10 switches have no more than 9 others each; make degree 9 at most'],
    [
      'random,10,x',
      '1:11: degree must be a number, such as 3: it is the mean number of links to other switches, not "x"',
    ],
    ['random,seed=x', '1:13: seed must be a whole number of your choice, not "x"'],
    ['waxman,10,2', '1:11: alpha must be at most 1; this is 2'],
    ['waxman,2000,1', '1:8: this would be more than 400000 links; ask for fewer'],
  ])('%s', (shorthand, message) => {
    expect(() => loadTopology(shorthand)).toThrow(
      expect.objectContaining({ name: 'TopologyError', message: `${shorthand}:${message}` }),
    );
  });
});
