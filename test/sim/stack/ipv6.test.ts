import { describe, expect, it } from 'vitest';
import type { Icmpv6Body } from '../../../protocol/wire/packet/icmpv6.ts';
import type { Frame, Layer } from '../../../protocol/wire/packet/layer.ts';
import type { NeighborOption } from '../../../protocol/wire/packet/neighbor-discovery-option.ts';
import { MILLISECOND, SECOND } from '../../../sim/clock.ts';
import { type PingResult, startPing } from '../../../sim/ping.ts';
import { A, A6, B, B6, ip6, ipv6, listen, pattern, payload, StackPair, StackProbe } from './stack-rig.ts';

const LINK_LOCAL = { ipv6: { mode: 'link-local' } } as const;
const SLAAC = { ipv6: { mode: 'slaac' } } as const;
const ROUTER = ip6('fe80::1');
const ROUTER_MAC = 0x02_00_00_00_00_01;

function bodiesOf(frames: readonly Frame[]): readonly Icmpv6Body[] {
  return frames.flatMap((frame) => frame.flatMap((layer) => (layer.type === 'icmpv6' ? [layer.body] : [])));
}

const typesOf = (frames: readonly Frame[]): readonly string[] => bodiesOf(frames).map(({ type }) => type);

function message(body: Icmpv6Body, fields: Partial<Extract<Layer, { type: 'ipv6' }>> = {}): Frame {
  return [ipv6({ nextHeader: 58, hopLimit: 255, ...fields }), { type: 'icmpv6', body }];
}

function solicitation(target: bigint, options: readonly NeighborOption[] = []): Icmpv6Body {
  return { type: 'neighbor-solicitation', target, options };
}

function advertisement(options: readonly NeighborOption[], lifetimeSeconds = 1800): Icmpv6Body {
  return {
    type: 'router-advertisement',
    hopLimit: 50,
    managed: false,
    otherConfiguration: false,
    lifetimeSeconds,
    reachableMs: 0,
    retransmitMs: 0,
    options: [{ type: 'source-link-address', address: ROUTER_MAC }, ...options],
  };
}

function prefix(value: string, validSeconds: number, preferredSeconds = validSeconds): NeighborOption {
  return {
    type: 'prefix',
    prefix: ip6(value),
    prefixBits: 64,
    onLink: true,
    autonomous: true,
    validSeconds,
    preferredSeconds,
  };
}

function settled(spec: Parameters<typeof probeOf>[0] = LINK_LOCAL): StackProbe {
  const probe = probeOf(spec);
  probe.run(5 * SECOND);
  probe.said();
  return probe;
}

function probeOf(spec: ConstructorParameters<typeof StackProbe>[0]): StackProbe {
  return new StackProbe(spec);
}

describe('a machine of IPv6', () => {
  it('is silent, and deaf, unless it is asked for', () => {
    const probe = settled({});
    expect(probe.host.addresses).toEqual([A.ip]);
    expect(probe.tell(message(solicitation(A6)))).toEqual([]);
    expect(probe.host.counters).toMatchObject({ sent: 0, unheard: 1 });
  });

  it('joins the group of its address, asks whether anybody has it, and uses it a second later', () => {
    const probe = probeOf(LINK_LOCAL);
    let asked = 0;
    while (asked === 0) {
      probe.run(SECOND / 100);
      const types = typesOf(probe.said());
      if (types.length > 0) {
        expect(types).toEqual(['mld2-report', 'neighbor-solicitation']);
        asked = probe.clock.now;
      }
    }
    expect(asked).toBeLessThanOrEqual(SECOND);
    expect(probe.tell(message({ type: 'echo-request', identifier: 1, sequence: 1, data: pattern(4) }))).toEqual([]);
    probe.run(0.98 * SECOND);
    expect(probe.host.addresses).toEqual([A.ip]);
    probe.run(0.02 * SECOND);
    expect(probe.host.addresses).toEqual([A.ip, A6]);
  });

  it.each([
    [
      'has it',
      message(
        { type: 'neighbor-advertisement', router: false, solicited: false, override: true, target: A6, options: [] },
        { dst: ip6('ff02::1') },
      ),
    ],
    ['asks for it, too', message(solicitation(A6), { src: 0n, dst: ip6('ff02::1:ff00:a') })],
  ])('does not use an address when somebody else %s', (_, word) => {
    const probe = probeOf(LINK_LOCAL);
    probe.run(SECOND + MILLISECOND);
    probe.tell(word, 0x3333_ff00_000a);
    probe.run(10 * SECOND);
    expect(probe.host.addresses).toEqual([A.ip]);
  });

  it('answers for its address alone, who asks from the link alone', () => {
    const probe = settled();
    const from: NeighborOption = { type: 'source-link-address', address: B.mac };
    const group = ip6('ff02::1:ff00:a');
    expect(bodiesOf(probe.tell(message(solicitation(A6, [from]), { dst: group }), 0x3333_ff00_000a))).toMatchObject([
      { type: 'neighbor-advertisement', target: A6, solicited: true, override: true, options: [{ address: A.mac }] },
    ]);
    const [toProbe] = probe.tell(message(solicitation(A6), { src: 0n, dst: group }), 0x3333_ff00_000a);
    expect(toProbe).toMatchObject([{}, { dst: ip6('ff02::1') }, { body: { solicited: false } }]);
    expect(probe.tell(message(solicitation(B6, [from])))).toEqual([]);
    expect(probe.tell(message(solicitation(A6, [from]), { hopLimit: 254 }))).toEqual([]);
    expect(probe.host.counters.malformed).toBe(1);
  });

  it('doubts who was only heard asking, five seconds after it has spoken to him, unless he answers', () => {
    const pair = new StackPair(LINK_LOCAL, LINK_LOCAL);
    pair.run(5 * SECOND);
    pair.forget();
    const server = listen(pair.b, 7);
    const client = listen(pair.a, 0);
    for (let i = 0; i < 20; i++) {
      client.socket.send({ address: B6, port: 7 }, pattern(1));
      pair.run(SECOND);
    }
    expect(server.got).toHaveLength(20);
    // a asks once. b was asked, and speaks to a only with its answer: five seconds later it asks a alone.
    const asked = (name: 'a' | 'b') => typesOf(pair.heard(name)).filter((type) => type === 'neighbor-solicitation');
    expect(asked('b')).toHaveLength(1);
    expect(asked('a')).toHaveLength(1);
  });

  it('pings and is pinged, across fragments, to groups too', () => {
    const pair = new StackPair(LINK_LOCAL, LINK_LOCAL);
    pair.run(5 * SECOND);
    for (const payloadBytes of [0, 1452, 1453, 60_000]) {
      let result: PingResult | undefined;
      startPing(pair.a, B6, { count: 2, payloadBytes }, (given) => {
        result = given;
      });
      pair.run(5 * SECOND);
      expect(result).toMatchObject({ sent: 2, received: 2, duplicates: 0 });
    }
    const heard: unknown[] = [];
    const { identifier } = pair.a.listenForEchoes(({ source }) => heard.push(source));
    pair.a.sendEcho(ip6('ff02::1'), identifier, 1, pattern(8));
    pair.run(SECOND);
    expect(heard).toEqual([B6]);
  });
});

describe('routers', () => {
  function withRouter(options: readonly NeighborOption[] = [prefix('2001:db8:1::', 86_400)]): StackProbe {
    const probe = settled(SLAAC);
    probe.tell(message(advertisement(options), { src: ROUTER, dst: ip6('ff02::1') }), 0x3333_0000_0001);
    probe.run(3 * SECOND);
    probe.said();
    return probe;
  }
  const GLOBAL = ip6('2001:db8:1::ff:fe00:a');

  it('are asked for thrice, four seconds apart, and no more when one has spoken', () => {
    const probe = probeOf(SLAAC);
    probe.run(60 * SECOND);
    expect(typesOf(probe.said()).filter((type) => type === 'router-solicitation')).toHaveLength(3);
    const other = probeOf(SLAAC);
    other.run(3 * SECOND);
    other.tell(message(advertisement([]), { src: ROUTER, dst: ip6('ff02::1') }), 0x3333_0000_0001);
    other.run(60 * SECOND);
    expect(typesOf(other.said())).not.toContain('router-solicitation');
  });

  it('offer a prefix, of which the machine makes an address that it asks for first', () => {
    const probe = withRouter();
    expect(probe.host.addresses).toEqual([A.ip, GLOBAL, A6]);
    const { socket } = listen(probe.host, 0);
    socket.send({ address: ip6('2001:db8:2::1'), port: 9 }, pattern(1));
    socket.send({ address: ip6('2001:db8:1::99'), port: 9 }, pattern(1));
    probe.run(0);
    const [far, near] = probe.said();
    expect(far).toMatchObject([{ dst: ROUTER_MAC }, { src: GLOBAL, hopLimit: 50 }, {}, {}]);
    expect(near).toMatchObject([{}, {}, { body: { type: 'neighbor-solicitation', target: ip6('2001:db8:1::99') } }]);
  });

  it('tell name servers and the size of packets, within reason', () => {
    const servers = [ip6('2001:db8::53')];
    const probe = withRouter([
      { type: 'dns-servers', lifetimeSeconds: 60, servers },
      { type: 'mtu', mtu: 1400 },
    ]);
    expect(probe.host.nameServers).toEqual(servers);
    expect(probe.host.stack.pathMtu(ip6('2001:db8::1'))).toBe(1400);
    probe.tell(
      message(
        advertisement([
          { type: 'mtu', mtu: 100 },
          { type: 'mtu', mtu: 9000 },
        ]),
        { src: ROUTER },
      ),
    );
    expect(probe.host.stack.pathMtu(ip6('2001:db8::1'))).toBe(1400);
    probe.run(61 * SECOND);
    expect(probe.host.nameServers).toEqual([]);
  });

  it('end with their lifetime, and an address with its own, but nobody ends it at once', () => {
    const probe = withRouter([prefix('2001:db8:1::', 3600, 1800)]);
    const { socket, faults } = listen(probe.host, 0);
    const say = (options: readonly NeighborOption[], lifetime: number) =>
      probe.tell(message(advertisement(options, lifetime), { src: ROUTER, dst: ip6('ff02::1') }), 0x3333_0000_0001);
    say([prefix('2001:db8:1::', 1, 1)], 0);
    probe.run(60 * SECOND);
    expect(probe.host.addresses).toContain(GLOBAL);
    socket.send({ address: ip6('2001:db8:2::1'), port: 9 }, pattern(1));
    probe.run(0);
    expect(faults).toEqual(['9 network-unreachable']);
    say([prefix('2001:db8:1::', 3600 * 10)], 1800);
    probe.run(2 * 3600 * SECOND);
    expect(probe.host.addresses).toContain(GLOBAL);
    probe.run(9 * 3600 * SECOND);
    expect(probe.host.addresses).not.toContain(GLOBAL);
  });

  it('are not believed from elsewhere, nor by who was not told to listen', () => {
    const probe = settled(SLAAC);
    probe.tell(message(advertisement([prefix('2001:db8:1::', 600)]), { src: ip6('2001:db8::1') }));
    probe.tell(message(advertisement([prefix('2001:db8:1::', 600)]), { src: ROUTER, hopLimit: 64 }));
    const deaf = settled(LINK_LOCAL);
    deaf.tell(message(advertisement([prefix('2001:db8:1::', 600)]), { src: ROUTER }));
    for (const one of [probe, deaf]) {
      one.run(5 * SECOND);
      expect(one.host.addresses).toEqual([A.ip, A6]);
    }
    expect(probe.host.counters.malformed).toBe(2);
  });
});

describe('a packet of IPv6', () => {
  const UDP = { type: 'udp', srcPort: 5, dstPort: 7 } as const;
  const options = (kind: number, nextHeader: number): Layer => ({
    type: 'destination-options',
    nextHeader,
    options: [{ type: 'unknown', kind, data: pattern(4) }],
  });

  it('is found behind its extension headers', () => {
    const probe = settled();
    const { got } = listen(probe.host, 7);
    probe.tell([
      ipv6({ nextHeader: 0 }),
      { type: 'hop-by-hop', nextHeader: 60, options: [{ type: 'router-alert', value: 0 }] },
      options(0x1e, 43),
      { type: 'routing', nextHeader: 44, routingType: 0, segmentsLeft: 0, data: pattern(4) },
      { type: 'fragment', nextHeader: 17, offsetBytes: 0, moreFragments: false, identification: 9 },
      UDP,
      payload(12),
    ]);
    expect(got.map(({ data }) => data)).toEqual([pattern(12)]);
  });

  it.each([
    ['a header that nobody knows', [ipv6({ nextHeader: 200 }), payload(8)], [1, 6]],
    [
      'a route to go on with',
      [
        ipv6({ nextHeader: 43 }),
        { type: 'routing', nextHeader: 17, routingType: 0, segmentsLeft: 1, data: new Uint8Array(20) },
        payload(8),
      ],
      [0, 42],
    ],
    ['an option that must be understood', [ipv6({ nextHeader: 60 }), options(0x9e, 17), UDP, payload(8)], [2, 42]],
    [
      'a hop-by-hop header in a wrong place',
      [ipv6({ nextHeader: 60 }), { type: 'destination-options', nextHeader: 0, options: [] }, payload(8)],
      [1, 40],
    ],
  ] as const)('with %s is refused, and told where', (_, layers, [code, pointer]) => {
    const probe = settled();
    probe.tell(message(solicitation(A6, [{ type: 'source-link-address', address: B.mac }])));
    const said = probe.tell(layers as Frame);
    expect(said).toMatchObject([
      [{}, {}, { type: 'icmpv6', code, body: { type: 'parameter-problem', value: pointer } }],
    ]);
  });

  it('with an option that says to drop it is dropped in silence, and one that may be passed over is', () => {
    const probe = settled();
    const { got } = listen(probe.host, 7);
    expect(probe.tell([ipv6({ nextHeader: 60 }), options(0x5e, 17), UDP, payload(8)])).toEqual([]);
    expect(got).toEqual([]);
    probe.tell([ipv6({ nextHeader: 60 }), options(0x1e, 17), UDP, payload(8)]);
    expect(got).toHaveLength(1);
  });

  it('that is too big for its path is cut by its sender from then on', () => {
    const probe = settled();
    probe.tell(message(solicitation(A6, [{ type: 'source-link-address', address: B.mac }])));
    const { socket } = listen(probe.host, 0);
    const send = () => {
      socket.send({ address: B6, port: 9 }, pattern(1400));
      probe.run(0);
      return probe.said();
    };
    expect(send()).toHaveLength(1);
    const quote = new Uint8Array(60);
    const view = new DataView(quote.buffer);
    view.setUint32(0, 0x6000_0000);
    view.setUint16(4, 1408);
    quote[6] = 17;
    for (const [at, address] of [
      [8, A6],
      [24, B6],
    ] as const) {
      view.setBigUint64(at, address >> 64n);
      view.setBigUint64(at + 8, address & 0xffff_ffff_ffff_ffffn);
    }
    probe.tell(message({ type: 'packet-too-big', value: 1280, quote }, { hopLimit: 64 }));
    expect(send()).toHaveLength(2);
  });
});
