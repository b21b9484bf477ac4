/** `sluice emulate TOPOLOGY`: emulated switches and hosts only; the switches dial controllers of whatever make. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import { Clock } from '../sim/clock.ts';
import { EmulatedNetwork } from '../sim/network.ts';
import { PacedClock } from '../sim/paced-clock.ts';
import { Random } from '../sim/random.ts';
import { loadTopology } from '../topologies/loader.ts';
import { type OpenflowAddress, parseOpenflowAddress } from './address.ts';
import { openAttachments } from './attachments.ts';
import { type DialOptions, dialControllers, prepareDial } from './dial.ts';
import { parseSeed } from './seed.ts';
import { runShell } from './shell.ts';
import { untilStopped } from './signal.ts';
import { SwitchWait } from './switch-wait.ts';
import { addTlsOptions } from './tls-files.ts';
import { printWarnings } from './warnings.ts';

interface EmulateOptions extends DialOptions {
  readonly failMode: (typeof FAIL_MODES)[number];
  readonly seed: number;
}

const FAIL_MODES = ['secure', 'standalone'] as const;

/** Each costs a socket per switch and controller. */
const AUXILIARIES_MAX = 15;

export function addEmulateCommand(program: Command): void {
  const command = program
    .command('emulate')
    .description('run emulated switches and hosts only; the switches dial their controllers')
    .argument('<topology>', 'a topology file, or a shorthand such as linear,3')
    .requiredOption('--controller <address...>', 'tcp:HOST:PORT or ssl:HOST:PORT, repeatable', collectAddress);
  addTlsOptions(command)
    .option('--auxiliary <number>', 'connections to each controller besides the main one', parseAuxiliary, 0)
    .addOption(
      new Option('--fail-mode <mode>', 'without any controller: go on with the rules, or forward like a bridge')
        .choices(FAIL_MODES)
        .default('secure'),
    )
    .option('--seed <number>', 'of everything that happens by chance', parseSeed, 1)
    .addHelpText(
      'after',
      `
While it runs, it reads commands on standard input: pingall, ping A B [COUNT], link NAME up|down, nodes, links, attached,
dump, quit.
The first ping waits until every switch has been connected, for half a minute at most. What the controller then still has
to find out, it does not wait for.

ssl: takes --key, --cert and --ca, and is mutual: the controller's certificate must lead to the authority in --ca. The name in
it is not looked at. Auxiliary connections are there while the main one is, and carry packet-ins, each flow's on the same one.
Ports under attach: in the topology take frames from outside, as bytes on sockets: topologies/attached.yaml shows how.

Examples:
  $ sluice emulate linear,3 --controller tcp:127.0.0.1:6653
  $ echo pingall | sluice emulate topologies/triangle.yaml --controller tcp:127.0.0.1:6653
  $ sluice emulate linear,3 --controller ssl:127.0.0.1:6653 --key sc-privkey.pem --cert sc-cert.pem --ca cacert.pem
  $ sluice emulate linear,3 --controller tcp:127.0.0.1:6653 --controller tcp:127.0.0.1:6654 --fail-mode standalone`,
    )
    .action(runEmulation);
}

function collectAddress(text: string, before: readonly OpenflowAddress[] = []): readonly OpenflowAddress[] {
  return [...before, parseOpenflowAddress(text)];
}

function parseAuxiliary(text: string): number {
  const count = /^\d{1,3}$/.test(text) ? Number(text) : Number.NaN;
  if (!(count <= AUXILIARIES_MAX)) throw new InvalidArgumentError(`It is a number from 0 to ${AUXILIARIES_MAX}.`);
  return count;
}

async function runEmulation(topologyName: string, options: EmulateOptions): Promise<void> {
  const stopped = untilStopped();
  const plan = prepareDial(options);
  const topology = loadTopology(topologyName);
  printWarnings(topology);
  const clock = new Clock();
  const { failMode, seed } = options;
  const network = new EmulatedNetwork(topology, clock, new Random(seed), { failMode });
  const pace = new PacedClock(clock);
  const enter = (work: () => void) => pace.enter(work);
  const attachments = await openAttachments(network, enter).catch((error: unknown) => {
    // Its clock would keep the process alive.
    pace.stop();
    throw error;
  });
  const wait = new SwitchWait(network.switches.keys());
  const hangUp = dialControllers(network, enter, wait, plan);
  await Promise.race([stopped, runShell(network, enter, wait)]);
  hangUp();
  attachments.close();
  pace.stop();
  // Whoever holds its other end open would keep this process alive.
  process.stdin.destroy();
}
