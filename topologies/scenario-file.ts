/**
 * A scenario file, from its bytes or text to the scenario: read, checked, its network loaded, resolved.
 *
 * As for topologies, everything that is wrong is collected before anything is thrown. A network that cannot be loaded is a mistake at
 * the key that names it, with the mistakes of its own file behind it.
 */
import { decodeText, type TextLimit } from './file-text.ts';
import { addFinding } from './finding-place.ts';
import type { Topology } from './model.ts';
import { Report } from './report.ts';
import { buildScenario, type Scenario } from './scenario.ts';
import { checkScenario, checkScenarioDocument, checkSize } from './scenario-checks.ts';
import { SCENARIO } from './scenario-description.ts';
import type { ScenarioFinding } from './scenario-selection.ts';
import { prepareScenario } from './scenario-tree.ts';
import { TopologyError } from './topology-error.ts';
import { readYaml } from './yaml-reader.ts';
import { parseYaml, type YamlTree } from './yaml-tree.ts';

/** A thousand steps need a tenth of it; the rest is for comments. */
export const SCENARIO_LIMIT: TextLimit = { bytesMax: 1 << 20, remedy: 'split the scenario' };

/** Throws a `TopologyError`; the name is the path or shorthand as the scenario has it. */
export type TopologySource = (name: string) => Topology;

/** Throws a `TopologyError` that has all errors of the file. */
export function parseScenario(text: string, file: string, load: TopologySource): Scenario {
  const report = new Report(file);
  const tree = parseYaml(text, SCENARIO_LIMIT, report);
  if (!tree) throw report.toError();
  prepareScenario(tree, report);
  const document = readYaml(SCENARIO, tree, report);
  if (!document) throw report.toError();
  const wasReadWhole = !report.hasErrors;
  const add = (findings: Iterable<ScenarioFinding>) => {
    for (const finding of findings) {
      if (report.isFull) return;
      if (wasReadWhole || !finding.isAbsence) addFinding(finding, tree, report);
    }
  };
  add(checkScenarioDocument(document));
  const topology = loadNetwork(document.topology, load, tree, report);
  add(checkScenario(document, topology));
  if (!report.hasErrors) add(checkSize(document, topology));
  if (report.hasErrors) throw report.toError();
  return buildScenario(document, file, topology, report.warnings);
}

/** As `parseScenario`, from the bytes of a file, which must be UTF-8. */
export function decodeScenario(bytes: Uint8Array, file: string, load: TopologySource): Scenario {
  const report = new Report(file);
  const text = decodeText(bytes, SCENARIO_LIMIT, report);
  if (text === undefined) throw report.toError();
  return parseScenario(text, file, load);
}

function loadNetwork(name: string, load: TopologySource, tree: YamlTree, report: Report): Topology {
  try {
    return load(name);
  } catch (error) {
    if (!(error instanceof TopologyError)) throw error;
    const reason = 'this topology cannot be used; what is wrong with it follows';
    addFinding({ path: ['topology'], reason }, tree, report);
    const own = report.toError();
    throw new TopologyError(own, [...own.others, error, ...error.others]);
  }
}
