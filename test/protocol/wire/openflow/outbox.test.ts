/** The outbox: whole messages in order, in one piece, within its bound. */
import { describe, expect, test } from 'vitest';
import { type Message, toBytes } from '../../../../protocol/wire/openflow/message.ts';
import { Outbox } from '../../../../protocol/wire/openflow/outbox.ts';

const BOUND = 1 << 17;

function echo(xid: number, bytes: number): Message {
  return { type: 'echoRequest', xid, data: new Uint8Array(bytes).fill(xid) };
}

describe('an outbox', () => {
  test('gives what was put in, in order and in one piece, once', () => {
    const outbox = new Outbox(BOUND);
    const messages = [echo(1, 0), echo(2, 3000), echo(3, 17)];
    for (const message of messages) expect(outbox.append(message)).toBe(true);
    expect(outbox.take()).toEqual(Uint8Array.from(messages.flatMap((message) => [...toBytes(message)])));
    expect(outbox.take()).toBeUndefined();
  });

  test('gives bytes that later messages do not change', () => {
    const outbox = new Outbox(BOUND);
    outbox.append(echo(1, 10));
    const taken = outbox.take();
    outbox.append(echo(2, 10));
    expect(taken).toEqual(toBytes(echo(1, 10)));
  });

  test('refuses whole the message that would not fit, and keeps what it has', () => {
    const outbox = new Outbox(BOUND);
    let accepted = 0;
    while (outbox.append(echo(accepted & 0xff, 992))) accepted++;
    expect(accepted).toBe(Math.floor(BOUND / 1000));
    expect(outbox.waitingBytes).toBe(accepted * 1000);
    expect(outbox.take()).toHaveLength(accepted * 1000);
  });

  test('has room for the longest message as long as it calls itself writable', () => {
    const outbox = new Outbox(BOUND);
    while (outbox.writable) expect(outbox.append(echo(1, 0xffff - 8))).toBe(true);
    expect(outbox.append(echo(1, 0xffff - 8))).toBe(false);
    outbox.take();
    expect(outbox.writable).toBe(true);
  });
});
