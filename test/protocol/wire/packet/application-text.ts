/**
 * Values of transport and application protocols as the text of vectors: addresses as people write them, bytes as hex,
 * and nothing said where nothing is (an empty trailer, padding or list of options is left out; the bytes beside the
 * text tell).
 */
import { formatIpv4, formatIpv6, formatMac } from '../../../../protocol/wire/address.ts';
import { formatHex } from '../../../../protocol/wire/hex.ts';
import { formatCompact } from '../../../vector.ts';

type Json = Parameters<typeof formatCompact>[0];

const IPV4_NAMES =
  /^(address|addresses|group|sources|mask|destination|router|clientAddress|yourAddress|serverAddress|relayAddress)$/;
const HEX_NAMES = /^(checksum|flags|verificationTag|initiateTag|oui)$/;
const SILENT_WHEN_EMPTY = /^(trailer|padding|auxiliary|objectId|options)$/;

export function toText(value: object): string {
  return formatCompact(toJson('', value));
}

function toJson(name: string, value: unknown): Json {
  if (Array.isArray(value)) return value.map((item) => toJson(name, item));
  if (value instanceof Uint8Array) return formatHex(value);
  if (typeof value === 'bigint') return formatIpv6(value);
  if (typeof value === 'number') {
    if (IPV4_NAMES.test(name)) return formatIpv4(value);
    if (name === 'clientMac') return formatMac(value);
    return HEX_NAMES.test(name) ? `0x${value.toString(16)}` : value;
  }
  if (typeof value !== 'object' || value === null) return value as Json;
  const parts = Object.entries(value).filter(([key, part]) => part !== undefined && !isSilent(key, part));
  return Object.fromEntries(parts.map(([key, part]) => [key, toJson(key, part)]));
}

function isSilent(name: string, part: unknown): boolean {
  const isEmpty = (part instanceof Uint8Array || Array.isArray(part)) && part.length === 0;
  return isEmpty && SILENT_WHEN_EMPTY.test(name);
}
