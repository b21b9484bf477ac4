/** What an explanation tells, by sentence: of tables and the rules beside the one that matched, of actions, groups and meters, of the end. */
import { describe, expect, it } from 'vitest';
import type { ExplainedStep, Explanation, NearMiss } from '../../../protocol/pipeline/explanation.ts';
import { explainPacket } from '../../../protocol/pipeline/packet-explanation.ts';
import { formatHex } from '../../../protocol/wire/hex.ts';
import { PORT_CONFIG, PORT_STATE } from '../../../protocol/wire/openflow/port.ts';
import { ETHER_TYPE } from '../../../protocol/wire/packet/ethernet.ts';
import { encodeFrame } from '../../../protocol/wire/packet/frame.ts';
import { explain, toTables } from './explained-scene.ts';
import { CABLE_OUT, ETHERNET, ETHERNET_IP, flow, IPV4, mac, payload, UDP, UDP_FRAME } from './scene.ts';

const ARP_FRAME = encodeFrame([
  { ...ETHERNET, etherType: ETHER_TYPE.arp },
  { type: 'arp', operation: 1, senderMac: mac('02:00:00:00:00:01'), senderIp: 1, targetMac: 0, targetIp: 2 },
]);
const LATER_FRAGMENT = encodeFrame([ETHERNET_IP, { ...IPV4, protocol: 17, fragmentOffsetBytes: 8 }, payload(22)]);
const LAST_HOP = encodeFrame([ETHERNET_IP, { ...IPV4, ttl: 1, protocol: 17 }, UDP, payload(22)]);

function stepsOf<T extends ExplainedStep['type']>({ tables, actionSet }: Explanation, type: T) {
  const all = [...tables.flatMap(({ steps }) => steps), ...(actionSet?.steps ?? [])];
  return all.filter((step): step is Extract<ExplainedStep, { readonly type: T }> => step.type === type);
}

/** The rules that nearly matched in the first table. */
function nearly(flows: readonly string[], bytes = UDP_FRAME): readonly NearMiss[] {
  return explain({ flows }, { bytes }).tables[0]!.nearly;
}

describe('an explanation of a table', () => {
  it('names the rule that matched by its place, its cookie and the words of ovs-ofctl', () => {
    const { tables } = explain({
      flows: ['priority=5,arp,actions=drop', 'cookie=0x2a,priority=9,udp,tp_dst=2000,actions=output:2'],
    });
    expect(tables).toMatchObject([
      {
        tableId: 0,
        ruleCount: 2,
        isTableMiss: false,
        matched: { tableId: 0, index: 1, priority: 9, cookie: '42', match: 'udp,tp_dst=2000', actions: 'output:2' },
      },
    ]);
  });

  it('says that only the table-miss rule matched', () => {
    const { tables } = explain({ flows: ['priority=0,actions=output:2'] });
    expect(tables[0]).toMatchObject({ isTableMiss: true, matched: { priority: 0 } });
  });

  it('shows the fields with which the packet came into each table', () => {
    const { tables } = explain({
      flows: ['in_port=1,actions=write_metadata:0x7,goto_table:3', 'table=3,udp,actions=output:2'],
    });
    const metadata = tables.map(({ fields }) => fields.find(({ field }) => field === 'metadata')?.value);
    expect(metadata).toEqual(['0', '7']);
    expect(tables[1]!.fields).toContainEqual({ field: 'ipv4_dst', value: '10.0.0.2' });
    expect(tables[1]!.fields).toContainEqual({ field: 'eth_src', value: '02:00:00:00:00:01' });
    expect(tables[1]!.fields).toContainEqual({ field: 'udp_dst', value: 2000 });
    expect(tables[1]!.fields.map(({ field }) => field)).not.toContain('tcp_dst');
  });

  it('tells which rules matched too and lost by their priority, the highest first', () => {
    const flows = [
      'priority=1,ip',
      'priority=3,udp',
      'priority=2,in_port=1',
      'priority=4,arp',
      'priority=9,ip,nw_dst=10.0.0.2',
    ];
    const [table] = explain({ flows: flows.map((text) => `${text},actions=drop`) }, { rulesMax: 2 }).tables;
    expect(table!.shadowed.map(({ priority }) => priority)).toEqual([3, 2]);
    expect(table!.shadowedCount).toBe(3);
    expect(table!.higherCount).toBe(0);
  });

  it('warns of rules of the same priority that match too', () => {
    const { tables, doubts } = explain({
      flows: ['priority=5,ip,actions=output:2', 'priority=5,in_port=1,actions=drop'],
    });
    expect(tables[0]).toMatchObject({ rivalCount: 1, rivals: [{ index: 1, match: 'in_port=1' }] });
    expect(doubts).toEqual([{ type: 'rivals', tableId: 0 }]);
  });

  it('goes through the tables in the order of the packet', () => {
    const { tables } = explain({
      flows: [
        'actions=goto_table:7',
        'table=7,actions=goto_table:9',
        'table=8,actions=drop',
        'table=9,actions=output:2',
      ],
    });
    expect(tables.map(({ tableId }) => tableId)).toEqual([0, 7, 9]);
  });
});

describe('a rule that nearly matched', () => {
  it('is told with what it wants and what the packet has', () => {
    expect(nearly(['priority=9,udp,tp_dst=443,actions=drop'])).toMatchObject([
      {
        rule: { match: 'udp,tp_dst=443' },
        agreed: 2,
        asked: 3,
        difference: { type: 'value', wanted: { field: 'udp_dst', value: 443 }, found: 2000 },
      },
    ]);
  });

  it('is told with the mask under which it wants it', () => {
    expect(nearly(['ip,nw_dst=10.0.1.0/24,actions=drop'])[0]!.difference).toEqual({
      type: 'value',
      wanted: { field: 'ipv4_dst', value: '10.0.1.0', mask: '255.255.255.0' },
      found: '10.0.0.2',
    });
  });

  it('differs in the first field of its match, as the protocol that its ports need', () => {
    expect(nearly(['tcp,tp_dst=80,actions=drop'])[0]!.difference).toEqual({
      type: 'value',
      wanted: { field: 'ip_proto', value: 6 },
      found: 17,
    });
  });

  it('wants a field that the packet does not have, being of another kind: the outermost need that fails is named', () => {
    const tables = toTables({});
    const entry = flow({ match: [{ type: 'tcpDst', value: 80 }] });
    const difference = (bytes: Uint8Array) =>
      explainPacket({ ...tables, tables: new Map([[0, [entry]]]) }, { bytes, inPort: 1 }).tables[0]!.nearly[0]!
        .difference;
    const wanted = { field: 'tcp_dst', value: 80 };
    expect(difference(UDP_FRAME)).toEqual({
      type: 'prerequisite',
      wanted,
      needs: { field: 'ip_proto', values: [6], found: 17 },
    });
    expect(difference(ARP_FRAME)).toEqual({
      type: 'prerequisite',
      wanted,
      needs: { field: 'eth_type', values: [0x0800, 0x86dd], found: 0x0806 },
    });
  });

  it('wants a tag of a packet that has none', () => {
    expect(nearly(['dl_vlan=5,actions=drop'])[0]!.difference).toEqual({
      type: 'value',
      wanted: { field: 'vlan_vid', value: 0x1005 },
      found: 0,
    });
  });

  it('wants a port of a packet that is a later fragment', () => {
    expect(nearly(['udp,tp_dst=2000,actions=drop'], LATER_FRAGMENT)[0]!.difference).toEqual({
      type: 'laterFragment',
      wanted: { field: 'udp_dst', value: 2000 },
    });
  });

  it('wants a field of a header that is cut off', () => {
    expect(nearly(['udp,tp_dst=2000,actions=drop'], UDP_FRAME.slice(0, 36))[0]!.difference).toEqual({
      type: 'absent',
      wanted: { field: 'udp_dst', value: 2000 },
    });
  });

  it('wants a field that OpenFlow 1.3 does not know: then nobody but the switch can tell', () => {
    const { tables, doubts, outcome } = explain({
      flows: ['priority=9,udp,oxm_80007801=0x01,actions=output:2', 'priority=1,actions=output:3'],
    });
    expect(tables[0]!.nearly[0]!.difference).toEqual({
      type: 'unknownField',
      wanted: { field: 'unknown', header: '0x80007801', value: '01' },
    });
    expect(doubts).toEqual([{ type: 'unknownField', tableId: 0, index: 0 }]);
    expect(outcome.outputs.map(({ port }) => port)).toEqual([3]);
  });

  it('raises no doubt when a field that is known rules it out', () => {
    expect(explain({ flows: ['priority=9,tcp,oxm_80007801=0x01,actions=output:2', 'actions=drop'] }).doubts).toEqual(
      [],
    );
  });

  it('comes first if it would have had the packet, then by how many of its fields agree, then by its priority', () => {
    const flows = [
      'priority=3,tcp,nw_dst=10.0.0.2,in_port=1,nw_src=10.0.0.1',
      'priority=7,arp',
      'priority=8,arp',
      'priority=6,udp,tp_dst=1',
      'priority=5,ip,in_port=1',
    ].map((text) => `${text},actions=drop`);
    const found = explain({ flows }, { rulesMax: 9 }).tables[0]!;
    expect(found.matched!.priority).toBe(5);
    expect(found.nearly.map(({ rule, isHigher }) => [rule.priority, isHigher])).toEqual([
      [6, true],
      [8, true],
      [7, true],
      [3, false],
    ]);
    expect(found.higherCount).toBe(3);
  });

  it('is one of three at most, if nobody asks for more', () => {
    const flows = Array.from({ length: 9 }, (_, index) => `udp,tp_dst=${index + 1},actions=drop`);
    expect(nearly(flows).map(({ rule }) => rule.index)).toEqual([0, 1, 2]);
  });
});

describe('an explanation of instructions and actions', () => {
  it('has them in the order of execution, whatever the order of writing', () => {
    const { tables } = explain({
      meters: ['meter=1,kbps,band=type=drop,rate=10'],
      flows: ['actions=meter:1,dec_ttl,clear_actions,write_actions(output:2),write_metadata:0x1,goto_table:1'],
    });
    expect(tables[0]!.steps.map(({ type, depth }) => [type, depth])).toEqual([
      ['meter', 0],
      ['applyActions', 0],
      ['edit', 1],
      ['clearActions', 0],
      ['writeActions', 0],
      ['writeMetadata', 0],
      ['gotoTable', 0],
    ]);
  });

  it('shows a changed header field before and after', () => {
    const edits = stepsOf(explain({ flows: ['udp,actions=set_field:10.9.9.9->ip_dst,dec_ttl,output:2'] }), 'edit');
    expect(edits).toMatchObject([
      { action: 'set_field:10.9.9.9->ip_dst', changes: [{ field: 'ipv4_dst', before: '10.0.0.2', after: '10.9.9.9' }] },
      { action: 'dec_ttl', changes: [{ field: 'nw_ttl', before: 64, after: 63 }] },
    ]);
  });

  it('shows headers pushed and popped, with the fields that come and go', () => {
    const edits = stepsOf(explain({ flows: ['actions=push_vlan:0x8100,pop_vlan,output:2'] }), 'edit');
    expect(edits).toMatchObject([
      {
        header: { change: 'pushed', kind: 'vlan' },
        changes: [
          { field: 'vlan_vid', before: 0, after: 0x1000 },
          { field: 'vlan_pcp', after: 0 },
        ],
        frameBytes: UDP_FRAME.length + 4,
      },
      { header: { change: 'popped', kind: 'vlan' }, frameBytes: UDP_FRAME.length },
    ]);
    expect(edits[0]!.changes[1]).not.toHaveProperty('before');
  });

  it('says why an action is without effect', () => {
    const steps = stepsOf(explain({ flows: ['actions=dec_mpls_ttl,output:2'] }), 'noEffect');
    expect(steps).toEqual([{ depth: 1, type: 'noEffect', action: 'dec_mpls_ttl', reason: 'noSuchHeader' }]);
  });

  it('doubts what it passes over because it does not know it', () => {
    const { doubts } = explain({ flows: ['actions=experimenter(0x2320,0011223344556677),output:2'] });
    expect(doubts).toEqual([{ type: 'notUnderstood', tableId: 0, text: 'experimenter(0x00002320,0011223344556677)' }]);
  });

  it('shows the action set as it grows, as it is carried out, and the output that a group leaves no room for', () => {
    const { tables, actionSet } = explain({
      groups: ['group_id=1,type=indirect,bucket=output:3'],
      flows: [
        'actions=write_actions(output:2,set_field:1->udp_dst),goto_table:1'.replace('actions', 'udp,actions'),
        'table=1,actions=write_actions(group:1,push_vlan:0x8100)',
      ],
    });
    expect(tables.map(({ steps }) => steps[0])).toMatchObject([
      { type: 'writeActions', set: ['set_field:1->udp_dst', 'output:2'] },
      { type: 'writeActions', set: ['push_vlan:0x8100', 'set_field:1->udp_dst', 'group:1'] },
    ]);
    expect(actionSet).toMatchObject({
      actions: ['push_vlan:0x8100', 'set_field:1->udp_dst', 'group:1'],
      withheld: ['output:2'],
    });
  });

  it('forgets the action set where the packet clears it', () => {
    const { actionSet, outcome } = explain({
      flows: ['actions=write_actions(output:2),goto_table:1', 'table=1,actions=clear_actions'],
    });
    expect(actionSet).toMatchObject({ actions: [], withheld: [] });
    expect(outcome.cause).toEqual({ reason: 'noOutput', tableId: 1, isInActionSet: true, choices: [] });
  });
});

describe('an explanation of a group', () => {
  const ALL = 'group_id=1,type=all,bucket=output:2,bucket=set_field:02:00:00:00:00:09->eth_dst,output:3';

  it('of type all follows every bucket, and what one does is not seen by the next', () => {
    const explanation = explain({ groups: [ALL], flows: ['actions=group:1,output:4'] });
    expect(stepsOf(explanation, 'group')).toMatchObject([
      { groupType: 'all', choice: 'every', buckets: [{ isFollowed: true }, { isFollowed: true }] },
    ]);
    expect(stepsOf(explanation, 'bucket').map(({ index }) => index)).toEqual([0, 1]);
    expect(explanation.outcome.outputs.map(({ port, changes }) => [port, changes.length])).toEqual([
      [2, 0],
      [3, 1],
      [4, 0],
    ]);
    expect(explanation.doubts).toEqual([]);
  });

  const SELECT = 'group_id=1,type=select,bucket=weight:1,output:2,bucket=weight:3,output:3,bucket=weight:0,output:4';

  it('of type select follows each bucket that the switch may take, and says so', () => {
    const explanation = explain({ groups: [SELECT], flows: ['actions=group:1'] });
    expect(stepsOf(explanation, 'group')).toMatchObject([
      {
        choice: 'oneOf',
        buckets: [
          { weight: 1, isLive: true, isFollowed: true },
          { weight: 3, isLive: true, isFollowed: true },
          { weight: 0, isLive: true, isFollowed: false },
        ],
      },
    ]);
    expect(explanation.outcome.outputs.map(({ port, choices }) => [port, choices])).toEqual([
      [2, [{ groupId: 1, bucket: 0 }]],
      [3, [{ groupId: 1, bucket: 1 }]],
    ]);
    expect(explanation.doubts).toEqual([{ type: 'select', groupId: 1 }]);
  });

  it('of type select is certain where the caller knows how the switch chooses', () => {
    const selectBucket = (_group: unknown, live: readonly { readonly index: number }[]) => live[1] as never;
    const explanation = explain({ groups: [SELECT], flows: ['actions=group:1'] }, { known: { selectBucket } });
    expect(stepsOf(explanation, 'group')).toMatchObject([{ choice: 'chosen' }]);
    expect(explanation.outcome.outputs).toMatchObject([{ port: 3, choices: [] }]);
    expect(explanation.doubts).toEqual([]);
  });

  it('of type select leaves buckets out that are not live, and is certain when one is left', () => {
    const groups = [
      'group_id=1,type=select,bucket=weight:1,watch_port:2,output:2,bucket=weight:1,watch_port:3,output:3',
    ];
    const explanation = explain({ groups, flows: ['actions=group:1'], ports: { 2: CABLE_OUT } });
    expect(stepsOf(explanation, 'group')).toMatchObject([
      { choice: 'only', buckets: [{ isLive: false }, { isLive: true }] },
    ]);
    expect(explanation.outcome.outputs).toMatchObject([{ port: 3, choices: [] }]);
    expect(explanation.doubts).toEqual([]);
  });

  it('within a select group depends on both choices', () => {
    const groups = [
      'group_id=1,type=select,bucket=weight:1,group:2,bucket=weight:1,output:2',
      'group_id=2,type=select,bucket=weight:1,output:3,bucket=weight:1,output:4',
    ];
    const { outcome } = explain({ groups, flows: ['actions=group:1'] });
    expect(outcome.outputs.map(({ port, choices }) => [port, choices.map(({ bucket }) => bucket)])).toEqual([
      [3, [0, 0]],
      [4, [0, 1]],
      [2, [1]],
    ]);
  });

  it('of type fast failover takes the first live bucket, and tells why those before it are not', () => {
    const groups = [
      'group_id=1,type=ff,bucket=watch_port:2,output:2,bucket=watch_port:9,output:2,bucket=watch_group:5,output:2,bucket=watch_port:3,output:3',
      'group_id=5,type=ff,bucket=watch_port:2,output:2',
    ];
    const explanation = explain({ groups, flows: ['actions=group:1'], ports: { 2: CABLE_OUT } });
    expect(stepsOf(explanation, 'group')).toMatchObject([
      {
        groupType: 'fastFailover',
        choice: 'firstLive',
        buckets: [
          { isLive: false, watches: [{ type: 'port', number: 2, isLive: false, reason: 'portDown' }] },
          { isLive: false, watches: [{ type: 'port', number: 9, isLive: false, reason: 'noSuchPort' }] },
          { isLive: false, watches: [{ type: 'group', number: 5, isLive: false, reason: 'noLiveBucket' }] },
          { isLive: true, isFollowed: true, watches: [{ type: 'port', number: 3, isLive: true }] },
        ],
      },
    ]);
    expect(explanation.outcome.outputs.map(({ port }) => port)).toEqual([3]);
  });

  it('that is not there, leads back to itself or has nothing live is the cause of the loss', () => {
    const groups = ['group_id=1,type=indirect,bucket=group:1', 'group_id=2,type=ff,bucket=watch_port:9,output:2'];
    const cause = (groupId: number) => explain({ groups, flows: [`actions=group:${groupId}`] }).outcome.cause;
    expect(cause(7)).toEqual({ reason: 'noSuchGroup', tableId: 0, groupId: 7, choices: [] });
    expect(cause(1)).toMatchObject({ reason: 'groupLoop', tableId: 0, groupId: 1 });
    expect(cause(2)).toEqual({ reason: 'noLiveBucket', tableId: 0, groupId: 2, choices: [] });
  });

  it('with more choices than can be followed is followed by the first candidates, and that is told', () => {
    const groups = Array.from({ length: 14 }, (_, index) => {
      const action = index === 0 ? 'output:2' : `group:${index}`;
      return `group_id=${index + 1},type=select,bucket=weight:1,${action},bucket=weight:1,${action}`;
    });
    const explanation = explain({ groups, flows: ['actions=group:14'] });
    expect(explanation.doubts).toContainEqual({ type: 'firstChoicesOnly' });
    expect(explanation.outcome.outputs).toHaveLength(1);
    expect(explanation.outcome.outputs[0]!.choices).toHaveLength(14);
    expect(stepsOf(explanation, 'group')[0]).toMatchObject({ choice: 'oneOf' });
  });
});

describe('an explanation of a meter', () => {
  const meters = [
    'meter=1,pktps,burst,band=type=drop,rate=100,burst_size=7,band=type=dscp_remark,rate=50,burst_size=3,prec_level=1',
  ];

  it('says that it may drop, since how full it is cannot be read back', () => {
    const explanation = explain({ meters, flows: ['actions=meter:1,output:2'] });
    expect(stepsOf(explanation, 'meter')).toEqual([
      {
        depth: 0,
        type: 'meter',
        meterId: 1,
        isConfigured: true,
        unit: 'pktps',
        bands: [
          { type: 'drop', rate: 100, burst: 7 },
          { type: 'dscpRemark', rate: 50, burst: 3, precLevel: 1 },
        ],
        verdict: 'pass',
        isKnown: false,
        changes: [],
      },
    ]);
    expect(explanation.outcome.type).toBe('forwarded');
    expect(explanation.doubts).toEqual([{ type: 'meter', tableId: 0, meterId: 1, effects: ['drop', 'dscpRemark'] }]);
  });

  it('names it as the cause where it is known to drop', () => {
    const { outcome, doubts } = explain(
      { meters, flows: ['actions=meter:1,output:2'] },
      { known: { meter: () => 'drop' } },
    );
    expect(outcome).toMatchObject({ type: 'dropped', cause: { reason: 'meter', tableId: 0, meterId: 1 } });
    expect(doubts).toEqual([]);
  });

  it('shows what it remarks', () => {
    const bytes = encodeFrame([ETHERNET_IP, { ...IPV4, dscp: 10, protocol: 17 }, UDP, payload(22)]);
    const known = { meter: () => ({ remark: 1 }) };
    const explanation = explain({ meters, flows: ['actions=meter:1,output:2'] }, { bytes, known });
    expect(stepsOf(explanation, 'meter')).toMatchObject([
      { verdict: 'remark', changes: [{ field: 'ip_dscp', before: 10, after: 12 }] },
    ]);
  });

  it('says that the switch tells nothing of it', () => {
    const explanation = explain({ flows: ['actions=meter:3,output:2'] });
    expect(stepsOf(explanation, 'meter')).toMatchObject([{ meterId: 3, isConfigured: false, bands: [] }]);
  });
});

describe('the outcome', () => {
  it('has each frame as it leaves, with its port, its queue and what became of its headers', () => {
    const { outcome } = explain({
      flows: ['actions=output:2,set_queue:7,set_field:02:00:00:00:00:09->eth_dst,output:3'],
    });
    expect(outcome).toMatchObject({
      type: 'forwarded',
      outputs: [
        { port: 2, frame: formatHex(UDP_FRAME), frameBytes: UDP_FRAME.length, changes: [] },
        {
          port: 3,
          queueId: 7,
          frame: `020000000009${formatHex(UDP_FRAME).slice(12)}`,
          changes: [{ field: 'eth_dst', before: '02:00:00:00:00:02', after: '02:00:00:00:00:09' }],
        },
      ],
    });
    expect(outcome).not.toHaveProperty('cause');
  });

  it('is a packet-in with its reason, table and cookie', () => {
    const { outcome } = explain({ flows: ['cookie=0x5,priority=0,actions=CONTROLLER:128'] });
    expect(outcome).toMatchObject({
      type: 'toController',
      packetIns: [{ reason: 'noMatch', tableId: 0, cookie: '5', maxLen: 128, frame: formatHex(UDP_FRAME) }],
    });
  });

  it.each([
    ['there is no table-miss rule', { flows: ['arp,actions=output:2'] }, { reason: 'tableMiss', tableId: 0 }],
    [
      'there is none in a later table',
      { flows: ['actions=goto_table:4', 'table=4,arp,actions=output:2'] },
      { reason: 'tableMiss', tableId: 4 },
    ],
    ['the action set is empty', { flows: ['actions=drop'] }, { reason: 'noOutput', tableId: 0, isInActionSet: true }],
    [
      'the port is down',
      { flows: ['actions=output:2'], ports: { 2: CABLE_OUT } },
      { reason: 'portDown', tableId: 0, port: 2 },
    ],
    [
      'the port does not forward',
      { flows: ['actions=output:2'], ports: { 2: { config: PORT_CONFIG.noFwd, state: PORT_STATE.live } } },
      { reason: 'noForward', tableId: 0, port: 2 },
    ],
    ['it came in there', { flows: ['actions=output:1'] }, { reason: 'ingressPort', tableId: 0, port: 1 }],
    [
      'no port is open for flooding',
      {
        flows: ['actions=FLOOD'],
        ports: Object.fromEntries([2, 3, 4].map((port) => [port, { config: 0, state: PORT_STATE.blocked }])),
      },
      { reason: 'ingressPort', tableId: 0, port: 1 },
    ],
    ['the port is not there', { flows: ['actions=output:77'] }, { reason: 'noSuchPort', tableId: 0, port: 77 }],
    ['its ingress port is down', { flows: ['actions=output:2'], ports: { 1: CABLE_OUT } }, { reason: 'portDown' }],
  ])('names the cause and the place: %s', (_name, scene, cause) => {
    const { outcome } = explain(scene);
    expect(outcome).toMatchObject({ type: 'dropped', outputs: [], packetIns: [] });
    expect(outcome.cause).toEqual({ ...cause, choices: [] });
  });

  it('tells that the time to live is up, and doubts whether a controller is shown it', () => {
    const { outcome, doubts } = explain({ flows: ['ip,actions=dec_ttl,output:2'] }, { bytes: LAST_HOP });
    expect(outcome).toMatchObject({ type: 'dropped', cause: { reason: 'invalidTtl', tableId: 0 } });
    expect(doubts).toEqual([{ type: 'invalidTtl' }]);
  });

  it.each([
    ['a miss', 'table=1,arp,actions=drop', UDP_FRAME],
    ['a time to live that is up', 'table=1,ip,actions=dec_ttl,output:3', LAST_HOP],
  ])('drops the actions that wait with the packet, and doubts that every switch does so: %s', (_name, rule, bytes) => {
    const scene = { flows: ['actions=write_actions(output:2),goto_table:1', rule], invalidTtlToController: false };
    const { outcome, actionSet, doubts } = explain(scene, { bytes });
    expect(outcome).toMatchObject({ type: 'dropped', outputs: [] });
    expect(actionSet).toBeUndefined();
    expect(doubts).toEqual([{ type: 'waitingActions', tableId: 1, actions: ['output:2'] }]);
  });

  it('has no such doubt where that is known', () => {
    const scene = { flows: ['ip,actions=dec_ttl,output:2'], invalidTtlToController: true };
    const { outcome, doubts } = explain(scene, { bytes: LAST_HOP });
    expect(outcome).toMatchObject({ type: 'toController', packetIns: [{ reason: 'invalidTtl' }] });
    expect(doubts).toEqual([]);
  });

  it('ends at the door of a switch that drops fragments', () => {
    const { arrival, tables, outcome } = explain(
      { flows: ['actions=output:2'], dropsFragments: true },
      { bytes: LATER_FRAGMENT },
    );
    expect(arrival.dropped).toBe('fragment');
    expect(tables).toEqual([]);
    expect(outcome).toMatchObject({ type: 'dropped', cause: { reason: 'fragment' } });
  });

  it('tells of copies that got lost while others arrived', () => {
    const { outcome } = explain({ flows: ['actions=output:9,output:2'] });
    expect(outcome).toMatchObject({ type: 'forwarded', losses: [{ reason: 'noSuchPort', port: 9, tableId: 0 }] });
  });

  it('doubts what NORMAL does, and a port that the switch does not list', () => {
    expect(explain({ flows: ['actions=NORMAL'] }).doubts).toEqual([{ type: 'normal' }]);
    expect(explain({ flows: ['actions=output:2'] }, { inPort: 88 }).doubts).toEqual([
      { type: 'unknownInPort', port: 88 },
    ]);
  });
});
