import { describe, expect, it } from 'vitest';
import type { DriftOptions } from '../../../controller/push/drift-watch.ts';
import { keyOfRule, type Rule, toRuleId } from '../../../controller/rule.ts';
import type { StoredUserRule } from '../../../controller/user-rule.ts';
import { METER_FLAG } from '../../../protocol/wire/openflow/meter.ts';
import type { Nanos } from '../../../protocol/wire/openflow/session.ts';
import { DeliveryBench, SECOND } from './delivery-bench.ts';
import { output, toGroup, toPart, toRule } from './sample-plan.ts';
import { UnrulySwitch } from './unruly-switch.ts';

const MS: Nanos = 1_000_000;
const DPID = '0000000000000001';
const INTERVAL = 30 * SECOND;

const RULES = 10_000;
const rules = Array.from({ length: RULES }, (_, i) => toRule(0, 10, [{ type: 'ethDst', value: i }], [output(1)]));
const group = toGroup(3, output(1));
const users: Rule = { ...toRule(1, 77, [], [output(4)]), cookie: 5n };
const foreign: Rule = { ...toRule(2, 5, [], [output(9)]), cookie: 99n };

function benchWith(drift: DriftOptions = {}, wanted: readonly Rule[] = rules.slice(0, 10)) {
  const stored: StoredUserRule[] = [{ dpid: DPID, record: { state: 'installed', rule: users } }];
  const bench = new DeliveryBench(() => MS, drift, stored);
  const device = new UnrulySwitch(DPID);
  bench.dial(device);
  bench.want(new Map([[DPID, new Map([['base', toPart(wanted, { groups: [group] })]])]]));
  bench.wait(SECOND);
  expect(device.rules.size).toBe(wanted.length + 1);
  const told = () => device.mods.splice(0).length;
  told();
  return { bench, device, told };
}

function driftsOf(bench: DeliveryBench): string[] {
  return bench.events.flatMap((event) =>
    event.type === 'drift' ? `${event.owner} ${event.what} ${event.ruleId || event.item}` : [],
  );
}

/** Half of one in a hundred is deleted, the other half changed. */
function tamper({ rules: table }: UnrulySwitch): string[] {
  const ids: string[] = [];
  rules.forEach((rule, i) => {
    if (i % 100 > 0) return;
    if (i % 200 > 0) table.set(keyOfRule(rule), { ...rule, instructions: [] });
    else table.delete(keyOfRule(rule));
    ids.push(`system ${i % 200 > 0 ? 'changed' : 'missing'} ${toRuleId(rule)}`);
  });
  return ids.sort();
}

describe('ten thousand rules of which one in a hundred drifted', () => {
  it('are mended by the timer, and only those, and each is told', () => {
    const { bench, device, told } = benchWith({}, rules);
    const ids = tamper(device);
    bench.wait(INTERVAL);
    expect(told()).toBe(RULES / 100);
    for (const rule of rules) expect(device.rules.get(keyOfRule(rule))).toEqual(rule);
    expect(driftsOf(bench).sort()).toEqual(ids);
    expect(bench.delivery.driftCount('system', 'missing')).toBe(RULES / 200);
    bench.wait(2 * INTERVAL);
    expect(told()).toBe(0);
  });

  it('are mended when the switch comes back, and only those', () => {
    const { bench, device, told } = benchWith({}, rules);
    bench.cut(device);
    tamper(device);
    bench.dial(device);
    bench.wait(SECOND);
    expect(told()).toBe(RULES / 100);
    for (const rule of rules) expect(device.rules.get(keyOfRule(rule))).toEqual(rule);
    expect(bench.delivery.isConverged).toBe(true);
  });
});

describe('what a switch says in its own way', () => {
  it('is no drift: the burst of a meter without the flag for it', () => {
    const meter = { flags: METER_FLAG.kbps, meterId: 7, bands: [{ type: 'drop' as const, rate: 1000, burstSize: 0 }] };
    const bench = new DeliveryBench(() => MS);
    const device = new UnrulySwitch(DPID);
    bench.dial(device);
    bench.want(new Map([[DPID, new Map([['base', toPart(rules.slice(0, 1), { meters: [meter] })]])]]));
    bench.wait(SECOND);
    device.meters.set('meter 7', { ...meter, bands: [{ ...meter.bands[0]!, burstSize: 1000 }] });
    device.mods.length = 0;
    bench.wait(INTERVAL);
    expect(device.mods).toEqual([]);
    device.meters.set('meter 7', { ...meter, bands: [{ ...meter.bands[0]!, rate: 999 }] });
    bench.wait(INTERVAL);
    expect(device.mods).toHaveLength(1);
  });
});

describe('what drifted', () => {
  it('is put back if it is a group or a rule of a user, and taken away if it bears our mark and nobody wants it', () => {
    const { bench, device, told } = benchWith();
    const stray = toRule(3, 1, [], []);
    device.groups.clear();
    device.rules.delete(keyOfRule(users));
    device.rules.set(keyOfRule(stray), stray);
    bench.wait(INTERVAL + SECOND);
    expect(told()).toBe(3);
    expect(device.groups.get('group 3')).toEqual(group);
    expect(device.rules.get(keyOfRule(users))).toEqual(users);
    expect(device.rules.has(keyOfRule(stray))).toBe(false);
    expect(driftsOf(bench).sort()).toEqual([
      'system missing group 3',
      `system unexpected ${toRuleId(stray)}`,
      `user missing ${toRuleId(users)}`,
    ]);
  });

  it('is told once and left alone where it is to be so', () => {
    const { bench, device, told } = benchWith({ system: 'alert', user: 'alert' });
    device.rules.delete(keyOfRule(users));
    device.rules.set(keyOfRule(rules[0]!), { ...rules[0]!, instructions: [] });
    bench.wait(3 * INTERVAL);
    expect(told()).toBe(0);
    expect(driftsOf(bench).sort()).toEqual([
      `system changed ${toRuleId(rules[0]!)}`,
      `user missing ${toRuleId(users)}`,
    ]);
  });

  it("becomes a user's where it is adopted", () => {
    const { bench, device, told } = benchWith({ system: 'adopt', user: 'adopt', foreign: 'adopt' });
    const changed = { ...rules[0]!, instructions: [] };
    device.rules.set(keyOfRule(changed), changed);
    device.rules.set(keyOfRule(foreign), foreign);
    device.rules.delete(keyOfRule(users));
    bench.wait(2 * INTERVAL);
    expect(told()).toBe(0);
    const records = bench.userRules.of(DPID);
    expect(records.get(keyOfRule(changed))).toEqual({ state: 'installed', rule: changed });
    expect(records.get(keyOfRule(foreign))).toEqual({ state: 'installed', rule: foreign });
    expect(records.has(keyOfRule(users))).toBe(false);
    expect(bench.delivery.isConverged).toBe(true);
  });

  it('is not asked for while a change is under way, and what overtook the answer is not undone', () => {
    const { bench, device, told } = benchWith();
    bench.wait(INTERVAL - SECOND - MS);
    // The question leaves within the next milliseconds; what is wanted now reaches the switch behind it.
    bench.wait(SECOND - MS / 2);
    bench.want(new Map([[DPID, new Map([['base', toPart(rules.slice(0, 12), { groups: [group] })]])]]));
    bench.wait(SECOND);
    expect(told()).toBe(2);
    expect(driftsOf(bench)).toEqual([]);
    expect(device.rules.size).toBe(13);
  });
});

describe('a foreign rule', () => {
  it('is never touched unless it is to be, and told when it comes, changes and goes', () => {
    const { bench, device, told } = benchWith();
    device.rules.set(keyOfRule(foreign), foreign);
    bench.wait(2 * INTERVAL);
    device.rules.set(keyOfRule(foreign), { ...foreign, instructions: [] });
    bench.wait(2 * INTERVAL);
    device.rules.delete(keyOfRule(foreign));
    bench.wait(2 * INTERVAL);
    expect(told()).toBe(0);
    const id = toRuleId(foreign);
    expect(driftsOf(bench)).toEqual([`foreign unexpected ${id}`, `foreign changed ${id}`, `foreign missing ${id}`]);
  });

  it('is no news when it was there from the beginning', () => {
    const { bench, device } = benchWith();
    bench.cut(device);
    device.rules.set(keyOfRule(foreign), foreign);
    bench.dial(device);
    bench.wait(2 * INTERVAL);
    expect(driftsOf(bench)).toEqual([]);
  });

  it('is deleted where that is asked for', () => {
    const { bench, device } = benchWith({ foreign: 'repair' });
    device.rules.set(keyOfRule(foreign), foreign);
    bench.wait(INTERVAL + SECOND);
    expect(device.rules.has(keyOfRule(foreign))).toBe(false);
    bench.wait(2 * INTERVAL);
    expect(driftsOf(bench)).toEqual([`foreign unexpected ${toRuleId(foreign)}`]);
  });

  it('keeps the group that it refers to, even when we want that no more', () => {
    const { bench, device } = benchWith();
    const refers: Rule = { ...toRule(2, 5, [], [{ type: 'group', groupId: 3 }]), cookie: 99n };
    device.rules.set(keyOfRule(refers), refers);
    bench.wait(INTERVAL + SECOND);
    bench.want(new Map([[DPID, new Map([['base', toPart(rules.slice(0, 10))]])]]));
    bench.wait(SECOND);
    expect(device.rules.get(keyOfRule(refers))).toEqual(refers);
    expect(device.groups.has('group 3')).toBe(true);
  });
});
