/** TCP of whole machines: which connection a segment belongs to, both families, chance, and that a run is the same each time. */
import { describe, expect, it } from 'vitest';
import { parseIp } from '../../../../protocol/wire/ip-address.ts';
import { addRange, closeSum, pseudoHeaderV4, pseudoHeaderV6 } from '../../../../protocol/wire/packet/checksum.ts';
import { Clock, MILLISECOND, SECOND } from '../../../../sim/clock.ts';
import { Random } from '../../../../sim/random.ts';
import type { IpService } from '../../../../sim/stack/ip-service.ts';
import { Tcp } from '../../../../sim/stack/tcp/tcp.ts';
import { ScriptUser } from './script-user.ts';
import { buildRig, type Rig, type RigOptions } from './wire-rig.ts';

function serve(rig: Rig, port: number): ScriptUser[] {
  const users: ScriptUser[] = [];
  rig.server.tcp.listen(port, (stream) => {
    const user = new ScriptUser(2, 1);
    user.stream = stream;
    users.push(user);
    return user;
  });
  return users;
}

function call(rig: Rig, port: number): ScriptUser {
  const user = new ScriptUser(1, 2);
  rig.client.tcp.connect({ address: rig.server.address, port }, (stream) => {
    user.stream = stream;
    return user;
  });
  return user;
}

describe('TCP of a machine', () => {
  it('keeps many connections apart', () => {
    const rig = buildRig();
    const servers = [serve(rig, 80), serve(rig, 81)];
    const clients = Array.from({ length: 100 }, (_, i) => call(rig, 80 + (i % 2)));
    for (const [i, client] of clients.entries()) {
      client.write(1000 + i);
      client.end();
    }
    rig.run(SECOND);
    for (const users of servers) for (const user of users) user.end();
    rig.run();
    expect(
      servers
        .flat()
        .map(({ receivedBytes, wrongAt }) => [receivedBytes, wrongAt])
        .sort(),
    ).toEqual(clients.map((_, i) => [1000 + i, undefined]).sort());
    expect(clients.every(({ isClosed, fault }) => isClosed && fault === undefined)).toBe(true);
    expect([rig.clock.pending, rig.client.tcp.connectionCount, rig.server.tcp.connectionCount]).toEqual([0, 0, 0]);
  });

  it('refuses where nobody listens, and not once who listened has stopped', () => {
    const rig = buildRig();
    const client = call(rig, 80);
    rig.run();
    expect(client.told).toEqual(['closed refused']);
    const server = rig.server.tcp.listen(80, () => ({ received: () => {}, closed: () => {} }));
    const stays = call(rig, 80);
    rig.run(SECOND);
    server.close();
    const late = call(rig, 80);
    rig.run(SECOND);
    expect([stays.told, late.told]).toEqual([['opened'], ['closed refused']]);
  });

  it('does not answer what went to a group, nor what has a wrong checksum', () => {
    const rig = buildRig();
    const { server } = rig;
    const sent = server.sent;
    let payload = new Uint8Array(0);
    server.filter = (datagram) => {
      payload = datagram.payload.slice();
      return true;
    };
    call(rig, 80);
    rig.run(SECOND / 2);
    const give = (dst: number, bytes: Uint8Array) =>
      server.tcp.receive({ src: rig.client.address, dst, protocol: 6, hopLimit: 64, trafficClass: 0, payload: bytes });
    const view = new DataView(payload.buffer);
    const sumOf = (dst: number) =>
      addRange(pseudoHeaderV4(rig.client.address, dst, 6, payload.length), view, 0, payload.length);
    const group = 0xe000_0001;
    const checksum = view.getUint16(16);
    view.setUint16(16, 0);
    view.setUint16(16, closeSum(sumOf(group)));
    give(group, payload);
    view.setUint16(16, checksum ^ 1);
    give(server.address, payload);
    give(server.address, payload.subarray(0, 19));
    expect(server.sent).toBe(sent);
    expect(server.tcp.counters).toMatchObject({ received: 3, badChecksum: 1, malformed: 1 });
  });

  it('speaks over IPv6 with its pseudo-header and its sizes', () => {
    const clock = new Clock();
    const actor = clock.createActor('wire');
    const addresses = ['fd00::1', 'fd00::2'].map((text) => parseIp(text) as bigint);
    let largest = 0;
    const machines = addresses.map((address, i): Tcp => {
      const ip: IpService = {
        get now() {
          return clock.now;
        },
        schedule: (at, run) => clock.schedule(actor, at, run),
        sourceFor: () => address,
        pathMtu: () => 1500,
        send: ({ src, dst, protocol, payload: written }) => {
          const payload = written.slice();
          largest = Math.max(largest, payload.length);
          const view = new DataView(payload.buffer);
          const sum = pseudoHeaderV6(src as bigint, dst as bigint, 6, payload.length);
          expect(closeSum(addRange(sum, view, 0, payload.length))).toBe(0);
          const datagram = { src, dst, protocol, hopLimit: 64, trafficClass: 0, payload };
          clock.schedule(actor, clock.now + MILLISECOND, () => machines[1 - i]!.receive(datagram));
        },
      };
      return new Tcp(ip, new Random(i));
    });
    const server = new ScriptUser(2, 1);
    machines[1]!.listen(80, (stream) => {
      server.stream = stream;
      return server;
    });
    const client = new ScriptUser(1, 2);
    machines[0]!.connect({ address: addresses[1]!, port: 80 }, (stream) => {
      client.stream = stream;
      return client;
    });
    client.write(100_000);
    client.end();
    server.end();
    clock.runUntil(SECOND);
    server.end();
    clock.runUntil(100 * SECOND);
    expect([server.receivedBytes, server.wrongAt, client.told.at(-1)]).toEqual([100_000, undefined, 'closed']);
    // The link's 1500 bytes less 40 of IPv6.
    expect(largest).toBe(1460);
    expect(clock.pending).toBe(0);
  });

  it('is the same run each time, and another with another seed', () => {
    const options: RigOptions = {
      isCaptured: true,
      unruly: { loss: 0.05, duplication: 0.05, jitterNs: 5 * MILLISECOND },
    };
    const runOf = (seed: number) => {
      const rig = buildRig({ ...options, seed });
      const servers = serve(rig, 80);
      const client = call(rig, 80);
      client.write(100_000);
      client.end();
      rig.run(5 * SECOND);
      for (const user of servers) user.end();
      rig.run();
      return Buffer.from(rig.pcap()).toString('base64');
    };
    expect(runOf(1)).toBe(runOf(1));
    expect(runOf(1)).not.toBe(runOf(2));
  });

  it('takes another port and another number for each connection', () => {
    const rig = buildRig();
    serve(rig, 80);
    const streams = Array.from({ length: 50 }, () =>
      rig.client.tcp.connect({ address: rig.server.address, port: 80 }, () => ({
        received: () => {},
        closed: () => {},
      })),
    );
    expect(new Set(streams.map(({ local }) => local.port)).size).toBe(50);
    expect(new Set(streams.map(({ initial }) => initial)).size).toBe(50);
    expect(streams.every(({ local }) => local.port >= 49_152)).toBe(true);
  });
});
