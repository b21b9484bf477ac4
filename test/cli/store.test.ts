import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { BackgroundProgram } from '../background-program.ts';
import { ControllerProgram, startSluice } from '../sluice-program.ts';

const RUN_MS = 120_000;
const LOOK_MS = 100;
const HOST = '127.0.0.1';

interface Flow {
  readonly id: string;
  readonly owner: string;
  readonly priority: number;
  readonly actions: string;
}

interface Switch {
  readonly dpid: string;
}

let store: string;
const running: BackgroundProgram[] = [];

beforeEach(() => {
  store = join(mkdtempSync(join(tmpdir(), 'sluice-store-')), 'state');
});

afterEach(async () => {
  for (const program of running.splice(0)) await program.stop('SIGKILL');
  rmSync(join(store, '..'), { recursive: true, force: true });
});

async function startController(port = 0): Promise<ControllerProgram> {
  const controller = await ControllerProgram.start({ host: HOST, port, store });
  running.push(controller.program);
  return controller;
}

function startSwitch(controller: ControllerProgram): BackgroundProgram {
  const emulation = startSluice('emulate', 'linear,1', '--controller', controller.openflow);
  running.push(emulation);
  return emulation;
}

/** Asks until it is so; the test's own time limit is the bound. */
async function until<T>(look: () => Promise<T | undefined>): Promise<T> {
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    await new Promise((resolve) => {
      setTimeout(resolve, LOOK_MS);
    });
  }
}

async function untilJoined(controller: ControllerProgram): Promise<string> {
  return until(async () => (await controller.list<Switch>('/api/v1/switches'))[0]?.dpid);
}

async function userFlows(controller: ControllerProgram): Promise<readonly Flow[]> {
  const dpid = await untilJoined(controller);
  const flows = await controller.list<Flow>(`/api/v1/switches/${dpid}/tables/0/flows`);
  return flows.filter(({ priority }) => priority === 4000);
}

describe('sluice controller --store', () => {
  it('knows the rules of users when it was killed, and puts them back', { timeout: RUN_MS }, async () => {
    const first = await startController();
    const emulation = startSwitch(first);
    const dpid = await untilJoined(first);
    const url = `/api/v1/switches/${dpid}/tables/0/flows`;
    const rule = { priority: 4000, match: 'tcp,nw_dst=10.0.0.0/24,tp_dst=80', actions: 'output:1', cookie: '0x7' };
    const { status, body } = await first.ask<{ id: string }>(url, 'POST', rule);
    expect(status).toBe(201);
    await first.program.stop('SIGKILL');

    const second = await startController(first.port);
    expect(await userFlows(second)).toMatchObject([{ id: body.id, owner: 'user', actions: 'output:1', cookie: '7' }]);
    await emulation.stop('SIGKILL');
    await until(async () => ((await second.list<Switch>('/api/v1/switches')).length === 0 ? true : undefined));

    // A switch of the same name, and empty.
    startSwitch(second);
    const flows = await until(async () => {
      const found = await userFlows(second);
      return found.length > 0 ? found : undefined;
    });
    expect(flows).toMatchObject([{ id: body.id, owner: 'user', actions: 'output:1' }]);
    expect((await second.ask(`${url}/${body.id}`, 'DELETE')).status).toBe(204);
    expect(await second.program.stop()).toBe(0);

    const third = await startController(first.port);
    expect(await userFlows(third)).toEqual([]);
  });

  it('is refused in one line and with 75 while another has it, who is named', { timeout: RUN_MS }, async () => {
    const { program } = await startController();
    const late = startSluice('controller', '--openflow', `tcp:${HOST}:0`, '--http', `${HOST}:0`, '--store', store);
    running.push(late);
    expect(await late.untilEnded()).toBe(75);
    const [line] = late.output.split('\n').filter((text) => !text.startsWith('sluice: '));
    expect(line).toMatch(/^the store \S+ is in use by process \d+; choose another with --store$/);
    expect(line).toContain(store);
    expect(program.isRunning).toBe(true);
  });

  it('is refused with 2 where no directory can be', { timeout: RUN_MS }, async () => {
    const program = startSluice('controller', '--openflow', `tcp:${HOST}:0`, '--store', 'package.json/state');
    running.push(program);
    expect(await program.untilEnded()).toBe(2);
    expect(program.output).toMatch(/^the store package.json\/state cannot be opened: .*\n$/);
  });
});

describe('sluice lab --store', () => {
  it('keeps what users want as well', { timeout: RUN_MS }, async () => {
    const start = async () => {
      const lab = startSluice('lab', 'linear,1', '--http', `${HOST}:0`, '--store', store);
      running.push(lab);
      const [, url] = await lab.untilPrinted(/: (http:\S+)\n/, RUN_MS);
      const list = async <T>(path: string): Promise<readonly T[]> => {
        const { items } = (await (await fetch(url + path)).json()) as { readonly items: readonly T[] };
        return items;
      };
      const { dpid } = await until(async () => (await list<Switch>('/api/v1/switches'))[0]);
      return { lab, list, flows: `/api/v1/switches/${dpid}/tables/0/flows`, url: url! };
    };
    const first = await start();
    const response = await fetch(first.url + first.flows, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ priority: 4000, match: 'icmp', actions: 'drop' }),
    });
    expect(response.status).toBe(201);
    await first.lab.stop('SIGKILL');

    const second = await start();
    const flow = await until(async () =>
      (await second.list<Flow>(second.flows)).find(({ priority }) => priority === 4000),
    );
    expect(flow).toMatchObject({ owner: 'user', actions: 'drop' });
    expect(await second.lab.stop()).toBe(0);
  });
});
