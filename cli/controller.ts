/** `sluice controller`: the controller with REST and dashboard; switches dial in, emulated or real. */
import type { Command } from 'commander';
import { openFront } from '../controller/front.ts';
import { SwitchListener } from '../controller/southbound/listener.ts';
import { openControllerState } from '../controller/store/controller-state.ts';
import { WallDriver } from '../controller/wall-driver.ts';
import { HTTP_DEFAULT, parseHttpAddress, parseOpenflowAddress, type SocketAddress } from './address.ts';
import { untilStopped } from './signal.ts';
import { WEB_ROOT } from './web-root.ts';

interface ControllerCommandOptions {
  readonly openflow: SocketAddress;
  readonly http: SocketAddress;
  readonly store: string;
}

const STORE_DEFAULT = './.sluice';

export function addControllerCommand(program: Command): void {
  program
    .command('controller')
    .description('run the controller with REST and dashboard; switches dial in, emulated or real')
    .option('--openflow <address>', 'where switches dial in', parseOpenflowAddress, { host: '127.0.0.1', port: 6653 })
    .option('--http <address>', 'where the page and REST are served', parseHttpAddress, HTTP_DEFAULT)
    .option('--store <directory>', 'where what users want is kept; for one controller at a time', STORE_DEFAULT)
    .addHelpText(
      'after',
      `
Rules that users add are stored before they are sent, and put back when a switch has lost them. Rules of others are left alone.

Examples:
  $ sluice controller --openflow tcp:127.0.0.1:6653 --http 127.0.0.1:8080
  $ ovs-vsctl set-controller br0 tcp:127.0.0.1:6653`,
    )
    .action(runController);
}

async function runController({ openflow, http, store }: ControllerCommandOptions): Promise<void> {
  const stopped = untilStopped();
  const driver = new WallDriver(await openControllerState(store));
  try {
    const listener = await SwitchListener.listen(driver, openflow);
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
