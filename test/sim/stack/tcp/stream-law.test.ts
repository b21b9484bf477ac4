/** The law of streams: whatever the wire and the users do, every byte arrives once and in order, or the stream says why not; and all comes to rest. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MILLISECOND, SECOND } from '../../../../sim/clock.ts';
import type { Stream } from '../../../../sim/stack/socket.ts';
import { Connection } from '../../../../sim/stack/tcp/connection.ts';
import type { TcpModel } from '../../../../sim/stack/tcp/tcp-model.ts';
import { ScriptUser } from './script-user.ts';
import { buildRig } from './wire-rig.ts';

const RUNS = Number(process.env.SLUICE_TCP_RUNS ?? 60);

const step = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ type: fc.constant('write' as const), bytes: fc.integer({ min: 1, max: 60_000 }) }),
  },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('pause' as const), isPaused: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('end' as const) }) },
);
const script = fc.array(
  fc.tuple(fc.constantFrom('client' as const, 'server' as const), fc.nat(400 * MILLISECOND), step),
  { maxLength: 25 },
);
const model: fc.Arbitrary<Partial<TcpModel>> = fc.record({
  hasSack: fc.boolean(),
  hasTimestamps: fc.boolean(),
  hasWindowScale: fc.boolean(),
  hasNagle: fc.boolean(),
  ackEverySegments: fc.integer({ min: 1, max: 3 }),
  sendBufferBytesMax: fc.constantFrom(2_000, 20_000, 200_000),
  receiveBufferBytesMax: fc.constantFrom(2_000, 20_000, 200_000),
});
const wire = fc.record({
  loss: fc.constantFrom(0, 0.01, 0.1, 0.3),
  duplication: fc.constantFrom(0, 0.1),
  jitterNs: fc.constantFrom(0, MILLISECOND, 30 * MILLISECOND),
});

/** What it holds for its user and its peer is never more than the model says. */
function expectBounds(
  stream: Stream | undefined,
  { sendBufferBytesMax, receiveBufferBytesMax }: Partial<TcpModel>,
): void {
  if (!(stream instanceof Connection)) return;
  const { buffer, figures } = stream;
  expect(figures.unacknowledgedBytes).toBeLessThanOrEqual(sendBufferBytesMax!);
  expect((buffer.ranges.rights.at(-1) ?? buffer.nxt) - buffer.read).toBeLessThanOrEqual(receiveBufferBytesMax!);
}

describe('a stream over an unruly wire', () => {
  it('delivers every byte once and in order, ends on both sides, and leaves nothing behind', () => {
    fc.assert(
      fc.property(wire, model, model, script, fc.nat(), (unruly, ours, theirs, steps, seed) => {
        const rig = buildRig({ unruly, seed, model: ours, serverModel: theirs });
        const users = { client: new ScriptUser(1, 2), server: new ScriptUser(2, 1) };
        rig.server.tcp.listen(80, (stream) => {
          users.server.stream = stream;
          return users.server;
        });
        rig.client.tcp.connect({ address: rig.server.address, port: 80 }, (stream) => {
          users.client.stream = stream;
          return users.client;
        });
        for (const [side, afterNs, given] of steps) {
          const user = users[side];
          if (given.type === 'write') user.write(given.bytes);
          else if (given.type === 'end') user.end();
          else user.stream?.setPaused(given.isPaused);
          rig.run(afterNs);
          expectBounds(users.client.stream, ours);
          expectBounds(users.server.stream, theirs);
        }
        for (const user of Object.values(users)) {
          user.end();
          user.stream?.setPaused(false);
        }
        rig.run();
        const { client, server } = users;
        expect([client.wrongAt, server.wrongAt]).toEqual([undefined, undefined]);
        if (client.fault === undefined && server.fault === undefined && client.isClosed && server.isClosed) {
          expect([server.receivedBytes, client.receivedBytes]).toEqual([client.writtenBytes, server.writtenBytes]);
        } else {
          // Only a wire that is as good as cut makes it give up.
          expect(unruly.loss, `${client.told} / ${server.told}`).toBeGreaterThan(0.2);
        }
        expect(client.isClosed).toBe(true);
        expect(rig.clock.pending).toBe(0);
        expect([rig.client.tcp.connectionCount, rig.server.tcp.connectionCount]).toEqual([0, 0]);
        for (const { counters } of [rig.client.tcp, rig.server.tcp]) {
          expect([counters.malformed, counters.badChecksum]).toEqual([0, 0]);
        }
      }),
      { numRuns: RUNS, interruptAfterTimeLimit: 60_000 },
    );
  }, 120_000);

  it('is closed with a fault when the other end dies, and nothing of it stays', () => {
    fc.assert(
      fc.property(fc.nat(2 * SECOND), fc.nat(), fc.boolean(), (at, seed, isAborted) => {
        const rig = buildRig({ unruly: { loss: 0.02, duplication: 0, jitterNs: MILLISECOND }, seed });
        const client = new ScriptUser(1, 2);
        rig.server.tcp.listen(80, (stream) => {
          const server = new ScriptUser(2, 1);
          server.stream = stream;
          server.write(200_000);
          return server;
        });
        const stream = rig.client.tcp.connect({ address: rig.server.address, port: 80 }, (given) => {
          client.stream = given;
          return client;
        });
        client.write(10_000_000);
        rig.run(at);
        if (isAborted) stream.abort();
        else rig.server.tcp.reset();
        rig.run();
        expect(client.wrongAt).toBeUndefined();
        expect(client.told.at(-1)).toMatch(/^closed (reset|refused|timeout)$/);
        expect([rig.clock.pending, rig.client.tcp.connectionCount]).toEqual([0, 0]);
      }),
      { numRuns: Math.ceil(RUNS / 4) },
    );
  }, 120_000);
});
