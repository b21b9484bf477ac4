/** Scenarios by the path of their file. What a scenario names as its network is looked for from where the scenario is. */
import { loadBytes } from './file-bytes.ts';
import { loadTopology } from './loader.ts';
import { resolveFrom } from './relative-path.ts';
import type { Scenario } from './scenario.ts';
import { decodeScenario, SCENARIO_LIMIT } from './scenario-file.ts';
import { isShorthand } from './shorthand.ts';

/** Throws a `TopologyError`, also for a file that cannot be read. */
export function loadScenario(path: string): Scenario {
  const bytes = loadBytes(path, SCENARIO_LIMIT.bytesMax, 'a scenario, such as topologies/scenarios/triangle.yaml');
  return decodeScenario(bytes, path, (name) => loadTopology(isShorthand(name) ? name : resolveFrom(path, name)));
}
