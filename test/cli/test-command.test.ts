import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { readCapture } from '../../protocol/wire/capture/capture.ts';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const folder = mkdtempSync(join(tmpdir(), 'sluice-'));
afterAll(() => rmSync(folder, { recursive: true }));

function test(...args: readonly string[]) {
  const run = spawnSync(process.execPath, [join(root, 'cli/sluice.mjs'), 'test', ...args], {
    cwd: root,
    encoding: 'utf8',
  });
  return { status: run.status, stdout: run.stdout, stderr: run.stderr };
}

/** A scenario file of that name on Mininet's `linear,2`. */
function write(name: string, ...steps: readonly string[]): string {
  const path = join(folder, `${name}.yaml`);
  const list = steps.map((step) => `  - ${step}\n`).join('');
  writeFileSync(path, `apiVersion: sluice/v1\nkind: Scenario\nname: ${name}\ntopology: linear,2\nsteps:\n${list}`);
  return path;
}

const TRIANGLE = 'topologies/scenarios/triangle.yaml';
const GATEWAY = 'topologies/scenarios/gateway-failover.yaml';
const WAIT = '{ name: converges, wait: { until: { flows: installed } } }';
const FAILS = write('fails', WAIT, '{ name: no echo, ping: { from: h1, to: h2 }, expect: { loss: 100% } }', WAIT);

describe('sluice test', () => {
  it('runs scenarios, exits with 0, and says the same of them byte for byte in another process', () => {
    const report = (name: string) => join(folder, name);
    const run = (name: string) =>
      test(TRIANGLE, GATEWAY, '--json', report(`${name}.json`), '--junit', report(`${name}.xml`));
    const [first, second] = [run('first'), run('second')];
    expect(first.status).toBe(0);
    expect(first.stdout).toContain('2 runs of 17 steps');
    expect(first.stdout).not.toContain('FAIL');
    expect(second.stdout).toBe(first.stdout);
    for (const type of ['json', 'xml']) {
      expect(readFileSync(report(`second.${type}`), 'utf8')).toBe(readFileSync(report(`first.${type}`), 'utf8'));
    }
    const { runs } = JSON.parse(readFileSync(report('first.json'), 'utf8'));
    expect(runs).toMatchObject([
      { scenario: 'triangle', seed: 42, isPassed: true, frames: { isConserved: true } },
      { scenario: 'gateway-failover', seed: 42, isPassed: true, frames: { isConserved: true } },
    ]);
    expect(readFileSync(report('first.xml'), 'utf8')).toContain('<testsuite name="triangle"');
  });

  it('gives the same trace for the same seed in two fresh processes, and another for another seed', () => {
    const net = join(folder, 'lossy.yaml');
    const head = 'apiVersion: sluice/v1\nkind: Topology\nname: net\nswitches: { s1: }\nhosts: { h1: , h2: }\n';
    writeFileSync(net, `${head}links: [{ ends: [h1, s1], loss: 30% }, [h2, s1]]\n`);
    const scenario = join(folder, 'traced.yaml');
    const ping =
      '{ name: some arrive, ping: { from: h1, to: h2, count: 30, interval: 10ms }, expect: { loss: < 100% } }';
    const steps = `  - ${WAIT}\n  - ${ping}\n`;
    writeFileSync(
      scenario,
      `apiVersion: sluice/v1\nkind: Scenario\nname: traced\ntopology: lossy.yaml\nsteps:\n${steps}`,
    );
    const traces = (seed: string) =>
      [...test(scenario, '--seed', seed).stdout.matchAll(/^ +trace ([0-9a-f]{16})$/gm)].map((found) => found[1]);
    const first = traces('7');
    expect(first).toHaveLength(1);
    expect(traces('7')).toEqual(first);
    expect(traces('8')).not.toEqual(first);
  });

  it('warns once that nobody plugs into attach ports in virtual time, and runs without them', () => {
    const net = join(folder, 'net.yaml');
    const head = 'apiVersion: sluice/v1\nkind: Topology\nname: net\n';
    const attach = 'attach: [{ switch: s1, port: 7, unix: run/p.sock }, { switch: s1, port: 8, udp: "127.0.0.1:9" }]\n';
    writeFileSync(net, `${head}switches: { s1: }\nhosts: { h1: , h2: }\nlinks: [[h1, s1], [h2, s1]]\n${attach}`);
    const scenario = join(folder, 'attached.yaml');
    const ping = '{ name: echo, ping: { from: h1, to: h2 }, expect: { loss: 0% } }';
    const steps = `steps:\n  - ${WAIT}\n  - ${ping}\n`;
    writeFileSync(scenario, `apiVersion: sluice/v1\nkind: Scenario\nname: attached\ntopology: net.yaml\n${steps}`);
    const { status, stderr } = test(scenario, scenario, '--repeat', '2');
    const reason = 'nothing outside can be attached in virtual time; the links of ports under attach stay down';
    expect([status, stderr]).toEqual([0, `${scenario}: warning: ${reason}\n`]);
  });

  it('keeps the captures of runs that fail, or of all, and says so when it was not told where', () => {
    const scenario = join(folder, 'captured.yaml');
    const ping = (loss: string) => `{ name: echo, ping: { from: h1, to: h2 }, expect: { loss: ${loss} } }`;
    const save = (when: string, loss: string) =>
      writeFileSync(
        scenario,
        `apiVersion: sluice/v1\nkind: Scenario\nname: captured\ntopology: linear,2\nsteps:\n  - ${WAIT}\n  - ${ping(loss)}\nartifacts: { pcap: { links: "s2:2-s1:2", when: ${when} } }\n`,
      );
    const kept = join(folder, 'kept', 'here');
    save('failure', '0%');
    expect(test(scenario, '--artifacts', kept)).toMatchObject({ status: 0, stderr: '' });
    expect(readdirSync(kept)).toEqual([]);
    expect(test(scenario).stderr).toContain(`${scenario}: warning: nothing is captured; say where to keep it`);
    save('failure', '100%');
    const failed = test(scenario, '--artifacts', kept, '--seed', '5');
    expect(failed).toMatchObject({ status: 1 });
    expect(failed.stderr).toMatch(/^kept .*\/here\/captured-seed-5\.pcapng: \d+ packets\n$/);
    save('always', '0%');
    expect(test(scenario, scenario, '--artifacts', kept, '--repeat', '2')).toMatchObject({ status: 0 });
    const files = ['captured-seed-1-2.pcapng', 'captured-seed-1.pcapng', 'captured-seed-2-2.pcapng'];
    expect(readdirSync(kept).sort()).toEqual([...files, 'captured-seed-2.pcapng', 'captured-seed-5.pcapng']);
    const [again, once] = files.map((name) => readFileSync(join(kept, name)));
    expect(again!.equals(once!)).toBe(true);
    expect([...readCapture(once!)].length).toBeGreaterThan(4);
    expect(test(scenario, '--artifacts', scenario)).toMatchObject({ status: 2 });
  });

  it('exits with 1 when an expectation fails, and stops there with --fail-fast', () => {
    const { status, stdout } = test(FAILS, TRIANGLE);
    expect(status).toBe(1);
    expect(stdout).toContain(
      '  FAIL  no echo\n        expected  loss 100%\n        measured  h1 to h2: 0% (3 of 3 came back)\n',
    );
    expect(stdout).toContain('2 runs of 11 steps');
    const fast = test(FAILS, TRIANGLE, '--fail-fast', '--tap');
    expect(fast.status).toBe(1);
    expect(fast.stdout).toContain('1..4\n');
    expect(fast.stdout).toContain('not ok 2 - fails (seed 1): no echo');
    expect(fast.stdout).toContain('# SKIP');
  });

  it('repeats each scenario with the next seed, from the one that is given', () => {
    const { status, stdout } = test(TRIANGLE, GATEWAY, '--filter', 'angle', '--seed', '7', '--repeat', '3');
    expect(status).toBe(0);
    expect(stdout.match(/seed \d+/g)).toEqual(['seed 7', 'seed 8', 'seed 9']);
  });

  it('exits with 2 when there is nothing to run, or nothing that could fail', () => {
    const nothing = test(TRIANGLE, '--filter', 'no such name');
    expect(nothing).toEqual({ status: 2, stdout: '', stderr: 'no scenario has "no such name" in its name\n' });
    const idle = write('idle', '{ name: a, wait: { for: 1s } }', '{ name: b, ping: { from: h1, to: h2 } }');
    const { status, stdout, stderr } = test(idle, TRIANGLE);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toBe(
      `${idle}: a test that cannot fail is not a test; give a ping something to expect, or wait until something holds\n`,
    );
    expect(test().status).toBe(2);
    expect(test(TRIANGLE, '--repeat', '0').status).toBe(2);
  });

  it('exits with 3 when a file is invalid, with the mistakes of all files, and runs none', () => {
    const bad = write('bad', '{ name: a, ping: { from: h1, to: h9 } }', '{ name: b, link: { name: x, state: on } }');
    const lost = join(folder, 'lost.yaml');
    const { status, stdout, stderr } = test(bad, TRIANGLE, lost);
    expect({ status, stdout }).toEqual({ status: 3, stdout: '' });
    expect(stderr.split('\n')).toEqual([
      `${bad}:6:38: there is no host h9 in linear-2-1; its hosts are h1, h2`,
      `${bad}:7:30: there is no link x in linear-2-1; its links are h1:0-s1:1, h2:0-s2:1, s2:2-s1:2`,
      `${bad}:7:40: state must be up or down, not "on"`,
      `${lost}:1:1: there is no such file; give the path of a scenario, such as topologies/scenarios/triangle.yaml`,
      '',
    ]);
  });

  it('lists what there is to run with --list, and runs nothing', () => {
    expect(test(FAILS, '--list')).toEqual({
      status: 0,
      stdout: `fails (${FAILS})\n  converges\n  no echo\n  converges\n`,
      stderr: '',
    });
  });
});
