import { describe, expect, it } from 'vitest';
import { loadTopology } from '../../topologies/loader.ts';
import { MININET_NETWORKS } from './mininet-networks.ts';
import { listHosts, listLinks, listSwitches } from './topology-text.ts';

describe('a shorthand is the network that Mininet 2.3.0 builds', () => {
  it.each(MININET_NETWORKS)('$shorthand', ({ shorthand, switches, hosts, links }) => {
    const topology = loadTopology(shorthand);
    expect(listSwitches(topology)).toEqual(switches);
    expect(listLinks(topology)).toEqual(links);
    expect(listHosts(topology)).toEqual(
      hosts.map((name, i) => {
        const hex = (i + 1).toString(16).padStart(2, '0');
        return `${name} 10.0.0.${i + 1}/8 00:00:00:00:00:${hex}`;
      }),
    );
    expect(topology.warnings).toEqual([]);
  });

  it('by position or by name, with spaces or without', () => {
    const links = listLinks(loadTopology('tree,2,3'));
    for (const same of ['tree,depth=2,fanout=3', 'tree,fanout=3,depth=2', 'tree,2,fanout=3', 'tree, 2, fanout = 3']) {
      expect(listLinks(loadTopology(same))).toEqual(links);
    }
  });

  it('also without any hosts, or with very many', () => {
    expect(listLinks(loadTopology('linear,3,0'))).toEqual(['s2:1-s1:1', 's3:1-s2:2']);
    expect(loadTopology('single,0').graph.nodes()).toEqual(['s1']);
    const { graph } = loadTopology('single,70000');
    expect(graph.getNodeAttributes('h70000')).toMatchObject({ mac: 70_000, ip: { address: 0x0a011170 } });
    expect(loadTopology('tree,depth=1000,fanout=1').graph.order).toBe(1001);
  });
});

describe('a bad shorthand is refused with the column of the mistake', () => {
  it.each([
    ['linaer,3', '1:1: there is no topology "linaer"; did you mean linear?'],
    [
      'constructor,3',
      '1:1: there is no topology "constructor"; there are minimal, single, reversed, linear, tree, torus, ring, leaf-spine, fat-tree, edge-gateway, waxman, random',
    ],
    ['minimal,2', '1:9: this is one argument too many; minimal takes nothing'],
    ['linear,', '1:8: k must be a whole number of switches, not ""'],
    ['linear,x', '1:8: k must be a whole number of switches, not "x"'],
    ['linear,3,-1', '1:10: n must be a whole number of hosts per switch, not "-1"'],
    ['linear,1.5', '1:8: k must be a whole number of switches, not "1.5"'],
    ['linear,0', '1:8: k must be at least 1; there are 0 switches here'],
    ['linear,k=0', '1:10: k must be at least 1; there are 0 switches here'],
    ['linear,3,2,1', '1:12: this is one argument too many; linear takes k (switches) and n (hosts per switch)'],
    ['linear,3,m=2', '1:10: there is no argument "m"; linear takes k (switches) and n (hosts per switch)'],
    ['linear,3,k=2', '1:10: k is here a second time; remove one'],
    ['tree,0', '1:6: depth must be at least 1; there are 0 levels of switches here'],
    ['tree,40,10', '1:6: this would be more than 100000 hosts and switches; ask for fewer'],
    ['tree,999,999', '1:6: this would be more than 100000 hosts and switches; ask for fewer'],
    ['torus', '1:6: x (columns) is missing; torus takes x (columns) and y (rows) and n (hosts per switch)'],
    ['torus,3', '1:8: y (rows) is missing; torus takes x (columns) and y (rows) and n (hosts per switch)'],
    ['torus,2,3', '1:7: x must be at least 3; there are 2 columns here'],
    ['torus,3,256', '1:9: y must be at most 255; there are 256 rows here'],
  ])('%s', (shorthand, message) => {
    expect(() => loadTopology(shorthand)).toThrow(
      expect.objectContaining({ name: 'TopologyError', message: `${shorthand}:${message}` }),
    );
  });
});
