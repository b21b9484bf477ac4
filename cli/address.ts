/** Addresses as the options take them: `tcp:127.0.0.1:6653` for OpenFlow, `127.0.0.1:8080` for HTTP. */
import { InvalidArgumentError } from 'commander';
import { isLoopbackHost } from '../controller/loopback.ts';
import { EXIT } from './exit.ts';
import { Failure } from './failure.ts';

export interface SocketAddress {
  readonly host: string;
  readonly port: number;
}

export const PORT_MAX = 65_535;

/** Where the page and REST are served unless somebody wants them elsewhere. */
export const HTTP_DEFAULT: SocketAddress = { host: '127.0.0.1', port: 8080 };

/** IPv6 addresses stand in brackets. */
function parseHostAndPort(text: string): SocketAddress | undefined {
  const parts = /^(?:\[([0-9a-fA-F:.]+)\]|([^:[\]]+)):(\d{1,5})$/.exec(text);
  const port = Number(parts?.[3]);
  if (!parts || port > PORT_MAX) return undefined;
  return { host: (parts[1] ?? parts[2])!, port };
}

/** Where a switch dials its controller or listens, and where the controller awaits it. */
export interface OpenflowAddress extends SocketAddress {
  readonly isSecure: boolean;
}

export function parseOpenflowAddress(text: string): OpenflowAddress {
  const address = /^(?:tcp|ssl):/.test(text) ? parseHostAndPort(text.slice(4)) : undefined;
  if (!address) throw new InvalidArgumentError('It looks like tcp:127.0.0.1:6653 or ssl:127.0.0.1:6653.');
  return { ...address, isSecure: text.startsWith('ssl:') };
}

export function parseHttpAddress(text: string): SocketAddress {
  const address = parseHostAndPort(text);
  if (!address) throw new InvalidArgumentError('It looks like 127.0.0.1:8080.');
  if (!isLoopbackHost(address.host)) {
    const reason = 'is not an address of this computer alone, and nothing else is served yet; take 127.0.0.1';
    throw new Failure(EXIT.usage, `--http ${text}: ${address.host} ${reason}`);
  }
  return address;
}
