/**
 * Foreign controllers drive our switches: `sluice emulate linear,3` in a process of its own, os-ken's learning switch and Open vSwitch's test
 * controller in others, TCP between them, and pings typed into the emulation.
 *
 * linear,3 has no loop, which neither controller would survive.
 */
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { BackgroundProgram } from '../background-program.ts';
import { ROOT, startSluice } from '../sluice-program.ts';
import { arePeersRequired, findPeer } from './peer.ts';

const python = findPeer('os-ken');
const manager = findPeer('osken-manager');
const testController = findPeer('ovs-testcontroller');

/** The team's programs lie beside the repository. */
const PEERS = join(ROOT, '../shared/peers');
const isOsKenSkipped = python.isSkipped || manager.isSkipped || (!existsSync(PEERS) && !arePeersRequired);
if (isOsKenSkipped && !existsSync(PEERS)) console.warn(`skipped: ${PEERS} is not there`);

const LINEAR_PINGS = 6;
const RUN_MS = 90_000;

const cleanups: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
}, RUN_MS);

/** Ends with the test, whatever becomes of it. */
function keep(program: BackgroundProgram): BackgroundProgram {
  cleanups.push(() => program.stop());
  return program;
}

/** os-ken must be told a port, and does not tell one. */
async function findFreePort(): Promise<number> {
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

/** An emulation whose switches are connected. */
async function emulateLinear(port: number): Promise<BackgroundProgram> {
  const emulation = keep(startSluice('emulate', 'linear,3', '--controller', `tcp:127.0.0.1:${port}`));
  for (let connected = 0; connected < 3; connected++) await emulation.untilPrinted(/s\d to \S+: connected\n/, 60_000);
  return emulation;
}

/** Pings once in each direction between the ends until that succeeds: a connection is there before its controller has put a rule into it. */
async function warmUp(emulation: BackgroundProgram): Promise<void> {
  const crosses = async (from: string, to: string) => {
    emulation.tell(`ping ${from} ${to} 1`);
    const [, received] = await emulation.untilPrinted(new RegExp(`${from} -> ${to}: (\\d+)/1 received\\n`));
    return received;
  };
  await expect.poll(() => crosses('h1', 'h3'), { timeout: 30_000, interval: 100 }).toBe('1');
}

async function pingAll(emulation: BackgroundProgram): Promise<string> {
  emulation.tell('pingall');
  const [line] = await emulation.untilPrinted(/pingall: .*\n/, 60_000);
  return line.trim();
}

const NO_LOSS = `pingall: 0% dropped (${LINEAR_PINGS}/${LINEAR_PINGS} received)`;

describe.skipIf(isOsKenSkipped)('os-ken’s learning switch', () => {
  test(
    'drives our switches: everybody reaches everybody',
    async () => {
      if (!python.program || !manager.program) throw new Error(python.missing ?? manager.missing);
      const port = await findFreePort();
      const words = [manager.program, '--ofp-listen-host', '127.0.0.1', '--ofp-tcp-listen-port', String(port)];
      const osKen = keep(
        BackgroundProgram.start(python.program, [...words, 'osken_learning'], {
          env: { PYTHONPATH: PEERS, PYTHONDONTWRITEBYTECODE: '1', PYTHONUNBUFFERED: '1' },
        }),
      );
      const emulation = await emulateLinear(port);
      await warmUp(emulation);
      expect(await pingAll(emulation)).toBe(NO_LOSS);
      // By now rules carry them.
      expect(await pingAll(emulation)).toBe(NO_LOSS);
      expect(osKen.isRunning).toBe(true);
      expect(osKen.output).not.toMatch(/Traceback|error/i);
    },
    RUN_MS,
  );
});

describe.skipIf(testController.isSkipped)('Open vSwitch’s test controller', () => {
  test(
    'drives our switches: everybody reaches everybody',
    async () => {
      if (!testController.program) throw new Error(testController.missing);
      const folder = await mkdtemp(join(tmpdir(), 'sluice-testcontroller-'));
      cleanups.push(() => rm(folder, { recursive: true, force: true }));
      const words = ['-O', 'OpenFlow13', 'ptcp:0:127.0.0.1'];
      const foreign = keep(BackgroundProgram.start(testController.program, words, { env: { OVS_RUNDIR: folder } }));
      const [, port] = await foreign.untilPrinted(/listening on port (\d+)\n/);
      const emulation = await emulateLinear(Number(port));
      await warmUp(emulation);
      expect(await pingAll(emulation)).toBe(NO_LOSS);
      expect(await pingAll(emulation)).toBe(NO_LOSS);
      expect(foreign.isRunning).toBe(true);
      expect(foreign.output).not.toMatch(/\|(WARN|ERR|EMER)\|/);
    },
    RUN_MS,
  );
});
