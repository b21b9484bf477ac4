import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { IpAddress } from '../../../protocol/wire/ip-address.ts';
import { encodeFrame } from '../../../protocol/wire/packet/frame.ts';
import { MILLISECOND, SECOND } from '../../../sim/clock.ts';
import { PortInUseError } from '../../../sim/stack/socket.ts';
import {
  A,
  A6,
  B,
  B6,
  ip4,
  ip6,
  ipv4,
  ipv6,
  isSame,
  listen,
  pattern,
  payload,
  StackPair,
  StackProbe,
} from './stack-rig.ts';

const LINK_LOCAL = { ipv6: { mode: 'link-local' } } as const;

function dual(): StackPair {
  const pair = new StackPair(LINK_LOCAL, LINK_LOCAL);
  pair.run(5 * SECOND);
  pair.forget();
  return pair;
}

describe('a datagram', () => {
  it('goes there and back in both families, with the bytes and the addresses that it was given', () => {
    const pair = dual();
    for (const [to, from] of [
      [B.ip, A.ip],
      [B6, A6],
    ] as const) {
      const server = listen(pair.b, 7);
      const client = listen(pair.a, 0);
      client.socket.send({ address: to, port: 7 }, pattern(100));
      pair.run(SECOND);
      expect(server.got).toEqual([{ data: pattern(100), from, port: client.socket.localPort, to }]);
      server.socket.send({ address: from, port: server.got[0]!.port }, pattern(3));
      pair.run(SECOND);
      expect(client.got).toEqual([{ data: pattern(3), from: to, port: 7, to: from }]);
      server.socket.close();
    }
  });

  it('of any size arrives whole, in fragments where it must, whatever the cable can carry', () => {
    const pair = dual();
    const server = listen(pair.b, 7);
    const client = listen(pair.a, 0);
    const sizes = fc.oneof(fc.integer({ min: 0, max: 3000 }), fc.integer({ min: 0, max: 65507 }), fc.constant(65507));
    fc.assert(
      fc.property(sizes, fc.boolean(), (size, isIpv6) => {
        server.got.length = 0;
        client.socket.send({ address: isIpv6 ? B6 : B.ip, port: 7 }, pattern(size));
        pair.run(SECOND);
        expect(server.got.map(({ data }) => isSame(data, pattern(size)))).toEqual([true]);
      }),
      { numRuns: 40 },
    );
    expect(pair.b.counters).toMatchObject({ malformed: 0, badChecksum: 0, fragmentsLost: 0, unheard: 0 });
  });

  it('comes to its own machine without a frame', () => {
    const pair = dual();
    const server = listen(pair.a, 7);
    const client = listen(pair.a, 0);
    for (const to of [A.ip, A6]) client.socket.send({ address: to, port: 7 }, pattern(5));
    pair.run(SECOND);
    expect(server.got.map(({ from, to }) => [from, to])).toEqual([
      [A.ip, A.ip],
      [A6, A6],
    ]);
    expect(pair.frames.length).toBe(pair.frames.filter((frame) => frame[0] === 0x33).length);
  });

  it('to nobody is told to its sender: no port, no neighbour, no network', () => {
    const pair = dual();
    const { socket, faults } = listen(pair.a, 0);
    socket.send({ address: B.ip, port: 9 }, pattern(5));
    socket.send({ address: B6, port: 10 }, pattern(5));
    socket.send({ address: ip4('10.0.0.77'), port: 11 }, pattern(5));
    socket.send({ address: ip6('fe80::77'), port: 12 }, pattern(5));
    socket.send({ address: ip6('2001:db8::1'), port: 13 }, pattern(5));
    expect(faults).toEqual([]);
    pair.run(10 * SECOND);
    expect(faults.sort()).toEqual([
      '10 refused',
      '11 host-unreachable',
      '12 host-unreachable',
      '13 network-unreachable',
      '9 refused',
    ]);
  });

  it('for all on the link reaches whoever listens, and nobody answers that nobody does', () => {
    const pair = new StackPair();
    const server = listen(pair.b, 67);
    const { socket } = listen(pair.a, 68);
    for (const to of ['255.255.255.255', '10.0.0.255']) {
      socket.send({ address: ip4(to), port: 67 }, pattern(1));
      socket.send({ address: ip4(to), port: 99 }, pattern(1));
    }
    pair.run(SECOND);
    expect(server.got.map(({ to }) => to)).toEqual([ip4('255.255.255.255'), ip4('10.0.0.255')]);
    expect(pair.lines('a')).toEqual([]);
  });

  it('reaches a machine that has no address yet, from one that says it has none', () => {
    const pair = new StackPair({ ip: undefined });
    const server = listen(pair.b, 67);
    const client = listen(pair.a, 68);
    client.socket.send({ address: 0xffff_ffff, port: 67 }, pattern(8), 0);
    pair.run(SECOND);
    expect(server.got).toMatchObject([{ from: 0, port: 68, to: 0xffff_ffff }]);
    server.socket.send({ address: 0xffff_ffff, port: 68 }, pattern(9));
    pair.run(SECOND);
    expect(client.got).toMatchObject([{ from: B.ip, port: 67 }]);
    const probe = new StackProbe({ ip: undefined });
    const alone = listen(probe.host, 68);
    probe.tell([ipv4({ dst: ip4('10.0.0.50') }), { type: 'udp', srcPort: 67, dstPort: 68 }, payload(4)]);
    expect(alone.got).toMatchObject([{ to: ip4('10.0.0.50') }]);
  });

  it('to a group reaches its members alone, and joining and leaving is told to routers', () => {
    const pair = dual();
    const server = listen(pair.b, 7);
    const { socket } = listen(pair.a, 0);
    const groups = [ip4('239.1.2.3'), ip6('ff15::1234')];
    const sendToBoth = () => {
      for (const address of groups) socket.send({ address, port: 7 }, pattern(2));
      pair.run(SECOND);
    };
    sendToBoth();
    expect(server.got).toEqual([]);
    for (const group of groups) expect(pair.b.joinGroup(group)).toBe(true);
    sendToBoth();
    expect(server.got.map(({ to }) => to)).toEqual(groups);
    for (const group of groups) pair.b.leaveGroup(group);
    sendToBoth();
    expect(server.got).toHaveLength(2);
    const reports = pair.heard('a').flatMap((frame) =>
      frame.flatMap((layer): (readonly [number, IpAddress])[] => {
        if (layer.type === 'igmp' && layer.message.type === 'report-v3') {
          return layer.message.records.map(({ kind, group }) => [kind, group]);
        }
        const body = layer.type === 'icmpv6' ? layer.body : undefined;
        return body?.type === 'mld2-report' ? body.records.map(({ kind, group }) => [kind, group]) : [];
      }),
    );
    // To exclude nobody, and to include nobody: RFC 3376, section 4.2.12.
    expect(reports).toEqual([
      [4, groups[0]],
      [4, groups[1]],
      [3, groups[0]],
      [3, groups[1]],
    ]);
  });
});

describe('a port', () => {
  it('has one socket, is free when that is closed, and 0 is any that is free', () => {
    const { a } = new StackPair();
    const first = listen(a, 5000).socket;
    expect(() => listen(a, 5000)).toThrow(PortInUseError);
    first.close();
    expect(listen(a, 5000).socket.localPort).toBe(5000);
    const ports = Array.from({ length: 200 }, () => listen(a, 0).socket.localPort);
    expect(new Set(ports).size).toBe(200);
    expect(Math.min(...ports)).toBeGreaterThanOrEqual(32_768);
  });

  it('is given out until there are none, and that is said', () => {
    const { a } = new StackPair();
    for (let i = 32_768; i <= 60_999; i++) listen(a, 0);
    expect(() => listen(a, 0)).toThrow(PortInUseError);
  });

  it('is silent when the machine has stopped, and what is sent by it goes nowhere', () => {
    const pair = new StackPair();
    const server = listen(pair.b, 7);
    const { socket } = listen(pair.a, 0);
    socket.send({ address: B.ip, port: 7 }, pattern(1));
    pair.run(SECOND);
    pair.a.reset();
    socket.send({ address: B.ip, port: 7 }, pattern(1));
    pair.run(SECOND);
    expect(server.got).toHaveLength(1);
    expect(listen(pair.a, socket.localPort).socket.localPort).toBe(socket.localPort);
  });
});

describe('a checksum', () => {
  const datagram = (checksum?: number) =>
    ({ type: 'udp', srcPort: 5, dstPort: 7, ...(checksum !== undefined && { checksum }) }) as const;

  it('of none is taken over IPv4 and refused over IPv6', () => {
    const probe = new StackProbe(LINK_LOCAL);
    probe.run(5 * SECOND);
    const { got } = listen(probe.host, 7);
    probe.tell([ipv4(), datagram(0), payload(4)]);
    expect(got).toHaveLength(1);
    probe.tell([ipv6(), datagram(0), payload(4)]);
    expect(got).toHaveLength(1);
    probe.tell([ipv6(), datagram(), payload(4)]);
    expect(got).toHaveLength(2);
    expect(probe.host.counters.badChecksum).toBe(1);
  });

  it('that is wrong, or any bit that is, keeps a datagram from its socket', () => {
    const probe = new StackProbe(LINK_LOCAL);
    probe.run(5 * SECOND);
    const { got } = listen(probe.host, 7);
    for (const layer of [ipv4(), ipv6()]) {
      const etherType = layer.type === 'ipv4' ? 0x0800 : 0x86dd;
      const frame = encodeFrame([
        { type: 'ethernet', dst: A.mac, src: B.mac, etherType },
        layer,
        datagram(),
        payload(33),
      ]);
      for (let bit = 14 * 8; bit < frame.length * 8; bit++) {
        // Flow label, traffic class and hop limit of IPv6 are covered by nothing.
        const byte = bit >> 3;
        if (layer.type === 'ipv6' && (byte === 21 || (byte >= 14 && byte < 18 && !(byte === 14 && (bit & 7) < 4))))
          continue;
        const bad = frame.slice();
        bad[byte] = bad[byte]! ^ (0x80 >> (bit & 7));
        probe.tellBytes(bad);
        expect(got, `${layer.type} bit ${bit}`).toEqual([]);
      }
      probe.tellBytes(frame);
      expect(got).toHaveLength(1);
      got.length = 0;
    }
  });

  it('and lengths that lie, at every length of a frame, cost nothing but a count', () => {
    const probe = new StackProbe();
    const { got } = listen(probe.host, 7);
    const frame = encodeFrame([
      { type: 'ethernet', dst: A.mac, src: B.mac, etherType: 0x0800 },
      ipv4(),
      datagram(),
      payload(8),
    ]);
    for (let length = 0; length < frame.length; length++) probe.tellBytes(frame.slice(0, length));
    expect(got).toEqual([]);
    expect(probe.host.counters.malformed).toBe(frame.length);
    probe.tell([ipv4(), { type: 'udp', srcPort: 5, dstPort: 7, length: 17, checksum: 0 }, payload(8)]);
    probe.tell([ipv4(), { type: 'udp', srcPort: 5, dstPort: 7, length: 7, checksum: 0 }, payload(8)]);
    expect(got).toEqual([]);
    // Ethernet fills up small packets.
    const padded = new Uint8Array(60);
    padded.set(frame);
    probe.tellBytes(padded);
    expect(got.map(({ data }) => data)).toEqual([pattern(8)]);
    expect(probe.clock.now).toBeLessThan(MILLISECOND);
  });
});
