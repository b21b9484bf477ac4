import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { afterEach, describe, expect, it } from 'vitest';
import { createHttpApp } from '../../../controller/http/app.ts';
import { PROBE_INTERVAL, SETTLE_TIME } from '../../../controller/network/network.ts';
import { NetworkWatch } from '../../../controller/network-watch.ts';
import type { Rim } from '../../../controller/rim.ts';
import type { EmulatedHost } from '../../../protocol/api/emulation.ts';
import { toBytes } from '../../../protocol/wire/openflow/message.ts';
import { EmulatedNetwork } from '../emulated-network.ts';
import { NetworkBench } from '../network-bench.ts';
import { ScriptedSwitch } from '../scripted-switch.ts';

const open: FastifyInstance[] = [];
afterEach(async () => {
  for (const app of open.splice(0)) await app.close();
});

async function serve(rim: Rim, webRoot = '/nowhere', bugs: unknown[] = []): Promise<FastifyInstance> {
  const app = await createHttpApp(rim, { watch: new NetworkWatch(rim), webRoot, onBug: (bug) => bugs.push(bug) });
  open.push(app);
  return app;
}

describe('the network over HTTP', () => {
  it('shows a switch, its ports and its rules, without an emulation', async () => {
    const { bench, device } = NetworkBench.withSwitch();
    const app = await serve(bench);
    const topology = (await app.inject('/api/v1/topology')).json();
    expect(topology).toMatchObject({ isConverged: true, isEmulated: false, hosts: [], links: [] });
    const one = (await app.inject(`/api/v1/switches/${device.hexDpid}`)).json();
    expect(one).toMatchObject({ dpid: device.hexDpid, isConnected: true, flowCount: device.rules.size });
    expect(one.ports).toHaveLength(3);
    expect((await app.inject('/api/v1/switches')).json()).toEqual({ items: [one] });
  });

  it('says which switch there is not', async () => {
    const app = await serve(new NetworkBench());
    const response = await app.inject('/api/v1/switches/00000000000000ff');
    expect(response.statusCode).toBe(404);
    expect(response.headers['content-type']).toContain('application/problem+json');
    expect(response.json()).toMatchObject({
      code: 'unknown-switch',
      status: 404,
      detail: expect.stringContaining('00000000000000ff'),
    });
    expect((await app.inject('/api/v1/switches/17')).json()).toMatchObject({
      code: 'invalid-request',
      errors: [{ pointer: 'dpid', code: 'wrong-form' }],
    });
  });

  it('says what nothing answers', async () => {
    const app = await serve(new NetworkBench());
    expect((await app.inject('/api/v1/swiches')).json()).toMatchObject({ code: 'unknown-resource', status: 404 });
    expect((await app.inject('/ws')).statusCode).toBe(404);
  });

  it('tells what happened', async () => {
    const { bench, device } = NetworkBench.withSwitch();
    const app = await serve(bench);
    device.setPortUp(2, false);
    bench.pump();
    const { items } = (await app.inject('/api/v1/events')).json();
    expect(items).toContainEqual({ atMs: 300, type: 'port-down', params: { dpid: device.hexDpid, portNo: 2 } });
  });

  it('cuts an emulated cable and shows it cut', async () => {
    const { bench } = NetworkBench.withSwitch(new EmulatedNetwork());
    const app = await serve(bench);
    const response = await app.inject({ method: 'PATCH', url: '/api/v1/links/uplink', payload: { isUp: false } });
    expect(response.statusCode).toBe(200);
    expect(response.json()).toMatchObject({ name: 'uplink', isUp: false });
    const unknown = await app.inject({ method: 'PATCH', url: '/api/v1/links/up%2Flink', payload: { isUp: false } });
    expect(unknown.json()).toMatchObject({ code: 'unknown-link', detail: 'No link is named up/link.' });
  });

  it('does not take a word for a boolean', async () => {
    const { bench } = NetworkBench.withSwitch(new EmulatedNetwork());
    const app = await serve(bench);
    const response = await app.inject({ method: 'PATCH', url: '/api/v1/links/uplink', payload: { isUp: 'false' } });
    expect(response.json()).toMatchObject({
      code: 'invalid-request',
      errors: [{ pointer: '/isUp', code: 'wrong-type' }],
    });
  });

  it('pings between emulated hosts', async () => {
    const emulation = new EmulatedNetwork();
    const app = await serve(new NetworkBench(emulation));
    const ping = (payload: object) => app.inject({ method: 'POST', url: '/api/v1/pings', payload });
    expect((await ping({ from: 'h1', to: 'h2', count: 3 })).json()).toMatchObject({
      sent: 3,
      received: 3,
      lossPercent: 0,
    });
    expect((await ping({ from: 'h9', to: 'h2' })).json()).toMatchObject({ code: 'unknown-host', status: 404 });
    expect((await ping({ from: 'h1', to: 'h2', count: 0 })).json()).toMatchObject({
      errors: [{ pointer: '/count', code: 'out-of-range', hint: 'This must be >= 1.' }],
    });
  });

  it('pings neither from a host to itself nor from one without an address, and says why', async () => {
    class Guests extends EmulatedNetwork {
      override hosts(): readonly EmulatedHost[] {
        const [h1] = super.hosts();
        const mac = '02:00:00:00:00:03';
        return [
          h1!,
          { ...h1!, id: mac, name: 'h3', mac, ip: '' },
          { ...h1!, id: 'port:p1', kind: 'port', name: 'p1', mac: '', ip: '' },
        ];
      }
    }
    const emulation = new Guests();
    const app = await serve(new NetworkBench(emulation));
    const ping = (payload: object) => app.inject({ method: 'POST', url: '/api/v1/pings', payload });
    expect((await ping({ from: 'h1', to: 'h1' })).json()).toMatchObject({
      code: 'invalid-request',
      errors: [{ pointer: '/to', hint: 'This value is not accepted: to = from = h1.' }],
    });
    expect((await ping({ from: 'h3', to: 'h1' })).json()).toMatchObject({
      code: 'unknown-host',
      detail: expect.stringContaining('h3 has no address yet'),
    });
    for (const ends of [
      { from: 'p1', to: 'h1' },
      { from: 'h1', to: 'p1' },
    ]) {
      expect((await ping(ends)).json()).toMatchObject({
        status: 422,
        code: 'bare-port',
        detail: 'p1 is a bare port: it has no stack. Choose a host.',
      });
    }
    expect(emulation.pings).toEqual([]);
  });

  it('answers addresses that cannot be read with a problem, too', async () => {
    const app = await serve(new NetworkBench());
    for (const url of ['/api/v1/switches/%E0%A4', '/%', `/api/v1/switches/${'a'.repeat(3000)}`]) {
      const response = await app.inject(url);
      expect(response.headers['content-type'], url).toContain('application/problem+json');
      expect(response.headers['x-content-type-options']).toBe('nosniff');
      expect(response.json(), url).toMatchObject({ code: 'invalid-request', status: 400 });
      expect(response.body).not.toContain('not-json');
    }
  });

  it('calls only that not JSON which is not', async () => {
    const app = await serve(new NetworkBench(new EmulatedNetwork()));
    const patch = (payload: string, headers = {}) =>
      app.inject({
        method: 'PATCH',
        url: '/api/v1/links/uplink',
        payload,
        headers: { 'content-type': 'application/json', ...headers },
      });
    for (const text of ['', '{', '{"isUp": tru}']) {
      expect((await patch(text)).json(), text).toMatchObject({ errors: [{ code: 'not-json' }] });
    }
    expect((await patch('{"isUp":true}', { 'content-length': '5' })).json()).toMatchObject({
      code: 'invalid-request',
      errors: [{ code: 'wrong-value' }],
    });
  });

  it('says that nothing is emulated where nothing is', async () => {
    const app = await serve(new NetworkBench());
    const responses = [
      await app.inject({ method: 'PATCH', url: '/api/v1/links/uplink', payload: { isUp: false } }),
      await app.inject({ method: 'POST', url: '/api/v1/pings', payload: { from: 'a', to: 'b' } }),
    ];
    for (const response of responses) {
      expect(response.json()).toMatchObject({
        code: 'no-emulation',
        status: 404,
        detail: expect.stringContaining('sluice lab'),
      });
    }
  });
});

describe('who watches the process', () => {
  it('hears what is missing until the network is converged', async () => {
    const { bench, device } = NetworkBench.withSwitch(new EmulatedNetwork());
    const app = await serve(bench);
    expect((await app.inject('/healthz')).json()).toEqual({ isAlive: true });
    const early = await app.inject('/readyz');
    expect(early.statusCode).toBe(503);
    expect(early.json()).toMatchObject({
      code: 'not-ready',
      errors: [{ pointer: '/switches/0000000000000012', code: 'switch-missing', hint: 'Switch s2 has not connected.' }],
    });
    const other = new ScriptedSwitch({ dpid: 0x12n });
    bench.dial(other);
    expect((await app.inject('/readyz')).json()).toMatchObject({
      errors: [{ code: 'ports-settling', params: { name: 's2', count: 3 } }, { code: 'link-missing' }],
    });
    bench.wait(SETTLE_TIME);
    expect((await app.inject('/readyz')).json()).toMatchObject({ errors: [{ pointer: '/links/uplink' }] });
    ScriptedSwitch.join(device, 1, other, 1);
    bench.wait(PROBE_INTERVAL);
    expect((await app.inject('/readyz')).json()).toEqual({ isReady: true });
  });

  it('hears which rules a switch has not confirmed', async () => {
    const { bench, device } = NetworkBench.withSwitch();
    const app = await serve(bench);
    device.answers = false;
    device.setPortUp(2, false);
    bench.pump();
    const response = await app.inject('/readyz');
    expect(response.json()).toMatchObject({
      errors: [{ code: 'rules-outstanding', pointer: `/switches/${device.hexDpid}` }],
    });
  });

  it('reads measurements whose labels do not grow with what is asked', async () => {
    const { bench, device } = NetworkBench.withSwitch();
    const app = await serve(bench);
    await app.inject('/nowhere/1');
    await app.inject('/nowhere/2');
    await app.inject(`/api/v1/switches/${device.hexDpid}`);
    const { body, headers } = await app.inject('/metrics');
    expect(headers['content-type']).toContain('text/plain');
    expect(body).toContain('\nsluice_switches 1\n');
    expect(body).toContain(`\nsluice_rules_installed ${device.rules.size}\n`);
    expect(body).toContain('sluice_packet_ins_total');
    expect(body).toContain(`\nsluice_switch_packet_ins_total{dpid="${device.hexDpid}"} 0\n`);
    expect(body).not.toContain('sluice_switch_faults_total{');
    bench.inject('c1', toBytes({ type: 'barrierReply', xid: 9999 }));
    expect((await app.inject('/metrics')).body).toContain(
      `\nsluice_switch_faults_total{dpid="${device.hexDpid}",fault="stray-reply"} 1\n`,
    );
    expect(body).toContain('sluice_http_requests_total{route="none",status="404"} 2');
    expect(body).toContain('sluice_http_requests_total{route="/api/v1/switches/:dpid",status="200"} 1');
  });
});

describe('the doors', () => {
  const write = (app: FastifyInstance, headers: Record<string, string>) =>
    app.inject({ method: 'POST', url: '/api/v1/pings', payload: { from: 'h1', to: 'h2' }, headers });

  it('are open to this computer and to pages of this server', async () => {
    const app = await serve(new NetworkBench(new EmulatedNetwork()));
    const allowed = [
      { host: '127.0.0.1:8080' },
      { host: 'localhost:8080', origin: 'http://localhost:8080' },
      { host: '[::1]:8080', origin: 'http://[::1]:8080' },
    ];
    for (const headers of allowed) expect((await write(app, headers)).statusCode).toBe(200);
  });

  it('are shut to pages from elsewhere, and to names that only seem to be ours', async () => {
    const app = await serve(new NetworkBench(new EmulatedNetwork()));
    const foreign = [
      { host: '127.0.0.1:8080', origin: 'http://evil.example' },
      { host: '127.0.0.1:8080', origin: 'null' },
      { host: '127.0.0.1:8080', origin: 'http://localhost.evil.example' },
      { host: '127.0.0.1:8080', origin: 'http://localhost@evil.example' },
      { host: 'rebound.example:8080', origin: 'http://rebound.example:8080' },
      { host: 'rebound.example:8080' },
    ];
    for (const headers of foreign) {
      expect((await write(app, headers)).json()).toMatchObject({ code: 'foreign-origin', status: 403 });
    }
  });

  it('are shut to what a form could post', async () => {
    const app = await serve(new NetworkBench(new EmulatedNetwork()));
    const response = await app.inject({
      method: 'POST',
      url: '/api/v1/pings',
      headers: { 'content-type': 'text/plain' },
      payload: '{"from":"h1","to":"h1"}',
    });
    expect(response.json()).toMatchObject({ code: 'unsupported-media-type', status: 415 });
  });

  it('are shut to bodies that are too long, and to what is no JSON', async () => {
    const app = await serve(new NetworkBench(new EmulatedNetwork()));
    const post = (payload: string) =>
      app.inject({ method: 'POST', url: '/api/v1/pings', headers: { 'content-type': 'application/json' }, payload });
    expect((await post(`{"from":"${'x'.repeat(70_000)}"}`)).json()).toMatchObject({
      code: 'body-too-large',
      status: 413,
    });
    expect((await post('{"from":')).json()).toMatchObject({ code: 'invalid-request', errors: [{ code: 'not-json' }] });
    const many = Object.fromEntries(Array.from({ length: 1000 }, (_, i) => [`x${i}`, i]));
    expect((await post(JSON.stringify(many))).json().errors).toHaveLength(20);
  });

  it('tell a mistake of ours without its insides, and report it', async () => {
    const bugs: unknown[] = [];
    const emulation = new EmulatedNetwork();
    emulation.ping = () => {
      throw new Error('the secret');
    };
    const app = await serve(new NetworkBench(emulation), '/nowhere', bugs);
    const response = await write(app, {});
    expect(response.statusCode).toBe(500);
    expect(response.body).not.toContain('secret');
    expect(bugs).toHaveLength(1);
  });
});

describe('the page', () => {
  it('comes with its files, and for every path that is its own', async () => {
    const webRoot = mkdtempSync(join(tmpdir(), 'sluice-web-'));
    try {
      writeFileSync(join(webRoot, 'index.html'), '<!doctype html><title>sluice</title>');
      writeFileSync(join(webRoot, 'page.js'), 'void 0;');
      const app = await serve(new NetworkBench(), webRoot);
      expect((await app.inject('/')).body).toContain('<title>sluice');
      expect((await app.inject('/flows?dpid=1')).body).toContain('<title>sluice');
      expect((await app.inject('/page.js')).headers['content-type']).toContain('javascript');
      expect((await app.inject('/missing.js')).statusCode).toBe(404);
      expect((await app.inject('/api/v1/missing')).statusCode).toBe(404);
      expect((await app.inject('/..%2f..%2fetc%2fpasswd')).body).not.toContain('root:');
      expect((await app.inject('/')).headers['content-security-policy']).toMatch(/script-src 'self';/);
    } finally {
      rmSync(webRoot, { recursive: true });
    }
  });

  it('says how it is built when it is not', async () => {
    const response = await (await serve(new NetworkBench())).inject('/');
    expect(response.body).toContain('npm run build');
  });
});

describe('the description of the API', () => {
  it('is OpenAPI 3.1 with every route, its parameters and its problems', async () => {
    const app = await serve(new NetworkBench());
    const document = (await app.inject('/docs/json')).json();
    expect(document.openapi).toBe('3.1.0');
    expect(Object.keys(document.paths)).toEqual(
      expect.arrayContaining([
        '/api/v1/topology',
        '/api/v1/switches/{dpid}/tables/{tableId}/flows',
        '/api/v1/pings',
        '/readyz',
      ]),
    );
    const post = document.paths['/api/v1/switches/{dpid}/tables/{tableId}/flows'].post;
    expect(post.requestBody.content['application/json'].schema.properties.actions.description).toContain('ovs-ofctl');
    expect(post.responses['4XX'].content['application/problem+json'].schema).toEqual({
      $ref: '#/components/schemas/Problem',
    });
    expect(document.components.schemas.Problem.properties.code).toBeDefined();
  });

  it('is shown by a page without inline scripts', async () => {
    const app = await serve(new NetworkBench());
    const { body, headers } = await app.inject('/docs/');
    expect(body).toContain('swagger-ui');
    expect(headers['content-security-policy']).toContain("script-src 'self'");
    expect(body).not.toMatch(/<script(?![^>]*\bsrc=)/);
  });
});
