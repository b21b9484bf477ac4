import { fileURLToPath } from 'node:url';
import type { FastifyInstance } from 'fastify';
import { afterEach, describe, expect, it } from 'vitest';
import { createHttpApp } from '../../../controller/http/app.ts';
import { NetworkWatch } from '../../../controller/network-watch.ts';
import type { Rim } from '../../../controller/rim.ts';
import { Lab } from '../../../lab/lab.ts';
import { LabEmulation } from '../../../lab/lab-emulation.ts';
import { loadTopology } from '../../../topologies/loader.ts';
import { SECOND } from '../network-bench.ts';

const TRIANGLE = fileURLToPath(new URL('../../../topologies/triangle.yaml', import.meta.url));

const open: FastifyInstance[] = [];
afterEach(async () => {
  for (const app of open.splice(0)) await app.close();
});

/** The emulated triangle; each request is given a second of virtual time to be answered in. */
async function serveTriangle(): Promise<{ readonly app: FastifyInstance; readonly dpid: string; readonly lab: Lab }> {
  const lab = new Lab(loadTopology(TRIANGLE));
  const run = () => lab.clock.runUntil(lab.clock.now + SECOND);
  const rim: Rim = {
    act: (work) => {
      const result = lab.act(work);
      run();
      return result;
    },
    now: () => lab.clock.now,
    onEvent: (listener) => lab.onEvent(listener),
    emulation: new LabEmulation(lab, (work) => {
      work();
      run();
    }),
  };
  run();
  const app = await createHttpApp(rim, { watch: new NetworkWatch(rim), webRoot: '/nowhere' });
  open.push(app);
  return { app, lab, dpid: rim.emulation!.switches()[0]!.dpid };
}

const flowsOf = (dpid: string, tableId = 0) => `/api/v1/switches/${dpid}/tables/${tableId}/flows`;

describe('our own switches over HTTP', () => {
  it('are ready, and discovered in full', async () => {
    const { app } = await serveTriangle();
    expect((await app.inject('/readyz')).json()).toEqual({ isReady: true });
    const topology = (await app.inject('/api/v1/topology')).json();
    expect(topology.switches).toHaveLength(3);
    const between = topology.links.filter(({ a, b }: { a: End; b: End }) => a.portNo > 0 && b.portNo > 0);
    expect(between.map(({ isDiscovered }: { isDiscovered: boolean }) => isDiscovered)).toEqual([true, true, true]);
  });

  it('take a rule, show it, and let it be deleted', async () => {
    const { app, dpid } = await serveTriangle();
    const payload = { priority: 4000, match: 'tcp,nw_dst=10.0.0.0/24,tp_dst=80', actions: 'drop' };
    const created = await app.inject({ method: 'POST', url: flowsOf(dpid), payload });
    expect(created.statusCode).toBe(201);
    const { items } = (await app.inject(flowsOf(dpid))).json();
    expect(items).toContainEqual(expect.objectContaining({ ...payload, owner: 'user', id: created.json().id }));
    const deleted = await app.inject({ method: 'DELETE', url: String(created.headers.location) });
    expect(deleted.statusCode).toBe(204);
    expect((await app.inject(String(created.headers.location))).statusCode).toBe(404);
  });

  it.each([
    ['goto_table:0', 'BAD_INSTRUCTION/BAD_TABLE_ID'],
    ['group:7', 'BAD_ACTION/BAD_OUT_GROUP'],
  ])('refuse %s by name', async (actions, error) => {
    const { app, dpid } = await serveTriangle();
    const response = await app.inject({ method: 'POST', url: flowsOf(dpid), payload: { match: 'ip', actions } });
    expect(response.json()).toMatchObject({ code: 'switch-refused', status: 422, errors: [{ params: { error } }] });
  });

  it('count what a rule dropped, and ping through when it is gone', async () => {
    const { app, lab } = await serveTriangle();
    const [from, to] = [...lab.network.hosts.keys()].sort();
    const ping = async () =>
      (await app.inject({ method: 'POST', url: '/api/v1/pings', payload: { from, to, count: 1 } })).json();
    expect(await ping()).toMatchObject({ sent: 1, received: 1 });
    const { hosts } = (await app.inject('/api/v1/topology')).json();
    const { dpid } = hosts.find(({ name }: { name: string }) => name === from);
    const payload = { priority: 4000, match: 'icmp', actions: 'drop' };
    const created = await app.inject({ method: 'POST', url: flowsOf(dpid), payload });
    expect(await ping()).toMatchObject({ sent: 1, received: 0, lossPercent: 100 });
    expect((await app.inject(String(created.headers.location))).json()).toMatchObject({ packetCount: '1' });
    await app.inject({ method: 'DELETE', url: String(created.headers.location) });
    expect(await ping()).toMatchObject({ sent: 1, received: 1 });
  });

  it('go another way when a cable is cut', async () => {
    const { app, lab } = await serveTriangle();
    const { links } = (await app.inject('/api/v1/topology')).json();
    const cable = links.find(({ a, b }: { a: End; b: End }) => a.portNo > 0 && b.portNo > 0);
    await app.inject({
      method: 'PATCH',
      url: `/api/v1/links/${encodeURIComponent(cable.name)}`,
      payload: { isUp: false },
    });
    const hosts = [...lab.network.hosts.keys()];
    for (const from of hosts) {
      for (const to of hosts.filter((name) => name !== from)) {
        const response = await app.inject({ method: 'POST', url: '/api/v1/pings', payload: { from, to, count: 1 } });
        expect(response.json()).toMatchObject({ from, to, received: 1 });
      }
    }
  });
});

interface End {
  readonly portNo: number;
}
