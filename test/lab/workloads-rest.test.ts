/** Guests over REST, on a lab in virtual time: what is shown, what is done, and what is refused with which problem. */
import type { FastifyInstance } from 'fastify';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createHttpApp } from '../../controller/http/app.ts';
import { NetworkWatch } from '../../controller/network-watch.ts';
import type { Rim } from '../../controller/rim.ts';
import { Lab } from '../../lab/lab.ts';
import { LabEmulation } from '../../lab/lab-emulation.ts';
import { SECOND } from '../../sim/clock.ts';
import { parseTopology } from '../../topologies/topology-file.ts';

const TEXT = `
apiVersion: sluice/v1
kind: Topology
name: t
defaults: { link: { bandwidth: 10Gbps } }
switches: { s1: }
nodes: { n1: { host: hv-1 }, n2: { host: hv-2 } }
hosts:
  hv-1: {}
  hv-2: {}
  vm: { kind: vm, on: n1, memory: 64MiB, cpus: 2 }
  box: { kind: container, on: n1, profile: docker, start: later }
links:
  - [hv-1, s1]
  - [hv-2, s1]
  - { ends: [vm, s1], node: n1, name: here }
  - { ends: [vm, s1], node: n2, name: there }
  - { ends: [box, s1], name: wire }
`;

let lab: Lab;
let app: FastifyInstance;

beforeEach(async () => {
  lab = new Lab(parseTopology(TEXT, 't.yaml'));
  const rim: Rim = {
    act: (work) => lab.act(work),
    now: () => lab.clock.now,
    emulation: new LabEmulation(lab, (work) => work()),
    onEvent: (listener) => lab.onEvent(listener),
  };
  app = await createHttpApp(rim, { watch: new NetworkWatch(rim), webRoot: '/nowhere' });
  lab.clock.runUntil(SECOND);
});
afterEach(() => app.close());

async function get(path = '') {
  return (await app.inject(`/api/v1/workloads${path}`)).json();
}

async function post(path: string, payload?: object) {
  const response = await app.inject({ method: 'POST', url: `/api/v1/workloads/${path}`, ...(payload && { payload }) });
  return { status: response.statusCode, ...response.json() };
}

describe('guests over REST', () => {
  it('are listed with their place, their profile and what they take', async () => {
    expect((await get()).items).toEqual([
      {
        name: 'vm',
        kind: 'vm',
        state: 'running',
        node: 'n1',
        link: 'here',
        profile: 'vm-realistic',
        bootMs: 10_000,
        memoryBytes: 64 * 2 ** 20 + 100e6,
        cpus: 2,
        stopReason: '',
        migration: null,
      },
      expect.objectContaining({ name: 'box', state: 'absent', node: '', profile: 'docker-realistic' }),
    ]);
    expect(await get('/vm')).toMatchObject({ name: 'vm' });
    expect(await get('/nobody')).toMatchObject({ status: 404, code: 'unknown-workload' });
  });

  it('are started and stopped, and refused what their state does not allow', async () => {
    expect(await post('box/start')).toMatchObject({ status: 200, state: 'booting', node: 'n1' });
    lab.clock.runUntil(lab.clock.now + SECOND);
    expect(await get('/box')).toMatchObject({ state: 'running' });
    expect(await post('box/start')).toMatchObject({
      status: 409,
      code: 'workload-refused',
      detail: 'box is running; to start it must be created',
      errors: [{ pointer: '', code: 'refusal', params: { refusal: 'wrong-state' } }],
    });
    expect(await post('box/stop')).toMatchObject({ status: 200, state: 'created' });
    expect(await post('nobody/stop')).toMatchObject({ status: 404, code: 'unknown-workload' });
    expect(await post('box/explode')).toMatchObject({ status: 400, code: 'invalid-request' });
  });

  it('move, and tell how it goes on', async () => {
    expect(await post('vm/migrate', { to: 'n2' })).toMatchObject({
      status: 202,
      node: 'n1',
      migration: { state: 'running', totalMs: null, measuredDowntimeMs: null, plannedDowntimeMs: expect.any(Number) },
    });
    lab.clock.runUntil(lab.clock.now + 10 * SECOND);
    expect(await get('/vm')).toMatchObject({
      node: 'n2',
      link: 'there',
      migration: { state: 'completed', from: 'n1' },
    });
  });

  it('that cannot move are refused with the table, but by force', async () => {
    await post('box/start');
    lab.clock.runUntil(lab.clock.now + 2 * SECOND);
    const refused = await post('box/migrate', { to: 'n2' });
    expect([refused.status, refused.detail]).toEqual([409, 'Docker has no live migration: 热迁移 = ✗ (source table)']);
    expect(await post('box/migrate', { to: 'n2', force: true })).toMatchObject({ status: 202 });
    expect(await post('box/migrate', { to: 'n2', force: 'yes' })).toMatchObject({ status: 400 });
    expect(await post('vm/migrate', {})).toMatchObject({ status: 400, errors: [{ pointer: '/to', code: 'missing' }] });
    expect(await post('vm/migrate', { to: 'n3' })).toMatchObject({ status: 409 });
  });
});
