import type { FastifyInstance } from 'fastify';
import { afterEach, describe, expect, it } from 'vitest';
import { createHttpApp } from '../../../controller/http/app.ts';
import { NetworkWatch } from '../../../controller/network-watch.ts';
import { POLICIES_PREFIX, parseStoredPolicies } from '../../../controller/policy/stored-policies.ts';
import { NetworkBench } from '../network-bench.ts';

const open: FastifyInstance[] = [];
afterEach(async () => {
  for (const app of open.splice(0)) await app.close();
});

const PATH = '/api/v1/policies';
const WEB = { from: ['h1'], to: { tier: 'core' }, services: 'tcp/80', via: 's1', limit: '1500kbps' };

async function serve(bench = new NetworkBench()) {
  const app = await createHttpApp(bench, { watch: new NetworkWatch(bench), webRoot: '/nowhere' });
  open.push(app);
  const send = (
    method: 'PUT' | 'DELETE' | 'PATCH',
    url: string,
    payload?: object,
    headers: Record<string, string> = {},
  ) => app.inject({ method, url: PATH + url, headers, ...(payload && { payload }) });
  return { app, bench, send };
}

describe('policies over HTTP', () => {
  it('are put, read back in the words of files, replaced and taken away', async () => {
    const { app, send } = await serve();
    const created = await send('PUT', '/web', WEB);
    expect([created.statusCode, created.headers.location, created.headers.etag]).toEqual([201, `${PATH}/web`, '"1"']);
    const resource = {
      id: 'web',
      revision: 1,
      // Nobody has told this controller any names.
      state: 'failed',
      reason: 'from: there is no host h1; to: no host has the tier core; via 1: there is no switch s1',
      policy: {
        id: 'web',
        from: { names: ['h1'] },
        to: { tier: 'core' },
        services: ['tcp/80'],
        via: [{ names: ['s1'] }],
        limit: '1500kbps',
      },
    };
    expect(created.json()).toEqual(resource);
    expect((await app.inject(`${PATH}/web`)).json()).toEqual(resource);
    // What is read can be written.
    const replaced = await send('PUT', '/web', resource.policy);
    expect([replaced.statusCode, replaced.headers.etag]).toEqual([200, '"2"']);
    expect((await app.inject(PATH)).json()).toEqual({
      revision: 2,
      default: 'allow',
      items: [{ ...resource, revision: 2 }],
    });
    expect((await send('DELETE', '/web')).statusCode).toBe(204);
    expect((await app.inject(`${PATH}/web`)).statusCode).toBe(404);
    expect((await send('DELETE', '/web')).json()).toMatchObject({ code: 'unknown-policy', status: 404 });
  });

  it('have names of any language', async () => {
    const { app, send } = await serve();
    const created = await send('PUT', `/${encodeURIComponent('计划')}`, { deny: { from: 'h1', to: 'h2' } });
    expect(created.statusCode).toBe(201);
    expect((await app.inject(String(created.headers.location))).json()).toMatchObject({ id: '计划' });
  });

  it('and the default are there for the next controller', async () => {
    const { bench, send } = await serve();
    await send('PUT', '/web', WEB);
    expect((await send('PATCH', '', { default: 'deny' })).json()).toMatchObject({ default: 'deny', revision: 2 });
    const { entries } = await bench.store.range(POLICIES_PREFIX);
    const { app } = await serve(new NetworkBench(undefined, { policies: parseStoredPolicies(entries) }));
    expect((await app.inject(PATH)).json()).toMatchObject({
      revision: 2,
      default: 'deny',
      items: [{ id: 'web', revision: 1 }],
    });
  });

  it('are refused with a pointer to each mistake, and the mend', async () => {
    const { send } = await serve();
    const refused = await send('PUT', '/web', { id: 'wed', from: { teir: 'x' }, to: 'h2', limit: 5 });
    expect(refused.statusCode).toBe(400);
    expect(refused.json()).toMatchObject({
      code: 'invalid-policy',
      errors: [
        { pointer: '/from/teir', hint: 'unknown key "teir"; did you mean tier?' },
        { pointer: '/limit', hint: expect.stringContaining('5 has no unit') },
      ],
    });
    const misnamed = await send('PUT', '/web', { ...WEB, id: 'wed' });
    expect(misnamed.json().errors).toMatchObject([
      { pointer: '/id', hint: 'the path says web; write the same, or leave it out' },
    ]);
    expect((await send('PUT', '/default', WEB)).statusCode).toBe(400);
    expect((await send('PATCH', '', { default: 'drop' })).statusCode).toBe(400);
  });

  it('are written only over what the writer has seen, if the writer says so', async () => {
    const { app, send } = await serve();
    expect((await send('PUT', '/web', WEB, { 'if-match': '"1"' })).statusCode).toBe(412);
    expect((await send('PUT', '/web', WEB, { 'if-none-match': '*' })).statusCode).toBe(201);
    expect((await send('PUT', '/web', WEB, { 'if-none-match': '*' })).statusCode).toBe(412);
    expect((await send('PUT', '/web', WEB, { 'if-match': '"1"' })).statusCode).toBe(200);
    expect((await send('PUT', '/web', WEB, { 'if-match': '"1"' })).statusCode).toBe(412);
    expect((await send('DELETE', '/web', undefined, { 'if-match': '"1"' })).statusCode).toBe(412);
    expect((await app.inject(`${PATH}/web`)).headers.etag).toBe('"2"');
    expect((await send('DELETE', '/web', undefined, { 'if-match': '"2"' })).statusCode).toBe(204);
  });

  it('that cannot be stored are 503, and nothing has changed', async () => {
    const { app, bench, send } = await serve();
    bench.storeFailure = 'no space left';
    const answer = await send('PUT', '/web', WEB);
    expect(answer.json()).toMatchObject({
      status: 503,
      code: 'policy-unstored',
      detail: 'Everything is as it was: no space left',
    });
    expect((await app.inject(PATH)).json()).toMatchObject({ items: [] });
  });

  it('that are put are told as events', async () => {
    const { bench, send } = await serve();
    await send('PUT', '/web', WEB);
    expect(bench.events).toContainEqual({ type: 'policy-state', id: 'web', state: 'compiling', reason: undefined });
  });
});
