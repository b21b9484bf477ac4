/** What users want outlives the controller and its connections; what others want is left to them. */
import { describe, expect, it } from 'vitest';
import { SETTLE_TIME } from '../../controller/network/network.ts';
import { type Rule, ruleOf, toFlowMod, toRuleKey } from '../../controller/rule.ts';
import type { Operation } from '../../controller/store/store.ts';
import { parseUserRule, toOperation } from '../../controller/user-rule.ts';
import { type RuleVerdict, UserRules } from '../../controller/user-rules.ts';
import { FLOW_COMMAND, FLOW_FLAG, type FlowMod } from '../../protocol/wire/openflow/flow.ts';
import { PORT } from '../../protocol/wire/openflow/port.ts';
import { NetworkBench, SECOND } from './network-bench.ts';
import { ScriptedSwitch } from './scripted-switch.ts';

const DPID = 0x11n;

const rule: Rule = {
  tableId: 1,
  priority: 77,
  match: [{ type: 'ethType', value: 0x0800 }],
  instructions: [],
  cookie: 0xffff_ffff_ffff_fffen,
  idleTimeout: 0,
  hardTimeout: 0,
  flags: 0,
};

const other: Rule = {
  ...rule,
  instructions: [{ type: 'applyActions', actions: [{ type: 'output', port: 2, maxLen: 0 }] }],
};

const timed: Rule = { ...rule, hardTimeout: 30, flags: FLOW_FLAG.sendFlowRem };

interface Asked {
  readonly verdict: RuleVerdict | undefined;
}

function ask(bench: NetworkBench, wish: 'addRule' | 'deleteRule', asked: Rule = rule): Asked {
  const answer: { verdict: RuleVerdict | undefined } = { verdict: undefined };
  bench.act((controller, now) =>
    controller[wish]('0000000000000011', asked, now, (verdict) => {
      answer.verdict = verdict;
    }),
  );
  return answer;
}

/** What the device has of rules that users may have added. */
function rulesOf(device: ScriptedSwitch): Rule[] {
  return [...device.rules.values()].filter(({ priority }) => priority === 77).map(ruleOf);
}

function modsOf(device: ScriptedSwitch, from = 0): FlowMod[] {
  return device.received
    .slice(from)
    .filter((message) => message.type === 'flowMod')
    .filter(({ priority }) => priority === 77);
}

async function records(bench: NetworkBench) {
  return (await bench.userRules()).map(({ record }) => record);
}

/** Another controller that begins with what this one has stored; the switch, as it is, dials it. */
async function restart(before: NetworkBench, device: ScriptedSwitch): Promise<NetworkBench> {
  const bench = new NetworkBench(undefined, { userRules: await before.userRules() });
  for (const stored of (await before.store.range('')).entries)
    bench.store.commit([], [{ type: 'put', key: stored.key, value: stored.value }]);
  bench.dial(device);
  bench.wait(SETTLE_TIME);
  return bench;
}

describe("a user's rule", () => {
  it('is stored before the switch hears of it, and said to be installed only after', async () => {
    const { bench, device } = NetworkBench.withSwitch();
    bench.isStoring = false;
    const asked = ask(bench, 'addRule');
    bench.wait(SECOND);
    expect(asked.verdict).toBeUndefined();
    expect(modsOf(device)).toEqual([]);
    device.answers = false;
    bench.isStoring = true;
    bench.pump();
    expect(await records(bench)).toEqual([{ state: 'wanted', rule, previous: undefined }]);
    expect(asked.verdict).toBeUndefined();
    expect(device.received.at(-1)).toMatchObject({ type: 'barrierRequest' });
  });

  it('is not sent when it cannot be stored', () => {
    const { bench, device } = NetworkBench.withSwitch();
    bench.storeFailure = 'the disk is full';
    expect(ask(bench, 'addRule').verdict).toEqual({ type: 'unstored', reason: 'the disk is full' });
    expect(modsOf(device)).toEqual([]);
    bench.storeFailure = undefined;
    expect(ask(bench, 'addRule').verdict).toEqual({ type: 'installed' });
  });

  it('is stored as installed once it is; that this could not be stored is an event', async () => {
    const { bench, device } = NetworkBench.withSwitch();
    ask(bench, 'addRule');
    expect(await records(bench)).toEqual([{ state: 'installed', rule }]);
    device.answers = false;
    ask(bench, 'addRule', other);
    bench.storeFailure = 'the disk is full';
    device.answers = true;
    bench.wait(11 * SECOND);
    expect(bench.events).toContainEqual({ type: 'store-failed', reason: 'the disk is full' });
    expect(await records(bench)).toEqual([{ state: 'wanted', rule: other, previous: rule }]);
  });

  it('is taken back from the store when the switch refuses it', async () => {
    const { bench, device } = NetworkBench.withSwitch();
    device.refuse = () => 'FLOW_MOD_FAILED/TABLE_FULL';
    expect(ask(bench, 'addRule').verdict).toMatchObject({ type: 'refused' });
    expect(await records(bench)).toEqual([]);
    expect(bench.events.filter(({ type }) => type === 'rule-refused')).toEqual([]);
    bench.wait(60 * SECOND);
    expect(modsOf(device), 'it is not tried again').toHaveLength(1);
    expect(bench.act((controller) => controller.isConverged)).toBe(true);
  });

  it('is what it was when the switch refuses its change, and when it refuses to let it go', async () => {
    const { bench, device } = NetworkBench.withSwitch();
    ask(bench, 'addRule');
    device.refuse = () => 'FLOW_MOD_FAILED/EPERM';
    expect(ask(bench, 'addRule', other).verdict).toMatchObject({ type: 'refused' });
    expect(ask(bench, 'deleteRule').verdict).toMatchObject({ type: 'refused' });
    expect(await records(bench)).toEqual([{ state: 'installed', rule }]);
    const sent = device.received.length;
    bench.wait(60 * SECOND);
    expect(modsOf(device, sent)).toEqual([]);
    expect(bench.act((controller) => controller.isConverged)).toBe(true);
  });

  it('is told as refused only when the store has taken it back', () => {
    const { bench, device } = NetworkBench.withSwitch();
    device.refuse = () => 'FLOW_MOD_FAILED/TABLE_FULL';
    device.answers = false;
    const asked = ask(bench, 'addRule');
    bench.isStoring = false;
    device.answers = true;
    bench.wait(11 * SECOND);
    expect(asked.verdict, 'the first try was not answered').toMatchObject({ type: 'unanswered' });
    const again = ask(bench, 'addRule', other);
    expect(again.verdict).toBeUndefined();
    bench.isStoring = true;
    bench.pump();
    expect(again.verdict).toMatchObject({ type: 'refused' });
  });

  it('is what was confirmed meanwhile when a change that was waiting for the store is refused', async () => {
    const { bench, device } = NetworkBench.withSwitch();
    device.answers = false;
    ask(bench, 'addRule');
    bench.wait(10 * SECOND);
    bench.isStoring = false;
    device.answers = true;
    const asked = ask(bench, 'addRule', other);
    bench.wait(11 * SECOND);
    expect(rulesOf(device)).toEqual([rule]);
    device.refuse = () => 'FLOW_MOD_FAILED/TABLE_FULL';
    bench.isStoring = true;
    bench.pump();
    expect(asked.verdict).toMatchObject({ type: 'refused' });
    expect(await records(bench)).toEqual([{ state: 'installed', rule }]);
    expect(rulesOf(device)).toEqual([rule]);
  });

  it('is what was confirmed meanwhile when its change could not be stored', async () => {
    const { bench, device } = NetworkBench.withSwitch();
    device.answers = false;
    ask(bench, 'addRule');
    bench.wait(10 * SECOND);
    bench.isStoring = false;
    device.answers = true;
    const asked = ask(bench, 'deleteRule');
    bench.wait(11 * SECOND);
    bench.storeFailure = 'the disk is full';
    bench.isStoring = true;
    bench.pump();
    expect(asked.verdict).toMatchObject({ type: 'unstored' });
    const state = bench.act((controller) => controller.findSwitch(device.hexDpid))!;
    expect(state.userRules.get(toRuleKey(rule))).toEqual({ state: 'installed', rule });
  });

  it('is changed by one at a time', () => {
    const { bench, device } = NetworkBench.withSwitch();
    device.answers = false;
    const first = ask(bench, 'addRule');
    expect(ask(bench, 'addRule', other).verdict).toMatchObject({ type: 'busy' });
    expect(ask(bench, 'deleteRule').verdict).toMatchObject({ type: 'busy' });
    expect(ask(bench, 'addRule', { ...rule, priority: 76 }).verdict, 'another rule').toBeUndefined();
    bench.wait(10 * SECOND);
    expect(first.verdict).toMatchObject({ type: 'unanswered' });
  });

  it('goes on being tried when nobody knows, until somebody does', async () => {
    const { bench, device } = NetworkBench.withSwitch();
    device.answers = false;
    const asked = ask(bench, 'addRule');
    bench.wait(10 * SECOND);
    expect(asked.verdict).toMatchObject({ type: 'unanswered' });
    device.answers = true;
    bench.wait(11 * SECOND);
    expect(rulesOf(device)).toEqual([rule]);
    expect(await records(bench)).toEqual([{ state: 'installed', rule }]);
  });

  it('is sent again though it is believed to be there', () => {
    const { bench, device } = NetworkBench.withSwitch();
    ask(bench, 'addRule');
    for (const [key, { priority }] of device.rules) if (priority === 77) device.rules.delete(key);
    expect(ask(bench, 'addRule').verdict).toEqual({ type: 'installed' });
    expect(rulesOf(device)).toEqual([rule]);
  });

  it('leaves the store with the switch, and no trace of itself', async () => {
    const { bench, device } = NetworkBench.withSwitch();
    ask(bench, 'addRule');
    expect(ask(bench, 'deleteRule').verdict).toEqual({ type: 'installed' });
    expect(rulesOf(device)).toEqual([]);
    expect(await records(bench)).toEqual([]);
    const restarted = await restart(bench, device);
    expect(rulesOf(device)).toEqual([]);
    expect(restarted.act((controller) => controller.isConverged)).toBe(true);
  });
});

describe("a user's rule when its switch comes back", () => {
  it("is the user's still, and not sent again when it is there", async () => {
    const { bench, device } = NetworkBench.withSwitch();
    ask(bench, 'addRule', other);
    const sent = device.received.length;
    const restarted = await restart(bench, device);
    expect(modsOf(device, sent)).toEqual([]);
    const state = restarted.act((controller) => controller.findSwitch(device.hexDpid))!;
    expect(state.userRules.get(toRuleKey(rule))).toEqual({ state: 'installed', rule: other });
    expect(restarted.act((controller) => controller.isConverged)).toBe(true);
  });

  it('is put back when the switch has lost it, whether or not the controller restarted', async () => {
    const { bench, device } = NetworkBench.withSwitch();
    ask(bench, 'addRule', other);
    device.rules.clear();
    bench.cut('c1');
    bench.dial(device);
    expect(rulesOf(device)).toEqual([other]);
    device.rules.clear();
    await restart(bench, device);
    expect(rulesOf(device)).toEqual([other]);
  });

  it('is mended when somebody else has changed it', async () => {
    const { bench, device } = NetworkBench.withSwitch();
    ask(bench, 'addRule', other);
    for (const [key, mod] of device.rules) if (mod.priority === 77) device.rules.set(key, { ...mod, instructions: [] });
    await restart(bench, device);
    expect(rulesOf(device)).toEqual([other]);
  });

  it('is finished when the controller died between storing and hearing', async () => {
    const { bench, device } = NetworkBench.withSwitch();
    device.answers = false;
    ask(bench, 'addRule');
    expect(await records(bench)).toMatchObject([{ state: 'wanted' }]);
    device.answers = true;
    const restarted = await restart(bench, device);
    expect(rulesOf(device)).toEqual([rule]);
    expect(await records(restarted)).toEqual([{ state: 'installed', rule }]);
    device.answers = false;
    ask(restarted, 'deleteRule');
    expect(await records(restarted)).toMatchObject([{ state: 'unwanted' }]);
    device.answers = true;
    const again = await restart(restarted, device);
    expect(rulesOf(device)).toEqual([]);
    expect(await records(again)).toEqual([]);
  });

  it('is taken back when it was never confirmed and is refused now, to what was', async () => {
    const { bench, device } = NetworkBench.withSwitch();
    ask(bench, 'addRule');
    device.answers = false;
    ask(bench, 'addRule', other);
    device.answers = true;
    device.refuse = ({ priority, instructions }) =>
      priority === 77 && instructions.length > 0 ? 'BAD_ACTION/BAD_OUT_PORT' : undefined;
    const restarted = await restart(bench, device);
    expect(await records(restarted)).toEqual([{ state: 'installed', rule }]);
    expect(rulesOf(device)).toEqual([rule]);
    expect(restarted.events).toContainEqual(
      expect.objectContaining({ type: 'rule-refused', error: 'BAD_ACTION/BAD_OUT_PORT' }),
    );
    expect(restarted.act((controller) => controller.isConverged)).toBe(true);
  });

  it('stays wanted, and is reported, when it was confirmed once and is refused now', async () => {
    const { bench, device } = NetworkBench.withSwitch();
    ask(bench, 'addRule');
    device.rules.clear();
    device.refuse = ({ priority }) => (priority === 77 ? 'FLOW_MOD_FAILED/TABLE_FULL' : undefined);
    const restarted = await restart(bench, device);
    expect(await records(restarted)).toEqual([{ state: 'installed', rule }]);
    expect(restarted.events.filter(({ type }) => type === 'rule-refused')).toHaveLength(1);
    expect(restarted.act((controller) => controller.isConverged)).toBe(false);
    device.refuse = () => undefined;
    expect(ask(restarted, 'deleteRule').verdict).toEqual({ type: 'installed' });
    expect(await records(restarted)).toEqual([]);
    expect(restarted.act((controller) => controller.isConverged)).toBe(true);
  });

  it('is forgotten when it could end by itself and is not there', async () => {
    const { bench, device } = NetworkBench.withSwitch();
    ask(bench, 'addRule', timed);
    const kept = await restart(bench, device);
    expect(await records(kept)).toEqual([{ state: 'installed', rule: timed }]);
    device.rules.clear();
    const restarted = await restart(kept, device);
    expect(rulesOf(device)).toEqual([]);
    expect(await records(restarted)).toEqual([]);
  });

  it('is forgotten when the switch says that its time is over', async () => {
    const { bench, device } = NetworkBench.withSwitch();
    ask(bench, 'addRule', timed);
    device.expire([...device.rules].find(([, { priority }]) => priority === 77)![0]);
    bench.pump();
    expect(await records(bench)).toEqual([]);
    bench.wait(10 * SECOND);
    expect(rulesOf(device)).toEqual([]);
  });

  it('makes no difference to what others have put there', async () => {
    const { bench, device } = NetworkBench.withSwitch();
    ask(bench, 'addRule');
    const foreign = { ...device.rules.values().next().value!, cookie: 99n, priority: 5 };
    device.rules.set('foreign', foreign);
    await restart(bench, device);
    expect(device.rules.get('foreign')).toBe(foreign);
  });
});

describe("a change of a user's rule", () => {
  it('goes back, when it is refused, to what was on its way when it was asked for', () => {
    const { bench, device } = NetworkBench.withSwitch();
    const state = bench.act((controller) => controller.findSwitch(device.hexDpid))!;
    const stored: Operation[] = [];
    const persist = (_id: number, operations: readonly Operation[]) => void stored.push(...operations);
    const rules = new UserRules({ persist, storeFailed: () => undefined }, [
      { dpid: state.dpid, record: { state: 'wanted', rule, previous: undefined } },
    ]);
    const verdicts: RuleVerdict[] = [];
    rules.change(
      state.dpid,
      'wanted',
      other,
      () => state,
      (verdict) => verdicts.push(verdict),
    );
    rules.persisted(1, undefined);
    const key = toRuleKey(rule);
    const pushed = (sent: Rule) => ({ key, rule: sent, modification: toFlowMod(sent, 'add') });
    expect(rules.book(state, pushed(rule), { type: 'installed' })).toBe(false);
    rules.book(state, pushed(other), { type: 'refused', error: 'FLOW_MOD_FAILED/TABLE_FULL' });
    rules.persisted(2, undefined);
    rules.persisted(3, undefined);
    expect(verdicts).toMatchObject([{ type: 'refused' }]);
    expect(state.installed.get(key)).toEqual(rule);
    expect(stored.at(-1)).toEqual(toOperation(state.dpid, key, { state: 'installed', rule }));
  });
});

describe('a foreign rule', () => {
  it('stays foreign when the switch refuses to let it go', async () => {
    const { bench, device } = NetworkBench.withSwitch();
    device.refuse = ({ command }) => (command === FLOW_COMMAND.deleteStrict ? 'FLOW_MOD_FAILED/EPERM' : undefined);
    expect(ask(bench, 'deleteRule').verdict).toMatchObject({ type: 'refused' });
    expect(await records(bench)).toEqual([]);
    const state = bench.act((controller) => controller.findSwitch(device.hexDpid))!;
    expect(state.installed.has(toRuleKey(rule))).toBe(false);
    bench.wait(60 * SECOND);
    expect(modsOf(device)).toHaveLength(1);
  });
});

describe('a switch that asks for nothing', () => {
  it('leaves nothing behind, whatever it called itself', () => {
    const bench = new NetworkBench();
    const device = new ScriptedSwitch({ dpid: DPID });
    const connection = bench.dial(device);
    const before = bench.act((controller) => controller.findSwitch(device.hexDpid))!.userRules;
    bench.cut(connection);
    bench.dial(device);
    expect(bench.act((controller) => controller.findSwitch(device.hexDpid))!.userRules).not.toBe(before);
  });
});

describe('the record of a rule', () => {
  const entry = { createRevision: 1, modRevision: 1, version: 1 };
  const put = toOperation('0000000000000011', toRuleKey(rule), { state: 'wanted', rule: other, previous: rule });
  const { key, value } = put.type === 'put' ? put : { key: '', value: '' };

  it('says the same when it is read', () => {
    expect(key).toBe('rules/0000000000000011/1 77 ethType=2048');
    expect(parseUserRule({ key, value, ...entry })).toEqual({
      dpid: '0000000000000011',
      record: { state: 'wanted', rule: other, previous: rule },
    });
    const toController: Rule = {
      ...rule,
      instructions: [
        { type: 'writeActions', actions: [{ type: 'output', port: PORT.controller, maxLen: 128 }] },
        { type: 'gotoTable', tableId: 3 },
      ],
    };
    const operation = toOperation('0000000000000011', toRuleKey(rule), { state: 'installed', rule: toController });
    expect(
      parseUserRule({ key, value: operation.type === 'put' ? operation.value : '', ...entry }).record.rule,
    ).toEqual(toController);
  });

  it.each([
    ['no JSON', '{'],
    ['no state', '{"flowMod":""}'],
    ['no rule', '{"state":"installed"}'],
    ['torn bytes', JSON.stringify({ ...JSON.parse(value), flowMod: JSON.parse(value).flowMod.slice(0, -2) })],
    ['another message', JSON.stringify({ state: 'installed', flowMod: '0400000800000000' })],
  ])('is refused by its key when it has %s', (_title, text) => {
    const refusal = { code: 'corrupt', message: expect.stringContaining(key) };
    expect(() => parseUserRule({ key, value: text, ...entry })).toThrow(expect.objectContaining(refusal));
  });

  it('is refused when it is of another rule than its key says', () => {
    const elsewhere = { key: key.replace('77', '78'), value, ...entry };
    expect(() => parseUserRule(elsewhere)).toThrow(expect.objectContaining({ code: 'corrupt' }));
  });
});
