/**
 * ovs-ofctl administers our switches: `sluice emulate` in a process of its own that listens, without any controller, and every command that there is
 * for an OpenFlow 1.3 switch. Refusals are in `ovs-ofctl-refusals.test.ts`, the comparison with a real Open vSwitch in `ovs-ofctl-beside-ovs.test.ts`.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { ListeningEmulation } from './listening-emulation.ts';
import { type Ofctl, ofctlPeer, UDP_FRAME, withoutTimes } from './ofctl.ts';

const RUN_MS = 90_000;

let emulation: ListeningEmulation;
let folder: string;
let s1: Ofctl;
let s2: Ofctl;

async function write(name: string, ...lines: readonly string[]): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, `${lines.join('\n')}\n`);
  return path;
}

describe.skipIf(ofctlPeer.isSkipped)('ovs-ofctl and a switch that listens', () => {
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sluice-ofctl-'));
    emulation = await ListeningEmulation.start('topologies/triangle.yaml');
    s1 = emulation.ofctl('s1');
    s2 = emulation.ofctl('s2');
  }, RUN_MS);

  afterAll(async () => {
    await emulation?.stop();
    if (folder) await rm(folder, { recursive: true, force: true });
  });

  beforeEach(async () => {
    for (const command of ['del-flows', 'del-groups', 'del-meters']) await s1.ask(command);
  });

  describe('looks at', () => {
    test('the switch, its ports and its configuration', async () => {
      const shown = await s1.ask('show');
      expect(shown).toContain('dpid:0000000000000001');
      expect(shown).toMatch(/ 1\(s1-eth1\): addr:06:00:00:01:00:01\n {5}config: {5}0\n {5}state: {6}LIVE\n/);
      expect(shown).toContain('speed: 100 Mbps now, 100 Mbps max');
      expect(shown).toContain('OFPT_GET_CONFIG_REPLY (OF1.3) (xid=0x5): frags=normal miss_send_len=128');
      expect(await s1.ask('dump-ports-desc')).toContain('3(s1-eth3): addr:06:00:00:01:00:03');
    });

    test('each switch at its own address', async () => {
      expect(await s1.ask('dump-desc')).toContain('DP Description: s1\n');
      const text = await s2.ask('dump-desc');
      expect(text).toContain('Manufacturer: sluice\n');
      expect(text).toContain('Serial Num: 0000000000000002\nDP Description: s2\n');
    });

    test('its tables and what they can do', async () => {
      await s1.ask('add-flow', 'table=3,actions=drop');
      const tables = await s1.ask('dump-tables');
      expect(tables).toContain('table 3:\n    active=1, lookup=0, matched=0');
      const features = await s1.ask('dump-table-features');
      expect(features).toContain(
        'instructions: meter apply_actions clear_actions write_actions write_metadata goto_table',
      );
      expect(features).toContain('next tables: 1-63');
    });

    test('its counters', async () => {
      await s1.ask('packet-out', '1', 'output:2', UDP_FRAME);
      expect(await s1.ask('dump-ports')).toContain('reply (OF1.3) (xid=0x2): 3 ports');
      expect(await s1.ask('dump-ports', '2')).toMatch(/1 ports\n {2}port {2}2: rx.*\n +tx pkts=[1-9]/);
    });

    test('its queues, of which there are none', async () => {
      expect(await s1.ask('queue-get-config')).toMatch(/REPLY \(OF1\.3\) \(xid=0x2\):\s*$/);
      expect(await s1.ask('queue-get-config', '1')).toMatch(/REPLY \(OF1\.3\) \(xid=0x2\):\s*$/);
      expect(await s1.ask('queue-stats')).toContain('0 queues');
      expect(await s1.refusal('queue-stats', '1', '7')).toMatchObject({ error: 'OFPQOFC_BAD_QUEUE' });
    });

    test('how it treats fragments, and changes that', async () => {
      expect(await s1.ask('get-frags')).toBe('normal\n');
      await s1.ask('set-frags', 'drop');
      expect(await s1.ask('get-frags')).toBe('drop\n');
      await s1.ask('set-frags', 'normal');
    });

    test('whether it is there, and how fast it answers', async () => {
      await s1.ask('probe');
      expect((await s1.ask('ping')).trim().split('\n')).toHaveLength(10);
      expect(await s1.ask('ping', '60000')).toContain('60000 bytes from tcp:127.0.0.1');
      expect(await s1.ask('benchmark', '1000', '100')).toContain('Sending 100 packets * 1008 bytes');
    });
  });

  describe('rules', () => {
    const RULES = [
      'priority=3,udp,cookie=0x5,actions=output:3',
      'priority=2,tcp,tp_dst=80,actions=output:2',
      'priority=1,ip,actions=output:1',
      'table=1,priority=3,cookie=0x6,in_port=2,actions=goto_table:2',
    ];
    const SHOWN = [
      'cookie=0x5, priority=3,udp actions=output:3',
      'priority=2,tcp,tp_dst=80 actions=output:2',
      'priority=1,ip actions=output:1',
      'cookie=0x6, table=1, priority=3,in_port=2 actions=goto_table:2',
    ];

    beforeEach(async () => {
      await s1.ask('add-flows', await write('rules.txt', '# the rules of this test', ...RULES));
    });

    test('are added from a file and shown', async () => {
      expect(await s1.flows()).toEqual(SHOWN);
    });

    test.each<[string, string, number[]]>([
      ['table', 'table=1', [3]],
      ['match', 'ip', [0, 1, 2]],
      ['narrower match', 'tcp', [1]],
      ['port that they send to', 'out_port=2', [1]],
      ['cookie', 'cookie=0x5/-1', [0]],
      ['part of a cookie', 'cookie=0x4/0x4', [0, 3]],
    ])('are shown and added up by %s', async (_by, filter, indices) => {
      expect(await s1.flows(filter)).toEqual(indices.map((index) => SHOWN[index]));
      expect(await s1.ask('dump-aggregate', filter)).toContain(`flow_count=${indices.length}\n`);
    });

    test('are sorted either way', async () => {
      const cookies = async (option: string) =>
        (await s1.ask('dump-flows', option)).split('\n').flatMap((line) => /priority=(\d)/.exec(line)?.[1] ?? []);
      expect(await cookies('--sort=priority')).toEqual(['1', '2', '3', '3']);
      expect(await cookies('--rsort=priority')).toEqual(['3', '3', '2', '1']);
    });

    test('are shown with their counters, timeouts and flags', async () => {
      await s1.ask('del-flows');
      await s1.ask('add-flow', 'priority=9,idle_timeout=60,hard_timeout=600,send_flow_rem,udp,actions=output:2');
      await s1.ask('packet-out', '1', 'TABLE', UDP_FRAME);
      expect(withoutTimes(await s1.ask('dump-flows'))).toMatch(
        / cookie=0x0, duration, table=0, n_packets=1, n_bytes=60, idle_timeout=60, hard_timeout=600, send_flow_rem priority=9,udp actions=output:2\n/,
      );
    });

    test('are modified: all that are as narrow, or the one', async () => {
      await s1.ask('mod-flows', 'ip,actions=output:3');
      expect(await s1.flows('table=0')).toEqual([
        'cookie=0x5, priority=3,udp actions=output:3',
        'priority=2,tcp,tp_dst=80 actions=output:3',
        'priority=1,ip actions=output:3',
      ]);
      await s1.ask('mod-flows', '--strict', 'priority=1,ip,actions=drop');
      await s1.ask('mod-flows', '--strict', 'priority=7,ip,actions=drop');
      await s1.ask('mod-flows', 'cookie=0x5/-1,actions=IN_PORT');
      expect(await s1.flows('table=0')).toEqual([
        'cookie=0x5, priority=3,udp actions=IN_PORT',
        'priority=2,tcp,tp_dst=80 actions=output:3',
        'priority=1,ip actions=drop',
      ]);
    });

    test('are deleted: the one, by cookie, by port, all that are as narrow, all', async () => {
      await s1.ask('del-flows', '--strict', 'priority=2,ip');
      expect(await s1.flows()).toEqual(SHOWN);
      await s1.ask('del-flows', '--strict', 'priority=1,ip');
      expect(await s1.flows()).toEqual([SHOWN[0], SHOWN[1], SHOWN[3]]);
      await s1.ask('del-flows', 'cookie=0x6/-1');
      expect(await s1.flows()).toEqual([SHOWN[0], SHOWN[1]]);
      await s1.ask('del-flows', 'out_port=3');
      expect(await s1.flows()).toEqual([SHOWN[1]]);
      await s1.ask('del-flows', 'ip');
      expect(await s1.flows()).toEqual([]);
    });

    test('are compared with a file and with another switch, and replaced by a file’s', async () => {
      const file = await write('other.txt', RULES[1]!, 'priority=1,ip,actions=output:2');
      const difference = [
        '-priority=3,udp cookie=0x5 actions=output:3',
        '-priority=1,ip actions=output:1',
        '+priority=1,ip actions=output:2',
        '-table=1 priority=3,in_port=2 cookie=0x6 actions=goto_table:2',
      ];
      const { code, stdout } = await s1.run('diff-flows', file);
      // As diff(1): 2 is for trouble.
      expect([code, stdout.trim().split('\n')]).toEqual([2, difference]);
      expect((await s1.run('replace-flows', file)).stderr).toBe('');
      expect(await s1.ask('diff-flows', file)).toBe('');
      const other = await s1.run('diff-flows', s2.target);
      expect(other.stdout.trim().split('\n')).toEqual([
        '-priority=2,tcp,tp_dst=80 actions=output:2',
        '-priority=1,ip actions=output:2',
      ]);
      await s2.ask('add-flows', file);
      expect(await s1.ask('diff-flows', s2.target)).toBe('');
      await s2.ask('del-flows');
    });
  });
});
