/**
 * `sluice emulate linear,4` under foreign controllers: four switches in a row, a host at each, in a process of its own, and pings typed into it.
 *
 * It has no loop, which learning switches would not survive.
 */
import { createServer } from 'node:net';
import { expect } from 'vitest';
import type { BackgroundProgram } from '../background-program.ts';
import { startSluice } from '../sluice-program.ts';

const SWITCHES = 4;
const PINGS = SWITCHES * (SWITCHES - 1);

export const NO_LOSS = `pingall: 0% dropped (${PINGS}/${PINGS} received)`;

export class LinearEmulation {
  readonly program: BackgroundProgram;

  private constructor(program: BackgroundProgram) {
    this.program = program;
  }

  static start(...options: readonly string[]): LinearEmulation {
    return new LinearEmulation(startSluice('emulate', `linear,${SWITCHES}`, ...options));
  }

  /** Every switch has connected so often since this was asked the last time, to any of its controllers. */
  async untilConnected(controllers = 1): Promise<void> {
    for (let connected = 0; connected < SWITCHES * controllers; connected++) {
      await this.program.untilPrinted(/s\d to \S+: connected\n/, 60_000);
    }
  }

  /** Pings once in each direction between the ends until that succeeds: a connection is there before its controller has put a rule into it. */
  async warmUp(): Promise<void> {
    for (const [from, to] of [
      ['h1', 'h4'],
      ['h4', 'h1'],
    ] as const) {
      await expect.poll(() => this.crosses(from, to), { timeout: 30_000, interval: 100 }).toBe(true);
    }
  }

  async crosses(from: string, to: string): Promise<boolean> {
    this.program.tell(`ping ${from} ${to} 1`);
    const [, received] = await this.program.untilPrinted(new RegExp(`${from} -> ${to}: (\\d+)/1 received\\n`));
    return received === '1';
  }

  async pingAll(): Promise<string> {
    this.program.tell('pingall');
    const [line] = await this.program.untilPrinted(/pingall: .*\n/, 60_000);
    return line.trim();
  }
}

/** For a program that must be told a port, and does not tell one. */
export async function findFreePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  await new Promise((resolve) => {
    server.close(resolve);
  });
  return typeof address === 'object' && address !== null ? address.port : 0;
}
