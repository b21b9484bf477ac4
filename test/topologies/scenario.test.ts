import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { countExpectations, type Scenario } from '../../topologies/scenario.ts';
import { holds } from '../../topologies/scenario-comparison.ts';
import { decodeScenario, parseScenario } from '../../topologies/scenario-file.ts';
import { loadScenario } from '../../topologies/scenario-loader.ts';
import { parseTopology } from '../../topologies/topology-file.ts';
import { messagesOf, unmark } from './bad-documents.ts';
import { BAD_SCENARIOS, NETWORK, SCENARIO_HEAD } from './scenario-bad-documents.ts';

function parse(text: string, network = NETWORK): Scenario {
  return parseScenario(text, 't.yaml', (name) => parseTopology(network, name));
}

const stepOf = (yaml: string) => parse(`${SCENARIO_HEAD}steps:\n  - { name: a, ${yaml} }\n`).steps[0]!;

describe('a bad scenario is refused with every mistake at its place', () => {
  it.each(BAD_SCENARIOS.map((row) => [row.title, row] as const))('%s', (_title, row) => {
    const { file, messages } = unmark(row);
    expect(messagesOf(() => parse(file))).toEqual(messages);
  });

  it('wherever it was cut off, or it is a file', () => {
    const text = `${SCENARIO_HEAD}steps:\n  - { name: a, at: +1s, ping: { from: [h1], to: { all: true } }, expect: { loss: 0% } }\n`;
    for (let length = 0; length < text.length; length++) {
      for (const message of messagesOf(() => parse(text.slice(0, length))))
        expect(message).toMatch(/^t\.yaml:\d+:\d+: .+/);
    }
    expect(messagesOf(() => parse(text))).toEqual([]);
  });

  it('when it is too large, or no text', () => {
    expect(messagesOf(() => parse('#'.repeat((1 << 20) + 1)))).toEqual([
      't.yaml:1:1: this is larger than 1 MiB; split the scenario',
    ]);
    const bytes = Uint8Array.of(...Buffer.from(`${SCENARIO_HEAD}x: `), 0xe4);
    const load = () => parseTopology(NETWORK, 'net.yaml');
    expect(messagesOf(() => decodeScenario(bytes, 't.yaml', load))).toEqual([
      't.yaml:5:4: this is not UTF-8 text; save the file as UTF-8',
    ]);
  });

  it('when its network has mistakes of its own, at their places', () => {
    const network = 'apiVersion: sluice/v1\nkind: Topology\nname: net\nhosts: { h1: { ip: x } }\n';
    expect(messagesOf(() => parse(`${SCENARIO_HEAD}clock: real\n`, network))).toEqual([
      't.yaml:4:11: this topology cannot be used; what is wrong with it follows',
      't.yaml:5:8: real time is still to come; write virtual, or leave the key out',
      'net.yaml:4:20: "x" is not an IPv4 address; write 10.1.1.21/24, say, or dhcp',
    ]);
  });

  it('when all of a large network is to ping all of it', () => {
    const hosts = Array.from({ length: 102 }, (_, i) => `  h${i}:\n`).join('');
    const network = `apiVersion: sluice/v1\nkind: Topology\nname: net\nhosts:\n${hosts}`;
    const text = `${SCENARIO_HEAD}steps: [{ name: a, ping: { from: { all: true }, to: { all: true } } }]\n`;
    expect(messagesOf(() => parse(text, network))).toEqual([
      't.yaml:5:20: 10404 pairs with 3 requests each are too many for one step; select fewer hosts',
    ]);
  });
});

describe('a scenario', () => {
  it('has a default for whatever a file may leave out', () => {
    const scenario = parse(`${SCENARIO_HEAD}steps: [{ name: a, ping: { from: h1, to: h2 } }]\n`);
    expect(scenario).toMatchObject({ name: 't', file: 't.yaml', seed: 1 });
    expect(scenario.steps).toEqual([
      {
        name: 'a',
        type: 'ping',
        afterNs: 0,
        pairs: [{ from: 'h1', to: 'h2' }],
        leftOut: [],
        count: 3,
        intervalNs: 200_000_000,
        timeoutNs: 1_000_000_000,
        expect: {},
      },
    ]);
    expect(parse(SCENARIO_HEAD).steps).toEqual([]);
  });

  it('selects by name, list or properties, each of from with each of to, and nobody with itself', () => {
    const pairsOf = (from: string, to: string) => {
      const step = stepOf(`ping: { from: ${from}, to: ${to} }`);
      return step.type === 'ping' ? step.pairs.map((pair) => `${pair.from}>${pair.to}`).join(' ') : '';
    };
    expect(pairsOf('h1', '[h2, h1, h2]')).toBe('h1>h2');
    expect(pairsOf('{ all: true }', '{ all: true }')).toBe('h1>h2 h2>h1');
    expect(pairsOf('{ tier: edge, site: plant-b }', '{ app: control }')).toBe('h2>h1');
    expect(pairsOf('{ names: [h2] }', '{ kind: host }')).toBe('h2>h1');
    expect(pairsOf('{ names: h2 }', '{ kind: host }')).toBe('h2>h1');
  });

  it('tells whom a selector passed over, because it has no address', () => {
    expect(stepOf('ping: { from: { all: true }, to: h1 }')).toMatchObject({
      pairs: [{ from: 'h2', to: 'h1' }],
      leftOut: ['h3'],
    });
  });

  it('takes what an alias stands for, where it stands for different things', () => {
    const steps = `steps:
  - { name: a, ping: &p { from: &h h1, to: h2, count: &n 3 }, expect: { received: *n } }
  - { name: b, ping: { from: [*h], to: { names: [h2] }, count: *n } }
  - { name: c, ping: *p }
`;
    const [a, b, c] = parse(SCENARIO_HEAD + steps).steps;
    expect(a).toMatchObject({ count: 3, expect: { received: { operator: '=', value: 3 } } });
    expect(b).toMatchObject({ count: 3, pairs: [{ from: 'h1', to: 'h2' }] });
    expect(c).toMatchObject({ count: 3, pairs: [{ from: 'h1', to: 'h2' }] });
  });

  it('compares exactly, or as the sign says', () => {
    const step = stepOf(
      'ping: { from: h1, to: h2 }, expect: { loss: <= 5%, received: ">= 1", rtt: < 1.5ms, duplicates: 0 }',
    );
    if (step.type !== 'ping') throw new Error('a ping is a ping');
    const { loss, received, rtt, duplicates } = step.expect;
    expect([0, 0.05, 0.051].map((value) => holds(loss!, value))).toEqual([true, true, false]);
    expect([0, 1, 2].map((value) => holds(received!, value))).toEqual([false, true, true]);
    expect([1_499_999, 1_500_000].map((value) => holds(rtt!, value))).toEqual([true, false]);
    expect([0, 1].map((value) => holds(duplicates!, value))).toEqual([true, false]);
    expect(rtt!.text).toBe('< 1.5ms');
  });

  it('counts as expectations what can fail: conditions of a wait, and what a ping is to measure', () => {
    const count = (steps: string) => countExpectations(parse(`${SCENARIO_HEAD}steps: [${steps}]\n`));
    expect(count('')).toBe(0);
    expect(count('{ name: a, wait: { for: 1s } }, { name: b, ping: { from: h1, to: h2 } }')).toBe(0);
    expect(count('{ name: a, wait: { until: { flows: installed, links: found } } }')).toBe(2);
    expect(count('{ name: a, ping: { from: h1, to: h2 }, expect: { loss: 0% } }')).toBe(1);
  });
});

describe('loading a scenario', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  it('looks for its network from where it is, and takes a shorthand', () => {
    writeFileSync(join(folder, 'net.yaml'), NETWORK);
    const path = join(folder, 'scenario.yaml');
    writeFileSync(path, SCENARIO_HEAD);
    expect(loadScenario(path).topology.name).toBe('net');
    writeFileSync(path, SCENARIO_HEAD.replace('net.yaml', join(folder, 'net.yaml')));
    expect(loadScenario(path).topology.name).toBe('net');
    writeFileSync(path, SCENARIO_HEAD.replace('net.yaml', 'linear,3'));
    expect(loadScenario(path).topology.graph.order).toBe(6);
  });

  it('does not read a device to its end', () => {
    expect(messagesOf(() => loadScenario('/dev/zero'))).toEqual([
      '/dev/zero:1:1: this is larger than 1 MiB; split the scenario',
    ]);
  });

  it('says which of the two files is not there', () => {
    const path = join(folder, 'lost.yaml');
    const hint = 'there is no such file; give the path of';
    expect(messagesOf(() => loadScenario(path))).toEqual([
      `${path}:1:1: ${hint} a scenario, such as topologies/scenarios/triangle.yaml`,
    ]);
    writeFileSync(path, SCENARIO_HEAD.replace('net', 'nowhere'));
    expect(messagesOf(() => loadScenario(path))).toEqual([
      `${path}:4:11: this topology cannot be used; what is wrong with it follows`,
      `${join(folder, 'nowhere.yaml')}:1:1: ${hint} one, or a shorthand such as linear,3`,
    ]);
    expect(messagesOf(() => loadScenario(folder))).toEqual([
      `${folder}:1:1: this is a folder; give the path of a file in it`,
    ]);
  });
});
