import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { Feed, type FeedOptions } from '../../../controller/live/feed.ts';
import { NetworkWatch } from '../../../controller/network-watch.ts';
import type { FeedMessage } from '../../../protocol/api/feed.ts';
import { EmulatedNetwork } from '../emulated-network.ts';
import { NetworkBench, SECOND, until } from '../network-bench.ts';
import type { ScriptedSwitch } from '../scripted-switch.ts';

const ends: (() => void)[] = [];
afterEach(() => {
  for (const end of ends.splice(0)) end();
});

const UPGRADE_ELSEWHERE =
  'GET /nothing HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n';

interface Place {
  readonly bench: NetworkBench;
  readonly device: ScriptedSwitch;
  readonly emulation: EmulatedNetwork;
  readonly watch: NetworkWatch;
  readonly feed: Feed;
  readonly server: Server;
  readonly port: number;
}

async function place(options: FeedOptions = {}): Promise<Place> {
  const emulation = new EmulatedNetwork();
  const { bench, device } = NetworkBench.withSwitch(emulation);
  const watch = new NetworkWatch(bench);
  const server = createServer();
  const feed = new Feed(watch, server, options);
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  ends.push(() => {
    feed.close();
    watch.close();
    server.close();
  });
  return { bench, device, emulation, watch, feed, server, port: (server.address() as AddressInfo).port };
}

class Page {
  readonly socket: WebSocket;
  readonly messages: FeedMessage[] = [];
  #wake: () => void = () => undefined;

  constructor(port: number, { origin, protocols = ['sluice.v1'], path = '/ws' }: PageOptions = {}) {
    this.socket = new WebSocket(`ws://127.0.0.1:${port}${path}`, protocols, origin === undefined ? {} : { origin });
    ends.push(() => this.socket.terminate());
    // A refusal is one, and so is an end before the beginning.
    this.socket.on('error', () => undefined);
    this.socket.on('message', (data) => {
      this.messages.push(JSON.parse(String(data)) as FeedMessage);
      this.#wake();
    });
  }

  /** When so many messages have come. */
  async heard(count: number): Promise<FeedMessage[]> {
    while (this.messages.length < count) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    return this.messages;
  }

  /** The status of the refusal. */
  refused(): Promise<number | undefined> {
    return new Promise((resolve) => {
      this.socket.on('unexpected-response', (_, response) => resolve(response.statusCode));
      this.socket.on('open', () => resolve(undefined));
    });
  }

  closed(): Promise<void> {
    return new Promise((resolve) => {
      this.socket.on('close', () => resolve());
    });
  }
}

interface PageOptions {
  readonly origin?: string;
  readonly protocols?: string[];
  readonly path?: string;
}

describe('the live feed', () => {
  it('says hello, shows the whole, then what changes, numbered without a gap', async () => {
    const { bench, device, emulation, watch, port } = await place();
    const page = new Page(port);
    const [hello, snapshot] = await page.heard(2);
    expect(hello).toMatchObject({ type: 'hello', epoch: expect.stringMatching(/-/) });
    expect(snapshot).toMatchObject({ type: 'snapshot', seq: hello!.seq, topology: { name: 'bench' } });

    device.setPortUp(2, false);
    bench.pump();
    emulation.carry('uplink', 100, 1000);
    bench.wait(SECOND);
    watch.tick();
    const deltas = (await page.heard(6)).slice(2);
    expect(deltas.map(({ type }) => type)).toEqual(['event', 'flows', 'topology', 'counters']);
    expect(deltas.map(({ seq }) => seq)).toEqual([1, 2, 3, 4].map((i) => snapshot!.seq + i));
    expect(deltas[0]).toMatchObject({ event: { type: 'port-down', params: { dpid: device.hexDpid, portNo: 2 } } });
    expect(deltas[1]).toMatchObject({ dpid: device.hexDpid });
    expect(deltas[3]).toMatchObject({ links: [{ name: 'uplink', framesPerSecond: 100, bytesPerSecond: 1000 }] });
  });

  it('says nothing when nothing changes, and notices a cable that nobody announced', async () => {
    const { emulation, watch, port } = await place();
    const page = new Page(port);
    await page.heard(2);
    watch.tick();
    watch.tick();
    emulation.setLinkUp('uplink', false);
    watch.tick();
    expect((await page.heard(3))[2]).toMatchObject({ type: 'topology', seq: page.messages[1]!.seq + 1 });
  });

  it('does not tell a newcomer again what its snapshot has', async () => {
    const { bench, device, watch, port } = await place();
    const first = new Page(port);
    await first.heard(2);
    device.setPortUp(2, false);
    bench.pump();
    const second = new Page(port);
    const [, snapshot] = await second.heard(2);
    expect(snapshot).toMatchObject({
      type: 'snapshot',
      events: expect.arrayContaining([expect.objectContaining({ type: 'port-down' })]),
    });
    watch.tick();
    device.setPortUp(2, true);
    bench.pump();
    watch.tick();
    expect((await second.heard(3))[2]).toMatchObject({
      type: 'event',
      event: { type: 'port-up' },
      seq: snapshot!.seq + 1,
    });
    expect((await first.heard(5)).slice(2, 5).map(({ seq }) => seq)).toEqual([1, 2, 3]);
  });

  it('gives a fresh snapshot instead of a flood', async () => {
    const { bench, device, watch, port } = await place();
    const page = new Page(port);
    await page.heard(2);
    for (let i = 0; i < 150; i++) {
      for (const isUp of [false, true]) {
        device.setPortUp(2, isUp);
        bench.pump();
      }
    }
    watch.tick();
    expect((await page.heard(3))[2]).toMatchObject({ type: 'snapshot', seq: page.messages[1]!.seq + 1 });
  });

  it.each([
    [{ origin: 'http://evil.example' }, 403],
    [{ origin: 'null' }, 403],
    [{ protocols: ['chat'] }, 400],
    [{ protocols: [] }, 400],
    [{ path: '/other' }, 404],
  ] satisfies [PageOptions, number][])('refuses %o with %i', async (options, status) => {
    const { port } = await place();
    expect(await new Page(port, options).refused()).toBe(status);
  });

  it('outlives a client that resets the connection on which it was refused', async () => {
    const { feed, port } = await place();
    for (let i = 0; i < 20; i++) {
      const socket = connect({ port, host: '127.0.0.1' });
      socket.write(UPGRADE_ELSEWHERE);
      await new Promise((resolve) => {
        socket.once('data', resolve);
      });
      await new Promise((resolve) => {
        socket.once('close', resolve);
        socket.resetAndDestroy();
      });
    }
    await new Page(port).heard(2);
    expect(feed.clientCount).toBe(1);
  });

  it('does not keep the connection of a client that it refused and that never closes its end', async () => {
    const { server, port } = await place();
    const closed: Promise<void>[] = [];
    server.on('connection', (socket) => {
      closed.push(new Promise((resolve) => socket.once('close', () => resolve())));
    });
    const clients = Array.from({ length: 5 }, () => connect({ port, host: '127.0.0.1', allowHalfOpen: true }));
    ends.push(() => {
      for (const client of clients) client.destroy();
    });
    const answers = clients.map(
      (client) =>
        new Promise((resolve) => {
          client.once('data', (bytes) => resolve(String(bytes).split('\r\n', 1)[0]));
        }),
    );
    for (const client of clients) client.write(UPGRADE_ELSEWHERE);
    expect(await Promise.all(answers)).toEqual(clients.map(() => 'HTTP/1.1 404 Not Found'));
    expect(closed).toHaveLength(clients.length);
    await Promise.all(closed);
  });

  it('welcomes a page of this server', async () => {
    const { port } = await place();
    expect(await new Page(port, { origin: `http://127.0.0.1:${port}` }).refused()).toBeUndefined();
  });

  it('has room for so many and no more, and room again when one leaves', async () => {
    const { feed, port } = await place({ clientsMax: 1 });
    const page = new Page(port);
    await page.heard(2);
    expect(await new Page(port).refused()).toBe(503);
    const closed = page.closed();
    page.socket.close();
    await closed;
    expect(feed.clientCount).toBe(0);
    await new Page(port).heard(2);
  });

  it('lets go of a client that does not answer pings', async () => {
    const { feed, port } = await place({ pingIntervalMs: 20 });
    const [alive, dead] = [new Page(port), new Page(port)];
    await Promise.all([alive.heard(2), dead.heard(2)]);
    const closed = dead.closed();
    // The socket's own reader answers pings; one that has stopped reading does not.
    dead.socket.pause();
    await until(() => feed.clientCount === 1);
    dead.socket.resume();
    await closed;
    expect(alive.socket.readyState).toBe(WebSocket.OPEN);
  });

  it('hangs up on a client that talks too much', async () => {
    const { port } = await place();
    const page = new Page(port);
    await page.heard(2);
    const closed = page.closed();
    page.socket.send('x'.repeat(2000));
    await closed;
  });
});
