import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { EXPORTS } from '../../topologies/export/formats.ts';
import { loadTopology } from '../../topologies/loader.ts';
import { ROOT } from '../sluice-program.ts';
import { MININET_NETWORKS } from '../topologies/mininet-networks.ts';
import { describeTopology, listHosts, listLinks, listSwitches } from '../topologies/topology-text.ts';

const folder = mkdtempSync(join(tmpdir(), 'sluice-topo-'));
afterAll(() => rmSync(folder, { recursive: true }));

function topo(...args: readonly string[]) {
  const run = spawnSync(process.execPath, [join(ROOT, 'cli/sluice.mjs'), 'topo', ...args], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  return {
    status: run.status,
    stdout: run.stdout,
    stderr: run.stderr.replace(/^sluice: (compiling|building).*\n/gm, ''),
  };
}

function write(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

const GATEWAY = 'topologies/edge-gateway.yaml';
const HEAD = 'apiVersion: sluice/v1\nkind: Topology\nname: t\n';
const BAD = write('bad.yaml', `${HEAD}switches: { s1: }\nhosts: { h1: { ip: 10.0.0.1 } }\nlinks: [[h1, s2]]\n`);
const ODD = write('odd.yaml', `${HEAD}switches: { s1: }\nhosts: { h1: }\n`);

describe('sluice topo check', () => {
  it('says of each file what it holds, and exits with 0', () => {
    expect(topo('check', 'topologies/triangle.yaml', 'topologies/edge-gateway.yaml', 'linear,2')).toEqual({
      status: 0,
      stdout:
        'topologies/triangle.yaml: ok, 3 switches, 3 hosts, 6 links\n' +
        'topologies/edge-gateway.yaml: ok, 6 switches, 14 hosts, 2 nodes, 22 links\n' +
        'linear,2: ok, 2 switches, 2 hosts, 3 links\n',
      stderr: '',
    });
  });

  it('exits with 3 when a file has errors, with the mistakes of all files and their places, and checks the others, too', () => {
    const { status, stdout, stderr } = topo('check', BAD, ODD, 'linear,x');
    expect([status, stdout]).toEqual([3, `${ODD}: ok, 1 switch, 1 host, 0 links\n`]);
    expect(stderr.split('\n')).toEqual([
      `${BAD}:5:20: 10.0.0.1 lacks its prefix length; write 10.0.0.1/24, say`,
      `${BAD}:6:14: there is no switch or host s2; add it to switches or hosts`,
      `${ODD}:5:10: warning: h1 has no link; add one, such as [h1, s1]`,
      'linear,x:1:8: k must be a whole number of switches, not "x"',
      '',
    ]);
  });
});

describe('sluice topo show', () => {
  it('lists everything with the numbers that it will have', () => {
    expect(topo('show', 'tree,1,2').stdout).toBe(
      [
        'tree-1-2: 1 switch, 2 hosts, 2 links',
        '',
        'SWITCH  DPID  PORTS',
        's1      0x1   1-2',
        '',
        'HOST  IP          MAC                KIND  PORTS',
        'h1    10.0.0.1/8  00:00:00:00:00:01  host  0',
        'h2    10.0.0.2/8  00:00:00:00:00:02  host  0',
        '',
        'LINK       A     B',
        's1:1-h1:0  s1:1  h1:0',
        's1:2-h2:0  s1:2  h2:0',
        '',
      ].join('\n'),
    );
  });

  it('says the same as JSON and as YAML', () => {
    const json = JSON.parse(topo('show', 'topologies/edge-gateway.yaml', '-o', 'json').stdout);
    expect(json.counts).toEqual({ switches: 6, hosts: 14, nodes: 2, links: 22 });
    expect(json.switches[0]).toMatchObject({ name: 'gw-1', dpid: '0x11', tier: 'gateway', site: 'plant-a' });
    expect(json.switches[0].ports).toContainEqual({ port: 11, link: 'uplink-a', peer: 'edge-1', peerPort: 11 });
    expect(json.links).toContainEqual({
      name: 'trunk-1',
      a: 'edge-1',
      aPort: 2,
      b: 'core-1',
      bPort: 1,
      bandwidth: '1Gbps',
      delay: '8ms',
      queue: 512,
    });
    const yaml = topo('show', 'topologies/edge-gateway.yaml', '-o', 'yaml').stdout;
    expect(yaml).toContain('counts: { switches: 6, hosts: 14, nodes: 2, links: 22 }\n');
  });
});

describe('sluice topo convert', () => {
  it('writes what --to or the name of the file says, the same to a file and to standard output', () => {
    for (const [format, ending] of [
      ['yaml', 'yml'],
      ['dot', 'gv'],
      ['svg', 'svg'],
    ] as const) {
      const path = join(folder, `gateway.${ending}`);
      expect(topo('convert', GATEWAY, '-o', path)).toEqual({ status: 0, stdout: '', stderr: '' });
      expect(readFileSync(path, 'utf8')).toBe(EXPORTS[format].format(loadTopology(GATEWAY).document));
    }
    expect(topo('convert', GATEWAY, '--to', 'dot')).toEqual({
      status: 0,
      stdout: readFileSync(join(folder, 'gateway.gv'), 'utf8'),
      stderr: '',
    });
    expect(describeTopology(loadTopology(join(folder, 'gateway.yml')))).toEqual(
      describeTopology(loadTopology(GATEWAY)),
    );
  });

  it('leaves sockets where they are when the file comes to stand elsewhere', () => {
    mkdirSync(join(folder, 'deep'));
    const path = join(folder, 'deep/attached.yaml');
    expect(topo('convert', 'topologies/attached.yaml', '-o', path).status).toBe(0);
    const { attachments } = loadTopology(path);
    expect(relative(ROOT, join(attachments[0]!.unix!))).toBe('topologies/run/vm.sock');
  });

  it('prints warnings on standard error, errors with exit status 3, and writes nothing then', () => {
    const odd = topo('convert', ODD, '--to', 'dot');
    expect([odd.status, odd.stderr]).toEqual([0, `${ODD}:5:10: warning: h1 has no link; add one, such as [h1, s1]\n`]);
    const { status, stdout } = topo('convert', BAD, '--to', 'dot');
    expect([status, stdout]).toEqual([3, '']);
  });

  it('exits with 2 when it cannot tell the format, or cannot write', () => {
    const nameless = topo('convert', 'linear,2', '-o', join(folder, 'network'));
    expect([nameless.status, nameless.stdout]).toEqual([2, '']);
    expect(nameless.stderr).toContain('--to yaml|json|graphml|dot|mermaid|svg');
    const nowhere = topo('convert', 'linear,2', '-o', join(folder, 'no/such/folder.svg'));
    expect([nowhere.status, nowhere.stderr.startsWith('it cannot be written: ENOENT')]).toEqual([2, true]);
    const huge = topo('convert', 'single,5000', '--to', 'svg');
    expect([huge.status, huge.stdout]).toEqual([2, '']);
    expect(huge.stderr).toContain('more than a svg of ours shows');
  });

  it('takes a file for what --from says', () => {
    expect(topo('check', '--from', 'yaml', 'linear,2').stderr).toContain('linear,2:1:1: there is no such file');
  });
});

describe('sluice topo generate', () => {
  it.each(['tree,3,3', 'linear,16', 'torus,4,4'])("gives Mininet's names, datapath ids and ports: %s", (shorthand) => {
    const path = join(folder, `${shorthand}.yaml`);
    expect(topo('generate', '--topo', shorthand, '-o', path)).toEqual({ status: 0, stdout: '', stderr: '' });
    const { switches, hosts, links } = MININET_NETWORKS.find((network) => network.shorthand === shorthand)!;
    const read = loadTopology(path);
    expect(listSwitches(read)).toEqual(switches);
    expect(listHosts(read).map((line) => line.split(' ')[0])).toEqual(hosts);
    expect(listLinks(read)).toEqual(links);
  });

  it('takes the numbers of a network by name, and figures for its links', () => {
    const { status, stdout } = topo(
      'generate',
      'leaf-spine',
      '--leaves',
      '2',
      '--n',
      '1',
      '--bandwidth',
      '1Gbps',
      '--loss',
      '0.1%',
    );
    expect(status).toBe(0);
    const path = write('leaf-spine.yaml', stdout);
    const { graph } = loadTopology(path);
    expect(graph.order).toBe(6);
    graph.forEachEdge((_edge, link) => expect(link).toMatchObject({ bandwidthBps: 1e9, loss: 0.001 }));
    // Before the name of the network an option means the same as behind it.
    expect(topo('generate', '--to', 'dot', 'ring', '--k', '3').stdout).toMatch(/^graph "ring-3-1" \{\n/);
  });

  it('gives the same bytes for the same seed, in another process', () => {
    const run = () => topo('generate', 'waxman', '--k', '12', '--seed', '7', '--to', 'svg').stdout;
    expect(run()).toBe(run());
  });

  it('exits with 2 when it is called wrongly, and says how it is called', () => {
    expect(topo('generate').status).toBe(2);
    expect(topo('generate', 'fattree,4')).toMatchObject({
      status: 3,
      stderr: expect.stringMatching(/did you mean fat-tree/),
    });
    expect(topo('generate', 'ring,3', '--topo', 'ring,4').status).toBe(2);
    expect(topo('generate', 'tree,2,2').stdout).toBe(topo('generate', '--topo', 'tree,2,2').stdout);
    expect(topo('generate', 'fat-tree', '--k', '5')).toEqual({
      status: 2,
      stdout: '',
      stderr: 'k must be even; take 4 or 6\n',
    });
    expect(topo('generate', 'fat-tree', '--bandwidth', '5').stderr).toContain('5 has no unit');
    expect(topo('generate', '--topo', 'tree,0').status).toBe(3);
    expect(topo('generate', 'fat-tree', '--help').stdout).toContain('ports per switch (2 to 254; 4 without it)');
  });
});
