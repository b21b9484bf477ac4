/** `sluice topo`: topology files checked, shown, converted from any format to any other, and generated. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import { WireError } from '../protocol/wire/wire-error.ts';
import type { LinkProperties, TopologyDocument } from '../topologies/document.ts';
import { EXPORT_FORMATS, type ExportFormat } from '../topologies/export/formats.ts';
import { formatCounts, formatTables, summarize, toJson } from '../topologies/export/summary.ts';
import { formatYaml } from '../topologies/export/yaml-text.ts';
import { FAMILIES } from '../topologies/generate/families.ts';
import type { Family } from '../topologies/generate/family.ts';
import { IMPORT_FORMATS, type LoadOptions, loadTopology } from '../topologies/loader.ts';
import type { Topology } from '../topologies/model.ts';
import { BANDWIDTH, type Dimension, DURATION, PROBABILITY, parseQuantity } from '../topologies/quantity.ts';
import { parseShorthand } from '../topologies/shorthand.ts';
import { TopologyError } from '../topologies/topology-error.ts';
import { EXIT } from './exit.ts';
import { Failure, toFailure } from './failure.ts';
import { chooseFormat, writeTopology } from './topo-output.ts';
import { printWarnings } from './warnings.ts';

interface ShowOptions extends LoadOptions {
  readonly output: 'table' | 'json' | 'yaml';
}

interface WriteOptions {
  readonly to?: ExportFormat;
  readonly output?: string;
}

interface GenerateOptions extends WriteOptions, Partial<LinkProperties> {
  readonly topo?: string;
}

export function addTopoCommand(program: Command): void {
  const topo = program.command('topo').description('check, show, convert and generate topologies');
  addCheck(topo);
  addShow(topo);
  addConvert(topo);
  addGenerate(topo);
}

const fromOption = () =>
  new Option('--from <format>', 'what the file is, whatever it looks like').choices(IMPORT_FORMATS);

const hostsOption = () =>
  new Option('--hosts-per-switch <number>', 'hosts to add to each switch; files of maps have none').argParser(
    parseHosts,
  );

/** As many as a switch of hardware has ports. */
const HOSTS_PER_SWITCH_MAX = 1000;

function parseHosts(text: string): number {
  const count = /^\d{1,4}$/.test(text) ? Number(text) : Number.NaN;
  if (!(count <= HOSTS_PER_SWITCH_MAX))
    throw new InvalidArgumentError(`It is a number from 0 to ${HOSTS_PER_SWITCH_MAX}.`);
  return count;
}

/** A subcommand that writes a topology. */
function addOutput(command: Command): Command {
  return command
    .addOption(new Option('--to <format>', 'the format; without it, by the name of the file').choices(EXPORT_FORMATS))
    .option('-o, --output <file>', 'write it there instead of to standard output');
}

function addCheck(topo: Command): void {
  topo
    .command('check')
    .description('say what is wrong with topology files, and what is odd')
    .argument('<file...>', "topology files, or Mininet's shorthand")
    .addOption(fromOption())
    .addOption(hostsOption())
    .addHelpText(
      'after',
      `
A line for each file that can be used goes to standard output; errors and warnings, as file:line:column with
how to mend them, to standard error. The exit status is 3 if any file has errors.

Examples:
  $ sluice topo check topologies/*.yaml
  $ sluice topo check linear,3`,
    )
    .action(check);
}

function addShow(topo: Command): void {
  topo
    .command('show')
    .description('list switches, hosts, nodes and links, with the ports and numbers that they will have')
    .argument('<file>', "a topology file, or Mininet's shorthand")
    .addOption(new Option('-o, --output <form>', 'as what').choices(['table', 'json', 'yaml']).default('table'))
    .addOption(fromOption())
    .addOption(hostsOption())
    .addHelpText(
      'after',
      `
Examples:
  $ sluice topo show topologies/edge-gateway.yaml
  $ sluice topo show tree,2,3 -o json`,
    )
    .action(show);
}

function addConvert(topo: Command): void {
  addOutput(
    topo
      .command('convert')
      .description('write a topology in another format')
      .argument('<file>', "a topology file, or Mininet's shorthand")
      .addOption(fromOption())
      .addOption(hostsOption()),
  )
    .addHelpText(
      'after',
      `
yaml is our own format and says what the file said. json (graphology), graphml and dot have every number written
in (ports, datapath ids, addresses), in the words of our format, and can be read back. mermaid and svg are for the
eye: svg follows the light or dark scheme of who looks at it, and tells more where one points.

Examples:
  $ sluice topo convert topologies/edge-gateway.yaml -o network.svg
  $ sluice topo convert tree,2,3 --to graphml > tree.graphml
  $ sluice topo convert network.graphml -o network.yaml`,
    )
    .action(convert);
}

function addGenerate(topo: Command): void {
  const generate = addLinkOptions(
    addOutput(topo.command('generate').description('write a network that follows from a few numbers')),
  )
    .argument('[shorthand]', 'the network as one word, such as tree,3,3; or one of the commands below')
    .option('--topo <shorthand>', 'the same, as Mininet has it')
    .addHelpText(
      'after',
      `
Names, datapath ids and ports of single, reversed, linear, tree and torus are Mininet's. The same numbers, the seed
of random ones among them, always give the same network. Any of them can be called by its shorthand wherever a
topology is taken: sluice lab fat-tree,4

Examples:
  $ sluice topo generate tree,3,3
  $ sluice topo generate fat-tree --k 4 --bandwidth 1Gbps -o fat-tree.yaml
  $ sluice topo generate waxman --k 30 --seed 7 --to svg > waxman.svg
  $ sluice topo generate fat-tree --help`,
    )
    .action((word: string | undefined, options: GenerateOptions) => {
      const shorthand = options.topo ?? word;
      if (shorthand === undefined) {
        throw new Failure(EXIT.usage, 'say which network: tree,3,3, or one of the commands that --help shows');
      }
      if (options.topo !== undefined && word !== undefined) {
        throw new Failure(EXIT.usage, `say one network: ${word}, or --topo ${options.topo}`);
      }
      writeGenerated(parseShorthand(shorthand), options);
    });
  for (const [name, family] of Object.entries(FAMILIES)) addFamily(generate, name, family);
}

function addFamily(generate: Command, name: string, { doc, parameters }: Family): void {
  const command = addLinkOptions(addOutput(generate.command(name).description(doc))).configureHelp({
    // Those of `generate` are its own, too.
    showGlobalOptions: false,
  });
  for (const { name: parameter, what, otherwise, min, max } of parameters) {
    const bounds = `${min} to ${max ?? 'many'}`;
    const rest = otherwise === undefined ? `${bounds}; needed` : `${bounds}; ${otherwise} without it`;
    command.option(`--${parameter} <number>`, `${what} (${rest})`);
  }
  command.action((own: GenerateOptions & Readonly<Record<string, string | undefined>>) => {
    const options: typeof own = { ...generate.opts(), ...own };
    const words = parameters.flatMap((parameter) => {
      const word = own[parameter.name];
      return word === undefined ? [] : [`${parameter.name}=${word}`];
    });
    writeGenerated(parseOptions([name, ...words].join(',')), options);
  });
}

/** A bad option is called wrongly, where a bad shorthand is a topology that cannot be had. */
function parseOptions(shorthand: string): TopologyDocument {
  try {
    return parseShorthand(shorthand);
  } catch (error) {
    if (error instanceof TopologyError) throw new Failure(EXIT.usage, error.reason);
    throw error;
  }
}

function addLinkOptions(command: Command): Command {
  return command
    .option('--bandwidth <amount>', 'of every link that has none of its own, such as 1Gbps', amountOf(BANDWIDTH))
    .option('--delay <time>', 'of every link that has none of its own, such as 1ms', amountOf(DURATION))
    .option('--loss <share>', 'of every link that has none of its own, such as 0.1%', amountOf(PROBABILITY));
}

function amountOf(dimension: Dimension): (text: string) => number {
  return (text) => {
    try {
      return parseQuantity(text, dimension);
    } catch (error) {
      if (error instanceof WireError) throw new InvalidArgumentError(error.reason);
      throw error;
    }
  };
}

function check(files: readonly string[], options: LoadOptions): void {
  let isClean = true;
  for (const file of files) {
    try {
      const topology = loadTopology(file, options);
      printWarnings(topology);
      console.log(`${file}: ok, ${formatCounts(summarize(topology).counts)}`);
    } catch (error) {
      if (!(error instanceof TopologyError)) throw error;
      console.error(toFailure(error)!.message);
      isClean = false;
    }
  }
  process.exitCode = isClean ? EXIT.ok : EXIT.invalidFile;
}

function load(file: string, options: LoadOptions): Topology {
  const topology = loadTopology(file, options);
  printWarnings(topology);
  return topology;
}

function show(file: string, { output, ...options }: ShowOptions): void {
  const summary = summarize(load(file, options));
  if (output === 'table') process.stdout.write(formatTables(summary));
  else if (output === 'yaml') process.stdout.write(formatYaml({ ...summary }));
  else process.stdout.write(`${JSON.stringify(toJson({ ...summary }), null, 2)}\n`);
}

function convert(file: string, { to, output, ...options }: WriteOptions & LoadOptions): void {
  const format = chooseFormat(to, output);
  if (!format)
    throw new Failure(EXIT.usage, `say to what: --to ${EXPORT_FORMATS.join('|')}, or -o FILE with such an ending`);
  writeTopology(load(file, options).document, format, output);
}

function writeGenerated(document: TopologyDocument, { to, output, ...options }: GenerateOptions): void {
  const { bandwidth, delay, loss } = options as Readonly<Record<string, number | undefined>>;
  const link: LinkProperties = {
    ...document.defaults?.link,
    ...(bandwidth !== undefined && { bandwidthBps: bandwidth }),
    ...(delay !== undefined && { delayNs: delay }),
    ...(loss !== undefined && { loss }),
  };
  const complete = Object.keys(link).length > 0 ? { ...document, defaults: { ...document.defaults, link } } : document;
  writeTopology(complete, chooseFormat(to, output) ?? 'yaml', output);
}
