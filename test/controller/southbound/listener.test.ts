import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { openFront } from '../../../controller/front.ts';
import { toFlowMod } from '../../../controller/rule.ts';
import type { Verdict } from '../../../controller/southbound/channel.ts';
import { SwitchListener, type SwitchOutlet } from '../../../controller/southbound/listener.ts';
import { Switchboard } from '../../../controller/southbound/switchboard.ts';
import { WallDriver } from '../../../controller/wall-driver.ts';
import { MESSAGES } from '../../../protocol/wire/openflow/message.ts';
import { Session } from '../../../protocol/wire/openflow/session.ts';
import { until } from '../network-bench.ts';
import { ScriptedSwitch } from '../scripted-switch.ts';

/** More than 16 MiB of them. */
const MODS = Array.from({ length: 300_000 }, (_, i) =>
  toFlowMod(
    {
      ...{ tableId: 0, priority: i & 0xffff, match: [], instructions: [], cookie: BigInt(i) },
      ...{ idleTimeout: 0, hardTimeout: 0, flags: 0 },
    },
    'add',
  ),
);

const FEATURES = { datapathId: 1n, nBuffers: 0, nTables: 1, auxiliaryId: 0, capabilities: 0, reserved: 0 };

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

function dial(address: string): Socket {
  const [, host, port] = /^tcp:(.*):(\d+)$/.exec(address)!;
  const socket = connect(Number(port), host);
  ends.push(() => socket.destroy());
  return socket;
}

/** The scripted switch on a socket. */
function plugIn(device: ScriptedSwitch, address: string): Socket {
  const socket = dial(address);
  device.dial(0);
  const flush = () => {
    const bytes = device.takeOutgoing();
    if (bytes) socket.write(bytes);
  };
  socket.on('connect', flush);
  socket.on('data', (bytes) => {
    device.receive(bytes, 0);
    flush();
  });
  return socket;
}

async function listen(driver: WallDriver): Promise<SwitchListener> {
  const listener = await SwitchListener.listen(driver, { host: '127.0.0.1', port: 0 });
  ends.push(() => listener.close());
  ends.push(() => driver.close());
  return listener;
}

describe('a controller on real sockets', () => {
  it('serves a switch that dials in, over HTTP as well, and notices when it goes', async () => {
    const driver = new WallDriver();
    const { address } = await listen(driver);
    const front = await openFront(driver, { port: 0, webRoot: '/nowhere' });
    ends.push(() => front.close());
    const device = new ScriptedSwitch({ dpid: 0x11n });
    const socket = plugIn(device, address);
    await until(() => driver.act((controller) => controller.isConverged && controller.switches().length === 1));

    const response = await fetch(`${front.url}/api/v1/switches/${device.hexDpid}/tables/1/flows`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ match: 'ip', actions: 'drop' }),
    });
    expect(response.status).toBe(201);
    expect([...device.rules.values()].some(({ tableId }) => tableId === 1)).toBe(true);

    const foreign = await fetch(`${front.url}/api/v1/pings`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', origin: 'http://localhost:1' },
      body: '{}',
    });
    expect(foreign.status).toBe(403);

    socket.destroy();
    await until(() => driver.act((controller) => controller.switches().length === 0));
  });

  it('hangs up on garbage after saying why, and serves the others as before', async () => {
    const driver = new WallDriver();
    const { address } = await listen(driver);
    const device = new ScriptedSwitch({ dpid: 0x11n });
    plugIn(device, address);
    const noise = dial(address);
    const chunks: Buffer[] = [];
    noise.on('data', (chunk) => chunks.push(chunk));
    noise.write(Uint8Array.of(4, 0, 0, 4, 0, 0, 0, 1));
    await once(noise, 'end');
    const said = Buffer.concat(chunks);
    const helloBytes = said.readUInt16BE(2);
    expect(said[helloBytes + 1]).toBe(MESSAGES.error.id);
    await until(() => driver.act((controller) => controller.isConverged && controller.switches().length === 1));
  });

  it('closes a switch that does not read, before its memory is gone', async () => {
    const outlets: SwitchOutlet[] = [];
    const closed: string[] = [];
    const listener = await SwitchListener.listen(
      {
        open: (_, outlet) => outlets.push(outlet),
        receive: () => undefined,
        drained: () => undefined,
        turnedAway: () => undefined,
        closed: (_, detail) => closed.push(detail),
      },
      { host: '127.0.0.1', port: 0, unsentBytesMax: 1 << 20 },
    );
    ends.push(() => listener.close());
    const socket = dial(listener.address);
    socket.pause();
    socket.on('error', () => undefined);
    await until(() => outlets.length === 1);
    const block = new Uint8Array(1 << 20);
    for (let sent = 0; sent < 64; sent++) outlets[0]!.write(block);
    await until(() => closed.length === 1);
    expect(closed[0]).toContain('does not read');
  });

  it('gives a switch that reads slowly all of a push of more than it can have waiting', {
    timeout: 60_000,
  }, async () => {
    const outlets = new Map<string, SwitchOutlet>();
    let most = 0;
    let refused = 0;
    let verdicts: readonly Verdict[] = [];
    const none = () => undefined;
    const board = new Switchboard(
      {
        ...{ now: () => 0, message: none, fault: none, claimed: none, settle: none },
        closed: (_link, reason, detail) => expect.fail(`${reason} ${detail}`),
        ready: ({ channel }) => {
          channel.transact(MODS, (given) => {
            verdicts = given;
          });
        },
        write: (name, bytes) => {
          most = Math.max(most, bytes.length);
          const hasRoom = outlets.get(name)!.write(bytes);
          if (!hasRoom) refused++;
          return hasRoom;
        },
        hangUp: none,
      },
      0,
    );
    const act = (work: () => void) => {
      work();
      board.settle();
    };
    const listener = await SwitchListener.listen(
      {
        open: (name, outlet) => {
          outlets.set(name, outlet);
          act(() => board.open(name, 0));
        },
        receive: (name, bytes) => act(() => board.receive(name, bytes, 0)),
        drained: (name) => act(() => board.drained(name, 0)),
        turnedAway: none,
        closed: none,
      },
      // Less than what is pushed: whoever wrote it all at once would be cut off.
      { host: '127.0.0.1', port: 0, unsentBytesMax: 4 << 20 },
    );
    ends.push(() => listener.close());
    const socket = dial(listener.address);
    let received = 0;
    const device: Session = new Session({
      role: 'switch',
      now: 0,
      events: {
        ready: none,
        closed: none,
        message: (message) => {
          if (message.type === 'featuresRequest') device.send({ type: 'featuresReply', xid: message.xid, ...FEATURES });
          if (message.type === 'flowMod') received++;
          if (message.type === 'barrierRequest') device.send({ type: 'barrierReply', xid: message.xid });
        },
      },
    });
    const flush = () => {
      const bytes = device.takeOutput();
      if (bytes) socket.write(bytes);
    };
    socket.on('connect', flush);
    socket.on('data', (bytes) => {
      device.receive(bytes, 0);
      flush();
      // It does something else between two reads.
      socket.pause();
      setImmediate(() => socket.resume());
    });
    await until(() => verdicts.length > 0);
    expect(received).toBe(MODS.length);
    expect(verdicts).toHaveLength(MODS.length);
    expect(verdicts.every(({ type }) => type === 'installed')).toBe(true);
    expect(refused, 'it had to be waited for').toBeGreaterThan(3);
    expect(most).toBeLessThanOrEqual(1 << 20);
  });

  it('turns away, by name, whoever comes when there is no more room', async () => {
    const driver = new WallDriver();
    const told: string[] = [];
    driver.onEvent((event) => {
      if (event.type === 'connection-refused') told.push(`${event.connection}: ${event.reason}`);
    });
    const listener = await SwitchListener.listen(driver, { host: '127.0.0.1', port: 0, connectionsMax: 1 });
    ends.push(() => listener.close());
    ends.push(() => driver.close());
    await once(dial(listener.address), 'data');
    const late = dial(listener.address);
    late.on('error', () => undefined);
    await once(late, 'close');
    await until(() => told.length === 1);
    expect(told[0]).toMatch(/^tcp:127\.0\.0\.1:\d+#\d+: there are 1 connections already$/);
  });

  it('serves loopback and nothing else', async () => {
    await expect(openFront(new WallDriver(), { host: '0.0.0.0', port: 0, webRoot: '/nowhere' })).rejects.toThrow(
      'loopback',
    );
  });

  it('says that a port is taken', async () => {
    const driver = new WallDriver();
    const { address } = await listen(driver);
    const port = Number(address.split(':').at(-1));
    await expect(SwitchListener.listen(driver, { host: '127.0.0.1', port })).rejects.toMatchObject({
      code: 'EADDRINUSE',
    });
    await expect(openFront(driver, { port, webRoot: '/nowhere' })).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });
});
