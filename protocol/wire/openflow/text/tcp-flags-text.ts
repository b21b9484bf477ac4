/**
 * TCP flags by name (ovs-fields(7), "tcp_flags"): `syn|ack` for exactly these, `+syn-ack` for one set and one clear, others free.
 *
 * Bits are those of the header's flags field (RFC 9293, section 3.1, with RFC 3540's ns); the three that are reserved go by
 * their value in brackets.
 */
import { formatHexNumber } from './number-text.ts';

const NAMES = ['fin', 'syn', 'rst', 'psh', 'ack', 'urg', 'ece', 'cwr', 'ns', '[200]', '[400]', '[800]'] as const;
const BITS = new Map<string, number>(NAMES.map((name, bit) => [name, 1 << bit]));
const ALL = 0xfff;

/** Undefined when the text is a number or not flags at all. */
export function parseTcpFlags(text: string): { readonly value: bigint; readonly mask?: bigint } | undefined {
  return /^[+-]/.test(text) ? parseSigned(text) : parseListed(text);
}

function parseListed(text: string): { readonly value: bigint } | undefined {
  let value = 0;
  for (const name of text.split('|')) {
    const bit = BITS.get(name);
    if (bit === undefined) return undefined;
    value |= bit;
  }
  return { value: BigInt(value) };
}

function parseSigned(text: string): { readonly value: bigint; readonly mask: bigint } | undefined {
  let value = 0;
  let mask = 0;
  for (const [, sign, name] of text.matchAll(/([+-])([^+-]*)/g)) {
    const bit = BITS.get(name!);
    // A flag that is both set and clear is no packet's.
    if (bit === undefined || (mask & bit) !== 0) return undefined;
    mask |= bit;
    if (sign === '+') value |= bit;
  }
  return { value: BigInt(value), mask: BigInt(mask) };
}

export function formatTcpFlags(value: number): string {
  if (value === 0) return '0';
  if (value > ALL) return formatHexNumber(value);
  return NAMES.filter((_, bit) => (value & (1 << bit)) !== 0).join('|');
}

export function formatTcpFlagsMasked(value: number, mask: number): string {
  // Bits beyond the field have no names, and a value outside its mask none to show it by.
  if (mask > ALL || mask === 0 || (value & ~mask) !== 0) return `${formatHexNumber(value)}/${formatHexNumber(mask)}`;
  const signs = NAMES.map((name, bit) => ({ name, sign: (value & (1 << bit)) !== 0 ? '+' : '-', bit: 1 << bit }));
  return signs
    .filter(({ bit }) => (mask & bit) !== 0)
    .map(({ name, sign }) => `${sign}${name}`)
    .join('');
}
