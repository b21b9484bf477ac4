/**
 * How the values of OXM fields are written: one reader and printer per kind of value (ovs-fields(7), "Field format").
 *
 * Masks have the form of their value, and addresses may have a prefix length instead. A kind knows nothing of fields; how many
 * bits count is handed in, so a label of 20 bits and an Ethernet type of 16 share their reader.
 */
import { formatIpv4, formatIpv6, formatMac, parseIpv4, parseIpv6, parseMac } from '../../address.ts';
import { explainNumber, formatHexNumber, formatPaddedHex, parseInteger, splitMask } from './number-text.ts';
import { explainPort, formatPort, parsePort } from './port-name.ts';
import { excerpt, fail, type Token } from './scanner.ts';
import { formatTcpFlags, formatTcpFlagsMasked, parseTcpFlags } from './tcp-flags-text.ts';

export type FieldValue = number | bigint;

export interface Masked {
  readonly value: bigint;
  readonly mask?: bigint | undefined;
}

export interface ValueText {
  /** Undefined when the text is not of this kind. */
  parse(text: string): bigint | undefined;
  parseMask(text: string, bits: number): bigint | undefined;
  /** Kinds with a notation of their own for a value with its mask. */
  parseMasked?(text: string): Masked | undefined;
  /** What is wrong with a text that `parse` refused, or `parseMask`. */
  explain(text: string, what: string): string;
  explainMask(text: string, what: string): string;
  format(value: FieldValue): string;
  formatMasked(value: FieldValue, mask: FieldValue): string;
}

export function onesOf(bits: number): bigint {
  return (1n << BigInt(bits)) - 1n;
}

function parseIntegerMask(text: string, bits: number): bigint | undefined {
  return text === '-1' ? onesOf(bits) : parseInteger(text);
}

const integer = {
  parse: parseInteger,
  parseMask: parseIntegerMask,
  explain: explainNumber,
  explainMask: explainNumber,
  formatMasked: (value: FieldValue, mask: FieldValue) => `${plainHex(value)}/${plainHex(mask)}`,
};

function plainHex(value: FieldValue): string {
  return `0x${value.toString(16)}`;
}

export const decimal: ValueText = { ...integer, format: String };

export const hex: ValueText = {
  ...integer,
  format: formatHexNumber,
  formatMasked: (value, mask) => `${formatHexNumber(value)}/${formatHexNumber(mask)}`,
};

export function paddedHex(digits: number): ValueText {
  return {
    ...integer,
    format: (value) => formatPaddedHex(value, digits),
    formatMasked: (value, mask) => `${formatPaddedHex(value, digits)}/${formatPaddedHex(mask, digits)}`,
  };
}

export const portNumber: ValueText = {
  ...integer,
  parse: (text) => toBigint(parsePort(text)),
  explain: explainPort,
  format: (value) => formatPort(Number(value)),
};

export const macAddress: ValueText = {
  parse: parseColonMac,
  parseMask: parseColonMac,
  explain: (text, what) => `${what} is a MAC address such as 00:11:22:33:44:55, not ${excerpt(text)}`,
  explainMask: (text, what) => `${what} is one such as ff:ff:ff:00:00:00, not ${excerpt(text)}`,
  format: (value) => formatMac(Number(value)),
  formatMasked: (value, mask) => `${formatMac(Number(value))}/${formatMac(Number(mask))}`,
};

/** With colons only: what we take in a rule, ovs-ofctl should take. */
function parseColonMac(text: string): bigint | undefined {
  return text.includes('-') ? undefined : toBigint(parseMac(text));
}

export const ipv4Address: ValueText = {
  parse: (text) => toBigint(parseIpv4(text)),
  parseMask: (text) => parsePrefix(text, 32) ?? toBigint(parseIpv4(text)),
  explain: (text, what) => `${what} is an IPv4 address such as 10.0.0.1 or 10.0.0.0/8, not ${excerpt(text)}`,
  explainMask: (text, what) => `${what} is a prefix length up to 32, or one such as 255.255.0.0, not ${excerpt(text)}`,
  format: (value) => formatIpv4(Number(value)),
  formatMasked: (value, mask) =>
    `${formatIpv4(Number(value))}/${prefixLength(BigInt(mask), 32) ?? formatIpv4(Number(mask))}`,
};

export const ipv6Address: ValueText = {
  parse: parseIpv6,
  parseMask: (text) => parsePrefix(text, 128) ?? parseIpv6(text),
  explain: (text, what) => `${what} is an IPv6 address such as fd00::1 or fd00::/8, not ${excerpt(text)}`,
  explainMask: (text, what) => `${what} is a prefix length up to 128, or one such as ffff:ffff::, not ${excerpt(text)}`,
  format: (value) => formatIpv6(BigInt(value)),
  formatMasked: (value, mask) =>
    `${formatIpv6(BigInt(value))}/${prefixLength(BigInt(mask), 128) ?? formatIpv6(BigInt(mask))}`,
};

export const tcpFlags: ValueText = {
  parse: parseInteger,
  parseMask: parseIntegerMask,
  parseMasked: parseTcpFlags,
  explain: (text, what) =>
    `${what} is a number, flags such as syn|ack, or flags with signs such as +syn-ack, not ${excerpt(text)}`,
  explainMask: explainNumber,
  format: (value) => formatTcpFlags(Number(value)),
  formatMasked: (value, mask) => formatTcpFlagsMasked(Number(value), Number(mask)),
};

/** A prefix length as the mask it stands for. */
function parsePrefix(text: string, bits: number): bigint | undefined {
  if (!/^(0|[1-9]\d{0,2})$/.test(text) || Number(text) > bits) return undefined;
  return onesOf(Number(text)) << BigInt(bits - Number(text));
}

/** The prefix length that a mask is, if its ones come first. */
function prefixLength(mask: bigint, bits: number): number | undefined {
  const zeros = onesOf(bits) ^ mask;
  if ((zeros & (zeros + 1n)) !== 0n) return undefined;
  return bits - (zeros === 0n ? 0 : zeros.toString(2).length);
}

function toBigint(value: number | undefined): bigint | undefined {
  return value === undefined ? undefined : BigInt(value);
}

/** Reads `value` or `value/mask` of so many bits. */
export function readMasked(as: ValueText, bits: number, token: Token, what: string): Masked {
  const { value, mask } = splitMask(token);
  const parsedValue = readValue(as, bits, value, what);
  if (!mask) return { value: parsedValue };
  const parsedMask = as.parseMask(mask.text, bits);
  if (parsedMask === undefined) fail(mask.at, as.explainMask(mask.text, `the mask of ${what}`));
  checkBits(parsedMask, bits, mask, `the mask of ${what}`);
  return { value: parsedValue, mask: parsedMask };
}

/** A mask of ones is none, and one of zeros no claim at all: undefined. Bits that are masked out are cleared, as 1.3 asks. */
export function normalizeMask(value: bigint, mask: bigint, bits: number): Masked | undefined {
  if (mask === 0n) return undefined;
  return mask === onesOf(bits) ? { value } : { value: value & mask, mask };
}

export function readValue(as: ValueText, bits: number, token: Token, what: string): bigint {
  const value = as.parse(token.text);
  if (value === undefined) fail(token.at, as.explain(token.text, what));
  checkBits(value, bits, token, what);
  return value;
}

function checkBits(value: bigint, bits: number, { at }: Token, what: string): void {
  if (value >> BigInt(bits) === 0n) return;
  const most = bits > 16 ? formatHexNumber(onesOf(bits)) : onesOf(bits);
  fail(at, `${what} has ${bits} bits: at most ${most}`);
}
