/** Switches that listen, on real sockets: who may come, how much may be asked for, and what becomes of those that do not read. */
import { spawnSync } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createConnection, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Framer } from '../../protocol/wire/openflow/framer.ts';
import { decodeMessage, fromBytes, type Message, toBytes } from '../../protocol/wire/openflow/message.ts';
import { Clock } from '../../sim/clock.ts';
import { ControlListener, type ControlListenerOptions } from '../../sim/control-listener.ts';
import { type ByteStream, ControlStream } from '../../sim/control-stream.ts';
import { PacedClock } from '../../sim/paced-clock.ts';
import { SwitchActor } from '../../sim/switch-actor.ts';
import { findPeer, runPeer } from '../interop/peer.ts';
import { ALL_FLOWS, flowMod } from '../vswitch/test-controller.ts';

const LOOPBACK = { host: '127.0.0.1', port: 0 };
const HELLO = toBytes({ type: 'hello', xid: 1, version: 4, elements: [{ type: 'versionBitmap', bitmaps: [1 << 4] }] });

const RULES = 50_000;
const SOON = { timeout: 20_000, interval: 50 };

const openssl = findPeer('openssl');
const ofctl = findPeer('ovs-ofctl');

let pace: PacedClock;
let actor: SwitchActor;
const listeners: ControlListener[] = [];
const clients: Socket[] = [];
const enter = (work: () => void) => pace.enter(work);

beforeEach(() => {
  const clock = new Clock();
  actor = new SwitchActor(clock, {
    name: 's1',
    dpid: 1n,
    ports: [{ portNo: 1, name: 'p1', hwAddr: 0x0200_0000_0001 }],
  });
  pace = new PacedClock(clock);
});

afterEach(async () => {
  for (const client of clients.splice(0)) client.destroy();
  for (const listener of listeners.splice(0)) await listener.close();
  pace.stop();
});

async function listen(options: ControlListenerOptions = {}): Promise<ControlListener> {
  const listener = await ControlListener.listen(actor, LOOPBACK, enter, options);
  listeners.push(listener);
  return listener;
}

/** A client that has said hello, and its first answer. */
async function dial({ address }: ControlListener): Promise<Socket> {
  const client = createConnection(Number(/\d+$/.exec(address)![0]), '127.0.0.1');
  client.on('error', () => undefined);
  clients.push(client);
  client.write(HELLO);
  await once(client, 'data');
  return client;
}

/** Whether the switch talks to somebody new. */
async function mayCome({ address }: ControlListener): Promise<boolean> {
  const client = createConnection(Number(/\d+$/.exec(address)![0]), '127.0.0.1');
  client.on('error', () => undefined);
  client.write(HELLO);
  const [greeting] = await Promise.race([once(client, 'data'), once(client, 'close').then(() => [])]);
  client.destroy();
  return greeting !== undefined;
}

function dump(xid: number): Uint8Array {
  return toBytes({ type: 'multipartRequest', xid, flags: 0, body: { type: 'flow', ...ALL_FLOWS } });
}

function barrier(xid: number): Uint8Array {
  return toBytes({ type: 'barrierRequest', xid });
}

/** Until the transaction's last word. */
async function readUntil(client: Socket, xid: number): Promise<Message[]> {
  const messages: Message[] = [];
  const framer = new Framer();
  for await (const bytes of client.iterator({ destroyOnReturn: false })) {
    framer.receive(bytes as Buffer, (view, at, end) => messages.push(structuredClone(decodeMessage(view, at, end))));
    if (messages.some((message) => message.type === 'barrierReply' && message.xid === xid)) break;
  }
  return messages;
}

async function fill(client: Socket, count: number): Promise<void> {
  for (let i = 0; i < count; i += 1000) {
    client.write(Buffer.concat(Array.from({ length: 1000 }, (_, k) => toBytes(flowMod({ priority: i + k + 1 })))));
  }
  client.write(barrier(99));
  await readUntil(client, 99);
}

describe('a switch that listens', () => {
  it('says where', async () => {
    expect((await listen()).address).toMatch(/^ptcp:127\.0\.0\.1:\d+$/);
  });

  it('does not share its address', async () => {
    const { address } = await listen();
    const port = Number(/\d+$/.exec(address)![0]);
    await expect(ControlListener.listen(actor, { ...LOOPBACK, port }, enter)).rejects.toMatchObject({
      code: 'EADDRINUSE',
    });
  });

  it('gives a client that reads slowly all of a long answer', async () => {
    const client = await dial(await listen());
    await fill(client, RULES);
    client.pause();
    client.write(Buffer.concat([dump(5), barrier(6)]));
    const messages = await readUntil(client, 6);
    const rules = messages.flatMap((it) =>
      it.type === 'multipartReply' && it.body.type === 'flow' ? it.body.entries : [],
    );
    expect(rules).toHaveLength(RULES);
    expect(messages.at(-1)!.type).toBe('barrierReply');
  });

  it('gives up on one that asks and does not read', async () => {
    const listener = await listen({ stallMs: 100, connectionsMax: 1 });
    const client = await dial(listener);
    await fill(client, RULES);
    client.pause();
    for (let xid = 0; xid < 5; xid++) client.write(dump(xid));
    await expect.poll(() => mayCome(listener), SOON).toBe(true);
    let bytes = 0;
    client.on('data', (chunk) => {
      bytes += chunk.length;
    });
    client.resume();
    await once(client, 'close');
    expect(bytes).toBeLessThan(5 * RULES * 64);
  });

  it('takes as many as it may, and another when one has gone', async () => {
    const listener = await listen({ connectionsMax: 2 });
    const first = await dial(listener);
    await dial(listener);
    expect(await mayCome(listener)).toBe(false);
    first.destroy();
    await expect.poll(() => mayCome(listener), SOON).toBe(true);
  });

  it('hangs up on what is not OpenFlow', async () => {
    const client = await dial(await listen());
    // A message of four bytes, which is less than its header.
    client.write(Uint8Array.of(4, 0, 0, 4, 0, 0, 0, 9));
    const [answer] = (await once(client, 'data')) as [Buffer];
    expect(fromBytes(answer)).toMatchObject({ type: 'error', xid: 9, errorType: 1, code: 6 });
    client.resume();
    await once(client, 'close');
  });
});

describe.skipIf(openssl.isSkipped || ofctl.isSkipped)('a switch that listens with TLS', () => {
  let folder: string;
  const file = (name: string) => join(folder, name);
  const read = (name: string) => readFileSync(file(name), 'utf8');

  function certify(name: string, authority: string): void {
    const subject = ['-subj', `/CN=${name}`, '-days', '1', '-nodes', '-newkey', 'rsa:2048'];
    const names = ['-keyout', file(`${name}.key`), '-out', file(`${name}.pem`)];
    const signer = authority === name ? [] : ['-CA', file(`${authority}.pem`), '-CAkey', file(`${authority}.key`)];
    const { status, stderr } = spawnSync(openssl.program!, ['req', '-x509', ...subject, ...names, ...signer]);
    if (status !== 0) throw new Error(stderr.toString());
  }

  async function probe(listener: ControlListener, name: string): Promise<number | null> {
    const files = ['-p', file(`${name}.key`), '-c', file(`${name}.pem`), '-C', file('authority.pem')];
    const target = listener.address.replace('pssl:', 'ssl:');
    return (await runPeer(ofctl, ['-O', 'OpenFlow13', ...files, 'probe', target])).code;
  }

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'sluice-pssl-'));
    certify('authority', 'authority');
    certify('stranger', 'stranger');
    for (const name of ['switch', 'administrator']) certify(name, 'authority');
  });

  afterAll(() => rmSync(folder, { recursive: true }));

  it('answers whom its authority vouches for, and nobody else', async () => {
    const listener = await listen({
      tls: { key: read('switch.key'), cert: read('switch.pem'), ca: read('authority.pem') },
    });
    expect(listener.address).toMatch(/^pssl:127\.0\.0\.1:\d+$/);
    expect(await probe(listener, 'administrator')).toBe(0);
    expect(await probe(listener, 'stranger')).not.toBe(0);
  });
});

/** A socket whose writes are seen one by one, and which is full when it is told to be. */
class ScriptedStream extends EventEmitter implements ByteStream {
  readonly writes: Uint8Array[] = [];
  readonly destroyed = false;
  readonly writableLength = 0;
  isNarrow = false;
  writableNeedDrain = false;
  isPaused = false;

  write(bytes: Uint8Array): boolean {
    this.writes.push(bytes);
    this.writableNeedDrain = this.isNarrow;
    return !this.isNarrow;
  }
  pause(): void {
    this.isPaused = true;
  }
  resume(): void {
    this.isPaused = false;
  }
  cork(): void {}
  uncork(): void {}
  end(): void {}
  destroy(): void {}
  setTimeout(): void {}
}

describe('a control channel on a stream', () => {
  it('writes once for each chunk of requests', () => {
    const stream = new ScriptedStream();
    new ControlStream(stream, { open: (transport) => actor.openChannel(transport) }, enter, 1000);
    stream.emit('data', HELLO);
    expect(stream.writes).toHaveLength(1);
    stream.emit('data', Buffer.concat(Array.from({ length: 500 }, (_, xid) => barrier(xid))));
    expect(stream.writes.map(({ length }) => length)).toEqual([HELLO.length, 500 * 8]);
  });

  it('says no more, and hears no more, while the stream is full', () => {
    const stream = new ScriptedStream();
    new ControlStream(stream, { open: (transport) => actor.openChannel(transport) }, enter, 1000);
    stream.emit('data', HELLO);
    stream.isNarrow = true;
    stream.emit('data', barrier(1));
    expect(stream.isPaused).toBe(true);
    // It was on its way already.
    stream.emit('data', barrier(2));
    expect(stream.writes.slice(1).map(fromBytes)).toEqual([{ type: 'barrierReply', xid: 1 }]);
    stream.isNarrow = false;
    stream.writableNeedDrain = false;
    stream.emit('drain');
    expect(stream.writes.slice(2).map(fromBytes)).toEqual([{ type: 'barrierReply', xid: 2 }]);
    expect(stream.isPaused).toBe(false);
  });
});
