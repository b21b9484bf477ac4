/**
 * Any OpenFlow message, for property tests: generators derived from the codecs' shapes, so that a field added to a table is
 * tested the day it is added.
 *
 * Generated is what decoding can give, no more: a name is what some bytes say (`decodeUtf8` of them: not every string is), an
 * unknown TLV is of a number that its table does not have, an unknown OXM says its own length. Numbers favour their ends, where
 * signs and carries go wrong.
 */
import fc from 'fast-check';
import type { Codec, Shape } from '../../../../protocol/wire/openflow/codec.ts';
import { MESSAGES, type Message, type MessageType, VERSION_1_3 } from '../../../../protocol/wire/openflow/message.ts';
import {
  EXPERIMENTER_ONF,
  findOxmName,
  OXM,
  OXM_CLASS_BASIC,
  OXM_CLASS_EXPERIMENTER,
  type Oxm,
  type OxmId,
  type OxmName,
  toOxmId,
  type UnknownOxm,
} from '../../../../protocol/wire/openflow/oxm.ts';
import { decodeUtf8, encodeUtf8 } from '../../../../protocol/wire/utf8.ts';

/** Lists stay short: what a list can do wrong it does with four items, and a message has to stay below 64 KiB. */
const ITEMS_MAX = 4;
const BYTES_MAX = 40;

function number(bits: number): fc.Arbitrary<number> {
  const max = 2 ** bits - 1;
  return fc.oneof(
    { arbitrary: fc.integer({ min: 0, max }), weight: 3 },
    { arbitrary: fc.constantFrom(0, 1, max, max - 1, 2 ** (bits - 1)), weight: 1 },
  );
}

function bigint(bits: bigint): fc.Arbitrary<bigint> {
  const max = (1n << bits) - 1n;
  return fc.oneof(
    { arbitrary: fc.bigInt({ min: 0n, max }), weight: 3 },
    { arbitrary: fc.constantFrom(0n, 1n, max, max - 1n, 1n << (bits - 1n), 1n << (bits / 2n)), weight: 1 },
  );
}

function decodeName(bytes: Uint8Array): string {
  return decodeUtf8(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), 0, bytes.length);
}

/** Names as people give them, in any script, and as broken peers do: bytes that are not UTF-8, or half a character. */
function name(length: number): fc.Arbitrary<string> {
  const byPeople = fc
    .string({ unit: 'grapheme', maxLength: length })
    .map((text) => decodeName(encodeUtf8(text.replaceAll('\0', '')).slice(0, length)));
  const byPeers = fc.uint8Array({ min: 1, max: 0xff, maxLength: length }).map(decodeName);
  return fc.oneof(byPeople, byPeers);
}

function bytes(length: number | 'rest'): fc.Arbitrary<Uint8Array> {
  return length === 'rest'
    ? fc.uint8Array({ maxLength: BYTES_MAX })
    : fc.uint8Array({ minLength: length, maxLength: length });
}

export function arbitraryOfShape(shape: Shape): fc.Arbitrary<unknown> {
  switch (shape.type) {
    case 'uint':
      return number(shape.bits);
    case 'uint64':
      return bigint(64n);
    case 'mac':
      return number(48);
    case 'ipv4':
      return number(32);
    case 'ipv6':
      return bigint(128n);
    case 'text':
      return name(shape.length);
    case 'bytes':
      return bytes(shape.length);
    case 'struct':
      return arbitraryFields(shape.fields);
    case 'list':
      return fc.array(arbitraryOfShape(shape.item.shape), { maxLength: ITEMS_MAX });
    case 'array':
      return fc.array(arbitraryOfShape(shape.item.shape), { minLength: shape.count, maxLength: shape.count });
    case 'union':
      return arbitraryVariant(shape.variants, shape.unknown);
    case 'match':
      return fc.array(arbitraryOxm(), { maxLength: ITEMS_MAX });
    case 'oxm':
      return arbitraryOxm();
    case 'oxmId':
      return arbitraryOxmId();
    case 'pad':
    case 'padTo':
    case 'length':
      throw new Error(`${shape.type} has no value`);
  }
}

function arbitraryFields(fields: Readonly<Record<string, Codec<unknown>>>): fc.Arbitrary<Record<string, unknown>> {
  const kept = Object.entries(fields).filter(([field]) => !field.startsWith('_'));
  return fc.record(Object.fromEntries(kept.map(([field, codec]) => [field, arbitraryOfShape(codec.shape)])));
}

/** The highest number in any table of 1.3 is 27 (pop_pbb), but for the two of experimenters. */
const UNKNOWN_ID = fc.integer({ min: 28, max: 0xfffd });

function arbitraryVariant(
  variants: Readonly<Record<string, Codec<unknown>>>,
  hasUnknown: boolean,
): fc.Arbitrary<Record<string, unknown>> {
  const known = Object.entries(variants).map(([type, codec]) =>
    arbitraryOfShape(codec.shape).map((value) => ({ type, ...(value as object) })),
  );
  // The ids in table features are a union without variants, where every number is unknown.
  const id = known.length === 0 ? number(16) : UNKNOWN_ID;
  const unknown = fc.record({ type: fc.constant('unknown'), id, body: bytes('rest') });
  return fc.oneof(...known, ...(hasUnknown ? [unknown] : []));
}

const OXM_NAMES = Object.keys(OXM) as OxmName[];

export function arbitraryOxm(): fc.Arbitrary<Oxm> {
  return fc.oneof(
    { arbitrary: fc.constantFrom(...OXM_NAMES).chain(arbitraryKnownOxm), weight: 6 },
    { arbitrary: arbitraryUnknownOxm(), weight: 1 },
  );
}

/** Any field with a mask, whether it may have one or not: that is for `validate` to judge. */
function arbitraryKnownOxm(type: OxmName): fc.Arbitrary<Oxm> {
  const value = arbitraryOfShape(OXM[type].as.shape);
  return fc.record({ type: fc.constant(type), value, mask: fc.option(value, { nil: undefined }) }) as fc.Arbitrary<Oxm>;
}

function arbitraryUnknownOxm(): fc.Arbitrary<UnknownOxm> {
  const oxmClass = fc.oneof(number(16), fc.constantFrom(OXM_CLASS_BASIC, OXM_CLASS_EXPERIMENTER, 0, 1));
  const experimenter = fc.constantFrom(EXPERIMENTER_ONF, 0, 999);
  return fc
    .record({ oxmClass, field: number(7), masked: number(1), experimenter, rest: bytes('rest') })
    .map(({ oxmClass: high, field, masked, experimenter: owner, rest }) => {
      const body = high === OXM_CLASS_EXPERIMENTER ? Uint8Array.of(...beginOf(owner), ...rest) : rest;
      return { type: 'unknown' as const, header: high * 0x10000 + field * 0x200 + masked * 0x100 + body.length, body };
    })
    .filter(({ header, body }) => findOxmName({ header, experimenter: firstWord(body) }) === undefined);
}

function beginOf(owner: number): number[] {
  return [owner >>> 24, (owner >>> 16) & 0xff, (owner >>> 8) & 0xff, owner & 0xff];
}

function firstWord(body: Uint8Array): number {
  return body.length < 4 ? -1 : new DataView(body.buffer, body.byteOffset).getUint32(0);
}

function arbitraryOxmId(): fc.Arbitrary<OxmId> {
  const known = fc.record({ name: fc.constantFrom(...OXM_NAMES), masked: fc.boolean() });
  const any = fc.record({ header: number(32), experimenter: number(32) });
  return fc.oneof(
    known.map(({ name: field, masked }) => toOxmId(field, masked)),
    any.map(({ header, experimenter }) =>
      header >>> 16 === OXM_CLASS_EXPERIMENTER ? { header, experimenter } : { header },
    ),
  );
}

export function arbitraryMessageOf(type: MessageType): fc.Arbitrary<Message> {
  const xid = number(32);
  const body = arbitraryOfShape(MESSAGES[type].body.shape) as fc.Arbitrary<object>;
  if (type === 'multipartRequest' || type === 'multipartReply') {
    return fc.record({ type: fc.constant(type), xid, flags: number(16), body }) as fc.Arbitrary<Message>;
  }
  if (type === 'hello') {
    const version = fc.oneof(fc.constant(VERSION_1_3), number(8));
    return fc.tuple(version, xid, body).map(([spoken, id, elements]) => toHello(spoken, id, elements));
  }
  return fc.tuple(xid, body).map(([id, fields]) => ({ type, xid: id, ...fields }) as Message);
}

/** Only a hello of 1.3 has elements that we read. */
function toHello(version: number, xid: number, body: object): Message {
  return { type: 'hello', version, xid, ...(version === VERSION_1_3 ? body : { elements: [] }) } as Message;
}

export const MESSAGE_TYPES = Object.keys(MESSAGES) as MessageType[];

export function arbitraryMessage(): fc.Arbitrary<Message> {
  return fc.oneof(...MESSAGE_TYPES.map(arbitraryMessageOf));
}
