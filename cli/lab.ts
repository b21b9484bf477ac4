/** `sluice lab [TOPOLOGY]`: controller, emulated network and dashboard in one process. */
import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';
import { type Front, openFront } from '../controller/front.ts';
import { openControllerState } from '../controller/store/controller-state.ts';
import type { PacedLab } from '../lab/paced-lab.ts';
import { StoredLab } from '../lab/stored-lab.ts';
import type { Attachment } from '../sim/attach-socket.ts';
import { loadTopology } from '../topologies/loader.ts';
import { HTTP_DEFAULT, PORT_MAX, parseHttpAddress, type SocketAddress } from './address.ts';
import { openAttachments } from './attachments.ts';
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
}

export function addLabCommand(program: Command): void {
  program
    .command('lab')
    .description('run controller, emulated network and dashboard in one process')
    .argument('[topology]', 'a topology file, or a shorthand such as linear,3', DEFAULT_TOPOLOGY)
    .option(
      '--http <address>',
      'where the page and REST are served; a busy port gives way to the next free one',
      parseHttpAddress,
      HTTP_DEFAULT,
    )
    .option('--seed <number>', 'of everything that happens by chance', parseSeed, 1)
    .option(
      '--store <directory>',
      'where what users want, and what was found, is kept; without it, it ends with the lab',
    )
    .addHelpText(
      'after',
      `
Examples:
  $ sluice lab
  $ sluice lab topologies/triangle.yaml
  $ sluice lab topologies/attached.yaml               # ports that machines outside plug into
  $ sluice lab linear,3 --http 127.0.0.1:9000`,
    )
    .action(runLab);
}

async function runLab(topologyName: string, { http, seed, store }: LabCommandOptions): Promise<void> {
  const stopped = untilStopped();
  const topology = loadTopology(topologyName);
  printWarnings(topology);
  const state = store === undefined ? undefined : await openControllerState(store);
  const stored = new StoredLab(topology, seed, state);
  const { world, lab } = stored;
  let attachments: Attachment | undefined;
  try {
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
