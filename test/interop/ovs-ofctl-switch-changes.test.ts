/** ovs-ofctl changes groups, meters and ports of our switches, sends packets through them, and watches what they report. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { BackgroundProgram } from '../background-program.ts';
import { ListeningEmulation } from './listening-emulation.ts';
import { type Ofctl, ofctlPeer, UDP_FRAME, withoutTimes } from './ofctl.ts';

const RUN_MS = 90_000;

let emulation: ListeningEmulation;
let folder: string;
let s1: Ofctl;

/** Packets that each port has sent, by port number. */
async function sent(): Promise<readonly number[]> {
  const text = await s1.ask('dump-ports');
  return [...text.matchAll(/tx pkts=(\d+)/g)].map(([, count]) => Number(count));
}

/** By how much the counts rise through a packet-out. */
async function sentBy(inPort: string, actions: string): Promise<readonly number[]> {
  const before = await sent();
  await s1.ask('packet-out', inPort, actions, UDP_FRAME);
  return (await sent()).map((count, index) => count - before[index]!);
}

describe.skipIf(ofctlPeer.isSkipped)('ovs-ofctl and a switch that listens', () => {
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sluice-ofctl-'));
    emulation = await ListeningEmulation.start('topologies/triangle.yaml');
    s1 = emulation.ofctl('s1');
  }, RUN_MS);

  afterAll(async () => {
    await emulation?.stop();
    if (folder) await rm(folder, { recursive: true, force: true });
  });

  beforeEach(async () => {
    for (const command of ['del-flows', 'del-groups', 'del-meters']) await s1.ask(command);
  });

  describe('groups', () => {
    const GROUPS = [
      'group_id=1,type=all,bucket=actions=output:1,bucket=actions=output:2',
      'group_id=2,type=select,bucket=weight:3,actions=output:1,bucket=weight:2,actions=output:2',
      'group_id=3,type=indirect,bucket=actions=set_field:02:00:00:00:00:01->eth_dst,output:3',
      'group_id=4,type=ff,bucket=watch_port:1,actions=output:1,bucket=watch_port:2,actions=output:2',
      'group_id=5,type=ff,bucket=watch_group:4,actions=group:4',
    ];

    test('are added one by one and from a file, shown, modified and deleted', async () => {
      await s1.ask('add-group', GROUPS[0]!);
      const file = join(folder, 'groups.txt');
      await writeFile(file, `${GROUPS.slice(1).join('\n')}\n`);
      await s1.ask('add-groups', file);
      expect(await s1.groups()).toEqual(GROUPS);
      await s1.ask('mod-group', 'group_id=1,type=indirect,bucket=actions=output:3');
      expect((await s1.groups())[0]).toBe('group_id=1,type=indirect,bucket=actions=output:3');
      await s1.ask('del-groups', 'group_id=3');
      expect(await s1.groups()).toHaveLength(4);
      await s1.ask('del-groups');
      expect(await s1.groups()).toEqual([]);
    });

    test('say what they can do', async () => {
      const features = await s1.ask('dump-group-features');
      expect(features).toContain('Types:  0xf');
      expect(features).toContain('Capabilities:  0xf');
    });

    test('count what went through them and who uses them', async () => {
      await s1.ask('add-group', GROUPS[0]!);
      await s1.ask('add-flow', 'table=2,actions=group:1');
      expect(await sentBy('3', 'group:1')).toEqual([1, 1, 0]);
      expect(withoutTimes(await s1.ask('dump-group-stats', 'group_id=1'))).toContain(
        'group_id=1,duration,ref_count=1,packet_count=1,byte_count=60,' +
          'bucket0:packet_count=1,byte_count=60,bucket1:packet_count=1,byte_count=60',
      );
      expect(await s1.ask('dump-group-stats')).toContain('group_id=1');
      expect(await s1.flows('out_group=1')).toEqual(['table=2, actions=group:1']);
      await s1.ask('del-groups', 'group_id=1');
      expect(await s1.flows()).toEqual([]);
    });
  });

  describe('meters', () => {
    test('are added, shown, modified and deleted', async () => {
      await s1.ask('add-meter', 'meter=1,kbps,burst,stats,band=type=drop,rate=1000,burst_size=100');
      await s1.ask('add-meter', 'meter=2,pktps,bands=type=dscp_remark,rate=10,prec_level=1');
      await s1.ask('mod-meter', 'meter=2,pktps,bands=type=drop,rate=20');
      expect(await s1.ask('dump-meters')).toContain(
        'meter=1 kbps burst stats bands=\ntype=drop rate=1000 burst_size=100\n\nmeter=2 pktps bands=\ntype=drop rate=20\n',
      );
      expect(await s1.ask('dump-meters', 'meter=2')).not.toContain('meter=1');
      await s1.ask('del-meters', 'meter=1');
      expect(await s1.ask('dump-meters')).not.toContain('meter=1');
      await s1.ask('del-meters');
      expect(await s1.ask('dump-meters')).not.toContain('meter=');
    });

    test('say what they can do', async () => {
      expect(await s1.ask('meter-features')).toContain(
        'max_bands:8 max_color:0\nband_types: drop dscp_remark\ncapabilities: kbps pktps burst stats\n',
      );
    });

    test('count what they measured, and take their rules along', async () => {
      await s1.ask('add-meter', 'meter=7,pktps,stats,burst,band=type=drop,rate=1,burst_size=1');
      await s1.ask('add-flow', 'actions=meter:7,output:2');
      for (let count = 0; count < 3; count++) await s1.ask('packet-out', '1', 'TABLE', UDP_FRAME);
      expect(await s1.ask('meter-stats', 'meter=7')).toMatch(
        /meter:7 flow_count:1 packet_in_count:3 byte_in_count:180 duration:\S+ bands:\n0: packet_count:\d byte_count/,
      );
      expect(await s1.ask('meter-stats')).toContain('meter:7');
      await s1.ask('del-meters', 'meter=7');
      expect(await s1.flows()).toEqual([]);
    });
  });

  describe('a port', () => {
    async function config(port: string): Promise<string> {
      const [, text] =
        new RegExp(`^ ${port}\\(.*\\n +config: +(\\w+)$`, 'm').exec(await s1.ask('dump-ports-desc')) ?? [];
      return text!;
    }

    test.each([
      ['down', 'up', 'PORT_DOWN'],
      ['no-receive', 'receive', 'NO_RECV'],
      ['no-forward', 'forward', 'NO_FWD'],
      ['no-packet-in', 'packet-in', 'NO_PACKET_IN'],
    ])('is told %s and %s, by number and by name', async (action, opposite, word) => {
      for (const name of ['2', 's1-eth2']) {
        await s1.ask('mod-port', name, action);
        expect(await config('2')).toBe(word);
        await s1.ask('mod-port', name, opposite);
        expect(await config('2')).toBe('0');
      }
    });

    test('does what it is told', async () => {
      expect(await sentBy('1', 'output:2,output:3')).toEqual([0, 1, 1]);
      await s1.ask('mod-port', '2', 'no-forward');
      expect(await sentBy('1', 'output:2,output:3')).toEqual([0, 0, 1]);
      await s1.ask('mod-port', '2', 'forward');
      await s1.ask('mod-port', '3', 'down');
      expect(await s1.ask('show')).toMatch(/ 3\(s1-eth3\).*\n.*PORT_DOWN\n +state: +0\n/);
      expect(await sentBy('1', 'FLOOD')).toEqual([0, 1, 0]);
      await s1.ask('mod-port', '3', 'up');
    });
  });

  describe('a packet-out', () => {
    test.each<[string, string, number[]]>([
      ['output:2', '1', [0, 1, 0]],
      ['IN_PORT', '1', [1, 0, 0]],
      ['output:1', '1', [0, 0, 0]],
      ['ALL', '1', [0, 1, 1]],
      ['FLOOD', 'controller', [1, 1, 1]],
      ['push_vlan:0x8100,set_field:4196->vlan_vid,output:2,pop_vlan,output:3', '1', [0, 1, 1]],
    ])('with %s from %s leaves as it says', async (actions, inPort, expected) => {
      expect(await sentBy(inPort, actions)).toEqual(expected);
    });

    test('goes through the tables', async () => {
      await s1.ask('add-flow', 'in_port=3,udp,nw_dst=10.0.0.2,actions=goto_table:1');
      await s1.ask('add-flow', 'table=1,udp,tp_dst=53,actions=output:1');
      expect(await sentBy('3', 'TABLE')).toEqual([1, 0, 0]);
      expect(await s1.ask('dump-flows', 'table=1')).toContain('n_packets=1, n_bytes=60');
    });
  });

  describe('the monitor', () => {
    let monitor: BackgroundProgram | undefined;

    afterEach(async () => {
      await monitor?.stop();
    });

    test('shows packets, removed rules and ports as they change', { timeout: RUN_MS }, async () => {
      if (!ofctlPeer.program) throw new Error(ofctlPeer.missing);
      const words = ['-O', 'OpenFlow13', '--no-names', '-v', '-vconsole:vconn:dbg', 'monitor', s1.target, '65535'];
      monitor = BackgroundProgram.start(ofctlPeer.program, words, { env: { OVS_RUNDIR: folder } });
      // It tries an extension's packet-ins first, is told no, and goes on with the specification's.
      await monitor.untilPrinted(/received: OFPT_ERROR.*OFPBRC_BAD_VENDOR[\s\S]*received: OFPT_BARRIER_REPLY/);
      expect(await s1.ask('show')).toContain('miss_send_len=65535');
      await s1.ask('add-flow', 'priority=0,actions=controller');
      await s1.ask('packet-out', '1', 'TABLE', UDP_FRAME);
      await monitor.untilPrinted(
        /OFPT_PACKET_IN .* cookie=0x0 total_len=60 in_port=1 \(via no_match\) data_len=60 .*\nudp,.*nw_dst=10\.0\.0\.2,/,
      );
      await s1.ask('packet-out', '2', 'set_field:10.0.0.9->ip_dst,CONTROLLER:20', UDP_FRAME);
      await monitor.untilPrinted(/total_len=60 in_port=2 \(via action\) data_len=20 buffer=0x/);
      await s1.ask('mod-port', '2', 'down');
      await monitor.untilPrinted(/OFPT_PORT_STATUS .* MOD: 2\(s1-eth2\).*\n +config: +PORT_DOWN\n/);
      await s1.ask('mod-port', '2', 'up');
      await s1.ask('add-flow', 'cookie=0x77,send_flow_rem,priority=5,udp,actions=drop');
      await s1.ask('add-flow', 'hard_timeout=1,send_flow_rem,priority=6,udp,actions=drop');
      await monitor.untilPrinted(/OFPT_FLOW_REMOVED .* priority=6,udp reason=hard table_id=0 /);
      await s1.ask('del-flows', 'udp');
      await monitor.untilPrinted(/OFPT_FLOW_REMOVED .* priority=5,udp reason=delete table_id=0 cookie:0x77 /);
    });
  });
});
