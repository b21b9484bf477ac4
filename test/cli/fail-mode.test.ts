/** `sluice emulate --fail-mode`: what its hosts notice when the controller is killed. */
import { afterEach, describe, expect, it } from 'vitest';
import { FLOW_FLAG } from '../../protocol/wire/openflow/flow.ts';
import { PORT } from '../../protocol/wire/openflow/port.ts';
import type { BackgroundProgram } from '../background-program.ts';
import { SocketController, type SwitchConnection } from '../sim/socket-controller.ts';
import { startSluice } from '../sluice-program.ts';
import { ALL_FLOWS, flowMod, output } from '../vswitch/test-controller.ts';

const RUN_MS = 90_000;

/** Long enough for what comes before it on a busy machine, short enough to be waited for. */
const TIMEOUT_S = 6;

let emulation: BackgroundProgram | undefined;
let controller: SocketController | undefined;

afterEach(async () => {
  await emulation?.stop('SIGKILL');
  await controller?.close();
});

/** One switch with two hosts, and a controller that says nothing by itself. */
async function emulate(...options: readonly string[]): Promise<SwitchConnection> {
  controller = await SocketController.listen();
  emulation = startSluice('emulate', 'single,2', '--controller', controller.target, ...options);
  await emulation.untilPrinted(/s1 to \S+: connected\n/, RUN_MS);
  return (await controller.untilOpen(1))[0]!;
}

/** Dies, and the switch knows. */
async function kill(): Promise<void> {
  await controller!.close();
  await emulation!.untilPrinted(/s1 to \S+: the controller hung up; trying again/);
}

async function revive(): Promise<SwitchConnection> {
  controller = await SocketController.listen({ port: controller!.port });
  return (await controller.untilOpen(1))[0]!;
}

async function crosses(): Promise<boolean> {
  emulation!.tell('ping h1 h2 1');
  const [, received] = await emulation!.untilPrinted(/h1 -> h2: (\d)\/1 received\n/);
  return received === '1';
}

const FLOOD = flowMod({ hardTimeout: TIMEOUT_S, flags: FLOW_FLAG.sendFlowRem, instructions: [output(PORT.flood)] });
const DROP = flowMod({ priority: 1, match: [{ type: 'ethType', value: 0x88cc }] });

async function countRules(connection: SwitchConnection): Promise<number> {
  connection.send({ type: 'multipartRequest', xid: 3, flags: 0, body: { type: 'flow', ...ALL_FLOWS } });
  const { body } = await connection.next('multipartReply');
  return body.type === 'flow' ? body.entries.length : -1;
}

describe('a network whose controller is killed', () => {
  it('goes on with its rules until they end, and drops what no rule is for', { timeout: RUN_MS }, async () => {
    const before = await emulate('--fail-mode', 'secure');
    expect(await before.ask(DROP)).toBeUndefined();
    expect(await crosses()).toBe(false);
    expect(await before.ask(FLOOD)).toBeUndefined();
    expect(await crosses()).toBe(true);
    await kill();
    expect(await crosses()).toBe(true);
    await expect.poll(crosses, { timeout: 30_000, interval: 100 }).toBe(false);
    expect(await countRules(await revive())).toBe(1);
  });

  it('is bridged if it is to be standalone, until there is a controller again', { timeout: RUN_MS }, async () => {
    const before = await emulate('--fail-mode', 'standalone');
    expect(await before.ask(DROP)).toBeUndefined();
    expect(await before.ask({ ...FLOOD, match: [{ type: 'inPort', value: 1 }] })).toBeUndefined();
    expect(await crosses()).toBe(false);
    await kill();
    expect(await crosses()).toBe(true);
    expect(await crosses()).toBe(true);
    const after = await revive();
    expect(await crosses()).toBe(false);
    await expect.poll(() => countRules(after), { timeout: 30_000, interval: 100 }).toBe(1);
  });

  it('goes on with its rules unless anything else is asked for', { timeout: RUN_MS }, async () => {
    await emulate();
    await kill();
    expect(await crosses()).toBe(false);
  });
});
