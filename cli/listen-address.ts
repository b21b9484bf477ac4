/**
 * Where switches listen, as `--listen` takes it: `ptcp:6701` (or `pssl:`) for all, each on a port of its own from there on, or
 * `s2=ptcp:6702` for one.
 */
import { InvalidArgumentError } from 'commander';
import { type OpenflowAddress, PORT_MAX } from './address.ts';
import { EXIT } from './exit.ts';
import { Failure } from './failure.ts';

export interface ListenAddress extends OpenflowAddress {
  /** The switch that it is for; undefined for all that have none of their own. */
  readonly switchName: string | undefined;
}

/** As Open vSwitch writes it; IPv6 addresses stand in brackets. */
const FORM = /^(?:([^=]+)=)?(ptcp|pssl):(\d{1,5})(?::(?:\[([0-9a-fA-F:.]+)\]|([^:[\]]+)))?$/;

export function collectListenAddress(text: string, before: readonly ListenAddress[] = []): readonly ListenAddress[] {
  const parts = FORM.exec(text);
  const port = Number(parts?.[3]);
  if (!parts || port > PORT_MAX) {
    throw new InvalidArgumentError('It looks like ptcp:6701, pssl:6701:127.0.0.1 or s2=ptcp:6702.');
  }
  const host = parts[4] ?? parts[5] ?? '127.0.0.1';
  return [...before, { switchName: parts[1], host, port, isSecure: parts[2] === 'pssl' }];
}

/**
 * What each switch listens on. A switch with addresses of its own keeps its number all the same, so that giving it one does not
 * move the others; port 0 is any that is free.
 */
export function planListeners(
  switchNames: readonly string[],
  addresses: readonly ListenAddress[],
): readonly (readonly [switchName: string, address: OpenflowAddress])[] {
  for (const { switchName } of addresses) {
    if (switchName === undefined || switchNames.includes(switchName)) continue;
    const reason = `there is no switch ${switchName}; there are ${switchNames.slice(0, NAMES_MAX).join(', ')}`;
    throw new Failure(EXIT.usage, `--listen ${switchName}=…: ${reason}${switchNames.length > NAMES_MAX ? ', …' : ''}`);
  }
  return switchNames.flatMap((name, index) => {
    const own = addresses.filter(({ switchName }) => switchName === name);
    const general = addresses.filter(({ switchName }) => switchName === undefined);
    return (own.length > 0 ? own : general.map((base) => shift(base, index, name))).map(
      (address) => [name, address] as const,
    );
  });
}

const NAMES_MAX = 8;

function shift(base: OpenflowAddress, index: number, name: string): OpenflowAddress {
  const { port } = base;
  if (port === 0) return base;
  if (port + index <= PORT_MAX) return { ...base, port: port + index };
  throw new Failure(EXIT.usage, `--listen ptcp:${port}: ${name} would need port ${port + index}; take a lower base`);
}
