/** The action set and groups in the order of OpenFlow 1.3.5, section 5.10, and what one list of actions does not see of another. */
import { describe, expect, it } from 'vitest';
import { NO_ACTIONS, toActionList, writeActions } from '../../protocol/pipeline/action-set.ts';
import type { Action } from '../../protocol/wire/openflow/action.ts';
import { GROUP, GROUP_TYPE } from '../../protocol/wire/openflow/group.ts';
import { BUFFER_NONE } from '../../protocol/wire/openflow/packet.ts';
import { PORT } from '../../protocol/wire/openflow/port.ts';
import { ActionSet, toSetProgram } from '../../vswitch/action-set.ts';
import { compileActions } from '../../vswitch/program.ts';
import { Chance, randomActions, SEED } from './random-case.ts';
import { flowMod, SwitchBench, TestController, udpFrame } from './test-controller.ts';

describe('an action set', () => {
  it(`is in the specified order, whatever was written and overwritten (SLUICE_SEED=${SEED})`, () => {
    console.info(`action sets: SLUICE_SEED=${SEED}`);
    const world = { ports: [1, 2], groups: [1] };
    const set = new ActionSet();
    for (let i = 0; i < 5000; i++) {
      const chance = new Chance(SEED + i);
      const writes = Array.from({ length: 3 }, () => [
        ...randomActions(chance, world),
        ...randomActions(chance, world),
      ]);
      // The same fields again, in another order.
      writes.push(writes[0]!.toReversed());
      set.clear();
      let meaning = NO_ACTIONS;
      for (const actions of writes) {
        const program = compileActions(actions);
        set.write(program, 0, program.length);
        meaning = writeActions(meaning, actions);
      }
      const end = set.order();
      expect(set.ordered.slice(0, end)).toEqual(compileActions(toActionList(meaning)));
    }
  });

  it('has as a bucket what it has as a set', () => {
    const actions: Action[] = [
      { type: 'output', port: 1, maxLen: 0 },
      { type: 'decNwTtl' },
      { type: 'output', port: 2, maxLen: 0 },
      { type: 'popVlan' },
    ];
    const expected = compileActions([
      { type: 'popVlan' },
      { type: 'decNwTtl' },
      { type: 'output', port: 2, maxLen: 0 },
    ]);
    expect(toSetProgram(compileActions(actions))).toEqual(expected);
  });
});

describe('a list of actions', () => {
  const toController: Action = { type: 'output', port: PORT.controller, maxLen: 0xffff };

  it('does not see what the buckets of a group did', () => {
    const bench = new SwitchBench();
    const controller = new TestController(bench);
    const bucket = (actions: readonly Action[]) => ({ weight: 0, watchPort: PORT.any, watchGroup: GROUP.any, actions });
    const tunnel: Action = { type: 'setField', field: { type: 'tunnelId', value: 0x5_0000_0006n } };
    const source: Action = { type: 'setField', field: { type: 'ethSrc', value: 9 } };
    const buckets = [bucket([tunnel, source, toController]), bucket([toController])];
    controller.send({ type: 'groupMod', xid: 1, command: 0, groupType: GROUP_TYPE.all, groupId: 1, buckets });
    const actions: Action[] = [{ type: 'group', groupId: 1 }, toController];
    controller.send(flowMod({ instructions: [{ type: 'applyActions', actions }] }));
    bench.receive(1, udpFrame());
    const seen = controller.take('packetIn').map(({ match, data }) => [match.length, data[11]]);
    expect(seen).toEqual([
      [2, 9],
      [1, 1],
      [1, 1],
    ]);
  });

  it('does not see what the tables did to a packet that it sent there', () => {
    const bench = new SwitchBench();
    const controller = new TestController(bench);
    controller.send(
      flowMod({
        instructions: [
          { type: 'writeMetadata', metadata: 0x7_0000_0008n, mask: 0xf_0000_000fn },
          { type: 'gotoTable', tableId: 1 },
        ],
      }),
    );
    const source: Action = { type: 'setField', field: { type: 'ethSrc', value: 9 } };
    const instruction = { type: 'applyActions', actions: [source, toController] } as const;
    const match = [{ type: 'metadata', value: 0x7_0000_0008n }] as const;
    controller.send(flowMod({ tableId: 1, match, instructions: [instruction] }));
    const actions: Action[] = [{ type: 'output', port: PORT.table, maxLen: 0 }, toController];
    controller.send({ type: 'packetOut', xid: 1, bufferId: BUFFER_NONE, inPort: 1, actions, data: udpFrame() });
    const seen = controller
      .take('packetIn')
      .map(({ tableId, match: fields, data }) => [tableId, fields.length, data[11]]);
    expect(seen).toEqual([
      [1, 2, 9],
      [0, 1, 1],
    ]);
  });
});
