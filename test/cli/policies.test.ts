import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { BackgroundProgram } from '../background-program.ts';
import { ControllerProgram, startSluice } from '../sluice-program.ts';

const RUN_MS = 120_000;
const HOST = '127.0.0.1';
const EXAMPLE = 'topologies/policies/edge-gateway.yaml';

interface Policy {
  readonly id: string;
  readonly revision: number;
}

let folder: string;
const running: BackgroundProgram[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-policies-'));
});

afterEach(async () => {
  for (const program of running.splice(0)) await program.stop('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

function write(policies: string): string {
  const path = join(folder, 'policies.yaml');
  writeFileSync(path, `apiVersion: sluice/v1\nkind: Policy\nname: t\npolicies:\n${policies}`);
  return path;
}

async function startController(...options: string[]): Promise<ControllerProgram> {
  const controller = await ControllerProgram.start({ host: HOST, port: 0, store: join(folder, 'state'), options });
  running.push(controller.program);
  return controller;
}

const listOf = async (controller: ControllerProgram) =>
  (await controller.list<Policy>('/api/v1/policies')).map(({ id, revision }) => `${id} ${revision}`);

describe('sluice controller --policies', () => {
  it('puts a file in force, whose policies hold until another takes their place', { timeout: RUN_MS }, async () => {
    const path = write(
      '  - { id: a, from: plc-a1, to: ingset }\n  - { id: b, from: plc-a1, to: ingest, class: gold }\n',
    );
    const first = await startController('--policies', path, '--names', 'topologies/edge-gateway.yaml');
    expect(await listOf(first)).toEqual(['a 1', 'b 2']);
    expect(first.program.output).toContain(`${path}:6:40: warning: nothing acts on class yet`);
    expect(first.program.output).toContain(
      `${path}: warning: policy a: to: there is no host ingset; did you mean ingest?`,
    );
    expect((await first.ask('/api/v1/policies/c', 'PUT', { deny: { from: 'plc-a1', to: 'scada' } })).status).toBe(201);
    await first.program.stop('SIGKILL');

    const second = await startController();
    expect(await listOf(second)).toEqual(['a 1', 'b 2', 'c 4']);
    expect(await second.program.stop()).toBe(0);

    const third = await startController('--policies', write('  - { id: b, from: plc-a1, to: ingest }\n'));
    expect(await listOf(third)).toEqual(['b 2']);
  });

  it('is refused with every mistake of the file, and nothing is opened', { timeout: RUN_MS }, async () => {
    const path = write('  - { id: a, from: h1 }\n  - { id: a, form: h1, to: h2 }\n');
    const program = startSluice('controller', '--openflow', `tcp:${HOST}:0`, '--http', `${HOST}:0`, '--policies', path);
    running.push(program);
    expect(await program.untilEnded()).toBe(3);
    expect(program.output).toContain(`${path}:6:14: unknown key "form"; did you mean from?`);
  });
});

describe('sluice lab --policies', () => {
  it('has the policies of the example', { timeout: RUN_MS }, async () => {
    const lab = startSluice('lab', '--http', `${HOST}:0`, '--policies', EXAMPLE);
    running.push(lab);
    const [, url] = await lab.untilPrinted(/: (http:\S+)\n/, RUN_MS);
    const { default: otherwise, items } = (await (await fetch(`${url}/api/v1/policies`)).json()) as {
      readonly default: string;
      readonly items: readonly Policy[];
    };
    expect(otherwise).toBe('deny');
    expect(items.map(({ id }) => id)).toEqual([
      'control',
      'isolate',
      'leases',
      'plant-a',
      'plant-b',
      'platform',
      'scada',
      'video',
    ]);
    expect(lab.output).not.toContain('there is no');
  });
});
