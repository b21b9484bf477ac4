/** Packets in fragments, in every order, with copies, gaps and lies, against the plainest oracle: the bytes that were cut. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Nanos, SECOND, type Timer } from '../../../sim/clock.ts';
import { Reassembly } from '../../../sim/stack/reassembly.ts';
import { A, B, ipv4, isSame, listen, pattern, StackPair, StackProbe } from './stack-rig.ts';

class Owner {
  now: Nanos = 0;
  lost = 0;
  readonly firsts: Uint8Array[] = [];
  #due: { at: Nanos; run: () => void } | undefined;

  schedule(at: Nanos, run: () => void): Timer {
    this.#due = { at, run };
    return { at, cancel: () => undefined };
  }

  fragmentsLost(count: number, first?: Uint8Array): void {
    this.lost += count;
    if (first) this.firsts.push(first);
  }

  pass(to: Nanos): void {
    while (this.#due && this.#due.at <= to) {
      const { at, run } = this.#due;
      this.now = at;
      this.#due = undefined;
      run();
    }
    this.now = to;
  }
}

const HEADER = 20;

function cut(whole: Uint8Array, from: number, to: number) {
  const packet = new Uint8Array(HEADER + to - from);
  packet.set(whole.subarray(from, to), HEADER);
  return { packet, payloadAt: HEADER, payloadEnd: packet.length, offset: from, hasMore: to < whole.length };
}

/** Places where a payload of so many bytes is cut, in eights. */
const cuts = fc.integer({ min: 1, max: 20_000 }).chain((bytes) =>
  fc.record({
    bytes: fc.constant(bytes),
    places: fc.uniqueArray(fc.integer({ min: 1, max: Math.max(1, Math.ceil(bytes / 8) - 1) }), { maxLength: 30 }),
    order: fc.array(fc.nat(), { minLength: 64, maxLength: 64 }),
    copies: fc.array(fc.nat(), { maxLength: 8 }),
  }),
);

describe('a packet in fragments', () => {
  it('is whole when the last piece is there, in whatever order they come, and copies change nothing', () => {
    fc.assert(
      fc.property(cuts, ({ bytes, places, order, copies }) => {
        const whole = pattern(bytes);
        const ends = [...places.map((place) => place * 8).filter((place) => place < bytes), bytes].sort(
          (a, b) => a - b,
        );
        const pieces = ends.map((to, i) => cut(whole, ends[i - 1] ?? 0, to));
        const shuffled = pieces
          .map((piece, i) => ({ piece, rank: order[i % order.length]! }))
          .sort((a, b) => a.rank - b.rank)
          .map(({ piece }) => piece);
        const reassembly = new Reassembly(new Owner(), SECOND);
        const last = shuffled.at(-1)!;
        for (const piece of shuffled.slice(0, -1)) expect(reassembly.add('k', piece)).toBeUndefined();
        for (const copy of copies) {
          const again = shuffled[copy % shuffled.length]!;
          if (again !== last) expect(reassembly.add('k', again)).toBeUndefined();
        }
        const joined = reassembly.add('k', last);
        expect(joined && isSame(joined.payload, whole)).toBe(true);
        expect(joined!.first.offset).toBe(0);
        expect(reassembly.bytes).toBe(0);
      }),
      { numRuns: 300 },
    );
  });

  it('is given up when pieces overlap with other bytes, end twice or lie behind the end, and never comes back', () => {
    const whole = pattern(64);
    const other = pattern(80).map((byte) => byte ^ 0xff);
    const lies = [
      [cut(whole, 0, 32), cut(other, 24, 48)],
      [cut(whole, 32, 64), cut(other, 24, 40)],
      [cut(whole, 32, 64), cut(other, 40, 80)],
      [cut(whole, 48, 64), cut(whole.subarray(0, 32), 0, 32)],
      [cut(whole, 0, 16), cut(whole, 32, 48), cut(other, 8, 40)],
    ];
    for (const pieces of lies) {
      const owner = new Owner();
      const reassembly = new Reassembly(owner, SECOND);
      for (const piece of pieces) expect(reassembly.add('k', piece)).toBeUndefined();
      expect(owner.lost).toBe(pieces.length);
      for (const [from, to] of [
        [0, 32],
        [32, 64],
      ] as const)
        expect(reassembly.add('k', cut(whole, from, to))).toBeUndefined();
      owner.pass(SECOND);
      expect(reassembly.bytes).toBe(0);
    }
  });

  it('whose others never come is given up in time, and told only if its beginning is there', () => {
    const owner = new Owner();
    const reassembly = new Reassembly(owner, SECOND);
    reassembly.add('a', cut(pattern(64), 0, 32));
    owner.pass(SECOND / 2);
    reassembly.add('b', cut(pattern(64), 32, 64));
    owner.pass(SECOND - 1);
    expect(owner.lost).toBe(0);
    owner.pass(SECOND);
    expect([owner.lost, owner.firsts.length]).toEqual([1, 1]);
    owner.pass(2 * SECOND);
    expect([owner.lost, owner.firsts.length]).toEqual([2, 1]);
    expect(reassembly.bytes).toBe(0);
  });

  it('waits within a bound, whoever sends beginnings only', () => {
    const owner = new Owner();
    const reassembly = new Reassembly(owner, SECOND);
    const whole = pattern(65_000);
    let most = 0;
    for (let i = 0; i < 5000; i++) {
      reassembly.add(`k${i}`, cut(whole, 0, i % 2 === 0 ? 8 : 64_000));
      most = Math.max(most, reassembly.bytes);
    }
    expect(most).toBeLessThanOrEqual(4 << 20);
    expect(owner.lost).toBeGreaterThan(4700);
    owner.pass(SECOND);
    expect([owner.lost, reassembly.bytes]).toEqual([5000, 0]);
  });
});

describe('a machine', () => {
  it('tells who sent a beginning that the rest never came, after half a minute', () => {
    const probe = new StackProbe();
    probe.introduce();
    const first = ipv4({ moreFragments: true, identification: 7 });
    const udp = { type: 'udp', srcPort: 5, dstPort: 7, length: 100, checksum: 0 } as const;
    probe.tell([first, udp, { type: 'payload', data: pattern(16) }]);
    probe.run(29 * SECOND);
    expect(probe.said()).toEqual([]);
    probe.run(2 * SECOND);
    expect(probe.saidLines()).toEqual([expect.stringContaining('icmp time-exceeded')]);
    expect(probe.host.counters.fragmentsLost).toBe(1);
  });

  it('keeps apart what comes at the same time from two ports, though cables lose and mix', () => {
    const pair = new StackPair({}, {}, { lossProbability: 0.02 });
    const server = listen(pair.b, 7);
    const clients = [listen(pair.a, 0), listen(pair.a, 0)];
    for (let i = 0; i < 100; i++) {
      for (const { socket } of clients) socket.send({ address: B.ip, port: 7 }, pattern(5000 + i));
      pair.run(SECOND / 10);
    }
    pair.run(40 * SECOND);
    expect(server.got.length).toBeGreaterThan(120);
    expect(server.got.length).toBeLessThan(200);
    for (const { data, from } of server.got) {
      expect(from).toBe(A.ip);
      expect(isSame(data, pattern(data.length))).toBe(true);
    }
    const { fragmentsLost, malformed, badChecksum } = pair.b.counters;
    expect(fragmentsLost).toBeGreaterThan(0);
    expect({ malformed, badChecksum }).toEqual({ malformed: 0, badChecksum: 0 });
  });
});
