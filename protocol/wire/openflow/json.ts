/**
 * A message as plain JSON, for `sluice decode --json` and for whoever logs or compares messages.
 *
 * Derived from the codecs' shapes, not written per message: whatever can be read can be shown, and under the same names. The
 * rules are those of the REST interface: numbers up to 48 bits are numbers, 64-bit numbers decimal strings (JSON numbers are
 * doubles to most readers), addresses their usual text, bytes lower-case hex. OXM fields go by the specification's names
 * (OpenFlow 1.3.5, section 7.2.3.7) in snake case, as everybody writes them. Bits and reserved numbers stay numbers: their
 * names are the business of `text/`.
 */
import { formatIpv4, formatIpv6, formatMac } from '../address.ts';
import { formatHex } from '../hex.ts';
import { assert } from '../wire-error.ts';
import type { Codec, Shape } from './codec.ts';
import { errorName } from './error.ts';
import { MESSAGES, type Message } from './message.ts';
import { findOxmName, OXM, type Oxm, type OxmId, type OxmName, toOxmId } from './oxm.ts';

export type JsonValue = string | number | boolean | null | readonly JsonValue[] | JsonObject;

export interface JsonObject {
  readonly [name: string]: JsonValue;
}

type Parts = Readonly<Record<string, unknown>>;

export function toJson(message: Message): JsonObject {
  const { type, xid } = message;
  const { shape } = MESSAGES[type].body;
  switch (type) {
    case 'hello':
      return { type, version: message.version, xid, ...toJsonFields(shape, message) };
    case 'multipartRequest':
    case 'multipartReply':
      return { type, xid, flags: message.flags, body: toJsonOfShape(shape, message.body) };
    case 'error': {
      const error = errorName(message.errorType, message.code);
      return { type, xid, ...(error === undefined ? {} : { error }), ...toJsonFields(shape, message) };
    }
    default:
      return { type, xid, ...toJsonFields(shape, message) };
  }
}

/** `ipv4Dst` is `ipv4_dst` to the world outside. */
export function oxmSnakeName(name: OxmName): string {
  return name.replace(/[A-Z]/g, (capital) => `_${capital.toLowerCase()}`);
}

function toJsonOfShape(shape: Shape, value: unknown): JsonValue {
  switch (shape.type) {
    case 'uint':
      return value as number;
    case 'uint64':
      return String(value);
    case 'mac':
      return formatMac(value as number);
    case 'ipv4':
      return formatIpv4(value as number);
    case 'ipv6':
      return formatIpv6(value as bigint);
    case 'text':
      return value as string;
    case 'bytes':
      return formatHex(value as Uint8Array);
    case 'struct':
      return toJsonFields(shape, value);
    case 'list':
    case 'array':
      return (value as readonly unknown[]).map((item) => toJsonOfShape(shape.item.shape, item));
    case 'union':
      return toJsonVariant(shape.variants, value as Parts & { type: string });
    case 'match':
      return (value as readonly Oxm[]).map(toJsonOxm);
    case 'oxm':
      return toJsonOxm(value as Oxm);
    case 'oxmId':
      return toJsonOxmId(value as OxmId);
    case 'pad':
    case 'padTo':
    case 'length':
      assert(false, `${shape.type} is on the wire only`);
  }
}

function toJsonFields(shape: Shape, value: unknown): JsonObject {
  assert(shape.type === 'struct', 'what has fields is a structure');
  const json: Record<string, JsonValue> = {};
  for (const [name, codec] of Object.entries(shape.fields)) {
    if (!name.startsWith('_')) json[name] = toJsonOfShape(codec.shape, (value as Parts)[name]);
  }
  return json;
}

function toJsonVariant(
  variants: Readonly<Record<string, Codec<unknown>>>,
  value: Parts & { type: string },
): JsonObject {
  const { type } = value;
  const variant = variants[type];
  if (variant) return { type, ...toJsonFields(variant.shape, value) };
  return { type, id: value.id as number, body: formatHex(value.body as Uint8Array) };
}

/** A field with its value and mask, as it stands in a match. */
export function toJsonOxm(oxm: Oxm): JsonObject {
  if (oxm.type === 'unknown') return { field: 'unknown', header: formatHeader(oxm.header), value: formatHex(oxm.body) };
  const json = { field: oxmSnakeName(oxm.type), value: toJsonOxmValue(oxm.type, oxm.value) };
  return oxm.mask === undefined ? json : { ...json, mask: toJsonOxmValue(oxm.type, oxm.mask) };
}

/** The value of a field alone. */
export function toJsonOxmValue(name: OxmName, value: number | bigint): JsonValue {
  return toJsonOfShape(OXM[name].as.shape, value);
}

function toJsonOxmId(id: OxmId): JsonObject {
  const name = findOxmName(id);
  if (name === undefined) {
    const json = { field: 'unknown', header: formatHeader(id.header) };
    return id.experimenter === undefined ? json : { ...json, experimenter: id.experimenter };
  }
  const masked = (id.header & 0x100) !== 0;
  const json = { field: oxmSnakeName(name), masked };
  // Peers disagree on the length in an id that has no payload; one that is not the field's is shown.
  return id.header === toOxmId(name, masked).header ? json : { ...json, length: id.header & 0xff };
}

/** Class, field, mask bit and length are bits of one word: eight hex digits let them be read. */
function formatHeader(header: number): string {
  return `0x${header.toString(16).padStart(8, '0')}`;
}
