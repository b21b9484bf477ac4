/**
 * Quantities with their units, as people write them (`20Mbps`, `5ms`, `0.5%`, `50/s`, `64GiB`), as numbers in base units.
 *
 * A number without a unit is refused: whether a delay of 5 is in seconds or milliseconds is not for a program to guess. Decimal
 * fractions are scaled in integers, because 1.1 times a million is not a whole number in binary floating point, and delays,
 * bandwidths and sizes are whole numbers. Units distinguish case: `Mbps` is a thousand million times `mbps`, strictly read.
 */
import { suggest } from '../protocol/wire/openflow/text/suggestion.ts';
import { WireError } from '../protocol/wire/wire-error.ts';
import { clip, show } from './text-form.ts';

export interface Dimension {
  /** To end the sentence "… must be". */
  readonly what: string;
  readonly example: string;
  /** How many base units a unit is: a numerator and, where it is not 1, a denominator. */
  readonly units: Readonly<Record<string, readonly [bigint, bigint?]>>;
  /** The base unit, where a value must be a whole number of it. */
  readonly whole?: string;
  /** Its plural, where an s does not make it. */
  readonly wholes?: string;
  readonly min: number;
  readonly max: number;
}

/** In bit/s. Decimal prefixes, as everywhere on the wire. */
export const BANDWIDTH: Dimension = {
  what: 'a bandwidth with its unit',
  example: '20Mbps',
  units: {
    bps: [1n],
    kbps: [10n ** 3n],
    Mbps: [10n ** 6n],
    Gbps: [10n ** 9n],
    Tbps: [10n ** 12n],
    'bit/s': [1n],
    'kbit/s': [10n ** 3n],
    'Mbit/s': [10n ** 6n],
    'Gbit/s': [10n ** 9n],
    'Tbit/s': [10n ** 12n],
  },
  whole: 'bit per second',
  min: 1,
  max: Number.MAX_SAFE_INTEGER,
};

/** In nanoseconds; up to 104 days, where doubles stop counting single nanoseconds. */
export const DURATION: Dimension = {
  what: 'a time with its unit',
  example: '5ms',
  units: {
    ns: [1n],
    us: [10n ** 3n],
    µs: [10n ** 3n],
    ms: [10n ** 6n],
    s: [10n ** 9n],
    min: [60n * 10n ** 9n],
    h: [3600n * 10n ** 9n],
  },
  whole: 'nanosecond',
  min: 0,
  max: Number.MAX_SAFE_INTEGER,
};

/** 0 to 1. */
export const PROBABILITY: Dimension = {
  what: 'a share of 0% to 100%',
  example: '0.5%',
  units: { '%': [1n, 100n] },
  min: 0,
  max: 1,
};

/** In tenths of a percent, as OpenFlow counts the rates of queues (1.3.5, section 7.2.2.1). */
export const QUEUE_SHARE: Dimension = {
  what: 'a share of 0.1% to 100%',
  example: '20%',
  units: { '%': [10n] },
  whole: 'tenth of a percent',
  wholes: 'tenths of a percent',
  min: 1,
  max: 1000,
};

/** In bytes. */
export const SIZE: Dimension = {
  what: 'a size with its unit',
  example: '64GiB',
  units: {
    B: [1n],
    kB: [10n ** 3n],
    MB: [10n ** 6n],
    GB: [10n ** 9n],
    TB: [10n ** 12n],
    KiB: [1n << 10n],
    MiB: [1n << 20n],
    GiB: [1n << 30n],
    TiB: [1n << 40n],
  },
  whole: 'byte',
  min: 1,
  max: Number.MAX_SAFE_INTEGER,
};

/** Per second. */
export const RATE: Dimension = {
  what: 'a rate with its unit',
  example: '50/s',
  units: { '/s': [1n], '/min': [1n, 60n], '/h': [1n, 3600n] },
  min: 0,
  max: Number.MAX_SAFE_INTEGER,
};

/** For schemas, in ECMA-262: whatever `parseQuantity` accepts matches; ranges and digits it cannot say. */
export function toPattern({ units }: Dimension): string {
  return `[0-9]+(\\.[0-9]+)? ?(${Object.keys(units).join('|')})`;
}

/** As many as a double holds exactly. */
const DIGITS_MAX = 15;

/** Throws a `WireError` with the column within the text. */
export function parseQuantity(text: string, dimension: Dimension): number {
  const [, whole, fraction = '', unit] = /^(\d+)(?:\.(\d+))? ?(\S.*)?$/s.exec(text) ?? [];
  const { what, example, units, min, max } = dimension;
  if (whole === undefined) throw fail(1, `${show(text)} is not ${what}, such as ${example}`);
  if (unit === undefined) throw fail(1, `${clip(text)} has no unit; ${listUnits(dimension)}`);
  const factor = Object.hasOwn(units, unit) ? units[unit] : undefined;
  if (!factor) {
    const column = text.length - unit.length + 1;
    const hint = suggest(unit, Object.keys(units)) || `; ${listUnits(dimension)}`;
    throw fail(column, `unknown unit ${show(unit)}${hint}`);
  }
  if (whole.length + fraction.length > DIGITS_MAX) throw fail(1, `more than ${DIGITS_MAX} digits; take a larger unit`);
  const [numerator, denominator = 1n] = factor;
  const scaled = BigInt(whole + fraction) * numerator;
  const scale = 10n ** BigInt(fraction.length) * denominator;
  if (dimension.whole && scaled % scale !== 0n) {
    throw fail(1, `${text} is not a whole number of ${dimension.wholes ?? `${dimension.whole}s`}; round it`);
  }
  const value = dimension.whole ? Number(scaled / scale) : Number(scaled) / Number(scale);
  if (value < min || value > max) throw fail(1, `${text} is out of range; this must be ${describeRange(dimension)}`);
  return value;

  function listUnits({ units }: Dimension): string {
    return `write ${clip(whole!)}${fraction && `.${clip(fraction)}`} with one of ${Object.keys(units).join(', ')}`;
  }
}

/**
 * As people write it, and `parseQuantity` reads as the same: in the largest unit of which it is a whole number; else with decimals, in
 * the unit that needs the fewest. What no text of 15 digits says exactly (nobody wrote it, then) is rounded to that.
 */
export function formatQuantity(value: number, dimension: Dimension): string {
  const { units, example } = dimension;
  if (value === 0) return `0${/[^\d.]+$/.exec(example)![0]}`;
  let best: readonly [string, bigint] | undefined;
  for (const [unit, [factor, denominator]] of Object.entries(units)) {
    const fits = Number.isInteger(value) && denominator === undefined && BigInt(value) % factor === 0n;
    if (fits && (!best || factor > best[1])) best = [unit, factor];
  }
  return best ? `${BigInt(value) / best[1]}${best[0]}` : formatDecimal(value, dimension);
}

function formatDecimal(value: number, dimension: Dimension): string {
  const texts = Object.entries(dimension.units).map(([unit, [numerator, denominator = 1n]]) => {
    const scaled = (value / Number(numerator)) * Number(denominator);
    const decimals = Math.max(0, DIGITS_MAX - String(Math.trunc(scaled)).length);
    const digits = scaled.toFixed(decimals);
    return (digits.includes('.') ? digits.replace(/\.?0*$/, '') : digits) + unit;
  });
  const exact = texts.filter((text) => {
    try {
      return parseQuantity(text, dimension) === value;
    } catch (error) {
      if (error instanceof WireError) return false;
      throw error;
    }
  });
  const [shortest] = exact.toSorted((a, b) => a.length - b.length);
  return shortest ?? texts[0]!;
}

function fail(column: number, reason: string): WireError {
  return new WireError('SYNTAX', column, reason);
}

function describeRange({ whole, wholes, min, max, what }: Dimension): string {
  if (!whole || wholes) return what;
  return `at least ${min} ${whole}${min === 1 ? '' : 's'} and at most ${max}`;
}
