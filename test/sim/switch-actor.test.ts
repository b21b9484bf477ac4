/** A switch in the world, over transports that fill up: who reads slowly is not taken for gone. */
import { expect, it } from 'vitest';
import { Framer } from '../../protocol/wire/openflow/framer.ts';
import { decodeMessage, type Message, toBytes } from '../../protocol/wire/openflow/message.ts';
import { Clock } from '../../sim/clock.ts';
import { SwitchActor } from '../../sim/switch-actor.ts';
import { ALL_FLOWS, flowMod, SECOND } from '../vswitch/test-controller.ts';

it('keeps a controller that reads a long answer slowly, though it is not heard meanwhile', () => {
  const clock = new Clock();
  const actor = new SwitchActor(clock, { name: 's1', dpid: 1n, ports: [] });
  const framer = new Framer();
  let rules = 0;
  let closeReason: string | undefined;
  const transport = {
    isFull: false,
    write(bytes: Uint8Array): void {
      this.isFull = true;
      framer.receive(bytes, (view, at, end) => {
        const message = decodeMessage(view, at, end);
        if (message.type === 'multipartReply' && message.body.type === 'flow') rules += message.body.entries.length;
      });
    },
    close(reason: string): void {
      closeReason = reason;
    },
  };
  const input = actor.openChannel(transport);
  const say = (...messages: readonly Message[]) => input.received(Buffer.concat(messages.map(toBytes)));
  const read = () => {
    transport.isFull = false;
    input.drained();
  };
  say({ type: 'hello', xid: 1, version: 4, elements: [{ type: 'versionBitmap', bitmaps: [1 << 4] }] } as Message);
  read();
  for (let i = 0; i < 20_000; i++) say(flowMod({ match: [{ type: 'metadata', value: BigInt(i) }] }));
  say({ type: 'multipartRequest', xid: 2, flags: 0, body: { type: 'flow', ...ALL_FLOWS } });
  for (let seconds = 0; seconds < 60 && rules < 20_000; seconds += 3) {
    clock.runUntil(clock.now + 3 * SECOND);
    read();
  }
  expect(rules).toBe(20_000);
  expect(clock.now).toBeGreaterThan(10 * SECOND);
  expect(closeReason).toBeUndefined();
  // It has all of it, and says nothing.
  clock.runUntil(clock.now + 60 * SECOND);
  read();
  expect(closeReason).toBe('the controller has fallen silent');
});
