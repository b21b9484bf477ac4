/** `sluice test FILE...`: scripted traffic tests in virtual time, and their reports. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { type Command, InvalidArgumentError } from 'commander';
import { Lab } from '../lab/lab.ts';
import type { Artifact } from '../lab/scenario-artifacts.ts';
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
  readonly artifacts?: string;
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
    .option('--artifacts <folder>', 'keep what the scenarios want to be kept there, such as captures')
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
  $ sluice test topologies/scenarios/*.yaml --junit report.xml --repeat 10
  $ sluice test topologies/scenarios/captured.yaml --artifacts run/captures     # then: wireshark run/captures/*`,
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
  if (options.artifacts === undefined) warnOfArtifacts(scenarios);
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

function warnOfArtifacts(scenarios: readonly Scenario[]): void {
  for (const { file, pcap } of scenarios)
    if (pcap) console.error(`${file}: warning: nothing is captured; say where to keep it, with --artifacts run, say`);
}

function runAll(scenarios: readonly Scenario[], options: TestOptions): ScenarioResult[] {
  const { seed, repeat, failFast, artifacts } = options;
  const folder = artifacts === undefined ? undefined : new ArtifactFolder(artifacts);
  const results: ScenarioResult[] = [];
  for (const scenario of scenarios) {
    for (let i = 0; i < repeat; i++) {
      const lab = new Lab(scenario.topology, { seed: (seed ?? scenario.seed) + i });
      const result = runScenario(lab, scenario, {
        stopsAtFailure: failFast === true,
        ...(folder && { keep: (artifact) => folder.keep(artifact) }),
      });
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
  write('report', () => writeFileSync(file, text));
}

/** Where artifacts go; files of one call do not overwrite each other. */
class ArtifactFolder {
  readonly #path: string;
  readonly #counts = new Map<string, number>();

  constructor(path: string) {
    this.#path = path;
    write('folder', () => mkdirSync(path, { recursive: true }));
  }

  keep({ name, pieces, summary }: Artifact): void {
    const count = (this.#counts.get(name) ?? 0) + 1;
    this.#counts.set(name, count);
    const file = `${this.#path}/${count === 1 ? name : name.replace(/(?=\.[^.]*$)/, `-${count}`)}`;
    write('artifact', () => writeFileSync(file, Buffer.concat(pieces)));
    console.error(`kept ${file}: ${summary}`);
  }
}

function write(what: string, work: () => void): void {
  try {
    work();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Failure(EXIT.usage, `the ${what} cannot be written: ${reason}`);
  }
}
