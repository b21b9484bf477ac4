import type { FastifyInstance } from 'fastify';
import { afterEach, describe, expect, it } from 'vitest';
import { createHttpApp } from '../../../controller/http/app.ts';
import { NetworkWatch } from '../../../controller/network-watch.ts';
import { EmulatedNetwork } from '../emulated-network.ts';
import { NetworkBench, SECOND, until } from '../network-bench.ts';
import type { ScriptedSwitch } from '../scripted-switch.ts';

const open: FastifyInstance[] = [];
afterEach(async () => {
  for (const app of open.splice(0)) await app.close();
});

interface Place {
  readonly app: FastifyInstance;
  readonly bench: NetworkBench;
  readonly device: ScriptedSwitch;
  readonly url: string;
  post(payload: object, query?: string, headers?: Record<string, string>): ReturnType<FastifyInstance['inject']>;
}

async function place(tableId = 1): Promise<Place> {
  const { bench, device } = NetworkBench.withSwitch();
  return serve(bench, device, tableId);
}

async function serve(bench: NetworkBench, device: ScriptedSwitch, tableId = 1): Promise<Place> {
  const app = await createHttpApp(bench, { watch: new NetworkWatch(bench), webRoot: '/nowhere' });
  open.push(app);
  const url = `/api/v1/switches/${device.hexDpid}/tables/${tableId}/flows`;
  const post: Place['post'] = (payload, query = '', headers = {}) =>
    app.inject({ method: 'POST', url: `${url}${query}`, payload, headers }) as ReturnType<FastifyInstance['inject']>;
  return { app, bench, device, url, post };
}

const WEB = { priority: 100, match: 'tcp,nw_dst=10.0.0.0/24,tp_dst=80', actions: 'output:2' };

const isWeb = ({ priority }: { readonly priority: number }) => priority >= 100 && priority < 200;

describe('rules over HTTP', () => {
  it('are created when the switch confirmed them, and read back from it', async () => {
    const { app, device, post } = await place();
    const response = await post({ ...WEB, cookie: '0xffffffffffffffff' });
    expect(response.statusCode).toBe(201);
    expect(response.json()).toEqual({ id: expect.stringMatching(/^[0-9a-f]{16}$/), installed: true });
    expect([...device.rules.values()].at(-1)).toMatchObject({ tableId: 1, priority: 100 });
    const flow = (await app.inject(String(response.headers.location))).json();
    expect(flow).toEqual({
      id: response.json().id,
      owner: 'user',
      tableId: 1,
      priority: 100,
      match: WEB.match,
      actions: 'output:2',
      cookie: '18446744073709551615',
      idleTimeout: 0,
      hardTimeout: 0,
      durationSeconds: 2.5,
      packetCount: '7',
      byteCount: String(2n ** 60n),
    });
  });

  it("are still their owner's for the next controller, and not sent again, however they were written", async () => {
    const { bench, device, post } = await place();
    const texts = [
      'output:2',
      'drop',
      'controller:128,goto_table:2',
      'set_field:02:00:00:00:00:09->eth_dst,push_vlan:0x8100,set_field:4103->vlan_vid,in_port',
      'write_actions(output:1),write_metadata:0x7/0xff',
    ];
    for (const [i, actions] of texts.entries())
      expect((await post({ ...WEB, priority: 100 + i, actions })).statusCode).toBe(201);
    const sent = device.received.length;
    const next = new NetworkBench(undefined, { userRules: await bench.userRules() });
    next.dial(device);
    next.wait(SECOND);
    const resent = device.received.slice(sent).filter((message) => message.type === 'flowMod');
    expect(resent.filter(isWeb)).toEqual([]);
    const { app, url } = await serve(next, device);
    const { items } = (await app.inject(url)).json();
    const owners = items.filter(isWeb).map(({ owner }: { owner: string }) => owner);
    expect(owners).toEqual(texts.map(() => 'user'));
  });

  it('are answered with 503 when they cannot be stored, and not sent', async () => {
    const { bench, device, post } = await place();
    const before = device.received.length;
    bench.storeFailure = 'no space left';
    expect((await post(WEB, '', { 'accept-language': 'en' })).json()).toMatchObject({
      code: 'store-failed',
      status: 503,
      detail: 'Nothing was sent to the switch: no space left',
    });
    expect(device.received).toHaveLength(before);
  });

  it('are answered with 409 while another change of theirs waits', async () => {
    const { bench, post } = await place();
    bench.isStoring = false;
    const first = post(WEB);
    await until(() => bench.isStoreWaitedFor);
    expect((await post({ ...WEB, actions: 'drop' })).json()).toMatchObject({ code: 'rule-busy', status: 409 });
    bench.isStoring = true;
    bench.pump();
    expect((await first).statusCode).toBe(201);
  });

  it('can be deleted though the switch has lost them', async () => {
    const { app, bench, device, post, url } = await place();
    const { id } = (await post(WEB)).json();
    for (const [key, { priority }] of device.rules) if (priority === WEB.priority) device.rules.delete(key);
    expect((await app.inject(`${url}/${id}`)).statusCode).toBe(404);
    expect((await app.inject({ method: 'DELETE', url: `${url}/${id}` })).statusCode).toBe(204);
    expect(await bench.userRules()).toEqual([]);
  });

  it('are listed by priority, with who owns them', async () => {
    const { app, device, url } = await place(0);
    const foreign = { ...device.rules.values().next().value!, cookie: 99n, priority: 5 };
    device.rules.set('foreign', foreign);
    const { tableName, planned, items } = (await app.inject(url)).json();
    expect(items).toHaveLength([...device.rules.values()].filter(({ tableId }) => tableId === 0).length);
    expect(items[0]).toMatchObject({ priority: 60_000, owner: 'system', match: 'dl_type=0x88cc' });
    expect(tableName).toBe('admit');
    expect(planned).toBe(items.filter(({ owner }: { owner: string }) => owner === 'system').length);
    expect(items.find(({ priority }: { priority: number }) => priority === 5)).toMatchObject({
      owner: 'foreign',
      cookie: '99',
    });
  });

  it('have the same id however their match is written', async () => {
    const { post } = await place();
    const ids = [
      await post(WEB),
      await post({ ...WEB, match: 'tp_dst=80,tcp,ip_dst=10.0.0.7/24' }),
      await post({ ...WEB, actions: 'drop' }),
    ].map((response) => response.json().id);
    expect(new Set(ids).size).toBe(1);
  });

  it('are refused in words, with what the switch said and where', async () => {
    const { device, post } = await place();
    device.refuse = () => 'BAD_ACTION/BAD_OUT_PORT';
    const response = await post(WEB, '', { 'accept-language': 'en' });
    expect(response.statusCode).toBe(422);
    expect(response.json()).toMatchObject({
      code: 'switch-refused',
      detail: `Switch ${device.hexDpid} answered BAD_ACTION/BAD_OUT_PORT: it has no port to which an action sends.`,
      errors: [{ pointer: '/actions', code: 'openflow-error', params: { error: 'BAD_ACTION/BAD_OUT_PORT' } }],
    });
    const chinese = await post(WEB, '', { 'accept-language': 'zh-CN,en;q=0.5' });
    expect(chinese.headers['content-language']).toBe('zh');
    expect(chinese.json()).toMatchObject({ code: 'switch-refused', title: '交换机拒绝了该请求' });
    expect(chinese.json().errors[0]).toMatchObject({ code: 'openflow-error', hint: '动作的输出端口不存在。' });
  });

  it('are answered with 504 when the switch says nothing', async () => {
    const { bench, device, post } = await place();
    device.answers = false;
    const before = device.received.length;
    const pending = post(WEB);
    await until(() => device.received.length >= before + 2);
    bench.wait(10 * SECOND);
    expect((await pending).json()).toMatchObject({ code: 'switch-unanswered', status: 504 });
  });

  it('are answered with 504 when the switch disconnects in the midst', async () => {
    const { bench, device, post } = await place();
    device.answers = false;
    const before = device.received.length;
    const pending = post(WEB);
    await until(() => device.received.length >= before + 2);
    bench.cut('c1');
    expect((await pending).json()).toMatchObject({
      code: 'switch-unanswered',
      detail: expect.stringContaining('disconnected'),
    });
  });

  it('are answered with 504 when the switch does not tell what it has', async () => {
    const { app, bench, device, url } = await place();
    device.answers = false;
    const before = device.received.length;
    const pending = app.inject(url);
    await until(() => device.received.length > before);
    bench.wait(10 * SECOND);
    expect((await pending).json()).toMatchObject({ code: 'switch-unanswered', status: 504 });
  });

  it('of a table that the switch refuses to tell are 422, with what it said, and not its silence', async () => {
    const { app, device, url } = await place();
    device.refuseQuery = () => 'BAD_REQUEST/BAD_TABLE_ID';
    const response = await app.inject({ url, headers: { 'accept-language': 'en' } });
    expect(response.statusCode).toBe(422);
    expect(response.json()).toMatchObject({
      code: 'switch-refused',
      title: 'The switch refused the request',
      detail: expect.stringContaining(`Switch ${device.hexDpid} answered BAD_REQUEST/BAD_TABLE_ID: `),
      errors: [{ pointer: 'tableId', code: 'openflow-error', params: { error: 'BAD_REQUEST/BAD_TABLE_ID' } }],
    });
  });

  it('are answered with 504 for a switch of the document that is not connected, and 404 for none', async () => {
    const bench = new NetworkBench(new EmulatedNetwork());
    const app = await createHttpApp(bench, { watch: new NetworkWatch(bench), webRoot: '/nowhere' });
    open.push(app);
    expect((await app.inject('/api/v1/switches/0000000000000012/tables/0/flows')).statusCode).toBe(504);
    expect((await app.inject('/api/v1/switches/0000000000000099/tables/0/flows')).json()).toMatchObject({
      code: 'unknown-switch',
    });
  });

  it('are refused with the column of a mistake and how to mend it', async () => {
    const { device, post } = await place();
    const before = device.received.length;
    const match = (await post({ ...WEB, match: 'tcp,nw_dts=10.0.0.1' })).json();
    expect(match).toMatchObject({
      code: 'invalid-rule',
      status: 400,
      errors: [{ pointer: '/match', code: 'syntax', params: { column: 5 }, hint: expect.stringContaining('nw_dst') }],
    });
    expect((await post({ ...WEB, actions: 'output:2,drop' })).json()).toMatchObject({
      errors: [{ pointer: '/actions', code: 'syntax', params: { column: 10 } }],
    });
    expect(device.received).toHaveLength(before);
  });

  it.each([
    [{ actions: 'drop', priority: '100' }, '/priority', 'wrong-type'],
    [{ actions: 'drop', priority: 65_536 }, '/priority', 'out-of-range'],
    [{ actions: 'drop', colour: 'red' }, '/colour', 'unknown-property'],
    [{ match: 'ip' }, '/actions', 'missing'],
    [{ actions: 'drop', cookie: '-1' }, '/cookie', 'wrong-form'],
    [{ actions: 'drop', cookie: '18446744073709551616' }, '/cookie', 'cookie-too-large'],
    [{ actions: 'x'.repeat(5000) }, '/actions', 'too-long'],
  ])('are refused when they have not the form: %o', async (payload, pointer, code) => {
    const { post } = await place();
    expect((await post(payload)).json()).toMatchObject({ status: 400, errors: [{ pointer, code }] });
  });

  it('fit into one message, however many actions the text holds', async () => {
    const { post } = await place();
    expect((await post({ actions: Array(2048).fill('1').join(',') })).statusCode).toBe(201);
  });

  it('are only normalised by a dry run, which also tells what a switch would have against them', async () => {
    const { device, post } = await place();
    const before = device.received.length;
    const response = await post({ ...WEB, match: 'tp_dst=80,tcp,ip_dst=10.0.0.7/24' }, '?dryRun=true');
    expect(response.statusCode).toBe(200);
    expect(response.json()).toMatchObject({
      installed: false,
      replaces: false,
      rule: { ...WEB, tableId: 1 },
      warnings: [],
    });
    const doubtful = await post({ actions: 'goto_table:1' }, '?dryRun=true');
    expect(doubtful.json().warnings).toMatchObject([
      { pointer: '/actions', code: 'openflow-error', params: { error: 'BAD_INSTRUCTION/BAD_TABLE_ID' } },
    ]);
    expect(device.received).toHaveLength(before);
    expect((await post(WEB, '?dryRun=yes')).json()).toMatchObject({
      errors: [{ pointer: 'dryRun', code: 'wrong-type' }],
    });
    expect((await post(WEB, '?dryrun=true')).json()).toMatchObject({
      errors: [{ pointer: 'dryrun', code: 'unknown-property' }],
    });
  });

  it('belong to the system when it computed them: not to be overwritten, nor deleted', async () => {
    const { app, device, post, url } = await place(0);
    const response = await post({ priority: 60_000, match: 'dl_type=0x88cc', actions: 'drop' });
    expect(response.json()).toMatchObject({ code: 'system-rule', status: 409 });
    const size = device.rules.size;
    const { items } = (await app.inject(url)).json();
    const deletion = await app.inject({ method: 'DELETE', url: `${url}/${items[0].id}` });
    expect(deletion.json()).toMatchObject({ code: 'system-rule', status: 409 });
    expect(device.rules.size).toBe(size);
  });

  it('are deleted when the switch confirmed it, ours and foreign ones', async () => {
    const { app, device, post, url } = await place();
    const { id } = (await post(WEB)).json();
    const size = device.rules.size;
    expect((await app.inject({ method: 'DELETE', url: `${url}/${id}` })).statusCode).toBe(204);
    expect(device.rules.size).toBe(size - 1);
    expect((await app.inject({ method: 'DELETE', url: `${url}/${id}` })).json()).toMatchObject({
      code: 'unknown-flow',
    });
    expect((await app.inject(`${url}/${id}`)).statusCode).toBe(404);
  });

  it('are of tables from 0 to 254', async () => {
    const { app, device } = await place();
    const read = (table: string) => app.inject(`/api/v1/switches/${device.hexDpid}/tables/${table}/flows`);
    expect((await read('255')).json()).toMatchObject({ errors: [{ pointer: 'tableId', code: 'out-of-range' }] });
    expect((await read('one')).json()).toMatchObject({ errors: [{ pointer: 'tableId', code: 'wrong-type' }] });
    expect((await read('254')).statusCode).toBe(200);
  });
});
