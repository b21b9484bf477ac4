/** Long answers reach a controller that reads at its own pace, in order, and cost no more than a piece of them; passive connections. */
import { describe, expect, it } from 'vitest';
import { FLOW_COMMAND } from '../../protocol/wire/openflow/flow.ts';
import { Framer } from '../../protocol/wire/openflow/framer.ts';
import { decodeMessage, type Message, toBytes } from '../../protocol/wire/openflow/message.ts';
import { PORT } from '../../protocol/wire/openflow/port.ts';
import { TABLE } from '../../protocol/wire/openflow/table.ts';
import { Random } from '../../sim/random.ts';
import type { ConnectOptions } from '../../vswitch/connection.ts';
import { ALL_FLOWS, flowMod, output, SECOND, SwitchBench, TestController, udpFrame } from './test-controller.ts';

const RULES = 20_000;

/** A piece and the message that goes beyond it. */
const PIECE_MAX = (1 << 17) + 65_536;

/** A controller that takes a piece when it likes. */
class SlowReader {
  readonly bench: SwitchBench;
  readonly connection: ReturnType<SwitchBench['device']['connect']>;
  readonly pieces: number[] = [];
  readonly inbox: Message[] = [];
  readonly #framer = new Framer();

  constructor(bench: SwitchBench, options?: ConnectOptions) {
    this.bench = bench;
    this.connection = bench.device.connect(bench.now, options);
    this.say({
      type: 'hello',
      xid: 1,
      version: 4,
      elements: [{ type: 'versionBitmap', bitmaps: [1 << 4] }],
    } as Message);
    this.take();
    this.inbox.length = 0;
  }

  say(...messages: readonly Message[]): void {
    this.connection.receive(Buffer.concat(messages.map(toBytes)), this.bench.now);
  }

  take(): boolean {
    const bytes = this.connection.takeOutgoing();
    if (bytes === undefined) return false;
    this.pieces.push(bytes.length);
    this.#framer.receive(bytes, (view, at, end) => this.inbox.push(decodeMessage(view, at, end)));
    return true;
  }

  takeAll(): string[] {
    while (this.take());
    return this.inbox.map(({ type }) => type);
  }

  /** By transaction. */
  rules(xid: number): number[] {
    return this.inbox.flatMap((message) =>
      message.type === 'multipartReply' && message.xid === xid && message.body.type === 'flow'
        ? message.body.entries.map(({ priority }) => priority)
        : [],
    );
  }
}

function dump(xid: number): Message {
  return { type: 'multipartRequest', xid, flags: 0, body: { type: 'flow', ...ALL_FLOWS } };
}

function barrier(xid: number): Message {
  return { type: 'barrierRequest', xid };
}

/** Long, short and refused. */
function ask(kind: number, xid: number): Message {
  if (kind === 0) return dump(xid);
  if (kind === 1) return { type: 'featuresRequest', xid };
  if (kind === 2)
    return { type: 'multipartRequest', xid, flags: 0, body: { type: 'flow', ...ALL_FLOWS, tableId: 200 } };
  if (kind === 3) return { type: 'multipartRequest', xid, flags: 0, body: { type: 'tableFeatures', entries: [] } };
  return barrier(xid);
}

function deleteAll(): Message {
  return flowMod({ command: FLOW_COMMAND.delete, tableId: TABLE.all });
}

function fill(bench: SwitchBench, count = RULES): void {
  const controller = new TestController(bench);
  for (let i = 0; i < count; i++) {
    controller.session.send(
      flowMod({ priority: i + 1, match: [{ type: 'inPort', value: 1 }], instructions: [output(2)] }),
    );
    if (i % 1000 === 999) controller.pump();
  }
  controller.close();
}

describe('a long answer', () => {
  it('comes whole, in pieces, and what was asked behind it is answered behind it', () => {
    const bench = new SwitchBench();
    fill(bench);
    const reader = new SlowReader(bench);
    reader.say(dump(7), barrier(8), { type: 'featuresRequest', xid: 9 });
    const types = reader.takeAll();
    expect(reader.rules(7).sort((a, b) => a - b)).toEqual(Array.from({ length: RULES }, (_, i) => i + 1));
    expect(types.slice(-2)).toEqual(['barrierReply', 'featuresReply']);
    const replies = reader.inbox.filter((message) => message.type === 'multipartReply');
    expect(replies.map(({ flags }) => flags)).toEqual([...new Array(replies.length - 1).fill(1), 0]);
    expect(reader.pieces.length).toBeGreaterThan(10);
    expect(Math.max(...reader.pieces)).toBeLessThanOrEqual(PIECE_MAX);
  });

  it('does not show what is changed behind it, and that shows in the next', () => {
    const bench = new SwitchBench();
    fill(bench);
    const reader = new SlowReader(bench);
    reader.say(dump(1), deleteAll(), dump(2));
    expect(reader.take()).toBe(true);
    reader.say(dump(3), barrier(4));
    reader.takeAll();
    expect([reader.rules(1).length, reader.rules(2).length, reader.rules(3).length]).toEqual([RULES, 0, 0]);
    expect(reader.inbox.at(-1)).toEqual({ type: 'barrierReply', xid: 4 });
  });

  it('is given in the order of the questions, whoever asks and takes when', () => {
    const bench = new SwitchBench();
    fill(bench, 3000);
    const random = new Random('long answers');
    const reader = new SlowReader(bench);
    let asked = 0;
    for (let step = 0; step < 400; step++) {
      // Now and then more short ones than have room for their answers.
      const isBurst = random.nextBelow(40) === 0;
      const count = isBurst ? 5000 : random.nextBelow(4);
      const questions = Array.from({ length: count }, () => ask(isBurst ? 1 : random.nextBelow(5), ++asked));
      if (questions.length > 0) reader.say(...questions);
      for (let taken = random.nextBelow(3); taken > 0; taken--) reader.take();
    }
    reader.takeAll();
    const answered = reader.inbox.map(({ xid }) => xid).filter((xid, i, all) => xid !== all[i - 1]);
    expect(answered).toEqual(Array.from({ length: asked }, (_, i) => i + 1));
  });

  it('does not hold up what nobody asked for, nor an echo', () => {
    const bench = new SwitchBench();
    fill(bench);
    new TestController(bench).send(flowMod({ tableId: 0, priority: 0, instructions: [output(PORT.controller)] }));
    const reader = new SlowReader(bench);
    reader.say(dump(1));
    reader.take();
    bench.receive(3, udpFrame());
    reader.say({ type: 'echoRequest', xid: 5, data: new Uint8Array(0) });
    reader.take();
    const types = reader.inbox.map(({ type }) => type);
    expect(types).toContain('packetIn');
    expect(types).toContain('echoReply');
    reader.takeAll();
    expect(reader.rules(1)).toHaveLength(RULES + 1);
  });

  it('is refused as before when the question makes no sense, wherever it waited', () => {
    const bench = new SwitchBench();
    fill(bench);
    const reader = new SlowReader(bench);
    reader.say(dump(1), {
      type: 'multipartRequest',
      xid: 2,
      flags: 0,
      body: { type: 'flow', ...ALL_FLOWS, tableId: 200 },
    });
    reader.takeAll();
    expect(reader.inbox.at(-1)).toMatchObject({ type: 'error', xid: 2, errorType: 1, code: 9 });
  });

  it('keeps requests in several messages behind it apart, even if they have one transaction id', () => {
    const bench = new SwitchBench({ tableCount: 3 });
    fill(bench);
    const tables = new TestController(bench).multipart({ type: 'tableFeatures', entries: [] })[0]!.entries;
    const reader = new SlowReader(bench);
    const rename = (name: string): Message[] =>
      [tables.slice(0, 1), tables.slice(1)].map((part, index) => {
        const entries = part.map((table) => ({ ...table, name }));
        return { type: 'multipartRequest', xid: 7, flags: 1 - index, body: { type: 'tableFeatures', entries } };
      });
    reader.say(dump(1), ...rename('first'), ...rename('second'));
    reader.takeAll();
    const names = reader.inbox.flatMap((message) =>
      message.type === 'multipartReply' && message.body.type === 'tableFeatures'
        ? [message.body.entries.map(({ name }) => name)]
        : [],
    );
    expect(names).toEqual(['first', 'second'].map((name) => [name, name, name]));
    expect(reader.inbox.filter(({ type }) => type === 'error')).toEqual([]);
  });

  it('ends with its connection', () => {
    const bench = new SwitchBench();
    fill(bench);
    const reader = new SlowReader(bench);
    reader.say(dump(1), barrier(2));
    reader.take();
    reader.connection.close(bench.now);
    reader.takeAll();
    expect(reader.inbox.every(({ type }) => type === 'multipartReply')).toBe(true);
    expect(reader.rules(1).length).toBeLessThan(RULES);
  });

  it('costs whoever asks without end and reads nothing its connection', () => {
    const bench = new SwitchBench();
    fill(bench);
    const reader = new SlowReader(bench);
    const requests = Array.from({ length: 10_000 }, (_, i) => dump(i));
    for (let round = 0; round < 12 && !reader.connection.isClosed; round++) reader.say(...requests);
    expect(reader.connection.isClosed).toBe(true);
    reader.takeAll();
    expect(reader.pieces.reduce((sum, bytes) => sum + bytes, 0)).toBeLessThan(2 * PIECE_MAX);
  });
});

describe('a passive connection', () => {
  it('may be silent as long as it likes', () => {
    const bench = new SwitchBench();
    const administrator = new SlowReader(bench, { isPassive: true });
    const controller = new SlowReader(bench);
    bench.pass(3600 * SECOND);
    expect([administrator.connection.isClosed, controller.connection.isClosed]).toEqual([false, true]);
    expect(administrator.takeAll()).toEqual([]);
    administrator.say(barrier(1));
    expect(administrator.takeAll()).toEqual(['barrierReply']);
  });

  it('must say hello in time all the same', () => {
    const bench = new SwitchBench();
    const connection = bench.device.connect(bench.now, { isPassive: true });
    bench.pass(60 * SECOND);
    expect(connection.isClosed).toBe(true);
  });

  it('is not what keeps a switch from standing alone', () => {
    const bench = new SwitchBench({ failMode: 'standalone' });
    const administrator = new SlowReader(bench, { isPassive: true });
    bench.receive(1, udpFrame());
    expect(bench.takePorts()).toEqual([2, 3, 4]);
    administrator.connection.close(bench.now);
    const controller = new TestController(bench);
    bench.receive(1, udpFrame());
    expect(bench.takePorts()).toEqual([]);
    controller.close();
  });

  it('hears what controllers hear', () => {
    const bench = new SwitchBench();
    const administrator = new SlowReader(bench, { isPassive: true });
    bench.device.setLinkUp(2, false, bench.now);
    expect(administrator.takeAll()).toEqual(['portStatus']);
  });
});
