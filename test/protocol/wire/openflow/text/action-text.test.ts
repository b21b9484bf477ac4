import { describe, expect, it } from 'vitest';
import type { Action } from '../../../../../protocol/wire/openflow/action.ts';
import { formatActions, parseActions } from '../../../../../protocol/wire/openflow/text/action-text.ts';
import { parseMatch } from '../../../../../protocol/wire/openflow/text/match-text.ts';
import { toPacketState } from '../../../../../protocol/wire/openflow/text/packet-state.ts';
import { expectMistake, type Mistake } from './mistake.ts';

const output = (port: number, maxLen = 0) => ({ type: 'output', port, maxLen }) as const;

/** Actions and their texts: printed is the first. */
const ACTIONS: readonly (readonly [actions: readonly Action[], ...texts: readonly string[]])[] = [
  [[], 'drop', '', ' '],
  [[output(1)], 'output:1', '1', 'output=1', 'output(1)', 'output:0x1'],
  [[output(1), output(2)], 'output:1,output:2', '1,2', '1 2', '1,,2,'],
  [[output(0xfffffffe), output(0xfffffff8)], 'LOCAL,IN_PORT', 'local,output:in_port', 'output:LOCAL,In_Port'],
  [
    [output(0xfffffffb), output(0xfffffffc), output(0xfffffffa), output(0xfffffff9)],
    'FLOOD,ALL,NORMAL,TABLE',
    'flood,all,normal,table',
  ],
  [[output(0xfffffffd, 0xffff)], 'CONTROLLER:65535', 'controller', 'CONTROLLER', 'controller()', 'output:controller'],
  [
    [output(0xfffffffd, 128)],
    'CONTROLLER:128',
    'controller:128',
    'controller(max_len=128)',
    'controller(128)',
    'controller(max_len=128,reason=action)',
  ],
  [[{ type: 'group', groupId: 5 }], 'group:5', 'group(5)', 'group=5'],
  [[{ type: 'setQueue', queueId: 5 }], 'set_queue:5'],
  [
    [{ type: 'setQueue', queueId: 2 }, output(1)],
    'set_queue:2,output:1',
    'enqueue:1:2',
    'enqueue(1,2)',
    'enqueue(1, 2)',
  ],
  [
    [{ type: 'pushVlan', etherType: 0x8100 }, { type: 'popVlan' }],
    'push_vlan:0x8100,pop_vlan',
    'push_vlan:33024,strip_vlan',
  ],
  [
    [
      { type: 'pushMpls', etherType: 0x8847 },
      { type: 'popMpls', etherType: 0x0800 },
    ],
    'push_mpls:0x8847,pop_mpls:0x0800',
    'push_mpls:0x8847,pop_mpls:2048',
  ],
  [[{ type: 'pushPbb', etherType: 0x88e7 }, { type: 'popPbb' }], 'push_pbb:0x88e7,pop_pbb'],
  [
    [{ type: 'setMplsTtl', ttl: 5 }, { type: 'decMplsTtl' }],
    'set_mpls_ttl(5),dec_mpls_ttl',
    'set_mpls_ttl:5,dec_mpls_ttl',
  ],
  [
    [{ type: 'setNwTtl', ttl: 5 }, { type: 'decNwTtl' }],
    'mod_nw_ttl:5,dec_ttl',
    'set_nw_ttl:5,dec_nw_ttl',
    'mod_nw_ttl:5,dec_ttl()',
  ],
  [[{ type: 'copyTtlOut' }, { type: 'copyTtlIn' }], 'copy_ttl_out,copy_ttl_in'],
  [
    [{ type: 'setField', field: { type: 'ethSrc', value: 0x001122334455 } }],
    'set_field:00:11:22:33:44:55->eth_src',
    'mod_dl_src:00:11:22:33:44:55',
  ],
  [
    [{ type: 'setField', field: { type: 'ipv4Dst', value: 0x0a000001 } }],
    'set_field:10.0.0.1->ip_dst',
    'mod_nw_dst:10.0.0.1',
    'set_field:10.0.0.1->nw_dst',
    'set_field:10.0.0.1->ipv4_dst',
  ],
  [[{ type: 'setField', field: { type: 'ipv6Dst', value: 1n } }], 'set_field:::1->ipv6_dst'],
  [[{ type: 'setField', field: { type: 'ipDscp', value: 46 } }], 'set_field:46->ip_dscp', 'mod_nw_tos:184'],
  [
    [{ type: 'setField', field: { type: 'ipEcn', value: 2 } }],
    'set_field:2->nw_ecn',
    'mod_nw_ecn:2',
    'set_field:2->ip_ecn',
  ],
  [
    [{ type: 'setField', field: { type: 'tunnelId', value: 5n } }],
    'set_field:0x5->tun_id',
    'set_tunnel:5',
    'set_tunnel64:5',
    'set_field:5->tunnel_id',
  ],
  [
    [
      { type: 'setField', field: { type: 'mplsLabel', value: 16 } },
      { type: 'setField', field: { type: 'mplsTc', value: 3 } },
    ],
    'set_field:16->mpls_label,set_field:3->mpls_tc',
    'set_mpls_label:16,set_mpls_tc(3)',
  ],
  [
    [{ type: 'setField', field: { type: 'vlanVid', value: 0x1005 } }],
    'set_field:4101->vlan_vid',
    'set_vlan_vid:5',
    'set_field:0x1005->vlan_vid',
  ],
  [
    [{ type: 'setField', field: { type: 'tcpFlags', value: 0x12 } }],
    'set_field:syn|ack->tcp_flags',
    'set_field:18->tcp_flags',
  ],
  [
    [{ type: 'setField', field: { type: 'unknown', header: 0x00013c02, body: Uint8Array.of(1, 2) } }],
    'set_field:0x0102->oxm_00013c02',
  ],
  [
    [{ type: 'experimenter', experimenter: 0x2320, data: Uint8Array.of(0, 21, 0, 0, 0, 0, 0, 0) }],
    'experimenter(0x00002320,0015000000000000)',
    'experimenter(8992,0015000000000000)',
  ],
];

const CASES = ACTIONS.map(([actions, ...texts]) => ({ actions, text: texts[0], texts }));

describe('actions', () => {
  it.each(CASES)('$text are read from every form of them', ({ actions, texts }) => {
    for (const text of texts) expect(parseActions(text), text).toEqual(actions);
  });

  it.each(CASES)('$text are printed as ovs-ofctl prints them', ({ actions, text }) => {
    expect(formatActions(actions)).toBe(text);
  });

  it('of a type that 1.3 does not have are shown by number', () => {
    expect(formatActions([{ type: 'unknown', id: 7, body: Uint8Array.of(1, 2, 3, 4) }])).toBe('unknown(7,01020304)');
  });
});

/** In a rule with this match, actions of OpenFlow 1.0 mean these of 1.3. */
const TRANSLATIONS: readonly (readonly [match: string, old: string, actions: string])[] = [
  ['tcp', 'mod_tp_src:5,mod_tp_dst:6', 'set_field:5->tcp_src,set_field:6->tcp_dst'],
  ['udp6', 'mod_tp_src:5,mod_tp_dst:6', 'set_field:5->udp_src,set_field:6->udp_dst'],
  ['sctp', 'mod_tp_src:5,set_field:6->tp_dst', 'set_field:5->sctp_src,set_field:6->sctp_dst'],
  ['', 'mod_vlan_vid:10', 'push_vlan:0x8100,set_field:4106->vlan_vid'],
  ['', 'mod_vlan_vid:10,mod_vlan_pcp:3', 'push_vlan:0x8100,set_field:4106->vlan_vid,set_field:3->vlan_pcp'],
  ['dl_vlan=5', 'mod_vlan_vid:10', 'set_field:4106->vlan_vid'],
  ['dl_vlan_pcp=5', 'mod_vlan_pcp:3', 'set_field:3->vlan_pcp'],
  ['vlan_vid=0x1000/0x1000', 'mod_vlan_vid:10', 'set_field:4106->vlan_vid'],
  ['dl_vlan=0xffff', 'mod_vlan_vid:10', 'push_vlan:0x8100,set_field:4106->vlan_vid'],
  ['vlan_vid=0x5/0xfff', 'mod_vlan_vid:10', 'push_vlan:0x8100,set_field:4106->vlan_vid'],
  ['dl_vlan=5', 'pop_vlan,mod_vlan_pcp:3', 'pop_vlan,push_vlan:0x8100,set_field:3->vlan_pcp'],
  ['', 'push_vlan:0x88a8,mod_vlan_vid:10', 'push_vlan:0x88a8,set_field:4106->vlan_vid'],
];

describe('actions from before OpenFlow 1.3', () => {
  it.each(TRANSLATIONS)('in a rule on "%s", %s is %s', (match, old, actions) => {
    expect(formatActions(parseActions(old, toPacketState(parseMatch(match))))).toBe(actions);
  });
});

const MISTAKES: readonly Mistake[] = [
  ['outptu:1', 1, /did you mean output\?/],
  ['output:1,ouptut:2', 10, /did you mean output\?/],
  ['toString', 1, /there is no action/],
  ['output', 7, /needs a value/],
  ['output:', 7, /needs a value/],
  ['output:eth0', 8, /a port number or one of/],
  ['output:LOACL', 8, /did you mean LOCAL\?/],
  ['output:1:2', 8, /such as 10/],
  ['output:tun_id[0..15]', 8, /output to a field is an Open vSwitch extension/],
  ['output(port=1,max_len=9)', 8, /max_len is an Open vSwitch extension/],
  ['LOCAL:3', 7, /stands alone/],
  ['output:1,drop', 10, /drop stands alone/],
  ['drop,output:1', 1, /drop stands alone/],
  ['controller(max_len=65536)', 20, /at most 65535/],
  ['controller(id=3)', 12, /id is an Open vSwitch extension/],
  ['controller(reason=no_match)', 12, /reason is an Open vSwitch extension/],
  ['group:all', 7, /group is a number/],
  ['enqueue:1', 10, /needs a queue/],
  ['enqueue:1:x', 11, /the queue of enqueue/],
  ['enqueue:1:2,output:3', 13, /cannot leave the queue/],
  ['enqueue:1:2,group:3', 13, /cannot leave the queue/],
  ['push_vlan:0x9100', 11, /takes 0x8100 or 0x88a8/],
  ['push_mpls:0x8100', 11, /takes 0x8847 or 0x8848/],
  ['push_pbb:5', 10, /takes 0x88e7/],
  ['pop_mpls', 9, /needs a value/],
  ['pop_vlan:3', 10, /stands alone/],
  ['dec_ttl(1,2)', 9, /Open vSwitch extension/],
  ['mod_nw_ttl:256', 12, /at most 255/],
  ['mod_vlan_vid:4096', 14, /at most 4095/],
  ['mod_vlan_pcp:8', 14, /at most 7/],
  ['mod_nw_tos:3', 12, /multiple of 4/],
  ['mod_nw_dst:10.0.0', 12, /IPv4 address/],
  ['mod_nw_dst:10.0.0.0/8', 12, /IPv4 address/],
  ['mod_tp_dst:80', 1, /needs tcp, udp or sctp.* tcp_dst/],
  ['set_field:80->tp_dst', 15, /needs tcp, udp or sctp/],
  ['set_field:80', 13, /set_field:value->field/],
  ['set_field:80->tcp_dts', 15, /did you mean tcp_dst\?/],
  ['set_field:x->tcp_dst', 11, /tcp_dst is a number/],
  ['set_field:65536->tcp_dst', 11, /16 bits/],
  ['set_field:1/1->metadata', 12, /whole fields.*1\.5/],
  ['set_field:10->vlan_vid', 11, /set_field:4106->vlan_vid/],
  ['set_field:10->vlan_tci', 15, /write mod_vlan_vid/],
  ['set_field:10->nw_ttl', 15, /write mod_nw_ttl/],
  ['set_field:10->reg0', 15, /reg0 is an Open vSwitch extension/],
  ['set_field:+syn->tcp_flags', 11, /without signs/],
  ['resubmit(,1)', 1, /resubmit is an Open vSwitch extension.*goto_table/],
  ['output:1,ct(commit,table=2)', 10, /ct is an Open vSwitch extension/],
  ['learn(table=1,NXM_OF_ETH_DST[])', 1, /learn is an Open vSwitch extension/],
  ['load:5->tun_id', 1, /load is an Open vSwitch extension.*set_field/],
  ['move:eth_src->eth_dst', 1, /move is an Open vSwitch extension/],
  ['goto_table:3', 1, /goto_table is an instruction/],
  ['experimenter(0x2320,01)', 20, /multiple of 8 bytes/],
  ['output(1', 7, /never closed/],
  ['output(1)2', 10, /a comma is missing/],
  [`output${'('.repeat(20)}1`, 23, /nest deeper than 16/],
];

describe('a mistake in actions', () => {
  it.each(MISTAKES)('is told with its column and how to mend it: %s', (...mistake) => {
    expectMistake((text) => parseActions(text), mistake);
  });
});
