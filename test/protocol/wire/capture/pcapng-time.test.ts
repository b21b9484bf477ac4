import fc from 'fast-check';
import { expect, test } from 'vitest';
import { nsToTicks, RESOLUTION_NANO, ticksToNs } from '../../../../protocol/wire/capture/pcapng-time.ts';

test.each([
  ['microseconds when nothing is said', {}, 1_700_000_000_123_456n, 1_700_000_000_123_456_000n],
  ['nanoseconds', { resolution: 9 }, 1_700_000_000_123_456_789n, 1_700_000_000_123_456_789n],
  ['whole seconds', { resolution: 0 }, 1_700_000_000n, 1_700_000_000_000_000_000n],
  ['picoseconds, cut off', { resolution: 12 }, 1_999n, 1n],
  ['2^-20 s', { resolution: 0x94 }, 3n << 19n, 1_500_000_000n],
  ['2^-64 s', { resolution: 0xc0 }, 1n << 63n, 500_000_000n],
  ['an offset forward', { resolution: 6, offsetSeconds: 1_700_000_000n }, 5n, 1_700_000_000_000_005_000n],
  ['an offset back', { offsetSeconds: -1n }, 2_000_000n, 1_000_000_000n],
  ['10^-127 s', { resolution: 127 }, 10n ** 18n, 0n],
])('ticks as %s', (_name, clock, ticks, ns) => {
  expect(ticksToNs(ticks, clock)).toBe(ns);
});

test('a nanosecond survives any unit that is as fine', () => {
  const clock = fc.record({
    resolution: fc.constantFrom(RESOLUTION_NANO, 10, 0x80 | 30, 0x80 | 31),
    offsetSeconds: fc.bigInt({ min: -1_000_000n, max: 0n }),
  });
  fc.assert(
    fc.property(clock, fc.bigInt({ min: 0n, max: 1_000_000_000_000_000_000n }), (unit, ns) => {
      expect(ticksToNs(nsToTicks(ns, unit), unit)).toBe(ns);
    }),
  );
});

test('a time between two ticks is the one before, as in a pcap file', () => {
  expect(nsToTicks(1_999n, { resolution: 6 })).toBe(1n);
});

test.each([
  ['before the beginning of the clock', 0n, { offsetSeconds: 1n }],
  ['after its end', 10n ** 19n, { resolution: 12 }],
])('a time %s cannot be told', (_name, ns, clock) => {
  expect(() => nsToTicks(ns, clock)).toThrow('BAD_VALUE');
});
