/** The pieces that TCP is made of, each against something simpler that is surely right. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ByteRing } from '../../../../sim/stack/tcp/byte-ring.ts';
import { addressWords, KeyedHash } from '../../../../sim/stack/tcp/keyed-hash.ts';
import { NewReno } from '../../../../sim/stack/tcp/new-reno.ts';
import { RangeList } from '../../../../sim/stack/tcp/range-list.ts';
import { RoundTrip } from '../../../../sim/stack/tcp/round-trip.ts';
import { Scoreboard } from '../../../../sim/stack/tcp/scoreboard.ts';
import { sequenceDistance, toOffset, toSequence } from '../../../../sim/stack/tcp/sequence.ts';
import { TCP_MODEL } from '../../../../sim/stack/tcp/tcp-model.ts';
import { nextTcpState, TCP_TRANSITIONS } from '../../../../sim/stack/tcp/tcp-state.ts';

const range = fc.tuple(fc.nat(60), fc.integer({ min: 1, max: 12 }));

describe('sequence numbers', () => {
  it('are offsets and back, wherever the stream is and however often it has wrapped', () => {
    const offset = fc.nat(2 ** 45);
    fc.assert(
      fc.property(
        fc.nat(0xffff_ffff),
        offset,
        fc.integer({ min: -(2 ** 31) + 1, max: 2 ** 31 - 1 }),
        (initial, near, by) => {
          fc.pre(near + by >= 0);
          expect(toOffset(initial, toSequence(initial, near + by), near)).toBe(near + by);
        },
      ),
    );
    expect(sequenceDistance(0xffff_fff0, 0x10)).toBe(0x20);
  });
});

describe('the keyed hash', () => {
  it('is HalfSipHash-2-4: the reference vectors of whole words', () => {
    const hash = new KeyedHash(0x0302_0100, 0x0706_0504);
    expect(hash.hash([])).toBe(0x5b9f_35a9);
    expect(hash.hash([0x0302_0100])).toBe(0x8946_6e2a);
    expect(hash.hash([0x0302_0100, 0x0706_0504])).toBe(0x8f84_b8d0);
  });

  it('takes an IPv6 address as its four words', () => {
    expect(addressWords(0x20010db8_00000000_00000001_fffffffen)).toEqual([0x20010db8, 0, 1, 0xfffffffe]);
  });
});

describe('a list of ranges', () => {
  it('holds what a set of offsets holds', () => {
    const change = fc.oneof(fc.record({ add: range }), fc.record({ trim: fc.nat(60) }));
    fc.assert(
      fc.property(fc.array(change, { maxLength: 30 }), fc.nat(70), fc.nat(70), (changes, a, b) => {
        const list = new RangeList();
        const set = new Set<number>();
        let below = 0;
        for (const given of changes) {
          if ('add' in given) {
            const [left, length] = given.add;
            if (left < below) continue;
            const before = set.size;
            for (let i = left; i < left + length; i++) set.add(i);
            expect(list.add(left, left + length)).toBe(set.size - before);
          } else {
            below = Math.max(below, given.trim);
            for (const offset of [...set]) if (offset < below) set.delete(offset);
            list.trim(below);
          }
          const offsets = list.lefts.flatMap((left, i) =>
            Array.from({ length: list.rights[i]! - left }, (_, k) => left + k),
          );
          expect(offsets).toEqual([...set].sort((x, y) => x - y));
          expect(list.bytes).toBe(set.size);
          for (let i = 1; i < list.count; i++) expect(list.lefts[i]!).toBeGreaterThan(list.rights[i - 1]!);
        }
        expect(list.bytesBetween(Math.min(a, b), Math.max(a, b))).toBe(
          [...set].filter((offset) => offset >= Math.min(a, b) && offset < Math.max(a, b)).length,
        );
        expect(list.indexOf(a) >= 0).toBe(set.has(a));
      }),
    );
  });
});

describe('the scoreboard', () => {
  it('calls lost what RFC 6675 calls lost, octet by octet', () => {
    const SEGMENT = 4;
    fc.assert(
      fc.property(fc.array(range, { maxLength: 12 }), (blocks) => {
        const board = new Scoreboard();
        const has = new Set<number>();
        for (const [left, length] of blocks) {
          board.add(left, left + length, 0, 100);
          for (let i = left; i < left + length; i++) has.add(i);
        }
        const edge = board.lostEdge(SEGMENT);
        for (let octet = 0; octet < 100; octet++) {
          if (has.has(octet)) continue;
          // Section 4, IsLost: three discontiguous ranges above, or more than (DupThresh - 1) · SMSS octets.
          let ranges = 0;
          let octets = 0;
          for (let above = octet + 1; above < 100; above++) {
            if (!has.has(above)) continue;
            octets++;
            if (!has.has(above - 1)) ranges++;
          }
          expect(octet < edge, `octet ${octet}`).toBe(ranges >= 3 || octets > 2 * SEGMENT);
        }
        expect(has.has(board.holeFrom(0))).toBe(false);
        expect(board.top).toBe(has.size === 0 ? 0 : Math.max(...has) + 1);
      }),
    );
  });
});

describe('a ring', () => {
  it('gives back what was written, wherever it lies and however it has grown', () => {
    fc.assert(
      fc.property(fc.nat(2 ** 40), fc.array(fc.integer({ min: 1, max: 5000 }), { maxLength: 12 }), (start, lengths) => {
        const ring = new ByteRing();
        const byteAt = (offset: number) => (offset * 31 + (offset >> 8)) & 0xff;
        let low = start;
        let high = start;
        for (const [i, length] of lengths.entries()) {
          const bytes = Uint8Array.from({ length }, (_, k) => byteAt(high + k));
          ring.reserve(low, high, high + length);
          ring.write(high, bytes, 0, length);
          high += length;
          if (i % 3 === 2) low += Math.floor((high - low) / 2);
        }
        const copy = new Uint8Array(high - low);
        if (copy.length > 0) ring.copyTo(copy, 0, low, copy.length);
        expect(copy.every((byte, k) => byte === byteAt(low + k))).toBe(true);
        for (let here = low; here < high; ) {
          const piece = ring.piece(here, high);
          expect(piece[0]).toBe(byteAt(here));
          here += piece.length;
        }
      }),
    );
  });
});

describe('the timeout', () => {
  it('follows RFC 6298, and is never less than the smoothed round trip and 200 ms', () => {
    const roundTrip = new RoundTrip(TCP_MODEL);
    expect(roundTrip.timeoutNs).toBe(1e9);
    roundTrip.sample(100e6);
    // SRTT = R, RTTVAR = R / 2, RTO = SRTT + 4 · RTTVAR.
    expect(roundTrip.timeoutNs).toBe(300e6);
    roundTrip.sample(180e6);
    // RTTVAR = 3/4 · 50 + 1/4 · 80, SRTT = 7/8 · 100 + 1/8 · 180.
    expect(roundTrip.timeoutNs).toBe(110e6 + 4 * 57.5e6);
    for (let i = 0; i < 100; i++) roundTrip.sample(100e6);
    expect(roundTrip.timeoutNs / 1e6).toBeCloseTo(300, 1);
    roundTrip.backOff();
    roundTrip.backOff();
    expect(roundTrip.timeoutNs / 1e6).toBeCloseTo(1200, 1);
    for (let i = 0; i < 20; i++) roundTrip.backOff();
    expect(roundTrip.timeoutNs).toBe(TCP_MODEL.timeoutMaxNs);
    roundTrip.sample(100e6);
    expect(roundTrip.timeoutNs / 1e6).toBeCloseTo(300, 1);
  });
});

describe("NewReno's window", () => {
  it('doubles, then grows by a segment a round trip, however acknowledgements are cut', () => {
    for (const piece of [500, 1000, 2000]) {
      const window = new NewReno(1000, 10);
      for (let acked = 0; acked < 10_000; acked += piece) window.acked(piece);
      expect(window.window).toBe(20_000);
      window.lost(20_000);
      expect(window.window).toBe(10_000);
      window.recovered();
      for (let acked = 0; acked < 10_000; acked += piece) window.acked(piece);
      expect(window.window).toBe(11_000);
    }
  });

  it('is one segment after a timeout, and remembers half of what was on the way once', () => {
    const window = new NewReno(1000, 10);
    window.timedOut(8000);
    window.timedOut(undefined);
    expect([window.window, window.threshold]).toEqual([1000, 4000]);
  });
});

describe('the states', () => {
  it('lead from a handshake to an end, whoever ends first, and nowhere else', () => {
    expect(['syn-ack', 'end', 'fin-acked', 'fin'].reduce(step, 'syn-sent')).toBe('time-wait');
    expect(['syn-ack', 'end', 'fin', 'fin-acked'].reduce(step, 'syn-sent')).toBe('time-wait');
    expect(['syn', 'syn-acked', 'fin', 'end', 'fin-acked'].reduce(step, 'syn-sent')).toBe('closed');
    expect(() => nextTcpState('time-wait', 'fin')).toThrow('broken invariant');
    const reached = new Set(Object.values(TCP_TRANSITIONS).flatMap((row) => Object.values(row)));
    expect(Object.keys(TCP_TRANSITIONS).filter((state) => !reached.has(state as never))).toEqual(['syn-sent']);
  });
});

function step(state: string, event: string): string {
  return nextTcpState(state as never, event as never);
}
