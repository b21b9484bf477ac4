/** The page of an explanation, as a person reads it in a terminal. */
import { expect, it } from 'vitest';
import { formatExplanation } from '../../../protocol/api/explanation-text.ts';
import { encodeFrame } from '../../../protocol/wire/packet/frame.ts';
import { type Arrived, explain, type WordedScene } from '../pipeline/explained-scene.ts';
import { CABLE_OUT, ETHERNET_IP, IPV4, payload, UDP } from '../pipeline/scene.ts';

function page(scene: WordedScene, arrived?: Arrived): string {
  return formatExplanation(explain(scene, arrived));
}

it('tells of the packet, of each table and what it did, of the action set, and of the outcome', () => {
  const scene = {
    flows: [
      'priority=200,tcp,tp_dst=443,actions=output:2',
      'cookie=0x2a,priority=100,udp,in_port=1,actions=meter:1,push_vlan:0x8100,set_field:4101->vlan_vid,goto_table:1',
      'priority=50,ip,actions=drop',
      'table=1,priority=7,dl_vlan=5,actions=dec_ttl,output:4,write_actions(group:1,output:2)',
    ],
    groups: ['group_id=1,type=all,bucket=output:2,bucket=set_field:02:00:00:00:00:09->eth_dst,output:3'],
    meters: ['meter=1,kbps,band=type=drop,rate=100'],
  };
  // A rule has a line of its own, so that its fields are found where they are looked for.
  const expected = `\
packet: 64 bytes at port 1
        eth_dst=02:00:00:00:00:02, eth_src=02:00:00:00:00:01, eth_type=0x0800 (ip), ip_dscp=0, ip_ecn=0, ip_proto=17 (udp), nw_ttl=64, ipv4_src=10.0.0.1, ipv4_dst=10.0.0.2, udp_src=1000, udp_dst=2000, vlan_vid=none
table 0: matched priority=100,udp,in_port=1 (cookie 0x2a) → meter:1,push_vlan:0x8100,set_field:4101->vlan_vid,goto_table:1
         nearly: priority=200,tcp,tp_dst=443 — ip_proto is 17 (udp), the rule wants 6 (tcp)
         matching, but lower: priority=50,ip
  meter:1: drops above 100 kbit/s; whether it does so now cannot be read back
  apply_actions
    push_vlan:0x8100: adds a VLAN tag; vlan_vid none → 0, vlan_pcp 0 is new
    set_field:4101->vlan_vid: vlan_vid 0 → 5
  goto_table:1
table 1: matched priority=7,dl_vlan=5 → dec_ttl,output:4,write_actions(group:1,output:2)
  apply_actions
    dec_ttl: nw_ttl 64 → 63
    sent to port 4
  write_actions(group:1,output:2): the action set is group:1
action set: group:1; output:2 is left out, because there is a group
  group:1 (all): every one of its 2 buckets
    bucket 0
      sent to port 2
    bucket 1
      set_field:02:00:00:00:00:09->eth_dst: eth_dst 02:00:00:00:00:02 → 02:00:00:00:00:09
      sent to port 3
outcome: sent to ports 4, 2, 68 bytes with nw_ttl 64 → 63, vlan_vid none → 5, vlan_pcp 0 is new
         sent to port 3, 68 bytes with eth_dst 02:00:00:00:00:02 → 02:00:00:00:00:09, nw_ttl 64 → 63, vlan_vid none → 5, vlan_pcp 0 is new
uncertain: meter 1 may drop it
`;
  expect(page(scene)).toBe(expected);
});

it.each<[string, WordedScene, string]>([
  ['an empty table', {}, 'outcome: dropped in table 0: no rule matched, and there is no table-miss rule'],
  [
    'an empty action set',
    { flows: ['actions=drop'] },
    'dropped in the action set after table 0: the action set sends it nowhere',
  ],
  [
    'a port that is down',
    { flows: ['actions=output:2'], ports: { 2: CABLE_OUT } },
    'dropped in table 0: port 2: the port is down',
  ],
  [
    'a group that is not there',
    { flows: ['actions=group:7'] },
    'dropped in table 0, group 7: the switch has no such group',
  ],
  ['an ingress port that is down', { ports: { 1: CABLE_OUT } }, 'outcome: dropped: the port is down'],
  [
    'the table-miss rule',
    { flows: ['priority=0,actions=CONTROLLER:64'] },
    'shown to the controller: a miss in table 0, 64 bytes',
  ],
  [
    'a named port',
    { flows: ['actions=output:2'], ports: { 2: { config: 0, state: 4, name: 'uplink' } } },
    'sent to port 2 (uplink), 64 bytes as it came',
  ],
  ['a queue', { flows: ['actions=set_queue:3,output:2'] }, 'sent to port 2, queue 3, 64 bytes as it came'],
  [
    'a lost copy',
    { flows: ['actions=output:9,output:2'] },
    'a copy was lost in table 0: port 9: the switch has no such port',
  ],
])('ends with %s in a sentence', (_name, scene, sentence) => {
  expect(page(scene)).toContain(sentence);
});

it('says of a select group that the switch decides, and what would happen then', () => {
  const groups = ['group_id=1,type=select,bucket=weight:1,output:2,bucket=weight:3,output:3,bucket=weight:0,output:4'];
  const text = page({ groups, flows: ['actions=group:1'] });
  expect(text).toContain(
    'group:1 (select): one of bucket 0 (weight 1), bucket 1 (weight 3); which, the switch decides',
  );
  expect(text).toContain('not bucket 2 (output:4): its weight is 0');
  expect(text).toContain('sent to port 3, 64 bytes as it came, if group 1 takes bucket 1');
  expect(text).toContain('uncertain: which bucket group 1 takes');
});

it('says of a fast failover why buckets are not live', () => {
  const groups = [
    'group_id=1,type=ff,bucket=watch_port:2,output:2,bucket=watch_group:9,output:4,bucket=watch_port:3,output:3',
  ];
  const text = page({ groups, flows: ['actions=group:1'], ports: { 2: CABLE_OUT } });
  expect(text).toContain('group:1 (fast failover): bucket 2, the first that is live');
  expect(text).toContain('not bucket 0 (output:2): port 2 is down');
  expect(text).toContain('not bucket 1 (output:4): group 9 does not exist');
});

it('says of an untagged packet that it has no tag, and names the tag that a rule wants', () => {
  const flows = ['dl_vlan=5,actions=drop', 'vlan_tci=0x1000/0x1000,actions=drop'];
  const text = page({ flows });
  expect(text).toContain('dl_vlan=5 — the packet has no VLAN tag, the rule wants 5');
  expect(text).toContain('vlan_tci=0x1000/0x1000 — the packet has no VLAN tag, the rule wants a tag');
});

it('says of a fragment that nothing behind IP is looked at', () => {
  const bytes = encodeFrame([ETHERNET_IP, { ...IPV4, protocol: 17, fragmentOffsetBytes: 8 }, payload(22)]);
  expect(page({ flows: ['udp,tp_dst=53,actions=drop'] }, { bytes })).toContain(
    'udp,tp_dst=53 — the packet has no udp_dst: it is a later fragment',
  );
});

it('says where a time to live ended, and what nobody can tell', () => {
  const bytes = encodeFrame([ETHERNET_IP, { ...IPV4, ttl: 1, protocol: 17 }, UDP, payload(22)]);
  const text = page({ flows: ['ip,actions=dec_ttl,output:2'] }, { bytes });
  expect(text).toContain('outcome: dropped in table 0: its time to live is up');
  expect(text).toContain('uncertain: whether a controller is shown packets whose time to live is up');
});
