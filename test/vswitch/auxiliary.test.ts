/** OpenFlow 1.3.5, section 6.3, Auxiliary Connections: several connections, one controller. */
import { describe, expect, it } from 'vitest';
import { FLOW_FLAG } from '../../protocol/wire/openflow/flow.ts';
import { BUFFER_NONE } from '../../protocol/wire/openflow/packet.ts';
import { PORT } from '../../protocol/wire/openflow/port.ts';
import { ROLE } from '../../protocol/wire/openflow/role.ts';
import { flowMod, output, SECOND, type SwitchBench, start, TestController, udpFrame } from './test-controller.ts';

const MISS = flowMod({ priority: 0, instructions: [output(PORT.controller)] });

function startWith(count: number): {
  readonly bench: SwitchBench;
  readonly main: TestController;
  readonly auxiliaries: readonly TestController[];
} {
  const { bench, controller } = start();
  const auxiliaries = Array.from(
    { length: count },
    (_, index) => new TestController(bench, { main: controller, auxiliaryId: index + 1 }),
  );
  return { bench, main: controller, auxiliaries };
}

function roleRequest(role: number, generationId: bigint) {
  return { type: 'roleRequest', xid: 4, role, generationId } as const;
}

/** How many packets came on each, which are taken. */
function takePackets(connections: readonly TestController[]): number[] {
  return connections.map((connection) => connection.take('packetIn').length);
}

describe('auxiliary connections', () => {
  it('name the same switch and their own auxiliary ids', () => {
    const { main, auxiliaries } = startWith(3);
    const features = [main, ...auxiliaries].map((connection) => connection.takeOne('featuresReply'));
    expect(features.map(({ auxiliaryId }) => auxiliaryId)).toEqual([0, 1, 2, 3]);
    expect(new Set(features.map(({ datapathId }) => datapathId))).toEqual(new Set([0x11n]));
  });

  it('get the answers to what was asked on them, and the refusals', () => {
    const { main, auxiliaries } = startWith(1);
    const auxiliary = auxiliaries[0]!;
    expect(auxiliary.ask(flowMod({ instructions: [output(2)] }))).toBeUndefined();
    expect(auxiliary.ask(flowMod({ tableId: 200 }))).toBe('FLOW_MOD_FAILED/BAD_TABLE_ID');
    auxiliary.send({ type: 'barrierRequest', xid: 71 });
    auxiliary.send({ type: 'echoRequest', xid: 72, data: Uint8Array.of(9) });
    expect(auxiliary.takeOne('barrierReply').xid).toBe(71);
    expect(auxiliary.takeOne('echoReply')).toMatchObject({ xid: 72, data: Uint8Array.of(9) });
    expect(auxiliary.flows()).toHaveLength(1);
    expect(main.inbox.map(({ type }) => type)).toEqual(['featuresReply']);
  });

  it('carry packet-outs', () => {
    const { bench, auxiliaries } = startWith(2);
    const actions = [{ type: 'output', port: 3, maxLen: 0 } as const];
    const message = { xid: 5, bufferId: BUFFER_NONE, inPort: PORT.controller, actions, data: udpFrame() };
    expect(auxiliaries[1]!.ask({ type: 'packetOut', ...message })).toBeUndefined();
    expect(bench.takeSent()).toEqual(['3:60']);
  });

  it('carry all packet-ins, those of one flow on one of them, and the main one carries them without any', () => {
    const { bench, main, auxiliaries } = startWith(3);
    main.send(MISS);
    for (let flow = 0; flow < 60; flow++) {
      for (let again = 0; again < 3; again++) bench.receive(1, udpFrame({ dstPort: 1000 + flow }));
      const counts = takePackets(auxiliaries);
      expect(counts.filter((count) => count === 3)).toHaveLength(1);
      expect(counts.filter((count) => count === 0)).toHaveLength(2);
    }
    for (let flow = 0; flow < 60; flow++) bench.receive(1, udpFrame({ dstPort: 1000 + flow }));
    // None is idle when sixty flows are spread over three.
    for (const count of takePackets(auxiliaries)) expect(count).toBeGreaterThan(5);
    expect(takePackets([main])).toEqual([0]);
    for (const auxiliary of auxiliaries) auxiliary.close();
    bench.receive(1, udpFrame());
    expect(takePackets([main])).toEqual([1]);
  });

  it('carry nothing else that nobody asked for', () => {
    const { bench, main, auxiliaries } = startWith(1);
    main.send(flowMod({ hardTimeout: 1, flags: FLOW_FLAG.sendFlowRem }));
    bench.device.setLinkUp(2, false, bench.now);
    bench.now += 2 * SECOND;
    bench.device.poll(bench.now);
    expect(main.take('portStatus')).toHaveLength(1);
    expect(main.take('flowRemoved')).toHaveLength(1);
    expect(auxiliaries[0]!.inbox.map(({ type }) => type)).toEqual(['featuresReply']);
  });

  it('have the role of their controller, whichever of its connections asked for it', () => {
    const { bench, main, auxiliaries } = startWith(1);
    const auxiliary = auxiliaries[0]!;
    main.send(roleRequest(ROLE.slave, 1n));
    expect(auxiliary.ask(MISS)).toBe('BAD_REQUEST/IS_SLAVE');
    auxiliary.send(roleRequest(ROLE.master, 2n));
    expect(auxiliary.takeOne('roleReply')).toMatchObject({ role: ROLE.master });
    expect(main.ask(MISS)).toBeUndefined();
    const other = new TestController(bench);
    other.send(roleRequest(ROLE.master, 3n));
    expect(auxiliary.ask(MISS)).toBe('BAD_REQUEST/IS_SLAVE');
    bench.receive(1, udpFrame());
    expect(takePackets([main, auxiliary, other])).toEqual([0, 0, 1]);
  });

  it('share what their controller wants to hear', () => {
    const { bench, main, auxiliaries } = startWith(1);
    const auxiliary = auxiliaries[0]!;
    main.send(MISS);
    auxiliary.send({
      type: 'setAsync',
      xid: 1,
      packetInMask: [0, 0],
      portStatusMask: [7, 7],
      flowRemovedMask: [15, 0],
    });
    bench.receive(1, udpFrame());
    expect(takePackets([main, auxiliary])).toEqual([0, 0]);
    main.send({ type: 'getAsyncRequest', xid: 2 });
    expect(main.takeOne('getAsyncReply').packetInMask).toEqual([0, 0]);
  });

  it('end with the main connection at once, however that ends, and only those', () => {
    for (const end of ['transport', 'silence'] as const) {
      const { bench, main, auxiliaries } = startWith(2);
      const other = new TestController(bench);
      const beside = new TestController(bench, { main: other, auxiliaryId: 1 });
      if (end === 'transport') main.close();
      else {
        // Everybody but the main connection answers the echo.
        bench.now += 6 * SECOND;
        bench.device.poll(bench.now);
        for (const connection of [...auxiliaries, other, beside]) connection.pump();
        bench.now += 6 * SECOND;
        bench.device.poll(bench.now);
      }
      expect([main, ...auxiliaries, other, beside].map(({ isHungUp }) => isHungUp)).toEqual([
        true,
        true,
        true,
        false,
        false,
      ]);
    }
  });

  it('end alone, and their ids are free again', () => {
    const { bench, main, auxiliaries } = startWith(2);
    auxiliaries[0]!.close();
    expect([main.isHungUp, auxiliaries[1]!.isHungUp]).toEqual([false, false]);
    const again = new TestController(bench, { main, auxiliaryId: 1 });
    expect(again.takeOne('featuresReply').auxiliaryId).toBe(1);
  });

  it('are opened beside an open main connection, with an id that is free, or not at all', () => {
    const { bench, main } = startWith(1);
    const open = (auxiliaryId: number) => () => new TestController(bench, { main, auxiliaryId });
    expect(open(0)).toThrow('an auxiliary id is a byte that is not zero');
    expect(open(1)).toThrow('no two connections to a controller have the same auxiliary id');
    main.close();
    expect(open(2)).toThrow('an auxiliary connection has an open main connection beside it');
  });
});
