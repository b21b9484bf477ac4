/** OpenFlow 1.3.5, section 5.8: what a packet counts. */
import { describe, expect, test } from 'vitest';
import { type CounterRise, countRun } from '../../../protocol/pipeline/counters.ts';
import { runPacketOut } from '../../../protocol/pipeline/pipeline.ts';
import { FLOW_FLAG } from '../../../protocol/wire/openflow/flow.ts';
import { PORT, PORT_CONFIG } from '../../../protocol/wire/openflow/port.ts';
import {
  applying,
  bucket,
  flow,
  goTo,
  group,
  INDULGENT,
  LIVE,
  output,
  pipeline,
  type Scene,
  type Sent,
  send,
  toGroup,
  UDP_FRAME,
} from './scene.ts';

const BYTES = UDP_FRAME.length;
const once = { packets: 1, bytes: BYTES };

function count(scene: Scene, sent: Sent = {}): CounterRise {
  return countRun(send(scene, sent));
}

describe('a packet counts', () => {
  test('in every table where it is looked up, and where it matches', () => {
    const { tables } = count({ flows: [flow({ instructions: [goTo(3)] })] });
    expect(Object.fromEntries(tables)).toEqual({ 0: { lookups: 1, matches: 1 }, 3: { lookups: 1, matches: 0 } });
  });

  test('for every entry that it matches, with the bytes that it has there', () => {
    const first = flow({
      instructions: [{ type: 'applyActions', actions: [{ type: 'pushVlan', etherType: 0x8100 }] }, goTo(1)],
    });
    const second = flow({ tableId: 1 });
    const { flows } = count({ flows: [first, second] });
    expect([...flows]).toEqual([
      [first, once],
      [second, { packets: 1, bytes: BYTES + 4 }],
    ]);
  });

  test.each([
    ['no packets', FLOW_FLAG.noPktCounts, { packets: 0, bytes: BYTES }],
    ['no bytes', FLOW_FLAG.noBytCounts, { packets: 1, bytes: 0 }],
  ])('for an entry that wants %s counted, only the other', (_name, flags, expected) => {
    expect([...count({ flows: [flow({ flags })] }).flows.values()]).toEqual([expected]);
  });

  test('for each group and bucket that it goes through, as often as it does', () => {
    const groups = [
      group(1, 'all', [bucket([toGroup(2)]), bucket([{ type: 'pushVlan', etherType: 0x8100 }, toGroup(2)])]),
      group(2, 'fastFailover', [bucket([output(2)], { watchPort: 9 }), bucket([output(3)], { watchPort: 3 })]),
    ];
    const counted = count({ flows: [applying([toGroup(1)])], groups });
    const twice = { packets: 2, bytes: 2 * BYTES + 4 };
    expect(Object.fromEntries(counted.groups)).toEqual({ 1: once, 2: twice });
    expect(Object.fromEntries(counted.buckets.get(1)!)).toEqual({ 0: once, 1: once });
    expect(Object.fromEntries(counted.buckets.get(2)!)).toEqual({ 1: twice });
    expect(Object.fromEntries(counted.sent)).toEqual({ 3: twice });
  });

  test('in a meter even if the meter drops it', () => {
    const flows = [flow({ instructions: [{ type: 'meter', meterId: 5 }] })];
    const { meters } = count({ flows }, { environment: { ...INDULGENT, meter: () => 'drop' } });
    expect(Object.fromEntries(meters)).toEqual({ 5: once });
  });

  test('at its ingress port and at each port that it leaves by', () => {
    const { received, sent, receiveDrops } = count({
      flows: [applying([output(PORT.all), output(1), output(PORT.normal)])],
    });
    expect(Object.fromEntries(received)).toEqual({ 1: once });
    expect(Object.fromEntries(sent)).toEqual({ 2: once, 3: once, 4: once });
    expect(receiveDrops.size).toBe(0);
  });

  test('as dropped at a port that does not receive, and not at all at one that is down', () => {
    const deaf = count({ ports: { 1: { ...LIVE, config: PORT_CONFIG.noRecv } } });
    expect([deaf.received.get(1), deaf.receiveDrops.get(1), deaf.tables.size]).toEqual([once, 1, 0]);
    const down = count({ ports: { 1: { ...LIVE, config: PORT_CONFIG.portDown } } });
    expect([down.received.size, down.receiveDrops.size]).toEqual([0, 0]);
  });

  test('at no ingress port when the controller sends it, but in the tables', () => {
    const packet = { bytes: UDP_FRAME, inPort: 1 };
    const scene = pipeline({ flows: [applying([output(2)])] });
    const counted = countRun(runPacketOut(scene, [output(PORT.table)], packet, INDULGENT));
    expect(counted.received.size).toBe(0);
    expect(counted.tables.get(0)).toEqual({ lookups: 1, matches: 1 });
    expect(counted.sent.get(2)).toEqual(once);
  });
});
