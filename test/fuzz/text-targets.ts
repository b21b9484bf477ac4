/**
 * The readers of `openflow/text/` under fuzz: whatever is typed or pasted, it is read or refused with a place in it, and what was
 * read is printed so that it is read the same again.
 */
import { FLOW_COMMAND, type FlowMod } from '../../protocol/wire/openflow/flow.ts';
import { formatActions, parseActions } from '../../protocol/wire/openflow/text/action-text.ts';
import {
  type FlowCommand,
  formatFlowMod,
  parseFlowLine,
  parseFlowMod,
} from '../../protocol/wire/openflow/text/flow-text.ts';
import { formatGroup, parseGroupMod } from '../../protocol/wire/openflow/text/group-text.ts';
import { formatInstructions, parseInstructions } from '../../protocol/wire/openflow/text/instruction-text.ts';
import { formatMatch, parseMatch } from '../../protocol/wire/openflow/text/match-text.ts';
import { formatMeter, parseMeterMod } from '../../protocol/wire/openflow/text/meter-text.ts';
import { decodeUtf8, encodeUtf8 } from '../../protocol/wire/utf8.ts';
import { assert, WireError } from '../../protocol/wire/wire-error.ts';
import type { FuzzTarget } from './fuzz-target.ts';

/** Values with bigints and bytes in them, as text that is equal when they are. */
function show(value: unknown): string {
  return JSON.stringify(value, (_, part) =>
    typeof part === 'bigint' ? `${part}n` : part instanceof Uint8Array ? [...part] : part,
  );
}

function decode(bytes: Uint8Array): string {
  return decodeUtf8(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), 0, bytes.byteLength);
}

function target<T>(
  name: string,
  seeds: readonly string[],
  parse: (text: string) => T,
  format: (value: T) => string,
): FuzzTarget {
  return {
    name: `text: ${name}`,
    seeds: seeds.map(encodeUtf8),
    run: (bytes) => checkLaw(decode(bytes), parse, format),
  };
}

function checkLaw<T>(text: string, parse: (text: string) => T, format: (value: T) => string): void {
  const value = readInPlace(text, parse);
  const printed = format(value);
  assert(show(readPrinted(printed, parse)) === show(value), `${printed} is read as it was printed`);
}

/** A mistake has a column in the text, or right behind it. */
function readInPlace<T>(text: string, parse: (text: string) => T): T {
  try {
    return parse(text);
  } catch (error) {
    if (error instanceof WireError) {
      assert(error.error === 'SYNTAX', 'text is refused as text');
      assert(error.at >= 1 && error.at <= text.length + 1, `column ${error.at} is in a text of ${text.length}`);
      assert(error.reason.length > 0, 'a mistake has a reason');
    }
    throw error;
  }
}

/** What we print ourselves we never refuse: here a `WireError` is a finding. */
function readPrinted<T>(printed: string, parse: (text: string) => T): T {
  try {
    return parse(printed);
  } catch (error) {
    assert(!(error instanceof WireError), `${printed} is refused: ${error}`);
    throw error;
  }
}

const MATCHES = [
  'tcp,in_port=3,dl_vlan=10,dl_vlan_pcp=3,nw_src=10.0.0.0/24,nw_dst=10.1.0.0/255.0.255.0,tp_dst=80,tcp_flags=+syn-ack',
  'icmp6,metadata=0x12/0xff,tun_id=5,ipv6_src=fd00::/64,ipv6_label=0x12345/0xff,icmp_type=135,nd_target=fe80::1',
  'arp,dl_src=00:11:22:33:44:55/ff:ff:ff:00:00:00,vlan_tci=0x1000/0x1000,arp_op=1,arp_spa=10.0.0.1,arp_tha=00:00:00:00:00:01',
  'mpls,mpls_label=100,mpls_tc=3,mpls_bos=1,in_port=LOCAL,oxm_00013e04=0xc0a80203',
  'dl_type=0x88e7,pbb_isid=0x123456/0xff0000,in_phy_port=3,vlan_vid=0x100a/0x1fff',
];

const ACTIONS = [
  'set_field:10.0.0.1->ip_src,mod_dl_dst:00:11:22:33:44:55,dec_ttl,output:3,controller(max_len=128),IN_PORT',
  'push_vlan:0x8100,mod_vlan_vid:10,mod_vlan_pcp:3,pop_vlan,push_mpls:0x8847,set_mpls_ttl(5),pop_mpls:0x0800,group:7',
  'set_queue:5,set_field:0x1234->oxm_00013c02,experimenter(0x00002320,0011223344556677),copy_ttl_in,2,enqueue:1:2',
];

const INSTRUCTIONS = [
  'meter:3,mod_nw_tos:32,output:1,clear_actions,write_actions(set_queue:1,output:2),write_metadata:0x5/0xff,goto_table:7',
  'apply_actions(dec_ttl,output:LOCAL),write_actions(drop),goto_table:254',
  'drop',
];

const RULES = [
  ...MATCHES.map((match, i) => `table=${i},priority=${100 * i},cookie=0x${i}f,${match} actions=${ACTIONS[i % 2]}`),
  ...INSTRUCTIONS.map(
    (list) => `idle_timeout=5,hard_timeout=6,send_flow_rem,check_overlap,udp,tp_dst=53 actions=${list}`,
  ),
  ' cookie=0x7, duration=2.003s, table=1, n_packets=8, n_bytes=9, reset_counts priority=4,tcp actions=mod_tp_src:5',
];

const DELETIONS = ['table=3,cookie=5/-1,out_port=3,out_group=7,ip', 'out_port=LOCAL,dl_vlan=0xffff', ''];

const GROUPS = [
  'group_id=1,type=select,bucket=weight:10,watch_port:1,watch_group:2,actions=output:1,bucket=mod_vlan_vid:5,output:2',
  'group_id=2,type=ff,bucket=watch_port:1,actions=drop,bucket=watch_group=3,actions=dec_ttl,output:2',
  'group_id=3 type=all bucket=1 bucket=set_field:1->tun_id,group:4',
];

const METERS = [
  'meter=1,kbps,burst,stats,band=type=drop,rate=1000,burst_size=10',
  'meter=controller pktps bands=\ntype=dscp_remark rate=5 prec_level=1\ntype=drop rate=7',
];

function words(...lines: readonly string[]): readonly string[] {
  return lines.flatMap((line) => line.split(' '));
}

/** What a rule may say before its actions: every byte is one of these. */
const HEAD_ITEMS = words(
  'ip ipv6 icmp icmp6 tcp tcp6 udp udp6 sctp arp rarp mpls mplsm dl_type=0x88e7 in_port=3 in_port=LOCAL',
  'in_phy_port=4 dl_src=00:11:22:33:44:55 dl_dst=01:00:00:00:00:00/01:00:00:00:00:00 dl_vlan=10 dl_vlan=0xffff',
  'dl_vlan_pcp=3 vlan_vid=0x1000/0x1000 vlan_tci=0x1000/0x1fff vlan_tci=0xf123 vlan_tci=0x0003/0x0003 vlan_pcp=7',
  'nw_src=10.0.0.0/8 nw_dst=10.1.2.3 ip_src=0.0.0.1/0.0.0.255 nw_proto=6 ip_proto=17 nw_proto=58 nw_tos=184',
  'ip_dscp=46 nw_ecn=2 tp_src=80 tp_dst=443 tcp_src=80 udp_dst=53 tcp_flags=+syn-ack tcp_flags=syn|ack',
  'tcp_flags=0x2/0xfff icmp_type=8 icmp_code=0 icmpv6_type=135 nd_target=fe80::1 nd_sll=00:00:00:00:00:01 arp_op=1',
  'arp_spa=10.0.0.1 arp_tha=00:00:00:00:00:02 ipv6_src=:: ipv6_dst=fd00::/8 ipv6_label=0x12345/0xff mpls_label=16',
  'mpls_tc=1 mpls_bos=1 pbb_isid=5 metadata=5/7 tun_id=0x10 metadata=0/0 ipv6_exthdr=3/3 oxm_00013e04=0xc0a80203',
  'OXM_OF_IPV4_DST[]=10.0.0.9 eth_type=0x800 priority=7 table=3 cookie=0x10 idle_timeout=5 hard_timeout=0x10',
  'send_flow_rem check_overlap n_bytes=1',
);

const ACTION_ITEMS = words(
  'output:1 2 LOCAL in_port flood controller controller:128 CONTROLLER(max_len=0) output(3) group:7 set_queue:4',
  'enqueue:1:2 push_vlan:0x8100 push_vlan:0x88a8 pop_vlan strip_vlan mod_vlan_vid:10 mod_vlan_pcp:3',
  'set_vlan_vid:4095 push_mpls:0x8847 pop_mpls:0x0800 push_pbb:0x88e7 pop_pbb dec_ttl dec_mpls_ttl set_mpls_ttl(5)',
  'set_mpls_label:16 set_mpls_tc:1 mod_nw_ttl:64 copy_ttl_in copy_ttl_out mod_dl_src:00:11:22:33:44:55',
  'mod_nw_dst:10.0.0.1 mod_nw_tos:32 mod_nw_ecn:1 mod_tp_src:80 mod_tp_dst:443 set_tunnel:5',
  'set_field:0x1005->vlan_vid set_field:fd00::1->ipv6_src set_field:5->tp_dst set_field:7->metadata',
  'set_field:syn|ack->tcp_flags set_field:0x01->oxm_00013c01 experimenter(5,) experimenter(0x2320,0011223344556677)',
);

const INSTRUCTION_ITEMS: readonly string[] = [
  ...ACTION_ITEMS,
  ...words(
    'drop meter:3 clear_actions write_actions(output:2) write_actions(drop) apply_actions(dec_ttl,output:1)',
    'apply_actions() write_metadata:5 write_metadata:5/0xff goto_table:9 goto_table:254',
  ),
];

const HEAD_ITEMS_MAX = 8;

/** A rule in its own words: the first byte says how many come before `actions=`, the others say which. */
function spellRule(bytes: Uint8Array): string {
  const count = 1 + ((bytes[0] ?? 0) % HEAD_ITEMS_MAX);
  return `${spell(bytes.subarray(1, count), HEAD_ITEMS)} actions=${spell(bytes.subarray(count), INSTRUCTION_ITEMS)}`;
}

function spell(bytes: Uint8Array, items: readonly string[]): string {
  return Array.from(bytes, (byte) => items[byte % items.length]!).join(',');
}

/** The bytes that say these items. */
function toSeed(head: readonly string[], instructions: readonly string[]): Uint8Array {
  const headBytes = head.map((item) => HEAD_ITEMS.indexOf(item));
  return Uint8Array.from([head.length, ...headBytes, ...instructions.map((item) => INSTRUCTION_ITEMS.indexOf(item))]);
}

const SPELLED_SEEDS = [
  toSeed(
    ['tcp', 'in_port=3', 'dl_vlan=10', 'nw_src=10.0.0.0/8', 'tp_dst=443'],
    ['mod_tp_dst:443', 'mod_vlan_vid:10', '2'],
  ),
  toSeed(
    ['icmp6', 'icmpv6_type=135', 'nd_target=fe80::1', 'priority=7'],
    ['meter:3', 'dec_ttl', 'LOCAL', 'goto_table:9'],
  ),
  toSeed(['mpls', 'mpls_label=16', 'table=3', 'send_flow_rem'], ['pop_mpls:0x0800', 'mod_nw_tos:32', 'clear_actions']),
  toSeed(['arp', 'arp_op=1', 'dl_vlan=0xffff', 'metadata=5/7'], ['drop']),
];

const COMMAND_OF = new Map(
  Object.entries(FLOW_COMMAND).map(([name, number]) => [number as number, name as FlowCommand]),
);

/** A line of a file, under the command that it names. */
function formatLine(mod: FlowMod | undefined): string {
  if (!mod) return '';
  const word = COMMAND_OF.get(mod.command)!.replace('Strict', '_strict');
  return `${word} ${formatFlowMod(mod)}`;
}

export const TEXT_TARGETS: readonly FuzzTarget[] = [
  target('match', MATCHES, parseMatch, formatMatch),
  target('actions', ACTIONS, (text) => parseActions(text), formatActions),
  target('instructions', INSTRUCTIONS, (text) => parseInstructions(text), formatInstructions),
  target('rule', RULES, (text) => parseFlowMod(text), formatFlowMod),
  target('deletion', DELETIONS, (text) => parseFlowMod(text, 'delete'), formatFlowMod),
  target(
    'line',
    [...RULES, 'modify_strict priority=3,tcp actions=output:2 # and so on', 'delete ip'],
    parseFlowLine,
    formatLine,
  ),
  target('group', GROUPS, (text) => parseGroupMod(text), formatGroup),
  target('meter', METERS, (text) => parseMeterMod(text), formatMeter),
  {
    name: 'text: rule in its own words',
    seeds: SPELLED_SEEDS,
    run: (bytes) => checkLaw(spellRule(bytes), (text) => parseFlowMod(text), formatFlowMod),
  },
];
