/**
 * What a request must not say: one case for each rule, with the error's name and its place in the message.
 *
 * Places are counted by hand from the specification's structures: a flow_mod has its match at 48 and the match's first field at
 * 52; instructions begin where the match is padded to eight; actions 8 bytes into their instruction.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Action } from '../../../../protocol/wire/openflow/action.ts';
import { type ErrorName, isOpenFlowError } from '../../../../protocol/wire/openflow/error.ts';
import type { ValidationOptions } from '../../../../protocol/wire/openflow/fault.ts';
import { fromBytes, type Message, toBytes } from '../../../../protocol/wire/openflow/message.ts';
import { PORT } from '../../../../protocol/wire/openflow/port.ts';
import { validate } from '../../../../protocol/wire/openflow/validate.ts';
import type { WireError } from '../../../../protocol/wire/wire-error.ts';
import { SAMPLES } from '../../../interop/sample.ts';
import { arbitraryMessage } from './arbitrary.ts';
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
  portMod,
  set,
  table,
  unknownOxm,
  writing,
} from './request-sample.ts';

type Wrong = readonly [string, Message, ErrorName, number];

function errorOf(message: Message, options?: ValidationOptions): WireError<ErrorName> | undefined {
  try {
    validate(message, options);
    return undefined;
  } catch (error) {
    if (!isOpenFlowError(error)) throw error;
    return error;
  }
}

function refuses(cases: readonly Wrong[]): void {
  test.each(cases)('%s', (_name, message, error, at) => {
    expect(errorOf(message)).toMatchObject({ error, at });
    // The place is the same in a message that came over the wire.
    expect(errorOf(fromBytes(toBytes(message)))).toMatchObject({ error, at });
  });
}

function accepts(cases: readonly (readonly [string, Message])[]): void {
  test.each(cases)('%s', (_name, message) => {
    expect(errorOf(message)).toBeUndefined();
  });
}

const IP = oxm('ethType', 0x0800);
const IP6 = oxm('ethType', 0x86dd);
const ARP = oxm('ethType', 0x0806);
const MPLS = oxm('ethType', 0x8847);
const TCP = oxm('ipProto', 6);
const UDP = oxm('ipProto', 17);
const ICMP6 = oxm('ipProto', 58);
const TAGGED = oxm('vlanVid', 0x1000, 0x1000);

describe('a match is refused for', () => {
  refuses([
    [
      'a field that the basic class does not have',
      matching(unknownOxm(0x80000000 + (100 << 9) + 2)),
      'BAD_MATCH/BAD_FIELD',
      52,
    ],
    [
      'a field of a class that nobody has',
      matching(oxm('inPort', 1), unknownOxm(0x12340002)),
      'BAD_MATCH/BAD_FIELD',
      60,
    ],
    ['a field of an unknown experimenter', matching(unknownOxm(0xffff0006)), 'BAD_MATCH/BAD_FIELD', 52],
    ['a field without what it needs', matching(oxm('ipv4Dst', 1)), 'BAD_MATCH/BAD_PREREQ', 52],
    ['a field before what it needs', matching(oxm('ipv4Dst', 1), IP), 'BAD_MATCH/BAD_PREREQ', 52],
    ['a field that needs another value', matching(IP6, oxm('ipv4Dst', 1)), 'BAD_MATCH/BAD_PREREQ', 58],
    ['a port of another protocol', matching(IP, UDP, oxm('tcpDst', 80)), 'BAD_MATCH/BAD_PREREQ', 63],
    ['ARP fields in IP', matching(IP, oxm('arpOp', 1)), 'BAD_MATCH/BAD_PREREQ', 58],
    ['an MPLS label in IP', matching(IP, oxm('mplsLabel', 1)), 'BAD_MATCH/BAD_PREREQ', 58],
    [
      'the source of a solicitation in an advertisement',
      matching(IP6, ICMP6, oxm('icmpv6Type', 136), oxm('ipv6NdSll', 1)),
      'BAD_MATCH/BAD_PREREQ',
      68,
    ],
    ['a priority without a VLAN', matching(oxm('vlanPcp', 1)), 'BAD_MATCH/BAD_PREREQ', 52],
    ['a priority where there is no tag', matching(oxm('vlanVid', 0), oxm('vlanPcp', 1)), 'BAD_MATCH/BAD_PREREQ', 58],
    ['a physical port without a port', matching(oxm('inPhyPort', 1)), 'BAD_MATCH/BAD_PREREQ', 52],
    [
      'a physical port of a port that a mask of zeros takes back',
      matching(oxm('inPort', 0, 0), oxm('inPhyPort', 1)),
      'BAD_MATCH/BAD_PREREQ',
      64,
    ],
    [
      'a need that a mask of zeros takes back',
      matching(oxm('ethType', 0, 0), oxm('ipv4Dst', 1)),
      'BAD_MATCH/BAD_PREREQ',
      60,
    ],
    ['a field for the second time', matching(IP, oxm('inPort', 1), IP), 'BAD_MATCH/DUP_FIELD', 66],
    [
      'a field for the second time, though with another mask',
      matching(oxm('ethSrc', 1, 1), oxm('ethSrc', 2, 2)),
      'BAD_MATCH/DUP_FIELD',
      68,
    ],
    [
      'a bit that the mask leaves out',
      matching(IP, oxm('ipv4Dst', 0x0a000001, 0xffffff00)),
      'BAD_MATCH/BAD_WILDCARDS',
      58,
    ],
    [
      'a bit that the mask leaves out, high up in a MAC address',
      matching(oxm('ethDst', 0x0100_0000_0000, 0x00ff_ffff_ffff)),
      'BAD_MATCH/BAD_WILDCARDS',
      52,
    ],
    ['a bit that the mask leaves out, of 64', matching(oxm('metadata', 1n << 63n, 1n)), 'BAD_MATCH/BAD_WILDCARDS', 52],
    ['a mask on a field that has none', matching(oxm('inPort', 1, 0xff)), 'BAD_MATCH/BAD_MASK', 52],
    ['a VLAN beyond 4095', matching(oxm('vlanVid', 0x2000)), 'BAD_MATCH/BAD_VALUE', 52],
    ['a VLAN priority of 8', matching(TAGGED, oxm('vlanPcp', 8)), 'BAD_MATCH/BAD_VALUE', 60],
    ['a DSCP of 64', matching(IP, oxm('ipDscp', 64)), 'BAD_MATCH/BAD_VALUE', 58],
    ['an ECN of 4', matching(IP, oxm('ipEcn', 4)), 'BAD_MATCH/BAD_VALUE', 58],
    ['a flow label of 21 bits', matching(IP6, oxm('ipv6Flabel', 0x100000)), 'BAD_MATCH/BAD_VALUE', 58],
    ['an MPLS label of 21 bits', matching(MPLS, oxm('mplsLabel', 0x100000)), 'BAD_MATCH/BAD_VALUE', 58],
    ['a bottom of stack of 2', matching(MPLS, oxm('mplsBos', 2)), 'BAD_MATCH/BAD_VALUE', 58],
    ['TCP flags of 13 bits', matching(IP, TCP, oxm('tcpFlags', 0x1000)), 'BAD_MATCH/BAD_VALUE', 63],
    ['anything wrong in a request for statistics', flowsMatching(oxm('tcpDst', 80)), 'BAD_MATCH/BAD_PREREQ', 52],
  ]);

  test('a value that its field cannot carry, when it was not read from the wire', () => {
    for (const value of [-1, 1.5, Number.NaN, 2 ** 32]) {
      expect(errorOf(matching(oxm('inPort', value)))?.error).toBe('BAD_MATCH/BAD_VALUE');
    }
    for (const value of [-1n, 1n << 64n]) {
      expect(errorOf(matching(oxm('metadata', value)))?.error).toBe('BAD_MATCH/BAD_VALUE');
    }
  });
});

describe('a match may have', () => {
  accepts([
    ['nothing', matching()],
    ['a chain of needs', matching(IP6, ICMP6, oxm('icmpv6Type', 135), oxm('ipv6NdTarget', 1n), oxm('ipv6NdSll', 1))],
    ['a mask of ones on any field', matching(oxm('ethType', 0x0800, 0xffff), oxm('ipv4Src', 1, 0xffffffff))],
    ['a mask of zeros on any field', matching(oxm('inPort', 0, 0))],
    ['a mask with bits beyond the field', matching(oxm('vlanVid', 0x1005, 0xffff), oxm('vlanPcp', 1))],
    ['any VLAN, and its priority', matching(TAGGED, oxm('vlanPcp', 7))],
    ['no VLAN', matching(oxm('vlanVid', 0))],
    ['the multicast bit of a MAC address', matching(oxm('ethDst', 0x0100_0000_0000, 0x0100_0000_0000))],
  ]);
});

describe('actions are refused for', () => {
  refuses([
    [
      'an unknown type',
      applying([], output(1), { type: 'unknown', id: 99, body: new Uint8Array(4) }),
      'BAD_ACTION/BAD_TYPE',
      80,
    ],
    [
      'an unknown experimenter',
      applying([], { type: 'experimenter', experimenter: 9, data: NO_DATA }),
      'BAD_ACTION/BAD_EXPERIMENTER',
      68,
    ],
    ['port 0', applying([], output(0)), 'BAD_ACTION/BAD_OUT_PORT', 68],
    ['port ANY', applying([IP], output(PORT.any)), 'BAD_ACTION/BAD_OUT_PORT', 76],
    [
      'a number between the ports and the reserved ones',
      applying([], output(PORT.max + 1)),
      'BAD_ACTION/BAD_OUT_PORT',
      68,
    ],
    ['output to the pipeline in a rule', applying([], output(PORT.table)), 'BAD_ACTION/BAD_OUT_PORT', 68],
    [
      'output to the pipeline in a bucket',
      groupMod({ buckets: [bucket({ actions: [output(PORT.table)] })] }),
      'BAD_ACTION/BAD_OUT_PORT',
      36,
    ],
    ['a reserved group', applying([], { type: 'group', groupId: 0xffffff01 }), 'BAD_ACTION/BAD_OUT_GROUP', 68],
    [
      'pushing a VLAN tag that is none',
      applying([], { type: 'pushVlan', etherType: 0x0800 }),
      'BAD_ACTION/BAD_ARGUMENT',
      68,
    ],
    [
      'pushing an MPLS header that is none',
      applying([], { type: 'pushMpls', etherType: 0x8100 }),
      'BAD_ACTION/BAD_ARGUMENT',
      68,
    ],
    [
      'pushing a PBB header that is none',
      applying([], { type: 'pushPbb', etherType: 0x88a8 }),
      'BAD_ACTION/BAD_ARGUMENT',
      68,
    ],
    [
      'setting an unknown field',
      applying([], { type: 'setField', field: unknownOxm(0x80007fff & ~0xff) }),
      'BAD_ACTION/BAD_SET_TYPE',
      68,
    ],
    ['setting the ingress port', applying([], set('inPort', 1)), 'BAD_ACTION/BAD_SET_TYPE', 68],
    ['setting the physical port', applying([oxm('inPort', 1)], set('inPhyPort', 1)), 'BAD_ACTION/BAD_SET_TYPE', 76],
    ['setting metadata', applying([], set('metadata', 1n)), 'BAD_ACTION/BAD_SET_TYPE', 68],
    [
      'setting whether there are extension headers',
      applying([IP6], set('ipv6Exthdr', 1)),
      'BAD_ACTION/BAD_SET_TYPE',
      76,
    ],
    ['setting with a mask', applying([], set('ethSrc', 1, 1)), 'BAD_ACTION/BAD_SET_ARGUMENT', 68],
    ['setting a value out of range', applying([IP], set('ipDscp', 64)), 'BAD_ACTION/BAD_SET_ARGUMENT', 76],
    [
      'setting a VLAN without its present bit',
      applying([TAGGED], set('vlanVid', 5)),
      'BAD_ACTION/BAD_SET_ARGUMENT',
      76,
    ],
    [
      'a mistake behind other actions',
      applying([], output(1), set('ethSrc', 1), output(0)),
      'BAD_ACTION/BAD_OUT_PORT',
      100,
    ],
    ['anything wrong in a packet-out', packetOut({ actions: [output(1), output(0)] }), 'BAD_ACTION/BAD_OUT_PORT', 44],
    [
      'anything wrong in a bucket',
      groupMod({ buckets: [bucket({}), bucket({ actions: [output(0)] })] }),
      'BAD_ACTION/BAD_OUT_PORT',
      52,
    ],
  ]);
});

describe('actions are inconsistent with the match when they', () => {
  const INCONSISTENT = 'BAD_ACTION/MATCH_INCONSISTENT';
  const PUSH_VLAN = { type: 'pushVlan', etherType: 0x8100 } as const;
  const PUSH_MPLS = { type: 'pushMpls', etherType: 0x8847 } as const;
  const POP_MPLS = { type: 'popMpls', etherType: 0x0800 } as const;
  const PUSH_PBB = { type: 'pushPbb', etherType: 0x88e7 } as const;
  refuses([
    ['set a field of a protocol that is not matched', applying([], set('ipv4Src', 1)), INCONSISTENT, 64],
    ['set a field of another protocol', applying([IP, UDP], set('tcpSrc', 1)), INCONSISTENT, 72],
    ['set a VLAN where there may be none', applying([], set('vlanVid', 0x1005)), INCONSISTENT, 64],
    ['pop a VLAN where there may be none', applying([], { type: 'popVlan' }), INCONSISTENT, 64],
    ['pop a VLAN where there is none', applying([oxm('vlanVid', 0)], { type: 'popVlan' }), INCONSISTENT, 72],
    [
      'pop one more than was pushed',
      applying([], PUSH_VLAN, { type: 'popVlan' }, { type: 'popVlan' }),
      INCONSISTENT,
      80,
    ],
    ['pop MPLS off IP', applying([IP], POP_MPLS), INCONSISTENT, 72],
    ['set IP behind an MPLS header just pushed', applying([IP], PUSH_MPLS, set('ipv4Src', 1)), INCONSISTENT, 80],
    ['set ports behind an MPLS header popped', applying([MPLS], POP_MPLS, set('tcpSrc', 1)), INCONSISTENT, 80],
    [
      'set ports that MPLS covered in between',
      applying([IP, TCP], PUSH_MPLS, POP_MPLS, set('tcpSrc', 1)),
      INCONSISTENT,
      88,
    ],
    [
      'set ports of a packet whose type they set',
      applying([IP, TCP], set('ethType', 0x86dd), set('tcpSrc', 1)),
      INCONSISTENT,
      88,
    ],
    ['pop a VLAN that PBB covers', applying([TAGGED], PUSH_PBB, { type: 'popVlan' }), INCONSISTENT, 80],
    ['set PBB that they popped', applying([], PUSH_PBB, { type: 'popPbb' }, set('pbbIsid', 1)), INCONSISTENT, 80],
    ['pop PBB off IP', applying([IP], { type: 'popPbb' }), INCONSISTENT, 72],
    ['change the TTL of ARP', applying([ARP], { type: 'decNwTtl' }), INCONSISTENT, 72],
    ['change the TTL of anything', applying([], { type: 'setNwTtl', ttl: 1 }), INCONSISTENT, 64],
    ['change an MPLS TTL in IP', applying([IP], { type: 'decMplsTtl' }), INCONSISTENT, 72],
    ['copy a TTL where there is none', applying([ARP], { type: 'copyTtlOut' }), INCONSISTENT, 72],
    ['write to the action set what the match does not promise', writing([], set('ipv4Src', 1)), INCONSISTENT, 64],
    [
      'write what an apply beside them took away',
      flowMod({
        match: [IP],
        instructions: [
          { type: 'writeActions', actions: [set('ipv4Src', 1)] },
          { type: 'applyActions', actions: [PUSH_MPLS] },
        ],
      }),
      INCONSISTENT,
      72,
    ],
  ]);
});

describe('actions may', () => {
  accepts([
    ['set what the match promises', applying([IP, TCP], set('ipv4Src', 1), set('tcpDst', 80), output(1))],
    [
      'set a VLAN that they push',
      applying([], { type: 'pushVlan', etherType: 0x88a8 }, set('vlanVid', 0x1001), set('vlanPcp', 3)),
    ],
    ['pop a VLAN that is matched', applying([oxm('vlanVid', 0x1005)], { type: 'popVlan' })],
    [
      'push two VLANs and pop both',
      applying(
        [],
        ...([0x8100, 0x88a8].map((etherType) => ({ type: 'pushVlan', etherType })) as Action[]),
        { type: 'popVlan' },
        { type: 'popVlan' },
      ),
    ],
    [
      'set what an MPLS header pushed has',
      applying([IP], { type: 'pushMpls', etherType: 0x8847 }, set('mplsLabel', 1), { type: 'decMplsTtl' }),
    ],
    [
      'set what a popped MPLS header uncovers',
      applying([MPLS], { type: 'popMpls', etherType: 0x86dd }, set('ipv6Src', 1n)),
    ],
    ['go on from a protocol that they set', applying([], set('ethType', 0x0800), set('ipProto', 6), set('tcpDst', 0))],
    ['push and pop PBB', applying([], { type: 'pushPbb', etherType: 0x88e7 }, set('pbbIsid', 1), { type: 'popPbb' })],
    [
      'go to every reserved port but ANY',
      applying([], ...[PORT.inPort, PORT.normal, PORT.flood, PORT.all, PORT.controller, PORT.local].map(output)),
    ],
    ['go to the pipeline in a packet-out', packetOut({ actions: [output(PORT.table)] })],
    [
      'set anything in a packet-out, which has no match',
      packetOut({ actions: [set('ipv4Src', 1), { type: 'popVlan' }] }),
    ],
    ['set anything in a bucket, which has no match', groupMod({ buckets: [bucket({ actions: [set('tcpSrc', 1)] })] })],
    ['write a pop that some packet of the pipeline may need', writing([], { type: 'popVlan' }, { type: 'decNwTtl' })],
    [
      'write a field before the push that the set does first',
      writing([], set('vlanVid', 0x1005), { type: 'pushVlan', etherType: 0x8100 }),
    ],
    [
      'write what an apply beside them pushed',
      flowMod({
        instructions: [
          { type: 'writeActions', actions: [set('vlanVid', 0x1005)] },
          { type: 'applyActions', actions: [{ type: 'pushVlan', etherType: 0x8100 }] },
        ],
      }),
    ],
  ]);
});

describe('instructions are refused for', () => {
  refuses([
    [
      'an unknown type',
      instructing({ type: 'unknown', id: 77, body: new Uint8Array(4) }),
      'BAD_INSTRUCTION/UNKNOWN_INST',
      56,
    ],
    [
      'an unknown experimenter',
      instructing({ type: 'experimenter', experimenter: 9, data: NO_DATA }),
      'BAD_INSTRUCTION/BAD_EXPERIMENTER',
      60,
    ],
    [
      'being there twice',
      instructing({ type: 'clearActions' }, { type: 'clearActions' }),
      'BAD_INSTRUCTION/UNSUP_INST',
      64,
    ],
    [
      'going back',
      flowMod({ tableId: 3, instructions: [{ type: 'gotoTable', tableId: 2 }] }),
      'BAD_INSTRUCTION/BAD_TABLE_ID',
      60,
    ],
    [
      'going round',
      flowMod({ tableId: 3, instructions: [{ type: 'gotoTable', tableId: 3 }] }),
      'BAD_INSTRUCTION/BAD_TABLE_ID',
      60,
    ],
    ['going nowhere', instructing({ type: 'gotoTable', tableId: 255 }), 'BAD_INSTRUCTION/BAD_TABLE_ID', 60],
    ['meter 0', instructing({ type: 'meter', meterId: 0 }), 'METER_MOD_FAILED/INVALID_METER', 60],
    ['a virtual meter', instructing({ type: 'meter', meterId: 0xfffffffe }), 'METER_MOD_FAILED/INVALID_METER', 60],
  ]);
});

describe('instructions may', () => {
  accepts([
    [
      'be one of each',
      instructing({ type: 'clearActions' }, { type: 'gotoTable', tableId: 1 }, { type: 'meter', meterId: 1 }),
    ],
    ['write metadata with bits that the mask drops', instructing({ type: 'writeMetadata', metadata: 5n, mask: 1n })],
    [
      'go on from all tables, in a deletion',
      flowMod({ command: 3, tableId: 255, instructions: [{ type: 'gotoTable', tableId: 1 }] }),
    ],
  ]);
});

describe('a flow_mod is refused for', () => {
  refuses([
    ['an unknown command', flowMod({ command: 5 }), 'FLOW_MOD_FAILED/BAD_COMMAND', 25],
    ['an unknown flag', flowMod({ flags: 0x20 }), 'FLOW_MOD_FAILED/BAD_FLAGS', 44],
    ['adding to all tables', flowMod({ tableId: 255 }), 'FLOW_MOD_FAILED/BAD_TABLE_ID', 24],
    ['modifying all tables', flowMod({ tableId: 255, command: 2 }), 'FLOW_MOD_FAILED/BAD_TABLE_ID', 24],
    ['a deletion with a wrong match', flowMod({ command: 3, match: [oxm('tcpSrc', 1)] }), 'BAD_MATCH/BAD_PREREQ', 52],
  ]);
  accepts([['nothing, when it deletes from all tables', flowMod({ tableId: 255, command: 4, flags: 0x1f })]]);
});

describe('a packet-out is refused for', () => {
  refuses([
    ['coming from port 0', packetOut({ inPort: 0 }), 'BAD_REQUEST/BAD_PORT', 12],
    ['coming from everywhere', packetOut({ inPort: PORT.flood }), 'BAD_REQUEST/BAD_PORT', 12],
    [
      'a packet without an Ethernet header',
      packetOut({ actions: [output(1)], data: new Uint8Array(13) }),
      'BAD_REQUEST/BAD_PACKET',
      40,
    ],
  ]);
  accepts([
    ['nothing, when it comes from the controller', packetOut({ inPort: PORT.controller })],
    ['nothing, when it comes from any port', packetOut({ inPort: PORT.any })],
    ['nothing, when its packet is in a buffer', packetOut({ bufferId: 7, data: NO_DATA })],
  ]);
});

describe('a group_mod is refused for', () => {
  refuses([
    ['an unknown command', groupMod({ command: 3 }), 'GROUP_MOD_FAILED/BAD_COMMAND', 8],
    ['an unknown type', groupMod({ groupType: 4 }), 'GROUP_MOD_FAILED/BAD_TYPE', 10],
    ['a reserved number', groupMod({ groupId: 0xffffff01 }), 'GROUP_MOD_FAILED/INVALID_GROUP', 12],
    ['adding all groups', groupMod({ groupId: 0xfffffffc }), 'GROUP_MOD_FAILED/INVALID_GROUP', 12],
    ['a deletion with buckets', groupMod({ command: 2, buckets: [bucket({})] }), 'GROUP_MOD_FAILED/INVALID_GROUP', 16],
    ['being indirect without a bucket', groupMod({ groupType: 2 }), 'GROUP_MOD_FAILED/INVALID_GROUP', 16],
    [
      'being indirect with two',
      groupMod({ groupType: 2, buckets: [bucket({}), bucket({})] }),
      'GROUP_MOD_FAILED/INVALID_GROUP',
      16,
    ],
    [
      'a weight where nothing is selected',
      groupMod({ buckets: [bucket({}), bucket({ weight: 1 })] }),
      'GROUP_MOD_FAILED/INVALID_GROUP',
      34,
    ],
    [
      'watching a port that is none',
      groupMod({ groupType: 3, buckets: [bucket({ watchPort: PORT.flood })] }),
      'GROUP_MOD_FAILED/BAD_WATCH',
      20,
    ],
    [
      'watching a group that is none',
      groupMod({ groupType: 3, buckets: [bucket({ watchGroup: 0xffffff01 })] }),
      'GROUP_MOD_FAILED/BAD_WATCH',
      24,
    ],
    [
      'failing over without watching',
      groupMod({ groupType: 3, buckets: [bucket({ watchPort: 1 }), bucket({})] }),
      'GROUP_MOD_FAILED/BAD_WATCH',
      32,
    ],
    [
      'watching where there is no choice',
      groupMod({ buckets: [bucket({ watchPort: 1 })] }),
      'GROUP_MOD_FAILED/WATCH_UNSUPPORTED',
      16,
    ],
    [
      'leading to itself',
      groupMod({ groupId: 7, buckets: [bucket({ actions: [output(1), { type: 'group', groupId: 7 }] })] }),
      'GROUP_MOD_FAILED/LOOP',
      48,
    ],
  ]);
  accepts([
    ['nothing, when it deletes all groups', groupMod({ command: 2, groupId: 0xfffffffc })],
    ['nothing, when it has no bucket', groupMod({})],
    [
      'nothing, when it fails over',
      groupMod({ groupType: 3, buckets: [bucket({ watchPort: 1 }), bucket({ watchGroup: 2 })] }),
    ],
    [
      'nothing, when it watches the local port',
      groupMod({ groupType: 3, buckets: [bucket({ watchPort: PORT.local })] }),
    ],
    [
      'nothing, when it selects by weight',
      groupMod({ groupType: 1, buckets: [bucket({ weight: 3, watchPort: 1 }), bucket({})] }),
    ],
  ]);
});

describe('a meter_mod is refused for', () => {
  refuses([
    ['an unknown command', meterMod({ command: 3 }), 'METER_MOD_FAILED/BAD_COMMAND', 8],
    ['meter 0', meterMod({ meterId: 0 }), 'METER_MOD_FAILED/INVALID_METER', 12],
    ['a reserved number', meterMod({ meterId: 0xffff0001 }), 'METER_MOD_FAILED/INVALID_METER', 12],
    ['adding all meters', meterMod({ meterId: 0xffffffff }), 'METER_MOD_FAILED/INVALID_METER', 12],
    ['an unknown flag', meterMod({ flags: 0x11 }), 'METER_MOD_FAILED/BAD_FLAGS', 10],
    ['two units at once', meterMod({ flags: 3 }), 'METER_MOD_FAILED/BAD_FLAGS', 10],
    [
      'a band of unknown type',
      meterMod({ bands: [drop(1), { type: 'unknown', id: 9, body: new Uint8Array(12) }] }),
      'METER_MOD_FAILED/BAD_BAND',
      32,
    ],
    [
      'a band of an unknown experimenter',
      meterMod({ bands: [{ type: 'experimenter', rate: 1, burstSize: 0, experimenter: 9, data: NO_DATA }] }),
      'METER_MOD_FAILED/BAD_BAND',
      28,
    ],
    ['a rate of 0', meterMod({ bands: [drop(1), drop(0)] }), 'METER_MOD_FAILED/BAD_RATE', 36],
  ]);
  accepts([
    ['nothing, when it deletes all meters', meterMod({ command: 2, meterId: 0xffffffff })],
    ['nothing but its number, when it deletes', meterMod({ command: 2, flags: 0xffff, bands: [drop(0)] })],
    ['nothing, when it is for the slow path’s meter', meterMod({ meterId: 0xfffffffd })],
    ['nothing, when it is for the controller’s own meter', meterMod({ meterId: 0xfffffffe, bands: [drop(1)] })],
  ]);
});

describe('other requests are refused:', () => {
  refuses([
    ['a port_mod of port 0', portMod({ portNo: 0 }), 'PORT_MOD_FAILED/BAD_PORT', 8],
    ['a port_mod of no port of its own', portMod({ portNo: PORT.controller }), 'PORT_MOD_FAILED/BAD_PORT', 8],
    ['a port_mod that asks for an unknown bit', portMod({ mask: 2 }), 'PORT_MOD_FAILED/BAD_CONFIG', 28],
    ['a port_mod that advertises an unknown bit', portMod({ advertise: 0x10000 }), 'PORT_MOD_FAILED/BAD_ADVERTISE', 32],
    [
      'a table_mod with an unknown bit',
      { type: 'tableMod', xid: 1, tableId: 0, config: 4 },
      'TABLE_MOD_FAILED/BAD_CONFIG',
      12,
    ],
    [
      'a role that is none',
      { type: 'roleRequest', xid: 1, role: 4, generationId: 0n },
      'ROLE_REQUEST_FAILED/BAD_ROLE',
      8,
    ],
    [
      'fragments handled in no known way',
      { type: 'setConfig', xid: 1, flags: 3, missSendLen: 0 },
      'SWITCH_CONFIG_FAILED/BAD_FLAGS',
      8,
    ],
    ['the queues of port 0', { type: 'queueGetConfigRequest', xid: 1, port: 0 }, 'QUEUE_OP_FAILED/BAD_PORT', 8],
    [
      'an experimenter that nobody knows',
      { type: 'experimenter', xid: 1, experimenter: 9, expType: 1, data: NO_DATA },
      'BAD_REQUEST/BAD_EXPERIMENTER',
      8,
    ],
    [
      'an experimenter’s question',
      asking({ type: 'experimenter', experimenter: 9, expType: 1, data: NO_DATA }),
      'BAD_REQUEST/BAD_EXPERIMENTER',
      16,
    ],
    ['counters of port 0', asking({ type: 'portStats', portNo: 0 }), 'BAD_REQUEST/BAD_PORT', 16],
    ['counters of queues of port 0', asking({ type: 'queue', portNo: 0, queueId: 1 }), 'QUEUE_OP_FAILED/BAD_PORT', 16],
    ['counters of meter 0', asking({ type: 'meter', meterId: 0 }), 'METER_MOD_FAILED/INVALID_METER', 16],
    [
      'features of table 255',
      asking({ type: 'tableFeatures', entries: [table(255)] }),
      'TABLE_FEATURES_FAILED/BAD_TABLE',
      18,
    ],
    [
      'features of a table twice',
      asking({ type: 'tableFeatures', entries: [table(1), table(1)] }),
      'TABLE_FEATURES_FAILED/BAD_TABLE',
      82,
    ],
    [
      'a property of unknown type',
      asking({
        type: 'tableFeatures',
        entries: [table(1, { type: 'match', fields: [] }, { type: 'unknown', id: 9, body: NO_DATA })],
      }),
      'TABLE_FEATURES_FAILED/BAD_TYPE',
      88,
    ],
    [
      'a property twice',
      asking({
        type: 'tableFeatures',
        entries: [table(1, { type: 'match', fields: [] }, { type: 'match', fields: [] })],
      }),
      'TABLE_FEATURES_FAILED/BAD_TYPE',
      88,
    ],
    [
      'a property of an unknown experimenter',
      asking({
        type: 'tableFeatures',
        entries: [table(1, { type: 'experimenter', experimenter: 9, expType: 1, data: NO_DATA })],
      }),
      'TABLE_FEATURES_FAILED/BAD_TYPE',
      84,
    ],
    [
      'a next table that is none',
      asking({ type: 'tableFeatures', entries: [table(1, { type: 'nextTables', tables: [2, 255] })] }),
      'TABLE_FEATURES_FAILED/BAD_ARGUMENT',
      85,
    ],
    [
      'a table behind the next',
      asking({ type: 'tableFeatures', entries: [table(1, { type: 'nextTables', tables: [2, 1] })] }),
      'TABLE_FEATURES_FAILED/BAD_ARGUMENT',
      85,
    ],
    [
      'a table for a field that is none',
      asking({
        type: 'tableFeatures',
        entries: [table(1, { type: 'match', fields: [{ header: 0x80000004 }, { header: 0x12340000 }] })],
      }),
      'TABLE_FEATURES_FAILED/BAD_ARGUMENT',
      88,
    ],
  ]);
});

describe('other requests may', () => {
  accepts([
    ['ask for the queues of all ports', { type: 'queueGetConfigRequest', xid: 1, port: PORT.any }],
    ['ask for the counters of all ports', asking({ type: 'portStats', portNo: PORT.any })],
    ['ask for the counters of the local port', asking({ type: 'portStats', portNo: PORT.local })],
    ['ask for all meters', asking({ type: 'meterConfig', meterId: 0xffffffff })],
    ['leave bits of a port be, whatever they are', portMod({ config: 0xffffffff })],
  ]);
});

describe('valid to the letter', () => {
  const experimenters = new Set([0x00aabbcc]);
  test.each(Object.entries(SAMPLES))('%s passes', (_name, message) => {
    expect(errorOf(message, { experimenters })).toBeUndefined();
  });
});

test('an experimenter that the owner knows passes everywhere', () => {
  const experimenters = new Set([9]);
  const parts = { experimenter: 9, data: NO_DATA };
  const messages: readonly Message[] = [
    { type: 'experimenter', xid: 1, expType: 1, ...parts },
    asking({ type: 'experimenter', expType: 1, ...parts }),
    applying([], { type: 'experimenter', ...parts }),
    instructing({ type: 'experimenter', ...parts }, { type: 'experimenter', ...parts }),
    meterMod({ bands: [{ type: 'experimenter', rate: 1, burstSize: 0, ...parts }] }),
    asking({
      type: 'tableFeatures',
      entries: [
        table(1, { type: 'experimenter', expType: 1, ...parts }, { type: 'experimenter', expType: 2, ...parts }),
      ],
    }),
  ];
  for (const message of messages) {
    expect(errorOf(message, { experimenters })).toBeUndefined();
    expect(errorOf(message)).toBeDefined();
  }
});

test('any message is valid or has an OpenFlow error, at a place within it', () => {
  fc.assert(
    fc.property(arbitraryMessage(), (message) => {
      const error = errorOf(message);
      if (!error) return;
      expect(error.at).toBeGreaterThanOrEqual(8);
      expect(error.at).toBeLessThanOrEqual(toBytes(message).length);
    }),
    { numRuns: 2000 },
  );
});
