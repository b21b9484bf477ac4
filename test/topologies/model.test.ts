import { describe, expect, it } from 'vitest';
import type { Topology } from '../../topologies/model.ts';
import { parseTopology } from '../../topologies/topology-file.ts';
import { HEAD, listHosts, listLinks, listSwitches } from './topology-text.ts';

const read = (text: string): Topology => parseTopology(HEAD + text, 't.yaml');

describe('ports', () => {
  it('count up in file order, from 1 on switches and from 0 on hosts', () => {
    const topology = read(
      'switches: { s1: , s2: }\nhosts: { h1: , h2: }\nlinks: [[h1, s1], [h2, s1], [s1, s2], [h1, s2]]\n',
    );
    expect(listLinks(topology)).toEqual(['h1:0-s1:1', 'h2:0-s1:2', 's1:3-s2:1', 'h1:1-s2:2']);
  });

  it('that are given stay, wherever they stand, and the others count past them', () => {
    const links = '[[s1, s2], [s1, s2], [s1:1, s2], ["s2:2", "s1:9"], [s2, s1]]';
    expect(listLinks(read(`switches: { s1: , s2: }\nlinks: ${links}\n`))).toEqual([
      's1:2-s2:1',
      's1:3-s2:3',
      's1:1-s2:4',
      's2:2-s1:9',
      's2:5-s1:4',
    ]);
  });

  it('leave room for attachments', () => {
    const text = 'switches: { s1: , s2: }\nlinks: [[s1, s2]]\nattach: [{ switch: s1, port: 1, unix: run/p1.sock }]\n';
    const topology = read(text);
    expect(listLinks(topology)).toEqual(['s1:2-s2:1']);
    expect(topology.attachments).toEqual([{ switch: 's1', port: 1, unix: 'run/p1.sock' }]);
  });
});

describe('attachments', () => {
  const socketOf = (path: string, file: string) =>
    parseTopology(`${HEAD}switches: { s1: }\nattach: [{ switch: s1, port: 1, unix: ${path} }]\n`, file).attachments[0]!
      .unix;

  it('wait on sockets that are found from where the file is', () => {
    expect(socketOf('run/p.sock', 'lab/net.yaml')).toBe('lab/run/p.sock');
    expect(socketOf('../p.sock', '/home/me/net.yaml')).toBe('/home/me/../p.sock');
    expect(socketOf('/run/p.sock', 'lab/net.yaml')).toBe('/run/p.sock');
    expect(socketOf('p.sock', 'net.yaml')).toBe('p.sock');
  });

  it('are measured with the folder of the file', () => {
    const folder = 'x'.repeat(100);
    expect(() => socketOf('run/p.sock', `${folder}/net.yaml`)).toThrow('has 111 bytes from here');
  });
});

describe('places', () => {
  it('are on a drawing, on Earth, or both, of whatever has a place', () => {
    const { graph, servers } = read(
      'switches: { s1: { position: { x: 1.5, y: -2 }, location: { lon: 8.54, lat: 47.37 } } }\nnodes: { m1: { location: { lon: 0, lat: -90 } } }\nhosts: { h1: { position: { x: 0, y: 0 } } }\nlinks: [[h1, s1]]\n',
    );
    const { position, location } = graph.getNodeAttributes('s1');
    expect([position, location]).toEqual([
      { x: 1.5, y: -2 },
      { lon: 8.54, lat: 47.37 },
    ]);
    expect(graph.getNodeAttribute('h1', 'position')).toEqual({ x: 0, y: 0 });
    expect(servers.get('m1')).toEqual({ location: { lon: 0, lat: -90 } });
  });
});

describe('bare ports', () => {
  const text =
    'switches: { s1: }\nhosts: { h1: , p1: { kind: port, site: lab }, h2: }\nlinks: [[h1, s1], [p1, s1], ["p1:7", h2]]\n';

  it('have a place and no address, and renumber nobody', () => {
    const topology = read(text.replace(', ["p1:7", h2]', ''));
    expect(topology.graph.getNodeAttributes('p1')).toEqual({ type: 'port', site: 'lab', labels: {} });
    expect(listHosts(topology)).toEqual(['h1 10.0.0.1/8 00:00:00:00:00:01', 'h2 10.0.0.3/8 00:00:00:00:00:03']);
    expect(listLinks(topology)).toEqual(['h1:0-s1:1', 'p1:0-s1:2']);
  });

  it('end one cable only', () => {
    expect(() => read(text)).toThrow('p1 is a bare port, the end of one cable');
  });
});

describe('datapath ids', () => {
  it('are the first number in the name, in decimal, as in Mininet', () => {
    expect(listSwitches(read('switches: { s1: , s10: , r7x9: , s007: }\n'))).toEqual(
      ['s1=1', 's10=a', 'r7x9=7', 's007=8'].with(3, 's007=2'),
    );
  });

  it('that are given come first; a number that is taken, zero or missing gives the lowest free one', () => {
    const text = 'switches: { gw-1: , edge-1: , core: , s0: , s2: , x: { dpid: "0x1" } }\n';
    expect(listSwitches(read(text))).toEqual(['gw-1=3', 'edge-1=4', 'core=5', 's0=6', 's2=2', 'x=1']);
  });

  it('do not overflow for a name that is all digits', () => {
    const text = `switches: { "${'9'.repeat(63)}": , "18446744073709551615": }\n`;
    expect(listSwitches(read(text))).toEqual([`${'9'.repeat(63)}=1`, '18446744073709551615=ffffffffffffffff']);
  });
});

describe('addresses', () => {
  it('are those of the place in the file, as in Mininet', () => {
    const hosts = Array.from({ length: 300 }, (_, i) => `h${i + 1}: `).join(', ');
    const list = listHosts(read(`hosts: { ${hosts} }\n`));
    expect(list[0]).toBe('h1 10.0.0.1/8 00:00:00:00:00:01');
    expect(list[255]).toBe('h256 10.0.1.0/8 00:00:00:00:01:00');
  });

  it('of other hosts stay when one is given its own', () => {
    const before = listHosts(read('hosts: { a: , b: , c: }\n'));
    const after = listHosts(read('hosts: { a: , b: { ip: 192.168.0.7/24, mac: "02:00:00:00:00:07" }, c: }\n'));
    expect(after).toEqual([before[0], 'b 192.168.0.7/24 02:00:00:00:00:07', before[2]]);
  });

  it('that are given are not given away', () => {
    const text = 'hosts: { a: , b: , c: { ip: 10.0.0.1/8, mac: "00:00:00:00:00:02" }, d: { ip: dhcp } }\n';
    expect(listHosts(read(text))).toEqual([
      'a 10.0.0.2/8 00:00:00:00:00:01',
      'b 10.0.0.3/8 00:00:00:00:00:03',
      'c 10.0.0.1/8 00:00:00:00:00:02',
      'd dhcp 00:00:00:00:00:04',
    ]);
  });
});

describe('the IPv6 addresses and gateways of hosts', () => {
  it('are what the file says, and nothing where it says nothing', () => {
    const { graph } = read(`
hosts:
  a: { ipv6: slaac }
  b: { ipv6: "fd00:1::b/64", gateway: "fe80::1" }
  c: { ip: 10.1.1.3/24, gateway: 10.1.1.1, ipv6: link-local }
  d: {}
`);
    const of = (name: string) => {
      const node = graph.getNodeAttributes(name);
      return node.type === 'host' ? [node.ipv6, node.gateway] : undefined;
    };
    expect(of('a')).toEqual(['slaac', undefined]);
    expect(of('b')).toEqual([{ address: (0xfd00_0001n << 96n) | 0xbn, prefixLength: 64 }, (0xfe80n << 112n) | 1n]);
    expect(of('c')).toEqual(['link-local', 0x0a010101]);
    expect(of('d')).toEqual([undefined, undefined]);
  });
});

describe('nodes and links', () => {
  it('keep what the file says, in base units', () => {
    const { graph, servers } = read(`
nodes: { server-1: { cpus: 16, memory: 64GiB } }
switches: { gw-1: { dpid: "0x11", tier: gateway, site: plant-a, labels: { rack: "7" } } }
hosts:
  ingest: { kind: vm, on: server-1, ip: dhcp, mac: "02:00:00:00:00:99", profile: realistic, cpus: 2.5, memory: 512MiB, app: mqtt }
links:
  - { ends: [ingest, "gw-1:3"], name: up, bandwidth: 20Mbps, delay: 5ms, jitter: 1ms, loss: 0.5%, queue: 64 }
`);
    expect(graph.getNodeAttributes('gw-1')).toEqual({
      type: 'switch',
      dpid: 0x11n,
      tier: 'gateway',
      site: 'plant-a',
      labels: { rack: '7' },
    });
    expect(graph.getNodeAttributes('ingest')).toEqual({
      type: 'host',
      kind: 'vm',
      on: 'server-1',
      ip: 'dhcp',
      mac: 0x020000000099,
      profile: 'realistic',
      app: 'mqtt',
      cpus: 2.5,
      memoryBytes: 512 * 2 ** 20,
      labels: {},
    });
    expect(graph.getEdgeAttributes('up')).toEqual({
      name: 'up',
      a: { node: 'ingest', port: 0 },
      b: { node: 'gw-1', port: 3 },
      bandwidthBps: 20_000_000,
      delayNs: 5_000_000,
      jitter: 1_000_000,
      loss: 0.005,
      queuePackets: 64,
    });
    expect(servers.get('server-1')).toEqual({ cpus: 16, memoryBytes: 64 * 2 ** 30 });
  });

  it('have the defaults of the file where they say nothing, and ours where it says nothing either', () => {
    const { graph } = read(
      'defaults: { link: { bandwidth: 100Mbps, queue: 64 } }\nswitches: { a: , b: }\nlinks: [[a, b], { ends: [a, b], queue: 8 }]\n',
    );
    const ours = { delayNs: 0, loss: 0 };
    expect(graph.getEdgeAttributes('a:1-b:1')).toMatchObject({ ...ours, bandwidthBps: 100_000_000, queuePackets: 64 });
    expect(graph.getEdgeAttributes('a:2-b:2')).toMatchObject({ ...ours, bandwidthBps: 100_000_000, queuePackets: 8 });
    const bare = read('switches: { a: , b: }\nlinks: [[a, b]]\n').graph.getEdgeAttributes('a:1-b:1');
    expect(bare).toMatchObject({ ...ours, queuePackets: 1000 });
    expect(bare).not.toHaveProperty('bandwidthBps');
  });

  it('may run in parallel', () => {
    const { graph } = read('switches: { a: , b: }\nlinks: [[a, b], [b, a], { ends: [a, b], name: third }]\n');
    expect(graph.edges()).toEqual(['a:1-b:1', 'b:2-a:2', 'third']);
    expect(graph.neighbors('a')).toEqual(['b']);
  });

  it('may be bare', () => {
    const { graph } = read('switches:\nhosts: { h1: {}, h2: , h3: null }\nlinks:\n');
    expect(graph.nodes()).toEqual(['h1', 'h2', 'h3']);
    expect(graph.getNodeAttributes('h2')).toEqual({
      type: 'host',
      kind: 'host',
      ip: { address: 0x0a000002, prefixLength: 8 },
      mac: 2,
      labels: {},
    });
  });

  it('may be named in any script, and like numbers', () => {
    const { graph } = read('switches: { 网关-1: , "10": , a: , "2": }\nlinks: [[网关-1, "10:7"], [a, "2"]]\n');
    expect(graph.nodes()).toEqual(['网关-1', '10', 'a', '2']);
    expect(graph.edges()).toEqual(['网关-1:1-10:7', 'a:1-2:1']);
  });

  it('may be written with aliases', () => {
    const { graph } = read(
      'switches: { a: &gateway { tier: edge }, b: *gateway }\nlinks: [&link [a, b], *link, { ends: *link, delay: &slow 20ms, jitter: *slow }]\n',
    );
    expect(graph.getNodeAttribute('b', 'tier')).toBe('edge');
    expect(graph.size).toBe(3);
    expect(graph.getEdgeAttribute('a:3-b:3', 'jitter')).toBe(20_000_000);
  });
});

describe('tiers', () => {
  it('are those of the list', () => {
    expect(read('tiers: [x, y, z]\nswitches: { a: { tier: y } }\n').tiers).toEqual(['x', 'y', 'z']);
  });

  it('are those that are used, where there is no list', () => {
    expect(read('switches: { a: { tier: y }, b: , c: { tier: x }, d: { tier: y } }\n').tiers).toEqual(['y', 'x']);
  });
});
