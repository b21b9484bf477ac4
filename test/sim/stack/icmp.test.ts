import { describe, expect, it } from 'vitest';
import { encodeFrame } from '../../../protocol/wire/packet/frame.ts';
import type { Frame, Layer } from '../../../protocol/wire/packet/layer.ts';
import { SECOND } from '../../../sim/clock.ts';
import { type PingResult, startPing } from '../../../sim/ping.ts';
import type { IpService } from '../../../sim/stack/ip-service.ts';
import { A, B, ip4, ipv4, listen, pattern, payload, StackPair, StackProbe } from './stack-rig.ts';

const UDP = { type: 'udp', srcPort: 5, dstPort: 9 } as const;

function echo(bytes: number): Layer {
  return { type: 'icmp', body: { type: 'echo-request', identifier: 1, sequence: 2, data: pattern(bytes) } };
}

function typesOf(frames: readonly Frame[]): readonly string[] {
  return frames.flatMap((frame) =>
    frame.flatMap((layer) => (layer.type === 'icmp' ? [`${layer.body.type} ${layer.code ?? 0}`] : [])),
  );
}

/** The probe's neighbour is known, so that what it says is no question for it. */
function known(): StackProbe {
  const probe = new StackProbe();
  probe.introduce();
  return probe;
}

/** An error about a datagram that the machine has sent, as a router would say it. */
function errorAbout(sent: Frame, body: { readonly code: number; readonly nextHopMtu?: number }): Frame {
  const quote = encodeFrame(sent).subarray(14, 14 + 28);
  const { code, nextHopMtu = 0 } = body;
  return [ipv4({ protocol: 1 }), { type: 'icmp', code, body: { type: 'unreachable', nextHopMtu, quote } }];
}

describe('an echo', () => {
  it('is answered with its bytes, its class of traffic, and no other', () => {
    const [reply] = known().tell([ipv4({ protocol: 1, dscp: 46, ecn: 1 }), echo(33)]);
    expect(reply).toMatchObject([
      { type: 'ethernet', dst: B.mac, src: A.mac },
      { type: 'ipv4', src: A.ip, dst: B.ip, dscp: 46, ecn: 1, ttl: 64 },
      { type: 'icmp', body: { type: 'echo-reply', identifier: 1, sequence: 2, data: pattern(33) } },
    ]);
  });

  it('to many, or with a wrong checksum, is not', () => {
    const probe = known();
    expect(probe.tell([ipv4({ protocol: 1, dst: ip4('10.0.0.255') }), echo(8)], 0xffff_ffff_ffff)).toEqual([]);
    expect(probe.tell([ipv4({ protocol: 1 }), { ...echo(8), checksum: 1 } as Layer])).toEqual([]);
    expect(probe.host.counters.badChecksum).toBe(1);
  });

  it.each([0, 1472, 1473, 60_000])('of %i bytes is a ping, which counts and times it', (payloadBytes) => {
    const pair = new StackPair();
    let result: PingResult | undefined;
    startPing(pair.a, B.ip, { count: 3, payloadBytes }, (given) => {
      result = given;
    });
    pair.run(10 * SECOND);
    expect(result).toMatchObject({ sent: 3, received: 3, duplicates: 0 });
    expect(result!.roundTripsNs[2]).toBe(2_000_000);
  });
});

describe('an error', () => {
  it('says that nobody listens at a port, and that nobody speaks a protocol', () => {
    const probe = known();
    expect(typesOf(probe.tell([ipv4(), UDP, payload(8)]))).toEqual(['unreachable 3']);
    expect(typesOf(probe.tell([ipv4({ protocol: 200 }), payload(8)]))).toEqual(['unreachable 2']);
    expect(probe.host.counters.unheard).toBe(2);
  });

  it('quotes as much as makes a packet of 576 bytes', () => {
    const [short] = known().tell([ipv4(), UDP, payload(8)]);
    const [long] = known().tell([ipv4(), UDP, payload(1400)]);
    const bytes = (frame: Frame) => frame.find((layer) => layer.type === 'ipv4')!.totalBytes;
    expect([bytes(short!), bytes(long!)]).toEqual([20 + 8 + 36, 576]);
  });

  it('is never about an error, a datagram for many, a later fragment, or from nobody', () => {
    const probe = known();
    const quote = pattern(40);
    expect(
      probe.tell([ipv4({ protocol: 1 }), { type: 'icmp', code: 3, body: { type: 'unreachable', quote } }]),
    ).toEqual([]);
    expect(probe.tell([ipv4({ dst: 0xffff_ffff }), UDP, payload(8)], 0xffff_ffff_ffff)).toEqual([]);
    expect(probe.tell([ipv4(), UDP, payload(8)], 0xffff_ffff_ffff)).toEqual([]);
    expect(probe.tell([ipv4({ src: 0 }), UDP, payload(8)])).toEqual([]);
    expect(probe.tell([ipv4({ fragmentOffsetBytes: 800 }), payload(8)])).toEqual([]);
  });

  it('is told no more often than fifty at once and a thousand a second', () => {
    const probe = known();
    for (let i = 0; i < 200; i++) probe.tell([ipv4(), UDP, payload(8)]);
    expect(probe.host.counters.errorsHeldBack).toBe(150);
    probe.run(SECOND / 50);
    for (let i = 0; i < 100; i++) probe.tell([ipv4(), UDP, payload(8)]);
    expect(probe.host.counters.errorsHeldBack).toBe(150 + 80);
  });

  it.each([
    [0, 'network-unreachable'],
    [1, 'host-unreachable'],
    [3, 'refused'],
    [13, 'prohibited'],
  ] as const)('of code %i about what was sent is told to its socket: %s', (code, fault) => {
    const probe = known();
    const { socket, faults } = listen(probe.host, 0);
    socket.send({ address: B.ip, port: 9 }, pattern(8));
    probe.run(0);
    const [sent] = probe.said();
    probe.tell(errorAbout(sent!, { code }));
    expect(faults).toEqual([`9 ${fault}`]);
  });

  it('about what others sent is not', () => {
    const probe = known();
    const { socket, faults } = listen(probe.host, 5);
    const other: Frame = [{ type: 'ethernet', dst: 1, src: 2, etherType: 0x0800 }, ipv4(), UDP, payload(8)];
    probe.tell(errorAbout(other, { code: 3 }));
    expect(faults).toEqual([]);
    socket.close();
  });
});

describe('a path that is narrow', () => {
  it('is cut for, remembered for ten minutes, and never believed to be narrower than 552 bytes', () => {
    const probe = known();
    const { socket } = listen(probe.host, 0);
    const sendAndCount = () => {
      probe.introduce();
      socket.send({ address: B.ip, port: 9 }, pattern(1400));
      probe.run(0);
      return probe.said();
    };
    const [sent] = sendAndCount();
    probe.tell(errorAbout(sent!, { code: 4, nextHopMtu: 1000 }));
    expect(probe.host.stack.pathMtu(B.ip)).toBe(1000);
    expect(sendAndCount()).toHaveLength(2);
    probe.tell(errorAbout(sent!, { code: 4, nextHopMtu: 1400 }));
    expect(probe.host.stack.pathMtu(B.ip)).toBe(1000);
    // RFC 1191, section 5: a router that does not say.
    probe.tell(errorAbout(sent!, { code: 4 }));
    expect(probe.host.stack.pathMtu(B.ip)).toBe(1000);
    probe.tell(errorAbout(sent!, { code: 4, nextHopMtu: 68 }));
    expect(probe.host.stack.pathMtu(B.ip)).toBe(552);
    probe.run(601 * SECOND);
    expect(sendAndCount()).toHaveLength(1);
  });

  it('is told to a transport whose packet may not be cut, by a router as by the machine itself', () => {
    const probe = known();
    const told: string[] = [];
    const { tcp } = probe.host.stack;
    tcp.failed = (_, fault) => void told.push(fault);
    tcp.narrowed = (packet, mtu) => void told.push(`${mtu} ${packet.payload.length}`);
    const ip: IpService = probe.host.stack;
    const send = (bytes: number) => {
      ip.send({ src: A.ip, dst: B.ip, protocol: 6, payload: pattern(bytes), isWhole: true });
      probe.run(0);
      return probe.said();
    };
    expect(send(1481)).toEqual([]);
    expect(told).toEqual(['1500 128']);
    const [sent] = send(1480);
    expect(sent).toMatchObject([{}, { dontFragment: true }, {}]);
    probe.tell(errorAbout(sent!, { code: 4, nextHopMtu: 1400 }));
    expect(told).toEqual(['1500 128', '1400 8']);
    expect(send(1480)).toEqual([]);
    expect(told.at(-1)).toBe('1400 128');
    expect(send(1380)).toHaveLength(1);
  });
});
