/** Everything that people and programs see of a controller, behind one port: REST, the page and the live feed. */
import { createHttpApp, type HttpOptions } from './http/app.ts';
import { RunningRequests } from './http/running-requests.ts';
import { Feed } from './live/feed.ts';
import { isLoopbackHost } from './loopback.ts';
import { NetworkWatch } from './network-watch.ts';
import type { Rim } from './rim.ts';

export interface FrontOptions extends Omit<HttpOptions, 'watch'> {
  /** Loopback only, as long as nobody is asked for a token. */
  readonly host?: string;
  /** 0 for any that is free. */
  readonly port: number;
}

export interface Front {
  readonly url: string;
  close(): Promise<void>;
}

const HOST = '127.0.0.1';

/** For requests that are under way when the server is to end: a ping or a rule takes seconds. */
const FINISH_MS = 5_000;

/** Rejects when the address cannot be had, with Node's own error (`EADDRINUSE`, …). */
export async function openFront(rim: Rim, { host = HOST, port, ...options }: FrontOptions): Promise<Front> {
  if (!isLoopbackHost(host)) throw new RangeError(`${host} is not a loopback address; nothing else is served yet`);
  const watch = new NetworkWatch(rim);
  const app = await createHttpApp(rim, { ...options, watch });
  const running = new RunningRequests(app.server);
  const feed = new Feed(watch, app.server);
  try {
    const url = await app.listen({ host, port });
    watch.start();
    return {
      url,
      close: async () => {
        feed.close();
        const closed = app.close();
        await running.finished(FINISH_MS);
        app.server.closeAllConnections();
        await closed;
        watch.close();
      },
    };
  } catch (error) {
    feed.close();
    watch.close();
    await app.close();
    throw error;
  }
}
