/** What a connection does in time: retries, probes, delays, and what its user is told. The peer is the test. */
import { describe, expect, it } from 'vitest';
import { MILLISECOND, SECOND } from '../../../../sim/clock.ts';
import { PortInUseError } from '../../../../sim/stack/socket.ts';
import { LoneTcp, OWN, PEER, PLAIN } from './lone-tcp.ts';

const MSS = 1460;

function established(model = PLAIN, synAck = 'SA seq 0 ack 1 <mss 1460>'): LoneTcp {
  const lone = new LoneTcp(model);
  lone.connect();
  lone.give(synAck);
  lone.take();
  return lone;
}

/** When something was sent while the clock ran on, in milliseconds from now, and what. */
function watch(lone: LoneTcp, seconds: number): string[] {
  const from = lone.now;
  const seen: string[] = [];
  while ((lone.clock.nextAt() ?? Number.POSITIVE_INFINITY) <= from + seconds * SECOND) {
    lone.clock.step();
    for (const line of lone.take()) seen.push(`${(lone.now - from) / MILLISECOND} ${line}`);
  }
  lone.wait(from + seconds * SECOND - lone.now);
  return seen;
}

describe('opening', () => {
  it('offers what the model has, in both SYNs', () => {
    const lone = new LoneTcp({});
    lone.connect();
    expect(lone.take()).toEqual(['S seq 0 win 65535 <mss 1460, sackOK, ts, scale 7>']);
    expect(lone.give('SA seq 0 ack 1 win 1000 <mss 1400, sackOK, ts 5 0, scale 3>')).toEqual([
      'A seq 1 ack 1 win 49152 <ts>',
    ]);
    expect(lone.stream!.figures.segmentBytes).toBe(1400 - 12);
    expect(lone.stream!.sender.window).toBe(1000);
    lone.give('A seq 1 ack 1 win 1000 <ts 5 0>');
    expect(lone.stream!.sender.window).toBe(8000);
  });

  it('answers with what the caller offered, and no more', () => {
    const lone = new LoneTcp({});
    lone.listen();
    expect(lone.give('S seq 0 <mss 1000, ts 5 0>')).toEqual(['SA seq 0 ack 1 win 65535 <mss 1460, ts>']);
  });

  it('calls seven times in all, each after twice the time, and then says that nobody answers', () => {
    const lone = new LoneTcp();
    lone.connect();
    lone.take();
    expect(watch(lone, 200).map((line) => line.split(' ')[0])).toEqual([
      '1000',
      '3000',
      '7000',
      '15000',
      '31000',
      '63000',
    ]);
    expect(lone.told).toEqual(['closed timeout']);
    expect([lone.clock.pending, lone.tcp.connectionCount]).toEqual([0, 0]);
  });

  it('forgets a caller who does not answer, and tells nobody', () => {
    const lone = new LoneTcp();
    lone.listen();
    lone.give('S seq 0');
    expect(watch(lone, 200)).toHaveLength(5);
    expect([lone.told, lone.clock.pending, lone.tcp.connectionCount]).toEqual([[], 0, 0]);
  });

  it('answers again when its answer was lost', () => {
    const lone = new LoneTcp();
    lone.listen();
    const answer = lone.give('S seq 0');
    expect(lone.give('S seq 0')).toEqual(answer);
  });

  it('meets a peer who calls at the same time', () => {
    const lone = new LoneTcp();
    lone.connect();
    lone.take();
    expect(lone.give('S seq 0 <mss 1460>')).toEqual(['SA seq 0 ack 1 win 65535 <mss 1460>']);
    lone.give('SA seq 0 ack 1 <mss 1460>');
    expect([lone.stream!.state, lone.told]).toEqual(['established', ['opened']]);
  });

  it('sends what was written before the handshake with its end', () => {
    const lone = new LoneTcp();
    lone.connect().write(new Uint8Array(100));
    lone.stream!.end();
    lone.take();
    expect(lone.give('SA seq 0 ack 1 <mss 1460>')).toEqual(['FPA seq 1 ack 1 win 65535 len 100']);
  });

  it('drops callers beyond the backlog, who call again', () => {
    const lone = new LoneTcp({ ...PLAIN, backlogMax: 1 });
    lone.listen();
    lone.give('S seq 0');
    const other = lone.segment('S seq 0');
    const port = new DataView(other.buffer);
    port.setUint16(0, 4001);
    port.setUint16(16, port.getUint16(16) - 1);
    const deliver = () =>
      lone.tcp.receive({ src: PEER, dst: OWN, protocol: 6, hopLimit: 64, trafficClass: 0, payload: other });
    deliver();
    expect([lone.take(), lone.tcp.counters.overflowed]).toEqual([[], 1]);
    lone.give('A seq 1 ack 1');
    deliver();
    expect(lone.take()).toHaveLength(1);
  });

  it('says at once that a port is taken, and that there is no way', () => {
    const lone = new LoneTcp();
    lone.listen();
    expect(() => lone.listen()).toThrow(PortInUseError);
    lone.sourceFor = () => undefined as never;
    lone.connect();
    expect(lone.told).toEqual([]);
    lone.wait(0);
    expect(lone.told).toEqual(['closed network-unreachable']);
  });

  it.each(['host-unreachable', 'refused', 'prohibited'] as const)('ends when a router says %s of its call', (fault) => {
    const lone = new LoneTcp();
    lone.connect();
    const payload = lone.segment('S seq 0');
    const quoted = new DataView(new ArrayBuffer(8));
    quoted.setUint16(0, lone.ownPort);
    quoted.setUint16(2, 4000);
    // A number that is not on the way is somebody's guess.
    quoted.setUint32(4, lone.stream!.initial + 5);
    lone.tcp.failed({ src: OWN, dst: PEER, payload: new Uint8Array(quoted.buffer) }, fault);
    lone.wait(0);
    expect([payload.length, lone.told]).toEqual([20, []]);
    quoted.setUint32(4, lone.stream!.initial);
    lone.tcp.failed({ src: OWN, dst: PEER, payload: new Uint8Array(quoted.buffer) }, fault);
    lone.wait(0);
    expect(lone.told).toEqual([`closed ${fault}`]);
  });
});

describe('sending', () => {
  it('begins with ten segments', () => {
    const lone = established();
    lone.stream!.write(new Uint8Array(100_000));
    expect(lone.take()).toHaveLength(10);
  });

  it('sends again after the round trip and 200 ms, then after twice the time each', () => {
    const lone = established();
    lone.stream!.write(new Uint8Array(10));
    lone.take();
    const lines = watch(lone, 7);
    expect(lines.map((line) => Math.round(Number(line.split(' ')[0])))).toEqual([200, 600, 1400, 3000, 6200]);
    expect(new Set(lines.map((line) => line.slice(line.indexOf(' '))))).toEqual(
      new Set([' PA seq 1 ack 1 win 65535 len 10']),
    );
  });

  it('gives up after fifteen retries, or says what a router said', () => {
    const lone = established();
    lone.stream!.write(new Uint8Array(10));
    lone.take();
    expect(watch(lone, 2000)).toHaveLength(15);
    expect(lone.told).toEqual(['opened', 'closed timeout']);
    expect(lone.clock.pending).toBe(0);
  });

  it('sends the oldest again at the third duplicate, and new data for the first two', () => {
    const lone = established();
    lone.stream!.write(new Uint8Array(12 * MSS));
    lone.take();
    const duplicate = 'A seq 1 ack 1';
    expect(lone.give(duplicate)).toEqual([`A seq ${1 + 10 * MSS} ack 1 win 65535 len 1460`]);
    expect(lone.give(duplicate)).toEqual([`PA seq ${1 + 11 * MSS} ack 1 win 65535 len 1460`]);
    expect(lone.give(duplicate)).toEqual(['A seq 1 ack 1 win 65535 len 1460']);
    expect(lone.stream!.figures).toMatchObject({ fastRecoveries: 1, congestionWindow: 5 * MSS });
    // A partial acknowledgement: the next hole begins there.
    expect(lone.give(`A seq 1 ack ${1 + 3 * MSS}`)).toEqual([`A seq ${1 + 3 * MSS} ack 1 win 65535 len 1460`]);
  });

  it('sends again exactly what SACK says is missing', () => {
    const lone = established({ ...PLAIN, hasSack: true }, 'SA seq 0 ack 1 <mss 1460, sackOK>');
    lone.stream!.write(new Uint8Array(10 * MSS));
    lone.take();
    const at = (segment: number) => 1 + segment * MSS;
    // The first and the fourth are lost.
    lone.give(`A seq 1 ack 1 <sack ${at(1)}-${at(2)}>`);
    lone.give(`A seq 1 ack 1 <sack ${at(1)}-${at(3)}>`);
    expect(lone.give(`A seq 1 ack 1 <sack ${at(4)}-${at(5)} ${at(1)}-${at(3)}>`)).toEqual([
      'A seq 1 ack 1 win 65535 len 1460',
    ]);
    const rest = lone.give(`A seq 1 ack 1 <sack ${at(4)}-${at(10)} ${at(1)}-${at(3)}>`);
    expect(rest).toEqual([`A seq ${at(3)} ack 1 win 65535 len 1460`]);
  });

  it('does not believe blocks beyond what was sent', () => {
    const lone = established({ ...PLAIN, hasSack: true }, 'SA seq 0 ack 1 <mss 1460, sackOK>');
    lone.stream!.write(new Uint8Array(3 * MSS));
    lone.take();
    for (let i = 0; i < 5; i++) expect(lone.give(`A seq 1 ack 1 <sack ${10 * MSS}-${20 * MSS + i}>`)).toEqual([]);
    expect(lone.stream!.sender.scoreboard.ranges.count).toBe(0);
  });

  it('asks a shut window, ever more rarely, and goes on when it opens', () => {
    const lone = established(PLAIN, 'SA seq 0 ack 1 win 0 <mss 1460>');
    lone.stream!.write(new Uint8Array(3000));
    expect(lone.take()).toEqual([]);
    const probes = watch(lone, 2);
    expect(probes.map((line) => Math.round(Number(line.split(' ')[0])))).toEqual([200, 600, 1400]);
    expect(probes[0]).toContain('A seq 1 ack 1 win 65535 len 1');
    lone.give('A seq 1 ack 1 win 0');
    expect(lone.give('A seq 1 ack 1 win 5000')[0]).toBe('A seq 1 ack 1 win 65535 len 1');
    expect(lone.stream!.figures.timeouts).toBe(0);
  });

  it('never gives up a peer that answers with a shut window', () => {
    const lone = established(PLAIN, 'SA seq 0 ack 1 win 0 <mss 1460>');
    lone.stream!.write(new Uint8Array(3000));
    for (let i = 0; i < 60; i++) {
      lone.wait(121 * SECOND);
      lone.give('A seq 1 ack 1 win 0');
    }
    expect(lone.stream!.state).toBe('established');
  });

  it('holds back a small segment while another is on the way, where Nagle is asked for', () => {
    for (const hasNagle of [false, true]) {
      const lone = established({ ...PLAIN, hasNagle });
      for (let i = 0; i < 3; i++) lone.stream!.write(new Uint8Array(10));
      expect(lone.take()).toHaveLength(hasNagle ? 1 : 3);
      expect(lone.give('A seq 1 ack 11')).toEqual(hasNagle ? ['PA seq 11 ack 1 win 65535 len 20'] : []);
    }
  });

  it('takes what the buffer has room for, and tells when half of it is free', () => {
    const lone = established({ ...PLAIN, sendBufferBytesMax: 10 * MSS });
    expect(lone.stream!.write(new Uint8Array(20 * MSS))).toBe(10 * MSS);
    expect(lone.stream!.write(new Uint8Array(1))).toBe(0);
    lone.give(`A seq 1 ack ${1 + 4 * MSS}`);
    expect(lone.told).toEqual(['opened']);
    lone.give(`A seq 1 ack ${1 + 5 * MSS}`);
    expect(lone.told).toEqual(['opened', 'drained']);
  });

  it('begins slowly again after a pause', () => {
    const lone = established();
    lone.stream!.write(new Uint8Array(20 * MSS));
    lone.take();
    lone.give(`A seq 1 ack ${1 + 10 * MSS}`);
    lone.give(`A seq 1 ack ${1 + 20 * MSS}`);
    expect(lone.stream!.figures.congestionWindow).toBeGreaterThan(10 * MSS);
    lone.wait(5 * SECOND);
    lone.stream!.write(new Uint8Array(40 * MSS));
    expect(lone.take()).toHaveLength(10);
  });

  it('makes its segments smaller when the path is narrower, and sends what was refused again', () => {
    const lone = established();
    lone.stream!.write(new Uint8Array(2 * MSS));
    lone.take();
    const quoted = new DataView(new ArrayBuffer(8));
    quoted.setUint16(0, lone.ownPort);
    quoted.setUint16(2, 4000);
    quoted.setUint32(4, lone.stream!.initial + 1);
    lone.mtu = 1000;
    lone.tcp.narrowed({ src: OWN, dst: PEER, payload: new Uint8Array(quoted.buffer) }, 1000);
    expect(lone.wait(0).map((line) => line.split(' ').at(-1))).toEqual(['960', '960', '960', '40']);
    expect(lone.stream!.figures.congestionWindow).toBe(10 * MSS);
  });
});

describe('receiving', () => {
  it('acknowledges every second segment at once, a single one after 40 ms', () => {
    const lone = established();
    expect(lone.give('PA seq 1 ack 1 len 100')).toEqual([]);
    expect(lone.give('PA seq 101 ack 1 len 100')).toEqual(['A seq 1 ack 201 win 65335']);
    expect(lone.give('PA seq 201 ack 1 len 100')).toEqual([]);
    expect(watch(lone, 1)).toEqual(['40 A seq 1 ack 301 win 65235']);
  });

  it('acknowledges with what its user writes in answer', () => {
    const lone = established();
    lone.give('PA seq 1 ack 1 len 100');
    lone.stream!.write(new Uint8Array(5));
    expect(lone.take()).toEqual(['PA seq 1 ack 101 win 65435 len 5']);
    expect(watch(lone, 0.1)).toEqual([]);
  });

  it('tells of what is beyond a hole, the newest first, and delivers when it is filled', () => {
    const lone = established({ ...PLAIN, hasSack: true }, 'SA seq 0 ack 1 <mss 1460, sackOK>');
    expect(lone.give('A seq 101 ack 1 len 50')).toEqual(['A seq 1 ack 1 win 65535 <sack 101-151>']);
    expect(lone.give('A seq 301 ack 1 len 50')).toEqual(['A seq 1 ack 1 win 65535 <sack 301-351 101-151>']);
    expect(lone.give('A seq 151 ack 1 len 10')).toEqual(['A seq 1 ack 1 win 65535 <sack 101-161 301-351>']);
    expect(lone.give('A seq 1 ack 1 len 100')).toEqual(['A seq 1 ack 161 win 65375 <sack 301-351>']);
    expect(lone.told).toEqual(['opened', 'received 100', 'received 60']);
  });

  it('delivers overlapping segments once, the first that came', () => {
    const lone = established();
    lone.give('A seq 6 ack 1', Uint8Array.of(6, 7, 8));
    lone.give('A seq 1 ack 1', Uint8Array.of(1, 2, 3, 4, 5, 9, 9, 9, 10));
    lone.give('A seq 3 ack 1', Uint8Array.of(0, 0));
    expect(lone.received).toHaveLength(9);
    expect(lone.received.slice(0, 5)).toEqual([1, 2, 3, 4, 5]);
    expect(lone.received[8]).toBe(10);
  });

  it('fills the window while its user is paused, shuts it, and opens it when the user reads on', () => {
    const lone = established({ ...PLAIN, receiveBufferBytesMax: 3000 });
    lone.stream!.setPaused(true);
    lone.give('A seq 1 ack 1 len 1460');
    expect(lone.give('A seq 1461 ack 1 len 1460')).toEqual(['A seq 1 ack 2921 win 80']);
    expect(lone.give('A seq 2921 ack 1 len 1460')).toEqual([]);
    expect(watch(lone, 1)).toEqual(['40 A seq 1 ack 3001 win 0']);
    expect(lone.give('A seq 3001 ack 1 len 1')).toEqual(['A seq 1 ack 3001 win 0']);
    expect(lone.told).toEqual(['opened']);
    lone.stream!.setPaused(false);
    expect(lone.told).toEqual(['opened']);
    expect(lone.wait(0)).toEqual(['A seq 1 ack 3001 win 3000']);
    expect(lone.received).toHaveLength(3000);
  });

  it('takes no segment whose timestamp is older than what it has heard', () => {
    const lone = established({ ...PLAIN, hasTimestamps: true }, 'SA seq 0 ack 1 <mss 1460, ts 1000 0>');
    lone.give('A seq 1 ack 1 len 10 <ts 1005 0>');
    expect(lone.give('A seq 11 ack 1 len 10 <ts 1004 0>')).toEqual(['A seq 1 ack 11 win 65525 <ts>']);
    expect(lone.give('A seq 11 ack 1 len 10')).toEqual([]);
    expect(lone.received).toHaveLength(10);
  });

  it('answers what carries nothing and fits nowhere twice a second at most', () => {
    const lone = established();
    let answers = 0;
    for (let i = 0; i < 100; i++) {
      answers +=
        lone.give('A seq 900000 ack 1').length + lone.give('S seq 5').length + lone.give('RA seq 7 ack 1').length;
      lone.wait(10 * MILLISECOND);
    }
    expect(answers).toBe(2);
  });
});

describe('ending', () => {
  it('lets each side end for itself', () => {
    const lone = established();
    lone.stream!.end();
    expect(lone.take()).toEqual(['FA seq 1 ack 1 win 65535']);
    expect(lone.stream!.write(new Uint8Array(1))).toBe(0);
    lone.give('A seq 1 ack 2');
    lone.give('PA seq 1 ack 2 len 10');
    expect(lone.give('FA seq 11 ack 2')).toEqual(['A seq 2 ack 12 win 65524']);
    expect(lone.told).toEqual(['opened', 'received 10', 'ended', 'closed']);
  });

  it('writes on after the peer has ended', () => {
    const lone = established();
    lone.give('FA seq 1 ack 1');
    lone.stream!.write(new Uint8Array(10));
    lone.stream!.end();
    expect(lone.take()).toEqual(['PA seq 1 ack 2 win 65534 len 10', 'FA seq 11 ack 2 win 65534']);
    lone.give('A seq 2 ack 12');
    expect(lone.told).toEqual(['opened', 'ended', 'closed']);
    expect([lone.tcp.connectionCount, lone.clock.pending]).toEqual([0, 0]);
  });

  it('keeps its ports for a minute, answers a FIN that comes again, and makes way for a newer call', () => {
    const lone = new LoneTcp();
    lone.listen();
    lone.give('S seq 0');
    lone.give('A seq 1 ack 1');
    lone.stream!.end();
    lone.give('FA seq 1 ack 2');
    lone.take();
    lone.wait(59 * SECOND);
    expect(lone.give('FA seq 1 ack 2')).toEqual(['A seq 2 ack 2 win 65534']);
    lone.wait(59 * SECOND);
    expect(lone.tcp.connectionCount).toBe(1);
    expect(lone.give('S seq 1000')[0]).toMatch(/^SA seq \S+ ack 1001 /);
    lone.give('R seq 1001');
    lone.wait(60 * SECOND);
    expect([lone.tcp.connectionCount, lone.clock.pending]).toEqual([0, 0]);
  });

  it('tells the end only when a paused user has read what was before it', () => {
    const lone = established();
    lone.stream!.setPaused(true);
    lone.give('FPA seq 1 ack 1 len 10');
    lone.stream!.end();
    lone.give('A seq 12 ack 2');
    expect([lone.told, lone.tcp.connectionCount]).toEqual([['opened'], 0]);
    lone.stream!.setPaused(false);
    lone.wait(0);
    expect(lone.told).toEqual(['opened', 'received 10', 'ended', 'closed']);
  });

  it('resets at once when its user gives it up, who is told in his own time', () => {
    const lone = established();
    lone.stream!.write(new Uint8Array(10));
    lone.take();
    lone.stream!.abort();
    expect(lone.take()).toEqual(['RA seq 11 ack 1 win 0']);
    expect(lone.told).toEqual(['opened']);
    lone.wait(0);
    expect(lone.told).toEqual(['opened', 'closed reset']);
    expect(lone.give('A seq 1 ack 11')).toEqual(['R seq 11 win 0']);
  });

  it('ends without a word when the machine goes', () => {
    const lone = established();
    lone.stream!.write(new Uint8Array(10));
    lone.take();
    lone.tcp.reset();
    expect(lone.wait(10 * SECOND)).toEqual([]);
    expect([lone.told, lone.clock.pending]).toEqual([['opened', 'closed down'], 0]);
  });

  it('asks a silent peer whether it lives, where the model says so', () => {
    const keepAlive = { idleNs: 10 * SECOND, intervalNs: SECOND, probesMax: 3 };
    const lone = established({ ...PLAIN, keepAlive });
    expect(watch(lone, 10.5)).toEqual(['10000 A seq 0 ack 1 win 65535']);
    lone.give('A seq 1 ack 1');
    expect(watch(lone, 20).map((line) => line.split(' ')[0])).toEqual(['10000', '11000', '12000']);
    expect(lone.told).toEqual(['opened', 'closed timeout']);
    expect(lone.clock.pending).toBe(0);
  });
});
