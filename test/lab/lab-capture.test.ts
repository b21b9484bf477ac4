/** What a lab's captures hold, read back by our own reader; Wireshark's opinion is in `test/interop/tshark-network-capture.test.ts`. */
import { describe, expect, it } from 'vitest';
import type { Lab } from '../../lab/lab.ts';
import type { CapturedPacket } from '../../protocol/wire/capture/capture.ts';
import { PcapngReader } from '../../protocol/wire/capture/pcapng.ts';
import { formatHex } from '../../protocol/wire/hex.ts';
import { Framer } from '../../protocol/wire/openflow/framer.ts';
import { decodeFrame } from '../../protocol/wire/packet/frame.ts';
import { MILLISECOND, SECOND } from '../../sim/clock.ts';
import { startPing } from '../../sim/ping.ts';
import { capturedLab, concat } from './captured-lab.ts';

const nameOf = (packet: CapturedPacket) => packet.interface.name;

describe('a capture of a link', () => {
  it('has both ports by name, each frame as it leaves and as it arrives, to the nanosecond', () => {
    const { lab, bytes, packets } = capturedLab({ links: ['trunk'] }, (world) => {
      startPing(world.network.hosts.get('h1')!, world.network.hosts.get('h2')!.spec.ip!, { count: 3 }, () => {});
      world.runUntil(() => false, world.clock.now + 2 * SECOND);
    });
    expect(new Set(packets.map(nameOf))).toEqual(new Set(['s1-eth2', 's2-eth1']));
    const { a, b } = lab.network.cables.get('trunk')!.counters;
    expect(packets).toHaveLength(2 * (a.delivered + b.delivered));
    const echoes = packets.filter(({ data }) => layersOf(data).includes('icmp'));
    // The first may go by way of the controller.
    expect(echoes.length).toBeGreaterThanOrEqual(2 * 2 * 2);
    for (const sent of echoes.filter((packet) => nameOf(packet) === 's1-eth2' && flagsAreOut(packet))) {
      const arrived = echoes.find(
        (packet) => nameOf(packet) === 's2-eth1' && formatHex(packet.data) === formatHex(sent.data),
      );
      // 5 ms, and the frame with 24 bytes of framing at 10 Mbit/s.
      const wanted = 5_000_000n + BigInt((sent.data.length + 24) * 800);
      expect(arrived!.timestampNs! - sent.timestampNs!).toBe(wanted);
    }

    function flagsAreOut(packet: CapturedPacket): boolean {
      return blocksOf(bytes).some(({ at, flags }) => at === packet.at && flags === 2);
    }
  });

  it('says of what is dropped why, at the port that sent it', () => {
    const { lab, packets } = capturedLab({ links: ['trunk'] }, (world) => {
      const cable = world.network.cables.get('trunk')!;
      const frame = new Uint8Array(60);
      cable.shape({ mtuBytes: 100, queueFramesMax: 1 });
      for (let i = 0; i < 3; i++) cable.send('a', frame);
      cable.send('a', new Uint8Array(200));
      world.clock.runUntil(world.clock.now + MILLISECOND);
      cable.setUp(false);
      cable.send('b', frame);
      cable.setUp(true);
      cable.shape({ lossProbability: 1 });
      cable.send('b', frame);
    });
    const { a, b } = lab.network.cables.get('trunk')!.counters;
    const commented = packets.filter(({ comments }) => comments.length > 0);
    const count = (start: string) => commented.filter(({ comments }) => comments[0]!.startsWith(start)).length;
    for (const cause of ['cut', 'queue-full', 'loss', 'mtu'] as const)
      expect(count(`dropped: ${cause} `), cause).toBe(a.dropped[cause] + b.dropped[cause]);
    expect(count('dropped: cut (the link is down); it was on its way')).toBeGreaterThanOrEqual(2);
    expect(count('dropped: mtu')).toBe(1);
    expect(count('dropped: queue-full')).toBeGreaterThanOrEqual(1);
  });
});

describe('a capture of a link that turns bits', () => {
  it('says so where such a frame arrives, and nowhere else', () => {
    const { packets } = capturedLab({ links: ['trunk'] }, (world) => {
      const cable = world.network.cables.get('trunk')!;
      cable.shape({ corruptProbability: 1 }, 'a');
      for (const side of ['a', 'b'] as const) cable.send(side, new Uint8Array(60));
      world.clock.runUntil(world.clock.now + SECOND);
    });
    const turned = packets.filter(({ comments }) => comments.includes('corrupted: one bit was turned on the way'));
    expect(turned.map(nameOf)).toEqual(['s2-eth1']);
    expect(turned[0]!.data.filter((byte) => byte !== 0)).toHaveLength(1);
  });
});

describe('a capture of a port', () => {
  it('has that port only', () => {
    const { packets } = capturedLab({ ports: ['s1:2'] }, () => {});
    expect(new Set(packets.map(nameOf))).toEqual(new Set(['s1-eth2']));
    expect(packets.length).toBeGreaterThan(0);
  });

  it('may be one that the outside is attached to', () => {
    const { packets } = capturedLab({ ports: ['s1:9'] }, (world) => {
      const port = world.network.attachPorts.get('s1:9')!;
      port.attach({ send: (frame) => (frame.length > 100 ? 'slow' : undefined) });
      port.receiveFrame(new Uint8Array(60).fill(0xff));
      world.runUntil(() => false, world.clock.now + SECOND);
    });
    expect(new Set(packets.map(nameOf))).toEqual(new Set(['s1-eth9']));
    expect(packets.some(({ data }) => data.every((byte) => byte === 0xff))).toBe(true);
    // Probes of the controller leave by it.
    expect(packets.some(({ data }) => layersOf(data).includes('lldp'))).toBe(true);
  });

  it('is there once when its link is captured, too', () => {
    const both = capturedLab({ ports: ['s1:2', 's1:2'], links: ['trunk', 'trunk'] }, () => {});
    const link = capturedLab({ links: ['trunk'] }, () => {});
    expect(both.packets.length).toBe(link.packets.length);
  });
});

describe('a capture of a control channel', () => {
  it('is a TCP stream of whole OpenFlow messages, from the greeting on, and of each connection anew', () => {
    const { packets } = capturedLab({ channels: ['s1'] }, (world) => {
      world.disconnect('s1');
      world.runUntil(() => false, world.clock.now + SECOND);
      world.connect('s1');
      world.runUntil(() => false, world.clock.now + 5 * SECOND);
    });
    expect(new Set(packets.map(nameOf))).toEqual(new Set(['s1-control']));
    const streams = new Map<string, { next: number; bytes: Uint8Array[]; flags: number }>();
    for (const { data } of packets) {
      const [ethernet, ip, tcp, payload] = decodeFrame(new DataView(data.buffer, data.byteOffset), 0, data.length);
      if (ethernet?.type !== 'ethernet' || ip?.type !== 'ipv4' || tcp?.type !== 'tcp') throw new Error('no segment');
      const key = `${ip.src}:${tcp.srcPort}>${ip.dst}:${tcp.dstPort}`;
      const stream = streams.get(key) ?? { next: tcp.seq, bytes: [], flags: 0 };
      streams.set(key, stream);
      expect(tcp.seq).toBe(stream.next);
      const body = payload?.type === 'payload' ? payload.data : new Uint8Array(0);
      stream.next += body.length + (tcp.flags & 3 ? 1 : 0);
      stream.flags |= tcp.flags;
      stream.bytes.push(body);
    }
    // Two connections, two ways each; the first was closed.
    expect(streams.size).toBe(4);
    expect([...streams.values()].map(({ flags }) => flags & 3)).toEqual([3, 3, 2, 2]);
    for (const { bytes } of streams.values()) {
      const types: number[] = [];
      new Framer().receive(concat(bytes), (view, at) => types.push(view.getUint8(at + 1)));
      expect(types[0]).toBe(0);
      expect(types.length).toBeGreaterThan(3);
    }
  });
});

describe('a bounded capture', () => {
  it.each([{ packetsMax: 5 }, { bytesMax: 1000 }])(
    'keeps the first packets and says at its end what is missing: %o',
    (bounds) => {
      const ping = (world: Lab) => {
        startPing(world.network.hosts.get('h1')!, world.network.hosts.get('h2')!.spec.ip!, { count: 5 }, () => {});
        world.runUntil(() => false, world.clock.now + 2 * SECOND);
      };
      const whole = capturedLab({ links: ['trunk'] }, ping);
      const { packets, bytes } = capturedLab({ links: ['trunk'] }, ping, bounds);
      expect(packets.length).toBeGreaterThan(2);
      expect(packets.map(({ data }) => formatHex(data))).toEqual(
        whole.packets.slice(0, packets.length).map(({ data }) => formatHex(data)),
      );
      const statistics = [...new PcapngReader().push(bytes)].flatMap(({ block }) =>
        block.type === 'statistics' ? [block] : [],
      );
      const sum = (what: 'received' | 'dropped') => statistics.reduce((total, block) => total + Number(block[what]), 0);
      expect(sum('received')).toBe(whole.packets.length);
      expect(sum('dropped')).toBe(whole.packets.length - packets.length);
      expect(statistics.some(({ comments }) => comments?.[0]?.includes('the capture is full'))).toBe(true);
    },
  );
});

function layersOf(data: Uint8Array): string[] {
  return decodeFrame(new DataView(data.buffer, data.byteOffset), 0, data.length).map(({ type }) => type);
}

function blocksOf(bytes: Uint8Array): { readonly at: number; readonly flags: number | undefined }[] {
  return new PcapngReader()
    .push(bytes)
    .flatMap(({ at, block }) => (block.type === 'packet' ? [{ at, flags: block.flags }] : []));
}
