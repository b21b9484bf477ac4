/**
 * The same commands of ovs-ofctl to a switch of ours and to a real Open vSwitch: what both then show is the same text. Where they differ, a row says
 * what each does and why ours does it.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { Random } from '../../sim/random.ts';
import { ListeningEmulation } from './listening-emulation.ts';
import { mayMakeNamespaces } from './network-namespace.ts';
import { Ofctl, ofctlPeer, withoutTimes } from './ofctl.ts';
import { OVS_PEERS, OvsMachine } from './ovs-machine.ts';

const RUN_MS = 90_000;
const isSkipped = [...OVS_PEERS, ofctlPeer].some((peer) => peer.isSkipped) || !mayMakeNamespaces();

const RULES = [
  'table=0,priority=0,actions=CONTROLLER:65535',
  'table=0,priority=100,in_port=1,actions=goto_table:1',
  'table=0,priority=200,dl_vlan=100,dl_vlan_pcp=3,actions=pop_vlan,output:2',
  'table=0,priority=200,vlan_tci=0x1000/0x1000,in_port=2,actions=pop_vlan,output:1',
  'table=0,cookie=0x1234567890abcdef,priority=7,dl_dst=01:00:00:00:00:00/01:00:00:00:00:00,actions=ALL',
  'table=1,cookie=0x2a,idle_timeout=600,hard_timeout=3600,send_flow_rem,priority=10,tcp,nw_src=10.0.0.0/8,nw_dst=10.0.0.2,tp_dst=80,actions=set_field:10.0.0.3->ip_dst,set_field:8080->tcp_dst,dec_ttl,output:3',
  'table=1,priority=11,udp6,ipv6_src=2001:db8::/32,ipv6_label=0x12345,tp_src=53,actions=write_metadata:0xff/0xff,goto_table:2',
  'table=1,priority=12,arp,arp_op=1,arp_tpa=10.0.0.5,arp_sha=02:00:00:00:00:09,actions=IN_PORT',
  'table=1,priority=13,icmp,icmp_type=8,icmp_code=0,actions=clear_actions,write_actions(output:1,set_field:5->ip_dscp)',
  'table=1,priority=14,icmp6,icmp_type=135,nd_target=fe80::1,nd_sll=02:00:00:00:00:07,actions=drop',
  'table=2,priority=1,metadata=0xf/0xf,actions=push_vlan:0x8100,set_field:4196->vlan_vid,set_field:5->vlan_pcp,output:2,CONTROLLER:128',
  'table=2,priority=2,mpls,mpls_label=77,mpls_tc=2,mpls_bos=1,actions=pop_mpls:0x0800,dec_ttl,output:1',
  'table=2,priority=4,ip,nw_tos=32,nw_ecn=1,actions=push_mpls:0x8847,set_field:9->mpls_label,set_mpls_ttl:64,output:1',
  'table=2,priority=5,tcp,tcp_flags=+syn-ack,actions=FLOOD',
  'table=2,priority=6,sctp,tp_src=5,tp_dst=6,actions=NORMAL',
  'table=2,priority=7,tun_id=5/0xff,actions=FLOOD',
  'table=2,priority=8,ip,nw_proto=89,check_overlap,no_packet_counts,no_byte_counts,reset_counts,actions=drop',
  'table=3,priority=1,ip,actions=set_field:1.2.3.4->ip_dst,group:1',
  'table=3,priority=2,actions=push_vlan:0x8100,set_field:4101->vlan_vid,output:1',
  'table=3,priority=3,ip,actions=meter:1,output:1',
] as const;

const GROUPS = [
  'group_id=1,type=all,bucket=output:1,bucket=output:2',
  'group_id=2,type=select,bucket=weight:3,output:1,bucket=weight:2,output:2',
  'group_id=3,type=indirect,bucket=set_field:02:00:00:00:00:01->eth_dst,output:3',
  'group_id=4,type=ff,bucket=watch_port:1,output:1,bucket=watch_port:2,output:2',
  'group_id=5,type=ff,bucket=watch_group:4,group:4',
] as const;

/** A universe in which rules meet: nested, disjoint and overlapping. */
const MATCHES = [
  ...['', 'ip,', 'tcp,', 'tcp,tp_dst=80,', 'udp,', 'ip,nw_src=10.0.0.0/8,', 'tcp,nw_src=10.1.0.0/16,', 'in_port=1,'],
  ...[
    'in_port=1,tcp,',
    'arp,',
    'dl_vlan=5,',
    'dl_vlan=5,ip,',
    'ip,nw_dst=10.0.0.1,',
    'dl_src=02:00:00:00:00:00/ff:00:00:00:00:00,',
  ],
] as const;
const ACTIONS = [
  'output:1',
  'output:2',
  'output:1,output:3',
  'group:1',
  'group:2,output:2',
  'drop',
  'goto_table:4',
] as const;
const FILTERS = ['', '', 'out_port=1,', 'out_port=3,', 'out_group=1,', 'cookie=0x1/0x1,', 'cookie=0x2/-1,'] as const;
const SEED = 20_261_120;

function randomCommand(random: Random): string {
  const pick = <T>(list: readonly T[]): T => list[random.nextBelow(list.length)]!;
  const command = pick(['add', 'add', 'add', 'modify', 'modify_strict', 'delete', 'delete_strict'] as const);
  const isLoose = command === 'modify' || command === 'delete';
  const place = `table=${pick([0, 1, 2])},${isLoose ? '' : `priority=${pick([1, 2, 3])},`}${pick(MATCHES)}`;
  if (command === 'add') return `add ${place}cookie=${pick([0, 1, 2, 3])},actions=${pick(ACTIONS)}`;
  if (command.startsWith('modify'))
    return `${command} ${place}${pick(['', 'cookie=0x1/0x1,'])}actions=${pick(ACTIONS)}`;
  return `${command} ${place}${pick(FILTERS)}`.replace(/,$/, '');
}

describe.skipIf(isSkipped)('ovs-ofctl shows the same of our switch as of Open vSwitch', () => {
  let machine: OvsMachine;
  let emulation: ListeningEmulation;
  let folder: string;
  let ours: Ofctl;
  let theirs: Ofctl;

  /** To both, and both do it. */
  async function tellBoth(command: string, ...words: readonly string[]): Promise<void> {
    for (const ofctl of [ours, theirs]) await ofctl.ask(command, ...words);
  }

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sluice-beside-'));
    emulation = await ListeningEmulation.start('topologies/triangle.yaml');
    ours = emulation.ofctl('s1');
    machine = await OvsMachine.start();
    const devices = ['s1-eth1', 's1-eth2', 's1-eth3'];
    for (const device of devices) await machine.namespace.cable(device, machine.namespace, `far${device}`);
    await machine.addBridge({ name: 'br0', dpid: '0000000000000001', devices }, 'none');
    theirs = new Ofctl(machine.target('br0'));
  }, RUN_MS);

  afterAll(async () => {
    await emulation?.stop();
    await machine?.stop();
    if (folder) await rm(folder, { recursive: true });
  }, RUN_MS);

  beforeEach(async () => {
    for (const command of ['del-flows', 'del-groups', 'del-meters']) await tellBoth(command);
    for (const group of GROUPS) await tellBoth('add-group', group);
    await tellBoth('add-meter', 'meter=1,kbps,burst,stats,band=type=drop,rate=1000,burst_size=100');
    await tellBoth('add-meter', 'meter=2,pktps,band=type=drop,rate=10');
  });

  test('of rules with every kind of match and action', async () => {
    const file = join(folder, 'rules.txt');
    await writeFile(file, `${RULES.join('\n')}\n`);
    await tellBoth('add-flows', file);
    expect([...(await ours.flows())].sort()).toEqual([...(await theirs.flows())].sort());
    expect(await ours.flows()).toHaveLength(RULES.length);
    expect(await ours.ask('diff-flows', theirs.target)).toBe('');
    expect(await ours.ask('diff-flows', file)).toBe('');
    // The kernel may send some packets of its own through the ports of Open vSwitch, so that only the rules compare.
    const countFlows = (text: string) => /flow_count=\d+/.exec(text)?.[0];
    expect(countFlows(await ours.ask('dump-aggregate'))).toBe(`flow_count=${RULES.length}`);
    expect(countFlows(await theirs.ask('dump-aggregate'))).toBe(`flow_count=${RULES.length}`);
  });

  test(`after random commands, strict and loose (seed ${SEED})`, { timeout: RUN_MS }, async () => {
    const random = new Random(SEED);
    const file = join(folder, 'commands.txt');
    for (let round = 0; round < 12; round++) {
      const commands = Array.from({ length: 40 }, () => randomCommand(random));
      await writeFile(file, `${commands.join('\n')}\n`);
      await tellBoth('add-flows', file);
      const [shown, expected] = [await ours.flows(), await theirs.flows()];
      expect([...shown].sort(), commands.join('\n')).toEqual([...expected].sort());
      for (const filter of ['tcp', 'table=1', 'out_port=1', 'out_group=2', 'cookie=0x2/0x2']) {
        expect([...(await ours.flows(filter))].sort(), filter).toEqual([...(await theirs.flows(filter))].sort());
      }
    }
    expect(await ours.flows()).not.toEqual([]);
    expect(await ours.ask('diff-flows', theirs.target)).toBe('');
  });

  test('of groups and meters', async () => {
    expect([...(await ours.groups())].sort()).toEqual([...(await theirs.groups())].sort());
    expect(await ours.ask('dump-meters')).toBe(await theirs.ask('dump-meters'));
    await tellBoth('add-flow', 'actions=meter:1,group:1');
    const stats = async (ofctl: Ofctl, command: string) =>
      withoutTimes(await ofctl.ask(command))
        .split('\n')
        .sort();
    // Section 7.3.5.9 counts the groups that forward to a group too; Open vSwitch counts rules only.
    const theirStats = (await stats(theirs, 'dump-group-stats')).map((line) =>
      line.startsWith(' group_id=4,') ? line.replace('ref_count=0', 'ref_count=1') : line,
    );
    expect(await stats(ours, 'dump-group-stats')).toEqual(theirStats);
    expect(await stats(ours, 'meter-stats')).toEqual(await stats(theirs, 'meter-stats'));
  });

  test('when both say no', async () => {
    const refused: readonly (readonly [string, ...string[]])[] = [
      ['add-flow', 'actions=group:99'],
      ['add-flow', 'actions=goto_table:0'],
      ['add-flow', 'vlan_tci=5,actions=drop'],
      ['add-group', 'group_id=1,type=all'],
      ['add-group', 'group_id=9,type=indirect'],
      ['mod-group', 'group_id=9,type=all'],
      ['add-meter', 'meter=1,kbps,band=type=drop,rate=1000'],
      ['mod-meter', 'meter=9,kbps,band=type=drop,rate=1000'],
      ['dump-meters', 'meter=9'],
      ['queue-get-config', '77'],
      ['queue-stats', '1', '7'],
      ['packet-out', '1', 'group:99', '000000000001000000000002080045'],
    ];
    for (const [command, ...words] of refused) {
      const [ourWords, theirWords] = [await ours.refusal(command, ...words), await theirs.refusal(command, ...words)];
      expect({ command, error: ourWords.error }).toEqual({ command, error: theirWords.error });
      expect(withoutTimes(ourWords.request)).toBe(withoutTimes(theirWords.request));
    }
  });

  const DONE = '';

  /** Sections are those of OpenFlow 1.3.5. */
  test.each<[reason: string, theirs: string, ours: string, ...words: [string, ...string[]]]>([
    [
      'section 6.4: a port that is not there may be refused',
      DONE,
      'OFPBAC_BAD_OUT_PORT',
      'add-flow',
      'actions=output:77',
    ],
    ['section 6.5: so is a bucket’s', DONE, 'OFPBAC_BAD_OUT_PORT', 'add-group', 'group_id=8,type=all,bucket=output:77'],
    [
      'section 6.5: a watched port must be there',
      DONE,
      'OFPGMFC_BAD_WATCH',
      'add-group',
      'group_id=8,type=ff,bucket=watch_port:77,output:1',
    ],
    [
      'section 6.5: a group that is not there is no group',
      DONE,
      'OFPBAC_BAD_OUT_GROUP',
      'add-group',
      'group_id=8,type=all,bucket=group:99',
    ],
    [
      'section 6.5: no group leads back to itself',
      DONE,
      'OFPGMFC_LOOP',
      'mod-group',
      'group_id=4,type=ff,bucket=watch_port:1,group:5',
    ],
    ['section 6.5: a group that others need stays', DONE, 'OFPGMFC_CHAINED_GROUP', 'del-groups', 'group_id=4'],
    [
      'section 7.3.4.2 has no such command',
      DONE,
      'OFPGMFC_BAD_COMMAND',
      'mod-group',
      '--may-create',
      'group_id=8,type=all',
    ],
    [
      'section 7.4.4.13: a meter that is not there is unknown',
      'OFPMMFC_INVALID_METER',
      'OFPMMFC_UNKNOWN_METER',
      'add-flow',
      'actions=meter:9,output:1',
    ],
    [
      'section 7.4.4.2: a packet comes in by a port',
      DONE,
      'OFPBRC_BAD_PORT',
      'packet-out',
      '77',
      'output:1',
      '00000000000100000000000208004500',
    ],
    ['section 7.3.2 has no such mode', DONE, 'OFPSCFC_BAD_FLAGS', 'set-frags', 'nx-match'],
    ['an extension', DONE, 'OFPBAC_BAD_VENDOR', 'add-flow', 'actions=resubmit(,1)'],
    ['an extension', DONE, 'OFPBMC_BAD_FIELD', 'add-flow', 'ip,nw_frag=no,actions=drop'],
  ])('but not where %s', async (_reason, theirError, ourError, command, ...words) => {
    expect((await theirs.refusal(command, ...words)).error).toBe(theirError);
    expect((await ours.refusal(command, ...words)).error).toBe(ourError);
  });
});
