import { afterEach, describe, expect, it } from 'vitest';
import type { BackgroundProgram } from '../background-program.ts';
import { startSluice } from '../sluice-program.ts';

const RUN_MS = 90_000;

/** Nobody listens there: port 1 is reserved, and the switches go on trying. */
const NOBODY = 'tcp:127.0.0.1:1';

let emulation: BackgroundProgram | undefined;

afterEach(async () => {
  await emulation?.stop('SIGKILL');
});

/** Once it obeys; its standard input stays open. */
async function emulate(topology: string): Promise<BackgroundProgram> {
  emulation = startSluice('emulate', topology, '--controller', NOBODY);
  emulation.tell('nodes');
  await emulation.untilPrinted(/s1 s2 h1 h2\n/, RUN_MS);
  return emulation;
}

describe('sluice emulate', () => {
  it('ends with 0 when it is asked to stop, though its standard input is open', { timeout: RUN_MS }, async () => {
    expect(await (await emulate('linear,2')).stop('SIGTERM')).toBe(0);
  });

  it('ends with 0 at quit, though its standard input is open', { timeout: RUN_MS }, async () => {
    const running = await emulate('linear,2');
    running.tell('quit');
    expect(await running.untilEnded()).toBe(0);
  });

  it('loses every ping while its switches have no controller', { timeout: RUN_MS }, async () => {
    const running = await emulate('linear,2');
    running.tell('pingall');
    await running.untilPrinted(/pingall: 100% dropped \(0\/2 received\)\n/);
  });
});
