/** The services of `topologies/services.yaml`, host by host, over sockets: leases, names and files that a topology asks for. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { formatIp, type IpAddress } from '../../../protocol/wire/ip-address.ts';
import { SECOND } from '../../../sim/clock.ts';
import type { HttpResult } from '../../../sim/service/http/http-client.ts';
import { NetworkServices } from '../../../sim/service/network-services.ts';
import { loadTopology } from '../../../topologies/loader.ts';
import type { Topology } from '../../../topologies/model.ts';
import { type MemoryHost, MemoryNetwork } from './memory-network.ts';

function build(topology: Topology = loadTopology('topologies/services.yaml')) {
  const network = new MemoryNetwork();
  const hosts = new Map<string, MemoryHost>();
  topology.graph.forEachNode((name, node) => {
    if (node.type !== 'host') return;
    const { ip } = node;
    hosts.set(name, ip === 'dhcp' ? network.createHost(name) : network.createHost(name, ip.address, ip.prefixLength));
  });
  const macs = new Map([...hosts.values()].map((host) => [host.name, host.mac]));
  // The hosts here have MACs of their own; what is reserved is reserved for the file's.
  topology.graph.updateEachNodeAttributes((name, node) =>
    node.type === 'host' ? { ...node, mac: macs.get(name)! } : node,
  );
  const services = new NetworkServices(topology, (name) => hosts.get(name));
  const resolve = (from: string, name: string): string => {
    let text = 'nothing';
    services.resolverOf(from).resolve(name, 'a', (result) => {
      text = result.type === 'found' ? result.addresses.map(formatIp).join(' ') : result.type;
    });
    network.run(SECOND);
    return text;
  };
  const fetch = (from: string, url: string): string => {
    let result: HttpResult | undefined;
    services.httpClientOf(from).ask(
      { url },
      {
        done: (given) => {
          result = given;
        },
      },
    );
    network.run(SECOND);
    if (result?.type !== 'answered') return result?.reason ?? 'nothing';
    return `${result.status} ${new TextDecoder().decode(result.body).split('\n')[0]}`;
  };
  const addressOf = (name: string): IpAddress | undefined => hosts.get(name)!.addresses[0];
  return { network, hosts, services, resolve, fetch, addressOf };
}

describe('topologies/services.yaml', () => {
  it('gives every host an address, a name and a page', () => {
    const { network, services, hosts, resolve, fetch, addressOf } = build();
    services.startAll();
    network.run(5 * SECOND);
    expect([...hosts.keys()].map((name) => formatIp(addressOf(name)!)).sort()).toEqual([
      ...['10.1.1.1', '10.1.1.100', '10.1.1.101', '10.1.1.9'],
    ]);
    expect(hosts.get('h1')!.nameServers.map(formatIp)).toEqual(['10.1.1.1']);
    expect(resolve('h1', 'printer')).toBe('10.1.1.9');
    expect(resolve('h1', 'h2.plant.internal')).toBe(formatIp(addressOf('h2')!));
    expect(resolve('h2', 'gateway')).toBe('10.1.1.254');
    expect(resolve('server', 'h1')).toBe(formatIp(addressOf('h1')!));
    expect(fetch('h1', 'http://www/')).toBe('200 <!doctype html>');
    expect(fetch('h1', 'http://server/boot.ipxe')).toBe('200 #!ipxe');
    expect(fetch('h1', 'http://server/nothing')).toBe('404 Not Found');
    expect(fetch('h1', 'http://nobody/')).toBe('no-such-name');
  });

  it('gives a host that was switched off the address that it had, also when the server was off too', () => {
    const { network, services, hosts, addressOf } = build();
    services.startAll();
    network.run(5 * SECOND);
    const before = addressOf('h2');
    for (const name of ['h2', 'server']) services.stop(name);
    expect(addressOf('h2')).toBeUndefined();
    services.start('server');
    services.stop('h1');
    services.start('h1');
    network.run(5 * SECOND);
    services.start('h2');
    network.run(5 * SECOND);
    expect(addressOf('h2')).toBe(before);
    expect(hosts.get('h1')!.ipv4).toBeDefined();
    expect(services.of('server').dhcpServer?.leases).toHaveLength(3);
  });

  it('says when there is no address left', () => {
    const text = { pool: { first: 0x0a010164, last: 0x0a010164 } };
    const topology = loadTopology('topologies/services.yaml');
    topology.graph.updateEachNodeAttributes((name, node) =>
      name === 'server' && node.type === 'host' ? { ...node, services: { dhcp: text } } : node,
    );
    const { network, services, addressOf } = build(topology);
    const notices: string[] = [];
    services.notice = (server, { type }) => notices.push(`${server} ${type}`);
    services.startAll();
    network.run(5 * SECOND);
    expect(['h1', 'h2', 'printer'].filter((name) => addressOf(name) !== undefined)).toHaveLength(1);
    expect(notices).toContain('server pool-exhausted');
  });
});

describe('files that are served', () => {
  const folders: string[] = [];
  const write = (files: Readonly<Record<string, string>>, served = 'www'): string => {
    const folder = mkdtempSync(join(tmpdir(), 'sluice-served-'));
    folders.push(folder);
    mkdirSync(join(folder, 'www/deep'), { recursive: true });
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
    const path = join(folder, 't.yaml');
    const head = 'apiVersion: sluice/v1\nkind: Topology\nname: t\nswitches: { s1: }\nlinks: [[h1, s1]]\n';
    writeFileSync(path, `${head}hosts: { h1: { services: { http: { files: ${served} } } } }\n`);
    return path;
  };

  afterEach(() => {
    for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
  });

  it('are those below a folder beside the file, by their paths', () => {
    const path = write({ 'www/a.txt': 'a', 'www/deep/b': 'b', 'c.txt': 'c' });
    const files = loadTopology(path).servedFiles!.get('h1')!;
    expect([...files].map(([name, bytes]) => `${name} ${bytes.length}`)).toEqual(['/a.txt 1', '/deep/b 1']);
  });

  it('are refused at their place when they are not there, are no folder, or lead elsewhere', () => {
    expect(() => loadTopology(write({}, 'nowhere'))).toThrow(
      /t\.yaml:6:43: there is no such folder; make it, or remove this$/,
    );
    expect(() => loadTopology(write({ 'www/a': 'a' }, 'www/a'))).toThrow(
      'this is no folder; write the one that the file is in',
    );
    const path = write({});
    symlinkSync('/etc', join(path, '../www/etc'));
    expect(() => loadTopology(path)).toThrow('/etc in it is neither a file nor a folder; copy what is meant there');
  });

  it('are no more than a thousand', () => {
    const many = Object.fromEntries(Array.from({ length: 1001 }, (_, i) => [`www/f${i}`, '']));
    expect(() => loadTopology(write(many))).toThrow('it has more than 1000 files; serve fewer');
  });
});
