/** `sluice controller`: the controller with REST and dashboard; switches dial in, emulated or real. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import { APP_NAMES, type AppName } from '../controller/apps/app.ts';
import { openFront } from '../controller/front.ts';
import type { Directory } from '../controller/policy/directory.ts';
import { directoryOf } from '../controller/policy/topology-directory.ts';
import { SwitchListener } from '../controller/southbound/listener.ts';
import { PACKET_IN_RATE, type TokenRate } from '../controller/southbound/token-bucket.ts';
import { type ControllerState, openControllerState, withPolicies } from '../controller/store/controller-state.ts';
import { WallDriver } from '../controller/wall-driver.ts';
import { loadTopology } from '../topologies/loader.ts';
import {
  HTTP_DEFAULT,
  type OpenflowAddress,
  parseHttpAddress,
  parseOpenflowAddress,
  type SocketAddress,
} from './address.ts';
import { EXIT } from './exit.ts';
import { Failure } from './failure.ts';
import { readPolicies } from './policy-files.ts';
import { untilStopped } from './signal.ts';
import { addTlsOptions, loadTlsFiles, type TlsOptions, type TlsTexts } from './tls-files.ts';
import { WEB_ROOT } from './web-root.ts';

interface ControllerCommandOptions extends TlsOptions {
  readonly openflow: OpenflowAddress;
  readonly http: SocketAddress;
  readonly store: string;
  readonly app: AppName;
  readonly packetIns: TokenRate;
  readonly policies?: string;
  readonly names?: string;
}

const STORE_DEFAULT = './.sluice';

const OPENFLOW_DEFAULT: OpenflowAddress = { host: '127.0.0.1', port: 6653, isSecure: false };

export function addControllerCommand(program: Command): void {
  const command = program
    .command('controller')
    .description('run the controller with REST and dashboard; switches dial in, emulated or real')
    .addOption(
      new Option('--openflow <address>', 'where switches dial in, tcp: or ssl:')
        .argParser(parseOpenflowAddress)
        .default(OPENFLOW_DEFAULT, `tcp:${OPENFLOW_DEFAULT.host}:${OPENFLOW_DEFAULT.port}`),
    )
    .addOption(
      new Option('--http <address>', 'where the page and REST are served')
        .argParser(parseHttpAddress)
        .default(HTTP_DEFAULT, `${HTTP_DEFAULT.host}:${HTTP_DEFAULT.port}`),
    );
  addTlsOptions(command)
    .option(
      '--store <directory>',
      'where what users want, and what was found, is kept; for one controller at a time',
      STORE_DEFAULT,
    )
    .addOption(
      new Option('--app <name>', 'one fabric of all switches, or plain learning switches')
        .choices(APP_NAMES)
        .default('fabric'),
    )
    .addOption(
      new Option('--packet-ins <number>', 'of each switch, a second; what is more is dropped')
        .argParser(parsePacketIns)
        .default(PACKET_IN_RATE, String(PACKET_IN_RATE.perSecond)),
    )
    .option('--policies <file>', 'the policies that hold from now on, in place of those that are kept')
    .option('--names <topology>', 'a topology file for the names and properties that policies go by')
    .addHelpText(
      'after',
      `
Rules that users add are stored before they are sent, and put back when a switch has lost them. Rules of others are left alone.
ssl: takes --key, --cert and --ca, and is mutual: a switch's certificate must lead to the authority in --ca. The name in it is
not looked at. A switch whose certificate does not is turned away, and named in the events.
--app learning is for comparison with other controllers: no links, no paths, no policies; it must not be used on a ring.

Policies are kept as well; --policies replaces them all, and without it they are as they were left (/api/v1/policies).
Without --names, hosts go by their MAC addresses and switches by their datapath ids, in policies and on the page.

Examples:
  $ sluice controller --openflow tcp:127.0.0.1:6653 --http 127.0.0.1:8080
  $ sluice controller --policies topologies/policies/edge-gateway.yaml --names topologies/edge-gateway.yaml
  $ sluice controller --openflow ssl:127.0.0.1:6653 --key ctl-privkey.pem --cert ctl-cert.pem --ca cacert.pem
  $ ovs-vsctl set-controller br0 tcp:127.0.0.1:6653`,
    )
    .action(runController);
}

function parsePacketIns(text: string): TokenRate {
  const perSecond = /^[1-9]\d{0,8}$/.test(text) ? Number(text) : Number.NaN;
  if (Number.isNaN(perSecond)) throw new InvalidArgumentError('It is a number from 1.');
  return { perSecond, burst: perSecond };
}

/** What is wrong with the files is told before anything is opened. */
function prepareTls(options: ControllerCommandOptions): TlsTexts | undefined {
  const { host, port, isSecure } = options.openflow;
  const tls = loadTlsFiles(options);
  if (isSecure && !tls) {
    throw new Failure(EXIT.usage, `--openflow ssl:${host}:${port}: TLS is mutual; give --key, --cert and --ca, too`);
  }
  if (tls && !isSecure) throw new Failure(EXIT.usage, '--key, --cert and --ca are for an ssl: address');
  return tls;
}

async function runController(options: ControllerCommandOptions): Promise<void> {
  const { openflow, http, app, packetIns, names } = options;
  const stopped = untilStopped();
  const tls = prepareTls(options);
  const directory = names === undefined ? undefined : directoryOf(loadTopology(names));
  const state = await openState(options, directory);
  const driver = new WallDriver(state, { app, packetInRate: packetIns, ...(directory && { directory }) });
  try {
    const listener = await SwitchListener.listen(driver, { ...openflow, tls });
    try {
      const front = await openFront(driver, { ...http, webRoot: WEB_ROOT });
      console.log(`controller: ${front.url}, switches at ${listener.address}`);
      await stopped;
      await front.close();
    } finally {
      await listener.close();
    }
  } finally {
    await driver.close();
  }
}

async function openState(
  { store, policies }: ControllerCommandOptions,
  names: Directory | undefined,
): Promise<ControllerState> {
  const set = policies === undefined ? undefined : readPolicies(policies, names);
  const state = await openControllerState(store);
  return set ? withPolicies(state, set) : state;
}
