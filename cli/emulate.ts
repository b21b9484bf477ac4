/** `sluice emulate TOPOLOGY`: emulated switches and hosts only; the switches dial controllers of whatever make, and can be dialled. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import { Clock } from '../sim/clock.ts';
import { EmulatedNetwork, type SwitchDefaults } from '../sim/network.ts';
import { PacedClock } from '../sim/paced-clock.ts';
import { Random } from '../sim/random.ts';
import { loadTopology } from '../topologies/loader.ts';
import { type OpenflowAddress, parseOpenflowAddress } from './address.ts';
import { openAttachments } from './attachments.ts';
import { type ChannelOptions, planChannels } from './channel-plan.ts';
import { dialControllers } from './dial.ts';
import { tellLeaseNotices } from './lease-notices.ts';
import { LENIENT_HELP, parseLeniences } from './lenient.ts';
import { openListeners } from './listen.ts';
import { collectListenAddress } from './listen-address.ts';
import { parseSeed } from './seed.ts';
import { runShell } from './shell.ts';
import { untilStopped } from './signal.ts';
import { SwitchWait } from './switch-wait.ts';
import { addTlsOptions } from './tls-files.ts';
import { printWarnings } from './warnings.ts';

interface EmulateOptions extends ChannelOptions, SwitchDefaults {
  readonly seed: number;
}

const FAIL_MODES = ['secure', 'standalone'] as const;

/** Each costs a socket per switch and controller. */
const AUXILIARIES_MAX = 15;

export function addEmulateCommand(program: Command): void {
  const command = program
    .command('emulate')
    .description('run emulated switches and hosts only; the switches dial their controllers, or listen')
    .argument('<topology>', 'a topology file, or a shorthand such as linear,3')
    .option('--controller <address...>', 'tcp:HOST:PORT or ssl:HOST:PORT, repeatable', collectAddress)
    .option(
      '--listen <address>',
      'ptcp:PORT[:HOST] for the first switch, PORT+1 for the next, and so on; or SWITCH=ptcp:PORT[:HOST]; or pssl:; repeatable',
      collectListenAddress,
    );
  addTlsOptions(command)
    .option('--auxiliary <number>', 'connections to each controller besides the main one', parseAuxiliary, 0)
    .addOption(
      new Option('--fail-mode <mode>', 'without any controller: go on with the rules, or forward like a bridge')
        .choices(FAIL_MODES)
        .default('secure'),
    )
    .option('--lenient <names>', LENIENT_HELP, parseLeniences)
    .option('--seed <number>', 'of everything that happens by chance', parseSeed, 1)
    .addHelpText(
      'after',
      `
While it runs, it reads commands on standard input: pingall, ping A B [COUNT], iperf A B [SECONDS], link NAME up|down,
nodes, links, attached, dump, workloads, workload create|start|pause|resume|stop|delete NAME, workload migrate NAME NODE,
help, quit.
The first ping waits until every switch has been connected, for half a minute at most. What the controller then still has
to find out, it does not wait for.

A switch that listens can be seen and changed with ovs-ofctl, controller or not. It listens on 127.0.0.1 unless a HOST is
given; PORT 0 is any that is free; what each listens on is printed.
ssl: and pssl: take --key, --cert and --ca, and are mutual: the other side's certificate must lead to the authority in --ca.
The name in it is not looked at.
Auxiliary connections are there while the main one is, and carry packet-ins, each flow's on the same one.
Ports under attach: in the topology take frames from outside, as bytes on sockets: topologies/attached.yaml shows how.
The switches are strict; docs/lenient.md says what they let pass by which name.

Examples:
  $ sluice emulate linear,3 --controller tcp:127.0.0.1:6653
  $ sluice emulate linear,3 --listen ptcp:6701
    then: ovs-ofctl -O OpenFlow13 add-flow tcp:127.0.0.1:6701 in_port=1,actions=output:2
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
  const plan = planChannels(options);
  const topology = loadTopology(topologyName);
  printWarnings(topology);
  const { failMode, lenient, seed } = options;
  const clock = new Clock();
  const switchDefaults = { ...(failMode && { failMode }), ...(lenient && { lenient }) };
  const network = new EmulatedNetwork(topology, clock, new Random(seed), switchDefaults);
  const pace = new PacedClock(clock);
  const enter = (work: () => void) => pace.enter(work);
  // Switches that only listen are dialled when somebody likes to.
  const wait = new SwitchWait(plan.dialled.length > 0 ? network.switches.keys() : []);
  const closers: (() => unknown)[] = [];
  try {
    const listeners = await openListeners(network, enter, plan);
    closers.push(() => listeners.close());
    tellLeaseNotices(network.services, console.error);
    const attachments = await openAttachments(network, enter);
    closers.push(() => attachments.close());
    closers.push(dialControllers(network, enter, wait, plan));
    await Promise.race([stopped, runShell(network, enter, wait)]);
  } finally {
    for (const close of closers.toReversed()) await close();
    pace.stop();
    // Whoever holds its other end open would keep this process alive.
    process.stdin.destroy();
  }
}
