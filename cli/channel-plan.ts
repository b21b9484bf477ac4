/** Which control channels an emulation has: what its switches dial, what they listen on, and who they are when they speak TLS. */
import { formatHostAndPort } from '../protocol/wire/address.ts';
import type { ControlAddress, TlsIdentity } from '../sim/control-socket.ts';
import type { OpenflowAddress } from './address.ts';
import { EXIT } from './exit.ts';
import { Failure } from './failure.ts';
import type { ListenAddress } from './listen-address.ts';
import { loadTlsFiles, type TlsOptions } from './tls-files.ts';

export interface ChannelOptions extends TlsOptions {
  readonly controller?: readonly OpenflowAddress[];
  readonly listen?: readonly ListenAddress[];
  /** Connections to each controller besides the main one. */
  readonly auxiliary: number;
}

export interface ChannelPlan {
  readonly dialled: readonly ControlAddress[];
  readonly listening: readonly ListenAddress[];
  readonly tls: TlsIdentity | undefined;
  readonly auxiliaryCount: number;
}

/** To be called before anything else is done: what is wrong with the options and files is told first. */
export function planChannels(options: ChannelOptions): ChannelPlan {
  const { controller = [], listen = [], auxiliary } = options;
  if (controller.length + listen.length === 0) {
    throw new Failure(EXIT.usage, 'nobody could control the switches: give --controller, --listen or both');
  }
  checkControllers(controller, auxiliary);
  const tls = loadTlsFiles(options);
  const secure = [
    ...controller.filter(({ isSecure }) => isSecure).map((address) => `--controller ssl:${formatHostAndPort(address)}`),
    ...listen.filter(({ isSecure }) => isSecure).map(({ port }) => `--listen pssl:${port}`),
  ];
  if (secure.length > 0 && !tls) {
    throw new Failure(EXIT.usage, `${secure[0]}: TLS is mutual; give --key, --cert and --ca, too`);
  }
  if (tls && secure.length === 0) {
    throw new Failure(EXIT.usage, '--key, --cert and --ca are for ssl: and pssl: addresses, and there is none');
  }
  return {
    dialled: controller.map(({ host, port, isSecure }) => ({ host, port, tls: isSecure ? tls : undefined })),
    listening: listen,
    tls,
    auxiliaryCount: auxiliary,
  };
}

/** A controller that is given twice would be two to the switch, and contend with itself. */
function checkControllers(controllers: readonly OpenflowAddress[], auxiliaryCount: number): void {
  const targets = controllers.map(formatHostAndPort);
  const twice = targets.find((target, index) => targets.indexOf(target) !== index);
  if (twice !== undefined) throw new Failure(EXIT.usage, `--controller: ${twice} is given twice; give it once`);
  if (auxiliaryCount > 0 && controllers.length === 0) {
    throw new Failure(EXIT.usage, '--auxiliary is for controllers that are dialled; give --controller, too');
  }
}
