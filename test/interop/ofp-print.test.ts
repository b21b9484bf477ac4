/**
 * Open vSwitch's own decoder (`ovs-ofctl ofp-parse`, the printer behind `ofp-print`) accepts every message that we write, and says
 * the values that we put in. What it does not know is listed with what it says instead.
 *
 * One run over a file of all messages: a process per message would take a minute.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Instruction } from '../../protocol/wire/openflow/instruction.ts';
import type { Match } from '../../protocol/wire/openflow/match.ts';
import { type Message, toBytes } from '../../protocol/wire/openflow/message.ts';
import { findPeer, runPeer } from './peer.ts';
import { SAMPLES } from './sample.ts';
import { flowModOf, MATCHES, MPLS_ACTION_LIST, RARE_ACTION_LIST } from './sample-rule.ts';

const ovsOfctl = findPeer('ovs-ofctl');

const TCP_MATCH_TEXT =
  'tcp,tun_id=0x4d,metadata=0x1200/0xff00,in_port=3,dl_vlan=100,dl_vlan_pcp=5,dl_src=02:00:00:00:00:01,' +
  'dl_dst=01:00:00:00:00:00/01:00:00:00:00:00,nw_src=192.0.2.0/24,nw_dst=198.51.100.7,nw_tos=184,nw_ecn=2,' +
  'tp_src=5000,tp_dst=80';

const ACTIONS_TEXT =
  'push_vlan:0x8100,set_field:4197->vlan_vid,pop_vlan,mod_nw_ttl:63,dec_ttl,set_field:10.11.12.13->ip_dst,' +
  'set_field:02:00:00:00:00:fe->eth_dst,set_queue:12,output:21,group:31,CONTROLLER:128';

const INSTRUCTIONS_TEXT = `meter:41,${ACTIONS_TEXT},clear_actions,write_actions(output:23),write_metadata:0x3400/0xff00,goto_table:51`;

const BUCKETS_TEXT = 'bucket=weight:10,actions=output:1,bucket=weight:20,actions=pop_vlan,output:2';

const BANDS_TEXT = ['type=drop rate=1001 burst_size=102', 'type=dscp_remark rate=1003 burst_size=104 prec_level=1'];

/** Of mod_port and port_desc: what is printed of a port. */
const PORT_TEXT = [
  '7(eth7): addr:02:00:00:00:00:07',
  'config:     PORT_DOWN NO_FWD',
  'state:      LIVE',
  'current:    1GB-FD COPPER AUTO_NEG',
  'advertised: 100MB-FD',
  'supported:  1GB-FD',
  'peer:       10GB-FD',
  'speed: 1000 Mbps now, 10000 Mbps max',
];

/** Actions that OpenFlow 1.3 has and Open vSwitch has not (copy_ttl_out, copy_ttl_in, push_pbb, pop_pbb) are left out here. */
const TABLE_TEXT = [
  'table 2 ("classifier"):',
  'metadata: match=0xff00 write=0xf0',
  'max_entries=1000',
  'next tables: 3-5',
  'instructions: meter apply_actions clear_actions write_actions write_metadata goto_table',
  'actions: output group set_field strip_vlan push_vlan mod_nw_ttl dec_ttl set_mpls_ttl dec_mpls_ttl push_mpls pop_mpls set_queue',
  'supported on Set-Field: vlan_vid ip_src',
  'actions: output group set_field',
  'supported on Set-Field: eth_{src,dst}',
  'next tables: 3',
  'instructions: goto_table',
  'supported on Set-Field: vlan_pcp',
  'actions: output group',
  'supported on Set-Field: ip_dscp',
  'arbitrary mask: eth_dst',
  'exact match or wildcard: in_port_oxm eth_type',
];

const ARP_TEXT =
  'arp,vlan_tci=0x0000,dl_src=02:00:00:00:00:01,dl_dst=ff:ff:ff:ff:ff:ff,arp_spa=10.0.0.1,arp_tpa=10.0.0.2,arp_op=1';

/** What it says of each sample: the words of the first line behind the transaction, then of the lines that follow, in order. */
const TEXTS: Readonly<Record<string, readonly [type: string, ...words: string[]]>> = {
  hello: ['OFPT_HELLO', 'version bitmap: 0x01, 0x04'],
  error: ['OFPT_ERROR', 'OFPBMC_BAD_PREREQ'],
  echoRequest: ['OFPT_ECHO_REQUEST', '3 bytes of payload', '01 02 03'],
  echoReply: ['OFPT_ECHO_REPLY', '4 bytes of payload', '04 05 06 07'],
  featuresRequest: ['OFPT_FEATURES_REQUEST'],
  featuresReply: [
    'OFPT_FEATURES_REPLY',
    'dpid:0001020000000011',
    'n_tables:254, n_buffers:256',
    'capabilities: FLOW_STATS TABLE_STATS PORT_STATS GROUP_STATS QUEUE_STATS',
  ],
  getConfigRequest: ['OFPT_GET_CONFIG_REQUEST'],
  getConfigReply: ['OFPT_GET_CONFIG_REPLY', 'frags=normal miss_send_len=128'],
  setConfig: ['OFPT_SET_CONFIG', 'frags=drop miss_send_len=129'],
  packetIn: [
    'OFPT_PACKET_IN',
    'table_id=3 cookie=0x123456789abcdef0 total_len=42 metadata=0x99,in_port=9 (via action) data_len=42 buffer=0x00000111',
    ARP_TEXT,
  ],
  flowRemoved: [
    'OFPT_FLOW_REMOVED',
    `priority=101,${TCP_MATCH_TEXT} reason=hard table_id=2 cookie:0x123456789abcdef0`,
    'duration60.500s idle30 hard600 pkts12 bytes1234',
  ],
  portStatus: ['OFPT_PORT_STATUS', 'MOD:', ...PORT_TEXT],
  packetOut: ['OFPT_PACKET_OUT', `in_port=CONTROLLER actions=${ACTIONS_TEXT} data_len=42`, ARP_TEXT],
  flowMod: [
    'OFPT_FLOW_MOD',
    `ADD table:6 priority=63,${TCP_MATCH_TEXT} cookie:0x123456789abcdef0 idle:61 hard:62 send_flow_rem check_overlap`,
    `actions=${INSTRUCTIONS_TEXT}`,
  ],
  groupMod: ['OFPT_GROUP_MOD', `ADD group_id=71,type=select,${BUCKETS_TEXT}`],
  portMod: [
    'OFPT_PORT_MOD',
    'port: 2: addr:02:00:00:00:00:02',
    'config: PORT_DOWN',
    'mask:   PORT_DOWN NO_FWD',
    'advertise: 10GB-FD',
  ],
  tableMod: ['OFPT_TABLE_MOD', 'table_id=5'],
  barrierRequest: ['OFPT_BARRIER_REQUEST'],
  barrierReply: ['OFPT_BARRIER_REPLY'],
  queueGetConfigRequest: ['OFPT_QUEUE_GET_CONFIG_REQUEST', 'port=4'],
  queueGetConfigReply: [
    'OFPT_QUEUE_GET_CONFIG_REPLY',
    'port=4',
    'queue 11: min_rate:20.0% max_rate:90.0%',
    'queue 12:',
  ],
  roleRequest: ['OFPT_ROLE_REQUEST', 'generation_id=9223372036854775809'],
  roleReply: ['OFPT_ROLE_REPLY', 'generation_id=9223372036854775810'],
  getAsyncRequest: ['OFPT_GET_ASYNC_REQUEST'],
  getAsyncReply: [
    'OFPT_GET_ASYNC_REPLY',
    'PACKET_IN: no_match action invalid_ttl',
    'PORT_STATUS: delete modify',
    'FLOW_REMOVED: idle hard delete group_delete',
    'PACKET_IN: no_match',
    'PORT_STATUS: add modify',
    'FLOW_REMOVED: hard',
  ],
  setAsync: [
    'OFPT_SET_ASYNC',
    'PACKET_IN: no_match',
    'PORT_STATUS: add delete',
    'FLOW_REMOVED: idle delete',
    'PACKET_IN: action',
    'PORT_STATUS: modify',
    'FLOW_REMOVED: hard delete',
  ],
  meterMod: ['OFPT_METER_MOD', 'ADD meter=81 kbps burst stats bands=', ...BANDS_TEXT],
  'multipartRequest desc': ['OFPST_DESC request'],
  'multipartRequest flow': ['OFPST_FLOW request', `out_port=9 ${TCP_MATCH_TEXT}`],
  'multipartRequest aggregate': ['OFPST_AGGREGATE request', `table=8 out_port=9 ${TCP_MATCH_TEXT}`],
  'multipartRequest table': ['OFPST_TABLE request'],
  'multipartRequest portStats': ['OFPST_PORT request', 'port_no=91'],
  'multipartRequest queue': ['OFPST_QUEUE request', 'port=92 queue=93'],
  'multipartRequest group': ['OFPST_GROUP request', 'group_id=94'],
  'multipartRequest groupDesc': ['OFPST_GROUP_DESC request'],
  'multipartRequest groupFeatures': ['OFPST_GROUP_FEATURES request'],
  'multipartRequest meter': ['OFPST_METER request', 'meter=95'],
  'multipartRequest meterConfig': ['OFPST_METER_CONFIG request', 'meter=96'],
  'multipartRequest meterFeatures': ['OFPST_METER_FEATURES request'],
  'multipartRequest tableFeatures': ['OFPST_TABLE_FEATURES request', ...TABLE_TEXT],
  'multipartRequest portDesc': ['OFPST_PORT_DESC request'],
  'multipartReply desc': [
    'OFPST_DESC reply',
    'Manufacturer: Sluice Works',
    'Hardware: a table',
    'Software: 0.1',
    'Serial Num: SN-1',
    'DP Description: gateway of plant A',
  ],
  'multipartReply flow': [
    'OFPST_FLOW reply',
    'cookie=0x7, duration=2.003s, table=1, n_packets=8, n_bytes=9, idle_timeout=5, hard_timeout=6, send_flow_rem',
    `priority=4,${TCP_MATCH_TEXT} actions=${INSTRUCTIONS_TEXT}`,
    'cookie=0x10, duration=11.012s, table=10, n_packets=17, n_bytes=18, idle_timeout=14, hard_timeout=15, priority=13 actions=drop',
  ],
  'multipartReply aggregate': ['OFPST_AGGREGATE reply', 'packet_count=7 byte_count=574 flow_count=6'],
  'multipartReply table': ['OFPST_TABLE reply', 'table 3:', 'active=4, lookup=5, matched=6'],
  'multipartReply portStats': [
    'OFPST_PORT reply',
    '1 ports',
    'port 21: rx pkts=1, bytes=3, drop=5, errs=7, frame=9, over=10, crc=11',
    'tx pkts=2, bytes=4, drop=6, errs=8, coll=12',
    'duration=13.014s',
  ],
  'multipartReply queue': ['OFPST_QUEUE reply', 'port 21 queue 22: bytes=23, pkts=24, errors=25, duration=26.027s'],
  'multipartReply group': [
    'OFPST_GROUP reply',
    'group_id=31,duration=35.036s,ref_count=32,packet_count=33,byte_count=34',
    'bucket0:packet_count=37,byte_count=38,bucket1:packet_count=39,byte_count=40',
  ],
  'multipartReply groupDesc': ['OFPST_GROUP_DESC reply', `group_id=41,type=select,${BUCKETS_TEXT}`],
  'multipartReply groupFeatures': [
    'OFPST_GROUP_FEATURES reply',
    'Types:  0xf',
    'Capabilities:  0x3',
    'max_groups=0x33',
    'actions: output',
    'max_groups=0x34',
    'actions: output push_vlan',
    'max_groups=0x35',
    'actions: output group',
    'max_groups=0x36',
    'actions: output set_field',
  ],
  'multipartReply meter': [
    'OFPST_METER reply',
    'meter:61 flow_count:62 packet_in_count:63 byte_in_count:64 duration:65.066s bands:',
    '0: packet_count:67 byte_count:68',
  ],
  'multipartReply meterConfig': ['OFPST_METER_CONFIG reply', 'meter=71 kbps burst bands=', ...BANDS_TEXT],
  'multipartReply meterFeatures': [
    'OFPST_METER_FEATURES reply',
    'max_meter:81 max_bands:82 max_color:83',
    'band_types: drop dscp_remark',
    'capabilities: kbps pktps burst stats',
  ],
  'multipartReply tableFeatures': ['OFPST_TABLE_FEATURES reply', ...TABLE_TEXT],
  'multipartReply portDesc': ['OFPST_PORT_DESC reply', ...PORT_TEXT],
};

/** Flow entries whose point is their match or their actions. */
const RULES: Readonly<
  Record<string, { match: Match; instructions?: readonly Instruction[]; words: readonly string[] }>
> = {
  'TCP flags': { match: MATCHES.tcpFlags!, words: ['tcp,tcp_flags=+syn-ack'] },
  'UDP over IPv6': {
    match: MATCHES.udp6!,
    words: ['udp6,ipv6_src=2001:db8:1:2::/64,ipv6_dst=2001:db8::1,ipv6_label=0x12300/0xfff00,tp_src=68,tp_dst=67'],
  },
  SCTP: { match: MATCHES.sctp!, words: ['sctp,tp_src=2905,tp_dst=3868'] },
  ICMP: { match: MATCHES.icmp!, words: ['icmp,icmp_type=3,icmp_code=4'] },
  'a neighbour solicitation': {
    match: MATCHES.neighborSolicitation!,
    words: ['icmp6,icmp_type=135,icmp_code=0,nd_target=fe80::9,nd_sll=02:00:00:00:00:0a'],
  },
  'a neighbour advertisement': {
    match: MATCHES.neighborAdvertisement!,
    words: ['icmp6,icmp_type=136,icmp_code=0,nd_tll=02:00:00:00:00:0b'],
  },
  ARP: {
    match: MATCHES.arp!,
    words: [
      'arp,arp_spa=10.0.0.1,arp_tpa=10.0.2.0/24,arp_op=2,arp_sha=02:00:00:00:00:03,arp_tha=02:00:00:00:00:00/ff:ff:ff:00:00:00',
    ],
  },
  MPLS: { match: MATCHES.mpls!, words: ['mpls,mpls_label=1000,mpls_tc=6,mpls_bos=1'] },
  'actions on MPLS': {
    match: [{ type: 'ethType', value: 0x0800 }],
    instructions: [{ type: 'applyActions', actions: MPLS_ACTION_LIST }],
    words: ['ip', 'actions=push_mpls:0x8847,set_mpls_ttl(62),dec_mpls_ttl,pop_mpls:0x0800,output:22'],
  },
  // Open vSwitch 3.1 does not have these; the first it meets is what it names.
  'a PBB service': { match: MATCHES.pbb!, words: ['***decode error: OFPBMC_BAD_FIELD***'] },
  'a physical port': { match: MATCHES.physicalPort!, words: ['***decode error: OFPBMC_BAD_FIELD***'] },
  'IPv6 extension headers': { match: MATCHES.extensionHeaders!, words: ['***decode error: OFPBMC_BAD_FIELD***'] },
  'actions on TTLs outwards and inwards, and on PBB': {
    match: [{ type: 'ethType', value: 0x0800 }],
    instructions: [{ type: 'applyActions', actions: RARE_ACTION_LIST }],
    words: ['***decode error: OFPBAC_BAD_TYPE***'],
  },
};

/** Experimenters whom Open vSwitch does not know: it names neither type nor transaction. */
const UNKNOWN = ['experimenter', 'multipartRequest experimenter', 'multipartReply experimenter'];
const UNKNOWN_TEXT = '***decode error: OFPBRC_BAD_VENDOR***';

const RULE_XID = 2000;

const messages: readonly Message[] = [
  ...Object.values(SAMPLES),
  ...Object.values(RULES).map(({ match, instructions = [] }, index) => ({
    ...flowModOf(match, instructions),
    xid: RULE_XID + index,
  })),
];

describe.skipIf(ovsOfctl.isSkipped)('ovs-ofctl', () => {
  let folder = '';
  let printed = '';
  let parts = new Map<number, string>();

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'sluice-ofp-print-'));
    const file = join(folder, 'messages');
    writeFileSync(file, Buffer.concat(messages.map(toBytes)));
    const { stdout, stderr, code } = await runPeer(ovsOfctl, ['ofp-parse', file]);
    expect(code, stderr).toBe(0);
    printed = stdout;
    parts = toParts(stdout);
  });

  afterAll(() => {
    rmSync(folder, { recursive: true });
  });

  test('is shown every message type, and every multipart asked and answered', () => {
    expect([...Object.keys(TEXTS), ...UNKNOWN].sort()).toEqual(Object.keys(SAMPLES).sort());
  });

  test.each(Object.entries(TEXTS))('reads in %s what we put in', (name, [type, ...words]) => {
    const { xid } = SAMPLES[name]!;
    const text = parts.get(xid)!;
    expectWords(text, [`${type} (OF1.3) (xid=0x${xid.toString(16)}):`, ...words]);
    expect(text).not.toContain('decode error');
  });

  test.each(Object.entries(RULES).map(([name, rule], index) => [name, rule, RULE_XID + index] as const))(
    'reads in a rule on %s what we put in, or says that it does not know it',
    (_, { words }, xid) => {
      expectWords(parts.get(xid)!, words);
    },
  );

  test('says of an unknown experimenter only that it is unknown', () => {
    expect(printed.split(UNKNOWN_TEXT)).toHaveLength(1 + UNKNOWN.length);
  });
});

/** The text of each message, by its transaction. */
function toParts(printed: string): Map<number, string> {
  const all = new Map<number, string>();
  for (const part of printed.split(/^(?=OFP(?:S?T)_|\*\*\*decode error)/m)) {
    const xid = /\(xid=0x([0-9a-f]+)\)/.exec(part)?.[1];
    if (xid !== undefined) all.set(Number.parseInt(xid, 16), part);
  }
  return all;
}

/** All the words, each behind the one before. */
function expectWords(text: string, words: readonly string[]): void {
  let at = 0;
  for (const word of words) {
    const found = text.indexOf(word, at);
    expect(found, `${word}\nis not, where it should be, in\n${text}`).toBeGreaterThanOrEqual(0);
    at = found + word.length;
  }
}
