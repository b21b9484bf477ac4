import { afterEach, describe, expect, it } from 'vitest';
import type { BackgroundProgram } from '../background-program.ts';
import { ControllerProgram, startSluice } from '../sluice-program.ts';

const RUN_MS = 90_000;

/** Nobody listens there: port 1 is reserved, and the switches go on trying. */
const NOBODY = 'tcp:127.0.0.1:1';

let emulation: BackgroundProgram | undefined;

afterEach(async () => {
  await emulation?.stop('SIGKILL');
});

/** Once it obeys; its standard input stays open. */
async function emulate(topology: string, controller = NOBODY): Promise<BackgroundProgram> {
  emulation = startSluice('emulate', topology, '--controller', controller);
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

  it('says once that its controller is not there', { timeout: RUN_MS }, async () => {
    const running = await emulate('linear,2');
    running.tell('pingall');
    await running.untilPrinted(/waiting for s1, s2 to connect\n/);
    expect(running.output.match(/ECONNREFUSED/g)).toHaveLength(1);
  });

  it('pings when its switches have connected, and no sooner', { timeout: RUN_MS }, async () => {
    const running = await emulate('linear,2', NOBODY);
    running.tell('pingall');
    await running.untilPrinted(/waiting for s1, s2 to connect\n/);
    expect(running.output).not.toContain('pingall:');
    await running.stop();
    const controller = await ControllerProgram.start({ host: '127.0.0.1', port: 0 });
    try {
      const driven = await emulate('linear,2', controller.openflow);
      driven.tell('pingall');
      const [text] = await driven.untilPrinted(/pingall: .*\n/);
      expect(text).toMatch(/\/2 received/);
      const before = driven.output.slice(0, driven.output.indexOf('pingall:'));
      for (const name of ['s1', 's2']) expect(before).toMatch(new RegExp(`${name} to \\S+: connected`));
    } finally {
      await controller.program.stop();
    }
  });

  it('is not called without a controller', { timeout: RUN_MS }, async () => {
    emulation = startSluice('emulate', 'linear,2');
    await emulation.untilPrinted(/required option '--controller <address...>' not specified/, RUN_MS);
    expect(await emulation.untilEnded()).toBe(2);
  });
});
