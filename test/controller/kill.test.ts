/**
 * `sluice controller` is killed at any moment while users write rules over REST, again and again over the same store. Whatever was acknowledged is there when the
 * next one has begun, in the store's own words and in the switch, which now and then is another and empty; of what was not acknowledged either all or nothing.
 * `SLUICE_KILLS=200` for the long run.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Administrator } from '../../bench/administrator.ts';
import { createSwitch, RIG_DPID } from '../../bench/install-rig.ts';
import { toRuleId } from '../../controller/rule.ts';
import { Clock } from '../../sim/clock.ts';
import { ControllerDial } from '../../sim/controller-dial.ts';
import { PacedClock } from '../../sim/paced-clock.ts';
import { Random } from '../../sim/random.ts';
import type { SwitchActor } from '../../sim/switch-actor.ts';
import { ControllerProgram } from '../sluice-program.ts';

const KILLS = Number(process.env.SLUICE_KILLS ?? 3);
const SEED = Number(process.env.SLUICE_SEED ?? 20_261_120);
const HOST = '127.0.0.1';
const FLOWS = `/api/v1/switches/${RIG_DPID}/tables/0/flows`;
const PRIORITY = 4321;

/** Each writes at its own rules, one after the other. */
const WRITERS = 4;
const RULES_OF_WRITER = 12;
/** After the first answer. */
const WAIT_MS_MAX = 200;

/** For what should be so at once, on a machine that others keep busy. */
const SOON = { timeout: 30_000, interval: 5 };

/** What a rule may be: the cookie that it was last written with, or undefined for no rule. */
type Version = string | undefined;

interface Known {
  acknowledged: Version;
  /** Asked for, and not answered. */
  asked: { readonly version: Version } | undefined;
}

interface Flow {
  readonly id: string;
  readonly priority: number;
  readonly cookie: string;
}

let folder: string;
let pace: PacedClock;
let actor: SwitchActor;
let dial: ControllerDial | undefined;
let controller: ControllerProgram | undefined;

function plugNewSwitch(): void {
  pace?.stop();
  const clock = new Clock();
  pace = new PacedClock(clock);
  actor = createSwitch(clock);
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-kill-'));
  plugNewSwitch();
});

afterEach(async () => {
  dial?.close();
  await controller?.program.stop('SIGKILL');
  pace.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function start(): Promise<ControllerProgram> {
  controller = await ControllerProgram.start({ host: HOST, port: 0, store: join(folder, 'state') });
  const events = { connected: () => undefined, disconnected: () => undefined };
  const enter = (work: () => void) => pace.enter(work);
  dial = new ControllerDial(actor, { host: HOST, port: controller.port }, enter, events);
  const started = controller;
  const isReady = async () => (await started.list('/api/v1/switches')).length === 1 && (await started.isReady());
  await expect.poll(isReady, SOON).toBe(true);
  return started;
}

async function kill({ program }: ControllerProgram): Promise<void> {
  await program.stop('SIGKILL');
  dial?.close();
}

/** Writes, replaces and deletes until the controller is no more. */
async function write(target: ControllerProgram, rules: readonly number[], world: World): Promise<void> {
  const { known, random } = world;
  for (;;) {
    const rule = rules[Math.floor(random.nextFraction() * rules.length)]!;
    const state = known[rule]!;
    const isDeletion = state.acknowledged !== undefined && random.nextFraction() < 0.3;
    const version = isDeletion ? undefined : String(++world.versions);
    state.asked = { version };
    const answer = isDeletion
      ? target.ask(`${FLOWS}/${toId(rule)}`, 'DELETE')
      : target.ask(FLOWS, 'POST', toBody(rule, version!));
    const status = await answer.then(
      (it) => it.status,
      () => undefined,
    );
    // Its end, which may come before, in or behind its answer.
    if (status === undefined) return;
    expect(status).toBe(isDeletion ? 204 : 201);
    world.answers++;
    known[rule] = { acknowledged: version, asked: undefined };
  }
}

interface World {
  readonly known: Known[];
  readonly random: Random;
  /** Written so far, and the cookie of the last. */
  versions: number;
  answers: number;
}

function toBody(rule: number, version: string) {
  const actions = `output:${1 + (Number(version) % 2)}`;
  return { priority: PRIORITY, match: `tcp,nw_dst=10.9.0.${rule},tp_dst=80`, actions, cookie: version };
}

function toId(rule: number): string {
  return toRuleId({
    tableId: 0,
    priority: PRIORITY,
    match: [
      { type: 'ethType', value: 0x0800 },
      { type: 'ipProto', value: 6 },
      { type: 'ipv4Dst', value: 0x0a090000 + rule },
      { type: 'tcpDst', value: 80 },
    ],
  });
}

/** By the id of the rule, as the switch itself has them. */
function readSwitch(): ReadonlyMap<string, string> {
  return pace.enter(() => {
    const administrator = new Administrator(actor);
    const entries = administrator.rules().filter(({ priority }) => priority === PRIORITY);
    administrator.close();
    return new Map(entries.map((entry) => [toRuleId(entry), String(entry.cookie)]));
  });
}

/** Each rule is what was acknowledged, or what was asked for after that; from now on it is known which. */
async function check({ known }: World, target: ControllerProgram, moment: string): Promise<void> {
  const inSwitch = readSwitch();
  const flows = (await target.list<Flow>(FLOWS)).filter(({ priority }) => priority === PRIORITY);
  expect(new Map(flows.map(({ id, cookie }) => [id, String(Number(cookie))])), moment).toEqual(inSwitch);
  for (const [rule, { acknowledged, asked }] of known.entries()) {
    const version = inSwitch.get(toId(rule));
    const allowed = asked ? [acknowledged, asked.version] : [acknowledged];
    expect(allowed, `${moment}: rule ${rule} is ${version}`).toContain(version);
    known[rule] = { acknowledged: version, asked: undefined };
  }
}

describe(`a controller that is killed ${KILLS} times (SLUICE_KILLS, SLUICE_SEED=${SEED})`, () => {
  it('has every rule that was acknowledged, and so has its switch', { timeout: 60_000 + KILLS * 20_000 }, async () => {
    const random = new Random(SEED);
    const known = Array.from(
      { length: WRITERS * RULES_OF_WRITER },
      (): Known => ({ acknowledged: undefined, asked: undefined }),
    );
    const world: World = { known, random, versions: 0, answers: 0 };
    const shares = Array.from({ length: WRITERS }, (_, writer) =>
      [...known.keys()].filter((i) => i % WRITERS === writer),
    );
    let target = await start();
    for (let count = 1; count <= KILLS; count++) {
      const before = world.answers;
      const writers = shares.map((rules) => write(target, rules, world));
      await expect.poll(() => world.answers, SOON).toBeGreaterThan(before);
      const afterMs = random.nextFraction() * WAIT_MS_MAX;
      await new Promise((resolve) => {
        setTimeout(resolve, afterMs);
      });
      await kill(target);
      await Promise.all(writers);
      if (random.nextFraction() < 0.5) plugNewSwitch();
      target = await start();
      await check(world, target, `kill ${count}, after ${afterMs.toFixed(1)} ms`);
    }
    console.info(`killed ${KILLS} times within ${world.answers} acknowledged writes, none of them was lost`);
  });
});
