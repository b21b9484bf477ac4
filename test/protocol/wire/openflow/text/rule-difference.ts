/** Where we mean to read a rule otherwise than ovs-ofctl 3.1 does, each with its reason. */

type Difference = readonly [rule: string, why: string];

const EXTENSION = 'an extension of Open vSwitch';
const BOUNDS = 'it keeps the low bits of what is too large';
const OCTAL = 'it takes a number that begins with 0 for octal, but for a port';
const ADDED = 'what cannot be has to be mended, not left out';

/** What ovs-ofctl takes. */
export const WE_REFUSE: readonly Difference[] = [
  ['ip,nw_ttl=2,actions=drop', EXTENSION],
  ['ip,nw_frag=later,actions=drop', EXTENSION],
  ['mplsm,mpls_label=16,mpls_ttl=3,actions=drop', EXTENSION],
  ['reg0=5,actions=1', EXTENSION],
  ['ct_state=+trk,actions=1', EXTENSION],
  ['conj_id=3,actions=1', EXTENSION],
  ['tun_src=1.2.3.4,actions=1', EXTENSION],
  ['packet_type=(0,0),actions=1', EXTENSION],
  ['tcp6,tp_src=0x1f40/0xfff0,actions=drop', 'ports have no masks in OpenFlow 1.3'],
  ['icmp6,icmp_type=136,nd_target=fe80::1/64,actions=drop', 'nor have the targets of neighbour discovery'],
  ['actions=resubmit(,1)', EXTENSION],
  ['actions=note:00.01', EXTENSION],
  ['actions=load:5->tun_id', EXTENSION],
  ['actions=move:eth_src->eth_dst', EXTENSION],
  ['ip,actions=ct(commit)', EXTENSION],
  ['ip,actions=dec_ttl(0)', EXTENSION],
  ['actions=controller(reason=no_match)', EXTENSION],
  ['actions=controller(id=5)', EXTENSION],
  ['actions=output(port=1,max_len=100)', EXTENSION],
  ['actions=set_field:00:01:02:03:04:05/ff:ff:ff:00:00:00->eth_src', 'masks of set_field came with OpenFlow 1.5'],
  ['ip,actions=set_field:3->nw_ttl', 'not a field of OpenFlow 1.3'],
  ['ip,actions=set_field:12->nw_tos', 'not a field of OpenFlow 1.3'],
  ['dl_vlan=5,actions=set_field:0x1005->vlan_tci', 'not a field of OpenFlow 1.3'],
  ['dl_vlan=5,actions=set_field:5->vlan_vid', 'a tag has the bit 0x1000, and a switch refuses one without'],
  ['vlan_vid=10,actions=drop', 'no packet has it: a tag has the bit 0x1000'],
  ['actions=enqueue:1:2,output:3', 'OpenFlow 1.3 cannot go back to the queue before'],
  ['importance=4,actions=drop', 'it came with OpenFlow 1.4, and ovs-ofctl leaves it out'],
  ['table=255,actions=drop', 'all tables, of which ovs-ofctl makes table 0'],
  ['tcp,udp,actions=drop', 'ovs-ofctl lets the last win'],
  ['tcp,nw_src=10.0.0.1,nw_src=10.0.0.2,actions=drop', 'ovs-ofctl lets the last win'],
  ['nw_src=10.1.2.3,actions=1', `ovs-ofctl leaves it out, and the rule matches everything; ${ADDED}`],
  ['ipv6,nw_dst=1.2.3.4,actions=drop', `ovs-ofctl leaves it out; ${ADDED}`],
  ['priority=010,actions=drop', OCTAL],
  ['tcp,tp_src=010,actions=drop', OCTAL],
  ['actions=output:010', OCTAL],
  ['ip,nw_tos=3,actions=drop', BOUNDS],
  ['dl_vlan=4096,actions=drop', BOUNDS],
  ['dl_vlan_pcp=8,actions=drop', BOUNDS],
  ['mpls,mpls_label=1048576,actions=drop', BOUNDS],
  ['ip,nw_src=10.0.0.256,actions=drop', BOUNDS],
  ['metadata=-1,actions=drop', 'only a mask is written -1'],
  ['metadata=0x,actions=drop', 'no digits'],
  ['tcp,tcp_flags=,actions=drop', 'no value'],
  ['tcp=3,actions=1', 'a value that means nothing'],
  ['send_flow_rem=1,actions=1', 'a value that means nothing'],
  ['dl_vlan=3,actions=pop_vlan:3', 'a value that means nothing'],
  ['actions=clear_actions:3', 'a value that means nothing'],
  ['actions=goto_table:255', 'there is no such table'],
  ['actions=push_mpls:0x8100', 'not MPLS'],
  ['actions=write_actions(1', 'a parenthesis that is not closed'],
  ['in_port=unset,actions=1', 'a port of OpenFlow 1.5'],
];

const NOT_ITS_OWN = 'Open vSwitch does not have it, OpenFlow 1.3 does';
const NOT_JUDGED = 'whether actions fit their packet is for `validate`, and here text is only text';
const LONG_PORTS = 'ports have 32 bits';

/** What ovs-ofctl refuses, or cannot read again itself. */
export const WE_TAKE: readonly Difference[] = [
  ['in_phy_port=5,in_port=3,actions=drop', NOT_ITS_OWN],
  ['pbb_isid=5,dl_type=0x88e7,actions=drop', NOT_ITS_OWN],
  ['ipv6_exthdr=3,ipv6,actions=drop', NOT_ITS_OWN],
  ['actions=push_pbb:0x88e7', NOT_ITS_OWN],
  ['actions=pop_pbb', NOT_ITS_OWN],
  ['ip,actions=copy_ttl_in', NOT_ITS_OWN],
  ['ip,actions=copy_ttl_out', NOT_ITS_OWN],
  ['in_port=1000000,actions=drop', LONG_PORTS],
  ['actions=output:1000000', LONG_PORTS],
  ['eth_type=0x800,ipv4_dst=1.2.3.4,ip_proto=132,sctp_src=5,actions=drop', 'the specification’s own names'],
  ['OXM_OF_ETH_TYPE=0x800,actions=drop', 'brackets after the name can be left out'],
  ['actions=set_field:5->OXM_OF_TUNNEL_ID', 'the specification’s own names'],
  ['actions=apply_actions(output:1)', 'what need not be said may be said'],
  ['udp,actions=set_field:5->tp_src', 'the protocol tells which port'],
  ['arp,actions=mod_nw_src:1.2.3.4', NOT_JUDGED],
  ['actions=push_vlan:0x8100,pop_vlan,strip_vlan', NOT_JUDGED],
  ['table=1,actions=goto_table:0', NOT_JUDGED],
  ['actions=output:any', NOT_JUDGED],
  ['actions=meter:0', NOT_JUDGED],
  ['actions=dec_ttl', NOT_JUDGED],
];

/** What both take, and what we make of it. */
export const WE_READ_OTHERWISE: readonly (readonly [rule: string, why: string, ours: string])[] = [
  ['actions=enqueue:1:2', 'pop_queue is an extension', 'actions=set_queue:2,output:1'],
  [
    'in_port=65534,actions=65533',
    'reserved ports of OpenFlow 1.0 are ordinary ones in 1.3',
    'in_port=65534 actions=output:65533',
  ],
  [
    'cookie=0xffffffffffffffff,actions=1',
    'ovs-ofctl prints no cookie of ones',
    'cookie:0xffffffffffffffff actions=output:1',
  ],
  ['arp,arp_op=256,actions=1', 'Open vSwitch keeps eight bits of it', 'arp,arp_op=256 actions=output:1'],
  [
    'icmp6,icmp_type=8,nd_target=::1,actions=1',
    `ovs-ofctl leaves out what its type cannot have; ${ADDED}`,
    'icmp6,icmp_type=8,nd_target=::1 actions=output:1',
  ],
  [
    'ipv6,ipv6_src=::ffff:1.2.3.4,actions=drop',
    'all of sluice prints IPv6 in one form',
    'ipv6,ipv6_src=::ffff:102:304 actions=drop',
  ],
];

/** Groups that both take, and what we make of them. */
export const GROUPS_READ_OTHERWISE: readonly (readonly [group: string, why: string, ours: string])[] = [
  [
    'group_id=1,type=all,bucket=mod_vlan_vid:5,mod_vlan_pcp:3,1',
    'ovs-ofctl forgets the tag that it pushed, and pushes another',
    'group_id=1,type=all,bucket=actions=push_vlan:0x8100,set_field:4101->vlan_vid,set_field:3->vlan_pcp,output:1',
  ],
];

/** Groups that ovs-ofctl takes. */
export const GROUPS_WE_REFUSE: readonly Difference[] = [
  ['group_id=1,type=all,bucket=bucket_id:3,1', 'buckets have had ids since OpenFlow 1.5, and ovs-ofctl leaves it out'],
  [
    'group_id=1,type=select,selection_method=hash,bucket=1',
    'an extension of OpenFlow 1.5, and ovs-ofctl leaves it out',
  ],
  ['group_id=all,type=all,bucket=1', 'all groups are not one'],
  [
    'group_id=1,type=all,bucket=mod_tp_src:5,1',
    'ovs-ofctl sends an action of OpenFlow 1.1, because the protocol is not known',
  ],
];

/** Errors that Open vSwitch has under another name, from OpenFlow 1.0 or 1.4: its name by ours, the specification's. */
export const ERROR_NAMES: Readonly<Record<string, string>> = {
  OFPBRC_BAD_MULTIPART: 'OFPBRC_BAD_STAT',
  OFPBRC_BAD_EXPERIMENTER: 'OFPBRC_BAD_VENDOR',
  OFPBRC_BAD_EXP_TYPE: 'OFPBRC_BAD_SUBTYPE',
  OFPBRC_IS_SLAVE: 'OFPBRC_IS_SECONDARY',
  OFPBAC_BAD_EXPERIMENTER: 'OFPBAC_BAD_VENDOR',
  OFPBAC_BAD_EXP_TYPE: 'OFPBAC_BAD_VENDOR_TYPE',
  OFPTFFC_BAD_TYPE: 'OFPBPC_BAD_TYPE',
  OFPTFFC_BAD_LEN: 'OFPBPC_BAD_LEN',
  OFPTFFC_BAD_ARGUMENT: 'OFPBPC_BAD_VALUE',
};

/** Messages that we print otherwise. */
export const MESSAGE_DIFFERENCES: Readonly<Record<string, string>> = {
  packetIn: 'its packet is dumped, not dissected',
  packetOut: 'its packet is dumped, not dissected',
  getAsyncReply: 'without the three kinds of message that OpenFlow 1.3 does not have',
  setAsync: 'without the three kinds of message that OpenFlow 1.3 does not have',
  'multipartRequest flow': 'with the cookie that is asked for',
  'multipartRequest aggregate': 'with the cookie that is asked for',
  'multipartRequest tableFeatures':
    'with the actions that Open vSwitch does not have, and every field by its whole name',
  'multipartReply tableFeatures': 'with the actions that Open vSwitch does not have, and every field by its whole name',
  experimenter: 'Open vSwitch prints an error for an experimenter whom it does not know',
  'multipartRequest experimenter': 'Open vSwitch prints an error for an experimenter whom it does not know',
  'multipartReply experimenter': 'Open vSwitch prints an error for an experimenter whom it does not know',
};
