/**
 * Validation beside Open vSwitch, live: what `ovs-ofctl ofp-print` has against a request, we have too.
 *
 * ofp-print decodes as ovs-vswitchd does and prints the error that it would send. All cases are printed in one run, from one file of
 * messages. Each row has what both say; where the two differ, the row has both and the reason.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { isOpenFlowError } from '../../protocol/wire/openflow/error.ts';
import { fromBytes, type Message, toBytes } from '../../protocol/wire/openflow/message.ts';
import { PORT } from '../../protocol/wire/openflow/port.ts';
import { validate } from '../../protocol/wire/openflow/validate.ts';
import {
  applying,
  asking,
  bucket,
  drop,
  flowMod,
  flowsMatching,
  groupMod,
  instructing,
  matching,
  meterMod,
  NO_DATA,
  output,
  oxm,
  packetOut,
  set,
  table,
  unknownOxm,
  writing,
} from '../protocol/wire/openflow/request-sample.ts';
import { findPeer, runPeer } from './peer.ts';

const OK = 'accepted';

const IP = oxm('ethType', 0x0800);
const IP6 = oxm('ethType', 0x86dd);
const ARP = oxm('ethType', 0x0806);
const MPLS = oxm('ethType', 0x8847);
const TCP = oxm('ipProto', 6);
const UDP = oxm('ipProto', 17);
const ICMP6 = oxm('ipProto', 58);
const TAGGED = oxm('vlanVid', 0x1000, 0x1000);
const PUSH_VLAN = { type: 'pushVlan', etherType: 0x8100 } as const;
const PUSH_MPLS = { type: 'pushMpls', etherType: 0x8847 } as const;
const POP_MPLS = { type: 'popMpls', etherType: 0x0800 } as const;
const POP_VLAN = { type: 'popVlan' } as const;

/** Both say the same: the error in Open vSwitch's words, which ours are but for the prefix. */
const AGREED: readonly (readonly [string, Message, string])[] = [
  ['an empty match', matching(), OK],
  ['a chain of needs', matching(IP6, ICMP6, oxm('icmpv6Type', 135), oxm('ipv6NdTarget', 1n), oxm('ipv6NdSll', 1)), OK],
  ['a mask of ones on a field that has none', matching(oxm('ethType', 0x0800, 0xffff), oxm('ipv4Src', 1)), OK],
  ['a mask of zeros on a field that has none', matching(oxm('inPort', 0, 0)), OK],
  ['a mask beyond the field', matching(IP6, oxm('ipv6Flabel', 0x10, 0xffffffff)), OK],
  ['a VLAN without its present bit', matching(oxm('vlanVid', 5)), OK],
  ['ingress port 0', matching(oxm('inPort', 0)), OK],
  ['an ingress port that is none', matching(oxm('inPort', PORT.any)), OK],
  ['TCP flags', matching(IP, TCP, oxm('tcpFlags', 1)), OK],
  ['an unknown basic field', matching(unknownOxm(0x80000000 + (100 << 9) + 1)), 'OFPBMC_BAD_FIELD'],
  ['an unknown class', matching(unknownOxm(0x1234c801)), 'OFPBMC_BAD_FIELD'],
  ['an unknown experimenter’s field', matching(unknownOxm(0xffffc806)), 'OFPBMC_BAD_FIELD'],
  ['a missing need', matching(oxm('tcpDst', 5)), 'OFPBMC_BAD_PREREQ'],
  ['a need that comes too late', matching(oxm('ipv4Src', 5), IP), 'OFPBMC_BAD_PREREQ'],
  ['another protocol', matching(IP, UDP, oxm('tcpDst', 5)), 'OFPBMC_BAD_PREREQ'],
  ['IPv6 fields in IPv4', matching(IP, oxm('ipv6Src', 1n)), 'OFPBMC_BAD_PREREQ'],
  [
    'a solicitation’s field in an advertisement',
    matching(IP6, ICMP6, oxm('icmpv6Type', 136), oxm('ipv6NdSll', 1)),
    'OFPBMC_BAD_PREREQ',
  ],
  ['a priority without a tag', matching(oxm('vlanVid', 0), oxm('vlanPcp', 1)), 'OFPBMC_BAD_PREREQ'],
  ['a priority with a VLAN that is not present', matching(oxm('vlanVid', 5), oxm('vlanPcp', 1)), 'OFPBMC_BAD_PREREQ'],
  ['a field twice', matching(IP, IP), 'OFPBMC_DUP_FIELD'],
  ['a bit outside its mask', matching(IP, oxm('ipv4Src', 5, 0xff000000)), 'OFPBMC_BAD_WILDCARDS'],
  ['half a mask on a field that has none', matching(oxm('inPort', 1, 0xff)), 'OFPBMC_BAD_MASK'],
  ['a VLAN of 14 bits', matching(oxm('vlanVid', 0x2000)), 'OFPBMC_BAD_VALUE'],
  ['a VLAN priority of 8', matching(TAGGED, oxm('vlanPcp', 8)), 'OFPBMC_BAD_VALUE'],
  ['a DSCP of 64', matching(IP, oxm('ipDscp', 64)), 'OFPBMC_BAD_VALUE'],
  ['an ECN of 4', matching(IP, oxm('ipEcn', 4)), 'OFPBMC_BAD_VALUE'],
  ['a flow label of 21 bits', matching(IP6, oxm('ipv6Flabel', 0x100000)), 'OFPBMC_BAD_VALUE'],
  ['an MPLS label of 21 bits', matching(MPLS, oxm('mplsLabel', 0x100000)), 'OFPBMC_BAD_VALUE'],
  ['a traffic class of 8', matching(MPLS, oxm('mplsTc', 8)), 'OFPBMC_BAD_VALUE'],
  ['TCP flags of 13 bits', matching(IP, TCP, oxm('tcpFlags', 0x1001)), 'OFPBMC_BAD_VALUE'],
  ['a wrong match in a request', flowsMatching(oxm('ipv4Src', 5)), 'OFPBMC_BAD_PREREQ'],
  ['output to any', applying([], output(PORT.any)), 'OFPBAC_BAD_OUT_PORT'],
  ['output to a number that is no port', applying([], output(0xffffff01)), 'OFPBAC_BAD_OUT_PORT'],
  ['output back', applying([], output(PORT.inPort)), OK],
  ['an unknown action', applying([], { type: 'unknown', id: 99, body: new Uint8Array(4) }), 'OFPBAC_BAD_TYPE'],
  [
    'an unknown experimenter’s action',
    applying([], { type: 'experimenter', experimenter: 999, data: new Uint8Array(8) }),
    'OFPBAC_BAD_VENDOR',
  ],
  ['pushing a VLAN that is none', applying([], { type: 'pushVlan', etherType: 0x0800 }), 'OFPBAC_BAD_ARGUMENT'],
  ['pushing a service VLAN', applying([], { type: 'pushVlan', etherType: 0x88a8 }), OK],
  ['pushing MPLS that is none', applying([], { type: 'pushMpls', etherType: 0x0800 }), 'OFPBAC_BAD_ARGUMENT'],
  ['popping a VLAN from anything', applying([], POP_VLAN), 'OFPBAC_MATCH_INCONSISTENT'],
  ['popping a VLAN that is not there', applying([oxm('vlanVid', 0)], POP_VLAN), 'OFPBAC_MATCH_INCONSISTENT'],
  ['popping a VLAN that is matched', applying([oxm('vlanVid', 0x1005)], POP_VLAN), OK],
  ['popping a VLAN that is pushed', applying([], PUSH_VLAN, POP_VLAN), OK],
  ['popping one too many', applying([], PUSH_VLAN, POP_VLAN, POP_VLAN), 'OFPBAC_MATCH_INCONSISTENT'],
  ['popping MPLS from anything', applying([], POP_MPLS), 'OFPBAC_MATCH_INCONSISTENT'],
  ['setting what MPLS covered', applying([MPLS], POP_MPLS, set('ipv4Src', 1)), OK],
  ['setting what MPLS covers', applying([IP], PUSH_MPLS, set('ipv4Src', 1)), 'OFPBAC_MATCH_INCONSISTENT'],
  ['setting what was pushed', applying([IP], PUSH_MPLS, set('mplsLabel', 1), { type: 'decMplsTtl' }), OK],
  ['the TTL of anything', applying([], { type: 'decNwTtl' }), 'OFPBAC_MATCH_INCONSISTENT'],
  ['the TTL of ARP', applying([ARP], { type: 'setNwTtl', ttl: 3 }), 'OFPBAC_MATCH_INCONSISTENT'],
  ['the MPLS TTL of anything', applying([], { type: 'setMplsTtl', ttl: 3 }), 'OFPBAC_MATCH_INCONSISTENT'],
  ['setting IP in anything', applying([], set('ipv4Src', 1)), 'OFPBAC_MATCH_INCONSISTENT'],
  ['setting TCP in UDP', applying([IP, UDP], set('tcpSrc', 1)), 'OFPBAC_MATCH_INCONSISTENT'],
  ['setting a VLAN where there is none', applying([], set('vlanVid', 0x1005)), 'OFPBAC_MATCH_INCONSISTENT'],
  ['setting a VLAN', applying([TAGGED], set('vlanVid', 0x1005)), OK],
  ['setting a pushed VLAN and its priority', applying([], PUSH_VLAN, set('vlanPcp', 1), set('vlanVid', 0x1001)), OK],
  ['setting a VLAN without its present bit', applying([TAGGED], set('vlanVid', 5)), 'OFPBAC_BAD_SET_ARGUMENT'],
  ['setting a DSCP of 64', applying([IP], set('ipDscp', 64)), 'OFPBAC_BAD_SET_ARGUMENT'],
  ['setting ARP', applying([ARP], set('arpOp', 1), set('arpSpa', 1), set('arpSha', 1)), OK],
  ['setting a tunnel', applying([], set('tunnelId', 1n)), OK],
  [
    'setting a target of neighbour discovery',
    applying([IP6, ICMP6, oxm('icmpv6Type', 135)], set('ipv6NdTarget', 1n)),
    OK,
  ],
  ['setting it without knowing the type', applying([IP6, ICMP6], set('ipv6NdTarget', 1n)), 'OFPBAC_MATCH_INCONSISTENT'],
  ['writing IP in anything', writing([], set('ipv4Src', 1)), 'OFPBAC_MATCH_INCONSISTENT'],
  ['writing a pop and a TTL of anything', writing([], POP_VLAN, { type: 'decNwTtl' }), OK],
  ['an unknown instruction', instructing({ type: 'unknown', id: 77, body: new Uint8Array(4) }), 'OFPBIC_UNKNOWN_INST'],
  [
    'an unknown experimenter’s instruction',
    instructing({ type: 'experimenter', experimenter: 99, data: NO_DATA }),
    'OFPBIC_BAD_EXPERIMENTER',
  ],
  ['going round', instructing({ type: 'gotoTable', tableId: 0 }), 'OFPBIC_BAD_TABLE_ID'],
  ['going on', instructing({ type: 'gotoTable', tableId: 1 }), OK],
  [
    'going on from all tables',
    flowMod({ tableId: 255, command: 3, instructions: [{ type: 'gotoTable', tableId: 1 }] }),
    OK,
  ],
  ['metadata outside its mask', instructing({ type: 'writeMetadata', metadata: 5n, mask: 1n }), OK],
  ['meter 0', instructing({ type: 'meter', meterId: 0 }), 'OFPMMFC_INVALID_METER'],
  ['a meter beyond the last', instructing({ type: 'meter', meterId: 0xffff0001 }), 'OFPMMFC_INVALID_METER'],
  ['the controller’s meter', instructing({ type: 'meter', meterId: 0xfffffffe }), 'OFPMMFC_INVALID_METER'],
  ['an unknown command', flowMod({ command: 5 }), 'OFPFMFC_BAD_COMMAND'],
  ['an unknown flag', flowMod({ flags: 0x20 }), 'OFPFMFC_BAD_FLAGS'],
  ['adding to all tables', flowMod({ tableId: 255 }), 'OFPFMFC_BAD_TABLE_ID'],
  ['modifying all tables', flowMod({ tableId: 255, command: 1 }), 'OFPFMFC_BAD_TABLE_ID'],
  ['deleting from all tables', flowMod({ tableId: 255, command: 3 }), OK],
  ['deleting with wrong actions', applyingDeletion(), 'OFPBAC_MATCH_INCONSISTENT'],
  ['a group', groupMod({ buckets: [bucket({ actions: [output(1)] })] }), OK],
  ['an unknown group type', groupMod({ groupType: 4 }), 'OFPGMFC_BAD_TYPE'],
  ['deleting an unknown group type', groupMod({ command: 2, groupType: 9 }), 'OFPGMFC_BAD_TYPE'],
  ['an unknown group command', groupMod({ command: 9 }), 'OFPGMFC_BAD_COMMAND'],
  ['deleting all groups', groupMod({ command: 2, groupId: 0xfffffffc }), OK],
  ['deleting with buckets', groupMod({ command: 2, buckets: [bucket({})] }), 'OFPGMFC_INVALID_GROUP'],
  ['an indirect group without a bucket', groupMod({ groupType: 2 }), 'OFPGMFC_INVALID_GROUP'],
  [
    'an indirect group with two',
    groupMod({ groupType: 2, buckets: [bucket({}), bucket({})] }),
    'OFPGMFC_INVALID_GROUP',
  ],
  ['a weight where nothing is selected', groupMod({ buckets: [bucket({ weight: 1 })] }), 'OFPGMFC_INVALID_GROUP'],
  ['a select group with a weight of 0', groupMod({ groupType: 1, buckets: [bucket({})] }), OK],
  ['a select group that watches', groupMod({ groupType: 1, buckets: [bucket({ weight: 1, watchPort: 1 })] }), OK],
  ['a failover that watches', groupMod({ groupType: 3, buckets: [bucket({ watchPort: 1 })] }), OK],
  ['watching where there is no choice', groupMod({ buckets: [bucket({ watchPort: 1 })] }), 'OFPGMFC_WATCH_UNSUPPORTED'],
  [
    'a wrong action in a bucket',
    groupMod({ buckets: [bucket({ actions: [output(PORT.any)] })] }),
    'OFPBAC_BAD_OUT_PORT',
  ],
  ['setting IP in a bucket', groupMod({ buckets: [bucket({ actions: [set('ipv4Src', 1), POP_VLAN] })] }), OK],
  ['a meter', meterMod({ bands: [drop(1)] }), OK],
  ['a meter without bands or unit', meterMod({ flags: 0 }), OK],
  ['an unknown meter command', meterMod({ command: 3 }), 'OFPMMFC_BAD_COMMAND'],
  ['a meter of two units', meterMod({ flags: 3 }), 'OFPMMFC_BAD_FLAGS'],
  ['an unknown band', meterMod({ bands: [{ type: 'unknown', id: 9, body: new Uint8Array(12) }] }), 'OFPMMFC_BAD_BAND'],
  [
    'an unknown experimenter’s band',
    meterMod({ bands: [{ type: 'experimenter', rate: 1, burstSize: 0, experimenter: 9, data: NO_DATA }] }),
    'OFPMMFC_BAD_BAND',
  ],
  ['deleting all meters', meterMod({ command: 2, meterId: 0xffffffff }), OK],
  ['deleting a meter with unknown flags', meterMod({ command: 2, flags: 0x33 }), OK],
  ['a packet from any port', packetOut({ inPort: PORT.any }), OK],
  ['a packet from everywhere', packetOut({ inPort: PORT.flood }), 'OFPBRC_BAD_PORT'],
  ['a packet from a number that is no port', packetOut({ inPort: 0xffffff05 }), 'OFPBRC_BAD_PORT'],
  ['setting anything in a packet', packetOut({ actions: [set('ipv4Src', 1), POP_VLAN] }), OK],
  ['a role that is none', { type: 'roleRequest', xid: 1, role: 4, generationId: 0n }, 'OFPRRFC_BAD_ROLE'],
  [
    'an unknown flag of the configuration',
    { type: 'setConfig', xid: 1, flags: 4, missSendLen: 0 },
    'OFPSCFC_BAD_FLAGS',
  ],
  ['the queues of no port', { type: 'queueGetConfigRequest', xid: 1, port: 0xffffff05 }, 'OFPQOFC_BAD_PORT'],
  [
    'an unknown experimenter',
    { type: 'experimenter', xid: 1, experimenter: 9, expType: 1, data: NO_DATA },
    'OFPBRC_BAD_VENDOR',
  ],
  [
    'an unknown experimenter’s question',
    asking({ type: 'experimenter', experimenter: 9, expType: 1, data: NO_DATA }),
    'OFPBRC_BAD_VENDOR',
  ],
  ['features of table 255', asking({ type: 'tableFeatures', entries: [table(255)] }), 'OFPTFFC_BAD_TABLE'],
];

function applyingDeletion(): Message {
  return flowMod({ command: 3, instructions: [{ type: 'applyActions', actions: [POP_VLAN] }] });
}

/** What Open vSwitch says, what we say, and why. */
const DIFFERENT: readonly (readonly [string, Message, string, string, string])[] = [
  [
    'a field twice, its mask all zeros',
    matching(oxm('ethSrc', 0, 0), oxm('ethSrc', 0, 0)),
    OK,
    'BAD_MATCH/DUP_FIELD',
    'we count fields, not what they ask for',
  ],
  [
    'an ingress port of 17 bits',
    matching(oxm('inPort', 70000)),
    'OFPBMC_BAD_VALUE',
    OK,
    'Open vSwitch has 16-bit ports',
  ],
  [
    'an ARP operation above 255',
    matching(ARP, oxm('arpOp', 256)),
    'OFPBMC_BAD_VALUE',
    OK,
    'Open vSwitch keeps 8 of its 16 bits',
  ],
  [
    'ICMPv4 in IPv6',
    matching(IP6, oxm('ipProto', 1), oxm('icmpv4Type', 8)),
    'OFPBMC_BAD_PREREQ',
    OK,
    'the specification asks for the protocol only',
  ],
  [
    'ICMPv6 in IPv4',
    matching(IP, ICMP6, oxm('icmpv6Type', 135)),
    'OFPBMC_BAD_PREREQ',
    OK,
    'the specification asks for the protocol only',
  ],
  [
    'a solicitation of another code',
    matching(IP6, ICMP6, oxm('icmpv6Type', 135), oxm('icmpv6Code', 1), oxm('ipv6NdTarget', 1n)),
    'OFPBMC_BAD_PREREQ',
    OK,
    'the specification asks for the type only',
  ],
  [
    'extension headers',
    matching(IP6, oxm('ipv6Exthdr', 1)),
    'OFPBMC_BAD_FIELD',
    OK,
    'Open vSwitch does not have the field',
  ],
  [
    'the physical port',
    matching(oxm('inPort', 1), oxm('inPhyPort', 1)),
    'OFPBMC_BAD_FIELD',
    OK,
    'Open vSwitch does not have the field',
  ],
  [
    'PBB',
    matching(oxm('ethType', 0x88e7), oxm('pbbIsid', 1)),
    'OFPBMC_BAD_FIELD',
    OK,
    'Open vSwitch does not have the field',
  ],
  [
    'pushing PBB',
    applying([], { type: 'pushPbb', etherType: 0x88e7 }),
    'OFPBAC_BAD_TYPE',
    OK,
    'Open vSwitch does not have the action',
  ],
  [
    'copying a TTL',
    applying([IP], { type: 'copyTtlOut' }),
    'OFPBAC_BAD_TYPE',
    OK,
    'Open vSwitch does not have the action',
  ],
  [
    'output to port 0',
    applying([], output(0)),
    OK,
    'BAD_ACTION/BAD_OUT_PORT',
    'ports count from 1; Open vSwitch has a port 0',
  ],
  [
    'output to the pipeline',
    applying([], output(PORT.table)),
    OK,
    'BAD_ACTION/BAD_OUT_PORT',
    'section 7.2.1: in a packet-out only',
  ],
  [
    'a reserved group',
    applying([], { type: 'group', groupId: 0xffffff01 }),
    OK,
    'BAD_ACTION/BAD_OUT_GROUP',
    'ofp-print looks at groups later, if at all',
  ],
  [
    'setting the ingress port',
    applying([], set('inPort', 1)),
    'OFPBAC_BAD_SET_ARGUMENT',
    'BAD_ACTION/BAD_SET_TYPE',
    'it is the type that is wrong',
  ],
  [
    'setting an unknown field',
    applying([], { type: 'setField', field: unknownOxm(0x8000c804) }),
    'OFPBAC_BAD_SET_LEN',
    'BAD_ACTION/BAD_SET_TYPE',
    'it is the type that is wrong',
  ],
  [
    'setting with a mask',
    applying([], set('ethSrc', 1, 0xff)),
    'OFPBAC_BAD_SET_MASK',
    'BAD_ACTION/BAD_SET_ARGUMENT',
    '1.3 has no such error of its own',
  ],
  ['setting metadata', applying([], set('metadata', 1n)), OK, 'BAD_ACTION/BAD_SET_TYPE', 'section 7.2.5 excludes it'],
  [
    'setting the Ethernet type',
    applying([], set('ethType', 0x0800)),
    'OFPBAC_BAD_SET_ARGUMENT',
    OK,
    'section 7.2.5 includes it',
  ],
  [
    'setting the IP protocol',
    applying([IP], set('ipProto', 6)),
    'OFPBAC_BAD_SET_ARGUMENT',
    OK,
    'section 7.2.5 includes it',
  ],
  [
    'setting the bottom of stack',
    applying([MPLS], set('mplsBos', 1)),
    'OFPBAC_BAD_SET_ARGUMENT',
    OK,
    'section 7.2.5 includes it',
  ],
  [
    'setting TCP flags',
    applying([IP, TCP], set('tcpFlags', 1)),
    'OFPBAC_BAD_SET_ARGUMENT',
    OK,
    'section 7.2.5 includes it',
  ],
  [
    'writing a field before its push',
    writing([], set('vlanVid', 0x1005), PUSH_VLAN),
    'OFPBAC_MATCH_INCONSISTENT',
    OK,
    'an action set pushes first, section 5.10',
  ],
  [
    'writing a field of a header popped',
    writing([MPLS], set('mplsLabel', 1), POP_MPLS),
    OK,
    'BAD_ACTION/MATCH_INCONSISTENT',
    'an action set pops first, section 5.10',
  ],
  [
    'an instruction twice',
    instructing({ type: 'clearActions' }, { type: 'clearActions' }),
    'OFPBIC_DUP_INST',
    'BAD_INSTRUCTION/UNSUP_INST',
    '1.3 has no such error of its own',
  ],
  [
    'going nowhere',
    instructing({ type: 'gotoTable', tableId: 255 }),
    OK,
    'BAD_INSTRUCTION/BAD_TABLE_ID',
    'there is no table 255',
  ],
  [
    'a group command of 1.5',
    groupMod({ command: 3 }),
    OK,
    'GROUP_MOD_FAILED/BAD_COMMAND',
    'Open vSwitch takes it in 1.3 too',
  ],
  [
    'adding a reserved group',
    groupMod({ groupId: 0xffffff01 }),
    OK,
    'GROUP_MOD_FAILED/INVALID_GROUP',
    'ovs-vswitchd refuses it later',
  ],
  [
    'failing over without watching',
    groupMod({ groupType: 3, buckets: [bucket({})] }),
    'OFPGMFC_INVALID_GROUP',
    'GROUP_MOD_FAILED/BAD_WATCH',
    'it is the watch that is missing',
  ],
  [
    'watching no port',
    groupMod({ groupType: 3, buckets: [bucket({ watchPort: 0xffffff05 })] }),
    OK,
    'GROUP_MOD_FAILED/BAD_WATCH',
    'such a port is never live',
  ],
  [
    'a group that leads to itself',
    groupMod({ buckets: [bucket({ actions: [{ type: 'group', groupId: 1 }] })] }),
    OK,
    'GROUP_MOD_FAILED/LOOP',
    'ofp-print does not look',
  ],
  [
    'a group bucket to the pipeline',
    groupMod({ buckets: [bucket({ actions: [output(PORT.table)] })] }),
    OK,
    'BAD_ACTION/BAD_OUT_PORT',
    'section 7.2.1: in a packet-out only',
  ],
  ['adding meter 0', meterMod({ meterId: 0 }), OK, 'METER_MOD_FAILED/INVALID_METER', 'ovs-vswitchd refuses it later'],
  ['an unknown meter flag', meterMod({ flags: 0x11 }), OK, 'METER_MOD_FAILED/BAD_FLAGS', 'Open vSwitch passes over it'],
  [
    'a rate of 0',
    meterMod({ bands: [drop(0)] }),
    OK,
    'METER_MOD_FAILED/BAD_RATE',
    'Open vSwitch’s datapath refuses it later',
  ],
  [
    'a packet from port 0',
    packetOut({ inPort: 0 }),
    OK,
    'BAD_REQUEST/BAD_PORT',
    'ports count from 1; Open vSwitch has a port 0',
  ],
  ['no packet at all', packetOut({ data: NO_DATA }), OK, 'BAD_REQUEST/BAD_PACKET', 'there is nothing to send'],
  [
    'fragments as Nicira’s fields have them',
    { type: 'setConfig', xid: 1, flags: 3, missSendLen: 0 },
    OK,
    'SWITCH_CONFIG_FAILED/BAD_FLAGS',
    'an extension of Open vSwitch',
  ],
  [
    'the queues of port 0',
    { type: 'queueGetConfigRequest', xid: 1, port: 0 },
    OK,
    'QUEUE_OP_FAILED/BAD_PORT',
    'ports count from 1; Open vSwitch has a port 0',
  ],
  [
    'an unknown bit of a table',
    { type: 'tableMod', xid: 1, tableId: 0, config: 4 },
    OK,
    'TABLE_MOD_FAILED/BAD_CONFIG',
    'Open vSwitch passes over it',
  ],
];

/** Open vSwitch's prefixes of our error types. */
const PREFIXES: Readonly<Record<string, string>> = {
  BAD_REQUEST: 'OFPBRC',
  BAD_ACTION: 'OFPBAC',
  BAD_INSTRUCTION: 'OFPBIC',
  BAD_MATCH: 'OFPBMC',
  FLOW_MOD_FAILED: 'OFPFMFC',
  GROUP_MOD_FAILED: 'OFPGMFC',
  QUEUE_OP_FAILED: 'OFPQOFC',
  SWITCH_CONFIG_FAILED: 'OFPSCFC',
  ROLE_REQUEST_FAILED: 'OFPRRFC',
  METER_MOD_FAILED: 'OFPMMFC',
  TABLE_FEATURES_FAILED: 'OFPTFFC',
};

/** Names that Open vSwitch has kept from 1.0; an instruction's experimenter it calls as 1.3 does. */
const OLD_NAMES: Readonly<Record<string, string>> = {
  OFPBAC_BAD_EXPERIMENTER: 'OFPBAC_BAD_VENDOR',
  OFPBRC_BAD_EXPERIMENTER: 'OFPBRC_BAD_VENDOR',
};

function toOvsName(name: string): string {
  if (name === OK) return OK;
  const [type, code] = name.split('/') as [string, string];
  const ovsName = `${PREFIXES[type]}_${code}`;
  return OLD_NAMES[ovsName] ?? ovsName;
}

function judge(message: Message): string {
  try {
    validate(fromBytes(toBytes(message)));
    return OK;
  } catch (error) {
    if (!isOpenFlowError(error)) throw error;
    return error.error;
  }
}

const ovsOfctl = findPeer('ovs-ofctl');

describe.skipIf(ovsOfctl.isSkipped)('Open vSwitch', () => {
  const messages = [...AGREED, ...DIFFERENT].map(([, message], i) => ({ ...message, xid: i + 1 }));
  const verdicts: string[] = [];

  beforeAll(async () => {
    const folder = await mkdtemp(join(tmpdir(), 'sluice-'));
    const file = join(folder, 'messages');
    await writeFile(file, Buffer.concat(messages.map(toBytes)));
    const { stdout } = await runPeer(ovsOfctl, ['ofp-parse', file]);
    await rm(folder, { recursive: true });
    verdicts.push(...toVerdicts(stdout));
  });

  test('has an opinion on each case', () => {
    expect(verdicts).toHaveLength(messages.length);
  });

  test.each(AGREED.map((row, i) => [row[0], i] as const))('and we agree about %s', (_name, i) => {
    const [, message, expected] = AGREED[i]!;
    expect(verdicts[i]).toBe(expected);
    expect(toOvsName(judge(message))).toBe(expected);
  });

  test.each(DIFFERENT.map((row, i) => [row[0], row[4], i] as const))('differs about %s: %s', (_name, _reason, i) => {
    const [, message, theirs, ours] = DIFFERENT[i]!;
    expect([verdicts[AGREED.length + i], judge(message)]).toEqual([theirs, ours]);
  });
});

/** ofp-parse prints one message after the other; each begins with its name, or with the error if not even that could be read. */
function toVerdicts(printed: string): string[] {
  return printed
    .split(/^(?=(?:OFP|NXS?T|ONF)\w* .*\(xid=|\*\*\*decode error)/m)
    .filter((text) => text.trim() !== '')
    .map((text) => /\*\*\*decode error: (\w+)/.exec(text)?.[1] ?? OK);
}
