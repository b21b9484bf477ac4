import { describe, expect, it } from 'vitest';
import { ABSENCE_MAX, PORTS_PER_SWITCH_MAX, SETTLE_TIME } from '../../controller/network/network.ts';
import { DRAIN } from '../../controller/push/program-book.ts';
import { type Rule, toRuleKey } from '../../controller/rule.ts';
import { QUERY_PORTS_MAX } from '../../controller/southbound/channel.ts';
import type { RuleVerdict } from '../../controller/user-rules.ts';
import { FLOW_COMMAND, FLOW_FLAG } from '../../protocol/wire/openflow/flow.ts';
import { arpFrom, NetworkBench, SECOND } from './network-bench.ts';
import { ScriptedSwitch } from './scripted-switch.ts';

const HOST_MAC = 0x020000000001;
const OTHER_MAC = 0x020000000002;

const userRule: Rule = {
  tableId: 1,
  priority: 77,
  match: [{ type: 'ethType', value: 0x0800 }],
  instructions: [],
  cookie: 5n,
  idleTimeout: 0,
  hardTimeout: 0,
  flags: 0,
};

function addRule(bench: NetworkBench, dpid: string, rule: Rule = userRule): () => RuleVerdict | undefined {
  let verdict: RuleVerdict | undefined;
  bench.act((controller, now) =>
    controller.addRule(dpid, rule, now, (given) => {
      verdict = given;
    }),
  );
  return () => verdict;
}

describe('the controller', () => {
  it('pushes its rules to a switch that joins, and holds for installed what the switch confirmed', () => {
    const { bench, device } = NetworkBench.withSwitch();
    const state = bench.act((controller) => controller.findSwitch(device.hexDpid))!;
    expect(device.rules.size).toBeGreaterThan(3);
    expect(state.installed.size).toBe(device.rules.size);
    expect(bench.act((controller) => controller.isConverged)).toBe(true);
  });

  it('finds a link between two switches in both directions, and forgets it when a port goes down', () => {
    const bench = new NetworkBench();
    const [s1, s2] = [new ScriptedSwitch({ dpid: 0x11n }), new ScriptedSwitch({ dpid: 0x12n })];
    ScriptedSwitch.join(s1, 1, s2, 1);
    bench.dial(s1);
    bench.dial(s2);
    expect(bench.events.map(({ type }) => type)).toContain('link-found');
    s2.setPortUp(1, false);
    bench.pump();
    expect(bench.events.map(({ type }) => type)).toContain('link-lost');
    expect(bench.act((controller) => controller.isConverged)).toBe(true);
  });

  it('learns a host from its ARP and gives every switch with hosts a way to it', () => {
    const bench = new NetworkBench();
    const [s1, s2] = [new ScriptedSwitch({ dpid: 0x11n }), new ScriptedSwitch({ dpid: 0x12n })];
    ScriptedSwitch.join(s1, 1, s2, 1);
    bench.dial(s1);
    bench.dial(s2);
    bench.wait(SETTLE_TIME);
    s1.hear(2, arpFrom(HOST_MAC, 0x0a000001));
    s2.hear(2, arpFrom(OTHER_MAC, 0x0a000002));
    bench.pump();
    for (const { rules } of [s1, s2]) {
      const toHost = [...rules.values()].filter(({ match }) =>
        match.some((oxm) => oxm.type === 'ethDst' && oxm.value === HOST_MAC),
      );
      expect(toHost.length).toBeGreaterThan(0);
    }
    expect(bench.act((controller) => controller.packetIns)).toBeGreaterThan(0);
  });

  it("adds a user's rule and tells so only when the barrier is answered", () => {
    const { bench, device } = NetworkBench.withSwitch();
    device.answers = false;
    const verdict = addRule(bench, device.hexDpid);
    expect(verdict()).toBeUndefined();
    expect(device.received.at(-1)).toMatchObject({ type: 'barrierRequest' });
    bench.wait(10 * SECOND);
    expect(verdict()).toMatchObject({ type: 'unanswered' });
  });

  it("passes a switch's refusal on by name, and does not count the rule as installed", () => {
    const { bench, device } = NetworkBench.withSwitch();
    device.refuse = () => 'FLOW_MOD_FAILED/TABLE_FULL';
    expect(addRule(bench, device.hexDpid)()).toEqual({ type: 'refused', error: 'FLOW_MOD_FAILED/TABLE_FULL' });
    const state = bench.act((controller) => controller.findSwitch(device.hexDpid))!;
    expect(state.installed.has(toRuleKey(userRule))).toBe(false);
    expect(state.userRules.size).toBe(0);
  });

  it('says of a rule whose switch disconnects meanwhile that nobody knows', () => {
    const bench = new NetworkBench();
    const device = new ScriptedSwitch({ dpid: 0x11n });
    const connection = bench.dial(device);
    device.answers = false;
    const verdict = addRule(bench, device.hexDpid);
    bench.cut(connection);
    expect(verdict()).toEqual({ type: 'unanswered', reason: 'the switch disconnected' });
    expect(bench.act((controller) => controller.switches())).toEqual([]);
  });

  it('goes on with the other rules when a switch refuses one of its own, and does not repeat it forever', () => {
    const bench = new NetworkBench();
    const device = new ScriptedSwitch({ dpid: 0x11n });
    device.refuse = ({ tableId, priority }) =>
      tableId === 0 && priority === 60_000 ? 'BAD_MATCH/BAD_FIELD' : undefined;
    bench.dial(device);
    const sent = device.received.filter(({ type }) => type === 'flowMod').length;
    expect(bench.events).toContainEqual(
      expect.objectContaining({ type: 'rule-refused', error: 'BAD_MATCH/BAD_FIELD' }),
    );
    const refused = device.received.filter(
      (m) => m.type === 'flowMod' && m.tableId === 0 && m.priority === 60_000,
    ).length;
    expect(device.rules.size).toBe(sent - refused);
    bench.wait(SETTLE_TIME);
    const settled = device.received.filter(({ type }) => type === 'flowMod').length;
    bench.wait(60 * SECOND);
    expect(device.received.filter(({ type }) => type === 'flowMod')).toHaveLength(settled);
    expect(
      bench.act((controller) => controller.isConverged),
      'a network without a rule that it should have',
    ).toBe(false);
    for (const isUp of [false, true, false, true]) {
      device.setPortUp(1, isUp);
      bench.wait(SECOND);
    }
    const probeRules = device.received.filter((m) => m.type === 'flowMod' && m.tableId === 0 && m.priority === 60_000);
    expect(probeRules, 'what else changes is no reason to try it again').toHaveLength(1);
  });

  it('refuses to let a user overwrite a rule that it computes', () => {
    const { bench, device } = NetworkBench.withSwitch();
    const state = bench.act((controller) => controller.findSwitch(device.hexDpid))!;
    const [systemRule] = state.systemRules.values();
    expect(addRule(bench, device.hexDpid, systemRule)()).toMatchObject({ type: 'conflict' });
  });

  it('takes back what it believed of a rule when the switch says that it expired', () => {
    const { bench, device } = NetworkBench.withSwitch();
    const before = new Set(device.rules.keys());
    addRule(bench, device.hexDpid, { ...userRule, idleTimeout: 1, flags: FLOW_FLAG.sendFlowRem });
    const [key] = [...device.rules.keys()].filter((candidate) => !before.has(candidate));
    device.expire(key!);
    bench.pump();
    bench.wait(10 * SECOND);
    expect(device.rules.has(key!)).toBe(false);
    expect(bench.act((controller) => controller.isConverged)).toBe(true);
  });

  it('does not take an auxiliary connection for the switch', () => {
    const { bench, device } = NetworkBench.withSwitch();
    bench.dial(new ScriptedSwitch({ dpid: device.dpid, auxiliaryId: 1 }));
    expect(bench.hungUp).toEqual(['c2']);
    expect(addRule(bench, device.hexDpid)()).toEqual({ type: 'installed' });
  });

  it('removes, on a reconnect, rules of its own that nobody wants any more, and leaves foreign ones alone', () => {
    const { bench, device } = NetworkBench.withSwitch();
    device.hear(2, arpFrom(HOST_MAC, 0x0a000001));
    bench.pump();
    const foreign = { ...device.rules.values().next().value!, cookie: 99n, priority: 5 };
    device.rules.set('foreign', foreign);
    const withHost = device.rules.size;
    bench.cut('c1');
    device.setPortUp(2, false);
    bench.wait(ABSENCE_MAX);
    bench.dial(device);
    bench.wait(SETTLE_TIME + DRAIN);
    expect(device.rules.size).toBeLessThan(withHost);
    expect(device.rules.get('foreign')).toBe(foreign);
    const deleted = device.received.filter((m) => m.type === 'flowMod' && m.command === FLOW_COMMAND.deleteStrict);
    const toHost = (m: (typeof deleted)[number]) =>
      m.type === 'flowMod' && m.match.some((oxm) => oxm.type === 'ethDst' && oxm.value === HOST_MAC);
    expect(deleted.filter(toHost).length).toBeGreaterThan(0);
    expect(deleted.every((m) => m.type === 'flowMod' && m.priority !== foreign.priority)).toBe(true);
  });

  it('lets a switch that comes back soon keep what it has, and asks nothing of it', () => {
    const { bench, device } = NetworkBench.withSwitch();
    device.hear(2, arpFrom(HOST_MAC, 0x0a000001));
    bench.pump();
    const before = [...device.rules.values()];
    bench.cut('c1');
    bench.wait(ABSENCE_MAX - 1);
    const heard = device.received.length;
    bench.dial(device);
    bench.wait(SETTLE_TIME);
    expect([...device.rules.values()]).toEqual(before);
    expect(device.received.slice(heard).filter(({ type }) => type === 'flowMod')).toEqual([]);
  });

  it('hangs up on garbage and serves the others as before', () => {
    const { bench, device } = NetworkBench.withSwitch();
    bench.openRaw('liar');
    bench.inject('liar', Uint8Array.of(4, 0, 0, 4, 0, 0, 0, 1));
    expect(bench.hungUp).toEqual(['liar']);
    bench.openRaw('browser');
    bench.inject('browser', new TextEncoder().encode('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n'));
    bench.wait(10 * SECOND);
    expect(bench.hungUp).toEqual(['liar', 'browser']);
    expect(addRule(bench, device.hexDpid)()).toEqual({ type: 'installed' });
  });

  it('hangs up on a peer that never says hello', () => {
    const bench = new NetworkBench();
    bench.openRaw('silent');
    bench.wait(30 * SECOND);
    expect(bench.hungUp).toEqual(['silent']);
  });

  it('refuses a switch with more ports than it has room for, and says why', () => {
    const bench = new NetworkBench();
    bench.dial(new ScriptedSwitch({ dpid: 0x11n, ports: PORTS_PER_SWITCH_MAX + 1 }));
    expect(bench.hungUp).toEqual(['c1']);
    expect(bench.events).toContainEqual(
      expect.objectContaining({
        type: 'channel-closed',
        detail: expect.stringContaining(String(PORTS_PER_SWITCH_MAX)),
      }),
    );
    expect(bench.act((controller) => controller.switches())).toEqual([]);
  });

  it('hangs up on a switch that lists ports without end, before they fill its memory', () => {
    const bench = new NetworkBench();
    const device = new ScriptedSwitch({ dpid: 0x11n, ports: QUERY_PORTS_MAX + 1 });
    bench.dial(device);
    expect(bench.hungUp).toEqual(['c1']);
    expect(device.received.some(({ type }) => type === 'flowMod')).toBe(false);
  });

  it('gives up on a switch that does not tell its ports', () => {
    const bench = new NetworkBench();
    const device = new ScriptedSwitch({ dpid: 0x11n });
    device.answers = false;
    bench.dial(device);
    bench.wait(30 * SECOND);
    expect(bench.hungUp).toEqual(['c1']);
    expect(bench.act((controller) => controller.isConverged)).toBe(true);
  });
});
