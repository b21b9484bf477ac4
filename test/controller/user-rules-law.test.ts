/**
 * The promise of the store, under whatever happens: a controller that dies at any moment, a store and a switch that are slow, refuse, fail, forget. In the end, with
 * everybody well again, each rule is what its user was last told, or, where nobody was told, one of those that it may have become.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SETTLE_TIME } from '../../controller/network/network.ts';
import { type Rule, ruleOf } from '../../controller/rule.ts';
import { ownerOf } from '../../controller/switch-state.ts';
import type { RuleVerdict } from '../../controller/user-rules.ts';
import type { Instruction } from '../../protocol/wire/openflow/instruction.ts';
import { NetworkBench, SECOND } from './network-bench.ts';
import { ScriptedSwitch } from './scripted-switch.ts';

const SEED = Number(process.env.SLUICE_SEED ?? 20_261_120);
const CASES = Number(process.env.SLUICE_CASES ?? 300);

/** The rules in play, by priority; what else may stand there is told by the port it sends to. */
const PRIORITIES = [71, 72] as const;
const FOREIGN = 79;

/** 0: the rule is not there. */
type Outcome = number;

type Step =
  | { readonly type: 'ask'; readonly priority: number; readonly port: Outcome }
  | { readonly type: 'store'; readonly isStoring: boolean; readonly failure: string | undefined }
  | { readonly type: 'switch'; readonly answers: boolean; readonly refuses: boolean }
  | { readonly type: 'wait'; readonly seconds: number }
  | { readonly type: 'reconnect' | 'wipe' | 'restart' };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      type: fc.constant('ask' as const),
      priority: fc.constantFrom(...PRIORITIES),
      port: fc.nat(3),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      type: fc.constant('store' as const),
      isStoring: fc.boolean(),
      failure: fc.constantFrom(undefined, undefined, undefined, 'full'),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ type: fc.constant('switch' as const), answers: fc.boolean(), refuses: fc.boolean() }),
  },
  { weight: 3, arbitrary: fc.record({ type: fc.constant('wait' as const), seconds: fc.constantFrom(1, 11, 25) }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constantFrom('reconnect', 'wipe', 'restart') }) },
);

function toRule(priority: number, port: Outcome): Rule {
  const actions = [{ type: 'output', port, maxLen: 0 }] as const;
  const instructions: Instruction[] = [{ type: 'applyActions', actions }];
  return {
    ...{ tableId: 1, priority, match: [{ type: 'ethType', value: 0x0800 }], instructions },
    ...{ cookie: 7n, idleTimeout: 0, hardTimeout: 0, flags: 0 },
  };
}

class World {
  bench = new NetworkBench();
  readonly device = new ScriptedSwitch({ dpid: 0x11n });
  /** What each rule may be. */
  readonly allowed = new Map<number, Set<Outcome>>(PRIORITIES.map((priority) => [priority, new Set([0])]));
  #connection = '';

  constructor() {
    this.#dial();
    const foreign = toRule(FOREIGN, 1);
    const mod = { ...this.device.rules.values().next().value!, ...foreign };
    this.device.rules.set('foreign', mod);
  }

  async take(asked: Step): Promise<void> {
    switch (asked.type) {
      case 'ask':
        return this.#ask(asked.priority, asked.port);
      case 'store':
        this.bench.isStoring = asked.isStoring;
        this.bench.storeFailure = asked.failure;
        return this.bench.pump();
      case 'switch':
        this.device.answers = asked.answers;
        this.device.refuse = ({ priority }) =>
          asked.refuses && priority < FOREIGN && priority > 70 ? 'FLOW_MOD_FAILED/TABLE_FULL' : undefined;
        return;
      case 'wait':
        return this.bench.wait(asked.seconds * SECOND);
      case 'wipe':
        for (const [key, { priority }] of this.device.rules) if (priority !== FOREIGN) this.device.rules.delete(key);
        return this.#dial();
      case 'reconnect':
        return this.#dial();
      case 'restart':
        return this.restart();
      default:
        return asked satisfies never;
    }
  }

  /** What is on its way to the store is lost with the process. */
  async restart(): Promise<void> {
    const { store } = this.bench;
    this.bench.isDead = true;
    const next = new NetworkBench(undefined, { userRules: await this.bench.userRules() });
    for (const { key, value } of (await store.range('')).entries) next.store.commit([], [{ type: 'put', key, value }]);
    this.bench = next;
    this.#connection = '';
    this.#dial();
  }

  /** Everybody is well, for long enough. */
  async recover(): Promise<void> {
    this.device.answers = true;
    this.device.refuse = () => undefined;
    await this.restart();
    this.bench.wait(SETTLE_TIME + 30 * SECOND);
  }

  found(priority: number): Outcome {
    const rules = [...this.device.rules.values()].filter((mod) => mod.priority === priority).map(ruleOf);
    expect(rules.length).toBeLessThanOrEqual(1);
    const [instruction] = rules[0]?.instructions ?? [];
    const [action] = instruction?.type === 'applyActions' ? instruction.actions : [];
    return action?.type === 'output' ? action.port : 0;
  }

  #dial(): void {
    if (this.#connection) this.bench.cut(this.#connection);
    this.#connection = this.bench.dial(this.device);
  }

  #ask(priority: number, port: Outcome): void {
    const { bench } = this;
    const before = new Set(this.allowed.get(priority));
    const rule = toRule(priority, Math.max(port, 1));
    this.allowed.get(priority)!.add(port);
    let isTold = false;
    const told = (verdict: RuleVerdict) => {
      expect(isTold, 'told once').toBe(false);
      isTold = true;
      if (bench.isDead) return;
      if (verdict.type === 'installed') this.allowed.set(priority, new Set([port]));
      else if (verdict.type === 'refused' && bench.storeFailure !== undefined) {
        // That it is taken back could not be stored, which is told as an event: the next controller tries it once more.
        expect(bench.events).toContainEqual(expect.objectContaining({ type: 'store-failed' }));
      } else if (verdict.type !== 'unanswered') {
        // Nothing of it has happened. While one change is under way there is no other, so nobody else has added to what may be.
        if (!before.has(port)) this.allowed.get(priority)!.delete(port);
      }
    };
    bench.act((controller, now) => {
      if (!controller.findSwitch(this.device.hexDpid)) {
        if (!before.has(port)) this.allowed.get(priority)!.delete(port);
        return;
      }
      if (port === 0) controller.deleteRule(this.device.hexDpid, rule, now, told);
      else controller.addRule(this.device.hexDpid, rule, now, told);
    });
  }
}

describe(`users' rules (SLUICE_SEED=${SEED})`, () => {
  it('are in the end what was promised, and what others put there is left', async () => {
    const seen = new Map<string, number>();
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 25 }), async (steps) => {
        const world = new World();
        for (const asked of steps) await world.take(asked);
        await world.recover();
        const { bench, device } = world;
        const state = bench.act((controller) => controller.findSwitch(device.hexDpid))!;
        for (const priority of PRIORITIES) {
          const found = world.found(priority);
          const allowed = [...world.allowed.get(priority)!];
          expect(allowed).toContain(found);
          const key = `1 ${priority} ethType=2048`;
          if (found !== 0) expect(ownerOf(state, key), `${priority} is the user's`).toBe('user');
          else expect(state.userRules.has(key)).toBe(false);
          const kind = `${allowed.length > 1 ? 'unsure' : 'sure'} ${found === 0 ? 'absent' : 'present'}`;
          seen.set(kind, (seen.get(kind) ?? 0) + 1);
        }
        expect(world.found(FOREIGN)).toBe(1);
        expect(bench.act((controller) => controller.isConverged)).toBe(true);
        for (const { record } of await bench.userRules()) expect(record.state).toBe('installed');
      }),
      { seed: SEED, numRuns: CASES },
    );
    const ends = ['sure absent', 'sure present', 'unsure absent', 'unsure present'];
    expect([...seen.keys()].sort(), 'it has seen all kinds of ends').toEqual(ends);
  });
});
