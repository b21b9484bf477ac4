/**
 * The feature matrix of the documents, 45 cells, 45 tests. Each drives what a guest does, or is refused; the oracle is the table as it is printed (S3, lines
 * 187 to 192), copied here as text.
 */
import { describe, expect, it } from 'vitest';
import { parseIpv4 } from '../../protocol/wire/address.ts';
import { ETHER_TYPE } from '../../protocol/wire/packet/ethernet.ts';
import { SECOND } from '../../sim/clock.ts';
import type { Resource } from '../../sim/guest-limits.ts';
import { GUEST_FIGURES } from '../../topologies/guest-figures.ts';
import type { PresetName } from '../../topologies/guest-profiles.ts';
import { type GuestRig, refusalOf, rigOf } from './guest-rig.ts';

const PRINTED = `
| |写复制|磁盘配额|CPU配额|FS隔离|网络隔离|Root限权|I/O限权|内存限制|热迁移|
|chroot|✗|✗|✗|不完全|✗|✗|✗|✗|✗|
|Linux VServer|√|√|√|√|不完全|不完全|√|√|✗|
|OpenVZ|√|√|√|√|√|√|√|√|√|
|LXC|√|不完全|√|√|√|√|不完全|√|√|
|Docker|√|间接|√|√|√|√|√|√|✗|
`;

const PRESET_OF: Readonly<Record<string, PresetName>> = {
  chroot: 'chroot',
  'Linux VServer': 'vserver',
  OpenVZ: 'openvz',
  LXC: 'lxc',
  Docker: 'docker',
};

interface Cell {
  readonly title: string;
  readonly preset: PresetName;
  readonly feature: string;
  readonly sign: string;
}

const [features = [], ...rows] = PRINTED.trim()
  .split('\n')
  .map((line) => line.split('|').slice(1, -1));
const CELLS: readonly Cell[] = rows.flatMap(([title = '', ...signs]) =>
  signs.map((sign, i) => ({ title, preset: PRESET_OF[title]!, feature: features[i + 1]!, sign })),
);

const MIB = 2 ** 20;

/** A limit that is not there is refused with the table cited, and can be had by force; it then stops nobody. */
function expectRefusal({ title, feature }: Cell, call: (force: boolean) => unknown): void {
  const refusal = refusalOf(() => call(false));
  expect(refusal?.code).toBe('not-capable');
  expect(refusal?.message).toMatch(new RegExp(`^${title} has no [\\w/ -]+: ${feature} = ✗ \\(source table\\)$`));
  expect(refusalOf(() => call(true))).toBeUndefined();
}

function copyOnWrite({ preset, sign }: Cell, rig: GuestRig): void {
  const image = GUEST_FIGURES.container.realistic.imageBytes.value;
  expect(rig.workloads.node('n1').imageBytes, preset).toBe(sign === '√' ? image : 3 * image);
}

function quota(resource: Resource) {
  return (cell: Cell, rig: GuestRig): void => {
    const a = rig.guest('a');
    const limit = (force: boolean) => a.limit(resource, 10 * MIB, { force });
    if (cell.sign === '✗') {
      expectRefusal(cell, limit);
      expect(a.use(resource, 20 * MIB)).toBe(20 * MIB);
      return;
    }
    expect(limit(false).citation).toContain(cell.sign);
    expect(a.use(resource, 10 * MIB)).toBe(10 * MIB);
    const refusal = refusalOf(() => a.use(resource, 20 * MIB));
    if (cell.sign === '不完全') {
      // It asks for more and gets it, and that is seen.
      expect(refusal).toBeUndefined();
      expect(a.limits.overruns[resource]).toBe(1);
    } else {
      expect(refusal?.code).toBe('over-limit');
      expect(refusal?.message.includes('its node enforces')).toBe(cell.sign === '间接');
      expect(a.limits.usedOf(resource)).toBe(10 * MIB);
    }
  };
}

function cpuQuota(cell: Cell, rig: GuestRig): void {
  const [noisy, quiet] = [rig.guest('a'), rig.guest('b')];
  const limit = (force: boolean) => noisy.limit('cpu', 1, { force });
  if (cell.sign === '✗') expectRefusal(cell, limit);
  else limit(false);
  noisy.use('cpu', 9);
  quiet.use('cpu', 3);
  // Four processors: one for the noisy guest and three for the quiet one, or twelve that are wanted of four that are there.
  const shares = rig.workloads.node('n1').cpuShares();
  expect([shares.get('a'), shares.get('b')]).toEqual(cell.sign === '√' ? [1, 3] : [3, 1]);
}

function stated(capability: 'fileIsolation' | 'rootPrivilege') {
  return (cell: Cell, rig: GuestRig): void => {
    const call = (force: boolean) => rig.guest('a').isolate(capability, { force });
    if (cell.sign === '✗') {
      expectRefusal(cell, call);
      return;
    }
    expect(call(false)).toEqual({
      enforcer: cell.sign === '√' ? 'guest' : 'partly',
      citation: `${cell.title}: ${cell.feature} = ${cell.sign} (source table)`,
    });
  };
}

function networkIsolation({ sign }: Cell, rig: GuestRig): void {
  const { host } = rig.guest('a');
  const node = rig.host('hv-1');
  const http = { protocol: 'tcp', port: 80 } as const;
  rig.guest('a').bind(http);
  const clash = refusalOf(() => rig.guest('b').bind(http));
  const foreign = refusalOf(() => rig.guest('b').bind({ protocol: 'tcp', port: 81, address: parseIpv4('10.0.2.1')! }));
  const answers: number[] = [];
  rig.host('client').tap = (frame) => {
    const view = new DataView(frame.buffer, frame.byteOffset);
    if (view.getUint16(12) === ETHER_TYPE.ipv4) answers.push(view.getUint16(6) * 2 ** 32 + view.getUint32(8));
  };
  expect(rig.ping('client', host.spec.ip!).received).toBe(1);
  if (sign === '√') {
    // A card, an address and ports of its own.
    expect([clash, foreign?.code]).toEqual([undefined, 'foreign-address']);
    expect(answers).toEqual([host.spec.mac]);
    expect(host.spec.mac).not.toBe(node.spec.mac);
    expect(rig.guest('b').listPorts()).toEqual(['tcp/80']);
  } else if (sign === '不完全') {
    // An address of its own on its node's stack: the MAC is the node's, and no other address can be had.
    expect([clash, foreign?.code]).toEqual([undefined, 'foreign-address']);
    expect(answers).toEqual([node.spec.mac]);
    expect(host.spec.ip).toBe(parseIpv4('10.0.2.1'));
    rig.guest('a').stop();
    expect(rig.ping('client', host.spec.ip!).received).toBe(0);
    expect(rig.ping('client', 'hv-1').received).toBe(1);
  } else {
    // Nothing of its own: it is its node, it sees who listens there, and gets in others' way.
    expect(clash?.code).toBe('port-in-use');
    expect(clash?.message).toBe('a has tcp/80 of n1 already');
    expect(host).toBe(node);
    expect(answers).toEqual([node.spec.mac]);
    expect(rig.guest('b').listPorts()).toContain('tcp/80 a');
  }
}

function memoryLimit(cell: Cell, rig: GuestRig): void {
  const a = rig.guest('a');
  const limit = (force: boolean) => a.limit('memory', 10 * MIB, { force });
  if (cell.sign === '✗') {
    expectRefusal(cell, limit);
    a.use('memory', 20 * MIB);
    expect(a.state).toBe('running');
    return;
  }
  limit(false);
  expect(refusalOf(() => a.use('memory', 20 * MIB))?.code).toBe('over-limit');
  expect(a.state).toBe('created');
  expect(a.stopReason).toMatch(/^out of memory/);
}

function liveMigration(cell: Cell, rig: GuestRig): void {
  const wished = rig.guest('a');
  const isMoved = () => wished.node?.name === 'n2' && wished.state === 'running';
  if (cell.sign === '✗') {
    const refusal = refusalOf(() => rig.workloads.migrate('a', 'n2'));
    expect([refusal?.code, refusal?.message]).toEqual([
      'not-capable',
      `${cell.title} has no live migration: 热迁移 = ✗ (source table)`,
    ]);
    rig.run(5 * SECOND);
    expect(isMoved()).toBe(false);
    expect(rig.migrate('a', 'n2', { force: true }).state).toBe('completed');
  } else expect(rig.migrate('a', 'n2').state).toBe('completed');
  expect(isMoved()).toBe(true);
}

const DRIVES: Readonly<Record<string, (cell: Cell, rig: GuestRig) => void>> = {
  写复制: copyOnWrite,
  磁盘配额: quota('disk'),
  CPU配额: cpuQuota,
  FS隔离: stated('fileIsolation'),
  网络隔离: networkIsolation,
  Root限权: stated('rootPrivilege'),
  'I/O限权': quota('io'),
  内存限制: memoryLimit,
  热迁移: liveMigration,
};

describe('the feature matrix', () => {
  it('has 45 cells', () => {
    expect(CELLS).toHaveLength(45);
  });

  it.each(CELLS.map((cell) => [cell.title, cell.feature, cell.sign, cell] as const))('%s: %s = %s', (...row) => {
    const cell = row[3];
    DRIVES[cell.feature]!(cell, rigOf(cell.preset));
  });
});
