/** OpenFlow 1.3.5, section 5.6: groups, their buckets, and which of them are live. */
import { describe, expect, test } from 'vitest';
import type { Environment } from '../../../protocol/pipeline/flow-entry.ts';
import { GROUP } from '../../../protocol/wire/openflow/group.ts';
import { PORT } from '../../../protocol/wire/openflow/port.ts';
import { encodeFrame } from '../../../protocol/wire/packet/frame.ts';
import {
  applying,
  bucket,
  CABLE_OUT,
  ETHERNET_IP,
  group,
  INDULGENT,
  IPV4,
  LIVE,
  output,
  payload,
  portsOf,
  type Scene,
  send,
  set,
  stepsOf,
  toGroup,
} from './scene.ts';

const throughGroup = (groups: NonNullable<Scene['groups']>, ports: NonNullable<Scene['ports']> = {}) =>
  send({ flows: [applying([toGroup(1)], { cookie: 7n })], groups, ports });

const udpDst = (bytes: Uint8Array) => (bytes[36]! << 8) | bytes[37]!;

describe('a group of type all', () => {
  test('gives every bucket its own copy: none sees what another changes', () => {
    const run = throughGroup([
      group(1, 'all', [
        bucket([set('udpDst', 1), output(2)]),
        bucket([output(3)]),
        bucket([set('udpDst', 2), output(4)]),
      ]),
    ]);
    expect(run.outputs.map(({ port, bytes }) => [port, udpDst(bytes)])).toEqual([
      [2, 1],
      [3, 2000],
      [4, 2],
    ]);
  });

  test('leaves the packet that goes on as it was', () => {
    const run = send({
      flows: [applying([toGroup(1), output(3)])],
      groups: [group(1, 'all', [bucket([{ type: 'setQueue', queueId: 4 }, set('udpDst', 1), output(2)])])],
    });
    expect(run.outputs.map(({ port, queueId, bytes }) => [port, queueId, udpDst(bytes)])).toEqual([
      [2, 4, 1],
      [3, undefined, 2000],
    ]);
  });

  test('sends back where the packet came in only by OFPP_IN_PORT', () => {
    const run = throughGroup([
      group(1, 'all', [bucket([output(1)]), bucket([output(2)]), bucket([output(PORT.inPort)])]),
    ]);
    expect(portsOf(run)).toEqual([2, 1]);
  });

  test('loses only the copy whose time to live is up', () => {
    const bytes = encodeFrame([ETHERNET_IP, { ...IPV4, ttl: 1, protocol: 253 }, payload(26)]);
    const groups = [group(1, 'all', [bucket([{ type: 'decNwTtl' }, output(2)]), bucket([output(3)])])];
    expect(portsOf(send({ flows: [applying([toGroup(1), output(4)])], groups }, { bytes }))).toEqual([3, 4]);
  });

  test('without buckets drops the packet', () => {
    expect(throughGroup([group(1, 'all', [])]).verdict).toEqual({ type: 'dropped', reason: 'noLiveBucket' });
  });
});

describe('a bucket', () => {
  test('carries out its actions as an action set', () => {
    const run = throughGroup([group(1, 'indirect', [bucket([output(3), set('udpDst', 1), output(2)])])]);
    expect(run.outputs.map(({ port, bytes }) => [port, udpDst(bytes)])).toEqual([[2, 1]]);
  });

  test('without an output drops its copy', () => {
    expect(throughGroup([group(1, 'all', [bucket([set('udpDst', 1)])])]).verdict).toEqual({
      type: 'dropped',
      reason: 'noOutput',
    });
  });

  test('that shows a packet to the controller has no cookie', () => {
    const [packetIn] = throughGroup([group(1, 'all', [bucket([output(PORT.controller)])])]).packetIns;
    expect(packetIn).toMatchObject({ reason: 'action', tableId: 0, cookie: 0xffff_ffff_ffff_ffffn });
  });
});

describe('a group of type select', () => {
  const choose = (index: number): Environment => ({
    ...INDULGENT,
    selectBucket: (_group, live) => live.find((candidate) => candidate.index === index),
  });
  const groups = [
    group(1, 'select', [
      bucket([output(2)], { watchPort: 2 }),
      bucket([output(3)]),
      bucket([output(4)], { watchPort: 4 }),
    ]),
  ];
  const flows = [applying([toGroup(1)])];

  test.each([0, 1, 2])('sends by the bucket that is chosen, here the one at %i', (index) => {
    expect(portsOf(send({ flows, groups }, { environment: choose(index) }))).toEqual([index + 2]);
  });

  test('offers for choice what is live, and what watches nothing', () => {
    const offered: number[] = [];
    const environment: Environment = {
      ...INDULGENT,
      selectBucket: (_group, live, fields) => {
        offered.push(...live.map(({ index }) => index), fields.get('udpDst') as number);
        return live[0];
      },
    };
    expect(portsOf(send({ flows, groups, ports: { 2: CABLE_OUT } }, { environment }))).toEqual([3]);
    expect(offered).toEqual([1, 2, 2000]);
  });
});

describe('a fast-failover group', () => {
  const buckets = [bucket([output(2)], { watchPort: 2 }), bucket([output(3)], { watchPort: 3 })];

  test('sends by its first live bucket', () => {
    expect(portsOf(throughGroup([group(1, 'fastFailover', buckets)]))).toEqual([2]);
    expect(portsOf(throughGroup([group(1, 'fastFailover', buckets)], { 2: CABLE_OUT }))).toEqual([3]);
  });

  test('drops when none is live', () => {
    const run = throughGroup([group(1, 'fastFailover', buckets)], { 2: CABLE_OUT, 3: CABLE_OUT });
    expect(run.verdict).toEqual({ type: 'dropped', reason: 'noLiveBucket' });
  });

  test('takes a port for live only if the port says so', () => {
    expect(portsOf(throughGroup([group(1, 'fastFailover', buckets)], { 2: { config: 0, state: 0 } }))).toEqual([3]);
  });

  test('has no live bucket that watches nothing', () => {
    const idle = bucket([output(4)]);
    expect(portsOf(throughGroup([group(1, 'fastFailover', [idle, ...buckets])]))).toEqual([2]);
  });

  test('follows the liveness of the group that a bucket watches', () => {
    const watching = [bucket([output(4)], { watchGroup: 2 }), ...buckets];
    const groups = [group(1, 'fastFailover', watching), group(2, 'fastFailover', [bucket([], { watchPort: 4 })])];
    expect(portsOf(throughGroup(groups))).toEqual([4]);
    expect(portsOf(throughGroup(groups, { 4: CABLE_OUT }))).toEqual([2]);
  });

  test('is content with either the port or the group that a bucket watches', () => {
    const watching = [bucket([output(4)], { watchPort: 4, watchGroup: 2 })];
    const groups = [group(1, 'fastFailover', watching), group(2, 'fastFailover', [bucket([], { watchPort: 2 })])];
    expect(portsOf(throughGroup(groups, { 2: CABLE_OUT }))).toEqual([4]);
    expect(throughGroup(groups, { 2: CABLE_OUT, 4: CABLE_OUT }).outputs).toEqual([]);
  });

  test('is not live by watching itself in a circle', () => {
    const groups = [
      group(1, 'fastFailover', [bucket([output(4)], { watchGroup: 2 })]),
      group(2, 'fastFailover', [bucket([], { watchGroup: 1 }), bucket([], { watchGroup: GROUP.any, watchPort: 3 })]),
    ];
    expect(portsOf(throughGroup(groups))).toEqual([4]);
    expect(throughGroup(groups, { 3: CABLE_OUT }).outputs).toEqual([]);
  });
});

describe('chained groups', () => {
  test('hand on what the outer bucket has changed', () => {
    const run = throughGroup([
      group(1, 'all', [bucket([set('udpDst', 1), toGroup(2)]), bucket([toGroup(2)])]),
      group(2, 'indirect', [bucket([set('udpSrc', 5), output(2)])]),
    ]);
    expect(run.outputs.map(({ bytes }) => udpDst(bytes))).toEqual([1, 2000]);
  });

  test('that lead back to themselves are entered once', () => {
    const run = throughGroup([
      group(1, 'all', [bucket([output(2)]), bucket([toGroup(2)])]),
      group(2, 'all', [bucket([output(3)]), bucket([toGroup(1)])]),
    ]);
    expect(portsOf(run)).toEqual([2, 3]);
    expect(stepsOf(run, 'drop')).toEqual([{ type: 'drop', reason: 'groupLoop', groupId: 1 }]);
  });

  test('that double the packet at each link come to an end', () => {
    const links = Array.from({ length: 63 }, (_, i) =>
      group(i + 1, 'all', [bucket([toGroup(i + 2)]), bucket([toGroup(i + 2)])]),
    );
    const run = throughGroup([...links, group(64, 'all', [bucket([output(2)])])]);
    expect(stepsOf(run, 'drop').map(({ reason }) => reason)).toContain('tooManyGroups');
  });

  test('end at a depth that no network needs', () => {
    const chain = Array.from({ length: 5000 }, (_, i) => group(i + 1, 'indirect', [bucket([toGroup(i + 2)])]));
    expect(throughGroup(chain).verdict).toEqual({ type: 'dropped', reason: 'tooManyGroups' });
  });

  test('drop the packet at a group that does not exist', () => {
    expect(throughGroup([]).verdict).toEqual({ type: 'dropped', reason: 'noSuchGroup' });
    expect(throughGroup([group(1, 'indirect', [bucket([toGroup(9)])])], { 2: LIVE }).verdict).toEqual({
      type: 'dropped',
      reason: 'noSuchGroup',
    });
  });
});
