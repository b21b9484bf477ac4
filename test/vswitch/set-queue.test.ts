/**
 * set_queue and what controllers read about queues (OpenFlow 1.3.5, sections 5.12, 7.2.2, 7.3.5.8 and 7.3.6), held against `protocol/pipeline`.
 */
import { describe, expect, it } from 'vitest';
import type { Environment } from '../../protocol/pipeline/flow-entry.ts';
import { runPacketOut } from '../../protocol/pipeline/pipeline.ts';
import type { Action } from '../../protocol/wire/openflow/action.ts';
import { type Bucket, GROUP, GROUP_COMMAND, GROUP_TYPE } from '../../protocol/wire/openflow/group.ts';
import type { Instruction } from '../../protocol/wire/openflow/instruction.ts';
import { BUFFER_NONE } from '../../protocol/wire/openflow/packet.ts';
import { PORT } from '../../protocol/wire/openflow/port.ts';
import { QUEUE_ALL } from '../../protocol/wire/openflow/queue.ts';
import { CAPABILITY } from '../../protocol/wire/openflow/switch.ts';
import { OUT, portsWith, toQueue } from './queue-bench.ts';
import { Chance, SEED } from './random-case.ts';
import { flowMod, SECOND, start, type TestController, udpFrame } from './test-controller.ts';

const MILLISECOND = 1_000_000;

/** What each queue of each port has sent. */
function countsOf(controller: TestController): string[] {
  return controller
    .multipart({ type: 'queue', portNo: PORT.any, queueId: QUEUE_ALL })
    .flatMap(({ entries }) => entries.map(({ portNo, queueId, txPackets }) => `${portNo}/${queueId}: ${txPackets}`));
}

describe('set_queue', () => {
  it('is refused where no port has the queue, and taken where another port has it', () => {
    const { bench, controller } = start({ ports: portsWith([{ queueId: 7, maxRate: 1 }]) });
    const rule = (queueId: number, port: number) =>
      flowMod({ instructions: [{ type: 'applyActions', actions: toQueue(queueId, port) }] });
    expect(controller.ask(rule(8, OUT))).toBe('BAD_ACTION/BAD_QUEUE');
    expect(controller.flows()).toEqual([]);
    expect(controller.ask(rule(7, 3))).toBeUndefined();
    bench.receive(1, udpFrame());
    expect(bench.takePorts()).toEqual([3]);
  });

  it('works in action sets and packet-outs, and in a bucket for that bucket alone', () => {
    const { bench, controller } = start({ ports: portsWith([{ queueId: 7 }, { queueId: 8 }]) });
    controller.send(flowMod({ instructions: [{ type: 'writeActions', actions: toQueue(7) }] }));
    bench.receive(1, udpFrame());
    bench.pass(MILLISECOND);
    expect(countsOf(controller)).toEqual(['2/7: 1', '2/8: 0']);
    const bucket = { weight: 0, watchPort: PORT.any, watchGroup: GROUP.any, actions: toQueue(8) };
    controller.send({
      type: 'groupMod',
      xid: 1,
      command: GROUP_COMMAND.add,
      groupType: GROUP_TYPE.indirect,
      groupId: 1,
      buckets: [bucket],
    });
    const actions: Action[] = [
      { type: 'setQueue', queueId: 7 },
      { type: 'group', groupId: 1 },
      { type: 'output', port: OUT, maxLen: 0 },
    ];
    controller.send({
      type: 'packetOut',
      xid: 2,
      bufferId: BUFFER_NONE,
      inPort: PORT.controller,
      actions,
      data: udpFrame(),
    });
    bench.pass(MILLISECOND);
    expect(countsOf(controller)).toEqual(['2/7: 2', '2/8: 1']);
  });
});

describe('the queue of an output', () => {
  const CASES = 200;
  const QUEUES = [1, 2, 3];
  const NO_METERS: Environment = { meter: () => 'pass', selectBucket: () => undefined };

  function randomActions(chance: Chance, groups: readonly number[]): Action[] {
    return Array.from({ length: chance.below(8) }, (): Action => {
      const kind = chance.below(3);
      if (kind === 0) return { type: 'setQueue', queueId: chance.pick(QUEUES) };
      if (kind === 1 && groups.length > 0) return { type: 'group', groupId: chance.pick(groups) };
      return { type: 'output', port: chance.pick([1, 2, 3, 4, PORT.all, PORT.table]), maxLen: 0 };
    });
  }

  /** Buckets, and what a table writes, are action sets: neither may send to a table. */
  function withoutTable(actions: readonly Action[]): Action[] {
    return actions.filter((action) => action.type !== 'output' || action.port !== PORT.table);
  }

  it(`is the one that protocol/pipeline says, through lists, sets, buckets and tables (SLUICE_SEED=${SEED})`, () => {
    let outputs = 0;
    for (let i = 0; i < CASES; i++) {
      const chance = new Chance(SEED + i);
      const queues = QUEUES.map((queueId) => ({ queueId }));
      const ports = portsWith(queues).map((port) => (port.portNo === 1 ? port : { ...port, queues }));
      const { bench, controller } = start({ ports });
      const groups = new Map<number, { groupId: number; groupType: number; buckets: Bucket[] }>();
      for (const groupId of [1, 2]) {
        const buckets = [0, 1].map(() => ({
          weight: 0,
          watchPort: PORT.any,
          watchGroup: GROUP.any,
          actions: withoutTable(randomActions(chance, [...groups.keys()])),
        }));
        groups.set(groupId, { groupId, groupType: GROUP_TYPE.all, buckets });
        const { add } = GROUP_COMMAND;
        controller.send({ type: 'groupMod', xid: 1, command: add, groupType: GROUP_TYPE.all, groupId, buckets });
      }
      const random = () => withoutTable(randomActions(chance, [1, 2]));
      const instructions: Instruction[] = [
        { type: 'applyActions', actions: random() },
        { type: 'writeActions', actions: random() },
      ];
      controller.send(flowMod({ instructions }));
      const actions = randomActions(chance, [1, 2]);
      controller.send({ type: 'packetOut', xid: 2, bufferId: BUFFER_NONE, inPort: 1, actions, data: udpFrame() });
      expect(controller.take('error')).toEqual([]);
      bench.pass(SECOND);
      const meaning = {
        tables: new Map([[0, [{ tableId: 0, priority: 100, match: [], instructions, cookie: 0n, flags: 0 }]]]),
        groups,
        ports: new Map(ports.map(({ portNo }) => [portNo, { config: 0, state: 0 }])),
        missSendLen: 128,
      };
      const run = runPacketOut(meaning, actions, { bytes: udpFrame(), inPort: 1 }, NO_METERS);
      const expected = [2, 3, 4].flatMap((port) =>
        QUEUES.map((queueId) => {
          const sent = run.outputs.filter((each) => each.port === port && each.queueId === queueId);
          outputs += sent.length;
          return `${port}/${queueId}: ${sent.length}`;
        }),
      );
      expect(countsOf(controller), `case ${i}, SLUICE_SEED=${SEED}`).toEqual(expected);
    }
    expect(outputs).toBeGreaterThan(CASES);
  });
});

describe('a controller', () => {
  const queues = [
    { queueId: 9, minRate: 200, maxRate: 900 },
    { queueId: 2 },
    { queueId: 3, minRate: 1001, maxRate: 0xffff },
  ];

  it('reads which queues there are', () => {
    const { controller } = start({ ports: portsWith(queues) });
    expect(controller.takeOne('featuresReply').capabilities & CAPABILITY.queueStats).not.toBe(0);
    controller.send({ type: 'queueGetConfigRequest', xid: 8, port: PORT.any });
    const reply = controller.takeOne('queueGetConfigReply');
    expect(reply).toMatchObject({ xid: 8, port: PORT.any });
    expect(reply.queues).toEqual([
      { queueId: 2, port: OUT, properties: [] },
      { queueId: 3, port: OUT, properties: [] },
      {
        queueId: 9,
        port: OUT,
        properties: [
          { type: 'minRate', rate: 200 },
          { type: 'maxRate', rate: 900 },
        ],
      },
    ]);
    controller.send({ type: 'queueGetConfigRequest', xid: 9, port: 1 });
    expect(controller.takeOne('queueGetConfigReply')).toMatchObject({ port: 1, queues: [] });
    expect(controller.ask({ type: 'queueGetConfigRequest', xid: 1, port: 9 })).toBe('QUEUE_OP_FAILED/BAD_PORT');
  });

  it('reads counters of one queue, of a port, or of all', () => {
    const { controller } = start({ ports: portsWith(queues) });
    const ask = (portNo: number, queueId: number) =>
      controller
        .multipart({ type: 'queue', portNo, queueId })
        .flatMap(({ entries }) => entries.map((each) => each.queueId));
    expect(ask(PORT.any, QUEUE_ALL)).toEqual([2, 3, 9]);
    expect(ask(OUT, 9)).toEqual([9]);
    expect(ask(PORT.any, 2)).toEqual([2]);
    expect(ask(1, QUEUE_ALL)).toEqual([]);
    const refusal = (portNo: number, queueId: number) =>
      controller.ask({ type: 'multipartRequest', xid: 1, flags: 0, body: { type: 'queue', portNo, queueId } });
    expect(refusal(1, 9)).toBe('QUEUE_OP_FAILED/BAD_QUEUE');
    expect(refusal(PORT.any, 4)).toBe('QUEUE_OP_FAILED/BAD_QUEUE');
    expect(refusal(9, QUEUE_ALL)).toBe('QUEUE_OP_FAILED/BAD_PORT');
  });
});
