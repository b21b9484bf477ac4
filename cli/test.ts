/** `sluice test FILE...`: scripted traffic tests in virtual time, and their reports. */
import { writeFileSync } from 'node:fs';
import { type Command, InvalidArgumentError } from 'commander';
import { Lab } from '../lab/lab.ts';
import { formatJunit } from '../lab/scenario-junit.ts';
import { formatReport } from '../lab/scenario-report.ts';
import type { ScenarioResult } from '../lab/scenario-result.ts';
import { runScenario } from '../lab/scenario-runner.ts';
import { formatTap } from '../lab/scenario-tap.ts';
import { countExpectations, type Scenario } from '../topologies/scenario.ts';
import { loadScenario } from '../topologies/scenario-loader.ts';
import { TopologyError } from '../topologies/topology-error.ts';
import { EXIT } from './exit.ts';
import { Failure, toFailure } from './failure.ts';
import { parseSeed } from './seed.ts';
import { printWarnings } from './warnings.ts';

interface TestOptions {
  readonly junit?: string;
  readonly json?: string;
  readonly tap?: true;
  readonly seed?: number;
  readonly repeat: number;
  readonly filter?: string;
  readonly list?: true;
  readonly failFast?: true;
}

const REPEAT_MAX = 10_000;

export function addTestCommand(program: Command): void {
  program
    .command('test')
    .description('run scripted traffic tests in virtual time')
    .argument('<file...>', 'scenario files')
    .option('--junit <file>', 'write a JUnit XML report, too')
    .option('--json <file>', 'write all that was measured as JSON, too')
    .option('--tap', 'print TAP instead of text')
    .option('--seed <number>', 'instead of the seeds in the files', parseSeed)
    .option('--repeat <times>', 'run each scenario so often, each time with the next seed', parseRepeat, 1)
    .option('--filter <text>', 'only scenarios with this in their name')
    .option('--list', 'show the scenarios and their steps, and run nothing')
    .option('--fail-fast', 'skip everything behind the first step that fails')
    .addHelpText(
      'after',
      `
The exit status is 0 if all passed, 1 if something failed, 2 if there was nothing to run or a scenario expects
nothing, and 3 if a file is invalid; then nothing is run. The same file and seed give the same report, byte for byte;
the trace in it is a fingerprint of every event of the run, frames and timers, whether the report shows them or not.

Examples:
  $ sluice test topologies/scenarios/triangle.yaml
  $ sluice test topologies/scenarios/plant-policies.yaml     # with policies of its own
  $ sluice test topologies/scenarios/*.yaml --junit report.xml --repeat 10`,
    )
    .action(runTests);
}

function parseRepeat(text: string): number {
  const times = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (times < 1 || times > REPEAT_MAX) throw new InvalidArgumentError(`It is a whole number from 1 to ${REPEAT_MAX}.`);
  return times;
}

function runTests(files: readonly string[], options: TestOptions): void {
  const { filter = '', junit, json } = options;
  const scenarios = loadAll(files).filter(({ name }) => name.includes(filter));
  if (scenarios.length === 0) throw new Failure(EXIT.usage, `no scenario has ${JSON.stringify(filter)} in its name`);
  if (options.list) {
    process.stdout.write(scenarios.map(formatListing).join(''));
    return;
  }
  requireExpectations(scenarios);
  const results = runAll(scenarios, options);
  process.stdout.write(options.tap ? formatTap(results) : formatReport(results));
  if (junit !== undefined) save(junit, formatJunit(results));
  if (json !== undefined) save(json, `${JSON.stringify({ runs: results }, null, 2)}\n`);
  process.exitCode = results.every(({ isPassed }) => isPassed) ? EXIT.ok : EXIT.failed;
}

/** What is wrong with any of the files is said before any of them is run. */
function loadAll(files: readonly string[]): Scenario[] {
  const scenarios: Scenario[] = [];
  const problems: string[] = [];
  for (const file of files) {
    try {
      scenarios.push(loadScenario(file));
    } catch (error) {
      if (!(error instanceof TopologyError)) throw error;
      problems.push(toFailure(error)!.message);
    }
  }
  if (problems.length > 0) throw new Failure(EXIT.invalidFile, problems.join('\n'));
  for (const scenario of scenarios) {
    printWarnings(scenario.topology);
    printWarnings(scenario);
  }
  const lonely = scenarios.find(({ topology }) => topology.attachments.length > 0);
  if (lonely) {
    const reason = 'nothing outside can be attached in virtual time; the links of ports under attach stay down';
    console.error(`${lonely.file}: warning: ${reason}`);
  }
  return scenarios;
}

function requireExpectations(scenarios: readonly Scenario[]): void {
  const empty = scenarios.filter((scenario) => countExpectations(scenario) === 0);
  if (empty.length === 0) return;
  const reason =
    'a test that cannot fail is not a test; give a ping something to expect, or wait until something holds';
  throw new Failure(EXIT.usage, empty.map(({ file }) => `${file}: ${reason}`).join('\n'));
}

function runAll(scenarios: readonly Scenario[], { seed, repeat, failFast }: TestOptions): ScenarioResult[] {
  const results: ScenarioResult[] = [];
  for (const scenario of scenarios) {
    for (let i = 0; i < repeat; i++) {
      const lab = new Lab(scenario.topology, { seed: (seed ?? scenario.seed) + i });
      const result = runScenario(lab, scenario, { stopsAtFailure: failFast === true });
      results.push(result);
      if (failFast && !result.isPassed) return results;
    }
  }
  return results;
}

function formatListing({ name, file, steps }: Scenario): string {
  return `${name} (${file})\n${steps.map((step) => `  ${step.name}\n`).join('')}`;
}

function save(file: string, text: string): void {
  try {
    writeFileSync(file, text);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Failure(EXIT.usage, `the report cannot be written: ${reason}`);
  }
}
