import { describe, expect, it } from 'vitest';
import { GROUP, GROUP_COMMAND, GROUP_TYPE } from '../../../../../protocol/wire/openflow/group.ts';
import {
  formatGroup,
  formatGroupStats,
  type GroupMod,
  parseGroupMod,
} from '../../../../../protocol/wire/openflow/text/group-text.ts';
import { expectMistake, type Mistake } from './mistake.ts';

const ANY = 0xffffffff;
const output = (port: number) => ({ type: 'output', port, maxLen: 0 }) as const;
const bucket = (weight: number, ...ports: readonly number[]) => ({
  weight,
  watchPort: ANY,
  watchGroup: ANY,
  actions: ports.map(output),
});

type Case = readonly [group: Omit<GroupMod, 'type' | 'xid' | 'command'>, ...texts: readonly string[]];

/** Groups and their texts: printed is the first. */
const GROUPS: readonly Case[] = [
  [{ groupId: 1, groupType: GROUP_TYPE.all, buckets: [] }, 'group_id=1,type=all', 'type=all group_id=0x1'],
  [
    { groupId: 2, groupType: GROUP_TYPE.all, buckets: [bucket(0, 1), bucket(0, 2, 3)] },
    'group_id=2,type=all,bucket=actions=output:1,bucket=actions=output:2,output:3',
    'group_id=2,type=all,bucket=1,bucket=2,3',
    'group_id:2 type:all bucket=output:1 bucket=output:2,output:3',
    'group_id=2,type=all,bucket=weight:0,actions=1,bucket=actions=2,3',
  ],
  [
    { groupId: 3, groupType: GROUP_TYPE.select, buckets: [bucket(1, 1), bucket(10, 2), bucket(0, 3)] },
    'group_id=3,type=select,bucket=actions=output:1,bucket=weight:10,actions=output:2,bucket=weight:0,actions=output:3',
    'group_id=3,type=select,bucket=1,bucket=2,weight=10,bucket=weight:0,3',
  ],
  [
    {
      groupId: 4,
      groupType: GROUP_TYPE.fastFailover,
      buckets: [
        { weight: 0, watchPort: 1, watchGroup: ANY, actions: [output(1)] },
        { weight: 0, watchPort: 2, watchGroup: 7, actions: [] },
      ],
    },
    'group_id=4,type=ff,bucket=watch_port:1,actions=output:1,bucket=watch_port:2,watch_group:7,actions=drop',
    'group_id=4,type=fast_failover,bucket=watch_port=1,1,bucket=watch_group:7,watch_port:2,actions=',
  ],
  [
    {
      groupId: GROUP.max,
      groupType: GROUP_TYPE.indirect,
      buckets: [
        {
          ...bucket(0),
          actions: [
            { type: 'pushVlan', etherType: 0x8100 },
            { type: 'setField', field: { type: 'vlanVid', value: 0x1005 } },
            { type: 'setField', field: { type: 'vlanPcp', value: 3 } },
            { type: 'group', groupId: 9 },
          ],
        },
      ],
    },
    'group_id=4294967040,type=indirect,bucket=actions=push_vlan:0x8100,set_field:4101->vlan_vid,set_field:3->vlan_pcp,group:9',
    'group_id=4294967040,type=indirect,bucket=mod_vlan_vid:5,mod_vlan_pcp:3,group:9',
  ],
];

const CASES = GROUPS.map(([group, ...texts]) => ({ group, text: texts[0], texts }));

describe('a group', () => {
  it.each(CASES)('$text is read from every form of it', ({ group, texts }) => {
    for (const text of texts)
      expect(parseGroupMod(text), text).toEqual({ type: 'groupMod', xid: 0, command: 0, ...group });
  });

  it.each(CASES)('$text is printed as ovs-ofctl prints it', ({ group, text }) => {
    expect(formatGroup(group)).toBe(text);
  });

  it('is changed as a whole, and deleted by its number, or with all others', () => {
    const change = parseGroupMod('group_id=3,type=all,bucket=1', 'modify');
    expect(change).toEqual({ ...parseGroupMod('group_id=3,type=all,bucket=1'), command: GROUP_COMMAND.modify });
    const gone = { type: 'groupMod', xid: 0, command: GROUP_COMMAND.delete, groupType: 0, buckets: [] };
    expect(parseGroupMod('group_id=3', 'delete')).toEqual({ ...gone, groupId: 3 });
    expect(parseGroupMod('group_id=all', 'delete')).toEqual({ ...gone, groupId: GROUP.all });
    expect(parseGroupMod('', 'delete')).toEqual({ ...gone, groupId: GROUP.all });
  });

  it('shows of its counters those that the switch keeps', () => {
    const kept = { groupId: 3, refCount: 1, packetCount: 2n, byteCount: 3n, durationSec: 4, durationNsec: 0 };
    const bucketStats = [
      { packetCount: 5n, byteCount: 6n },
      { packetCount: 0xffff_ffff_ffff_ffffn, byteCount: 0xffff_ffff_ffff_ffffn },
    ];
    expect(formatGroupStats({ ...kept, bucketStats })).toBe(
      'group_id=3,duration=4s,ref_count=1,packet_count=2,byte_count=3,bucket0:packet_count=5,byte_count=6',
    );
    expect(formatGroupStats({ ...kept, durationSec: 0xffffffff, bucketStats: [] })).toBe(
      'group_id=3,ref_count=1,packet_count=2,byte_count=3',
    );
  });
});

const MISTAKES: readonly Mistake[] = [
  ['type=all,bucket=1', 18, /group_id=… is missing/],
  ['group_id=1,bucket=1', 20, /type=… is missing: all, select, indirect, ff/],
  ['group_id=x,type=all', 10, /group_id is a number/],
  ['group_id=4294967041,type=all', 10, /at most 4294967040/],
  ['group_id=all,type=all', 10, /not added or changed/],
  ['group_id,type=all', 9, /needs a value/],
  ['group_id=1,type=selct', 17, /did you mean select\?/],
  ['group_id=1,typ=all', 12, /did you mean type\?/],
  ['group_id=1,type=all,buckets=1', 21, /did you mean bucket\?/],
  ['group_id=1,type=all,bucket=', 21, /this bucket has no actions.*actions=drop/],
  ['group_id=1,type=all,bucket=1,bucket=watch_port:3', 30, /this bucket has no actions/],
  ['group_id=1,type=all,bucket=weight:5,1', 28, /only the buckets of a select group/],
  ['group_id=1,type=select,bucket=weight:65536,1', 38, /at most 65535/],
  ['group_id=1,type=select,bucket=wieght:5,1', 31, /did you mean weight\?/],
  ['group_id=1,type=ff,bucket=watch_port:1,1,bucket=2', 42, /watches something: watch_port or watch_group/],
  ['group_id=1,type=ff,bucket=watch_port:eth0,1', 38, /a port number/],
  ['group_id=1,type=ff,bucket=watch_group:4294967295,1', 39, /at most 4294967040/],
  ['group_id=1,type=all,bucket=bucket_id:3,1', 28, /OpenFlow 1\.5/],
  ['group_id=1,type=all,command_bucket_id=3,bucket=1', 21, /OpenFlow 1\.5/],
  ['group_id=1,type=select,selection_method=hash,bucket=1', 24, /Netronome/],
  ['group_id=1,type=all,bucket=drop,1', 28, /drop stands alone/],
  ['group_id=1,type=all,bucket=1,drop', 30, /drop stands alone/],
  ['group_id=1,type=all,bucket=goto_table:3', 28, /goto_table is an instruction/],
  ['group_id=1,type=all,bucket=mod_tp_dst:3', 28, /needs tcp, udp or sctp/],
  ['group_id=1,type=all,bucket=resubmit(,1)', 28, /Open vSwitch extension/],
  ['group_id=1,type=all,bucket=1,type=select', 30, /type stands before the first bucket/],
];

describe('a mistake in a group', () => {
  it.each(MISTAKES)('is told with its column and how to mend it: %s', (...mistake) => {
    expectMistake((text) => parseGroupMod(text), mistake);
  });

  it('that is to be deleted is any word but its number', () => {
    expectMistake(
      (text) => parseGroupMod(text, 'delete'),
      ['group_id=3,type=all', 12, /names a group_id, and nothing else/],
    );
  });
});
