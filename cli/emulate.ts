/** `sluice emulate TOPOLOGY`: emulated switches and hosts only; the switches dial controllers of whatever make. */
import type { Command } from 'commander';
import { Clock } from '../sim/clock.ts';
import { ControlSocket } from '../sim/control-socket.ts';
import { EmulatedNetwork } from '../sim/network.ts';
import { PacedClock } from '../sim/paced-clock.ts';
import { Random } from '../sim/random.ts';
import { loadTopology } from '../topologies/loader.ts';
import { parseOpenflowAddress, type SocketAddress } from './address.ts';
import { openAttachments } from './attachments.ts';
import { parseSeed } from './seed.ts';
import { runShell } from './shell.ts';
import { untilStopped } from './signal.ts';
import { SwitchWait } from './switch-wait.ts';
import { printWarnings } from './warnings.ts';

interface EmulateOptions {
  readonly controller: readonly SocketAddress[];
  readonly seed: number;
}

export function addEmulateCommand(program: Command): void {
  program
    .command('emulate')
    .description('run emulated switches and hosts only; the switches dial their controllers')
    .argument('<topology>', 'a topology file, or a shorthand such as linear,3')
    .requiredOption('--controller <address...>', 'tcp:HOST:PORT, repeatable', collectAddress)
    .option('--seed <number>', 'of everything that happens by chance', parseSeed, 1)
    .addHelpText(
      'after',
      `
While it runs, it reads commands on standard input: pingall, ping A B [COUNT], link NAME up|down, nodes, links, attached,
dump, quit.
The first ping waits until every switch has been connected, for half a minute at most. What the controller then still has
to find out, it does not wait for.

Ports under attach: in the topology take frames from outside, as bytes on sockets: topologies/attached.yaml shows how.

Examples:
  $ sluice emulate linear,3 --controller tcp:127.0.0.1:6653
  $ echo pingall | sluice emulate topologies/triangle.yaml --controller tcp:127.0.0.1:6653`,
    )
    .action(runEmulation);
}

function collectAddress(text: string, before: readonly SocketAddress[] = []): readonly SocketAddress[] {
  return [...before, parseOpenflowAddress(text)];
}

async function runEmulation(topologyName: string, { controller, seed }: EmulateOptions): Promise<void> {
  const stopped = untilStopped();
  const topology = loadTopology(topologyName);
  printWarnings(topology);
  const clock = new Clock();
  const network = new EmulatedNetwork(topology, clock, new Random(seed));
  const pace = new PacedClock(clock);
  const enter = (work: () => void) => pace.enter(work);
  const attachments = await openAttachments(network, enter).catch((error: unknown) => {
    // Its clock would keep the process alive.
    pace.stop();
    throw error;
  });
  const connected = new Set<string>();
  const absent = new Set<string>();
  const wait = new SwitchWait(network.switches.keys());
  const sockets = [...network.switches.values()].flatMap((actor) =>
    controller.map((address) => {
      const controllerName = `${address.host}:${address.port}`;
      const name = `${actor.name} to ${controllerName}`;
      return new ControlSocket(actor, address, enter, {
        connected: () => {
          connected.add(name);
          absent.delete(controllerName);
          wait.connected(actor.name);
          console.error(`${name}: connected`);
        },
        disconnected: (reason, retryMs) => {
          const isLost = connected.delete(name);
          if (isLost) console.error(`${name}: ${reason}; trying again every ${retryMs} ms and more`);
          // A controller that is not there is told of once, not with every try of every switch.
          else if (!absent.has(controllerName))
            console.error(`${controllerName}: ${reason}; trying again until it is there`);
          absent.add(controllerName);
        },
      });
    }),
  );
  await Promise.race([stopped, runShell(network, enter, wait)]);
  for (const socket of sockets) socket.close();
  attachments.close();
  pace.stop();
  // Whoever holds its other end open would keep this process alive.
  process.stdin.destroy();
}
