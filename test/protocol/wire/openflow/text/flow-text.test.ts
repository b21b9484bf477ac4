import { describe, expect, it } from 'vitest';
import { FLOW_COMMAND, FLOW_FLAG, type FlowMod } from '../../../../../protocol/wire/openflow/flow.ts';
import { PORT } from '../../../../../protocol/wire/openflow/port.ts';
import {
  type FlowCommand,
  formatFlowMod,
  formatFlowStats,
  formatRule,
  parseFlowLine,
  parseFlowMod,
} from '../../../../../protocol/wire/openflow/text/flow-text.ts';
import { expectMistake, type Mistake } from './mistake.ts';

/** What ovs-ofctl says when the rule does not. */
const PLAIN: FlowMod = {
  type: 'flowMod',
  xid: 0,
  cookie: 0n,
  cookieMask: 0n,
  tableId: 0,
  command: FLOW_COMMAND.add,
  idleTimeout: 0,
  hardTimeout: 0,
  priority: 0x8000,
  bufferId: 0xffffffff,
  outPort: PORT.any,
  outGroup: 0xffffffff,
  flags: 0,
  match: [],
  instructions: [],
};

const OUTPUT_9 = { type: 'applyActions', actions: [{ type: 'output', port: 9, maxLen: 0 }] } as const;

describe('a rule', () => {
  it('says nothing but what it does, and the rest is as ovs-ofctl has it', () => {
    expect(parseFlowMod('actions=drop')).toEqual(PLAIN);
  });

  it('says what it matches and what it does', () => {
    const rule = parseFlowMod('priority=100,tcp,in_port=3,nw_dst=10.0.0.0/24,tp_dst=80 actions=output:9');
    expect(rule).toEqual({
      ...PLAIN,
      priority: 100,
      match: [
        { type: 'inPort', value: 3 },
        { type: 'ethType', value: 0x0800 },
        { type: 'ipv4Dst', value: 0x0a000000, mask: 0xffffff00 },
        { type: 'ipProto', value: 6 },
        { type: 'tcpDst', value: 80 },
      ],
      instructions: [OUTPUT_9],
    });
    expect(formatFlowMod(rule)).toBe('priority=100,tcp,in_port=3,nw_dst=10.0.0.0/24,tp_dst=80 actions=output:9');
  });

  it('says all else in any order before its actions', () => {
    const text =
      'cookie=0xfedcba9876543210, table=3, idle_timeout=5, hard_timeout=6, send_flow_rem check_overlap reset_counts ' +
      'no_packet_counts no_byte_counts priority=0,ip actions=output:9';
    const rule: FlowMod = {
      ...PLAIN,
      cookie: 0xfedcba9876543210n,
      tableId: 3,
      idleTimeout: 5,
      hardTimeout: 6,
      priority: 0,
      flags: Object.values(FLOW_FLAG).reduce((all, flag) => all | flag, 0),
      match: [{ type: 'ethType', value: 0x0800 }],
      instructions: [OUTPUT_9],
    };
    const shuffled =
      'no_byte_counts,ip,hard_timeout=6,no_packet_counts,priority=0,reset_counts,check_overlap,send_flow_rem,' +
      'idle_timeout=5,table=3,cookie=0xfedcba9876543210,actions=9';
    expect(parseFlowMod(text)).toEqual(rule);
    expect(parseFlowMod(shuffled)).toEqual(rule);
    expect(formatFlowMod(rule)).toBe(text);
  });

  it('may be written with white space and empty places where ovs-ofctl allows them', () => {
    const rule = { ...PLAIN, match: [{ type: 'inPort', value: 1 }], instructions: [OUTPUT_9] };
    for (const text of [
      'in_port=1 actions=9',
      ' ,in_port=1,,actions=9,',
      'in_port=1 , actions = 9',
      'in_port=1,action=9',
    ]) {
      expect(parseFlowMod(text), text).toEqual(rule);
    }
  });

  it('lets its actions know what it matches', () => {
    expect(formatFlowMod(parseFlowMod('udp,dl_vlan=3,actions=mod_tp_dst:53,mod_vlan_vid:4'))).toBe(
      'udp,dl_vlan=3 actions=set_field:53->udp_dst,set_field:4100->vlan_vid',
    );
  });

  it('is read from a line of a dump, whose counters are not its own', () => {
    const entry = {
      ...PLAIN,
      cookie: 7n,
      tableId: 1,
      durationSec: 2,
      durationNsec: 3_000_000,
      packetCount: 8n,
      byteCount: 900n,
      idleTimeout: 5,
      flags: FLOW_FLAG.resetCounts,
      priority: 4,
      instructions: [OUTPUT_9],
    };
    const line = formatFlowStats(entry);
    expect(line).toBe(
      'cookie=0x7, duration=2.003s, table=1, n_packets=8, n_bytes=900, idle_timeout=5, reset_counts priority=4 actions=output:9',
    );
    expect(formatFlowMod(parseFlowMod(line))).toBe(formatRule(entry));
    expect(formatRule(entry)).toBe('cookie=0x7, table=1, idle_timeout=5, reset_counts priority=4 actions=output:9');
  });

  it.each([
    [5, 0, '5s'],
    [5, 250_000_000, '5.250s'],
    [5, 1_000_000, '5.001s'],
    [0, 1, '0.000000001s'],
    [0, 115_277_000, '0.115277s'],
  ])('shows %d seconds and %d nanoseconds as %s', (durationSec, durationNsec, text) => {
    const entry = { ...PLAIN, durationSec, durationNsec, packetCount: 0n, byteCount: 0n };
    expect(formatFlowStats(entry)).toContain(`duration=${text},`);
  });
});

describe('a command', () => {
  const commands: readonly (readonly [FlowCommand, string, Partial<FlowMod>])[] = [
    [
      'modify',
      'cookie=5/0xff,priority=7,actions=9',
      { cookie: 5n, cookieMask: 0xffn, priority: 7, instructions: [OUTPUT_9] },
    ],
    ['modifyStrict', 'table=4,priority=7,actions=9', { tableId: 4, priority: 7, instructions: [OUTPUT_9] }],
    ['delete', '', { tableId: 255 }],
    ['delete', 'table=3,cookie=0x15/-1', { tableId: 3, cookie: 0x15n, cookieMask: 0xffff_ffff_ffff_ffffn }],
    ['delete', 'cookie=0x15/0xf', { tableId: 255, cookie: 5n, cookieMask: 0xfn }],
    ['delete', 'out_port=LOCAL,out_group=7', { tableId: 255, outPort: PORT.local, outGroup: 7 }],
    ['deleteStrict', 'priority=3,in_port=1', { tableId: 255, priority: 3, match: [{ type: 'inPort', value: 1 }] }],
  ];

  it.each(commands)('%s "%s" heeds what it has use for', (command, text, rule) => {
    expect(parseFlowMod(text, command)).toEqual({ ...PLAIN, command: FLOW_COMMAND[command], ...rule });
  });

  it('may stand before a rule in a file of them, and a comment after it', () => {
    expect(parseFlowLine('delete_strict priority=3,in_port=1 # gone')).toEqual(
      parseFlowMod('priority=3,in_port=1', 'deleteStrict'),
    );
    expect(parseFlowLine('  modify ip,actions=drop')).toEqual(parseFlowMod('ip,actions=drop', 'modify'));
    expect(parseFlowLine('add ip,actions=drop')).toEqual(parseFlowMod('ip,actions=drop'));
    expect(parseFlowLine('ip,actions=drop')).toEqual(parseFlowMod('ip,actions=drop'));
    expect(parseFlowLine('delete')).toEqual(parseFlowMod('', 'delete'));
    for (const line of ['', '   ', '# delete', ' , ']) expect(parseFlowLine(line), line).toBeUndefined();
  });
});

const MISTAKES: readonly Mistake[] = [
  ['', 1, /actions=… is missing/],
  ['in_port=1', 10, /actions=… is missing; for no action write actions=drop/],
  ['in_port=1,actions', 18, /actions needs a value/],
  ['actions:1', 8, /actions needs a value/],
  ['priorty=3,actions=drop', 1, /did you mean priority\?/],
  ['in_port=1,prot=2,actions=drop', 11, /prot is not known here/],
  ['idle_timout=3,actions=drop', 1, /did you mean idle_timeout\?/],
  ['priority=65536,actions=drop', 10, /at most 65535/],
  ['priority=010,actions=drop', 10, /octal/],
  ['priority,actions=drop', 9, /needs a value/],
  ['priority=,actions=drop', 9, /needs a value/],
  ['priority=1,priority=1,actions=drop', 12, /already in column 1/],
  ['table=255,actions=drop', 7, /only a deletion/],
  ['table=256,actions=drop', 7, /at most 255/],
  ['table=eth,actions=drop', 7, /table is a number/],
  ['cookie=1/1,actions=drop', 10, /an added rule has a cookie/],
  ['cookie=0x10000000000000000,actions=drop', 8, /64 bits/],
  ['cookie=-1,actions=drop', 8, /cookie is a number/],
  ['out_port=3,actions=drop', 1, /only a deletion/],
  ['out_group=3,actions=drop', 1, /only a deletion/],
  ['importance=3,actions=drop', 1, /OpenFlow 1\.4/],
  ['send_flow_rem=1,actions=drop', 15, /stands alone/],
  ['ip,actions=outptu:1', 12, /did you mean output\?/],
  ['ip,nw_dst=10.0.0.1 actions=mod_nw_dst:10.0.0', 39, /IPv4 address/],
  ['tp_dst=80 actions=drop', 1, /needs tcp, udp/],
  ['in_port=1\nnw_ttl=3\nactions=drop', 11, /Open vSwitch extension/],
];

describe('a mistake in a rule', () => {
  it.each(MISTAKES)('is told with its column and how to mend it: %j', (...mistake) => {
    expectMistake((text) => parseFlowMod(text), mistake);
  });

  it('in a line of a file is told with its column in the line', () => {
    expectMistake(parseFlowLine, ['  delete ip,actions=drop', 13, /a deletion has no actions/]);
    expectMistake(parseFlowLine, ['modify table=x,actions=drop # why', 14, /table is a number/]);
    expectMistake(parseFlowLine, ['remove ip', 1, /not known/]);
  });

  it.each<readonly [FlowCommand, Mistake]>([
    ['modify', ['cookie=5,actions=drop', 9, /only an added rule gets a cookie.*cookie=5\/-1/]],
    ['modify', ['out_port=3,actions=drop', 1, /only a deletion/]],
    ['modifyStrict', ['ip', 3, /actions=… is missing/]],
    ['delete', ['ip,actions=drop', 4, /a deletion has no actions/]],
    ['delete', ['priority=3', 1, /of any priority/]],
    ['delete', ['idle_timeout=3', 1, /timeouts/]],
    ['delete', ['send_flow_rem', 1, /a deletion has no flags/]],
    ['delete', ['cookie=5', 9, /write a mask/]],
    ['delete', ['out_port=eth0', 10, /port number or one of/]],
    ['delete', ['out_group=all', 11, /out_group is a number/]],
  ])('under the command %s is a mistake of that command: %j', (command, mistake) => {
    expectMistake((text) => parseFlowMod(text, command), mistake);
  });
});
