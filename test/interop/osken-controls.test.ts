/**
 * Foreign controllers drive our switches: `sluice emulate linear,4` in a process of its own, os-ken and Open vSwitch's test controller in others, TCP
 * or TLS between them. They are killed and come back, and two of them contend for the same switches.
 */
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, test } from 'vitest';
import { BackgroundProgram } from '../background-program.ts';
import { Certificates, type TlsFiles } from '../certificates.ts';
import { ROOT } from '../sluice-program.ts';
import { findFreePort, LinearEmulation, NO_LOSS } from './linear-emulation.ts';
import { arePeersRequired, findPeer } from './peer.ts';

const python = findPeer('os-ken');
const manager = findPeer('osken-manager');
const testController = findPeer('ovs-testcontroller');
const openssl = findPeer('openssl');

/** The team's programs lie beside the repository. */
const PEERS = join(ROOT, '../shared/peers');
const isOsKenSkipped = python.isSkipped || manager.isSkipped;
const isLearningSkipped = isOsKenSkipped || (!existsSync(PEERS) && !arePeersRequired);
if (isLearningSkipped && !existsSync(PEERS)) console.warn(`skipped: ${PEERS} is not there`);

const HERE = dirname(fileURLToPath(import.meta.url));
const RUN_MS = 120_000;

const cleanups: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
}, RUN_MS);

/** Ends with the test, whatever becomes of it. */
function keep(program: BackgroundProgram): BackgroundProgram {
  cleanups.push(() => program.stop());
  return program;
}

function emulate(...options: readonly string[]): LinearEmulation {
  const emulation = LinearEmulation.start(...options);
  keep(emulation.program);
  return emulation;
}

async function startOsKen(app: string, folder: string): Promise<{ program: BackgroundProgram; target: string }> {
  if (!python.program || !manager.program) throw new Error(python.missing ?? manager.missing);
  const port = await findFreePort();
  const words = [manager.program, '--ofp-listen-host', '127.0.0.1', '--ofp-tcp-listen-port', String(port), app];
  const env = { PYTHONPATH: folder, PYTHONDONTWRITEBYTECODE: '1', PYTHONUNBUFFERED: '1' };
  return { program: keep(BackgroundProgram.start(python.program, words, { env })), target: `tcp:127.0.0.1:${port}` };
}

/** With files for TLS, or without. Its port is any that is free, unless one is given. */
async function startTestController(port = 0, tls?: TlsFiles): Promise<{ program: BackgroundProgram; port: number }> {
  if (!testController.program) throw new Error(testController.missing);
  const folder = await mkdtemp(join(tmpdir(), 'sluice-testcontroller-'));
  cleanups.push(() => rm(folder, { recursive: true, force: true }));
  const files = tls ? ['-p', tls.key, '-c', tls.cert, '-C', tls.ca] : [];
  const words = ['-O', 'OpenFlow13', ...files, `${tls ? 'pssl' : 'ptcp'}:${port}:127.0.0.1`];
  const program = keep(BackgroundProgram.start(testController.program, words, { env: { OVS_RUNDIR: folder } }));
  if (port !== 0) return { program, port };
  const [, found] = await program.untilPrinted(/listening on port (\d+)\n/);
  return { program, port: Number(found) };
}

describe.skipIf(isLearningSkipped)('os-ken’s learning switch', () => {
  test.each([[0], [2]])(
    'drives our switches with %i auxiliary connections each: everybody reaches everybody',
    async (auxiliaryCount) => {
      const { program, target } = await startOsKen('osken_learning', PEERS);
      const emulation = emulate('--controller', target, '--auxiliary', String(auxiliaryCount));
      await emulation.untilConnected();
      await emulation.warmUp();
      expect(await emulation.pingAll()).toBe(NO_LOSS);
      // By now rules carry them.
      expect(await emulation.pingAll()).toBe(NO_LOSS);
      expect(program.isRunning).toBe(true);
      expect(program.output).not.toMatch(/Traceback|error/i);
    },
    RUN_MS,
  );
});

describe.skipIf(testController.isSkipped)('Open vSwitch’s test controller', () => {
  test(
    'drives our switches: everybody reaches everybody, also after it was killed and started again',
    async () => {
      const first = await startTestController();
      const emulation = emulate('--controller', `tcp:127.0.0.1:${first.port}`);
      await emulation.untilConnected();
      await emulation.warmUp();
      expect(await emulation.pingAll()).toBe(NO_LOSS);
      expect(await emulation.pingAll()).toBe(NO_LOSS);
      expect(first.program.isRunning).toBe(true);
      expect(first.program.output).not.toMatch(/\|(WARN|ERR|EMER)\|/);
      await first.program.stop('SIGKILL');
      for (let lost = 0; lost < 4; lost++) await emulation.program.untilPrinted(/s\d to \S+: the controller hung up;/);
      const second = await startTestController(first.port);
      await emulation.untilConnected();
      await emulation.warmUp();
      expect(await emulation.pingAll()).toBe(NO_LOSS);
      expect(second.program.output).not.toMatch(/\|(WARN|ERR|EMER)\|/);
    },
    RUN_MS,
  );

  test.skipIf(openssl.isSkipped)(
    'drives our switches over mutual TLS',
    async () => {
      const pki = new Certificates();
      cleanups.push(async () => pki.remove());
      const { program, port } = await startTestController(0, pki.issue('controller'));
      const ours = pki.issue('switch');
      const files = ['--key', ours.key, '--cert', ours.cert, '--ca', ours.ca];
      const emulation = emulate('--controller', `ssl:127.0.0.1:${port}`, ...files);
      await emulation.untilConnected();
      await emulation.warmUp();
      expect(await emulation.pingAll()).toBe(NO_LOSS);
      expect(await emulation.pingAll()).toBe(NO_LOSS);
      expect(program.output).not.toMatch(/\|(WARN|ERR|EMER)\|/);
    },
    RUN_MS,
  );

  test.skipIf(openssl.isSkipped)(
    'is told of switches that it does not trust, and they of it',
    async () => {
      const pki = new Certificates();
      cleanups.push(async () => pki.remove());
      const { program, port } = await startTestController(0, pki.issue('controller'));
      const stranger = pki.issue('stranger', 'theirs', 'ours');
      const files = ['--key', stranger.key, '--cert', stranger.cert, '--ca', stranger.ca];
      const emulation = emulate('--controller', `ssl:127.0.0.1:${port}`, ...files);
      await emulation.program.untilPrinted(/the controller (refuses our certificate|hung up before its hello)/, 60_000);
      await program.untilPrinted(/certificate verify failed/);
      expect(emulation.program.output).not.toContain('connected\n');
    },
    RUN_MS,
  );
});

const [MASTER, SLAVE] = [2, 3];
const ROLE_REQUEST_FAILED_STALE = '11 0';
const IS_SLAVE = '1 10';

/** Each of the four switches has answered so. */
async function untilAllSay(program: BackgroundProgram, words: string): Promise<void> {
  const switches = new Set<string>();
  while (switches.size < 4) {
    const [first, ...rest] = words.split(' ');
    const [, dpid] = await program.untilPrinted(new RegExp(`${[first, '(\\d+)', ...rest].join(' ')}\\n`));
    switches.add(dpid!);
  }
}

describe.skipIf(isOsKenSkipped)('two os-ken controllers', () => {
  test(
    'contend: one master, a slave that may change nothing, elections that are stale, and a slave that takes over',
    async () => {
      const first = await startOsKen('osken_contender', HERE);
      const second = await startOsKen('osken_contender', HERE);
      const emulation = emulate('--controller', first.target, '--controller', second.target);
      await emulation.untilConnected(2);
      for (const { program } of [first, second]) await untilAllSay(program, 'joined');

      first.program.tell('master 7');
      await untilAllSay(first.program, `role ${MASTER} 7`);
      second.program.tell('slave 7');
      await untilAllSay(second.program, `role ${SLAVE} 7`);
      await emulation.warmUp();
      second.program.tell('rule');
      await untilAllSay(second.program, `refused ${IS_SLAVE}`);
      second.program.tell('master 6');
      await untilAllSay(second.program, `refused ${ROLE_REQUEST_FAILED_STALE}`);

      second.program.tell('master 8');
      await untilAllSay(second.program, `role ${MASTER} 8`);
      first.program.tell('rule');
      await untilAllSay(first.program, `refused ${IS_SLAVE}`);
      first.program.tell('master 9');
      await untilAllSay(first.program, `role ${MASTER} 9`);
      second.program.tell('slave 9');
      await untilAllSay(second.program, `role ${SLAVE} 9`);

      await first.program.stop('SIGKILL');
      second.program.tell('master 10');
      await untilAllSay(second.program, `role ${MASTER} 10`);
      // Only the ends have rules for each other: the second controller has to find the rest.
      expect(await emulation.pingAll()).toBe(NO_LOSS);
      expect(second.program.output).not.toContain('Traceback');
    },
    RUN_MS,
  );
});
