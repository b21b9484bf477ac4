/** `sluice controller`: the controller with REST and dashboard; switches dial in, emulated or real. */
import type { Command } from 'commander';
import { openFront } from '../controller/front.ts';
import { SwitchListener } from '../controller/southbound/listener.ts';
import { WallDriver } from '../controller/wall-driver.ts';
import { HTTP_DEFAULT, parseHttpAddress, parseOpenflowAddress, type SocketAddress } from './address.ts';
import { untilStopped } from './signal.ts';
import { WEB_ROOT } from './web-root.ts';

interface ControllerCommandOptions {
  readonly openflow: SocketAddress;
  readonly http: SocketAddress;
}

export function addControllerCommand(program: Command): void {
  program
    .command('controller')
    .description('run the controller with REST and dashboard; switches dial in, emulated or real')
    .option('--openflow <address>', 'where switches dial in', parseOpenflowAddress, { host: '127.0.0.1', port: 6653 })
    .option('--http <address>', 'where the page and REST are served', parseHttpAddress, HTTP_DEFAULT)
    .addHelpText(
      'after',
      `
Examples:
  $ sluice controller --openflow tcp:127.0.0.1:6653 --http 127.0.0.1:8080
  $ ovs-vsctl set-controller br0 tcp:127.0.0.1:6653`,
    )
    .action(runController);
}

async function runController({ openflow, http }: ControllerCommandOptions): Promise<void> {
  const stopped = untilStopped();
  const driver = new WallDriver();
  const listener = await SwitchListener.listen(driver, openflow);
  try {
    const front = await openFront(driver, { ...http, webRoot: WEB_ROOT });
    console.log(`controller: ${front.url}, switches at ${listener.address}`);
    await stopped;
    await front.close();
  } finally {
    await listener.close();
    driver.close();
  }
}
