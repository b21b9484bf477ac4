import { describe, expect, it } from 'vitest';
import { Lab } from '../../lab/lab.ts';
import type { ScenarioResult } from '../../lab/scenario-result.ts';
import { type RunOptions, runScenario } from '../../lab/scenario-runner.ts';
import { loadTopology } from '../../topologies/loader.ts';
import { parseScenario } from '../../topologies/scenario-file.ts';
import { CONVERGES, failuresOf } from './scenario-sample.ts';

const HEARD = '{ name: heard, ping: { from: { all: true }, to: { all: true }, count: 1 } }';
const PING = 'ping: { from: h1, to: h2, count: 2 }';
const CUT = '{ name: cut, link: { name: "s1:2-s2:2", state: down } }';
const MEND = '{ name: mend, link: { name: "s1:2-s2:2", state: up } }';

interface Sample {
  readonly default?: 'allow' | 'deny';
  readonly policies: readonly string[];
  readonly steps: readonly string[];
}

function parseSample({ default: otherwise = 'allow', policies, steps }: Sample) {
  const toList = (items: readonly string[]) => items.map((item) => `  - ${item}\n`).join('');
  const head = 'apiVersion: sluice/v1\nkind: Scenario\nname: t\ntopology: topologies/triangle.yaml\n';
  const text = `${head}default: ${otherwise}\npolicies:\n${toList(policies)}steps:\n${toList(steps)}`;
  return parseScenario(text, 't.yaml', loadTopology);
}

function run(sample: Sample, options?: RunOptions): ScenarioResult {
  const scenario = parseSample(sample);
  return runScenario(new Lab(scenario.topology, { seed: 1 }), scenario, options);
}

function namesOf({ steps }: ScenarioResult): readonly string[] {
  return steps.map(({ name, outcome }) => `${name}: ${outcome.type}`);
}

describe('policies of a scenario', () => {
  it('are in force before the first step, and hold behind the last', () => {
    const result = run({
      policies: ['{ id: apart, deny: { from: h1, to: h2 } }'],
      steps: [CONVERGES, HEARD, `{ name: denied, ${PING}, expect: { loss: 100% } }`],
    });
    expect(result.isPassed).toBe(true);
    expect(namesOf(result)).toEqual([
      'policies are stored: passed',
      'converges: passed',
      'heard: passed',
      'denied: passed',
      'policies hold: passed',
    ]);
    expect(result.steps[0]!.outcome).toEqual({ type: 'passed', measured: '1 policy, default allow' });
  });

  it('are not mentioned where there are none', () => {
    expect(namesOf(run({ policies: [], steps: [CONVERGES] }))).toEqual(['converges: passed']);
  });

  it('are why echoes are lost, and are named', () => {
    const whyOf = (otherwise: 'allow' | 'deny', policy: string, to = 'h2') => {
      const ping = `{ name: a, ping: { from: h1, to: ${to}, count: 1 }, expect: { loss: 0% } }`;
      const result = run({ default: otherwise, policies: [policy], steps: [CONVERGES, HEARD, ping] });
      return failuresOf(result.steps[3]!).map(({ why }) => why);
    };
    expect(whyOf('allow', '{ id: a, deny: { from: h1, to: h2, services: icmp } }')).toEqual([
      'policy a denies what h1 sends to h2',
    ]);
    expect(whyOf('allow', '{ id: a, deny: { from: h2, to: h1 } }')).toEqual(['policy a denies what h2 answers to h1']);
    expect(whyOf('deny', '{ id: a, from: h1, to: h2, services: tcp }')).toEqual([
      'no policy allows what h1 sends to h2',
    ]);
    expect(whyOf('deny', '{ id: a, from: h1, to: h2, latency: 1ns }')).toEqual([
      'policy a has failed: h1 to h2: no path is as fast, as far as links have been measured; h2 to h1: no path is as fast, as far as links have been measured',
    ]);
    expect(whyOf('allow', '{ id: a, deny: { from: h2, to: h1 } }', 'h3')).toEqual([]);
  });

  it('fail the run at once where a name means nobody, with the nearest that there is', () => {
    const result = run({ policies: ['{ id: a, from: h1, to: h22 }'], steps: [CONVERGES] }, { stopsAtFailure: true });
    expect(result.isPassed).toBe(false);
    expect(namesOf(result)).toEqual(['policies are stored: failed', 'converges: skipped']);
    expect(failuresOf(result.steps[0]!)).toEqual([
      {
        expected: 'policy a is installed',
        measured: 'it cannot be read',
        why: 'to: there is no host h22; did you mean h2?',
        lookAt: ['policy a'],
      },
    ]);
  });

  it('fail the run if one has failed at its end, and not if it has recovered', () => {
    const policies = ['{ id: fixed, from: h1, to: h2, avoid: ["s3:3-s1:3", "s2:3-s3:2"] }'];
    const steps = [CONVERGES, HEARD, CUT, '{ name: pause, wait: { for: 1s } }'];
    const failed = run({ policies, steps });
    expect(failed.isPassed).toBe(false);
    expect(failuresOf(failed.steps.at(-1)!)).toMatchObject([
      { expected: 'policy fixed is installed', measured: 'it has failed' },
    ]);
    const again = '{ name: again, wait: { until: { links: found, policies: installed } } }';
    expect(run({ policies, steps: [...steps, MEND, again] }).isPassed).toBe(true);
  });

  it('may be degraded at the end, which is noted', () => {
    const steps = [CONVERGES, HEARD, CUT, '{ name: pause, wait: { for: 1s } }'];
    const result = run({ policies: ['{ id: safe, from: h1, to: h2, protect: disjoint }'], steps });
    expect(result.isPassed).toBe(true);
    expect(result.steps.at(-1)!.notes).toEqual([
      expect.stringMatching(/^policy safe is degraded: h1 to h2: unprotected, /),
    ]);
  });

  it('can be waited for, and a wait that ends in vain says which are missing', () => {
    const wait = '{ name: kept, wait: { until: { policies: installed }, timeout: 2s } }';
    const policies = ['{ id: safe, from: h1, to: h2, protect: disjoint }'];
    expect(run({ policies, steps: [wait] }).isPassed).toBe(true);
    const result = run({ policies, steps: [CONVERGES, HEARD, CUT, wait] });
    const [failure] = failuresOf(result.steps[4]!);
    expect(failure?.measured).toBe('policies not installed after 2s');
    expect(failure?.why).toContain('policy safe is degraded: h1 to h2: unprotected');
    expect(failure?.lookAt).toContain('policy safe');
  });

  it('are warned about with their place', () => {
    const { warnings } = parseSample({ policies: ['{ id: a, from: h1, to: h2, class: gold }'], steps: [CONVERGES] });
    expect(warnings).toEqual([{ file: 't.yaml', line: 7, column: 32, reason: 'nothing acts on class yet' }]);
  });
});
