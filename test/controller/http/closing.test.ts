import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import { openFront } from '../../../controller/front.ts';
import type { PingRequest, PingResource } from '../../../protocol/api/emulation.ts';
import { EmulatedNetwork } from '../emulated-network.ts';
import { NetworkBench } from '../network-bench.ts';

/** Its pings are over when the test says so. */
class SlowNetwork extends EmulatedNetwork {
  answer: () => void = () => undefined;
  asked: () => void = () => undefined;
  readonly isAsked = new Promise<void>((resolve) => {
    this.asked = resolve;
  });

  override ping(request: PingRequest, done: (result: PingResource) => void): boolean {
    this.answer = () => super.ping(request, done);
    this.asked();
    return true;
  }
}

describe('a server that is to end', () => {
  it('finishes the request that is under way, and does not wait for connections that ask nothing', async () => {
    const emulation = new SlowNetwork();
    const front = await openFront(new NetworkBench(emulation), { port: 0, webRoot: '/nowhere' });
    const port = Number(new URL(front.url).port);
    const idle = connect({ port, host: '127.0.0.1' });
    await new Promise((resolve) => {
      idle.once('connect', resolve);
    });
    const ping = fetch(`${front.url}/api/v1/pings`, {
      method: 'POST',
      body: JSON.stringify({ from: 'h1', to: 'h2' }),
      headers: { 'content-type': 'application/json' },
    });
    await emulation.isAsked;
    const closed = front.close();
    emulation.answer();
    const response = await ping;
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({ from: 'h1', received: 1 });
    await closed;
    idle.destroy();
  });
});
