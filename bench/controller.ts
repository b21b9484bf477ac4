/**
 * Packet-ins through the controller's own way, on real sockets: a learning switch of ours, of os-ken and of Open vSwitch, each under the same load.
 *
 * Ours runs in this process, behind the listener and the driver that `sluice controller --app learning` has; the switches are another
 * process (`switch-load.ts`). A peer that is not installed is left out. Its figure is measured beside ours, in turns, and the best of the rounds counts for either:
 * whatever else runs on the machine only takes away.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SwitchListener } from '../controller/southbound/listener.ts';
import { WallDriver } from '../controller/wall-driver.ts';
import type { Comparison } from './measure.ts';
import type { Load, LoadResult } from './switch-load.ts';

export interface ControllerBenchOptions {
  readonly rounds: number;
  readonly milliseconds: number;
  readonly switches: readonly number[];
  readonly hasPeers: boolean;
}

const OUTSTANDING = 64;
const SWITCHES_OF_PEERS = 16;
const LOOPBACK = '127.0.0.1';
const IS_COMPILED = import.meta.url.includes('/dist/');
const PEERS_FOLDER = fileURLToPath(
  new URL(IS_COMPILED ? '../../../shared/peers' : '../../shared/peers', import.meta.url),
);
/** Node runs what is compiled. */
const LOAD_PROGRAM = fileURLToPath(
  new URL(IS_COMPILED ? 'switch-load.js' : '../dist/bench/switch-load.js', import.meta.url),
);

/** A Python takes its time on a loaded machine. */
const PEER_START_MS = 20_000;

interface Contender {
  readonly name: string;
  readonly port: number;
  stop(): Promise<void>;
}

interface Measured {
  readonly name: string;
  readonly best: LoadResult;
}

async function startOurs(): Promise<Contender> {
  const unlimited = { perSecond: Number.POSITIVE_INFINITY, burst: 0 };
  const driver = new WallDriver(undefined, { app: 'learning', packetInRate: unlimited });
  const listener = await SwitchListener.listen(driver, { host: LOOPBACK, port: 0 });
  return {
    name: 'sluice',
    port: Number(/\d+$/.exec(listener.address)![0]),
    stop: async () => {
      await driver.close();
      await listener.close();
    },
  };
}

function isInstalled(program: string): boolean {
  return spawnSync('which', [program]).status === 0;
}

async function startPeer(
  name: string,
  toCommand: (port: number) => readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Contender | undefined> {
  const port = await findFreePort();
  const [program, ...args] = toCommand(port);
  const child = spawn(program!, args, { stdio: 'ignore', env: { ...process.env, ...env } });
  const stop = () => end(child);
  try {
    await untilListening(port, child);
    return { name, port, stop };
  } catch {
    await stop();
    console.error(`bench: ${name} does not start and is left out`);
    return undefined;
  }
}

/** `folder` is for what they leave lying about. */
async function startPeers(folder: string): Promise<Contender[]> {
  const peers: (Contender | undefined)[] = [];
  if (isInstalled('ovs-testcontroller')) {
    peers.push(
      await startPeer('ovs-testcontroller', (port) => [
        'ovs-testcontroller',
        ...['-O', 'OpenFlow13', `--unixctl=${join(folder, 'control')}`, `ptcp:${port}:${LOOPBACK}`],
      ]),
    );
  }
  const manager = spawnSync('which', ['osken-manager'], { encoding: 'utf8' }).stdout.trim();
  if (manager !== '' && existsSync(join(PEERS_FOLDER, 'osken_learning.py'))) {
    const listen = (port: number) => ['--ofp-listen-host', LOOPBACK, '--ofp-tcp-listen-port', String(port)];
    const env = { PYTHONPATH: PEERS_FOLDER, PYTHONDONTWRITEBYTECODE: '1' };
    peers.push(
      await startPeer('os-ken', (port) => ['/usr/bin/python3', manager, ...listen(port), 'osken_learning'], env),
    );
  }
  return peers.filter((peer) => peer !== undefined);
}

async function findFreePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => {
    server.listen(0, LOOPBACK, resolve);
  });
  const address = server.address();
  await new Promise((resolve) => {
    server.close(resolve);
  });
  return typeof address === 'object' && address !== null ? address.port : 0;
}

async function untilListening(port: number, child: ChildProcess): Promise<void> {
  const deadline = performance.now() + PEER_START_MS;
  for (;;) {
    const isOpen = await new Promise<boolean>((resolve) => {
      const socket = connect(port, LOOPBACK, () => resolve(true));
      socket.on('error', () => resolve(false));
      socket.on('connect', () => socket.destroy());
    });
    if (isOpen) return;
    if (performance.now() > deadline || child.exitCode !== null) throw new Error('it does not listen');
    await new Promise((resolve) => {
      setTimeout(resolve, 100);
    });
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.pid === undefined) return;
  const ended = new Promise((resolve) => {
    child.once('exit', resolve);
  });
  child.kill('SIGKILL');
  await ended;
}

/** One run of the load against one controller. */
function runLoad(load: Load): Promise<LoadResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [LOAD_PROGRAM, JSON.stringify(load)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let text = '';
    child.stdout.setEncoding('utf8');
    child.stdout.on('data', (part: string) => {
      text += part;
    });
    child.once('error', reject);
    child.once('close', (code) => {
      if (code === 0) resolve(JSON.parse(text));
      else reject(new Error(`the load ended with ${code}`));
    });
  });
}

export async function benchController(options: ControllerBenchOptions): Promise<readonly Comparison[]> {
  const { rounds, milliseconds, switches, hasPeers } = options;
  const folder = mkdtempSync(join(tmpdir(), 'sluice-bench-'));
  const peers = hasPeers ? await startPeers(folder) : [];
  const run = async ({ name, port }: Contender, load: Omit<Load, 'port' | 'milliseconds'>) => {
    const result = await runLoad({ ...load, port, milliseconds });
    if (load.outstanding > 0 && result.leastReplies === 0) throw new Error(`${name} left a switch without an answer`);
    return result;
  };
  /** All contenders in turns; ours starts afresh each time, as the datapath ids come again. */
  const contend = async (load: Omit<Load, 'port' | 'milliseconds'>): Promise<readonly Measured[]> => {
    const rivals = load.switches <= SWITCHES_OF_PEERS ? peers : [];
    const results = new Map<string, LoadResult>();
    for (let round = 0; round < rounds; round++) {
      const ours = await startOurs();
      for (const contender of [ours, ...rivals]) {
        const result = await run(contender, load);
        const before = results.get(contender.name);
        results.set(contender.name, before ? toBest(before, result) : result);
      }
      await ours.stop();
    }
    return [...results].map(([name, best]) => ({ name, best }));
  };
  try {
    return await compareAll(switches, contend);
  } finally {
    for (const peer of peers) await peer.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

function toBest(a: LoadResult, b: LoadResult): LoadResult {
  return {
    readyMs: Math.min(a.readyMs, b.readyMs),
    repliesPerSecond: Math.max(a.repliesPerSecond, b.repliesPerSecond),
    medianUs: Math.min(a.medianUs, b.medianUs),
    leastReplies: Math.max(a.leastReplies, b.leastReplies),
  };
}

async function compareAll(
  switches: readonly number[],
  contend: (load: Omit<Load, 'port' | 'milliseconds'>) => Promise<readonly Measured[]>,
): Promise<readonly Comparison[]> {
  const comparisons: Comparison[] = [];
  const latency = await contend({ switches: 1, outstanding: 1, isBuffered: true });
  comparisons.push(...toComparisons('latency of a packet-in, 1 switch, p50', 'µs', latency, (best) => best.medianUs));
  for (const isBuffered of [true, false]) {
    const kind = isBuffered ? 'buffered' : 'unbuffered';
    for (const count of switches) {
      const measured = await contend({ switches: count, outstanding: OUTSTANDING, isBuffered });
      const name = `packet-ins ${kind}, ${count} switches`;
      comparisons.push(...toComparisons(name, 'replies/s', measured, (best) => best.repliesPerSecond));
      if (isBuffered && count > SWITCHES_OF_PEERS) {
        const [ours] = measured;
        comparisons.push({ name: `${count} switches: all ready`, unit: 's', ours: ours!.best.readyMs / 1000 });
      }
    }
  }
  const figures = new Map(comparisons.map(({ name, ours }) => [name, ours]));
  for (const kind of ['buffered', 'unbuffered']) {
    const [few, many] = [switches.includes(16) ? 16 : switches[0]!, switches.at(-1)!];
    const theirs = figures.get(`packet-ins ${kind}, ${few} switches`)!;
    const ours = figures.get(`packet-ins ${kind}, ${many} switches`)!;
    const name = `packet-ins ${kind}, ${many} switches`;
    if (many > few) comparisons.push({ name, unit: 'replies/s', ours, peer: `${few} switches`, theirs });
  }
  return comparisons;
}

function toComparisons(
  name: string,
  unit: string,
  measured: readonly Measured[],
  figure: (best: LoadResult) => number,
): Comparison[] {
  const [own, ...peers] = measured;
  const ours = figure(own!.best);
  if (peers.length === 0) return [{ name, unit, ours }];
  return peers.map((peer) => ({ name, unit, ours, peer: peer.name, theirs: figure(peer.best) }));
}
