import type { FastifyInstance } from 'fastify';
import { afterEach, describe, expect, it } from 'vitest';
import { createHttpApp } from '../../../controller/http/app.ts';
import { SETTLE_TIME } from '../../../controller/network/network.ts';
import { NetworkWatch } from '../../../controller/network-watch.ts';
import type { Emulation } from '../../../protocol/api/emulation.ts';
import { EmulatedNetwork } from '../emulated-network.ts';
import { arpFrom, NetworkBench } from '../network-bench.ts';
import { ScriptedSwitch } from '../scripted-switch.ts';

const open: FastifyInstance[] = [];
afterEach(async () => {
  for (const app of open.splice(0)) await app.close();
});

const [S1, S2, S3] = ['0000000000000011', '0000000000000012', '0000000000000013'] as const;

/** A triangle of switches, port 1 to the next and port 2 to the one before; a host at port 3 of the first two. */
async function triangle(emulation?: Emulation) {
  const bench = new NetworkBench(emulation);
  const devices = [0x11n, 0x12n, 0x13n].map((dpid) => new ScriptedSwitch({ dpid }));
  for (const [i, device] of devices.entries()) ScriptedSwitch.join(device, 1, devices[(i + 1) % 3]!, 2);
  for (const device of devices) bench.dial(device);
  bench.wait(SETTLE_TIME);
  devices[0]!.hear(3, arpFrom(0x020000000001, 0x0a000001));
  devices[1]!.hear(3, arpFrom(0x020000000002, 0x0a000002));
  bench.pump();
  const app = await createHttpApp(bench, { watch: new NetworkWatch(bench), webRoot: '/nowhere' });
  open.push(app);
  const ask = async (query: Record<string, string>, headers: Record<string, string> = {}) =>
    app.inject({ url: `/api/v1/paths?${new URLSearchParams(query)}`, headers });
  const passed = async (query: Record<string, string>): Promise<string[]> =>
    (await ask(query))
      .json()
      .items.map(({ nodes }: { nodes: { node: string }[] }) => nodes.map(({ node }) => node).join(' '));
  return { bench, devices, ask, passed };
}

describe('paths over HTTP', () => {
  it('lead from host to host, with the ports and links of every hop', async () => {
    const { ask } = await triangle();
    const response = await ask({ from: '10.0.0.1', to: '02:00:00:00:00:02' });
    expect(response.statusCode).toBe(200);
    expect(response.json()).toEqual({
      items: [
        {
          cost: 1,
          nodes: [
            { node: '02:00:00:00:00:01', inPort: 0, outPort: 0 },
            { node: S1, inPort: 3, outPort: 1 },
            { node: S2, inPort: 2, outPort: 3 },
            { node: '02:00:00:00:00:02', inPort: 0, outPort: 0 },
          ],
          links: [`${S1}:3-02:00:00:00:00:01`, `${S1}:1-${S2}:2`, `${S2}:3-02:00:00:00:00:02`],
        },
      ],
      equalPorts: [1],
    });
  });

  it('are as many as asked for, or a pair that shares nothing', async () => {
    const { passed } = await triangle();
    const both = [`${S1} ${S2}`, `${S1} ${S3} ${S2}`];
    expect(await passed({ from: S1, to: S2 })).toEqual(both.slice(0, 1));
    expect(await passed({ from: S1, to: S2, k: '9' })).toEqual(both);
    expect(await passed({ from: S1, to: S2, disjoint: 'switches' })).toEqual(both);
    expect(await passed({ from: S1, to: S1, k: '2' })).toEqual([S1]);
  });

  it('avoid and pass what they should', async () => {
    const { passed } = await triangle();
    expect(await passed({ from: S1, to: S2, via: S3 })).toEqual([`${S1} ${S3} ${S2}`]);
    expect(await passed({ from: S1, to: S2, avoid: `${S1}:1-${S2}:2` })).toEqual([`${S1} ${S3} ${S2}`]);
    expect(await passed({ from: S1, to: S2, avoid: `${S1}:1-${S2}:2,${S3}` })).toEqual([]);
    expect(await passed({ from: S1, to: S2, avoid: S3, disjoint: 'links' })).toEqual([`${S1} ${S2}`]);
  });

  it('follow the network', async () => {
    const { bench, devices, passed } = await triangle();
    devices[0]!.setPortUp(1, false);
    bench.pump();
    expect(await passed({ from: S1, to: S2, k: '2' })).toEqual([`${S1} ${S3} ${S2}`]);
    devices[2]!.setPortUp(1, false);
    bench.pump();
    expect(await passed({ from: S1, to: S2 })).toEqual([]);
  });

  it('know the names of a document, and places of it that are not there yet', async () => {
    class Document extends EmulatedNetwork {
      override links() {
        const [h1, s1] = [
          { node: '02:00:00:00:00:01', portNo: 0 },
          { node: S1, portNo: 3 },
        ];
        return [{ name: 'h1-s1', a: h1, b: s1, isUp: true, frames: 0, bytes: 0 }];
      }
    }
    const { ask } = await triangle(new Document());
    const response = await ask({ from: 'h1', to: 's2' });
    expect(response.json().items[0]).toMatchObject({ links: ['h1-s1', `${S1}:1-${S2}:2`] });
    const bench = new NetworkBench(new EmulatedNetwork());
    const app = await createHttpApp(bench, { watch: new NetworkWatch(bench), webRoot: '/nowhere' });
    open.push(app);
    expect((await app.inject('/api/v1/paths?from=h1&to=s2')).json()).toEqual({ items: [], equalPorts: [] });
  });

  it('are refused between places that nobody knows, and that too many are', async () => {
    const emulation = new EmulatedNetwork();
    const named = emulation.switches().map((each) => ({ ...each, name: 'twin' }));
    emulation.switches = () => named;
    const { ask } = await triangle(emulation);
    expect((await ask({ from: 'nowhere', to: S2 })).json()).toMatchObject({
      status: 404,
      code: 'unknown-place',
      detail: 'from names nowhere; nothing that may stand there is called so.',
    });
    expect((await ask({ from: S1, to: S2, via: '10.0.0.1' })).json()).toMatchObject({ code: 'unknown-place' });
    expect((await ask({ from: S1, to: S2, avoid: 'x' }, { 'accept-language': 'zh' })).json()).toMatchObject({
      code: 'unknown-place',
      detail: 'avoid 指定的 x 不存在，或不能用在这里。',
    });
    expect((await ask({ from: 'twin', to: S2 })).json()).toMatchObject({ status: 409, code: 'ambiguous-place' });
  });

  it('are asked for in one way at a time, and not without end', async () => {
    const { ask } = await triangle();
    const ends = { from: S1, to: S2 };
    for (const [query, pointer, code] of [
      [{ ...ends, k: '17' }, 'k', 'out-of-range'],
      [{ ...ends, k: 'many' }, 'k', 'wrong-type'],
      [{ from: S1 }, 'to', 'missing'],
      [{ ...ends, cost: '1' }, 'cost', 'unknown-property'],
      [{ ...ends, k: '2', disjoint: 'links' }, 'k', 'wrong-value'],
      [{ ...ends, k: '2', via: S3 }, 'via', 'wrong-value'],
    ] as const) {
      const problem = (await ask({ ...query } as Record<string, string>)).json();
      expect(problem).toMatchObject({ status: 400, code: 'invalid-request', errors: [{ pointer, code }] });
    }
  });
});
