import { describe, expect, it } from 'vitest';
import { loadTopology } from '../../topologies/loader.ts';
import { isConnectedWithout, listHosts, listLinks, listSwitches } from './topology-text.ts';

describe('topologies/triangle.yaml', () => {
  const topology = loadTopology('topologies/triangle.yaml');

  it('is three switches in a loop, a host at each', () => {
    expect(topology.name).toBe('triangle');
    expect(listSwitches(topology)).toEqual(['s1=1', 's2=2', 's3=3']);
    expect(listHosts(topology)).toEqual([
      'h1 10.0.0.1/8 00:00:00:00:00:01',
      'h2 10.0.0.2/8 00:00:00:00:00:02',
      'h3 10.0.0.3/8 00:00:00:00:00:03',
    ]);
    expect(listLinks(topology)).toEqual(['h1:0-s1:1', 'h2:0-s2:1', 'h3:0-s3:1', 's1:2-s2:2', 's2:3-s3:2', 's3:3-s1:3']);
    expect(topology.warnings).toEqual([]);
  });

  it('has a loop: no link between switches is missed', () => {
    for (const link of ['s1:2-s2:2', 's2:3-s3:2', 's3:3-s1:3']) expect(isConnectedWithout(link, topology)).toBe(true);
  });
});

describe('topologies/attached.yaml', () => {
  const topology = loadTopology('topologies/attached.yaml');

  it('has a port for each kind of socket, which no link has taken', () => {
    expect(topology.warnings).toEqual([]);
    expect(listLinks(topology)).toEqual(['edge-1:1-server:0', 'edge-1:2-probe:0']);
    const ports = topology.attachments.map(({ port, unix, tcp, udp }) => [port, unix ?? tcp?.port ?? udp?.port]);
    expect(ports).toEqual([
      [9, 'topologies/run/vm.sock'],
      [10, 'topologies/run/program.sock'],
      [11, 9011],
      [12, 9012],
    ]);
  });
});

describe('topologies/queues.yaml', () => {
  it('has three queues on the trunk, in tenths of a percent', () => {
    const topology = loadTopology('topologies/queues.yaml');
    expect(topology.warnings).toEqual([]);
    expect([...topology.graph.getEdgeAttribute('trunk', 'queues')!]).toEqual([
      ['1', { minRate: 200 }],
      ['2', { maxRate: 100 }],
      ['3', {}],
    ]);
  });
});

describe('topologies/guests.yaml', () => {
  const topology = loadTopology('topologies/guests.yaml');

  it('has guests of every kind on two nodes, each of which is on the network', () => {
    expect(topology.warnings).toEqual([]);
    const guests = topology.graph.mapNodes((name, node) => {
      if (node.type !== 'host' || node.kind === 'host') return [];
      return [`${name} ${node.kind} on ${node.on} ${node.start ?? 'running'}`];
    });
    expect(guests.flat()).toEqual([
      'db vm on server-1 running',
      'web container on server-1 cold',
      'edge microvm on server-2 cold',
      'scan unikernel on server-2 later',
    ]);
    expect([...topology.servers.values()].map(({ host }) => host)).toEqual(['hv-1', 'hv-2']);
  });

  it('lets the virtual machine move: it has a link on each node', () => {
    const nodes = topology.graph.mapEdges('db', (_link, { node }) => node);
    expect(nodes).toEqual(['server-1', 'server-2']);
  });
});

describe('topologies/services.yaml', () => {
  it('has a host that serves what the others, and a machine outside, ask for', () => {
    const topology = loadTopology('topologies/services.yaml');
    expect(topology.warnings).toEqual([]);
    expect(listHosts(topology).map((host) => host.replace(/ [0-9a-f:]+$/, ''))).toEqual([
      ...['server 10.1.1.1/24', 'h1 dhcp', 'h2 dhcp', 'printer dhcp'],
    ]);
    const server = topology.graph.getNodeAttributes('server');
    expect(server.type === 'host' && Object.keys(server.services ?? {})).toEqual(['dhcp', 'dns', 'http']);
    expect([...topology.servedFiles!.get('server')!.keys()]).toEqual(['/boot.ipxe', '/index.html']);
    expect(topology.attachments).toMatchObject([{ unix: 'topologies/run/vm.sock' }]);
  });
});

describe('topologies/edge-gateway.yaml', () => {
  const topology = loadTopology('topologies/edge-gateway.yaml');
  const { graph } = topology;
  const isSwitch = (name: string) => graph.getNodeAttribute(name, 'type') === 'switch';

  it('has nothing that its author did not mean', () => {
    expect(topology.warnings).toEqual([]);
    expect(topology.tiers).toEqual(['terminal', 'gateway', 'platform', 'datacenter']);
    expect(isConnectedWithout(undefined, topology)).toBe(true);
  });

  it('stays connected without any single link between switches', () => {
    const links = graph.filterEdges((_link, _attributes, a, b) => isSwitch(a) && isSwitch(b));
    expect(links).toEqual(expect.arrayContaining(['uplink-a', 'uplink-b', 'trunk-1', 'trunk-2']));
    for (const link of links) expect(isConnectedWithout(link, topology), link).toBe(true);
  });

  it('has at each gateway the terminals of its plant, and the container that makes it one', () => {
    for (const [gateway, site] of [
      ['gw-1', 'plant-a'],
      ['gw-2', 'plant-b'],
    ]) {
      const hosts = graph.filterNeighbors(gateway!, (name) => !isSwitch(name));
      expect(hosts).toHaveLength(5);
      for (const host of hosts) expect(graph.getNodeAttribute(host, 'site')).toBe(site);
      expect(
        hosts.filter((host) => graph.getNodeAttributes(host).type === 'host' && onOf(host) === gateway),
      ).toHaveLength(1);
    }
  });

  it('has its virtual machines on servers that bear them', () => {
    const guests = graph.filterNodes((_name, node) => node.type === 'host' && node.kind === 'vm');
    expect(guests.sort()).toEqual(['analytics', 'historian', 'ingest', 'scada']);
    for (const guest of guests) expect([...topology.servers.keys()]).toContain(onOf(guest));
  });

  function onOf(host: string): string | undefined {
    const node = graph.getNodeAttributes(host);
    return node.type === 'host' ? node.on : undefined;
  }
});
