/** `sluice emulate TOPOLOGY`: emulated switches and hosts only; the switches dial controllers of whatever make. */
import type { Command } from 'commander';
import { Clock } from '../sim/clock.ts';
import { ControlSocket } from '../sim/control-socket.ts';
import { EmulatedNetwork } from '../sim/network.ts';
import { PacedClock } from '../sim/paced-clock.ts';
import { Random } from '../sim/random.ts';
import { loadTopology } from '../topologies/loader.ts';
import { parseOpenflowAddress, type SocketAddress } from './address.ts';
import { parseSeed } from './lab.ts';
import { runShell } from './shell.ts';
import { untilStopped } from './signal.ts';

interface EmulateOptions {
  readonly controller: readonly SocketAddress[];
  readonly seed: number;
}

export function addEmulateCommand(program: Command): void {
  program
    .command('emulate')
    .description('run emulated switches and hosts only; the switches dial their controllers')
    .argument('<topology>', 'a topology file, or a shorthand such as linear,3')
    .requiredOption('--controller <address...>', 'tcp:HOST:PORT, repeatable', collectAddress, [])
    .option('--seed <number>', 'of everything that happens by chance', parseSeed, 1)
    .addHelpText(
      'after',
      `
While it runs, it reads commands on standard input: pingall, ping A B [COUNT], link NAME up|down, nodes, links, quit.

Examples:
  $ sluice emulate linear,3 --controller tcp:127.0.0.1:6653
  $ echo pingall | sluice emulate topologies/triangle.yaml --controller tcp:127.0.0.1:6653`,
    )
    .action(runEmulation);
}

function collectAddress(text: string, before: readonly SocketAddress[]): readonly SocketAddress[] {
  return [...before, parseOpenflowAddress(text)];
}

async function runEmulation(topologyName: string, { controller, seed }: EmulateOptions): Promise<void> {
  const topology = loadTopology(topologyName);
  const clock = new Clock();
  const network = new EmulatedNetwork(topology, clock, new Random(seed));
  const pace = new PacedClock(clock);
  const enter = (work: () => void) => pace.enter(work);
  const connected = new Set<string>();
  const sockets = [...network.switches.values()].flatMap((actor) =>
    controller.map((address) => {
      const name = `${actor.name} to ${address.host}:${address.port}`;
      return new ControlSocket(actor, address, enter, {
        connected: () => {
          connected.add(name);
          console.error(`${name}: connected`);
        },
        disconnected: (reason, retryMs) => {
          // A controller that is not there yet is told of once, not with every try.
          if (connected.delete(name)) console.error(`${name}: ${reason}; trying again every ${retryMs} ms and more`);
        },
      });
    }),
  );
  await Promise.race([untilStopped(), runShell(network, enter)]);
  for (const socket of sockets) socket.close();
  pace.stop();
  // Whoever holds its other end open would keep this process alive.
  process.stdin.destroy();
}
