/** Addresses as the options take them: `tcp:127.0.0.1:6653` for OpenFlow, `127.0.0.1:8080` for HTTP. */
import { InvalidArgumentError } from 'commander';

export interface SocketAddress {
  readonly host: string;
  readonly port: number;
}

/** IPv6 addresses stand in brackets. */
function parseHostAndPort(text: string): SocketAddress | undefined {
  const parts = /^(?:\[([0-9a-fA-F:.]+)\]|([^:[\]]+)):(\d{1,5})$/.exec(text);
  const port = Number(parts?.[3]);
  if (!parts || port > 65_535) return undefined;
  return { host: (parts[1] ?? parts[2])!, port };
}

export function parseOpenflowAddress(text: string): SocketAddress {
  const address = /^tcp:/.test(text) ? parseHostAndPort(text.slice(4)) : undefined;
  if (!address) throw new InvalidArgumentError('It looks like tcp:127.0.0.1:6653.');
  return address;
}

export function parseHttpAddress(text: string): SocketAddress {
  const address = parseHostAndPort(text);
  if (!address) throw new InvalidArgumentError('It looks like 127.0.0.1:8080.');
  return address;
}
