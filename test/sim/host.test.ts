import { describe, expect, it } from 'vitest';
import { MAC_BROADCAST, parseIpv4 } from '../../protocol/wire/address.ts';
import { decodeFrame, encodeFrame } from '../../protocol/wire/packet/frame.ts';
import { formatFrame } from '../../protocol/wire/packet/frame-text.ts';
import { Cable } from '../../sim/cable.ts';
import { Clock, MILLISECOND, SECOND } from '../../sim/clock.ts';
import { Host } from '../../sim/host.ts';
import { type PingResult, startPing } from '../../sim/ping.ts';
import { Random } from '../../sim/random.ts';

/** Two hosts at the ends of a cable of a millisecond, and what each of them hears, as text. */
function build(second: { readonly ip?: string } = { ip: '10.0.0.2' }) {
  const clock = new Clock();
  const heard: Record<'a' | 'b', string[]> = { a: [], b: [] };
  const ip = (text: string | undefined) => (text === undefined ? undefined : parseIpv4(text)!);
  const a = new Host(clock, new Random(1), { name: 'a', mac: 0x0a, ip: ip('10.0.0.1'), prefixLength: 8 }, (frame) =>
    cable.send('a', frame),
  );
  const b = new Host(clock, new Random(1), { name: 'b', mac: 0x0b, ip: ip(second.ip), prefixLength: 8 }, (frame) =>
    cable.send('b', frame),
  );
  const cable = new Cable(
    clock,
    new Random(1),
    { name: 'c', delayNs: MILLISECOND, queueFramesMax: 1000, lossProbability: 0 },
    a,
    b,
  );
  for (const host of [a, b]) {
    host.tap = (frame) => {
      const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
      heard[host.name as 'a' | 'b'].push(
        formatFrame(decodeFrame(view, 0, frame.length))
          .split(' | ')
          .slice(1)
          .join(' | '),
      );
    };
  }
  const ping = (count: number, target = '10.0.0.2') => {
    let result: PingResult | undefined;
    startPing(a, parseIpv4(target)!, { count }, (given) => {
      result = given;
    });
    clock.runUntil(clock.now + 60 * SECOND);
    return result!;
  };
  return { clock, a, b, cable, heard, ping };
}

describe('a host', () => {
  it('asks for an address once, then pings, and each reply is timed exactly', () => {
    const { heard, ping } = build();
    expect(ping(3)).toEqual({
      sent: 3,
      received: 3,
      duplicates: 0,
      // The first waits for the address: two ways more.
      roundTripsNs: [4 * MILLISECOND, 2 * MILLISECOND, 2 * MILLISECOND],
    });
    expect(heard.b.filter((line) => line.startsWith('arp'))).toEqual([
      'arp request for 10.0.0.2 from 10.0.0.1 at 00:00:00:00:00:0a',
    ]);
    expect(heard.a[0]).toBe('arp reply 10.0.0.2 at 00:00:00:00:00:0b to 10.0.0.1');
    expect(heard.a[1]).toContain('icmp echo-reply');
  });

  it('learns who asks it, and need not ask back', () => {
    const { heard, ping } = build();
    ping(1);
    expect(heard.a.filter((line) => line.startsWith('arp request'))).toEqual([]);
  });

  it('asks three times, a second apart, and gives up', () => {
    const { heard, ping } = build();
    expect(ping(1, '10.0.0.9')).toMatchObject({ sent: 1, received: 0 });
    expect(heard.b).toHaveLength(3);
  });

  it('does not answer without an address, and for nobody else', () => {
    const { heard, ping } = build({});
    expect(ping(1)).toMatchObject({ received: 0 });
    expect(heard.a).toEqual([]);
  });

  it('forgets its neighbours when its cable is cut, and asks again', () => {
    const { cable, heard, ping } = build();
    ping(1);
    cable.setUp(false);
    expect(ping(2)).toMatchObject({ sent: 2, received: 0 });
    cable.setUp(true);
    expect(ping(1)).toMatchObject({ received: 1 });
    expect(heard.b.filter((line) => line.startsWith('arp request'))).toHaveLength(2);
  });

  it('passes over what is for others, and counts what it cannot read', () => {
    const { clock, a, b } = build();
    const payload = { type: 'payload', data: new Uint8Array(46) } as const;
    a.sendFrame(encodeFrame([{ type: 'ethernet', dst: 0x0c, src: 0x0a, etherType: 0x88b5 }, payload]));
    a.sendFrame(encodeFrame([{ type: 'ethernet', dst: MAC_BROADCAST, src: 0x0a, etherType: 0x0800 }, payload]));
    a.sendFrame(Uint8Array.of(1, 2, 3));
    clock.runUntil(SECOND);
    expect(b.counters).toMatchObject({ sent: 0, received: 3, notForMe: 1, malformed: 2 });
  });

  it('keeps a bounded number of packets for a neighbour that does not answer', () => {
    const { clock, a } = build();
    const faults: string[] = [];
    const socket = a.bindUdp(0, {
      received: () => undefined,
      failed: ({ port }, fault) => faults.push(`${port} ${fault}`),
    });
    for (let i = 0; i < 100; i++) socket.send({ address: parseIpv4('10.0.0.9')!, port: i }, new Uint8Array(8));
    expect(faults).toHaveLength(36);
    clock.runUntil(10 * SECOND);
    expect(faults).toHaveLength(100);
    expect(faults[99]).toBe('99 host-unreachable');
    expect(a.counters.unresolved).toBe(100);
  });
});
