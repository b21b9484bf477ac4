/** Everything that our stacks say to each other, read by Wireshark: nothing malformed, no checksum wrong. */
import { describe, expect, it } from 'vitest';
import { SECOND } from '../../sim/clock.ts';
import { startPing } from '../../sim/ping.ts';
import { A6, B, B6, ip4, ip6, listen, pattern, StackPair } from '../sim/stack/stack-rig.ts';
import { auditFrames, tshark } from './frame-audit.ts';

describe.skipIf(tshark.isSkipped)('what stacks say', () => {
  it('is sound to Wireshark, in every protocol that they speak', async () => {
    const slaac = { ipv6: { mode: 'slaac' } } as const;
    const pair = new StackPair(slaac, slaac);
    pair.run(5 * SECOND);
    const server = listen(pair.b, 7);
    const client = listen(pair.a, 0);
    const groups = [ip4('239.1.2.3'), ip6('ff15::1234')];
    for (const group of groups) pair.b.joinGroup(group);
    for (const address of [B.ip, B6, ...groups]) {
      for (const bytes of [0, 1, 1000, 5001]) client.socket.send({ address, port: 7 }, pattern(bytes));
      // Nobody listens there: an error is said about it.
      client.socket.send({ address, port: 8 }, pattern(9));
      pair.run(SECOND);
    }
    for (const target of [B.ip, B6, A6]) startPing(pair.a, target, { count: 3, payloadBytes: 3000 }, () => undefined);
    pair.a.stack.send({ src: A6, dst: B6, protocol: 200, payload: pattern(9) });
    pair.a.setIpv4({ address: ip4('10.0.0.9'), prefixLength: 24 });
    pair.run(40 * SECOND);
    for (const group of groups) pair.b.leaveGroup(group);
    pair.run(SECOND);
    expect(server.got).toHaveLength(16);

    // A checksum of zero in the sum is sent as all ones: among so many datagrams there is one.
    for (let i = 0; i < 0x1_0000; i += 16) {
      client.socket.send({ address: B6, port: 7 }, Uint8Array.of(i >> 8, i, i & 0xf0, 1));
    }
    pair.run(SECOND);
    const { protocols, faults } = await auditFrames(pair.frames);
    expect(faults).toEqual([]);
    expect([...protocols.keys()].sort()).toEqual(
      expect.arrayContaining(['ARP', 'ICMP', 'ICMPv6', 'IGMPv3', 'IPv4', 'IPv6']),
    );
    expect([...protocols.values()].reduce((sum, count) => sum + count, 0)).toBe(pair.frames.length);
  });
});
