/** `sluice lab [TOPOLOGY]`: controller, emulated network and dashboard in one process. */
import { fileURLToPath } from 'node:url';
import { Argument, type Command, Option } from 'commander';
import { type Front, openFront } from '../controller/front.ts';
import type { PolicySet } from '../controller/policy/policy.ts';
import { NOTHING_STORED, replaceStored } from '../controller/policy/stored-policies.ts';
import { directoryOf } from '../controller/policy/topology-directory.ts';
import { openControllerState, withPolicies } from '../controller/store/controller-state.ts';
import type { PacedLab } from '../lab/paced-lab.ts';
import { StoredLab } from '../lab/stored-lab.ts';
import type { Attachment } from '../sim/attach-socket.ts';
import { loadTopology } from '../topologies/loader.ts';
import type { Topology } from '../topologies/model.ts';
import { HTTP_DEFAULT, PORT_MAX, parseHttpAddress, type SocketAddress } from './address.ts';
import { openAttachments } from './attachments.ts';
import { tellLeaseNotices } from './lease-notices.ts';
import { readPolicies } from './policy-files.ts';
import { parseSeed } from './seed.ts';
import { untilStopped } from './signal.ts';
import { printWarnings } from './warnings.ts';
import { WEB_ROOT } from './web-root.ts';

const DEFAULT_TOPOLOGY = fileURLToPath(new URL('../../topologies/edge-gateway.yaml', import.meta.url));

/** How many ports after a busy one are tried. */
const PORTS_TRIED_MAX = 20;

interface LabCommandOptions {
  readonly http: SocketAddress;
  readonly seed: number;
  readonly store?: string;
  readonly policies?: string;
}

export function addLabCommand(program: Command): void {
  program
    .command('lab')
    .description('run controller, emulated network and dashboard in one process')
    .addArgument(
      new Argument('[topology]', 'a topology file, or a shorthand such as linear,3').default(
        DEFAULT_TOPOLOGY,
        'topologies/edge-gateway.yaml',
      ),
    )
    .addOption(
      new Option('--http <address>', 'where the page and REST are served; a busy port gives way to the next free one')
        .argParser(parseHttpAddress)
        .default(HTTP_DEFAULT, `${HTTP_DEFAULT.host}:${HTTP_DEFAULT.port}`),
    )
    .option('--seed <number>', 'of everything that happens by chance', parseSeed, 1)
    .option(
      '--store <directory>',
      'where what users want, and what was found, is kept; without it, it ends with the lab',
    )
    .option('--policies <file>', 'the policies that hold, in place of those that are kept')
    .addHelpText(
      'after',
      `
Examples:
  $ sluice lab
  $ sluice lab topologies/triangle.yaml
  $ sluice lab topologies/attached.yaml               # ports that machines outside plug into
  $ sluice lab topologies/services.yaml               # hosts that serve DHCP, DNS and HTTP
  $ sluice lab --policies topologies/policies/edge-gateway.yaml
  $ sluice lab linear,3 --http 127.0.0.1:9000`,
    )
    .action(runLab);
}

async function runLab(topologyName: string, { http, seed, store, policies }: LabCommandOptions): Promise<void> {
  const stopped = untilStopped();
  const topology = loadTopology(topologyName);
  printWarnings(topology);
  const set = policies === undefined ? undefined : readPolicies(policies, directoryOf(topology));
  const stored = await openLab(topology, seed, store, set);
  const { world, lab } = stored;
  let attachments: Attachment | undefined;
  try {
    tellLeaseNotices(world.network.services, console.error);
    attachments = await openAttachments(world.network, (work) => lab.enter(work));
    const front = await openOnFreePort(lab, http);
    const isElsewhere = http.port !== 0 && !front.url.endsWith(`:${http.port}`);
    if (isElsewhere) console.error(`port ${http.port} is busy, taken is the next free one`);
    console.log(`${topology.name}: ${front.url}`);
    await stopped;
    await front.close();
  } finally {
    attachments?.close();
    // Its clock would keep the process alive.
    await stored.close();
  }
}

async function openLab(
  topology: Topology,
  seed: number,
  store: string | undefined,
  set: PolicySet | undefined,
): Promise<StoredLab> {
  if (store === undefined) {
    return new StoredLab(topology, seed, undefined, set && replaceStored(NOTHING_STORED, set).stored);
  }
  const state = await openControllerState(store);
  return new StoredLab(topology, seed, set ? await withPolicies(state, set) : state);
}

async function openOnFreePort(lab: PacedLab, { host, port }: SocketAddress): Promise<Front> {
  for (let tried = 0; ; tried++) {
    try {
      return await openFront(lab, { host, port: port === 0 ? 0 : port + tried, webRoot: WEB_ROOT });
    } catch (error) {
      const isBusy = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
      if (!isBusy || tried >= PORTS_TRIED_MAX || port + tried >= PORT_MAX) throw error;
    }
  }
}
