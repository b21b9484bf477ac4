import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { WireError } from '../../protocol/wire/wire-error.ts';
import {
  BANDWIDTH,
  type Dimension,
  DURATION,
  PROBABILITY,
  parseQuantity,
  RATE,
  SIZE,
} from '../../topologies/quantity.ts';

describe('a quantity is read in base units', () => {
  it.each<readonly [string, Dimension, number]>([
    ['20Mbps', BANDWIDTH, 20_000_000],
    ['20 Mbps', BANDWIDTH, 20_000_000],
    ['1bps', BANDWIDTH, 1],
    ['64kbit/s', BANDWIDTH, 64_000],
    ['2.5Gbps', BANDWIDTH, 2_500_000_000],
    ['1Tbps', BANDWIDTH, 1_000_000_000_000],
    ['5ms', DURATION, 5_000_000],
    ['0s', DURATION, 0],
    ['1.1ms', DURATION, 1_100_000],
    ['10us', DURATION, 10_000],
    ['10µs', DURATION, 10_000],
    ['0.000000001s', DURATION, 1],
    ['2min', DURATION, 120_000_000_000],
    ['1h', DURATION, 3_600_000_000_000],
    ['0%', PROBABILITY, 0],
    ['0.5%', PROBABILITY, 0.005],
    ['0.07%', PROBABILITY, 0.0007],
    ['100%', PROBABILITY, 1],
    ['64GiB', SIZE, 68_719_476_736],
    ['1.5KiB', SIZE, 1536],
    ['512MB', SIZE, 512_000_000],
    ['50/s', RATE, 50],
    ['0.5/s', RATE, 0.5],
    ['30/min', RATE, 0.5],
    ['36/h', RATE, 0.01],
  ])('%s', (text, dimension, value) => {
    expect(parseQuantity(text, dimension)).toBe(value);
  });

  it('without rounding, however many decimals it has', () => {
    fc.assert(
      fc.property(fc.nat(9_000), fc.stringMatching(/^[0-9]{1,6}$/), (whole, decimals) => {
        // Six decimals of a millisecond are nanoseconds: appending zeros is all the arithmetic there is.
        const expected = Number(`${whole}${decimals.padEnd(6, '0')}`);
        expect(parseQuantity(`${whole}.${decimals}ms`, DURATION)).toBe(expected);
      }),
    );
  });
});

describe('a quantity is refused with the column of the mistake', () => {
  it.each<readonly [string, Dimension, number, string]>([
    ['', DURATION, 1, '"" is not a time with its unit, such as 5ms'],
    ['ms', DURATION, 1, '"ms" is not a time with its unit, such as 5ms'],
    ['5', DURATION, 1, '5 has no unit; write 5 with one of ns, us, µs, ms, s, min, h'],
    ['5 ', DURATION, 1, '5  has no unit; write 5 with one of ns, us, µs, ms, s, min, h'],
    ['5sec', DURATION, 2, 'unknown unit "sec"; write 5 with one of ns, us, µs, ms, s, min, h'],
    ['1.5 MS', DURATION, 5, 'unknown unit "MS"; did you mean ms?'],
    ['+5ms', DURATION, 1, '"+5ms" is not a time with its unit, such as 5ms'],
    ['5.ms', DURATION, 2, 'unknown unit ".ms"; did you mean ms?'],
    ['5ms ', DURATION, 2, 'unknown unit "ms "; did you mean ms?'],
    ['1e3ms', DURATION, 2, 'unknown unit "e3ms"; write 1 with one of ns, us, µs, ms, s, min, h'],
    ['1234567890123456ns', DURATION, 1, 'more than 15 digits; take a larger unit'],
    ['2600h', DURATION, 1, '2600h is out of range; this must be at least 0 nanoseconds and at most 9007199254740991'],
    ['100.1%', PROBABILITY, 1, '100.1% is out of range; this must be a share of 0% to 100%'],
    ['0.1B', SIZE, 1, '0.1B is not a whole number of bytes; round it'],
    ['5toString', RATE, 2, 'unknown unit "toString"; write 5 with one of /s, /min, /h'],
  ])('%s', (text, dimension, column, reason) => {
    let caught: unknown;
    try {
      parseQuantity(text, dimension);
    } catch (error) {
      caught = error;
    }
    expect(caught).toBeInstanceOf(WireError);
    expect(caught).toMatchObject({ error: 'SYNTAX', at: column, reason });
  });
});
