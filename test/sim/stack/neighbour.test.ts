import { describe, expect, it } from 'vitest';
import { MAC_BROADCAST } from '../../../protocol/wire/address.ts';
import type { Layer } from '../../../protocol/wire/packet/layer.ts';
import { MILLISECOND, SECOND } from '../../../sim/clock.ts';
import { A, B, ip4, listen, pattern, StackPair, StackProbe, toLine } from './stack-rig.ts';

/** What a machine says on a silent wire, with the second in which it says it. */
function watch(probe: StackProbe, seconds: number): readonly string[] {
  const lines: string[] = [];
  probe.run(0);
  for (let i = 0; i < seconds * 10; i++) {
    for (const frame of probe.said()) {
      const [ethernet] = frame;
      const isToAll = ethernet?.type === 'ethernet' && ethernet.dst === MAC_BROADCAST;
      lines.push(`${probe.clock.now / SECOND} ${isToAll ? 'all' : 'one'}: ${toLine(frame).replace(/ \|.*/, '')}`);
    }
    probe.run(100 * MILLISECOND);
  }
  return lines;
}

function arp(fields: Partial<Extract<Layer, { type: 'arp' }>>): Layer {
  return { type: 'arp', operation: 1, senderMac: B.mac, senderIp: B.ip, targetMac: 0, targetIp: A.ip, ...fields };
}

const send = (probe: StackProbe, to = '10.0.0.2') =>
  listen(probe.host, 0).socket.send({ address: ip4(to), port: 9 }, pattern(4));

describe('a neighbour', () => {
  it('is asked for by all, three times a second apart; who is heard of is used for half a minute without a word', () => {
    const probe = new StackProbe();
    send(probe);
    expect(watch(probe, 5)).toEqual(
      [0, 1, 2].map((at) => `${at} all: arp request for 10.0.0.2 from 10.0.0.1 at 02:00:00:00:00:0a`),
    );
    probe.introduce();
    probe.run(29 * SECOND);
    send(probe);
    probe.run(0);
    expect(probe.saidLines()).toEqual([expect.stringMatching(/^ipv4 .*udp/)]);
  });

  it('that was not heard of for half a minute is used, doubted for five seconds, asked alone thrice, and forgotten', () => {
    const probe = new StackProbe();
    probe.introduce();
    probe.run(31 * SECOND);
    probe.said();
    const before = probe.clock.now / SECOND;
    send(probe);
    const lines = watch(probe, 12).map((line) => line.replace(/^[\d.]+/, (at) => String(Number(at) - before)));
    expect(lines.map((line) => line.replace(/ipv4.*/, 'ipv4'))).toEqual([
      '0 one: ipv4',
      '5 one: arp request for 10.0.0.2 from 10.0.0.1 at 02:00:00:00:00:0a',
      '6 one: arp request for 10.0.0.2 from 10.0.0.1 at 02:00:00:00:00:0a',
      '7 one: arp request for 10.0.0.2 from 10.0.0.1 at 02:00:00:00:00:0a',
    ]);
    send(probe);
    probe.run(0);
    expect(probe.saidLines()).toEqual([expect.stringContaining('arp request')]);
  });

  it('that answers stays, and two that talk all day ask each other no more than once in half a minute', () => {
    const pair = new StackPair();
    const server = listen(pair.b, 9);
    const client = listen(pair.a, 0);
    for (let i = 0; i < 600; i++) {
      client.socket.send({ address: B.ip, port: 9 }, pattern(4));
      pair.run(SECOND);
    }
    expect(server.got).toHaveLength(600);
    const questions = pair.lines('b').filter((line) => line.startsWith('arp request'));
    expect(questions.length).toBeGreaterThan(10);
    expect(questions.length).toBeLessThanOrEqual(20);
    expect(pair.a.counters.unresolved).toBe(0);
  });

  it('on a network with a router is the router for whoever is elsewhere', () => {
    const probe = new StackProbe({ router: ip4('10.0.0.254') });
    send(probe, '192.0.2.1');
    send(probe, '10.0.0.99');
    probe.run(0);
    expect(probe.saidLines().map((line) => /for (\S+)/.exec(line)![1])).toEqual(['10.0.0.254', '10.0.0.99']);
  });

  it('is everybody where there is no router', () => {
    const probe = new StackProbe();
    send(probe, '192.0.2.1');
    probe.run(0);
    expect(probe.saidLines()).toEqual([expect.stringContaining('for 192.0.2.1')]);
  });

  it('is learned from those who ask us, refreshed by anybody, and from nothing else', () => {
    const probe = new StackProbe();
    probe.tell([arp({ targetIp: ip4('10.0.0.3') })], MAC_BROADCAST);
    send(probe);
    probe.run(0);
    expect(probe.saidLines()).toEqual([expect.stringContaining('arp request')]);
    probe.tell([arp({})]);
    probe.tell([arp({ senderMac: 0x02_00_00_00_00_99, targetIp: B.ip })], MAC_BROADCAST);
    send(probe);
    probe.run(0);
    expect(probe.said()).toEqual([expect.arrayContaining([expect.objectContaining({ dst: 0x02_00_00_00_00_99 })])]);
  });

  it('may be one of a hundred thousand: memory has a bound, and the oldest make room', () => {
    const probe = new StackProbe();
    for (let i = 0; i < 100_000; i++) probe.host.receiveFrame(requestFrom(0x0b000000 + i));
    expect(probe.host.stack.ipv4.arp.neighbours.has(0x0b000000)).toBe(false);
    expect(probe.host.stack.ipv4.arp.neighbours.has(0x0b000000 + 99_999)).toBe(true);
    let known = 0;
    for (let i = 0; i < 100_000; i++) if (probe.host.stack.ipv4.arp.neighbours.has(0x0b000000 + i)) known++;
    expect(known).toBe(1024);
  });
});

function requestFrom(ip: number): Uint8Array {
  const frame = new Uint8Array(42);
  const view = new DataView(frame.buffer);
  view.setUint16(0, 0x0200);
  view.setUint32(2, 0x0a);
  view.setUint16(12, 0x0806);
  view.setUint32(14, 0x0001_0800);
  view.setUint32(18, 0x0604_0001);
  view.setUint32(28, ip);
  view.setUint32(38, A.ip);
  return frame;
}

describe('an address', () => {
  const TAKEN = ip4('10.0.0.50');

  it('that nobody has is probed thrice as one without an address, and free after four to seven seconds', () => {
    const probe = new StackProbe({ ip: undefined });
    let verdict: boolean | undefined;
    probe.host.probe(TAKEN, (isTaken) => {
      verdict = isTaken;
    });
    const lines = watch(probe, 3);
    expect(verdict).toBeUndefined();
    const all = [...lines, ...watch(probe, 5)];
    expect(verdict).toBe(false);
    expect(all).toHaveLength(3);
    for (const line of all) expect(line).toContain('all: arp request for 10.0.0.50 from 0.0.0.0');
  });

  it('that somebody speaks for, or probes for himself, is taken', () => {
    for (const word of [arp({ operation: 2, senderIp: TAKEN }), arp({ senderIp: 0, targetIp: TAKEN })]) {
      const probe = new StackProbe({ ip: undefined });
      const verdicts: boolean[] = [];
      probe.host.probe(TAKEN, (isTaken) => verdicts.push(isTaken));
      probe.run(2 * SECOND);
      probe.tell([word], MAC_BROADCAST);
      expect(verdicts).toEqual([true]);
      probe.run(20 * SECOND);
      expect(verdicts).toEqual([true]);
    }
  });

  it('that is set while the machine runs is announced twice and then used; one that is taken away is used no more', () => {
    const probe = new StackProbe({ ip: undefined });
    probe.host.setIpv4({ address: TAKEN, prefixLength: 24 });
    expect(watch(probe, 5)).toEqual([
      '0 all: arp request for 10.0.0.50 from 10.0.0.50 at 02:00:00:00:00:0a',
      '2 all: arp request for 10.0.0.50 from 10.0.0.50 at 02:00:00:00:00:0a',
    ]);
    expect(probe.host.addresses).toEqual([TAKEN]);
    probe.host.setIpv4({ address: TAKEN, prefixLength: 24 });
    expect(watch(probe, 3)).toEqual([]);
    expect(probe.tell([arp({ targetIp: TAKEN })], MAC_BROADCAST)).toHaveLength(1);
    probe.host.setIpv4(undefined);
    expect(probe.host.addresses).toEqual([]);
    expect(probe.tell([arp({ targetIp: TAKEN })], MAC_BROADCAST)).toEqual([]);
  });
});
