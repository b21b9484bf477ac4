/** Scenarios as short texts on the networks of the repository, run to their results. */
import { Lab } from '../../lab/lab.ts';
import type { Failure, ScenarioResult, StepResult } from '../../lab/scenario-result.ts';
import { type RunOptions, runScenario } from '../../lab/scenario-runner.ts';
import { loadTopology } from '../../topologies/loader.ts';
import type { Scenario } from '../../topologies/scenario.ts';
import { parseScenario } from '../../topologies/scenario-file.ts';

/** What most steps need to have behind them. */
export const CONVERGES =
  '{ name: converges, wait: { until: { switches: connected, links: found, flows: installed } } }';

export function parseSteps(steps: readonly string[], topology = 'topologies/triangle.yaml'): Scenario {
  const list = steps.map((step) => `  - ${step}\n`).join('');
  const head = `apiVersion: sluice/v1\nkind: Scenario\nname: t\ntopology: ${topology}\n`;
  return parseScenario(`${head}steps:\n${list}`, 't.yaml', loadTopology);
}

export function runSteps(
  steps: readonly string[],
  topology?: string,
  options: RunOptions & { readonly seed?: number } = {},
): ScenarioResult {
  const scenario = parseSteps(steps, topology);
  return runScenario(new Lab(scenario.topology, { seed: options.seed ?? scenario.seed }), scenario, options);
}

/** The last step, after the network has converged. */
export function runAfterConvergence(...steps: readonly string[]): StepResult {
  return runSteps([CONVERGES, ...steps]).steps.at(-1)!;
}

export function failuresOf({ outcome }: StepResult): readonly Failure[] {
  return outcome.type === 'failed' ? outcome.failures : [];
}
