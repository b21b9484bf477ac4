/** What one peer can make of a switch's time: work that multiplies has an end, and the switch goes on. */
import { describe, expect, it } from 'vitest';
import type { Action } from '../../protocol/wire/openflow/action.ts';
import { BUFFER_NONE } from '../../protocol/wire/openflow/packet.ts';
import { PORT } from '../../protocol/wire/openflow/port.ts';
import { flowMod, start, udpFrame } from './test-controller.ts';

const times = (count: number, action: Action): Action[] => Array.from({ length: count }, () => action);
const to = (port: number): Action => ({ type: 'output', port, maxLen: 0 });

describe('a packet', () => {
  it('that leads through the tables again and again, with more outputs in each, is cut off', () => {
    const { bench, controller } = start({ tableCount: 20 });
    const flood = { type: 'applyActions', actions: times(2000, to(PORT.flood)) } as const;
    for (let tableId = 0; tableId < 19; tableId++) {
      controller.send(flowMod({ tableId, instructions: [flood, { type: 'gotoTable', tableId: tableId + 1 }] }));
    }
    const actions = times(2000, to(PORT.table));
    controller.send({ type: 'packetOut', xid: 1, bufferId: BUFFER_NONE, inPort: 1, actions, data: udpFrame() });
    expect(bench.sent.splice(0).length).toBeLessThan(66_000);
    bench.receive(1, udpFrame());
    expect(bench.sent.splice(0).length).toBeGreaterThan(10_000);
    expect(controller.ask(flowMod({ command: 3, tableId: 0xff }))).toBeUndefined();
    expect(controller.flows()).toEqual([]);
  });

  it('is looked up no more than some thousand times, however often it goes through the tables', () => {
    const { controller } = start({ tableCount: 255 });
    for (let tableId = 0; tableId < 254; tableId++) {
      controller.send(flowMod({ tableId, instructions: [{ type: 'gotoTable', tableId: tableId + 1 }] }));
    }
    const actions = times(2000, to(PORT.table));
    controller.send({ type: 'packetOut', xid: 1, bufferId: BUFFER_NONE, inPort: 1, actions, data: udpFrame() });
    const tables = controller.multipart({ type: 'table' }).flatMap(({ entries }) => entries);
    expect(tables[254]!.lookupCount).toBeGreaterThan(0n);
    expect(tables.reduce((sum, { lookupCount }) => sum + lookupCount, 0n)).toBeLessThan(5000n);
  });
});
