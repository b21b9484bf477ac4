/** `sluice emulate TOPOLOGY`: emulated switches and hosts only; the switches dial controllers of whatever make, and can be dialled. */
import type { Command } from 'commander';
import { Clock } from '../sim/clock.ts';
import { ControlListener } from '../sim/control-listener.ts';
import { ControlSocket } from '../sim/control-socket.ts';
import { EmulatedNetwork, type SwitchOptions } from '../sim/network.ts';
import { PacedClock } from '../sim/paced-clock.ts';
import { Random } from '../sim/random.ts';
import { loadTopology } from '../topologies/loader.ts';
import { parseOpenflowAddress, type SocketAddress } from './address.ts';
import { EXIT } from './exit.ts';
import { Failure } from './failure.ts';
import { LENIENT_HELP, parseLeniences } from './lenient.ts';
import { collectListenAddress, type ListenAddress, planListeners } from './listen-address.ts';
import { parseSeed } from './seed.ts';
import { runShell } from './shell.ts';
import { untilStopped } from './signal.ts';
import { SwitchWait } from './switch-wait.ts';
import { printWarnings } from './warnings.ts';

interface EmulateOptions extends SwitchOptions {
  readonly controller?: readonly SocketAddress[];
  readonly listen?: readonly ListenAddress[];
  readonly seed: number;
}

export function addEmulateCommand(program: Command): void {
  program
    .command('emulate')
    .description('run emulated switches and hosts only; the switches dial their controllers, or listen')
    .argument('<topology>', 'a topology file, or a shorthand such as linear,3')
    .option('--controller <address...>', 'tcp:HOST:PORT, repeatable', collectAddress)
    .option(
      '--listen <address>',
      'ptcp:PORT[:HOST] for the first switch, PORT+1 for the next, and so on; or SWITCH=ptcp:PORT[:HOST]; repeatable',
      collectListenAddress,
    )
    .option('--lenient <names>', LENIENT_HELP, parseLeniences)
    .option('--seed <number>', 'of everything that happens by chance', parseSeed, 1)
    .addHelpText(
      'after',
      `
While it runs, it reads commands on standard input: pingall, ping A B [COUNT], link NAME up|down, nodes, links, quit.
The first ping waits until every switch has been connected, for half a minute at most. What the controller then still has
to find out, it does not wait for.

A switch that listens can be seen and changed with ovs-ofctl, controller or not. It listens on 127.0.0.1 unless a HOST is
given; PORT 0 is any that is free; what each listens on is printed.

The switches are strict; docs/lenient.md says what they let pass by which name.

Examples:
  $ sluice emulate linear,3 --controller tcp:127.0.0.1:6653
  $ sluice emulate linear,3 --listen ptcp:6701
    then: ovs-ofctl -O OpenFlow13 add-flow tcp:127.0.0.1:6701 in_port=1,actions=output:2
  $ echo pingall | sluice emulate topologies/triangle.yaml --controller tcp:127.0.0.1:6653`,
    )
    .action(runEmulation);
}

function collectAddress(text: string, before: readonly SocketAddress[] = []): readonly SocketAddress[] {
  return [...before, parseOpenflowAddress(text)];
}

async function runEmulation(topologyName: string, options: EmulateOptions): Promise<void> {
  const { controller = [], listen = [], lenient, seed } = options;
  if (controller.length + listen.length === 0) {
    throw new Failure(EXIT.usage, 'nobody could control the switches: give --controller, --listen or both');
  }
  const stopped = untilStopped();
  const topology = loadTopology(topologyName);
  printWarnings(topology);
  const clock = new Clock();
  const network = new EmulatedNetwork(topology, clock, new Random(seed), lenient ? { lenient } : {});
  const pace = new PacedClock(clock);
  const enter = (work: () => void) => pace.enter(work);
  // Switches that only listen are dialled when somebody likes to.
  const wait = new SwitchWait(controller.length > 0 ? network.switches.keys() : []);
  const listeners: ControlListener[] = [];
  const sockets: ControlSocket[] = [];
  try {
    for (const [name, address] of planListeners([...network.switches.keys()], listen)) {
      listeners.push(await ControlListener.listen(network.switches.get(name)!, address, enter));
    }
    for (const { name, address } of listeners) console.error(`${name}: listening on ${address}`);
    sockets.push(...dialControllers(network, controller, enter, wait));
    await Promise.race([stopped, runShell(network, enter, wait)]);
  } finally {
    for (const socket of sockets) socket.close();
    for (const listener of listeners) await listener.close();
    pace.stop();
    // Whoever holds its other end open would keep this process alive.
    process.stdin.destroy();
  }
}

function dialControllers(
  network: EmulatedNetwork,
  controller: readonly SocketAddress[],
  enter: (work: () => void) => void,
  wait: SwitchWait,
): readonly ControlSocket[] {
  const connected = new Set<string>();
  const absent = new Set<string>();
  return [...network.switches.values()].flatMap((actor) =>
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
}
