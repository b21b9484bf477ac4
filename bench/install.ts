/**
 * Rules from a controller's store into a switch, until the switch has confirmed each; and back to what they should be after some have drifted.
 *
 * The whole way is measured: dial, handshake, the switch's tables read, the difference taken, flow_mods, barrier. What was confirmed is then read
 * from the switch by somebody else, and the flow_mods of a repair are counted on the wire: they must be those of the rules that drifted, once each; what is sent for others is a line of its own.
 *
 * Beside it stands what Open vSwitch, where it is installed, takes for the same rules from a file (`ovs-ofctl add-flows`): another sender and another switch, so it says what is
 * usual, not who computes faster.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Rule, toRuleKey } from '../controller/rule.ts';
import { OvsDaemons } from '../test/interop/ovs-daemons.ts';
import { type InstallRig, MemoryRig, RIG_DPID, SocketRig, type Took } from './install-rig.ts';
import { formatForOfctl, toDrift, toManyRules, toStored } from './many-rules.ts';
import type { Comparison } from './measure.ts';

export interface InstallOptions {
  readonly rounds: number;
  readonly rules: readonly number[];
  readonly rulesOfDrift: number;
  readonly hasPeer: boolean;
}

const DRIFTED_PART = 0.01;
const OVS_PROGRAMS = ['ovs-vswitchd', 'ovsdb-server', 'ovsdb-tool', 'ovs-vsctl', 'ovs-ofctl', 'ovs-appctl'];
const BRIDGE = 'br1';

const RIGS: Readonly<Record<string, (isKeeping: boolean) => InstallRig>> = {
  'in memory': (isKeeping) => new MemoryRig(isKeeping),
  'over TCP': (isKeeping) => new SocketRig(isKeeping),
};

export async function benchInstall(options: InstallOptions): Promise<readonly Comparison[]> {
  const { rounds, rules, hasPeer } = options;
  const comparisons: Comparison[] = [];
  for (const count of rules) {
    const wanted = toManyRules(count);
    const theirs = hasPeer ? await measureOvs(wanted, rounds) : undefined;
    const beside = theirs === undefined ? {} : { peer: 'ovs-ofctl to Open vSwitch' };
    for (const [way, createRig] of Object.entries(RIGS)) {
      const seconds = await median(rounds, () => installOnce(createRig(false), wanted));
      const name = `install ${count} rules ${way}`;
      comparisons.push({
        ...{ name, unit: 'rules/s', ours: count / seconds, ...beside },
        ...(theirs !== undefined && { theirs: count / theirs }),
      });
      comparisons.push({
        ...{ name: `${name}: all confirmed`, unit: 's', ours: seconds, ...beside },
        ...(theirs !== undefined && { theirs }),
      });
    }
  }
  for (const [way, createRig] of Object.entries(RIGS)) {
    comparisons.push(...(await benchRepair(`reconnect ${way}`, createRig, false, options)));
    comparisons.push(...(await benchRepair(`restart of the controller ${way}`, createRig, true, options)));
  }
  return comparisons;
}

/** Throws unless the switch has all of them, as they should be. */
function expectInstalled(rig: InstallRig, wanted: readonly Rule[]): void {
  const found = new Map(rig.administer((it) => it.rules()).map((entry) => [toRuleKey(entry), entry]));
  for (const rule of wanted) {
    const entry = found.get(toRuleKey(rule));
    if (entry?.cookie !== rule.cookie || entry.instructions.length !== rule.instructions.length) {
      throw new Error(`confirmed, and not in the switch: ${toRuleKey(rule)}`);
    }
  }
}

async function installOnce(rig: InstallRig, wanted: readonly Rule[]): Promise<number> {
  try {
    await rig.startController(toStored(RIG_DPID, wanted));
    const { wall } = await rig.connect();
    expectInstalled(rig, wanted);
    return wall;
  } finally {
    await rig.close();
  }
}

export interface Repair {
  readonly took: Took;
  readonly drifted: number;
  /** Flow_mods about rules that drifted. */
  readonly mended: number;
  /** Flow_mods about rules that were as they should be: none is what one hopes for. */
  readonly touched: number;
}

/** Installs, cuts, lets drift, joins again (with another controller if it is to restart); throws unless each rule that drifted was sent once. */
export async function repairOnce(rig: InstallRig, count: number, isRestart: boolean): Promise<Repair> {
  const wanted = toManyRules(count);
  const drift = toDrift(wanted, Math.ceil(count * DRIFTED_PART));
  try {
    await rig.startController(toStored(RIG_DPID, wanted));
    await rig.connect();
    await rig.settle();
    await rig.disconnect();
    rig.administer((it) => it.change(drift.flowMods));
    if (isRestart) await rig.startController(toStored(RIG_DPID, wanted));
    rig.tap.take();
    const took = await rig.connect();
    await rig.settle();
    const { keys } = rig.tap.take();
    const drifted = new Set(drift.keys);
    const mended = keys.filter((key) => drifted.has(key));
    if (mended.toSorted().join() !== drift.keys.join()) {
      throw new Error(`${mended.length} flow_mods for ${drift.keys.length} rules that drifted`);
    }
    expectInstalled(rig, wanted);
    return { took, drifted: drifted.size, mended: mended.length, touched: keys.length - mended.length };
  } finally {
    await rig.close();
  }
}

async function benchRepair(
  name: string,
  createRig: (isKeeping: boolean) => InstallRig,
  isRestart: boolean,
  { rounds, rulesOfDrift }: InstallOptions,
): Promise<readonly Comparison[]> {
  const repairs: Repair[] = [];
  for (let round = 0; round < rounds; round++) repairs.push(await repairOnce(createRig(true), rulesOfDrift, isRestart));
  const seconds = repairs.map(({ took }) => took.wall).sort((a, b) => a - b);
  const [{ drifted, mended, touched }] = repairs as [Repair];
  const head = `${name}, ${rulesOfDrift} rules, 1 % drifted`;
  return [
    { name: `${head}: mended within`, unit: 's', ours: seconds[seconds.length >> 1]! },
    { name: `${head}: sent for them`, unit: 'flow_mods', ours: mended, peer: 'drifted', theirs: drifted },
    { name: `${head}: sent for others`, unit: 'flow_mods', ours: touched },
  ];
}

async function median(rounds: number, work: () => Promise<number>): Promise<number> {
  const values: number[] = [];
  for (let round = 0; round < rounds; round++) {
    globalThis.gc?.();
    values.push(await work());
  }
  return values.sort((a, b) => a - b)[rounds >> 1]!;
}

/** The median of the seconds that `ovs-ofctl add-flows` takes into an empty table; undefined where there is none. */
async function measureOvs(rules: readonly Rule[], rounds: number): Promise<number | undefined> {
  if (OVS_PROGRAMS.some((program) => spawnSync('which', [program]).status !== 0)) return undefined;
  const folder = mkdtempSync(join(tmpdir(), 'sluice-bench-'));
  const file = join(folder, 'rules');
  writeFileSync(file, formatForOfctl(rules));
  const ovs = await OvsDaemons.start({ hasDummyDevices: true });
  try {
    const settings = ['datapath_type=dummy', 'fail_mode=secure', 'protocols=OpenFlow13'];
    await ovs.vsctl('add-br', BRIDGE, '--', 'set', 'bridge', BRIDGE, ...settings);
    return await median(rounds, async () => {
      await ovs.ofctl('del-flows', BRIDGE);
      const start = process.hrtime.bigint();
      await ovs.ofctl('add-flows', BRIDGE, file);
      return Number(process.hrtime.bigint() - start) / 1e9;
    });
  } finally {
    await ovs.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}
