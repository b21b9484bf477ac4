/** OpenFlow 1.3.5, sections 5.10 and 5.11: actions that wait, and actions that do not. */
import { describe, expect, test } from 'vitest';
import { NO_ACTIONS, toActionList, writeActions } from '../../../protocol/pipeline/action-set.ts';
import type { Action } from '../../../protocol/wire/openflow/action.ts';
import { bucket, flow, goTo, group, output, portsOf, send, set, stepsOf, toGroup, writing } from './scene.ts';

describe('the action set', () => {
  test('is carried out in the order of the specification, in whatever order it was written', () => {
    const inOrder: Action[] = [
      { type: 'copyTtlIn' },
      { type: 'popVlan' },
      { type: 'popMpls', etherType: 0x0800 },
      { type: 'popPbb' },
      { type: 'pushMpls', etherType: 0x8847 },
      { type: 'pushPbb', etherType: 0x88e7 },
      { type: 'pushVlan', etherType: 0x8100 },
      { type: 'copyTtlOut' },
      { type: 'decMplsTtl' },
      { type: 'decNwTtl' },
      set('ethDst', 1),
      { type: 'setMplsTtl', ttl: 9 },
      { type: 'setNwTtl', ttl: 9 },
      { type: 'setQueue', queueId: 1 },
      output(1),
    ];
    expect(toActionList(writeActions(NO_ACTIONS, inOrder.toReversed()))).toEqual(inOrder);
  });

  test('has one action of each type, and one set_field of each field: the last one written', () => {
    const first = writeActions(NO_ACTIONS, [output(1), set('ethDst', 1), set('ethSrc', 1)]);
    const second = writeActions(first, [set('ethDst', 2), output(2)]);
    expect(toActionList(second)).toEqual([set('ethSrc', 1), set('ethDst', 2), output(2)]);
  });

  test('forgets an output when there is a group', () => {
    const run = send({
      flows: [writing([toGroup(1), output(2)])],
      groups: [group(1, 'indirect', [bucket([output(3)])])],
    });
    expect(portsOf(run)).toEqual([3]);
  });

  test('gathers over tables, and is carried out after the last', () => {
    const run = send({
      flows: [
        flow({ instructions: [{ type: 'writeActions', actions: [output(2), set('udpDst', 5)] }, goTo(1)] }),
        flow({ tableId: 1, instructions: [{ type: 'writeActions', actions: [output(3)] }] }),
      ],
    });
    expect(portsOf(run)).toEqual([3]);
    expect(run.outputs[0]!.bytes[37]).toBe(5);
    expect(run.steps.at(-1)!.type).toBe('actionSet');
  });

  test('without output and group drops the packet', () => {
    expect(send({ flows: [writing([set('udpDst', 5)])] }).verdict).toEqual({ type: 'dropped', reason: 'noOutput' });
  });

  test('that is empty is no loss after an output on the way', () => {
    const run = send({ flows: [flow({ instructions: [{ type: 'applyActions', actions: [output(2)] }] })] });
    expect(stepsOf(run, 'drop')).toEqual([]);
    expect(run.verdict).toEqual({ type: 'forwarded' });
  });
});

describe('a list of actions', () => {
  test('outputs the packet as it is at each output', () => {
    const actions = [output(2), set('udpDst', 5), output(3), set('udpDst', 6), output(4)];
    const run = send({ flows: [flow({ instructions: [{ type: 'applyActions', actions }] })] });
    expect(run.outputs.map(({ port, bytes }) => [port, (bytes[36]! << 8) | bytes[37]!])).toEqual([
      [2, 2000],
      [3, 5],
      [4, 6],
    ]);
  });

  test('says of each action which fields it changed', () => {
    const actions = [set('udpDst', 5), set('udpDst', 5), { type: 'decNwTtl' } as const, set('tcpDst', 5)];
    const run = send({ flows: [flow({ instructions: [{ type: 'applyActions', actions }] })] });
    expect(stepsOf(run, 'edit').map(({ changes }) => changes)).toEqual([
      [{ field: 'udpDst', before: 2000, after: 5 }],
      [],
      [{ field: 'nwTtl', before: 64, after: 63 }],
    ]);
    expect(stepsOf(run, 'noEffect')).toEqual([{ type: 'noEffect', action: actions[3], reason: 'noSuchHeader' }]);
  });
});
