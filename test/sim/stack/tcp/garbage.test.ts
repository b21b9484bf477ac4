/** Segments whose checksum is right and whose fields are anything: nothing throws, nothing grows, and no stream is harmed. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addRange, closeSum, pseudoHeaderV4 } from '../../../../protocol/wire/packet/checksum.ts';
import { SECOND } from '../../../../sim/clock.ts';
import { LoneTcp, OWN, PEER, PEER_PORT } from './lone-tcp.ts';
import { ScriptUser } from './script-user.ts';
import { buildRig } from './wire-rig.ts';

const RUNS = Number(process.env.SLUICE_TCP_RUNS ?? 60);

function seal(bytes: Uint8Array, src: number, dst: number): Uint8Array {
  const view = new DataView(bytes.buffer);
  view.setUint16(16, 0);
  view.setUint16(16, closeSum(addRange(pseudoHeaderV4(src, dst, 6, bytes.length), view, 0, bytes.length)));
  return bytes;
}

const flags = fc.integer({ min: 0, max: 0x3f });
/** Options that are any bytes, of any length that a header may claim. */
const content = fc.uint8Array({ maxLength: 80 });

describe('garbage', () => {
  it('from the peer itself, near its window, is survived in every state', () => {
    const near = fc.integer({ min: -20, max: 70_000 });
    const segment = fc.tuple(near, fc.integer({ min: -20, max: 40_000 }), flags, fc.nat(0xffff), fc.nat(15), content);
    const action = fc.constantFrom('write', 'end', 'pause', 'resume', 'wait', 'nothing');
    fc.assert(
      fc.property(fc.boolean(), fc.array(fc.tuple(segment, action), { maxLength: 60 }), (isCaller, steps) => {
        const lone = new LoneTcp({ connectionsMax: 50 });
        lone.listen();
        if (isCaller) lone.connect();
        else lone.give('S seq 0 <mss 1460, sackOK, ts 1 1, scale 2>');
        for (const [[seq, ack, bits, window, words, bytes], act] of steps) {
          const raw = new Uint8Array(20 + bytes.length);
          raw.set(bytes, 20);
          const view = new DataView(raw.buffer);
          view.setUint16(0, PEER_PORT);
          view.setUint16(2, lone.ownPort);
          view.setUint32(4, 0xffff_ff00 + seq);
          view.setUint32(8, (lone.stream?.initial ?? 0) + ack);
          view.setUint16(12, (words << 12) | bits);
          view.setUint16(14, window);
          lone.tcp.receive({
            src: PEER,
            dst: OWN,
            protocol: 6,
            hopLimit: 64,
            trafficClass: 0,
            payload: seal(raw, PEER, OWN),
          });
          if (act === 'write') lone.stream?.write(new Uint8Array(5000));
          else if (act === 'end') lone.stream?.end();
          else if (act === 'pause' || act === 'resume') lone.stream?.setPaused(act === 'pause');
          else if (act === 'wait') lone.wait(SECOND / 3);
          const { sender, buffer } = lone.stream ?? {};
          if (!sender || !buffer) continue;
          expect(sender.una).toBeLessThanOrEqual(sender.nxt);
          expect(sender.nxt).toBeLessThanOrEqual(Math.max(1, sender.limit));
          expect(buffer.ranges.bytes).toBeLessThanOrEqual(6 << 20);
          expect(sender.scoreboard.ranges.bytes).toBeLessThanOrEqual(sender.nxt - sender.una);
        }
        lone.tcp.reset();
        lone.wait(SECOND);
        expect([lone.tcp.connectionCount, lone.clock.pending]).toEqual([0, 0]);
      }),
      { numRuns: RUNS * 4 },
    );
  });

  it('from somebody who guesses harms no stream', () => {
    const guess = fc.record({
      seq: fc.nat(0xffff_ffff),
      ack: fc.nat(0xffff_ffff),
      bits: flags,
      window: fc.nat(0xffff),
      content,
    });
    fc.assert(
      fc.property(fc.array(guess, { minLength: 1, maxLength: 100 }), (guesses) => {
        const rig = buildRig({ seed: 5 });
        const [client, server] = [new ScriptUser(1, 2), new ScriptUser(2, 1)];
        rig.server.tcp.listen(80, (stream) => {
          server.stream = stream;
          return server;
        });
        const connection = rig.client.tcp.connect({ address: rig.server.address, port: 80 }, (stream) => {
          client.stream = stream;
          return client;
        });
        client.write(300_000);
        server.write(1000);
        client.end();
        server.end();
        for (const { seq, ack, bits, window, content: bytes } of guesses) {
          rig.run(1_000_000);
          const raw = new Uint8Array(20 + bytes.length);
          raw.set(bytes, 20);
          const view = new DataView(raw.buffer);
          view.setUint16(0, connection.local.port);
          view.setUint16(2, 80);
          view.setUint32(4, seq);
          view.setUint32(8, ack);
          view.setUint16(12, 0x5000 | bits);
          view.setUint16(14, window);
          const payload = seal(raw, rig.client.address, rig.server.address);
          rig.server.tcp.receive({
            src: rig.client.address,
            dst: rig.server.address,
            protocol: 6,
            hopLimit: 64,
            trafficClass: 0,
            payload,
          });
        }
        rig.run();
        expect([server.receivedBytes, server.wrongAt, server.fault]).toEqual([300_000, undefined, undefined]);
        expect([client.receivedBytes, client.wrongAt, client.fault]).toEqual([1000, undefined, undefined]);
      }),
      { numRuns: RUNS },
    );
  });
});
