import { describe, expect, it } from 'vitest';
import type { Plan, PlanPart } from '../../../controller/plan.ts';
import { DRAIN } from '../../../controller/push/program-book.ts';
import { keyOfRule, type Rule, toRuleId } from '../../../controller/rule.ts';
import { refusedRules } from '../../../controller/switch-state.ts';
import { FLOW_COMMAND } from '../../../protocol/wire/openflow/flow.ts';
import { GROUP } from '../../../protocol/wire/openflow/group.ts';
import type { Match } from '../../../protocol/wire/openflow/match.ts';
import { toBytes } from '../../../protocol/wire/openflow/message.ts';
import { PORT } from '../../../protocol/wire/openflow/port.ts';
import type { Nanos } from '../../../protocol/wire/openflow/session.ts';
import { Switch } from '../../../vswitch/switch.ts';
import { type BenchSwitch, DeliveryBench, SECOND } from './delivery-bench.ts';
import { output, toGroup, toPart, toRule } from './sample-plan.ts';
import { type Mod, UnrulySwitch } from './unruly-switch.ts';

const MS: Nanos = 1_000_000;
const S1 = '0000000000000001';
const S2 = '0000000000000002';

function planOf(...switches: readonly Readonly<Record<string, PlanPart>>[]): Plan {
  return new Map(switches.map((parts, i) => [[S1, S2][i]!, new Map(Object.entries(parts))]));
}

function benchWith(...devices: readonly BenchSwitch[]): DeliveryBench {
  const bench = new DeliveryBench(() => MS);
  for (const device of devices) bench.dial(device);
  bench.wait(SECOND);
  return bench;
}

/** That came after what had come before. */
function modsSince(device: UnrulySwitch, from: number): string[] {
  return device.mods.slice(from).map(sayMod);
}

function sayMod(mod: Mod): string {
  if (mod.type === 'flowMod') {
    const isDelete = mod.command === FLOW_COMMAND.deleteStrict;
    return `${isDelete ? 'delete' : mod.command === FLOW_COMMAND.add ? 'add' : 'modify'} rule ${mod.priority}`;
  }
  const verb = ['add', 'modify', 'delete'][mod.command];
  return mod.type === 'groupMod' ? `${verb} group ${mod.groupId}` : `${verb} meter ${mod.meterId}`;
}

const viaGroup = (priority: number, groupId: number) => toRule(0, priority, [], [{ type: 'group', groupId }]);
const plain = (priority: number, port = 1) => toRule(0, priority, [], [output(port)]);

describe('a switch', () => {
  it('gets groups and meters before the rules that refer to them, and loses them after', () => {
    const device = new UnrulySwitch(S1);
    const bench = benchWith(device);
    const meter = { flags: 1, meterId: 7, bands: [{ type: 'drop' as const, rate: 1000, burstSize: 0 }] };
    const rules = [viaGroup(5, 3), toRule(0, 6, [], [output(1)], 7)];
    bench.want(planOf({ a: toPart(rules, { groups: [toGroup(3, output(1))], meters: [meter] }) }));
    bench.wait(SECOND);
    bench.want(planOf({ a: toPart([plain(5)]) }));
    bench.wait(SECOND);
    expect(modsSince(device, 0)).toEqual([
      ...['add group 3', 'add meter 7', 'add rule 5', 'add rule 6'],
      ...['modify rule 5', 'delete rule 6', 'delete group 3', 'delete meter 7'],
    ]);
    expect(bench.delivery.isConverged).toBe(true);
  });

  it('is not sent a rule whose group it refused, and gets it when the group has found room', () => {
    const device = new UnrulySwitch(S1);
    const bench = benchWith(device);
    device.refuse = (mod) => (mod.type === 'groupMod' ? 'GROUP_MOD_FAILED/OUT_OF_GROUPS' : undefined);
    const rule = viaGroup(5, 3);
    bench.want(planOf({ a: toPart([rule, plain(6)], { groups: [toGroup(3, output(1))] }) }));
    bench.wait(100 * MS);
    expect(modsSince(device, 0)).toEqual(['add group 3', 'add rule 6']);
    const state = bench.stateOf(device);
    const error = 'group 3 was refused: GROUP_MOD_FAILED/OUT_OF_GROUPS';
    expect(refusedRules(state)).toEqual([{ rule, error }]);
    expect(bench.events).toContainEqual({ type: 'rule-refused', dpid: S1, ruleId: toRuleId(rule), error });
    expect(bench.delivery.isConverged).toBe(false);
    bench.wait(20 * SECOND);
    const tries = device.mods.filter(({ type }) => type === 'groupMod').length;
    expect(tries, 'after 1, 2, 4 and 8 seconds').toBe(5);
    expect(
      bench.events.filter(({ type }) => type === 'rule-refused'),
      'told once each',
    ).toHaveLength(2);
    device.refuse = () => undefined;
    bench.wait(20 * SECOND);
    expect(device.rules.get(keyOfRule(rule))).toEqual(rule);
    expect(bench.delivery.isConverged).toBe(true);
  });

  it('is asked again for what had no room as soon as something has gone', () => {
    const device = new UnrulySwitch(S1);
    const bench = benchWith(device);
    device.refuse = (mod) =>
      mod.type === 'flowMod' && mod.command === FLOW_COMMAND.add && device.rules.size >= 2
        ? 'FLOW_MOD_FAILED/TABLE_FULL'
        : undefined;
    bench.want(planOf({ a: toPart([plain(1), plain(2)]) }));
    bench.wait(SECOND);
    bench.want(planOf({ a: toPart([plain(3), plain(4)]) }));
    bench.wait(100 * MS);
    expect([...device.rules.values()].map(({ priority }) => priority)).toEqual([3, 4]);
    expect(bench.delivery.isConverged).toBe(true);
  });

  it('that does not answer is read again before it is told more, later each time, and disturbs no other', () => {
    const [silent, other] = [new UnrulySwitch(S1), new UnrulySwitch(S2)];
    const bench = benchWith(silent, other);
    silent.answers = false;
    bench.want(planOf({ a: toPart([plain(1)]) }, { a: toPart([plain(1)]) }));
    bench.wait(100 * MS);
    expect(other.rules.size).toBe(1);
    bench.want(planOf({ a: toPart([plain(2)]) }, { a: toPart([plain(2)]) }));
    bench.wait(100 * MS);
    expect([...other.rules.values()]).toEqual([plain(2)]);
    bench.wait(60 * SECOND);
    expect(modsSince(silent, 0), 'what it has is not known').toEqual(['add rule 1']);
    silent.answers = true;
    bench.wait(60 * SECOND);
    expect(modsSince(silent, 1)).toEqual(['add rule 2', 'delete rule 1']);
    expect(bench.delivery.isConverged).toBe(true);
  });

  it('that disappears in the middle of a transaction is given what it lacks when it is back', () => {
    const device = new UnrulySwitch(S1);
    const bench = benchWith(device);
    const rules = Array.from({ length: 10 }, (_, i) => plain(i + 1));
    device.answers = false;
    bench.want(planOf({ a: toPart(rules) }));
    bench.wait(SECOND);
    bench.cut(device);
    for (const rule of rules.slice(7)) device.rules.delete(keyOfRule(rule));
    device.answers = true;
    const told = device.mods.length;
    bench.dial(device);
    bench.wait(SECOND);
    expect(modsSince(device, told)).toEqual(['add rule 8', 'add rule 9', 'add rule 10']);
    expect(bench.delivery.isConverged).toBe(true);
  });

  it('that has a group of another making is made to have the wanted one', () => {
    const device = new UnrulySwitch(S1);
    const bench = benchWith(device);
    const [wanted, found] = [toGroup(3, output(1)), toGroup(3, output(2))];
    device.groups.set('group 3', found);
    bench.want(planOf({ a: toPart([viaGroup(5, 3)], { groups: [wanted] }) }));
    bench.wait(5 * SECOND);
    expect(device.groups.get('group 3')).toEqual(wanted);
    expect(device.rules.size).toBe(1);
    expect(bench.delivery.isConverged).toBe(true);
  });
});

describe('a program', () => {
  const program = 'tree';
  const transit = toPart([plain(20)], { program });
  const entry = (version: number) => toPart([plain(100 + version, version)], { needs: version > 0 ? [program] : [] });

  it('is sent under only when every switch has it, and what it replaces stays so long', () => {
    const [s1, s2] = [new UnrulySwitch(S1), new UnrulySwitch(S2)];
    const bench = benchWith(s1, s2);
    bench.want(planOf({ entry: entry(0) }, {}));
    bench.wait(SECOND);
    s2.answers = false;
    bench.want(planOf({ entry: entry(1) }, { transit }));
    bench.wait(5 * SECOND);
    expect(modsSince(s1, 0)).toEqual(['add rule 100']);
    expect(bench.delivery.isConfirmed(program)).toBe(false);
    s2.answers = true;
    bench.wait(20 * SECOND);
    expect(modsSince(s1, 1)).toEqual(['add rule 101', 'delete rule 100']);
    expect(bench.delivery.isConfirmed(program)).toBe(true);
  });

  it('is not waited for where a switch has gone', () => {
    const [s1, s2] = [new UnrulySwitch(S1), new UnrulySwitch(S2)];
    const bench = benchWith(s1, s2);
    s2.answers = false;
    bench.want(planOf({ entry: entry(1) }, { transit }));
    bench.wait(SECOND);
    expect(s1.mods).toEqual([]);
    bench.cut(s2);
    bench.wait(100 * MS);
    expect(modsSince(s1, 0)).toEqual(['add rule 101']);
  });

  it('that a switch refuses is sent under by nobody', () => {
    const [s1, s2] = [new UnrulySwitch(S1), new UnrulySwitch(S2)];
    const bench = benchWith(s1, s2);
    s2.refuse = () => 'BAD_MATCH/BAD_FIELD';
    bench.want(planOf({ entry: entry(1) }, { transit }));
    bench.wait(100 * SECOND);
    expect(s1.mods).toEqual([]);
    expect(bench.delivery.isConverged).toBe(false);
  });

  it('is sent under only when a switch that was away has lost what it kept under the same label', () => {
    const [s1, s2] = [new UnrulySwitch(S1), new UnrulySwitch(S2)];
    const bench = benchWith(s1, s2);
    const labelled = (priority: number, match: Match) => toRule(3, priority, match, [output(1)]);
    const label = { type: 'vlanVid', value: 0x1007 } as const;
    const former = toPart([labelled(20, [label])], { program: 'former' });
    bench.want(planOf({}, { former }));
    bench.wait(SECOND);
    bench.cut(s2);
    bench.want(planOf({}, {}));
    bench.wait(10 * SECOND);
    expect(bench.delivery.isReleased('former')).toBe(true);
    const next = toPart([labelled(20, [label, { type: 'vlanPcp', value: 0 }])], { program });
    // It is in the plan when it is back, not before.
    bench.plan = planOf({ entry: entry(1) }, { next });
    bench.dial(s2);
    bench.wait(DRAIN / 2);
    expect(s2.rules.size).toBe(2);
    expect(s1.mods).toEqual([]);
    bench.wait(DRAIN);
    expect(s2.rules.size).toBe(1);
    expect(modsSince(s1, 0)).toEqual(['add rule 101']);
    expect(bench.delivery.isConverged).toBe(true);
  });

  it('goes a second after the last that needed it, and is released then', () => {
    const [s1, s2] = [new UnrulySwitch(S1), new UnrulySwitch(S2)];
    const bench = benchWith(s1, s2);
    bench.want(planOf({ entry: entry(1) }, { transit }));
    bench.wait(SECOND);
    bench.want(planOf({ entry: entry(0) }, {}));
    bench.wait(DRAIN - 100 * MS);
    expect(modsSince(s1, 1)).toEqual(['add rule 100', 'delete rule 101']);
    expect(s2.rules.size).toBe(1);
    expect(bench.delivery.isConverged, 'nothing is sent there any more').toBe(true);
    expect(bench.delivery.isReleased(program)).toBe(false);
    bench.wait(200 * MS);
    expect(s2.rules.size).toBe(0);
    expect(bench.delivery.isReleased(program)).toBe(true);
    expect(bench.events).toContainEqual({ type: 'program-released', program });
  });

  it('goes with a group by which it is both carried out and entered, alone or crosswise with another', () => {
    const device = new UnrulySwitch(S1);
    const bench = benchWith(device);
    const [first, second] = [toGroup(7, output(1)), toGroup(8, output(2))];
    const base = toPart([plain(1)]);
    const entering = planOf({
      base,
      a: toPart([viaGroup(10, 7)], { groups: [first], program: 'A' }),
      b: toPart([viaGroup(20, 8)], { groups: [second], program: 'B' }),
      enterA: toPart([viaGroup(11, 7), viaGroup(12, 8)], { groups: [first, second], needs: ['A'] }),
      enterB: toPart([viaGroup(21, 7)], { groups: [first], needs: ['B'] }),
    });
    bench.want(entering);
    bench.wait(SECOND);
    expect(device.rules.size).toBe(6);
    bench.want(planOf({ base }));
    bench.wait(DRAIN + SECOND);
    expect([device.rules.size, device.groups.size]).toEqual([1, 0]);
    expect(['A', 'B'].map((program) => bench.delivery.isReleased(program))).toEqual([true, true]);
  });
});

/** One of ours, over bytes as everybody. */
class RealSwitch implements BenchSwitch {
  readonly dpid: string;
  readonly #device: Switch;
  #connection: ReturnType<Switch['connect']> | undefined;

  constructor(dpid: string) {
    this.dpid = dpid;
    const ports = [1, 2, 3, 4, 5].map((portNo) => ({ portNo, hwAddr: 0x020000000000 + portNo, name: `p${portNo}` }));
    this.#device = new Switch({ name: dpid, dpid: BigInt(`0x${dpid}`), ports }, { transmit: () => undefined });
    this.#device.poll(0);
  }

  dial(now: Nanos): void {
    this.#connection = this.#device.connect(now);
  }

  receive(bytes: Uint8Array, now: Nanos): void {
    this.#connection!.receive(bytes, now);
  }

  takeOutgoing(): Uint8Array | undefined {
    return this.#connection?.takeOutgoing();
  }
}

/** What a switch tells of its tables to whoever asks, in bytes, in the order of the bytes; counters and ages apart. */
function readBack(bench: DeliveryBench, device: BenchSwitch): string[] {
  const told: string[] = [];
  const say = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
  const body = { tableId: 0xff, outPort: PORT.any, outGroup: GROUP.any, cookie: 0n, cookieMask: 0n, match: [] };
  const { channel } = bench.stateOf(device);
  const counts = { durationSec: 0, durationNsec: 0, packetCount: 0n, byteCount: 0n };
  bench.act(() => {
    channel.query({ type: 'flow', ...body }, (answer) => {
      for (const part of answer.type === 'answered' ? answer.value : []) {
        for (const entry of part.type === 'flow' ? part.entries : []) {
          const one = { type: 'flow' as const, entries: [{ ...entry, ...counts }] };
          told.push(say(toBytes({ type: 'multipartReply', xid: 0, flags: 0, body: one })));
        }
      }
    });
    channel.query({ type: 'groupDesc' }, (answer) => {
      for (const part of answer.type === 'answered' ? answer.value : []) {
        if (part.type === 'groupDesc')
          told.push(say(toBytes({ type: 'multipartReply', xid: 0, flags: 0, body: part })));
      }
    });
  });
  bench.wait(SECOND);
  return told.sort();
}

describe('one plan, another, and the first again', () => {
  it('leave real switches with the same bytes as at first', () => {
    const devices = [new RealSwitch(S1), new RealSwitch(S2)];
    const bench = benchWith(...devices);
    const rules = (from: number): Rule[] =>
      Array.from({ length: 50 }, (_, i) =>
        toRule(0, 10, [{ type: 'ethDst', value: from + i }], [{ type: 'group', groupId: 1 + ((from + i) % 3) }]),
      );
    const groups = (port: number) => [1, 2, 3].map((groupId) => toGroup(groupId, output(port + groupId)));
    const version = (n: number) =>
      planOf(
        { entry: toPart(rules(n * 25), { groups: groups(n), needs: [`tree ${n}`] }), base: toPart([plain(1, n + 1)]) },
        { [`transit ${n}`]: toPart([toRule(1, n + 1, [], [output(1)])], { program: `tree ${n}` }) },
      );
    const settle = (plan: Plan) => {
      bench.want(plan);
      bench.wait(10 * SECOND);
      expect(devices.map((device) => refusedRules(bench.stateOf(device)))).toEqual([[], []]);
      expect(bench.delivery.isConverged).toBe(true);
      return devices.map((device) => readBack(bench, device));
    };
    const [first, second, third] = [settle(version(0)), settle(version(1)), settle(version(0))];
    expect(third).toEqual(first);
    expect(second).not.toEqual(first);
    expect(first.map((lines) => lines.length)).toEqual([52, 2]);
  });
});
