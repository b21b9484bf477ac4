import { describe, expect, it } from 'vitest';
import { Lab } from '../../lab/lab.ts';
import { runScenario } from '../../lab/scenario-runner.ts';
import { loadScenario } from '../../topologies/scenario-loader.ts';
import { failuresOf, runAfterConvergence } from './scenario-sample.ts';

const PING = '{ name: found, ping: { from: { all: true }, to: { all: true } } }';

describe('flows as steps', () => {
  it('pass in the example, the same each time', () => {
    const scenario = loadScenario('topologies/scenarios/flows.yaml');
    const run = () => runScenario(new Lab(scenario.topology, { seed: scenario.seed }), scenario);
    const result = run();
    expect(result.steps.filter(({ outcome }) => outcome.type !== 'passed')).toEqual([]);
    expect(result.frames.isConserved).toBe(true);
    expect(JSON.stringify(run())).toBe(JSON.stringify(result));
  });

  it('fail with what was measured and why', () => {
    const step = runAfterConvergence(
      PING,
      '{ name: bad, link: { name: "s1:2-s2:2", set: { loss: 100% } } }',
      '{ name: a, udp: { from: h1, to: h2, for: 100ms }, expect: { loss: 0%, latency: < 1s } }',
    );
    const [loss, latency] = failuresOf(step);
    expect(loss).toMatchObject({ expected: 'loss 0%', measured: 'h1 to h2: 100% (0 of 13 arrived)' });
    expect(loss!.why).toContain('s1:2-s2:2');
    expect(latency).toMatchObject({ measured: 'h1 to h2: nothing arrived' });
    expect(step.udpFlows).toHaveLength(1);
  });

  it('have streams fail that broke, whatever was expected', () => {
    const step = runAfterConvergence(
      PING,
      '{ name: cut, link: { name: "h2:0-s2:1", state: down } }',
      '{ name: a, tcp: { from: h1, to: h2, for: 1s }, timeout: 3s }',
    );
    expect(failuresOf(step)[0]).toMatchObject({
      expected: 'every stream ends in order',
      why: 'the link of h2 is down',
    });
  });
});
