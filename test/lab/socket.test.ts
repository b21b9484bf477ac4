/**
 * An emulated network and our own controller with real TCP between them, paced by the wall clock: what a pipe in virtual time cannot show is
 * that they find each other, and find each other again.
 */
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Clock } from '../../sim/clock.ts';
import { ControllerDial } from '../../sim/controller-dial.ts';
import { EmulatedNetwork } from '../../sim/network.ts';
import { PacedClock } from '../../sim/paced-clock.ts';
import { type PingResult, startPing } from '../../sim/ping.ts';
import { Random } from '../../sim/random.ts';
import { loadTopology } from '../../topologies/loader.ts';
import { ControllerProgram, ROOT } from '../sluice-program.ts';

const HOST = '127.0.0.1';
const SWITCHES = 3;
const LINKS = 3;

/** For what should be so at once, on a machine that others keep busy. */
const SOON = { timeout: 20_000, interval: 100 };
const RUN_MS = 90_000;

interface Linked {
  readonly a: { readonly portNo: number };
  /** Port 0 is a host's. */
  readonly b: { readonly portNo: number };
}

let network: EmulatedNetwork;
let pace: PacedClock;
let controller: ControllerProgram;
let sockets: readonly ControllerDial[] = [];
let log: string[] = [];

function dial(port: number): void {
  sockets = [...network.switches.values()].map(
    (actor) =>
      new ControllerDial(actor, { host: HOST, port }, (work) => pace.enter(work), {
        connected: () => log.push(`${actor.name} connected`),
        disconnected: (reason) => log.push(`${actor.name} ${reason}`),
      }),
  );
}

/** All switches are connected, so many links found, and each switch has confirmed its rules. */
async function converged(linkCount = LINKS): Promise<void> {
  const state = async () => {
    const links = await controller.list<Linked>('/api/v1/links');
    return {
      switches: (await controller.list('/api/v1/switches')).length,
      links: links.filter(({ a, b }) => a.portNo > 0 && b.portNo > 0).length,
      isReady: await controller.isReady(),
    };
  };
  await expect.poll(state, SOON).toEqual({ switches: SWITCHES, links: linkCount, isReady: true });
}

function ping(from: string, to: string, count: number): Promise<PingResult> {
  const target = network.hosts.get(to)!.spec.ip!;
  return new Promise((resolve) => {
    pace.enter(() => startPing(network.hosts.get(from)!, target, { count }, resolve));
  });
}

async function expectAllPing(): Promise<void> {
  const names = [...network.hosts.keys()];
  const pairs = names.flatMap((from) => names.filter((to) => to !== from).map((to) => ({ from, to })));
  const results = await Promise.all(pairs.map(({ from, to }) => ping(from, to, 2)));
  for (const [i, { from, to }] of pairs.entries())
    expect(results[i], `${from} to ${to}`).toMatchObject({ sent: 2, received: 2, duplicates: 0 });
}

beforeEach(async () => {
  log = [];
  const clock = new Clock();
  network = new EmulatedNetwork(loadTopology(join(ROOT, 'topologies/triangle.yaml')), clock, new Random(1));
  controller = await ControllerProgram.start({ host: HOST, port: 0 });
  pace = new PacedClock(clock);
  dial(controller.port);
}, RUN_MS);

afterEach(async () => {
  for (const socket of sockets) socket.close();
  pace?.stop();
  await controller?.program.stop('SIGKILL');
}, RUN_MS);

describe('an emulated triangle and sluice controller over TCP', () => {
  it(
    'lets all pairs ping, and its frames are conserved',
    async () => {
      await converged();
      await expectAllPing();
      network.assertConserved();
    },
    RUN_MS,
  );

  it(
    'pings on without its controller, and the next one finds the network as it is by then',
    async () => {
      const { port } = controller;
      const connected = () => log.filter((line) => line.endsWith(' connected')).sort();
      const reunited = ['s1 connected', 's2 connected', 's3 connected'];
      await converged();
      await expectAllPing();

      await controller.program.stop('SIGKILL');
      await expect.poll(() => log.length - connected().length, SOON).toBeGreaterThanOrEqual(SWITCHES);
      expect(await ping('h1', 'h2', 2)).toMatchObject({ received: 2 });
      const direct = network.topology.graph.findEdge((_, { a, b }) => a.node === 's1' && b.node === 's2')!;
      pace.enter(() => network.cables.get(direct)!.setUp(false));
      expect(await ping('h1', 'h2', 1)).toMatchObject({ received: 0 });

      log = [];
      controller = await ControllerProgram.start({ host: HOST, port });
      await converged(LINKS - 1);
      expect(connected()).toEqual(reunited);
      await expectAllPing();
      pace.enter(() => network.cables.get(direct)!.setUp(true));
      await converged();
      await expectAllPing();
      network.assertConserved();
    },
    RUN_MS,
  );
});
